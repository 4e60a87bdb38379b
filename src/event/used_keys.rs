//! What was done under the keys of callers, remembered: each for a day of event time, and no more of them than there is room for.
//!
//! It stands wherever a stream remembers such things for itself, so that they all forget in one way. Forgetting happens when something new is kept, by
//! its time: the same journal forgets the same keys at the same place. The trade engine, whose keys stay with their orders, has its own.

use super::KEY_KEPT_MS;
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;
use imbl::{OrdMap, OrdSet};

/// What is kept of a write.
pub trait OfWrite: Clone {
    /// How many are kept at most; beyond it the oldest go early, so that a flood cannot fill the memory.
    const COUNT_MAX: usize;
    /// How many bytes they may have together, likewise.
    const BYTES_MAX: usize = usize::MAX;

    /// Its bytes, where those are of any length.
    fn bytes(&self) -> usize {
        0
    }
}

/// What is kept, by the digests of the keys. Clones are cheap snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedKeys<T: Clone> {
    rows: OrdMap<Digest, (Timestamp, T)>,
    by_age: OrdSet<(Timestamp, Digest)>,
    bytes: usize,
}

impl<T: Clone> Default for UsedKeys<T> {
    fn default() -> Self {
        Self { rows: OrdMap::new(), by_age: OrdSet::new(), bytes: 0 }
    }
}

impl<T: OfWrite> UsedKeys<T> {
    /// What was done under a key.
    #[must_use]
    pub fn get(&self, key: &Digest) -> Option<&T> {
        self.rows.get(key).map(|(_, kept)| kept)
    }

    /// Everything that is kept, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (Timestamp, &Digest, &T)> {
        self.by_age.iter().filter_map(|(at, key)| Some((*at, key, self.get(key)?)))
    }

    /// Keeps what was done under a key at a time, and forgets what is too old then or too much.
    pub fn keep(&mut self, key: Digest, kept: T, at: Timestamp) {
        self.put(key, kept, at);
        while let Some((since, oldest)) = self.by_age.get_min().copied()
            && (since.plus_ms(KEY_KEPT_MS) <= at || self.rows.len() > T::COUNT_MAX || self.bytes > T::BYTES_MAX)
        {
            self.forget(&oldest);
        }
    }

    /// Changes what is kept under a key, if anything is.
    pub fn change(&mut self, key: &Digest, change: impl FnOnce(&mut T)) {
        if let Some((_, kept)) = self.rows.get_mut(key) {
            self.bytes -= kept.bytes();
            change(kept);
            self.bytes += kept.bytes();
        }
    }

    /// Forgets what was done under a key.
    pub fn forget(&mut self, key: &Digest) {
        if let Some((at, kept)) = self.rows.remove(key) {
            self.bytes -= kept.bytes();
            self.by_age.remove(&(at, *key));
        }
    }

    fn put(&mut self, key: Digest, kept: T, at: Timestamp) {
        self.forget(&key);
        self.bytes += kept.bytes();
        self.by_age.insert((at, key));
        self.rows.insert(key, (at, kept));
    }
}

/// What was kept before, as a checkpoint gives it back.
impl<T: OfWrite> FromIterator<(Timestamp, Digest, T)> for UsedKeys<T> {
    fn from_iter<I: IntoIterator<Item = (Timestamp, Digest, T)>>(rows: I) -> Self {
        let mut keys = Self::default();
        rows.into_iter().for_each(|(at, key, kept)| keys.put(key, kept, at));
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Answer(usize);

    impl OfWrite for Answer {
        const COUNT_MAX: usize = 4;
        const BYTES_MAX: usize = 100;

        fn bytes(&self) -> usize {
            self.0
        }
    }

    fn key(number: u8) -> Digest {
        [number; 32]
    }

    fn kept(writes: &[(u8, usize, i64)]) -> UsedKeys<Answer> {
        let mut keys = UsedKeys::default();
        writes.iter().for_each(|(number, bytes, at)| keys.keep(key(*number), Answer(*bytes), Timestamp(*at)));
        keys
    }

    #[test]
    fn a_key_is_remembered_for_a_day_and_comes_back_from_its_rows() {
        let check = |writes: &[(u8, usize, i64)], expected: &[u8]| {
            let keys = kept(writes);
            assert_eq!(keys.iter().map(|(_, key, _)| key[0]).collect::<Vec<_>>(), expected, "{writes:?}");
            assert_eq!(keys.iter().map(|(at, key, answer)| (at, *key, answer.clone())).collect::<UsedKeys<_>>(), keys);
        };
        check(&[], &[]);
        check(&[(1, 3, 1_000), (2, 5, 1_000 + KEY_KEPT_MS - 1)], &[1, 2]);
        check(&[(1, 3, 1_000), (2, 5, 1_000 + KEY_KEPT_MS)], &[2]);
        check(&[(1, 3, 1_000), (2, 5, 2_000), (1, 7, 3_000)], &[2, 1]);
    }

    #[test]
    fn neither_many_keys_nor_long_answers_fill_the_memory() {
        let check = |writes: &[(u8, usize, i64)], expected: &[u8], bytes: usize| {
            let keys = kept(writes);
            assert_eq!((keys.iter().map(|(_, key, _)| key[0]).collect::<Vec<_>>(), keys.bytes), (expected.to_vec(), bytes), "{writes:?}");
        };
        check(&[(1, 1, 1), (2, 1, 2), (3, 1, 3), (4, 1, 4), (5, 1, 5)], &[2, 3, 4, 5], 4);
        check(&[(1, 60, 1), (2, 40, 2)], &[1, 2], 100);
        check(&[(1, 60, 1), (2, 41, 2)], &[2], 41);
        check(&[(1, 60, 1), (2, 101, 2)], &[], 0);
    }

    #[test]
    fn what_is_kept_can_change_and_be_forgotten() {
        let mut keys = kept(&[(1, 60, 1), (2, 20, 2)]);
        keys.change(&key(2), |answer| answer.0 = 30);
        keys.change(&key(9), |answer| answer.0 = 30);
        assert_eq!((keys.get(&key(2)), keys.bytes), (Some(&Answer(30)), 90));
        keys.forget(&key(1));
        keys.forget(&key(9));
        assert_eq!((keys.get(&key(1)), keys.bytes), (None, 30));
    }
}
