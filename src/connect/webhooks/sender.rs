//! The destination of an endpoint's outbox: each change as one message, one after another over a connection that is kept while it can be.

use super::address::{Policy, Target};
use super::client::{self, Answered, Connection, Message, SendError};
use super::deliveries::{Attempt, Deliveries, Outcome};
use super::endpoint::Endpoint;
use super::message;
use super::signature;
use crate::connect::changes::Change;
use crate::connect::outbox::{Control, Destination, Verdict};
use crate::stdx::clock::Clock;
use hyper::body::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// The endpoint as it is now: secrets may be replaced while messages are sent.
pub(super) type Current = Arc<Mutex<Endpoint>>;

/// How often an attempt in progress looks whether the shop is closing.
const STOP_LOOK_EVERY: Duration = Duration::from_millis(50);

/// Sends messages to one endpoint.
pub(super) struct Sender {
    pub(super) endpoint: Current,
    pub(super) policy: Arc<Policy>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) deliveries: Arc<Deliveries>,
    pub(super) control: Arc<Control>,
    pub(super) runtime: Runtime,
    pub(super) kept: Option<Connection>,
}

impl Destination for Sender {
    fn deliver(&mut self, changes: &[Change]) -> (usize, Verdict) {
        for (taken_count, change) in changes.iter().enumerate() {
            if self.control.is_stopping() {
                return (taken_count, Verdict::Taken);
            }
            match self.send(change) {
                Ok(Answered { status: 200..300, .. }) => {}
                Ok(Answered { status: 410, .. }) => {
                    return (taken_count, Verdict::Never { reason: "the endpoint answered 410 Gone".to_owned() });
                }
                Ok(Answered { retry_after, .. }) => return (taken_count, Verdict::NotNow { retry_after }),
                Err(_) if self.control.is_stopping() => return (taken_count, Verdict::Taken),
                Err(_) => return (taken_count, Verdict::NotNow { retry_after: None }),
            }
        }
        (changes.len(), Verdict::Taken)
    }

    fn repeat(&mut self, change: &Change) {
        if let Err(error) = self.send(change) {
            tracing::debug!(%error, "a repeated delivery failed");
        }
    }
}

impl Sender {
    fn send(&mut self, change: &Change) -> Result<Answered, SendError> {
        let endpoint = self.endpoint.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let kept = self.kept.take();
        let told = Told { id: change.id.to_string(), kind: change.kind.clone(), body: message::body(change) };
        let (policy, clock, control) = (Arc::clone(&self.policy), Arc::clone(&self.clock), Arc::clone(&self.control));
        // A destination that is slow to answer does not keep the shop from closing: what was cut off is sent again after the next start.
        let sent = self.runtime.block_on(async {
            tokio::select! {
                sent = send_one(&endpoint, &policy, clock.as_ref(), told, kept) => Some(sent),
                () = stopped(&control) => None,
            }
        });
        let Some(sent) = sent else { return Err(SendError::Broken) };
        self.kept = sent.kept;
        let is_failure = !sent.attempt.outcome.is_success();
        metrics::histogram!("shopkeeper_webhook_seconds").record(Duration::from_millis(sent.attempt.took_ms).as_secs_f64());
        self.deliveries.note(sent.attempt);
        if is_failure {
            self.kept = None;
        }
        sent.result
    }
}

async fn stopped(control: &Control) {
    while !control.is_stopping() {
        tokio::time::sleep(STOP_LOOK_EVERY).await;
    }
}

/// What is sent under which name.
pub(super) struct Told {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) body: Bytes,
}

pub(super) struct Sent {
    pub(super) attempt: Attempt,
    pub(super) result: Result<Answered, SendError>,
    pub(super) kept: Option<Connection>,
}

/// One attempt at one message, and what is remembered of it.
pub(super) async fn send_one(endpoint: &Endpoint, policy: &Policy, clock: &dyn Clock, told: Told, kept: Option<Connection>) -> Sent {
    let (at, started) = (clock.now(), Instant::now());
    let Told { id, kind, body } = told;
    let timestamp_s = at.0.div_euclid(1_000);
    let signature = signature::header(&endpoint.secrets_at(at), &id, timestamp_s, &body);
    let (result, kept) = match Target::parse(&endpoint.settings.url, policy) {
        Ok(target) => client::send(&target, policy, &Message { id: id.clone(), timestamp_s, signature, body }, kept).await,
        Err(error) => (Err(error.into()), None),
    };
    let outcome = match &result {
        Ok(answered) => Outcome::Answered(answered.status),
        Err(error) => Outcome::Failed(error.to_string()),
    };
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Sent { attempt: Attempt { id, kind, at, took_ms, outcome }, result, kept }
}
