//! The thread of one connector.

use super::backoff::Backoff;
use super::control::Control;
use super::position::Position;
use super::{Destination, Verdict};
use crate::catalog::CatalogSnapshot;
use crate::connect::changes::{Audience, Change, ChangeId, Cursor, Page, Place, Wanted, changes_of, page};
use crate::event::Stream;
use crate::pipeline::{Feed, FeedError};
use crate::stdx::clock::Clock;
use crate::stdx::published::Published;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Changes handed over together: all that a connector ever holds.
const BATCH_CHANGES: usize = 100;
/// A place that moves is kept at least this often; what was delivered since is delivered again after a crash.
const KEEP_EVERY: Duration = Duration::from_millis(500);
/// How long an idle connector sleeps when nothing happens.
const IDLE_WAIT: Duration = Duration::from_secs(10);

/// Everything that a connector needs.
pub struct Outbox {
    /// Its name in metrics and logs.
    pub name: String,
    /// The streams that it follows.
    pub streams: Vec<Stream>,
    /// What it tells of; may change while it runs, but for its streams.
    pub wanted: Arc<Published<Wanted>>,
    /// Where it goes on.
    pub position: Position,
    /// Where it reads.
    pub feed: Arc<Feed>,
    /// Where names of products come from.
    pub catalog: Arc<dyn Fn() -> Arc<CatalogSnapshot> + Send + Sync>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// How it is asked things.
    pub control: Arc<Control>,
}

/// A running connector.
#[derive(Debug)]
pub struct Runner {
    control: Arc<Control>,
    feed: Arc<Feed>,
    thread: Option<JoinHandle<()>>,
}

impl Runner {
    /// Starts a connector.
    ///
    /// # Errors
    /// When the system has no thread for it.
    pub fn start(outbox: Outbox, destination: Box<dyn Destination>) -> std::io::Result<Self> {
        let (control, feed) = (Arc::clone(&outbox.control), Arc::clone(&outbox.feed));
        let run = Run { outbox, destination, kept_at: Instant::now(), is_kept: true };
        let thread = thread::Builder::new().name("connector".to_owned()).spawn(move || run.work())?;
        Ok(Self { control, feed, thread: Some(thread) })
    }

    /// What it is asked through.
    #[must_use]
    pub fn control(&self) -> &Arc<Control> {
        &self.control
    }

    /// Asks it to end, without waiting.
    pub fn begin_stop(&self) {
        self.control.stop();
        self.feed.wake();
    }

    /// Asks for one change to be delivered once more; false when too many wait already.
    #[must_use]
    pub fn repeat(&self, change: ChangeId) -> bool {
        let is_taken = self.control.repeat(change);
        self.feed.wake();
        is_taken
    }

    /// Whether its thread has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Ends it and waits until it has kept its place.
    pub fn stop(mut self) {
        self.begin_stop();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("a connector panicked");
        }
    }
}

struct Run {
    outbox: Outbox,
    destination: Box<dyn Destination>,
    kept_at: Instant,
    is_kept: bool,
}

impl Run {
    fn work(mut self) {
        self.show(None);
        while !self.outbox.control.is_stopping() {
            let seen = self.outbox.feed.seen();
            self.repeat_what_was_asked();
            match self.page() {
                Ok(page) if page.changes.is_empty() => self.rest(&page, seen),
                Ok(page) => {
                    if let Some(reason) = self.deliver(&page) {
                        self.end(reason);
                        break;
                    }
                }
                Err(error) => {
                    self.end(error.to_string());
                    break;
                }
            }
        }
        self.keep();
    }

    fn page(&self) -> Result<Page, FeedError> {
        let Outbox { feed, catalog, wanted, position, .. } = &self.outbox;
        let wanted = Wanted { streams: self.outbox.streams.clone(), ..Wanted::clone(&wanted.take()) };
        page(feed, &catalog(), &wanted, position.cursor, BATCH_CHANGES, &Audience::anybody())
    }

    /// Nothing is wanted up to the end of the page: moves on, and waits when that is the end of everything.
    fn rest(&mut self, page: &Page, seen: u64) {
        self.move_to(page.next);
        if page.has_more {
            return;
        }
        self.keep();
        self.show(None);
        if !self.outbox.control.is_stopping() {
            self.outbox.feed.wait_past(seen, IDLE_WAIT);
        }
    }

