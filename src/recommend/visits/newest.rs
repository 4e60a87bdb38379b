//! Where the newest visit of a session or shopper is: chains of visits whose keys fall together, newest first, changed in place while they are
//! read.
//!
//! Visits come and go by the hundred thousand: each begins with some event and is forgotten when so many others have begun. In a table from
//! which the one that goes is taken out, going costs as much as coming, and marks of those that went lie in everybody's way. Here nothing is
//! taken out. Visits are numbered as they begin and have their places by number, so a chain that goes from newer to older ones ends where a
//! number is so old that its place was given away. A visit that begins stands at the head of its chain, with what stood there as its link.
//!
//! Numbers have 32 bits and begin anew after as many as are a multiple of the places; 0 is none. Beside each link stands half of its visit's
//! key, so that of the visits themselves only the right one is looked at.

use crate::recommend::rings::RingKey;
use crate::stdx::slab::Pages;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Chains of the first table.
const CHAINS_MIN: u32 = 1_024;
/// Visits of a chain that are looked at; there are hardly ever three, unless somebody chose names so that they fall together.
const LOOKS_MAX: usize = 64;

/// Which visit each key began last. Clones are the same table.
#[derive(Debug, Clone)]
pub(super) struct Newest {
    /// By the last bits of a key: the number of the visit that began last.
    heads: Pages,
    chains_count: u32,
    /// By place: the number of the visit before in the chain, then half of the visit's own key.
    links: Pages,
    visits_max: u32,
    /// The number of the visit that began last of all, as far as is known here: readers may meet newer ones.
    last: u32,
}

fn load(pages: &Pages, place: u32) -> u32 {
    pages.get(place).map_or(0, |word| word.load(Acquire))
}

fn half_of(key: RingKey) -> u32 {
    (key.0 >> 32) as u32
}

impl Newest {
    pub(super) fn new(visits_max: u32) -> Self {
        Self { heads: Pages::default(), chains_count: CHAINS_MIN, links: Pages::default(), visits_max, last: 0 }
    }

    fn chain_of(&self, key: RingKey) -> u32 {
        key.0 as u32 & (self.chains_count - 1)
    }

    /// After so many, numbers begin anew.
    fn period(&self) -> u32 {
        u32::MAX / self.visits_max * self.visits_max
    }

    /// How many visits after `older` the one of the number `newer` began.
    fn since(&self, older: u32, newer: u32) -> u32 {
        if newer >= older { newer - older } else { self.period() - (older - newer) }
    }

    /// Whether the visit of a number has its place still.
    fn is_held(&self, number: u32) -> bool {
        let since = self.since(number, self.last);
        number != 0 && (since < self.visits_max || since > self.period() / 2)
    }

    /// The key will be looked for soon: asks for the head of its chain, or if that is at hand, for the link beside it.
    #[inline]
    pub(super) fn prefetch(&self, key: RingKey, is_head_known: bool) {
        if !is_head_known {
            return self.heads.prefetch(self.chain_of(key));
        }
        let number = load(&self.heads, self.chain_of(key));
        if self.is_held(number) {
            self.links.prefetch(self.link_of(number));
        }
    }

    /// Where the link of a visit stands.
    #[inline]
    fn link_of(&self, number: u32) -> u32 {
        2 * ((number - 1) % self.visits_max)
    }

    /// The place of the visit that the key began last, of which `is_its` knows the right one.
    #[inline]
    pub(super) fn find(&self, key: RingKey, is_its: impl Fn(u32) -> bool) -> Option<u32> {
        let mut number = load(&self.heads, self.chain_of(key));
        for _ in 0..LOOKS_MAX {
            if !self.is_held(number) {
                return None;
            }
            let link = self.link_of(number);
            if load(&self.links, link + 1) == half_of(key) && is_its(link / 2) {
                return Some(link / 2);
            }
            // A link that is just being written may lead anywhere.
            let before = load(&self.links, link);
            if !(1..self.visits_max).contains(&self.since(before, number)) {
                return None;
            }
            number = before;
        }
        None
    }

    /// A visit has begun, `number` others before it. False when there is no memory for it.
    pub(super) fn insert(&mut self, key: RingKey, number: u64) -> bool {
        let number = (number % u64::from(self.period())) as u32 + 1;
        let link = self.link_of(number);
        let words = (self.heads.grown(self.chain_of(key)), self.links.grown(link), self.links.grown(link + 1));
        let (Some(head), Some(before), Some(half)) = words else { return false };
        before.store(head.load(Relaxed), Relaxed);
        half.store(half_of(key), Relaxed);
        head.store(number, Release);
        self.last = number;
        true
    }

    /// An empty table with twice the chains, when this one has too few for so many visits. Readers keep the one they have until the next publish.
    pub(super) fn wider(&self, visits_count: u32) -> Option<Self> {
        let is_crowded = visits_count > self.chains_count / 2;
        is_crowded.then(|| Self { chains_count: self.chains_count.saturating_mul(2).next_power_of_two(), ..Self::new(self.visits_max) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_newest_visit_of_each_key_is_found_as_long_as_it_has_its_place(
            keys in prop::collection::vec(0_u64..60, 1..4_000), visits_max in 1_u32..90, before in any::<u64>()
        ) {
            // Keys of seven chains and of five halves, so that both fall together; numbers that begin anew somewhere.
            let key_of = |number: u64| RingKey((number % 7) | (number % 5) << 32 | number << 40);
            let mut newest = Newest::new(visits_max);
            let period = u64::from(newest.period());
            let first = before % period + 2 * period - keys.len() as u64 / 2;
            let mut reader = newest.clone();
            let mut held = vec![None; visits_max as usize];
            for (begun, key) in (first..).zip(&keys) {
                prop_assert!(newest.insert(key_of(*key), begun));
                held[(begun % u64::from(visits_max)) as usize] = Some(*key);
                if begun == first {
                    reader = newest.clone();
                }
            }
            for key in 0..60 {
                let mut newest_first = keys.iter().enumerate().rev().take(visits_max as usize);
                let begun = newest_first.find(|(_, held)| **held == key).map(|(place, _)| first + place as u64);
                let slot = begun.map(|begun| (begun % u64::from(visits_max)) as u32);
                let is_its = |slot: u32| held[slot as usize] == Some(key);
                prop_assert_eq!(newest.find(key_of(key), is_its), slot);
                prop_assert_eq!(reader.find(key_of(key), is_its), slot, "one that was taken before sees it too");
            }
        }
    }

    #[test]
    fn names_that_fall_together_are_looked_at_so_far_and_no_further() {
        let mut newest = Newest::new(10_000);
        (0..1_000).for_each(|number| assert!(newest.insert(RingKey(number << 32), number)));
        let looked = std::cell::Cell::new(0);
        let found = newest.find(RingKey(999 << 32 | 1 << 31), |_| {
            looked.set(looked.get() + 1);
            false
        });
        assert!(found.is_none() && looked.get() <= LOOKS_MAX);
        assert_eq!(newest.find(RingKey(999 << 32), |_| true), Some(999));
        assert_eq!(newest.find(RingKey(1 << 32), |_| true), None, "it stands behind too many others");
    }
}
