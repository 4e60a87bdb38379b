//! The one writer of the tables: a fold over what shoppers do and order.
//!
//! Everything about people is folded from the activity stream alone. What a purchase ties together depends on what was looked at before it,
//! and only within one stream is "before" the same in life and in replay; so orders placed here come by [`ActivityEvent::OrderNoted`], as
//! they do for demand. The catalogue only says which ordinals there are.
//!
//! Each step goes into its shopper's log, and what the log then adds to the tables follows from it alone ([`super::links`]). So anything can
//! be taken back: a log is taken out of the tables, changed, and put in again ([`RecommendFold::rewrite`]).

use super::links::{Link, links, links_of};
use super::orders::OrderBook;
use super::rings::{Idle, Ring, RingKey};
use super::row::Share;
use super::snapshot::RecommendSnapshot;
use super::steps::{Interest, Step, Steps};
use super::tops::TopsKeeper;
use super::{Options, relation::Relation};
use crate::event::activity::{HistoryLine, ShopperDigest};
use crate::event::{ActivityEvent, CatalogEvent, Events, Origin, Progress, Projection, Recorded};
use crate::id::Ordinal;
use crate::signal::{PRODUCTS_MAX, SignalTable};
use crate::stdx::clock::Timestamp;
use crate::stdx::published::Published;
use std::fmt;
use std::sync::Arc;

/// Distinct products of one order that are paired; beyond that it is a wholesaler's and says little about what goes with what.
const ORDER_PRODUCTS_MAX: usize = 64;
/// Touched products that a publish looks at for its lists; the others have their turn later.
const TOUCHED_MAX: usize = 4_096;

