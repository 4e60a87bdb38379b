//! Values that may sleep, found by the digests of their names.
//!
//! A name's digest lies anywhere, and what is worked on is what came lately. So values lie in the order in which they came, where a writer touches
//! one end and copies little of what its readers hold, and digests lead to their places.

use super::codec::CodecError;
use super::dormant::{Dormant, Sleeper, Sleepers};
use crate::id::NameDigest;
use crate::stdx::hints::Hints;
use crate::stdx::table::filling;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Bytes of a name's digest, with which the bytes of a row begin.
const NAME_BYTES: usize = 16;

/// A value and the name that it is found by.
#[derive(Clone, Serialize, Deserialize)]
struct Row<T> {
    /// It stands first, to be read alone.
    name: NameDigest,
    value: Arc<T>,
}

/// Values by the digests of their names. Clones are cheap snapshots. In which order they came is nobody's business: lists go by name.
#[derive(Clone)]
pub struct Roll<T> {
    rows: Sleepers<u32, Row<T>>,
    names: Hints,
    next: u32,
}

impl<T: Sleeper> Default for Roll<T> {
    fn default() -> Self {
        Self { rows: Sleepers::default(), names: Hints::default(), next: 0 }
    }
}

impl<T: Sleeper> Roll<T> {
    /// Lets no more than `awake_max` values be awake.
    pub fn limit(&mut self, awake_max: usize) {
        self.rows.limit(awake_max);
    }

    /// The same with every value awake, whatever the limit: for who reads each many times.
    #[must_use]
    pub fn awake(&self) -> Self {
        Self { rows: self.rows.awake(), names: self.names.clone(), next: self.next }
    }

