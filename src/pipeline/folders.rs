//! Where everything of a shop lies.

use super::replay::PipelineError;
use crate::journal::DataLock;
use crate::journal::disk::RealDisk;
use std::path::{Path, PathBuf};

/// Folders of a shop.
#[derive(Debug, Clone)]
pub struct Folders {
    /// Journal and checkpoints.
    pub data: PathBuf,
    /// Generations.
    pub index: PathBuf,
    /// Learned artefacts.
    pub models: PathBuf,
}

impl Folders {
    /// The folders of the shop directory `shop`.
    #[must_use]
    pub fn of(shop: &Path) -> Self {
        Self { data: shop.join("data"), index: shop.join("index"), models: shop.join("models") }
    }

    /// Where the journal lies: its lock, and one folder of segments for each stream.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.data.join("journal")
    }

    /// Where checkpoints lie.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.data.join("checkpoints")
    }

    /// Where the keys of people's texts lie, outside the journal. A backup of them is kept apart from backups of the journal.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// Whether no process has the shop open at this moment.
    #[must_use]
    pub fn are_free(&self) -> bool {
        DataLock::is_free(&self.journal(), &RealDisk)
    }

    /// Whether a shop was ever opened here. Looking makes nothing.
    #[must_use]
    pub fn is_a_shop(&self) -> bool {
        self.journal().is_dir()
    }

    pub(super) fn create(&self) -> Result<(), PipelineError> {
        let folders = [self.journal(), self.checkpoints(), self.index.clone(), self.models.clone()];
        folders.iter().try_for_each(|folder| std::fs::create_dir_all(folder).map_err(PipelineError::file(folder)))
    }
}
