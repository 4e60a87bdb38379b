//! A few values by key, remembered beside what they were made for and gone with it.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::Mutex;

/// At most `LEN_MAX` values that would be made again as they were. Nobody waits: who meets another thread here makes its own.
pub struct Memo<K, V, const LEN_MAX: usize>(Mutex<HashMap<K, V>>);

impl<K, V, const LEN_MAX: usize> Default for Memo<K, V, LEN_MAX> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq + Copy, V: Clone, const LEN_MAX: usize> Memo<K, V, LEN_MAX> {
    /// Bytes that the values of so many keys come to take, about, when each has so many outside of itself.
    #[must_use]
    pub fn room(keys_count: usize, outside: usize) -> usize {
        keys_count.min(LEN_MAX) * (size_of::<(K, V)>() + outside)
    }

    /// The value of every key, in their order. `make` is given the keys whose values are not remembered, if any, and makes one for each, in their
    /// order.
    pub fn of_all(&self, keys: &[K], make: impl FnOnce(&[K]) -> Vec<V>) -> Vec<V> {
        let known: Vec<Option<V>> = match self.0.try_lock() {
            Ok(known) => keys.iter().map(|key| known.get(key).cloned()).collect(),
            Err(_) => return make(keys),
        };
        let missing: Vec<K> = keys.iter().zip(&known).filter(|(_, value)| value.is_none()).map(|(key, _)| *key).collect();
        if missing.is_empty() {
            return known.into_iter().flatten().collect();
        }
        let mut made = make(&missing);
        self.put(&missing, &made);
        if missing.len() == keys.len() {
            return made;
        }
        let mut made = made.drain(..);
        known.into_iter().filter_map(|value| value.or_else(|| made.next())).collect()
    }

    /// Remembers values; without room for all of them, instead of what was remembered before.
    fn put(&self, keys: &[K], values: &[V]) {
        let Ok(mut known) = self.0.try_lock() else { return };
        if known.len() + keys.len() > LEN_MAX {
            known.clear();
        }
        known.extend(keys.iter().copied().zip(values.iter().cloned()).take(LEN_MAX));
    }
}

impl<K, V, const LEN_MAX: usize> fmt::Debug for Memo<K, V, LEN_MAX> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Memo")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(memo: &Memo<u32, u32, 8>, keys: &[u32]) -> (Vec<u32>, Vec<u32>) {
        let mut asked = Vec::new();
        let values = memo.of_all(keys, |missing| {
            asked = missing.to_vec();
            missing.iter().map(|key| key * key).collect()
        });
        (values, asked)
    }

    #[test]
    fn values_come_in_the_order_of_their_keys_and_are_made_once() {
        let memo = Memo::default();
        assert_eq!(squares(&memo, &[3, 1, 2]), (vec![9, 1, 4], vec![3, 1, 2]));
        assert_eq!(squares(&memo, &[5, 1, 4, 3]), (vec![25, 1, 16, 9], vec![5, 4]));
        assert_eq!(squares(&memo, &[4, 5]), (vec![16, 25], Vec::new()));
        assert_eq!(squares(&memo, &[]), (Vec::new(), Vec::new()));
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let memo = Memo::default();
        for first in 0..100 {
            let keys: Vec<u32> = (first..first + first % 20).collect();
            assert_eq!(squares(&memo, &keys).0, keys.iter().map(|key| key * key).collect::<Vec<_>>());
            assert!(memo.0.lock().expect("no thread died").len() <= 8);
        }
    }

    #[test]
    fn who_meets_another_thread_makes_its_own() {
        let memo = Memo::default();
        squares(&memo, &[3]);
        let held = memo.0.lock().expect("no thread died");
        assert_eq!(squares(&memo, &[3, 4]), (vec![9, 16], vec![3, 4]));
        drop(held);
        assert_eq!(squares(&memo, &[3, 4]), (vec![9, 16], vec![4]));
    }
}
