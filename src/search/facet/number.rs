//! The two kinds of number that facets count: prices, which are exact, and everything else.

/// A number that facets can put into ranges.
pub(super) trait Number: Copy + PartialOrd + std::fmt::Debug {
    /// Where a range that begins anywhere begins.
    const LEAST: Self;
    /// Where a range that ends anywhere ends.
    const MOST: Self;
    /// As a floating-point number in the unit that requests use.
    fn to_f64(self) -> f64;
    /// The nearest number, in the unit that requests use.
    fn near(number: f64) -> Self;
    /// A mantissa times a power of ten.
    fn decimal(mantissa: i64, exponent: i32) -> Self;
    /// The next smaller number.
    fn just_below(self) -> Self;
    /// The sum of numbers that stand so often each, and their mean, without what floating-point numbers lose on the way.
    fn sum_and_mean(numbers: impl Iterator<Item = (Self, u32)>) -> (f64, f64);
    /// Where the label of a range that begins or ends there says so: below 100 ends with 100.
    fn labels(range: (Self, Self)) -> (Self, Self);
    /// As requests write it.
    fn text(self) -> String;
    /// As bits ...
    fn to_bits(self) -> u64;
    /// ... and back.
    fn from_bits(bits: u64) -> Self;
}

impl Number for f64 {
    const LEAST: Self = Self::NEG_INFINITY;
    const MOST: Self = Self::INFINITY;

    fn to_f64(self) -> f64 {
        self
    }

    fn near(number: f64) -> Self {
        // A sum of 0 keeps everything but turns -0 into 0.
        number + 0.0
    }

    fn decimal(mantissa: i64, exponent: i32) -> Self {
        // Dividing by a whole power of ten gives the double nearest to the decimal, multiplying by 0.1 would not.
        let power = 10_f64.powi(exponent.abs());
        if exponent < 0 { mantissa as f64 / power } else { mantissa as f64 * power }
    }

    fn just_below(self) -> Self {
        self.next_down()
    }

    fn sum_and_mean(numbers: impl Iterator<Item = (Self, u32)>) -> (f64, f64) {
        let (mut sum, mut lost, mut count) = (0.0_f64, 0.0, 0.0);
        for (number, times) in numbers {
            let (added, times) = (number * Self::from(times), Self::from(times));
            let next = sum + added;
            lost += if sum.abs() >= added.abs() { (sum - next) + added } else { (added - next) + sum };
            (sum, count) = (next, count + times);
        }
        let sum = sum + lost;
        (as_written(sum), as_written(sum / count))
    }

    fn labels((low, high): (Self, Self)) -> (Self, Self) {
        // `weight < 10` ends with 9.999999999999998.
        let rounder = |bound: Self, next: Self| if next.text().len() + DIGITS / 2 < bound.text().len() { next } else { bound };
        (rounder(low, low.next_down()), rounder(high, high.next_up()))
    }

    fn text(self) -> String {
        self.to_string()
    }

    fn to_bits(self) -> u64 {
        self.to_bits()
    }

    fn from_bits(bits: u64) -> Self {
        Self::from_bits(bits)
    }
}

/// Significant digits that every floating-point number holds.
const DIGITS: usize = 15;

/// The number that the first [`DIGITS`] digits say: 0.3 for 0.30000000000000004.
fn as_written(number: f64) -> f64 {
    format!("{number:.*e}", DIGITS - 1).parse().unwrap_or(number)
}

/// Thousandths in the smallest unit of most currencies, which prices step by.
const STEP: i64 = 10;

/// A price in thousandths of the major unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Price(pub i64);

impl Number for Price {
    const LEAST: Self = Self(i64::MIN);
    const MOST: Self = Self(i64::MAX);

    fn to_f64(self) -> f64 {
        self.0 as f64 / 1_000.0
    }

    fn near(number: f64) -> Self {
        Self((number * 1_000.0).round() as i64)
    }

    fn decimal(mantissa: i64, exponent: i32) -> Self {
        let thousandths = exponent + 3;
        let power = 10_i64.saturating_pow(thousandths.unsigned_abs());
        Self(if thousandths < 0 { mantissa / power } else { mantissa.saturating_mul(power) })
    }

