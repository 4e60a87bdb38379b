//! The one writer of the tables: a fold over orders and behaviour.
//!
//! *In the same orders*: every pair of products of one order, either way, `1 / √(n - 1)` for an order of `n` products, so that a long order
//! does not outweigh many short ones. *By the same shoppers, soon after*: order-aware co-occurrence: when a shopper turns to `b`, each of the
//! last ten products `a` gets `b` with weight `strength · distance^-½`, and `b` gets `a` with 0.3 of it. A shopper counts once for a pair,
//! however often they look; doing more (cart, purchase) adds the difference.

use super::rings::{Idle, Ring, RingKey, Seen, strength_of};
use super::row::Moment;
use super::snapshot::{RecommendSnapshot, Source};
use super::tops::TopsKeeper;
use super::{Options, relation::Relation};
use crate::event::activity::HistoryLine;
use crate::event::{ActivityEvent, Behaviour, CatalogEvent, Events, Origin, Progress, Projection, Recorded, TradeEvent};
use crate::id::{Ordinal, SessionId, ShopperId};
use crate::signal::orders::{OrderMemory, Placed};
use crate::signal::{PRODUCTS_MAX, SignalTable};
use crate::stdx::clock::Timestamp;
use crate::stdx::published::Published;
use std::fmt;
use std::sync::Arc;

/// Distinct products of one order that are paired; beyond that it is a wholesaler's and says little about what goes with what.
const ORDER_PRODUCTS_MAX: usize = 64;
/// How many products back a shopper's step reaches.
const REACH: usize = 10;
/// Weight of a pair against the order in which it was seen.
const BACKWARD: f32 = 0.3;
/// Touched products that a publish looks at for its lists; the others have their turn later.
const TOUCHED_MAX: usize = 4_096;

/// Everything folded so far.
#[derive(Clone)]
pub(super) struct State {
    pub(super) working: RecommendSnapshot,
    pub(super) progress: Progress,
    /// Which ring is forgotten next, in each stream.
    pub(super) idle: [Idle; 2],
    /// Orders placed here, and orders imported.
    pub(super) orders: [OrderMemory; 2],
}

/// Folds events into the recommendation tables. One per process.
pub struct RecommendFold {
    pub(super) state: State,
    published: Arc<Published<RecommendSnapshot>>,
    signals: Arc<SignalTable>,
    keeper: TopsKeeper,
    touched: Vec<Ordinal>,
}

impl fmt::Debug for RecommendFold {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RecommendFold")
            .field("working", &self.state.working)
            .field("progress", &self.state.progress)
            .finish_non_exhaustive()
    }
}

impl RecommendFold {
    /// Empty tables. The lists of popular and trending products are taken from `signals` at each publish.
    #[must_use]
    pub fn new(options: Options, signals: Arc<SignalTable>) -> Self {
        let orders = [OrderMemory::new(options.orders_remembered_max), OrderMemory::new(options.orders_remembered_max)];
        let working = RecommendSnapshot::new(options);
        Self {
            published: Arc::new(Published::new(working.clone())),
            state: State { working, progress: Progress::default(), idle: [Idle::default(), Idle::default()], orders },
            signals,
            keeper: TopsKeeper::default(),
            touched: Vec::new(),
        }
    }

    /// Where readers take snapshots.
    #[must_use]
    pub fn reader(&self) -> Arc<Published<RecommendSnapshot>> {
        Arc::clone(&self.published)
    }

    /// The live numbers that the lists are taken from.
    #[must_use]
    pub fn signals(&self) -> &SignalTable {
        &self.signals
    }

    /// Forgets what a shopper and a visit looked at and bought. What they added to the tables stays: it names nobody.
    pub fn erase(&mut self, shopper: Option<&ShopperId>, session: Option<&SessionId>) {
        for key in RingKey::of_both(shopper, session).into_iter().flatten() {
            for source in [Source::Trade, Source::Activity] {
                self.state.idle[source as usize].forget(&mut self.state.working.rings[source as usize], key);
            }
        }
    }

