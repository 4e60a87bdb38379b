//! All stock of the shop, as the fold keeps it: rows per SKU, availability per product, live reservations in the order they expire.
//!
//! Every change of a bucket goes through one function that checks the buckets before it keeps them and carries the difference into the
//! SKU's and the product's availability, so those are always exact and never recounted.

use super::{Buckets, InventoryError, Reservation, ReservationCounts, StockRow, UNITS_MAX};
use crate::event::trade::{Account, Units};
use crate::id::{LocationId, Ordinal, ReservationId, Sku};
use crate::stdx::clock::Timestamp;
use crate::stdx::table::Table;
use imbl::OrdSet;
use std::collections::BTreeSet;
use std::sync::Arc;

mod bundles;
mod closed;
mod flow;
mod limits;
mod quotas;

pub use bundles::Bundle;
pub use flow::Condition;
pub use quotas::Quota;

/// All stock. Clones are cheap snapshots.
#[derive(Clone, Default)]
pub struct Stock {
    pub(super) rows: Table<Sku, Arc<StockRow>>,
    /// Units available to sell per product.
    pub(super) products: Table<Ordinal, i64>,
    pub(super) reservations: Table<ReservationId, Arc<Reservation>>,
    pub(super) expiries: OrdSet<(Timestamp, ReservationId)>,
    pub(super) counts: ReservationCounts,
    pub(super) bundles: Table<Sku, Arc<Bundle>>,
    /// The bundles that a SKU is part of.
    pub(super) parts: Table<Sku, Arc<[Sku]>>,
    pub(super) quotas: Table<Sku, Arc<[Quota]>>,
    /// Locations that send nothing to shoppers now.
    pub(super) closed: OrdSet<LocationId>,
    /// Places with a reorder point.
    pub(super) watched: OrdSet<(Sku, LocationId)>,
    touched: BTreeSet<(Ordinal, Sku)>,
    /// Places where more or fewer units are owed to orders than before; empty between two events.
    pub(super) unsettled: Vec<(Sku, LocationId)>,
}

impl Stock {
    /// Stock as a checkpoint kept it.
    #[must_use]
    pub fn restore(rows: Vec<StockRow>, reservations: Vec<Reservation>, counts: ReservationCounts) -> Self {
        let mut stock = Self { counts, ..Self::default() };
        for row in rows {
            stock.credit_product(row.product, row.shared());
            stock.touched.insert((row.product, row.sku.clone()));
            let watched = row.locations.iter().filter(|stock| stock.terms.as_ref().is_some_and(|terms| terms.reorder_point.is_some()));
            watched.for_each(|place| drop(stock.watched.insert((row.sku.clone(), place.location.clone()))));
            stock.rows.insert(row.sku.clone(), Arc::new(row));
        }
        reservations.into_iter().for_each(|reservation| stock.restore_reservation(reservation));
        stock
    }

    /// Puts a live reservation back, as a checkpoint kept it.
    pub fn restore_reservation(&mut self, reservation: Reservation) {
        self.expiries.insert((reservation.expires_at, reservation.id.clone()));
        self.reservations.insert(reservation.id.clone(), Arc::new(reservation));
    }

    /// All stock of a SKU.
    #[must_use]
    pub fn row(&self, sku: &Sku) -> Option<&Arc<StockRow>> {
        self.rows.get(sku)
    }

    /// All rows in order of SKU.
    #[must_use]
    pub fn rows(&self) -> Vec<&StockRow> {
        self.rows.sorted().into_iter().map(|(_, row)| &**row).collect()
    }

    /// The buckets of a SKU at a location; empty ones when it was never stocked there.
    #[must_use]
    pub fn buckets(&self, sku: &Sku, location: &LocationId) -> Buckets {
        self.rows.get(sku).and_then(|row| row.at(location)).copied().unwrap_or_default()
    }

    /// Units of a SKU, or of a bundle, that are available to whoever buys through no channel with a quota.
    #[must_use]
    pub fn available_units(&self, sku: &Sku) -> i64 {
        self.bundles.get(sku).map_or_else(|| self.shared(sku), |bundle| bundle.available)
    }

