//! The methods: from a history to what the next period, and those after it, are expected to want.
//!
//! A period that nobody knows changes nothing: what was expected before it is expected after it. Averages begin as plain means: the n-th value
//! counts `1 / n` until that is less than the smoothing constant, so that neither the first value nor a guess weighs on short histories.

use serde::{Deserialize, Serialize};

/// How demand is forecast. Constants lie above 0, at most 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Nothing is wanted.
    Zero,
    /// As much as last time.
    Naive,
    /// As much as a season ago.
    SeasonalNaive {
        /// Periods in a season.
        season: usize,
    },
    /// Simple exponential smoothing (R. G. Brown, 1956).
    Smoothing {
        /// Weight of the newest period.
        alpha: f64,
    },
    /// Smoothing, drawn towards what things that sell as seldom sell, as if that had been seen for some periods.
    Kin {
        /// Weight of the newest period.
        alpha: f64,
        /// So many periods.
        periods: f64,
    },
    /// Smoothing of what is left when the season of all things together is taken out, which is put back in what is foreseen.
    Profile {
        /// Weight of the newest period.
        alpha: f64,
        /// Power of the season's factors.
        strength: f64,
    },
    /// Smoothing with a trend that fades by a tenth every period (E. S. Gardner and E. McKenzie, Management Science 31(10), 1985).
    Damped {
        /// Weight of the newest period in the level.
        alpha: f64,
        /// Weight of the newest change in the trend.
        beta: f64,
    },
    /// Sizes of demands over intervals between them, each smoothed (J. D. Croston, Operational Research Quarterly 23(3), 1972).
    Croston {
        /// Weight of the newest demand.
        alpha: f64,
    },
    /// The same times `1 - alpha / 2`, which takes its bias out (A. Syntetos and J. Boylan, International Journal of Forecasting 21(2), 2005).
    Sba {
        /// Weight of the newest demand.
        alpha: f64,
    },
    /// Sizes of demands times the probability of one, which falls in every period without (R. Teunter, A. Syntetos and M. Babai, European Journal
    /// of Operational Research 214(3), 2011).
    Tsb {
        /// Weight of the newest demand in the size.
        alpha: f64,
        /// Weight of the newest period in the probability.
        beta: f64,
    },
    /// Periods drawn from the history with replacement, newer ones more often; expected is their mean.
    Bootstrap {
        /// How much less a period counts than the one after it.
        fading: f64,
    },
}

/// What a method made of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What was expected of each period of the history before it was known.
    pub expected: Vec<f64>,
    /// What is expected of the periods after it.
    pub ahead: Vec<f64>,
}

/// Each period, a trend is as much less.
const DAMPING: f64 = 0.9;

/// An average that begins as a plain mean.
#[derive(Debug, Clone, Copy, Default)]
struct Average {
    value: f64,
    count: f64,
}

impl Average {
    fn add(&mut self, value: f64, alpha: f64) {
        self.count += 1.0;
        self.value += (value - self.value) * alpha.max(1.0 / self.count);
    }
}

impl Method {
    /// Its name in reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::Naive => "naive",
            Self::SeasonalNaive { .. } => "seasonal",
            Self::Smoothing { .. } => "ses",
            Self::Kin { .. } => "kin",
            Self::Profile { .. } => "profile",
            Self::Damped { .. } => "damped",
            Self::Croston { .. } => "croston",
            Self::Sba { .. } => "sba",
            Self::Tsb { .. } => "tsb",
            Self::Bootstrap { .. } => "bootstrap",
        }
    }

    /// Runs over a history and beyond, `ahead` periods. Of a history without its season, where the method has one.
    #[must_use]
    pub fn run(&self, history: &[Option<f64>], ahead: usize) -> Run {
        match *self {
            Self::Zero => level(history, ahead, |_| 0.0),
            Self::Naive => smoothed(history, ahead, 1.0),
            Self::SeasonalNaive { season } => seasonal(history, ahead, season.max(1)),
            Self::Smoothing { alpha } | Self::Kin { alpha, .. } | Self::Profile { alpha, .. } => smoothed(history, ahead, alpha),
            Self::Damped { alpha, beta } => damped(history, ahead, alpha, beta),
            Self::Croston { alpha } => croston(history, ahead, alpha, 1.0),
            Self::Sba { alpha } => croston(history, ahead, alpha, 1.0 - alpha / 2.0),
            Self::Tsb { alpha, beta } => tsb(history, ahead, alpha, beta),
            Self::Bootstrap { fading } => smoothed(history, ahead, 1.0 - fading),
        }
    }

    /// How much of an error in one period is taken to last: what errors of several periods add up to follows from it.
    #[must_use]
    pub fn persistence(&self) -> f64 {
        match *self {
            Self::Naive => 1.0,
            Self::Smoothing { alpha } | Self::Kin { alpha, .. } | Self::Profile { alpha, .. } | Self::Damped { alpha, .. } => alpha,
            Self::Zero
            | Self::SeasonalNaive { .. }
            | Self::Croston { .. }
            | Self::Sba { .. }
            | Self::Tsb { .. }
            | Self::Bootstrap { .. } => 0.0,
        }
    }
}

