//! From decayed sums to the numbers of a row, and from those to the prior.
//!
//! ```text
//! prior = bounded(velocity · conversion · popularity · rating · availability · price)      in [PRIOR_MIN, PRIOR_MAX], in 4,096 steps a doubling
//!
//! velocity      1 + 0.8 · v / (v + v̄)            v units a day, v̄ the mean of the products that sell
//! conversion    √(c / c̄), within [0.7, 1.4]      c = (purchases + a·c̄) / (looks + a), a = 20 looks, c̄ the shop's mean
//! popularity    1 + 0.4 · p                      p = interest / (interest + mean); the feed's own popularity until there is interest
//! rating        1 + 0.1 · (r - r̄), within [0.8, 1.12]   r = (Σ stars + 10·r̄) / (count + 10)
//! availability  1 in stock; down to 0.9 when less than three days' sales are left; 0.5 when sold out; 1 when never told
//! price         1 + 0.15 · discount
//! ```
//!
//! Every part saturates and is 1 when nothing is known, so an unknown product keeps its text score, and no single number can carry a
//! product over everything else. Conversion and rating are smoothed as in a Beta-binomial or Gaussian model with the shop's mean as the
//! prior (Efron and Morris 1977): few observations say little. The steps keep a product where it is while nothing but time goes by, so that
//! whoever follows what moves ([`super::Moves`]) is told of what did.

use super::decay::{Decay, Sums};
use super::document::DocumentNumbers;
use super::table::SignalRow;

/// The smallest prior.
pub const PRIOR_MIN: f32 = 0.25;
/// The largest prior.
pub const PRIOR_MAX: f32 = 4.0;

/// Bits of a prior's fraction that are always zero.
const STEP_BITS: u32 = f32::MANTISSA_DIGITS - 1 - 12;

/// Looks that the shop's mean conversion is worth.
const CONVERSION_PSEUDO_LOOKS: f64 = 20.0;
/// Impressions that the shop's mean click rate is worth.
const CLICK_PSEUDO_IMPRESSIONS: f64 = 100.0;
/// Ratings that the shop's mean rating is worth.
const RATING_PSEUDO_COUNT: f64 = 10.0;
/// Interest from which on the shop's own behaviour counts as much as the feed's popularity.
const FEED_INTEREST: f64 = 10.0;
/// Stars of a shop in which nothing is rated.
const RATING_UNKNOWN: f64 = 3.8;
/// Interest of noise, in the variance of the trend: two purchases out of nowhere are about three deviations.
const TREND_NOISE: f64 = 16.0;
/// Days of sales below which stock counts as low.
const LOW_STOCK_DAYS: f64 = 3.0;

/// What a prior is the product of. Each part is 1 when nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PriorParts {
    /// For selling, within [1, 1.8].
    pub velocity: f32,
    /// For turning looks into purchases, within [0.7, 1.4].
    pub conversion: f32,
    /// For being looked at, within [1, 1.4].
    pub popularity: f32,
    /// For being liked, within [0.8, 1.12].
    pub rating: f32,
    /// Against being sold out, within [0.5, 1].
    pub availability: f32,
    /// For being reduced, within [1, 1.15].
    pub price: f32,
}

impl PriorParts {
    /// Nothing is known.
    pub const NEUTRAL: Self = Self { velocity: 1.0, conversion: 1.0, popularity: 1.0, rating: 1.0, availability: 1.0, price: 1.0 };

    /// The bounded product, to the nearest step.
    #[must_use]
    pub fn prior(&self) -> f32 {
        let product = self.velocity * self.conversion * self.popularity * self.rating * self.availability * self.price;
        if product.is_finite() { stepped(product.clamp(PRIOR_MIN, PRIOR_MAX)) } else { 1.0 }
    }
}

/// The nearest number whose last [`STEP_BITS`] bits are zero: the bounds and 1 are their own.
fn stepped(number: f32) -> f32 {
    const HALF: u32 = 1 << (STEP_BITS - 1);
    f32::from_bits((number.to_bits() + HALF) >> STEP_BITS << STEP_BITS)
}

/// What the whole shop looks like: what a product is measured against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ShopMeans {
    /// Days' worth of rate in fast sums.
    pub(super) days_short: f64,
    /// Days' worth of rate in slow sums.
    pub(super) days_long: f64,
    /// Units a day of the mean product that sells.
    pub(super) velocity_per_day: f64,
    /// Slow interest sum of the mean product that is seen.
    pub(super) interest: f64,
    /// Recent interest a day over usual interest a day.
    pub(super) tide: f64,
    pub(super) conversion: f64,
    pub(super) click_rate: f64,
    pub(super) rating: f64,
    pub(super) popularity_log: f64,
}

/// Counts over the catalogue that means are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct ShopCounts {
    pub(super) sold: u64,
    pub(super) seen: u64,
    pub(super) rated: u64,
    pub(super) stated: u64,
    /// Thousandths, so that taking a product out leaves no rounding behind.
    pub(super) rating_milli: i64,
    /// Thousandths of `ln(1 + popularity)`.
    pub(super) popularity_milli: i64,
}

