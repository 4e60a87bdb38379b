//! The one writer of signals: a fold over all three streams.
//!
//! What the streams say is kept apart (one set of sums for trade, one for activity) and only added up when a row is derived, so the state
//! depends on the order within each stream and never on how two streams happened to interleave. Rows are derived from that state: touched
//! products at once, the others a few at a time ([`SignalFold::refresh`]), since everybody's decay goes on while nothing touches them.

use super::decay::{Decay, HalfLife, NEVER, Sums, Touch};
use super::document::DocumentNumbers;
use super::orders::{OrderMemory, Placed};
use super::prior::{ShopCounts, ShopMeans, derive};
use super::purchases::Purchases;
use super::skus::{ManySkus, SkuMark};
use super::table::{PRODUCTS_MAX, SignalTable};
use super::{Options, SignalError};
use crate::event::trade::{AfterSaleEvent, Line};
use crate::event::{Behaviour, CatalogEvent, Events, Progress, Projection, Recorded, TradeEvent};
use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;
use std::path::Path;
use std::sync::Arc;

/// Units of one order line that count; a wholesale line must not outweigh a year of sales.
const LINE_UNITS_MAX: i64 = 1_000;
/// What is left of the purchases, or of the interest, of a product that no longer counts as one that sells, or is seen: as little as is left of
/// one purchase when it is forgotten.
const FADED: f64 = 1.0 / 1_024.0;
/// Slow half-lives after which nothing is left that could be noticed: a thousandth.
const FORGOTTEN_HALF_LIVES: i64 = 10;

/// Interest in a product, by what was done with it. Bought counts most, being shown nothing: the shop did that.
pub(super) fn interest_in(behaviour: Behaviour) -> f64 {
    match behaviour {
        Behaviour::Impression => 0.0,
        Behaviour::Click | Behaviour::View => 1.0,
        Behaviour::AddToCart => 4.0,
        Behaviour::Purchase => 8.0,
    }
}

/// Which stream sums come from; also their place in a product's pair of sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Trade = 0,
    Activity = 1,
}

/// Everything folded for one product.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProductState {
    pub(super) sums: [Sums; 2],
    pub(super) numbers: DocumentNumbers,
    /// When it was first put; [`NEVER`] before.
    pub(super) first_put: Timestamp,
    /// The only SKU of which stock was told, and whether it can be sold; see [`super::skus`].
    pub(super) lone: Option<(SkuMark, bool)>,
    pub(super) is_sold: bool,
    pub(super) is_seen: bool,
    /// Waits for its row to be derived.
    pub(super) is_touched: bool,
}

impl Default for ProductState {
    fn default() -> Self {
        let numbers = DocumentNumbers::default();
        Self { sums: [Sums::default(); 2], numbers, first_put: NEVER, lone: None, is_sold: false, is_seen: false, is_touched: false }
    }
}

/// Everything folded so far.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) options: Options,
    pub(super) decay: Decay,
    pub(super) progress: Progress,
    /// The newest moment at which something was seen or sold: what all sums are aged to.
    pub(super) watermark: Timestamp,
    /// The oldest such moment of each source, of those that weigh something beside the newest.
    pub(super) first: [Timestamp; 2],
    /// The newest moment at which a product was put.
    pub(super) last_put: Timestamp,
    pub(super) products: Vec<ProductState>,
    pub(super) skus: ManySkus,
    pub(super) shop: [Sums; 2],
    pub(super) counts: ShopCounts,
    /// Orders placed here, and orders imported.
    pub(super) orders: [OrderMemory; 2],
    pub(super) purchases: Purchases,
    /// Where the next refresh begins.
    pub(super) cursor: usize,
}

/// Folds events into the signal table. One per process.
#[derive(Debug)]
pub struct SignalFold {
    pub(super) table: Arc<SignalTable>,
    pub(super) state: State,
    touched: Vec<Ordinal>,
}

