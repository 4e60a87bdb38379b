//! Generations that the indexer builds by itself: what was put since the last one is slower to search, and phrases, fixed stop words and corrections at the
//! first letter come from a generation alone. One is built at a time, beside everything else, and takes a tenth of the time at most.

use super::indexer::IndexReply;
use crate::search::SearchError;
use crate::search::index::Manifest;
use crossbeam::channel::{Receiver, TryRecvError, bounded};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long after a build the next one begins at the earliest: an import is still under way.
const PAUSE_MIN: Duration = Duration::from_secs(10);
/// After one that failed.
const PAUSE_FAILED: Duration = Duration::from_secs(600);
/// It waits for so many times as long as the last one took.
const PAUSE_TIMES: u32 = 9;

/// What is being built, by whomever, and when the next may begin.
#[derive(Debug)]
pub(super) struct OwnBuilds {
    running: Option<(Instant, Receiver<Result<Manifest, SearchError>>)>,
    not_before: Instant,
    /// Every build holds one more of it.
    turn: Arc<()>,
}

impl Default for OwnBuilds {
    fn default() -> Self {
        Self { running: None, not_before: Instant::now(), turn: Arc::default() }
    }
}

impl OwnBuilds {
    /// What a build holds for as long as it goes on.
    pub(super) fn turn(&self) -> Arc<()> {
        Arc::clone(&self.turn)
    }

    /// Whether one may begin: none goes on, and the last one is long enough ago.
    pub(super) fn may_begin(&self, now: Instant) -> bool {
        self.running.is_none() && Arc::strong_count(&self.turn) == 1 && now >= self.not_before
    }

    /// Whom the build that begins now tells of its end.
    pub(super) fn begin(&mut self, now: Instant) -> IndexReply {
        let (sender, receiver) = bounded(1);
        self.running = Some((now, receiver));
        Box::new(move |built| drop(sender.send(built)))
    }

    /// What became of the build, once it has ended.
    pub(super) fn ended(&mut self, now: Instant) -> Option<Result<Manifest, SearchError>> {
        let (begun, receiver) = self.running.as_ref()?;
        let built = match receiver.try_recv() {
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Err(SearchError::Index("the build did not end".to_owned())),
            Ok(built) => built,
        };
        let pause = (now.saturating_duration_since(*begun) * PAUSE_TIMES).max(PAUSE_MIN);
        self.not_before = now + if built.is_ok() { pause } else { pause.max(PAUSE_FAILED) };
        self.running = None;
        Some(built)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_built_at_a_time_and_they_rest_between() {
        let (mut builds, now) = (OwnBuilds::default(), Instant::now());
        let (second, failed) = (Duration::from_secs(1), || Err(SearchError::Index(String::new())));
        assert!(builds.may_begin(now) && builds.ended(now).is_none());
        let asked_for = builds.turn();
        assert!(!builds.may_begin(now), "somebody asked for one");
        drop(asked_for);
        let reply = builds.begin(now);
        assert!(!builds.may_begin(now + second) && builds.ended(now + second).is_none());
        reply(failed());
        assert!(builds.ended(now + second).is_some_and(|built| built.is_err()));
        assert!(!builds.may_begin(now + PAUSE_FAILED) && builds.may_begin(now + second + PAUSE_FAILED));
        drop(builds.begin(now));
        assert!(builds.ended(now + PAUSE_FAILED).is_some_and(|built| built.is_err()), "a thread that never was tells nothing");
        assert!(!builds.may_begin(now + PAUSE_FAILED * 9) && builds.may_begin(now + PAUSE_FAILED * 10));
    }
}
