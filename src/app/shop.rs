//! An open shop: the one handle that the HTTP server and the command line hold.

use super::feeds::{Door, folder_of};
use super::memory::Keeper;
use crate::access::AccessCommand;
use crate::config::{self, Config, ConfigError};
use crate::connect::feeds::{self, Feeds, Taker};
use crate::connect::profiles::Profiles;
use crate::connect::stripe::{ClientError, Stripe};
use crate::connect::webhooks::{self, Webhooks};
use crate::event::{ActivityEvent, Document};
use crate::id::{self, PaymentId};
use crate::payment::{NothingDue, Notice, Provider, SingleCaptureProvider, TestProvider};
use crate::pipeline::{
    self, AccessError, CatalogCommand, CatalogWrite, FileDigest, FileReceipt, Folders, IndexCommand, KeyError, KeyReceipt, Once, Opening,
    Pipeline, PipelineError, PutOutcome, Readers, RebuildReply, Rebuilt, Reply, TradeAnswer, TradeError, Unavailable, WriteReceipt,
};
use crate::search::index::Manifest;
use crate::search::{self, SearchError};
use crate::stdx::clock::{Clock, Deadline, SystemClock, Timestamp};
use crate::stdx::crypto;
use crate::stdx::digest::{self, Digest};
use crate::trade::Command;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};

/// How a shop is opened.
pub struct OpenOptions {
    /// Limits.
    pub config: Config,
    /// Whether products are made findable; offline imports leave that to the next start.
    pub with_index: bool,
    /// Whether others are told what happens; offline commands leave that to the next start.
    pub with_connectors: bool,
    /// Whether a shop whose people's keys are missing is opened with new ones; without it it is not opened.
    pub gives_up_lost_keys: bool,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Who authorises payments, by name; the first is the one that is meant when none is named.
    pub providers: Vec<Arc<dyn Provider>>,
}

impl OpenOptions {
    /// A server's options: indexed, on the machine's clock, with the built-in test providers.
    #[must_use]
    pub fn serving(config: Config) -> Self {
        let providers = if config.has_test_providers() { test_providers() } else { Vec::new() };
        Self { config, with_index: true, with_connectors: true, gives_up_lost_keys: false, clock: Arc::new(SystemClock), providers }
    }

    /// The same, with the real payment providers that the configuration sets up.
    ///
    /// # Errors
    /// When a secret is missing or an address is none.
    pub fn with_payment_providers(mut self) -> Result<Self, ConfigError> {
        if let Some(options) = self.config.stripe_options()? {
            let wrong = |error: ClientError| ConfigError::Value { field: "payments.stripe", reason: error.to_string() };
            self.providers.insert(0, Arc::new(Stripe::new(options).map_err(wrong)?));
        }
        Ok(self)
    }

    /// An offline command's options: like a server's, without an index.
    #[must_use]
    pub fn offline(config: Config) -> Self {
        Self { with_index: false, with_connectors: false, ..Self::serving(config) }
    }
}

/// The built-in providers, for tests and demonstrations.
fn test_providers() -> Vec<Arc<dyn Provider>> {
    vec![Arc::new(TestProvider), Arc::new(SingleCaptureProvider)]
}

/// How the operator's secret begins.
const OPERATOR_PREFIX: &str = "op_";

/// An open shop.
pub struct Shop {
    pipeline: Pipeline,
    readers: Readers,
    providers: Vec<Arc<dyn Provider>>,
    webhooks: Option<Webhooks>,
    clock: Arc<dyn Clock>,
    folders: Folders,
    search: search::Options,
    access: config::Access,
    operator_secret: String,
    ucp: config::Ucp,
    profiles: Option<Profiles>,
    feed_settings: Vec<feeds::Settings>,
    policy: webhooks::Policy,
    feeds: OnceLock<Feeds>,
    keeper: Option<Keeper>,
    is_stopping: AtomicBool,
}

