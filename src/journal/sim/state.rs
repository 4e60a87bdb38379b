//! The simulated disk's memory: what processes see, what is durable, and what lies between.

use super::Careless;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// One read in so many gives less than was asked for, and one in so many is interrupted.
const ODD_READ_ONE_IN: u8 = 16;

/// A disk writes this many bytes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// One file.
#[derive(Debug, Default, Clone)]
pub(super) struct Inode {
    /// What processes see.
    pub(super) cache: Vec<u8>,
    durable: Vec<u8>,
    /// Sectors written since the last sync.
    dirty: BTreeSet<usize>,
}

/// A change of names that is not yet durable.
#[derive(Debug, Clone)]
enum NameChange {
    Put(PathBuf, usize),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
}

impl NameChange {
    fn folder(&self) -> Option<&Path> {
        match self {
            Self::Put(path, _) | Self::Rename(_, path) | Self::Remove(path) => path.parent(),
        }
    }
}

/// Everything that the disk knows.
#[derive(Debug, Clone)]
pub(super) struct State {
    random: fastrand::Rng,
    pub(super) files: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    names_durable: BTreeMap<PathBuf, usize>,
    names_pending: Vec<NameChange>,
    pub(super) locks: BTreeSet<PathBuf>,
    /// Raised by every crash and kill; handles of earlier lives are dead.
    pub(super) life: u64,
    pub(super) power_off_after: Option<u64>,
    pub(super) fail_sync_after: Option<u64>,
    pub(super) space_bytes: Option<u64>,
    pub(super) syncs_count: u64,
    pub(super) writes_count: u64,
    pub(super) careless: Option<Careless>,
}

fn apply(names: &mut BTreeMap<PathBuf, usize>, change: &NameChange) {
    match change {
        NameChange::Put(path, id) => {
            names.insert(path.clone(), *id);
        }
        NameChange::Rename(from, to) => {
            if let Some(id) = names.remove(from) {
                names.insert(to.clone(), id);
            }
        }
        NameChange::Remove(path) => {
            names.remove(path);
        }
    }
}

