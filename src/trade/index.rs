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
        self.rows.entry(key).or_default().insert(value).is_none()
    }

    /// Takes a value out.
    pub(super) fn remove(&mut self, key: &K, value: &V) {
        let Some(values) = self.rows.get_mut(key) else { return };
        values.remove(value);
        if values.is_empty() {
            self.rows.remove(key);
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
