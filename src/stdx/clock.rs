//! Time as a value. This is the only module that asks the operating system what time it is.
//!
//! Everything that decides takes a [`Timestamp`] argument, so that a journal can be replayed anywhere and a test can stand still.

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment as RFC 3339 in UTC.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX).to_string()
    }

    /// A moment that is written so.
    #[must_use]
    pub fn of_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|at| Self(at.as_millisecond()))
    }

    /// The moment `ms` milliseconds later, saturating at the ends of the range.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to `self`; zero when the clock went backwards.
    #[must_use]
    pub fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }
}

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// The current wall-clock time.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that moves only when told to; for tests and simulation.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock standing at `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.0))
    }

    /// Moves the clock forward (or back, when negative) by `ms` milliseconds.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// When work has to end. Whoever works asks every few microseconds or more, and ends with what there is; so the work knows no clock, and a
/// test decides after how many questions time is up. The default never comes.
#[derive(Debug, Clone, Default)]
pub struct Deadline(End);

#[derive(Debug, Clone, Default)]
enum End {
    #[default]
    Never,
    At(Instant),
    /// Questions left, shared by clones.
    AfterQuestions(Arc<AtomicI64>),
}

impl Deadline {
    /// So long from now.
    #[must_use]
    pub fn within(time: Duration) -> Self {
        Self(Instant::now().checked_add(time).map_or(End::Never, End::At))
    }

    /// After being asked so many times, by all clones together; 0 is over already.
    #[must_use]
    pub fn after_questions(count: u32) -> Self {
        Self(End::AfterQuestions(Arc::new(AtomicI64::new(i64::from(count)))))
    }

    /// The same, and no later than that.
    #[must_use]
    pub fn no_later_than(self, moment: Instant) -> Self {
        match self.0 {
            End::Never => Self(End::At(moment)),
            End::At(end) => Self(End::At(end.min(moment))),
            End::AfterQuestions(left) => Self(End::AfterQuestions(left)),
        }
    }

    /// Whether time is up. Once it is, it stays so.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match &self.0 {
            End::Never => false,
            End::At(end) => Instant::now() >= *end,
            End::AfterQuestions(left) => left.fetch_sub(1, Ordering::Relaxed) <= 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_comes_when_it_was_said_and_stays() {
        assert!(!Deadline::default().is_over() && !Deadline::within(Duration::MAX).is_over());
        assert!(Deadline::within(Duration::ZERO).is_over());
        let now = Instant::now();
        assert!(Deadline::default().no_later_than(now).is_over() && Deadline::within(Duration::MAX).no_later_than(now).is_over());
        assert!(Deadline::within(Duration::ZERO).no_later_than(now + Duration::from_secs(60)).is_over());
        let deadline = Deadline::after_questions(2);
        let clone = deadline.clone();
        assert_eq!([deadline.is_over(), clone.is_over(), deadline.is_over(), clone.is_over()], [false, false, true, true]);
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at(Timestamp(1_000));
        assert_eq!(clock.now(), Timestamp(1_000));
        clock.advance_ms(-400);
        assert_eq!(clock.now(), Timestamp(600));
    }

    #[test]
    fn elapsed_time_is_never_negative() {
        assert_eq!(Timestamp(5).since_ms(Timestamp(9)), 0);
        assert_eq!(Timestamp(9).since_ms(Timestamp(5)), 4);
    }
}
