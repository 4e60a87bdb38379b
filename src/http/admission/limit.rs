//! How many may be at work or wait for it: a number that follows from how long they wait.
//!
//! Additive increase, multiplicative decrease, as congestion control of networks does it, on the shortest wait of a window, as CoDel does it
//! (Nichols and Jacobson 2012): a burst that drains makes some wait long, but only a queue that stands makes all wait long. While the shortest
//! wait is above the target, the number shrinks; while everybody waits less and somebody was refused, it grows.

use std::time::{Duration, Instant};

/// Waits are judged together for so long.
const WINDOW: Duration = Duration::from_millis(100);
const SHRINK: f64 = 0.8;
const GROW: f64 = 0.1;
/// The least for each thread. A line that short is no overload but a few shoppers who ask at once, however long the work of each takes.
const LEAST_EACH: usize = 16;
/// The number begins as so many times the least.
const BEGIN_FACTOR: f64 = 8.0;
/// Nobody waits behind more than these, whatever the measurements say.
const MOST: f64 = 1_024.0;

/// The number.
#[derive(Debug)]
pub(super) struct Limit {
    value: f64,
    least: f64,
    target: Duration,
    window_since: Option<Instant>,
    shortest_wait: Option<Duration>,
    has_refused: bool,
}

impl Limit {
    /// For work that so many threads do.
    pub(super) fn new(threads: usize, target: Duration) -> Self {
        let least = (LEAST_EACH * threads) as f64;
        // Too many at first is set right within a few windows; too few would turn away what could have been done.
        let value = (BEGIN_FACTOR * least).min(MOST);
        Self { value, least: least.min(MOST), target, window_since: None, shortest_wait: None, has_refused: false }
    }

    /// How many may be in the line, at work or waiting.
    pub(super) fn value(&self) -> f64 {
        self.value
    }

    /// Somebody found no room.
    pub(super) fn refused(&mut self) {
        self.has_refused = true;
    }

    /// Somebody's turn came after waiting so long.
    pub(super) fn waited(&mut self, wait: Duration, now: Instant) {
        self.shortest_wait = Some(self.shortest_wait.map_or(wait, |shortest| shortest.min(wait)));
        let since = *self.window_since.get_or_insert(now);
        if now.saturating_duration_since(since) < WINDOW {
            return;
        }
        let shortest = self.shortest_wait.take().unwrap_or_default();
        if shortest > self.target {
            self.value = (self.value * SHRINK).max(self.least);
        } else if std::mem::take(&mut self.has_refused) {
            self.value = (self.value + (self.value * GROW).max(1.0)).min(MOST);
        }
        self.window_since = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Work of a millisecond each on two threads, more of it than can be done: everybody waits behind as many as there may be.
    #[test]
    fn a_standing_queue_settles_at_the_target_whatever_it_began_with() {
        for begin in [32.0, 1_000.0] {
            let mut limit = Limit::new(2, 20 * MS);
            limit.value = begin;
            let mut now = Instant::now();
            for _ in 0..40_000 {
                now += MS / 2;
                let wait = MS.mul_f64(limit.value() / 2.0);
                limit.refused();
                limit.waited(wait, now);
            }
            assert!((25.0..=50.0).contains(&limit.value()), "{} from {begin}", limit.value());
        }
    }

    #[test]
    fn a_burst_that_drains_changes_nothing() {
        let mut limit = Limit::new(2, 20 * MS);
        let (before, mut now) = (limit.value(), Instant::now());
        for round in 0..1_000_u32 {
            now += MS;
            limit.waited(if round % 10 == 0 { Duration::ZERO } else { 200 * MS }, now);
        }
        assert_eq!(limit.value().to_bits(), before.to_bits());
    }

    #[test]
    fn a_few_shoppers_are_never_too_many() {
        let mut limit = Limit::new(2, MS);
        let mut now = Instant::now();
        for _ in 0..10_000 {
            now += MS;
            limit.waited(Duration::from_secs(1), now);
        }
        assert_eq!(limit.value().to_bits(), 32.0_f64.to_bits());
    }
}
