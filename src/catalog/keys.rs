//! Keys under which the catalogue was written to within the last day: what for, and what came of it.
//!
//! A fold over the catalog stream, like everything else here: a key and what was done under it stand in one entry, so whatever is there after a
//! crash is there together. What came of a write is opaque here; whoever answers reads it.

use crate::event::codec::{self, CodecError};
use crate::event::used_keys::{OfWrite, UsedKeys};
use crate::event::{CatalogEvent, Document};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;
use serde::{Deserialize, Serialize};

/// Keys remembered at most.
const KEYS_MAX: usize = 1 << 16;
/// Bytes of answers remembered at most.
const ANSWERS_BYTES_MAX: usize = 32 << 20;

/// A write that was done under a key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyUse {
    /// BLAKE3 of what the key was used for.
    pub body: Digest,
    /// What came of it.
    pub answer: Document,
}

impl OfWrite for KeyUse {
    const COUNT_MAX: usize = KEYS_MAX;
    const BYTES_MAX: usize = ANSWERS_BYTES_MAX;

    fn bytes(&self) -> usize {
        self.answer.0.len()
    }
}

/// All of them. Cloning it is cheap.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeyBook(UsedKeys<KeyUse>);

/// One of them as a checkpoint has it, behind its key.
#[derive(Serialize, Deserialize)]
struct Saved {
    body: Digest,
    answer: Document,
    at: Timestamp,
}

impl KeyBook {
    /// What was done under a key.
    #[must_use]
    pub fn get(&self, key: &Digest) -> Option<&KeyUse> {
        self.0.get(key)
    }

    /// Folds an event; others than those of keys are ignored.
    pub(super) fn apply(&mut self, event: &CatalogEvent, at: Timestamp) {
        let CatalogEvent::KeyUsed { key, body, answer } = event else { return };
        self.0.keep(*key, KeyUse { body: *body, answer: answer.clone() }, at);
    }

    /// Everything as bytes, for a checkpoint.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        let saved = |KeyUse { body, answer }: &KeyUse, at| Saved { body: *body, answer: answer.clone(), at };
        let rows: Vec<(&Digest, Saved)> = self.0.iter().map(|(at, key, used)| (key, saved(used, at))).collect();
        codec::to_bytes(&rows)
    }

    /// Reads what [`KeyBook::to_bytes`] wrote.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let rows: Vec<(Digest, Saved)> = codec::from_bytes(bytes)?;
        Ok(Self(rows.into_iter().map(|(key, Saved { body, answer, at })| (at, key, KeyUse { body, answer })).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_from_a_checkpoint() {
        let mut book = KeyBook::default();
        for (number, answer_bytes) in [(1, 3), (2, 5)] {
            let answer = Document(vec![7; answer_bytes].into());
            book.apply(&CatalogEvent::KeyUsed { key: [number; 32], body: [1; 32], answer }, Timestamp(number.into()));
        }
        let bytes = book.to_bytes().expect("writes");
        let again = KeyBook::from_bytes(&bytes).expect("reads");
        assert_eq!((&again, again.to_bytes().expect("writes")), (&book, bytes));
        assert_eq!(again.get(&[2; 32]).map(|used| used.answer.0.len()), Some(5));
    }
}
