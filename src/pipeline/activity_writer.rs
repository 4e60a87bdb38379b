//! The one writer of the activity stream: behaviour is written at once and synced at least every [`Options::activity_sync_ms`].

use super::batches::{append_in_batches, tell_failed};
use super::checkpoint::{CheckpointFiles, CheckpointWriter};
use super::debt::Debt;
use super::imported::FileReceipt;
use super::options::Options;
use super::projector::Durable;
use super::queue::{Reply, Unavailable, Waited, next_batch};
use super::receipts::{FileDigest, KeyReceipt, Receipts};
use crate::event::{ActivityEvent, Entry, Events, Progress, Recorded, Stream, codec};
use crate::journal::{Durability, Journal, RECORD_BYTES_MAX};
use crate::stdx::clock::{Clock, Timestamp};
use crate::stdx::digest::Digest;
use crossbeam::channel::{Receiver, Sender};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// What the activity writer is asked to do.
pub(super) enum ActivityJob {
    /// Keep these events as one entry; imported orders that are known already are left out.
    Record { events: Vec<ActivityEvent>, reply: Reply<Result<u64, Unavailable>> },
    /// Keep these events as one entry, once for each key.
    RecordOnce { events: Vec<ActivityEvent>, key: Digest, body: Digest, reply: Reply<Result<KeyReceipt, Unavailable>> },
    /// Say what became of the rows of a file before.
    FileReceipt { file: FileDigest, reply: Reply<FileReceipt> },
    /// Finish what is queued, save, and end.
    Stop,
}

/// The writer and everything it owns.
pub(super) struct ActivityWriter {
    pub(super) receipts: Receipts,
    pub(super) journal: Box<dyn Journal + Send>,
    pub(super) projector: Sender<Arc<Durable>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) options: Options,
    pub(super) files: CheckpointFiles,
    /// What the newest checkpoint lacks.
    pub(super) debt: Debt,
}

/// Jobs taken in one go.
const JOBS_MAX: usize = 1_024;
/// Pause after a batch that nobody waits for, so that what thousands of searches a second tell is written together: waking up for each costs
/// more than writing it. Whoever does wait for an answer waits so much longer at most.
const GATHERING: Duration = Duration::from_millis(1);

impl ActivityJob {
    /// Whether it only tells what was searched for or recommended, which nobody is promised anything about.
    fn is_unpromised(&self) -> bool {
        let tells = |event: &ActivityEvent| {
            matches!(event, ActivityEvent::Searched { .. } | ActivityEvent::Exposed { .. } | ActivityEvent::Recommended { .. })
        };
        matches!(self, Self::Record { events, .. } if events.iter().all(tells))
    }
}

struct Run {
    writer: ActivityWriter,
    stopped: bool,
    unsynced_since: Option<Instant>,
    checkpoints: CheckpointWriter,
}

impl ActivityWriter {
    /// Works until told to stop.
    pub(super) fn run(self, queue: &Receiver<ActivityJob>) {
        let wait = Duration::from_millis(self.options.activity_sync_ms);
        let mut run = Run { writer: self, stopped: false, unsynced_since: None, checkpoints: CheckpointWriter::default() };
        loop {
            let left = run.unsynced_since.map_or(wait, |since| wait.saturating_sub(since.elapsed()));
            match next_batch(queue, JOBS_MAX, left) {
                Waited::Batch(jobs) => {
                    let is_unpromised = jobs.iter().all(ActivityJob::is_unpromised);
                    if !run.work(jobs) {
                        break;
                    }
                    if is_unpromised {
                        thread::sleep(GATHERING);
                    }
                }
                Waited::Nothing => {}
                Waited::Closed => break,
            }
            if run.unsynced_since.is_some_and(|since| since.elapsed() >= wait) {
                run.sync();
            }
        }
        run.sync();
        run.save_last();
    }
}

