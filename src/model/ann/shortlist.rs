//! What codes alone can tell of the nearest: nobody among the `k` nearest is missing, and few others are in it.
//!
//! Each code says between which two bounds the exact similarity lies. What has to be reached is the `k`-th greatest of the lower bounds: as many
//! are at least that near. Whoever's upper bound reaches it is compared exactly at the end, when that floor is as high as it gets and
//! the vectors, which lie far apart, can be called for together.

use super::codes::Bounds;
use crate::stdx::topk::{Score, TopK};

/// Names are looked through again when there are as many more than after the last time.
const SLACK: usize = 1_024;

/// Names of type `N` that may belong to the `k` nearest.
#[derive(Debug)]
pub(super) struct Shortlist<N> {
    lower: TopK<Score>,
    named: Vec<(f32, N)>,
    sifted_at: usize,
}

impl<N: Copy> Shortlist<N> {
    pub(super) fn new(k: usize) -> Self {
        Self { lower: TopK::new(k), named: Vec::new(), sifted_at: SLACK }
    }

    /// What an upper bound has to reach.
    #[inline]
    pub(super) fn floor(&self) -> f32 {
        self.lower.floor().map_or(f32::NEG_INFINITY, |Score(floor)| *floor)
    }

    /// Whether `k` have been offered.
    pub(super) fn is_full(&self) -> bool {
        self.lower.floor().is_some()
    }

    /// Notes a name that stands for so many of the products that are asked for.
    #[inline]
    pub(super) fn note(&mut self, name: N, bounds: Bounds, products: usize) {
        (0..products).for_each(|_| self.lower.push(Score(bounds.lower)));
        self.named.push((bounds.upper, name));
        if self.named.len() >= self.sifted_at {
            let floor = self.floor();
            self.named.retain(|(upper, _)| *upper >= floor);
            self.sifted_at = 2 * self.named.len() + SLACK;
        }
    }

    /// The names, in the order in which they were noted, and the upper bound of each.
    pub(super) fn into_named(mut self) -> Vec<(f32, N)> {
        let floor = self.floor();
        self.named.retain(|(upper, _)| *upper >= floor);
        self.named
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nobody_of_the_nearest_is_missing_wherever_between_their_bounds_they_lie(
            shortened in prop::collection::vec((0_u8..200, 0_u8..20, 0.0_f32..=1.0, 1_usize..4), 0..4_000), k in 1_usize..30,
        ) {
            let mut list = Shortlist::new(k);
            let mut exact = Vec::new();
            for (name, (lower, width, place, products)) in shortened.into_iter().enumerate() {
                let (lower, width) = (f32::from(lower), f32::from(width));
                let bounds = Bounds { lower, upper: lower + width };
                exact.extend(std::iter::repeat_n((lower + width * place, name), products));
                if bounds.upper >= list.floor() {
                    list.note(name, bounds, products);
                }
            }
            exact.sort_by(|a, b| b.0.total_cmp(&a.0));
            prop_assert_eq!(list.is_full(), exact.len() >= k);
            let named: Vec<usize> = list.into_named().into_iter().map(|(_, name)| name).collect();
            prop_assert!(named.is_sorted());
            prop_assert!(exact.iter().take(k).all(|(_, name)| named.binary_search(name).is_ok()));
        }
    }
}
