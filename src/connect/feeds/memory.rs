//! What is remembered of a feed: one small file, replaced whole.

use super::Settings;
use crate::catalog::formats::Encoding;
use crate::stdx::clock::Timestamp;
use crate::stdx::{digest, private_file};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// What became of the rows of a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Rows in all.
    pub rows: u64,
    /// Rows that changed something.
    pub taken: u64,
    /// Rows that changed nothing.
    pub unchanged: u64,
    /// Rows that were refused.
    pub rejected: u64,
    /// Products that were taken off sale because the feed has them no more.
    pub delisted: u64,
    /// The file that says why rows were refused, below the shop's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejects_file: Option<String>,
    /// What else is worth telling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// What came of one look at a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It had changed, and its rows were taken.
    Taken,
    /// It is as it was.
    Unchanged,
    /// It could not be fetched or taken.
    Failed,
}

impl Outcome {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
        }
    }
}

/// One look at a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// When it began.
    pub started_at: Timestamp,
    /// Milliseconds that it took.
    pub took_ms: u64,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What tells whether a feed has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// What its server calls this state of it; of a file, its length and when it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    /// When its server says that it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_modified: Option<String>,
    /// BLAKE3 of its bytes, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<String>,
}

/// Everything that outlives the process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// Digest of what decides how rows are read: other settings make an old file a new one.
    pub(super) reading: String,
    /// The state of the feed whose rows were taken last.
    pub(super) mark: Mark,
    /// Looks in a row that failed.
    pub(super) failures_count: usize,
    /// When it was last found as it should be, changed or not.
    pub(super) last_success_at: Option<Timestamp>,
    /// The last look.
    pub(super) last_run: Option<Run>,
    /// What became of its rows when it last had changed.
    pub(super) last_taken: Option<Taken>,
}

impl Memory {
    /// Reads the file; a feed without one, or with one that says nothing sensible, is taken as if for the first time, which harms nothing.
    pub(super) fn read(path: &Path) -> Self {
        match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(path = %path.display(), %error, "what was remembered of a feed cannot be read");
                Self::default()
            }),
            Err(_) => Self::default(),
        }
    }

    pub(super) fn save(&self, path: &Path) -> io::Result<()> {
        private_file::replace(path, &serde_json::to_vec_pretty(self).map_err(io::Error::other)?)
    }

    /// The mark to compare with; none that counts when rows are now read in another way.
    pub(super) fn mark_for(&self, reading: &str) -> Mark {
        if self.reading == reading { self.mark.clone() } else { Mark::default() }
    }
}

/// The digest of everything that decides what the rows of a feed come to.
///
/// # Errors
/// When the map cannot be read.
pub(super) fn reading_of(settings: &Settings) -> io::Result<String> {
    let Settings { source, kind, format, encoding, map, currency, delist_percent_max, .. } = settings;
    let map = map.as_deref().map(std::fs::read).transpose()?.unwrap_or_default();
    let words = format!("{source:?} {kind:?} {format:?} {currency} {}", delist_percent_max.is_some());
    // Where nobody says it the digest is what it was before it could be said.
    let encoding = encoding.map_or("", Encoding::name);
    Ok(digest::hex(&digest::blake3(&[words.as_bytes(), b"\0", &map, encoding.as_bytes()])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_comes_back_and_a_damaged_file_is_a_fresh_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("feed.json");
        assert_eq!(Memory::read(&path), Memory::default());
        let run = Run { started_at: Timestamp(1), took_ms: 2, outcome: Outcome::Failed, error: Some("no connection".to_owned()) };
        let mark = Mark { etag: Some("\"a\"".to_owned()), ..Mark::default() };
        let memory = Memory { reading: "r".to_owned(), mark: mark.clone(), failures_count: 3, last_run: Some(run), ..Memory::default() };
        memory.save(&path).expect("is written");
        assert_eq!(Memory::read(&path), memory);
        assert_eq!((memory.mark_for("r"), memory.mark_for("other")), (mark, Mark::default()));
        std::fs::write(&path, b"{\"mark\": 7}").expect("is written");
        assert_eq!(Memory::read(&path), Memory::default());
    }
}
