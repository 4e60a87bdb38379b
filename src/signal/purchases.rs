//! Purchases that are told twice, and returns that are told before what they return.
//!
//! Many shops tell of a purchase by an order and by an event from the page that thanks for it: the two are one. Others export their orders the
//! newest first, so that a return comes before its purchase; and one that comes after it takes back what was counted when it was counted.
//!
//! Whose purchase it was is known by digests, in two fixed tables in which the oldest of a few neighbours makes room ([`super::recent`]):
//!
//! ```text
//! told  person, product, hour, by order or by event   moment, purchases × 2^32 + units, owner
//! held  owner, product, bought or owed                last moment, units, first moment, owner
//! ```
//!
//! The owner is the known person, else the visit: who is erased is in neither.

use super::keys::{mixed, people};
use super::known::Known;
use super::recent::Recent;
use crate::event::Origin;
use crate::event::activity::SAME_PURCHASE_MS;
use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;
use crate::stdx::words::WordWriter;

/// Events of one purchase that are counted at one moment; more are of a purchase of their own.
const EVENTS_MAX: u64 = 1_000;

/// What tells of a purchase.
#[derive(Debug, Clone, Copy)]
enum Told {
    ByOrder = 1,
    ByEvent = 2,
}

/// What became of units.
#[derive(Debug, Clone, Copy)]
enum Held {
    Bought = 3,
    Owed = 4,
}

/// What events of a purchase have counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counted {
    pub(super) at: Timestamp,
    pub(super) purchases: u32,
    pub(super) units: i64,
}

impl Counted {
    fn of(entry: &[u64; 4]) -> Self {
        Self { at: Timestamp(entry[1].cast_signed()), purchases: (entry[2] >> 32) as u32, units: i64::from(entry[2] as u32) }
    }
}

/// Purchases as activity tells of them.
#[derive(Debug, Clone)]
pub(super) struct Purchases {
    pub(super) told: Recent<4>,
    pub(super) held: Recent<5>,
    /// Owners who may be in either.
    owners: Known,
}

/// Whom an origin names, found once: names are digested for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whose {
    people: [Option<u64>; 2],
    owner: Option<u64>,
}

impl Whose {
    pub(super) fn of(origin: &Origin) -> Self {
        let people = people(origin);
        Self { people, owner: people[1].or(people[0]) }
    }

    fn each(&self) -> impl Iterator<Item = u64> + use<> {
        self.people.into_iter().flatten()
    }
}

fn told_key(told: Told, person: u64, product: Ordinal, hour: i64) -> u64 {
    mixed([person, u64::from(product.0), hour.cast_unsigned(), told as u64])
}

fn held_key(held: Held, owner: u64, product: Ordinal) -> u64 {
    mixed([owner, u64::from(product.0), 0, held as u64])
}

fn hour_of(at: Timestamp) -> i64 {
    at.0.div_euclid(SAME_PURCHASE_MS)
}

fn moment(word: u64) -> Timestamp {
    Timestamp(word.cast_signed())
}

impl Purchases {
    /// Tables of so many places each.
    pub(super) fn new(len: usize) -> Self {
        Self::of(Recent::new(len), Recent::new(len))
    }

    fn of(told: Recent<4>, held: Recent<5>) -> Self {
        let owners = Known::of(told.entries().map(|entry| entry[3]).chain(held.entries().map(|entry| entry[4])));
        Self { told, held, owners }
    }

    /// Purchases of that time which one of these people has been told to have made, by their entries.
    fn near(&self, told: Told, whose: &Whose, product: Ordinal, at: Timestamp) -> Vec<[u64; 4]> {
        let hours = [-1, 0, 1].map(|away| hour_of(at).saturating_add(away));
        let entries = whose
            .people
            .into_iter()
            .flatten()
            .flat_map(|person| hours.map(|hour| self.told.get(told_key(told, person, product, hour)).copied()));
        let is_near = |entry: &[u64; 4]| moment(entry[1]).0.abs_diff(at.0) <= SAME_PURCHASE_MS.unsigned_abs() && entry[2] != 0;
        entries.flatten().filter(is_near).collect()
    }

    fn tell(&mut self, told: Told, whose: &Whose, product: Ordinal, at: Timestamp, what: u64) {
        let Some(owner) = whose.owner else { return };
        self.owners.note(owner);
        for person in whose.each() {
            self.told.put([told_key(told, person, product, hour_of(at)), at.0.cast_unsigned(), what, owner]);
        }
    }

