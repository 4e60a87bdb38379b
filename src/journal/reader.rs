//! Reading while the writer appends: other handles, no waiting.
//!
//! The writer publishes two things: the first offsets of its segments, and how far the stream is durable. A reader goes no further than that, so
//! every byte it looks at was written and synced before it looked.

use super::disk::Disk;
use super::scan::{Scanner, Step};
use super::segment::{self, HEADER_BYTES, Header, io_error};
use super::{JournalError, Visit};
use crate::id::Offset;
use crate::stdx::published::Published;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What the writer tells its readers.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) folder: PathBuf,
    pub(super) disk: Arc<dyn Disk>,
    /// First offsets of the segments, ascending.
    pub(super) segments: Published<Vec<Offset>>,
    durable: AtomicU64,
}

impl Shared {
    pub(super) fn new(folder: &Path, disk: Arc<dyn Disk>, segments: Vec<Offset>, durable: Offset) -> Arc<Self> {
        Arc::new(Self { folder: folder.to_owned(), disk, segments: Published::new(segments), durable: AtomicU64::new(durable.0) })
    }

    pub(super) fn publish_durable(&self, durable: Offset) {
        // Release: whoever sees the new end also sees the bytes before it.
        self.durable.store(durable.0, Ordering::Release);
    }

    fn durable(&self) -> Offset {
        Offset(self.durable.load(Ordering::Acquire))
    }
}

/// A place between two records.
#[derive(Debug, Clone, Copy)]
struct Place {
    segment: Offset,
    at: u64,
    next: Offset,
}

/// Places that a reader remembers: as many as may follow a stream through one reader, each at its own place.
const PLACES_MAX: usize = 32;

/// Reads one stream up to its durable end, from any thread. It remembers where it stopped, so that following the stream costs only what is new.
#[derive(Debug)]
pub struct JournalReader {
    shared: Arc<Shared>,
    /// Where it stopped lately, the newest last.
    stopped_at: Mutex<VecDeque<Place>>,
}

impl JournalReader {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, stopped_at: Mutex::default() }
    }

    /// The first offset that is kept.
    #[must_use]
    pub fn start(&self) -> Offset {
        self.shared.segments.take().first().copied().unwrap_or_default()
    }

    /// The offset after the last durable record.
    #[must_use]
    pub fn durable_end(&self) -> Offset {
        self.shared.durable()
    }

    /// Visits every durable record from `from` on and returns the offset after the last one visited.
    ///
    /// # Errors
    /// When `from` is outside the stream, a file cannot be read, or a record is damaged.
    pub fn read(&self, from: Offset, visit: &mut Visit<'_>) -> Result<Offset, JournalError> {
        self.read_until(from, self.shared.durable(), visit)
    }

    pub(super) fn read_until(&self, from: Offset, end: Offset, visit: &mut Visit<'_>) -> Result<Offset, JournalError> {
        let segments = self.shared.segments.take();
        let start = segments.first().copied().unwrap_or_default();
        if from > end {
            return Err(JournalError::Beyond { from, end });
        }
        if from < start {
            return Err(JournalError::Discarded { from, start });
        }
        let mut next = from;
        let mut index = segments.partition_point(|first| *first <= from).saturating_sub(1);
        while next < end
            && let Some(first) = segments.get(index)
        {
            let limit = segments.get(index + 1).copied().unwrap_or(end).min(end);
            let (place, goes_on) = self.read_segment(*first, next, limit, visit)?;
            self.remember(place);
            next = place.next;
            if !goes_on {
                break;
            }
            index += 1;
        }
        Ok(next)
    }

    /// Visits the records `[from, limit)` of one segment; says where it stopped and whether the visitor wants more.
    fn read_segment(&self, segment: Offset, from: Offset, limit: Offset, visit: &mut Visit<'_>) -> Result<(Place, bool), JournalError> {
        let path = segment::path_of(&self.shared.folder, segment);
        let mut scanner = self.scanner_at(&path, segment, from)?;
        let mut goes_on = true;
        while goes_on && scanner.next < limit {
            let (at, offset) = (scanner.at, scanner.next);
            match scanner.step().map_err(io_error(&path))? {
                Step::Whole(head, record) => {
                    if head.offset >= from && scanned_record(&head) {
                        goes_on = visit(head.offset, &record[super::record::HEAD_BYTES..]).is_continue();
                    }
                }
                Step::Blank => return Err(damaged(&path, at, offset, "the segment ends too early")),
                Step::Bad(what) => return Err(damaged(&path, at, offset, what)),
            }
            if scanner.next == offset {
                return Err(damaged(&path, at, offset, "the segment is sealed too early"));
            }
        }
        Ok((Place { segment, at: scanner.at, next: scanner.next }, goes_on))
    }

    fn remember(&self, place: Place) {
        let mut places = self.stopped_at.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|known| known.next != place.next);
        if places.len() == PLACES_MAX {
            places.pop_front();
        }
        places.push_back(place);
    }

    /// A scanner at or before `from`: where reading stopped lately, or the segment's start.
    fn scanner_at(&self, path: &Path, segment: Offset, from: Offset) -> Result<Scanner, JournalError> {
        let (file, header) = open_segment(self.shared.disk.as_ref(), path, segment)?;
        let stopped_at = self.stopped_at.lock().unwrap_or_else(PoisonError::into_inner);
        let before = stopped_at.iter().filter(|place| place.segment == segment && place.next <= from).max_by_key(|place| place.next);
        Ok(match before {
            Some(place) => Scanner::new(file, header.seed, place.at, place.next),
            None => Scanner::new(file, header.seed, HEADER_BYTES, segment),
        })
    }
}

fn scanned_record(head: &super::record::Head) -> bool {
    head.kind == super::record::Kind::Record
}

/// Opens a segment to read and checks its header against its name.
pub(super) fn open_segment(disk: &dyn Disk, path: &Path, first: Offset) -> Result<(Arc<dyn super::disk::DiskFile>, Header), JournalError> {
    let file = disk.open_to_read(path).map_err(io_error(path))?;
    let mut bytes = vec![0; HEADER_BYTES as usize];
    let count = file.read_at(&mut bytes, 0).map_err(io_error(path))?;
    let header = Header::decode(&bytes[..count]).map_err(|what| damaged(path, 0, first, what))?;
    if header.first != first {
        return Err(damaged(path, 0, first, format!("the header says offset {}", header.first.0)));
    }
    Ok((file, header))
}

pub(super) fn damaged(path: &Path, at: u64, offset: Offset, what: impl Into<String>) -> JournalError {
    JournalError::Damaged { path: path.to_owned(), at, offset, what: what.into() }
}