    pub(super) fn shared(&self, sku: &Sku) -> i64 {
        self.rows.get(sku).map_or(0, |row| row.shared())
    }

    /// Units of all variants of a product that are available to sell.
    #[must_use]
    pub fn available_units_of_product(&self, product: Ordinal) -> i64 {
        self.products.get(&product).copied().unwrap_or(0)
    }

    /// Places where more or fewer units are owed to orders than at the last call.
    pub fn take_unsettled(&mut self) -> Vec<(Sku, LocationId)> {
        std::mem::take(&mut self.unsettled)
    }

    /// Lists a place among those of the next [`Stock::take_unsettled`].
    pub fn settle_again(&mut self, sku: &Sku, location: &LocationId) {
        self.unsettled.push((sku.clone(), location.clone()));
    }

    /// Units of a SKU that are available to sell, as far as it is one of the product's.
    #[must_use]
    pub fn available_units_in(&self, product: Ordinal, sku: &Sku) -> i64 {
        let owner = self.bundles.get(sku).map(|bundle| bundle.product).or_else(|| self.rows.get(sku).map(|row| row.product));
        if owner == Some(product) { self.available_units(sku) } else { 0 }
    }

    /// Products with SKUs whose availability changed since the last call, in order.
    pub fn take_touched_skus(&mut self) -> BTreeSet<(Ordinal, Sku)> {
        std::mem::take(&mut self.touched)
    }

    /// The products of [`Stock::take_touched_skus`].
    #[cfg(test)]
    pub(crate) fn take_touched(&mut self) -> Vec<Ordinal> {
        let mut products: Vec<Ordinal> = self.take_touched_skus().into_iter().map(|(product, _)| product).collect();
        products.dedup();
        products
    }

    /// A live reservation.
    #[must_use]
    pub fn reservation(&self, id: &ReservationId) -> Option<&Arc<Reservation>> {
        self.reservations.get(id)
    }

    /// Live reservations in order of name.
    #[must_use]
    pub fn reservations(&self) -> Vec<&Reservation> {
        self.reservations.sorted().into_iter().map(|(_, reservation)| &**reservation).collect()
    }

    /// How many reservations there were, and how they ended.
    #[must_use]
    pub fn counts(&self) -> ReservationCounts {
        self.counts
    }

    /// Live reservations whose time has come, oldest first.
    pub fn expired(&self, now: Timestamp) -> impl Iterator<Item = &ReservationId> {
        self.expiries.iter().take_while(move |(at, _)| *at <= now).map(|(_, id)| id)
    }

