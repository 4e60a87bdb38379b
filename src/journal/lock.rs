//! One process at a time, and a new epoch each time: the lock of a shop's data folder.
//!
//! The lock file is only ever locked, never written. The epoch is a number of its own file, replaced by rename, raised durably before anything else is
//! written, and stamped into every new segment: it tells which opening wrote what, also after an old backup was put back.

use super::disk::{Disk, Held};
use crate::stdx::digest::crc32c;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const LOCK_NAME: &str = "LOCK";
const EPOCH_NAME: &str = "EPOCH";
const MAGIC: [u8; 8] = *b"SHOPEPO\x01";
/// Magic, epoch, checksum of both.
const EPOCH_BYTES: usize = 20;

/// Why a data folder cannot be held.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Two processes must never write one shop.
    #[error("{folder}: another process has this shop open")]
    Taken {
        /// The data folder.
        folder: PathBuf,
    },
    /// The epoch file is not what was written.
    #[error("{path}: the epoch file is damaged; remove it to take the epoch from the segments")]
    Epoch {
        /// The epoch file.
        path: PathBuf,
    },
    /// The operating system said no.
    #[error("{path}: {source}")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> LockError + '_ {
    move |source| LockError::Io { path: path.to_owned(), source }
}

/// The right to write a shop's data folder. Clones share it; it ends when the last one is dropped.
#[derive(Debug, Clone)]
pub struct DataLock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    disk: Arc<dyn Disk>,
    epoch: Mutex<u64>,
    _held: Box<dyn Held>,
}

impl DataLock {
    /// Creates the folder if need be, takes its lock, and starts a new epoch.
    ///
    /// # Errors
    /// When another process holds the lock, or the folder cannot be written.
    pub fn take(folder: &Path, disk: Arc<dyn Disk>) -> Result<Self, LockError> {
        disk.create_folder(folder).map_err(io_error(folder))?;
        if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            disk.sync_folder(parent).map_err(io_error(parent))?;
        }
        let lock_path = folder.join(LOCK_NAME);
        let held = disk.lock(&lock_path).map_err(io_error(&lock_path))?;
        let held = held.ok_or_else(|| LockError::Taken { folder: folder.to_owned() })?;
        let epoch = read_epoch(folder, disk.as_ref())? + 1;
        write_epoch(folder, disk.as_ref(), epoch)?;
        Ok(Self(Arc::new(Inner { folder: folder.to_owned(), disk, epoch: Mutex::new(epoch), _held: held })))
    }

    /// Whether nobody holds the folder at this moment; somebody may a moment later.
    #[must_use]
    pub fn is_free(folder: &Path, disk: &dyn Disk) -> bool {
        // What cannot be asked is for whoever takes the lock to say.
        !matches!(disk.lock(&folder.join(LOCK_NAME)), Ok(None))
    }

    /// The folder held.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The disk that the folder is on.
    #[must_use]
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.0.disk
    }

    /// The epoch of this opening, above every earlier one.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        *self.0.epoch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the epoch greater than `found`, which a segment carries: the epoch file was lost or is older than the segments.
    pub(super) fn raise_above(&self, found: u64) -> Result<(), LockError> {
        let mut epoch = self.0.epoch.lock().unwrap_or_else(PoisonError::into_inner);
        if *epoch <= found {
            write_epoch(&self.0.folder, self.0.disk.as_ref(), found + 1)?;
            *epoch = found + 1;
        }
        Ok(())
    }
}

fn read_epoch(folder: &Path, disk: &dyn Disk) -> Result<u64, LockError> {
    let path = folder.join(EPOCH_NAME);
    let mut bytes = [0; EPOCH_BYTES];
    let file = match disk.open_to_read(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(io_error(&path)(error)),
    };
    let count = file.read_at(&mut bytes, 0).map_err(io_error(&path))?;
    let (body, checksum) = bytes.split_at(EPOCH_BYTES - 4);
    if count < EPOCH_BYTES || body[..8] != MAGIC || crc32c(body).to_le_bytes() != checksum {
        return Err(LockError::Epoch { path });
    }
    Ok(body[8..].iter().rev().fold(0, |epoch, &byte| (epoch << 8) | u64::from(byte)))
}

fn write_epoch(folder: &Path, disk: &dyn Disk, epoch: u64) -> Result<(), LockError> {
    let path = folder.join(EPOCH_NAME);
    let temporary = folder.join("EPOCH.tmp");
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&epoch.to_le_bytes());
    bytes.extend_from_slice(&crc32c(&bytes).to_le_bytes());
    let write = || {
        let file = disk.create(&temporary)?;
        file.write_at(&bytes, 0)?;
        file.sync()?;
        disk.rename(&temporary, &path)?;
        disk.sync_folder(folder)
    };
    write().map_err(io_error(&path))
}

#[cfg(test)]
mod tests {
    use super::super::disk::RealDisk;
    use super::*;

    #[test]
    fn a_second_holder_is_refused_until_the_first_lets_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = DataLock::take(folder.path(), Arc::new(RealDisk)).expect("is free");
        let refused = DataLock::take(folder.path(), Arc::new(RealDisk)).expect_err("is taken");
        assert!(refused.to_string().ends_with("another process has this shop open"), "{refused}");
        let clone = first.clone();
        drop(first);
        assert!(!DataLock::is_free(folder.path(), &RealDisk));
        assert!(DataLock::take(folder.path(), Arc::new(RealDisk)).is_err());
        drop(clone);
        assert!(DataLock::is_free(folder.path(), &RealDisk) && DataLock::is_free(&folder.path().join("none"), &RealDisk));
        assert!(DataLock::take(folder.path(), Arc::new(RealDisk)).is_ok());
    }

    #[test]
    fn each_opening_has_a_greater_epoch() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut last = 0;
        for _ in 0..3 {
            let lock = DataLock::take(folder.path(), Arc::new(RealDisk)).expect("is free");
            assert!(lock.epoch() > last);
            lock.raise_above(lock.epoch() + 4).expect("is written");
            last = lock.epoch();
        }
        assert_eq!(last, 18);
    }

    #[test]
    fn a_damaged_epoch_file_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(DataLock::take(folder.path(), Arc::new(RealDisk)).expect("is free"));
        std::fs::write(folder.path().join("EPOCH"), b"SHOPEPO\x01 something else").expect("writes");
        assert!(matches!(DataLock::take(folder.path(), Arc::new(RealDisk)), Err(LockError::Epoch { .. })));
    }
}
