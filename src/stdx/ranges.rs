//! Whole numbers as ascending ranges: as large as there are gaps, however many numbers.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A set of numbers. Ranges neither overlap nor touch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranges(BTreeMap<u64, u64>);

impl Ranges {
    /// Whether a number is in it.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        self.0.range(..=number).next_back().is_some_and(|(_, last)| *last >= number)
    }

    /// Whether no number is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many ranges it takes.
    #[must_use]
    pub fn ranges_count(&self) -> usize {
        self.0.len()
    }

    /// How many numbers are in it.
    #[must_use]
    pub fn numbers_count(&self) -> u64 {
        self.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// The first and the last number of each range, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|(first, last)| (*first, *last))
    }

    /// Adds the numbers from `first` to `last`.
    pub fn insert(&mut self, first: u64, last: u64) {
        if first > last {
            return;
        }
        let (mut start, mut end) = (first, last);
        if let Some((before, until)) = self.0.range(..=first).next_back().map(|(before, until)| (*before, *until))
            && until >= first.saturating_sub(1)
        {
            (start, end) = (before, end.max(until));
        }
        while let Some((next, until)) = self.0.range(start..=end.saturating_add(1)).next().map(|(next, until)| (*next, *until)) {
            self.0.remove(&next);
            end = end.max(until);
        }
        self.0.insert(start, end);
    }

    /// Takes the numbers from `first` to `last` out.
    pub fn remove(&mut self, first: u64, last: u64) {
        if first > last {
            return;
        }
        if let Some((before, until)) = self.0.range(..first).next_back().map(|(before, until)| (*before, *until))
            && until >= first
        {
            self.0.insert(before, first - 1);
            if until > last {
                self.0.insert(last + 1, until);
            }
        }
        while let Some((next, until)) = self.0.range(first..=last).next().map(|(next, until)| (*next, *until)) {
            self.0.remove(&next);
            if until > last {
                self.0.insert(last + 1, until);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn neighbours_are_one_range() {
        let mut ranges = Ranges::default();
        [(1, 2), (5, 5), (3, 4), (9, 8), (0, 0)].into_iter().for_each(|(first, last)| ranges.insert(first, last));
        assert_eq!(ranges.iter().collect::<Vec<_>>(), [(0, 5)]);
        ranges.remove(2, 3);
        assert_eq!((ranges.iter().collect::<Vec<_>>(), ranges.numbers_count()), (vec![(0, 1), (4, 5)], 4));
        ranges.insert(u64::MAX, u64::MAX);
        assert!(ranges.contains(u64::MAX) && ranges.ranges_count() == 3);
    }

    proptest! {
        #[test]
        fn they_hold_what_a_set_holds(steps in prop::collection::vec((any::<bool>(), 0_u64..60, 0_u64..9), 0..40)) {
            let (mut ranges, mut set) = (Ranges::default(), BTreeSet::new());
            for (is_added, first, more) in steps {
                if is_added {
                    ranges.insert(first, first + more);
                    set.extend(first..=first + more);
                } else {
                    ranges.remove(first, first + more);
                    set.retain(|number| !(first..=first + more).contains(number));
                }
                prop_assert!((0..70).all(|number| ranges.contains(number) == set.contains(&number)));
                prop_assert_eq!(ranges.numbers_count(), set.len() as u64);
                let apart: Vec<_> = ranges.iter().collect();
                prop_assert!(apart.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0));
            }
        }
    }
}
