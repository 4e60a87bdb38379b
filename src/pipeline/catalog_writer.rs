//! The one writer of the catalog stream: products are put, patched and removed in batches, durable before the answer.

use super::base_prices;
use super::batches::{append_in_batches, tell_failed};
use super::catalog_write::{CatalogCommand, CatalogWrite, Once, Outcomes, PutOutcome, WriteReceipt, Written, key_used};
use super::checkpoint::{CheckpointFiles, CheckpointWriter};
use super::debt::Debt;
use super::indexer::IndexJob;
use super::options::Options;
use super::projector::Durable;
use super::queue::{Reply, Unavailable, Waited, next_batch};
use super::trade_job::TradeJob;
use crate::catalog::{CatalogStore, Change, PatchError, SettingCommand, SettingOutcome};
use crate::event::trade::pricing::BasePrice;
use crate::event::{CatalogEvent, Document, Entry, Events, Projection, Recorded, codec};
use crate::id::{Offset, Ordinal};
use crate::journal::{Durability, Journal};
use crate::search::merchandising::Settings;
use crate::stdx::bell::Bell;
use crate::stdx::clock::{Clock, Timestamp};
use crate::stdx::digest::{Digest, blake3};
use crate::stdx::published::Published;
use crossbeam::channel::{Receiver, Sender};
use std::sync::Arc;
use std::time::Duration;

pub(super) type CatalogReply = Reply<Result<Vec<PutOutcome>, Unavailable>>;
pub(super) type WriteReply = Reply<Result<WriteReceipt, Unavailable>>;

/// Gives an answer, or says that the writer has stopped.
type Answering = Box<dyn FnOnce(bool)>;

fn answering<T: 'static>(reply: Reply<Result<T, Unavailable>>, answer: T) -> Answering {
    Box::new(move |stopped| reply(if stopped { Err(Unavailable::Stopped) } else { Ok(answer) }))
}

/// What the catalog writer is asked to do.
pub(super) enum CatalogJob {
    /// Apply changes in order.
    Change { commands: Vec<CatalogCommand>, reply: CatalogReply },
    /// Change products, or rules, synonyms and experiments, in order and once for a key.
    Write { write: CatalogWrite, once: Option<Once>, note: Document, reply: WriteReply },
    /// Finish what is queued, save, and end.
    Stop,
}

/// The writer and everything it owns.
pub(super) struct CatalogWriter {
    pub(super) store: CatalogStore,
    /// Rules and synonyms as searches read them.
    pub(super) settings: Arc<Published<Settings>>,
    /// How far the checkpoint file goes.
    pub(super) saved_up_to: Offset,
    pub(super) journal: Box<dyn Journal + Send>,
    /// Rung when something has become durable.
    pub(super) bell: Arc<Bell>,
    pub(super) projector: Sender<Arc<Durable>>,
    pub(super) indexer: Option<Sender<IndexJob>>,
    /// Where changes of prices are written down.
    pub(super) trade: Sender<TradeJob>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) options: Options,
    pub(super) files: CheckpointFiles,
    /// What the newest checkpoint lacks.
    pub(super) debt: Debt,
}

/// Jobs taken in one go: product batches are long already.
const JOBS_MAX: usize = 16;
/// How long the writer sleeps when nothing is asked of it.
const IDLE_WAIT: Duration = Duration::from_secs(5);

struct Run {
    writer: CatalogWriter,
    stopped: bool,
    checkpoints: CheckpointWriter,
    is_written: bool,
    /// What entries that are not durable yet change in prices.
    repriced: Vec<BasePrice>,
}

impl CatalogWriter {
    /// Works until told to stop.
    pub(super) fn run(self, queue: &Receiver<CatalogJob>) {
        let mut run =
            Run { writer: self, stopped: false, checkpoints: CheckpointWriter::default(), is_written: false, repriced: Vec::new() };
        loop {
            match next_batch(queue, JOBS_MAX, IDLE_WAIT) {
                Waited::Batch(jobs) => {
                    if !run.work(jobs) {
                        break;
                    }
                }
                Waited::Nothing => {}
                Waited::Closed => break,
            }
            run.adopt_written();
        }
        run.save_last();
    }
}

