//! Buckets with round bounds for numbers, so that each holds about as many products as the next.
//!
//! Prices and sizes are skewed: equal widths would put nearly everything into the first bucket. So the bounds are quantiles of a sample,
//! rounded to 1, 1.5, 2, 3, 5 or 7 times a power of ten. A bound belongs to the buckets on both sides, as `a..b` does in a filter.

use std::fmt::Display;

/// Most buckets of one facet.
pub const BUCKETS_MAX: usize = 10;
/// Values looked at to place the bounds.
const SAMPLE_MAX: usize = 512;

/// A number that facets can put into buckets.
pub trait Number: Copy + PartialOrd {
    /// As a floating-point number in the unit that requests use.
    fn to_f64(self) -> f64;
    /// The number of a round bound.
    fn round_bound(mantissa: i64, exponent: i32) -> Self;
    /// As requests write it.
    fn text(self) -> String;
}

impl Number for f64 {
    fn to_f64(self) -> f64 {
        self
    }

    fn round_bound(mantissa: i64, exponent: i32) -> Self {
        // Dividing by a whole power of ten gives the double nearest to the decimal, multiplying by 0.1 would not.
        let power = 10_f64.powi(exponent.abs());
        if exponent < 0 { mantissa as f64 / power } else { mantissa as f64 * power }
    }

    fn text(self) -> String {
        self.to_string()
    }
}

/// A price in thousandths of the major unit.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Price(pub i64);

impl Number for Price {
    fn to_f64(self) -> f64 {
        self.0 as f64 / 1_000.0
    }

    fn round_bound(mantissa: i64, exponent: i32) -> Self {
        let thousandths = exponent + 3;
        let power = 10_i64.saturating_pow(thousandths.unsigned_abs());
        Self(if thousandths < 0 { mantissa / power } else { mantissa.saturating_mul(power) })
    }

