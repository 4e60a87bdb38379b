//! The nearest products of each product, remembered: recommendations ask for them several times a request, and a walk through the graph
//! costs more than everything else of a request together.
//!
//! What is remembered belongs to one graph and goes with it. Nobody waits: where two threads meet, the second one walks for itself.

use crate::id::Ordinal;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

/// Parts with a lock each, so that threads rarely meet.
const PARTS: usize = 64;
/// Products remembered in each part, about 20 MB in all. A full part starts anew: what is asked for is soon there again.
const PART_LEN_MAX: usize = 512;

type Near = Arc<[(Ordinal, f32)]>;

/// Neighbours by product.
pub(super) struct Kin(Box<[Mutex<HashMap<u32, Near>>]>);

impl Default for Kin {
    fn default() -> Self {
        Self((0..PARTS).map(|_| Mutex::default()).collect())
    }
}

impl fmt::Debug for Kin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Kin")
    }
}

impl Kin {
    /// The neighbours of a product, found by `find` unless they are remembered.
    pub(super) fn of(&self, product: Ordinal, find: impl FnOnce() -> Vec<(Ordinal, f32)>) -> Near {
        let part = &self.0[product.index() % PARTS];
        if let Ok(known) = part.try_lock()
            && let Some(near) = known.get(&product.0)
        {
            return Arc::clone(near);
        }
        let near: Near = find().into();
        if let Ok(mut known) = part.try_lock() {
            if known.len() >= PART_LEN_MAX {
                known.clear();
            }
            known.insert(product.0, Arc::clone(&near));
        }
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_found_once_and_the_memory_is_bounded() {
        let kin = Kin::default();
        let near = |cosine| move || vec![(Ordinal(9), cosine)];
        assert_eq!(*kin.of(Ordinal(1), near(0.5)), [(Ordinal(9), 0.5)]);
        assert_eq!(*kin.of(Ordinal(1), near(0.7)), [(Ordinal(9), 0.5)]);
        (0..200_000).for_each(|product| drop(kin.of(Ordinal(product), near(0.1))));
        assert!(kin.0.iter().all(|part| part.lock().expect("no thread died").len() <= PART_LEN_MAX));
    }
}