impl Run {
    fn work(&mut self, jobs: Vec<CatalogJob>) -> bool {
        let now = self.writer.clock.now();
        let mut recorded = Vec::new();
        let mut answers: Vec<Answering> = Vec::new();
        let mut go_on = true;
        for job in jobs {
            match job {
                CatalogJob::Change { commands, reply } => {
                    let outcomes = commands.into_iter().map(|command| self.decide(command, now, &mut recorded)).collect::<Vec<_>>();
                    answers.push(answering(reply, outcomes));
                }
                CatalogJob::Write { write, once, note, reply } => {
                    let receipt = self.write(write, once.as_ref(), note, now, &mut recorded);
                    answers.push(answering(reply, receipt));
                }
                CatalogJob::Stop => go_on = false,
            }
        }
        self.keep(recorded);
        answers.into_iter().for_each(|answer| answer(self.stopped));
        if self.writer.debt.is_due(&self.writer.options) {
            self.save();
        }
        go_on
    }

    /// Does a write, unless it was done under its key before; what came of it is kept with it.
    fn write(
        &mut self,
        write: CatalogWrite,
        once: Option<&Once>,
        note: Document,
        at: Timestamp,
        recorded: &mut Vec<Recorded>,
    ) -> WriteReceipt {
        if let Some(known) = once.and_then(|once| self.known(once)) {
            return known;
        }
        let entries_before = recorded.len();
        let outcomes = match write {
            CatalogWrite::Products(commands) => {
                Outcomes::Products(commands.into_iter().map(|command| self.decide(command, at, recorded)).collect())
            }
            CatalogWrite::Settings(commands) => {
                Outcomes::Settings(commands.into_iter().map(|command| self.configure(command, at, recorded)).collect())
            }
        };
        let document = outcomes.only_product().and_then(|ordinal| self.digest_of(ordinal));
        let written = Written { outcomes, document, note };
        if let Some(once) = once {
            self.remember(once, &written, at, recorded, entries_before);
        }
        WriteReceipt::Done(written)
    }

    /// What is known of a key. What was kept is always readable: this release or an earlier one wrote it.
    fn known(&self, once: &Once) -> Option<WriteReceipt> {
        let known = WriteReceipt::of(self.writer.store.working().keys(), once);
        known.unwrap_or_else(|reason| {
            tracing::error!(%reason, "what was kept of a write cannot be read; its key is refused");
            Some(WriteReceipt::Reused)
        })
    }

    /// Keeps what came of a write in the last entry that it made, or in one of its own when it changed nothing.
    fn remember(&mut self, once: &Once, written: &Written, at: Timestamp, recorded: &mut Vec<Recorded>, entries_before: usize) {
        let event = match key_used(once, written) {
            Ok(Some(event)) => event,
            Ok(None) => return,
            Err(reason) => return tracing::error!(%reason, "what came of a write cannot be kept; its key stays free"),
        };
        match recorded.get_mut(entries_before..).and_then(<[Recorded]>::last_mut).map(|entry| &mut entry.events) {
            Some(Events::Catalog(events)) => {
                self.writer.store.note_key(&event, at);
                events.push(event);
            }
            Some(Events::Trade(_) | Events::Activity(_)) | None => self.fold(event, at, recorded),
        }
    }

    fn digest_of(&self, ordinal: Ordinal) -> Option<Digest> {
        self.writer.store.working().document(ordinal).map(|document| blake3(&[&document]))
    }

    /// Decides one change and folds it into the store at once, so that the next one sees it.
    fn decide(&mut self, command: CatalogCommand, at: Timestamp, recorded: &mut Vec<Recorded>) -> PutOutcome {
        let store = &self.writer.store;
        let change = match command {
            CatalogCommand::OnlyOver { document, command } => {
                let held = store.working().ordinal_of(command.id()).and_then(|ordinal| self.digest_of(ordinal));
                return if held == document { self.decide(*command, at, recorded) } else { PutOutcome::Overtaken };
            }
            CatalogCommand::Put(product) => store.decide_put(*product).map_err(PatchError::Refused),
            CatalogCommand::Patch { id, patch } => store.decide_patch(&id, &patch),
            CatalogCommand::Remove { id } => store.decide_remove(&id),
        };
        let event = match change {
            Ok(Change::Event(event)) => event,
            Ok(Change::Unchanged(ordinal)) => return PutOutcome::Unchanged(ordinal),
            Err(PatchError::Unknown) => return PutOutcome::Unknown,
            Err(PatchError::Refused(error)) => return PutOutcome::Rejected { field: error.field, reason: error.reason },
        };
        let outcome = self.outcome_of(&event).unwrap_or(PutOutcome::Unknown);
        self.repriced.extend(base_prices::changed(self.writer.store.working(), &event));
        self.fold(event, at, recorded);
        outcome
    }

    fn configure(&mut self, command: SettingCommand, at: Timestamp, recorded: &mut Vec<Recorded>) -> SettingOutcome {
        let (outcome, event) = self.writer.store.working().settings().decide(command);
        event.into_iter().for_each(|event| self.fold(event, at, recorded));
        outcome
    }