    fn touch(&mut self, product: Ordinal) {
        if product.index() < PRODUCTS_MAX {
            self.state.working.products_end = self.state.working.products_end.max(product.0 + 1);
            if self.touched.len() < TOUCHED_MAX {
                self.touched.push(product);
            }
        }
    }

    /// The ring of `key` for writing.
    fn ring(&mut self, source: Source, key: RingKey) -> &mut Ring {
        let rings_max = self.state.working.options.rings_max;
        self.state.idle[source as usize].touch(&mut self.state.working.rings[source as usize], key, rings_max)
    }

    fn fold_behaved(&mut self, seen: Seen, origin: &Origin) {
        self.touch(seen.product);
        let keys = RingKey::of_origin(origin);
        let mut keys = keys.iter().flatten();
        if let Some(first) = keys.next() {
            self.fold_step(seen, *first);
        }
        // The visit of a known shopper has a history too, for requests that name only the visit; its steps are already counted.
        for key in keys {
            self.ring(Source::Activity, *key).push(seen);
        }
    }

    /// One step of a shopper: pairs the product with those before it.
    fn fold_step(&mut self, seen: Seen, key: RingKey) {
        let ring = self.ring(Source::Activity, key);
        let mut before = [None; REACH];
        let others = ring.seen.iter().rev().map(|seen| seen.product).filter(|product| *product != seen.product);
        before.iter_mut().zip(others).for_each(|(slot, product)| *slot = Some(product));
        let former = ring.push(seen);
        let gain = seen.strength.saturating_sub(former.unwrap_or(0));
        let viewed = &mut self.state.working.viewed;
        let moment = viewed.moment(seen.at);
        if former.is_none() {
            viewed.count_total(1.0, moment);
            viewed.row_mut(seen.product).into_iter().for_each(|row| row.occur(1.0, moment));
        }
        if gain > 0 {
            for (index, product) in before.into_iter().flatten().enumerate() {
                let weight = f32::from(gain) / ((index + 1) as f32).sqrt();
                link(viewed, product, seen.product, weight, former.is_none(), moment);
                link(viewed, seen.product, product, weight * BACKWARD, former.is_none(), moment);
            }
        }
    }

    /// Counts an order into its part of "in the same orders" and into the buyer's history.
    fn fold_order(&mut self, source: Source, products: &[Ordinal], at: Timestamp, keys: [Option<RingKey>; 2]) {
        let together = &mut self.state.working.together[source as usize];
        let moment = together.moment(at);
        let (weight, degree) = order_weights(products);
        together.count_total(degree * products.len() as f32, moment);
        for &product in products {
            together.row_mut(product).into_iter().for_each(|row| row.occur(degree, moment));
            for &other in products.iter().filter(|&&other| other != product) {
                link(together, product, other, weight, true, moment);
            }
        }
        for &product in products {
            self.touch(product);
            for key in keys.into_iter().flatten() {
                self.ring(source, key).push(Seen { product, strength: strength_of(Behaviour::Purchase), at });
            }
        }
    }

    /// Takes an order back that was counted at `placed_at`.
    fn unfold_order(&mut self, products: &[Ordinal], placed_at: Timestamp) {
        let together = &mut self.state.working.together[Source::Trade as usize];
        let moment = together.moment(placed_at);
        let (weight, degree) = order_weights(products);
        together.count_total(-degree * products.len() as f32, moment);
        for &product in products {
            if let Some(row) = together.row_mut(product) {
                row.occur(-degree, moment);
                products.iter().filter(|&&other| other != product).for_each(|&other| row.unlink(other, weight, moment));
            }
        }
    }

