//! Events that wait for memory, so that folding them need not.
//!
//! No two events in a row are the same shopper's, and what one changes lies anywhere in hundreds of megabytes: finding the log, the log, the
//! products in it, their rows, one after the other, each a look at far memory. So an event is not folded when it comes but a few events later,
//! and meanwhile goes through stages; each asks for what the one before it has made known. Nothing is changed before its turn: events are folded
//! in the order in which they came, and what was asked for in vain costs nothing but the asking.

use super::links::{LOOKS_REACH, PURCHASES_REACH};
use super::logs::Tables;
use super::relationship::Relationship;
use super::rings::{RingKey, Rings};
use super::steps::{Interest, Step};
use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;
use std::collections::VecDeque;

/// Events between two stages: what a look at memory takes, in events.
const STAGE_EVENTS: usize = 3;
/// Stages after the first, which is at once.
const STAGES: usize = 5;
/// Events that wait.
const WAITING_MAX: usize = STAGE_EVENTS * STAGES;

/// How near a row is to being changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nearness {
    /// Where it is has to be known.
    Place,
    /// Its beginning, which says how long it is.
    Beginning,
    /// What a tie is looked for in.
    All,
}

/// Somebody did something with a product.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behaved {
    pub(super) product: Ordinal,
    pub(super) interest: Interest,
    /// The shopper's, then the visit's.
    pub(super) keys: [Option<RingKey>; 2],
    pub(super) at: Timestamp,
}

impl Behaved {
    /// The relationship whose row of the product changes first.
    fn relationship(&self) -> Relationship {
        if self.interest == Interest::Bought { Relationship::AlsoBought } else { Relationship::AlsoViewed }
    }
}

/// Events in the order in which they came, each with the handle that its log probably has.
#[derive(Debug, Default)]
pub(super) struct Ahead(VecDeque<(Behaved, Option<u32>)>);

impl Ahead {
    /// Takes an event in; gives the one whose turn it is, if one has waited long enough.
    pub(super) fn push(&mut self, behaved: Behaved, rings: &Rings, tables: &impl Tables) -> Option<Behaved> {
        self.0.push_back((behaved, None));
        for stage in 0..=STAGES {
            if let Some(place) = self.0.len().checked_sub(1 + stage * STAGE_EVENTS) {
                let (behaved, handle) = &mut self.0[place];
                ask(stage, behaved, handle, rings, tables);
            }
        }
        if self.0.len() > WAITING_MAX { self.pop() } else { None }
    }

    /// The oldest event, whether or not it has waited long enough.
    pub(super) fn pop(&mut self) -> Option<Behaved> {
        self.0.pop_front().map(|(behaved, _)| behaved)
    }
}

/// Asks for what can be known to be needed.
#[inline]
fn ask(stage: usize, behaved: &Behaved, handle: &mut Option<u32>, rings: &Rings, tables: &impl Tables) {
    let [shopper, visit] = behaved.keys;
    let log = shopper.or(visit);
    let own = |nearness| tables.expect(behaved.relationship(), behaved.product, nearness);
    match stage {
        0 => {
            shopper.into_iter().chain(visit).for_each(|key| rings.expect_key(key));
            own(Nearness::Place);
        }
        1 => {
            *handle = log.and_then(|log| rings.probably(log));
            handle.iter().for_each(|handle| rings.expect(*handle, false));
            own(Nearness::Beginning);
        }
        2 => {
            handle.iter().for_each(|handle| rings.expect(*handle, true));
            own(Nearness::All);
        }
        3 => rows(behaved, *handle, Nearness::Place, rings, tables),
        4 => rows(behaved, *handle, Nearness::Beginning, rings, tables),
        _ => rows(behaved, *handle, Nearness::All, rings, tables),
    }
    tables.expect_turn(behaved.product, behaved.keys, stage);
}

/// Asks for the rows of what the step will be tied to, if its log is the one it seems to be.
#[inline]
fn rows(behaved: &Behaved, handle: Option<u32>, nearness: Nearness, rings: &Rings, tables: &impl Tables) {
    let Some(handle) = handle else { return };
    let buys = behaved.interest == Interest::Bought;
    let (mut looks, mut purchases) = (0, 0);
    let is_old = |step: Step| !buys && !step.is_purchase() && step.product() == behaved.product && step.interest() >= behaved.interest;
    if rings.newest_first(handle).take(LOOKS_REACH + PURCHASES_REACH).any(is_old) {
        return;
    }
    for step in rings.newest_first(handle).filter(|step| step.is_first()).take(LOOKS_REACH + PURCHASES_REACH) {
        let (relationship, count, reach) = match (step.is_purchase(), buys) {
            (true, true) => (Relationship::AlsoBought, &mut purchases, PURCHASES_REACH),
            (false, true) => (Relationship::ViewedThenBought, &mut looks, LOOKS_REACH),
            (false, false) => (Relationship::AlsoViewed, &mut looks, LOOKS_REACH),
            (true, false) => continue,
        };
        *count += 1;
        if *count <= reach {
            tables.expect(relationship, step.product(), nearness);
        }
    }
}
