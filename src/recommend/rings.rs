//! The logs of shoppers and visits, for a bounded number of them.
//!
//! Shoppers and visits are kept by 64 bits of a digest of their name, so no name stands in memory or in a checkpoint. When there are too
//! many, the one idle for longest goes: the queue holds each once, and one that was active since it was queued is queued again. What the one
//! who goes has added to the tables stays: with the log goes the last that ties it to somebody.
//!
//! What a known shopper does in a visit stands in the shopper's log alone; the visit only says whose it is.

use super::steps::Steps;
use crate::event::Origin;
use crate::event::activity::ShopperDigest;
use crate::id::{Ordinal, SessionId, ShopperId};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::blake3;
use crate::stdx::table::Table;
use std::collections::VecDeque;
use std::sync::Arc;

/// A shopper or a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RingKey(pub(super) u64);

impl RingKey {
    fn of(kind: &[u8], name: &str) -> Self {
        let digest = blake3(&[kind, name.as_bytes()]);
        Self(u64::from_le_bytes([digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]]))
    }

    pub(super) fn of_shopper(shopper: &ShopperId) -> Self {
        Self::of_digest(&ShopperDigest::of(shopper))
    }

    /// The shopper of that digest.
    pub(super) fn of_digest(shopper: &ShopperDigest) -> Self {
        Self(shopper.short())
    }

    pub(super) fn of_session(session: &SessionId) -> Self {
        Self::of(b"session/", session.as_str())
    }

    /// Somebody of whom nothing is known but one order.
    pub(super) fn of_order(order: &str) -> Self {
        Self::of(b"order/", order)
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

/// A product that somebody did something with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) product: Ordinal,
    /// When last.
    pub(super) at: Timestamp,
}

/// One shopper or visit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ring {
    pub(super) steps: Steps,
    /// Of a visit, whose it turned out to be.
    pub(super) shopper: Option<RingKey>,
    /// Number of the touch that was the last.
    pub(super) touched: u64,
}

/// The rings of all. Clones share them.
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

    /// The logs of all, in an order that does not tell whose they are.
    pub(super) fn logs(&self) -> impl Iterator<Item = &Steps> {
        self.0.sorted().into_iter().map(|(_, ring)| &ring.steps)
    }

    /// Visits that turned out to be that shopper's, in the order of their keys.
    pub(super) fn visits_of(&self, shopper: RingKey) -> Vec<RingKey> {
        let visits = self.0.sorted().into_iter().filter(|(_, ring)| ring.shopper == Some(shopper));
        visits.map(|(key, _)| *key).collect()
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
    use super::super::steps::Interest;
    use super::*;

    #[test]
    fn the_one_idle_for_longest_is_forgotten_first() {
        let (mut rings, mut idle) = (Rings::new(), Idle::default());
        for key in [1, 2, 3, 1] {
            idle.touch(&mut rings, RingKey(key), 3).steps.look(Ordinal(7), Interest::Looked, Timestamp(0));
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
