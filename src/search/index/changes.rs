//! Which products changed lately, so that what was found before a commit need not be found anew after it when none of them has to do with it.

use crate::id::Ordinal;
use std::collections::VecDeque;

/// Changes that are told apart. Comparing a match set with more of them takes as long as finding it.
const CHANGES_MAX: usize = 256;

/// Commits, counted, and the products of the last few.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    commit: u64,
    /// The commit and a product that it changed, oldest first.
    recent: VecDeque<(u64, Ordinal)>,
    /// The last commit of which changes are forgotten.
    forgotten: u64,
}

impl Changes {
    /// Which commit this is.
    #[must_use]
    pub fn commit(&self) -> u64 {
        self.commit
    }

    /// The products that changed after a commit, perhaps some of them twice; none when it is too long ago, or has not come yet.
    pub fn since(&self, commit: u64) -> Option<impl Iterator<Item = Ordinal>> {
        let is_known = (self.forgotten..=self.commit).contains(&commit);
        is_known.then(|| self.recent.iter().rev().take_while(move |(at, _)| *at > commit).map(|(_, product)| *product))
    }

    /// A product that the next commit changes.
    pub(super) fn note(&mut self, product: Ordinal) {
        if self.recent.len() == CHANGES_MAX
            && let Some((at, _)) = self.recent.pop_front()
        {
            self.forgotten = at;
        }
        self.recent.push_back((self.commit + 1, product));
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
        changes.since(commit).map(|products| products.map(|product| product.0).collect())
    }

    #[test]
    fn the_products_of_later_commits_are_told() {
        let mut changes = Changes::default();
        changes.note(Ordinal(5));
        changes.advance();
        changes.note(Ordinal(7));
        changes.note(Ordinal(9));
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
            changes.note(Ordinal(product));
            changes.advance();
        }
        assert_eq!(since(&changes, 0), None);
        assert_eq!(since(&changes, 1).map(|products| products.len()), Some(CHANGES_MAX));
        // One commit of many changes forgets its own beginning.
        (0..1_000).for_each(|product| changes.note(Ordinal(product)));
        let before = changes.commit();
        changes.advance();
        assert_eq!((since(&changes, before), since(&changes, changes.commit())), (None, Some(Vec::new())));
    }
}
