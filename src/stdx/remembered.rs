//! What costs more to find than to keep, remembered within a bounded memory.
//!
//! Nobody waits: where two threads meet at the same part, the second one finds for itself. What is asked for again is kept, what is not goes: where
//! there is no room in a part, some of what nobody asked for since it became old are dropped. When all that was old is gone or young again and the room
//! is nearly full, the young become the old, and whoever is asked for before room is needed is young again. So all of the room is used, and what fits
//! into it stays. While the process is above its budget of memory ([`resident`]), half of the room is.

use super::resident;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::mem;
use std::sync::{Arc, Mutex};

/// Parts with a lock each, so that threads rarely meet.
const PARTS: usize = 32;
/// What a key and its place weigh beside what is kept.
const PLACE_WEIGHT: usize = 64;
/// So much of a part is cleared at once, since it means going through what is old.
const CLEARED_PART: usize = 8;

/// Something that takes room, in a unit of its own: lists in elements, others in bytes.
pub trait Weight {
    /// How much.
    fn weight(&self) -> usize;
}

impl<T> Weight for [T] {
    fn weight(&self) -> usize {
        self.len()
    }
}

/// Values by key. A list never changes: who remembers promises that it would be found again as it was.
pub struct Remembered<K, V: ?Sized> {
    parts: Box<[Mutex<Part<K, V>>]>,
    /// What a part may weigh.
    room: usize,
    hasher: RandomState,
}

struct Part<K, V: ?Sized> {
    young: HashMap<K, Arc<V>>,
    old: HashMap<K, Arc<V>>,
    /// Of both.
    weight: usize,
}

impl<K, V: ?Sized> Default for Part<K, V> {
    fn default() -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), weight: 0 }
    }
}

impl<K: Hash + Eq, V: Weight + ?Sized> Remembered<K, V> {
    /// Room for what weighs `weight` in all; what weighs more than a sixty-fourth of that is not remembered.
    #[must_use]
    pub fn with_room(weight: usize) -> Self {
        Self { parts: (0..PARTS).map(|_| Mutex::default()).collect(), room: weight / PARTS, hasher: RandomState::new() }
    }

    /// The heaviest value that is remembered.
    #[must_use]
    pub fn weight_max(&self) -> usize {
        (self.room / 2).saturating_sub(PLACE_WEIGHT)
    }

    fn part<Q: Hash + ?Sized>(&self, key: &Q) -> &Mutex<Part<K, V>> {
        &self.parts[self.hasher.hash_one(key) as usize % PARTS]
    }

    /// The value of a key, if it is remembered and nobody else is looking.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        let mut part = self.part(key).try_lock().ok()?;
        if let Some(value) = part.young.get(key) {
            return Some(Arc::clone(value));
        }
        let (key, value) = part.old.remove_entry(key)?;
        part.young.insert(key, Arc::clone(&value));
        Some(value)
    }

    /// Remembers the value of a key in place of what it was, unless it is too heavy or somebody else is looking.
    pub fn put(&self, key: K, value: Arc<V>) {
        if value.weight() <= self.weight_max()
            && let Ok(mut part) = self.part(&key).try_lock()
        {
            part.put(key, value, if resident::is_tight() { self.room / 2 } else { self.room });
        }
    }
}

impl<K: Hash + Eq, T> Remembered<K, [T]> {
    /// The list of a key, found by `find` unless it is remembered.
    pub fn of(&self, key: K, find: impl FnOnce() -> Vec<T>) -> Arc<[T]> {
        self.get(&key).unwrap_or_else(|| {
            let list: Arc<[T]> = find().into();
            self.put(key, Arc::clone(&list));
            list
        })
    }
}

impl<K: Hash + Eq, V: Weight + ?Sized> Part<K, V> {
    fn put(&mut self, key: K, value: Arc<V>, room: usize) {
        let before = self.young.remove(&key).or_else(|| self.old.remove(&key));
        self.weight -= before.map_or(0, |before| with_place(&before));
        let weight = with_place(&value);
        while self.weight + weight > room {
            self.clear((self.weight + weight - room).max(room / CLEARED_PART));
        }
        self.weight += weight;
        self.young.insert(key, value);
        if self.old.is_empty() && self.weight > room - room / CLEARED_PART {
            self.old = mem::take(&mut self.young);
        }
    }

