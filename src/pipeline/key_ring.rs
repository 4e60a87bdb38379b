//! The keys under which people's texts are sealed: one for each shopper and for each guest, outside the journal, so that destroying one
//! destroys what it sealed wherever copies of it lie.
//!
//! ```text
//! data/keys/master.key   32 random bytes: what all other keys are sealed under; readable by the shop's own user alone
//! data/keys/people.keys  64 bytes: magic (8), the first key's number (8), zeros; then slots of 64 bytes, one for each key by its number: the
//!                        sealed key (60), zeros; a destroyed key is all zeros
//! data/keys/digest.key   32 random bytes: what texts are digested under by which a buyer is recognised; with another one nobody is recognised
//!                        who was known before
//! ```
//!
//! Keys are made in blocks, one sync for each block, before they are needed: nobody who buys waits for a key. A key that was handed out and
//! never used is as good as one that was never made. The first number of a file is drawn, so that a shop whose keys were lost and which starts
//! with new ones gives no number out that old texts name.

use crate::event::sealed::{KeyNumber, TextDigest};
use crate::stdx::crypto::{KEY_BYTES, NoRandomness, SEAL_BYTES, SealingKey, hmac_sha256, random};
use crate::stdx::private_file;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;

const SLOT_BYTES: usize = 64;
const MAGIC: [u8; 8] = *b"SHOPKEY\x01";
/// Keys that are made at once: 64 KiB, one sync.
const BLOCK_KEYS: u64 = 1_024;
/// When no more of them than these are left, the next ones are made.
const AHEAD_KEYS: u64 = 256;
/// Keys held in memory: those of people who are in the shop now.
const CACHED_MAX: usize = 8_192;

const _: () = assert!(KEY_BYTES + SEAL_BYTES <= SLOT_BYTES);

/// Why keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file of a secret is not one, or others may read it.
    #[error("{path}: {reason}")]
    Master {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: &'static str,
    },
    /// The system gives no randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// All keys of a shop.
pub(super) struct KeyRing {
    blocks: Arc<Blocks>,
    /// What digests are made under.
    digest_secret: [u8; KEY_BYTES],
    next: AtomicU64,
    /// Held while a slot is read into the cache or destroyed.
    slots: Mutex<()>,
    cached: RwLock<HashMap<KeyNumber, Arc<SealingKey>>>,
}

/// The file of the keys, to which blocks are added.
struct Blocks {
    path: PathBuf,
    master: SealingKey,
    file: File,
    /// The number of the first slot.
    first: u64,
    /// The number after the last slot.
    end: AtomicU64,
    making: Mutex<()>,
    is_made_ahead: AtomicBool,
}

impl Blocks {
    /// Where the slot of a number stands in the file; none before the first.
    fn place_of(&self, number: u64) -> Option<u64> {
        number.checked_sub(self.first)?.checked_add(1)?.checked_mul(SLOT_BYTES as u64)
    }

    fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire)
    }

    /// Adds blocks until there is a key of this number.
    fn reach(&self, number: u64) -> Result<(), KeyError> {
        if number < self.end() {
            return Ok(());
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        while number >= self.end() {
            self.add()?;
        }
        Ok(())
    }

    fn add(&self) -> Result<(), KeyError> {
        let end = self.end();
        let mut block = Vec::with_capacity(BLOCK_KEYS as usize * SLOT_BYTES);
        for number in end..end + BLOCK_KEYS {
            let mut slot = self.master.seal(&number.to_le_bytes(), &random::<KEY_BYTES>()?);
            slot.resize(SLOT_BYTES, 0);
            block.extend(slot);
        }
        let place = self.place_of(end).unwrap_or(u64::MAX);
        self.file.write_all_at(&block, place).map_err(failed(&self.path))?;
        self.file.sync_all().map_err(failed(&self.path))?;
        self.end.store(end + BLOCK_KEYS, Ordering::Release);
        Ok(())
    }

    /// Makes the next block on a thread of its own when few keys are left. Where it cannot, whoever needs the first of them makes it.
    fn reach_ahead(self: &Arc<Self>, number: u64) {
        let wanted = number.saturating_add(AHEAD_KEYS);
        if wanted < self.end() || self.is_made_ahead.swap(true, Ordering::AcqRel) {
            return;
        }
        let blocks = Arc::clone(self);
        let work = move || {
            if let Err(reason) = blocks.reach(wanted) {
                tracing::warn!(%reason, "keys of people cannot be made ahead");
            }
            blocks.is_made_ahead.store(false, Ordering::Release);
        };
        if let Err(reason) = thread::Builder::new().name("keys-ahead".to_owned()).spawn(work) {
            tracing::warn!(%reason, "no thread to make keys of people ahead");
            self.is_made_ahead.store(false, Ordering::Release);
        }
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("KeyRing(..)")
    }
}

