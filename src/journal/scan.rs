//! Walking one segment: record after record, and what to think of a place where no record stands.
//!
//! A bad place at the end of the last segment has two explanations. Either the power went while a batch was being written: sectors of it are missing, in any order, and nobody
//! was promised anything. Or acknowledged bytes changed. [`Scanner::explain`] tells them apart by what stands behind:
//!
//! 1. nothing valid behind: a torn tail (an acknowledged last record that rotted cannot be told from it; the chain and replicas are for that);
//! 2. a later record that was written when the bad place was already durable: damage;
//! 3. later records of the same unsynced stretch: torn when a whole sector of the gap is missing (zero, as segments are before they are written), else damage.

use super::disk::DiskFile;
use super::record::{self, ALIGNMENT, HEAD_BYTES, Head, Kind};
use super::segment::SECTOR_BYTES;
use crate::id::Offset;
use std::io;
use std::sync::Arc;

/// Read ahead this much: a few syscalls a millisecond when scanning.
const WINDOW_BYTES: usize = 64 << 10;
static ZEROES: [u8; 4_096] = [0; 4_096];

/// A part of a file in memory, moved forward as it is read.
#[derive(Debug)]
struct Window {
    file: Arc<dyn DiskFile>,
    start: u64,
    bytes: Vec<u8>,
    /// Whether `bytes` go to the end of the file.
    to_end: bool,
}

impl Window {
    /// Up to `len` bytes from `at`; fewer only at the end of the file.
    fn bytes(&mut self, at: u64, len: usize) -> io::Result<&[u8]> {
        let window_end = self.start + self.bytes.len() as u64;
        if at < self.start || (at + len as u64 > window_end && !self.to_end) {
            let wanted = len.max(WINDOW_BYTES);
            self.bytes.resize(wanted, 0);
            let count = self.file.read_at(&mut self.bytes, at)?;
            self.bytes.truncate(count);
            self.start = at;
            self.to_end = count < wanted;
        }
        let from = ((at - self.start) as usize).min(self.bytes.len());
        let to = (from + len).min(self.bytes.len());
        Ok(&self.bytes[from..to])
    }
}

/// What stands at the scanner's place.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// A whole record with the expected offset: head, and the bytes that the chain covers.
    Whole(Head, &'a [u8]),
    /// Zeroes or the end of the file: nothing was written here.
    Blank,
    /// Something else.
    Bad(&'static str),
}

/// Why no record stands at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Explanation {
    /// Nothing was written from there on.
    Clean,
    /// An unfinished write; bytes that are not zero end at `end`.
    Torn { end: u64 },
    /// Acknowledged bytes changed.
    Damaged(String),
}

/// Walks one segment from a place where a record is known to start.
#[derive(Debug)]
pub(super) struct Scanner {
    window: Window,
    seed: u32,
    /// Byte position of the next record.
    pub(super) at: u64,
    /// Offset of the next record.
    pub(super) next: Offset,
}

impl Scanner {
    pub(super) fn new(file: Arc<dyn DiskFile>, seed: u32, at: u64, next: Offset) -> Self {
        Self { window: Window { file, start: 0, bytes: Vec::new(), to_end: false }, seed, at, next }
    }

    /// What stands here; moves behind it when it is whole.
    pub(super) fn step(&mut self) -> io::Result<Step<'_>> {
        let place = self.at;
        let bytes = self.window.bytes(place, HEAD_BYTES)?;
        if bytes.iter().all(|&byte| byte == 0) {
            return Ok(Step::Blank);
        }
        let Some(head) = record::decode_head(bytes) else {
            return Ok(Step::Bad("no record starts here"));
        };
        let bytes = self.window.bytes(place, HEAD_BYTES + head.payload_bytes)?;
        if !record::is_whole(&head, self.seed, bytes) {
            return Ok(Step::Bad("checksum of the record"));
        }
        if head.offset != self.next {
            return Ok(Step::Bad("a record of another offset"));
        }
        self.at += record::frame_bytes(head.payload_bytes) as u64;
        if head.kind == Kind::Record {
            self.next = self.next.plus(1);
        }
        Ok(Step::Whole(head, bytes))
    }

    /// Why no record stands here. Reads to the end of the file.
    pub(super) fn explain(&mut self) -> io::Result<Explanation> {
        let end = self.last_written(self.at)?;
        if end == self.at {
            return Ok(Explanation::Clean);
        }
        if let Some(head) = self.whole_at(self.at)? {
            return Ok(Explanation::Damaged(format!("a whole record, but of offset {}", head.offset.0)));
        }
        let Some((behind, durable)) = self.later_record(end)? else {
            return Ok(Explanation::Torn { end });
        };
        if durable > self.next {
            return Ok(Explanation::Damaged(format!(
                "a bad record, with records behind it (byte {behind}) that were written after it was durable"
            )));
        }
        if !self.misses_a_sector(behind)? {
            return Ok(Explanation::Damaged(format!("a bad record, with whole records behind it (byte {behind})")));
        }
        Ok(Explanation::Torn { end })
    }

    /// The record at `place` if it is whole, whatever its offset.
    fn whole_at(&mut self, place: u64) -> io::Result<Option<Head>> {
        let Some(head) = record::decode_head(self.window.bytes(place, HEAD_BYTES)?) else { return Ok(None) };
        let bytes = self.window.bytes(place, HEAD_BYTES + head.payload_bytes)?;
        Ok(record::is_whole(&head, self.seed, bytes).then_some(head))
    }

    /// The place of the first whole later record before `end`, and the greatest durable end that any later record knew of.
    fn later_record(&mut self, end: u64) -> io::Result<Option<(u64, Offset)>> {
        let mut place = self.at + ALIGNMENT as u64;
        let mut found: Option<(u64, Offset)> = None;
        while place < end {
            let Some(head) = self.whole_at(place)?.filter(|head| head.offset > self.next) else {
                place += ALIGNMENT as u64;
                continue;
            };
            let (first, durable) = found.unwrap_or((place, Offset(0)));
            found = Some((first, durable.max(head.durable)));
            place += record::frame_bytes(head.payload_bytes) as u64;
        }
        Ok(found)
    }

    /// The end of the last byte from `from` on that is not zero; `from` when there is none.
    fn last_written(&mut self, from: u64) -> io::Result<u64> {
        let (mut place, mut end) = (from, from);
        loop {
            let bytes = self.window.bytes(place, ZEROES.len())?;
            if bytes.is_empty() {
                return Ok(end);
            }
            // Comparing with zeroes first: most of what is read here was never written.
            if bytes != &ZEROES[..bytes.len()]
                && let Some(last) = bytes.iter().rposition(|&byte| byte != 0)
            {
                end = place + last as u64 + 1;
            }
            place += bytes.len() as u64;
        }
    }

    /// Whether the part of some sector between here and `behind` holds only zeroes.
    fn misses_a_sector(&mut self, behind: u64) -> io::Result<bool> {
        let mut place = self.at;
        while place < behind {
            let sector_end = (place / SECTOR_BYTES + 1) * SECTOR_BYTES;
            let part = (sector_end.min(behind) - place) as usize;
            if self.window.bytes(place, part)?.iter().all(|&byte| byte == 0) {
                return Ok(true);
            }
            place += part as u64;
        }
        Ok(false)
    }
}
