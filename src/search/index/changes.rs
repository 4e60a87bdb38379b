//! Which products changed lately, and what of them, so that what was found before a commit need not be found anew after it when none of them has to do
//! with it: a shop writes new prices and ratings all day, and other words once in a while.

use crate::id::Ordinal;
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

/// Products that changed in one respect.
#[derive(Debug, Clone, Default)]
struct Recent {
    /// The commit and a product that it changed, oldest first.
    products: VecDeque<(u64, Ordinal)>,
    /// The last commit of which changes are forgotten.
    forgotten: u64,
}

impl Recent {
    fn note(&mut self, commit: u64, product: Ordinal) {
        if self.products.len() == CHANGES_MAX
            && let Some((at, _)) = self.products.pop_front()
        {
            self.forgotten = at;
        }
        self.products.push_back((commit, product));
    }

    /// What changed after a commit, newest first; none when some of it is forgotten.
    fn since(&self, commit: u64) -> Option<impl Iterator<Item = (u64, Ordinal)>> {
        (self.forgotten <= commit).then(|| self.products.iter().rev().copied().take_while(move |(at, _)| *at > commit))
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
        Some(recent.map(|(_, product)| product))
    }

    /// The last commit after that one in which a product of these may have changed in `facts`; none when none has.
    pub fn last(&self, commit: u64, facts: Facts, is_of_these: impl Fn(Ordinal) -> bool) -> Option<u64> {
        match self.recent[facts as usize].since(commit) {
            Some(mut recent) => recent.find(|(_, product)| is_of_these(*product)).map(|(at, _)| at),
            None => Some(self.commit),
        }
    }

    /// A product that the next commit changes.
    pub(super) fn note(&mut self, product: Ordinal, facts: Facts) {
        self.recent[facts as usize].note(self.commit + 1, product);
    }

    /// Begins the commit of what was noted.
    pub(super) fn advance(&mut self) {
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
