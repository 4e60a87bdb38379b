//! Who is at work and who is next: plain state that is told the time.

use super::class::Class;
use super::limit::Limit;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Somebody who waits for a turn.
#[derive(Debug)]
struct Waiting<T> {
    since: Instant,
    /// From then on the turn is of no use.
    until: Instant,
    asker: T,
}

/// The line; `T` is how somebody is told that the turn has come.
#[derive(Debug)]
pub(super) struct Line<T> {
    threads: usize,
    limit: Limit,
    running_count: usize,
    waiting: [VecDeque<Waiting<T>>; Class::ALL.len()],
}

/// What asking for a turn leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked<T> {
    /// The turn has come.
    Now(T),
    /// It will, or not in time.
    Waits,
    /// There is no room to wait.
    Refused,
}

impl<T> Line<T> {
    pub(super) fn new(threads: usize, target: Duration) -> Self {
        Self { threads, limit: Limit::new(threads, target), running_count: 0, waiting: Default::default() }
    }

    /// Whether there is room for one more of that class.
    pub(super) fn has_room(&self, class: Class) -> bool {
        let count = self.running_count + self.waiting.iter().map(VecDeque::len).sum::<usize>();
        // A turn that is free is given to anybody: there is nothing to keep it for.
        self.running_count < self.threads || (count as f64) < self.limit.value() * class.share()
    }

    /// The same, remembering that somebody was turned away.
    pub(super) fn has_room_or_refuses(&mut self, class: Class) -> bool {
        let has_room = self.has_room(class);
        if !has_room {
            self.limit.refused();
        }
        has_room
    }

    /// Asks for a turn.
    pub(super) fn ask(&mut self, class: Class, asker: T, (now, until): (Instant, Instant)) -> Asked<T> {
        if self.running_count < self.threads && self.waiting.iter().all(VecDeque::is_empty) {
            self.running_count += 1;
            self.limit.waited(Duration::ZERO, now);
            return Asked::Now(asker);
        }
        if !self.has_room_or_refuses(class) {
            return Asked::Refused;
        }
        self.waiting[class.index()].push_back(Waiting { since: now, until, asker });
        Asked::Waits
    }

    /// A turn ends; the next one's is handed on, if anybody waits for whom it is not too late.
    pub(super) fn next(&mut self, now: Instant) -> Option<T> {
        while let Some(next) = self.waiting.iter_mut().find_map(VecDeque::pop_front) {
            self.limit.waited(now.saturating_duration_since(next.since), now);
            if now < next.until {
                return Some(next.asker);
            }
        }
        self.running_count -= 1;
        None
    }

    pub(super) fn limit(&self) -> f64 {
        self.limit.value()
    }

    pub(super) fn running_count(&self) -> usize {
        self.running_count
    }

    pub(super) fn waiting_count(&self, class: Class) -> usize {
        self.waiting[class.index()].len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Duration = Duration::from_secs(1);

    fn line() -> (Line<&'static str>, Instant) {
        (Line::new(1, Duration::from_millis(20)), Instant::now())
    }

    #[test]
    fn the_more_urgent_go_first_and_equals_in_turn() {
        let (mut line, now) = line();
        let until = now + LATER;
        assert_eq!(line.ask(Class::Bulk, "first", (now, until)), Asked::Now("first"));
        for (class, name) in
            [(Class::Bulk, "bulk"), (Class::Browse, "browse 1"), (Class::Browse, "browse 2"), (Class::Complete, "complete")]
        {
            assert_eq!(line.ask(class, name, (now, until)), Asked::Waits, "{name}");
        }
        let order: Vec<_> = std::iter::from_fn(|| line.next(now)).collect();
        assert_eq!(order, ["complete", "browse 1", "browse 2", "bulk"]);
        assert_eq!(line.running_count(), 0);
    }

    #[test]
    fn the_less_urgent_leave_room_for_the_more_urgent() {
        let (mut line, now) = (Line::new(8, Duration::from_millis(20)), Instant::now());
        let until = now + LATER;
        let mut fill = |class| (0..10_000).take_while(|_| line.ask(class, "", (now, until)) != Asked::Refused).count();
        let counts = [Class::Bulk, Class::Browse, Class::Trade, Class::Complete].map(&mut fill);
        assert!(counts.iter().all(|count| *count >= 1), "{counts:?}");
        assert_eq!(counts.iter().sum::<usize>() as f64, line.limit(), "and together they are no more than there may be");
    }

    #[test]
    fn what_is_too_late_is_not_begun() {
        let (mut line, now) = line();
        line.ask(Class::Browse, "at work", (now, now + LATER));
        line.ask(Class::Browse, "impatient", (now, now + LATER / 2));
        line.ask(Class::Browse, "patient", (now, now + LATER * 2));
        assert_eq!(line.next(now + LATER), Some("patient"));
    }
}
