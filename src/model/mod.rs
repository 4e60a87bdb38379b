//! Learned artefacts kept in `models/` and in index generations: loaded by mapping, checked before use, never trained here.
//!
//! Training is the business of `learn`; this room only knows the files and what can be asked of them.

pub mod ann;
pub mod embedding;
pub mod factors;
pub mod forecasts;
pub mod relations;
pub mod taste;
pub mod vector;

use crate::stdx::mapped::MappedError;
use std::path::{Path, PathBuf};

/// Why an artefact cannot be used or written.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file cannot be mapped, or its header or checksums are wrong.
    #[error(transparent)]
    Mapped(#[from] MappedError),
    /// The file is whole, but its numbers contradict each other.
    #[error("{path}: not usable: {what}")]
    Inconsistent {
        /// Which file.
        path: PathBuf,
        /// What contradicts what.
        what: String,
    },
    /// What was given to be written makes no artefact.
    #[error("cannot be made into an artefact: {0}")]
    Input(String),
}

impl ModelError {
    /// A file whose numbers contradict each other.
    pub(crate) fn inconsistent(path: &Path, what: impl Into<String>) -> Self {
        Self::Inconsistent { path: path.to_owned(), what: what.into() }
    }
}
