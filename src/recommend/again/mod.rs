//! Buying again: how likely a shopper's next order holds each product that they bought before, and what it may hold for the first time.
//!
//! Every order is a question put to what its shopper had bought until then: for each of those products, is it in this order as well? The
//! answers are counted by what tells most (Hu et al., "Modeling personalized item frequency information for next-basket recommendation",
//! SIGIR 2020; Li et al., "A next basket recommendation reality check", TOIS 41(4), 2023): how often it was bought, how many orders ago last,
//! and how many orders there are. So the weights of frequency and recency are not chosen but counted, live, and are the shop's own. Each
//! product has its own count beside, since milk is bought again and a camera is not, and its usual interval, for saying why.
//!
//! All counts are whole numbers and follow from the shoppers' logs alone, so a log can be taken out and put in again like those of the
//! relations.

mod checkpoint;
mod log;
mod next;
mod products;

pub use next::Wanted;

use super::relationship::Relationship;
use super::snapshot::RecommendSnapshot;
use super::steps::Step;
use crate::id::{Ordinal, ShopperId};
use crate::stdx::clock::Timestamp;
use log::{Owned, orders_of, owned};
use next::Afterwards;
use products::Products;

/// Bounds of how often a product was bought, of how many orders ago last, and of how many orders there are; a number counts in the cell of
/// the last bound that it reaches.
const TIMES: [u32; 6] = [1, 2, 3, 4, 5, 8];
const SINCE: [u32; 7] = [1, 2, 3, 4, 5, 7, 11];
const ORDERS: [u32; 6] = [1, 2, 3, 5, 9, 17];
/// Cells are told apart less finely for one product, for which far less is known: bought once, twice, more; lately or not.
const KINDS: usize = 6;
/// Best sellers kept as candidates for what a shopper has not bought.
const POPULAR_MAX: usize = 128;

/// Orders that could hold a product again, and those that did.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Cell {
    tries: u32,
    hits: u32,
}

/// What is known of one product.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Habit {
    /// Orders that hold it.
    orders: u32,
    /// Orders of shoppers who had bought it before, by kind; and those of them that hold it again.
    tries: [u32; KINDS],
    hits: u32,
    /// Sum over the hits of the binary logarithm of the minutes since it was bought last, in 256ths.
    intervals: u64,
}

/// How shoppers buy again. Clones see what is known of each product as of now, all else as it was.
#[derive(Debug, Clone)]
pub(super) struct Habits {
    cells: [[[Cell; ORDERS.len()]; SINCE.len()]; TIMES.len()],
    products: Products,
    orders_count: u32,
    /// Products of all orders together.
    lines_count: u64,
    popular: Vec<Ordinal>,
    /// None of the best sellers is held by fewer orders; looking at each of them for every purchase would be most of what that costs.
    popular_from: u32,
    /// Sum of the intervals of all products.
    intervals: u64,
}

fn bucket(bounds: &[u32], number: u32) -> usize {
    bounds.iter().rposition(|bound| number >= *bound).unwrap_or(0)
}

/// The place of what is known of one product among the cells.
fn cell_of(it: &Owned, orders_count: u32) -> (usize, usize, usize) {
    (bucket(&TIMES, it.times), bucket(&SINCE, it.since), bucket(&ORDERS, orders_count))
}

fn kind_of(times: usize, since: usize) -> usize {
    times.min(2) * 2 + usize::from(since >= 2)
}

/// `log2` of an interval in minutes, in 256ths; of at least one minute and less than 2^64.
fn interval_code(from: Timestamp, to: Timestamp) -> i64 {
    let minutes = (to.0.saturating_sub(from.0) / 60_000).max(1);
    ((minutes as f64).log2() * 256.0) as i64
}

impl Habits {
    pub(super) fn new() -> Self {
        Self {
            cells: Default::default(),
            products: Products::default(),
            orders_count: 0,
            lines_count: 0,
            popular: Vec::new(),
            popular_from: 0,
            intervals: 0,
        }
    }

