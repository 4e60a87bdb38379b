//! Copying a stream into another folder, also while its writer appends.
//!
//! Copying the files is not enough beside a live writer: whoever reads a file piece by piece may see an early piece as it was before a batch and
//! a later one as it is after the next, and such a copy looks like damage to acknowledged records. So records are copied, whole ones only, in
//! order, up to the first place where none stands. Everything that was durable when the copy began stands before that place.

use super::JournalError;
use super::disk::{Disk, DiskFile};
use super::reader::{damaged, open_segment};
use super::record::{self, Kind};
use super::scan::{Explanation, Scanner, Step};
use super::segment::{self, HEADER_BYTES, io_error};
use super::verify::{Report, verify};
use crate::id::Offset;
use std::path::Path;
use std::sync::Arc;

/// Bytes that are written at once.
const PIECE_BYTES: usize = 1 << 20;
/// How often a bad place is looked at anew: what a writer was in the middle of is whole by the next look, what is damaged stays so.
const LOOKS_MAX: usize = 8;

/// Copies the records of the stream in `from` into `to`, which is made and must hold no segments, makes them durable, and reads the copy back. It
/// takes no lock and changes nothing in `from`; a folder that does not exist is an empty stream. The last segment is only as long as its records.
///
/// # Errors
/// When a file cannot be read or written, or records are damaged: a damaged stream is no backup.
pub fn copy(from: &Path, to: &Path, disk: &dyn Disk) -> Result<Report, JournalError> {
    disk.create_folder(to).map_err(io_error(to))?;
    let segments = match segment::list(from, disk) {
        Err(JournalError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        listed => listed?,
    };
    for (index, &first) in segments.iter().enumerate() {
        copy_segment(from, to, first, index + 1 == segments.len(), disk)?;
    }
    disk.sync_folder(to).map_err(io_error(to))?;
    let report = verify(to, disk)?;
    match report.broken.first() {
        Some(broken) => Err(damaged(&from.join(broken.path.file_name().unwrap_or_default()), broken.at, broken.offset, &broken.what)),
        None => Ok(report),
    }
}

fn copy_segment(from: &Path, to: &Path, first: Offset, is_last: bool, disk: &dyn Disk) -> Result<(), JournalError> {
    let path = segment::path_of(from, first);
    let (file, header) = open_segment(disk, &path, first)?;
    let target = segment::path_of(to, first);
    let mut copied = Copied { file: disk.create(&target).map_err(io_error(&target))?, at: 0, piece: Vec::new() };
    let mut head = vec![0; HEADER_BYTES as usize];
    file.read_at(&mut head, 0).map_err(io_error(&path))?;
    copied.add(&head).map_err(io_error(&target))?;
    let mut at = (HEADER_BYTES, first);
    for look in 1..=LOOKS_MAX {
        let mut scanner = Scanner::new(Arc::clone(&file), header.seed, at.0, at.1);
        let is_sealed = copy_records(&mut scanner, &mut copied, &path, &target)?;
        at = (scanner.at, scanner.next);
        if is_sealed {
            break;
        }
        match scanner.explain().map_err(io_error(&path))? {
            Explanation::Clean | Explanation::Torn { .. } if is_last => break,
            Explanation::Damaged(what) if look == LOOKS_MAX => return Err(damaged(&path, at.0, at.1, what)),
            Explanation::Damaged(_) => {}
            Explanation::Clean | Explanation::Torn { .. } => {
                return Err(damaged(&path, at.0, at.1, "a segment with a successor ends without a seal"));
            }
        }
    }
    copied.finish().map_err(io_error(&target))
}

/// Copies whole records from the scanner's place on; says whether the last one was the seal.
fn copy_records(scanner: &mut Scanner, copied: &mut Copied, path: &Path, target: &Path) -> Result<bool, JournalError> {
    loop {
        let Step::Whole(head, bytes) = scanner.step().map_err(io_error(path))? else { return Ok(false) };
        let zeroes = record::frame_bytes(head.payload_bytes) - bytes.len();
        copied.add(bytes).and_then(|()| copied.add(&[0; record::ALIGNMENT][..zeroes])).map_err(io_error(target))?;
        if head.kind == Kind::Seal {
            return Ok(true);
        }
    }
}

/// A file that is written from its beginning, in pieces.
struct Copied {
    file: Arc<dyn DiskFile>,
    at: u64,
    piece: Vec<u8>,
}

impl Copied {
    fn add(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> std::io::Result<()> {
        self.file.write_at(&self.piece, self.at)?;
        self.at += self.piece.len() as u64;
        self.piece.clear();
        Ok(())
    }

    fn finish(mut self) -> std::io::Result<()> {
        self.write()?;
        self.file.sync()
    }
}

#[cfg(test)]
mod tests {
    use super::super::disk::{Held, RealDisk};
    use super::super::{DataLock, Durability, Journal, Options, SegmentJournal, Visit};
    use super::*;
    use crate::event::Stream;
    use std::io;
    use std::ops::ControlFlow;
    use std::sync::Mutex;

    fn open_with(folder: &Path, segment_bytes: u64) -> SegmentJournal {
        let lock = DataLock::take(folder, Arc::new(RealDisk)).expect("is free");
        SegmentJournal::open(Stream::Trade, Options { segment_bytes }, &lock).expect("opens")
    }

    fn open(folder: &Path) -> SegmentJournal {
        open_with(folder, 64 << 10)
    }

    fn append(journal: &mut SegmentJournal, count: usize) {
        let batch: Vec<Vec<u8>> = (0..count).map(|index| vec![index as u8 + 1; 40 + index * 7]).collect();
        let end = journal.end();
        journal.append(end, &batch, Durability::Synced).expect("appends");
    }

    fn records(journal: &SegmentJournal) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let visit: &mut Visit<'_> = &mut |_, payload| {
            all.push(payload.to_vec());
            ControlFlow::Continue(())
        };
        journal.read(journal.start(), visit).expect("reads");
        all
    }

    /// Opens a copy as a shop would, and goes on with it.
    fn opened(copies: &Path) -> SegmentJournal {
        let mut journal = open(copies);
        assert_eq!(journal.recovery().cut, None, "a copy ends with a whole record");
        let before = records(&journal).len();
        append(&mut journal, 3);
        assert_eq!(records(&journal).len(), before + 3);
        journal
    }

    #[test]
    fn a_copy_holds_the_same_records_and_goes_on_where_they_end() {
        for count in [0, 1, 30, 400] {
            let (shop, copies) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
            let mut journal = open(shop.path());
            (0..count).for_each(|_| append(&mut journal, 9));
            let report = copy(&shop.path().join("trade"), &copies.path().join("trade"), &RealDisk).expect("copies");
            assert_eq!((report.records_count, report.end), (count * 9, journal.end()));
            let original = records(&journal);
            assert_eq!(records(&opened(copies.path()))[..original.len()], original);
        }
    }

    /// A disk on which the writer appends a batch after every read that ends behind the last record, as long as there are any left.
    #[derive(Debug)]
    struct Busy(Arc<Mutex<(SegmentJournal, u32)>>);

    #[derive(Debug)]
    struct BusyFile(Arc<dyn DiskFile>, Arc<Mutex<(SegmentJournal, u32)>>);

    impl DiskFile for BusyFile {
        fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
            let count = self.0.read_at(into, at)?;
            let (journal, left) = &mut *self.1.lock().expect("is whole");
            let is_at_the_end = into[..count].ends_with(&[0; 64]) && into[..count].iter().any(|&byte| byte != 0);
            if *left > 0 && at >= HEADER_BYTES && is_at_the_end {
                *left -= 1;
                append(journal, 40);
            }
            Ok(count)
        }

        fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
            self.0.write_at(bytes, at)
        }

        fn sync(&self) -> io::Result<()> {
            self.0.sync()
        }

        fn size_bytes(&self) -> io::Result<u64> {
            self.0.size_bytes()
        }

        fn set_len(&self, bytes: u64) -> io::Result<()> {
            self.0.set_len(bytes)
        }
    }

    impl Disk for Busy {
        fn create_folder(&self, folder: &Path) -> io::Result<()> {
            RealDisk.create_folder(folder)
        }

        fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
            RealDisk.create(path)
        }

        fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
            RealDisk.open(path)
        }

        fn open_to_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
            Ok(Arc::new(BusyFile(RealDisk.open_to_read(path)?, Arc::clone(&self.0))))
        }

        fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
            RealDisk.list(folder)
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            RealDisk.rename(from, to)
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            RealDisk.remove(path)
        }

        fn sync_folder(&self, folder: &Path) -> io::Result<()> {
            RealDisk.sync_folder(folder)
        }

        fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Held>>> {
            RealDisk.lock(path)
        }
    }

    #[test]
    fn a_copy_beside_a_writer_holds_all_that_was_durable_when_it_began() {
        // Where the stream ends when the copy begins decides which pieces are read before and which after a batch.
        for batches in 1..14 {
            let (shop, copies) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
            let mut journal = open_with(shop.path(), 1 << 20);
            (0..batches).for_each(|_| append(&mut journal, 40));
            let promised = journal.end();
            let disk = Busy(Arc::new(Mutex::new((journal, 6))));
            let report = copy(&shop.path().join("trade"), &copies.path().join("trade"), &disk).expect("copies");
            assert!(report.end >= promised && report.broken.is_empty() && report.tail.is_none(), "{report:?}");
            opened(copies.path());
        }
    }

    #[test]
    fn a_damaged_stream_is_not_copied_and_the_place_is_named() {
        let shop = tempfile::tempdir().expect("a folder");
        let mut journal = open(shop.path());
        (0..400).for_each(|_| append(&mut journal, 9));
        drop(journal);
        let segments = segment::list(&shop.path().join("trade"), &RealDisk).expect("lists");
        for first in [segments[0], segments[segments.len() - 1]] {
            let path = segment::path_of(&shop.path().join("trade"), first);
            let bytes = std::fs::read(&path).expect("reads");
            let mut rotten = bytes.clone();
            rotten[HEADER_BYTES as usize + 40] ^= 1;
            std::fs::write(&path, rotten).expect("writes");
            let copies = tempfile::tempdir().expect("a folder");
            let refused = copy(&shop.path().join("trade"), &copies.path().join("trade"), &RealDisk).expect_err("is damaged");
            assert!(refused.to_string().contains(&path.display().to_string()), "{refused}");
            std::fs::write(&path, bytes).expect("writes");
        }
    }
}
