//! Where checkpoints lie: one file for each projection, each saying how far in each stream it goes.
//!
//! A checkpoint is never the truth. A missing or damaged one costs a longer replay and nothing else.

use std::path::{Path, PathBuf};

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

    /// Import receipts.
    #[must_use]
    pub fn receipts(&self) -> PathBuf {
        self.0.join("receipts.bin")
    }
}
