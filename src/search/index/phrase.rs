//! Alternatives of several terms: the documents that hold them all, as one posting list.
//!
//! A synonym may be a phrase, `tv` for `flat screen television`. Its documents are few and are met in several words of one query, so they are
//! found once, before matching: the rarest term's list is read and looked up in the others. Its impact is the least of its terms': a phrase
//! is as prominent as its least prominent word.

use super::matching::{Doc, List, Postings};

/// The documents of one alternative, of one term or of several.
pub(super) enum Source<P> {
    /// As the index keeps them.
    Term(P),
    /// Those of several terms.
    All(Intersection),
}

/// Documents that stand in several lists: all of them are one block.
pub(super) struct Intersection {
    docs: Vec<Doc>,
    impacts: Vec<u32>,
    done: bool,
}

impl Intersection {
    /// The documents that stand in every list, each with its least impact.
    pub(super) fn of<P: Postings>(mut lists: Vec<P>) -> Self {
        lists.sort_by_key(Postings::len);
        let mut lists = lists.into_iter();
        let mut found: Vec<(Doc, u32)> = Vec::new();
        if let Some(mut rarest) = lists.next() {
            while !rarest.block().0.is_empty() {
                let (docs, impacts) = rarest.block();
                found.extend(docs.iter().copied().zip(impacts.iter().copied()));
                rarest.next_block();
            }
        }
        for list in lists {
            // A step is worth one, so a score is an impact.
            let mut list = List::new(list, 1.0);
            found.retain_mut(|(doc, least)| match list.score_of(*doc) {
                Some(impact) => {
                    *least = (*least).min(impact as u32);
                    true
                }
                None => false,
            });
        }
        let (docs, impacts) = found.into_iter().unzip();
        Self { docs, impacts, done: false }
    }
}

impl Postings for Intersection {
    fn block(&self) -> (&[Doc], &[u32]) {
        if self.done { (&[], &[]) } else { (&self.docs, &self.impacts) }
    }

    fn next_block(&mut self) {
        self.done = true;
    }

    fn seek_block(&mut self, target: Doc) {
        self.done |= self.docs.last().is_none_or(|&last| last < target);
    }

    fn len(&self) -> u64 {
        self.docs.len() as u64
    }
}

impl<P: Postings> Postings for Source<P> {
    #[inline]
    fn block(&self) -> (&[Doc], &[u32]) {
        match self {
            Self::Term(postings) => postings.block(),
            Self::All(postings) => postings.block(),
        }
    }

    fn next_block(&mut self) {
        match self {
            Self::Term(postings) => postings.next_block(),
            Self::All(postings) => postings.next_block(),
        }
    }

    fn seek_block(&mut self, target: Doc) {
        match self {
            Self::Term(postings) => postings.seek_block(target),
            Self::All(postings) => postings.seek_block(target),
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::Term(postings) => postings.len(),
            Self::All(postings) => postings.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::Blocks;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_phrase_is_held_by_what_holds_all_its_terms_with_the_least_impact(
            table in prop::collection::vec(prop::collection::btree_map(0_u32..60, 1_u32..32, 0..40), 1..4),
        ) {
            let found = Intersection::of(table.iter().map(Blocks::<3>::of).collect());
            let least = |doc: &Doc| table.iter().map(|list| list.get(doc).copied()).collect::<Option<Vec<u32>>>();
            let expected: Vec<(Doc, u32)> =
                table[0].keys().filter_map(|doc| Some((*doc, least(doc)?.into_iter().min()?))).collect();
            let (docs, impacts) = found.block();
            let found: Vec<(Doc, u32)> = docs.iter().copied().zip(impacts.iter().copied()).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
