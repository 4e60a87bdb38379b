//! Where paging stands: what has been shown, so that the next page is the best of what has not.
//!
//! A list that orders by live numbers moves while it is read. If a page began below the key where the last one ended, a product that rose
//! past that key between two pages would never be shown, and one that fell past it twice. So a place names what was shown. That stays
//! small (about a byte a product), but not without end: beyond [`PRODUCTS_MAX`] everything at or above a key, the *floor*, counts as
//! shown too, and only what has fallen below the floor since is still named.

use super::sort::Key;

/// Products that a place names one by one: forty pages of a hundred, some 5 KiB of an address.
pub const PRODUCTS_MAX: usize = 4_096;
/// Groups that a place names one by one. Their names are as good as random, so each takes five bytes.
pub const GROUPS_MAX: usize = 768;

/// What has been shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Numbers of products or of groups, rising.
    pub shown: Vec<u64>,
    /// Whatever stands here or above counts as shown.
    pub floor: Option<Key>,
}

impl Place {
    /// Whether nothing has been shown.
    #[must_use]
    pub fn is_start(&self) -> bool {
        self.shown.is_empty() && self.floor.is_none()
    }

    /// Whether a key stands at or above the floor.
    #[must_use]
    #[inline]
    pub fn is_above_floor(&self, key: Key) -> bool {
        self.floor.is_some_and(|floor| key >= floor)
    }

    /// Whether a page of `page_count` could make it name more than `count_max`, so that [`Place::after`] needs to know where everything
    /// that was shown stands now.
    #[must_use]
    pub fn is_nearly_full(&self, page_count: usize, count_max: usize) -> bool {
        self.shown.len() + page_count > count_max
    }

    /// The place after one more page, best first, which stands above everything not shown yet. `now` is where what was shown before
    /// stands now; it is needed only when the place is nearly full. What has left the match set by then is forgotten.
    #[must_use]
    pub fn after(&self, page: &[(u64, Key)], now: Vec<(Key, u64)>, count_max: usize) -> Self {
        let mut shown: Vec<u64> = self.shown.iter().copied().chain(page.iter().map(|(number, _)| *number)).collect();
        shown.sort_unstable();
        shown.dedup();
        if shown.len() <= count_max {
            return Self { shown, floor: self.floor };
        }
        let floor = page.last().map(|(_, key)| *key).into_iter().chain(self.floor).min();
        let mut fallen = now;
        fallen.retain(|(key, _)| floor.is_some_and(|floor| *key < floor));
        // If more have fallen than can be named, those that would come up last are shown again.
        fallen.sort_unstable_by(|a, b| b.cmp(a));
        fallen.truncate(count_max);
        let mut shown: Vec<u64> = fallen.into_iter().map(|(_, number)| number).collect();
        shown.sort_unstable();
        Self { shown, floor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ordinal;
    use std::cmp::Reverse;

    fn key(relevance: u64) -> Key {
        Key { criteria: [0; super::super::sort::SORTS_MAX], relevance, ordinal: Reverse(Ordinal(0)) }
    }

    #[test]
    fn a_full_place_names_only_what_fell_below_its_floor() {
        let place = Place::default().after(&[(7, key(90)), (3, key(80))], Vec::new(), 3);
        assert_eq!(place, Place { shown: vec![3, 7], floor: None });
        // 3 has fallen to 10 since; 7 still stands above.
        assert!(place.is_nearly_full(2, 3));
        let place = place.after(&[(5, key(70)), (9, key(60))], vec![(key(10), 3), (key(90), 7)], 3);
        assert_eq!(place, Place { shown: vec![3], floor: Some(key(60)) });
        assert!(place.is_above_floor(key(60)) && place.is_above_floor(key(90)) && !place.is_above_floor(key(59)));
        // A floor never rises.
        let place = place.after(&[(1, key(50)), (2, key(40)), (4, key(30))], vec![(key(10), 3)], 3);
        assert_eq!(place, Place { shown: vec![3], floor: Some(key(30)) });
    }
}