    /// When the next reservation ends by itself.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.expiries.get_min().map(|(at, _)| *at)
    }

    /// The buckets after a change of units on hand.
    ///
    /// # Errors
    /// When a bucket would leave its range or promised units would no longer be covered.
    pub fn after_move(&self, sku: &Sku, location: &LocationId, on_hand_delta: i64) -> Result<Buckets, InventoryError> {
        let mut buckets = self.buckets(sku, location);
        if !(-UNITS_MAX..=UNITS_MAX).contains(&on_hand_delta) {
            return Err(InventoryError::OutOfRange { sku: sku.clone(), location: location.clone(), bucket: "on_hand" });
        }
        buckets.shift(Account::WrittenOff, Account::Available, on_hand_delta);
        buckets.check(sku, location)?;
        Ok(buckets)
    }

    /// Changes units on hand.
    ///
    /// # Errors
    /// As [`Stock::after_move`]; nothing has changed then.
    pub fn move_on_hand(&mut self, sku: &Sku, product: Ordinal, location: &LocationId, delta: i64) -> Result<(), InventoryError> {
        let buckets = self.after_move(sku, location, delta)?;
        self.put(sku, Some(product), location, buckets);
        Ok(())
    }

    /// The buckets after units moved from one account to another.
    ///
    /// # Errors
    /// When a bucket would leave its range or promised units would no longer be covered.
    pub fn after_shift(&self, units: &Units, from: Account, to: Account) -> Result<Buckets, InventoryError> {
        let Units { sku, location, quantity } = units;
        let mut buckets = self.buckets(sku, location);
        buckets.shift(from, to, *quantity);
        buckets.check(sku, location)?;
        Ok(buckets)
    }

    /// Moves units from one account to another at a location that may be new to the SKU; a `product` moves the SKU to that product. Units that
    /// come damaged pass through what is available, so what they covered on the way is covered as before.
    ///
    /// # Errors
    /// As [`Stock::after_shift`]; nothing has changed then.
    pub fn shift(&mut self, units: &Units, product: Option<Ordinal>, from: Account, to: Account) -> Result<(), InventoryError> {
        let Units { sku, location, quantity } = units;
        let mut buckets = self.buckets(sku, location);
        buckets.shift(from, to, *quantity);
        if from == Account::Available && matches!(to, Account::Damaged | Account::QualityHold) {
            buckets = buckets.with_cover_back(*quantity);
        }
        buckets.check(sku, location)?;
        self.put(sku, product, location, buckets);
        Ok(())
    }

    /// Moves every row of `units` from one account to another, or none. Rows name each SKU and location once.
    pub(super) fn shift_all(&mut self, units: &[Units], from: Account, to: Account) -> Result<(), InventoryError> {
        let mut changed = Vec::with_capacity(units.len());
        for Units { sku, location, quantity } in units {
            let known = self.rows.get(sku).and_then(|row| row.at(location));
            let unknown = || InventoryError::UnknownStock { sku: sku.clone(), location: location.clone() };
            let mut buckets = *known.ok_or_else(unknown)?;
            buckets.shift(from, to, *quantity);
            buckets.check(sku, location)?;
            changed.push(buckets);
        }
        for (Units { sku, location, .. }, buckets) in units.iter().zip(changed) {
            self.put(sku, None, location, buckets);
        }
        Ok(())
    }

    /// Keeps checked buckets and carries the difference into availability; a `product` moves the SKU to that product.
    fn put(&mut self, sku: &Sku, product: Option<Ordinal>, location: &LocationId, buckets: Buckets) {
        let mut is_owed = false;
        let is_closed = self.closed.contains(location);
        self.change_row(sku, product, |row| {
            let after = Buckets { is_closed, ..buckets.with_preorder(row.release_at.is_some()) };
            let before = std::mem::replace(&mut row.at_mut(location, is_closed).buckets, after);
            row.available += after.sellable() - before.sellable();
            is_owed = before.owed() != after.owed();
        });
        if is_owed {
            self.unsettled.push((sku.clone(), location.clone()));
        }
    }

    /// Changes a row and lets everything follow that is summed over rows.
    pub(super) fn change_row(&mut self, sku: &Sku, product: Option<Ordinal>, change: impl FnOnce(&mut StockRow)) {
        if !self.rows.contains(sku) {
            self.rows.insert(sku.clone(), Arc::new(StockRow::new(sku.clone(), product.unwrap_or_default())));
        }
        let Some(row) = self.rows.get_mut(sku) else { return };
        let row = Arc::make_mut(row);
        let (product_before, shared_before) = (row.product, row.shared());
        change(row);
        row.product = product.unwrap_or(row.product);
        let (product_after, shared_after) = (row.product, row.shared());
        if product_before != product_after || shared_before != shared_after {
            if product_before == product_after {
                self.credit_product(product_after, shared_after - shared_before);
            } else {
                self.credit_product(product_before, -shared_before);
                self.credit_product(product_after, shared_after);
            }
            self.touch(product_before, sku);
            self.touch(product_after, sku);
            self.follow_component(sku);
        }
    }

    pub(super) fn credit_product(&mut self, product: Ordinal, units: i64) {
        let available = self.available_units_of_product(product) + units;
        if available == 0 {
            self.products.remove(&product);
        } else {
            self.products.insert(product, available);
        }
    }

    pub(super) fn touch(&mut self, product: Ordinal, sku: &Sku) {
        self.touched.insert((product, sku.clone()));
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
