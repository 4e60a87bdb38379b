//! Files as memory: read-only mapped sections with a header and checksums.
//!
//! A mapped file has one hazard that the type system cannot see: another process may truncate or rewrite it underneath. The contract
//! is therefore: files read through [`MappedFile`] are written once under a temporary name, synced, renamed, and never changed again.
//! Checksums are verified when asked ([`MappedFile::verify`]), lengths and header always.
//!
//! The layout is drawn in `docs/FORMATS.md`.
#![expect(unsafe_code, reason = "mapping files is the one thing std cannot do safely; the contract is above")]

use super::digest::{crc32c, crc32c_append};
use bytemuck::{AnyBitPattern, NoUninit};
use memmap2::{Mmap, UncheckedAdvice};
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

const MAGIC: [u8; 8] = *b"SHOPMAP\x01";
/// Sections start at multiples of this, so that any plain number type is aligned.
const ALIGNMENT: usize = 64;
/// Magic, kind, number of sections, checksum of the section table.
const HEADER_BYTES: usize = 24;
/// Offset, length, checksum, padding.
const ROW_BYTES: usize = 24;
/// More sections than any format here needs; bounds what a damaged header can ask for.
const SECTIONS_MAX: usize = 256;
/// Documents are small; the kernel prefers few large writes.
const WRITE_BUFFER_BYTES: usize = 1 << 18;

/// Why a mapped file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappedError {
    /// The operating system said no.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The bytes are not what was written.
    #[error("{path}: damaged or not of this kind: {what}")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

impl MappedError {
    /// Whether there is no room for it, as there may be later.
    #[must_use]
    pub fn is_of_a_full_disk(&self) -> bool {
        matches!(self, Self::Io { source, .. } if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }
}

pub(super) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> MappedError + '_ {
    move |source| MappedError::Io { path: path.to_owned(), source }
}

/// Writes sections of plain numbers into one file: under a temporary name first, synced, then renamed.
///
/// `kind` names the format (four bytes) and is checked on opening.
///
/// # Errors
/// When the file cannot be written; the final name is then untouched.
pub fn write_sections(path: &Path, kind: [u8; 4], sections: &[&[u8]]) -> Result<(), MappedError> {
    let mut writer = SectionWriter::create(path, kind, sections.len())?;
    for section in sections {
        writer.section(section)?;
    }
    writer.finish()
}

/// Writes a file like [`write_sections`] for sections too long to be held in memory: each is given piece by piece.
#[derive(Debug)]
pub struct SectionWriter {
    path: PathBuf,
    temporary: PathBuf,
    out: BufWriter<File>,
    kind: [u8; 4],
    sections_count: usize,
    rows: Vec<(u64, u64, u32)>,
    written: u64,
}

impl SectionWriter {
    /// Opens the temporary file for exactly `sections_count` sections.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(path: &Path, kind: [u8; 4], sections_count: usize) -> Result<Self, MappedError> {
        assert!(sections_count <= SECTIONS_MAX, "a format has at most {SECTIONS_MAX} sections");
        let temporary = path.with_extension("tmp");
        let file = File::create(&temporary).map_err(io_error(path))?;
        let out = BufWriter::with_capacity(WRITE_BUFFER_BYTES, file);
        let mut writer = Self { path: path.to_owned(), temporary, out, kind, sections_count, rows: Vec::new(), written: 0 };
        // Room for header and table, which are known only at the end.
        writer.put(&vec![0; HEADER_BYTES + sections_count * ROW_BYTES])?;
        Ok(writer)
    }

    /// Begins the next section.
    ///
    /// # Errors
    /// When the padding before it cannot be written.
    pub fn start_section(&mut self) -> Result<(), MappedError> {
        assert!(self.rows.len() < self.sections_count, "more sections than were announced");
        let start = self.written.next_multiple_of(ALIGNMENT as u64);
        self.put(&[0; ALIGNMENT][..(start - self.written) as usize])?;
        self.rows.push((start, 0, crc32c(&[])));
        Ok(())
    }

    /// Writes the next section, whole or as far as it is known.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn section(&mut self, bytes: &[u8]) -> Result<(), MappedError> {
        self.start_section()?;
        self.write(bytes)
    }

    /// Appends bytes to the section begun last.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), MappedError> {
        let (_, len, checksum) = self.rows.last_mut().expect("a section was started");
        *len += bytes.len() as u64;
        *checksum = crc32c_append(*checksum, bytes);
        self.put(bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), MappedError> {
        self.written += bytes.len() as u64;
        self.out.write_all(bytes).map_err(io_error(&self.path))
    }

    /// Writes header and table, syncs, and gives the file its name.
    ///
    /// # Errors
    /// When the file cannot be written; the final name is then untouched.
    pub fn finish(mut self) -> Result<(), MappedError> {
        assert_eq!(self.rows.len(), self.sections_count, "fewer sections than were announced");
        let table = section_table(&self.rows);
        let mut write = || -> io::Result<()> {
            self.out.seek(SeekFrom::Start(0))?;
            self.out.write_all(&MAGIC)?;
            self.out.write_all(&self.kind)?;
            self.out.write_all(&(self.sections_count as u32).to_le_bytes())?;
            self.out.write_all(&crc32c(&table).to_le_bytes())?;
            self.out.write_all(&[0; 4])?;
            self.out.write_all(&table)?;
            self.out.flush()?;
            self.out.get_ref().sync_all()?;
            std::fs::rename(&self.temporary, &self.path)?;
            sync_folder_of(&self.path)
        };
        write().map_err(io_error(&self.path))
    }
}