impl SignalFold {
    /// An empty fold. With a file, the table's cells are kept in files of that name with a number behind it.
    ///
    /// # Errors
    /// When the first block cannot be mapped: a folder that is missing shows at once and not with the first product.
    pub fn new(table_file: Option<&Path>, options: Options) -> Result<Self, SignalError> {
        let decay = Decay { short: HalfLife::from_ms(options.half_life_short_ms), long: HalfLife::from_ms(options.half_life_long_ms) };
        let orders = [OrderMemory::new(options.orders_remembered_max), OrderMemory::new(options.orders_remembered_max)];
        let state = State {
            purchases: Purchases::new(options.purchases_remembered_max),
            options,
            decay,
            progress: Progress::default(),
            watermark: NEVER,
            first: [Timestamp(i64::MAX); 2],
            last_put: NEVER,
            products: Vec::new(),
            skus: ManySkus::new(),
            shop: [Sums::default(); 2],
            counts: ShopCounts::default(),
            orders,
            cursor: 0,
        };
        let table = SignalTable::new(table_file);
        table.reach(Ordinal(0))?;
        Ok(Self { table: Arc::new(table), state, touched: Vec::new() })
    }

    /// The table that readers share.
    #[must_use]
    pub fn table(&self) -> Arc<SignalTable> {
        Arc::clone(&self.table)
    }

    /// Products that have a row.
    #[must_use]
    pub fn products_count(&self) -> usize {
        self.state.products.len()
    }

    /// Tells the units available to sell, summed over variants and locations. Visible to readers on return, prior included.
    pub fn set_available(&mut self, product: Ordinal, units: i64) {
        if self.reach(product) {
            self.stand(product, units);
            self.store_row(product, &self.means());
        }
    }

    /// Derives the rows of the next `budget` products in turn, so that decay reaches those that nothing touches.
    pub fn refresh(&mut self, budget: usize) {
        let count = self.state.products.len();
        let turn = (0..budget.min(count)).map(|step| Ordinal(((self.state.cursor + step) % count) as u32));
        let turn: Vec<Ordinal> = turn.collect();
        turn.iter().for_each(|product| self.recount(*product));
        let means = self.means();
        turn.iter().for_each(|product| self.store_row(*product, &means));
        self.state.cursor = turn.last().map_or(self.state.cursor, |last| last.index() + 1);
    }

    /// Counts a product among those that sell, and those that are seen, or no longer: what was canceled, came back or is long ago must not make
    /// the mean product's share smaller for good. Follows from its sums and the newest moment alone.
    fn recount(&mut self, product: Ordinal) {
        let (decay, watermark) = (self.state.decay, self.state.watermark);
        let state = &mut self.state.products[product.index()];
        let sums = Sums::together(&state.sums, watermark, decay);
        let counts = &mut self.state.counts;
        for (is_counted, counts, is_now) in [
            (&mut state.is_sold, &mut counts.sold, sums.purchases > FADED),
            (&mut state.is_seen, &mut counts.seen, sums.interest_long > FADED),
        ] {
            *counts = counts.saturating_add_signed(i64::from(is_now) - i64::from(*is_counted));
            *is_counted = is_now;
        }
    }

    /// The newest thing known, of whichever stream.
    pub(super) fn now(&self) -> Timestamp {
        self.state.watermark.max(self.state.last_put)
    }

    fn means(&self) -> ShopMeans {
        let shop = Sums::together(&self.state.shop, self.state.watermark, self.state.decay);
        ShopMeans::of(&shop, &self.state.counts, self.state.watermark.since_ms(self.began()), self.state.decay)
    }

    /// For how long something weighs anything.
    fn forgotten_ms(&self) -> i64 {
        self.state.options.half_life_long_ms.max(1).saturating_mul(FORGOTTEN_HALF_LIVES)
    }

    /// When that began which weighs anything now. Each source says so for itself, so that it does not matter which was folded first.
    fn began(&self) -> Timestamp {
        let sources = self.state.shop.iter().zip(self.state.first);
        let weighs = sources.filter(|(sums, _)| sums.at != NEVER && self.state.watermark.since_ms(sums.at) <= self.forgotten_ms());
        weighs.map(|(_, first)| first).min().unwrap_or(Timestamp(i64::MAX))
    }

