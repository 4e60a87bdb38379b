//! The k largest of many, in one pass: [`TopK`] knows at any time what a new one has to exceed, [`TopOfMany`] takes many more quickly.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Keeps the `k` largest elements pushed into it, by `Ord`.
#[derive(Debug)]
pub struct TopK<T: Ord> {
    k: usize,
    heap: BinaryHeap<Reverse<T>>,
}

impl<T: Ord> TopK<T> {
    /// Room for `k` elements.
    pub fn new(k: usize) -> Self {
        Self { k, heap: BinaryHeap::with_capacity(k.min(4_096) + 1) }
    }

    /// Offers one element.
    #[inline]
    pub fn push(&mut self, element: T) {
        if self.heap.len() < self.k {
            self.heap.push(Reverse(element));
            return;
        }
        if let Some(mut smallest) = self.heap.peek_mut()
            && element > smallest.0
        {
            *smallest = Reverse(element);
        }
    }

    /// The smallest element kept, once there are `k` of them: what a new one has to exceed.
    pub fn floor(&self) -> Option<&T> {
        if self.heap.len() < self.k { None } else { self.heap.peek().map(|smallest| &smallest.0) }
    }

    /// The elements kept, largest first.
    pub fn into_descending(self) -> Vec<T> {
        self.heap.into_sorted_vec().into_iter().map(|Reverse(element)| element).collect()
    }
}

/// Keeps the `k` largest elements pushed into it, by `Ord`, in twice as many slots: full slots are halved by selection, which costs each element
/// a few comparisons, where a heap of hundreds costs each one that it takes in a climb with as many guesses gone wrong.
#[derive(Debug)]
pub struct TopOfMany<T: Ord> {
    k: usize,
    kept: Vec<T>,
    /// Whether the first `k` are the largest so far, the smallest of them last.
    is_halved: bool,
}

/// Fewer slots are halved too often.
const SLOTS_MIN: usize = 64;

impl<T: Ord> TopOfMany<T> {
    /// Room for `k` elements.
    #[must_use]
    pub fn new(k: usize) -> Self {
        Self { k, kept: Vec::new(), is_halved: k == 0 }
    }

    /// Offers one element.
    #[inline]
    pub fn push(&mut self, element: T) {
        if self.is_halved && self.kept[..self.k].last().is_none_or(|smallest| element <= *smallest) {
            return;
        }
        self.kept.push(element);
        if self.kept.len() >= (2 * self.k).max(SLOTS_MIN) {
            self.halve();
        }
    }

    fn halve(&mut self) {
        if let Some(last) = self.k.checked_sub(1).filter(|last| *last < self.kept.len()) {
            self.kept.select_nth_unstable_by(last, |a, b| b.cmp(a));
            self.kept.truncate(self.k);
            self.is_halved = true;
        }
    }

    /// The elements kept, largest first.
    #[must_use]
    pub fn into_descending(mut self) -> Vec<T> {
        self.halve();
        self.kept.sort_unstable_by(|a, b| b.cmp(a));
        self.kept
    }
}

/// A score that orders totally: not-a-number sorts below everything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score(pub f32);

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |score: f32| if score.is_nan() { f32::NEG_INFINITY } else { score };
        key(self.0).total_cmp(&key(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_k_largest_are_kept_in_descending_order(numbers in prop::collection::vec(0_u32..1_000, 0..400), k in 0_usize..60) {
            let mut top = TopK::new(k);
            let mut top_of_many = TopOfMany::new(k);
            for number in &numbers {
                top.push(*number);
                top_of_many.push(*number);
            }
            let mut sorted = numbers;
            sorted.sort_unstable_by(|a, b| b.cmp(a));
            sorted.truncate(k);
            prop_assert_eq!(&top.into_descending(), &sorted);
            prop_assert_eq!(top_of_many.into_descending(), sorted);
        }
    }

    #[test]
    fn a_score_that_is_not_a_number_never_wins() {
        assert!(Score(f32::NAN) < Score(-1.0));
    }
}