    /// Drops what is old until so much is gone or nothing is old.
    fn clear(&mut self, enough: usize) {
        if self.old.is_empty() {
            self.old = mem::take(&mut self.young);
        }
        let mut gone = 0;
        self.old.retain(|_, value| {
            let stays = gone >= enough;
            gone += if stays { 0 } else { with_place(value) };
            stays
        });
        self.weight -= gone;
    }
}

fn with_place<V: Weight + ?Sized>(value: &Arc<V>) -> usize {
    value.weight() + PLACE_WEIGHT
}

impl<K, V: ?Sized> fmt::Debug for Remembered<K, V> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Remembered")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(remembered: &Remembered<u32, [u8]>) -> usize {
        let lists = |part: &Mutex<Part<u32, [u8]>>| {
            let part = part.lock().expect("no thread died");
            part.young.values().chain(part.old.values()).map(|list| list.len() + PLACE_WEIGHT).sum::<usize>()
        };
        remembered.parts.iter().map(lists).sum()
    }

    #[test]
    fn lists_are_found_once_and_the_memory_is_bounded() {
        let room = 64 * 200;
        let remembered = Remembered::with_room(room);
        assert_eq!(*remembered.of(1, || vec![5]), [5]);
        assert_eq!(*remembered.of(1, || vec![7]), [5]);
        for key in 0..10_000 {
            remembered.of(key, || vec![0; key as usize % 50]);
            assert!(weight(&remembered) <= room);
        }
    }

    #[test]
    fn what_is_put_again_takes_the_place_of_what_it_was() {
        let remembered: Remembered<u32, [u8]> = Remembered::with_room(64 * 200);
        for length in 0..1_000_u32 {
            remembered.put(7, vec![1; length as usize % 90].into());
            assert_eq!(remembered.get(&7).map(|list| list.len()), Some(length as usize % 90));
            assert!(remembered.get(&8).is_none());
        }
        let part = remembered.part(&7).lock().expect("no thread died");
        assert!(part.old.is_empty() && part.weight == 999 % 90 + PLACE_WEIGHT);
    }

    #[test]
    fn what_is_asked_for_again_stays_and_what_is_not_goes() {
        let remembered: Remembered<u32, [u8]> = Remembered::with_room(64 * 200);
        (0..10_000).for_each(|key| {
            remembered.put(key, vec![1; 10].into());
            assert!(key == 0 || remembered.get(&0).is_some());
        });
        assert!(remembered.get(&1).is_none() && remembered.get(&9_999).is_some());
    }

    /// As queries are asked: in no order, each again and again.
    #[test]
    fn what_fits_into_the_room_is_found_once() {
        let weight = 10 + PLACE_WEIGHT;
        // Parts are filled unevenly, so the fullest of them decides.
        let remembered: Remembered<u32, [u8]> = Remembered::with_room(PARTS * weight * 40);
        let mut found_count = 0;
        for step in 0..20_000_u32 {
            remembered.of(step.wrapping_mul(2_654_435_761) >> 7 & 511, || {
                found_count += 1;
                vec![1; 10]
            });
        }
        assert_eq!(found_count, 512);
    }

    #[test]
    fn a_list_that_would_drive_out_the_others_is_not_remembered() {
        let remembered: Remembered<u32, [u8]> = Remembered::with_room(64 * 200);
        remembered.put(1, vec![0; remembered.weight_max()].into());
        remembered.put(2, vec![0; remembered.weight_max() + 1].into());
        assert!(remembered.get(&1).is_some() && remembered.get(&2).is_none());
    }

    #[test]
    fn who_meets_another_thread_finds_for_itself() {
        let remembered: Remembered<u32, [u8]> = Remembered::with_room(64 * 200);
        remembered.put(1, vec![5].into());
        let held = remembered.part(&1).lock().expect("no thread died");
        assert_eq!(*remembered.of(1, || vec![7]), [7]);
        drop(held);
        assert_eq!(*remembered.of(1, || vec![7]), [5]);
    }
}