    /// When a source began that said something of `at` now: a wrong clock that said something of 1970 must not make a young shop an old one.
    fn first_with(&self, at: Timestamp, source: Source) -> Timestamp {
        let (first, newest) = (self.state.first[source as usize], self.state.shop[source as usize].at);
        if newest == NEVER || at.since_ms(newest) > self.forgotten_ms() {
            return at;
        }
        if newest.since_ms(at) > self.forgotten_ms() { first } else { first.min(at) }
    }

    fn store_row(&self, product: Ordinal, means: &ShopMeans) {
        let state = &self.state.products[product.index()];
        let sums = Sums::together(&state.sums, self.state.watermark, self.state.decay);
        if state.first_put != NEVER {
            self.table.store_first_seen(product, state.first_put);
        }
        self.table.store(product, &derive(&sums, &state.numbers, self.table.available(product), means));
    }

    /// Makes room for a product; false when there is none to be had.
    pub(super) fn reach(&mut self, product: Ordinal) -> bool {
        if product.index() < self.state.products.len() {
            return true;
        }
        if product.index() >= PRODUCTS_MAX {
            return false;
        }
        self.state.products.resize(product.index() + 1, ProductState::default());
        if let Err(error) = self.table.reach(product) {
            tracing::error!(%error, product = product.0, "signals of this block of products stay neutral");
        }
        true
    }

    fn mark(&mut self, product: Ordinal) {
        let state = &mut self.state.products[product.index()];
        if !state.is_touched {
            state.is_touched = true;
            self.touched.push(product);
        }
    }

    /// Adds an event to its product and to the shop.
    pub(super) fn add(&mut self, product: Ordinal, touch: Touch, at: Timestamp, source: Source) {
        if !self.reach(product) {
            return;
        }
        self.state.watermark = self.state.watermark.max(at);
        self.state.first[source as usize] = self.first_with(at, source);
        self.state.shop[source as usize].add(touch, at, self.state.decay);
        let state = &mut self.state.products[product.index()];
        state.sums[source as usize].add(touch, at, self.state.decay);
        self.mark(product);
    }

    /// Takes back something counted at a moment that is known.
    pub(super) fn take_back(&mut self, product: Ordinal, touch: Touch, counted_at: Timestamp, source: Source) {
        if self.reach(product) {
            self.state.shop[source as usize].add(touch.negated(), counted_at, self.state.decay);
            self.state.products[product.index()].sums[source as usize].add(touch.negated(), counted_at, self.state.decay);
            self.mark(product);
        }
    }

    /// Takes back something that was counted nobody knows when, or never.
    pub(super) fn take_back_some(&mut self, product: Ordinal, touch: Touch, at: Timestamp, source: Source) {
        if self.reach(product) {
            // What the product has no more of the shop does not lose either: sums over weeks hold what those over days have forgotten.
            let taken = self.state.products[product.index()].sums[source as usize].take_back_some(touch, at, self.state.decay);
            self.state.shop[source as usize].lose(taken, self.state.decay);
            self.mark(product);
        }
    }

    fn fold_trade(&mut self, event: &TradeEvent, at: Timestamp) {
        if let TradeEvent::OrderPlaced { order, lines, .. } = event
            && self.state.orders[Source::Trade as usize].remember(order.as_str(), at)
        {
            lines.iter().for_each(|line| self.add(line.product, sale(line.quantity), at, Source::Trade));
        } else if let TradeEvent::OrderCanceled { order, lines, .. } = event {
            let placed = self.state.orders[Source::Trade as usize].cancel(order.as_str());
            for line in lines {
                match placed {
                    Placed::At(placed_at) => self.take_back(line.product, sale(line.quantity), placed_at, Source::Trade),
                    Placed::Unknown => self.take_back_some(line.product, sale(line.quantity), at, Source::Trade),
                    Placed::CanceledBefore => {}
                }
            }
        } else if let TradeEvent::AfterSale(event) = event {
            self.fold_after_sale(event, at);
        }
    }

