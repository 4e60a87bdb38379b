//! The journal in segment files: the one writer of a stream.

use super::disk::Disk;
use super::lock::DataLock;
use super::reader::{JournalReader, Shared};
use super::record::{self, Kind, RECORD_BYTES_MAX, SEAL_BYTES};
use super::recovery::{self, Active, Recovery};
use super::segment::{self, HEADER_BYTES, Header};
use super::{AppendError, BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Durability, Journal, JournalError, Options, Visit};
use crate::event::Stream;
use crate::id::Offset;
use crate::stdx::digest::Digest;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A batch that enters unwritten ground is followed by zeroes up to the next multiple of this, in the same write: later syncs then find their blocks
/// allocated and need not wait for the file system's own journal.
const PREPARE_BYTES: u64 = 256 << 10;

/// A stream's journal in the folder `<data folder>/<stream name>`.
#[derive(Debug)]
pub struct SegmentJournal {
    stream: &'static str,
    options: Options,
    lock: DataLock,
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    shared: Arc<Shared>,
    own: JournalReader,
    active: Option<Active>,
    chain: Digest,
    end: Offset,
    durable: Offset,
    stopped: Option<String>,
    recovery: Recovery,
    /// The bytes of the batch being written, kept for their memory.
    frames: Vec<u8>,
}

impl SegmentJournal {
    /// Opens the stream in the folder that `lock` holds, or starts it. What was found is told by [`SegmentJournal::recovery`].
    ///
    /// # Errors
    /// When a file cannot be read or written, or acknowledged records are damaged.
    pub fn open(stream: Stream, options: Options, lock: &DataLock) -> Result<Self, JournalError> {
        Self::open_named(stream.name(), options, lock)
    }

    /// The same for a journal that is none of the three streams.
    ///
    /// # Errors
    /// As [`SegmentJournal::open`].
    pub fn open_named(stream: &'static str, options: Options, lock: &DataLock) -> Result<Self, JournalError> {
        let folder = lock.folder().join(stream);
        let found = recovery::find(&folder, stream, lock)?;
        let shared = Shared::new(&folder, lock.disk().clone(), found.segments, found.end);
        Ok(Self {
            stream,
            options,
            lock: lock.clone(),
            disk: lock.disk().clone(),
            folder,
            own: JournalReader::new(shared.clone()),
            shared,
            active: found.active,
            chain: found.chain,
            end: found.end,
            durable: found.end,
            stopped: None,
            recovery: found.recovery,
            frames: Vec::new(),
        })
    }

    /// What opening found: a torn tail that was cut, how much was scanned.
    #[must_use]
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// A reader for another thread. It sees durable records only.
    #[must_use]
    pub fn reader(&self) -> JournalReader {
        JournalReader::new(self.shared.clone())
    }

    /// The first offset that is kept.
    #[must_use]
    pub fn start(&self) -> Offset {
        self.own.start()
    }

