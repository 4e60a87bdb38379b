//! Opening a shop: checkpoints, then everything the journal holds beyond them, then the threads.

use super::access_writer::{self, Access, AccessWriter};
use super::activity_writer::{ActivityJob, ActivityWriter};
use super::balances;
use super::catalog_writer::CatalogWriter;
use super::checkpoint::CheckpointFiles;
use super::debt::Debts;
use super::feed::Feed;
use super::folders::Folders;
use super::handle::{Pipeline, Queues, Sealing, Threads};
use super::indexer::{IndexJob, IndexWorker};
use super::journals::Journals;
use super::key_ring::KeyError;
use super::lost_keys::open_people;
use super::open_index::open_index;
use super::options::Options;
use super::payments;
use super::people::{People, erased};
use super::projector::{Projector, sellable};
use super::readers::Readers;
use super::receipts::Receipts;
use super::trade_writer::TradeWriter;
use crate::catalog::CatalogStore;
use crate::event::{Events, Projection, Recorded, Stream, codec};
use crate::id::Offset;
use crate::journal::{Journal, LockError};
use crate::payment::{self, Provider};
use crate::recommend::{self, RecommendFold};
use crate::search::SearchError;
use crate::search::index::{SearchIndex, Standing};
use crate::search::merchandising::Settings;
use crate::signal::SignalFold;
use crate::signal::demand::{self, DemandFold};
use crate::signal::experiments::{self, ExperimentsFold};
use crate::stdx::clock::Clock;
use crate::stdx::published::Published;
use crate::trade::{self, State};
use crossbeam::channel::{Sender, bounded};
use std::io;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

/// Why a shop cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// A file or folder of the shop.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The journal.
    #[error("the {stream} journal: {reason}")]
    Journal {
        /// Which stream.
        stream: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Another process has the shop open, or the lock cannot be taken.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A checkpoint; only ever a warning, because the journal has everything.
    #[error("checkpoint: {0}")]
    Checkpoint(String),
    /// A projection that cannot even start empty.
    #[error("{0}")]
    Projection(String),
    /// The keys of people's texts.
    #[error("keys: {0}")]
    Keys(#[from] KeyError),
    /// The keys are not there, and what they open is.
    #[error(
        "{path}: there are no keys, and the journal holds names, addresses and e-mail addresses that only they open: all of them would be shown as \
         erased. Put the folder back, from where it should be mounted or from the backup (`shopkeeper backup --keys` keeps it apart). If they are \
         lost for good, start once with `shopkeeper serve --give-up-lost-keys`"
    )]
    LostKeys {
        /// Where they should be.
        path: PathBuf,
    },
    /// A connector whose files cannot be read.
    #[error("{0}")]
    Connector(String),
    /// The index.
    #[error(transparent)]
    Index(#[from] SearchError),
}

impl PipelineError {
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}

/// What opening needs besides folders.
pub struct Opening {
    /// Limits.
    pub options: Options,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Who authorises payments, by name.
    pub providers: Vec<Arc<dyn Provider>>,
    /// Whether products are made findable; offline imports leave that to the next start.
    pub with_index: bool,
    /// Whether new keys are made for a journal whose old ones are missing: what they opened is then erased.
    pub gives_up_lost_keys: bool,
}

/// Everything that was read back, before any thread runs.
pub(super) struct Restored {
    pub(super) journals: Journals,
    pub(super) store: CatalogStore,
    catalog_saved_up_to: Offset,
    state: State,
    receipts: Receipts,
    projector: Projector,
    people: Arc<People>,
    access: (AccessWriter, Arc<Access>),
    debts: Debts,
}

