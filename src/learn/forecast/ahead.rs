//! From what a method expects to quantiles of the demand over the next periods together.
//!
//! Errors of one period ahead tell how far demand lies from what is expected; how that grows over several periods follows from how long an
//! error lasts (R. Hyndman et al., "Forecasting with Exponential Smoothing", 2008, section 6.1, for a level without trend). The sum is taken to be a negative
//! binomial count, which is what demand that comes in clusters is. The bootstrap draws whole sums instead.

use super::crowd::Crowd;
use super::methods::{Method, Run};
use super::series::{History, mean};
use super::{LEVELS, Quantiles, count};
use serde::{Deserialize, Serialize};

/// Sums that are drawn: the last level then stands on five of them.
const DRAWS: usize = 500;
/// Seed of the draws, so that the same history has the same quantiles.
const SEED: u64 = 0x5EED;

/// What a thing sold itself is pulled down towards its kin by so many of its own standard errors at most (a count's variance is its mean at
/// least). Things that sell much more than others do are no kin of them, and what is a fair guess for most would be a bad one for the best
/// sellers (B. Efron and C. Morris, "Limiting the risk of Bayes and empirical Bayes estimators", JASA 66(336), 1971, and 67(337), 1972).
const PULL_MAX: f64 = 1.0;

/// A method with its constants, and how its spread is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// How demand is forecast.
    pub method: Method,
    /// The variance, as it follows from errors of one period, is multiplied by this, for each level.
    pub spreads: [f64; LEVELS.len()],
}

/// Quantiles of demand over the next 1, 2, ... `periods` periods together, of a history that begins when the thing was on sale.
#[must_use]
pub fn sums_ahead(plan: Plan, history: History<'_>, crowd: &Crowd, periods: usize) -> Vec<Quantiles> {
    match plan.method {
        Method::Zero => vec![Quantiles::default(); periods],
        Method::Bootstrap { fading } => {
            let mut urn = Urn::of(history.demand, fading);
            let next = |_| {
                urn.draw();
                urn.quantiles()
            };
            (0..periods).map(next).collect()
        }
        _ => Outlook::of(plan.method, history, crowd, periods).quantiles(&plan.spreads),
    }
}

/// Each level with its own spread; a higher one is never lower.
fn spread_out((mean, variance): &(f64, f64), spreads: &[f64; LEVELS.len()]) -> Quantiles {
    let mut reached = 0.0_f64;
    let mut found = Quantiles::default();
    let mut known: Option<(f64, Quantiles)> = None;
    for (level, spread) in spreads.iter().enumerate() {
        let quantiles =
            known.filter(|(before, _)| before == spread).map_or_else(|| count::quantiles(*mean, variance * spread), |known| known.1);
        known = Some((*spread, quantiles));
        reached = reached.max(quantiles.0[level]);
        found.0[level] = reached;
    }
    found
}

/// The last of [`sums_ahead`].
#[must_use]
pub(super) fn sum_of(plan: Plan, history: History<'_>, crowd: &Crowd, periods: usize) -> Quantiles {
    match plan.method {
        Method::Zero | Method::Bootstrap { .. } => sum_ahead(plan.method, &[1.0], history, crowd, periods)[0],
        _ => Outlook::of(plan.method, history, crowd, periods).last(&plan.spreads),
    }
}

/// The same for each of several spreads, which all levels have.
#[must_use]
pub(super) fn sum_ahead(method: Method, spreads: &[f64], history: History<'_>, crowd: &Crowd, periods: usize) -> Vec<Quantiles> {
    match method {
        Method::Zero => vec![Quantiles::default(); spreads.len()],
        Method::Bootstrap { fading } => {
            let mut urn = Urn::of(history.demand, fading);
            (0..periods).for_each(|_| urn.draw());
            vec![urn.quantiles(); spreads.len()]
        }
        _ => {
            let outlook = Outlook::of(method, history, crowd, periods);
            spreads.iter().map(|spread| outlook.last_of(*spread)).collect()
        }
    }
}

/// What is expected of the next periods together, and how far it may be wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outlook {
    /// Mean and variance of the sum of the next 1, 2, ... periods.
    sums: Vec<(f64, f64)>,
}

