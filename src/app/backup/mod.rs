//! A shop's backup: one folder that holds everything that cannot be made again, and what would take long.
//!
//! ```text
//! backup.json            what the backup is, and the length and digest of every file; written last, so a folder without it is none
//! shopkeeper.toml        the configuration, when there is one
//! models/  index/        learned artefacts and generations
//! data/checkpoints/      so that the first start need not fold all of the journal
//! data/journal/<stream>/ the truth: whole records only, see `journal::copy`
//! data/webhooks/  data/feeds/
//! data/keys/             what opens people's texts; elsewhere, or nowhere, when the operator keeps it apart
//! ```
//!
//! It may be taken while a server has the shop open. The order makes it consistent: checkpoints, generations and places of connectors come first, so that none
//! goes further than the journal beside it; `trade` before `catalog`, so that every product that an order names is there; keys last, so that no text
//! stands there whose key is missing, unless somebody was forgotten meanwhile.

mod files;
mod restore;

pub use restore::restore;

use crate::event::Stream;
use crate::journal::disk::RealDisk;
use crate::journal::{self, JournalError};
use crate::pipeline::{ACCESS_JOURNAL, Folders};
use crate::stdx::clock::Timestamp;
use crate::stdx::private_file;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Layout of backups.
const FORMAT: u32 = 1;
const MANIFEST: &str = "backup.json";
const CONFIGURATION: &str = "shopkeeper.toml";
/// Parts that are copied file by file, before the journal: none of them then speaks of an entry that the copy of the journal lacks. What has been told
/// meanwhile is told once more after a restore.
const PARTS: [&str; 5] = ["models", "index", "data/checkpoints", "data/webhooks", "data/feeds"];
const KEYS: &str = "data/keys";
const JOURNAL: &str = "data/journal";

/// Why a backup cannot be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or folder.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The journal is damaged or cannot be read.
    #[error("the {stream} journal: {source}")]
    Journal {
        /// Which stream.
        stream: String,
        /// What is wrong.
        source: JournalError,
    },
    /// Something stands where nothing may, or the other way round.
    #[error("{path}: {reason}")]
    Place {
        /// Where.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> BackupError + '_ {
    move |source| BackupError::Io { path: path.to_owned(), source }
}

fn misplaced(path: &Path, reason: impl Into<String>) -> BackupError {
    BackupError::Place { path: path.to_owned(), reason: reason.into() }
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Its length.
    pub bytes: u64,
    /// Its BLAKE3 digest in hexadecimal digits.
    pub blake3: String,
}

/// What a stream of a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// First offset.
    pub start: u64,
    /// The offset after the last record.
    pub end: u64,
}

/// What a backup is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Layout.
    pub format: u32,
    /// The release that made it.
    pub version: String,
    /// When.
    pub made_at: Timestamp,
    /// What each stream holds.
    pub streams: BTreeMap<String, Kept>,
    /// Whether the keys lie elsewhere.
    pub keys_apart: bool,
    /// Every file by its path in the backup, or below the folder of the keys.
    pub files: BTreeMap<String, FileFacts>,
}

impl Backup {
    /// All bytes of its files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|facts| facts.bytes).sum()
    }

    fn read(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(MANIFEST);
        let bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(misplaced(folder, format!("not a backup: it has no {MANIFEST}, which is written when all else is there")));
            }
            read => read.map_err(failed(&path))?,
        };
        let backup: Self = serde_json::from_slice(&bytes).map_err(|error| misplaced(&path, error.to_string()))?;
        if backup.format != FORMAT {
            return Err(misplaced(&path, format!("backups of format {} are not known to this release", backup.format)));
        }
        Ok(backup)
    }
}

/// Writes a backup of the shop directory `shop` into `to`, which is made and must be empty; its keys into `keys_to` when that is another folder.
///
/// # Errors
/// When there is no shop, `to` holds something, the journal is damaged, or a file cannot be read or written. What was written stays without its
/// manifest, so nobody takes it for a backup.
pub fn backup(shop: &Path, to: &Path, keys_to: Option<&Path>, made_at: Timestamp) -> Result<Backup, BackupError> {
    let folders = Folders::of(shop);
    if !folders.is_a_shop() {
        return Err(misplaced(shop, "there is no shop here: it has no data/journal"));
    }
    refuse_inside(&folders, to)?;
    files::make_empty(to)?;
    let mut backup = Backup {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at,
        streams: BTreeMap::new(),
        keys_apart: keys_to.is_some(),
        files: BTreeMap::new(),
    };
    let configuration = shop.join(CONFIGURATION);
    if configuration.exists() {
        backup.files.insert(CONFIGURATION.to_owned(), files::copy(&configuration, &to.join(CONFIGURATION))?);
    }
    for part in PARTS {
        files::copy_folder(&shop.join(part), to, part, &mut backup.files)?;
    }
    for stream in Stream::ALL.map(Stream::name).into_iter().chain([ACCESS_JOURNAL]) {
        let kept = copy_stream(&folders.journal().join(stream), &to.join(JOURNAL).join(stream), stream)?;
        backup.streams.insert(stream.to_owned(), kept);
    }
    files::facts_of_folder(&to.join(JOURNAL), JOURNAL, &mut backup.files)?;
    copy_keys(shop, to, keys_to, &mut backup)?;
    let manifest = serde_json::to_vec_pretty(&backup).map_err(|error| misplaced(to, error.to_string()))?;
    private_file::replace(&to.join(MANIFEST), &manifest).map_err(failed(&to.join(MANIFEST)))?;
    Ok(backup)
}

/// A folder that is copied into itself has no end.
fn refuse_inside(folders: &Folders, to: &Path) -> Result<(), BackupError> {
    let to = std::path::absolute(to).map_err(failed(to))?;
    for part in [&folders.data, &folders.index, &folders.models] {
        let part = std::path::absolute(part).map_err(failed(part))?;
        if to.starts_with(&part) {
            return Err(misplaced(&to, format!("lies inside of {}, which is copied", part.display())));
        }
    }
    Ok(())
}

fn copy_stream(from: &Path, to: &Path, stream: &str) -> Result<Kept, BackupError> {
    let report = journal::copy(from, to, &RealDisk).map_err(|source| BackupError::Journal { stream: stream.to_owned(), source })?;
    Ok(Kept { start: report.start.0, end: report.end.0 })
}

fn copy_keys(shop: &Path, to: &Path, keys_to: Option<&Path>, backup: &mut Backup) -> Result<(), BackupError> {
    let Some(apart) = keys_to else { return files::copy_folder(&shop.join(KEYS), to, KEYS, &mut backup.files) };
    refuse_inside(&Folders::of(shop), apart)?;
    files::make_empty(apart)?;
    // Their digests stay out of the manifest: whoever forgets somebody later copies the keys anew, beside the same backup.
    files::copy_folder(&shop.join(KEYS), apart, "", &mut BTreeMap::new())
}
