//! The desk where endpoints are administered, and their outboxes started and stopped.

use super::address::Policy;
use super::deliveries::{Attempt, Deliveries};
use super::endpoint::{ENDPOINTS_MAX, Endpoint, Settings};
use super::error::WebhooksError;
use super::message;
use super::order::{Orders, PublicKey, Signer};
use super::sender::{Current, Proof, Sender, Told, send_one};
use super::signature::Secret;
use super::store::{Keyed, Known, Store};
use crate::catalog::CatalogSnapshot;
use crate::connect::changes::{ChangeId, Cursor, Wanted};
use crate::connect::outbox::{Control, Outbox, Position, Runner, Status};
use crate::connect::runtime::OwnRuntime;
use crate::event::Stream;
use crate::id::Offset;
use crate::pipeline::Feed;
use crate::stdx::clock::{Clock, Timestamp};
use crate::stdx::published::Published;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The file of all endpoints; each has a place beside it, named after it.
const FILE: &str = "endpoints.json";

/// What the desk needs.
pub struct Options {
    /// Its folder.
    pub folder: PathBuf,
    /// What the operator allows.
    pub policy: Policy,
    /// What is told.
    pub feed: Arc<Feed>,
    /// Where names of products come from.
    pub catalog: Arc<dyn Fn() -> Arc<CatalogSnapshot> + Send + Sync>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
}

/// An endpoint's outbox, running or not.
struct Desk {
    runner: Option<Runner>,
    control: Arc<Control>,
    current: Current,
    wanted: Arc<Published<Wanted>>,
    deliveries: Arc<Deliveries>,
}

struct Inner {
    store: Store,
    desks: BTreeMap<String, Desk>,
}

/// All endpoints of a shop. Calls may wait for the disk.
pub struct Webhooks {
    options: Options,
    policy: Arc<Policy>,
    signer: Arc<Signer>,
    orders: Arc<OnceLock<Orders>>,
    inner: Mutex<Inner>,
}

