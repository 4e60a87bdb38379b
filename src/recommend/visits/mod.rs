//! Visits: what people looked at one after the other, and what those who went the same way looked at next.
//!
//! VMIS-kNN (Kersbergen, Sprangers and Schelter, "Serenade: low-latency session-based recommendation in e-commerce at scale", SIGMOD 2022)
//! compares a visit with the most recent visits to each of its products. There the index is built by a nightly job; here each step of each
//! visit is in it as soon as it is folded, the visit that asks included. Two tables: visit to its steps, and product to a bounded ring of the
//! visits that came to it last. A ring holds the places of visits, so a visit that goes on has nothing to move. Both are changed in place while
//! they are read ([`crate::stdx::slab`]): a step is a few words in two records, whoever reads meanwhile.
//!
//! Everything is bounded: visits by [`Options::visits_max`](super::Options) (the one begun first gives its place to the next), the steps of
//! a visit by [`STEPS_MAX`], a ring by [`RECENT_MAX`]. Nothing decays with time, and only the activity stream is folded, so the tables do
//! not depend on how streams interleave.

mod checkpoint;
mod foresee;
mod held;
mod newest;
mod recents;
mod returns;
mod voices;

pub use foresee::{Foreseen, Foresight};

use super::owners::Owners;
use super::rings::RingKey;
use super::snapshot::RecommendSnapshot;
use crate::id::{Ordinal, SessionId, ShopperId};
use crate::stdx::clock::Timestamp;
use held::Held;
use newest::Newest;
use recents::{Recents, RecentsReader};
use returns::Returns;
use std::collections::BTreeSet;

/// Steps remembered of one visit, the newest. One in two hundred visits to a large shop is longer than 34 (Serenade's own count).
const STEPS_MAX: usize = 50;
/// Visits remembered with each product, the newest. Between 100 and 2,000 it makes no difference that could be measured on bol.com's
/// sessions; 500 is what the authors of VMIS-kNN found enough for the largest of theirs.
const RECENT_MAX: usize = 500;
/// After so long without a step the next one begins another visit: half an hour is what web analytics agree on.
const IDLE_MS: u64 = 30 * 60 * 1_000;

/// How many visits before it gives its place away a visit is asked for, then where its products' rings are, then the rings, then their ends.
const AHEAD: [u32; 4] = [16, 12, 8, 4];

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

impl Visit {
    fn begun(key: RingKey, at: Timestamp) -> Self {
        Self { key, shopper: None, at, steps: Vec::new() }
    }

    /// Forgets what it was and keeps the room for its steps.
    fn begin_anew(&mut self, key: RingKey, at: Timestamp) {
        (self.key, self.shopper, self.at) = (key, None, at);
        self.steps.clear();
    }

    /// Whether a step at that time, of that shopper if known, is one of this visit. Where somebody else logs in, theirs begins.
    fn goes_on(&self, at: Timestamp, shopper: Option<RingKey>) -> bool {
        let is_somebody_else = self.shopper.is_some_and(|known| shopper.is_some_and(|shopper| shopper != known));
        // Whoever tells the newest first tells of the visit before when the time between is long, back as well as forth.
        at.0.abs_diff(self.at.0) <= IDLE_MS && !is_somebody_else
    }
}

/// All remembered visits: the writer's side.
pub(super) struct Visits {
    visits_max: u32,
    /// By place: the number of the visit in order of beginning, modulo `visits_max`.
    held: Held,
    held_count: u32,
    begun: u64,
    by_product: Recents,
    /// Where the newest visit of a session or shopper is.
    by_key: Newest,
    returns: Returns,
    /// Whose visit stands at each place: the session or shopper, and the shopper once known.
    owners: [Owners; 2],
    /// The visit that is worked on.
    open: Visit,
    /// The visit that was forgotten last.
    closed: Visit,
}

impl Visits {
    /// Room for `visits_max` visits.
    pub(super) fn new(visits_max: usize) -> Self {
        let visits_max = u32::try_from(visits_max).unwrap_or(u32::MAX).clamp(1, Held::places_max());
        Self {
            visits_max,
            held: Held::default(),
            held_count: 0,
            begun: 0,
            by_product: Recents::new(),
            by_key: Newest::new(visits_max),
            returns: Returns::default(),
            owners: <[Owners; 2]>::default(),
            open: Visit::begun(RingKey(0), Timestamp(0)),
            closed: Visit::begun(RingKey(0), Timestamp(0)),
        }
    }

