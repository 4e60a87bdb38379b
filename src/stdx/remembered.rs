//! Lists that cost more to find than to keep, remembered within a bounded memory.
//!
//! Nobody waits: where two threads meet at the same part, the second one finds for itself. What is asked for again is kept, what is not goes:
//! each part has a young and an old half; a full young half becomes the old one, whose lists are dropped unless somebody asked for them.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::mem;
use std::sync::{Arc, Mutex};

/// Parts with a lock each, so that threads rarely meet.
const PARTS: usize = 32;
/// What a key and a list weigh beside their elements.
const LIST_WEIGHT: usize = 64;

/// Lists of `T` by key. A list never changes: who remembers promises that it would be found again as it was.
pub struct Remembered<K, T> {
    parts: Box<[Mutex<Part<K, T>>]>,
    /// Elements of a half of a part.
    half: usize,
    hasher: RandomState,
}

struct Part<K, T> {
    young: HashMap<K, Arc<[T]>>,
    young_weight: usize,
    old: HashMap<K, Arc<[T]>>,
}

impl<K, T> Default for Part<K, T> {
    fn default() -> Self {
        Self { young: HashMap::new(), young_weight: 0, old: HashMap::new() }
    }
}

impl<K: Hash + Eq, T> Remembered<K, T> {
    /// Room for lists of `elements` in all; a list of more than a sixty-fourth of that is not remembered.
    #[must_use]
    pub fn with_room(elements: usize) -> Self {
        Self { parts: (0..PARTS).map(|_| Mutex::default()).collect(), half: elements / PARTS / 2, hasher: RandomState::new() }
    }

    /// The longest list that is remembered.
    #[must_use]
    pub fn len_max(&self) -> usize {
        self.half.saturating_sub(LIST_WEIGHT)
    }

    fn part<Q: Hash + ?Sized>(&self, key: &Q) -> &Mutex<Part<K, T>> {
        &self.parts[self.hasher.hash_one(key) as usize % PARTS]
    }

    /// The list of a key, if it is remembered and nobody else is looking.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<[T]>>
    where
        K: Borrow<Q>,
    {
        let mut part = self.part(key).try_lock().ok()?;
        if let Some(list) = part.young.get(key) {
            return Some(Arc::clone(list));
        }
        let (key, list) = part.old.remove_entry(key)?;
        part.put(key, Arc::clone(&list), self.half);
        Some(list)
    }

    /// Remembers the list of a key, unless it is too long or somebody else is looking.
    pub fn put(&self, key: K, list: Arc<[T]>) {
        if list.len() <= self.len_max()
            && let Ok(mut part) = self.part(&key).try_lock()
        {
            part.put(key, list, self.half);
        }
    }

    /// The list of a key, found by `find` unless it is remembered.
    pub fn of(&self, key: K, find: impl FnOnce() -> Vec<T>) -> Arc<[T]> {
        self.get(&key).unwrap_or_else(|| {
            let list: Arc<[T]> = find().into();
            self.put(key, Arc::clone(&list));
            list
        })
    }
}

impl<K: Hash + Eq, T> Part<K, T> {
    fn put(&mut self, key: K, list: Arc<[T]>, half: usize) {
        let weight = list.len() + LIST_WEIGHT;
        if self.young_weight + weight > half {
            self.old = mem::take(&mut self.young);
            self.young_weight = 0;
        }
        if self.young.insert(key, list).is_none() {
            self.young_weight += weight;
        }
    }
}

impl<K, T> fmt::Debug for Remembered<K, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Remembered")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(remembered: &Remembered<u32, u8>) -> usize {
        let lists = |part: &Mutex<Part<u32, u8>>| {
            let part = part.lock().expect("no thread died");
            part.young.values().chain(part.old.values()).map(|list| list.len() + LIST_WEIGHT).sum::<usize>()
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
    fn what_is_asked_for_again_stays_and_what_is_not_goes() {
        let remembered: Remembered<u32, u8> = Remembered::with_room(64 * 200);
        (0..10_000).for_each(|key| {
            remembered.put(key, vec![1; 10].into());
            assert!(key == 0 || remembered.get(&0).is_some());
        });
        assert!(remembered.get(&1).is_none() && remembered.get(&9_999).is_some());
    }

    #[test]
    fn a_list_that_would_drive_out_the_others_is_not_remembered() {
        let remembered: Remembered<u32, u8> = Remembered::with_room(64 * 200);
        remembered.put(1, vec![0; remembered.len_max()].into());
        remembered.put(2, vec![0; remembered.len_max() + 1].into());
        assert!(remembered.get(&1).is_some() && remembered.get(&2).is_none());
    }

    #[test]
    fn who_meets_another_thread_finds_for_itself() {
        let remembered: Remembered<u32, u8> = Remembered::with_room(64 * 200);
        remembered.put(1, vec![5].into());
        let held = remembered.part(&1).lock().expect("no thread died");
        assert_eq!(*remembered.of(1, || vec![7]), [7]);
        drop(held);
        assert_eq!(*remembered.of(1, || vec![7]), [5]);
    }
}
