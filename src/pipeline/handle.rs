//! The pipeline from outside: offers commands to the writers, and brings them to an end in order.

use super::access_writer::{AccessJob, AccessReply};
use super::activity_writer::ActivityJob;
use super::catalog_write::{CatalogCommand, CatalogWrite, NOTE_BYTES_MAX, Once, PutOutcome, WriteReceipt};
use super::catalog_writer::CatalogJob;
use super::imported::FileReceipt;
use super::indexer::{self, IndexCommand, IndexJob, IndexReply};
use super::people::{People, SealError};
use super::queue::{Reply, Unavailable, offer};
use super::rebuild::RebuildReply;
use super::receipts::{FileDigest, KeyReceipt};
use super::replay::{PipelineError, spawn};
use super::trade_job::{TradeAnswer, TradeError, TradeJob};
use crate::access::AccessCommand;
use crate::event::trade::NoticeDigest;
use crate::event::{ActivityEvent, Document};
use crate::id::PaymentId;
use crate::payment::Notice;
use crate::search::SearchError;
use crate::stdx::digest::{Digest, blake3};
use crate::stdx::published::Published;
use crate::trade::{Command, State};
use crossbeam::channel::Sender;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Most product changes in one call.
pub const CATALOG_BATCH_MAX: usize = 10_000;
/// Most behaviour events in one call.
pub const ACTIVITY_BATCH_MAX: usize = 10_000;

/// The threads of a pipeline: writers end first, then those who follow them.
#[derive(Default)]
pub(super) struct Threads {
    writers: Vec<JoinHandle<()>>,
    followers: Vec<JoinHandle<()>>,
    /// Dropped to end followers that wait for nothing else.
    stoppers: Vec<Sender<()>>,
}

impl Threads {
    pub(super) fn start_writer(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), PipelineError> {
        self.writers.push(spawn(name, work)?);
        Ok(())
    }

    pub(super) fn start_follower(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), PipelineError> {
        self.followers.push(spawn(name, work)?);
        Ok(())
    }

    /// A follower that ends when `stopper` is dropped.
    pub(super) fn end_by(&mut self, stopper: Sender<()>) {
        self.stoppers.push(stopper);
    }
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        let name = thread.thread().name().unwrap_or("?").to_owned();
        if thread.join().is_err() {
            tracing::error!(name, "a pipeline thread panicked");
        }
    }
}

/// The ways in, one for each thread that is asked.
pub(super) struct Queues {
    pub(super) trade: Sender<TradeJob>,
    pub(super) catalog: Sender<CatalogJob>,
    pub(super) activity: Sender<ActivityJob>,
    pub(super) access: Sender<AccessJob>,
    pub(super) indexer: Option<Sender<IndexJob>>,
    pub(super) rebuild: Sender<RebuildReply>,
}

/// What seals the texts of commands about people before they are queued.
pub(super) struct Sealing {
    pub(super) people: Arc<People>,
    pub(super) trade: Arc<Published<State>>,
}

impl Sealing {
    fn seal(&self, command: &mut Command) -> Result<(), TradeError> {
        self.people.seal(&mut command.action, &self.trade.take()).map_err(|error| match error {
            SealError::Rejected(rejection) => rejection.into(),
            SealError::Keys(error) => {
                tracing::error!(%error, "a text about somebody cannot be sealed, so it is not taken");
                Unavailable::Stopped.into()
            }
        })
    }
}

/// A running pipeline. All calls return at once; answers come through the reply.
pub struct Pipeline {
    queues: Queues,
    sealing: Sealing,
    threads: Mutex<Option<Threads>>,
}

impl Pipeline {
    pub(super) fn new(queues: Queues, sealing: Sealing, threads: Threads) -> Self {
        Self { queues, sealing, threads: Mutex::new(Some(threads)) }
    }

    /// Asks the trade engine. With `wait_for_payment` the answer comes when the provider has answered, or when it took too long.
    pub fn trade(&self, mut command: Command, wait_for_payment: bool, reply: Reply<Result<TradeAnswer, TradeError>>) {
        if let Err(refused) = self.sealing.seal(&mut command) {
            return reply(Err(refused));
        }
        let job = TradeJob::Command { command: Box::new(command), wait_for_payment, reply };
        if let Err((TradeJob::Command { reply, .. }, unavailable)) = offer(&self.queues.trade, job) {
            reply(Err(unavailable.into()));
        }
    }

    /// Takes what a provider told of, after its signature was found right; answers when that is durable. The same event is heard once.
    pub fn notice(&self, provider: &str, notice: Notice, reply: Reply<Result<TradeAnswer, TradeError>>) {
        let digest = blake3(&[provider.as_bytes(), b"/", notice.event.as_str().as_bytes()]);
        let (kept, _) = digest.split_at(16);
        let digest = NoticeDigest(kept.try_into().unwrap_or_default());
        let job = match (notice.payment, notice.provider_reference) {
            (None, Some(provider_reference)) => {
                TradeJob::Notice { provider: provider.to_owned(), notice: digest, provider_reference, reply }
            }
            (payment, _) => TradeJob::Heard { notice: digest, payment, reply },
        };
        if let Err((TradeJob::Notice { reply, .. } | TradeJob::Heard { reply, .. }, unavailable)) = offer(&self.queues.trade, job) {
            reply(Err(unavailable.into()));
        }
    }

