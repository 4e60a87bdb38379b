//! What words of a query stand for in the index: terms that occur, with what a step of impact of each is worth.

use super::matching::{Group, List, Postings};
use super::phrase::{Intersection, Source};
use crate::search::SearchError;

/// The alternatives of a word that occur, and what holding one of them is worth.
pub(super) struct Alternatives {
    pub(super) alternatives: Vec<Alternative>,
    pub(super) mass: u8,
}

/// One term, or several that must all be held.
pub(super) struct Alternative {
    pub(super) terms: Vec<Occurring>,
    pub(super) step_score: f32,
}

/// A term and where it occurs.
pub(super) struct Occurring {
    pub(super) term: String,
    /// In the generation.
    pub(super) found: Option<tantivy::postings::TermInfo>,
    /// Beside it.
    pub(super) live_count: u64,
}

impl Occurring {
    /// Products of the generation that hold the term.
    pub(super) fn standing_count(&self) -> u64 {
        self.found.as_ref().map_or(0, |found| u64::from(found.doc_freq))
    }

    /// Products that hold it; those that changed may count twice.
    pub(super) fn products_count(&self) -> u64 {
        self.standing_count() + self.live_count
    }
}

/// The posting lists of one part of the index; a group that has none there stays as an empty group, so that it counts as not held.
pub(super) fn lists<P: Postings>(
    groups: &[Alternatives],
    open: impl Fn(&Occurring) -> Result<Option<P>, SearchError>,
) -> Result<Vec<Group<Source<P>>>, SearchError> {
    let source = |alternative: &Alternative| match alternative.terms.as_slice() {
        [term] => Ok(open(term)?.map(Source::Term)),
        terms => {
            let all: Option<Vec<P>> = terms.iter().map(&open).collect::<Result<_, _>>()?;
            Ok(all.map(|all| Source::All(Intersection::of(all))))
        }
    };
    let list = |alternative: &Alternative| Ok(source(alternative)?.map(|postings| List::new(postings, alternative.step_score)));
    let group = |group: &Alternatives| {
        let lists = group.alternatives.iter().filter_map(|one| list(one).transpose()).collect::<Result<_, _>>()?;
        Ok(Group { lists, mass: group.mass })
    };
    groups.iter().map(group).collect()
}

/// How much a word that `holders_count` of `products_count` products hold says about one (S. Robertson and H. Zaragoza, "The
/// Probabilistic Relevance Framework", 2009, in the form that never falls below 0).
pub(super) fn inverse_document_frequency(holders_count: u64, products_count: u64) -> f32 {
    let (holders, products) = (holders_count as f32, products_count.max(holders_count) as f32);
    (1.0 + (products - holders + 0.5) / (holders + 0.5)).ln()
}
