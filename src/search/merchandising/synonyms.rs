//! Synonyms: words that stand for other words, one way or both, alone or as phrases.
//!
//! A synonym joins the words of a query as an alternative; what was typed stays, and counts slightly more. Where a phrase of several words
//! has a synonym, each of its words gets the alternative, so a product that has it has all of them. Synonyms of synonyms are not followed:
//! what a word stands for is what its merchant wrote.

use super::rule::{Fault, is_default, phrases, yes};
use crate::id::{MarketplaceId, SettingId};
use crate::search::understand::{Query, Word, without_stop_words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Words or phrases in one synonym.
const PHRASES_MAX: usize = 32;
/// Words in one phrase. Every run of so many words of a query is looked up.
const PHRASE_TERMS_MAX: usize = 5;
/// Bytes of one phrase as written.
const PHRASE_BYTES_MAX: usize = 200;
/// Marketplaces of one synonym.
const MARKETPLACES_MAX: usize = 50;
/// Alternatives that synonyms give one word of a query; each is one more list to read.
const ALTERNATIVES_MAX: usize = 16;

/// A synonym as a document: either `words` that all stand for each other, or `from` and `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SynonymDocument {
    /// Whether it is switched on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What people are to know about it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub note: String,
    /// Two-way: who types one of these finds the others too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub words: Vec<String>,
    /// One-way: who types one of these ...
    #[serde(default, skip_serializing_if = "is_default")]
    pub from: Vec<String>,
    /// ... finds these too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub to: Vec<String>,
    /// Whether what these words mean in everyday language is left aside where it holds; with `from` alone nothing stands for them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub replaces_thesaurus: bool,
    /// Where it holds; empty: everywhere.
    #[serde(default, skip_serializing_if = "is_default")]
    pub marketplaces: Vec<MarketplaceId>,
}

/// A synonym that was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Synonym {
    /// As it was written.
    pub document: SynonymDocument,
    from: Vec<Vec<String>>,
    to: Vec<Vec<String>>,
}

impl Synonym {
    /// Checks a document.
    ///
    /// # Errors
    /// The field at fault.
    pub fn of(document: SynonymDocument) -> Result<Self, Fault> {
        if document.marketplaces.len() > MARKETPLACES_MAX {
            return Err(Fault::new("marketplaces", format!("at most {MARKETPLACES_MAX}")));
        }
        let is_two_way = !document.words.is_empty();
        match (is_two_way, document.from.is_empty(), document.to.is_empty()) {
            (true, true, true) | (false, false, false) => {}
            (false, false, true) if document.replaces_thesaurus => {}
            (true, _, _) => return Err(Fault::new("words", "stands beside from or to: a synonym is two-way or one-way")),
            (false, true, true) => return Err(Fault::new("words", "is missing: give words, or from and to")),
            (false, true, false) => return Err(Fault::new("from", "is missing beside to")),
            (false, false, true) => return Err(Fault::new("to", "is missing beside from")),
        }
        let (from, to) = if is_two_way {
            let words = read("words", &document.words)?;
            if words.len() < 2 {
                return Err(Fault::new("words", "must have two that differ"));
            }
            (words.clone(), words)
        } else {
            (read("from", &document.from)?, read("to", &document.to)?)
        };
        Ok(Self { document, from, to })
    }

    /// What stands for a phrase of this synonym.
    fn others<'a>(&'a self, phrase: &'a [String]) -> impl Iterator<Item = &'a Vec<String>> {
        self.to.iter().filter(move |other| other.as_slice() != phrase)
    }

    fn holds_in(&self, marketplace: Option<&MarketplaceId>) -> bool {
        let marketplaces = &self.document.marketplaces;
        marketplaces.is_empty() || marketplace.is_some_and(|marketplace| marketplaces.contains(marketplace))
    }
}

/// Phrases as terms, each once, cut and without stop words as queries are.
fn read(field: &str, texts: &[String]) -> Result<Vec<Vec<String>>, Fault> {
    if texts.len() > PHRASES_MAX {
        return Err(Fault::new(field, format!("at most {PHRASES_MAX}")));
    }
    let mut found: Vec<Vec<String>> = Vec::new();
    for (index, mut phrase) in phrases(field, texts)?.into_iter().enumerate() {
        phrase = without_stop_words(phrase);
        if phrase.len() > PHRASE_TERMS_MAX || texts[index].len() > PHRASE_BYTES_MAX {
            let limits = format!("at most {PHRASE_TERMS_MAX} words and {PHRASE_BYTES_MAX} bytes");
            return Err(Fault::new(format!("{field}[{index}]"), limits));
        }
        if !found.contains(&phrase) {
            found.push(phrase);
        }
    }
    Ok(found)
}

/// A synonym that a query used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsedSynonym {
    /// Which.
    pub synonym: SettingId,
    /// The words of the query, as the search compares them.
    pub typed: String,
    /// What was looked for too.
    pub added: Vec<String>,
}

/// All synonyms that are switched on. Cloning shares everything.
#[derive(Debug, Clone, Default)]
pub struct Synonyms {
    entries: imbl::HashMap<SettingId, Arc<Synonym>>,
    /// Phrases as terms with a blank between.
    by_phrase: imbl::HashMap<Arc<str>, imbl::OrdSet<SettingId>>,
    /// In how many phrases of `by_phrase` a term stands.
    terms: imbl::HashMap<Arc<str>, usize>,
    /// Words as merchants wrote them, folded, and in how many synonyms: misspelled ones may mean them.
    written: imbl::OrdMap<Arc<str>, usize>,
}