/// Opens the shop in `folders` and starts its threads. Every acknowledged entry is folded when this returns.
///
/// # Errors
/// When another process has the shop open, the journal is damaged before its end, or the disk fails.
pub fn open(folders: &Folders, opening: Opening) -> Result<(Pipeline, Readers), PipelineError> {
    opening.options.assert_sound();
    folders.create()?;
    // The index stands on files of its own; they are opened while the rest is restored.
    let (restored, standing) = thread::scope(|scope| {
        let standing = opening.with_index.then(|| scope.spawn(|| Standing::open(&folders.index)));
        let restored = restore(folders, &opening);
        (restored, standing.map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))))
    });
    let restored = restored?;
    let worker = standing.map(|standing| open_index(folders, &opening, &restored, standing)).transpose()?;
    start(folders, opening, restored, worker)
}

fn restore(folders: &Folders, opening: &Opening) -> Result<Restored, PipelineError> {
    let files = CheckpointFiles::under(&folders.checkpoints());
    let journals = Journals::open(folders)?;
    let people = Arc::new(open_people(folders, &journals.trade, opening.gives_up_lost_keys)?);
    let mut store = loaded(&files.catalog(), CatalogStore::load).unwrap_or_default();
    let catalog_saved_up_to = store.progress().catalog;
    let (mut state, mut trade_progress) = loaded(&files.trade(), |path| State::load(path, trade_options(opening)))
        .unwrap_or_else(|| (State::new(trade_options(opening)), crate::event::Progress::default()));
    let mut receipts = loaded(&files.receipts(), Receipts::load).unwrap_or_default();
    let mut projector = open_projector(folders, &files, opening, journals.activity.end())?;
    let mut debts = Debts::default();

    let from = store.progress().catalog.min(projector.progress().catalog);
    replay(&journals.catalog, Stream::Catalog, from, &mut |recorded, bytes| {
        if recorded.offset >= catalog_saved_up_to {
            debts.catalog.add_one(bytes);
        }
        debts.projector.add_one(bytes);
        store.apply(recorded);
        projector.apply(recorded);
    })?;
    store.publish();
    let from = trade_progress.trade.min(projector.progress().trade);
    let mut destroyed = Vec::new();
    replay(&journals.trade, Stream::Trade, from, &mut |recorded, bytes| {
        if let Events::Trade(events) = &recorded.events
            && recorded.offset >= trade_progress.trade
        {
            state.begin_entry(recorded.offset);
            events.iter().for_each(|event| trade::fold(&mut state, event, recorded.at));
            destroyed.extend(erased(events));
            trade_progress.advance(Stream::Trade, recorded.offset.plus(1));
            debts.trade.add_one(bytes);
        }
        debts.projector.add_one(bytes);
        projector.apply(recorded);
    })?;
    // A process that ended between an erasure and the end of its keys brings them to their end now.
    people.forget(&destroyed)?;
    let from = receipts.progress().activity.min(projector.progress().activity);
    let receipts_saved_up_to = receipts.progress().activity;
    replay(&journals.activity, Stream::Activity, from, &mut |recorded, bytes| {
        if recorded.offset >= receipts_saved_up_to {
            debts.activity.add_one(bytes);
        }
        debts.projector.add_one(bytes);
        receipts.apply(recorded);
        projector.apply(recorded);
    })?;
    sellable(&mut state).iter().for_each(|sellable| projector.signals.set_sellable(sellable));
    projector.publish();
    let access = AccessWriter::open(folders, &journals.lock, Arc::clone(&opening.clock))?;
    Ok(Restored { journals, store, catalog_saved_up_to, state, receipts, projector, people, access, debts })
}

pub(super) fn loaded<T, E: std::fmt::Display>(path: &Path, load: impl FnOnce(&Path) -> Result<T, E>) -> Option<T> {
    if !path.exists() {
        return None;
    }
    let warn = |reason: &E| tracing::warn!(path = %path.display(), %reason, "a checkpoint cannot be used; the journal is replayed instead");
    load(path).inspect_err(warn).ok()
}

