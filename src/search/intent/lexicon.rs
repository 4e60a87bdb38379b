//! The names that the catalogue gives: which words are a brand, a category or a value of an attribute.
//!
//! Values enter the dictionary of columns and never leave it before a rebuild, so the lexicon only ever looks at the new ones. It is kept
//! as a map from a digest of a name's words to the values, and the words are compared when a name is looked up.

use super::IntentKind;
use crate::search::columns::{Dictionary, FieldId, TermId, last_part};
use crate::search::index::word_number;
use crate::stdx::digest::blake3;
use crate::text::{self, Language};
use imbl::OrdMap;
use std::sync::Arc;

/// Values of one field that are names; a field with more holds descriptions or numbers, not names.
const VALUES_MAX: usize = 20_000;
/// Names in all.
const NAMES_MAX: usize = 500_000;
/// Values that have one name or end alike.
const NAMESAKES_MAX: usize = 1_024;
/// Categories below one that are kept.
const BELOW_MAX: usize = 64;
/// A longer text is no name.
const NAME_BYTES_MAX: usize = 64;

/// Words of field names that say what the field holds, in the languages of Latin script that shops use; as terms.
const COLOURS: [&str; 8] = ["colour", "color", "farbe", "couleur", "colore", "kleur", "farg", "cor"];
const SIZES: [&str; 8] = ["size", "grosse", "taille", "talla", "taglia", "maat", "storlek", "tamanho"];
const MATERIALS: [&str; 6] = ["material", "fabric", "matiere", "materiaal", "materiale", "stoff"];

/// Stands for the words of a longer name that are left out, before or behind those that are said.
const LEFT_OUT: &str = "\u{2026}";

/// A category below another one, with the words that its name's things begin and end with, by number.
#[derive(Debug, Clone)]
pub(super) struct Below {
    pub(super) term: TermId,
    pub(super) firsts: Arc<[u32]>,
    pub(super) lasts: Arc<[u32]>,
}

/// Names of the catalogue. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    names: OrdMap<u64, Arc<[TermId]>>,
    /// The categories below each, by a digest of its path.
    below: OrdMap<u64, Arc<[Below]>>,
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

/// The names of a value, as words: of a category the last part of its path, and where that names several things each of them: `Coffee &
/// Cocktail Tables` are coffee tables and cocktail tables. The whole comes first.
fn names_of(field: FieldId, value: &str) -> Vec<Vec<String>> {
    let is_category = field == FieldId::CATEGORY;
    let name = if is_category { last_part(value) } else { value };
    if name.len() > NAME_BYTES_MAX {
        return Vec::new();
    }
    let mut names = vec![text::terms(name)];
    if is_category {
        let parts: Vec<Vec<String>> = things(name).map(text::terms).filter(|words| !words.is_empty()).collect();
        if let [first @ .., last] = &parts[..] {
            let head = last.split_last().filter(|(_, before)| !before.is_empty()).map(|(head, _)| head);
            let shared = first.iter().filter(|words| words.len() == 1).zip(head.into_iter().cycle());
            names.extend(shared.map(|(words, head)| words.iter().chain([head]).cloned().collect()));
            names.extend(parts);
        }
    }
    let mut seen: Vec<Vec<String>> = Vec::new();
    for words in names {
        if !seen.contains(&words) {
            seen.push(words);
        }
    }
    seen
}

/// The things that a category's name says, as words: one, or those that it puts side by side.
fn things_of(path: &str) -> Vec<Vec<String>> {
    let mut names = names_of(FieldId::CATEGORY, path);
    // The whole comes first; where there are more names they are the things.
    if names.len() > 1 {
        names.remove(0);
    }
    names
}

/// Whether words can be looked up as a name: few of them, and not numbers alone.
fn can_be_said(words: &[String]) -> bool {
    (1..=super::WORDS_MAX).contains(&words.len()) && words.iter().any(|word| word.chars().any(char::is_alphabetic))
}

/// The things that a category's name puts side by side; one or none where it names one.
fn things(name: &str) -> impl Iterator<Item = &str> {
    name.split(['&', ',', '/']).flat_map(|part| part.split(" and "))
}

