//! How fast a SKU sells, as far as sourcing has to know: units a day, old sales counting half after two weeks.

use super::calendar::DAY_MS;
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// Days after which a sale counts half.
const HALF_LIFE_DAYS: i64 = 14;
/// What one unit adds to the pace, in millionths of a unit a day: one a day, for ever, makes a pace of one a day; `1 - 2^(-1/14)`.
const UNIT_MICRO: i64 = 48_304;
/// What is left of a pace after 0 to 13 days, in millionths: `2^(-days/14)`.
const LEFT_MICRO: [i64; HALF_LIFE_DAYS as usize] =
    [1_000_000, 951_695, 905_724, 861_973, 820_335, 780_709, 742_997, 707_107, 672_950, 640_443, 609_507, 580_065, 552_045, 525_378];

/// The pace of one SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Pace {
    /// Millionths of a unit a day, as of `day`.
    micro: i64,
    /// Days since 1970-01-01, UTC.
    day: i64,
}

impl Pace {
    fn micro_on(&self, day: i64) -> i64 {
        let days = (day - self.day).max(0);
        let halved = self.micro >> (days / HALF_LIFE_DAYS).min(62);
        let left = usize::try_from(days % HALF_LIFE_DAYS).map_or(0, |place| LEFT_MICRO[place]);
        i64::try_from(i128::from(halved) * i128::from(left) / 1_000_000).unwrap_or(i64::MAX)
    }

    /// Thousandths of a unit a day at `now`.
    #[must_use]
    pub(super) fn milli_at(&self, now: Timestamp) -> i64 {
        self.micro_on(now.0.div_euclid(DAY_MS)) / 1_000
    }

    /// The pace after units were sold.
    #[must_use]
    pub(super) fn sold(&self, units: i64, now: Timestamp) -> Self {
        let day = now.0.div_euclid(DAY_MS).max(self.day);
        Self { micro: self.micro_on(day).saturating_add(units.saturating_mul(UNIT_MICRO)), day }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_seller_has_its_pace_and_a_past_one_loses_it() {
        let day = |day: i64| Timestamp(day * DAY_MS);
        let pace = (0..200).fold(Pace::default(), |pace, at| pace.sold(3, day(at)));
        assert!((2_950..3_050).contains(&pace.milli_at(day(199))), "{pace:?}");
        let before = pace.milli_at(day(199));
        assert_eq!(pace.milli_at(day(199 + 14)), before / 2);
        assert_eq!(pace.milli_at(day(199 + 21)), before * 707 / 2_000);
        assert_eq!(pace.milli_at(day(100_000)), 0);
        assert_eq!(pace.milli_at(day(0)), before, "a clock that runs backwards changes nothing");
    }
}