/// What was learnt of behaviour that the journal has lost with the power, where it was not synced yet, is forgotten with it: other behaviour will stand at
/// the same offsets.
pub(super) fn within<T: Projection>(folded: Option<T>, end: Offset, what: &str) -> Option<T> {
    folded.filter(|folded| {
        let is_within = folded.progress().activity <= end;
        if !is_within {
            tracing::warn!(what, "a checkpoint goes further than the journal of activity; the journal is replayed instead");
        }
        is_within
    })
}

fn open_projector(folders: &Folders, files: &CheckpointFiles, opening: &Opening, end: Offset) -> Result<Projector, PipelineError> {
    let table = folders.data.join("signals.table");
    let projection = |error: &dyn std::fmt::Display| PipelineError::Projection(error.to_string());
    let signals = loaded(&files.signal(), |path| SignalFold::load(path, Some(&table), crate::signal::Options::default()));
    let signals = match within(signals, end, "signals") {
        Some(signals) => signals,
        None => SignalFold::new(Some(&table), crate::signal::Options::default()).map_err(|error| projection(&error))?,
    };
    let options = recommend::Options::default;
    let recommend = loaded(&files.recommend(), |path| RecommendFold::load(path, options(), signals.table()));
    let recommend = within(recommend, end, "recommend").unwrap_or_else(|| RecommendFold::new(options(), signals.table()));
    let demand = loaded(&files.demand(), |path| DemandFold::load(path, demand::Options::default()));
    let demand = within(demand, end, "demand").unwrap_or_else(|| DemandFold::new(demand::Options::default()));
    let tallies = loaded(&files.experiments(), |path| ExperimentsFold::load(path, experiments::Options::default()));
    let experiments = within(tallies, end, "experiments").unwrap_or_else(|| ExperimentsFold::new(experiments::Options::default()));
    let (options, files) = (opening.options.clone(), files.clone());
    Ok(Projector { signals, recommend, demand, experiments, shown: Arc::default(), options, files })
}

/// Gives every entry of a stream from `from` on to `visit`, and how many bytes it has.
pub(super) fn replay(
    journal: &dyn Journal,
    stream: Stream,
    from: Offset,
    visit: &mut dyn FnMut(&Recorded, u64),
) -> Result<(), PipelineError> {
    let failed = |reason: String| PipelineError::Journal { stream: stream.name(), reason };
    let mut damaged = None;
    let read = journal.read(from, &mut |offset, bytes| match codec::decode(stream, offset, bytes) {
        Ok(recorded) => {
            visit(&recorded, bytes.len() as u64);
            ControlFlow::Continue(())
        }
        Err(error) => {
            damaged = Some(format!("record {}: {error}", offset.0));
            ControlFlow::Break(())
        }
    });
    read.map_err(|error| failed(error.to_string()))?;
    damaged.map_or(Ok(()), |reason| Err(failed(reason)))
}

/// What the trade engine goes by, with what the providers can do.
fn trade_options(opening: &Opening) -> trade::Options {
    let takes_once = opening.providers.iter().filter(|provider| !provider.abilities().multiple_captures);
    let single_capture = takes_once.map(|provider| provider.name().to_owned()).collect();
    let options = opening.options.trade.clone();
    trade::Options { payments: payment::Options { single_capture, ..options.payments }, ..options }
}

