//! What counts of people allow to say: shares, means and differences with 95 % intervals, and whether arms are as large as they should be.

/// The 97.5 % point of the standard normal distribution: 95 % lie within as much on either side.
const Z: f64 = 1.959_963_984_540_054;

/// An estimate and the ends of its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether the interval leaves zero out.
    #[must_use]
    pub fn is_apart_from_zero(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// A mean or a ratio, and the variance of it as an estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub(super) value: f64,
    pub(super) variance: f64,
}

/// Sums over one arm's participants of two things that each of them has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moments {
    pub(super) count: f64,
    pub(super) sum: f64,
    pub(super) squares: f64,
}

impl Moments {
    fn mean(&self) -> f64 {
        self.sum / self.count
    }

    fn variance(&self) -> f64 {
        ((self.squares - self.sum * self.mean()) / (self.count - 1.0)).max(0.0)
    }
}

/// A share of so many: `count` of `of`. The score interval of E. B. Wilson, "Probable inference, the law of succession, and statistical
/// inference", Journal of the American Statistical Association 22 (1927). None of nobody.
pub(super) fn share(count: f64, of: f64) -> Option<Interval> {
    if of <= 0.0 {
        return None;
    }
    let (p, z2) = (count / of, Z * Z);
    let centre = (p + z2 / (2.0 * of)) / (1.0 + z2 / of);
    let half = Z / (1.0 + z2 / of) * (p * (1.0 - p) / of + z2 / (4.0 * of * of)).sqrt();
    Some(Interval { value: p, low: (centre - half).max(0.0), high: (centre + half).min(1.0) })
}

/// By how much one share is larger than another. Method 10 of R. G. Newcombe, "Interval estimation for the difference between independent
/// proportions", Statistics in Medicine 17 (1998): the two score intervals, squared and added.
pub(super) fn difference_of_shares(one: Interval, other: Interval) -> Interval {
    let value = one.value - other.value;
    let low = value - (one.value - one.low).hypot(other.high - other.value);
    let high = value + (one.high - one.value).hypot(other.value - other.low);
    Interval { value, low, high }
}

/// The mean of what each participant has. None of fewer than two, and none when all have the same: that says nothing of what chance does.
pub(super) fn mean(of: Moments) -> Option<Estimate> {
    let estimate = (of.count >= 2.0).then(|| Estimate { value: of.mean(), variance: of.variance() / of.count });
    estimate.filter(|estimate| estimate.variance > 0.0)
}

/// All parts over all wholes, where each participant has some of both, e.g. clicked searches over searches. Its variance is that of the
/// delta method, because searches of one person are not independent: A. Deng, U. Knoblich, J. Lu, "Applying the delta method in metric
/// analytics", KDD 2018, equation 4. `products` is the sum of each participant's part times whole. None without two participants and a whole, and
/// as with means.
pub(super) fn ratio(part: Moments, whole: Moments, products: f64) -> Option<Estimate> {
    if part.count < 2.0 || whole.sum <= 0.0 {
        return None;
    }
    let value = part.sum / whole.sum;
    let covariance = (products - part.sum * whole.mean()) / (part.count - 1.0);
    let spread = part.variance() - 2.0 * value * covariance + value * value * whole.variance();
    let estimate = Estimate { value, variance: spread / (part.count * whole.mean() * whole.mean()) };
    Some(estimate).filter(|estimate| estimate.variance > 0.0)
}

/// An estimate that is normal, as means of many are, with its interval.
pub(super) fn interval(of: Estimate) -> Interval {
    let half = Z * of.variance.sqrt();
    Interval { value: of.value, low: of.value - half, high: of.value + half }
}

/// By how much one estimate is larger than another of other people: variances add (B. L. Welch, Biometrika 34, 1947, with as many
/// participants that Student's distribution is the normal one).
pub(super) fn difference(one: Estimate, other: Estimate) -> Interval {
    interval(Estimate { value: one.value - other.value, variance: one.variance + other.variance })
}

/// Pearson's chi-square of counts against what shares let expect, and how probable one as large is by chance alone.
pub(super) fn as_shared(counts: &[f64], shares: &[f64]) -> (f64, f64) {
    let (total, whole): (f64, f64) = (counts.iter().sum(), shares.iter().sum());
    if total <= 0.0 || whole <= 0.0 {
        return (0.0, 1.0);
    }
    let off = |(count, share): (&f64, &f64)| {
        let expected = total * share / whole;
        (count - expected) * (count - expected) / expected
    };
    let chi_square = counts.iter().zip(shares).map(off).sum();
    (chi_square, chi_square_tail(chi_square, counts.len().saturating_sub(1)))
}

