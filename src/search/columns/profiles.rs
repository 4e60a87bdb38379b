//! What each product has in a field, as one number: counting many products of a field is then one pass over a dense column, however many
//! values a product has.
//!
//! A product with one keyword has the keyword's place in the field's list of values. What several keywords, numbers, or a category's path
//! with everything above it come to is a *profile*; equal profiles are kept once and have a number each. Shops have few of them: the sizes
//! that a shoe comes in, the shelf that it stands on. Where there are too many, the column says that the row has to be looked at.

use super::codes::{Code, Codes, Decoded};
use super::dictionary::{Dictionary, FieldId};
use super::packing::{self, Lists, Written};
use super::row::Row;
use crate::id::Ordinal;
use crate::stdx::chunked::Chunked;
use crate::stdx::packed::{PackedReader, PackedWriter};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Most profiles of one field: more of them say that products hardly share any, and counting profiles would cost what rows cost.
const PROFILES_MAX: usize = 32_768;
/// Most profiles of a field with numbers, for the same reason; weights and lengths have a dense column of numbers instead.
const NUMBER_PROFILES_MAX: usize = 4_096;
/// The column is of use while at most one product in so many has to be looked at.
const LOOKS_SHARE: u64 = 8;
/// Keywords and numbers of a product in one field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    /// Places of the keywords in the field's list of values, ascending.
    pub places: Box<[u32]>,
    /// The numbers, ascending.
    pub numbers: Box<[f64]>,
}

impl Profile {
    fn of(row: Row<'_>, field: FieldId, dictionary: &Dictionary) -> Self {
        let mut places: Vec<u32> = row.all().keywords_of(field).map(|term| dictionary.place(term)).collect();
        places.sort_unstable();
        places.dedup();
        let mut numbers: Vec<f64> = row.all().numbers_of(field).collect();
        numbers.sort_unstable_by(f64::total_cmp);
        numbers.dedup();
        Self { places: places.into(), numbers: numbers.into() }
    }

    fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.places.hash(&mut hasher);
        self.numbers.iter().for_each(|number| number.to_bits().hash(&mut hasher));
        hasher.finish()
    }
}

/// The dense column of one field.
#[derive(Debug, Clone)]
pub struct Profiles {
    codes: Codes,
    profiles: Chunked<Arc<Profile>>,
    by_hash: Arc<HashMap<u64, u32>>,
    looks_count: u64,
    /// Products by place, and by profile.
    place_counts: Chunked<u32>,
    profile_counts: Chunked<u32>,
}

impl Profiles {
    pub(super) fn new() -> Self {
        Self {
            codes: Codes::new(),
            profiles: Chunked::new(Arc::default()),
            by_hash: Arc::default(),
            looks_count: 0,
            place_counts: Chunked::new(0),
            profile_counts: Chunked::new(0),
        }
    }

    /// Takes in what a product has; what it had before is forgotten.
    pub(super) fn set(&mut self, ordinal: Ordinal, row: Row<'_>, field: FieldId, dictionary: &Dictionary) {
        self.enter(ordinal, Profile::of(row, field, dictionary));
    }

    /// Enters a product's profile, in place of what it had before.
    pub(super) fn enter(&mut self, ordinal: Ordinal, profile: Profile) {
        self.clear(ordinal);
        let code = match (&*profile.places, &*profile.numbers) {
            ([], []) => return,
            ([place], []) => Code::of_place(*place),
            _ => self.intern(profile),
        };
        match code.decode() {
            Decoded::Nothing => {}
            Decoded::Look => self.looks_count += 1,
            Decoded::Place(place) => *self.place_counts.at_mut(place) += 1,
            Decoded::Profile(number) => *self.profile_counts.at_mut(number) += 1,
        }
        self.codes.set(ordinal, code);
    }

    pub(super) fn clear(&mut self, ordinal: Ordinal) {
        match self.codes.at(ordinal).decode() {
            Decoded::Nothing => return,
            Decoded::Look => self.looks_count -= 1,
            Decoded::Place(place) => *self.place_counts.at_mut(place) -= 1,
            Decoded::Profile(number) => *self.profile_counts.at_mut(number) -= 1,
        }
        self.codes.set(ordinal, Code::NONE);
    }

