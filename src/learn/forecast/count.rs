//! Quantiles of a count of which mean and variance are known: negative binomial where the variance is above the mean, else Poisson.

use super::LEVELS;
use super::Quantiles;

/// Counts of a larger mean are counted in packs, so many to the mean: what that rounds is less than one in so many.
const MEAN_MAX: f64 = 500.0;
/// Counts that are looked at, at most. Of a mean of [`MEAN_MAX`] the last level lies below it unless hardly anything is known.
const COUNTS_MAX: u32 = 100_000;

/// The smallest counts that are reached or stayed under with the probabilities of [`LEVELS`].
#[must_use]
pub(super) fn quantiles(mean: f64, variance: f64) -> Quantiles {
    if mean <= 0.0 || !mean.is_finite() || !variance.is_finite() {
        return Quantiles::default();
    }
    let pack = (mean / MEAN_MAX).max(1.0);
    let (mean, variance) = (mean / pack, variance / (pack * pack));
    let mut found = [f64::from(COUNTS_MAX) * pack; LEVELS.len()];
    let mut levels = LEVELS.iter().zip(&mut found).peekable();
    let mut next = Chance::of(mean, variance);
    let mut below = 0.0;
    for count in 0..COUNTS_MAX {
        below += next.chance;
        while let Some((_, quantile)) = levels.next_if(|(level, _)| below >= **level) {
            *quantile = (f64::from(count) * pack).round();
        }
        if levels.peek().is_none() {
            break;
        }
        next.step(count);
    }
    Quantiles(found)
}

/// The probability of one count, from which that of the next follows.
struct Chance {
    chance: f64,
    /// Of a negative binomial, how many successes it waits for and the probability of a failure; of a Poisson, none and the mean.
    waits_for: Option<f64>,
    factor: f64,
}

impl Chance {
    fn of(mean: f64, variance: f64) -> Self {
        // So near to Poisson that the difference is lost in rounding.
        if variance <= mean * 1.000_1 {
            return Self { chance: (-mean).exp(), waits_for: None, factor: mean };
        }
        let success = mean / variance;
        let waits_for = mean * mean / (variance - mean);
        Self { chance: (waits_for * success.ln()).exp(), waits_for: Some(waits_for), factor: 1.0 - success }
    }

    fn step(&mut self, count: u32) {
        let count = f64::from(count);
        self.chance *= self.factor / (count + 1.0) * self.waits_for.map_or(1.0, |waits_for| count + waits_for);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_tables() {
        // Poisson of mean 2: 0.135, 0.406, 0.677, 0.857, 0.947, 0.983, 0.995.
        assert_eq!(quantiles(2.0, 2.0), Quantiles([2.0, 4.0, 5.0, 6.0]));
        assert_eq!(quantiles(2.0, 0.0), quantiles(2.0, 2.0), "less than by chance is not believed");
        // Geometric (one success, probability 1/3): 1 - (2/3)^(k+1) is 0.33, 0.56, ..., 0.91 at 5, 0.94 at 6, 0.96 at 7, 0.9923 at 11.
        assert_eq!(quantiles(2.0, 6.0), Quantiles([1.0, 5.0, 7.0, 11.0]));
        assert_eq!(quantiles(0.0, 1.0), Quantiles::default());
        assert_eq!(quantiles(f64::NAN, 1.0), Quantiles::default());
        // One in twenty has anything, and then 5: the median has nothing.
        assert_eq!(quantiles(0.05, 0.05), Quantiles([0.0, 0.0, 0.0, 1.0]));
    }

    #[test]
    fn large_counts_are_those_of_a_bell() {
        let Quantiles([half, most, more, nearly_all]) = quantiles(100_000.0, 10_000.0_f64.powi(2));
        // Skewed a little: the 0.9, 0.95 and 0.99 of a gamma of mean 100 and deviation 10 are 113.0, 117.0 and 124.7.
        assert!((half - 99_667.0).abs() < 200.0, "{half}");
        assert!((most - 113_000.0).abs() < 300.0 && (more - 117_000.0).abs() < 300.0 && (nearly_all - 124_700.0).abs() < 400.0);
    }

    #[test]
    fn a_spread_beyond_all_measure_ends() {
        let Quantiles(found) = quantiles(1.0, 1.0e12);
        assert!(found.iter().all(|count| count.is_finite()), "{found:?}");
        assert!(quantiles(1.0e300, 1.0e300).0.iter().all(|count| count.is_finite()));
    }
}
