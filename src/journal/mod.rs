//! Where events are kept: conditional append, read, recovery.
//!
//! A journal is the truth of one stream; everything else is a fold over it. Its one primitive is `append(expected, batch) -> end | Conflict`:
//! durability, order and fencing in one step. The embedded engine keeps records in segment files:
//!
//! - a batch is **one write and one sync**; the writer's natural batch is whatever arrived while the last sync ran;
//! - each record carries its offset, a CRC-32C seeded by its segment, and *how far the stream was durable when it was written*. That last number is
//!   what lets recovery tell a torn write (nobody was promised anything: cut and reported) from damage to acknowledged records (a loud error);
//! - each segment is a BLAKE3 chain, sealed when it is full and named by its successor, so that a changed, missing or misplaced file is seen;
//! - one process holds the shop's [`DataLock`], and each opening has a new durable epoch;
//! - a failed sync is never retried: what the kernel then holds in memory may never reach the disk. The journal stops and says why.
//!
//! The files are drawn in `docs/FORMATS.md`. All input and output goes through [`disk::Disk`], so that [`sim::SimDisk`] can take the power away
//! between any two operations.

mod copy;
pub mod disk;
mod lock;
mod reader;
mod record;
mod recovery;
mod scan;
mod segment;
pub mod sim;
mod verify;
mod writer;

pub use copy::copy;
pub use lock::{DataLock, LockError};
pub use reader::JournalReader;
pub use record::RECORD_BYTES_MAX;
pub use recovery::{Cut, Recovery};
pub use verify::{Broken, Report, verify};
pub use writer::SegmentJournal;

use crate::id::Offset;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Records in one batch: a bound on what one sync can hold up.
pub const BATCH_RECORDS_MAX: usize = 8_192;
/// Payload bytes in one batch of more than one record; a single larger record, up to [`RECORD_BYTES_MAX`], is a batch of its own.
pub const BATCH_BYTES_MAX: usize = 1 << 20;

/// When an append counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// On disk before `append` returns.
    Synced,
    /// Written, not yet synced: [`Journal::sync`] or the next synced append makes it durable.
    Buffered,
}

/// How a segment journal is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Size of a new segment file; one that must hold a larger batch is made as large as the batch needs.
    pub segment_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        // Long enough that rolling is rare, short enough that scanning the last one does not delay the start.
        Self { segment_bytes: 64 << 20 }
    }
}

/// Why a batch was not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream does not end where the caller thought: somebody else appended. Nothing was written.
    #[error("the stream ends at {}, not where the caller expected", end.0)]
    Conflict {
        /// Where it ends.
        end: Offset,
    },
    /// The batch is beyond a limit of this module. Nothing was written.
    #[error("{what} is {actual}, at most {max}")]
    TooLarge {
        /// Which measure.
        what: &'static str,
        /// How much it is.
        actual: usize,
        /// How much it may be.
        max: usize,
    },
    /// An earlier failure left the disk in doubt; the journal takes nothing more until it is opened again.
    #[error("the journal has stopped: {0}")]
    Stopped(String),
    /// No new segment could be made. Nothing was written; a later append may succeed.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// Why a journal cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The operating system said no.
    #[error("{path}: {source}")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Bytes that were durable are not what was written. Nothing is dropped silently: restore the file from a backup.
    #[error("{path}: damaged at byte {at}, journal offset {}: {what}", offset.0)]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Byte position in the file.
        at: u64,
        /// The journal offset that should stand there.
        offset: Offset,
        /// What is wrong.
        what: String,
    },
    /// The offset was removed by retention.
    #[error("offset {} is no longer kept; the stream starts at {}", from.0, start.0)]
    Discarded {
        /// What was asked for.
        from: Offset,
        /// The first offset kept.
        start: Offset,
    },
    /// The offset lies beyond the stream's end.
    #[error("offset {} is beyond the stream's end {}", from.0, end.0)]
    Beyond {
        /// What was asked for.
        from: Offset,
        /// Where the stream ends.
        end: Offset,
    },
    /// The epoch cannot be raised above that of the segments found.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// A visitor of records: offset and payload. `Break` ends the reading after that record.
pub type Visit<'a> = dyn FnMut(Offset, &[u8]) -> ControlFlow<()> + 'a;

/// Where one stream's records are kept. One writer; a record, once durable, is never changed.
pub trait Journal: Send {
    /// Appends `batch` in order if the stream ends at `expected`, and returns the new end. A batch is kept as a prefix: after a crash before the answer,
    /// none, some first ones or all of its records are there; after a synced answer, all. An empty batch only checks `expected`.
    ///
    /// # Errors
    /// [`AppendError::Conflict`] when the stream ends elsewhere, [`AppendError::TooLarge`] beyond the limits of this module, [`AppendError::Stopped`] after a
    /// failure that leaves the disk in doubt, [`AppendError::Io`] when no segment could be made.
    fn append(&mut self, expected: Offset, batch: &[Vec<u8>], durability: Durability) -> Result<Offset, AppendError>;

    /// Visits every record from `from` to the end, buffered ones included, and returns the offset after the last one visited.
    ///
    /// # Errors
    /// When `from` is outside the stream, a file cannot be read, or a record is damaged.
    fn read(&self, from: Offset, visit: &mut Visit<'_>) -> Result<Offset, JournalError>;

    /// The offset that the next record will get.
    fn end(&self) -> Offset;

    /// Makes everything appended durable.
    ///
    /// # Errors
    /// [`AppendError::Stopped`] when the sync fails, now or earlier.
    fn sync(&mut self) -> Result<(), AppendError>;
}
