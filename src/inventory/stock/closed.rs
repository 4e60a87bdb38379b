//! Locations that send nothing to shoppers for a while: what lies there is not available, and what was promised stays promised.

use super::Stock;
use crate::id::{LocationId, Sku};

impl Stock {
    /// Says whether a location sends nothing to shoppers. It walks all SKUs, because that is seldom said.
    pub fn set_closed(&mut self, location: &LocationId, is_closed: bool) {
        let is_new = if is_closed { self.closed.insert(location.clone()).is_none() } else { self.closed.remove(location).is_some() };
        if !is_new {
            return;
        }
        let rows = self.rows.sorted();
        let stocked: Vec<Sku> = rows.into_iter().filter(|(_, row)| row.at(location).is_some()).map(|(sku, _)| sku.clone()).collect();
        for sku in stocked {
            let buckets = self.buckets(&sku, location);
            self.put(&sku, None, location, buckets);
        }
    }

    /// Locations as a checkpoint kept them; its rows have followed them already.
    pub fn restore_closed(&mut self, closed: impl Iterator<Item = LocationId>) {
        self.closed = closed.collect();
    }
}
