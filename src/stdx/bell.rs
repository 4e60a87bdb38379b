//! A bell that writers ring and any number of threads wait for: nobody asks again and again whether something has come.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Counts how often it was rung. Take the count first, look, and wait for the count to pass: a ring between the look and the wait is not
/// missed.
#[derive(Debug, Default)]
pub struct Bell {
    rings: Mutex<u64>,
    rung: Condvar,
}

impl Bell {
    /// Wakes everybody who waits.
    pub fn ring(&self) {
        *self.count() += 1;
        self.rung.notify_all();
    }

    /// How often it was rung so far.
    #[must_use]
    pub fn rings(&self) -> u64 {
        *self.count()
    }

    /// Waits until it was rung more often than `seen`, or for `patience`; gives the count there is then.
    pub fn wait_past(&self, seen: u64, patience: Duration) -> u64 {
        let until = Instant::now() + patience;
        let mut count = self.count();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if *count > seen || left.is_zero() {
                return *count;
            }
            count = self.rung.wait_timeout(count, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn count(&self) -> MutexGuard<'_, u64> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_ring_before_the_wait_is_not_missed() {
        let bell = Bell::default();
        let seen = bell.rings();
        bell.ring();
        assert_eq!(bell.wait_past(seen, Duration::from_secs(60)), 1);
    }

    #[test]
    fn who_waits_is_woken_and_patience_ends() {
        let bell = Arc::new(Bell::default());
        let waiting = {
            let bell = Arc::clone(&bell);
            std::thread::spawn(move || bell.wait_past(0, Duration::from_secs(60)))
        };
        bell.ring();
        assert_eq!(waiting.join().expect("ends"), 1);
        assert_eq!(bell.wait_past(1, Duration::ZERO), 1);
    }
}
