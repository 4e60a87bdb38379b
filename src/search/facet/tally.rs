//! Products by what they have in a field, from the field's dense column: one number a product is read and one counter moved.

use super::base::Part;
use crate::id::Ordinal;
use crate::search::columns::{Columns, Field, Profile, Profiles};
use crate::stdx::chunked::CHUNK_LEN;

/// Counters for each counted product up to which a table of them pays for itself.
const COUNTERS_A_PRODUCT_MAX: usize = 32;

/// Products by slot of [`crate::search::columns::Code`].
pub(super) struct Tally<'a> {
    profiles: &'a Profiles,
    places_count: usize,
    counts: Vec<u32>,
    /// Products whose rows have to be looked at.
    pub(super) looks: Vec<Ordinal>,
}

impl<'a> Tally<'a> {
    /// Counts the products; none where the field has no column, or the rows of so few products cost less.
    pub(super) fn of(field: &'a Field, part: &Part, columns: &Columns) -> Option<Self> {
        let profiles = field.profiles.as_ref().filter(|profiles| profiles.is_of_use(field.present.len()))?;
        let places_count = field.terms.len();
        let counters_count = places_count + profiles.profiles_count() + 2;
        if counters_count / COUNTERS_A_PRODUCT_MAX > part.ordinals.len() {
            return None;
        }
        let left_out = columns.live().len() - part.products.len();
        let is_rest_smaller = left_out < part.products.len() && counters_count < part.ordinals.len();
        let mut tally = Self { profiles, places_count, counts: Vec::new(), looks: Vec::new() };
        if is_rest_smaller {
            // What is not counted is less than what is: from the totals of the whole shop it is taken away.
            tally.counts = profiles.totals(places_count);
            for ordinal in (columns.live() - &part.products).iter() {
                let slot = profiles.codes().at(ordinal as usize).slot(places_count);
                tally.counts[slot] = tally.counts[slot].wrapping_sub(1);
            }
        } else {
            tally.counts = vec![0; counters_count];
            tally.add(&part.ordinals);
        }
        if is_rest_smaller || tally.counts[0] > 0 {
            tally.look(field, part);
        }
        Some(tally)
    }

    fn add(&mut self, ordinals: &[u32]) {
        let codes = self.profiles.codes();
        for run in ordinals.chunk_by(|a, b| *a as usize / CHUNK_LEN == *b as usize / CHUNK_LEN) {
            let Some(chunk) = run.first().and_then(|first| codes.chunk(*first as usize / CHUNK_LEN)) else { continue };
            for ordinal in run {
                let slot = chunk[*ordinal as usize % CHUNK_LEN].slot(self.places_count);
                self.counts[slot] += 1;
            }
        }
    }

    fn look(&mut self, field: &Field, part: &Part) {
        if self.profiles.looks_count() == 0 {
            return;
        }
        let present = &*field.present & &part.products;
        let codes = self.profiles.codes();
        self.looks = present.iter().filter(|ordinal| codes.at(*ordinal as usize).slot(0) == 0).map(Ordinal).collect();
    }

    /// Products by place of their one keyword.
    pub(super) fn places(&self) -> &[u32] {
        &self.counts[2..2 + self.places_count]
    }

    /// Each profile that some product has, and how many have it.
    pub(super) fn profiles(&self) -> impl Iterator<Item = (&Profile, u32)> {
        let counts = self.counts[2 + self.places_count..].iter().enumerate();
        counts.filter(|(_, count)| **count > 0).map(|(number, count)| (self.profiles.profile(number), *count))
    }
}
