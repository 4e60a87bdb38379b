//! Offline jobs: train, evaluate, forecast. They read what the shop knows, write artefacts into `models/`, and print figures; no request
//! ever waits for them.

mod algebra;
pub mod embeddings;
pub mod evaluate;
pub mod forecast;
pub mod formats;
pub mod relations;

use crate::model::ModelError;
use std::path::PathBuf;

/// Why a job stopped.
#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    /// An artefact cannot be made or written.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A line is not of the form that the file should have.
    #[error("{path}:{line}: {what}")]
    Line {
        /// Which file.
        path: PathBuf,
        /// Its number, from 1.
        line: u64,
        /// What was expected.
        what: String,
    },
    /// There is too little to learn from.
    #[error("nothing to learn from: {0}")]
    TooLittle(String),
}
