//! Outboxes: each connector follows the journal from its own durable place, on its own thread, and holds up nobody.
//!
//! The journal is the outbox. A connector is a [`Destination`] and a [`Position`]: how far it has told its destination. The runner reads the
//! next changes, hands them over in order, and moves on only past those that were taken, so each is delivered at least once and in order; a
//! crash repeats what was delivered since the place was last kept. A destination that does not answer is asked again after longer and longer
//! pauses, and keeps nobody else waiting: neither the writers, which do not know that it exists, nor other destinations, which have threads
//! and places of their own.

mod backoff;
mod control;
mod position;
mod runner;

pub use backoff::{Backoff, SCHEDULE_S};
pub use control::{Control, Status};
pub use position::{Position, PositionError};
pub use runner::{Outbox, Runner};

use super::changes::Change;
use std::time::Duration;

/// What became of changes that were handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All were taken.
    Taken,
    /// One was not; it is tried again, at the earliest after that long when the destination said so.
    NotNow {
        /// How long the destination wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// The destination wants to be told nothing any more.
    Never {
        /// Why, for the operator.
        reason: String,
    },
}

/// Somewhere that changes are told to. Implementations may block: each has a thread of its own.
pub trait Destination: Send {
    /// Hands changes over in order, and says how many of the first were taken and what became of the one after them.
    fn deliver(&mut self, changes: &[Change]) -> (usize, Verdict);

    /// Hands one change over once more, outside the order, because somebody asked for it.
    fn repeat(&mut self, change: &Change);
}