impl Run {
    fn work(&mut self, jobs: Vec<ActivityJob>) -> bool {
        let at = self.writer.clock.now();
        let mut entries = Vec::new();
        let (mut replies, mut once) = (Vec::new(), Vec::new());
        let mut go_on = true;
        for job in jobs {
            match job {
                ActivityJob::Record { events, reply } => {
                    let kept = self.without_known_orders(events, at);
                    replies.push((reply, kept.len() as u64));
                    push(at, kept, &mut entries);
                }
                ActivityJob::RecordOnce { mut events, key, body, reply } => {
                    let known = self.writer.receipts.key(&key, &body);
                    if known == KeyReceipt::Fresh {
                        // Last, so that the key is not used before all of it is kept.
                        events.push(ActivityEvent::KeyUsed { key, body });
                        push(at, self.without_known_orders(events, at), &mut entries);
                    }
                    once.push((reply, known));
                }
                ActivityJob::FileReceipt { file, reply } => reply(self.writer.receipts.file(&file)),
                ActivityJob::Stop => go_on = false,
            }
        }
        // An erasure is a promise: it is on disk before its answer.
        let is_promised =
            entries.iter().flat_map(|(entry, _)| &entry.events).any(|event| matches!(event, ActivityEvent::ShopperErased { .. }));
        self.keep(entries);
        if is_promised {
            self.sync();
        }
        for (reply, known) in once {
            reply(if self.stopped { Err(Unavailable::Stopped) } else { Ok(known) });
        }
        for (reply, kept_count) in replies {
            reply(if self.stopped { Err(Unavailable::Stopped) } else { Ok(kept_count) });
        }
        go_on
    }

    fn without_known_orders(&mut self, events: Vec<ActivityEvent>, at: Timestamp) -> Vec<ActivityEvent> {
        let receipts = &mut self.writer.receipts;
        let is_new = |event: &ActivityEvent| {
            let known = matches!(event, ActivityEvent::OrderImported { reference, .. } if receipts.has_order(reference));
            if !known {
                receipts.note(event, at);
            }
            !known
        };
        events.into_iter().filter(is_new).collect()
    }

    fn keep(&mut self, entries: Vec<Encoded>) {
        if entries.is_empty() || self.stopped {
            return;
        }
        let (entries, records): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
        let first = self.writer.journal.end();
        let written = match append_in_batches(self.writer.journal.as_mut(), first, &records, Durability::Buffered) {
            Ok(written) => written,
            Err(reason) => return self.stop(&reason),
        };
        self.unsynced_since.get_or_insert_with(Instant::now);
        self.writer.debt.add(written);
        let number = |(index, entry): (u64, Entry<ActivityEvent>)| Recorded {
            offset: first.plus(index),
            at: entry.at,
            events: Events::Activity(entry.events),
        };
        let recorded = (0..).zip(entries).map(number).collect();
        if self.writer.projector.send(Arc::new(Durable { recorded, available: Vec::new(), written })).is_err() {
            tracing::error!("the projector has ended before the activity writer");
        }
    }

    fn sync(&mut self) {
        if self.unsynced_since.take().is_none() || self.stopped {
            return;
        }
        if let Err(reason) = self.writer.journal.sync() {
            self.stop(&reason.to_string());
            return;
        }
        if self.writer.debt.is_due(&self.writer.options) {
            self.save();
        }
    }

    fn stop(&mut self, reason: &str) {
        tell_failed("activity", reason, "no more behaviour is taken");
        self.stopped = true;
    }

    fn save(&mut self) {
        if self.stopped || self.checkpoints.is_busy() {
            return;
        }
        self.writer.debt = Debt::default();
        let mut progress = Progress::default();
        progress.advance(Stream::Activity, self.writer.journal.end());
        self.writer.receipts.advance(progress);
        let (receipts, path) = (self.writer.receipts.clone(), self.writer.files.receipts());
        self.checkpoints.start("receipts", move || receipts.save(&path));
    }

    fn save_last(&mut self) {
        self.checkpoints.finish();
        self.save();
        self.checkpoints.finish();
    }
}

/// An entry, and the record that it becomes.
type Encoded = (Entry<ActivityEvent>, Vec<u8>);

/// Events as an entry, or as several where one would be a larger record than the journal takes: orders of other shops may have thousands of lines.
fn push(at: Timestamp, mut events: Vec<ActivityEvent>, entries: &mut Vec<Encoded>) {
    if events.is_empty() {
        return;
    }
    let entry = Entry { at, events };
    match codec::encode(&entry) {
        Ok(record) if record.len() <= RECORD_BYTES_MAX => entries.push((entry, record)),
        Ok(_) if entry.events.len() > 1 => {
            events = entry.events;
            let later = events.split_off(events.len() / 2);
            push(at, events, entries);
            push(at, later, entries);
        }
        // No event is that large: a row, a line and a body are bounded where they are read.
        Ok(record) => tracing::error!(bytes = record.len(), "an event is larger than the journal takes; it is left out"),
        Err(reason) => tracing::error!(%reason, "an event cannot be written; it is left out"),
    }
}