    /// Removes whole sealed segments of records before `offset`, and returns the first offset kept. Readers in the middle of a removed segment
    /// finish it on platforms that keep open files readable.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn discard_before(&mut self, offset: Offset) -> Result<Offset, JournalError> {
        let segments = self.shared.segments.take();
        let kept = segments.partition_point(|first| *first <= offset).saturating_sub(1);
        let (gone, stay) = segments.split_at(kept);
        self.shared.segments.swap(stay.to_vec());
        for first in gone {
            let path = segment::path_of(&self.folder, *first);
            self.disk.remove(&path).map_err(segment::io_error(&path))?;
        }
        self.disk.sync_folder(&self.folder).map_err(segment::io_error(&self.folder))?;
        Ok(self.start())
    }

    fn stop(&mut self, path: &Path, error: &io::Error) -> AppendError {
        let why = format!("{}: {error}", path.display());
        self.stopped = Some(why.clone());
        AppendError::Stopped(why)
    }

    fn admit(&self, expected: Offset, batch: &[Vec<u8>]) -> Result<(), AppendError> {
        if let Some(why) = &self.stopped {
            return Err(AppendError::Stopped(why.clone()));
        }
        if expected != self.end {
            return Err(AppendError::Conflict { end: self.end });
        }
        within("records of a batch", batch.len(), BATCH_RECORDS_MAX)?;
        for record in batch {
            within("bytes of a record", record.len(), RECORD_BYTES_MAX)?;
        }
        match batch.len() {
            0 | 1 => Ok(()),
            _ => within("bytes of a batch", batch.iter().map(Vec::len).sum(), BATCH_BYTES_MAX),
        }
    }

    /// Ends with an active segment that has room for `frames_bytes` and a seal.
    fn make_room(&mut self, frames_bytes: usize) -> Result<(), AppendError> {
        let needed = (frames_bytes + SEAL_BYTES) as u64;
        if self.active.as_ref().is_some_and(|active| active.at + needed <= active.capacity) {
            return Ok(());
        }
        if let Some(active) = self.active.as_mut().filter(|active| active.at == HEADER_BYTES) {
            // Two segments cannot have one first offset: an empty one grows instead of being sealed.
            let capacity = segment::bytes_for(frames_bytes);
            active.file.set_len(capacity).map_err(|source| AppendError::Io { path: active.path.clone(), source })?;
            active.capacity = capacity;
            return Ok(());
        }
        self.seal()?;
        self.create_segment(frames_bytes)
    }

    /// Closes the active segment, if there is one, and makes it durable.
    fn seal(&mut self) -> Result<(), AppendError> {
        let Some(active) = self.active.take() else { return Ok(()) };
        let mut seal = Vec::with_capacity(SEAL_BYTES);
        record::encode(&mut seal, active.seed, Kind::Seal, self.end, self.durable, &self.chain);
        let sealed = || {
            active.file.write_at(&seal, active.at)?;
            active.file.set_len(active.at + seal.len() as u64)?;
            active.file.sync()
        };
        sealed().map_err(|error| self.stop(&active.path, &error))?;
        self.publish();
        Ok(())
    }

    fn create_segment(&mut self, frames_bytes: usize) -> Result<(), AppendError> {
        let path = segment::path_of(&self.folder, self.end);
        let temporary = self.folder.join(format!("next{}", segment::TEMPORARY_EXTENSION));
        let (header, bytes) = Header::new(self.stream, self.lock.epoch(), self.end, self.chain);
        let capacity = self.options.segment_bytes.max(segment::bytes_for(frames_bytes));
        let made = || {
            let file = self.disk.create(&temporary)?;
            file.set_len(capacity)?;
            file.write_at(&bytes, 0)?;
            file.sync()?;
            Ok(file)
        };
        // Nothing but a temporary file is touched so far: the next append may try again with a fresh one.
        let file = made().map_err(|source| AppendError::Io { path: temporary.clone(), source })?;
        let named = self.disk.rename(&temporary, &path).and_then(|()| self.disk.sync_folder(&self.folder));
        named.map_err(|error| self.stop(&path, &error))?;
        let mut segments = self.shared.segments.take().to_vec();
        segments.push(self.end);
        self.shared.segments.swap(segments);
        self.chain = header.chain;
        self.active = Some(Active { path, file, seed: header.seed, at: HEADER_BYTES, prepared: HEADER_BYTES, capacity });
        Ok(())
    }

    /// Writes the batch and what prepares the ground behind it, in one write.
    fn write(&mut self, batch: &[Vec<u8>]) -> Result<(), AppendError> {
        let Some(active) = &mut self.active else { return Err(AppendError::Stopped("no segment takes records".to_owned())) };
        self.frames.clear();
        let mut offset = self.end;
        for payload in batch {
            let covered = record::encode(&mut self.frames, active.seed, Kind::Record, offset, self.durable, payload);
            self.chain = record::chained(&self.chain, covered);
            offset = offset.plus(1);
        }
        let frames_end = active.at + self.frames.len() as u64;
        if frames_end > active.prepared {
            active.prepared = frames_end.next_multiple_of(PREPARE_BYTES).min(active.capacity);
            self.frames.resize((active.prepared - active.at) as usize, 0);
        }
        match active.file.write_at(&self.frames, active.at) {
            Ok(()) => {
                active.at = frames_end;
                self.end = offset;
                Ok(())
            }
            Err(error) => {
                let path = active.path.clone();
                Err(self.stop(&path, &error))
            }
        }
    }

    fn publish(&mut self) {
        self.durable = self.end;
        self.shared.publish_durable(self.durable);
    }
}

impl Journal for SegmentJournal {
    fn append(&mut self, expected: Offset, batch: &[Vec<u8>], durability: Durability) -> Result<Offset, AppendError> {
        self.admit(expected, batch)?;
        if batch.is_empty() {
            return Ok(self.end);
        }
        self.make_room(batch.iter().map(|record| record::frame_bytes(record.len())).sum())?;
        self.write(batch)?;
        if durability == Durability::Synced {
            self.sync()?;
        }
        Ok(self.end)
    }

    fn read(&self, from: Offset, visit: &mut Visit<'_>) -> Result<Offset, JournalError> {
        self.own.read_until(from, self.end, visit)
    }

    fn end(&self) -> Offset {
        self.end
    }

    fn sync(&mut self) -> Result<(), AppendError> {
        if let Some(why) = &self.stopped {
            return Err(AppendError::Stopped(why.clone()));
        }
        if self.durable == self.end {
            return Ok(());
        }
        if let Some(active) = &self.active
            && let Err(error) = active.file.sync()
        {
            let path = active.path.clone();
            return Err(self.stop(&path, &error));
        }
        self.publish();
        Ok(())
    }
}

