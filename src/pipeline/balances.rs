//! All balances of trade gone through again and again beside everything else: whether what is counted up agrees with what it is counted from.
//!
//! Every decision checks what it changes, and the simulation checks everything; this is for what neither can see: memory that lies, a fold that
//! went wrong releases ago, a checkpoint that an operator mended by hand. It works on a published snapshot, so it holds up nobody, and only for
//! so many milliseconds out of a hundred, so nobody notices it. What it finds is told, never mended: the journal is the truth, and an operator
//! decides (`shopkeeper verify`).

use super::handle::Threads;
use super::options::Options;
use super::readers::Readers;
use super::replay::PipelineError;
use crate::trade::State;
use crossbeam::channel::{Receiver, RecvTimeoutError, bounded};
use serde::Serialize;
use std::time::{Duration, Instant};

/// How long after one look through all balances the next one begins.
pub const BALANCES_EVERY_MS: u64 = 60 * 60 * 1_000;
/// How long it works before it rests.
const SLICE: Duration = Duration::from_millis(2);
/// The share of one processor that it takes while it goes through.
const SHARE_PERCENT: u32 = 5;
/// How long it rests after a slice.
const REST: Duration = Duration::from_millis(2 * (100 - SHARE_PERCENT as u64) / SHARE_PERCENT as u64);
/// Differences that are told one by one; all are counted.
pub const WRONG_LISTED_MAX: usize = 16;

/// What one look through all balances found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Balances {
    /// The newest event time of what was looked at, in milliseconds since 1970.
    pub as_of_ms: i64,
    /// How long it took, rests included.
    pub took_ms: u64,
    /// Orders that were looked at.
    pub orders_count: usize,
    /// Balances that do not add up.
    pub wrong_count: usize,
    /// The first of them, in words.
    pub wrong: Vec<String>,
}

/// Starts the thread.
pub(super) fn start(threads: &mut Threads, readers: &Readers, options: &Options) -> Result<(), PipelineError> {
    let (stopper, stopped) = bounded::<()>(0);
    threads.end_by(stopper);
    let (readers, every) = (readers.clone(), Duration::from_millis(options.balances_every_ms));
    threads.start_follower("balances", move || {
        while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
            let Some(found) = look_through(&readers.trade(), &stopped) else { return };
            tell(&found);
            readers.balances.swap(Some(found));
        }
    })
}

/// One look through all balances; none when the process ends meanwhile.
fn look_through(state: &State, stopped: &Receiver<()>) -> Option<Balances> {
    let begun = Instant::now();
    let mut slice_begun = begun;
    let mut pace = || {
        if slice_begun.elapsed() >= SLICE {
            if stopped.recv_timeout(REST) != Err(RecvTimeoutError::Timeout) {
                return None;
            }
            slice_begun = Instant::now();
        }
        Some(())
    };
    let mut wrong = state.check_balances(&mut pace)?;
    let wrong_count = wrong.len();
    wrong.truncate(WRONG_LISTED_MAX);
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Some(Balances { as_of_ms: state.time().0, took_ms, orders_count: state.orders_count(), wrong_count, wrong })
}

fn tell(found: &Balances) {
    metrics::gauge!("shopkeeper_balances_wrong").set(found.wrong_count as f64);
    metrics::gauge!("shopkeeper_balances_took_seconds").set(found.took_ms as f64 / 1_000.0);
    metrics::counter!("shopkeeper_balances_checked_total").increment(1);
    if let Some(first) = found.wrong.first() {
        tracing::error!(wrong = found.wrong_count, first, "balances do not add up; compare with the journal: shopkeeper verify");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trade::Options;

    #[test]
    fn a_look_ends_when_the_process_does_and_otherwise_tells_what_it_found() {
        let state = State::new(Options::default());
        let (stopper, stopped) = bounded(0);
        let found = look_through(&state, &stopped).expect("goes through");
        assert_eq!((found.orders_count, found.wrong_count, found.wrong.len()), (0, 0, 0));
        drop(stopper);
        let mut paces = 0;
        let refused = state.check_balances(&mut || {
            paces += 1;
            None
        });
        assert_eq!((refused, paces), (None, 1), "whoever paces can end it");
    }

    #[test]
    fn it_works_for_its_share_and_rests_for_the_others() {
        let whole = SLICE + REST;
        assert_eq!(SLICE.as_millis() * 100 / whole.as_millis(), u128::from(SHARE_PERCENT));
    }
}
