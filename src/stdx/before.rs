//! Whether something was asked for before, about and lately, in a table that never grows: most of what a shop is asked it is asked once, and what is
//! remembered of that is in the way of the rest (the doorkeeper of G. Einziger, R. Friedman and B. Manes, "TinyLFU: A Highly Efficient Cache Admission
//! Policy", ACM Transactions on Storage 13(4), 2017, as marks that others take the place of instead of a filter that is cleared).

use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

/// Places, as a power of two.
const PLACES_BITS: u32 = 16;

/// The marks of keys that were asked for. Two keys have the same mark once in two thousand million times.
pub struct Before {
    marks: Box<[AtomicU32]>,
    hasher: RandomState,
}

impl Default for Before {
    fn default() -> Self {
        Self { marks: (0..1 << PLACES_BITS).map(|_| AtomicU32::new(0)).collect(), hasher: RandomState::new() }
    }
}

impl Before {
    /// Whether a key was asked for before and no other took its place since; from now on it was.
    pub fn asked<Q: Hash + ?Sized>(&self, key: &Q) -> bool {
        let hash = self.hasher.hash_one(key);
        let place = (hash >> (u64::BITS - PLACES_BITS)) as usize;
        // No mark is 0, which is nobody's.
        let mark = hash as u32 | 1;
        self.marks[place].swap(mark, Relaxed) == mark
    }
}

impl fmt::Debug for Before {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Before")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_for_was_asked_for_before() {
        let before = Before::default();
        let strangers = (0..10_000_u64).filter(|key| before.asked(key)).count();
        assert_eq!(strangers, 0);
        let known = (0..10_000_u64).filter(|key| before.asked(key)).count();
        // One in thirteen meets another in its place.
        assert!((8_000..10_000).contains(&known), "{known}");
    }

    #[test]
    fn what_nobody_asks_for_any_more_gives_way() {
        let before = Before::default();
        before.asked("lamp");
        let others = (0..2_000_000_u64).filter(|key| before.asked(key)).count();
        assert!(others == 0 && !before.asked("lamp") && before.asked("lamp"));
    }
}