/// A method whose forecast is one level for all periods ahead. `next` is given a period that is known and answers the level after it.
fn level(history: &[Option<f64>], ahead: usize, mut next: impl FnMut(f64) -> f64) -> Run {
    let mut level = 0.0;
    let mut expected = Vec::with_capacity(history.len());
    for period in history {
        expected.push(level);
        level = period.map_or(level, &mut next);
    }
    Run { expected, ahead: vec![level; ahead] }
}

fn smoothed(history: &[Option<f64>], ahead: usize, alpha: f64) -> Run {
    let mut average = Average::default();
    level(history, ahead, |value| {
        average.add(value, alpha);
        average.value
    })
}

fn croston(history: &[Option<f64>], ahead: usize, alpha: f64, factor: f64) -> Run {
    let (mut size, mut interval) = (Average::default(), Average::default());
    let mut periods = 0.0;
    level(history, ahead, |value| {
        periods += 1.0;
        if value > 0.0 {
            size.add(value, alpha);
            interval.add(periods, alpha);
            periods = 0.0;
        }
        if interval.count > 0.0 { factor * size.value / interval.value } else { 0.0 }
    })
}

fn tsb(history: &[Option<f64>], ahead: usize, alpha: f64, beta: f64) -> Run {
    let (mut size, mut probability) = (Average::default(), Average::default());
    level(history, ahead, |value| {
        probability.add(f64::from(u8::from(value > 0.0)), beta);
        if value > 0.0 {
            size.add(value, alpha);
        }
        probability.value * size.value
    })
}

fn damped(history: &[Option<f64>], ahead: usize, alpha: f64, beta: f64) -> Run {
    let (mut level, mut trend) = (Average::default(), 0.0);
    let mut expected = Vec::with_capacity(history.len());
    for period in history {
        let foreseen = level.value + DAMPING * trend;
        expected.push(foreseen.max(0.0));
        // Through periods that nobody knows the trend goes on, and fades.
        let before = level.value;
        level.value = foreseen;
        if let Some(value) = period {
            level.add(*value, alpha);
        }
        trend = if level.count > 1.0 { beta * (level.value - before) + (1.0 - beta) * DAMPING * trend } else { 0.0 };
    }
    let (mut reached, mut step) = (level.value, trend);
    let beyond = |_| {
        step *= DAMPING;
        reached += step;
        reached.max(0.0)
    };
    Run { expected, ahead: (0..ahead).map(beyond).collect() }
}

/// Where a season ago nobody knows, or nothing was, the last that is known stands for it.
fn seasonal(history: &[Option<f64>], ahead: usize, season: usize) -> Run {
    let mut last = 0.0;
    let mut expected: Vec<f64> = Vec::with_capacity(history.len() + ahead);
    for (at, period) in history.iter().enumerate() {
        expected.push(at.checked_sub(season).and_then(|before| history[before]).unwrap_or(last));
        last = period.unwrap_or(last);
    }
    for at in history.len()..history.len() + ahead {
        // Of the last season that there was, whichever it is.
        let before = at.checked_sub(season * ((at - history.len()) / season + 1));
        expected.push(before.and_then(|before| history[before]).unwrap_or(last));
    }
    let beyond = expected.split_off(history.len());
    Run { expected, ahead: beyond }
}

#[cfg(test)]
mod tests {
    use super::super::known;
    use super::*;

