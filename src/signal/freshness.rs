//! How young a product is, in event time.
//!
//! `2^(-age / 30 days)`, where age is how long before the newest thing that the shop knows the product was first put. The newest thing is a
//! catalogue entry, a sale or a look, never the wall clock: a catalogue imported at once is equally young all over, which ranks nothing, and
//! what is added to it later is younger than the rest.

use crate::stdx::clock::Timestamp;

/// Half of a product's freshness is gone after so many minutes: 30 days.
const HALF_LIFE_MINUTES: f32 = 30.0 * 24.0 * 60.0;
const MINUTE_MS: i64 = 60_000;

/// A moment in minutes since 1970, from 1; 0 stands for never.
pub(super) fn minutes_of(at: Timestamp) -> u32 {
    u32::try_from(at.0.div_euclid(MINUTE_MS).max(1)).unwrap_or(u32::MAX)
}

/// Freshness of something first seen in minute `first` in minute `now`, 0 to 1; 0 for what was never seen.
#[inline]
pub(super) fn freshness(first: u32, now: u32) -> f32 {
    if first == 0 { 0.0 } else { (-(now.saturating_sub(first) as f32) / HALF_LIFE_MINUTES).exp2() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_gone_after_a_month_and_the_never_seen_is_old() {
        let day = |day: i64| minutes_of(Timestamp(day * 86_400_000));
        assert_eq!([freshness(day(100), day(100)), freshness(day(100), day(130)), freshness(day(100), day(90))], [1.0, 0.5, 1.0]);
        assert_eq!((freshness(0, day(1)), freshness(minutes_of(Timestamp(i64::MIN)), u32::MAX)), (0.0, 0.0));
    }
}
