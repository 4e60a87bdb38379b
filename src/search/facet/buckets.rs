//! Which ranges the numbers of a facet are put in: round ones that hold about as many products each, or ones of equal width.
//!
//! Prices and sizes are skewed: equal widths would put nearly everything into the first range. So, unless a histogram is asked for, the
//! bounds are quantiles of a sample, rounded to 1, 1.5, 2, 3, 5 or 7 times a power of ten. Numbers that lie so close that hardly any such bound is
//! among them, as ratings between 3 and 5, get equal round steps instead. The first range begins with 0 where its lowest number is far below
//! its end: nobody asks for prices from 0.70 to 20. A bound belongs to the ranges on both sides, as
//! `a..b` does in a filter. The ranges of a histogram share nothing, so that its counts add up where products have one number each.

use super::cells::{CELLS_MAX, Cells};
use super::number::Number;

/// Most ranges that are placed by quantiles.
pub(super) const BUCKETS_MAX: usize = 10;
/// So few bounds by quantiles are too few, where ...
const FEW_BOUNDS: usize = 3;
/// ... so many numbers could be told apart ...
const STEPPED_FROM: usize = 20;
/// ... by about so many equal steps.
const STEPS: usize = 4;
/// A range that ends beyond so many times its beginning begins with 0.
const FAR_BELOW: f64 = 4.0;

/// At most [`BUCKETS_MAX`] ranges that cover `min..=max`; `sample` ascends and stands for what is to be counted.
pub(super) fn round<T: Number>(sample: &[f64], min: T, max: T) -> Cells<T> {
    let mut bounds = by_quantiles(sample, min, max);
    if bounds.len() <= FEW_BOUNDS && sample.len() >= STEPPED_FROM {
        let stepped = by_steps(sample, min, max);
        bounds = if stepped.len() > bounds.len() { stepped } else { bounds };
    }
    if let [first, second, ..] = bounds.as_mut_slice()
        && first.to_f64() > 0.0
        && first.to_f64() * FAR_BELOW < second.to_f64()
    {
        *first = T::decimal(0, 0);
    }
    Cells::between(&bounds)
}

/// Bounds near the quantiles.
fn by_quantiles<T: Number>(sample: &[f64], min: T, max: T) -> Vec<T> {
    let mut bounds = vec![bound_below(min)];
    for part in 1..BUCKETS_MAX {
        let bound: T = bound_near(sample.get(sample.len() * part / BUCKETS_MAX).copied().unwrap_or_default());
        if bounds.last().is_some_and(|last| *last < bound) && bound < max {
            bounds.push(bound);
        }
    }
    close(bounds, bound_above(max))
}

fn close<T: Number>(mut bounds: Vec<T>, last: T) -> Vec<T> {
    if bounds.last().is_some_and(|low| *low < last) || bounds.len() == 1 {
        bounds.push(last);
    }
    bounds
}

/// Multiples of 1, 2 or 5 times a power of ten where nine numbers in ten lie, and what is beyond them.
fn by_steps<T: Number>(sample: &[f64], min: T, max: T) -> Vec<T> {
    let (low, high) = (sample[sample.len() / 20], sample[sample.len() - 1 - sample.len() / 20]);
    let width = (high - low) / STEPS as f64;
    if !(width.is_finite() && width > 0.0) {
        return Vec::new();
    }
    let exponent = width.log10().floor() as i32;
    let steps = [(1, exponent), (2, exponent), (5, exponent), (1, exponent + 1)];
    let step = steps.into_iter().find(|(mantissa, exponent)| f64::from(*mantissa) * 10_f64.powi(*exponent) >= width * (1.0 - 1e-9));
    let Some((mantissa, exponent)) = step else { return Vec::new() };
    let size = f64::from(mantissa) * 10_f64.powi(exponent);
    let (first, last) = ((low / size).ceil() as i64, (high / size).floor() as i64);
    let inner = (first..=last).map(|times| T::decimal(times.saturating_mul(i64::from(mantissa)), exponent));
    let mut bounds = vec![bound_below(min)];
    for bound in inner.filter(|bound| *bound < max) {
        if bounds.last().is_some_and(|last| *last < bound) {
            bounds.push(bound);
        }
    }
    close(bounds, bound_above(max))
}

