//! A persistent map in key order: cloning is cheap, clones share what neither has changed, and no order of chance can reach an answer, an
//! event or a checkpoint.
//!
//! It is a B-tree. A hash trie answers a little sooner, but its nodes have room for 32 rows wherever keys spread to, and with a million rows
//! most hold two.

use std::borrow::Borrow;

/// The order in which rows that come sorted had better be inserted: every other one first, then those between them. Inserting in key order leaves the
/// nodes of a B-tree half full behind it; this fills the halves that are left free, and reads memory in order all the same.
pub fn filling<T>(mut rows: Vec<T>) -> impl Iterator<Item = T> {
    let mut between = Vec::with_capacity(rows.len() / 2);
    let mut first = Vec::with_capacity(rows.len().div_ceil(2));
    for (place, row) in rows.drain(..).enumerate() {
        if place % 2 == 0 { first.push(row) } else { between.push(row) }
    }
    first.into_iter().chain(between)
}

/// Keys to values; clones are snapshots.
#[derive(Clone)]
pub struct Table<K, V> {
    map: imbl::OrdMap<K, V>,
}

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    /// A table without rows.
    #[must_use]
    pub fn new() -> Self {
        Self { map: imbl::OrdMap::new() }
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// The value of `key`.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.map.get(key)
    }

    /// The value of `key`, to be changed in place; other clones keep theirs.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.map.get_mut(key)
    }

    /// Whether `key` has a value.
    #[must_use]
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.map.contains_key(key)
    }

    /// Sets the value of `key` and returns the one before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.map.insert(key, value)
    }

    /// Takes `key` out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.map.remove(key)
    }

    /// All rows in key order, one after another.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.map.iter()
    }

    /// All rows in key order.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&K, &V)> {
        self.map.iter().collect()
    }
}

impl<K: Ord + Clone, V: Clone> Default for Table<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for Table<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(rows: I) -> Self {
        Self { map: rows.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling_gives_every_row_once() {
        assert_eq!(filling(vec![0, 1, 2, 3, 4]).collect::<Vec<_>>(), [0, 2, 4, 1, 3]);
        assert_eq!(filling(Vec::<u8>::new()).count(), 0);
    }

    #[test]
    fn rows_are_walked_in_key_order_and_clones_do_not_see_later_changes() {
        let mut table: Table<u32, &str> = [(3, "c"), (1, "a"), (2, "b")].into_iter().collect();
        let before = table.clone();
        table.insert(0, "z");
        table.remove(&3);
        if let Some(value) = table.get_mut(&1) {
            *value = "A";
        }
        assert_eq!(table.sorted(), [(&0, &"z"), (&1, &"A"), (&2, &"b")]);
        assert_eq!(before.sorted(), [(&1, &"a"), (&2, &"b"), (&3, &"c")]);
        assert_eq!((table.len(), table.contains(&3), before.get(&1)), (3, false, Some(&"a")));
    }
}
