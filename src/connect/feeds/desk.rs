//! The desk where feeds are looked after: how each is, and that one is to be looked at now.

use super::memory::{Memory, Run, Taken};
use super::runner::Runner;
use super::{Settings, Taker};
use crate::connect::webhooks::Policy;
use crate::stdx::bell::Bell;
use crate::stdx::clock::{Clock, Timestamp};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// How a feed is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether it is being looked at.
    pub is_running: bool,
    /// When the next look is due.
    pub next_run_at: Option<Timestamp>,
    /// Looks in a row that failed.
    pub failures_count: usize,
    /// When it was last found as it should be, changed or not.
    pub last_success_at: Option<Timestamp>,
    /// The last look.
    pub last_run: Option<Run>,
    /// What became of its rows when it last had changed.
    pub last_taken: Option<Taken>,
}

/// A look that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Request {
    /// As if it were due.
    Now,
    /// The same, as if for the first time.
    Again,
}

/// What the desk and the thread of a feed share.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) bell: Bell,
    is_stopping: AtomicBool,
    request: Mutex<Option<Request>>,
    status: Mutex<Status>,
}

impl Shared {
    fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    pub(super) fn tell(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.status());
    }

    pub(super) fn recall(&self, memory: &Memory) {
        let Memory { failures_count, last_success_at, last_run, last_taken, .. } = memory.clone();
        self.tell(|status| *status = Status { failures_count, last_success_at, last_run, last_taken, ..status.clone() });
    }

    pub(super) fn take_request(&self) -> Option<Request> {
        self.request.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn ask(&self, request: Request) {
        let mut waiting = self.request.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting = (*waiting).max(Some(request));
        drop(waiting);
        self.bell.ring();
    }

    fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
        self.bell.ring();
    }

    /// Seconds since it was last found as it should be.
    pub(super) fn show_lag(&self, now: Timestamp) {
        if let Some(at) = self.status().last_success_at {
            let lag_s = now.since_ms(at) as f64 / 1_000.0;
            metrics::gauge!("shopkeeper_feed_lag_seconds", "feed" => self.settings.name.clone()).set(lag_s);
        }
    }
}

/// What the desk needs.
pub struct Options {
    /// Where what is fetched and what is remembered is kept.
    pub folder: PathBuf,
    /// Which addresses may be asked.
    pub policy: Policy,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
}

struct Followed {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// All feeds of a shop.
pub struct Feeds(Vec<Followed>);

impl Feeds {
    /// Follows these feeds until [`Feeds::stop`].
    ///
    /// # Errors
    /// When the folder cannot be made, or the system has no thread.
    pub fn start(feeds: Vec<Settings>, options: &Options, taker: &Arc<dyn Taker>) -> io::Result<Self> {
        if feeds.is_empty() {
            return Ok(Self(Vec::new()));
        }
        std::fs::create_dir_all(&options.folder)?;
        let policy = Arc::new(options.policy.clone());
        let follow = |settings: Settings| {
            let memory = Memory::read(&options.folder.join(format!("{}.json", settings.name)));
            let shared = Arc::new(Shared {
                settings,
                bell: Bell::default(),
                is_stopping: AtomicBool::new(false),
                request: Mutex::default(),
                status: Mutex::default(),
            });
            shared.recall(&memory);
            let runner = Runner {
                shared: Arc::clone(&shared),
                folder: options.folder.clone(),
                policy: Arc::clone(&policy),
                clock: Arc::clone(&options.clock),
                taker: Arc::clone(taker),
                memory,
            };
            let thread = thread::Builder::new().name("feed".to_owned()).spawn(move || runner.work())?;
            Ok(Followed { shared, thread: Mutex::new(Some(thread)) })
        };
        feeds.into_iter().map(follow).collect::<io::Result<_>>().map(Self)
    }

    /// All feeds in the order of the configuration, and how they are.
    pub fn list(&self) -> impl Iterator<Item = (&Settings, Status)> {
        self.0.iter().map(|followed| (&followed.shared.settings, followed.shared.status().clone()))
    }

    /// One feed, and how it is.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<(&Settings, Status)> {
        self.list().find(|(settings, _)| settings.name == name)
    }

    /// Has a feed looked at now; `is_again`: as if for the first time, also when it has not changed. False when there is none of that name.
    #[must_use]
    pub fn run(&self, name: &str, is_again: bool) -> bool {
        let followed = self.0.iter().find(|followed| followed.shared.settings.name == name);
        followed.iter().for_each(|followed| followed.shared.ask(if is_again { Request::Again } else { Request::Now }));
        followed.is_some()
    }

    /// Ends all looks, and waits until that is done.
    pub fn stop(&self) {
        self.0.iter().for_each(|followed| followed.shared.stop());
        for followed in &self.0 {
            let thread = followed.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
            if thread.is_some_and(|thread| thread.join().is_err()) {
                tracing::error!(feed = followed.shared.settings.name, "the thread of a feed panicked");
            }
        }
    }
}