    fn just_below(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    fn sum_and_mean(numbers: impl Iterator<Item = (Self, u32)>) -> (f64, f64) {
        let add = |(sum, count): (i128, i128), (price, times): (Self, u32)| {
            (sum + i128::from(price.0) * i128::from(times), count + i128::from(times))
        };
        let (sum, count) = numbers.fold((0, 0), add);
        // Half a thousandth is rounded up.
        let mean = (2 * sum + count).div_euclid(2 * count.max(1));
        (sum as f64 / 1_000.0, mean as f64 / 1_000.0)
    }

    fn labels((low, high): (Self, Self)) -> (Self, Self) {
        let is_step = |thousandths: i64| thousandths % STEP == 0;
        let from = if low != Self::LEAST && is_step(low.0.saturating_sub(1)) { Self(low.0 - 1) } else { low };
        let to = if high != Self::MOST && is_step(high.0.saturating_add(1)) { Self(high.0 + 1) } else { high };
        (from, to)
    }

    fn text(self) -> String {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let text = format!("{sign}{}.{:03}", size / 1_000, size % 1_000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    fn to_bits(self) -> u64 {
        self.0.cast_unsigned()
    }

    fn from_bits(bits: u64) -> Self {
        Self(bits.cast_signed())
    }
}

/// A range as requests write it: `10..20`, `10..`, `..20`, or the number alone.
pub(super) fn range_text<T: Number>(low: T, high: T) -> String {
    let side = |bound: T| if bound == T::LEAST || bound == T::MOST { String::new() } else { bound.text() };
    if low == high { low.text() } else { format!("{}..{}", side(low), side(high)) }
}

/// The larger of two.
pub(super) fn larger<T: Number>(a: T, b: T) -> T {
    if a < b { b } else { a }
}

/// The smaller of two.
pub(super) fn smaller<T: Number>(a: T, b: T) -> T {
    if b < a { b } else { a }
}

/// Smallest and largest of the numbers seen.
pub(super) struct Ends<T> {
    pub(super) min: T,
    pub(super) max: T,
    pub(super) is_any: bool,
}

impl<T: Number> Ends<T> {
    pub(super) const NONE: Self = Self { min: T::MOST, max: T::LEAST, is_any: false };

    #[inline]
    pub(super) fn include(&mut self, low: T, high: T) {
        self.min = if low < self.min { low } else { self.min };
        self.max = if high > self.max { high } else { self.max };
        self.is_any = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_requests_write_them() {
        assert_eq!(Price(12_500).text(), "12.5");
        assert_eq!(Price(-50).text(), "-0.05");
        assert_eq!(Price(100_000).text(), "100");
        assert_eq!(range_text(Price(0), Price(9_999)), "0..9.999");
        assert_eq!(range_text(Price::LEAST, Price(5_000)), "..5");
        assert_eq!(range_text(2.5, f64::MOST), "2.5..");
        assert_eq!(range_text(7.0, 7.0), "7");
    }

    #[test]
    fn sums_are_what_adding_by_hand_gives() {
        let prices = [(Price(100), 1), (Price(200), 1), (Price(19_990), 3)];
        assert_eq!(Price::sum_and_mean(prices.into_iter()), (60.27, 12.054));
        assert_eq!(Price::sum_and_mean([(Price(10), 2), (Price(11), 1)].into_iter()), (0.031, 0.01));
        assert_eq!(f64::sum_and_mean((0..1_000).map(|_| (0.1, 1))), (100.0, 0.1));
        assert_eq!(f64::sum_and_mean([(0.1, 1), (0.2, 1)].into_iter()), (0.3, 0.15));
        assert_eq!(f64::sum_and_mean([(1e300, 1), (1.0, 1), (-1e300, 1)].into_iter()).0, 1.0);
    }

    #[test]
    fn below_a_price_ends_with_it() {
        let label = |low, high| Price::labels((low, high));
        assert_eq!(label(Price::LEAST, Price(99_999)), (Price::LEAST, Price(100_000)));
        assert_eq!(label(Price(1_701), Price::MOST), (Price(1_700), Price::MOST));
        assert_eq!(label(Price(1_700), Price(99_990)), (Price(1_700), Price(99_990)));
        assert_eq!(f64::labels((2.5_f64.next_up(), 10.0_f64.next_down())), (2.5, 10.0));
        assert_eq!(f64::labels((0.1, f64::MOST)), (0.1, f64::MOST));
    }
}
