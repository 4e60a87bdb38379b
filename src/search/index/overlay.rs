//! Products that changed since the generation was built, as a small inverted index in memory.
//!
//! tantivy makes a change visible by writing a segment, which costs tens of milliseconds and leaves one more segment to search; a shop
//! changes a product at a time and wants to see it at once. So changes live here, in maps that share memory between clones: a commit is a
//! clone, a put costs what the product's own terms cost, and readers keep the clone they were given. Unlike a segment, nothing here is
//! ever superseded: a product that is put again first takes its old terms away.

use super::impact::TermImpact;
use super::matching::{Doc, Postings};
use crate::id::Ordinal;
use crate::text::{self, Language};
use imbl::{OrdMap, OrdSet};
use std::sync::Arc;

/// Products that hold one term: ordinals in rising order and their impacts.
#[derive(Debug, Clone, Default)]
pub(crate) struct LivePostings {
    ordinals: Vec<Doc>,
    impacts: Vec<u32>,
}

impl LivePostings {
    /// How many products hold the term.
    pub(crate) fn len(&self) -> u64 {
        self.ordinals.len() as u64
    }

    fn put(&mut self, ordinal: Ordinal, impact: u32) {
        match self.ordinals.binary_search(&ordinal.0) {
            Ok(at) => self.impacts[at] = impact,
            Err(at) => {
                self.ordinals.insert(at, ordinal.0);
                self.impacts.insert(at, impact);
            }
        }
    }

    fn remove(&mut self, ordinal: Ordinal) {
        if let Ok(at) = self.ordinals.binary_search(&ordinal.0) {
            self.ordinals.remove(at);
            self.impacts.remove(at);
        }
    }
}

/// Terms of live products, each with its postings.
pub(crate) type LiveTerms = OrdMap<Arc<str>, Arc<LivePostings>>;

/// Endings of those terms, in languages that put words together.
pub(crate) type LiveEndings = OrdSet<Arc<str>>;

/// What a live product holds, so that it can be taken away again.
#[derive(Debug, Clone)]
pub(super) struct LiveProduct {
    /// Its terms, in order.
    pub(super) terms: Arc<[Arc<str>]>,
    /// Its identifiers, folded.
    pub(super) identifiers: Arc<[Arc<str>]>,
}

/// The live index. Cloning shares everything.
#[derive(Debug, Clone, Default)]
pub(super) struct Overlay {
    terms: LiveTerms,
    endings: LiveEndings,
    identifiers: OrdSet<(Arc<str>, Ordinal)>,
    products: OrdMap<Ordinal, LiveProduct>,
}

impl Overlay {
    /// Puts a product, in place of what it was, in a shop of these languages.
    pub(super) fn put(&mut self, ordinal: Ordinal, impacts: Vec<TermImpact>, identifiers: Vec<String>, languages: &[Language]) {
        self.remove(ordinal);
        let languages: Vec<Language> = languages.iter().copied().filter(|language| language.puts_words_together()).collect();
        let mut terms = Vec::with_capacity(impacts.len());
        for TermImpact { term, impact, .. } in impacts {
            let term: Arc<str> = Arc::from(term);
            let endings = languages.iter().filter_map(|language| language.ending_of(&term)).chain(text::katakana_ending(&term));
            endings.for_each(|ending| drop(self.endings.insert(Arc::from(ending))));
            Arc::make_mut(self.terms.entry(Arc::clone(&term)).or_default()).put(ordinal, impact);
            terms.push(term);
        }
        let identifiers: Arc<[Arc<str>]> = identifiers.into_iter().map(Arc::from).collect();
        for identifier in identifiers.iter() {
            self.identifiers.insert((Arc::clone(identifier), ordinal));
        }
        self.products.insert(ordinal, LiveProduct { terms: terms.into(), identifiers });
    }

    /// Removes a product; nothing happens when it is not here.
    pub(super) fn remove(&mut self, ordinal: Ordinal) {
        let Some(product) = self.products.remove(&ordinal) else { return };
        for term in product.terms.iter() {
            let Some(postings) = self.terms.get_mut(term) else { continue };
            Arc::make_mut(postings).remove(ordinal);
            if postings.ordinals.is_empty() {
                self.terms.remove(term);
                self.forget_endings(term);
            }
        }
        for identifier in product.identifiers.iter() {
            self.identifiers.remove(&(Arc::clone(identifier), ordinal));
        }
    }

    /// What a product holds; none when it is not here.
    pub(super) fn product(&self, ordinal: Ordinal) -> Option<&LiveProduct> {
        self.products.get(&ordinal)
    }

