//! The thread of one feed: waits until a look is due or asked for, looks, and remembers.

use super::desk::{Request, Shared};
use super::fetch::{Asked, FetchError, fetch};
use super::memory::{Mark, Memory, Outcome, Run, Taken, reading_of};
use super::{INTERVAL_MIN, Settings, Source, Taker};
use crate::connect::outbox::Backoff;
use crate::connect::webhooks::Policy;
use crate::stdx::clock::{Clock, Timestamp};
use crate::stdx::digest;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a feed that waits sleeps at most: the clock may have been put forward.
const SLEEP_MAX: Duration = Duration::from_secs(10);
/// Looks that are due together are spread over this share of the interval.
const SPREAD_PERCENT: u64 = 5;

/// Rows of one feed at a time: two would only share the same writer.
static TAKING: Mutex<()> = Mutex::new(());

/// Everything that the thread of a feed owns.
pub(super) struct Runner {
    pub(super) shared: Arc<Shared>,
    pub(super) folder: PathBuf,
    pub(super) policy: Arc<Policy>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) taker: Arc<dyn Taker>,
    pub(super) memory: Memory,
}

/// What a look found, before it is remembered.
enum Found {
    Unchanged(Mark),
    Taken(Mark, Taken),
}

/// Why a look failed, and how long the feed's server wants to be left alone.
struct Failed {
    reason: String,
    retry_after: Option<Duration>,
}

impl Failed {
    fn because(what: impl fmt::Display, error: &io::Error) -> Self {
        Self { reason: format!("{what}: {error}"), retry_after: None }
    }
}

impl From<FetchError> for Failed {
    fn from(error: FetchError) -> Self {
        Self { retry_after: error.retry_after(), reason: error.to_string() }
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self { reason: error.to_string(), retry_after: None }
    }
}

impl Runner {
    /// Works until told to stop.
    pub(super) fn work(mut self) {
        let mut due = self.first_due();
        while !self.shared.is_stopping() {
            self.shared.tell(|status| {
                status.is_running = false;
                status.next_run_at = Some(due);
            });
            let Some(request) = self.waited(due) else { continue };
            let pause = self.look(request == Request::Again);
            due = self.clock.now().plus_ms(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        }
    }

    fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// A shop that was closed for a while looks at once; one that is started again and again does not.
    fn first_due(&self) -> Timestamp {
        let Some(run) = &self.memory.last_run else { return self.clock.now() };
        let interval = if run.outcome == Outcome::Failed { INTERVAL_MIN } else { self.settings().interval };
        let interval_ms = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX);
        run.started_at.plus_ms(interval_ms).min(self.clock.now().plus_ms(interval_ms))
    }

    /// Waits until a look is due or asked for; none when it is neither yet, or the shop closes.
    fn waited(&self, due: Timestamp) -> Option<Request> {
        let seen = self.shared.bell.rings();
        if let Some(request) = self.shared.take_request() {
            return Some(request);
        }
        let left = Duration::from_millis(due.since_ms(self.clock.now()).unsigned_abs());
        if left.is_zero() {
            return Some(Request::Now);
        }
        self.shared.show_lag(self.clock.now());
        if !self.shared.is_stopping() {
            self.shared.bell.wait_past(seen, left.min(SLEEP_MAX));
        }
        None
    }

    /// Looks once, remembers what came of it, and says how long to pause.
    fn look(&mut self, is_again: bool) -> Duration {
        let (started_at, started) = (self.clock.now(), Instant::now());
        self.shared.tell(|status| status.is_running = true);
        let found = self.found(is_again);
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let outcome = match &found {
            Ok(Found::Taken(..)) => Outcome::Taken,
            Ok(Found::Unchanged(_)) => Outcome::Unchanged,
            Err(_) => Outcome::Failed,
        };
        let error = found.as_ref().err().map(|failed| failed.reason.clone());
        let interval = self.settings().interval;
        let pause = match found {
            Ok(found) => {
                self.succeeded(found, started_at);
                interval.saturating_sub(started.elapsed()) + interval.mul_f64(fastrand::f64() * SPREAD_PERCENT as f64 / 100.0)
            }
            Err(failed) => self.failed(&failed),
        };
        self.count(outcome);
        self.memory.last_run = Some(Run { started_at, took_ms, outcome, error });
        self.remember();
        pause
    }

    fn succeeded(&mut self, found: Found, at: Timestamp) {
        (self.memory.failures_count, self.memory.last_success_at) = (0, Some(at));
        match found {
            Found::Unchanged(mark) => self.memory.mark = mark,
            Found::Taken(mark, taken) => {
                let Taken { taken: count, unchanged, rejected, delisted, .. } = &taken;
                tracing::info!(feed = self.settings().name, taken = count, unchanged, rejected, delisted, "a feed was taken");
                (self.memory.mark, self.memory.last_taken) = (mark, Some(taken));
            }
        }
    }

