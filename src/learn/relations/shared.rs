//! What enough people had in common, so that what a single one did is not told to another (decision 0116).
//!
//! A pair that one history alone holds says what its owner did: whoever has the one product is told the other. So no row of a table names a
//! product that fewer histories than [`Options::support_min`](super::Options::support_min) hold beside its own. Factors have no pairs to leave
//! out, and a history that hardly anybody shares is a direction of its own to them; so they learn from histories that are cut into parts, each of
//! which hangs together by pairs that so many hold.

use super::{Places, distinct};
use crate::learn::formats::History;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

/// Who had what, to count who had both.
pub(super) struct Shared {
    sets: Vec<Vec<u32>>,
    places: Places,
    products_count: u32,
    support_min: u32,
}

impl Shared {
    /// Product numbers are below `products_count`. With a minimum of one every pair is shared by enough, and nothing is kept.
    pub(super) fn of(histories: &[History], products_count: u32, support_min: u32) -> Self {
        let counted = if support_min > 1 { histories } else { &[] };
        let sets: Vec<Vec<u32>> = counted.iter().map(|history| distinct(&history.products)).collect();
        let places = Places::of(sets.iter().map(Vec::as_slice), products_count);
        Self { sets, places, products_count, support_min }
    }

    /// Room to count in, of one thread.
    pub(super) fn support(&self) -> Support<'_> {
        let len = if self.support_min > 1 { self.products_count as usize } else { 0 };
        Support { shared: self, counts: vec![0; len], touched: Vec::new() }
    }

    /// The histories cut into parts of two products and more: within each any two are joined by a chain of pairs that enough histories hold.
    pub(super) fn parts(&self) -> Vec<History> {
        let starts: Vec<usize> = std::iter::once(0)
            .chain(self.sets.iter().scan(0, |end, set| {
                *end += set.len();
                Some(*end)
            }))
            .collect();
        let chains = Chains::of(starts.last().copied().unwrap_or(0));
        let join = |support: &mut Support<'_>, product: u32| {
            support.turn_to(product);
            for &(history, place) in self.places.of_product(product) {
                let (set, start) = (&self.sets[history as usize], starts[history as usize]);
                // Each pair is joined from its first product.
                let others = (place as usize + 1..set.len()).filter(|&other| support.has(set[other]));
                others.for_each(|other| chains.join(start + place as usize, start + other));
            }
        };
        (0..self.products_count).into_par_iter().with_min_len(256).for_each_init(|| self.support(), join);
        let parts_of = |(set, start): (&Vec<u32>, &usize)| {
            let mut parts: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
            set.iter().zip(*start..).for_each(|(&product, place)| parts.entry(chains.first_of(place)).or_default().push(product));
            parts.into_values().filter(|products| products.len() > 1).collect::<Vec<_>>()
        };
        let parts = self.sets.iter().zip(&starts).flat_map(parts_of);
        parts.map(|products| History { products, ..History::default() }).collect()
    }
}

/// How many histories hold each product beside the one that was turned to last.
pub(super) struct Support<'a> {
    shared: &'a Shared,
    counts: Vec<u32>,
    touched: Vec<u32>,
}

impl Support<'_> {
    /// Counts for another product.
    pub(super) fn turn_to(&mut self, product: u32) {
        if self.counts.is_empty() {
            return;
        }
        self.touched.drain(..).for_each(|other| self.counts[other as usize] = 0);
        for &(history, _) in self.shared.places.of_product(product) {
            for &other in &self.shared.sets[history as usize] {
                let count = &mut self.counts[other as usize];
                if *count == 0 {
                    self.touched.push(other);
                }
                *count += 1;
            }
        }
    }

    /// Whether enough histories hold both.
    #[inline]
    pub(super) fn has(&self, other: u32) -> bool {
        self.counts.get(other as usize).is_none_or(|count| *count >= self.shared.support_min)
    }
}

/// Places that hang together, joined by several threads at once: each points to one before it, the first of them to itself.
struct Chains(Vec<AtomicU32>);

