//! A disk that forgets: page cache and durable state apart, faults on demand, everything from one seed.
//!
//! What it may do when the power goes, as real disks and file systems do: each unsynced sector (512 bytes, written whole or not at all) survives or not, independently of the
//! others, so writes are torn, lost and reordered; an unsynced length survives or not; names survive as a prefix of the unsynced changes of their folder. A sync
//! that fails drops what it was asked to keep while the cache goes on showing it, as Linux does. Handles from before a crash are dead. A read may give less
//! than was asked for, or be interrupted.

mod file;
mod state;

use super::disk::{Disk, DiskFile, Held};
use file::SimFile;
use state::State;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a careless layer between the journal and the disk would do. Only to show that tests see the difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Careless {
    /// A sync that failed is asked for again; the second one claims success.
    RetriesSyncs,
    /// Names are never made durable.
    SkipsFolderSyncs,
}

/// A simulated disk. Clones share it.
#[derive(Debug, Clone)]
pub struct SimDisk(Arc<Mutex<State>>);

impl SimDisk {
    /// An empty disk whose whims come from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State::new(seed))))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy that shares nothing with this one, as if the disk had been imaged. Its locks are free, no handle is open on it, and nothing is about to fail.
    #[must_use]
    pub fn image(&self) -> Self {
        let mut state = self.state().clone();
        (state.fail_sync_after, state.space_bytes) = (None, None);
        state.kill();
        Self(Arc::new(Mutex::new(state)))
    }

    /// Puts a careless layer above the disk.
    pub fn be_careless(&self, careless: Careless) {
        self.state().careless = Some(careless);
    }

    /// The power goes now and comes back: only what was durable, and some of what was not, is left. Locks are released, old handles are dead.
    pub fn crash(&self) {
        self.state().crash();
    }

    /// The process dies and is started again, the power stays: everything written is still seen. Locks are released, old handles are dead.
    pub fn kill(&self) {
        self.state().kill();
    }

    /// After `operations` more changes to the disk every operation fails until [`SimDisk::crash`] or [`SimDisk::kill`].
    pub fn power_off_after(&self, operations: u64) {
        self.state().power_off_after = Some(operations);
    }

    /// The sync after `syncs` more ones fails, once.
    pub fn fail_sync_after(&self, syncs: u64) {
        self.state().fail_sync_after = Some(syncs);
    }

    /// Writes that change more than this many further bytes fail for lack of space; `None` lifts the limit.
    pub fn limit_space(&self, bytes: Option<u64>) {
        self.state().space_bytes = bytes;
    }

    /// Syncs of files asked for so far, failed ones included.
    #[must_use]
    pub fn syncs_count(&self) -> u64 {
        self.state().syncs_count
    }

    /// Writes asked for so far, failed ones included.
    #[must_use]
    pub fn writes_count(&self) -> u64 {
        self.state().writes_count
    }

    /// Inverts one bit of a file, in the cache and on the disk.
    ///
    /// # Errors
    /// When there is no such file or byte.
    pub fn flip_bit(&self, path: &Path, at: u64, bit: u8) -> io::Result<()> {
        self.state().flip_bit(path, at, bit)
    }

    /// Zeroes one sector of a file, in the cache and on the disk: the disk had claimed to have written it.
    ///
    /// # Errors
    /// When there is no such file or sector.
    pub fn lose_sector(&self, path: &Path, sector: u64) -> io::Result<()> {
        self.state().lose_sector(path, sector)
    }

    /// The bytes of a file as a process sees them.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn bytes_of(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.state().bytes_of(path)
    }

    fn file(&self, path: &Path, create: bool) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state();
        let id = if create { state.create(path)? } else { state.find(path)? };
        Ok(Arc::new(SimFile { disk: self.clone(), id, life: state.life }))
    }
}

/// A simulated lock; it ends with its holder or with the holder's process.
#[derive(Debug)]
struct SimHeld {
    disk: SimDisk,
    path: std::path::PathBuf,
    life: u64,
}

impl Held for SimHeld {}

impl Drop for SimHeld {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.life == self.life {
            state.locks.remove(&self.path);
        }
    }
}

impl Disk for SimDisk {
    fn create_folder(&self, _folder: &Path) -> io::Result<()> {
        // Folders are no part of the model: the real disk's are made once, at the first start.
        self.state().check_power()
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.file(path, true)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.file(path, false)
    }

    fn open_to_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.file(path, false)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.state().list(folder)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.state().rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.state().remove(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.state().sync_folder(folder)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Held>>> {
        let mut state = self.state();
        state.check_power()?;
        if !state.locks.insert(path.to_owned()) {
            return Ok(None);
        }
        Ok(Some(Box::new(SimHeld { disk: self.clone(), path: path.to_owned(), life: state.life })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(seed: u64, synced: &[u8], unsynced: &[u8]) -> SimDisk {
        let disk = SimDisk::new(seed);
        let path = Path::new("f/a");
        let file = disk.create(path).expect("creates");
        file.write_at(synced, 0).expect("writes");
        file.sync().expect("syncs");
        disk.sync_folder(Path::new("f")).expect("syncs");
        file.write_at(unsynced, synced.len() as u64).expect("writes");
        disk
    }

    #[test]
    fn what_was_synced_survives_and_what_was_not_may() {
        let mut lengths = std::collections::BTreeSet::new();
        for seed in 0..50 {
            let disk = written(seed, &[1; 700], &[2; 2_000]);
            disk.crash();
            let bytes = disk.bytes_of(Path::new("f/a")).expect("is there");
            assert_eq!(&bytes[..700], &[1; 700], "seed {seed}");
            lengths.insert(bytes.iter().filter(|&&byte| byte == 2).count());
        }
        assert!(lengths.len() > 3, "torn in many ways: {lengths:?}");
    }

    #[test]
    fn a_kill_keeps_the_cache_and_ends_the_handles() {
        let disk = written(1, &[1; 10], &[2; 10]);
        let file = disk.open(Path::new("f/a")).expect("opens");
        disk.kill();
        assert_eq!(disk.bytes_of(Path::new("f/a")).expect("is there").len(), 20);
        assert!(file.write_at(&[3], 0).is_err());
    }

    #[test]
    fn a_failed_sync_shows_bytes_that_no_disk_holds() {
        let disk = written(1, &[1; 10], &[2; 5_000]);
        let file = disk.open(Path::new("f/a")).expect("opens");
        disk.fail_sync_after(0);
        assert!(file.sync().is_err());
        assert!(file.sync().is_ok(), "the next one claims success");
        assert_eq!(disk.bytes_of(Path::new("f/a")).expect("is there").len(), 5_010);
        disk.crash();
        assert_eq!(disk.bytes_of(Path::new("f/a")).expect("is there").iter().filter(|&&byte| byte == 2).count(), 0);
    }

    #[test]
    fn a_name_lasts_once_its_folder_is_synced() {
        let disk = written(3, &[1], &[2]);
        disk.rename(Path::new("f/a"), Path::new("f/b")).expect("renames");
        disk.sync_folder(Path::new("f")).expect("syncs");
        disk.crash();
        assert_eq!(disk.list(Path::new("f")).expect("lists"), ["b"]);
    }
}