/// `count` ranges of equal width that cover `min..=max`; fewer where there are not as many different numbers.
pub(super) fn histogram<T: Number>(count: usize, min: T, max: T) -> Cells<T> {
    let width = (max.to_f64() - min.to_f64()) / count as f64;
    let mut lows = vec![min];
    for step in 1..count {
        let low = T::near(width.mul_add(step as f64, min.to_f64()));
        if lows.last().is_some_and(|last| *last < low) && low <= max {
            lows.push(low);
        }
    }
    Cells::beginning(&lows, max)
}

/// Ranges of one width, from a multiple of it, that cover `min..=max`, and their width: a multiple of the one asked for where that would
/// make more than [`CELLS_MAX`].
pub(super) fn intervals<T: Number>(width: T, min: T, max: T) -> (Cells<T>, T) {
    let asked = width.to_f64();
    let counted = |width: f64| (max.to_f64() / width).floor() - (min.to_f64() / width).floor() + 1.0;
    let mut width = asked;
    while counted(width) > CELLS_MAX as f64 {
        width = asked * (width / asked * counted(width) / CELLS_MAX as f64).ceil().max((width / asked).floor() + 1.0);
    }
    if !width.is_finite() {
        return (Cells::of([(min, max)]), max);
    }
    let first = (min.to_f64() / width).floor();
    let bounds: Vec<T> = (0..=counted(width) as usize).map(|step| T::near((first + step as f64) * width)).collect();
    let (lows, last) = bounds.split_at(bounds.len() - 1);
    let last = last.first().map_or(max, |end| end.just_below());
    // Rounding may have put the largest number a hair beyond the last bound, or the smallest before the first.
    let mut lows = lows.to_vec();
    lows.first_mut().into_iter().filter(|low| min < **low).for_each(|low| *low = min);
    let cells = Cells::beginning(&lows, if last < max { max } else { last });
    (cells, T::near(width))
}

/// Mantissas of round numbers in tenths.
const ROUND_TENTHS: [i64; 6] = [10, 15, 20, 30, 50, 70];

/// Round numbers around a size above 0, ascending: one below or at it, and all up to ten times as much.
fn round_numbers<T: Number>(size: f64) -> impl Iterator<Item = T> {
    let exponent = size.log10().floor() as i32;
    // One power lower and higher, because the logarithm may be off by a hair.
    (exponent - 1..=exponent + 1).flat_map(move |exponent| ROUND_TENTHS.iter().map(move |tenths| T::decimal(*tenths, exponent - 1)))
}

fn bound_near<T: Number>(number: f64) -> T {
    if number == 0.0 {
        return T::decimal(0, 0);
    }
    let distance = |bound: T| (bound.to_f64() - number.abs()).abs();
    let nearest = round_numbers::<T>(number.abs()).reduce(|best, bound| if distance(bound) < distance(best) { bound } else { best });
    let nearest = nearest.unwrap_or_else(|| T::decimal(0, 0));
    if number < 0.0 { negative(nearest) } else { nearest }
}

fn negative<T: Number>(bound: T) -> T {
    let size = bound.to_f64();
    let exponent = size.log10().floor() as i32 - 1;
    T::decimal(-(size / 10_f64.powi(exponent)).round() as i64, exponent)
}

/// A round number not above `min`; the number itself where rounding cannot reach it.
fn bound_below<T: Number>(min: T) -> T {
    let size = min.to_f64();
    if size < 0.0 {
        let fits = |bound: &T| *bound <= min;
        return round_numbers::<T>(-size).map(negative).find(fits).unwrap_or(min);
    }
    let zero = T::decimal(0, 0);
    if size == 0.0 { zero } else { round_numbers::<T>(size).filter(|bound| *bound <= min).last().unwrap_or(zero) }
}

/// A round number not below `max`; the number itself where rounding cannot reach it.
fn bound_above<T: Number>(max: T) -> T {
    let size = max.to_f64();
    if size < 0.0 {
        return round_numbers::<T>(-size).map(negative).filter(|bound| *bound >= max).last().unwrap_or(max);
    }
    let zero = T::decimal(0, 0);
    if size == 0.0 { zero } else { round_numbers::<T>(size).find(|bound| *bound >= max).unwrap_or(max) }
}

