//! Sums that halve with time, without anything having to be touched as time passes.
//!
//! Each sum carries the moment it is expressed at; adding something newer moves that moment, adding something older weighs it down, and
//! reading ages a copy. This is the forward decay of Cormode, Shkapenyuk, Srivastava and Xu (ICDE 2009) with one landmark a row instead of
//! one for all, so that nothing can overflow and no landmark ever has to be moved under everybody.

use crate::stdx::clock::Timestamp;

/// Milliseconds in a day.
pub const DAY_MS: f64 = 86_400_000.0;

/// A half-life.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HalfLife {
    ms: f64,
}

impl HalfLife {
    /// A half-life of `ms` milliseconds, at least one.
    #[must_use]
    pub fn from_ms(ms: i64) -> Self {
        Self { ms: ms.max(1) as f64 }
    }

    /// What is left after `elapsed_ms`: `2^(-elapsed / half-life)`, between 0 and 1.
    #[must_use]
    pub fn left_after(self, elapsed_ms: i64) -> f64 {
        if elapsed_ms <= 0 { 1.0 } else { (-(elapsed_ms as f64) / self.ms).exp2() }
    }

    /// What something weighs in sums that are `late_ms` newer than it: less than 1, or more where it is newer than they are.
    #[must_use]
    pub fn weight_of(self, late_ms: i64) -> f64 {
        (-(late_ms as f64) / self.ms).exp2()
    }

    /// How many days' worth of a steady rate a decayed sum holds: `half-life / ln 2 · (1 - 2^(-age / half-life))`, where `age` is how long
    /// anything has been counted. The last factor keeps a young shop's rates from being read as too low; it is taken from one day on, so
    /// that the first sale is not read as a flood.
    #[must_use]
    pub fn days_held(self, age_ms: i64) -> f64 {
        let age_ms = age_ms.max(DAY_MS as i64);
        self.ms / DAY_MS / std::f64::consts::LN_2 * (1.0 - self.left_after(age_ms))
    }
}

/// The two half-lives of the signals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Decay {
    pub(super) short: HalfLife,
    pub(super) long: HalfLife,
}

/// What one event adds to the sums of its product and of the shop.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Touch {
    /// Units sold; negative when taken back.
    pub(super) units: f64,
    /// Order lines or purchases.
    pub(super) purchases: f64,
    /// Weighted interest of any kind.
    pub(super) interest: f64,
    pub(super) views: f64,
    pub(super) clicks: f64,
    pub(super) impressions: f64,
}

impl Touch {
    /// The same, taken back.
    pub(super) fn negated(self) -> Self {
        Self {
            units: -self.units,
            purchases: -self.purchases,
            interest: -self.interest,
            views: -self.views,
            clicks: -self.clicks,
            impressions: -self.impressions,
        }
    }
}

/// Decayed sums as of `at`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sums {
    pub(super) at: Timestamp,
    pub(super) units_short: f64,
    pub(super) interest_short: f64,
    pub(super) units_long: f64,
    pub(super) interest_long: f64,
    pub(super) purchases: f64,
    pub(super) views: f64,
    pub(super) clicks: f64,
    pub(super) impressions: f64,
}

/// The moment of sums that nothing was added to yet.
pub(super) const NEVER: Timestamp = Timestamp(i64::MIN);

impl Default for Sums {
    fn default() -> Self {
        Self {
            at: NEVER,
            units_short: 0.0,
            interest_short: 0.0,
            units_long: 0.0,
            interest_long: 0.0,
            purchases: 0.0,
            views: 0.0,
            clicks: 0.0,
            impressions: 0.0,
        }
    }
}

impl Sums {
    /// The sums as of `now`, which is not earlier than theirs.
    pub(super) fn aged_to(mut self, now: Timestamp, decay: Decay) -> Self {
        if now <= self.at {
            return self;
        }
        if self.at != NEVER {
            let elapsed_ms = now.since_ms(self.at);
            let (short, long) = (decay.short.left_after(elapsed_ms), decay.long.left_after(elapsed_ms));
            self.units_short *= short;
            self.interest_short *= short;
            for sum in [&mut self.units_long, &mut self.interest_long, &mut self.purchases] {
                *sum *= long;
            }
            for sum in [&mut self.views, &mut self.clicks, &mut self.impressions] {
                *sum *= long;
            }
        }
        self.at = now;
        self
    }

    /// Adds what happened at `at`, whether that is newer or older than the sums.
    pub(super) fn add(&mut self, touch: Touch, at: Timestamp, decay: Decay) {
        *self = self.aged_to(at, decay);
        let late_ms = self.at.since_ms(at);
        let (short, long) = (decay.short.left_after(late_ms), decay.long.left_after(late_ms));
        self.units_short += touch.units * short;
        self.interest_short += touch.interest * short;
        self.units_long += touch.units * long;
        self.interest_long += touch.interest * long;
        self.purchases += touch.purchases * long;
        self.views += touch.views * long;
        self.clicks += touch.clicks * long;
        self.impressions += touch.impressions * long;
    }

