//! What is asked of a running connector from outside, and what it tells of itself.

use crate::connect::changes::ChangeId;
use crate::stdx::bell::Bell;
use crate::stdx::clock::Timestamp;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Repetitions that may wait at once.
const REPEATS_MAX: usize = 32;

/// How a connector is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Up to where everything was delivered, as in `after` of the feed.
    pub after: String,
    /// Entries between there and the end of the journal.
    pub lag_entries: u64,
    /// Changes delivered so far.
    pub delivered_count: u64,
    /// Attempts at the next change that failed.
    pub failures_count: usize,
    /// When the next attempt is due, while it waits for one.
    pub next_attempt_at: Option<Timestamp>,
    /// Why it has ended by itself.
    pub ended: Option<String>,
}

/// The two ends of a connector's control.
#[derive(Debug, Default)]
pub struct Control {
    is_stopping: AtomicBool,
    is_discarded: AtomicBool,
    bell: Bell,
    repeats: Mutex<VecDeque<ChangeId>>,
    status: Mutex<Status>,
}

impl Control {
    /// A control of a connector that runs.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Asks it to end as soon as the attempt in progress is over.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
        self.bell.ring();
    }

    /// The same, and its place is not kept any more.
    pub fn discard(&self) {
        self.is_discarded.store(true, Ordering::Release);
        self.stop();
    }

    /// Asks for one change to be delivered once more; false when too many wait already.
    #[must_use]
    pub fn repeat(&self, change: ChangeId) -> bool {
        let mut repeats = self.repeats.lock().unwrap_or_else(PoisonError::into_inner);
        if repeats.len() >= REPEATS_MAX {
            return false;
        }
        repeats.push_back(change);
        self.bell.ring();
        true
    }

    /// How it is.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it was asked to end.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    pub(super) fn is_discarded(&self) -> bool {
        self.is_discarded.load(Ordering::Acquire)
    }

    pub(super) fn next_repeat(&self) -> Option<ChangeId> {
        self.repeats.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Changes what it tells of itself.
    pub fn tell(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn seen(&self) -> u64 {
        self.bell.rings()
    }

    /// Waits for a request, or for `patience`.
    pub(super) fn wait_past(&self, seen: u64, patience: Duration) {
        self.bell.wait_past(seen, patience);
    }
}
