//! Where checkpoints lie: one file for each projection, each saying how far in each stream it goes.
//!
//! A checkpoint is never the truth. A missing or damaged one costs a longer replay and nothing else.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// Names of the checkpoint files of a shop.
#[derive(Debug, Clone)]
pub struct CheckpointFiles(PathBuf);

impl CheckpointFiles {
    /// Files under `folder`, which must exist.
    #[must_use]
    pub fn under(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Product documents.
    #[must_use]
    pub fn catalog(&self) -> PathBuf {
        self.0.join("catalog.bin")
    }

    /// Carts, orders, payments and stock.
    #[must_use]
    pub fn trade(&self) -> PathBuf {
        self.0.join("trade.bin")
    }

    /// Live numbers.
    #[must_use]
    pub fn signal(&self) -> PathBuf {
        self.0.join("signal.bin")
    }

    /// Item-to-item tables.
    #[must_use]
    pub fn recommend(&self) -> PathBuf {
        self.0.join("recommend.bin")
    }

    /// What queries lead to.
    #[must_use]
    pub fn demand(&self) -> PathBuf {
        self.0.join("demand.bin")
    }

    /// What experiments come to.
    #[must_use]
    pub fn experiments(&self) -> PathBuf {
        self.0.join("experiments.bin")
    }

    /// Keys and administrators.
    #[must_use]
    pub fn access(&self) -> PathBuf {
        self.0.join("access.bin")
    }

    /// Import receipts.
    #[must_use]
    pub fn receipts(&self) -> PathBuf {
        self.0.join("receipts.bin")
    }
}

/// Writes checkpoints on a thread of its own, one at a time, so that nobody waits for one.
#[derive(Debug, Default)]
pub(super) struct CheckpointWriter {
    running: Option<JoinHandle<()>>,
    is_writing: Arc<AtomicBool>,
}

/// That one is being written; over when it is dropped, also by a panic.
struct Writing(Arc<AtomicBool>);

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl CheckpointWriter {
    /// Whether the last one is still being written; a new one had better wait then.
    pub(super) fn is_busy(&self) -> bool {
        self.is_writing.load(Ordering::Acquire)
    }

    /// Writes a checkpoint with `write`, which owns the snapshot that it writes.
    pub(super) fn start<E: std::fmt::Display>(&mut self, what: &'static str, write: impl FnOnce() -> Result<(), E> + Send + 'static) {
        self.finish();
        self.is_writing.store(true, Ordering::Release);
        let is_writing = Arc::clone(&self.is_writing);
        let work = move || {
            let _writing = Writing(is_writing);
            warn_unless(what, write());
        };
        match thread::Builder::new().name(format!("checkpoint-{what}")).spawn(work) {
            Ok(thread) => self.running = Some(thread),
            Err(reason) => {
                self.is_writing.store(false, Ordering::Release);
                tracing::warn!(%reason, what, "no thread for a checkpoint; the next start replays more");
            }
        }
    }

    /// Waits for the one that is being written.
    pub(super) fn finish(&mut self) {
        if self.running.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("a checkpoint thread panicked");
        }
    }
}

/// A checkpoint that cannot be written costs a longer replay, which is said.
pub(super) fn warn_unless<E: std::fmt::Display>(what: &'static str, written: Result<(), E>) {
    if let Err(reason) = written {
        tracing::warn!(%reason, what, "a checkpoint was not written; the next start replays more");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_that_panics_does_not_keep_the_next_one_from_being_written() {
        let mut writer = CheckpointWriter::default();
        writer.start("test", || -> Result<(), String> { panic!("a fault") });
        writer.finish();
        assert!(!writer.is_busy());
        let (sender, receiver) = std::sync::mpsc::channel();
        writer.start("test", move || sender.send(()).map_err(|error| error.to_string()));
        writer.finish();
        assert_eq!(receiver.recv(), Ok(()));
    }
}