impl KeyRing {
    /// Opens the keys in `folder`, and makes a master key when there is none.
    ///
    /// # Errors
    /// When a file cannot be read or written, others may read the master key, or the system gives no randomness.
    pub(super) fn open(folder: &Path) -> Result<Self, KeyError> {
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
        let path = folder.join("people.keys");
        let master = SealingKey::new(secret(&folder.join("master.key"), path.exists())?);
        let digest_secret = secret(&folder.join("digest.key"), false)?;
        let file = private_file::open_in_place(&path).map_err(failed(&path))?;
        let first = first_number(&file, &path)?;
        let end = first + (file.metadata().map_err(failed(&path))?.len() / SLOT_BYTES as u64).saturating_sub(1);
        let (making, is_made_ahead) = (Mutex::default(), AtomicBool::default());
        let blocks = Arc::new(Blocks { path, master, file, first, end: AtomicU64::new(end), making, is_made_ahead });
        // Which keys of the last block were handed out is not known any more; none is handed out twice.
        Ok(Self { blocks, digest_secret, next: AtomicU64::new(end), slots: Mutex::default(), cached: RwLock::default() })
    }

    /// Whether there are no keys in `folder`, and never were since it was made: nothing can have been sealed under any.
    pub(super) fn is_new(folder: &Path) -> bool {
        std::fs::metadata(folder.join("people.keys")).map_or(true, |file| file.len() <= SLOT_BYTES as u64)
    }

    /// What a text of this kind is recognised by: the same for the same text, and nothing to anybody without the secret.
    pub(super) fn digest(&self, kind: &str, text: &str) -> TextDigest {
        let whole = hmac_sha256(&self.digest_secret, &[kind.as_bytes(), b"\0", text.as_bytes()]);
        let mut half = [0; 16];
        half.copy_from_slice(&whole[..16]);
        TextDigest(half)
    }

    /// A key that nobody has.
    ///
    /// # Errors
    /// When a new block of keys cannot be made.
    pub(super) fn take(&self) -> Result<KeyNumber, KeyError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.blocks.reach(number)?;
        self.blocks.reach_ahead(number);
        Ok(KeyNumber(number))
    }

    /// Whether there is or was a key of that number.
    #[must_use]
    pub(super) fn is_made(&self, number: KeyNumber) -> bool {
        (self.blocks.first..self.blocks.end()).contains(&number.0)
    }

    /// A key; none when it was destroyed, or never made.
    #[must_use]
    pub(super) fn key(&self, number: KeyNumber) -> Option<Arc<SealingKey>> {
        if let Some(key) = self.cached.read().unwrap_or_else(PoisonError::into_inner).get(&number) {
            return Some(Arc::clone(key));
        }
        // The lock is held until the key is cached, so that one destroyed meanwhile cannot come back.
        let _slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let mut slot = [0; SLOT_BYTES];
        self.blocks.file.read_exact_at(&mut slot, self.blocks.place_of(number.0)?).ok()?;
        let bytes = self.blocks.master.open(&number.0.to_le_bytes(), &slot[..KEY_BYTES + SEAL_BYTES])?;
        let key = Arc::new(SealingKey::new(bytes.try_into().ok()?));
        let mut cached = self.cached.write().unwrap_or_else(PoisonError::into_inner);
        if cached.len() >= CACHED_MAX {
            cached.clear();
        }
        cached.insert(number, Arc::clone(&key));
        Some(key)
    }

    /// Destroys keys, on disk before this returns: what they sealed can be read by nobody, ever. Ones that are gone already are no fault.
    ///
    /// # Errors
    /// When the disk refuses; ask again then.
    pub(super) fn destroy(&self, numbers: &[KeyNumber]) -> Result<(), KeyError> {
        if numbers.is_empty() {
            return Ok(());
        }
        let _slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let (blocks, end) = (&self.blocks, self.blocks.end());
        for place in numbers.iter().filter(|number| number.0 < end).filter_map(|number| blocks.place_of(number.0)) {
            blocks.file.write_all_at(&[0; SLOT_BYTES], place).map_err(failed(&blocks.path))?;
        }
        blocks.file.sync_all().map_err(failed(&blocks.path))?;
        let mut cached = self.cached.write().unwrap_or_else(PoisonError::into_inner);
        numbers.iter().for_each(|number| drop(cached.remove(number)));
        Ok(())
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> KeyError + '_ {
    move |source| KeyError::Io { path: path.to_owned(), source }
}