/// Everything folded so far.
#[derive(Clone)]
pub(super) struct State {
    pub(super) working: RecommendSnapshot,
    pub(super) progress: Progress,
    /// Which ring is forgotten next.
    pub(super) idle: Idle,
    /// Orders placed here and imported.
    pub(super) orders: OrderBook,
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
        let orders = OrderBook::new(options.orders_remembered_max);
        let working = RecommendSnapshot::new(options);
        Self {
            published: Arc::new(Published::new(working.clone())),
            state: State { working, progress: Progress::default(), idle: Idle::default(), orders },
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

    fn touch(&mut self, product: Ordinal) {
        if product.index() < PRODUCTS_MAX {
            self.state.working.products_end = self.state.working.products_end.max(product.0 + 1);
            if self.touched.len() < TOUCHED_MAX {
                self.touched.push(product);
            }
        }
    }

    fn fold_activity(&mut self, event: &ActivityEvent, taken_at: Timestamp) {
        // Nothing can have happened after the pipeline took it: a wrong clock must not age everything else.
        let moment = |happened_at: &Timestamp| (*happened_at).min(taken_at);
        match event {
            ActivityEvent::Behaved { behaviour, product, origin, happened_at, .. } => {
                if let Some(interest) = Interest::of(*behaviour)
                    && product.index() < PRODUCTS_MAX
                {
                    self.fold_behaved(*product, interest, origin, moment(happened_at));
                }
            }
            ActivityEvent::OrderImported { reference, origin, lines, happened_at } => {
                self.fold_order(&format!("imported/{reference}"), origin, lines, moment(happened_at));
            }
            ActivityEvent::OrderNoted { order, origin, lines } => self.fold_order(&placed(order.as_str()), origin, lines, taken_at),
            ActivityEvent::CancellationNoted { order } => {
                if let Some((key, mark)) = self.state.orders.cancel(&placed(order.as_str())) {
                    self.rewrite(key, |steps| steps.take_back_order(mark));
                }
            }
            ActivityEvent::ShopperErased { shopper } => self.erase(shopper),
            ActivityEvent::ImportProgressed { .. } | ActivityEvent::Searched { .. } | ActivityEvent::Recommended { .. } => {}
        }
    }

    fn fold_behaved(&mut self, product: Ordinal, interest: Interest, origin: &Origin, at: Timestamp) {
        self.touch(product);
        self.state.working.visits.step(product, RingKey::of_origin(origin), at);
        let Some(key) = self.key_of(origin) else { return };
        if interest == Interest::Bought {
            self.buy(key, &[product], 0, at);
        } else {
            self.look(key, product, interest, at);
        }
    }

    /// An order: its lines are bought together; lines with a negative quantity are returns of something bought before.
    fn fold_order(&mut self, name: &str, origin: &Origin, lines: &[HistoryLine], at: Timestamp) {
        let key = self.key_of(origin).unwrap_or_else(|| RingKey::of_order(name));
        let Some(mark) = self.state.orders.remember(name, key) else { return };
        let bought = distinct(lines.iter().filter(|line| line.quantity > 0).map(|line| line.product));
        let returned = distinct(lines.iter().filter(|line| line.quantity < 0).map(|line| line.product));
        bought.iter().for_each(|product| self.touch(*product));
        if !bought.is_empty() {
            self.buy(key, &bought, mark, at);
        }
        if !returned.is_empty() {
            self.rewrite(key, |steps| returned.iter().for_each(|product| steps.take_back_purchase(*product)));
        }
    }

    /// Whose log this goes to: the shopper's, else the visit's. The visit of a known shopper learns whose it is.
    fn key_of(&mut self, origin: &Origin) -> Option<RingKey> {
        match RingKey::of_origin(origin) {
            [Some(shopper), Some(visit)] => {
                let is_known = self.state.working.rings.get(visit).is_some_and(|ring| ring.shopper == Some(shopper));
                if !is_known {
                    self.ring(visit).shopper = Some(shopper);
                }
                Some(shopper)
            }
            [shopper, visit] => shopper.or(visit),
        }
    }

    /// The ring of `key` for writing.
    fn ring(&mut self, key: RingKey) -> &mut Ring {
        let rings_max = self.state.working.options.rings_max;
        self.state.idle.touch(&mut self.state.working.rings, key, rings_max)
    }

    fn look(&mut self, key: RingKey, product: Ordinal, interest: Interest, at: Timestamp) {
        if !self.ring(key).steps.has_room_for_look() {
            self.rewrite(key, Steps::let_old_looks_go);
        }
        let rings_max = self.state.working.options.rings_max;
        let State { working, idle, .. } = &mut self.state;
        let ring = idle.touch(&mut working.rings, key, rings_max);
        if let Some(place) = ring.steps.look(product, interest, at) {
            let (steps, relations) = (ring.steps.all(), &mut working.relations);
            links_of(steps, place, &mut |link| count(relations, steps[place], link, 1));
        }
    }

    fn buy(&mut self, key: RingKey, products: &[Ordinal], order: u32, at: Timestamp) {
        if !self.ring(key).steps.has_room_for_purchases(products.len()) {
            self.rewrite(key, Steps::let_old_purchases_go);
        }
        let rings_max = self.state.working.options.rings_max;
        let State { working, idle, .. } = &mut self.state;
        let ring = idle.touch(&mut working.rings, key, rings_max);
        working.habits.count(ring.steps.all(), products, at, 1);
        let start = ring.steps.buy(products, order, at);
        let (steps, relations) = (ring.steps.all(), &mut working.relations);
        for place in start..steps.len() {
            links_of(steps, place, &mut |link| count(relations, steps[place], link, 1));
        }
    }

    /// Changes a log that is there, and the tables with it: all that it added is taken out, and what the changed one adds is put in.
    fn rewrite(&mut self, key: RingKey, change: impl FnOnce(&mut Steps)) {
        if self.state.working.rings.get(key).is_none() {
            return;
        }
        let mut steps = std::mem::take(&mut self.ring(key).steps);
        let RecommendSnapshot { relations, habits, .. } = &mut self.state.working;
        habits.count_all(steps.all(), -1);
        links(steps.all(), &mut |step, link| count(relations, step, link, -1));
        change(&mut steps);
        links(steps.all(), &mut |step, link| count(relations, step, link, 1));
        habits.count_all(steps.all(), 1);
        self.ring(key).steps = steps;
    }

    /// Takes a shopper out of the tables: their own log, and those of the visits that turned out to be theirs.
    fn erase(&mut self, shopper: &ShopperDigest) {
        let shopper = RingKey::of_digest(shopper);
        self.state.working.visits.erase(shopper);
        let visits = self.state.working.rings.visits_of(shopper);
        for key in std::iter::once(shopper).chain(visits) {
            self.rewrite(key, |steps| *steps = Steps::default());
            self.state.idle.forget(&mut self.state.working.rings, key);
        }
    }
}

/// The name of an order placed here, apart from those of other systems.
fn placed(order: &str) -> String {
    format!("placed/{order}")
}

/// Puts what a step adds into the tables, or with a `sign` of -1 takes it out.
fn count(relations: &mut [Relation; 4], step: Step, link: Link, sign: i32) {
    match link {
        Link::Had { relationship, product, weight } => relations[relationship as usize].occur(product, weight, sign, step.at()),
        Link::Tied { relationship, from, to, weight, is_first, after } => {
            let first = i32::from(is_first) * sign;
            let share = Share { weight: weight * sign as f32, support: first, after: first * i32::from(after) };
            relations[relationship as usize].link(from, to, share, step.at());
        }
    }
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
            // Orders placed here are noted in the activity stream.
            Events::Trade(_) => {}
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
