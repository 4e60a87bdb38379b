//! Two configurations on the same queries: is the difference between them more than luck?
//!
//! - The test is the paired randomisation test (R. A. Fisher, 1935; recommended for retrieval by M. Smucker, J. Allan and B. Carterette, "A
//!   comparison of statistical significance tests for information retrieval evaluation", CIKM 2007): if both are alike, each query's
//!   difference could as well have the other sign. With few queries every assignment of signs is looked at, else as many random ones as
//!   [`ROUNDS`].
//! - The interval of the mean difference is the percentile bootstrap (B. Efron, 1979) over queries.
//!
//! The seed is an argument: the same figures give the same answer.

use serde::Serialize;

/// Random assignments of signs: p values down to 0.0001 can be told apart.
const ROUNDS: u32 = 10_000;
/// Random samples of queries for the interval: its ends move by less than a tenth of its width from seed to seed.
const RESAMPLES: usize = 2_000;
/// Up to so many queries with a difference all assignments are looked at: 8,192, about as many as [`ROUNDS`].
const EXACT_MAX: usize = 13;
/// Values nearer than this are the same value, added up in another order.
const EPSILON: f64 = 1e-9;

/// What a paired comparison of one measure came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paired {
    /// Cases that have the measure on both sides.
    pub cases_count: usize,
    /// Mean of the first configuration.
    pub mean: f64,
    /// Mean of the second.
    pub against_mean: f64,
    /// First less second.
    pub difference: f64,
    /// The 95 % confidence interval of the difference, from..to.
    pub interval: (f64, f64),
    /// How likely so large a difference, in either direction, is if both are alike.
    pub p_value: f64,
    /// Cases where the first is better.
    pub wins: usize,
    /// Cases where it is worse.
    pub losses: usize,
    /// Cases where both are the same.
    pub ties: usize,
}

impl Paired {
    /// Compares pairs of (first, second). None without any.
    #[must_use]
    pub fn of(pairs: &[(f64, f64)], seed: u64) -> Option<Self> {
        if pairs.is_empty() {
            return None;
        }
        let count = pairs.len() as f64;
        let differences: Vec<f64> = pairs.iter().map(|(first, second)| first - second).collect();
        let moved: Vec<f64> = differences.iter().copied().filter(|difference| difference.abs() > EPSILON).collect();
        let wins = moved.iter().filter(|&&difference| difference > 0.0).count();
        let mut random = fastrand::Rng::with_seed(seed);
        Some(Self {
            cases_count: pairs.len(),
            mean: pairs.iter().fold(0.0, |sum, (first, _)| sum + first) / count,
            against_mean: pairs.iter().fold(0.0, |sum, (_, second)| sum + second) / count,
            difference: differences.iter().sum::<f64>() / count,
            p_value: p_value(&moved, &mut random),
            interval: interval(&differences, &mut random),
            wins,
            losses: moved.len() - wins,
            ties: pairs.len() - moved.len(),
        })
    }
}

/// Share of the assignments of signs whose sum is at least as far from 0 as the one observed.
fn p_value(moved: &[f64], random: &mut fastrand::Rng) -> f64 {
    let observed = moved.iter().sum::<f64>().abs() - EPSILON;
    if moved.len() <= EXACT_MAX {
        let all = 1_u32 << moved.len();
        let extreme = (0..all).filter(|signs| signed_sum(moved, std::iter::once(u64::from(*signs))).abs() >= observed).count();
        return extreme as f64 / f64::from(all);
    }
    let extreme = (0..ROUNDS).filter(|_| signed_sum(moved, std::iter::repeat_with(|| random.u64(..))).abs() >= observed).count();
    // The observed assignment is one of those that are possible, so p is never 0.
    (extreme + 1) as f64 / f64::from(ROUNDS + 1)
}

