//! The destination of an endpoint's outbox: each change as one message, one after another over a connection that is kept while it can be.

use super::address::{Policy, Target};
use super::client::{self, Answered, Connection, Message, SendError};
use super::deliveries::{Attempt, Deliveries, Outcome};
use super::endpoint::Endpoint;
use super::message;
use super::order::{Orders, Signer, message_id};
use super::signature;
use crate::connect::changes::Change;
use crate::connect::outbox::{Control, Destination, Verdict};
use crate::connect::runtime::OwnRuntime;
use crate::stdx::clock::{Clock, Timestamp};
use hyper::body::Bytes;
use serde_json::Value;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

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
    pub(super) runtime: OwnRuntime,
    pub(super) kept: Option<Connection>,
    pub(super) signer: Arc<Signer>,
    /// How platforms are told of orders; empty until a server is there.
    pub(super) orders: Arc<OnceLock<Orders>>,
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
    /// What an endpoint is told of a change; a platform is told of its own orders only.
    fn told(&self, endpoint: &Endpoint, change: &Change) -> Result<Option<Told>, SendError> {
        let (id, kind) = (change.id.to_string(), change.kind.clone());
        let Some(platform) = &endpoint.settings.platform else {
            return Ok(Some(Told { id, kind, body: message::body(change), proof: Proof::Secret }));
        };
        let Some(order) = change.data.get("order").and_then(Value::as_str) else { return Ok(None) };
        let orders = self.orders.get().ok_or(SendError::Connect)?;
        let proof = || Proof::Key(Arc::clone(&self.signer), orders.profile_url.clone());
        let told = |body| Told { id: message_id(&endpoint.id, &id), kind, body: Bytes::from(body), proof: proof() };
        Ok((orders.body)(platform, order).map(told))
    }

    fn send(&mut self, change: &Change) -> Result<Answered, SendError> {
        let endpoint = self.endpoint.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(told) = self.told(&endpoint, change)? else { return Ok(Answered { status: 204, retry_after: None }) };
        let kept = self.kept.take();
        let (policy, clock, control) = (Arc::clone(&self.policy), Arc::clone(&self.clock), Arc::clone(&self.control));
        // A destination that is slow to answer does not keep the shop from closing: what was cut off is sent again after the next start.
        let sent = self.runtime.block_on(async {
            tokio::select! {
                sent = send_one(&endpoint, &policy, clock.as_ref(), told, kept) => Some(sent),
                () = stopped(&control) => None,
            }
        });
        let Some(sent) = sent.flatten() else { return Err(SendError::Broken) };
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
    pub(super) proof: Proof,
}

/// What proves who sent a message.
pub(super) enum Proof {
    /// The endpoint's own secret, as in Standard Webhooks.
    Secret,
    /// The shop's key, and the address of the profile that shows it.
    Key(Arc<Signer>, String),
}

impl Proof {
    fn headers(
        &self,
        endpoint: &Endpoint,
        target: &Target,
        told: (&str, i64),
        body: &Bytes,
        at: Timestamp,
    ) -> Option<Vec<(&'static str, String)>> {
        let (id, timestamp_s) = told;
        let mut headers = vec![("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp_s.to_string())];
        match self {
            Self::Secret => headers.push(("webhook-signature", signature::header(&endpoint.secrets_at(at), id, timestamp_s, body))),
            Self::Key(signer, profile_url) => headers.extend(signer.headers(target, profile_url, body).ok()?),
        }
        Some(headers)
    }
}

pub(super) struct Sent {
    pub(super) attempt: Attempt,
    pub(super) result: Result<Answered, SendError>,
    pub(super) kept: Option<Connection>,
}

/// One attempt at one message, and what is remembered of it.
pub(super) async fn send_one(endpoint: &Endpoint, policy: &Policy, clock: &dyn Clock, told: Told, kept: Option<Connection>) -> Sent {
    let (at, started) = (clock.now(), Instant::now());
    let Told { id, kind, body, proof } = told;
    let timestamp_s = at.0.div_euclid(1_000);
    let (result, kept) = match Target::parse(&endpoint.settings.url, policy) {
        Ok(target) => match proof.headers(endpoint, &target, (&id, timestamp_s), &body, at) {
            Some(headers) => client::send(&target, policy, &Message { headers, body }, kept).await,
            None => (Err(SendError::Broken), None),
        },
        Err(error) => (Err(error.into()), None),
    };
    let outcome = match &result {
        Ok(answered) => Outcome::Answered(answered.status),
        Err(error) => Outcome::Failed(error.to_string()),
    };
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Sent { attempt: Attempt { id, kind, at, took_ms, outcome }, result, kept }
}
