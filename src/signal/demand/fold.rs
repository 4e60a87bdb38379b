//! The one writer of demand: a fold over what shoppers ask, do and order.
//!
//! Orders placed here reach it through the activity stream too ([`ActivityEvent::OrderNoted`]): which query gets the credit of an order
//! depends on what was clicked before it, and only within one stream is "before" the same in life and in replay. The catalogue is folded
//! apart, for the category of each product, and meets the rest only when rows are derived.

use super::counts::{Counts, ProductTotals, Windowed, Windows};
use super::credit::Credits;
use super::curve::Curve;
use super::queries::{PairCounts, Queries};
use super::repeats::{Act, Deed, Repeats};
use super::snapshot::DemandSnapshot;
use super::{Options, QUERY_BYTES_MAX, looks_personal};
use crate::event::{ActivityEvent, Behaviour, CatalogEvent, Events, Origin, Progress, Projection, Recorded};
use crate::id::{Ordinal, QueryId};
use crate::money::Currency;
use crate::signal::PRODUCTS_MAX;
use crate::signal::decay::NEVER;
use crate::signal::fold::counted_units;
use crate::signal::keys::{key_of, key_of_digest, key_of_order, mixed, people};
use crate::signal::known::Known;
use crate::signal::recent::Recent;
use crate::stdx::chunked::Chunked;
use crate::stdx::clock::Timestamp;
use crate::stdx::published::Published;
use std::sync::Arc;

/// People without a name who ask the same within this time are taken for one.
const NAMELESS_MS: i64 = 86_400_000;
/// Stands for whose an answer is when its search named nobody.
const NOBODYS: u64 = 0;
/// Queries whose rows are derived anew at each publish, so that decay reaches those that nothing touches.
const REFRESH_PER_PUBLISH: usize = 8;

/// The words of a search and what they found.
#[derive(Clone, Copy)]
struct Words<'a> {
    /// As terms.
    text: &'a str,
    /// As written.
    written: &'a str,
    matches_count: u64,
    is_unfinished: bool,
}

/// Everything folded so far. Clones share what neither has changed.
#[derive(Clone)]
pub(super) struct State {
    pub(super) options: Options,
    pub(super) windows: Windows,
    pub(super) progress: Progress,
    /// The newest moment at which something was asked or done: what all sums are aged to.
    pub(super) watermark: Timestamp,
    /// Over all queries, those that are not kept included.
    pub(super) totals: Windowed,
    pub(super) curve: Curve,
    pub(super) queries: Queries,
    pub(super) products: Chunked<ProductTotals>,
    /// A number for the first category of each product; 0 for none.
    pub(super) categories: Chunked<u32>,
    /// Answers by their names: query, who asked as repetitions know them, and whose the answer is as erasures do (0: nobody's).
    pub(super) names: Recent<5>,
    /// The query that led a person to a product last.
    pub(super) touches: Recent<3>,
    pub(super) repeats: Repeats,
    pub(super) credits: Credits,
    /// What revenue is counted in: the currency of the first order that was credited.
    pub(super) currency: Option<Currency>,
}

/// Folds events into demand tables. One per process.
pub struct DemandFold {
    pub(super) state: State,
    pub(super) shown: DemandSnapshot,
    published: Arc<Published<DemandSnapshot>>,
    pub(super) touched: Vec<u64>,
    /// Texts of queries that went since the last publish.
    gone: Vec<Arc<str>>,
    pub(super) refreshed_up_to: Arc<str>,
    /// Whose answers, or who among the first askers of a query, may be known.
    pub(super) askers: Known,
}