    fn fold_activity(&mut self, event: &ActivityEvent, taken_at: Timestamp) {
        match event {
            ActivityEvent::Behaved { behaviour, product, origin, happened_at, .. } => {
                let strength = strength_of(*behaviour);
                if strength > 0 && product.index() < PRODUCTS_MAX {
                    // Nothing can have happened after the pipeline took it: a wrong clock must not age everything else.
                    self.fold_behaved(Seen { product: *product, strength, at: (*happened_at).min(taken_at) }, origin);
                }
            }
            ActivityEvent::OrderImported { reference, origin, lines, happened_at } => {
                let at = (*happened_at).min(taken_at);
                let bought = |line: &&HistoryLine| line.quantity > 0;
                let products = distinct(lines.iter().filter(bought).map(|line| line.product));
                if !products.is_empty() && self.state.orders[Source::Activity as usize].remember(reference, at) {
                    self.fold_order(Source::Activity, &products, at, RingKey::of_origin(origin));
                }
            }
            ActivityEvent::ImportProgressed { .. }
            | ActivityEvent::Searched { .. }
            | ActivityEvent::OrderNoted { .. }
            | ActivityEvent::CancellationNoted { .. } => {}
        }
    }

    fn fold_trade(&mut self, event: &TradeEvent, at: Timestamp) {
        if let TradeEvent::OrderPlaced { order, buyer, lines, .. } = event
            && self.state.orders[Source::Trade as usize].remember(order.as_str(), at)
        {
            let products = distinct(lines.iter().map(|line| line.product));
            let keys = RingKey::of_both(buyer.shopper.as_ref(), buyer.session.as_ref());
            self.fold_order(Source::Trade, &products, at, keys);
        } else if let TradeEvent::OrderCanceled { order, lines, .. } = event
            // An order that is not remembered was counted too long ago to matter, or never.
            && let Placed::At(placed_at) = self.state.orders[Source::Trade as usize].cancel(order.as_str())
        {
            self.unfold_order(&distinct(lines.iter().map(|line| line.product)), placed_at);
        }
    }
}

fn link(relation: &mut Relation, from: Ordinal, to: Ordinal, weight: f32, is_first: bool, moment: Moment) {
    if let Some(row) = relation.row_mut(from) {
        row.link(to, weight, is_first, moment);
    }
}

/// The weight of each pair of an order, and the sum of the weights that one of its products takes part in.
fn order_weights(products: &[Ordinal]) -> (f32, f32) {
    let others_count = products.len().saturating_sub(1) as f32;
    (others_count.max(1.0).sqrt().recip(), others_count.sqrt())
}

/// The first [`ORDER_PRODUCTS_MAX`] different products, in the order of the lines.
fn distinct(lines: impl Iterator<Item = Ordinal>) -> Vec<Ordinal> {
    let mut products = Vec::new();
    for product in lines.filter(|product| product.index() < PRODUCTS_MAX) {
        if products.len() >= ORDER_PRODUCTS_MAX {
            break;
        }
        if !products.contains(&product) {
            products.push(product);
        }
    }
    products
}

impl Projection for RecommendFold {
    fn apply(&mut self, recorded: &Recorded) {
        let stream = recorded.stream();
        if recorded.offset < self.state.progress.of(stream) {
            return;
        }
        match &recorded.events {
            Events::Trade(events) => events.iter().for_each(|event| self.fold_trade(event, recorded.at)),
            Events::Activity(events) => events.iter().for_each(|event| self.fold_activity(event, recorded.at)),
            Events::Catalog(events) => {
                for event in events {
                    match event {
                        CatalogEvent::ProductPut { ordinal, .. } | CatalogEvent::ProductRemoved { ordinal, .. } => self.touch(*ordinal),
                        CatalogEvent::SettingPut { .. } | CatalogEvent::SettingRemoved { .. } => {}
                    }
                }
            }
        }
        self.state.progress.advance(stream, recorded.offset.plus(1));
    }

    fn publish(&mut self) {
        self.state.working.tops = self.keeper.next(&self.state.working.tops, &self.touched, self.state.working.products_end, &self.signals);
        self.touched.clear();
        self.published.swap(self.state.working.clone());
    }

    fn progress(&self) -> Progress {
        self.state.progress
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
pub(super) mod tests;
