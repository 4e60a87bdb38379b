//! Which ring a key has: an open-addressed table of handles, filled to three quarters at most, changed in place while it is read.
//!
//! A place holds half of the key and the handle plus one. Readers check the whole key where the handle leads, so a place that is just being
//! written misleads nobody. Places of keys that went keep a mark until another key takes them or the table is made anew; readers keep the one they have until the next
//! publish.

use super::rings::RingKey;
use crate::stdx::slab::Pages;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Places of the first table.
const PLACES_MIN: u32 = 1_024;
/// Keys that are moved together when a table is made anew.
const AT_ONCE: usize = 32;
/// Instead of a handle: a key was here.
const GONE: u32 = u32::MAX;

/// Keys and their handles, as readers see them.
#[derive(Debug, Clone)]
pub(super) struct KeysReader {
    pages: Pages,
    places_count: u32,
    len: usize,
}

impl KeysReader {
    /// How many keys there were as of the last publish.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Handles that may be the key's, of which `is_its` knows the right one.
    pub(super) fn find(&self, key: RingKey, is_its: impl Fn(u32) -> bool) -> Option<u32> {
        for place in probes(key, self.places_count) {
            match self.pages.get(2 * place + 1)?.load(Acquire) {
                0 => return None,
                GONE => {}
                handle => {
                    let tag = self.pages.get(2 * place)?.load(Relaxed);
                    if tag == tag_of(key) && is_its(handle - 1) {
                        return Some(handle - 1);
                    }
                }
            }
        }
        None
    }
}

/// Places where the key may be, in the order in which they are tried.
fn probes(key: RingKey, places_count: u32) -> impl Iterator<Item = u32> {
    let first = key.0 as u32;
    (0..places_count).map(move |step| first.wrapping_add(step) & (places_count - 1))
}

fn tag_of(key: RingKey) -> u32 {
    (key.0 >> 32) as u32
}

/// The writer's side.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    now: KeysReader,
    gone_count: usize,
}

impl Keys {
    pub(super) fn new() -> Self {
        Self { now: KeysReader { pages: Pages::default(), places_count: PLACES_MIN, len: 0 }, gone_count: 0 }
    }

    pub(super) fn reader(&self) -> KeysReader {
        self.now.clone()
    }

    pub(super) fn len(&self) -> usize {
        self.now.len
    }

    /// The key's handle.
    #[inline]
    pub(super) fn find(&self, key: RingKey, is_its: impl Fn(u32) -> bool) -> Option<u32> {
        self.now.find(key, is_its)
    }

    /// The key will be looked for soon.
    #[inline]
    pub(super) fn prefetch(&self, key: RingKey) {
        self.now.pages.prefetch(2 * (key.0 as u32 & (self.now.places_count - 1)));
    }

    /// Adds a key that is not there, if it can where another one went. `key_of` knows the keys of all handles, in case the table must be made anew. False when memory is used
    /// up.
    pub(super) fn insert(&mut self, key: RingKey, handle: u32, key_of: impl Fn(u32) -> RingKey) -> bool {
        let is_full = (self.now.len + self.gone_count + 1) * 4 > self.now.places_count as usize * 3;
        if is_full && !self.make_anew(key_of) {
            return false;
        }
        put(&self.now, key, handle).is_some_and(|was_gone| {
            self.now.len += 1;
            self.gone_count -= usize::from(was_gone);
            true
        })
    }

    /// A table of all keys that are there, twice as large when more than half of it would be filled.
    fn make_anew(&mut self, key_of: impl Fn(u32) -> RingKey) -> bool {
        let is_crowded = (self.now.len + 1) * 2 > self.now.places_count as usize;
        let next = KeysReader {
            pages: Pages::default(),
            places_count: if is_crowded { self.now.places_count * 2 } else { self.now.places_count },
            len: self.now.len,
        };
        let handles = (0..self.now.places_count).filter_map(|place| self.now.pages.get(2 * place + 1)).map(|word| word.load(Relaxed));
        let handles: Vec<u32> = handles.filter(|handle| !matches!(*handle, 0 | GONE)).collect();
        // Keys lie anywhere, and so does where they will be: several are waited for together.
        for handles in handles.chunks(AT_ONCE) {
            let mut keys = [RingKey(0); AT_ONCE];
            keys.iter_mut().zip(handles).for_each(|(key, handle)| *key = key_of(handle - 1));
            keys.iter().for_each(|key| next.pages.prefetch(2 * (key.0 as u32 & (next.places_count - 1))));
            if !keys.iter().zip(handles).all(|(key, handle)| put(&next, *key, handle - 1).is_some()) {
                return false;
            }
        }
        (self.now, self.gone_count) = (next, 0);
        true
    }

    /// Takes a key out.
    pub(super) fn remove(&mut self, key: RingKey, handle: u32) {
        let found = probes(key, self.now.places_count).find(|place| {
            let there = self.now.pages.get(2 * place + 1).map_or(0, |word| word.load(Relaxed));
            there == 0 || there == handle + 1
        });
        let word = found.and_then(|place| self.now.pages.get(2 * place + 1)).filter(|word| word.load(Relaxed) != 0);
        if let Some(word) = word {
            word.store(GONE, Release);
            self.now.len -= 1;
            self.gone_count += 1;
        }
    }
}

/// Puts a key that is not there at the first place that is free. Whether another key was there before.
fn put(table: &KeysReader, key: RingKey, handle: u32) -> Option<bool> {
    for place in probes(key, table.places_count) {
        let word = table.pages.grown(2 * place + 1)?;
        let there = word.load(Relaxed);
        if matches!(there, 0 | GONE) {
            table.pages.grown(2 * place)?.store(tag_of(key), Relaxed);
            word.store(handle + 1, Release);
            return Some(there == GONE);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_table_finds_what_a_map_would(acts in prop::collection::vec((any::<bool>(), 0_u64..900), 1..6_000)) {
            // Keys that fall into few places, so that they stand in each other's way.
            let key_of = |handle: u32| RingKey(u64::from(handle % 13) | u64::from(handle) << 32);
            let (mut keys, mut map) = (Keys::new(), BTreeMap::new());
            for (adds, number) in acts {
                let handle = number as u32;
                if adds && !map.contains_key(&handle) {
                    prop_assert!(keys.insert(key_of(handle), handle, key_of));
                    map.insert(handle, ());
                } else if !adds && map.remove(&handle).is_some() {
                    keys.remove(key_of(handle), handle);
                }
            }
            prop_assert_eq!(keys.len(), map.len());
            for handle in 0..900 {
                let found = keys.find(key_of(handle), |found| found == handle);
                prop_assert_eq!(found, map.contains_key(&handle).then_some(handle));
            }
        }
    }
}
