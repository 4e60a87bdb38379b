//! One moment of everything that a search reads.

use super::filter::Scope;
use super::index::SearchSnapshot;
use super::merchandising::Settings;
use crate::catalog::CatalogSnapshot;
use crate::id::MarketplaceId;
use crate::signal::SignalTable;
use crate::signal::demand::DemandSnapshot;
use crate::stdx::clock::Timestamp;
use roaring::RoaringBitmap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Snapshots taken together. They stay as they are for as long as they are held, but for the live numbers, which move in place. Cheap to
/// clone.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Words, vectors, facts.
    pub index: Arc<SearchSnapshot>,
    /// Live numbers of every product.
    pub signals: Arc<SignalTable>,
    /// Product documents.
    pub catalog: Arc<CatalogSnapshot>,
    /// What queries lead to.
    pub demand: Arc<DemandSnapshot>,
    /// Rules and synonyms.
    pub settings: Arc<Settings>,
}

/// Whom products are shown to, and when.
#[derive(Debug, Clone, Copy, Default)]
pub struct Onlooker<'a> {
    /// Where they shop, if they say.
    pub marketplace: Option<&'a MarketplaceId>,
    /// The time.
    pub now: Timestamp,
}

impl Moment {
    /// The marketplaces that offers, the shop's languages, rules or synonyms name.
    #[must_use]
    pub fn marketplaces(&self) -> BTreeSet<&MarketplaceId> {
        let index = &self.index;
        index.columns.marketplaces().iter().chain(index.languages.marketplaces()).chain(self.settings.marketplaces()).collect()
    }

    /// The products of `within` that merchants hide wherever products are shown, and those that are offered in other marketplaces only.
    #[must_use]
    pub fn hidden(&self, onlooker: Onlooker<'_>, within: &RoaringBitmap) -> RoaringBitmap {
        let scope = self.scope(onlooker.marketplace);
        let hidden = self.settings.standing(onlooker.marketplace, onlooker.now).hidden(&self.catalog, scope, within);
        match scope.columns.only_elsewhere(scope.market) {
            Some(elsewhere) => hidden | (&*elsewhere & within),
            None => hidden,
        }
    }

    /// Facts and live numbers as a marketplace has them.
    #[must_use]
    pub fn scope(&self, marketplace: Option<&MarketplaceId>) -> Scope<'_> {
        let columns = &self.index.columns;
        Scope { columns, live: &*self.signals, market: columns.market(marketplace) }
    }
}
