//! What is counted of a query, in two windows.
//!
//! A window of so many days is a decayed sum whose half-life is the window times ln 2: at a steady rate it holds exactly as much as the
//! days themselves, without an edge at which things fall out.

use super::Options;
use crate::signal::decay::{HalfLife, NEVER};
use crate::stdx::clock::Timestamp;

/// The two half-lives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Windows {
    short: HalfLife,
    long: HalfLife,
}

impl Windows {
    pub(super) fn of(options: &Options) -> Self {
        let half_life = |window_ms: i64| HalfLife::from_ms((window_ms as f64 * std::f64::consts::LN_2) as i64);
        Self { short: half_life(options.window_short_ms), long: half_life(options.window_long_ms) }
    }

    /// What is left of the short and the long sums of `from` at `to`; all of it when `to` is not later.
    pub(super) fn left(self, from: Timestamp, to: Timestamp) -> [f64; 2] {
        if from == NEVER || to <= from {
            return [1.0; 2];
        }
        let elapsed_ms = to.since_ms(from);
        [self.short.left_after(elapsed_ms), self.long.left_after(elapsed_ms)]
    }
}

/// Numbers of counts.
pub(super) const COUNTS_LEN: usize = 9;

/// What happened with a query within a window; decayed, so not whole.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Counts {
    /// Searches; what one visit asks again counts once.
    pub searches: f64,
    /// Those of them that found nothing.
    pub zero_results: f64,
    /// Clicks on products of its answers.
    pub clicks: f64,
    /// Clicks that said at which rank, and the sum of those ranks.
    pub ranked_clicks: f64,
    /// Sum of the ranks of ranked clicks.
    pub ranks_sum: f64,
    /// Products put into a cart after it.
    pub carts: f64,
    /// Orders that hold a product it led to.
    pub orders: f64,
    /// Units of those products in those orders.
    pub units: f64,
    /// What they came to, in minor units of the report's currency.
    pub revenue_minor: f64,
}

impl Counts {
    pub(super) fn numbers(&self) -> [f64; COUNTS_LEN] {
        let Self { searches, zero_results, clicks, ranked_clicks, ranks_sum, carts, orders, units, revenue_minor } = *self;
        [searches, zero_results, clicks, ranked_clicks, ranks_sum, carts, orders, units, revenue_minor]
    }

    pub(super) fn of_numbers(numbers: [f64; COUNTS_LEN]) -> Self {
        let [searches, zero_results, clicks, ranked_clicks, ranks_sum, carts, orders, units, revenue_minor] = numbers;
        Self { searches, zero_results, clicks, ranked_clicks, ranks_sum, carts, orders, units, revenue_minor }
    }

    /// `self · left + other · share`, from 0: what is taken back may have decayed a hair less than what was given.
    fn moved(&self, left: f64, other: &Self, share: f64) -> Self {
        let mut numbers = self.numbers();
        numbers.iter_mut().zip(other.numbers()).for_each(|(number, other)| *number = (*number * left + other * share).max(0.0));
        Self::of_numbers(numbers)
    }

    /// The same, taken back.
    pub(super) fn negated(&self) -> Self {
        Self::of_numbers(self.numbers().map(|number| -number))
    }

    /// Searches that found something.
    #[must_use]
    pub fn found(&self) -> f64 {
        (self.searches - self.zero_results).max(0.0)
    }

    /// What it led to, in clicks: a cart is worth three, an order ten.
    #[must_use]
    pub fn gained(&self) -> f64 {
        gained(self.clicks, self.carts, self.orders)
    }
}

/// Worth in clicks. About one click in ten ends in an order and one in three of those that reach a cart, so these weights let each step of
/// the funnel say about as much as the one before.
pub(super) fn gained(clicks: f64, carts: f64, orders: f64) -> f64 {
    clicks + 3.0 * carts + 10.0 * orders
}

/// Counts in both windows as of `at`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Windowed {
    pub(super) at: Timestamp,
    pub(super) sums: [Counts; 2],
}

impl Default for Windowed {
    fn default() -> Self {
        Self { at: NEVER, sums: [Counts::default(); 2] }
    }
}

impl Windowed {
    /// Adds what happened at `at`, whether that is newer or older than the sums.
    pub(super) fn add(&mut self, counts: &Counts, at: Timestamp, windows: Windows) {
        let (left, share) = (windows.left(self.at, at), windows.left(at, self.at));
        self.sums = [0, 1].map(|window| self.sums[window].moved(left[window], counts, share[window]));
        self.at = self.at.max(at);
    }

    /// The counts as of `now`.
    pub(super) fn aged_to(&self, now: Timestamp, windows: Windows) -> [Counts; 2] {
        let left = windows.left(self.at, now);
        [0, 1].map(|window| self.sums[window].moved(left[window], &Counts::default(), 0.0))
    }
}

/// What a product led to over all queries, in the long window: what its pairs are smoothed towards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ProductTotals {
    pub(super) at: Timestamp,
    pub(super) expected: f32,
    pub(super) clicks: f32,
    pub(super) gained: f32,
}

impl Default for ProductTotals {
    fn default() -> Self {
        Self { at: NEVER, expected: 0.0, clicks: 0.0, gained: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    #[test]
    fn a_steady_rate_fills_a_window_with_its_days() {
        let windows = Windows::of(&Options::default());
        let mut sums = Windowed::default();
        for day in 0..3_000 {
            sums.add(&Counts { searches: 2.0, ..Counts::default() }, Timestamp(day * DAY_MS), windows);
        }
        let [short, long] = sums.aged_to(Timestamp(3_000 * DAY_MS - DAY_MS / 2), windows).map(|counts| counts.searches);
        assert!((short - 60.0).abs() < 1.0, "{short}");
        assert!((1_380.0..1_460.0).contains(&long), "{long}");
    }

    #[test]
    fn what_is_taken_back_at_its_own_time_leaves_nothing() {
        let windows = Windows::of(&Options::default());
        let order = Counts { orders: 1.0, revenue_minor: 500.0, ..Counts::default() };
        let mut sums = Windowed::default();
        sums.add(&order, Timestamp(0), windows);
        sums.add(&Counts { clicks: 1.0, ..Counts::default() }, Timestamp(9 * DAY_MS), windows);
        sums.add(&order.negated(), Timestamp(0), windows);
        assert!(sums.sums.iter().all(|counts| counts.orders < 1e-9 && counts.revenue_minor < 1e-6 && counts.clicks == 1.0));
    }
}
