//! Opening: find the last segment, walk it, cut what was never promised, refuse what is damaged.
//!
//! Only the last segment is scanned; sealed ones are the business of [`super::verify`]. What is kept beyond the last point known to be durable is *written again and
//! synced* before anyone sees it: after a failed sync, or a kill without a loss of power, the kernel may show bytes that no disk holds.

use super::disk::DiskFile;
use super::lock::DataLock;
use super::reader::{damaged, open_segment};
use super::record::{self, Kind};
use super::scan::{Explanation, Scanner, Step};
use super::segment::{self, HEADER_BYTES, Header, io_error};
use super::{JournalError, disk::Disk};
use crate::id::Offset;
use crate::stdx::digest::Digest;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Zeroes are written in pieces of this size.
const PIECE_BYTES: u64 = 256 << 10;

/// An unfinished write that opening removed: nobody was promised its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The segment file.
    pub path: PathBuf,
    /// Where in the file the stream now ends.
    pub at: u64,
    /// How many bytes were written beyond.
    pub bytes: u64,
}

/// What opening found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovery {
    /// The torn tail that was removed, if any.
    pub cut: Option<Cut>,
    /// Records scanned in the last segment.
    pub records_scanned: u64,
}

/// The segment that takes appends.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) path: PathBuf,
    pub(super) file: Arc<dyn DiskFile>,
    pub(super) seed: u32,
    /// Where the next record goes.
    pub(super) at: u64,
    /// Up to where bytes have been written, zeroes included.
    pub(super) prepared: u64,
    /// The file's length.
    pub(super) capacity: u64,
}

/// The state of a stream as found on disk.
#[derive(Debug)]
pub(super) struct Found {
    /// First offsets of all segments.
    pub(super) segments: Vec<Offset>,
    /// None when there is no segment yet or the last one is sealed.
    pub(super) active: Option<Active>,
    /// The chain at the end.
    pub(super) chain: Digest,
    pub(super) end: Offset,
    pub(super) recovery: Recovery,
}

/// Finds a stream's end and leaves everything before it durable.
pub(super) fn find(folder: &Path, stream: &str, lock: &DataLock) -> Result<Found, JournalError> {
    let disk = lock.disk().as_ref();
    disk.create_folder(folder).map_err(io_error(folder))?;
    disk.sync_folder(lock.folder()).map_err(io_error(lock.folder()))?;
    remove_temporaries(folder, disk)?;
    let segments = segment::list(folder, disk)?;
    let Some(&last) = segments.last() else {
        return Ok(Found { segments, active: None, chain: Digest::default(), end: Offset(0), recovery: Recovery::default() });
    };
    let path = segment::path_of(folder, last);
    let (_, header) = open_segment(disk, &path, last)?;
    if header.stream != stream {
        return Err(damaged(&path, 0, last, format!("a segment of stream {}, not {stream}", header.stream)));
    }
    if let [.., before, _] = segments.as_slice() {
        check_seal_before(folder, *before, &header, &path, disk)?;
    }
    lock.raise_above(header.epoch)?;
    // A name that the folder shows may not be durable yet.
    disk.sync_folder(folder).map_err(io_error(folder))?;
    let file = disk.open(&path).map_err(io_error(&path))?;
    let walk = walk(&path, file.clone(), &header)?;
    let (active, recovery) = settle(path, file, &header, &walk)?;
    Ok(Found { segments, active, chain: walk.chain, end: walk.end, recovery })
}

fn remove_temporaries(folder: &Path, disk: &dyn Disk) -> Result<(), JournalError> {
    for name in disk.list(folder).map_err(io_error(folder))? {
        if name.ends_with(segment::TEMPORARY_EXTENSION) {
            let path = folder.join(name);
            disk.remove(&path).map_err(io_error(&path))?;
        }
    }
    Ok(())
}

