//! When a destination that did not take something is asked again.

use std::time::Duration;

/// Seconds before each further attempt: quick at first, because most faults are short, and over about 40 hours in all, which spans a night
/// and the day on which somebody notices.
pub const SCHEDULE_S: [u64; 11] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 43_200];
/// The longest pause that a destination may ask for: an hour more would be a way of switching itself off unnoticed.
const ASKED_MAX: Duration = Duration::from_secs(3_600);
/// Parts in a thousand by which a pause is made shorter or longer, so that destinations that failed together do not come back together.
const JITTER_PER_MILLE: u64 = 200;

/// Attempts at one change that failed so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backoff {
    failures_count: usize,
}

impl Backoff {
    /// After so many failures.
    #[must_use]
    pub fn after(failures_count: usize) -> Self {
        Self { failures_count }
    }

    /// How many attempts failed.
    #[must_use]
    pub fn failures_count(self) -> usize {
        self.failures_count
    }

    /// The same after one more failure, and the pause before the next attempt; none when there is no next. `chance` is from 0 to 999.
    #[must_use]
    pub fn failed(self, asked: Option<Duration>, chance: u64) -> (Self, Option<Duration>) {
        let pause_s = SCHEDULE_S.get(self.failures_count);
        let spread = 1_000 - JITTER_PER_MILLE + chance.min(999) * 2 * JITTER_PER_MILLE / 999;
        let pause = pause_s.map(|seconds| Duration::from_millis(seconds * spread));
        let pause = pause.map(|pause| pause.max(asked.unwrap_or_default().min(ASKED_MAX)));
        (Self { failures_count: self.failures_count + 1 }, pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_over_about_forty_hours_and_then_end() {
        assert!(SCHEDULE_S.is_sorted());
        let total_h = SCHEDULE_S.iter().sum::<u64>() as f64 / 3_600.0;
        assert!((39.0..=41.0).contains(&total_h), "{total_h}");
        let mut backoff = Backoff::default();
        for seconds in SCHEDULE_S {
            let (next, pause) = backoff.failed(None, 500);
            let expected = seconds as f64;
            assert!((pause.expect("is tried again").as_secs_f64() - expected).abs() < expected * 0.01);
            backoff = next;
        }
        assert_eq!(backoff.failed(None, 0), (Backoff::after(SCHEDULE_S.len() + 1), None));
    }

    #[test]
    fn chance_moves_a_pause_by_a_fifth_and_the_destination_may_ask_for_more() {
        let pause =
            |asked_s: Option<u64>, chance| Backoff::default().failed(asked_s.map(Duration::from_secs), chance).1.expect("is tried again");
        assert_eq!((pause(None, 0), pause(None, 999)), (Duration::from_secs(4), Duration::from_secs(6)));
        assert_eq!((pause(Some(60), 0), pause(Some(1), 0)), (Duration::from_secs(60), Duration::from_secs(4)));
        assert_eq!(pause(Some(1_000_000), 0), ASKED_MAX);
    }
}
