//! Which imported orders and files are in already, so that importing again changes nothing and an interrupted import goes on.

use super::replay::PipelineError;
use crate::event::{ActivityEvent, Events, Progress, Recorded, Stream, codec};
use crate::stdx::digest::{Digest, blake3};
use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// BLAKE3 of a file's bytes.
pub type FileDigest = Digest;

/// Files remembered; the oldest digests in byte order go first beyond that, which costs a repeated import its shortcut only.
const FILES_MAX: usize = 10_000;

/// A fold over the activity stream: references of imported orders (as 64-bit digests) and rows taken from each imported file.
#[derive(Debug, Clone, Default)]
pub struct Receipts {
    orders: RoaringTreemap,
    files: BTreeMap<FileDigest, u64>,
    progress: Progress,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    orders: Vec<u8>,
    files: BTreeMap<FileDigest, u64>,
    progress: Progress,
}

impl Receipts {
    /// Whether an order of that reference was imported before.
    #[must_use]
    pub fn has_order(&self, reference: &str) -> bool {
        self.orders.contains(short_digest(reference))
    }

    /// Rows of that file that were taken before.
    #[must_use]
    pub fn rows_done(&self, file: &FileDigest) -> u64 {
        self.files.get(file).copied().unwrap_or(0)
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    /// Notes one event as if it were durable already; the writer calls it while it decides.
    pub(super) fn note(&mut self, event: &ActivityEvent) {
        match event {
            ActivityEvent::OrderImported { reference, .. } => {
                self.orders.insert(short_digest(reference));
            }
            ActivityEvent::ImportProgressed { file, rows_done } => {
                self.files.insert(*file, *rows_done);
                if self.files.len() > FILES_MAX {
                    self.files.pop_first();
                }
            }
            ActivityEvent::Behaved { .. }
            | ActivityEvent::Searched { .. }
            | ActivityEvent::Recommended { .. }
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
        events.iter().for_each(|event| self.note(event));
        self.progress.advance(Stream::Activity, recorded.offset.plus(1));
    }

    pub(super) fn advance(&mut self, progress: Progress) {
        self.progress = progress;
    }

    pub(super) fn save(&self, path: &Path) -> Result<(), PipelineError> {
        let mut orders = Vec::new();
        self.orders.serialize_into(&mut orders).map_err(PipelineError::file(path))?;
        let saved = Saved { orders, files: self.files.clone(), progress: self.progress };
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
        Ok(Self { orders, files: saved.files, progress: saved.progress })
    }
}

fn short_digest(reference: &str) -> u64 {
    let digest = blake3(&[reference.as_bytes()]);
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
