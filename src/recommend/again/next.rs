//! From a shopper's log to the products of the next order.
//!
//! A product bought before: the share of hits in its cell (see [`super`]), times what is special about the product: its own hits over those
//! that were to be expected of any product at the same point, each with one added (a gamma prior, so that one purchase proves nothing). A
//! product not bought before: the share of those who bought a shopper's recent products and then bought it, spread over as many orders as follow
//! a first purchase on average; where few bought these products, its share of all orders speaks for them. Of what may be bought again now, how soon it is counts too: what was bought yesterday and is usually bought again after four weeks is in no
//! hurry, see [`due`]. The weights were chosen on the last known baskets of Ta-Feng's shoppers, everything else learnt from those before; decision 0016.

use super::log::{Owned, orders_of, owned};
use super::{Cell, Habits, KINDS, cell_of, kind_of};
use crate::id::Ordinal;
use crate::recommend::steps::Step;
use crate::stdx::clock::Timestamp;
use crate::stdx::topk::{Score, TopK};
use std::cmp::Reverse;

/// What is assumed of a cell before anything is known.
const CELL_PRIOR: (f32, f32) = (0.05, 1.0);
/// How many expected hits a product's own count must outweigh.
const HABIT_PRIOR: f32 = 1.0;
/// Shoppers of a recent product as whom all orders together count: with fewer of its own, what sells everywhere tells more than what they
/// bought afterwards. It speaks for what is not remembered of these, too.
const EVERYBODY: f32 = 30.0;
/// Orders whose products are looked at for what goes with them, the newest; each weighs so much of the next newer.
const RECENT_ORDERS: usize = 5;
const RECENT_DECAY: f32 = 0.7;
/// Products of those orders that are looked at.
const ROOTS_MAX: usize = 32;
/// Weight, for a product bought before, of all that speaks for those that were not.
const KNOWN: f32 = 0.85;
/// How much being early takes from the chance: the power of the share of the usual interval that has passed. On the last orders of 1,941 shoppers
/// of online retail, learnt from those before, what was bought again was 0.25, 0.50, 0.66, 0.79, 0.87, 0.95 of what chances by orders said after
/// 1/32, 1/16, 1/8, 1/4, 1/2 and the whole of it, and 1.1 later on (decision 0083).
const EARLY: f32 = 0.25;
/// What is left of the chance of something bought this minute.
const EARLY_LEAST: f32 = 0.1;
/// Hits from which on a product's usual interval is told.
const INTERVALS_MIN: u32 = 3;

/// A product that a shopper's next order may hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// The product.
    pub product: Ordinal,
    /// About how likely; the list is ordered by it.
    pub chance: f32,
    /// How many of the shopper's orders hold it; none for a product that would be new to them.
    pub times: u32,
    /// When the shopper bought it last.
    pub last_at: Option<Timestamp>,
    /// After how long it is bought again, in the geometric mean over all shoppers who did, in milliseconds.
    pub usual_interval_ms: Option<i64>,
    /// Whether at least half of what speaks for it, besides the shopper's own purchases, is that so many orders hold it; the rest is what others
    /// bought with what the shopper bought, be it one person only.
    pub is_popular: bool,
}

/// What the shoppers of a product bought after it.
#[derive(Debug, Clone, Default)]
pub(super) struct Afterwards {
    /// How many they are.
    pub(super) shoppers: u32,
    /// The share of all they bought that is known still: of products that go with many others only what goes with them most is remembered.
    pub(super) held: f32,
    /// The share of them who bought each of these.
    pub(super) shares: Vec<(Ordinal, f32)>,
}

type Related<'a> = &'a dyn Fn(Ordinal) -> Afterwards;

/// What speaks for a product without the shopper's own habit.
#[derive(Debug, Clone, Copy)]
struct Other {
    product: Ordinal,
    share: f32,
    /// What of it is that so many orders hold it.
    popular: f32,
}

