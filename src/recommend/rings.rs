//! The last few products of each shopper and each visit, for a bounded number of them.
//!
//! Shoppers and visits are kept by 64 bits of a digest of their name, so no name stands in memory or in a checkpoint. When there are too
//! many, the one idle for longest goes: the queue holds each once, and one that was active since it was queued is queued again.

use crate::event::{Behaviour, Origin};
use crate::id::{Ordinal, SessionId, ShopperId};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::blake3;
use crate::stdx::table::Table;
use std::collections::VecDeque;
use std::sync::Arc;

/// Products remembered of one shopper or visit.
pub(super) const RING_LEN: usize = 20;

/// A shopper or a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RingKey(pub(super) u64);

impl RingKey {
    fn of(kind: &[u8], name: &str) -> Self {
        let digest = blake3(&[kind, name.as_bytes()]);
        Self(u64::from_le_bytes([digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]]))
    }

    pub(super) fn of_shopper(shopper: &ShopperId) -> Self {
        Self::of(b"shopper/", shopper.as_str())
    }

    pub(super) fn of_session(session: &SessionId) -> Self {
        Self::of(b"session/", session.as_str())
    }

    /// The rings that behaviour of this origin goes to, the shopper's first.
    pub(super) fn of_origin(origin: &Origin) -> [Option<Self>; 2] {
        Self::of_both(origin.shopper.as_ref(), origin.session.as_ref())
    }

    /// The rings of a shopper and a visit.
    pub(super) fn of_both(shopper: Option<&ShopperId>, session: Option<&SessionId>) -> [Option<Self>; 2] {
        [shopper.map(Self::of_shopper), session.map(Self::of_session)]
    }
}

/// How much a behaviour says about taste; also how pairs are weighted.
pub(super) fn strength_of(behaviour: Behaviour) -> u8 {
    match behaviour {
        Behaviour::Impression => 0,
        Behaviour::Click | Behaviour::View => 1,
        Behaviour::AddToCart => 2,
        Behaviour::Purchase => 3,
    }
}

/// A product that somebody did something with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) product: Ordinal,
    /// The strongest thing done with it.
    pub(super) strength: u8,
    /// When last.
    pub(super) at: Timestamp,
}

/// The last products of one shopper or visit, oldest first, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ring {
    pub(super) seen: Vec<Seen>,
    /// Number of the touch that was the last.
    pub(super) touched: u64,
}

impl Ring {
    /// Puts a product at the new end; gives the strength it was known with before.
    pub(super) fn push(&mut self, next: Seen) -> Option<u8> {
        let former = self.seen.iter().position(|seen| seen.product == next.product).map(|place| self.seen.remove(place));
        if self.seen.len() >= RING_LEN {
            self.seen.remove(0);
        }
        let strength = former.map_or(next.strength, |former| former.strength.max(next.strength));
        self.seen.push(Seen { strength, ..next });
        former.map(|former| former.strength)
    }
}

/// The rings of one stream. Clones share them.
#[derive(Clone)]
pub(super) struct Rings(Table<RingKey, Arc<Ring>>);

impl Rings {
    pub(super) fn new() -> Self {
        Self(Table::new())
    }

    pub(super) fn get(&self, key: RingKey) -> Option<&Ring> {
        self.0.get(&key).map(|ring| &**ring)
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

/// Who is forgotten next; the writer's own part of the rings.
#[derive(Debug, Clone, Default)]
pub(super) struct Idle {
    /// Each ring once, with the number of its last touch when it was queued.
    pub(super) queue: VecDeque<(RingKey, u64)>,
    pub(super) touches: u64,
}

impl Idle {
    /// The ring of `key` for writing, made if need be, at the price of the one idle for longest.
    pub(super) fn touch<'a>(&mut self, rings: &'a mut Rings, key: RingKey, rings_max: usize) -> &'a mut Ring {
        self.touches += 1;
        if !rings.0.contains(&key) {
            while rings.count() >= rings_max.max(1) && self.forget_one(rings) {}
            rings.0.insert(key, Arc::new(Ring::default()));
            self.queue.push_back((key, self.touches));
        }
        let ring = Arc::make_mut(rings.0.get_mut(&key).expect("it was there or has just been made"));
        ring.touched = self.touches;
        ring
    }

    /// Puts a loaded ring back.
    pub(super) fn restore(rings: &mut Rings, key: RingKey, ring: Ring) {
        rings.0.insert(key, Arc::new(ring));
    }

    /// Forgets one shopper or visit.
    pub(super) fn forget(&mut self, rings: &mut Rings, key: RingKey) {
        rings.0.remove(&key);
        self.queue.retain(|(queued, _)| *queued != key);
    }

    fn forget_one(&mut self, rings: &mut Rings) -> bool {
        while let Some((key, queued_at)) = self.queue.pop_front() {
            match rings.get(key).map(|ring| ring.touched) {
                Some(touched) if touched > queued_at => self.queue.push_back((key, touched)),
                _ => return rings.0.remove(&key).is_some() || !self.queue.is_empty(),
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(product: u32, strength: u8) -> Seen {
        Seen { product: Ordinal(product), strength, at: Timestamp(i64::from(product)) }
    }

    #[test]
    fn a_ring_holds_the_newest_products_once_each_with_the_strongest_behaviour() {
        let mut ring = Ring::default();
        for product in 0..30 {
            assert_eq!(ring.push(seen(product, 1)), None);
        }
        assert_eq!((ring.seen.len(), ring.seen[0].product), (RING_LEN, Ordinal(10)));
        assert_eq!(ring.push(seen(15, 3)), Some(1));
        assert_eq!(ring.push(seen(15, 1)), Some(3));
        assert_eq!((ring.seen.len(), ring.seen.last().copied()), (RING_LEN, Some(seen(15, 3))));
    }

    #[test]
    fn the_one_idle_for_longest_is_forgotten_first() {
        let (mut rings, mut idle) = (Rings::new(), Idle::default());
        for key in [1, 2, 3, 1] {
            idle.touch(&mut rings, RingKey(key), 3).push(seen(7, 1));
        }
        let before = rings.clone();
        idle.touch(&mut rings, RingKey(4), 3);
        assert_eq!([1, 2, 3, 4].map(|key| rings.get(RingKey(key)).is_some()), [true, false, true, true]);
        assert!(before.get(RingKey(2)).is_some(), "a snapshot keeps what it had");
        idle.forget(&mut rings, RingKey(3));
        assert_eq!((rings.count(), idle.queue.len()), (2, 2));
    }

    #[test]
    fn a_shopper_and_a_visit_of_the_same_name_are_two() {
        let shopper = ShopperId::new("a").expect("an id");
        let session = SessionId::new("a").expect("an id");
        assert_ne!(RingKey::of_shopper(&shopper), RingKey::of_session(&session));
    }
}
