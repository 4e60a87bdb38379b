//! What the shop knows about fulfilment orders, waves, shipments on their way, promises kept.

use super::facts::{Facts, FactsKept};
use super::pace::Pace;
use crate::event::trade::fulfilment::{FulfilmentEvent, LocationFacts};
use crate::id::Sku;
use crate::stdx::clock::Timestamp;
use crate::stdx::table::Table;
use serde::{Deserialize, Serialize};

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub struct FulfilmentBook {
    facts: Facts,
    paces: Table<Sku, Pace>,
}

/// The book as a checkpoint keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    facts: FactsKept,
    paces: Vec<(Sku, Pace)>,
}

impl From<FulfilmentBook> for Kept {
    fn from(book: FulfilmentBook) -> Self {
        let paces = book.paces.sorted().into_iter().map(|(sku, pace)| (sku.clone(), *pace)).collect();
        Self { facts: book.facts.kept(), paces }
    }
}

impl From<Kept> for FulfilmentBook {
    fn from(kept: Kept) -> Self {
        Self { facts: kept.facts.into(), paces: kept.paces.into_iter().collect() }
    }
}

impl FulfilmentBook {
    /// What the shop was told.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// When time alone will next make something happen here.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        None
    }

    /// How fast a SKU sells, in thousandths of a unit a day.
    #[must_use]
    pub fn pace_milli(&self, sku: &Sku, now: Timestamp) -> i64 {
        self.paces.get(sku).map_or(0, |pace| pace.milli_at(now))
    }

    /// Whether a location can hand over no more orders on a day.
    pub(super) fn is_full(&self, _location: &LocationFacts, _day: i64) -> bool {
        false
    }

    /// Units were sold.
    pub fn sold(&mut self, sku: &Sku, units: i64, now: Timestamp) {
        let pace = self.paces.get(sku).copied().unwrap_or_default();
        self.paces.insert(sku.clone(), pace.sold(units, now));
    }

    /// Facts change.
    pub fn learn(&mut self, event: &FulfilmentEvent) {
        match event {
            FulfilmentEvent::LocationSet { location } => self.facts.set_location(LocationFacts::clone(location)),
            FulfilmentEvent::CarrierSet { carrier } => self.facts.set_carrier(Clone::clone(carrier)),
            FulfilmentEvent::CarrierRemoved { carrier } => {
                self.facts.remove_carrier(carrier);
            }
            FulfilmentEvent::PlacesSet { country, places } => self.facts.set_places(country, places),
            FulfilmentEvent::WeightsSet { weights } => self.facts.set_weights(weights),
            FulfilmentEvent::PolicySet { policy } => self.facts.set_policy(*policy),
        }
    }
}
