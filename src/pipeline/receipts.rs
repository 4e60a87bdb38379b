//! Which imported orders and files are in already, so that importing again changes nothing and an interrupted import goes on; and which
//! behaviour was told under a caller's key within the last day.

use super::imported::{FileReceipt, ImportedFiles};
use super::replay::PipelineError;
use crate::event::used_keys::{OfWrite, UsedKeys};
use crate::event::{ActivityEvent, Events, Progress, Recorded, Stream, codec};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{Digest, blake3};
use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// BLAKE3 of a file's bytes.
pub type FileDigest = Digest;

/// Keys remembered at most.
const KEYS_MAX: usize = 1 << 18;

/// The digest of what was told under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told(Digest);

impl OfWrite for Told {
    const COUNT_MAX: usize = KEYS_MAX;
}

/// What is known of a caller's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyReceipt {
    /// Nothing.
    Fresh,
    /// The same was told under it before.
    Repeated,
    /// Something else was told under it.
    Reused,
}

/// A fold over the activity stream: references of imported orders (as 64-bit digests) and what became of the rows of each imported file.
#[derive(Debug, Clone, Default)]
pub struct Receipts {
    orders: RoaringTreemap,
    files: ImportedFiles,
    /// What was told under each key.
    keys: UsedKeys<Told>,
    progress: Progress,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    orders: Vec<u8>,
    /// Rows read of each file, which is all that earlier releases wrote and read.
    files: BTreeMap<FileDigest, u64>,
    #[serde(default)]
    receipts: Vec<(FileDigest, FileReceipt)>,
    /// When, the key, what was told.
    #[serde(default)]
    keys: Vec<(Timestamp, Digest, Digest)>,
    progress: Progress,
}

impl Receipts {
    /// Whether an order of that reference was imported before.
    #[must_use]
    pub fn has_order(&self, reference: &str) -> bool {
        self.orders.contains(short_digest(reference))
    }

    /// What became of the rows of that file before.
    #[must_use]
    pub fn file(&self, file: &FileDigest) -> FileReceipt {
        self.files.get(file)
    }

    /// What is known of a key under which `body` is to be told.
    #[must_use]
    pub fn key(&self, key: &Digest, body: &Digest) -> KeyReceipt {
        match self.keys.get(key) {
            None => KeyReceipt::Fresh,
            Some(Told(told)) if told == body => KeyReceipt::Repeated,
            Some(_) => KeyReceipt::Reused,
        }
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    /// Notes one event, which is taken at that time, as if it were durable already; the writer calls it while it decides.
    pub(super) fn note(&mut self, event: &ActivityEvent, at: Timestamp) {
        match event {
            ActivityEvent::OrderImported { reference, .. } => {
                self.orders.insert(short_digest(reference));
            }
            ActivityEvent::ImportProgressed { file, rows_done, refusals } => self.files.note(*file, *rows_done, refusals.as_ref()),
            ActivityEvent::KeyUsed { key, body } => self.keys.keep(*key, Told(*body), at),
            ActivityEvent::Behaved { .. }
            | ActivityEvent::Searched { .. }
            | ActivityEvent::Recommended { .. }
            | ActivityEvent::Exposed { .. }
            | ActivityEvent::OrderNoted { .. }
            | ActivityEvent::CancellationNoted { .. }
            | ActivityEvent::ShopperErased { .. } => {}
        }
    }

    pub(super) fn apply(&mut self, recorded: &Recorded) {
        let Events::Activity(events) = &recorded.events else { return };
        if recorded.offset < self.progress.activity {
            return;
        }
        events.iter().for_each(|event| self.note(event, recorded.at));
        self.progress.advance(Stream::Activity, recorded.offset.plus(1));
    }

    pub(super) fn advance(&mut self, progress: Progress) {
        self.progress = progress;
    }

    pub(super) fn save(&self, path: &Path) -> Result<(), PipelineError> {
        let mut orders = Vec::new();
        self.orders.serialize_into(&mut orders).map_err(PipelineError::file(path))?;
        let keys = self.keys.iter().map(|(at, key, Told(body))| (at, *key, *body)).collect();
        let files = self.files.iter().map(|(file, receipt)| (*file, receipt.rows_done)).collect();
        let receipts = self.files.iter().map(|(file, receipt)| (*file, receipt.clone())).collect();
        let saved = Saved { orders, files, receipts, keys, progress: self.progress };
        let bytes = codec::to_bytes(&saved).map_err(|error| PipelineError::Checkpoint(error.to_string()))?;
        crate::stdx::mapped::write_sections(path, *b"rcpt", &[&bytes]).map_err(|error| PipelineError::Checkpoint(error.to_string()))
    }

    pub(super) fn load(path: &Path) -> Result<Self, PipelineError> {
        let damaged = |what: String| PipelineError::Checkpoint(what);
        let file = crate::stdx::mapped::MappedFile::open(path, *b"rcpt").map_err(|error| damaged(error.to_string()))?;
        file.verify().map_err(|error| damaged(error.to_string()))?;
        let bytes = file.bytes(0).map_err(|error| damaged(error.to_string()))?;
        let saved: Saved = codec::from_bytes(bytes).map_err(|error| damaged(error.to_string()))?;
        let orders = RoaringTreemap::deserialize_from(saved.orders.as_slice()).map_err(PipelineError::file(path))?;
        let keys = saved.keys.into_iter().map(|(at, key, body)| (at, key, Told(body))).collect();
        Ok(Self { orders, files: ImportedFiles::of(saved.files, saved.receipts), keys, progress: saved.progress })
    }
}

fn short_digest(reference: &str) -> u64 {
    let digest = blake3(&[reference.as_bytes()]);
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_what_was_told_under_it_and_comes_back_from_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("receipts.bin");
        let mut receipts = Receipts::default();
        let used = |key: u8, body: u8| ActivityEvent::KeyUsed { key: [key; 32], body: [body; 32] };
        receipts.note(&used(1, 1), Timestamp(1_000));
        receipts.note(&used(2, 2), Timestamp(2_000));
        receipts.save(&path).expect("is written");
        let receipts = Receipts::load(&path).expect("is read");
        let known = |receipts: &Receipts, key: u8, body: u8| receipts.key(&[key; 32], &[body; 32]);
        assert_eq!(
            [known(&receipts, 1, 1), known(&receipts, 1, 2), known(&receipts, 3, 1)],
            [KeyReceipt::Repeated, KeyReceipt::Reused, KeyReceipt::Fresh]
        );
    }
}
