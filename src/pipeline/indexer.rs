//! The indexer thread: makes catalogue changes findable, and builds, promotes and rolls back generations in a running shop.

use super::learnt::LearntFiles;
use super::options::Options;
use super::own_builds::OwnBuilds;
use super::projector::Durable;
use super::queue::Reply;
use super::weights::WeightsFile;
use crate::catalog::CatalogSnapshot;
use crate::event::Progress;
use crate::model::embedding::Embeddings;
use crate::model::forecasts::Forecasts;
use crate::model::taste::Taste;
use crate::search::index::{self, GenerationId, Indexer, Manifest};
use crate::search::{Languages, SearchError};
use crate::stdx::clock::{Clock, Timestamp};
use crate::stdx::published::Published;
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// What can be asked of a running shop's index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexCommand {
    /// Build a new generation from the catalogue as it is; the live one stays.
    Build,
    /// Make a generation the live one.
    Promote(GenerationId),
    /// Return to the generation that was live before.
    Rollback,
}

pub(super) type IndexReply = Reply<Result<Manifest, SearchError>>;

/// What the indexer is asked to do.
pub(super) enum IndexJob {
    /// Products changed, durably.
    Changed(Arc<Durable>),
    /// Build, promote or roll back.
    Command { command: IndexCommand, reply: IndexReply },
    /// Make the last changes findable and end.
    Stop,
}

/// The indexer and everything it owns.
pub(super) struct IndexWorker {
    pub(super) indexer: Indexer,
    pub(super) weights: WeightsFile,
    pub(super) tastes: LearntFiles<Taste>,
    pub(super) forecasts: LearntFiles<Forecasts>,
    pub(super) folder: PathBuf,
    pub(super) models: PathBuf,
    pub(super) catalog: Arc<Published<CatalogSnapshot>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) options: Options,
    pub(super) builds: OwnBuilds,
}

impl IndexWorker {
    /// Works until all senders are gone.
    pub(super) fn run(mut self, queue: &Receiver<IndexJob>) {
        let pause = Duration::from_millis(self.options.index_commit_ms);
        let mut dirty_since: Option<Instant> = None;
        loop {
            let wait = dirty_since.map_or(Duration::from_secs(1), |since| pause.saturating_sub(since.elapsed()));
            match queue.recv_timeout(wait) {
                Ok(IndexJob::Changed(batch)) => {
                    batch.recorded.iter().for_each(|recorded| self.indexer.apply(recorded));
                    dirty_since.get_or_insert_with(Instant::now);
                }
                Ok(IndexJob::Command { command, reply }) => self.obey(command, reply),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(IndexJob::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
            self.tastes.look();
            self.forecasts.look();
            self.keep_up();
            if let Some(weights) = self.weights.changed() {
                self.indexer.set_weights(weights);
                self.commit();
            }
            if dirty_since.is_some_and(|since| since.elapsed() >= pause) {
                self.commit();
                dirty_since = None;
            }
        }
    }

    fn commit(&mut self) {
        self.indexer.commit();
        metrics::gauge!("shopkeeper_index_overlay_products").set(self.indexer.overlay_count() as f64);
    }

    /// Takes up the generation that was built of its own accord, or begins one where too much has been put since the last.
    fn keep_up(&mut self) {
        if let Some(built) = self.builds.ended(Instant::now()) {
            let promoted = built.and_then(|manifest| index::promote(&self.folder, manifest.id));
            match promoted.and_then(|manifest| self.swap(manifest.id)) {
                Ok(manifest) => {
                    tracing::info!(generation = %manifest.id, products = manifest.products_count, "a generation was built and promoted")
                }
                Err(reason) => tracing::error!(%reason, "a generation could not be built and promoted"),
            }
        }
        let now = Instant::now();
        if self.options.rebuilds_index && self.builds.may_begin(now) && self.indexer.wants_rebuild() {
            let reply = self.builds.begin(now);
            self.build(reply);
        }
    }

    fn obey(&mut self, command: IndexCommand, reply: IndexReply) {
        match command {
            IndexCommand::Build => self.build(reply),
            IndexCommand::Promote(generation) => {
                let promoted = index::promote(&self.folder, generation);
                reply(promoted.and_then(|_| self.swap(generation)));
            }
            IndexCommand::Rollback => {
                let generation = index::rollback(&self.folder);
                reply(generation.and_then(|generation| self.swap(generation)));
            }
        }
    }

    fn swap(&mut self, generation: GenerationId) -> Result<Manifest, SearchError> {
        self.indexer.set_embeddings(open_embeddings(&self.models).map(Arc::new));
        self.indexer.swap(generation, &self.catalog.take())?;
        Manifest::read(&self.folder, generation)
    }

    /// Builds on a thread of its own, so that live changes go on being indexed meanwhile.
    fn build(&self, reply: IndexReply) {
        let (folder, models, now) = (self.folder.clone(), self.models.clone(), self.clock.now());
        let (catalog, languages) = (self.catalog.take(), Arc::clone(&self.options.languages));
        let turn = self.builds.turn();
        let build = move || {
            reply(build_generation(&folder, &models, &catalog, &languages, now));
            drop(turn);
        };
        if let Err(reason) = thread::Builder::new().name("index-build".to_owned()).spawn(build) {
            tracing::error!(%reason, "the build thread could not be started");
        }
    }
}

/// Builds a generation with the embeddings under `models`, if there are any.
pub(super) fn build_generation(
    folder: &Path,
    models: &Path,
    catalog: &CatalogSnapshot,
    languages: &Languages,
    now: Timestamp,
) -> Result<Manifest, SearchError> {
    let embeddings = open_embeddings(models);
    let progress: Progress = catalog.progress();
    index::build_generation(folder, catalog, progress, embeddings.as_ref(), languages.stemmed(), now, &|_, _| {})
}

/// The shop's embeddings; none when there are none, or when they are damaged, which is said.
pub(super) fn open_embeddings(models: &Path) -> Option<Embeddings> {
    let path = models.join("embeddings.bin");
    if !path.exists() {
        return None;
    }
    Embeddings::open(&path).inspect_err(|reason| tracing::warn!(%reason, "embeddings cannot be used; search goes by words only")).ok()
}

/// Sends a command without waiting for a place in the queue for longer than a moment.
pub(super) fn send(queue: &Sender<IndexJob>, command: IndexCommand, reply: IndexReply) {
    if let Err(refused) = queue.send_timeout(IndexJob::Command { command, reply }, Duration::from_secs(1)) {
        let IndexJob::Command { reply, .. } = refused.into_inner() else { return };
        reply(Err(SearchError::Index("the indexer is not taking commands".to_owned())));
    }
}