    /// Drops the endings of a term that no product holds any more, unless the same stem is here in its other writing.
    fn forget_endings(&mut self, term: &str) {
        if self.endings.is_empty() {
            return;
        }
        if let Some(ending) = text::katakana_ending(term) {
            self.endings.remove(ending.as_str());
            return;
        }
        for language in Language::ALL.into_iter().filter(|language| language.puts_words_together()) {
            let Some(ending) = language.ending_of(term) else { continue };
            let stem = language.stem_behind(&ending).unwrap_or_default();
            if !self.terms.contains_key(language.marked(&stem).as_str()) && !self.terms.contains_key(stem.as_str()) {
                self.endings.remove(ending.as_str());
            }
        }
    }

    /// How many products are here.
    pub(super) fn products_count(&self) -> u64 {
        self.products.len() as u64
    }

    /// The terms, for vocabulary and statistics.
    pub(super) fn terms(&self) -> &LiveTerms {
        &self.terms
    }

    /// Endings of the terms, for the vocabulary.
    pub(super) fn endings(&self) -> &LiveEndings {
        &self.endings
    }

    /// The postings of a term.
    pub(super) fn postings(&self, term: &str) -> Option<LiveCursor<'_>> {
        self.terms.get(term).map(|postings| LiveCursor { postings, done: false })
    }

    /// Products with an identifier that starts with `prefix`, those with exactly it first, at most `count_max`.
    pub(super) fn identified(&self, prefix: &str, exactly: bool, count_max: usize) -> Vec<Ordinal> {
        let from = (Arc::from(prefix), Ordinal(0));
        let starts = self.identifiers.range(from..).take_while(|(identifier, _)| identifier.starts_with(prefix));
        starts.filter(|(identifier, _)| !exactly || identifier.len() == prefix.len()).map(|(_, ordinal)| *ordinal).take(count_max).collect()
    }
}

/// Reads the postings of a live term: all of them are one block, and documents are ordinals.
pub(super) struct LiveCursor<'a> {
    postings: &'a LivePostings,
    done: bool,
}

impl Postings for LiveCursor<'_> {
    fn block(&self) -> (&[Doc], &[u32]) {
        if self.done { (&[], &[]) } else { (&self.postings.ordinals, &self.postings.impacts) }
    }

    fn next_block(&mut self) {
        self.done = true;
    }

    fn seek_block(&mut self, target: Doc) {
        self.done |= self.postings.ordinals.last().is_none_or(|&last| last < target);
    }

    fn len(&self) -> u64 {
        self.postings.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn impacts(terms: &[&str]) -> Vec<TermImpact> {
        terms.iter().map(|term| TermImpact { term: (*term).to_owned(), impact: 3, in_title: true }).collect()
    }

    fn holders(overlay: &Overlay, term: &str) -> Vec<Doc> {
        overlay.postings(term).map_or_else(Vec::new, |cursor| cursor.block().0.to_vec())
    }

    #[test]
    fn endings_stay_as_long_as_some_product_has_them() {
        let mut overlay = Overlay::default();
        let put = |overlay: &mut Overlay, ordinal, terms: &[&str]| {
            overlay.put(Ordinal(ordinal), impacts(terms), Vec::new(), &[Language::English, Language::German]);
        };
        let count = |overlay: &Overlay| overlay.endings().len();
        put(&mut overlay, 1, &["~dewanderschuh", "wanderschuhe", "lamp"]);
        put(&mut overlay, 2, &["wanderschuh"]);
        assert_eq!(count(&overlay), 1);
        put(&mut overlay, 1, &["lamp"]);
        assert_eq!(count(&overlay), 1, "the other product has it in the singular");
        overlay.remove(Ordinal(2));
        assert_eq!(count(&overlay), 0);
    }

    #[test]
    fn a_product_put_again_leaves_nothing_of_what_it_was() {
        let mut overlay = Overlay::default();
        overlay.put(Ordinal(7), impacts(&["desk", "lamp"]), vec!["l1".to_owned()], &[]);
        overlay.put(Ordinal(3), impacts(&["lamp"]), vec!["l12".to_owned()], &[]);
        let before = overlay.clone();
        overlay.put(Ordinal(7), impacts(&["chair"]), vec!["c1".to_owned()], &[]);
        assert_eq!((holders(&overlay, "lamp"), holders(&overlay, "desk"), holders(&overlay, "chair")), (vec![3], vec![], vec![7]));
        assert_eq!(overlay.identified("l1", false, 10), [Ordinal(3)]);
        overlay.remove(Ordinal(3));
        overlay.remove(Ordinal(7));
        assert_eq!((overlay.products_count(), overlay.terms().len(), overlay.identifiers.len()), (0, 0, 0));
        assert_eq!((holders(&before, "lamp"), before.identified("l1", true, 10)), (vec![3, 7], vec![Ordinal(7)]));
    }
}
