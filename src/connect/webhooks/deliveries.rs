//! The last attempts at each endpoint, for whoever looks for what is wrong. Neither bodies nor answers are kept: only names, times and
//! statuses, so nothing here has to be forgotten with anybody.

use crate::stdx::clock::Timestamp;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Attempts remembered for each endpoint, since the process started.
pub const DELIVERIES_KEPT: usize = 200;

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The endpoint answered with this status.
    Answered(u16),
    /// It did not answer.
    Failed(String),
}

impl Outcome {
    /// Whether the endpoint took the message.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Answered(200..300))
    }
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The message's name: that of its change.
    pub id: String,
    /// The change's type.
    pub kind: String,
    /// When it was made.
    pub at: Timestamp,
    /// How long it took.
    pub took_ms: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// The newest attempts at one endpoint.
#[derive(Debug, Default)]
pub(super) struct Deliveries(Mutex<VecDeque<Attempt>>);

impl Deliveries {
    pub(super) fn note(&self, attempt: Attempt) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() == DELIVERIES_KEPT {
            attempts.pop_back();
        }
        attempts.push_front(attempt);
    }

    /// The newest first.
    pub(super) fn newest(&self, limit: usize) -> Vec<Attempt> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().take(limit).cloned().collect()
    }
}