    fn text(self) -> String {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let text = format!("{sign}{}.{:03}", size / 1_000, size % 1_000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// Inclusive ranges in ascending order; neighbours share at most a bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Buckets<T> {
    lows: Vec<T>,
    highs: Vec<T>,
}

impl<T: Number> Buckets<T> {
    /// One bucket for each of these values, which ascend.
    pub fn of_values(values: &[T]) -> Self {
        Self { lows: values.to_vec(), highs: values.to_vec() }
    }

    /// At most [`BUCKETS_MAX`] buckets that cover `min..=max`; `values` are what is to be counted.
    pub fn round(values: &[T], min: T, max: T) -> Self {
        let step = values.len().div_ceil(SAMPLE_MAX).max(1);
        let mut sample: Vec<f64> = values.iter().step_by(step).map(|value| value.to_f64()).collect();
        sample.sort_unstable_by(f64::total_cmp);
        let mut bounds = vec![bound_below(min)];
        for part in 1..BUCKETS_MAX {
            let bound: T = bound_near(sample.get(sample.len() * part / BUCKETS_MAX).copied().unwrap_or_default());
            if bounds.last().is_some_and(|last| *last < bound) && bound < max {
                bounds.push(bound);
            }
        }
        let last = bound_above(max);
        if bounds.last().is_some_and(|low| *low < last) || bounds.len() == 1 {
            bounds.push(last);
        }
        Self { lows: bounds[..bounds.len() - 1].to_vec(), highs: bounds[1..].to_vec() }
    }

    /// The buckets that hold the number, as bits.
    #[inline]
    pub fn holding(&self, number: T) -> u32 {
        let begun = self.lows.iter().map(|low| usize::from(*low <= number)).sum::<usize>();
        let mut bits = 0;
        for bucket in begun.saturating_sub(2)..begun {
            bits |= u32::from(number <= self.highs[bucket]) << bucket;
        }
        bits
    }

    /// Each bucket as requests write it: `10..20`, or the number alone.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        let text = |(low, high): (&T, &T)| if low == high { low.text() } else { range_text(&low.text(), &high.text()) };
        self.lows.iter().zip(&self.highs).map(text)
    }
}

fn range_text(low: &impl Display, high: &impl Display) -> String {
    format!("{low}..{high}")
}

/// Mantissas of round numbers in tenths.
const ROUND_TENTHS: [i64; 6] = [10, 15, 20, 30, 50, 70];

/// Round numbers around a size above 0, ascending: one below or at it, and all up to ten times as much.
fn round_numbers<T: Number>(size: f64) -> impl Iterator<Item = T> {
    let exponent = size.log10().floor() as i32;
    // One power lower and higher, because the logarithm may be off by a hair.
    (exponent - 1..=exponent + 1).flat_map(move |exponent| ROUND_TENTHS.iter().map(move |tenths| T::round_bound(*tenths, exponent - 1)))
}

fn bound_near<T: Number>(number: f64) -> T {
    if number == 0.0 {
        return T::round_bound(0, 0);
    }
    let distance = |bound: T| (bound.to_f64() - number.abs()).abs();
    let nearest = round_numbers::<T>(number.abs()).reduce(|best, bound| if distance(bound) < distance(best) { bound } else { best });
    let nearest = nearest.unwrap_or_else(|| T::round_bound(0, 0));
    if number < 0.0 { negative(nearest) } else { nearest }
}

fn negative<T: Number>(bound: T) -> T {
    let size = bound.to_f64();
    let exponent = size.log10().floor() as i32 - 1;
    T::round_bound(-(size / 10_f64.powi(exponent)).round() as i64, exponent)
}

/// A round number not above `min`; the number itself where rounding cannot reach it.
fn bound_below<T: Number>(min: T) -> T {
    let size = min.to_f64();
    if size < 0.0 {
        let fits = |bound: &T| *bound <= min;
        return round_numbers::<T>(-size).map(negative).find(fits).unwrap_or(min);
    }
    let zero = T::round_bound(0, 0);
    if size == 0.0 { zero } else { round_numbers::<T>(size).filter(|bound| *bound <= min).last().unwrap_or(zero) }
}

/// A round number not below `max`; the number itself where rounding cannot reach it.
fn bound_above<T: Number>(max: T) -> T {
    let size = max.to_f64();
    if size < 0.0 {
        return round_numbers::<T>(-size).map(negative).filter(|bound| *bound >= max).last().unwrap_or(max);
    }
    let zero = T::round_bound(0, 0);
    if size == 0.0 { zero } else { round_numbers::<T>(size).find(|bound| *bound >= max).unwrap_or(max) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds_are_round_and_written_as_requests_write_them() {
        let check = |values: &[f64], expected: &[&str]| {
            let (min, max) = (values[0], values[values.len() - 1]);
            assert_eq!(Buckets::round(values, min, max).texts().collect::<Vec<_>>(), expected);
        };
        check(&[3.0], &["3"]);
        check(&[12.0, 13.0, 99.0], &["10..15", "15..100"]);
        let decades: Vec<f64> = (0..1_000).map(|n| 1.007_f64.powi(n)).collect();
        check(&decades, &["1..2", "2..5", "5..7", "7..15", "15..30", "30..70", "70..150", "150..300", "300..500", "500..1500"]);
        assert_eq!(Price(12_500).text(), "12.5");
        assert_eq!(Price(-50).text(), "-0.05");
        assert_eq!(Price(100_000).text(), "100");
    }

    proptest! {
        #[test]
        fn every_number_lies_in_a_bucket_and_bounds_in_both(mut values in prop::collection::vec(-2_000.0_f64..90_000.0, 1..80), scale in -4..4) {
            values.iter_mut().for_each(|value| *value = (*value * 10_f64.powi(scale)).round());
            values.sort_by(f64::total_cmp);
            let buckets = Buckets::round(&values, values[0], values[values.len() - 1]);
            prop_assert!(buckets.lows.len() <= BUCKETS_MAX);
            for value in values.iter().chain(&buckets.lows).chain(&buckets.highs) {
                let expected = (0..buckets.lows.len()).filter(|&at| buckets.lows[at] <= *value && *value <= buckets.highs[at]);
                prop_assert_eq!(buckets.holding(*value), expected.map(|at| 1 << at).sum::<u32>(), "{} in {:?}", value, &buckets);
                prop_assert!(buckets.holding(*value) != 0);
            }
            for (text, low) in buckets.texts().zip(&buckets.lows) {
                prop_assert_eq!(text.split("..").next().map(str::parse::<f64>), Some(Ok(*low)));
            }
        }

        #[test]
        fn prices_have_buckets_too(mut prices in prop::collection::vec(0_i64..9_000_000, 1..80)) {
            prices.sort_unstable();
            let prices: Vec<Price> = prices.into_iter().map(Price).collect();
            let buckets = Buckets::round(&prices, prices[0], prices[prices.len() - 1]);
            prop_assert!(prices.iter().all(|price| buckets.holding(*price) != 0));
        }
    }
}
