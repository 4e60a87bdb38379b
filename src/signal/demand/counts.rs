//! What is counted of a query, in two windows.
//!
//! A window of so many days is a decayed sum whose half-life is the window times ln 2: at a steady rate it holds exactly as much as the
//! days themselves, without an edge at which things fall out.

use super::Options;
use super::queries::PairCounts;
use crate::signal::decay::{HalfLife, NEVER};
use crate::stdx::clock::Timestamp;

/// Sums of pairs and products are aged by no less than this at a time: what is shown every second loses a hundred-millionth of a sum of years
/// between two times, and numbers of single precision lose nothing then.
const STEP_MS: i64 = 3_600_000;

/// Of what a click leads to, half has come after this share of the time for which it may come, and fifteen in sixteen within it.
const LAG_SHARE: i64 = 4;
/// Place of what is open beside the two windows.
pub(super) const OPEN: usize = 2;

/// The two half-lives, and that of what a click may yet lead to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Windows {
    short: HalfLife,
    long: HalfLife,
    open: HalfLife,
    step_ms: i64,
}

/// How sums go on when something is added.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// When the sums are expressed at from now on.
    pub(super) at: Timestamp,
    /// What is left of them, in the short and the long window, and of what is open.
    pub(super) left: [f64; 3],
    /// What the new weighs.
    pub(super) weight: [f64; 3],
}

/// `sum · left + new · weight`, from 0: what is taken back may have decayed a hair less than what was given.
pub(super) fn added(sum: f64, left: f64, new: f64, weight: f64) -> f64 {
    (sum * left + new * weight).max(0.0)
}

impl Windows {
    pub(super) fn of(options: &Options) -> Self {
        let half_life = |window_ms: i64| HalfLife::from_ms((window_ms as f64 * std::f64::consts::LN_2) as i64);
        let (short, long) = (half_life(options.window_short_ms), half_life(options.window_long_ms));
        let open_ms = options.attribution_ms / LAG_SHARE;
        let step_ms = options.window_short_ms.min(options.window_long_ms).min(open_ms).clamp(1, STEP_MS);
        Self { short, long, open: HalfLife::from_ms(open_ms), step_ms }
    }

    /// What adding something of `at` does to sums that are expressed at `of`.
    pub(super) fn step(self, of: Timestamp, at: Timestamp) -> Step {
        let to = if of == NEVER || at.since_ms(of) >= self.step_ms { at } else { of };
        let late_ms = to.0.saturating_sub(at.0);
        let weight = [self.short, self.long, self.open].map(|half_life| half_life.weight_of(late_ms));
        Step { at: to, left: self.left(of, to), weight }
    }