impl Habits {
    /// See `RecommendSnapshot::next_order_of`. `related` gives what the shoppers of a product bought
    /// after it.
    pub(super) fn next_order(&self, log: &[Step], related: Related<'_>, limit: usize, accept: impl Fn(Ordinal) -> bool) -> Vec<Wanted> {
        let again = self.again(log);
        let mut wanted: Vec<Wanted> = Vec::with_capacity(again.len() + self.popular.len());
        for Other { product, share, popular } in self.others(log, related) {
            match again.binary_search_by_key(&product, |it| it.product) {
                Ok(place) => wanted.push(Wanted { chance: again[place].chance + KNOWN * share, ..again[place] }),
                Err(_) => wanted.push(Wanted {
                    product,
                    chance: share,
                    times: 0,
                    last_at: None,
                    usual_interval_ms: self.usual(product),
                    is_popular: 2.0 * popular >= share,
                }),
            }
        }
        best(wanted, limit, accept)
    }

    /// See [`RecommendSnapshot::buy_again`](super::RecommendSnapshot::buy_again).
    pub(super) fn buy_again(&self, log: &[Step], now: Timestamp, limit: usize, accept: impl Fn(Ordinal) -> bool) -> Vec<Wanted> {
        let mut again = self.again(log);
        let of_all = self.usual_of_all();
        for wanted in &mut again {
            let (passed_ms, usual_ms) = (wanted.last_at.map(|last_at| now.since_ms(last_at)), wanted.usual_interval_ms.or(of_all));
            wanted.chance *= passed_ms.zip(usual_ms).map_or(1.0, |(passed_ms, usual_ms)| due(passed_ms, usual_ms));
        }
        best(again, limit, accept)
    }

    /// What was bought before, ascending.
    fn again(&self, log: &[Step]) -> Vec<Wanted> {
        let (bought, orders_count) = owned(log);
        let kinds = self.kinds();
        let wanted = |it: Owned| Wanted {
            product: it.product,
            chance: self.chance(&it, orders_count) * self.special(it.product, &kinds),
            times: it.times,
            last_at: Some(it.last_at),
            usual_interval_ms: self.usual(it.product),
            is_popular: false,
        };
        bought.into_iter().map(wanted).collect()
    }

    fn chance(&self, it: &Owned, orders_count: u32) -> f32 {
        let (times, since, orders) = cell_of(it, orders_count);
        share(self.cells[times][since][orders])
    }

    /// Hits of a product over those to be expected of any.
    fn special(&self, product: Ordinal, kinds: &[f32; KINDS]) -> f32 {
        let habit = self.products.at(product);
        let expected: f32 = habit.tries.iter().zip(kinds).map(|(tries, chance)| *tries as f32 * chance).sum();
        (habit.hits as f32 + HABIT_PRIOR) / (expected + HABIT_PRIOR)
    }

    /// The share of hits by the kinds that are told apart for one product.
    fn kinds(&self) -> [f32; KINDS] {
        let mut sums = [(0_u64, 0_u64); KINDS];
        for (times, by_since) in self.cells.iter().enumerate() {
            for (since, by_orders) in by_since.iter().enumerate() {
                let sum = &mut sums[kind_of(times, since)];
                by_orders.iter().for_each(|cell| *sum = (sum.0 + u64::from(cell.tries), sum.1 + u64::from(cell.hits)));
            }
        }
        sums.map(|(tries, hits)| (hits as f32 + CELL_PRIOR.0) / (tries as f32 + CELL_PRIOR.1))
    }

    pub(super) fn usual(&self, product: Ordinal) -> Option<i64> {
        let habit = self.products.at(product);
        usual_of(habit.intervals, u64::from(habit.hits))
    }

    /// The same over all products: for those of which too little is known.
    fn usual_of_all(&self) -> Option<i64> {
        usual_of(self.intervals, self.tries_and_hits().1)
    }

    fn popularity(&self, product: Ordinal) -> f32 {
        self.products.orders(product) as f32 / self.orders_count.max(1) as f32
    }