    /// Takes back something whose own moment is not known, at most down to nothing. Gives what was taken.
    pub(super) fn take_back_some(&mut self, touch: Touch, at: Timestamp, decay: Decay) -> Self {
        let before = self.aged_to(at, decay);
        self.add(touch.negated(), at, decay);
        for sum in self.all_mut() {
            *sum = sum.max(0.0);
        }
        let mut taken = before;
        taken.lose(*self, decay);
        taken
    }

    /// Loses what was taken from a part of these sums.
    pub(super) fn lose(&mut self, mut taken: Self, decay: Decay) {
        *self = self.aged_to(taken.at, decay);
        taken = taken.aged_to(self.at, decay);
        for (sum, taken) in self.all_mut().into_iter().zip(taken.all_mut()) {
            *sum = (*sum - *taken).max(0.0);
        }
    }

    fn all_mut(&mut self) -> [&mut f64; 8] {
        let Self { at: _, units_short, interest_short, units_long, interest_long, purchases, views, clicks, impressions } = self;
        [units_short, interest_short, units_long, interest_long, purchases, views, clicks, impressions]
    }

    /// Both together, as of `now`.
    pub(super) fn together(both: &[Self; 2], now: Timestamp, decay: Decay) -> Self {
        let (a, b) = (both[0].aged_to(now, decay), both[1].aged_to(now, decay));
        let sum = |a: f64, b: f64| (a + b).max(0.0);
        Self {
            at: now,
            units_short: sum(a.units_short, b.units_short),
            interest_short: sum(a.interest_short, b.interest_short),
            units_long: sum(a.units_long, b.units_long),
            interest_long: sum(a.interest_long, b.interest_long),
            purchases: sum(a.purchases, b.purchases),
            views: sum(a.views, b.views),
            clicks: sum(a.clicks, b.clicks),
            impressions: sum(a.impressions, b.impressions),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECAY: Decay = Decay { short: HalfLife { ms: 1_000.0 }, long: HalfLife { ms: 10_000.0 } };

    fn units(units: f64) -> Touch {
        Touch { units, ..Touch::default() }
    }

    #[test]
    fn half_is_left_after_a_half_life() {
        let mut sums = Sums::default();
        sums.add(units(8.0), Timestamp(0), DECAY);
        assert_eq!(sums.aged_to(Timestamp(2_000), DECAY).units_short, 2.0);
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let (mut early_first, mut late_first) = (Sums::default(), Sums::default());
        early_first.add(units(1.0), Timestamp(0), DECAY);
        early_first.add(units(2.0), Timestamp(3_000), DECAY);
        late_first.add(units(2.0), Timestamp(3_000), DECAY);
        late_first.add(units(1.0), Timestamp(0), DECAY);
        assert_eq!(early_first, late_first);
    }

    /// A bulk order came back after a month: the sum over days had forgotten it, and the whole shop lost a thousand units that nobody had.
    #[test]
    fn a_whole_loses_what_its_part_loses_and_no_more() {
        let (mut part, mut other) = (Sums::default(), Sums::default());
        part.add(units(1_000.0), Timestamp(0), DECAY);
        other.add(units(10.0), Timestamp(20_000), DECAY);
        let mut whole = part;
        whole.add(units(10.0), Timestamp(20_000), DECAY);
        let taken = part.take_back_some(units(1_000.0), Timestamp(20_000), DECAY);
        whole.lose(taken, DECAY);
        assert_eq!((part.units_short, part.units_long, taken.units_long), (0.0, 0.0, 250.0));
        let left = (whole.units_short - other.units_short, whole.units_long - other.units_long);
        assert!(left.0.abs() < 1e-9 && left.1.abs() < 1e-9, "{left:?}");
        // As much as is there is taken, and that at its weight of now.
        let mut recent = other;
        let taken = recent.take_back_some(units(4.0), Timestamp(21_000), DECAY);
        assert_eq!((recent.units_short, taken.units_short), (1.0, 4.0));
    }

    #[test]
    fn a_steady_rate_is_read_as_that_rate_from_the_second_day_on() {
        let half_life = HalfLife::from_ms(3 * DAY_MS as i64);
        for days in [2_i64, 5, 40] {
            let sum: f64 = (0..days * 24).map(|hour| half_life.left_after(hour * 3_600_000 + 1_800_000)).sum();
            let rate = sum / half_life.days_held(days * DAY_MS as i64);
            assert!((rate - 24.0).abs() < 0.1, "{days} days: {rate}");
        }
    }

    #[test]
    fn moments_at_the_ends_of_the_range_are_harmless() {
        let mut sums = Sums::default();
        for at in [i64::MIN, 0, i64::MAX, i64::MIN, 5] {
            sums.add(units(1.0), Timestamp(at), DECAY);
        }
        assert!(sums.units_short.is_finite() && sums.units_long.is_finite());
    }
}
