//! What may be promised: safety stock, backorders, sales before the release, and the points at which more is ordered.

use super::Stock;
use crate::event::trade::StockTerms;
use crate::id::{LocationId, Ordinal, Sku};
use crate::inventory::{Buckets, InventoryError};
use crate::stdx::clock::Timestamp;

impl Stock {
    /// The buckets after new limits.
    ///
    /// # Errors
    /// As [`Stock::after_move`].
    pub fn after_limits(&self, sku: &Sku, location: &LocationId, safety: i64, backorder_cap: i64) -> Result<Buckets, InventoryError> {
        let buckets = Buckets { safety_stock: safety, backorder_cap, ..self.buckets(sku, location) };
        buckets.check(sku, location)?;
        Ok(buckets)
    }

    /// Sets safety stock and backorder cap.
    ///
    /// # Errors
    /// As [`Stock::after_limits`]; nothing has changed then.
    pub fn set_limits(
        &mut self,
        sku: &Sku,
        product: Ordinal,
        location: &LocationId,
        safety_stock: i64,
        backorder_cap: i64,
    ) -> Result<(), InventoryError> {
        let buckets = self.after_limits(sku, location, safety_stock, backorder_cap)?;
        self.put(sku, Some(product), location, buckets);
        Ok(())
    }

    /// What else is known of a SKU at a location.
    #[must_use]
    pub fn terms(&self, sku: &Sku, location: &LocationId) -> StockTerms {
        self.row(sku).map(|row| row.terms(location)).unwrap_or_default()
    }

    /// Sets what else is known of a SKU at a location.
    pub fn set_terms(&mut self, sku: &Sku, product: Ordinal, location: &LocationId, terms: StockTerms) {
        let kept = (terms != StockTerms::default()).then(|| Box::new(terms));
        let is_closed = self.closed.contains(location);
        self.change_row(sku, Some(product), |row| row.at_mut(location, is_closed).terms = kept);
        let place = (sku.clone(), location.clone());
        if terms.reorder_point.is_some() {
            self.watched.insert(place);
        } else {
            self.watched.remove(&place);
        }
    }

    /// Places with a reorder point, in order of SKU and location, behind `after`.
    pub fn watched(&self, after: Option<&(Sku, LocationId)>) -> impl Iterator<Item = &(Sku, LocationId)> {
        use std::ops::Bound;
        let from = after.map_or(Bound::Unbounded, |place| Bound::Excluded(place.clone()));
        self.watched.range((from, Bound::Unbounded))
    }

    /// The buckets of every location of a SKU, and of those in `caps`, while it is sold before its release. A location without a cap sells
    /// what it has.
    ///
    /// # Errors
    /// When more is promised somewhere than would be covered.
    pub fn after_preorder(&self, sku: &Sku, caps: &[(LocationId, i64)]) -> Result<Vec<(LocationId, Buckets)>, InventoryError> {
        let known = self.row(sku).map_or(&[][..], |row| &row.locations).iter().map(|stock| &stock.location);
        let places: std::collections::BTreeSet<&LocationId> = known.chain(caps.iter().map(|(location, _)| location)).collect();
        let changed = places.into_iter().map(|location| {
            let preorder_cap = caps.iter().find(|(named, _)| named == location).map_or(0, |(_, cap)| *cap);
            let buckets = Buckets { preorder_cap, is_preorder: true, ..self.buckets(sku, location) };
            buckets.check(sku, location).map(|()| (location.clone(), buckets))
        });
        changed.collect()
    }

    /// Sells a SKU before its release, from now on under these terms.
    ///
    /// # Errors
    /// As [`Stock::after_preorder`]; nothing has changed then.
    pub fn open_preorder(
        &mut self,
        sku: &Sku,
        product: Ordinal,
        release_at: Timestamp,
        caps: &[(LocationId, i64)],
    ) -> Result<(), InventoryError> {
        let changed = self.after_preorder(sku, caps)?;
        self.change_row(sku, Some(product), |row| row.release_at = Some(release_at));
        for (location, buckets) in changed {
            self.put(sku, None, &location, buckets);
        }
        Ok(())
    }

    /// Releases a SKU. What was promised before stays covered, and is owed where it is not there.
    pub fn end_preorder(&mut self, sku: &Sku) {
        let Some(row) = self.rows.get(sku).cloned() else { return };
        self.change_row(sku, None, |row| row.release_at = None);
        for stock in &row.locations {
            self.put(sku, None, &stock.location, stock.buckets);
        }
    }
}