impl Shop {
    /// Opens the shop directory `shop`, creating its folders when they are missing. When this returns the shop answers everything.
    ///
    /// # Errors
    /// When another process has it open, the journal is damaged, or the disk fails.
    pub fn open(shop: &Path, options: OpenOptions) -> Result<Self, PipelineError> {
        let folders = Folders::of(shop);
        let OpenOptions { config, with_index, with_connectors, gives_up_lost_keys, clock, providers } = options;
        let search = config.search_options();
        let access = config.access.clone();
        let operator_secret = format!("{OPERATOR_PREFIX}{}", digest::hex(&crypto::random::<32>().map_err(KeyError::from)?));
        let all = providers.iter().cloned().chain([Arc::new(NothingDue) as Arc<dyn Provider>]).collect();
        let opening = Opening { options: config.pipeline_options(), clock: clock.clone(), providers: all, with_index, gives_up_lost_keys };
        let (pipeline, readers) = pipeline::open(&folders, opening)?;
        let webhooks = with_connectors.then(|| open_webhooks(&folders, &config, &readers, &clock)).transpose()?;
        let keeper = with_index.then(|| keeper_of(config.memory, &readers)).transpose()?;
        let profiles = config.ucp.fetch_profiles.then(|| Profiles::new(config.policy()));
        Ok(Self {
            pipeline,
            readers,
            providers,
            webhooks,
            clock,
            folders,
            search,
            access,
            operator_secret,
            feed_settings: config.feed_settings(),
            policy: config.policy(),
            feeds: OnceLock::new(),
            keeper,
            ucp: config.ucp,
            profiles,
            is_stopping: AtomicBool::new(false),
        })
    }

    /// Snapshots of everything that can be read.
    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Endpoints that are told what happens; none when the shop was opened by an offline command.
    pub fn webhooks(&self) -> Option<&Webhooks> {
        self.webhooks.as_ref()
    }

    /// Follows the feeds of the configuration until the shop is stopped; the first call counts.
    ///
    /// # Errors
    /// When their folder cannot be made, or the system has no threads for them.
    pub fn follow_feeds(self: &Arc<Self>) -> std::io::Result<()> {
        if self.feeds.get().is_some() {
            return Ok(());
        }
        let options = feeds::Options { folder: folder_of(self), policy: self.policy.clone(), clock: Arc::clone(&self.clock) };
        let door: Arc<dyn Taker> = Arc::new(Door(Arc::downgrade(self)));
        let feeds = Feeds::start(self.feed_settings.clone(), &options, &door)?;
        self.feeds.get_or_init(|| feeds);
        Ok(())
    }

    /// The feeds that are followed; none before [`Shop::follow_feeds`].
    pub fn feeds(&self) -> Option<&Feeds> {
        self.feeds.get()
    }

    /// What the shop says of itself to platforms.
    pub fn ucp(&self) -> &config::Ucp {
        &self.ucp
    }

    /// Profiles of platforms; none when the operator does not want them fetched.
    pub fn profiles(&self) -> Option<&Profiles> {
        self.profiles.as_ref()
    }

    /// The shop's folders.
    pub fn folders(&self) -> &Folders {
        &self.folders
    }