fn within(what: &'static str, actual: usize, max: usize) -> Result<(), AppendError> {
    if actual > max {
        return Err(AppendError::TooLarge { what, actual, max });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::disk::RealDisk;
    use super::*;
    use std::ops::ControlFlow;

    const SMALL: Options = Options { segment_bytes: 4_096 };

    fn open(folder: &Path) -> SegmentJournal {
        let lock = DataLock::take(folder, Arc::new(RealDisk)).expect("is free");
        SegmentJournal::open(Stream::Trade, SMALL, &lock).expect("opens")
    }

    fn records(count: usize, bytes: usize) -> Vec<Vec<u8>> {
        (0..count).map(|index| vec![(index % 255) as u8; bytes]).collect()
    }

    fn read_all(journal: &SegmentJournal, from: u64) -> Vec<Vec<u8>> {
        let mut seen = Vec::new();
        let mut next = Offset(from);
        let end = journal.read(Offset(from), &mut |offset, payload| {
            assert_eq!(offset, next);
            next = next.plus(1);
            seen.push(payload.to_vec());
            ControlFlow::Continue(())
        });
        assert_eq!(end.expect("reads"), next);
        seen
    }

    #[test]
    fn records_come_back_in_order_across_segments_and_openings() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut all = Vec::new();
        for round in 0..6 {
            let mut journal = open(folder.path());
            assert_eq!(journal.recovery().cut, None);
            assert_eq!(read_all(&journal, 0), all);
            for count in [1, 7, 30] {
                let batch = records(count, 10 + round * 40);
                let expected = journal.end();
                assert_eq!(journal.append(expected, &batch, Durability::Synced).expect("appends"), expected.plus(count as u64));
                all.extend(batch);
            }
            assert_eq!(read_all(&journal, 5), all[5..]);
        }
        assert!(segment::list(&folder.path().join("trade"), &RealDisk).expect("lists").len() > 3, "it rolled");
    }

    #[test]
    fn an_append_at_another_place_is_a_conflict_that_writes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut journal = open(folder.path());
        journal.append(Offset(0), &records(3, 5), Durability::Synced).expect("appends");
        for wrong in [0, 2, 4] {
            let refused = journal.append(Offset(wrong), &records(1, 5), Durability::Synced);
            assert!(matches!(refused, Err(AppendError::Conflict { end: Offset(3) })), "{refused:?}");
        }
        assert_eq!(read_all(&journal, 0).len(), 3);
    }

    #[test]
    fn limits_are_named_and_a_large_record_is_a_batch_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut journal = open(folder.path());
        let large = vec![vec![9; BATCH_BYTES_MAX + 1]];
        journal.append(Offset(0), &large, Durability::Synced).expect("appends");
        assert_eq!(read_all(&journal, 0), large);
        let end = journal.end();
        for batch in [records(BATCH_RECORDS_MAX + 1, 1), vec![vec![0; RECORD_BYTES_MAX + 1]], vec![vec![0; BATCH_BYTES_MAX]; 2]] {
            let refused = journal.append(end, &batch, Durability::Synced);
            assert!(matches!(refused, Err(AppendError::TooLarge { .. })));
        }
        assert_eq!(journal.append(end, &[], Durability::Synced).expect("nothing to do"), end);
    }

    #[test]
    fn a_reader_sees_durable_records_only_and_follows_the_writer() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut journal = open(folder.path());
        let reader = journal.reader();
        let seen = |from: u64| {
            let mut count = 0;
            let next = reader.read(Offset(from), &mut |_, _| {
                count += 1;
                ControlFlow::Continue(())
            });
            (count, next.expect("reads").0)
        };
        journal.append(Offset(0), &records(2, 900), Durability::Buffered).expect("appends");
        assert_eq!((seen(0), journal.end()), ((0, 0), Offset(2)));
        journal.sync().expect("syncs");
        assert_eq!(seen(0), (2, 2));
        journal.append(Offset(2), &records(9, 900), Durability::Synced).expect("appends");
        assert_eq!((seen(2), seen(1)), ((9, 11), (10, 11)));
        assert!(matches!(reader.read(Offset(12), &mut |_, _| ControlFlow::Break(())), Err(JournalError::Beyond { .. })));
    }

    #[test]
    fn retention_removes_whole_segments_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut journal = open(folder.path());
        for at in 0..20 {
            journal.append(Offset(at), &records(1, 900), Durability::Synced).expect("appends");
        }
        let start = journal.discard_before(Offset(9)).expect("removes");
        assert!(start > Offset(0) && start <= Offset(9));
        assert_eq!(read_all(&journal, start.0).len() as u64, 20 - start.0);
        let gone = journal.read(Offset(0), &mut |_, _| ControlFlow::Continue(()));
        assert!(matches!(gone, Err(JournalError::Discarded { .. })));
        drop(journal);
        let journal = open(folder.path());
        assert_eq!((journal.start(), journal.end()), (start, Offset(20)));
    }
}