impl Webhooks {
    /// Reads the endpoints of a shop and starts the outboxes of those that are enabled.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn open(options: Options) -> Result<Self, WebhooksError> {
        std::fs::create_dir_all(&options.folder)?;
        let store = Store::open(&options.folder.join(FILE))?;
        let endpoints: Vec<Endpoint> = store.endpoints().cloned().collect();
        let policy = Arc::new(options.policy.clone());
        let signer = Arc::new(Signer::open(&options.folder)?);
        let inner = Mutex::new(Inner { store, desks: BTreeMap::new() });
        let webhooks = Self { options, policy, signer, orders: Arc::default(), inner };
        for endpoint in endpoints {
            let desk = webhooks.desk(&endpoint, None)?;
            webhooks.inner().desks.insert(endpoint.id, desk);
        }
        Ok(webhooks)
    }

    /// Says how platforms are told of their orders; the first time counts.
    pub fn tell_orders(&self, orders: Orders) {
        self.orders.get_or_init(|| orders);
    }

    /// What checks that a platform was told by this shop.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        self.signer.public()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bounds(&self, stream: Stream) -> (Offset, Offset) {
        self.options.feed.bounds(stream).unwrap_or_default()
    }

    fn place_of(&self, id: &str) -> PathBuf {
        self.options.folder.join(format!("{id}.place.json"))
    }

    /// A desk for an endpoint, its outbox running if it is to: from its kept place, or from `cursor`, or from the end of the journal.
    fn desk(&self, endpoint: &Endpoint, cursor: Option<Cursor>) -> Result<Desk, WebhooksError> {
        let streams = &endpoint.settings.streams;
        let kept = Position::read(&self.place_of(&endpoint.id), streams, |stream| self.bounds(stream))?;
        let position = kept.unwrap_or_else(|| {
            let cursor = cursor.unwrap_or_else(|| Cursor::at_end(streams, |stream| self.bounds(stream)));
            Position::starting(self.place_of(&endpoint.id), cursor)
        });
        position.save(streams)?;
        let desk = Desk {
            runner: None,
            control: Control::new(),
            current: Arc::new(Mutex::new(endpoint.clone())),
            wanted: Arc::new(Published::new(endpoint.settings.wanted())),
            deliveries: Arc::default(),
        };
        self.start(desk, position)
    }

    /// Starts an outbox whose endpoint is enabled and which has not ended by itself.
    fn start(&self, mut desk: Desk, position: Position) -> Result<Desk, WebhooksError> {
        let endpoint = desk.current.lock().unwrap_or_else(PoisonError::into_inner).clone();
        desk.control.tell(|status| {
            status.after = position.cursor.text(&endpoint.settings.streams);
            (status.delivered_count, status.failures_count) = (position.delivered_count, position.failures_count);
            status.ended.clone_from(&position.ended);
        });
        if !endpoint.settings.is_enabled || position.ended.is_some() {
            return Ok(desk);
        }
        let sender = Sender {
            endpoint: Arc::clone(&desk.current),
            policy: Arc::clone(&self.policy),
            clock: Arc::clone(&self.options.clock),
            deliveries: Arc::clone(&desk.deliveries),
            control: Arc::clone(&desk.control),
            runtime: OwnRuntime::new()?,
            kept: None,
            signer: Arc::clone(&self.signer),
            orders: Arc::clone(&self.orders),
        };
        let outbox = Outbox {
            name: endpoint.id,
            streams: endpoint.settings.streams,
            wanted: Arc::clone(&desk.wanted),
            position,
            feed: Arc::clone(&self.options.feed),
            catalog: Arc::clone(&self.options.catalog),
            clock: Arc::clone(&self.options.clock),
            control: Arc::clone(&desk.control),
        };
        desk.runner = Some(Runner::start(outbox, Box::new(sender))?);
        Ok(desk)
    }

    /// All endpoints in the order of their making, and how they are.
    #[must_use]
    pub fn list(&self) -> Vec<(Endpoint, Status)> {
        let inner = self.inner();
        let status = |endpoint: &Endpoint| {
            let status = inner.desks.get(&endpoint.id).map(|desk| desk.control.status()).unwrap_or_default();
            let lag_entries = self.lag(&endpoint.settings.streams, &status.after);
            Status { lag_entries, ..status }
        };
        inner.store.endpoints().map(|endpoint| (endpoint.clone(), status(endpoint))).collect()
    }

    /// Entries between a place and the end of the journal, now.
    fn lag(&self, streams: &[Stream], after: &str) -> u64 {
        let Ok(cursor) = Cursor::read(after, streams, |stream| self.bounds(stream)) else { return 0 };
        let behind = |stream: &Stream| self.bounds(*stream).1.0.saturating_sub(cursor.of(*stream).offset.0);
        streams.iter().map(behind).sum()
    }

    /// One endpoint, and how it is.
    ///
    /// # Errors
    /// When none has that name.
    pub fn get(&self, id: &str) -> Result<(Endpoint, Status), WebhooksError> {
        self.list().into_iter().find(|(endpoint, _)| endpoint.id == id).ok_or_else(|| WebhooksError::Unknown(id.to_owned()))
    }

    /// Makes an endpoint called `id` that is told of what comes after `after` (a cursor, `start` or `end`), once for each key.
    ///
    /// # Errors
    /// When the address is refused, there are too many, the key belongs to another write, or the disk refuses.
    pub fn create(&self, id: &str, settings: Settings, after: &str, keyed: Keyed) -> Result<Endpoint, WebhooksError> {
        let mut inner = self.inner();
        let now = self.options.clock.now();
        if let Some(Repeated(Some(done))) = repeated(&inner.store, Some(&keyed), now)? {
            return Ok(*done);
        }
        settings.check(&self.policy)?;
        let words = |word: &str| settings.streams.iter().map(|stream| format!("{}/{word}", stream.name())).collect::<Vec<_>>().join(",");
        let after = if matches!(after, "start" | "end") { words(after) } else { after.to_owned() };
        let cursor = Cursor::read(&after, &settings.streams, |stream| self.bounds(stream))?;
        if inner.store.endpoints().count() >= ENDPOINTS_MAX {
            return Err(WebhooksError::Full);
        }
        let endpoint = Endpoint {
            id: id.to_owned(),
            settings,
            secret: Secret::fresh()?,
            replaced: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        inner.store.put(endpoint.clone(), Some(keyed), now)?;
        let desk = self.desk(&endpoint, Some(cursor))?;
        inner.desks.insert(endpoint.id.clone(), desk);
        Ok(endpoint)
    }

    /// Changes an endpoint, if its version is still `expected`, once for a key. Switching one on also starts one again that had ended by
    /// itself.
    ///
    /// # Errors
    /// When it is unknown, has changed, its address is refused, the key belongs to another write, or the disk refuses.
    pub fn change(&self, id: &str, expected: Option<u64>, settings: Settings, keyed: Option<Keyed>) -> Result<Endpoint, WebhooksError> {
        let mut inner = self.inner();
        let now = self.options.clock.now();
        if let Some(Repeated(Some(done))) = repeated(&inner.store, keyed.as_ref(), now)? {
            return Ok(*done);
        }
        let before = inner.store.get(id).cloned().ok_or_else(|| WebhooksError::Unknown(id.to_owned()))?;
        check_version(&before, expected)?;
        settings.check(&self.policy)?;
        let mut endpoint = Endpoint { settings: Settings { streams: before.settings.streams.clone(), ..settings }, ..before };
        endpoint.touch(now);
        inner.store.put(endpoint.clone(), keyed, now)?;
        let Some(desk) = inner.desks.get_mut(id) else { return Ok(endpoint) };
        desk.wanted.swap(endpoint.settings.wanted());
        *desk.current.lock().unwrap_or_else(PoisonError::into_inner) = endpoint.clone();
        if !endpoint.settings.is_enabled {
            desk.runner.iter().for_each(Runner::begin_stop);
        } else if desk.runner.as_ref().is_none_or(Runner::is_over) || desk.control.is_stopping() || desk.control.status().ended.is_some() {
            let Some(desk) = inner.desks.remove(id) else { return Ok(endpoint) };
            let desk = self.again(desk, &endpoint)?;
            inner.desks.insert(id.to_owned(), desk);
        }
        Ok(endpoint)
    }

    /// Starts an outbox that had stopped or ended, from its place, with no failures behind it.
    fn again(&self, desk: Desk, endpoint: &Endpoint) -> Result<Desk, WebhooksError> {
        let Desk { runner, current, wanted, deliveries, .. } = desk;
        runner.into_iter().for_each(Runner::stop);
        let streams = &endpoint.settings.streams;
        let kept = Position::read(&self.place_of(&endpoint.id), streams, |stream| self.bounds(stream))?;
        let cursor = || Cursor::at_end(streams, |stream| self.bounds(stream));
        let mut position = kept.unwrap_or_else(|| Position::starting(self.place_of(&endpoint.id), cursor()));
        (position.failures_count, position.ended) = (0, None);
        position.save(streams)?;
        self.start(Desk { runner: None, control: Control::new(), current, wanted, deliveries }, position)
    }

    /// Gives an endpoint a new secret, if its version is still `expected`; the one before signs for a day more.
    ///
    /// # Errors
    /// When it is unknown, has changed, the key belongs to another write, or the disk refuses.
    pub fn rotate(&self, id: &str, expected: Option<u64>, keyed: Keyed) -> Result<Endpoint, WebhooksError> {
        let mut inner = self.inner();
        let now = self.options.clock.now();
        if let Some(Repeated(Some(done))) = repeated(&inner.store, Some(&keyed), now)? {
            return Ok(*done);
        }
        let mut endpoint = inner.store.get(id).cloned().ok_or_else(|| WebhooksError::Unknown(id.to_owned()))?;
        check_version(&endpoint, expected)?;
        endpoint.replace_secret(Secret::fresh()?, now);
        inner.store.put(endpoint.clone(), Some(keyed), now)?;
        if let Some(desk) = inner.desks.get(id) {
            *desk.current.lock().unwrap_or_else(PoisonError::into_inner) = endpoint.clone();
        }
        Ok(endpoint)
    }

    /// Forgets an endpoint and its secrets, if its version is still `expected`, once for a key.
    ///
    /// # Errors
    /// When it is unknown, has changed, the key belongs to another write, or the disk refuses.
    pub fn remove(&self, id: &str, expected: Option<u64>, keyed: Option<Keyed>) -> Result<(), WebhooksError> {
        let mut inner = self.inner();
        let now = self.options.clock.now();
        if repeated(&inner.store, keyed.as_ref(), now)?.is_some() {
            return Ok(());
        }
        let before = inner.store.get(id).ok_or_else(|| WebhooksError::Unknown(id.to_owned()))?;
        check_version(before, expected)?;
        inner.store.remove(id, keyed, now)?;
        if let Some(desk) = inner.desks.remove(id) {
            desk.control.discard();
            self.options.feed.wake();
        }
        Ok(Position::remove(&self.place_of(id))?)
    }

    /// The last attempts at an endpoint, the newest first.
    ///
    /// # Errors
    /// When it is unknown.
    pub fn deliveries(&self, id: &str, limit: usize) -> Result<Vec<Attempt>, WebhooksError> {
        let inner = self.inner();
        let desk = inner.desks.get(id).ok_or_else(|| WebhooksError::Unknown(id.to_owned()))?;
        Ok(desk.deliveries.newest(limit))
    }

    /// Has one change delivered once more, outside the order.
    ///
    /// # Errors
    /// When the endpoint is unknown or not running, or too many wait already.
    pub fn repeat(&self, id: &str, change: ChangeId) -> Result<(), WebhooksError> {
        let inner = self.inner();
        let desk = inner.desks.get(id).ok_or_else(|| WebhooksError::Unknown(id.to_owned()))?;
        let is_running = !desk.control.is_stopping() && desk.control.status().ended.is_none();
        let runner = desk.runner.as_ref().filter(|runner| is_running && !runner.is_over()).ok_or(WebhooksError::Disabled)?;
        if runner.repeat(change) { Ok(()) } else { Err(WebhooksError::Busy) }
    }

    /// A message that says nothing, for an endpoint. Nothing is sent yet: this may wait for the disk, sending may not.
    ///
    /// # Errors
    /// When it is unknown.
    pub fn trial(&self, id: &str) -> Result<Trial, WebhooksError> {
        let inner = self.inner();
        let endpoint = inner.store.get(id).cloned().ok_or_else(|| WebhooksError::Unknown(id.to_owned()))?;
        let deliveries = inner.desks.get(id).map(|desk| Arc::clone(&desk.deliveries));
        Ok(Trial { endpoint, policy: Arc::clone(&self.policy), clock: Arc::clone(&self.options.clock), deliveries })
    }

    /// Ends all outboxes and waits until they have kept their places.
    pub fn stop(&self) {
        let desks = std::mem::take(&mut self.inner().desks);
        let runners: Vec<Runner> = desks.into_values().filter_map(|desk| desk.runner).collect();
        runners.iter().for_each(Runner::begin_stop);
        runners.into_iter().for_each(Runner::stop);
    }
}

