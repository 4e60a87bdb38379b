//! Checking a stream's files from the first byte to the last: headers, checksums, chains, seals, and that no offset is missing between them.
//!
//! It takes no lock and changes nothing, so it may run beside a live writer: an unfinished last write is then reported as a tail, not as damage.

use super::disk::Disk;
use super::reader::open_segment;
use super::record::{self, Kind};
use super::scan::{Explanation, Scanner, Step};
use super::segment::{self, HEADER_BYTES, io_error};
use super::{Cut, JournalError};
use crate::id::Offset;
use crate::stdx::digest::Digest;
use std::path::{Path, PathBuf};

/// One thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which file.
    pub path: PathBuf,
    /// Byte position in the file.
    pub at: u64,
    /// The journal offset that should stand there.
    pub offset: Offset,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: byte {}, journal offset {}: {}", self.path.display(), self.at, self.offset.0, self.what)
    }
}

/// What [`verify`] saw of one stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Segment files.
    pub segments_count: u64,
    /// Whole records.
    pub records_count: u64,
    /// Payload bytes of whole records.
    pub payload_bytes: u64,
    /// First offset kept.
    pub start: Offset,
    /// Offset after the last whole record.
    pub end: Offset,
    /// An unfinished write at the end, which the next opening will cut.
    pub tail: Option<Cut>,
    /// Everything that is broken.
    pub broken: Vec<Broken>,
}

/// Checks every segment in a stream's folder; a folder that does not exist is an empty stream.
///
/// # Errors
/// When a file cannot be read at all. Damage is not an error: it is listed in the report.
pub fn verify(folder: &Path, disk: &dyn Disk) -> Result<Report, JournalError> {
    let segments = match segment::list(folder, disk) {
        Err(JournalError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => return Ok(Report::default()),
        listed => listed?,
    };
    let start = segments.first().copied().unwrap_or_default();
    let mut report = Report { start, end: start, ..Report::default() };
    // Before offset 0 stands nothing; before a later start, segments that retention removed.
    let mut before = (start == Offset(0)).then(Digest::default);
    for (index, first) in segments.iter().enumerate() {
        let path = segment::path_of(folder, *first);
        if *first != report.end {
            report.add(&path, 0, report.end, format!("offsets {} to {} are missing before this segment", report.end.0, first.0));
            report.end = *first;
        }
        let is_last = index + 1 == segments.len();
        before = check_segment(&mut report, &path, *first, before, is_last, disk)?;
    }
    Ok(report)
}

impl Report {
    fn add(&mut self, path: &Path, at: u64, offset: Offset, what: impl Into<String>) {
        self.broken.push(Broken { path: path.to_owned(), at, offset, what: what.into() });
    }
}

/// Checks one segment; returns its seal's digest, if it has one.
fn check_segment(
    report: &mut Report,
    path: &Path,
    first: Offset,
    before: Option<Digest>,
    is_last: bool,
    disk: &dyn Disk,
) -> Result<Option<Digest>, JournalError> {
    report.segments_count += 1;
    let (file, header) = match open_segment(disk, path, first) {
        Ok(opened) => opened,
        Err(JournalError::Damaged { at, offset, what, .. }) => {
            report.add(path, at, offset, what);
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if before.is_some_and(|digest| digest != header.previous) {
        report.add(path, 0, first, "it does not continue the chain of the segment before");
    }
    let mut scanner = Scanner::new(file, header.seed, HEADER_BYTES, first);
    let mut chain = header.chain;
    loop {
        let at = scanner.at;
        match scanner.step().map_err(io_error(path))? {
            Step::Whole(head, bytes) if head.kind == Kind::Seal => {
                if bytes[record::HEAD_BYTES..] != chain {
                    report.add(path, at, head.offset, "the seal does not match the records");
                }
                return Ok(Some(chain));
            }
            Step::Whole(head, bytes) => {
                chain = record::chained(&chain, bytes);
                report.records_count += 1;
                report.payload_bytes += head.payload_bytes as u64;
                report.end = head.offset.plus(1);
            }
            Step::Blank | Step::Bad(_) => {
                explain_end(report, &mut scanner, path, is_last).map_err(io_error(path))?;
                return Ok(None);
            }
        }
    }
}

/// Says why a segment stops without a seal.
fn explain_end(report: &mut Report, scanner: &mut Scanner, path: &Path, is_last: bool) -> std::io::Result<()> {
    let (at, offset) = (scanner.at, scanner.next);
    match scanner.explain()? {
        Explanation::Damaged(what) => report.add(path, at, offset, what),
        Explanation::Clean | Explanation::Torn { .. } if !is_last => {
            report.add(path, at, offset, "a segment with a successor ends without a seal");
        }
        Explanation::Clean => {}
        Explanation::Torn { end } => report.tail = Some(Cut { path: path.to_owned(), at, bytes: end - at }),
    }
    Ok(())
}
