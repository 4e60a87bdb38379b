//! What readers of recommendations see: the tables as of the last publish.

use super::Options;
use super::relation::Relation;
use super::rings::{RingKey, Rings, Seen};
use super::tops::Tops;
use crate::id::{Ordinal, SessionId, ShopperId};
use std::fmt;
use std::sync::Arc;

/// Which stream something was folded from; also the place of its part where both streams have one.
///
/// The streams are folded apart and put together when read, so the state never depends on how two streams happened to interleave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Trade = 0,
    Activity = 1,
}

/// An immutable view of all tables. Cloning shares them.
#[derive(Clone)]
pub struct RecommendSnapshot {
    pub(super) options: Arc<Options>,
    /// In the same orders: those placed here, and those imported.
    pub(super) together: [Relation; 2],
    /// By the same shoppers, soon after.
    pub(super) viewed: Relation,
    /// The last products of shoppers and visits: those ordered here, and those seen or imported.
    pub(super) rings: [Rings; 2],
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
    pub(super) fn new(options: Options) -> Self {
        Self {
            together: [Relation::new(options.orders_half_life_ms), Relation::new(options.orders_half_life_ms)],
            viewed: Relation::new(options.views_half_life_ms),
            rings: [Rings::new(), Rings::new()],
            tops: Arc::new(Tops::default()),
            products_end: 0,
            options: Arc::new(options),
        }
    }

    /// Shoppers and visits that have a history here.
    #[must_use]
    pub fn histories_count(&self) -> usize {
        self.rings.iter().map(Rings::count).sum()
    }

    /// The last products that a shopper or visit looked at or bought, newest first.
    #[must_use]
    pub fn history(&self, shopper: Option<&ShopperId>, session: Option<&SessionId>) -> Vec<Ordinal> {
        self.seen(shopper, session).iter().map(|seen| seen.product).collect()
    }

    pub(super) fn seen(&self, shopper: Option<&ShopperId>, session: Option<&SessionId>) -> Vec<Seen> {
        let keys = RingKey::of_both(shopper, session);
        let rings = self.rings.iter().flat_map(|rings| keys.iter().flatten().filter_map(|key| rings.get(*key)));
        let mut seen: Vec<Seen> = rings.flat_map(|ring| ring.seen.iter().rev().copied()).collect();
        // Stable, so that what came in one entry keeps its order.
        seen.sort_by_key(|seen| std::cmp::Reverse(seen.at));
        let mut kept: Vec<Seen> = Vec::with_capacity(seen.len());
        for next in seen {
            if !kept.iter().any(|kept| kept.product == next.product) {
                kept.push(next);
            }
        }
        kept
    }
}