/// How probable a chi-square of so many degrees of freedom beyond `x` is. In closed form for whole degrees (M. Abramowitz and I. A. Stegun,
/// "Handbook of mathematical functions", 26.4.4 and 26.4.5).
fn chi_square_tail(x: f64, degrees: usize) -> f64 {
    if x <= 0.0 || degrees == 0 {
        return 1.0;
    }
    let half = x / 2.0;
    let (mut term, mut sum, mut next) = if degrees.is_multiple_of(2) {
        ((-half).exp(), 0.0, 1.0)
    } else {
        ((-half).exp() * (half / std::f64::consts::PI).sqrt() * 2.0, normal_tails(x.sqrt()), 1.5)
    };
    for _ in 0..degrees / 2 {
        sum += term;
        term *= half / next;
        next += 1.0;
    }
    sum.clamp(0.0, 1.0)
}

/// How probable it is that a standard normal number lies beyond `z` on either side, by the series of its middle for small `z` and the
/// continued fraction of its tail for large (Abramowitz and Stegun, 26.2.11 and 26.2.14).
fn normal_tails(z: f64) -> f64 {
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if z < 3.0 {
        let (mut term, mut middle) = (z, 0.0);
        for odd in 1..100 {
            middle += term;
            term *= z * z / (2.0 * f64::from(odd) + 1.0);
        }
        return (1.0 - 2.0 * density * middle).clamp(0.0, 1.0);
    }
    let fraction = (1..60).rev().fold(z, |below, step| z + f64::from(step) / below);
    2.0 * density / fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64, what: &str) {
        assert!((found - expected).abs() < 1e-4, "{what}: {found} instead of {expected}");
    }

    #[test]
    fn shares_and_their_differences_are_those_that_were_published() {
        // Newcombe's examples: 81 of 263 in the paper on single proportions, 56 of 70 against 48 of 80 in that on differences.
        let one = share(81.0, 263.0).expect("a share");
        near(one.low, 0.2553, "Wilson, below");
        near(one.high, 0.3662, "Wilson, above");
        let difference = difference_of_shares(share(56.0, 70.0).expect("a share"), share(48.0, 80.0).expect("a share"));
        near(difference.low, 0.0524, "Newcombe, below");
        near(difference.high, 0.3339, "Newcombe, above");
        let none = difference_of_shares(share(0.0, 10.0).expect("a share"), share(0.0, 20.0).expect("a share"));
        near(none.low, -0.1611, "nobody of either, below");
        near(none.high, 0.2775, "nobody of either, above");
        assert_eq!(share(0.0, 0.0), None);
    }

    #[test]
    fn tails_of_the_chi_square_are_those_of_the_tables() {
        for (degrees, x, tail) in [
            (1, 3.841_459, 0.05),
            (2, 5.991_465, 0.05),
            (3, 7.814_728, 0.05),
            (7, 14.067_14, 0.05),
            (1, 10.827_57, 0.001),
            (4, 18.466_83, 0.001),
            (1, 0.454_936, 0.5),
        ] {
            near(chi_square_tail(x, degrees), tail, "tail");
        }
        assert!(chi_square_tail(200.0, 1) < 1e-40 && chi_square_tail(200.0, 1) > 0.0);
        assert_eq!(as_shared(&[50.0, 50.0], &[1.0, 1.0]), (0.0, 1.0));
        near(as_shared(&[60.0, 40.0], &[1.0, 1.0]).0, 4.0, "chi-square");
    }

    #[test]
    fn a_ratio_of_one_whole_each_is_a_mean() {
        let part = Moments { count: 4.0, sum: 2.0, squares: 2.0 };
        let whole = Moments { count: 4.0, sum: 4.0, squares: 4.0 };
        let (ratio, mean) = (ratio(part, whole, 2.0).expect("a ratio"), mean(part).expect("a mean"));
        near(ratio.value, mean.value, "value");
        near(ratio.variance, mean.variance, "variance");
        near(mean.variance, 1.0 / 12.0, "the variance of a mean of two and two");
        let alike = Moments { count: 4.0, sum: 0.0, squares: 0.0 };
        assert_eq!((super::mean(alike), super::ratio(alike, whole, 0.0)), (None, None), "nothing is known of chance");
        let apart = difference(Estimate { value: 3.0, variance: 0.16 }, Estimate { value: 1.0, variance: 0.09 });
        near(apart.low, 2.0 - 0.98, "below");
        near(apart.high, 2.0 + 0.98, "above");
    }
}
