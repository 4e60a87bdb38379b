//! The projector thread: folds durable batches of all streams into signals, recommendation tables, demand and experiments.

use super::checkpoint::{CheckpointFiles, CheckpointWriter};
use super::debt::Debt;
use super::handle::Threads;
use super::options::Options;
use super::rebuild::{RebuildReply, Rebuilds};
use super::replay::PipelineError;
use crate::event::{Progress, Projection, Recorded};
use crate::recommend::RecommendFold;
use crate::signal::demand::DemandFold;
use crate::signal::experiments::ExperimentsFold;
use crate::signal::{Sellable, SignalFold, SkuMark};
use crate::stdx::published::Published;
use crate::trade::State;
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Products whose prior is brought up to date while nothing else is to do.
const REFRESH_PRODUCTS: usize = 2_000;
/// How long the projector waits for a batch before it refreshes priors.
const IDLE_WAIT: Duration = Duration::from_millis(200);
/// Batches folded before their effect is published; bounds how much one publish has to bring up to date.
const PUBLISH_BATCHES_MAX: usize = 1_024;
/// Time between two publishes: what happens after a quiet moment is shown at once, and what follows within this time is shown together. A
/// publish costs the same for one event as for many, and every search is an event.
const PUBLISH_GAP: Duration = Duration::from_millis(5);

/// A batch of one stream that is durable, and the availability it left behind.
#[derive(Debug)]
pub(super) struct Durable {
    /// Entries in offset order.
    pub(super) recorded: Vec<Recorded>,
    /// What can be sold of every product whose stock moved.
    pub(super) available: Vec<Sellable>,
    /// What the next start would have to replay of them.
    pub(super) written: Debt,
}

/// What can be sold of every product whose stock moved since the last call.
pub(super) fn sellable(state: &mut State) -> Vec<Sellable> {
    let mut told: Vec<Sellable> = Vec::new();
    for (product, sku) in state.take_touched_skus() {
        if told.last().is_none_or(|last| last.product != product) {
            told.push(Sellable { product, units: state.available_units_of_product(product), skus: Vec::new() });
        }
        if let Some(last) = told.last_mut() {
            last.skus.push((SkuMark::of(sku.as_str()), state.available_units_in(product, &sku) > 0));
        }
    }
    told
}

/// The folds that the projector owns.
pub(super) struct Projector {
    pub(super) signals: SignalFold,
    pub(super) recommend: RecommendFold,
    pub(super) demand: DemandFold,
    pub(super) experiments: ExperimentsFold,
    /// How far what readers see is.
    pub(super) shown: Arc<Published<Progress>>,
    pub(super) options: Options,
    pub(super) files: CheckpointFiles,
}

impl Projector {
    /// Starts the thread; gives the queue of those who ask for a rebuild of relations.
    pub(super) fn start(
        self,
        threads: &mut Threads,
        batches: Receiver<Arc<Durable>>,
        debt: Debt,
    ) -> Result<Sender<RebuildReply>, PipelineError> {
        let (to_rebuild, rebuilds) = Rebuilds::new(&self.recommend);
        threads.start_follower("projector", move || self.run(&batches, rebuilds, debt))?;
        Ok(to_rebuild)
    }

    /// Works until all writers have ended.
    fn run(mut self, batches: &Receiver<Arc<Durable>>, mut rebuilds: Rebuilds, mut debt: Debt) {
        let mut checkpoints = CheckpointWriter::default();
        let mut publish_from = Instant::now();
        loop {
            match batches.recv_timeout(IDLE_WAIT) {
                Ok(first) => {
                    debt.add(self.fold(&first));
                    // A moment that has passed takes what is there and waits for nothing.
                    let soon = std::iter::from_fn(|| batches.recv_deadline(publish_from).or_else(|_| batches.try_recv()).ok());
                    for batch in soon.take(PUBLISH_BATCHES_MAX) {
                        debt.add(self.fold(&batch));
                    }
                    self.publish();
                    publish_from = Instant::now() + PUBLISH_GAP;
                }
                Err(RecvTimeoutError::Timeout) => self.signals.refresh(REFRESH_PRODUCTS),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if rebuilds.turn(&mut self.recommend) {
                self.publish();
                // Counting anew is dear enough to be kept.
                debt.entries = debt.entries.max(self.options.checkpoint_entries);
            }
            if debt.is_due(&self.options) && !checkpoints.is_busy() {
                self.save(&mut checkpoints);
                debt = Debt::default();
            }
        }
        rebuilds.stop();
        self.save(&mut checkpoints);
        checkpoints.finish();
    }

    fn fold(&mut self, batch: &Durable) -> Debt {
        for recorded in &batch.recorded {
            self.apply(recorded);
        }
        batch.available.iter().for_each(|sellable| self.signals.set_sellable(sellable));
        batch.written
    }

    /// Folds one entry, in replay as in life.
    pub(super) fn apply(&mut self, recorded: &Recorded) {
        self.signals.apply(recorded);
        self.recommend.apply(recorded);
        self.demand.apply(recorded);
        self.experiments.apply(recorded);
    }

    /// From where entries have to be given: what the one that is least far has not seen.
    pub(super) fn progress(&self) -> Progress {
        let least = |a: Progress, b: Progress| Progress {
            trade: a.trade.min(b.trade),
            catalog: a.catalog.min(b.catalog),
            activity: a.activity.min(b.activity),
        };
        [self.recommend.progress(), self.demand.progress(), self.experiments.progress()].into_iter().fold(self.signals.progress(), least)
    }

    /// Shows what was folded.
    pub(super) fn publish(&mut self) {
        self.signals.publish();
        self.recommend.publish();
        self.demand.publish();
        self.experiments.publish();
        self.shown.swap(self.progress());
    }

    /// Writes all checkpoints while folding goes on.
    fn save(&mut self, checkpoints: &mut CheckpointWriter) {
        let (signals, recommend, demand) = (self.signals.checkpoint(), self.recommend.checkpoint(), self.demand.checkpoint());
        let experiments = self.experiments.checkpoint();
        let files = self.files.clone();
        checkpoints.start("projections", move || {
            signals.save(&files.signal()).map_err(|error| error.to_string())?;
            recommend.save(&files.recommend()).map_err(|error| error.to_string())?;
            demand.save(&files.demand()).map_err(|error| error.to_string())?;
            experiments.save(&files.experiments()).map_err(|error| error.to_string())
        });
    }
}
