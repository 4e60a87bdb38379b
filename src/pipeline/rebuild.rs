//! Exact relations: counted from the logs on a thread of their own, when somebody asks, once a day, and when there are twice as many logs as
//! the last time, and swapped in between two batches.
//!
//! Live rows are bounded: a partner of a bestseller comes and goes, and what was counted of it before it went is missing from what people are
//! told. So a shop that has just taken a history in does not wait for a day, nor does one that is started anew every day.
//!
//! Readers never wait, and nothing is lost: from the moment that the logs are copied, the fold counts everything a second time.

use super::queue::{Reply, Unavailable};
use crate::recommend::{Base, RecommendFold};
use crossbeam::channel::{Receiver, Sender, TryRecvError, bounded};
use serde::{Deserialize, Serialize};
use std::thread;
use std::time::{Duration, Instant};

/// How often exact relations are made without being asked for.
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// The same after a start.
const AFTER_START: Duration = Duration::from_secs(60 * 60);
/// Least time between two because there are more logs.
const GROWN_EVERY: Duration = Duration::from_secs(60);
/// Logs below which live rows are hardly ever full.
const LOGS_MIN: usize = 1_000;
/// Askers that may wait for one rebuild; more are told to come back.
pub(super) const WAITING_MAX: usize = 64;

/// What a rebuild counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebuilt {
    /// Shoppers and visits whose logs were gone through.
    pub logs: usize,
    /// Ties kept in all relations, each way counted.
    pub ties: usize,
    /// How long counting took, in milliseconds.
    pub took_ms: u64,
}

/// Answer to who asked for a rebuild.
pub type RebuildReply = Reply<Result<Rebuilt, Unavailable>>;

/// The projector's side of rebuilding.
pub(super) struct Rebuilds {
    asked: Receiver<RebuildReply>,
    waiting: Vec<RebuildReply>,
    running: Option<Receiver<(Base, Rebuilt)>>,
    next: Instant,
    /// Not because of more logs before this.
    soonest: Instant,
    /// Logs that the last ones were counted from.
    logs: usize,
}

impl Rebuilds {
    /// With the queue of those who ask. Exact relations that are there already were counted from as many logs as there are.
    pub(super) fn new(recommend: &RecommendFold) -> (Sender<RebuildReply>, Self) {
        let (sender, asked) = bounded(WAITING_MAX);
        let (now, logs) = (Instant::now(), if recommend.has_base() { recommend.logs_count() } else { 0 });
        (sender, Self { asked, waiting: Vec::new(), running: None, next: now + AFTER_START, soonest: now + GROWN_EVERY, logs })
    }

    /// Begins what is asked for or due, and swaps in what is done: true when there is something new to publish. Cheap when there is nothing
    /// to do.
    pub(super) fn turn(&mut self, recommend: &mut RecommendFold) -> bool {
        let has_swapped = self.finish(recommend);
        if self.running.is_none() {
            self.waiting.extend(self.asked.try_iter().take(WAITING_MAX));
            if !self.waiting.is_empty() || self.is_due(|| recommend.logs_count(), Instant::now()) {
                self.begin(recommend);
            }
        }
        has_swapped
    }

    fn is_due(&self, logs: impl FnOnce() -> usize, now: Instant) -> bool {
        now >= self.next || (now >= self.soonest && logs() >= (2 * self.logs).max(LOGS_MIN))
    }

    /// Whoever asked when the process ends is told so.
    pub(super) fn stop(self) {
        self.waiting.into_iter().chain(self.asked.try_iter()).for_each(|reply| reply(Err(Unavailable::Stopped)));
    }

    fn begin(&mut self, recommend: &mut RecommendFold) {
        (self.next, self.soonest, self.logs) = (Instant::now() + EVERY, Instant::now() + GROWN_EVERY, recommend.logs_count());
        let (logs, options) = (recommend.begin_rebuild(), recommend.options().clone());
        let (sender, done) = bounded(1);
        let count = move || {
            let started = Instant::now();
            let base = Base::counted(&logs, &options);
            let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let rebuilt = Rebuilt { logs: logs.len(), ties: base.ties_count(), took_ms };
            // Nobody listens when the process is ending; then nobody wants it.
            sender.send((base, rebuilt)).ok();
        };
        match thread::Builder::new().name("relations".to_owned()).spawn(count) {
            Ok(_) => self.running = Some(done),
            Err(error) => {
                tracing::error!(%error, "no thread to count relations on");
                self.answer(Err(Unavailable::Busy));
            }
        }
    }

    fn finish(&mut self, recommend: &mut RecommendFold) -> bool {
        let Some(running) = &self.running else { return false };
        match running.try_recv() {
            Ok((base, rebuilt)) => {
                self.running = None;
                let has_swapped = recommend.swap_base(base);
                tracing::info!(logs = rebuilt.logs, ties = rebuilt.ties, took_ms = rebuilt.took_ms, has_swapped, "exact relations counted");
                self.answer(if has_swapped { Ok(rebuilt) } else { Err(Unavailable::Busy) });
                has_swapped
            }
            Err(TryRecvError::Empty) => false,
            Err(TryRecvError::Disconnected) => {
                self.running = None;
                tracing::error!("counting relations panicked; the live ones stay");
                self.answer(Err(Unavailable::Busy));
                false
            }
        }
    }

    fn answer(&mut self, outcome: Result<Rebuilt, Unavailable>) {
        self.waiting.drain(..).for_each(|reply| reply(outcome));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::Options;
    use crate::signal::{self, SignalFold};

    #[test]
    fn a_history_that_was_taken_in_does_not_wait_for_a_day() {
        let signals = SignalFold::new(None, signal::Options::default()).expect("a fold").table();
        let (_sender, mut rebuilds) = Rebuilds::new(&RecommendFold::new(Options::default(), signals));
        let (start, grown) = (rebuilds.soonest - GROWN_EVERY, rebuilds.soonest);
        let due = |rebuilds: &Rebuilds, logs: usize, now: Instant| rebuilds.is_due(|| logs, now);
        assert_eq!(
            [(LOGS_MIN, start), (LOGS_MIN - 1, grown), (LOGS_MIN, grown)].map(|(logs, now)| due(&rebuilds, logs, now)),
            [false, false, true]
        );
        rebuilds.logs = 50_000;
        assert_eq!([99_999, 100_000].map(|logs| due(&rebuilds, logs, grown)), [false, true]);
        assert!(due(&rebuilds, 0, start + AFTER_START), "and one that is started every day has its turn");
    }
}