fn section_table(rows: &[(u64, u64, u32)]) -> Vec<u8> {
    let mut table = Vec::with_capacity(rows.len() * ROW_BYTES);
    for (start, len, checksum) in rows {
        table.extend_from_slice(&start.to_le_bytes());
        table.extend_from_slice(&len.to_le_bytes());
        table.extend_from_slice(&checksum.to_le_bytes());
        table.extend_from_slice(&[0; 4]);
    }
    table
}

/// Makes a rename or a new file in the folder of `path` durable.
///
/// # Errors
/// When the folder cannot be opened or synced.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// A read-only file of sections, mapped into memory. Opening reads the header only.
#[derive(Debug)]
pub struct MappedFile {
    path: PathBuf,
    map: Arc<Mmap>,
    sections: Vec<(Range<usize>, u32)>,
}

/// The files that are mapped, so that they can be let go of in turn.
static OPEN: Mutex<Vec<Weak<Mmap>>> = Mutex::new(Vec::new());

/// Which part of them is next.
static NEXT: AtomicUsize = AtomicUsize::new(0);
/// So much is let go of before somebody asks whether that was enough.
const PART_BYTES: usize = 32 << 20;

/// Lets go of pages of every open [`MappedFile`] in turn, part by part, until it is `enough` or nothing is left. They are the process's memory no more until
/// somebody looks at them again, and come back from what the system still has of the files, or from the disk where it needed the memory for something else.
pub fn release_until(enough: impl Fn() -> bool) {
    let open: Vec<_> = OPEN.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect();
    let parts: Vec<_> = open.iter().flat_map(|map| (0..map.len()).step_by(PART_BYTES).map(move |start| (map, start))).collect();
    for _ in 0..parts.len() {
        if enough() {
            return;
        }
        let (map, start) = parts[NEXT.fetch_add(1, Ordering::Relaxed) % parts.len()];
        release(map, start, (map.len() - start).min(PART_BYTES));
    }
}

fn release(map: &Mmap, start: usize, len: usize) {
    // SAFETY: the map is read-only and of a file that nobody changes, so a page that is dropped comes back as it was.
    let released = unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, start, len) };
    // A system that does not take the advice holds the pages until the file is closed.
    drop(released);
}

impl MappedFile {
    /// Maps a file that [`write_sections`] wrote with this `kind`.
    ///
    /// # Errors
    /// When it cannot be opened, is of another kind, or its header or lengths are damaged.
    pub fn open(path: &Path, kind: [u8; 4]) -> Result<Self, MappedError> {
        let file = File::open(path).map_err(io_error(path))?;
        // SAFETY: by the contract at the top of this file nobody changes the file while it is mapped.
        let map = unsafe { Mmap::map(&file) }.map_err(io_error(path))?;
        let sections = read_table(&map, kind).map_err(|what| MappedError::Damaged { path: path.to_owned(), what })?;
        let map = Arc::new(map);
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|map| map.strong_count() > 0);
        open.push(Arc::downgrade(&map));
        Ok(Self { path: path.to_owned(), map, sections })
    }

    /// Compares every section with its checksum; reads the whole file.
    ///
    /// # Errors
    /// When a section is not what was written.
    pub fn verify(&self) -> Result<(), MappedError> {
        (0..self.sections.len()).try_for_each(|index| self.verify_section(index))
    }

    /// Compares one section with its checksum.
    ///
    /// # Errors
    /// When there is no such section or it is not what was written.
    pub fn verify_section(&self, index: usize) -> Result<(), MappedError> {
        let bytes = self.bytes(index)?;
        if crc32c(bytes) != self.sections[index].1 {
            return Err(self.damaged(format!("checksum of section {index}")));
        }
        Ok(())
    }

    /// Says that a section was read up to its byte `end`, or to its own end: its pages are this process's memory no more. It can be read again.
    pub fn release_section(&self, index: usize, end: usize) {
        let Some((range, _)) = self.sections.get(index) else { return };
        release(&self.map, range.start, range.len().min(end));
    }

    /// Number of sections.
    #[must_use]
    pub fn sections_count(&self) -> usize {
        self.sections.len()
    }

    /// The bytes of section `index`.
    ///
    /// # Errors
    /// When there is no such section.
    pub fn bytes(&self, index: usize) -> Result<&[u8], MappedError> {
        let (range, _) = self.sections.get(index).ok_or_else(|| self.damaged(format!("no section {index}")))?;
        Ok(&self.map[range.clone()])
    }

    /// Section `index` as numbers, little-endian as written.
    ///
    /// # Errors
    /// When there is no such section or its length is not a whole number of elements.
    pub fn slice<T: AnyBitPattern>(&self, index: usize) -> Result<&[T], MappedError> {
        bytemuck::try_cast_slice(self.bytes(index)?).map_err(|error| self.damaged(format!("section {index}: {error}")))
    }

    /// How many numbers section `index` has room for; none when there is no such section.
    #[must_use]
    pub fn len_of<T>(&self, index: usize) -> u64 {
        self.sections.get(index).map_or(0, |(range, _)| (range.len() / size_of::<T>().max(1)) as u64)
    }

    /// The error that says what is wrong with this file, for formats that check more than checksums.
    pub fn damaged(&self, what: String) -> MappedError {
        MappedError::Damaged { path: self.path.clone(), what }
    }
}

