//! What experiments come to: for each arm who was in it, what they asked, chose, ordered and paid.
//!
//! [`ExperimentsFold`] is the one writer, a fold over the activity stream alone: an exposure says itself in which run of which experiment
//! and in which arm it was, so that what is counted does not depend on when the document of the experiment was read.
//!
//! ```text
//!  Exposed ─► tally of the run ─► participant (first arm stays) ─► sums of the arm
//!        └──► answers: name ─► participant, tallies           a click with that name ─► the search led to a click
//!  carts, purchases, orders ─► the participant, for some days after they were last exposed; a cancellation takes an order back
//! ```
//!
//! Whoever was put into an arm by chance is what is counted; searches of one person are not independent of each other. So for each arm sums
//! over its participants are kept, and sums of squares: all of them whole numbers, so that taking somebody out leaves exactly what there
//! would be without them. [`Report`] makes shares, means and intervals of them.
//!
//! Everything is bounded: tallies, participants of all of them together, answers and orders that are remembered. When there is no room for
//! one more participant, those of the tally that was quiet longest go, if nothing can come of them any more; else newcomers are not counted,
//! in no arm, and the report says how many.

mod chance;
mod checkpoint;
mod fold;
mod report;
mod tally;
#[cfg(test)]
mod tests;

pub use chance::Interval;
pub use checkpoint::ExperimentsCheckpoint;
pub use fold::ExperimentsFold;
pub use report::{Against, ArmReport, Report, SampleRatio};
pub use tally::{Counted, Sums};

use crate::id::SettingId;
use crate::stdx::clock::Timestamp;
use crate::stdx::mapped::MappedError;
use std::sync::Arc;

/// Tallies kept; that which was quiet longest goes first. A search remembers by a bit each in which it was counted.
const TALLIES_MAX: usize = 64;
/// Arms of one tally.
const ARMS_MAX: usize = 8;

const _: () = assert!(TALLIES_MAX <= u64::BITS as usize, "a bit for each");

/// Limits of the tallies.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// How long after somebody was exposed what they do is still counted, in milliseconds.
    pub attribution_ms: i64,
    /// How soon one answer to somebody who is still typing follows another one of the same search, in milliseconds.
    pub typing_ms: i64,
    /// Participants of all tallies together: about 100 bytes each.
    pub participants_max: usize,
    /// Places of the table of answers. A power of two.
    pub answers_len: usize,
    /// Orders that can still be taken back; the oldest are forgotten first.
    pub orders_remembered_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        const DAY_MS: i64 = 86_400_000;
        Self {
            attribution_ms: 7 * DAY_MS,
            typing_ms: 30_000,
            participants_max: 524_288,
            answers_len: 131_072,
            orders_remembered_max: 32_768,
        }
    }
}

/// Why the tallies cannot be opened or saved.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentsError {
    /// The checkpoint cannot be read or written.
    #[error(transparent)]
    Mapped(#[from] MappedError),
    /// The checkpoint's sections do not fit together.
    #[error("the checkpoint of experiments is damaged: {0}")]
    Damaged(&'static str),
    /// The checkpoint was made with other limits; the journal has to be folded anew.
    #[error("the checkpoint of experiments was made with other limits")]
    OtherOptions,
}

/// An immutable view of all tallies.
#[derive(Debug, Clone, Default)]
pub struct ExperimentsSnapshot {
    tallies: Vec<Arc<Counted>>,
}

impl ExperimentsSnapshot {
    /// What was counted of that run of an experiment; none before the first exposure, and when it is forgotten.
    #[must_use]
    pub fn of(&self, experiment: &SettingId, run: Timestamp) -> Option<&Counted> {
        let is_it = |counted: &&Arc<Counted>| *counted.experiment == *experiment.as_str() && counted.run == run;
        self.tallies.iter().find(is_it).map(Arc::as_ref)
    }
}