    /// How many visits there are as of now, and what is known of each at any time.
    pub(super) fn reader(&self) -> VisitsReader {
        VisitsReader {
            visits_max: self.visits_max,
            held: self.held.clone(),
            held_count: self.held_count,
            begun: self.begun,
            by_product: self.by_product.reader(),
            by_key: self.by_key.clone(),
            returns: self.returns.clone(),
        }
    }

    /// Somebody turned to `product`. Of nobody known no visit is remembered.
    pub(super) fn step(&mut self, product: Ordinal, [shopper, session]: [Option<RingKey>; 2], at: Timestamp) {
        let Some(key) = session.or(shopper) else { return };
        let mut visit = std::mem::replace(&mut self.open, Visit::begun(key, at));
        let goes_on = self.newest(key).filter(|slot| self.held.read(*slot, &mut visit) && visit.goes_on(at, shopper));
        let slot = goes_on.or_else(|| {
            visit.begin_anew(key, at);
            self.begin(&visit)
        });
        slot.into_iter().for_each(|slot| self.add_step(slot, &mut visit, product, shopper, at));
        self.open = visit;
    }

    /// Somebody will turn to `product`: the nearer the later the `stage`. Asks for what a step looks at.
    #[inline]
    pub(super) fn expect(&self, product: Ordinal, [shopper, session]: [Option<RingKey>; 2], stage: usize) {
        let Some(key) = session.or(shopper) else { return };
        match stage {
            0 => {
                self.by_key.prefetch(key, false);
                self.by_product.prefetch_place(product);
            }
            1 => {
                self.by_key.prefetch(key, true);
                self.by_product.prefetch(product);
            }
            2 => {
                self.by_key.find(key, |_| true).into_iter().for_each(|slot| self.held.prefetch(slot));
                self.by_product.prefetch_ends(product);
            }
            _ => {}
        }
    }

    fn add_step(&mut self, slot: u32, visit: &mut Visit, product: Ordinal, shopper: Option<RingKey>, at: Timestamp) {
        visit.at = visit.at.max(at);
        if let Some(shopper) = shopper.filter(|_| visit.shopper.is_none()) {
            visit.shopper = Some(shopper);
            self.owners[1].set(slot, Some(shopper));
        }
        if visit.steps.last() == Some(&product) {
            self.held.put(slot, visit, visit.steps.len());
            return;
        }
        self.returns.count(&visit.steps, product);
        let pushed_out = (visit.steps.len() >= STEPS_MAX).then(|| visit.steps.remove(0));
        let left = pushed_out.filter(|lost| !visit.steps.contains(lost));
        let is_first = !visit.steps.contains(&product);
        visit.steps.push(product);
        self.held.put(slot, visit, if pushed_out.is_some() { 0 } else { visit.steps.len() - 1 });
        left.into_iter().for_each(|lost| self.by_product.leave(lost, slot));
        if is_first {
            self.by_product.enter(product, slot);
        }
    }

    /// Takes out all visits of a session or shopper, and what they said about going back. A session in which the shopper was known at any
    /// time is theirs from its beginning to its end, whoever logged in there too.
    pub(super) fn erase(&mut self, key: RingKey) {
        let [keys, shoppers] = &self.owners;
        let shopper_is = |slot: &u32| self.held.shopper(*slot) == Some(key);
        let sessions = shoppers.places_of(key).filter(shopper_is).filter_map(|slot| self.held.key(slot));
        let all: BTreeSet<RingKey> = sessions.chain([key]).collect();
        let held_by = |owner: &RingKey| keys.places_of(*owner).filter(|slot| self.held.key(*slot) == Some(*owner)).collect::<Vec<u32>>();
        let theirs: BTreeSet<u32> = all.iter().flat_map(held_by).collect();
        for slot in theirs {
            if self.forget(slot) {
                let steps = &self.closed.steps;
                (1..steps.len()).for_each(|at| self.returns.uncount(&steps[..at], steps[at]));
            }
        }
    }

    /// One beyond the last place that ever held a visit.
    fn slots_end(&self) -> u32 {
        self.begun.min(u64::from(self.visits_max)) as u32
    }