fn not_found(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("no file {}", path.display()))
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            files: Vec::new(),
            names: BTreeMap::new(),
            names_durable: BTreeMap::new(),
            names_pending: Vec::new(),
            locks: BTreeSet::new(),
            life: 0,
            power_off_after: None,
            fail_sync_after: None,
            space_bytes: None,
            syncs_count: 0,
            writes_count: 0,
            careless: None,
        }
    }

    pub(super) fn check_power(&self) -> io::Result<()> {
        match self.power_off_after {
            Some(0) => Err(io::Error::other("the power is off")),
            _ => Ok(()),
        }
    }

    pub(super) fn check_life(&self, life: u64) -> io::Result<()> {
        self.check_power()?;
        if life != self.life {
            return Err(io::Error::other("a handle from before the crash"));
        }
        Ok(())
    }

    /// Counts one change of the disk; the one on which the power goes is not made.
    pub(super) fn spend_operation(&mut self) -> io::Result<()> {
        if let Some(left) = &mut self.power_off_after {
            *left = left.saturating_sub(1);
        }
        self.check_power()
    }

    pub(super) fn find(&self, path: &Path) -> io::Result<usize> {
        self.check_power()?;
        self.names.get(path).copied().ok_or_else(|| not_found(path))
    }

    fn change_names(&mut self, change: NameChange) -> io::Result<()> {
        self.spend_operation()?;
        apply(&mut self.names, &change);
        self.names_pending.push(change);
        Ok(())
    }

    pub(super) fn create(&mut self, path: &Path) -> io::Result<usize> {
        self.change_names(NameChange::Put(path.to_owned(), self.files.len()))?;
        self.files.push(Inode::default());
        Ok(self.files.len() - 1)
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.find(from)?;
        self.change_names(NameChange::Rename(from.to_owned(), to.to_owned()))
    }

    pub(super) fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.find(path)?;
        self.change_names(NameChange::Remove(path.to_owned()))
    }

    pub(super) fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.check_power()?;
        let inside = self.names.keys().filter(|path| path.parent() == Some(folder));
        Ok(inside.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect())
    }

    pub(super) fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        self.spend_operation()?;
        if self.careless == Some(Careless::SkipsFolderSyncs) {
            return Ok(());
        }
        let (done, pending) = std::mem::take(&mut self.names_pending).into_iter().partition(|change| change.folder() == Some(folder));
        self.names_pending = pending;
        let done: Vec<NameChange> = done;
        done.iter().for_each(|change| apply(&mut self.names_durable, change));
        Ok(())
    }

    /// Reads what processes see: some of what was asked for, at least one byte unless the file ends.
    pub(super) fn read(&mut self, id: usize, into: &mut [u8], at: usize) -> io::Result<usize> {
        let whim = self.random.u8(..ODD_READ_ONE_IN);
        if whim == 0 {
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        let cache = &self.files[id].cache;
        let from = cache.len().min(at);
        let there = into.len().min(cache.len() - from);
        let count = if whim == 1 { self.random.usize(there.min(1)..=there) } else { there };
        into[..count].copy_from_slice(&cache[from..from + count]);
        Ok(count)
    }

    /// Writes into the cache; without space only a first part, and then an error.
    pub(super) fn write(&mut self, id: usize, bytes: &[u8], at: usize) -> io::Result<()> {
        let fits = self.space_bytes.map_or(bytes.len(), |space| bytes.len().min(space as usize));
        if let Some(space) = &mut self.space_bytes {
            *space -= fits as u64;
        }
        let file = &mut self.files[id];
        if file.cache.len() < at + fits {
            file.cache.resize(at + fits, 0);
        }
        file.cache[at..at + fits].copy_from_slice(&bytes[..fits]);
        if fits > 0 {
            file.dirty.extend(at / SECTOR_BYTES..=(at + fits - 1) / SECTOR_BYTES);
        }
        if fits < bytes.len() { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
    }

    pub(super) fn set_len(&mut self, id: usize, len: usize) {
        let file = &mut self.files[id];
        file.cache.resize(len, 0);
        file.dirty.retain(|sector| sector * SECTOR_BYTES < len);
    }

    pub(super) fn sync(&mut self, id: usize) -> io::Result<()> {
        self.syncs_count += 1;
        let fails = self.fail_sync_after == Some(0);
        self.fail_sync_after = self.fail_sync_after.and_then(|left| left.checked_sub(1));
        let file = &mut self.files[id];
        if fails {
            file.dirty.clear();
            let claims_success = self.careless == Some(Careless::RetriesSyncs);
            return if claims_success { Ok(()) } else { Err(io::Error::other("input/output error")) };
        }
        let dirty = std::mem::take(&mut file.dirty);
        file.durable.resize(file.cache.len(), 0);
        dirty.iter().for_each(|&sector| copy_sector(&mut file.durable, &file.cache, sector));
        Ok(())
    }

    pub(super) fn crash(&mut self) {
        self.fail_sync_after = None;
        let survive = self.random.usize(..=self.names_pending.len());
        let changes = std::mem::take(&mut self.names_pending);
        changes[..survive].iter().for_each(|change| apply(&mut self.names_durable, change));
        self.names = self.names_durable.clone();
        for file in &mut self.files {
            if self.random.bool() {
                file.durable.resize(file.cache.len(), 0);
            }
            // Some crashes lose everything, some almost nothing, most tear.
            let chance = self.random.f64() * 1.4 - 0.2;
            for sector in std::mem::take(&mut file.dirty) {
                if self.random.f64() < chance {
                    copy_sector(&mut file.durable, &file.cache, sector);
                }
            }
            file.cache = file.durable.clone();
        }
        self.kill();
    }

    pub(super) fn kill(&mut self) {
        self.power_off_after = None;
        self.life += 1;
        self.locks.clear();
        self.forget_nameless();
    }

    /// Files without a name were open in the process that ended: nobody can reach them now.
    fn forget_nameless(&mut self) {
        let put = self.names_pending.iter().filter_map(|change| if let NameChange::Put(_, id) = change { Some(*id) } else { None });
        let named: BTreeSet<usize> = self.names.values().chain(self.names_durable.values()).copied().chain(put).collect();
        let nameless = self.files.iter_mut().enumerate().filter(|(id, _)| !named.contains(id));
        nameless.for_each(|(_, file)| *file = Inode::default());
    }

    pub(super) fn flip_bit(&mut self, path: &Path, at: u64, bit: u8) -> io::Result<()> {
        let id = self.find(path)?;
        let file = &mut self.files[id];
        for bytes in [&mut file.cache, &mut file.durable] {
            let byte = bytes.get_mut(at as usize).ok_or_else(|| not_found(path))?;
            *byte ^= 1 << (bit % 8);
        }
        Ok(())
    }

    pub(super) fn lose_sector(&mut self, path: &Path, sector: u64) -> io::Result<()> {
        let id = self.find(path)?;
        let file = &mut self.files[id];
        let start = sector as usize * SECTOR_BYTES;
        for bytes in [&mut file.cache, &mut file.durable] {
            bytes.get_mut(start..start + SECTOR_BYTES).ok_or_else(|| not_found(path))?.fill(0);
        }
        Ok(())
    }

    pub(super) fn bytes_of(&self, path: &Path) -> io::Result<Vec<u8>> {
        Ok(self.files[self.find(path)?].cache.clone())
    }
}

/// Copies one sector of the cache to the disk, as far as the disk's file goes; a sector beyond its end lengthens it.
fn copy_sector(durable: &mut Vec<u8>, cache: &[u8], sector: usize) {
    let start = sector * SECTOR_BYTES;
    let end = (start + SECTOR_BYTES).min(cache.len());
    if start >= end {
        return;
    }
    if durable.len() < end {
        durable.resize(end, 0);
    }
    durable[start..end].copy_from_slice(&cache[start..end]);
}