/// The number of the first key of a file; drawn when the file is new.
fn first_number(file: &File, path: &Path) -> Result<u64, KeyError> {
    let wrong = |reason| KeyError::Master { path: path.to_owned(), reason };
    let mut header = [0; SLOT_BYTES];
    if file.metadata().map_err(failed(path))?.len() == 0 {
        // A number that leaves room for all keys there will ever be.
        let first = u64::from_le_bytes(random()?) >> 8;
        header[..8].copy_from_slice(&MAGIC);
        header[8..16].copy_from_slice(&first.to_le_bytes());
        file.write_all_at(&header, 0).map_err(failed(path))?;
        file.sync_all().map_err(failed(path))?;
        return Ok(first);
    }
    file.read_exact_at(&mut header, 0).map_err(failed(path))?;
    let first = header.strip_prefix(&MAGIC).and_then(|rest| rest.first_chunk());
    first.map(|first| u64::from_le_bytes(*first)).ok_or_else(|| wrong("is not a file of keys"))
}

/// A file of 32 random bytes; made when it is not there, unless it `is_needed`.
fn secret(path: &Path, is_needed: bool) -> Result<[u8; KEY_BYTES], KeyError> {
    let wrong = |reason| KeyError::Master { path: path.to_owned(), reason };
    if !path.exists() && is_needed {
        return Err(wrong("is missing; put it back, or remove people.keys too and give up what it opens"));
    }
    if !path.exists() {
        private_file::replace(path, &random::<KEY_BYTES>()?).map_err(failed(path))?;
    }
    if private_file::is_open_to_others(path).map_err(failed(path))? {
        return Err(wrong("others may read this key; chmod 600 it, and take it for known"));
    }
    let bytes = std::fs::read(path).map_err(failed(path))?;
    bytes.try_into().map_err(|_| wrong("is not a key of 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_destroyed_key_is_gone_also_after_a_restart_and_the_others_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let ring = KeyRing::open(folder.path()).expect("opens");
        let (first, second) = (ring.take().expect("a key"), ring.take().expect("a key"));
        let seal = |ring: &KeyRing, number| ring.key(number).map(|key| key.seal(b"", b"text"));
        let sealed = seal(&ring, second);
        assert!(sealed.is_some() && sealed != seal(&ring, first));
        ring.destroy(&[first]).expect("is destroyed");
        ring.destroy(&[first, KeyNumber(1 << 40)]).expect("is gone already");
        assert!(ring.key(first).is_none());
        drop(ring);
        let ring = KeyRing::open(folder.path()).expect("opens");
        assert!(ring.key(first).is_none());
        assert_eq!(seal(&ring, second), sealed);
        let third = ring.take().expect("a key");
        assert!(third > second && ring.key(third).is_some(), "no key is handed out twice");
        let bytes = std::fs::read(folder.path().join("people.keys")).expect("is there");
        let slot = |place: usize| &bytes[(place + 1) * SLOT_BYTES..(place + 2) * SLOT_BYTES];
        assert!(slot(0).iter().all(|byte| *byte == 0) && slot(1).iter().any(|byte| *byte != 0));
    }

    #[test]
    fn keys_are_handed_out_once_from_many_threads_and_over_block_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let ring = KeyRing::open(folder.path()).expect("opens");
        let taken: Vec<KeyNumber> = std::thread::scope(|scope| {
            let takers: Vec<_> =
                (0..3).map(|_| scope.spawn(|| (0..500).map(|_| ring.take().expect("a key")).collect::<Vec<_>>())).collect();
            takers.into_iter().flat_map(|taker| taker.join().expect("ends")).collect()
        });
        let mut numbers = taken.clone();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 1_500);
        // The next block is made before its first key is needed.
        let near_end = ring.blocks.end() - AHEAD_KEYS;
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while ring.blocks.end() <= near_end + AHEAD_KEYS {
            ring.blocks.reach_ahead(near_end);
            assert!(std::time::Instant::now() < deadline, "no block was made ahead");
            thread::yield_now();
        }
        assert!(taken.iter().all(|number| ring.key(*number).is_some()));
    }

    #[test]
    fn a_master_key_that_others_may_read_or_that_is_none_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("master.key");
        drop(KeyRing::open(folder.path()).expect("opens"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("changes");
        assert!(matches!(KeyRing::open(folder.path()), Err(KeyError::Master { .. })));
        private_file::replace(&path, b"short").expect("is written");
        assert!(matches!(KeyRing::open(folder.path()), Err(KeyError::Master { .. })));
        std::fs::remove_file(&path).expect("is removed");
        assert!(matches!(KeyRing::open(folder.path()), Err(KeyError::Master { .. })), "keys without their master are not begun anew");
    }
}
