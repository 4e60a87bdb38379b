//! Looks after the budget of memory for as long as a shop is open.
//!
//! What is let go of are pages of mapped files, which the system mostly still has: looking at one of them again takes a microsecond for sixteen of them. So
//! that all of them are not let go of again and again where the budget is smaller than what is in use, there is a rest where that was not enough.

use crate::stdx::resident::{self, Kept};
use crossbeam::channel::{RecvTimeoutError, Sender, bounded};
use std::io;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often the memory is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How long pages are left alone after all were let go of and more was held even so.
const REST: Duration = Duration::from_secs(10);
/// Looking comes before the budget is reached, by this part of it, since memory grows between two looks.
const AHEAD_PART: u64 = 32;

/// The thread that looks, until it is stopped.
pub(super) struct Keeper(Mutex<Option<(Sender<()>, JoinHandle<()>)>>);

impl Keeper {
    /// Begins to look; `budget` says what the process may hold at the moment, in bytes.
    pub(super) fn start(budget: impl Fn() -> u64 + Send + 'static) -> io::Result<Self> {
        let (stop, stopped) = bounded::<()>(0);
        let look = move || {
            let mut rests_until = Instant::now();
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                if Instant::now() >= rests_until && keep(budget()).is_some_and(|kept| kept.is_above) {
                    rests_until = Instant::now() + REST;
                }
            }
        };
        let thread = thread::Builder::new().name("memory".to_owned()).spawn(look)?;
        Ok(Self(Mutex::new(Some((stop, thread)))))
    }

    /// Stops looking.
    pub(super) fn stop(&self) {
        let Some((stop, thread)) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        drop(stop);
        if thread.join().is_err() {
            tracing::error!("the thread that looks after memory broke");
        }
    }
}

fn keep(budget: u64) -> Option<Kept> {
    let kept = resident::keep_within(budget - budget / AHEAD_PART)?;
    metrics::gauge!("shopkeeper_memory_budget_bytes").set(budget as f64);
    metrics::gauge!("shopkeeper_memory_is_tight").set(f64::from(u8::from(kept.is_above)));
    metrics::counter!("shopkeeper_memory_released_bytes_total").increment(kept.released);
    if kept.is_above {
        tracing::warn!(resident = kept.resident, budget, "more memory is in use than the budget allows: less is remembered for speed");
    }
    Some(kept)
}
