//! The one writer of the tables: a fold over what shoppers do and order.
//!
//! Everything about people is folded by [`Logs`], from the activity stream; the catalogue only says which ordinals there are.

use super::Options;
use super::base::{Base, LogsCopy};
use super::logs::Logs;
use super::snapshot::RecommendSnapshot;
use super::tables::LiveTables;
use super::tops::{Tops, TopsKeeper};
use crate::event::{ActivityEvent, CatalogEvent, Events, Progress, Projection, Recorded};
use crate::id::Ordinal;
use crate::signal::{PRODUCTS_MAX, SignalTable};
use crate::stdx::published::Published;
use std::fmt;
use std::sync::Arc;

/// Lines of an order that say which products there are; longer ones are not paired further either.
const ORDER_LINES_TOUCHED_MAX: usize = super::logs::ORDER_PRODUCTS_MAX;
/// Touched products that a publish looks at for its lists; the others have their turn later.
const TOUCHED_MAX: usize = 4_096;

/// Everything folded so far.
pub(super) struct State {
    pub(super) options: Arc<Options>,
    pub(super) tables: LiveTables,
    pub(super) logs: Logs,
    /// One beyond the largest ordinal that any event named.
    pub(super) products_end: u32,
    pub(super) progress: Progress,
}

impl State {
    fn new(options: Options) -> Self {
        Self {
            tables: LiveTables::new(&options),
            logs: Logs::new(options.rings_max, options.orders_remembered_max),
            products_end: 0,
            progress: Progress::default(),
            options: Arc::new(options),
        }
    }

    /// Folds what waits: before anybody looks at the state.
    pub(super) fn settle(&mut self) {
        self.logs.settle(&mut self.tables);
    }

    fn snapshot(&self, tops: Arc<Tops>) -> RecommendSnapshot {
        RecommendSnapshot {
            options: Arc::clone(&self.options),
            relations: self.tables.readers(),
            rings: self.logs.rings.reader(),
            visits: self.tables.visits.reader(),
            habits: self.tables.habits.clone(),
            tops,
            products_end: self.products_end,
        }
    }
}

/// Folds events into the recommendation tables. One per process.
pub struct RecommendFold {
    pub(super) state: State,
    published: Arc<Published<RecommendSnapshot>>,
    signals: Arc<SignalTable>,
    keeper: TopsKeeper,
    tops: Arc<Tops>,
    touched: Vec<Ordinal>,
}

impl fmt::Debug for RecommendFold {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RecommendFold")
            .field("products_end", &self.state.products_end)
            .field("progress", &self.state.progress)
            .finish_non_exhaustive()
    }
}

impl RecommendFold {
    /// Empty tables. The lists of popular and trending products are taken from `signals` at each publish.
    #[must_use]
    pub fn new(options: Options, signals: Arc<SignalTable>) -> Self {
        let (state, tops) = (State::new(options), Arc::new(Tops::default()));
        Self {
            published: Arc::new(Published::new(state.snapshot(Arc::clone(&tops)))),
            state,
            signals,
            keeper: TopsKeeper::default(),
            tops,
            touched: Vec::new(),
        }
    }

    /// Where readers take snapshots.
    #[must_use]
    pub fn reader(&self) -> Arc<Published<RecommendSnapshot>> {
        Arc::clone(&self.published)
    }

    /// The live numbers that the lists are taken from.
    #[must_use]
    pub fn signals(&self) -> &SignalTable {
        &self.signals
    }

    fn touch(&mut self, product: Ordinal) {
        if product.index() < PRODUCTS_MAX {
            self.state.products_end = self.state.products_end.max(product.0 + 1);
            if self.touched.len() < TOUCHED_MAX {
                self.touched.push(product);
            }
        }
    }

    /// The products that an event is about.
    fn touch_all(&mut self, event: &ActivityEvent) {
        match event {
            ActivityEvent::Behaved { product, .. } => self.touch(*product),
            ActivityEvent::OrderImported { lines, .. } | ActivityEvent::OrderNoted { lines, .. } => {
                lines.iter().take(ORDER_LINES_TOUCHED_MAX).for_each(|line| self.touch(line.product));
            }
            ActivityEvent::ImportProgressed { .. }
            | ActivityEvent::Searched { .. }
            | ActivityEvent::Recommended { .. }
            | ActivityEvent::Exposed { .. }
            | ActivityEvent::CancellationNoted { .. }
            | ActivityEvent::KeyUsed { .. }
            | ActivityEvent::ShopperErased { .. } => {}
        }
    }

    /// Limits and half-lives.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.state.options
    }

    /// Whether exact relations stand beside the live ones.
    #[must_use]
    pub fn has_base(&self) -> bool {
        self.state.tables.base().is_some()
    }

    /// Shoppers and visits of whom a log is kept.
    #[must_use]
    pub fn logs_count(&self) -> usize {
        self.state.logs.rings.reader().count()
    }

    /// Begins a rebuild: from now on everything is counted a second time, into tables that will stand beside the new base; and gives a copy
    /// of all logs as they are, for [`Base::counted`] to make that base from, on another thread and in its own time. A rebuild that was begun
    /// before and not ended is given up.
    pub fn begin_rebuild(&mut self) -> LogsCopy {
        self.state.settle();
        self.state.tables.begin(&self.state.options);
        LogsCopy::of(&self.state.logs.rings)
    }

    /// Ends the rebuild that was begun last: `base` takes the place of everything counted before it began. Readers see it from the next
    /// publish on and never wait. False when no rebuild was begun, or the base was made with other half-lives.
    pub fn swap_base(&mut self, base: Base) -> bool {
        self.state.settle();
        self.state.tables.swap(base)
    }
}

impl Projection for RecommendFold {
    fn apply(&mut self, recorded: &Recorded) {
        let stream = recorded.stream();
        if recorded.offset < self.state.progress.of(stream) {
            return;
        }
        match &recorded.events {
            // Orders placed here are noted in the activity stream.
            Events::Trade(_) => {}
            Events::Activity(events) => {
                for event in events {
                    self.touch_all(event);
                    self.state.logs.fold(event, recorded.at, &mut self.state.tables);
                }
            }
            Events::Catalog(events) => {
                for event in events {
                    match event {
                        CatalogEvent::ProductPut { ordinal, .. } | CatalogEvent::ProductRemoved { ordinal, .. } => self.touch(*ordinal),
                        CatalogEvent::SettingPut { .. } | CatalogEvent::SettingRemoved { .. } | CatalogEvent::KeyUsed { .. } => {}
                    }
                }
            }
        }
        self.state.progress.advance(stream, recorded.offset.plus(1));
    }

    fn publish(&mut self) {
        self.state.settle();
        self.tops = self.keeper.next(&self.tops, &self.touched, self.state.products_end, &self.signals);
        self.touched.clear();
        self.published.swap(self.state.snapshot(Arc::clone(&self.tops)));
    }

    fn progress(&self) -> Progress {
        self.state.progress
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
pub(super) mod tests;