    fn intern(&mut self, profile: Profile) -> Code {
        let hash = profile.hash();
        if let Some(&known) = self.by_hash.get(&hash) {
            let is_same = **self.profiles.at(known as usize) == profile;
            return if is_same { Code::of_profile(known) } else { Code::LOOK };
        }
        let number = self.profiles.len();
        if number >= if profile.numbers.is_empty() { PROFILES_MAX } else { NUMBER_PROFILES_MAX } {
            return Code::LOOK;
        }
        *self.profiles.at_mut(number) = Arc::new(profile);
        Arc::make_mut(&mut self.by_hash).insert(hash, number as u32);
        Code::of_profile(number as u32)
    }

    /// Writes codes and profiles; what is counted and looked up follows from them.
    pub(super) fn pack(&self, out: &mut PackedWriter<'_>) -> Written {
        self.codes.pack(out)?;
        let (mut places, mut numbers) = (Lists::default(), Lists::default());
        for profile in self.profiles.iter() {
            places.add(&profile.places);
            numbers.add(&profile.numbers);
        }
        places.put(out)?;
        numbers.put(out)
    }

    /// Reads what [`Profiles::pack`] wrote, of a field with `places_count` values.
    pub(super) fn unpack(from: &mut PackedReader<'_>, places_count: usize) -> Option<Self> {
        let codes = Codes::unpack(from)?;
        let (places, numbers) = (packing::lists::<u32>(from)?, packing::lists::<f64>(from)?);
        let mut profiles = Self { codes, ..Self::new() };
        let mut by_hash = HashMap::with_capacity(places.len());
        for (number, (places, numbers)) in places.iter().zip(&numbers).enumerate() {
            let profile = Profile { places: (*places).into(), numbers: (*numbers).into() };
            by_hash.insert(profile.hash(), number as u32);
            *profiles.profiles.at_mut(number) = Arc::new(profile);
        }
        profiles.by_hash = Arc::new(by_hash);
        let last = profiles.slots_count(places_count) - 1;
        let mut counts = vec![0_u32; last + 1];
        profiles.codes.each(|code| counts[code.slot(places_count).min(last)] += 1);
        let (counted_places, counted_profiles) = counts[1..].split_at(places_count);
        profiles.looks_count = u64::from(counts[last]);
        let filled = |counts: &[u32]| Chunked::from_elements(counts.iter().copied(), 0);
        profiles.place_counts = filled(counted_places);
        profiles.profile_counts = filled(&counted_profiles[..places.len()]);
        Some(profiles)
    }

    /// Codes by ordinal.
    #[must_use]
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// Products by [`Code::slot`] over the whole shop; what has nothing is left out, and the last is what is looked at.
    #[must_use]
    pub fn totals(&self, places_count: usize) -> Vec<u32> {
        let mut totals = vec![0; self.slots_count(places_count)];
        let (places, profiles) = totals[1..].split_at_mut(places_count);
        self.place_counts.copy_to(places);
        self.profile_counts.copy_to(profiles);
        if let Some(last) = totals.last_mut() {
            *last = self.looks_count as u32;
        }
        totals
    }

    /// How many slots a table has: one for nothing, one for each place and each profile, one for what is looked at.
    #[must_use]
    pub fn slots_count(&self, places_count: usize) -> usize {
        places_count + self.profiles.len() + 2
    }

    /// How many profiles there are.
    #[must_use]
    pub fn profiles_count(&self) -> usize {
        self.profiles.len()
    }

    /// A profile by its number.
    #[must_use]
    pub fn profile(&self, number: usize) -> &Profile {
        self.profiles.at(number)
    }

    /// Products whose rows have to be looked at.
    #[must_use]
    pub fn looks_count(&self) -> u64 {
        self.looks_count
    }

    /// Whether few enough of `present_count` products have to be looked at.
    #[must_use]
    pub fn is_of_use(&self, present_count: u64) -> bool {
        self.looks_count * LOOKS_SHARE <= present_count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_profiles_are_one_and_what_has_no_room_is_looked_at() {
        let mut profiles = Profiles::new();
        let profile = |number: f64| Profile { places: Box::default(), numbers: Box::new([number, number + 0.5]) };
        let codes: Vec<Code> = (0..NUMBER_PROFILES_MAX).map(|number| profiles.intern(profile(number as f64))).collect();
        assert_eq!(profiles.intern(profile(3.0)), codes[3]);
        assert_eq!(profiles.intern(profile(-1.0)), Code::LOOK);
        assert_eq!(profiles.profiles_count(), NUMBER_PROFILES_MAX);
        assert_eq!(*profiles.profile(3), profile(3.0));
    }
}