fn mean(sum: f64, count: u64) -> f64 {
    sum / count.max(1) as f64
}

/// Looks of which some end in a purchase. Shops tell views, clicks or both of one visit, so the larger counts; a purchase implies a look.
fn looks(sums: &Sums) -> f64 {
    sums.views.max(sums.clicks).max(sums.purchases)
}

fn velocity_per_day(sums: &Sums, days_short: f64, days_long: f64) -> f64 {
    f64::midpoint(sums.units_short / days_short, sums.units_long / days_long)
}

impl ShopMeans {
    /// From the sums over all products, `age_ms` after the first event.
    pub(super) fn of(shop: &Sums, counts: &ShopCounts, age_ms: i64, decay: Decay) -> Self {
        let (days_short, days_long) = (decay.short.days_held(age_ms), decay.long.days_held(age_ms));
        let usual_per_day = shop.interest_long / days_long;
        let recent_per_day = shop.interest_short / days_short;
        let share = |part: f64, whole: f64| if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 0.0 };
        Self {
            days_short,
            days_long,
            velocity_per_day: mean(velocity_per_day(shop, days_short, days_long), counts.sold),
            interest: mean(shop.interest_long, counts.seen),
            tide: if usual_per_day > 0.0 { (recent_per_day / usual_per_day).clamp(0.2, 5.0) } else { 1.0 },
            conversion: share(shop.purchases, looks(shop)),
            click_rate: share(shop.clicks, shop.impressions.max(shop.clicks)),
            rating: if counts.rated > 0 { mean(counts.rating_milli as f64 / 1_000.0, counts.rated) } else { RATING_UNKNOWN },
            popularity_log: mean(counts.popularity_milli as f64 / 1_000.0, counts.stated),
        }
    }
}

/// `x / (x + mean)`: 0 for nothing, 0.5 for the mean, towards 1.
fn against(x: f64, mean: f64) -> f64 {
    if x > 0.0 && mean > 0.0 { x / (x + mean) } else { 0.0 }
}

/// Derives the row of a product with these sums, document numbers and available units. The result is finite whatever goes in.
pub(super) fn derive(sums: &Sums, numbers: &DocumentNumbers, available: Option<i32>, shop: &ShopMeans) -> SignalRow {
    let velocity = velocity_per_day(sums, shop.days_short, shop.days_long);
    let conversion = (sums.purchases + CONVERSION_PSEUDO_LOOKS * shop.conversion) / (looks(sums) + CONVERSION_PSEUDO_LOOKS);
    let impressions = sums.impressions.max(sums.clicks);
    let click_rate = (sums.clicks + CLICK_PSEUDO_IMPRESSIONS * shop.click_rate) / (impressions + CLICK_PSEUDO_IMPRESSIONS);
    let popularity = popularity(sums, numbers, shop);
    let rating = rating(numbers, shop);
    let parts = PriorParts {
        velocity: (1.0 + 0.8 * against(velocity, shop.velocity_per_day)) as f32,
        conversion: if shop.conversion > 0.0 { (conversion / shop.conversion).sqrt().clamp(0.7, 1.4) as f32 } else { 1.0 },
        popularity: (1.0 + 0.4 * popularity) as f32,
        rating: (1.0 + 0.1 * (rating - shop.rating)).clamp(0.8, 1.12) as f32,
        availability: availability_part(available, velocity) as f32,
        price: 1.0 + 0.15 * numbers.discount.clamp(0.0, 1.0),
    };
    SignalRow {
        // Follows from when it was first put, which the table knows.
        freshness: 0.0,
        price_minor: numbers.price_minor,
        available_units: available.map_or(0, i64::from),
        velocity_per_day: velocity as f32,
        velocity_long_per_day: (sums.units_long / shop.days_long) as f32,
        conversion: conversion as f32,
        click_rate: click_rate as f32,
        popularity: popularity as f32,
        rating: rating as f32,
        trend: trend(sums, shop) as f32,
        prior: parts.prior(),
        parts,
    }
}

/// Own interest against the mean product's; while there is little of it, the feed's popularity against the mean of the feed.
fn popularity(sums: &Sums, numbers: &DocumentNumbers, shop: &ShopMeans) -> f64 {
    let own = against(sums.interest_long, shop.interest);
    match numbers.popularity_log {
        None => own,
        Some(stated) => {
            let own_share = sums.interest_long / (sums.interest_long + FEED_INTEREST);
            own_share * own + (1.0 - own_share) * against(f64::from(stated), shop.popularity_log)
        }
    }
}

fn rating(numbers: &DocumentNumbers, shop: &ShopMeans) -> f64 {
    let count = f64::from(numbers.rating_count);
    (f64::from(numbers.rating_average) * count + RATING_PSEUDO_COUNT * shop.rating) / (count + RATING_PSEUDO_COUNT)
}

fn availability_part(available: Option<i32>, velocity_per_day: f64) -> f64 {
    match available {
        None => 1.0,
        Some(units) if units <= 0 => 0.5,
        Some(units) => {
            let days_left = f64::from(units) / velocity_per_day.max(f64::MIN_POSITIVE);
            0.9 + 0.1 * (days_left / LOW_STOCK_DAYS).min(1.0)
        }
    }
}

