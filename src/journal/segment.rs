//! A segment file's name and header.
//!
//! A segment is named by its first offset. It is made under a temporary name with a durable header and then renamed, so every file with a segment's
//! name has a whole header; anything else is damage.

use super::disk::Disk;
use super::record::{u32_at, u64_at};
use super::{JournalError, record};
use crate::id::Offset;
use crate::stdx::digest::{Digest, blake3, crc32c};
use std::path::{Path, PathBuf};

/// The header has a sector of its own, so that no write to a record can tear it.
pub(super) const HEADER_BYTES: u64 = 512;
/// The smallest unit that a disk writes whole or not at all.
pub(super) const SECTOR_BYTES: u64 = 512;

const MAGIC: [u8; 8] = *b"SHOPSEG\0";
const VERSION: u32 = 1;
const STREAM_NAME_BYTES: usize = 16;
/// What the header's checksum covers.
const COVERED_BYTES: usize = 80;
const EXTENSION: &str = ".seg";
pub(super) const TEMPORARY_EXTENSION: &str = ".seg.tmp";

/// The first sector of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) stream: String,
    pub(super) epoch: u64,
    pub(super) first: Offset,
    /// The chain's digest at the end of the segment before; zeroes for the first of a stream.
    pub(super) previous: Digest,
    /// Checksum of the above; the seed of the checksums of this segment's records.
    pub(super) seed: u32,
    /// The chain before the first record.
    pub(super) chain: Digest,
}

impl Header {
    pub(super) fn new(stream: &str, epoch: u64, first: Offset, previous: Digest) -> (Self, Vec<u8>) {
        let mut bytes = Vec::with_capacity(HEADER_BYTES as usize);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&epoch.to_le_bytes());
        bytes.extend_from_slice(&first.0.to_le_bytes());
        bytes.extend_from_slice(stream.as_bytes());
        bytes.resize(32 + STREAM_NAME_BYTES, 0);
        bytes.extend_from_slice(&previous);
        assert_eq!(bytes.len(), COVERED_BYTES, "stream names fit their field");
        let seed = crc32c(&bytes);
        bytes.extend_from_slice(&seed.to_le_bytes());
        bytes.resize(HEADER_BYTES as usize, 0);
        let chain = blake3(&[&bytes]);
        (Self { stream: stream.to_owned(), epoch, first, previous, seed, chain }, bytes)
    }

    /// Reads a header; says what is wrong with it otherwise.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() < HEADER_BYTES as usize {
            return Err("the file is shorter than a header".to_owned());
        }
        if bytes[..8] != MAGIC {
            return Err("not a segment file".to_owned());
        }
        if u32_at(bytes, 8) != VERSION {
            return Err(format!("segment version {} is not known to this release", u32_at(bytes, 8)));
        }
        let seed = u32_at(bytes, COVERED_BYTES);
        if crc32c(&bytes[..COVERED_BYTES]) != seed {
            return Err("checksum of the header".to_owned());
        }
        let name = &bytes[32..32 + STREAM_NAME_BYTES];
        let stream = String::from_utf8_lossy(name).trim_end_matches('\0').to_owned();
        let mut previous = Digest::default();
        previous.copy_from_slice(&bytes[48..COVERED_BYTES]);
        let chain = blake3(&[&bytes[..HEADER_BYTES as usize]]);
        Ok(Self { stream, epoch: u64_at(bytes, 16), first: Offset(u64_at(bytes, 24)), previous, seed, chain })
    }
}

/// The file of the segment that starts at `first`.
pub(super) fn path_of(folder: &Path, first: Offset) -> PathBuf {
    folder.join(format!("{:020}{EXTENSION}", first.0))
}

/// The first offsets of the segments in a folder, ascending.
pub(super) fn list(folder: &Path, disk: &dyn Disk) -> Result<Vec<Offset>, JournalError> {
    let names = disk.list(folder).map_err(io_error(folder))?;
    Ok(names.iter().filter_map(|name| name.strip_suffix(EXTENSION)?.parse().ok().map(Offset)).collect())
}

/// Bytes that a segment needs for one batch whose frames take `frames_bytes`.
pub(super) fn bytes_for(frames_bytes: usize) -> u64 {
    HEADER_BYTES + frames_bytes as u64 + record::SEAL_BYTES as u64
}

pub(super) fn io_error(path: &Path) -> impl FnOnce(std::io::Error) -> JournalError + '_ {
    move |source| JournalError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Stream;

    #[test]
    fn a_header_comes_back_and_damage_is_named() {
        let (header, bytes) = Header::new(Stream::Activity.name(), 9, Offset(1_000), [7; 32]);
        assert_eq!(Header::decode(&bytes), Ok(header));
        for at in [0, 8, 20, 30, 40, 60, 81] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 4;
            assert!(Header::decode(&damaged).is_err(), "byte {at}");
        }
        assert!(Header::decode(&bytes[..300]).is_err());
    }

    #[test]
    fn names_sort_as_their_offsets_do() {
        let names = [9, 10, 12_345_678_901].map(|first| path_of(Path::new("x"), Offset(first)));
        assert!(names.is_sorted());
    }
}