impl Outlook {
    pub(super) fn of(method: Method, history: History<'_>, crowd: &Crowd, periods: usize) -> Self {
        let factor = |at: usize| match method {
            Method::Profile { strength, .. } => crowd.profile.factor(history.start + at, strength),
            _ => 1.0,
        };
        let without: Vec<Option<f64>> = (0..).zip(history.demand).map(|(at, period)| Some((*period)? / factor(at))).collect();
        let mut run = method.run(&without, periods);
        let mut variance = error_variance(&run, &without);
        if let Method::Kin { periods, .. } = method {
            let kin = crowd.kin(history.class);
            let known = without.iter().flatten().count() as f64;
            let share = periods / (periods + known);
            for expected in &mut run.ahead {
                let own_error = (variance.max(*expected) / known.max(1.0)).sqrt();
                *expected += (share * (kin.mean - *expected)).max(-PULL_MAX * own_error);
            }
            variance += share * (kin.variance - variance);
        }
        let persistence = method.persistence();
        let (mut mean, mut growth) = (0.0, 0.0);
        let sum = |(step, expected): (usize, &f64)| {
            let factor = factor(history.len() + step);
            mean += expected * factor;
            growth += ((1.0 + persistence * step as f64) * factor).powi(2);
            (mean, variance * growth)
        };
        Self { sums: (0..).zip(&run.ahead).map(sum).collect() }
    }

    /// What is expected of each period, one by one.
    pub(super) fn each(&self) -> Vec<f64> {
        let before = std::iter::once(0.0).chain(self.sums.iter().map(|(mean, _)| *mean));
        self.sums.iter().zip(before).map(|((mean, _), before)| mean - before).collect()
    }

    fn quantiles(&self, spreads: &[f64; LEVELS.len()]) -> Vec<Quantiles> {
        self.sums.iter().map(|sum| spread_out(sum, spreads)).collect()
    }

    /// Of the longest sum alone.
    fn last(&self, spreads: &[f64; LEVELS.len()]) -> Quantiles {
        self.sums.last().map_or_else(Quantiles::default, |sum| spread_out(sum, spreads))
    }

    /// Of the longest sum with one spread for all levels.
    fn last_of(&self, spread: f64) -> Quantiles {
        self.sums.last().map_or_else(Quantiles::default, |(mean, variance)| count::quantiles(*mean, variance * spread))
    }
}

/// Mean square of the errors of one period ahead; of the first period nothing could be expected.
fn error_variance(run: &Run, history: &[Option<f64>]) -> f64 {
    let errors = run.expected.iter().zip(history).filter_map(|(expected, period)| Some((*period)? - expected)).skip(1);
    mean(errors.map(|error| error * error)).unwrap_or(0.0)
}

/// Periods of a history to draw from, newer ones more often.
struct Urn {
    /// The newest first; each with the sum of the weights up to it.
    known: Vec<(f64, f64)>,
    random: fastrand::Rng,
    /// The sums of what was drawn so far.
    sums: Vec<f64>,
}

impl Urn {
    fn of(history: &[Option<f64>], fading: f64) -> Self {
        let (mut weight, mut reached) = (1.0, 0.0);
        let weighted = |value: &f64| {
            reached += weight;
            weight *= fading;
            (reached, *value)
        };
        let known: Vec<(f64, f64)> = history.iter().rev().flatten().map(weighted).collect();
        let sums = if known.is_empty() { Vec::new() } else { vec![0.0; DRAWS] };
        Self { known, random: fastrand::Rng::with_seed(SEED), sums }
    }

    /// Draws one more period for each sum.
    fn draw(&mut self) {
        let Some((reached, _)) = self.known.last() else { return };
        for sum in &mut self.sums {
            let point = self.random.f64() * reached;
            let place = self.known.partition_point(|(up_to, _)| *up_to <= point).min(self.known.len() - 1);
            *sum += self.known[place].1;
        }
    }

