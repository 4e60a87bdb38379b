//! Values that sleep: each is itself while it is worked on, and its packed bytes afterwards, so that memory follows what is being done and not
//! what there is.
//!
//! Nothing that is asked of a value tells whether it sleeps. Asking a sleeping one makes a copy of it, which takes microseconds; changing it
//! wakes it. Who was touched longest ago goes to sleep first. Bytes come from the value alone, so equal values have equal bytes, and a checkpoint
//! keeps them as they are: to read one back is to copy them.

use super::codec::{CodecError, first_packed, from_packed_bytes, to_packed_bytes};
use crate::stdx::table::Table;
use imbl::Vector;
use memchr::memmem::Finder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Values of a table that stay awake when nobody says otherwise: what a busy shop works on within some seconds, in a few megabytes.
pub const AWAKE_MAX: usize = 8_192;

/// What can sleep.
pub trait Sleeper: Clone + Serialize + DeserializeOwned {}

impl<T: Clone + Serialize + DeserializeOwned> Sleeper for T {}

/// A value that may sleep. Clones are cheap snapshots.
pub enum Dormant<T> {
    /// Itself.
    Awake(Arc<T>),
    /// Its packed bytes.
    Asleep(Arc<[u8]>),
}

impl<T> Clone for Dormant<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Awake(value) => Self::Awake(Arc::clone(value)),
            Self::Asleep(bytes) => Self::Asleep(Arc::clone(bytes)),
        }
    }
}

impl<T: Sleeper> Dormant<T> {
    /// The value.
    ///
    /// # Panics
    /// When its bytes are not of this kind: they were made here or stood in a checkpoint of this kind whose checksum holds.
    #[must_use]
    pub fn get(&self) -> Arc<T> {
        match self {
            Self::Awake(value) => Arc::clone(value),
            Self::Asleep(bytes) => Arc::new(woken(bytes)),
        }
    }

    /// The same, awake.
    ///
    /// # Panics
    /// As [`Dormant::get`].
    #[must_use]
    pub fn awake(&self) -> Self {
        Self::Awake(self.get())
    }

    /// The first field of the value, as `of` gives it of one that is awake.
    ///
    /// # Panics
    /// As [`Dormant::get`].
    pub fn first<F: DeserializeOwned>(&self, of: impl FnOnce(&T) -> F) -> F {
        match self {
            Self::Awake(value) => of(value),
            Self::Asleep(bytes) => first_packed(bytes).unwrap_or_else(|error| cannot_be_read(&error)),
        }
    }

    /// Changes the value, which is awake from then on; other clones keep theirs.
    ///
    /// # Panics
    /// As [`Dormant::get`].
    pub fn change<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        let mut value = match std::mem::replace(self, Self::Asleep(Arc::default())) {
            Self::Awake(value) => value,
            Self::Asleep(bytes) => Arc::new(woken(&bytes)),
        };
        let result = change(Arc::make_mut(&mut value));
        *self = Self::Awake(value);
        result
    }

    /// Whether a text may stand in it: for certain not when this says no.
    #[must_use]
    pub fn may_hold(&self, text: &Finder<'_>) -> bool {
        match self {
            Self::Awake(_) => true,
            Self::Asleep(bytes) => text.find(bytes).is_some(),
        }
    }

    /// Its bytes.
    ///
    /// # Panics
    /// When the value has no representation, which no type of the state lacks.
    #[must_use]
    pub fn bytes(&self) -> Arc<[u8]> {
        match self {
            Self::Awake(value) => {
                let bytes = to_packed_bytes(&**value);
                bytes.unwrap_or_else(|error| panic!("every type that sleeps has a representation: {error}")).into()
            }
            Self::Asleep(bytes) => Arc::clone(bytes),
        }
    }

    /// Lets it go to sleep.
    pub fn sleep(&mut self) {
        if let Self::Awake(_) = self {
            *self = Self::Asleep(self.bytes());
        }
    }
}

fn woken<T: Sleeper>(bytes: &[u8]) -> T {
    from_packed_bytes(bytes).unwrap_or_else(|error| cannot_be_read(&error))
}

fn cannot_be_read(error: &CodecError) -> ! {
    panic!("a value that sleeps is not of its kind: {error}")
}

/// Who is awake, by key, in the order in which they were touched; the keys of some stand there more than once.
#[derive(Clone)]
pub struct Wakeful<K> {
    keys: Vector<K>,
    awake_max: usize,
}

impl<K: Clone> Default for Wakeful<K> {
    fn default() -> Self {
        Self { keys: Vector::new(), awake_max: AWAKE_MAX }
    }
}

impl<K: Clone + PartialEq> Wakeful<K> {
    /// Lets no more than `awake_max` be awake, from the next touch on.
    pub fn limit(&mut self, awake_max: usize) {
        self.awake_max = awake_max;
    }

    /// Takes note of who is awake; gives who has to sleep now.
    pub fn touch(&mut self, key: K) -> Option<K> {
        if self.keys.back() == Some(&key) {
            return None;
        }
        self.keys.push_back(key);
        if self.keys.len() > self.awake_max { self.keys.pop_front() } else { None }
    }
}

/// A table of values that may sleep. Clones are cheap snapshots.
#[derive(Clone)]
pub struct Sleepers<K, T> {
    rows: Table<K, Dormant<T>>,
    wakeful: Wakeful<K>,
}

impl<K: Ord + Clone, T: Sleeper> Default for Sleepers<K, T> {
    fn default() -> Self {
        Self { rows: Table::new(), wakeful: Wakeful::default() }
    }
}

