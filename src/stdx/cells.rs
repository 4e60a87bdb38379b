//! A writable mapped array of atomic cells that other processes may look at.
//!
//! The contract of the `unsafe` below: the file belongs to the one process that holds the shop directory's lock.
#![expect(unsafe_code, reason = "mapping files is the one thing std cannot do safely; the contract is above")]

use super::mapped::{MappedError, io_error};
use memmap2::MmapMut;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::AtomicU32;

/// A writable mapped array of 32-bit cells that many threads may read and write. It is working memory that other processes may look at,
/// not a durable record: what must survive a crash is rebuilt from checkpoint and journal.
#[derive(Debug)]
pub struct Cells {
    map: MmapMut,
}

impl Cells {
    /// Creates the file at `path` anew with `cells_count` zeroed cells. They are written rather than left out: a page that the disk has no room for
    /// is an error here, and would end the process when it is first touched.
    ///
    /// # Errors
    /// When the file cannot be created, written or mapped; then there is none.
    pub fn create(path: &Path, cells_count: usize) -> Result<Self, MappedError> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path).map_err(io_error(path))?;
        let bytes = (cells_count.max(1) * size_of::<u32>()) as u64;
        if let Err(error) = io::copy(&mut io::repeat(0).take(bytes), &mut file) {
            // What was written of it is room that others need; that it cannot be removed is no worse than that it cannot be written.
            let _ = std::fs::remove_file(path);
            return Err(io_error(path)(error));
        }
        // SAFETY: by the contract at the top of this file the holder of the shop's lock is the only process that writes or resizes it.
        let map = unsafe { MmapMut::map_mut(&file) }.map_err(io_error(path))?;
        Ok(Self { map })
    }

    /// Memory without a file, for tests and offline jobs.
    ///
    /// # Errors
    /// When the memory cannot be had.
    pub fn anonymous(cells_count: usize) -> Result<Self, MappedError> {
        let path = Path::new("(anonymous memory)");
        let map = MmapMut::map_anon(cells_count.max(1) * size_of::<u32>()).map_err(io_error(path))?;
        Ok(Self { map })
    }

    /// All cells.
    #[must_use]
    pub fn all(&self) -> &[AtomicU32] {
        let cells: *const AtomicU32 = self.map.as_ptr().cast();
        // SAFETY: the mapping is page-aligned, lives as long as `self`, is a whole number of cells long, and is only ever reached
        // through this function, so every access to it is atomic.
        unsafe { std::slice::from_raw_parts(cells, self.map.len() / size_of::<u32>()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;

    #[test]
    #[cfg(unix)]
    fn cells_of_a_file_have_their_room_on_the_disk_before_they_are_touched() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cells");
        let cells = Cells::create(&path, 100_000).expect("maps");
        assert!(cells.all().iter().all(|cell| cell.load(Ordering::Relaxed) == 0));
        let file = std::fs::metadata(&path).expect("is there");
        assert_eq!((cells.all().len(), file.len()), (100_000, 400_000));
        assert!(file.blocks() * 512 >= file.len(), "{} blocks", file.blocks());
        // Where there is no room, and nowhere else, its user may do without a file.
        let is_full = |kind: io::ErrorKind| io_error(&path)(kind.into()).is_of_a_full_disk();
        assert!(is_full(io::ErrorKind::StorageFull) && !is_full(io::ErrorKind::NotFound));
    }

    #[test]
    fn cells_are_shared_between_threads() {
        let cells = Cells::anonymous(4).expect("maps");
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| cells.all()[3].fetch_add(5, Ordering::Relaxed));
            }
        });
        assert_eq!(cells.all()[3].load(Ordering::Relaxed), 10);
    }
}