    /// Counts an order of a shopper whose log was `before`, or with a `sign` of -1 takes it back.
    pub(super) fn count(&mut self, before: &[Step], products: &[Ordinal], at: Timestamp, sign: i32) {
        let (bought, orders_count) = owned(before);
        for it in bought {
            let is_hit = products.contains(&it.product);
            let (times, since, orders) = cell_of(&it, orders_count);
            let cell = &mut self.cells[times][since][orders];
            add(&mut cell.tries, sign);
            let interval = if is_hit { interval_code(it.last_at, at) * i64::from(sign) } else { 0 };
            if is_hit {
                add(&mut cell.hits, sign);
                self.intervals = self.intervals.saturating_add_signed(interval);
            }
            self.products.change(it.product, |habit| {
                add(&mut habit.tries[kind_of(times, since)], sign);
                add(&mut habit.hits, if is_hit { sign } else { 0 });
                habit.intervals = habit.intervals.saturating_add_signed(interval);
            });
        }
        if sign < 0 {
            self.popular_from = 0;
        }
        for product in products {
            self.products.change(*product, |habit| add(&mut habit.orders, sign));
            self.offer(*product);
        }
        add(&mut self.orders_count, sign);
        self.lines_count = self.lines_count.saturating_add_signed(i64::from(sign) * products.len() as i64);
    }

    /// Counts all orders of a log, or takes them back.
    pub(super) fn count_all(&mut self, log: &[Step], sign: i32) {
        for (start, order) in orders_of(log) {
            self.count(&log[..start], &order.products, order.at, sign);
        }
    }

    /// A product may be among the best sellers now.
    fn offer(&mut self, product: Ordinal) {
        let orders = self.products.orders(product);
        let is_full = self.popular.len() >= POPULAR_MAX;
        if (is_full && orders <= self.popular_from) || self.popular.contains(&product) {
            return;
        }
        if !is_full {
            self.popular.push(product);
            return;
        }
        let held = self.popular.iter().map(|held| self.products.orders(*held)).enumerate();
        if let Some((place, fewest)) = held.min_by_key(|(_, orders)| *orders) {
            self.popular_from = fewest;
            if fewest < orders {
                self.popular[place] = product;
            }
        }
    }
}

fn add(number: &mut u32, by: i32) {
    *number = number.saturating_add_signed(by);
}

impl RecommendSnapshot {
    /// What the next order of whoever has that log may hold: at most `limit` products that `accept` says yes to, likeliest first, those bought
    /// before and others together.
    pub(super) fn next_order_of(&self, log: &[Step], limit: usize, accept: impl Fn(Ordinal) -> bool) -> Vec<Wanted> {
        self.habits.next_order(log, &|product| self.bought_afterwards(product), limit, accept)
    }

    /// Of what a shopper has bought, what they may buy again `now`: at most `limit` products that `accept` says yes to, likeliest first.
    #[must_use]
    pub fn buy_again(&self, shopper: &ShopperId, now: Timestamp, limit: usize, accept: impl Fn(Ordinal) -> bool) -> Vec<Wanted> {
        self.buy_again_of(self.log(Some(shopper), None).all(), now, limit, accept)
    }

    /// The same of whoever has that log.
    pub(super) fn buy_again_of(&self, log: &[Step], now: Timestamp, limit: usize, accept: impl Fn(Ordinal) -> bool) -> Vec<Wanted> {
        self.habits.buy_again(log, now, limit, accept)
    }

    /// What the shoppers of a product bought after it; of what they bought at once half, as neither came first. What a single one of them bought is
    /// nobody else's business.
    fn bought_afterwards(&self, product: Ordinal) -> Afterwards {
        let support_min = self.gate(Relationship::AlsoBought).support_min;
        let (shoppers, held, later) = self.relations[Relationship::AlsoBought as usize].later(product, support_min);
        let shares = later.into_iter().map(|(later, count)| (later, count / shoppers.max(1) as f32)).collect();
        Afterwards { shoppers, held, shares }
    }
}

#[cfg(test)]
mod tests;