impl DemandFold {
    /// Empty tables.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let state = State {
            windows: Windows::of(&options),
            progress: Progress::default(),
            watermark: NEVER,
            totals: Windowed::default(),
            curve: Curve::default(),
            queries: Queries::new(options.queries_max),
            products: Chunked::new(ProductTotals::default()),
            categories: Chunked::new(0),
            names: Recent::new(options.recent_len),
            touches: Recent::new(options.recent_len),
            repeats: Repeats::new(&options),
            credits: Credits::new(options.orders_remembered_max),
            currency: None,
            options,
        };
        let published = Arc::new(Published::default());
        Self {
            state,
            shown: DemandSnapshot::default(),
            published,
            touched: Vec::new(),
            gone: Vec::new(),
            refreshed_up_to: Arc::from(""),
            askers: Known::of([]),
        }
    }

    /// Where readers take snapshots.
    #[must_use]
    pub fn reader(&self) -> Arc<Published<DemandSnapshot>> {
        Arc::clone(&self.published)
    }

    fn fold_activity(&mut self, event: &ActivityEvent, taken_at: Timestamp) {
        // Nothing can have happened after the pipeline took it: a wrong clock must not age everything else.
        let moment = |happened_at: Timestamp| happened_at.min(taken_at);
        match event {
            ActivityEvent::Searched { query, text, written, matches_count, is_unfinished, origin, happened_at } => {
                let written = written.as_deref().unwrap_or(text);
                let words = Words { text, written, matches_count: *matches_count, is_unfinished: *is_unfinished };
                self.fold_search(query, words, origin, moment(happened_at.unwrap_or(taken_at)));
            }
            ActivityEvent::Behaved { behaviour, product, quantity, origin, happened_at } => {
                if product.index() < PRODUCTS_MAX {
                    self.fold_behaviour(*behaviour, *product, *quantity, origin, moment(*happened_at));
                }
            }
            ActivityEvent::OrderImported { reference, origin, lines, happened_at } => {
                self.fold_order(key_of("imported/", reference), origin, lines, moment(*happened_at));
            }
            ActivityEvent::OrderNoted { order, origin, lines, .. } => {
                self.fold_order(key_of_order(order), origin, lines, taken_at);
            }
            ActivityEvent::CancellationNoted { order } => self.unfold_order(key_of_order(order)),
            ActivityEvent::ShopperErased { shopper } => self.forget(key_of_digest(shopper)),
            ActivityEvent::ImportProgressed { .. }
            | ActivityEvent::Recommended { .. }
            | ActivityEvent::Exposed { .. }
            | ActivityEvent::KeyUsed { .. } => {}
        }
    }

    fn fold_search(&mut self, name: &QueryId, words: Words<'_>, origin: &Origin, at: Timestamp) {
        let Words { text, written, matches_count, is_unfinished } = words;
        if text.is_empty() || looks_personal(text) {
            return;
        }
        self.state.watermark = self.state.watermark.max(at);
        let (key, name) = (key_of("query/", text), key_of("answer/", name.as_str()));
        let [visit, shopper] = people(origin);
        // Callers without a name are one of a query and a day: whatever can search could else move what everybody finds.
        let nobody = mixed([at.0.div_euclid(NAMELESS_MS).cast_unsigned(), key, 0, 0]);
        let (person, owner) = (visit.unwrap_or(nobody), shopper.or(visit));
        owner.into_iter().for_each(|owner| self.askers.note(owner));
        self.state.names.put([name, at.0.cast_unsigned(), key, person, owner.unwrap_or(NOBODYS)]);
        let searched = Counts { searches: 1.0, zero_results: f64::from(u8::from(matches_count == 0)), ..Counts::default() };
        let is_first = !is_unfinished && self.state.repeats.is_first(&asking(person, key), at);
        let State { windows, watermark, .. } = self.state;
        if is_first {
            self.state.totals.add(&searched, at, windows);
        }
        if text.len() > QUERY_BYTES_MAX {
            return;
        }
        self.gone.extend(self.state.queries.reach(key, text, watermark, windows));
        let Some(query) = self.state.queries.get_mut(key) else { return };
        if is_unfinished {
            return;
        }
        if at >= query.counts.at {
            query.matches_count = matches_count;
        }
        // A known person is one however many visits they made.
        query.note_asker(owner.unwrap_or(nobody));
        if is_first {
            query.counts.add(&searched, at, windows);
            if written.len() <= QUERY_BYTES_MAX {
                query.note_written(written);
            }
        }
        self.touched.push(key);
    }

    fn fold_behaviour(&mut self, behaviour: Behaviour, product: Ordinal, quantity: u32, origin: &Origin, at: Timestamp) {
        self.state.watermark = self.state.watermark.max(at);
        let act = match behaviour {
            Behaviour::Impression => Act::Impression,
            // Shops tell clicks, views or both of one visit to a product; whichever comes first counts.
            Behaviour::Click | Behaviour::View => Act::Click,
            Behaviour::AddToCart => Act::Cart,
            Behaviour::Purchase => Act::Purchase,
        };
        let asked = origin.query.as_ref().and_then(|name| self.state.names.get(key_of("answer/", name.as_str())));
        let (query, person) = match asked {
            Some(&[_, asked_at, query, asker, owner]) => {
                let person = people(origin)[0];
                if let Some(person) = person.filter(|_| owner == NOBODYS) {
                    self.note_asked(person, query, Timestamp(asked_at.cast_signed()));
                }
                (query, person.unwrap_or(asker))
            }
            None if matches!(act, Act::Cart | Act::Purchase) => match (self.led_by(origin, product, at), people(origin)[0]) {
                (Some(query), Some(person)) => (query, person),
                _ => return,
            },
            None => return,
        };
        if matches!(act, Act::Purchase) && self.is_told(Act::Order, origin, query, product, at)
            || !self.state.repeats.is_first(&Deed { act, person, query, product }, at)
        {
            return;
        }
        let mut pair = PairCounts::default();
        let mut counts = Counts::default();
        let rank = origin.rank.filter(|_| matches!(act, Act::Click));
        match act {
            Act::Search | Act::Order => {}
            Act::Impression => pair.expected = self.show(origin.rank, at),
            Act::Click => (pair.clicks, counts.clicks) = (1.0, 1.0),
            Act::Cart => (pair.carts, counts.carts) = (1.0, 1.0),
            Act::Purchase => {
                (pair.orders, counts.orders) = (1.0, 1.0);
                counts.units = counted_units(i64::from(quantity)) as f64;
            }
        }
        if let Some(rank) = rank {
            (counts.ranked_clicks, counts.ranks_sum) = (1.0, f64::from(rank));
            self.state.curve.click(rank, at);
        }
        self.gain(query, product, &pair, &counts, rank, at);
        if !matches!(act, Act::Impression) {
            let known = people(origin);
            let led = if known == [None; 2] { [Some(person), None] } else { known };
            led.into_iter().flatten().for_each(|person| self.lead(touch(person, product), query, at));
        }
    }

    /// Counts a search for somebody who does something with an answer that was nobody's: they have it, so they asked. Else a shop whose
    /// searches name nobody, and whose clicks do, would have more clicks than searches.
    fn note_asked(&mut self, person: u64, query: u64, at: Timestamp) {
        if self.state.repeats.is_first(&asking(person, query), at) {
            let (searched, windows) = (Counts { searches: 1.0, ..Counts::default() }, self.state.windows);
            self.state.totals.add(&searched, at, windows);
            if let Some(state) = self.state.queries.get_mut(query) {
                state.counts.add(&searched, at, windows);
                self.touched.push(query);
            }
        }
    }

    /// Notes an impression; gives the clicks to be expected of it.
    fn show(&mut self, rank: Option<u32>, at: Timestamp) -> f64 {
        if let Some(rank) = rank {
            self.state.curve.show(rank, at);
        }
        self.state.curve.rate(rank, self.state.totals.sums[1].found())
    }

    /// Notes the query that led somebody to a product, unless a later one has.
    fn lead(&mut self, touch: u64, query: u64, at: Timestamp) {
        if self.state.touches.moment(touch).is_none_or(|last| last <= at) {
            self.state.touches.put([touch, at.0.cast_unsigned(), query]);
        }
    }

    /// The query that led one of these people to the product, last, before `at` and not too long before.
    pub(super) fn led_by(&self, origin: &Origin, product: Ordinal, at: Timestamp) -> Option<u64> {
        let touches = people(origin).into_iter().flatten().filter_map(|person| self.state.touches.get(touch(person, product)));
        let in_time = |led: &Timestamp| *led <= at && at.since_ms(*led) <= self.state.options.attribution_ms;
        let led = touches.map(|touched| (Timestamp(touched[1].cast_signed()), touched[2])).filter(|(led, _)| in_time(led));
        led.max_by_key(|(led, _)| *led).map(|(_, query)| query)
    }

    /// Whether an event, or an order, told of the same purchase.
    pub(super) fn is_told(&self, act: Act, origin: &Origin, query: u64, product: Ordinal, at: Timestamp) -> bool {
        let told = |person: u64| self.state.repeats.is_same_purchase(&Deed { act, person, query, product }, at);
        people(origin).into_iter().flatten().any(told)
    }

    /// Adds to a pair, its query, its product and the shop.
    pub(super) fn gain(&mut self, query: u64, product: Ordinal, pair: &PairCounts, counts: &Counts, rank: Option<u32>, at: Timestamp) {
        let State { windows, watermark, .. } = self.state;
        self.state.totals.add(counts, at, windows);
        self.state.products.at_mut(product.index()).add(pair, at, windows);
        if let Some(state) = self.state.queries.get_mut(query) {
            state.counts.add(counts, at, windows);
            state.pair_mut(product, watermark, windows).add(pair, rank, at, windows);
            self.touched.push(query);
        }
    }

    /// Forgets which searches a person asked. What they were led to and have done lately stands under digests that name the person and the
    /// product together, tells nothing without both, and goes as others come; counts of queries name nobody.
    fn forget(&mut self, person: u64) {
        if !self.askers.may_know(person) {
            return;
        }
        self.state.names.forget(|[_, _, _, _, owner]| *owner == person);
        self.state.queries.forget(person);
        self.askers = self.state.askers();
    }

    fn fold_catalog(&mut self, event: &CatalogEvent) {
        let (ordinal, category) = match event {
            CatalogEvent::ProductPut { ordinal, document, .. } => (*ordinal, super::derive::category_of(document)),
            CatalogEvent::ProductRemoved { ordinal, .. } => (*ordinal, 0),
            CatalogEvent::SettingPut { .. } | CatalogEvent::SettingRemoved { .. } | CatalogEvent::KeyUsed { .. } => return,
        };
        if ordinal.index() < PRODUCTS_MAX && *self.state.categories.at(ordinal.index()) != category {
            *self.state.categories.at_mut(ordinal.index()) = category;
        }
    }
}