    /// What is left of the short and the long sums of `from` at `to`, and of what was open; all of it when `to` is not later.
    pub(super) fn left(self, from: Timestamp, to: Timestamp) -> [f64; 3] {
        if from == NEVER || to <= from {
            return [1.0; 3];
        }
        let elapsed_ms = to.since_ms(from);
        [self.short, self.long, self.open].map(|half_life| half_life.left_after(elapsed_ms))
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

    /// `self · left + other · share`, each from 0.
    fn moved(&self, left: f64, other: &Self, share: f64) -> Self {
        let mut numbers = self.numbers();
        numbers.iter_mut().zip(other.numbers()).for_each(|(number, other)| *number = added(*number, left, other, share));
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

/// What `gained` will be when it has come what `open` clicks lead to, where a click of the shop is worth `worth` in the end. Orders lag
/// clicks; that a share falls with the time since the click as an exponential is the delay of O. Chapelle, "Modeling delayed feedback in
/// display advertising", KDD 2014.
pub(super) fn foreseen(gained: f64, open: f64, worth: f64) -> f64 {
    gained + open * (worth - 1.0).max(0.0)
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
    pub(super) expected: f64,
    pub(super) clicks: f64,
    pub(super) gained: f64,
    /// Clicks of which more may come yet.
    pub(super) open: f64,
}

impl Default for ProductTotals {
    fn default() -> Self {
        Self { at: NEVER, expected: 0.0, clicks: 0.0, gained: 0.0, open: 0.0 }
    }
}

impl ProductTotals {
    /// Adds what happened to a pair of the product.
    pub(super) fn add(&mut self, pair: &PairCounts, at: Timestamp, windows: Windows) {
        let Step { at, left: [_, left, left_open], weight: [_, weight, weight_open] } = windows.step(self.at, at);
        *self = Self {
            at,
            expected: added(self.expected, left, pair.expected, weight),
            clicks: added(self.clicks, left, pair.clicks, weight),
            gained: added(self.gained, left, pair.gained(), weight),
            open: added(self.open, left_open, pair.clicks, weight_open),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::queries::{Pair, QueryState};
    use super::*;
    use crate::id::Ordinal;

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

    /// What is expected of the product that sells best stood still at 262,144 clicks while its clicks went on.
    #[test]
    fn sums_of_years_go_on_growing() {
        let windows = Windows::of(&Options::default());
        let pair = PairCounts { expected: 0.015, ..PairCounts::default() };
        let mut totals = ProductTotals { at: Timestamp(0), expected: 262_144.0, ..ProductTotals::default() };
        let mut query = QueryState::of("lamp");
        let of_query = query.pair_mut(Ordinal(1), Timestamp(0), windows);
        of_query.add(&PairCounts { expected: 262_144.0, ..pair }, None, Timestamp(0), windows);
        for _ in 0..1_000 {
            totals.add(&pair, Timestamp(0), windows);
            of_query.add(&pair, None, Timestamp(0), windows);
        }
        let [short, long] = of_query.aged_to(Timestamp(0), windows).map(|counts| counts.expected);
        for expected in [totals.expected, short, long] {
            assert!((expected - 262_159.0).abs() < 0.1, "{expected}");
        }
    }

    /// What was shown every second forgot nothing: a sum of single precision that loses so little at a time loses nothing.
    #[test]
    fn what_is_touched_every_second_forgets_like_what_is_not() {
        let windows = Windows::of(&Options::default());
        let mut query = QueryState::of("lamp");
        let busy = query.pair_mut(Ordinal(1), Timestamp(0), windows);
        busy.add(&PairCounts { clicks: 1_000.0, ..PairCounts::default() }, None, Timestamp(0), windows);
        let mut quiet = *busy;
        (0..9 * 86_400).for_each(|second| busy.add(&PairCounts::default(), None, Timestamp(second * 1_000), windows));
        quiet.add(&PairCounts::default(), None, Timestamp(9 * DAY_MS), windows);
        let clicks = |pair: &Pair| pair.aged_to(Timestamp(9 * DAY_MS), windows).map(|counts| counts.clicks);
        let (busy, quiet) = (clicks(busy), clicks(&quiet));
        assert!(quiet[1] < 990.0 && busy.iter().zip(quiet).all(|(busy, quiet)| (busy - quiet).abs() < 0.1), "{busy:?} {quiet:?}");
    }

    #[test]
    fn pairs_add_up_the_same_in_any_order() {
        let windows = Windows::of(&Options::default());
        let told = |hours: [i64; 4]| {
            let mut query = QueryState::of("lamp");
            let pair = query.pair_mut(Ordinal(1), Timestamp(0), windows);
            let click = PairCounts { clicks: 1.0, ..PairCounts::default() };
            hours.into_iter().for_each(|hour| pair.add(&click, Some(3), Timestamp(hour * 1_800_000), windows));
            pair.aged_to(Timestamp(90 * DAY_MS), windows).map(|counts| counts.clicks)
        };
        let (first, second) = (told([0, 1, 2, 900]), told([900, 1, 2, 0]));
        assert!(first.iter().zip(second).all(|(first, second)| (first - second).abs() < 1e-4), "{first:?} {second:?}");
    }
}
