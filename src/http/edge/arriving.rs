//! Bodies on their way in: one that stands still, or comes too slowly for too long, ends the request.
//!
//! Only time spent waiting for the peer counts, not time in which the shop was busy with what had come. After a grace time a body has to
//! have brought so many bytes for each second of waiting, so that sending a byte before every stall deadline does not hold a place for hours.

use super::options::BodyPace;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// Why a body was given up.
#[derive(Debug, thiserror::Error)]
pub(in crate::http) enum TooSlow {
    /// Nothing came for a while.
    #[error("the body stood still")]
    Still,
    /// Too little came.
    #[error("the body came at less than {0} bytes a second")]
    Rate(u64),
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A body with a clock.
pub(super) struct Arriving {
    body: Incoming,
    pace: BodyPace,
    received_bytes: u64,
    waited: Duration,
    /// Runs while the peer is waited for.
    wait: Option<Wait>,
}

struct Wait {
    since: Instant,
    end: Pin<Box<Sleep>>,
    fault: TooSlow,
}

impl BodyPace {
    /// How much longer may be waited for the next bytes, and what is wrong when nothing has come by then.
    fn patience(self, received_bytes: u64, waited: Duration) -> (Duration, TooSlow) {
        let earned = Duration::from_secs_f64(received_bytes as f64 / self.bytes_per_s as f64);
        let left = (self.grace + earned).saturating_sub(waited);
        if left < self.stall { (left, TooSlow::Rate(self.bytes_per_s)) } else { (self.stall, TooSlow::Still) }
    }
}

impl Arriving {
    pub(super) fn new(body: Incoming, pace: BodyPace) -> Self {
        Self { body, pace, received_bytes: 0, waited: Duration::ZERO, wait: None }
    }

    /// Waits for the peer, as long as it may be waited for.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<TooSlow> {
        let (pace, received_bytes, waited) = (self.pace, self.received_bytes, self.waited);
        let wait = self.wait.get_or_insert_with(|| {
            let (patience, fault) = pace.patience(received_bytes, waited);
            let since = Instant::now();
            Wait { since, end: Box::pin(sleep_until(since + patience)), fault }
        });
        ready!(wait.end.as_mut().poll(context));
        Poll::Ready(std::mem::replace(&mut wait.fault, TooSlow::Still))
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => {
                if let Some(wait) = self.wait.take() {
                    self.waited += wait.since.elapsed();
                }
                if let Some(Ok(frame)) = &frame {
                    self.received_bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                }
                Poll::Ready(frame.map(|frame| frame.map_err(Fault::from)))
            }
            Poll::Pending => self.poll_patience(context).map(|fault| Some(Err(Fault::from(fault)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_the_shorter_of_stall_and_what_was_earned() {
        let pace = BodyPace { stall: Duration::from_secs(15), grace: Duration::from_secs(5), bytes_per_s: 1_000 };
        let check = |received_bytes: u64, waited_s: u64, left_s: u64, is_rate: bool| {
            let (left, fault) = pace.patience(received_bytes, Duration::from_secs(waited_s));
            assert_eq!(
                (left, matches!(fault, TooSlow::Rate(1_000))),
                (Duration::from_secs(left_s), is_rate),
                "{received_bytes} {waited_s}"
            );
        };
        check(0, 0, 5, true);
        check(2_000, 6, 1, true);
        check(2_000, 7, 0, true);
        check(60_000, 6, 15, false);
    }
}
