//! Sixty days of the shop, in the order of time: hour by hour, with the rhythm of a day and a week and a slow growth.

use super::visit::{self, Moment};
use super::{HISTORY_DAYS, Shop, draw};
use crate::catalog::formats::{EventRow, OrderRow};
use crate::event::Origin;
use crate::id::QueryId;
use crate::stdx::clock::Timestamp;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

const HOUR_MS: i64 = 3_600_000;
const HOURS_COUNT: i64 = HISTORY_DAYS * 24;
/// How busy each hour of the day is.
const RHYTHM: [u64; 24] = [3, 2, 1, 1, 1, 2, 4, 7, 10, 12, 13, 14, 16, 14, 13, 13, 14, 16, 19, 22, 24, 21, 14, 7];
/// How busy each day of the week is, Thursday first: the epoch was one.
const WEEK: [u64; 7] = [10, 12, 15, 14, 9, 9, 10];

/// One thing that took place.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// A search was answered.
    Searched {
        /// The answer's name.
        query: QueryId,
        /// What was typed.
        text: String,
        /// How many products matched, about.
        matches_count: u64,
        /// Who searched.
        origin: Origin,
        /// When.
        at: Timestamp,
    },
    /// A shopper did something with a product, which is named by its id.
    Behaved(EventRow),
    /// An order was placed on the web or in a store; its lines name products by their ids.
    Ordered(OrderRow),
}

impl Happening {
    /// When it took place.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Searched { at, .. } => *at,
            Self::Behaved(row) => row.at,
            Self::Ordered(row) => row.at,
        }
    }
}

/// Ordered by time, then by the order of making.
struct Waiting {
    at: Timestamp,
    number: u64,
    happening: Happening,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// The history of a shop. It holds one hour of visits at a time, and what of earlier ones is still going on.
pub(super) struct History<'s> {
    shop: &'s Shop,
    /// The hour to be made next, from 0.
    hour: i64,
    /// Of how much of the whole period's business the hours before were.
    busy_before: u64,
    busy_whole: u64,
    waiting: BinaryHeap<Reverse<Waiting>>,
    made_count: u64,
}

impl<'s> History<'s> {
    pub(super) fn new(shop: &'s Shop) -> Self {
        let mut history = Self { shop, hour: 0, busy_before: 0, busy_whole: 0, waiting: BinaryHeap::new(), made_count: 0 };
        history.busy_whole = (0..HOURS_COUNT).map(|hour| history.busy(hour)).sum();
        history
    }

    /// The first moment of an hour. The last hour ends an hour before now, so that every visit is over by then.
    fn start_of(&self, hour: i64) -> Timestamp {
        self.shop.now.plus_ms((hour - HOURS_COUNT - 1) * HOUR_MS)
    }

    fn busy(&self, hour: i64) -> u64 {
        let hours_since_epoch = self.start_of(hour).0.div_euclid(HOUR_MS);
        let of_day = RHYTHM[hours_since_epoch.rem_euclid(24) as usize];
        let of_week = WEEK[hours_since_epoch.div_euclid(24).rem_euclid(7) as usize];
        // A third more at the end than at the start.
        of_day * of_week * (3 * HOURS_COUNT + hour) as u64
    }

    /// Makes everything that begins within the next hour.
    fn make_hour(&mut self) {
        let busy_after = self.busy_before + self.busy(self.hour);
        // Cumulative shares rounded down: every visit falls into exactly one hour.
        let share = |count: u64, busy: u64| (u128::from(count) * u128::from(busy) / u128::from(self.busy_whole)) as u64;
        let visits = share(self.shop.size.visits_count, self.busy_before)..share(self.shop.size.visits_count, busy_after);
        let orders = share(self.shop.size.store_orders_count, self.busy_before)..share(self.shop.size.store_orders_count, busy_after);
        for number in visits {
            let moment = self.moment("visit time", number);
            let happened = visit::online(self.shop, number, moment);
            happened.into_iter().for_each(|happening| self.wait(happening));
        }
        for number in orders {
            let moment = self.moment("store time", number);
            self.wait(visit::in_store(self.shop, number, moment));
        }
        self.busy_before = busy_after;
        self.hour += 1;
    }

    fn moment(&self, kind: &str, number: u64) -> Moment {
        let at = self.start_of(self.hour).plus_ms(draw(self.shop.seed, kind, number).i64(0..HOUR_MS));
        let days_before = self.shop.now.since_ms(at) as f64 / (24 * HOUR_MS) as f64;
        let month = jiff::Timestamp::from_millisecond(at.0).map_or(1, |at| at.to_zoned(jiff::tz::TimeZone::UTC).month());
        Moment { at, days_before, month: month.unsigned_abs() }
    }

    fn wait(&mut self, happening: Happening) {
        self.made_count += 1;
        self.waiting.push(Reverse(Waiting { at: happening.at(), number: self.made_count, happening }));
    }
}

impl Iterator for History<'_> {
    type Item = Happening;

    fn next(&mut self) -> Option<Happening> {
        loop {
            let next_start = self.start_of(self.hour);
            let is_settled = self.waiting.peek().is_some_and(|Reverse(first)| first.at < next_start);
            if is_settled || self.hour == HOURS_COUNT {
                return self.waiting.pop().map(|Reverse(first)| first.happening);
            }
            self.make_hour();
        }
    }
}
