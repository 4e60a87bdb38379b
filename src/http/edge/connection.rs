//! What is known about one open connection, and when it is overdue.

use super::options::Options;
use super::peer::Group;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// Requests that a peer may take back before they are answered, beside half of those that it let be answered: HTTP/2 makes asking and taking
/// back cheaper than answering.
const ABANDONED_MAX: u32 = 100;

/// Why the server ended a connection; the label of a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It brought no request in time.
    Silent,
    /// A request's head came too slowly.
    SlowHead,
    /// It was not used for long.
    Idle,
    /// The peer does not take its answer.
    Unread,
    /// One request took longer than any may.
    TooLong,
    /// The peer takes back what it asks for.
    Abandons,
    /// Another connection needed its place.
    Displaced,
}

impl Ended {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::SlowHead => "slow_head",
            Self::Idle => "idle",
            Self::Unread => "unread",
            Self::TooLong => "too_long",
            Self::Abandons => "abandons",
            Self::Displaced => "displaced",
        }
    }
}

/// One open connection. Times are milliseconds of the census; 0 is never.
#[derive(Debug)]
pub(super) struct Connection {
    /// Whom it counts for, if its address is limited.
    pub(super) group: Option<Group>,
    /// When it was opened, or became busy or idle.
    since_ms: AtomicU64,
    /// When the first byte of a request came that has not begun.
    head_since_ms: AtomicU64,
    /// When a request or an answer last got on.
    progress_ms: AtomicU64,
    /// Requests whose answer was not sent whole.
    open_count: AtomicU32,
    /// Those among them whose handler is at work.
    handled_count: AtomicU32,
    answered_count: AtomicU32,
    abandoned_count: AtomicU32,
    is_multiplexed: AtomicBool,
    ended: OnceLock<Ended>,
    told: Notify,
}

/// How a connection stands at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) since_ms: u64,
    pub(super) head_since_ms: u64,
    pub(super) progress_ms: u64,
    pub(super) open_count: u32,
    pub(super) handled_count: u32,
    pub(super) answered_count: u32,
    pub(super) abandoned_count: u32,
}

impl Standing {
    /// Why it has to end, if it has.
    pub(super) fn overdue(self, now_ms: u64, options: &Options) -> Option<Ended> {
        let passed = |since_ms: u64, limit: std::time::Duration| u128::from(now_ms.saturating_sub(since_ms)) > limit.as_millis();
        let Self { since_ms, head_since_ms, progress_ms, open_count, handled_count, answered_count, abandoned_count } = self;
        if abandoned_count > ABANDONED_MAX + answered_count / 2 {
            return Some(Ended::Abandons);
        }
        if open_count > 0 {
            let is_unread = handled_count == 0 && passed(progress_ms, options.unread);
            return is_unread.then_some(Ended::Unread).or_else(|| passed(since_ms, options.total).then_some(Ended::TooLong));
        }
        if answered_count + abandoned_count == 0 {
            return passed(since_ms, options.head).then_some(Ended::Silent);
        }
        if head_since_ms > 0 && passed(head_since_ms, options.head) {
            return Some(Ended::SlowHead);
        }
        passed(since_ms, options.idle).then_some(Ended::Idle)
    }

    /// Who gives way first when there is no room: strangers before known peers, and of each those who have been idle longest. Never one
    /// that is busy.
    pub(super) fn displaced_at(self) -> Option<(bool, u64)> {
        (self.open_count == 0).then_some((self.answered_count > 0, self.since_ms))
    }
}

