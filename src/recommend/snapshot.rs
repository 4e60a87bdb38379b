//! What readers of recommendations see: which products and shoppers there are as of the last publish, and what is known of each as of now.

use super::Options;
use super::again::Habits;
use super::relation::{Reading, RelationReader, Scoring};
use super::relationship::{Gate, Relationship, Tie};
use super::rings::{Ring, RingKey, RingsReader, Seen};
use super::steps::{Step, Steps};
use super::tops::Tops;
use super::visits::VisitsReader;
use crate::id::{Ordinal, SessionId, ShopperId};
use std::cmp::Reverse;
use std::fmt;
use std::sync::Arc;

/// A view of all tables. Cloning shares them. A row or a log is read whole, as it is between two changes; two of them may be of two moments.
#[derive(Clone)]
pub struct RecommendSnapshot {
    pub(super) options: Arc<Options>,
    /// At the number of each [`Relationship`].
    pub(super) relations: [RelationReader; 4],
    /// What shoppers and visits did.
    pub(super) rings: RingsReader,
    /// What people looked at one after the other.
    pub(super) visits: VisitsReader,
    /// What they buy again.
    pub(super) habits: Habits,
    pub(super) tops: Arc<Tops>,
    /// One beyond the largest ordinal that any event named.
    pub(super) products_end: u32,
}

impl fmt::Debug for RecommendSnapshot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RecommendSnapshot({} products, {} histories)", self.products_end, self.histories_count())
    }
}

impl RecommendSnapshot {
    /// The products that go with `asking` in a relationship and that the gate lets through, in no order.
    #[must_use]
    pub fn ties(&self, relationship: Relationship, asking: Ordinal, gate: Gate) -> Vec<Tie> {
        let of = |relationship: Relationship| &self.relations[relationship as usize];
        let (asked, other) = (of(asked_of(relationship)), of(other_of(relationship)));
        let counts_orders = relationship == Relationship::BoughtTogether;
        Reading { ties: of(relationship), asked, other, scoring: scoring(relationship), counts_orders }.ties(asking, gate)
    }

    /// How many shoppers had the product in the way that the relationship asks about (looked at it, bought it), or how many orders hold it:
    /// what [`Tie::support`] is out of.
    #[must_use]
    pub fn reach(&self, relationship: Relationship, product: Ordinal) -> u32 {
        self.relations[asked_of(relationship) as usize].reach(product)
    }

    /// What a tie must have to be shown to everybody.
    #[must_use]
    pub fn gate(&self, relationship: Relationship) -> Gate {
        let z_min = match relationship {
            Relationship::AlsoViewed => 0.0,
            Relationship::ViewedThenBought | Relationship::AlsoBought | Relationship::BoughtTogether => self.options.z_min,
        };
        Gate { support_min: self.options.support_min, z_min }
    }

    /// Shoppers and visits that have a history here.
    #[must_use]
    pub fn histories_count(&self) -> usize {
        self.rings.count()
    }

    /// What a shopper or a visit did, as far back as it is remembered: the shopper's steps, then those of the visit before it was known
    /// whose it is; each oldest first.
    #[must_use]
    pub fn steps(&self, shopper: Option<&ShopperId>, session: Option<&SessionId>) -> Vec<Step> {
        self.logs(shopper, session).flat_map(|ring| ring.steps.all().to_vec()).collect()
    }

    /// The last products that a shopper or visit looked at or bought, newest first.
    #[must_use]
    pub fn history(&self, shopper: Option<&ShopperId>, session: Option<&SessionId>) -> Vec<Ordinal> {
        self.seen(shopper, session).iter().map(|seen| seen.product).collect()
    }

    /// What each shopper and visit did, oldest first, for those who learn from all of them: no names, and in an order that does not depend on
    /// them.
    pub fn all_steps(&self) -> impl Iterator<Item = Vec<Step>> {
        self.rings.logs().map(Steps::into_all)
    }

    fn logs(&self, shopper: Option<&ShopperId>, session: Option<&SessionId>) -> impl Iterator<Item = Ring> {
        let [shopper, session] = RingKey::of_both(shopper, session);
        let visit = session.and_then(|key| self.rings.get(key));
        let known = shopper.or(visit.as_ref().and_then(|visit| visit.shopper)).and_then(|key| self.rings.get(key));
        known.into_iter().chain(visit)
    }

    /// The log of whoever they are: the shopper's, also where only a visit is told that turned out to be theirs, else the visit's own.
    pub(super) fn log(&self, shopper: Option<&ShopperId>, session: Option<&SessionId>) -> Steps {
        self.logs(shopper, session).next().map(|ring| ring.steps).unwrap_or_default()
    }

    pub(super) fn seen(&self, shopper: Option<&ShopperId>, session: Option<&SessionId>) -> Vec<Seen> {
        let mut seen: Vec<Seen> = Vec::new();
        for ring in self.logs(shopper, session) {
            seen.extend(ring.steps.all().iter().rev().map(|step| Seen { product: step.product(), at: step.last_at() }));
        }
        // Stable, so that what came within one second keeps its order.
        seen.sort_by_key(|seen| Reverse(seen.at));
        let mut kept: Vec<Seen> = Vec::with_capacity(seen.len().min(SEEN_MAX));
        for next in seen {
            if kept.len() < SEEN_MAX && !kept.iter().any(|kept| kept.product == next.product) {
                kept.push(next);
            }
        }
        kept
    }
}

/// Products of a history that answers are made from; comparing each with each stays cheap.
const SEEN_MAX: usize = 128;

/// Whose reach says how many shoppers had the asking product.
fn asked_of(relationship: Relationship) -> Relationship {
    match relationship {
        Relationship::ViewedThenBought => Relationship::AlsoViewed,
        Relationship::AlsoViewed | Relationship::AlsoBought | Relationship::BoughtTogether => relationship,
    }
}

/// Whose reach says how common the other product is.
fn other_of(relationship: Relationship) -> Relationship {
    match relationship {
        Relationship::ViewedThenBought => Relationship::AlsoBought,
        Relationship::AlsoViewed | Relationship::AlsoBought | Relationship::BoughtTogether => relationship,
    }
}

fn scoring(relationship: Relationship) -> Scoring {
    match relationship {
        Relationship::BoughtTogether => Scoring { alpha: 0.3, beta: 0.4 },
        Relationship::AlsoViewed | Relationship::ViewedThenBought | Relationship::AlsoBought => Scoring { alpha: 0.3, beta: 0.3 },
    }
}
