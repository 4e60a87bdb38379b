//! What handlers share: the shop, and the way to ask its writers something and wait for the answer.

use super::access::{Caller, Desk};
use super::admission::{Ticket, Turn, Work};
use super::error::{Kind, Problem};
use super::keys::Key;
use super::limits::{RETRY_AFTER_S, TRADE_QUEUED_MAX};
use super::rate::Rates;
use crate::access::{AccessCommand, AccessRefusal};
use crate::app::Shop;
use crate::catalog::ProductError;
use crate::event::ActivityEvent;
use crate::payment::Notice;
use crate::pipeline::{AccessError, KeyReceipt, People, Reply, TradeAnswer, TradeError, Unavailable};
use crate::search::{Moment, SearchError};
use crate::stdx::clock::Deadline;
use crate::stdx::digest;
use crate::trade::{Action, Command, Rejection};
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

/// The state of the router.
pub(super) struct Context {
    /// The engine.
    pub(super) shop: Arc<Shop>,
    /// Where the numbers of `/metrics` come from.
    pub(super) metrics: PrometheusHandle,
    /// Scheme, host and port that links in answers start with, without a slash at the end.
    pub(super) public_url: String,
    /// Logins.
    pub(super) desk: Desk,
    /// When the server was bound.
    pub(super) started: std::time::Instant,
    /// Turns at searching and recommending.
    pub(super) work: Arc<Work>,
    /// How often who has asked.
    pub(super) rates: Rates,
    /// Held while tastes or forecasts are learnt: one at a time.
    pub(super) learning: Mutex<()>,
}

/// How handlers are given the [`Context`].
pub(super) type Shared = axum::extract::State<Arc<Context>>;

impl Context {
    /// Waits for a turn at work that uses the processor for long: a search, a recommendation. Hold it while working and no longer.
    pub(super) async fn turn(&self, ticket: &Ticket) -> Result<Turn, Problem> {
        self.work.turn(ticket).await
    }

    /// When the search of a request that is let in has to end: with the shop's own deadline, or when nobody waits for it any more.
    pub(super) fn search_deadline(&self, ticket: &Ticket) -> Deadline {
        let own = self.shop.search_deadline();
        ticket.until.map_or(own.clone(), |until| own.no_later_than(until))
    }

    /// Whether carts and orders should be changed at the moment: the rest of the trade writer's queue is left to checkouts that complete.
    pub(super) fn has_room_to_sell(&self) -> bool {
        self.shop.queued()[0] < TRADE_QUEUED_MAX
    }

    /// Asks the trade writer; answers when the effect is durable.
    pub(super) async fn trade(&self, command: Command) -> Result<TradeAnswer, Problem> {
        self.trade_or(command, Problem::from).await
    }

    /// The same, with refusals in the caller's own words.
    pub(super) async fn trade_or(&self, mut command: Command, refused: impl FnOnce(Rejection) -> Problem) -> Result<TradeAnswer, Problem> {
        Caller::current().bind(self, &mut command.action)?;
        let (reply, answer) = reply();
        self.shop.trade(command, reply);
        answered(answer).await?.map_err(|error| problem_of(error, refused))
    }

    /// The answer of a write that was done under this key before; none when it is new.
    ///
    /// It is asked for before a body is looked at in the light of today's catalogue and carts: those may have changed since.
    pub(super) async fn repeated(&self, key: &Key) -> Result<Option<TradeAnswer>, Problem> {
        if self.shop.readers().trade().answer_of(&key.name).is_none() {
            return Ok(None);
        }
        // The engine compares keys before it looks at the action. Where the key was forgotten since, this action is reached: it is about nothing, so
        // what is due anyway happens, the key stays free, and the answer says that it is forgotten.
        self.trade(key.command(Action::PassTime)?).await.map(Some)
    }

    /// Does something once for a key, while `If-Match` holds: what it answers when it is repeated is what it answered first.
    pub(super) async fn once<A: Into<Action>>(
        &self,
        key: &Key,
        action: impl FnOnce() -> Result<A, Problem>,
    ) -> Result<TradeAnswer, Problem> {
        match self.repeated(key).await? {
            Some(done) => Ok(done),
            None => self.trade(key.command(action()?)?).await,
        }
    }

    /// Asks the trade writer to complete a checkout session; answers when the payment is resolved.
    pub(super) async fn complete_checkout(
        &self,
        mut command: Command,
        refused: impl FnOnce(Rejection) -> Problem,
    ) -> Result<TradeAnswer, Problem> {
        Caller::current().bind(self, &mut command.action)?;
        let (reply, answer) = reply();
        self.shop.complete_checkout(command, reply);
        answered(answer).await?.map_err(|error| problem_of(error, refused))
    }

    /// The names of the shop's payment providers, in order.
    pub(super) fn provider_names(&self) -> Vec<&str> {
        self.shop.providers().iter().map(|provider| provider.name()).collect()
    }

    /// The payment provider of that name, or the shop's first.
    pub(super) fn provider(&self, said: Option<String>) -> Result<String, Problem> {
        let known = self.provider_names();
        match said {
            Some(said) if !known.contains(&said.as_str()) => {
                Err(Problem::invalid("provider", format!("the providers here are {}", known.join(", "))))
            }
            Some(said) => Ok(said),
            None => known.first().map(|first| (*first).to_owned()).ok_or_else(|| Problem::invalid("provider", "there is none here")),
        }
    }