    /// Hands a page over; says why when the connector has to end.
    fn deliver(&mut self, page: &Page) -> Option<String> {
        let (taken_count, verdict) = self.destination.deliver(&page.changes);
        let taken_count = taken_count.min(page.changes.len());
        self.outbox.position.delivered_count += taken_count as u64;
        metrics::counter!("shopkeeper_connector_delivered_total", "connector" => self.outbox.name.clone()).increment(taken_count as u64);
        let next = if taken_count == page.changes.len() { page.next } else { self.after(&page.changes[..taken_count]) };
        self.move_to(next);
        if taken_count > 0 {
            self.outbox.position.failures_count = 0;
        }
        match verdict {
            Verdict::Taken => {
                if self.kept_at.elapsed() >= KEEP_EVERY {
                    self.keep();
                }
                self.show(None);
                None
            }
            Verdict::NotNow { retry_after } => self.back_off(retry_after),
            Verdict::Never { reason } => Some(reason),
        }
    }

    /// The place after the last of these changes.
    fn after(&self, taken: &[Change]) -> Cursor {
        let mut cursor = self.outbox.position.cursor;
        taken.iter().for_each(|change| cursor.advance(change.id.stream(), change.id.after()));
        cursor
    }

    fn move_to(&mut self, cursor: Cursor) {
        self.is_kept &= cursor == self.outbox.position.cursor;
        self.outbox.position.cursor = cursor;
    }

    fn back_off(&mut self, asked: Option<Duration>) -> Option<String> {
        metrics::counter!("shopkeeper_connector_failures_total", "connector" => self.outbox.name.clone()).increment(1);
        let (backoff, pause) = Backoff::after(self.outbox.position.failures_count).failed(asked, fastrand::u64(0..1_000));
        self.outbox.position.failures_count = backoff.failures_count();
        self.is_kept = false;
        self.keep();
        let Some(pause) = pause else { return Some(format!("{} attempts failed", backoff.failures_count())) };
        self.show(Some(pause));
        let until = Instant::now() + pause;
        loop {
            let seen = self.outbox.control.seen();
            self.repeat_what_was_asked();
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.outbox.control.is_stopping() {
                return None;
            }
            self.outbox.control.wait_past(seen, left.min(IDLE_WAIT));
            self.show(Some(until.saturating_duration_since(Instant::now())));
        }
    }

    fn repeat_what_was_asked(&mut self) {
        while let Some(id) = self.outbox.control.next_repeat() {
            if let Some(change) = self.change(id) {
                self.destination.repeat(&change);
            }
        }
    }

    /// One change, read again from the journal.
    fn change(&self, id: ChangeId) -> Option<Change> {
        let Outbox { feed, catalog, .. } = &self.outbox;
        let (catalog, everything, audience) = (catalog(), Wanted::default(), Audience::anybody());
        let mut found = None;
        let read = feed.read(id.stream(), id.place().offset, &mut |recorded, _| {
            found = changes_of(&recorded, &catalog, &everything, &audience).find(|change| change.id == id);
            ControlFlow::Break(())
        });
        read.ok().and(found)
    }

    /// Keeps the place on disk. One that cannot be kept is told of; deliveries go on and are repeated after a restart.
    fn keep(&mut self) {
        self.kept_at = Instant::now();
        if self.is_kept || self.outbox.control.is_discarded() {
            return;
        }
        match self.outbox.position.save(&self.outbox.streams) {
            Ok(()) => self.is_kept = true,
            Err(error) => tracing::error!(%error, connector = self.outbox.name, "the place of a connector cannot be kept"),
        }
    }

    fn lag(&self) -> u64 {
        let behind = |stream: &Stream| {
            let end = Place::start_of(self.outbox.feed.bounds(*stream).unwrap_or_default().1);
            end.offset.0.saturating_sub(self.outbox.position.cursor.of(*stream).offset.0)
        };
        self.outbox.streams.iter().map(behind).sum()
    }

    fn show(&self, pause: Option<Duration>) {
        let lag_entries = self.lag();
        metrics::gauge!("shopkeeper_connector_lag_entries", "connector" => self.outbox.name.clone()).set(lag_entries as f64);
        let Position { cursor, failures_count, delivered_count, .. } = &self.outbox.position;
        let pause_ms = pause.map(|pause| i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        let next_attempt_at = pause_ms.map(|ms| self.outbox.clock.now().plus_ms(ms));
        self.outbox.control.tell(|status| {
            status.after = cursor.text(&self.outbox.streams);
            (status.lag_entries, status.delivered_count, status.failures_count) = (lag_entries, *delivered_count, *failures_count);
            status.next_attempt_at = next_attempt_at;
        });
    }

    fn end(&mut self, reason: String) {
        tracing::warn!(connector = self.outbox.name, reason, "a connector has ended");
        self.outbox.position.ended = Some(reason.clone());
        self.is_kept = false;
        self.show(None);
        self.outbox.control.tell(|status| status.ended = Some(reason));
    }
}
