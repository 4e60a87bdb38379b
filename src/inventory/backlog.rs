//! Units that orders are promised and that are not there yet, place by place, in the order in which the orders came.
//!
//! What is owed at a place is what is allocated and picked there beyond the sound units on hand. Who comes first is served first: goods that
//! arrive go to the order with the lowest number, and goods that are lost are missed by the order with the highest. Only orders that wait for
//! something are listed.

use crate::id::{LocationId, Sku};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};

/// Units owed. Clones are cheap snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Backlog {
    /// Units by place and number of the order; none are zero.
    owed: OrdMap<(Sku, LocationId, u64), i64>,
    /// Their sums by place.
    sums: OrdMap<(Sku, LocationId), i64>,
}

impl Backlog {
    /// Units of an order that are owed at a place.
    #[must_use]
    pub fn of_order(&self, sku: &Sku, location: &LocationId, number: u64) -> i64 {
        if self.owed.is_empty() {
            return 0;
        }
        self.owed.get(&(sku.clone(), location.clone(), number)).copied().unwrap_or(0)
    }

    /// Units owed at a place.
    #[must_use]
    pub fn at(&self, sku: &Sku, location: &LocationId) -> i64 {
        if self.sums.is_empty() {
            return 0;
        }
        self.sums.get(&(sku.clone(), location.clone())).copied().unwrap_or(0)
    }

    /// The order that is served next at a place, and how many units it is owed.
    #[must_use]
    pub fn first(&self, sku: &Sku, location: &LocationId) -> Option<(u64, i64)> {
        let from = (sku.clone(), location.clone(), 0);
        let until = (sku.clone(), location.clone(), u64::MAX);
        self.owed.range(from..=until).next().map(|((_, _, number), units)| (*number, *units))
    }

    /// Sets what an order is owed at a place.
    pub fn set(&mut self, sku: &Sku, location: &LocationId, number: u64, units: i64) {
        let key = (sku.clone(), location.clone(), number);
        let before = if units == 0 { self.owed.remove(&key) } else { self.owed.insert(key, units) };
        let sum = self.at(sku, location) + units - before.unwrap_or(0);
        let place = (sku.clone(), location.clone());
        if sum == 0 {
            self.sums.remove(&place);
        } else {
            self.sums.insert(place, sum);
        }
    }

    /// Everything that is owed: place, number of the order, units.
    pub fn rows(&self) -> impl Iterator<Item = (&Sku, &LocationId, u64, i64)> {
        self.owed.iter().map(|((sku, location, number), units)| (sku, location, *number, *units))
    }

    /// Whether nothing is owed to anybody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.owed.is_empty()
    }
}
