//! Which products changed lately, and what of them, so that what was found before a commit need not be found anew after it when none of them has to do
//! with it: a shop writes new prices and ratings all day, and other words once in a while.

use crate::id::Ordinal;
use crate::search::columns::Span;
use std::collections::VecDeque;

/// Changes of a kind that are told apart. Comparing a match set with more of them takes as long as finding it.
const CHANGES_MAX: usize = 256;

/// What of a product changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facts {
    /// What it says, or whether it is there at all: then everything else may have changed too.
    Words,
    /// The amounts of its prices; it is offered where it was.
    Prices,
    /// What shoppers think of it.
    Rating,
}

/// Commits, counted, and the products of the last few by what of them changed.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    commit: u64,
    recent: [Recent; 3],
}

/// A product that changed.
#[derive(Debug, Clone, Copy)]
struct Change {
    commit: u64,
    product: Ordinal,
    /// What its rating was, where that is what changed.
    rating_before: Span<f64>,
}

/// Products that changed in one respect.
#[derive(Debug, Clone, Default)]
struct Recent {
    /// Oldest first.
    changes: VecDeque<Change>,
    /// The last commit of which changes are forgotten.
    forgotten: u64,
}

impl Recent {
    fn note(&mut self, change: Change) {
        if self.changes.len() == CHANGES_MAX
            && let Some(oldest) = self.changes.pop_front()
        {
            self.forgotten = oldest.commit;
        }
        self.changes.push_back(change);
    }

    /// What changed after a commit, newest first; none when some of it is forgotten.
    fn since(&self, commit: u64) -> Option<impl Iterator<Item = &Change>> {
        (self.forgotten <= commit).then(|| self.changes.iter().rev().take_while(move |change| change.commit > commit))
    }
}

impl Changes {
    /// Which commit this is.
    #[must_use]
    pub fn commit(&self) -> u64 {
        self.commit
    }

    /// The products that changed in `facts` after a commit, perhaps some of them twice; none when it is too long ago, or has not come yet.
    pub fn since(&self, commit: u64, facts: Facts) -> Option<impl Iterator<Item = Ordinal>> {
        let recent = self.recent[facts as usize].since(commit).filter(|_| commit <= self.commit)?;
        Some(recent.map(|change| change.product))
    }

    /// The products of which the rating changed after a commit, newest first, each with what it was before; likewise.
    pub fn rated_since(&self, commit: u64) -> Option<impl Iterator<Item = (Ordinal, Span<f64>)>> {
        let recent = self.recent[Facts::Rating as usize].since(commit).filter(|_| commit <= self.commit)?;
        Some(recent.map(|change| (change.product, change.rating_before)))
    }

    /// The last commit after that one in which a product of these may have changed in `facts`; none when none has.
    pub fn last(&self, commit: u64, facts: Facts, is_of_these: impl Fn(Ordinal) -> bool) -> Option<u64> {
        match self.recent[facts as usize].since(commit) {
            Some(mut recent) => recent.find(|change| is_of_these(change.product)).map(|change| change.commit),
            None => Some(self.commit),
        }
    }

    /// A product that the next commit changes.
    pub(super) fn note(&mut self, product: Ordinal, facts: Facts) {
        self.add(product, facts, Span::<f64>::EMPTY);
    }

    /// A product of which the next commit changes the rating.
    pub(in crate::search) fn note_rating(&mut self, product: Ordinal, before: Span<f64>) {
        self.add(product, Facts::Rating, before);
    }

    fn add(&mut self, product: Ordinal, facts: Facts, rating_before: Span<f64>) {
        self.recent[facts as usize].note(Change { commit: self.commit + 1, product, rating_before });
    }

    /// Begins the commit of what was noted.
    pub(in crate::search) fn advance(&mut self) {
        self.commit += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(changes: &Changes, commit: u64) -> Option<Vec<u32>> {
        changes.since(commit, Facts::Words).map(|products| products.map(|product| product.0).collect())
    }

    #[test]
    fn the_products_of_later_commits_are_told() {
        let mut changes = Changes::default();
        changes.note(Ordinal(5), Facts::Words);
        changes.advance();
        changes.note(Ordinal(7), Facts::Words);
        changes.note(Ordinal(9), Facts::Words);
        changes.advance();
        changes.advance();
        assert_eq!(since(&changes, 0), Some(vec![9, 7, 5]));
        assert_eq!(since(&changes, 1), Some(vec![9, 7]));
        assert_eq!((since(&changes, 2), since(&changes, 3)), (Some(Vec::new()), Some(Vec::new())));
        assert_eq!(since(&changes, 4), None, "a commit to come");
    }

    #[test]
    fn what_is_forgotten_is_not_taken_for_no_change() {
        let mut changes = Changes::default();
        for product in 0..=CHANGES_MAX as u32 {
            changes.note(Ordinal(product), Facts::Words);
            changes.advance();
        }
        assert_eq!(since(&changes, 0), None);
        assert_eq!(since(&changes, 1).map(|products| products.len()), Some(CHANGES_MAX));
        // One commit of many changes forgets its own beginning.
        (0..1_000).for_each(|product| changes.note(Ordinal(product), Facts::Words));
        let before = changes.commit();
        changes.advance();
        assert_eq!((since(&changes, before), since(&changes, changes.commit())), (None, Some(Vec::new())));
    }

    #[test]
    fn a_new_price_is_no_new_word_and_the_last_of_them_is_told() {
        let mut changes = Changes::default();
        for product in [3, 4, 3, 8] {
            changes.note(Ordinal(product), Facts::Prices);
            changes.advance();
        }
        let last = |commit, product| changes.last(commit, Facts::Prices, |one| one == Ordinal(product));
        assert_eq!([last(0, 3), last(2, 3), last(3, 3), last(0, 5)], [Some(3), Some(3), None, None]);
        assert_eq!(since(&changes, 0), Some(Vec::new()));
        assert_eq!(changes.last(0, Facts::Rating, |_| true), None);
        (0..1_000).for_each(|product| changes.note(Ordinal(product), Facts::Prices));
        changes.advance();
        assert_eq!(changes.last(4, Facts::Prices, |_| false), Some(5), "who knows");
        assert_eq!((since(&changes, 0), changes.last(5, Facts::Prices, |_| true)), (Some(Vec::new()), None));
    }
}