    fn check(method: Method, history: &[Option<f64>], expected: &[f64], ahead: &[f64]) {
        let run = method.run(history, ahead.len());
        let is_near = |found: &[f64], wanted: &[f64]| {
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-9)
        };
        assert!(is_near(&run.expected, expected) && is_near(&run.ahead, ahead), "{method:?}: {run:?}");
    }

    #[test]
    fn levels_follow_their_formulas() {
        let history = known(&[4.0, 8.0, 0.0, 4.0]);
        check(Method::Zero, &history, &[0.0; 4], &[0.0, 0.0]);
        check(Method::Naive, &history, &[0.0, 4.0, 8.0, 0.0], &[4.0, 4.0]);
        // 4; 4 + 4 / 2; 6 - 6 / 2; 3 + 1 / 2.
        check(Method::Smoothing { alpha: 0.5 }, &history, &[0.0, 4.0, 6.0, 3.0], &[3.5, 3.5]);
        // A plain mean until four values are known: 4, 6, 4, 4.
        check(Method::Smoothing { alpha: 0.1 }, &history, &[0.0, 4.0, 6.0, 4.0], &[4.0]);
        check(Method::Bootstrap { fading: 0.9 }, &history, &[0.0, 4.0, 6.0, 4.0], &[4.0]);
    }

    #[test]
    fn intermittent_methods_follow_their_formulas() {
        let history = known(&[0.0, 0.0, 3.0, 0.0, 6.0, 0.0]);
        // Size 3 after 3 periods; then size 3 + 3 / 2 = 4.5, interval 3 + (2 - 3) / 2 = 2.5.
        check(Method::Croston { alpha: 0.5 }, &history, &[0.0, 0.0, 0.0, 1.0, 1.0, 1.8], &[1.8, 1.8]);
        check(Method::Sba { alpha: 0.5 }, &history, &[0.0, 0.0, 0.0, 0.75, 0.75, 1.35], &[1.35]);
        // Probability: 0, 0, 1 / 2, 1 / 4, 5 / 8, 5 / 16. Size: 3, then 4.5.
        check(Method::Tsb { alpha: 0.5, beta: 0.5 }, &history, &[0.0, 0.0, 0.0, 1.5, 0.75, 2.8125], &[1.40625]);
    }

    #[test]
    fn trends_fade() {
        // Level 2; foreseen 2, level 4, trend 1; foreseen 4.9, level 5.45, trend 0.725 + 0.45.
        let history = known(&[2.0, 6.0, 6.0]);
        check(Method::Damped { alpha: 0.5, beta: 0.5 }, &history, &[0.0, 2.0, 4.9], &[6.5075, 7.45925]);
        let falling = Method::Damped { alpha: 1.0, beta: 1.0 }.run(&known(&[9.0, 5.0, 1.0]), 9);
        assert!(falling.ahead.iter().all(|expected| *expected >= 0.0), "{falling:?}");
    }

    #[test]
    fn seasons_repeat_and_what_nobody_knows_of_them_is_as_last() {
        let history = known(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        check(Method::SeasonalNaive { season: 3 }, &history, &[0.0, 1.0, 2.0, 1.0, 2.0], &[3.0, 4.0, 5.0, 3.0]);
        check(Method::SeasonalNaive { season: 9 }, &history, &[0.0, 1.0, 2.0, 3.0, 4.0], &[5.0]);
        check(Method::SeasonalNaive { season: 2 }, &[Some(1.0), None, Some(3.0)], &[0.0, 1.0, 1.0], &[3.0, 3.0]);
    }

    #[test]
    fn a_period_that_nobody_knows_changes_nothing() {
        let gaps = [Some(4.0), None, Some(8.0), None, None, Some(0.0), Some(4.0)];
        let without = known(&[4.0, 8.0, 0.0, 4.0]);
        for method in [
            Method::Naive,
            Method::Smoothing { alpha: 0.5 },
            Method::Croston { alpha: 0.5 },
            Method::Sba { alpha: 0.5 },
            Method::Tsb { alpha: 0.5, beta: 0.5 },
        ] {
            assert_eq!(method.run(&gaps, 2).ahead, method.run(&without, 2).ahead, "{method:?}");
        }
        assert_eq!(Method::Naive.run(&gaps, 0).expected, [0.0, 4.0, 4.0, 8.0, 8.0, 8.0, 0.0]);
        assert_eq!(Method::Naive.run(&[], 2), Run { expected: vec![], ahead: vec![0.0, 0.0] });
    }
}