    /// What was bought in addition counts; what was canceled, or came back, is taken back, but not the interest that was shown.
    fn fold_after_sale(&mut self, event: &AfterSaleEvent, at: Timestamp) {
        let (gone, sold): (&[Line], &[Line]) = match event {
            AfterSaleEvent::OrderEdited { canceled, sold, .. } => (canceled, sold),
            AfterSaleEvent::ReturnInspected { returned, .. } => (returned, &[]),
            _ => return,
        };
        for line in gone {
            let back = Touch { interest: 0.0, ..sale(line.quantity) };
            self.take_back_some(line.product, back, at, Source::Trade);
        }
        sold.iter().for_each(|line| self.add(line.product, sale(line.quantity), at, Source::Trade));
    }

    fn fold_catalog(&mut self, event: &CatalogEvent, at: Timestamp) {
        let (product, (numbers, variants)) = match event {
            CatalogEvent::ProductPut { ordinal, document, .. } => (*ordinal, DocumentNumbers::of(document)),
            CatalogEvent::ProductRemoved { ordinal, .. } => (*ordinal, Default::default()),
            CatalogEvent::SettingPut { .. } | CatalogEvent::SettingRemoved { .. } | CatalogEvent::KeyUsed { .. } => return,
        };
        if self.reach(product) {
            self.put_variants(product, variants);
            let former = std::mem::replace(&mut self.state.products[product.index()].numbers, numbers);
            self.state.counts.replace(&former, &numbers);
            let state = &mut self.state.products[product.index()];
            if state.first_put == NEVER && matches!(event, CatalogEvent::ProductPut { .. }) {
                state.first_put = at;
                self.state.last_put = self.state.last_put.max(at);
            }
            self.mark(product);
        }
    }
}

impl ShopCounts {
    fn replace(&mut self, former: &DocumentNumbers, now: &DocumentNumbers) {
        let milli = |number: f32| (f64::from(number) * 1_000.0) as i64;
        for (numbers, sign) in [(former, -1_i64), (now, 1)] {
            if numbers.rating_count > 0 {
                self.rated = self.rated.saturating_add_signed(sign);
                self.rating_milli += sign * milli(numbers.rating_average);
            }
            if let Some(popularity_log) = numbers.popularity_log {
                self.stated = self.stated.saturating_add_signed(sign);
                self.popularity_milli += sign * milli(popularity_log);
            }
        }
    }
}

/// Units that count of so many.
pub(super) fn counted_units(quantity: i64) -> i64 {
    quantity.clamp(0, LINE_UNITS_MAX)
}

pub(super) fn sale(quantity: i64) -> Touch {
    let units = counted_units(quantity) as f64;
    Touch { units, purchases: 1.0, interest: interest_in(Behaviour::Purchase), ..Touch::default() }
}

pub(super) fn touch_of(behaviour: Behaviour) -> Touch {
    let interest = Touch { interest: interest_in(behaviour), ..Touch::default() };
    match behaviour {
        Behaviour::Impression => Touch { impressions: 1.0, ..interest },
        Behaviour::Click => Touch { clicks: 1.0, ..interest },
        Behaviour::View => Touch { views: 1.0, ..interest },
        Behaviour::AddToCart => interest,
        Behaviour::Purchase => sale(1),
    }
}

impl Projection for SignalFold {
    fn apply(&mut self, recorded: &Recorded) {
        let stream = recorded.stream();
        if recorded.offset < self.state.progress.of(stream) {
            return;
        }
        match &recorded.events {
            Events::Trade(events) => events.iter().for_each(|event| self.fold_trade(event, recorded.at)),
            Events::Catalog(events) => events.iter().for_each(|event| self.fold_catalog(event, recorded.at)),
            Events::Activity(events) => events.iter().for_each(|event| self.fold_activity(event, recorded.at)),
        }
        self.state.progress.advance(stream, recorded.offset.plus(1));
    }

    fn publish(&mut self) {
        self.table.store_now(self.now());
        let touched = std::mem::take(&mut self.touched);
        touched.iter().for_each(|product| self.recount(*product));
        let means = self.means();
        for product in touched {
            self.state.products[product.index()].is_touched = false;
            self.store_row(product, &means);
        }
        self.refresh(self.state.options.refresh_per_publish);
    }

    fn progress(&self) -> Progress {
        self.state.progress
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
pub(super) mod tests;