impl<K: Ord + Clone, T: Sleeper> Sleepers<K, T> {
    /// Lets no more than `awake_max` values be awake.
    pub fn limit(&mut self, awake_max: usize) {
        self.wakeful.limit(awake_max);
    }

    /// The same with every value awake, whatever the limit: for who reads each many times.
    #[must_use]
    pub fn awake(&self) -> Self {
        Self { rows: self.rows.iter().map(|(key, value)| (key.clone(), value.awake())).collect(), wakeful: self.wakeful.clone() }
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

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<Arc<T>> {
        self.rows.get(key).map(Dormant::get)
    }

    /// Whether `key` has a value.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.rows.contains(key)
    }

    /// The first field of the value of `key`, as `of` gives it of one that is awake.
    pub fn first<F: DeserializeOwned>(&self, key: &K, of: impl FnOnce(&T) -> F) -> Option<F> {
        self.rows.get(key).map(|value| value.first(of))
    }

    /// Sets the value of `key`.
    pub fn put(&mut self, key: K, value: Arc<T>) {
        self.rows.insert(key.clone(), Dormant::Awake(value));
        self.touch(key);
    }

    /// Sets the value of `key` to one that sleeps as `bytes`.
    ///
    /// # Errors
    /// Now and then, when they are not of this kind: looking at one in many finds a checkpoint of another kind.
    pub fn put_asleep(&mut self, key: K, bytes: &[u8]) -> Result<(), CodecError> {
        if self.rows.len().is_multiple_of(LOOKED_AT_ONE_IN) {
            from_packed_bytes::<T>(bytes)?;
        }
        self.rows.insert(key, Dormant::Asleep(Arc::from(bytes)));
        Ok(())
    }

    /// Changes the value of `key`, if it has one.
    pub fn change<R>(&mut self, key: &K, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let result = self.rows.get_mut(key)?.change(change);
        self.touch(key.clone());
        Some(result)
    }

    /// Takes the value of `key` out; whether there was one.
    pub fn remove(&mut self, key: &K) -> bool {
        self.rows.remove(key).is_some()
    }

    /// All values in key order, as they are.
    pub fn dormant(&self) -> impl Iterator<Item = (&K, &Dormant<T>)> {
        self.rows.iter()
    }

    /// All values in key order. Each that sleeps is copied as it is reached.
    pub fn iter(&self) -> impl Iterator<Item = (&K, Arc<T>)> {
        self.rows.iter().map(|(key, value)| (key, value.get()))
    }

    /// All values in key order, as bytes.
    pub fn bytes(&self) -> impl Iterator<Item = (&K, Arc<[u8]>)> {
        self.rows.iter().map(|(key, value)| (key, value.bytes()))
    }

    fn touch(&mut self, key: K) {
        // Who was touched twice comes up twice, and to reach for a row to change it copies the way to it.
        if let Some(tired) = self.wakeful.touch(key)
            && matches!(self.rows.get(&tired), Some(Dormant::Awake(_)))
            && let Some(value) = self.rows.get_mut(&tired)
        {
            value.sleep();
        }
    }
}

/// One in so many values of a checkpoint is read as it comes in.
pub const LOOKED_AT_ONE_IN: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    fn asleep<K: Ord + Clone, T>(table: &Sleepers<K, T>) -> usize {
        table.rows.iter().filter(|(_, value)| matches!(value, Dormant::Asleep(_))).count()
    }

    #[test]
    fn nothing_that_is_asked_tells_who_sleeps() {
        let fill = |awake_max| {
            let mut table: Sleepers<u32, (u8, String)> = Sleepers::default();
            table.limit(awake_max);
            (0..9).for_each(|key| table.put(key, Arc::new((key as u8, format!("value {key}")))));
            let before = table.clone();
            table.change(&2, |value| value.1.push('!'));
            assert!(table.remove(&5) && !table.remove(&5));
            assert_eq!(before.get(&2).as_deref(), Some(&(2, "value 2".to_owned())), "a snapshot does not see it");
            table
        };
        let values = |table: &Sleepers<u32, (u8, String)>| table.iter().map(|(key, value)| (*key, value)).collect::<Vec<_>>();
        let bytes = |table: &Sleepers<u32, (u8, String)>| table.bytes().map(|(key, bytes)| (*key, bytes)).collect::<Vec<_>>();
        let lively = fill(usize::MAX);
        assert_eq!(asleep(&lively), 0);
        for awake_max in [0, 1, 3] {
            let sleepy = fill(awake_max);
            assert!(asleep(&sleepy) >= lively.len() - awake_max, "at most {awake_max} are awake");
            assert_eq!((values(&sleepy), bytes(&sleepy)), (values(&lively), bytes(&lively)));
        }
    }

    #[test]
    fn what_slept_is_read_back_and_what_is_of_another_kind_refused() {
        let mut table: Sleepers<u32, (u8, String)> = Sleepers::default();
        table.put(1, Arc::new((7, "seven".to_owned())));
        let kept: Vec<(u32, Arc<[u8]>)> = table.bytes().map(|(key, bytes)| (*key, bytes)).collect();
        let mut again: Sleepers<u32, (u8, String)> = Sleepers::default();
        kept.iter().for_each(|(key, bytes)| again.put_asleep(*key, bytes).expect("is of this kind"));
        assert_eq!(again.get(&1), table.get(&1));
        assert_eq!(again.rows.get(&1).map(|value| value.first(|value| value.0)), Some(7));
        assert!(Sleepers::<u32, (u8, String)>::default().put_asleep(1, &[1]).is_err());
    }
}