    /// The place of the newest visit of a session or shopper.
    fn newest(&self, key: RingKey) -> Option<u32> {
        self.by_key.find(key, |slot| self.held.key(slot) == Some(key))
    }

    /// The visit at a place.
    fn visit(&self, slot: u32) -> Option<Visit> {
        let mut visit = Visit::begun(RingKey(0), Timestamp(0));
        self.held.read(slot, &mut visit).then_some(visit)
    }

    /// Gives a visit its place, if need be that of the one begun first. None when there is no memory for it.
    fn begin(&mut self, visit: &Visit) -> Option<u32> {
        let number = self.begun;
        let slot = self.slot_of(number);
        self.forget(slot);
        self.begun += 1;
        self.expect_to_forget(slot);
        self.put(number, visit).then_some(slot)
    }

    /// The place of the visit before which so many have begun.
    fn slot_of(&self, number: u64) -> u32 {
        (number % u64::from(self.visits_max)) as u32
    }

    /// Asks for what forgetting the next visits will change: places are given away in their order.
    fn expect_to_forget(&self, slot: u32) {
        let [first, places, rings, ends] = AHEAD.map(|ahead| (slot + ahead) % self.visits_max);
        self.held.prefetch(first);
        self.held.steps(places).for_each(|step| self.by_product.prefetch_place(step));
        self.held.steps(rings).for_each(|step| self.by_product.prefetch(step));
        self.held.steps(ends).for_each(|step| self.by_product.prefetch_ends(step));
    }

    /// Puts a visit, before which so many have begun, at its place, which is free.
    fn put(&mut self, number: u64, visit: &Visit) -> bool {
        if !self.held.put(self.slot_of(number), visit, 0) {
            return false;
        }
        self.held_count += 1;
        let slot = self.slot_of(number);
        self.owners[0].set(slot, Some(visit.key));
        self.owners[1].set(slot, visit.shopper);
        // Without room for its key a visit is still one that others are compared with.
        let _ = self.by_key.insert(visit.key, number);
        self.by_key.wider(self.held_count).into_iter().for_each(|wider| self.number_anew(wider));
        true
    }

    /// Finds visits by another table from now on.
    fn number_anew(&mut self, mut table: Newest) {
        let first = self.begun.saturating_sub(u64::from(self.visits_max));
        for number in first..self.begun {
            let key = self.held.key(self.slot_of(number));
            key.into_iter().for_each(|key| {
                let _ = table.insert(key, number);
            });
        }
        self.by_key = table;
    }

    /// Takes the visit from a place and keeps it as the one forgotten last. False when none is there.
    fn forget(&mut self, slot: u32) -> bool {
        if !self.held.read(slot, &mut self.closed) {
            return false;
        }
        let visit = &self.closed;
        self.held_count -= 1;
        let firsts = visit.steps.iter().enumerate().filter(|(at, product)| !visit.steps[..*at].contains(product));
        firsts.for_each(|(_, product)| self.by_product.leave(*product, slot));
        self.held.clear(slot);
        self.owners.iter_mut().for_each(|owners| owners.set(slot, None));
        true
    }
}

/// All remembered visits as readers find them: how many there are as of a publish, what each of them did as of now.
#[derive(Clone)]
pub(super) struct VisitsReader {
    visits_max: u32,
    held: Held,
    held_count: u32,
    begun: u64,
    by_product: RecentsReader,
    by_key: Newest,
    returns: Returns,
}

impl VisitsReader {
    /// The steps of the newest visit of a session, or of a shopper whose session is not known, oldest first.
    pub(super) fn steps(&self, [shopper, session]: [Option<RingKey>; 2]) -> Vec<Ordinal> {
        let Some(key) = session.or(shopper) else { return Vec::new() };
        let mut visit = Visit::begun(key, Timestamp(0));
        let slot = self.by_key.find(key, |slot| self.held.key(slot) == Some(key));
        // It may have given its place to another one meanwhile.
        let is_its = slot.is_some_and(|slot| self.held.read(slot, &mut visit)) && visit.key == key;
        if is_its { visit.steps } else { Vec::new() }
    }
}

impl RecommendSnapshot {
    /// The steps of a session's visit, or of the shopper's last one where the session is not known: oldest first, no product twice in a row.
    #[must_use]
    pub fn visit(&self, shopper: Option<&ShopperId>, session: Option<&SessionId>) -> Vec<Ordinal> {
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