/// The last segment names the digest that the one before was sealed with: a missing, cut or exchanged file is seen here.
fn check_seal_before(folder: &Path, before: Offset, header: &Header, path: &Path, disk: &dyn Disk) -> Result<(), JournalError> {
    let before_path = segment::path_of(folder, before);
    let (file, before_header) = open_segment(disk, &before_path, before)?;
    let at = file.size_bytes().map_err(io_error(&before_path))?.saturating_sub(record::SEAL_BYTES as u64);
    let mut seal = [0; record::SEAL_BYTES];
    file.read_at(&mut seal, at).map_err(io_error(&before_path))?;
    let head = record::decode_head(&seal).filter(|head| head.kind == Kind::Seal && record::is_whole(head, before_header.seed, &seal));
    let Some(head) = head else {
        return Err(damaged(&before_path, at, header.first, "a segment with a successor ends without a seal"));
    };
    if head.offset != header.first || seal[record::HEAD_BYTES..] != header.previous {
        return Err(damaged(path, 0, header.first, "it does not continue the chain of the segment before"));
    }
    Ok(())
}

/// What a walk over the last segment saw.
struct Walk {
    chain: Digest,
    end: Offset,
    at: u64,
    /// Bytes before this are known to have been durable.
    durable_at: u64,
    sealed: bool,
    /// Where bytes that are not zero end.
    written_end: u64,
}

fn walk(path: &Path, file: Arc<dyn DiskFile>, header: &Header) -> Result<Walk, JournalError> {
    let mut scanner = Scanner::new(file, header.seed, HEADER_BYTES, header.first);
    let mut chain = header.chain;
    // Places of recent records, so that "durable up to offset n" becomes a byte position.
    let mut places = Vec::new();
    let mut durable = header.first;
    let sealed = loop {
        let at = scanner.at;
        let Step::Whole(head, bytes) = scanner.step().map_err(io_error(path))? else { break false };
        if head.kind == Kind::Seal {
            if bytes[record::HEAD_BYTES..] != chain {
                return Err(damaged(path, at, head.offset, "the seal does not match the records"));
            }
            break true;
        }
        chain = record::chained(&chain, bytes);
        places.push(at);
        durable = durable.max(head.durable);
    };
    let durable_at = places.get((durable.0 - header.first.0) as usize).copied().unwrap_or(scanner.at);
    let (at, end) = (scanner.at, scanner.next);
    let written_end = match sealed {
        true => at,
        false => match scanner.explain().map_err(io_error(path))? {
            Explanation::Clean => at,
            Explanation::Torn { end } => end,
            Explanation::Damaged(what) => return Err(damaged(path, at, end, what)),
        },
    };
    Ok(Walk { chain, end, at, durable_at, sealed, written_end })
}

/// Makes the segment on disk be exactly what the walk accepted.
fn settle(path: PathBuf, file: Arc<dyn DiskFile>, header: &Header, walk: &Walk) -> Result<(Option<Active>, Recovery), JournalError> {
    let settled = || {
        write_again(file.as_ref(), walk.durable_at, walk.at)?;
        write_zeroes(file.as_ref(), walk.at, walk.written_end)?;
        if walk.sealed {
            file.set_len(walk.at)?;
        }
        file.sync()?;
        file.size_bytes()
    };
    let capacity = settled().map_err(io_error(&path))?;
    let bytes = walk.written_end - walk.at;
    let cut = (bytes > 0).then(|| Cut { path: path.clone(), at: walk.at, bytes });
    let recovery = Recovery { cut, records_scanned: walk.end.0 - header.first.0 };
    let prepared = walk.written_end.max(walk.at);
    let active = (!walk.sealed).then_some(Active { path, file, seed: header.seed, at: walk.at, prepared, capacity });
    Ok((active, recovery))
}

fn write_again(file: &dyn DiskFile, from: u64, to: u64) -> std::io::Result<()> {
    let mut at = from;
    while at < to {
        let mut piece = vec![0; (to - at).min(PIECE_BYTES) as usize];
        let count = file.read_at(&mut piece, at)?;
        file.write_at(&piece[..count], at)?;
        at += piece.len() as u64;
    }
    Ok(())
}

fn write_zeroes(file: &dyn DiskFile, from: u64, to: u64) -> std::io::Result<()> {
    let mut at = from;
    while at < to {
        let piece = (to - at).min(PIECE_BYTES);
        file.write_at(&vec![0; piece as usize], at)?;
        at += piece;
    }
    Ok(())
}