    /// Looks up now how a payment stands at its provider: its shopper says that they have acted. What comes of it is seen later.
    pub fn look_now(&self, payment: PaymentId) {
        if offer(&self.queues.trade, TradeJob::LookNow { payment }).is_err() {
            tracing::debug!("too much is waiting; the payment is looked up in its turn");
        }
    }

    /// Changes products, in order; at most [`CATALOG_BATCH_MAX`] in one call.
    pub fn catalog(&self, commands: Vec<CatalogCommand>, reply: Reply<Result<Vec<PutOutcome>, Unavailable>>) {
        assert!(commands.len() <= CATALOG_BATCH_MAX, "callers bound their batches");
        if let Err((CatalogJob::Change { reply, .. }, unavailable)) = offer(&self.queues.catalog, CatalogJob::Change { commands, reply }) {
            reply(Err(unavailable));
        }
    }

    /// Changes products, or rules, synonyms and experiments, in order and once for a key; at most [`CATALOG_BATCH_MAX`] changes and
    /// [`NOTE_BYTES_MAX`] bytes that are told again in one call. Rules, synonyms and experiments hold for every search from the answer on.
    pub fn write_catalog(&self, write: CatalogWrite, once: Option<Once>, note: Document, reply: Reply<Result<WriteReceipt, Unavailable>>) {
        let count = match &write {
            CatalogWrite::Products(commands) => commands.len(),
            CatalogWrite::Settings(commands) => commands.len(),
        };
        assert!(count <= CATALOG_BATCH_MAX && note.0.len() <= NOTE_BYTES_MAX, "callers bound their batches");
        let job = CatalogJob::Write { write, once, note, reply };
        if let Err((CatalogJob::Write { reply, .. }, unavailable)) = offer(&self.queues.catalog, job) {
            reply(Err(unavailable));
        }
    }

    /// Keeps behaviour as one entry; at most [`ACTIVITY_BATCH_MAX`] events in one call. Answers how many were new.
    pub fn activity(&self, events: Vec<ActivityEvent>, reply: Reply<Result<u64, Unavailable>>) {
        assert!(events.len() <= ACTIVITY_BATCH_MAX, "callers bound their batches");
        if let Err((ActivityJob::Record { reply, .. }, unavailable)) = offer(&self.queues.activity, ActivityJob::Record { events, reply }) {
            reply(Err(unavailable));
        }
    }

    /// Keeps behaviour as one entry, once for each key; at most [`ACTIVITY_BATCH_MAX`] events in one call. `body` is the digest of what is told:
    /// with another one under a known key nothing is kept.
    pub fn activity_once(&self, events: Vec<ActivityEvent>, key: Digest, body: Digest, reply: Reply<Result<KeyReceipt, Unavailable>>) {
        assert!(events.len() < ACTIVITY_BATCH_MAX, "callers bound their batches");
        let job = ActivityJob::RecordOnce { events, key, body, reply };
        if let Err((ActivityJob::RecordOnce { reply, .. }, unavailable)) = offer(&self.queues.activity, job) {
            reply(Err(unavailable));
        }
    }

    /// Changes keys and administrators, or writes down what one of them did; answers when that is durable.
    pub fn access(&self, command: AccessCommand, reply: AccessReply) {
        let job = AccessJob::Command { command: Box::new(command), reply };
        if let Err((AccessJob::Command { reply, .. }, unavailable)) = offer(&self.queues.access, job) {
            reply(Err(unavailable.into()));
        }
    }

    /// What became of the rows of a file before.
    pub fn file_receipt(&self, file: FileDigest, reply: Reply<FileReceipt>) {
        if let Err((ActivityJob::FileReceipt { reply, .. }, _)) = offer(&self.queues.activity, ActivityJob::FileReceipt { file, reply }) {
            reply(FileReceipt::default());
        }
    }

    /// Builds, promotes or rolls back an index generation.
    pub fn index(&self, command: IndexCommand, reply: IndexReply) {
        match &self.queues.indexer {
            Some(queue) => indexer::send(queue, command, reply),
            None => reply(Err(SearchError::Index("the shop was opened without an index".to_owned()))),
        }
    }

    /// Counts relations anew from what is remembered of all shoppers, and swaps the exact tables in; answers when that is done.
    pub fn rebuild_relations(&self, reply: RebuildReply) {
        if let Err((reply, unavailable)) = offer(&self.queues.rebuild, reply) {
            reply(Err(unavailable));
        }
    }

    /// Jobs waiting in front of the trade, catalog and activity writers.
    pub fn queued(&self) -> [usize; 3] {
        [self.queues.trade.len(), self.queues.catalog.len(), self.queues.activity.len()]
    }

    /// Lets the writers finish what is queued, writes checkpoints, and waits for every thread but those that wait for a payment provider. Later calls are answered "stopped".
    pub fn stop(&self) {
        let Some(threads) = self.threads.lock().ok().and_then(|mut threads| threads.take()) else { return };
        drop(threads.stoppers);
        let told = [
            self.queues.trade.send(TradeJob::Stop).is_ok(),
            self.queues.catalog.send(CatalogJob::Stop).is_ok(),
            self.queues.activity.send(ActivityJob::Stop).is_ok(),
            self.queues.access.send(AccessJob::Stop).is_ok(),
        ];
        join(threads.writers);
        let told_indexer = self.queues.indexer.as_ref().is_none_or(|indexer| indexer.send(IndexJob::Stop).is_ok());
        join(threads.followers);
        if told.contains(&false) || !told_indexer {
            tracing::error!("a pipeline thread had ended before it was told to");
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.stop();
    }
}
