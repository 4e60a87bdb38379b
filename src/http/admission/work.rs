//! Turns at work: one for each core, handed from whoever ends to whoever is next.

use super::class::Class;
use super::line::{Asked, Line};
use super::ticket::Ticket;
use crate::config;
use crate::http::error::{Kind, Problem};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The line, and who waits in it.
pub(in crate::http) struct Work {
    line: Mutex<Line<oneshot::Sender<Turn>>>,
    threads: usize,
    patience: Duration,
}

/// A turn at work; the next one's comes when this is dropped.
pub(in crate::http) struct Turn(Option<Arc<Work>>);

impl Work {
    pub(in crate::http) fn new(options: &config::Work) -> Arc<Self> {
        let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let line = Mutex::new(Line::new(threads, Duration::from_millis(options.queue_target_ms)));
        Arc::new(Self { line, threads, patience: Duration::from_millis(options.queue_ms) })
    }

    /// Threads that the runtime needs: one for each turn, and as many again that read, refuse and sell meanwhile.
    pub(in crate::http) fn runtime_threads(&self) -> usize {
        2 * self.threads
    }

    fn line(&self) -> MutexGuard<'_, Line<oneshot::Sender<Turn>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one more of that class should be let in at the door.
    pub(super) fn has_room(&self, class: Class) -> bool {
        self.line().has_room_or_refuses(class)
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// When there is no room to wait, or it does not come in time.
    pub(in crate::http) async fn turn(self: &Arc<Self>, ticket: &Ticket) -> Result<Turn, Problem> {
        let asked_at = Instant::now();
        let until = ticket.until.map_or(asked_at + self.patience, |until| until.min(asked_at + self.patience));
        let (sender, coming) = oneshot::channel();
        let asked = self.line().ask(ticket.class, sender, (asked_at, until));
        let turn = match asked {
            Asked::Now(_) => Turn(Some(Arc::clone(self))),
            Asked::Refused => return Err(shed(ticket.class, "full")),
            Asked::Waits => match tokio::time::timeout_at(until.into(), coming).await {
                Ok(Ok(turn)) => turn,
                Ok(Err(_)) | Err(_) => return Err(shed(ticket.class, "late")),
            },
        };
        metrics::histogram!("shopkeeper_work_queue_seconds").record(asked_at.elapsed().as_secs_f64());
        Ok(turn)
    }

    /// Hands a turn on to the next one who still waits for it.
    fn hand_on(self: Arc<Self>) {
        loop {
            let next = self.line().next(Instant::now());
            let Some(next) = next else { return };
            match next.send(Turn(Some(Arc::clone(&self)))) {
                Ok(()) => return,
                // Gone meanwhile: the turn is handed on in this loop, not by its own end.
                Err(mut unused) => unused.0 = None,
            }
        }
    }

    /// Sets the gauges to what they are now.
    pub(in crate::http) fn measure(&self) {
        let line = self.line();
        metrics::gauge!("shopkeeper_work_running").set(line.running_count() as f64);
        metrics::gauge!("shopkeeper_work_limit").set(line.limit());
        for class in Class::ALL {
            metrics::gauge!("shopkeeper_work_queue_length", "class" => class.name()).set(line.waiting_count(class) as f64);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            work.hand_on();
        }
    }
}

/// The answer to what is not done, counted.
pub(super) fn shed(class: Class, why: &'static str) -> Problem {
    metrics::counter!("shopkeeper_requests_shed_total", "class" => class.name(), "why" => why).increment(1);
    Problem::new(
        Kind::Busy,
        if why == "late" { "its turn did not come in time" } else { "more is asked than can be done; ask again later" },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work() -> Arc<Work> {
        Work::new(&config::Work { threads: Some(1), queue_target_ms: 1, queue_ms: 20_000 })
    }

    fn ticket(class: Class) -> Ticket {
        Ticket { class, until: None }
    }

    #[tokio::test]
    async fn a_turn_is_handed_on_when_it_ends() {
        let work = work();
        let first = work.turn(&ticket(Class::Browse)).await.expect("is free");
        let waiting = tokio::spawn({
            let work = Arc::clone(&work);
            async move { work.turn(&ticket(Class::Browse)).await.is_ok() }
        });
        while work.line().waiting_count(Class::Browse) == 0 {
            tokio::task::yield_now().await;
        }
        drop(first);
        assert!(waiting.await.expect("runs"));
        assert_eq!(work.line().running_count(), 0, "and given back");
    }

    #[tokio::test]
    async fn whoever_has_gone_is_passed_over() {
        let work = work();
        let first = work.turn(&ticket(Class::Browse)).await.expect("is free");
        let ticket_of_one_gone = ticket(Class::Complete);
        let gone = work.turn(&ticket_of_one_gone);
        assert!(tokio::time::timeout(Duration::from_millis(1), gone).await.is_err());
        drop(first);
        assert!(work.turn(&ticket(Class::Bulk)).await.is_ok());
        assert_eq!(work.line().running_count(), 0);
    }

    #[tokio::test]
    async fn nobody_waits_past_their_own_deadline() {
        let work = work();
        let _first = work.turn(&ticket(Class::Browse)).await.expect("is free");
        let impatient = Ticket { class: Class::Browse, until: Some(Instant::now() + Duration::from_millis(5)) };
        let problem = work.turn(&impatient).await.err().expect("is refused");
        assert_eq!(problem.status().as_u16(), 503);
    }
}
