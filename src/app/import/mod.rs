//! Bringing files into a shop: rows are decoded on a thread of their own while earlier ones are taken, and refused ones are written down.

mod history;
mod named;
mod products;
mod rejects;
mod rows;
mod stock;

pub use rejects::Rejects;

use super::Shop;
use crate::catalog::formats::{ImportOptions, Meter};
use crate::id::ProductId;
use crate::pipeline::Unavailable;
use std::path::{Path, PathBuf};

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    /// Products.
    Products,
    /// Behaviour.
    Events,
    /// Orders of another system; `creates_products`: products that only their lines know are made from titles.
    Orders {
        /// Whether.
        creates_products: bool,
    },
    /// Stock counts.
    Stock,
}

/// What became of a file's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows in all.
    pub rows: u64,
    /// Rows that changed something.
    pub taken: u64,
    /// Rows that changed nothing.
    pub unchanged: u64,
    /// Whether the file was read to its end.
    pub is_whole: bool,
    /// What else is worth telling.
    pub remarks: Vec<String>,
}

/// Why a file could not be brought in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file.
    #[error("{path}: {reason}")]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The shop takes no writes.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The system has no thread for it.
    #[error("{0}")]
    Thread(std::io::Error),
    /// Whoever asked for it wants it no more.
    #[error("it was broken off")]
    BrokenOff,
}

impl ImportError {
    fn file(path: impl Into<PathBuf>, reason: impl std::fmt::Display) -> Self {
        Self::File { path: path.into(), reason: reason.to_string() }
    }
}

/// Whoever watches an import.
pub trait Watcher {
    /// Told now and then how far it is; false breaks it off.
    fn is_wanted(&self, meter: &Meter) -> bool;

    /// Told of every product that the file describes, in the order of the file, whether or not it changes anything.
    fn sees(&mut self, product: &ProductId);
}

/// Brings a file in.
///
/// # Errors
/// When the file cannot be read, the shop takes no writes, or the watcher wants no more.
pub fn import(
    shop: &Shop,
    file: &Path,
    kind: ImportKind,
    options: &ImportOptions,
    rejects: &mut Rejects,
    watcher: &mut dyn Watcher,
) -> Result<Imported, ImportError> {
    let source = Source { shop, file, options };
    match kind {
        ImportKind::Products => products::import(&source, rejects, watcher),
        ImportKind::Events => history::import_events(&source, rejects, watcher),
        ImportKind::Orders { creates_products } => history::import_orders(&source, creates_products, rejects, watcher),
        ImportKind::Stock => stock::import(&source, rejects, watcher),
    }
}

/// What is brought in, and where to.
struct Source<'a> {
    shop: &'a Shop,
    file: &'a Path,
    options: &'a ImportOptions,
}

impl Source<'_> {
    fn failed(&self, reason: impl std::fmt::Display) -> ImportError {
        ImportError::file(self.file, reason)
    }
}
