//! One writer swaps, many readers take: the only way state crosses from a writer to readers.

use arc_swap::ArcSwap;
use std::sync::Arc;

/// A value that one writer replaces whole and readers take as an immutable snapshot without waiting.
#[derive(Debug)]
pub struct Published<T>(ArcSwap<T>);

impl<T> Published<T> {
    /// Publishes the first snapshot.
    pub fn new(first: T) -> Self {
        Self(ArcSwap::from_pointee(first))
    }

    /// The newest snapshot. It stays as it is for as long as the caller holds it.
    pub fn take(&self) -> Arc<T> {
        self.0.load_full()
    }

    /// Replaces the snapshot; readers that hold the old one keep it.
    pub fn swap(&self, next: T) {
        self.0.store(Arc::new(next));
    }

    /// Replaces the snapshot by one that is already shared.
    pub fn swap_shared(&self, next: Arc<T>) {
        self.0.store(next);
    }
}

impl<T: Default> Default for Published<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_snapshot_does_not_move_under_its_reader() {
        let published = Published::new(1);
        let taken = published.take();
        published.swap(2);
        assert_eq!((*taken, *published.take()), (1, 2));
    }
}
