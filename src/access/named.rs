//! Administrative writes under names that their callers gave them: what was done under one is not done again for a day.
//!
//! What is kept of a write is what its repetition is answered from, and never a secret: the name of a key that was made, the answer of work that
//! was done. Of what was asked for a digest under a secret of the shop is kept, because a plain one of a password could be guessed at.

use crate::event::{Document, KEY_KEPT_MS};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};

/// Writes that are remembered; beyond it the oldest go early.
const WRITES_MAX: usize = 4_096;
/// Longest answer that is kept; work with a longer one is known to be done and is not answered again.
pub const ANSWER_BYTES_MAX: usize = 16 << 10;

/// A write as its caller names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// The digest of the name.
    pub name: Digest,
    /// The digest of what is asked for, under a secret of the shop.
    pub request: Digest,
}

/// What is kept of a write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// The digest of what was asked for.
    pub request: Digest,
    /// What was made, when it has a name of its own.
    pub about: Option<String>,
    /// How work was answered, once it was done.
    pub answer: Option<(u16, Document)>,
    at: Timestamp,
}

/// Every write that is remembered. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Writes {
    by_name: OrdMap<Digest, Write>,
    by_age: OrdSet<(Timestamp, Digest)>,
}

impl Writes {
    pub(super) fn get(&self, name: &Digest) -> Option<&Write> {
        self.by_name.get(name)
    }

    pub(super) fn begin(&mut self, named: Named, about: Option<String>, at: Timestamp) {
        self.forget(&named.name);
        self.by_name.insert(named.name, Write { request: named.request, about, answer: None, at });
        self.by_age.insert((at, named.name));
        while let Some((since, oldest)) = self.by_age.get_min().copied()
            && (since.plus_ms(KEY_KEPT_MS) <= at || self.by_age.len() > WRITES_MAX)
        {
            self.forget(&oldest);
        }
    }

    pub(super) fn answer(&mut self, name: &Digest, status: u16, answer: &Document) {
        if let Some(write) = self.by_name.get_mut(name) {
            write.answer = Some((status, answer.clone()));
        }
    }

    pub(super) fn forget(&mut self, name: &Digest) {
        if let Some(write) = self.by_name.remove(name) {
            self.by_age.remove(&(write.at, *name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(number: u16) -> Named {
        let mut name = [0; 32];
        name[..2].copy_from_slice(&number.to_be_bytes());
        Named { name, request: [7; 32] }
    }

    #[test]
    fn a_write_is_remembered_for_a_day_and_no_more_than_so_many_are() {
        let mut writes = Writes::default();
        writes.begin(named(0), None, Timestamp(1_000));
        writes.answer(&named(0).name, 201, &Document(b"{}".as_slice().into()));
        assert_eq!(writes.get(&named(0).name).and_then(|write| write.answer.clone()).map(|(status, _)| status), Some(201));
        writes.begin(named(1), None, Timestamp(1_000 + KEY_KEPT_MS - 1));
        assert!(writes.get(&named(0).name).is_some());
        writes.begin(named(2), None, Timestamp(1_000 + KEY_KEPT_MS));
        assert!(writes.get(&named(0).name).is_none() && writes.get(&named(1).name).is_some());
        let now = Timestamp(2 * KEY_KEPT_MS);
        (0..=WRITES_MAX as u16).for_each(|number| writes.begin(named(100 + number), None, now));
        assert_eq!((writes.by_name.len(), writes.by_age.len()), (WRITES_MAX, WRITES_MAX));
        assert!(writes.get(&named(100).name).is_none(), "the oldest went early");
    }
}
