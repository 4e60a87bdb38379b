//! Products by what they have in a field, from the field's dense column: one number a product is read and counted.

use super::base::Part;
use super::keywords::{Counts, occurring, summed};
use crate::id::Ordinal;
use crate::search::columns::{Ascending, Columns, Decoded, Profile, Profiles};
use roaring::RoaringBitmap;

/// So many times fewer things to count than there are counters, and they are sorted: clearing and reading a table would cost more.
const SORTED_SHARE: usize = 32;

/// Products by slot of [`crate::search::columns::Code`].
pub(super) struct Tally<'a> {
    profiles: &'a Profiles,
    places_count: usize,
    /// Slots from the first place on, ascending, with how many products have each.
    hits: Vec<(u32, u32)>,
    /// Products whose rows have to be looked at.
    pub(super) looks: Vec<Ordinal>,
}

/// Where the slots of places begin, after that of products that have nothing.
const PLACES_SLOT: u32 = 1;

impl<'a> Tally<'a> {
    /// Counts the products of `part` by what a column with `places_count` places says of them. All that have something are in `present`.
    pub(super) fn of(profiles: &'a Profiles, places_count: usize, present: &RoaringBitmap, part: &Part<'_>, columns: &Columns) -> Self {
        let slots_count = profiles.slots_count(places_count);
        let slots = |products: &Ascending| profiles.codes().slots(products, places_count, slots_count);
        let products_count = part.products().len() as usize;
        let left_out = columns.live().len() as usize - products_count;
        let mut hits = if left_out < products_count && slots_count < products_count {
            // What is not counted is less than what is: from the totals of the whole shop it is taken away.
            let mut counts = profiles.totals(places_count);
            let others: Ascending = if left_out > 0 { Ascending::from(&(columns.live() - part.products())) } else { Ascending::default() };
            slots(&others).iter().for_each(|slot| counts[*slot as usize] = counts[*slot as usize].wrapping_sub(1));
            occurring(&counts)
        } else {
            let slots = slots(part.ascending());
            if products_count * SORTED_SHARE < slots_count { runs(slots) } else { occurring(&table(&slots, slots_count)) }
        };
        let needs_look = hits.pop_if(|(slot, _)| *slot as usize == slots_count - 1).is_some();
        hits.drain(..hits.partition_point(|(slot, _)| *slot < PLACES_SLOT));
        let looks = if needs_look { looked_at(profiles, present, part) } else { Vec::new() };
        Self { profiles, places_count, hits, looks }
    }

    fn profiles_slot(&self) -> u32 {
        self.places_count as u32 + PLACES_SLOT
    }

    /// Places of keywords that some product has as its only one, ascending, and how many have it.
    pub(super) fn places(&self) -> impl Iterator<Item = (u32, u32)> {
        let end = self.profiles_slot();
        self.hits.iter().take_while(move |(slot, _)| *slot < end).map(|(slot, count)| (slot - PLACES_SLOT, *count))
    }

    /// Each profile that some product has, and how many have it.
    pub(super) fn profiles(&self) -> impl Iterator<Item = (&Profile, u32)> {
        let first = self.profiles_slot();
        let hits = &self.hits[self.hits.partition_point(|(slot, _)| *slot < first)..];
        hits.iter().map(move |(slot, count)| (self.profiles.profile((slot - first) as usize), *count))
    }

    /// Products by place of any of their keywords, ascending; without those that have to be looked at.
    pub(super) fn by_place(&self) -> Counts {
        let unfolded = self.profiles().flat_map(|(profile, count)| profile.places.iter().map(move |place| (*place, count)));
        let mut pairs: Counts = unfolded.collect();
        if pairs.is_empty() {
            return self.places().collect();
        }
        pairs.extend(self.places());
        if pairs.len() * SORTED_SHARE < self.places_count {
            return summed(pairs);
        }
        let mut counts = vec![0; self.places_count];
        pairs.iter().for_each(|(place, count)| counts[*place as usize] += count);
        occurring(&counts)
    }
}

/// How often each slot stands there, by slot.
fn table(slots: &[u32], slots_count: usize) -> Vec<u32> {
    let mut counts = vec![0; slots_count];
    slots.iter().for_each(|slot| counts[*slot as usize] += 1);
    counts
}

fn looked_at(profiles: &Profiles, present: &RoaringBitmap, part: &Part<'_>) -> Vec<Ordinal> {
    let present = present & part.products();
    present.iter().map(Ordinal).filter(|ordinal| profiles.codes().at(*ordinal).decode() == Decoded::Look).collect()
}

/// Each slot once, ascending, with how often it stands there.
fn runs(mut slots: Vec<u32>) -> Vec<(u32, u32)> {
    slots.sort_unstable();
    slots.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_table_and_a_sort_count_alike(slots in prop::collection::vec(0_u32..100, 0..60)) {
            prop_assert_eq!(occurring(&table(&slots, 100)), runs(slots));
        }
    }
}