    /// Hands over what a payment provider told of; answers when it is durable.
    pub(super) async fn notice(&self, provider: &str, notice: Notice) -> Result<(), Problem> {
        let (reply, answer) = reply();
        self.shop.notice(provider, notice, reply);
        answered(answer).await?.map(|_| ()).map_err(|error| problem_of(error, Problem::from))
    }

    /// Changes keys and administrators; answers when that is durable.
    pub(super) async fn access(&self, command: AccessCommand) -> Result<(), Problem> {
        let (reply, answer) = reply();
        self.shop.access(command, reply);
        Ok(answered(answer).await??)
    }

    /// Hands behaviour to the activity writer; answers when it is taken.
    pub(super) async fn activity(&self, events: Vec<ActivityEvent>) -> Result<(), Problem> {
        let (reply, answer) = reply();
        self.shop.activity(events, reply);
        Ok(answered(answer).await?.map(|_| ())?)
    }

    /// The same under the caller's key, if one was given: what was told under it before is not told again.
    pub(super) async fn activity_under(&self, key: Option<Key>, events: Vec<ActivityEvent>) -> Result<(), Problem> {
        let Some(Key { name, digest: body, .. }) = key else { return self.activity(events).await };
        let (reply, answer) = reply();
        self.shop.activity_once(events, digest::blake3(&[name.as_str().as_bytes()]), body, reply);
        match answered(answer).await?? {
            KeyReceipt::Fresh | KeyReceipt::Repeated => Ok(()),
            KeyReceipt::Reused => Err(Problem::of_field(Kind::KeyReused, "idempotency-key", "the key was used before with other events")),
        }
    }

    /// Hands behaviour over without waiting: nothing was promised, so when the queue is full it is dropped and counted under `dropped`.
    pub(super) fn activity_unpromised(&self, events: Vec<ActivityEvent>, dropped: &'static str) {
        self.shop.activity(
            events,
            Box::new(move |answer| {
                if answer.is_err() {
                    metrics::counter!(dropped).increment(1);
                }
            }),
        );
    }

    /// What opens texts that say who somebody is: everything that shows a buyer or an address goes through it.
    pub(super) fn people(&self) -> &People {
        self.shop.readers().people()
    }

    /// What searches read, as it is now.
    pub(super) fn moment(&self) -> Result<Moment, Problem> {
        self.shop.readers().moment().ok_or_else(|| Problem::new(Kind::Stopped, "the index is not open"))
    }
}

/// A reply, and where its answer arrives.
pub(super) fn reply<T: Send + 'static>() -> (Reply<T>, oneshot::Receiver<T>) {
    let (sender, receiver) = oneshot::channel();
    let reply = move |answer| {
        if sender.send(answer).is_err() {
            tracing::debug!("the client has gone before its answer");
        }
    };
    (Box::new(reply), receiver)
}

/// Waits for a reply; a writer that ended without one has stopped.
pub(super) async fn answered<T>(receiver: oneshot::Receiver<T>) -> Result<T, Problem> {
    receiver.await.map_err(|_| Problem::from(Unavailable::Stopped))
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        match error {
            Unavailable::Busy => Self::new(Kind::Busy, format!("try again in {RETRY_AFTER_S} s")),
            Unavailable::Stopped => Self::new(Kind::Stopped, "reading goes on; writing needs an operator"),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        let detail = error.to_string();
        match error {
            AccessError::Unavailable(unavailable) => unavailable.into(),
            AccessError::Refused(AccessRefusal::Unknown { .. }) => Self::new(Kind::UnknownId, detail),
            AccessError::Refused(AccessRefusal::Exists { .. }) => Self::new(Kind::Exists, detail),
            AccessError::Refused(AccessRefusal::Invalid { field, reason }) => Self::invalid(field, reason),
            AccessError::Refused(AccessRefusal::NameReused) => Self::of_field(Kind::KeyReused, "idempotency-key", detail),
            AccessError::Refused(AccessRefusal::Over(_)) => Self::new(Kind::WrongStatus, detail),
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let detail = rejection.to_string();
        match rejection {
            Rejection::Invalid { field, reason } => Self::invalid(field, reason),
            Rejection::Unknown { .. } => Self::new(Kind::UnknownId, detail),
            Rejection::Exists { .. } => Self::new(Kind::Exists, detail),
            Rejection::WrongStatus { .. } => Self::new(Kind::WrongStatus, detail),
            Rejection::OutOfStock { .. } => Self::new(Kind::OutOfStock, detail),
            Rejection::VersionChanged { .. } => Self::of_field(Kind::PreconditionFailed, "if-match", detail),
            Rejection::StockChanged { .. } => Self::new(Kind::StockChanged, detail),
            Rejection::CartChanged { .. } => Self::new(Kind::CartChanged, detail),
            Rejection::TooManyAttempts { .. } => Self::new(Kind::TooManyAttempts, detail),
            Rejection::Refused => Self::new(Kind::Refused, detail),
            Rejection::KeyReused => Self::of_field(Kind::KeyReused, "idempotency-key", detail),
        }
    }
}

fn problem_of(error: TradeError, refused: impl FnOnce(Rejection) -> Problem) -> Problem {
    match error {
        TradeError::Rejected(rejection) => refused(rejection),
        TradeError::Unavailable(unavailable) => unavailable.into(),
    }
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Invalid { field, reason } => Self::invalid(field, reason),
            SearchError::Index(_) => Self::internal(&error),
        }
    }
}

impl From<ProductError> for Problem {
    fn from(error: ProductError) -> Self {
        Self::invalid(error.field, error.reason)
    }
}
