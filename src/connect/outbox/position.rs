//! How far a connector is, on disk: one small file for each, replaced whole.

use crate::connect::changes::{Cursor, CursorError};
use crate::event::Stream;
use crate::id::Offset;
use crate::stdx::private_file;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    /// Up to where everything was delivered, as in `after` of the feed.
    after: String,
    /// Attempts at the next change that failed.
    #[serde(default)]
    failures_count: usize,
    /// Changes delivered so far.
    #[serde(default)]
    delivered_count: u64,
    /// Why the connector has ended by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
}

/// Where a connector goes on, and the file that says so.
#[derive(Debug, Clone)]
pub struct Position {
    path: PathBuf,
    /// Everything before it was delivered.
    pub cursor: Cursor,
    /// Attempts at the next change that failed.
    pub failures_count: usize,
    /// Changes delivered so far.
    pub delivered_count: u64,
    /// Why the connector has ended by itself; it stays so until somebody starts it again.
    pub ended: Option<String>,
}

/// Why a position cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PositionError {
    /// The file.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Its content.
    #[error("{path}: {reason}; remove the file to begin at the end of the journal")]
    Shape {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl Position {
    /// A connector that begins at `cursor`.
    #[must_use]
    pub fn starting(path: PathBuf, cursor: Cursor) -> Self {
        Self { path, cursor, failures_count: 0, delivered_count: 0, ended: None }
    }

    /// Reads the file at `path`; none when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or is not a position.
    pub fn read(path: &Path, streams: &[Stream], bounds: impl Fn(Stream) -> (Offset, Offset)) -> Result<Option<Self>, PositionError> {
        let shape = |reason: String| PositionError::Shape { path: path.to_owned(), reason };
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(PositionError::Io { path: path.to_owned(), source }),
        };
        let written: Written = serde_json::from_slice(&bytes).map_err(|error| shape(error.to_string()))?;
        let cursor = Cursor::read(&written.after, streams, bounds).map_err(|error: CursorError| shape(error.to_string()))?;
        let Written { failures_count, delivered_count, ended, .. } = written;
        Ok(Some(Self { path: path.to_owned(), cursor, failures_count, delivered_count, ended }))
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn save(&self, streams: &[Stream]) -> io::Result<()> {
        let Self { path, cursor, failures_count, delivered_count, ended } = self;
        let (failures_count, delivered_count, ended) = (*failures_count, *delivered_count, ended.clone());
        let written = Written { after: cursor.text(streams), failures_count, delivered_count, ended };
        private_file::replace(path, &serde_json::to_vec(&written).map_err(io::Error::other)?)
    }

    /// Forgets it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove(path: &Path) -> io::Result<()> {
        private_file::remove(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::changes::{Place, STREAMS};

    #[test]
    fn a_position_comes_back_and_a_damaged_one_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("c.json");
        let bounds = |_| (Offset(0), Offset(10));
        assert!(Position::read(&path, &STREAMS, bounds).expect("is fine").is_none());
        let mut position = Position::starting(path.clone(), Cursor::default());
        position.cursor.advance(Stream::Trade, Place { offset: Offset(7), index: 2 });
        position.failures_count = 3;
        position.save(&STREAMS).expect("is written");
        let back = Position::read(&path, &STREAMS, bounds).expect("is fine").expect("is there");
        assert_eq!((back.cursor, back.failures_count), (position.cursor, 3));
        std::fs::write(&path, b"{\"after\":\"nowhere\"}").expect("is written");
        assert!(Position::read(&path, &STREAMS, bounds).expect_err("is refused").to_string().contains("c.json"));
    }
}