    /// How the operator lets people in.
    pub fn access_options(&self) -> &config::Access {
        &self.access
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// When a search that begins now has to end.
    pub fn search_deadline(&self) -> Deadline {
        Deadline::within(self.search.deadline)
    }

    /// A new name: `prefix_` and a UUID of version 7. It sorts by time to the millisecond, and its other 74 bits come from the system's source of
    /// randomness, none of them counted: who knows one name cannot guess another, not even of the same millisecond.
    pub fn new_name(&self, prefix: &str) -> String {
        format!("{prefix}_{}", id::random_uuid().simple())
    }

    /// Asks the trade engine; the answer comes when its effect is durable.
    pub fn trade(&self, command: Command, reply: Reply<Result<TradeAnswer, TradeError>>) {
        self.pipeline.trade(command, false, reply);
    }

    /// Completes a checkout session; the answer comes when the payment provider has answered, or when it took too long.
    pub fn complete_checkout(&self, command: Command, reply: Reply<Result<TradeAnswer, TradeError>>) {
        self.pipeline.trade(command, true, reply);
    }

    /// The payment providers, by name.
    pub fn providers(&self) -> &[Arc<dyn Provider>] {
        &self.providers
    }

    /// Takes what a payment provider told of; the answer comes when it is durable.
    pub fn notice(&self, provider: &str, notice: Notice, reply: Reply<Result<TradeAnswer, TradeError>>) {
        self.pipeline.notice(provider, notice, reply);
    }

    /// Looks up now how a payment stands at its provider.
    pub fn look_at_payment(&self, payment: PaymentId) {
        self.pipeline.look_now(payment);
    }

    /// Changes products in order; at most [`pipeline::CATALOG_BATCH_MAX`] in one call.
    pub fn catalog(&self, commands: Vec<CatalogCommand>, reply: Reply<Result<Vec<PutOutcome>, Unavailable>>) {
        self.pipeline.catalog(commands, reply);
    }

    /// Changes products, or rules, synonyms and experiments, in order and once for a key. `note` is what the caller wants to be told again.
    pub fn write_catalog(&self, write: CatalogWrite, once: Option<Once>, note: Document, reply: Reply<Result<WriteReceipt, Unavailable>>) {
        self.pipeline.write_catalog(write, once, note, reply);
    }

    /// Keeps behaviour; at most [`pipeline::ACTIVITY_BATCH_MAX`] events in one call. Answers how many were new.
    pub fn activity(&self, events: Vec<ActivityEvent>, reply: Reply<Result<u64, Unavailable>>) {
        self.pipeline.activity(events, reply);
    }

    /// Keeps behaviour once for each key; at most [`pipeline::ACTIVITY_BATCH_MAX`] events in one call. `body` is the digest of what is told.
    pub fn activity_once(&self, events: Vec<ActivityEvent>, key: Digest, body: Digest, reply: Reply<Result<KeyReceipt, Unavailable>>) {
        self.pipeline.activity_once(events, key, body, reply);
    }

    /// Changes keys and administrators, or writes down what one of them did; answers when that is durable.
    pub fn access(&self, command: AccessCommand, reply: Reply<Result<(), AccessError>>) {
        self.pipeline.access(command, reply);
    }

    /// The secret that commands of this machine show to the server that has the shop open. It ends with the process.
    pub fn operator_secret(&self) -> &str {
        &self.operator_secret
    }

    /// What became of the rows of a file that was imported before.
    pub fn file_receipt(&self, file: FileDigest) -> FileReceipt {
        self.wait(|reply| self.pipeline.file_receipt(file, reply)).unwrap_or_default()
    }

    /// Builds, promotes or rolls back an index generation.
    pub fn index(&self, command: IndexCommand, reply: Reply<Result<Manifest, SearchError>>) {
        self.pipeline.index(command, reply);
    }

    /// Counts the relations between products anew from what is remembered of all shoppers, while everything goes on.
    pub fn rebuild_relations(&self, reply: RebuildReply) {
        self.pipeline.rebuild_relations(reply);
    }

    /// The same, and waits for it; none when the shop is stopping.
    pub fn rebuilt_relations(&self) -> Option<Rebuilt> {
        self.wait(|reply| self.pipeline.rebuild_relations(reply)).ok().and_then(Result::ok)
    }

    /// Jobs waiting in front of the trade, catalog and activity writers.
    pub fn queued(&self) -> [usize; 3] {
        self.pipeline.queued()
    }

    /// Whether requests should be sent here: open, and not on the way down.
    pub fn is_ready(&self) -> bool {
        !self.is_stopping.load(Ordering::Relaxed)
    }

    /// Announces the end, so that load balancers look elsewhere while the last requests are answered.
    pub fn begin_stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        self.readers.feed().wake();
    }

    /// Lets the writers finish, writes checkpoints, and waits for every thread.
    pub fn stop(&self) {
        self.begin_stop();
        self.feeds.get().into_iter().for_each(Feeds::stop);
        self.webhooks.iter().for_each(Webhooks::stop);
        self.keeper.iter().for_each(Keeper::stop);
        self.pipeline.stop();
    }

    /// Waits for the one answer of a call that answers through a reply; for callers that may block.
    ///
    /// # Errors
    /// When the pipeline ended without answering.
    pub fn wait<T: Send + 'static>(&self, call: impl FnOnce(Reply<T>)) -> Result<T, Unavailable> {
        let (sender, receiver) = mpsc::sync_channel(1);
        call(Box::new(move |answer| {
            if sender.send(answer).is_err() {
                tracing::debug!("nobody waits for the answer any more");
            }
        }));
        receiver.recv().map_err(|_| Unavailable::Stopped)
    }
}

fn open_webhooks(folders: &Folders, config: &Config, readers: &Readers, clock: &Arc<dyn Clock>) -> Result<Webhooks, PipelineError> {
    let catalog = readers.clone();
    let options = webhooks::Options {
        folder: folders.data.join("webhooks"),
        policy: config.policy(),
        feed: Arc::clone(readers.feed()),
        catalog: Arc::new(move || catalog.catalog()),
        clock: Arc::clone(clock),
    };
    Webhooks::open(options).map_err(|error| PipelineError::Connector(error.to_string()))
}

fn keeper_of(memory: config::Memory, readers: &Readers) -> Result<Keeper, PipelineError> {
    let catalog = readers.clone();
    Keeper::start(move || memory.budget(catalog.catalog().products_count())).map_err(|error| PipelineError::Projection(error.to_string()))
}
