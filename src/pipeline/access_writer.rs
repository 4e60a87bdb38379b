//! The one writer of the access journal: keys, administrators, and what was done, durable before the answer.
//!
//! It is a journal of its own beside the three streams: no projection folds it, nobody who follows the shop is told of it, and it stays when
//! a stream is discarded.

use super::batches::{append_in_batches, tell_failed};
use super::checkpoint::{CheckpointFiles, warn_unless};
use super::folders::Folders;
use super::key_ring::KeyError;
use super::queue::{Reply, Unavailable, Waited, next_batch};
use super::replay::PipelineError;
use crate::access::{AccessCommand, AccessRefusal, Book, Named, Signer, decide};
use crate::event::{AccessEvent, Entry, codec};
use crate::id::{KeyId, Offset};
use crate::journal::{DataLock, Durability, Journal, JournalError, JournalReader, SegmentJournal};
use crate::stdx::clock::{Clock, Timestamp};
use crate::stdx::crypto::{KEY_BYTES, SealingKey, hmac_sha256, random};
use crate::stdx::digest::Digest;
use crate::stdx::mapped::{MappedFile, write_sections};
use crate::stdx::private_file;
use crate::stdx::published::Published;
use crossbeam::channel::Receiver;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The journal's name.
pub const ACCESS_JOURNAL: &str = "access";
/// Commands that may wait; more are told to come back.
pub(super) const QUEUE_LEN_MAX: usize = 4_096;
const BATCH_LEN_MAX: usize = 1_024;
/// How often keys that were used are told of.
const USES_EVERY: Duration = Duration::from_secs(60);
/// A key whose last use is known to within so long is not told of again.
const USE_STEP_MS: i64 = 10 * 60 * 1_000;
/// Entries folded since the last checkpoint after which the next one is written.
const CHECKPOINT_ENTRIES: u64 = 10_000;
const CHECKPOINT_KIND: [u8; 4] = *b"accs";

