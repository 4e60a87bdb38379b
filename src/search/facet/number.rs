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
}