    /// Values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn place_of(&self, name: &NameDigest) -> Option<u32> {
        self.names.of(name.hint()).find(|place| self.rows.first(place, |row| row.name) == Some(*name))
    }

    /// The value of `name`.
    #[must_use]
    pub fn get(&self, name: &NameDigest) -> Option<Arc<T>> {
        self.place_of(name).and_then(|place| self.rows.get(&place)).map(|row| Arc::clone(&row.value))
    }

    /// Sets the value of `name`.
    pub fn put(&mut self, name: NameDigest, value: Arc<T>) {
        let place = self.place_of(&name).unwrap_or_else(|| self.new_place(name));
        self.rows.put(place, Arc::new(Row { name, value }));
    }

    /// Values that sleep, each name's as its bytes; no name stands there twice.
    ///
    /// # Errors
    /// Now and then, when they are not of this kind.
    pub fn asleep(values: &[(NameDigest, &[u8])]) -> Result<Self, CodecError> {
        let places = 0..u32::try_from(values.len()).unwrap_or_else(|_| panic!("names have fewer than four billion places"));
        let names = values.iter().zip(places.clone()).map(|((name, _), place)| (name.hint(), place)).collect();
        let mut roll = Self { rows: Sleepers::default(), names, next: places.end };
        let mut row = Vec::new();
        for ((name, bytes), place) in filling(values.iter().zip(places).collect()) {
            row.clear();
            row.extend_from_slice(&name.0);
            row.extend_from_slice(bytes);
            roll.rows.put_asleep(place, &row)?;
        }
        Ok(roll)
    }

    /// Changes the value of `name`, if it has one.
    pub fn change<R>(&mut self, name: &NameDigest, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let place = self.place_of(name)?;
        self.rows.change(&place, |row| change(Arc::make_mut(&mut row.value)))
    }

    /// Takes the value of `name` out; whether there was one.
    pub fn remove(&mut self, name: &NameDigest) -> bool {
        let Some(place) = self.place_of(name) else { return false };
        self.names.remove(name.hint(), place);
        self.rows.remove(&place)
    }

    /// All values in order of name. Each that sleeps is copied as it is reached.
    pub fn iter(&self) -> impl Iterator<Item = (NameDigest, Arc<T>)> {
        self.sorted().into_iter().map(|(name, row)| (name, Arc::clone(&row.get().value)))
    }

    /// Gives all values in order of name, as bytes, until one is refused.
    ///
    /// # Errors
    /// What it was refused with.
    pub fn try_each_bytes<E>(&self, mut each: impl FnMut(NameDigest, &[u8]) -> Result<(), E>) -> Result<(), E> {
        self.sorted().into_iter().try_for_each(|(name, row)| each(name, &row.bytes()[NAME_BYTES..]))
    }

    fn sorted(&self) -> Vec<(NameDigest, &Dormant<Row<T>>)> {
        let mut rows: Vec<(NameDigest, &Dormant<Row<T>>)> = self.rows.dormant().map(|(_, row)| (row.first(|row| row.name), row)).collect();
        rows.sort_unstable_by_key(|(name, _)| *name);
        rows
    }

    /// The place of what comes next: those of values that have gone are used again when all others were, which takes four billion of them.
    fn new_place(&mut self, name: NameDigest) -> u32 {
        while self.rows.contains(&self.next) {
            self.next = self.next.wrapping_add(1);
        }
        let place = self.next;
        self.next = place.wrapping_add(1);
        self.names.insert(name.hint(), place);
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::codec::to_packed_bytes;

    fn name(text: &str) -> NameDigest {
        NameDigest::of(text)
    }

    fn bytes(roll: &Roll<String>) -> Vec<(NameDigest, Vec<u8>)> {
        let mut all = Vec::new();
        let each = roll.try_each_bytes(|name, bytes| {
            all.push((name, bytes.to_vec()));
            Ok::<(), ()>(())
        });
        assert_eq!(each, Ok(()));
        all
    }

    #[test]
    fn values_are_found_by_name_changed_and_taken_out() {
        for awake_max in [0, 2, usize::MAX] {
            let mut roll: Roll<String> = Roll::default();
            roll.limit(awake_max);
            (0..9).for_each(|number| roll.put(name(&number.to_string()), Arc::new(format!("value {number}"))));
            let before = roll.clone();
            roll.put(name("3"), Arc::new("another".to_owned()));
            assert_eq!(roll.change(&name("4"), |value| value.push('!')), Some(()));
            assert_eq!(roll.change(&name("nobody"), |value| value.push('!')), None);
            assert_eq!([roll.remove(&name("5")), roll.remove(&name("5"))], [true, false]);
            let found = |roll: &Roll<String>, of: &str| roll.get(&name(of)).map(|value| (*value).clone());
            assert_eq!(
                ["3", "4", "5", "6"].map(|of| found(&roll, of)),
                ["another", "value 4!", "", "value 6"].map(|text| Some(text.to_owned()).filter(|text| !text.is_empty()))
            );
            assert_eq!((roll.len(), before.len(), found(&before, "4")), (8, 9, Some("value 4".to_owned())), "a snapshot does not see it");
        }
    }

    #[test]
    fn lists_go_by_name_whatever_came_first_and_bytes_come_back() {
        let fill = |order: &[u32]| {
            let mut roll: Roll<String> = Roll::default();
            roll.limit(1);
            order.iter().for_each(|number| roll.put(name(&number.to_string()), Arc::new(number.to_string())));
            roll
        };
        let (roll, other) = (fill(&[1, 2, 3, 4]), fill(&[4, 2, 1, 3]));
        let kept = bytes(&roll);
        assert_eq!((&kept, kept.is_sorted()), (&bytes(&other), true));
        assert_eq!(kept[0].1, to_packed_bytes(&*roll.get(&kept[0].0).expect("is there")).expect("has bytes"));
        let asleep: Vec<(NameDigest, &[u8])> = kept.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        let mut again: Roll<String> = Roll::asleep(&asleep).expect("is of this kind");
        assert_eq!((bytes(&again), again.iter().collect::<Vec<_>>()), (kept.clone(), roll.iter().collect()));
        again.put(name("5"), Arc::new("5".to_owned()));
        assert_eq!((again.len(), (1..=5).all(|number: u8| again.get(&name(&number.to_string())).is_some())), (5, true));
        assert!(Roll::<String>::asleep(&[(name("1"), &[9])]).is_err());
    }

    #[test]
    fn a_place_that_is_taken_is_not_given_again() {
        let mut roll: Roll<u8> = Roll::default();
        roll.put(name("old"), Arc::new(1));
        roll.next = u32::MAX;
        roll.put(name("last"), Arc::new(2));
        roll.put(name("first again"), Arc::new(3));
        assert_eq!(["old", "last", "first again"].map(|of| roll.get(&name(of)).map(|value| *value)), [Some(1), Some(2), Some(3)]);
    }
}