    /// Orders of a shopper that follow the first purchase of a product, on average over all products and shoppers; at least one. What others bought
    /// after a product they bought in any of so many orders.
    pub(super) fn following(&self) -> f32 {
        let (tries, hits) = self.tries_and_hits();
        let firsts = self.lines_count.saturating_sub(hits).max(1);
        (tries as f32 / firsts as f32).max(1.0)
    }

    fn tries_and_hits(&self) -> (u64, u64) {
        let cells = self.cells.iter().flatten().flatten();
        cells.fold((0, 0), |(tries, hits), cell| (tries + u64::from(cell.tries), hits + u64::from(cell.hits)))
    }

    /// What speaks for each product without the shopper's own habit, ascending: best sellers, what goes with recent orders, and those bought
    /// before, which may be neither.
    fn others(&self, log: &[Step], related: Related<'_>) -> Vec<Other> {
        let (mut shares, unknown) = related_to(log, related);
        shares.extend(self.popular.iter().filter(|product| self.products.orders(**product) > 0).map(|product| (*product, 0.0)));
        shares.extend(owned(log).0.iter().map(|it| (it.product, 0.0)));
        // Stable, so that sums are taken in the order of the roots.
        shares.sort_by_key(|(product, _)| *product);
        shares.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            kept.1 += if is_same { later.1 } else { 0.0 };
            is_same
        });
        let following = self.following();
        let other = |(product, share): (Ordinal, f32)| {
            let popular = unknown * self.popularity(product);
            Other { product, share: share / following + popular, popular }
        };
        shares.into_iter().map(other).collect()
    }
}

/// What goes with the products of the newest orders, in shares whose weights add up to one with that of all orders, which stands beside them.
fn related_to(log: &[Step], related: Related<'_>) -> (Vec<(Ordinal, f32)>, f32) {
    let orders = orders_of(log);
    let weights = (0..RECENT_ORDERS as i32).map(|ago| RECENT_DECAY.powi(ago));
    let lines =
        orders.iter().rev().zip(weights).flat_map(|((_, order), weight)| order.products.iter().map(move |product| (*product, weight)));
    let roots: Vec<(Ordinal, f32)> = lines.take(ROOTS_MAX).collect();
    let total: f32 = roots.iter().map(|(_, weight)| weight).sum::<f32>().max(f32::MIN_POSITIVE);
    let (mut found, mut unknown) = (Vec::new(), 1.0);
    for (root, weight) in roots {
        let Afterwards { shoppers, held, shares } = related(root);
        let known = weight / total * (shoppers as f32 / (shoppers as f32 + EVERYBODY));
        unknown -= known * held;
        found.extend(shares.into_iter().map(|(product, share)| (product, share * known)));
    }
    (found, f32::max(unknown, 0.0))
}

/// The geometric mean of so many intervals, in milliseconds; none of too few.
fn usual_of(intervals: u64, hits: u64) -> Option<i64> {
    let mean = || intervals as f64 / hits as f64 / 256.0;
    (hits >= u64::from(INTERVALS_MIN)).then(|| (mean().exp2() * 60_000.0) as i64)
}

/// What is left of a chance when so much of the usual interval has passed: all of it when that is over.
fn due(passed_ms: i64, usual_ms: i64) -> f32 {
    let passed = passed_ms as f32 / usual_ms.max(1) as f32;
    passed.powf(EARLY).clamp(EARLY_LEAST, 1.0)
}

fn share(cell: Cell) -> f32 {
    (cell.hits as f32 + CELL_PRIOR.0) / (cell.tries as f32 + CELL_PRIOR.1)
}

fn best(wanted: Vec<Wanted>, limit: usize, accept: impl Fn(Ordinal) -> bool) -> Vec<Wanted> {
    let mut top = TopK::new(limit);
    for (place, it) in wanted.iter().enumerate() {
        let element = (Score(it.chance), Reverse(it.product), place);
        // Most fall at the score already; asking whether one may be shown costs far more.
        if top.floor().is_none_or(|floor| element > *floor) && accept(it.product) {
            top.push(element);
        }
    }
    top.into_descending().into_iter().map(|(_, _, place)| wanted[place]).collect()
}