    /// Pauses grow up to the interval, and are as long as the server wants them.
    fn failed(&mut self, failed: &Failed) -> Duration {
        let Failed { reason, retry_after } = failed;
        if !self.shared.is_stopping() {
            tracing::warn!(feed = self.settings().name, reason, "a feed could not be taken");
        }
        let interval = self.settings().interval;
        let (backoff, pause) = Backoff::after(self.memory.failures_count).failed(*retry_after, fastrand::u64(0..1_000));
        self.memory.failures_count = backoff.failures_count();
        pause.unwrap_or(interval).min(interval.max(retry_after.unwrap_or_default()))
    }

    /// Looks at the feed, and takes it when it has changed.
    fn found(&mut self, is_again: bool) -> Result<Found, Failed> {
        let reading = reading_of(self.settings()).map_err(|error| Failed::because("its column map", &error))?;
        let before = if is_again { Mark::default() } else { self.memory.mark_for(&reading) };
        let fetched = self.folder.join(format!("{}.part", self.settings().name));
        let found = self.changed(&before, &fetched, is_again);
        if matches!(self.settings().source, Source::Web(_)) {
            // Also what was left behind by a fetch that broke off.
            let removed = std::fs::remove_file(&fetched);
            tracing::trace!(?removed, "what was fetched is not kept");
        }
        let found = found?;
        self.memory.reading = reading;
        Ok(found)
    }

    fn changed(&self, before: &Mark, fetched: &Path, is_again: bool) -> Result<Found, Failed> {
        let (mark, file) = match &self.settings().source {
            Source::Web(url) => (self.fetched(url, before, fetched)?, fetched),
            Source::File(path) => (looked_at(path, before).map_err(|error| Failed::because(path.display(), &error))?, path.as_path()),
        };
        let Some(mark) = mark else { return Ok(Found::Unchanged(before.clone())) };
        let mark = Mark { content: Some(digest::hex(&digest::blake3_of(File::open(file)?)?)), ..mark };
        if !is_again && mark.content == before.content {
            return Ok(Found::Unchanged(mark));
        }
        let _turn = TAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let is_wanted = || !self.shared.is_stopping();
        let taken = self.taker.take(self.settings(), file, &is_wanted).map_err(|reason| Failed { reason, retry_after: None })?;
        Ok(Found::Taken(mark, taken))
    }

    fn fetched(&self, url: &str, mark: &Mark, to: &Path) -> Result<Option<Mark>, Failed> {
        let token = self.settings().token_file.as_deref().map(std::fs::read_to_string).transpose();
        let token = token.map_err(|error| Failed::because("the file of its token", &error))?;
        let token = token.as_deref().map(str::trim);
        let asked = Asked { url, policy: &self.policy, token, mark, bytes_max: self.settings().bytes_max, to };
        Ok(fetch(&asked, &|| !self.shared.is_stopping())?)
    }

    fn count(&self, outcome: Outcome) {
        let name = &self.settings().name;
        metrics::counter!("shopkeeper_feed_runs_total", "feed" => name.clone(), "outcome" => outcome.name()).increment(1);
        let Some(taken) = self.memory.last_taken.as_ref().filter(|_| outcome == Outcome::Taken) else { return };
        let counts = [("taken", taken.taken), ("unchanged", taken.unchanged), ("rejected", taken.rejected), ("delisted", taken.delisted)];
        for (what, count) in counts {
            metrics::counter!("shopkeeper_feed_rows_total", "feed" => name.clone(), "outcome" => what).increment(count);
        }
    }

    /// Keeps on disk what has to outlive the process. What cannot be kept is taken once more after a restart, and changes nothing then.
    fn remember(&self) {
        self.shared.recall(&self.memory);
        self.shared.show_lag(self.clock.now());
        if let Err(error) = self.memory.save(&self.folder.join(format!("{}.json", self.settings().name))) {
            tracing::error!(%error, feed = self.settings().name, "what came of a feed cannot be kept");
        }
    }
}

/// What tells one state of a file of this machine from another; none when it is as it was.
fn looked_at(path: &Path, before: &Mark) -> io::Result<Option<Mark>> {
    let known = std::fs::metadata(path)?;
    if !known.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let written_ns = known.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos();
    let etag = Some(format!("{written_ns}-{}", known.len()));
    Ok((etag != before.etag).then(|| Mark { etag, ..Mark::default() }))
}