impl State {
    /// Whose answers are known, and the askers of queries that too few have asked.
    pub(super) fn askers(&self) -> Known {
        Known::of(self.names.entries().map(|entry| entry[4]).chain(self.queries.askers()))
    }
}

fn asking(person: u64, query: u64) -> Deed {
    Deed { act: Act::Search, person, query, product: Ordinal(0) }
}

fn touch(person: u64, product: Ordinal) -> u64 {
    mixed([person, u64::from(product.0), 0, 0])
}

impl Projection for DemandFold {
    fn apply(&mut self, recorded: &Recorded) {
        let stream = recorded.stream();
        if recorded.offset < self.state.progress.of(stream) {
            return;
        }
        match &recorded.events {
            Events::Activity(events) => events.iter().for_each(|event| self.fold_activity(event, recorded.at)),
            Events::Catalog(events) => events.iter().for_each(|event| self.fold_catalog(event)),
            Events::Trade(_) => {}
        }
        self.state.progress.advance(stream, recorded.offset.plus(1));
    }

    fn publish(&mut self) {
        for text in std::mem::take(&mut self.gone) {
            self.shown.remove(&text);
        }
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        touched.iter().for_each(|key| self.derive(*key));
        self.refresh(REFRESH_PER_PUBLISH);
        self.shown.categories = self.state.categories.clone();
        self.shown.totals = self.state.totals.aged_to(self.state.watermark, self.state.windows);
        self.shown.currency = self.state.currency;
        self.published.swap(self.shown.clone());
    }

    fn progress(&self) -> Progress {
        self.state.progress
    }
}
