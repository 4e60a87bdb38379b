//! The names that the catalogue gives: which words are a brand, a category or a value of an attribute.
//!
//! Values enter the dictionary of columns and never leave it before a rebuild, so the lexicon only ever looks at the new ones. It is kept
//! as a map from a digest of a name's words to the values, and the words are compared when a name is looked up.

use super::IntentKind;
use crate::search::columns::{Dictionary, FieldId, TermId};
use crate::stdx::digest::blake3;
use crate::text;
use imbl::OrdMap;
use std::sync::Arc;

/// Values of one field that are names; a field with more holds descriptions or numbers, not names.
const VALUES_MAX: usize = 20_000;
/// Names in all.
const NAMES_MAX: usize = 500_000;
/// A longer text is no name.
const NAME_BYTES_MAX: usize = 64;

/// Words of field names that say what the field holds, in the languages of Latin script that shops use; as terms.
const COLOURS: [&str; 8] = ["colour", "color", "farbe", "couleur", "colore", "kleur", "farg", "cor"];
const SIZES: [&str; 8] = ["size", "grosse", "taille", "talla", "taglia", "maat", "storlek", "tamanho"];
const MATERIALS: [&str; 6] = ["material", "fabric", "matiere", "materiaal", "materiale", "stoff"];

/// Names of the catalogue. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    names: OrdMap<u64, Arc<[TermId]>>,
    /// Values of the dictionary that have been looked at.
    seen_count: usize,
}

/// What a field's values name.
pub(super) fn kind_of(field: FieldId, dictionary: &Dictionary) -> IntentKind {
    match field {
        FieldId::BRAND => IntentKind::Brand,
        FieldId::CATEGORY => IntentKind::Category,
        _ => {
            let words = text::terms(&dictionary.field(field).name);
            let speaks_of = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
            match () {
                () if speaks_of(&COLOURS) => IntentKind::Colour,
                () if speaks_of(&SIZES) => IntentKind::Size,
                () if speaks_of(&MATERIALS) => IntentKind::Material,
                () => IntentKind::Attribute,
            }
        }
    }
}

/// The words of a value's name: of a category the last part.
fn words_of(field: FieldId, value: &str) -> Vec<String> {
    let name = if field == FieldId::CATEGORY { value.rsplit(" > ").next().unwrap_or(value) } else { value };
    if name.len() > NAME_BYTES_MAX { Vec::new() } else { text::terms(name) }
}

fn key_of<T: AsRef<str>>(words: &[T]) -> u64 {
    let parts: Vec<&[u8]> = words.iter().flat_map(|word| [word.as_ref().as_bytes(), b" "]).collect();
    let digest = blake3(&parts);
    u64::from_le_bytes(std::array::from_fn(|at| digest[at]))
}

impl Lexicon {
    /// Looks at the values that are new in the dictionary.
    pub fn learn(&mut self, dictionary: &Dictionary) {
        let seen_count = std::mem::replace(&mut self.seen_count, dictionary.terms_count());
        for number in seen_count..dictionary.terms_count() {
            let term = TermId(number as u32);
            let field = dictionary.field_of(term);
            if field.is_naming() || dictionary.field(field).terms.len() > VALUES_MAX || self.names.len() >= NAMES_MAX {
                continue;
            }
            let words = words_of(field, dictionary.text(term));
            let is_name = (1..=super::WORDS_MAX).contains(&words.len()) && words.iter().any(|word| word.chars().any(char::is_alphabetic));
            if is_name {
                let known = self.names.entry(key_of(&words)).or_insert_with(|| Arc::from([]));
                *known = known.iter().copied().chain([term]).collect();
            }
        }
    }

    /// The values whose name is exactly these words.
    pub(super) fn named(&self, words: &[&str], dictionary: &Dictionary) -> Vec<TermId> {
        let Some(known) = self.names.get(&key_of(words)) else { return Vec::new() };
        let is_it = |term: &TermId| words_of(dictionary.field_of(*term), dictionary.text(*term)) == words;
        known.iter().copied().filter(is_it).collect()
    }
}
