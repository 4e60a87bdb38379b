//! Events that wait for memory, so that folding them need not.
//!
//! No two events in a row are the same shopper's, and what one changes lies anywhere in hundreds of megabytes: finding the log, the log, the
//! products in it, their rows, one after the other, each a look at far memory. So an event is not folded when it comes but a few events later,
//! and meanwhile goes through stages; each asks for what the one before it has made known. Nothing is changed before its turn: events are folded
//! in the order in which they came, and what was asked for in vain costs nothing but the asking.

use super::links::{LOOKS_REACH, PURCHASES_REACH};
use super::relationship::Relationship;
use super::rings::{RingKey, Rings};
use super::steps::{Interest, Step};
use super::tables::Tables;
use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;
use std::collections::VecDeque;

/// Events between two stages: what a look at memory takes, in events.
const STAGE_EVENTS: usize = 3;
/// Stages after the first, which is at once.
const STAGES: usize = 6;
/// Events that wait.
const WAITING_MAX: usize = STAGE_EVENTS * STAGES;

/// Rows that are asked for of one event; those of a purchase beyond them are not.
const ROWS_MAX: usize = 16;

/// How near a row is to being changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nearness {
    /// Its beginning, which says how long it is.
    Beginning,
    /// What a partner is looked for in.
    Look,
    /// Where the tie with the product stands or will stand.
    Tie(Ordinal),
    /// All of it.
    All,
}

/// A row that an event will change.
#[derive(Debug, Clone, Copy)]
struct Expected {
    relationship: Relationship,
    /// The product's ordinal, and from the fourth stage on where its row is.
    row: u32,
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

/// An event that waits.
#[derive(Debug)]
struct Waiting {
    behaved: Behaved,
    /// The handle that its log probably has.
    handle: Option<u32>,
    rows: [Expected; ROWS_MAX],
    rows_count: usize,
}

/// Events in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Ahead(VecDeque<Waiting>);

impl Ahead {
    /// Takes an event in; gives the one whose turn it is, if one has waited long enough.
    pub(super) fn push(&mut self, behaved: Behaved, rings: &Rings, tables: &impl Tables) -> Option<Behaved> {
        let none = Expected { relationship: behaved.relationship(), row: 0 };
        self.0.push_back(Waiting { behaved, handle: None, rows: [none; ROWS_MAX], rows_count: 0 });
        for stage in 0..=STAGES {
            if let Some(place) = self.0.len().checked_sub(1 + stage * STAGE_EVENTS) {
                self.0[place].ask(stage, rings, tables);
            }
        }
        if self.0.len() > WAITING_MAX { self.pop() } else { None }
    }

    /// The oldest event, whether or not it has waited long enough.
    pub(super) fn pop(&mut self) -> Option<Behaved> {
        self.0.pop_front().map(|waiting| waiting.behaved)
    }
}

impl Waiting {
    /// Asks for what can be known to be needed.
    #[inline]
    fn ask(&mut self, stage: usize, rings: &Rings, tables: &impl Tables) {
        let Behaved { product, keys: [shopper, visit], .. } = self.behaved;
        let own = |nearness| tables.expect_row(self.behaved.relationship(), tables.row_of(self.behaved.relationship(), product), nearness);
        match stage {
            0 => {
                shopper.into_iter().chain(visit).for_each(|key| rings.expect_key(key));
                tables.expect(self.behaved.relationship(), product);
            }
            1 => {
                own(Nearness::Beginning);
                self.handle = shopper.or(visit).and_then(|log| rings.probably(log));
                self.handle.iter().for_each(|handle| rings.expect(*handle, false));
            }
            2 => {
                own(Nearness::Look);
                self.handle.iter().for_each(|handle| rings.expect(*handle, true));
            }
            3 => {
                own(Nearness::All);
                self.find_rows(rings, tables);
            }
            4 => self.rows[..self.rows_count].iter_mut().for_each(|expected| {
                expected.row = tables.row_of(expected.relationship, Ordinal(expected.row));
                tables.expect_row(expected.relationship, expected.row, Nearness::Beginning);
            }),
            5 => self.expect_rows(Nearness::Look, tables),
            _ => self.expect_rows(Nearness::Tie(product), tables),
        }
        tables.expect_turn(product, self.behaved.keys, stage);
    }

    #[inline]
    fn expect_rows(&self, nearness: Nearness, tables: &impl Tables) {
        self.rows[..self.rows_count].iter().for_each(|expected| tables.expect_row(expected.relationship, expected.row, nearness));
    }

    /// Asks for where the rows are of what the step will be tied to, if its log is the one it seems to be.
    #[inline]
    fn find_rows(&mut self, rings: &Rings, tables: &impl Tables) {
        let (Some(handle), Behaved { product, interest, .. }) = (self.handle, self.behaved) else { return };
        let buys = interest == Interest::Bought;
        let (mut looks, mut purchases) = (0, 0);
        let is_old = |step: Step| !buys && !step.is_purchase() && step.product() == product && step.interest() >= interest;
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
            if *count > reach {
                continue;
            }
            let Some(place) = self.rows.get_mut(self.rows_count) else { return };
            *place = Expected { relationship, row: step.product().0 };
            self.rows_count += 1;
            tables.expect(relationship, step.product());
        }
    }
}