#[cfg(test)]
mod tests {
    use super::super::number::{Price, range_text};
    use super::*;
    use proptest::prelude::*;

    fn texts<T: Number>(cells: &Cells<T>) -> Vec<String> {
        cells.ranges().map(|(low, high)| range_text(low, high)).collect()
    }

    #[test]
    fn bounds_are_round_and_written_as_requests_write_them() {
        let check = |values: &[f64], expected: &[&str]| {
            let (min, max) = (values[0], values[values.len() - 1]);
            assert_eq!(texts(&round(values, min, max)), expected);
        };
        check(&[3.0], &["3"]);
        check(&[12.0, 13.0, 99.0], &["10..15", "15..100"]);
        let prices: Vec<f64> = std::iter::once(0.95).chain((0..30).map(|number| 18.0 + f64::from(number))).collect();
        check(&prices, &["0..20", "20..30", "30..50"]);
        let ratings: Vec<f64> = (30..=48).flat_map(|tenths| [f64::from(tenths) / 10.0; 3]).collect();
        check(&ratings, &["3..3.5", "3.5..4", "4..4.5", "4.5..5"]);
        let decades: Vec<f64> = (0..1_000).map(|n| 1.007_f64.powi(n)).collect();
        check(&decades, &["1..2", "2..5", "5..7", "7..15", "15..30", "30..70", "70..150", "150..300", "300..500", "500..1500"]);
    }

    #[test]
    fn histograms_have_equal_widths_and_share_nothing() {
        assert_eq!(texts(&histogram(4, Price(0), Price(20_000))), ["0..4.999", "5..9.999", "10..14.999", "15..20"]);
        assert_eq!(texts(&histogram(4, Price(7_000), Price(7_002))), ["7", "7.001", "7.002"]);
        assert_eq!(texts(&histogram(3, Price(5), Price(5))), ["0.005"]);
        assert_eq!(texts(&intervals(Price(10_000), Price(12_000), Price(31_000)).0), ["10..19.999", "20..29.999", "30..39.999"]);
        let (cells, width) = intervals(1.0, 0.0, 1_000.0);
        assert!(cells.len() <= CELLS_MAX && width == 11.0, "{width}");
        assert!(intervals(1e-9, -1e9, 1e9).0.len() <= CELLS_MAX);
    }

    proptest! {
        #[test]
        fn every_number_lies_in_a_range_and_in_one_of_a_histogram(
            mut values in prop::collection::vec(-2_000.0_f64..90_000.0, 1..80),
            scale in -4..4,
            count in 1_usize..=CELLS_MAX,
            width in 0.01_f64..100.0,
        ) {
            values.iter_mut().for_each(|value| *value = (*value * 10_f64.powi(scale)).round());
            values.sort_by(f64::total_cmp);
            let (min, max) = (values[0], values[values.len() - 1]);
            let buckets = round(&values, min, max);
            prop_assert!(buckets.len() <= BUCKETS_MAX);
            let (steps, _) = intervals(width, min, max);
            let equal = histogram(count, min, max);
            for value in &values {
                prop_assert!(buckets.holding(&[*value]) != 0);
                prop_assert!(equal.holding(&[*value]).is_power_of_two(), "{} in {:?}", value, &equal);
                prop_assert!(steps.holding(&[*value]).is_power_of_two(), "{} in {:?}", value, &steps);
            }
            for (text, (low, _)) in texts(&buckets).iter().zip(buckets.ranges()) {
                prop_assert_eq!(text.split("..").next().map(str::parse::<f64>), Some(Ok(low)));
            }
        }

        #[test]
        fn prices_have_ranges_too(mut prices in prop::collection::vec(0_i64..9_000_000, 1..80), count in 1_usize..=CELLS_MAX, width in 1_i64..9_000) {
            prices.sort_unstable();
            let (min, max) = (Price(prices[0]), Price(prices[prices.len() - 1]));
            let sample: Vec<f64> = prices.iter().map(|price| Price(*price).to_f64()).collect();
            for price in prices.iter().map(|price| Price(*price)) {
                prop_assert!(round(&sample, min, max).holding(&[price]) != 0);
                prop_assert!(histogram(count, min, max).holding(&[price]).is_power_of_two());
                prop_assert!(intervals(Price(width), min, max).0.holding(&[price]).is_power_of_two());
            }
        }
    }
}
