//! What a long evaluation is at, told on standard error as it begins: large sets take minutes, and who waits should see for what.

use std::io::Write;
use std::time::Instant;

/// A job that somebody watches.
pub(super) struct Watched {
    started: Instant,
}

impl Watched {
    pub(super) fn from_now() -> Self {
        Self { started: Instant::now() }
    }

    pub(super) fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Tells what begins, and after how many seconds.
    pub(super) fn begins(&self, what: &str) {
        if let Err(error) = writeln!(std::io::stderr(), "{:7.1} s  {what}", self.seconds()) {
            tracing::debug!(%error, "nobody watches");
        }
    }
}