/// A message that says nothing, ready to be sent.
pub struct Trial {
    endpoint: Endpoint,
    policy: Arc<Policy>,
    clock: Arc<dyn Clock>,
    deliveries: Option<Arc<Deliveries>>,
}

impl Trial {
    /// Sends it under a name, waits for what comes of it, and remembers that. Needs nothing of the desk, which may be waiting for the disk.
    pub async fn sent(self, message_id: String) -> Attempt {
        let told = Told { id: message_id, kind: "webhook.test".to_owned(), body: message::test(self.clock.now()), proof: Proof::Secret };
        let sent = send_one(&self.endpoint, &self.policy, self.clock.as_ref(), told, None).await;
        self.deliveries.iter().for_each(|deliveries| deliveries.note(sent.attempt.clone()));
        sent.attempt
    }
}

/// What came of the write that is repeated.
struct Repeated(Option<Box<Endpoint>>);

/// Whether the write under a key was done before. A key is bound to its operation, so what it left is what the operation leaves.
fn repeated(store: &Store, keyed: Option<&Keyed>, now: Timestamp) -> Result<Option<Repeated>, WebhooksError> {
    match keyed.map_or(Known::Fresh, |keyed| store.known(keyed, now)) {
        Known::Fresh => Ok(None),
        Known::Repeated(endpoint) => Ok(Some(Repeated(endpoint))),
        Known::Reused => Err(WebhooksError::KeyReused),
    }
}

fn check_version(endpoint: &Endpoint, expected: Option<u64>) -> Result<(), WebhooksError> {
    match expected {
        Some(expected) if expected != endpoint.version => Err(WebhooksError::Version(endpoint.version)),
        Some(_) | None => Ok(()),
    }
}
