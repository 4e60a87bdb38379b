//! Keys under which the catalogue was written to within the last day: what for, and what came of it.
//!
//! A fold over the catalog stream, like everything else here: a key and what was done under it stand in one entry, so whatever is there after a
//! crash is there together. What came of a write is opaque here; whoever answers reads it.

use crate::event::codec::{self, CodecError};
use crate::event::{CatalogEvent, Document, KEY_KEPT_MS};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;
use imbl::{HashMap, OrdSet};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Keys remembered at most; beyond it the oldest go early, so that a flood cannot fill the memory.
const KEYS_MAX: usize = 1 << 16;
/// Bytes of answers remembered at most, likewise.
const ANSWERS_BYTES_MAX: usize = 32 << 20;

/// A write that was done under a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyUse {
    /// BLAKE3 of what the key was used for.
    pub body: Digest,
    /// What came of it.
    pub answer: Document,
    at: Timestamp,
}

/// All of them. Cloning it is cheap.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeyBook {
    uses: HashMap<Digest, Arc<KeyUse>>,
    by_age: OrdSet<(Timestamp, Digest)>,
    answers_bytes: usize,
}

impl KeyBook {
    /// What was done under a key.
    #[must_use]
    pub fn get(&self, key: &Digest) -> Option<&KeyUse> {
        self.uses.get(key).map(Arc::as_ref)
    }

    /// Folds an event; others than those of keys are ignored.
    pub(super) fn apply(&mut self, event: &CatalogEvent, at: Timestamp) {
        let CatalogEvent::KeyUsed { key, body, answer } = event else { return };
        self.keep(*key, KeyUse { body: *body, answer: answer.clone(), at });
        while let Some((since, oldest)) = self.by_age.get_min()
            && (since.plus_ms(KEY_KEPT_MS) <= at || self.uses.len() > KEYS_MAX || self.answers_bytes > ANSWERS_BYTES_MAX)
        {
            let oldest = *oldest;
            self.forget(&oldest);
        }
    }

    fn keep(&mut self, key: Digest, used: KeyUse) {
        self.forget(&key);
        self.answers_bytes += used.answer.0.len();
        self.by_age.insert((used.at, key));
        self.uses.insert(key, Arc::new(used));
    }

    fn forget(&mut self, key: &Digest) {
        if let Some(used) = self.uses.remove(key) {
            self.answers_bytes -= used.answer.0.len();
            self.by_age.remove(&(used.at, *key));
        }
    }

    /// Everything as bytes, for a checkpoint.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        let rows: Vec<(&Digest, &KeyUse)> = self.by_age.iter().filter_map(|(_, key)| Some((key, self.get(key)?))).collect();
        codec::to_bytes(&rows)
    }

    /// Reads what [`KeyBook::to_bytes`] wrote.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let rows: Vec<(Digest, KeyUse)> = codec::from_bytes(bytes)?;
        let mut book = Self::default();
        rows.into_iter().for_each(|(key, used)| book.keep(key, used));
        Ok(book)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(number: usize) -> Digest {
        crate::stdx::digest::blake3(&[&number.to_le_bytes()])
    }

    fn used(book: &mut KeyBook, number: usize, answer_bytes: usize, at: i64) {
        let answer = Document(vec![7; answer_bytes].into());
        book.apply(&CatalogEvent::KeyUsed { key: key_of(number), body: [1; 32], answer }, Timestamp(at));
    }

    #[test]
    fn a_key_is_remembered_for_a_day_and_comes_back_from_a_checkpoint() {
        let mut book = KeyBook::default();
        used(&mut book, 1, 3, 1_000);
        used(&mut book, 2, 5, 2_000);
        let again = KeyBook::from_bytes(&book.to_bytes().expect("writes")).expect("reads");
        assert_eq!((&again, again.answers_bytes), (&book, 8));
        used(&mut book, 3, 1, 1_000 + KEY_KEPT_MS);
        let known = |book: &KeyBook, number| book.get(&key_of(number)).is_some();
        assert_eq!([1, 2, 3].map(|number| known(&book, number)), [false, true, true]);
        assert_eq!(book.answers_bytes, 6);
    }

    #[test]
    fn neither_many_keys_nor_long_answers_fill_the_memory() {
        let mut book = KeyBook::default();
        (0..KEYS_MAX + 2).for_each(|number| used(&mut book, number, 0, number as i64));
        assert_eq!((book.uses.len(), book.by_age.len()), (KEYS_MAX, KEYS_MAX));
        assert_eq!([1, 2].map(|number| book.get(&key_of(number)).is_some()), [false, true]);
        used(&mut book, KEYS_MAX + 2, ANSWERS_BYTES_MAX, KEYS_MAX as i64 + 2);
        used(&mut book, KEYS_MAX + 3, 1, KEYS_MAX as i64 + 3);
        assert_eq!((book.uses.len(), book.answers_bytes), (1, 1));
    }
}