impl Connection {
    pub(super) fn opened(group: Option<Group>, now_ms: u64) -> Self {
        Self {
            group,
            since_ms: AtomicU64::new(now_ms),
            head_since_ms: AtomicU64::new(0),
            progress_ms: AtomicU64::new(now_ms),
            open_count: AtomicU32::new(0),
            handled_count: AtomicU32::new(0),
            answered_count: AtomicU32::new(0),
            abandoned_count: AtomicU32::new(0),
            is_multiplexed: AtomicBool::new(false),
            ended: OnceLock::new(),
            told: Notify::new(),
        }
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            since_ms: self.since_ms.load(Ordering::Relaxed),
            head_since_ms: self.head_since_ms.load(Ordering::Relaxed),
            progress_ms: self.progress_ms.load(Ordering::Relaxed),
            open_count: self.open_count.load(Ordering::Relaxed),
            handled_count: self.handled_count.load(Ordering::Relaxed),
            answered_count: self.answered_count.load(Ordering::Relaxed),
            abandoned_count: self.abandoned_count.load(Ordering::Relaxed),
        }
    }

    /// Many requests share it: bytes between them are not the beginning of a head.
    pub(super) fn is_multiplexed(&self) {
        self.is_multiplexed.store(true, Ordering::Relaxed);
        self.head_since_ms.store(0, Ordering::Relaxed);
    }

    /// Bytes came.
    pub(super) fn received(&self, now_ms: impl FnOnce() -> u64) {
        let begins_head = self.open_count.load(Ordering::Relaxed) == 0
            && self.head_since_ms.load(Ordering::Relaxed) == 0
            && !self.is_multiplexed.load(Ordering::Relaxed);
        if begins_head {
            self.head_since_ms.store(now_ms(), Ordering::Relaxed);
        }
    }

    pub(super) fn request_begins(&self, now_ms: u64) {
        self.head_since_ms.store(0, Ordering::Relaxed);
        self.progress_ms.store(now_ms, Ordering::Relaxed);
        self.handled_count.fetch_add(1, Ordering::Relaxed);
        if self.open_count.fetch_add(1, Ordering::Relaxed) == 0 {
            self.since_ms.store(now_ms, Ordering::Relaxed);
        }
    }

    pub(super) fn handler_ends(&self, now_ms: u64) {
        self.progress_ms.store(now_ms, Ordering::Relaxed);
        self.handled_count.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn progresses(&self, now_ms: u64) {
        self.progress_ms.store(now_ms, Ordering::Relaxed);
    }

    pub(super) fn request_ends(&self, now_ms: u64, is_answered: bool) {
        let count = if is_answered { &self.answered_count } else { &self.abandoned_count };
        count.fetch_add(1, Ordering::Relaxed);
        if self.open_count.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.since_ms.store(now_ms, Ordering::Relaxed);
        }
    }

    /// Tells whoever serves it to drop it; false when it was told before.
    pub(super) fn end(&self, why: Ended) -> bool {
        let is_first = self.ended.set(why).is_ok();
        if is_first {
            self.told.notify_one();
        }
        is_first
    }

    pub(super) fn was_ended(&self) -> bool {
        self.ended.get().is_some()
    }

    /// Resolves when it has to be dropped.
    pub(super) async fn told_to_end(self: &Arc<Self>) {
        self.told.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Http;

    fn options() -> Options {
        Options::of(&Http { head_ms: 100, idle_ms: 1_000, unread_ms: 300, ..Http::default() })
    }

    const QUIET: Standing =
        Standing { since_ms: 1, head_since_ms: 0, progress_ms: 1, open_count: 0, handled_count: 0, answered_count: 3, abandoned_count: 0 };

    #[test]
    fn each_deadline_ends_a_connection_just_after_it() {
        let options = options();
        let check = |standing: Standing, last_ms: u64, why: Ended| {
            assert_eq!(standing.overdue(last_ms, &options), None, "{why:?}");
            assert_eq!(standing.overdue(last_ms + 1, &options), Some(why));
        };
        check(Standing { answered_count: 0, ..QUIET }, 101, Ended::Silent);
        check(QUIET, 1_001, Ended::Idle);
        check(Standing { head_since_ms: 500, ..QUIET }, 600, Ended::SlowHead);
        check(Standing { open_count: 1, progress_ms: 700, ..QUIET }, 1_000, Ended::Unread);
        let total_ms = u64::try_from(options.total.as_millis()).expect("is short");
        check(Standing { open_count: 1, handled_count: 1, ..QUIET }, total_ms + 1, Ended::TooLong);
    }

    #[test]
    fn whoever_takes_back_more_than_it_lets_be_answered_is_ended() {
        let standing = |answered_count, abandoned_count| Standing { answered_count, abandoned_count, ..QUIET };
        assert_eq!(standing(0, ABANDONED_MAX + 1).overdue(1, &options()), Some(Ended::Abandons));
        assert_eq!(standing(0, ABANDONED_MAX).overdue(1, &options()), None);
        assert_eq!(standing(1_000, 500).overdue(1, &options()), None, "a page that is left often takes back a little");
    }

    #[test]
    fn strangers_give_way_before_known_peers_and_the_busy_never() {
        let stranger = Standing { answered_count: 0, since_ms: 900, ..QUIET };
        let known = Standing { since_ms: 5, ..QUIET };
        let busy = Standing { open_count: 1, ..QUIET };
        assert!(stranger.displaced_at() < known.displaced_at());
        assert!(known.displaced_at() < Standing { since_ms: 6, ..QUIET }.displaced_at(), "the one that was idle longest");
        assert_eq!(busy.displaced_at(), None);
    }

    #[test]
    fn a_head_begins_with_its_first_byte_unless_requests_share_the_connection() {
        let connection = Connection::opened(None, 1);
        connection.received(|| 7);
        connection.received(|| 9);
        assert_eq!(connection.standing().head_since_ms, 7);
        connection.request_begins(10);
        connection.received(|| 11);
        assert_eq!(connection.standing().head_since_ms, 0, "those are bytes of a body");
        connection.handler_ends(12);
        connection.request_ends(13, true);
        assert_eq!((connection.standing().since_ms, connection.standing().open_count), (13, 0));
        connection.is_multiplexed();
        connection.received(|| 14);
        assert_eq!(connection.standing().head_since_ms, 0);
    }
}