    /// An event tells of a purchase: when it is to be counted, which is when those before it were that tell of the same one. None when an order
    /// has told of it.
    pub(super) fn event(&mut self, whose: &Whose, product: Ordinal, at: Timestamp, units: i64) -> Option<Timestamp> {
        if !self.near(Told::ByOrder, whose, product, at).is_empty() {
            return None;
        }
        let earlier = self.near(Told::ByEvent, whose, product, at).into_iter().find(|entry| entry[2] >> 32 < EVENTS_MAX);
        let (counted_at, so_far) = earlier.map_or((at, 0), |entry| (moment(entry[1]), entry[2]));
        self.tell(Told::ByEvent, whose, product, counted_at, so_far + (1 << 32) + units.cast_unsigned());
        Some(counted_at)
    }

    /// An order tells of a purchase: what events have counted of it, which is the order's from now on.
    pub(super) fn order(&mut self, whose: &Whose, product: Ordinal, at: Timestamp) -> Vec<Counted> {
        self.tell(Told::ByOrder, whose, product, at, 1);
        let entries = self.near(Told::ByEvent, whose, product, at);
        entries.iter().for_each(|[key, at, _, owner]| self.told.put([*key, *at, 0, *owner]));
        // One that names a person and a visit stands under both.
        let mut counted: Vec<Counted> = entries.iter().map(Counted::of).collect();
        counted.sort_unstable();
        counted.dedup();
        if let Some(owner) = whose.owner {
            let units = counted.iter().map(|counted| counted.units).sum();
            self.let_go(owner, product, units);
        }
        counted
    }

    fn let_go(&mut self, owner: u64, product: Ordinal, units: i64) -> i64 {
        let Some(&[key, last, held, first, owner]) = self.held.get(held_key(Held::Bought, owner, product)) else { return 0 };
        let gone = units.min(held.cast_signed());
        self.held.put([key, last, held - gone.cast_unsigned(), first, owner]);
        gone
    }

    /// So many units were bought; gives how many of them came back, as was told before.
    pub(super) fn bought(&mut self, whose: &Whose, product: Ordinal, at: Timestamp, units: i64) -> i64 {
        let Some(owner) = whose.owner else { return 0 };
        let owed = self.held.get(held_key(Held::Owed, owner, product)).copied().filter(|entry| moment(entry[1]) >= at);
        let back = owed.map_or(0, |[key, last, owed, first, owner]| {
            let back = units.min(owed.cast_signed());
            self.held.put([key, last, owed - back.cast_unsigned(), first, owner]);
            back
        });
        self.hold(Held::Bought, owner, product, at, units - back);
        back
    }

    /// So many units come back: how many are to be taken back, and from when. The others wait for their purchase.
    pub(super) fn returned(&mut self, whose: &Whose, product: Ordinal, at: Timestamp, units: i64) -> (i64, Timestamp) {
        let Some(owner) = whose.owner else { return (units, at) };
        let held = self.held.get(held_key(Held::Bought, owner, product)).copied().filter(|entry| moment(entry[3]) <= at);
        let Some([_, last, _, first, _]) = held else {
            self.hold(Held::Owed, owner, product, at, units);
            return (0, at);
        };
        let back = self.let_go(owner, product, units);
        self.hold(Held::Owed, owner, product, at, units - back);
        (back, if moment(last) <= at { moment(last) } else { moment(first) })
    }

    fn hold(&mut self, held: Held, owner: u64, product: Ordinal, at: Timestamp, units: i64) {
        if units <= 0 {
            return;
        }
        self.owners.note(owner);
        let key = held_key(held, owner, product);
        let known = self.held.get(key).copied().filter(|entry| entry[2] > 0);
        let (last, so_far, first) =
            known.map_or((at, 0, at), |[_, last, so_far, first, _]| (at.max(moment(last)), so_far, at.min(moment(first))));
        let so_far = so_far.saturating_add(units.cast_unsigned()).min(u64::from(u32::MAX));
        self.held.put([key, last.0.cast_unsigned(), so_far, first.0.cast_unsigned(), owner]);
    }

    /// Forgets what a known person bought.
    pub(super) fn forget(&mut self, person: u64) {
        if self.owners.may_know(person) {
            self.told.forget(|entry| entry[3] == person);
            self.held.forget(|entry| entry[4] == person);
            *self = Self::of(self.told.clone(), self.held.clone());
        }
    }

    /// Appends both tables to their sections.
    pub(super) fn write(&self, [told, held]: [&mut WordWriter; 2]) {
        self.told.write(told);
        self.held.write(held);
    }

    /// Reads what [`Purchases::write`] wrote.
    pub(super) fn read([told, held]: [&[u64]; 2], len: usize) -> Option<Self> {
        Some(Self::of(Recent::read(told, len)?, Recent::read(held, len)?))
    }
}

#[cfg(test)]
#[path = "purchases_tests.rs"]
mod tests;