    /// Folds one event into the store as an entry of its own.
    fn fold(&mut self, event: CatalogEvent, at: Timestamp, recorded: &mut Vec<Recorded>) {
        let offset = self.writer.journal.end().plus(recorded.len() as u64);
        let entry = Recorded { offset, at, events: Events::Catalog(vec![event]) };
        self.writer.store.apply(&entry);
        recorded.push(entry);
    }

    /// What an event about a product comes to, before it is folded.
    fn outcome_of(&self, event: &CatalogEvent) -> Option<PutOutcome> {
        let is_live = |ordinal| self.writer.store.working().is_live(ordinal);
        match event {
            CatalogEvent::ProductRemoved { ordinal, .. } => Some(PutOutcome::Removed(*ordinal)),
            CatalogEvent::ProductPut { ordinal, .. } if is_live(*ordinal) => Some(PutOutcome::Updated(*ordinal)),
            CatalogEvent::ProductPut { ordinal, .. } => Some(PutOutcome::Created(*ordinal)),
            CatalogEvent::SettingPut { .. } | CatalogEvent::SettingRemoved { .. } | CatalogEvent::KeyUsed { .. } => None,
        }
    }

    /// Shows searches the rules and synonyms that entries have changed.
    fn publish_settings(&self, recorded: &[Recorded]) {
        let events = recorded.iter().flat_map(|entry| match &entry.events {
            Events::Catalog(events) => events.as_slice(),
            Events::Trade(_) | Events::Activity(_) => &[],
        });
        let mut settings = (*self.writer.settings.take()).clone();
        let changes_count = events.filter(|event| settings.apply(event)).count();
        if changes_count > 0 {
            self.writer.settings.swap(settings);
        }
    }

    fn keep(&mut self, recorded: Vec<Recorded>) {
        if recorded.is_empty() || self.stopped {
            return;
        }
        let written = match append(self.writer.journal.as_mut(), &recorded) {
            Ok(written) => written,
            Err(reason) => {
                tell_failed("catalog", &reason, "no more product changes are taken");
                self.stopped = true;
                return;
            }
        };
        self.writer.debt.add(written);
        metrics::histogram!("shopkeeper_journal_batch_entries", "stream" => "catalog").record(recorded.len() as f64);
        self.writer.store.publish();
        self.publish_settings(&recorded);
        self.writer.bell.ring();
        base_prices::tell(&self.writer.trade, &std::mem::take(&mut self.repriced));
        let durable = Arc::new(Durable { recorded, available: Vec::new(), written });
        let told_indexer = self.writer.indexer.as_ref().is_none_or(|indexer| indexer.send(IndexJob::Changed(durable.clone())).is_ok());
        if self.writer.projector.send(durable).is_err() || !told_indexer {
            tracing::error!("a projection has ended before the catalog writer");
        }
    }

    /// Writes a checkpoint of the published snapshot while the writer goes on.
    fn save(&mut self) {
        if self.stopped || self.checkpoints.is_busy() {
            return;
        }
        self.writer.debt = Debt::default();
        let (snapshot, path) = (self.writer.store.reader().take(), self.writer.files.catalog());
        self.writer.saved_up_to = snapshot.progress().catalog;
        self.checkpoints.start("catalog", move || snapshot.save(&path));
        self.is_written = true;
    }

    /// Once a checkpoint is written its documents are mapped, and their memory goes back.
    fn adopt_written(&mut self) {
        if !self.is_written || self.checkpoints.is_busy() {
            return;
        }
        self.is_written = false;
        self.checkpoints.finish();
        match self.writer.store.adopt(&self.writer.files.catalog()) {
            Ok(()) => self.writer.store.publish(),
            Err(reason) => tracing::warn!(%reason, "the catalog checkpoint could not be mapped; documents stay in memory"),
        }
    }

    fn save_last(&mut self) {
        self.checkpoints.finish();
        if self.writer.store.progress().catalog > self.writer.saved_up_to {
            self.save();
            self.checkpoints.finish();
        }
    }
}

fn append(journal: &mut dyn Journal, recorded: &[Recorded]) -> Result<Debt, String> {
    let encode = |entry: &Recorded| match &entry.events {
        Events::Catalog(events) => codec::encode(&Entry { at: entry.at, events: events.clone() }),
        Events::Trade(_) | Events::Activity(_) => Err(codec::CodecError::Empty),
    };
    let records: Vec<Vec<u8>> = recorded.iter().map(encode).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let end = journal.end();
    append_in_batches(journal, end, &records, Durability::Synced)
}
