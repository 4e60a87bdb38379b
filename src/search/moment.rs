//! One moment of everything that a search reads.

use super::index::SearchSnapshot;
use super::merchandising::Settings;
use crate::catalog::CatalogSnapshot;
use crate::signal::SignalTable;
use crate::signal::demand::DemandSnapshot;
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