fn read_table(bytes: &[u8], kind: [u8; 4]) -> Result<Vec<(Range<usize>, u32)>, String> {
    let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    if bytes.len() < HEADER_BYTES || bytes[..8] != MAGIC {
        return Err("not a mapped file of this release".to_owned());
    }
    if bytes[8..12] != kind {
        return Err(format!("kind {:?} where {:?} was expected", &bytes[8..12], kind));
    }
    let count = number(12) as usize;
    let table_end = HEADER_BYTES + count.min(SECTIONS_MAX) * ROW_BYTES;
    if count > SECTIONS_MAX || bytes.len() < table_end || crc32c(&bytes[HEADER_BYTES..table_end]) != number(16) {
        return Err("section table".to_owned());
    }
    let long = |at: usize| u64::from(number(at)) | (u64::from(number(at + 4)) << 32);
    (0..count)
        .map(|index| {
            let row = HEADER_BYTES + index * ROW_BYTES;
            let start = usize::try_from(long(row)).map_err(|error| error.to_string())?;
            let len = usize::try_from(long(row + 8)).map_err(|error| error.to_string())?;
            let end = start.checked_add(len).filter(|&end| end <= bytes.len());
            end.map(|end| (start..end, number(row + 16))).ok_or_else(|| format!("section {index} ends beyond the file"))
        })
        .collect()
}

/// A slice of plain numbers as bytes, for [`write_sections`].
pub fn as_bytes<T: NoUninit>(numbers: &[T]) -> &[u8] {
    bytemuck::cast_slice(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: [u8; 4] = *b"test";

    #[test]
    fn sections_come_back_aligned_and_equal() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.bin");
        let numbers = [1.5_f32, -2.0, 3.25];
        write_sections(&path, KIND, &[b"odd", as_bytes(&numbers), b""]).expect("writes");
        let file = MappedFile::open(&path, KIND).expect("opens");
        file.verify().expect("is whole");
        assert_eq!(file.bytes(0).expect("section 0"), b"odd");
        assert_eq!(file.slice::<f32>(1).expect("section 1"), numbers);
        assert_eq!((file.sections_count(), file.bytes(2).expect("section 2").len()), (3, 0));
        assert!(file.bytes(3).is_err());
        (0..4).for_each(|index| file.release_section(index, [5, usize::MAX][index % 2]));
        release_until(|| false);
        assert_eq!(file.slice::<f32>(1).expect("is read again"), numbers);
    }

    #[test]
    fn damage_is_found_and_never_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.bin");
        write_sections(&path, KIND, &[&[7; 100]]).expect("writes");
        let whole = std::fs::read(&path).expect("reads");
        assert!(MappedFile::open(&path, *b"else").is_err());
        for cut in [0, 10, HEADER_BYTES + 3, whole.len() - 1] {
            std::fs::write(&path, &whole[..cut]).expect("writes");
            assert!(MappedFile::open(&path, KIND).is_err(), "cut at {cut}");
        }
        let mut flipped = whole;
        *flipped.last_mut().expect("not empty") ^= 1;
        std::fs::write(&path, &flipped).expect("writes");
        assert!(MappedFile::open(&path, KIND).expect("header is whole").verify().is_err());
    }

    /// Kibibytes of a mapped file that are in physical memory.
    #[cfg(target_os = "linux")]
    fn resident_kib(path: &Path) -> u64 {
        let maps = std::fs::read_to_string("/proc/self/smaps").expect("is told");
        let of_file = maps.lines().skip_while(|line| !line.ends_with(&*path.to_string_lossy()));
        let resident = of_file.skip(1).find_map(|line| line.strip_prefix("Rss:")).expect("is mapped");
        resident.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_let_go_of_takes_no_memory_until_somebody_looks_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.bin");
        write_sections(&path, KIND, &[&vec![7; 4 << 20]]).expect("writes");
        let file = MappedFile::open(&path, KIND).expect("opens");
        let sum = || file.bytes(0).expect("a section").iter().map(|byte| u64::from(*byte)).sum::<u64>();
        let before = sum();
        assert!(resident_kib(&path) >= 4 << 10);
        release_until(|| true);
        assert!(resident_kib(&path) >= 4 << 10, "it was enough before");
        release_until(|| false);
        assert_eq!(resident_kib(&path), 0);
        assert_eq!(sum(), before);
    }
}