impl Chains {
    fn of(places_count: usize) -> Self {
        Self((0..places_count as u32).map(AtomicU32::new).collect())
    }

    fn first_of(&self, place: usize) -> usize {
        let mut at = place;
        loop {
            let before = self.0[at].load(Relaxed) as usize;
            if before == at {
                return at;
            }
            // The way gets shorter for the next who comes along; if another thread was faster, it is short already.
            let first = self.0[before].load(Relaxed);
            let _ = self.0[at].compare_exchange(before as u32, first, Relaxed, Relaxed);
            at = before;
        }
    }

    fn join(&self, one: usize, other: usize) {
        loop {
            let (one, other) = (self.first_of(one), self.first_of(other));
            let (first, later) = (one.min(other), one.max(other));
            if first == later || self.0[later].compare_exchange(later as u32, first as u32, Relaxed, Relaxed).is_ok() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, Learnt, LowRank, Recipe, Voice};
    use super::*;
    use crate::id::Ordinal;
    use crate::model::relations::Scores;

    fn histories(lists: &[&[u32]]) -> Vec<History> {
        lists.iter().map(|products| History { products: products.to_vec(), ..History::default() }).collect()
    }

    /// Forty shoppers went through ten products, one alone looked at 12 and 11; whoever looked at 12 later was told 11 first.
    #[test]
    fn what_a_single_one_did_is_told_to_nobody() {
        let mut random = fastrand::Rng::with_seed(4);
        let mut lists: Vec<Vec<u32>> = (0..40).map(|_| (0..5).map(|_| random.u32(0..10)).collect()).collect();
        lists.push(vec![0, 12, 11, 3]);
        let told = |support_min: u32, lists: &[Vec<u32>]| -> Vec<&'static str> {
            let histories = histories(&lists.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let voices = [Kind::RIDGE, Kind::ORDER, Kind::WALK, Kind::EASE].map(Voice::Table);
            let voices = voices.into_iter().chain([Voice::Factors(LowRank { dims: 16 })]);
            let tells = |voice: &Voice| match voice.learn(&histories, 13, support_min, 1).expect("learns") {
                Learnt::Table(table) => table.related(Ordinal(12)).any(|(product, weight)| product == Ordinal(11) && weight > 0.0),
                Learnt::Factors(factors) => factors.score(&[Ordinal(12)], Ordinal(11)) > 1e-6,
            };
            voices.filter(tells).map(|voice| voice.name()).collect()
        };
        let all = ["ridge", "order", "walk", "ease", "low-rank"];
        assert_eq!(told(1, &lists), all, "one is enough where nobody minds");
        assert_eq!(told(2, &lists), [""; 0]);
        lists.push(vec![12, 5, 11]);
        assert_eq!(told(2, &lists), all, "two went there");
    }

    #[test]
    fn shoppers_who_share_nothing_are_told_nothing_by_tastes() {
        let lists: Vec<[u32; 2]> = (0..60).map(|shopper| [2 * shopper, 2 * shopper + 1]).collect();
        let histories = histories(&lists.iter().map(<[u32; 2]>::as_slice).collect::<Vec<_>>());
        let taste = Recipe::usual(120, 2, 1).train(&histories, 120).expect("trains");
        assert_eq!(taste.next(&[Ordinal(0)], 9, &mut Scores::default(), |_| true), []);
        assert_eq!(taste.relations().pairs_count(), 0);
    }

    #[test]
    fn a_history_is_cut_where_it_hangs_together_by_its_owner_alone() {
        let lists = histories(&[&[3, 0, 1, 2, 9], &[0, 1], &[2, 3], &[4, 0], &[5, 6], &[7, 6], &[6, 5, 7]]);
        let parts = Shared::of(&lists, 10, 2).parts();
        let parts: Vec<&[u32]> = parts.iter().map(|part| part.products.as_slice()).collect();
        // 5 and 7 were with nobody but the last one in both, yet each was with 6 in two.
        assert_eq!(parts, [&[0, 1][..], &[2, 3], &[0, 1], &[2, 3], &[5, 6], &[6, 7], &[5, 6, 7]]);
    }
}
