//! A writable mapped array of atomic cells that other processes may look at.
//!
//! The contract of the `unsafe` below: the file belongs to the one process that holds the shop directory's lock.
#![expect(unsafe_code, reason = "mapping files is the one thing std cannot do safely; the contract is above")]

use super::mapped::{MappedError, io_error};
use memmap2::MmapMut;
use std::fs::OpenOptions;
use std::path::Path;
use std::sync::atomic::AtomicU32;

/// A writable mapped array of 32-bit cells that many threads may read and write. It is working memory that other processes may look at,
/// not a durable record: what must survive a crash is rebuilt from checkpoint and journal.
#[derive(Debug)]
pub struct Cells {
    map: MmapMut,
}

impl Cells {
    /// Creates or resizes the file at `path` to `cells_count` zeroed cells.
    ///
    /// # Errors
    /// When the file cannot be created, sized or mapped.
    pub fn create(path: &Path, cells_count: usize) -> Result<Self, MappedError> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path).map_err(io_error(path))?;
        file.set_len((cells_count.max(1) * size_of::<u32>()) as u64).map_err(io_error(path))?;
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
