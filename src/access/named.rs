//! Administrative writes under names that their callers gave them: what was done under one is not done again for a day.
//!
//! What is kept of a write is what its repetition is answered from, and never a secret: the name of a key that was made, the answer of work that
//! was done. Of what was asked for a digest under a secret of the shop is kept, because a plain one of a password could be guessed at.

use crate::event::Document;
use crate::event::used_keys::{OfWrite, UsedKeys};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The digest of what was asked for.
    pub request: Digest,
    /// What was made, when it has a name of its own.
    pub about: Option<String>,
    /// How work was answered, once it was done.
    pub answer: Option<(u16, Document)>,
}

impl OfWrite for Write {
    const COUNT_MAX: usize = WRITES_MAX;
}

/// Every write that is remembered. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub(super) struct Writes(UsedKeys<Write>);

impl Writes {
    pub(super) fn get(&self, name: &Digest) -> Option<&Write> {
        self.0.get(name)
    }

    pub(super) fn begin(&mut self, Named { name, request }: Named, about: Option<String>, at: Timestamp) {
        self.0.keep(name, Write { request, about, answer: None }, at);
    }

    pub(super) fn answer(&mut self, name: &Digest, status: u16, answer: &Document) {
        self.0.change(name, |write| write.answer = Some((status, answer.clone())));
    }

    pub(super) fn forget(&mut self, name: &Digest) {
        self.0.forget(name);
    }
}

/// The same as checkpoints have it.
#[derive(Serialize, Deserialize)]
struct Saved {
    by_name: BTreeMap<Digest, SavedWrite>,
    /// Follows from the above; releases that do not work it out again read it.
    by_age: BTreeSet<(Timestamp, Digest)>,
}

#[derive(Serialize, Deserialize)]
struct SavedWrite {
    request: Digest,
    about: Option<String>,
    answer: Option<(u16, Document)>,
    at: Timestamp,
}

impl From<Saved> for Writes {
    fn from(saved: Saved) -> Self {
        let row = |(name, SavedWrite { request, about, answer, at })| (at, name, Write { request, about, answer });
        Self(saved.by_name.into_iter().map(row).collect())
    }
}

impl From<Writes> for Saved {
    fn from(writes: Writes) -> Self {
        let row = |(at, name, Write { request, about, answer }): (Timestamp, &Digest, &Write)| {
            (*name, SavedWrite { request: *request, about: about.clone(), answer: answer.clone(), at })
        };
        Self { by_name: writes.0.iter().map(row).collect(), by_age: writes.0.iter().map(|(at, name, _)| (at, *name)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::codec;

    #[test]
    fn writes_come_back_from_a_checkpoint_with_their_age() {
        let named = |number: u8| Named { name: [number; 32], request: [7; 32] };
        let mut writes = Writes::default();
        writes.begin(named(2), Some("key".to_owned()), Timestamp(1_000));
        writes.begin(named(1), None, Timestamp(2_000));
        writes.answer(&named(1).name, 201, &Document(b"{}".as_slice().into()));
        let again: Writes = codec::from_bytes(&codec::to_bytes(&writes).expect("is written")).expect("is read");
        assert_eq!(again, writes);
        assert_eq!(again.get(&named(1).name).and_then(|write| write.answer.as_ref()).map(|(status, _)| *status), Some(201));
        writes.forget(&named(1).name);
        assert_eq!(writes.get(&named(1).name), None);
    }

    /// Releases before this one kept the age of a write beside it, and wrote that down.
    #[test]
    fn writes_are_read_as_they_were_always_written() {
        #[derive(Serialize)]
        struct Before {
            by_name: BTreeMap<Digest, WriteBefore>,
            by_age: BTreeSet<(Timestamp, Digest)>,
        }
        #[derive(Serialize)]
        struct WriteBefore {
            request: Digest,
            about: Option<String>,
            answer: Option<(u16, Document)>,
            at: Timestamp,
        }
        let write = WriteBefore { request: [7; 32], about: None, answer: Some((200, Document(b"1".as_slice().into()))), at: Timestamp(5) };
        let before = Before { by_name: [([1; 32], write)].into(), by_age: [(Timestamp(5), [1; 32])].into() };
        let bytes = codec::to_bytes(&before).expect("is written");
        let read: Writes = codec::from_bytes(&bytes).expect("is read");
        assert_eq!(read.get(&[1; 32]).map(|write| write.request), Some([7; 32]));
        assert_eq!(codec::to_bytes(&read).expect("is written"), bytes);
    }
}
