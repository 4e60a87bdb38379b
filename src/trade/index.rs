//! Which things belong to something: an index that is made again from what it lists.

use imbl::{OrdMap, OrdSet};

/// Many values to one key; a key without values is not kept. Clones are cheap.
#[derive(Clone)]
pub(super) struct Index<K, V> {
    rows: OrdMap<K, OrdSet<V>>,
}

impl<K: Ord + Clone, V: Ord + Clone> Default for Index<K, V> {
    fn default() -> Self {
        Self { rows: OrdMap::new() }
    }
}

impl<K: Ord + Clone, V: Ord + Clone> PartialEq for Index<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
    }
}

impl<K: Ord + Clone, V: Ord + Clone> Index<K, V> {
    /// Adds a value; whether it is new.
    pub(super) fn insert(&mut self, key: K, value: V) -> bool {
        let mut values = self.rows.remove(&key).unwrap_or_default();
        let is_new = values.insert(value).is_none();
        self.rows.insert(key, values);
        is_new
    }

    /// Takes a value out.
    pub(super) fn remove(&mut self, key: &K, value: &V) {
        let Some(mut values) = self.rows.remove(key) else { return };
        values.remove(value);
        if !values.is_empty() {
            self.rows.insert(key.clone(), values);
        }
    }

    /// The values of a key, in order.
    pub(super) fn of(&self, key: &K) -> impl Iterator<Item = &V> {
        self.rows.get(key).into_iter().flatten()
    }

    /// Whether a key has any values.
    pub(super) fn has(&self, key: &K) -> bool {
        self.rows.contains_key(key)
    }
}
