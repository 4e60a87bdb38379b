//! Visits: what people looked at one after the other, and what those who went the same way looked at next.
//!
//! VMIS-kNN (Kersbergen, Sprangers and Schelter, "Serenade: low-latency session-based recommendation in e-commerce at scale", SIGMOD 2022)
//! compares a visit with the most recent visits to each of its products. There the index is built by a nightly job; here each step of each
//! visit is in it as soon as it is folded, the visit that asks included. Two tables: visit to its steps, and product to a bounded ring of the
//! visits that came to it last. A ring holds the places of visits, so a visit that goes on has nothing to move.
//!
//! Everything is bounded: visits by [`Options::visits_max`](super::Options) (the one begun first gives its place to the next), the steps of
//! a visit by [`STEPS_MAX`], a ring by [`RECENT_MAX`]. Nothing decays with time, and only the activity stream is folded, so the tables do
//! not depend on how streams interleave.

mod checkpoint;
mod foresee;
mod returns;

pub use foresee::{Foreseen, Foresight};

use super::keys::Keys;
use super::rings::RingKey;
use super::snapshot::RecommendSnapshot;
use crate::id::{Ordinal, SessionId, ShopperId};
use crate::stdx::chunked::Chunked;
use crate::stdx::clock::Timestamp;
use returns::Returns;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Steps remembered of one visit, the newest. One in two hundred visits to a large shop is longer than 34 (Serenade's own count).
const STEPS_MAX: usize = 50;
/// Visits remembered with each product, the newest. Between 100 and 2,000 it makes no difference that could be measured on bol.com's
/// sessions; 500 is what the authors of VMIS-kNN found enough for the largest of theirs.
const RECENT_MAX: usize = 500;
/// After so long without a step the next one begins another visit: half an hour is what web analytics agree on.
const IDLE_MS: i64 = 30 * 60 * 1_000;

/// Visits and rings whose pointers lie together: each step writes one of each, here and there.
const CHUNK_LEN: usize = 64;

/// One visit.
#[derive(Debug, Clone, PartialEq)]
struct Visit {
    /// The session's, or the shopper's where the session is not known.
    key: RingKey,
    shopper: Option<RingKey>,
    /// When the last step was.
    at: Timestamp,
    /// Oldest first; no product twice in a row.
    steps: Vec<Ordinal>,
}

/// The visits to one product.
#[derive(Debug, Clone, Default, PartialEq)]
struct Recent {
    /// How many of all remembered visits came to it, those that have left the ring included.
    count: u32,
    /// Places of the last of them, newest last.
    slots: Vec<u32>,
}

/// All remembered visits. Clones share them and are for reading: where visits are found by key is changed in place, and a clone that is led to
/// a visit it does not have yet finds none.
#[derive(Clone)]
pub(super) struct Visits {
    visits_max: u32,
    /// By place: the number of the visit in order of beginning, modulo `visits_max`.
    held: Chunked<Option<Arc<Visit>>, CHUNK_LEN>,
    held_count: u32,
    begun: u64,
    by_product: Chunked<Option<Arc<Recent>>, CHUNK_LEN>,
    /// Where the newest visit of a session or shopper is.
    by_key: Keys,
    returns: Returns,
}

impl Visits {
    /// Room for `visits_max` visits.
    pub(super) fn new(visits_max: usize) -> Self {
        Self {
            visits_max: u32::try_from(visits_max).unwrap_or(u32::MAX).max(1),
            held: Chunked::new(None),
            held_count: 0,
            begun: 0,
            by_product: Chunked::new(None),
            by_key: Keys::new(),
            returns: Returns::default(),
        }
    }

    /// Somebody turned to `product`. Of nobody known no visit is remembered.
    pub(super) fn step(&mut self, product: Ordinal, [shopper, session]: [Option<RingKey>; 2], at: Timestamp) {
        let Some(key) = session.or(shopper) else { return };
        let slot = self.newest(key).filter(|slot| self.goes_on(*slot, at)).unwrap_or_else(|| self.begin(key, at));
        let Some(visit) = self.held.at_mut(slot as usize) else { return };
        let visit = Arc::make_mut(visit);
        visit.at = visit.at.max(at);
        visit.shopper = shopper.or(visit.shopper);
        if visit.steps.last() == Some(&product) {
            return;
        }
        self.returns.count(&visit.steps, product);
        let pushed_out = (visit.steps.len() >= STEPS_MAX).then(|| visit.steps.remove(0));
        let left = pushed_out.filter(|lost| !visit.steps.contains(lost));
        let is_first = !visit.steps.contains(&product);
        visit.steps.push(product);
        left.into_iter().for_each(|lost| self.leave(lost, slot));
        if is_first {
            self.enter(product, slot);
        }
    }

    /// Takes out all visits of a session or shopper, and what they said about going back. A session in which the shopper was known at any
    /// time is theirs from its beginning.
    pub(super) fn erase(&mut self, key: RingKey) {
        let shopper_is = |visit: &&Visit| visit.shopper == Some(key);
        let sessions: BTreeSet<RingKey> =
            self.held.iter().flatten().map(|visit| &**visit).filter(shopper_is).map(|visit| visit.key).collect();
        let is_theirs = |visit: &Visit| visit.key == key || sessions.contains(&visit.key);
        let slots = self.held.iter().enumerate().filter(|(_, visit)| visit.as_deref().is_some_and(is_theirs));
        let slots: Vec<u32> = slots.map(|(slot, _)| slot as u32).collect();
        for slot in slots {
            if let Some(visit) = self.forget(slot) {
                (1..visit.steps.len()).for_each(|at| self.returns.uncount(&visit.steps[..at], visit.steps[at]));
            }
        }
    }

    /// The steps of the newest visit of a session, or of a shopper whose session is not known, oldest first.
    pub(super) fn steps(&self, [shopper, session]: [Option<RingKey>; 2]) -> &[Ordinal] {
        let slot = session.or(shopper).and_then(|key| self.newest(key));
        slot.and_then(|slot| self.visit(slot)).map_or(&[], |visit| &visit.steps)
    }

    /// The place of the newest visit of a session or shopper.
    fn newest(&self, key: RingKey) -> Option<u32> {
        self.by_key.find(key, |slot| self.visit(slot).is_some_and(|visit| visit.key == key))
    }

    fn visit(&self, slot: u32) -> Option<&Visit> {
        self.held.at(slot as usize).as_deref()
    }

    fn recent(&self, product: Ordinal) -> Option<&Recent> {
        self.by_product.at(product.index()).as_deref()
    }

    fn goes_on(&self, slot: u32, at: Timestamp) -> bool {
        self.visit(slot).is_some_and(|visit| at.0.saturating_sub(visit.at.0) <= IDLE_MS)
    }

    /// Makes place for a visit, if need be that of the one begun first.
    fn begin(&mut self, key: RingKey, at: Timestamp) -> u32 {
        let slot = (self.begun % u64::from(self.visits_max)) as u32;
        self.forget(slot);
        self.begun += 1;
        self.put(slot, Visit { key, shopper: None, at, steps: Vec::new() });
        slot
    }

    fn put(&mut self, slot: u32, visit: Visit) {
        if let Some(before) = self.newest(visit.key) {
            self.by_key.remove(visit.key, before);
        }
        let held = &self.held;
        let key_of = |slot: u32| held.at(slot as usize).as_ref().map_or(visit.key, |visit| visit.key);
        // Without room for its key a visit is still one that others are compared with.
        let _ = self.by_key.insert(visit.key, slot, key_of);
        *self.held.at_mut(slot as usize) = Some(Arc::new(visit));
        self.held_count += 1;
    }

    fn forget(&mut self, slot: u32) -> Option<Arc<Visit>> {
        self.visit(slot)?;
        let visit = self.held.at_mut(slot as usize).take()?;
        self.held_count -= 1;
        let firsts = visit.steps.iter().enumerate().filter(|(at, product)| !visit.steps[..*at].contains(product));
        firsts.for_each(|(_, product)| self.leave(*product, slot));
        if self.by_key.find(visit.key, |found| found == slot).is_some() {
            self.by_key.remove(visit.key, slot);
        }
        Some(visit)
    }

    fn enter(&mut self, product: Ordinal, slot: u32) {
        let recent = Arc::make_mut(self.by_product.at_mut(product.index()).get_or_insert_default());
        recent.count += 1;
        if recent.slots.len() >= RECENT_MAX {
            recent.slots.remove(0);
        }
        recent.slots.push(slot);
    }

    fn leave(&mut self, product: Ordinal, slot: u32) {
        let Some(recent) = self.by_product.at_mut(product.index()) else { return };
        let recent = Arc::make_mut(recent);
        recent.count = recent.count.saturating_sub(1);
        if let Some(place) = recent.slots.iter().position(|held| *held == slot) {
            recent.slots.remove(place);
        }
    }
}

impl RecommendSnapshot {
    /// The steps of a session's visit, or of the shopper's last one where the session is not known: oldest first, no product twice in a row.
    #[must_use]
    pub fn visit(&self, shopper: Option<&ShopperId>, session: Option<&SessionId>) -> &[Ordinal] {
        self.visits.steps(RingKey::of_both(shopper, session))
    }

    /// Which products a visit turns to next: from its `steps` (oldest first; one is enough) to at most `limit` products that `accept` says
    /// yes to, best first, with the number of similar visits behind each. The product of the last step is never among them; those seen
    /// before it are, as people go back: `accept` may refuse them.
    #[must_use]
    pub fn foresee(&self, steps: &[Ordinal], limit: usize, accept: impl Fn(Ordinal) -> bool) -> Foresight {
        self.visits.foresee(steps, limit, accept)
    }

    /// Visits remembered.
    #[must_use]
    pub fn visits_count(&self) -> usize {
        self.visits.held_count as usize
    }
}

#[cfg(test)]
mod tests;