/// The beginnings and the ends of a name, with a mark where the rest stood.
fn ends_of(words: &[String]) -> impl Iterator<Item = Vec<&str>> {
    let lengths = 1..words.len().min(super::WORDS_MAX + 1);
    lengths.flat_map(|length| {
        let (first, last) = (&words[..length], &words[words.len() - length..]);
        let mark = || std::iter::once(LEFT_OUT);
        [texts(first).chain(mark()).collect(), mark().chain(texts(last)).collect()]
    })
}

fn texts(words: &[String]) -> impl Iterator<Item = &str> {
    words.iter().map(String::as_str)
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
            if field == FieldId::CATEGORY {
                self.learn_below(dictionary.text(term), term);
            }
            for words in names_of(field, dictionary.text(term)) {
                if can_be_said(&words) {
                    self.add(&words, term);
                }
                if field == FieldId::CATEGORY {
                    ends_of(&words).for_each(|end| self.add(&end, term));
                }
            }
        }
    }

    /// Keeps a category under each path above it.
    fn learn_below(&mut self, path: &str, term: TermId) {
        let things = things_of(path);
        let numbers = |word: fn(&Vec<String>) -> Option<&String>| things.iter().filter_map(word).map(|word| word_number(word)).collect();
        let below = Below { term, firsts: numbers(|words| words.first()), lasts: numbers(|words| words.last()) };
        for (end, _) in path.match_indices(" > ") {
            let known = self.below.entry(key_of(&[&path[..end]])).or_insert_with(|| Arc::from([]));
            if known.len() < BELOW_MAX {
                *known = known.iter().cloned().chain([below.clone()]).collect();
            }
        }
    }

    /// The categories below one, at most [`BELOW_MAX`].
    pub(super) fn below(&self, category: TermId, dictionary: &Dictionary) -> &[Below] {
        self.below.get(&key_of(&[dictionary.text(category)])).map_or(&[], |known| known)
    }

    fn add<T: AsRef<str>>(&mut self, words: &[T], term: TermId) {
        let known = self.names.entry(key_of(words)).or_insert_with(|| Arc::from([]));
        if known.len() < NAMESAKES_MAX && !known.contains(&term) {
            *known = known.iter().copied().chain([term]).collect();
        }
    }

    /// The categories that are kinds of what these words name, such as `Desk lamps` of lamps: their names end in the words, or begin with them in
    /// languages where the thing comes first. That the digest is theirs is enough here: a stranger with the same one is met once in a hundred
    /// million shops.
    pub(super) fn kinds(&self, words: &[&str], language: Language) -> &[TermId] {
        let key = if language.has_the_thing_first() { [words, &[LEFT_OUT]].concat() } else { [&[LEFT_OUT], words].concat() };
        self.names.get(&key_of(&key)).map_or(&[], |known| known)
    }

    /// The values of which these words are a name, and whether they are the whole of it.
    pub(in crate::search) fn named(&self, words: &[&str], dictionary: &Dictionary) -> Vec<(TermId, bool)> {
        let Some(known) = self.names.get(&key_of(words)) else { return Vec::new() };
        let fits = |term: TermId| {
            let names = names_of(dictionary.field_of(term), dictionary.text(term));
            let place = names.iter().position(|name| name == words)?;
            Some((term, place == 0))
        };
        known.iter().copied().filter_map(fits).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_has_the_names_of_all_that_it_holds() {
        let check = |value: &str, expected: &[&str]| {
            let names = names_of(FieldId::CATEGORY, value);
            assert_eq!(names.iter().map(|words| words.join(" ")).collect::<Vec<_>>(), expected, "{value}");
        };
        check("Furniture > Beds", &["bed"]);
        check("Coffee & Cocktail Tables", &["coffee cocktail table", "coffee table", "coffee", "cocktail table"]);
        check("Sofas, Chairs and Stools", &["sofa chair and stool", "sofa", "chair", "stool"]);
        assert_eq!(names_of(FieldId::BRAND, "Black & Decker"), [["black", "decker"]]);
        assert!(!can_be_said(&names_of(FieldId::CATEGORY, "1000")[0]));
    }
}