/// The sum with a minus wherever the next bit of `signs` is one; each of them serves 64 numbers.
fn signed_sum(numbers: &[f64], mut signs: impl Iterator<Item = u64>) -> f64 {
    let signed = |(at, number): (usize, &f64), signs: u64| if signs >> at & 1 == 1 { -number } else { *number };
    numbers.chunks(64).zip(signs.by_ref()).map(|(chunk, signs)| chunk.iter().enumerate().map(|pair| signed(pair, signs)).sum::<f64>()).sum()
}

fn interval(differences: &[f64], random: &mut fastrand::Rng) -> (f64, f64) {
    let count = differences.len();
    let mut means: Vec<f64> =
        (0..RESAMPLES).map(|_| (0..count).map(|_| differences[random.usize(..count)]).sum::<f64>() / count as f64).collect();
    means.sort_unstable_by(f64::total_cmp);
    (means[RESAMPLES / 40], means[RESAMPLES - 1 - RESAMPLES / 40])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(pairs: &[(f64, f64)]) -> Paired {
        Paired::of(pairs, 7).expect("has pairs")
    }

    #[test]
    fn few_queries_are_tested_exactly() {
        let check = |pairs: &[(f64, f64)], expected: f64| assert_eq!(paired(pairs).p_value, expected, "{pairs:?}");
        // Differences 1, 1, 1: of eight assignments two have a sum of 3 or -3.
        check(&[(1.0, 0.0), (1.0, 0.0), (1.0, 0.0)], 2.0 / 8.0);
        // Differences 3, -1: sums 2, 4, -4, -2 are all at least 2 from 0.
        check(&[(3.0, 0.0), (0.0, 1.0)], 1.0);
        // Differences 1, 2, 4 and a tie: only 7 and -7 are as far.
        check(&[(1.0, 0.0), (2.0, 0.0), (4.0, 0.0), (0.5, 0.5)], 2.0 / 8.0);
        check(&[(0.5, 0.5)], 1.0);
    }

    #[test]
    fn means_and_outcomes_are_counted() {
        let outcome = paired(&[(1.0, 0.5), (0.2, 0.4), (0.3, 0.3), (0.9, 0.0)]);
        assert_eq!((outcome.cases_count, outcome.wins, outcome.losses, outcome.ties), (4, 2, 1, 1));
        assert!((outcome.mean - 0.6).abs() < 1e-12 && (outcome.against_mean - 0.3).abs() < 1e-12);
        assert!((outcome.difference - 0.3).abs() < 1e-12);
        assert!(outcome.interval.0 < 0.3 && 0.3 < outcome.interval.1 && outcome.interval.0 >= -0.2 && outcome.interval.1 <= 0.9);
        assert_eq!(Paired::of(&[], 7), None);
    }

    #[test]
    fn a_steady_difference_is_told_from_luck() {
        let steady: Vec<(f64, f64)> = (0..200).map(|index| (0.5 + f64::from(index % 10) / 100.0, 0.45)).collect();
        let steady = paired(&steady);
        assert!(steady.p_value < 0.001 && steady.interval.0 > 0.0, "{steady:?}");
        let luck: Vec<(f64, f64)> = (0..200).map(|index| if index % 2 == 0 { (0.6, 0.5) } else { (0.5, 0.6) }).collect();
        let luck = paired(&luck);
        assert!(luck.p_value > 0.9 && luck.interval.0 < 0.0 && luck.interval.1 > 0.0, "{luck:?}");
    }

    #[test]
    fn the_interval_of_a_spread_is_as_wide_as_theory_says() {
        // 100 differences, half 0 and half 1: standard error 0.05, so the interval is about 0.5 ± 0.098.
        let pairs: Vec<(f64, f64)> = (0..100).map(|index| (f64::from(index % 2), 0.0)).collect();
        let (low, high) = paired(&pairs).interval;
        assert!((low - 0.402).abs() < 0.02 && (high - 0.598).abs() < 0.02, "{low}..{high}");
        assert_eq!(paired(&pairs), paired(&pairs));
    }
}