/// The words of what people type, of a synonym, as its merchant wrote them.
fn written(synonym: &Synonym) -> impl Iterator<Item = Arc<str>> {
    let texts = synonym.document.words.iter().chain(&synonym.document.from).map(|text| crate::text::fold(text));
    texts.flat_map(|text| text.split_whitespace().map(Arc::from).collect::<Vec<Arc<str>>>())
}

impl Synonyms {
    /// The marketplaces that synonyms name.
    pub(super) fn marketplaces(&self) -> impl Iterator<Item = &MarketplaceId> {
        self.entries.values().flat_map(|synonym| &synonym.document.marketplaces)
    }

    /// Whether a term is part of some synonym: such a word is no typing error, whether or not some product has it.
    #[must_use]
    pub fn has(&self, term: &str) -> bool {
        self.terms.contains_key(term)
    }

    /// The words of synonyms as they are written, from one on in order.
    pub(in crate::search) fn written_from(&self, first: &str) -> impl Iterator<Item = &str> {
        self.written.range(Arc::<str>::from(first)..).map(|(word, _)| &**word)
    }

    /// What stands for a word by itself, as terms.
    pub(in crate::search) fn others_of(&self, term: &str) -> Vec<Vec<String>> {
        let phrase = [term.to_owned()];
        let known = self.by_phrase.get(term).into_iter().flatten().filter_map(|id| self.entries.get(id));
        known.flat_map(|synonym| synonym.others(&phrase).cloned().collect::<Vec<_>>()).collect()
    }

    /// Whether a synonym of this phrase says that it takes the place of what the words mean in everyday language.
    #[must_use]
    pub fn takes_the_place_of_others(&self, phrase: &[String], marketplace: Option<&MarketplaceId>) -> bool {
        let known = self.by_phrase.get(phrase.join(" ").as_str()).into_iter().flatten();
        let mut known = known.filter_map(|id| self.entries.get(id));
        known.any(|synonym| synonym.document.replaces_thesaurus && synonym.holds_in(marketplace))
    }

    /// Puts a synonym in place of what had its name; one that is switched off only takes that away.
    pub(super) fn put(&mut self, id: &SettingId, synonym: Synonym) {
        self.remove(id);
        if !synonym.document.enabled {
            return;
        }
        for phrase in &synonym.from {
            self.by_phrase.entry(Arc::from(phrase.join(" "))).or_default().insert(id.clone());
            phrase.iter().for_each(|term| *self.terms.entry(Arc::from(term.as_str())).or_default() += 1);
        }
        written(&synonym).for_each(|word| *self.written.entry(word).or_default() += 1);
        self.entries.insert(id.clone(), Arc::new(synonym));
    }

    /// Takes a synonym away; nothing happens when it is not here.
    pub(super) fn remove(&mut self, id: &SettingId) {
        let Some(synonym) = self.entries.remove(id) else { return };
        for word in written(&synonym) {
            let left = self.written.get(&word).map_or(0, |count| count - 1);
            if left == 0 {
                self.written.remove(&word)
            } else {
                self.written.insert(word, left)
            };
        }
        for phrase in &synonym.from {
            let joined = phrase.join(" ");
            if let Some(known) = self.by_phrase.get_mut(joined.as_str()) {
                known.remove(id);
                if known.is_empty() {
                    self.by_phrase.remove(joined.as_str());
                }
            }
            for term in phrase {
                if let Some(count) = self.terms.get_mut(term.as_str()) {
                    *count -= 1;
                    if *count == 0 {
                        self.terms.remove(term.as_str());
                    }
                }
            }
        }
    }

    /// Gives the words of a query their synonyms and says which were used. Quoted words are meant as they stand.
    pub fn expand(&self, query: &mut Query, marketplace: Option<&MarketplaceId>) -> Vec<UsedSynonym> {
        let mut used = Vec::new();
        if self.entries.is_empty() {
            return used;
        }
        for start in 0..query.words.len() {
            for end in start + 1..=query.words.len().min(start + PHRASE_TERMS_MAX) {
                let words = &mut query.words[start..end];
                if words.iter().any(|word| word.is_quoted) {
                    break;
                }
                let typed: Vec<String> = words.iter().map(|word| word.typed.clone()).collect();
                let read: Vec<String> = words.iter().map(|word| word.read_as().to_owned()).collect();
                for phrase in BTreeSet::from([typed, read]) {
                    self.expand_phrase(&phrase, words, marketplace, &mut used);
                }
            }
        }
        used
    }

    fn expand_phrase(&self, phrase: &[String], words: &mut [Word], marketplace: Option<&MarketplaceId>, used: &mut Vec<UsedSynonym>) {
        let joined = phrase.join(" ");
        let known = self.by_phrase.get(joined.as_str()).into_iter().flatten();
        for (id, synonym) in known.filter_map(|id| Some((id, self.entries.get(id)?))).filter(|(_, synonym)| synonym.holds_in(marketplace)) {
            let mut added = Vec::new();
            for other in synonym.others(phrase) {
                for word in words.iter_mut().filter(|word| word.synonyms.len() < ALTERNATIVES_MAX) {
                    if !word.synonyms.contains(other) {
                        word.synonyms.push(other.clone());
                    }
                }
                added.push(other.join(" "));
            }
            if added.is_empty() {
                continue;
            }
            used.push(UsedSynonym { synonym: id.clone(), typed: joined.clone(), added });
        }
    }
}