pub(super) type AccessReply = Reply<Result<(), AccessError>>;

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// It does not fit what there is.
    #[error(transparent)]
    Refused(#[from] AccessRefusal),
    /// Not now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// What the writer is asked to do.
pub(super) enum AccessJob {
    /// Decide a command and keep what comes of it.
    Command { command: Box<AccessCommand>, reply: AccessReply },
    /// Finish what is queued, save, and end.
    Stop,
}

/// Entries of the access journal with their offsets, and where to go on.
pub type AccessPage = (Vec<(Offset, Entry<AccessEvent>)>, Offset);

/// Keys and administrators as requests see them, and the secrets that the shop signs and seals with.
pub struct Access {
    book: Arc<Published<Book>>,
    reader: JournalReader,
    /// When each key was used last; written down now and then.
    uses: Mutex<HashMap<KeyId, Timestamp>>,
    signer: Signer,
    sealing: SealingKey,
    requests: [u8; KEY_BYTES],
}

impl Access {
    /// Every key and administrator, at the newest moment.
    #[must_use]
    pub fn book(&self) -> Arc<Book> {
        self.book.take()
    }

    /// Signs and reads names of shoppers.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Seals what has to be kept and read again.
    #[must_use]
    pub fn sealing(&self) -> &SealingKey {
        &self.sealing
    }

    /// A write as its caller names it, with a digest of its request that nobody without the shop's secret can guess at.
    #[must_use]
    pub fn named(&self, name: Digest, request: &Digest) -> Named {
        Named { name, request: hmac_sha256(&self.requests, &[request]) }
    }

    /// Remembers that a key was used.
    pub fn note_use(&self, key: &KeyId, now: Timestamp) {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        match uses.get_mut(key) {
            Some(at) => *at = now.max(*at),
            None => drop(uses.insert(key.clone(), now)),
        }
    }

    /// When a key was used last, to the moment if that was since the start.
    #[must_use]
    pub fn used_at(&self, key: &KeyId) -> Option<Timestamp> {
        let uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        uses.get(key).copied().max(self.book().key(key).and_then(|key| key.used_at))
    }

    /// At most `limit` entries from `from` on, with their offsets; and where to go on.
    ///
    /// # Errors
    /// When the journal cannot be read there.
    pub fn entries(&self, from: Offset, limit: usize) -> Result<AccessPage, JournalError> {
        let mut entries = Vec::new();
        let next = self.reader.read(from, &mut |offset, bytes| {
            match codec::decode_entry(bytes) {
                Ok(entry) => entries.push((offset, entry)),
                Err(error) => tracing::error!(offset = offset.0, %error, "a record of the access journal cannot be read"),
            }
            if entries.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok((entries, next))
    }

    /// Keys whose last use is further on than what is written down.
    fn uses_to_tell(&self, book: &Book) -> Vec<(KeyId, Timestamp)> {
        let uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = |(key, at): &(&KeyId, &Timestamp)| {
            book.key(key).is_some_and(|key| key.used_at.is_none_or(|known| at.since_ms(known) >= USE_STEP_MS))
        };
        uses.iter().filter(is_news).map(|(key, at)| (key.clone(), *at)).collect()
    }
}

/// The writer and everything it owns.
pub(super) struct AccessWriter {
    access: Arc<Access>,
    book: Book,
    journal: SegmentJournal,
    clock: Arc<dyn Clock>,
    files: CheckpointFiles,
    since_checkpoint: u64,
    is_stopped: bool,
}

impl AccessWriter {
    /// Opens the journal, and folds what the checkpoint does not hold.
    pub(super) fn open(folders: &Folders, lock: &DataLock, clock: Arc<dyn Clock>) -> Result<(Self, Arc<Access>), PipelineError> {
        let failed = |reason: String| PipelineError::Journal { stream: ACCESS_JOURNAL, reason };
        let journal = SegmentJournal::open_named(ACCESS_JOURNAL, crate::journal::Options::default(), lock);
        let journal = journal.map_err(|error| failed(error.to_string()))?;
        let files = CheckpointFiles::under(&folders.checkpoints());
        let mut book = super::replay::loaded(&files.access(), load).unwrap_or_default();
        let (mut damaged, mut folded) = (None, 0);
        let read = journal.read(book.next(), &mut |offset, bytes| match codec::decode_entry::<AccessEvent>(bytes) {
            Ok(entry) => {
                book.apply(offset, &entry.events, entry.at);
                folded += 1;
                ControlFlow::Continue(())
            }
            Err(error) => {
                damaged = Some(format!("record {}: {error}", offset.0));
                ControlFlow::Break(())
            }
        });
        read.map_err(|error| failed(error.to_string()))?;
        if let Some(damaged) = damaged {
            return Err(failed(damaged));
        }
        let secret = secret_of(&folders.keys().join("access.key"))?;
        let access = Arc::new(Access {
            book: Arc::new(Published::new(book.clone())),
            reader: journal.reader(),
            uses: Mutex::default(),
            signer: Signer::new(hmac_sha256(&secret, &[b"signing\0"])),
            sealing: SealingKey::new(hmac_sha256(&secret, &[b"sealing\0"])),
            requests: hmac_sha256(&secret, &[b"requests\0"]),
        });
        Ok((Self { access: Arc::clone(&access), book, journal, clock, files, since_checkpoint: folded, is_stopped: false }, access))
    }

    /// Works until told to stop.
    pub(super) fn run(mut self, queue: &Receiver<AccessJob>) {
        loop {
            match next_batch(queue, BATCH_LEN_MAX, USES_EVERY) {
                Waited::Batch(jobs) => {
                    if !self.work(jobs) {
                        break;
                    }
                }
                Waited::Nothing => self.tell_uses(),
                Waited::Closed => break,
            }
            if self.since_checkpoint >= CHECKPOINT_ENTRIES {
                self.save();
            }
        }
        self.tell_uses();
        if self.since_checkpoint > 0 {
            self.save();
        }
    }

    fn work(&mut self, jobs: Vec<AccessJob>) -> bool {
        let (mut answers, mut entries) = (Vec::new(), Vec::new());
        let mut go_on = true;
        for job in jobs {
            match job {
                AccessJob::Command { command, reply } => match self.decide(*command) {
                    // A repetition writes nothing, and is answered when what it repeats is durable.
                    Ok(entry) => {
                        entries.extend(Some(entry).filter(|entry| !entry.events.is_empty()));
                        answers.push(reply);
                    }
                    Err(refusal) => reply(Err(refusal.into())),
                },
                AccessJob::Stop => go_on = false,
            }
        }
        let outcome = self.keep(&entries);
        answers.into_iter().for_each(|reply| reply(outcome.map_err(AccessError::from)));
        go_on
    }

    /// Decides on what the commands before it in the batch have made of the book.
    fn decide(&mut self, command: AccessCommand) -> Result<Entry<AccessEvent>, AccessRefusal> {
        let at = self.clock.now();
        let events = decide(&self.book, command, at)?;
        if !events.is_empty() {
            self.book.apply(self.book.next(), &events, at);
        }
        Ok(Entry { at, events })
    }

    /// Appends, and only then shows.
    fn keep(&mut self, entries: &[Entry<AccessEvent>]) -> Result<(), Unavailable> {
        if self.is_stopped {
            return Err(Unavailable::Stopped);
        }
        if entries.is_empty() {
            return Ok(());
        }
        if let Err(reason) = append(&mut self.journal, entries) {
            tell_failed(ACCESS_JOURNAL, &reason, "no more administrative writes are taken");
            self.is_stopped = true;
            return Err(Unavailable::Stopped);
        }
        self.since_checkpoint += entries.len() as u64;
        self.access.book.swap(self.book.clone());
        Ok(())
    }

    fn tell_uses(&mut self) {
        let uses = self.access.uses_to_tell(&self.book);
        if uses.is_empty() {
            return;
        }
        let entry = self.decide(AccessCommand::NoteUses(uses));
        if entry.is_ok_and(|entry| self.keep(&[entry]).is_err()) {
            tracing::debug!("when keys were used is not written down any more");
        }
    }

    fn save(&mut self) {
        if !self.is_stopped {
            self.since_checkpoint = 0;
            warn_unless(ACCESS_JOURNAL, save(&self.book, &self.files.access()));
        }
    }
}

fn append(journal: &mut SegmentJournal, entries: &[Entry<AccessEvent>]) -> Result<(), String> {
    let records: Vec<Vec<u8>> = entries.iter().map(codec::encode).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let end = journal.end();
    append_in_batches(journal, end, &records, Durability::Synced).map(drop)
}

fn save(book: &Book, path: &Path) -> Result<(), PipelineError> {
    let failed = |what: String| PipelineError::Checkpoint(what);
    let bytes = codec::to_bytes(book).map_err(|error| failed(error.to_string()))?;
    write_sections(path, CHECKPOINT_KIND, &[&bytes]).map_err(|error| failed(error.to_string()))
}

fn load(path: &Path) -> Result<Book, PipelineError> {
    let failed = |what: String| PipelineError::Checkpoint(what);
    let file = MappedFile::open(path, CHECKPOINT_KIND).map_err(|error| failed(error.to_string()))?;
    file.verify().map_err(|error| failed(error.to_string()))?;
    let bytes = file.bytes(0).map_err(|error| failed(error.to_string()))?;
    codec::from_bytes::<Book>(bytes).map(Book::restored).map_err(|error| failed(error.to_string()))
}

/// The secret that names are signed and codes are sealed under; made when it is missing. Whoever loses it logs shoppers out, and
/// administrators enrol their apps again.
fn secret_of(path: &Path) -> Result<[u8; KEY_BYTES], KeyError> {
    let failed = |source| KeyError::Io { path: path.to_owned(), source };
    let wrong = |reason| KeyError::Master { path: path.to_owned(), reason };
    if !path.exists() {
        private_file::replace(path, &random::<KEY_BYTES>()?).map_err(failed)?;
    }
    if private_file::is_open_to_others(path).map_err(failed)? {
        return Err(wrong("others may read it; remove it, and a new one is made"));
    }
    std::fs::read(path).map_err(failed)?.try_into().map_err(|_| wrong("is not a key"))
}
