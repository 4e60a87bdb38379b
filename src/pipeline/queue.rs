//! Bounded queues into the writers, and the two ways in which the pipeline says "not now".

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError};
use std::time::Duration;

/// Called once with the answer, on a pipeline thread: it must not block.
pub type Reply<T> = Box<dyn FnOnce(T) + Send>;

/// Why nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// The queue is full; the same request will do in a moment.
    #[error("too much is waiting; try again in a moment")]
    Busy,
    /// The journal has failed or the process is shutting down.
    #[error("the shop takes no writes")]
    Stopped,
}

/// What waiting for commands brought.
pub(super) enum Waited<T> {
    /// At least one command, in order of arrival.
    Batch(Vec<T>),
    /// Nothing within the time.
    Nothing,
    /// All senders are gone.
    Closed,
}

/// Offers a job without waiting; gives it back when the queue is full or closed.
pub(super) fn offer<T>(queue: &Sender<T>, job: T) -> Result<(), (T, Unavailable)> {
    queue.try_send(job).map_err(|refused| match refused {
        TrySendError::Full(job) => (job, Unavailable::Busy),
        TrySendError::Disconnected(job) => (job, Unavailable::Stopped),
    })
}

/// Natural batching: the first job to come, and everything that queued up while the last batch was being synced.
pub(super) fn next_batch<T>(queue: &Receiver<T>, len_max: usize, wait: Duration) -> Waited<T> {
    let first = match queue.recv_timeout(wait) {
        Ok(job) => job,
        Err(RecvTimeoutError::Timeout) => return Waited::Nothing,
        Err(RecvTimeoutError::Disconnected) => return Waited::Closed,
    };
    let mut batch = vec![first];
    batch.extend(queue.try_iter().take(len_max - 1));
    Waited::Batch(batch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam::channel::bounded;

    #[test]
    fn a_batch_is_what_queued_up_and_no_longer_than_allowed() {
        let (sender, receiver) = bounded(8);
        (0..5).for_each(|job| offer(&sender, job).expect("there is room"));
        let Waited::Batch(batch) = next_batch(&receiver, 3, Duration::ZERO) else { panic!("jobs wait") };
        assert_eq!(batch, [0, 1, 2]);
    }

    #[test]
    fn a_full_queue_refuses_at_once_and_a_closed_one_says_so() {
        let (sender, receiver) = bounded(1);
        offer(&sender, 1).expect("there is room");
        assert_eq!(offer(&sender, 2), Err((2, Unavailable::Busy)));
        drop(receiver);
        assert_eq!(offer(&sender, 3), Err((3, Unavailable::Stopped)));
    }
}
