//! What readers take: immutable snapshots, never a lock and never a wait for a writer.

use super::access_writer::Access;
use super::balances::Balances;
use super::feed::Feed;
use super::people::People;
use crate::catalog::CatalogSnapshot;
use crate::event::{Progress, Stream};
use crate::model::forecasts::Forecasts;
use crate::model::taste::Taste;
use crate::recommend::RecommendSnapshot;
use crate::search::Moment;
use crate::search::index::SearchIndex;
use crate::search::merchandising::Settings;
use crate::signal::SignalTable;
use crate::signal::demand::DemandSnapshot;
use crate::signal::experiments::ExperimentsSnapshot;
use crate::stdx::published::Published;
use crate::trade::State;
use std::sync::Arc;

/// Everything that can be read, each at its newest published moment.
#[derive(Clone)]
pub struct Readers {
    pub(super) catalog: Arc<Published<CatalogSnapshot>>,
    pub(super) trade: Arc<Published<State>>,
    pub(super) recommend: Arc<Published<RecommendSnapshot>>,
    pub(super) demand: Arc<Published<DemandSnapshot>>,
    pub(super) experiments: Arc<Published<ExperimentsSnapshot>>,
    pub(super) shown: Arc<Published<Progress>>,
    pub(super) search: Option<Arc<SearchIndex>>,
    pub(super) taste: Arc<Published<Option<Taste>>>,
    pub(super) forecasts: Arc<Published<Option<Forecasts>>>,
    pub(super) settings: Arc<Published<Settings>>,
    pub(super) feed: Arc<Feed>,
    pub(super) people: Arc<People>,
    pub(super) access: Arc<Access>,
    pub(super) balances: Arc<Published<Option<Balances>>>,
    /// The live numbers of every product.
    pub signals: Arc<SignalTable>,
}

impl Readers {
    /// Products.
    #[must_use]
    pub fn catalog(&self) -> Arc<CatalogSnapshot> {
        self.catalog.take()
    }

    /// Carts, checkout sessions, orders, payments and stock.
    #[must_use]
    pub fn trade(&self) -> Arc<State> {
        self.trade.take()
    }

    /// How many entries of a stream that others are told of the live numbers and recommendations do not show yet; none where nobody may know.
    #[must_use]
    pub fn unshown(&self, stream: Stream) -> Option<u64> {
        let shown = self.shown.take().of(stream);
        let (_, end) = self.feed.bounds(stream).ok()?;
        Some(end.0.saturating_sub(shown.0))
    }

    /// What opens texts that say who somebody is.
    #[must_use]
    pub fn people(&self) -> &Arc<People> {
        &self.people
    }

    /// Keys and administrators.
    #[must_use]
    pub fn access(&self) -> &Arc<Access> {
        &self.access
    }

    /// What the last look through all balances found; none before the first one has ended.
    #[must_use]
    pub fn balances(&self) -> Arc<Option<Balances>> {
        self.balances.take()
    }

    /// The journal as followers read it.
    #[must_use]
    pub fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// Item-to-item tables.
    #[must_use]
    pub fn recommend(&self) -> Arc<RecommendSnapshot> {
        self.recommend.take()
    }

    /// What was learnt of shoppers' tastes; none before `shopkeeper train relations`, or when the shop was opened without an index.
    #[must_use]
    pub fn taste(&self) -> Arc<Option<Taste>> {
        self.taste.take()
    }

    /// How much will be wanted of what; none before `shopkeeper train forecast`, or when the shop was opened without an index.
    #[must_use]
    pub fn forecasts(&self) -> Arc<Option<Forecasts>> {
        self.forecasts.take()
    }

    /// What queries lead to.
    #[must_use]
    pub fn demand(&self) -> Arc<DemandSnapshot> {
        self.demand.take()
    }

    /// What experiments come to.
    #[must_use]
    pub fn experiments(&self) -> Arc<ExperimentsSnapshot> {
        self.experiments.take()
    }

    /// Everything that a search reads; none when the shop was opened without an index (offline imports).
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        let index = self.search.as_ref()?.snapshot();
        Some(Moment {
            index,
            signals: Arc::clone(&self.signals),
            catalog: self.catalog(),
            settings: self.settings.take(),
            demand: self.demand(),
        })
    }
}