fn start(
    folders: &Folders,
    opening: Opening,
    restored: Restored,
    index: Option<(IndexWorker, Arc<SearchIndex>)>,
) -> Result<(Pipeline, Readers), PipelineError> {
    let Opening { options, clock, providers, .. } = opening;
    let files = CheckpointFiles::under(&folders.checkpoints());
    let mut threads = Threads::default();
    let published = Arc::new(Published::new(restored.state.clone()));
    let sealing = Sealing { people: Arc::clone(&restored.people), trade: Arc::clone(&published) };
    let settings = Arc::new(Published::new(Settings::of(restored.store.working().settings())));
    let (bell, feed) = restored.journals.feed();
    let readers = readers_of(&restored, &published, &settings, feed, index.as_ref());
    let (worker, _) = index.unzip();
    let Restored { journals, store, catalog_saved_up_to, state, receipts, projector, people, access: (access_writer, _), debts } = restored;

    balances::start(&mut threads, &readers, &options)?;
    let (to_projector, batches) = bounded(options.projection_queue_len_max);
    let to_rebuild = projector.start(&mut threads, batches, debts.projector)?;
    let to_indexer = worker.map(|worker| start_indexer(worker, &options, &mut threads)).transpose()?;

    let (to_activity, activity_jobs) = bounded::<ActivityJob>(options.activity_queue_len_max);
    let (to_trade, trade_jobs) = bounded(options.trade_queue_len_max);
    let desk = payments::start(&providers, &people, &clock, &to_trade, &options);
    let writer = TradeWriter {
        state,
        journal: Box::new(journals.trade),
        published,
        people,
        bell: Arc::clone(&bell),
        projector: to_projector.clone(),
        activity: to_activity.clone(),
        payments: desk,
        clock: clock.clone(),
        options: options.clone(),
        files: files.clone(),
        debt: debts.trade,
    };
    threads.start_writer("trade", move || writer.run(&trade_jobs))?;
    let (to_catalog, catalog_jobs) = bounded(options.catalog_queue_len_max);
    let writer = CatalogWriter {
        store,
        settings,
        saved_up_to: catalog_saved_up_to,
        journal: Box::new(journals.catalog),
        bell,
        projector: to_projector.clone(),
        indexer: to_indexer.clone(),
        trade: to_trade.clone(),
        clock: clock.clone(),
        options: options.clone(),
        files: files.clone(),
        debt: debts.catalog,
    };
    threads.start_writer("catalog", move || writer.run(&catalog_jobs))?;

    let (journal, debt) = (Box::new(journals.activity), debts.activity);
    let writer = ActivityWriter { receipts, journal, projector: to_projector, clock, options, files, debt };
    threads.start_writer("activity", move || writer.run(&activity_jobs))?;

    let (to_access, access_jobs) = bounded(access_writer::QUEUE_LEN_MAX);
    threads.start_writer("access", move || access_writer.run(&access_jobs))?;
    let queues =
        Queues { trade: to_trade, catalog: to_catalog, activity: to_activity, access: to_access, indexer: to_indexer, rebuild: to_rebuild };
    Ok((Pipeline::new(queues, sealing, threads), readers))
}

/// What readers take, of what was read back and is published from now on.
fn readers_of(
    restored: &Restored,
    published: &Arc<Published<State>>,
    settings: &Arc<Published<Settings>>,
    feed: Arc<Feed>,
    index: Option<&(IndexWorker, Arc<SearchIndex>)>,
) -> Readers {
    Readers {
        catalog: restored.store.reader(),
        trade: Arc::clone(published),
        recommend: restored.projector.recommend.reader(),
        demand: restored.projector.demand.reader(),
        experiments: restored.projector.experiments.reader(),
        shown: Arc::clone(&restored.projector.shown),
        search: index.map(|(_, search)| Arc::clone(search)),
        taste: index.map(|(worker, _)| worker.tastes.reader()).unwrap_or_default(),
        forecasts: index.map(|(worker, _)| worker.forecasts.reader()).unwrap_or_default(),
        settings: Arc::clone(settings),
        feed,
        people: Arc::clone(&restored.people),
        access: Arc::clone(&restored.access.1),
        balances: Arc::default(),
        signals: restored.projector.signals.table(),
    }
}

fn start_indexer(worker: IndexWorker, options: &Options, threads: &mut Threads) -> Result<Sender<IndexJob>, PipelineError> {
    let (to_indexer, jobs) = bounded(options.projection_queue_len_max);
    threads.start_follower("indexer", move || worker.run(&jobs))?;
    Ok(to_indexer)
}

pub(super) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<thread::JoinHandle<()>, PipelineError> {
    thread::Builder::new().name(name.to_owned()).spawn(work).map_err(PipelineError::file(Path::new(name)))
}