    /// The smallest sums that at least so many stay within.
    fn quantiles(&self) -> Quantiles {
        if self.sums.is_empty() {
            return Quantiles::default();
        }
        let mut sorted = self.sums.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        Quantiles(LEVELS.map(|level| sorted[((level * DRAWS as f64).ceil() as usize).clamp(1, DRAWS) - 1]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::known;
    use super::super::series::Class;
    use super::*;

    #[test]
    fn errors_that_last_add_up_and_others_do_not() {
        // Errors of the plain mean: 4 - 2, 3 - 3, 3 - 3: mean square 4 / 3.
        let history = known(&[2.0, 4.0, 3.0, 3.0]);
        let outlook = Outlook::of(Method::Smoothing { alpha: 0.1 }, History::of(&history), &Crowd::default(), 2);
        let variance = 4.0 / 3.0;
        let expected = [(3.0, variance), (6.0, variance * (1.0 + 1.1 * 1.1))];
        for ((mean, found), (mean_expected, wanted)) in outlook.sums.iter().zip(expected) {
            assert!((mean - mean_expected).abs() < 1e-9 && (found - wanted).abs() < 1e-9, "{outlook:?}");
        }
        // Of as much as last time every error lasts: 1, then 1 + 4. Errors 2, -1, 0: mean square 5 / 3.
        let walk = Outlook::of(Method::Naive, History::of(&history), &Crowd::default(), 2);
        assert!((walk.sums[1].1 - 5.0 * 5.0 / 3.0).abs() < 1e-9, "{walk:?}");
        // Sizes over intervals last no longer than a period.
        let croston = Outlook::of(Method::Croston { alpha: 0.1 }, History::of(&history), &Crowd::default(), 2);
        assert!((croston.sums[1].1 - 2.0 * croston.sums[0].1).abs() < 1e-9, "{croston:?}");
    }

    /// With eight weeks of history best sellers were foreseen a quarter low: half of it was what others sold.
    #[test]
    fn best_sellers_are_not_pulled_down_to_what_others_sell() {
        let (best, slow) = (known(&[90.0, 110.0, 95.0, 105.0]), known(&[1.0, 0.0, 1.0, 2.0]));
        let histories: Vec<History<'_>> = std::iter::once(&best)
            .chain(std::iter::repeat_n(&slow, 30))
            .map(|demand| History { class: Class::Smooth, ..History::of(demand) })
            .collect();
        let crowd = Crowd::of(&histories, 0, 4);
        let next = |history: History<'_>| Outlook::of(Method::Kin { alpha: 0.05, periods: 4.0 }, history, &crowd, 1).each()[0];
        // Errors of the plain mean: 20, -5, 6.7: a standard error of 6.2 at most, and never as low as half of 100 and 4.
        assert!((92.0..100.0).contains(&next(histories[0])), "{}", next(histories[0]));
        assert!((1.0..3.0).contains(&next(histories[1])), "{}", next(histories[1]));
    }

    #[test]
    fn a_wider_spread_moves_the_upper_quantiles_and_zero_has_none() {
        let history = known(&[2.0, 4.0, 3.0, 3.0, 9.0, 0.0]);
        let at = |spread| {
            sums_ahead(Plan { method: Method::Smoothing { alpha: 0.1 }, spreads: [spread; 4] }, History::of(&history), &Crowd::default(), 3)
                [2]
            .0
        };
        assert!(at(2.0)[3] > at(1.0)[3] && at(2.0)[0] <= at(1.0)[0], "{:?} {:?}", at(1.0), at(2.0));
        let none = sums_ahead(Plan { method: Method::Zero, spreads: [1.0; 4] }, History::of(&history), &Crowd::default(), 2);
        assert_eq!(none, [Quantiles::default(); 2]);
    }

    #[test]
    fn drawn_sums_are_those_of_the_history_again_and_again() {
        let plan = |fading| Plan { method: Method::Bootstrap { fading }, spreads: [1.0; 4] };
        let history = known(&[0.0, 0.0, 0.0, 5.0]);
        let sums = sums_ahead(plan(1.0), History::of(&history), &Crowd::default(), 2);
        assert_eq!(sums, sums_ahead(plan(1.0), History::of(&history), &Crowd::default(), 2));
        // A quarter has 5: P(0) = 0.75; of two 0.5625, then 5 up to 0.9375, then 10.
        assert_eq!(sums[0].0, [0.0, 5.0, 5.0, 5.0]);
        assert_eq!(sums[1].0, [0.0, 5.0, 10.0, 10.0]);
        // Each counts four times as much as the one before it: the newest is drawn three times in four.
        assert_eq!(sums_ahead(plan(0.25), History::of(&history), &Crowd::default(), 1)[0].0, [5.0; 4]);
        assert_eq!(sum_ahead(plan(1.0).method, &[1.0], History::of(&history), &Crowd::default(), 2), sums[1..]);
        assert_eq!(sums_ahead(plan(1.0), History::of(&[None]), &Crowd::default(), 2), [Quantiles::default(); 2]);
    }
}