/// `z = (S - E) / √(E/2 + noise)`: `S` the fast interest sum, `E` what the slow rate and the shop's tide let expect of it. Half, because
/// an exponentially weighted Poisson count has half the variance of its mean.
fn trend(sums: &Sums, shop: &ShopMeans) -> f64 {
    let expected = sums.interest_long / shop.days_long * shop.tide * shop.days_short;
    (sums.interest_short - expected) / (expected / 2.0 + TREND_NOISE).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::decay::{DAY_MS, HalfLife};
    use proptest::prelude::*;

    const DECAY_DAYS: (i64, i64) = (3, 30);

    fn decay() -> Decay {
        let days = |days: i64| HalfLife::from_ms(days * DAY_MS as i64);
        Decay { short: days(DECAY_DAYS.0), long: days(DECAY_DAYS.1) }
    }

    fn shop() -> ShopMeans {
        let sums = Sums { units_short: 40.0, units_long: 400.0, interest_short: 400.0, interest_long: 4_000.0, ..Sums::default() };
        let sums = Sums { purchases: 100.0, views: 2_000.0, ..sums };
        let counts = ShopCounts { sold: 10, seen: 40, rated: 10, rating_milli: 38_000, ..ShopCounts::default() };
        ShopMeans::of(&sums, &counts, 400 * DAY_MS as i64, decay())
    }

    fn prior(sums: Sums, numbers: DocumentNumbers, available: Option<i32>) -> f32 {
        derive(&sums, &numbers, available, &shop()).prior
    }

    #[test]
    fn nothing_known_is_neutral_and_each_merit_lifts() {
        let none = (Sums::default(), DocumentNumbers::default());
        assert_eq!(prior(none.0, none.1, None), 1.0);
        assert_eq!(prior(none.0, none.1, Some(5)), 1.0);
        assert!(prior(none.0, none.1, Some(0)) < 0.6);
        assert!(prior(Sums { units_long: 50.0, units_short: 5.0, ..none.0 }, none.1, None) > 1.2);
        assert!(prior(Sums { interest_long: 100.0, ..none.0 }, none.1, None) > 1.1);
        assert!(prior(Sums { views: 100.0, purchases: 20.0, ..none.0 }, none.1, None) > 1.2);
        assert!(prior(Sums { views: 1_000.0, ..none.0 }, none.1, None) < 0.9);
        assert!(prior(none.0, DocumentNumbers { rating_average: 5.0, rating_count: 50, ..none.1 }, None) > 1.05);
        assert!(prior(none.0, DocumentNumbers { discount: 0.5, ..none.1 }, None) > 1.05);
    }

    #[test]
    fn one_excellent_rating_says_less_than_a_hundred() {
        let stars = |rating_count| DocumentNumbers { rating_average: 5.0, rating_count, ..DocumentNumbers::default() };
        let rating = |count| derive(&Sums::default(), &stars(count), None, &shop()).rating;
        assert!(rating(1) < 4.0 && rating(100) > 4.8);
    }

    #[test]
    fn a_product_that_sells_as_ever_does_not_trend() {
        let days = decay();
        let usual = Sums {
            interest_short: 20.0 * days.short.days_held(i64::MAX),
            interest_long: 20.0 * days.long.days_held(i64::MAX),
            ..Sums::default()
        };
        let means = ShopMeans { tide: 1.0, ..ShopMeans::of(&usual, &ShopCounts::default(), i64::MAX, days) };
        let trend = |sums: Sums| derive(&sums, &DocumentNumbers::default(), None, &means).trend;
        assert!(trend(usual).abs() < 0.01);
        assert!(trend(Sums { interest_short: usual.interest_short * 2.0, ..usual }) > 3.0);
        assert!(trend(Sums { interest_short: 0.0, ..usual }) < -3.0);
    }

    proptest! {
        #[test]
        fn whatever_goes_in_the_row_is_finite_and_the_prior_bounded(
            numbers in prop::array::uniform8(0.0_f64..1e15), price in any::<i64>(), discount in 0.0_f32..2.0, units in any::<Option<i32>>()
        ) {
            let [units_short, interest_short, units_long, interest_long, purchases, views, clicks, impressions] = numbers;
            let sums = Sums { units_short, interest_short, units_long, interest_long, purchases, views, clicks, impressions, ..Sums::default() };
            let document = DocumentNumbers { price_minor: price, discount, popularity_log: Some(3.0), ..DocumentNumbers::default() };
            for means in [shop(), ShopMeans::of(&sums, &ShopCounts::default(), 0, decay())] {
                let row = derive(&sums, &document, units, &means);
                prop_assert!((PRIOR_MIN..=PRIOR_MAX).contains(&row.prior), "{row:?}");
                for number in [row.velocity_per_day, row.conversion, row.click_rate, row.popularity, row.rating, row.trend] {
                    prop_assert!(number.is_finite(), "{row:?}");
                }
            }
        }
    }
}
