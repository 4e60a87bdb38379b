//! All stock of the shop, as the fold keeps it: rows per SKU, availability per product, live reservations in the order they expire.
//!
//! Every change of a bucket goes through one function that checks the buckets before it keeps them and carries the difference into the
//! SKU's and the product's availability, so those are always exact and never recounted.

use super::{Buckets, InventoryError, Reservation, ReservationCounts, StockRow};
use crate::event::trade::{Account, ReleaseReason, Units};
use crate::id::{LocationId, Ordinal, ReservationId, Sku};
use crate::stdx::clock::Timestamp;
use crate::stdx::table::Table;
use imbl::OrdSet;
use std::collections::BTreeSet;
use std::sync::Arc;

/// In which state units come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// They can be sold again.
    Sellable,
    /// They cannot.
    Damaged,
    /// Somebody has to look at them first.
    Unseen,
}

impl Condition {
    fn account(self) -> Account {
        match self {
            Self::Sellable => Account::Available,
            Self::Damaged => Account::Damaged,
            Self::Unseen => Account::QualityHold,
        }
    }
}

/// All stock. Clones are cheap snapshots.
#[derive(Clone, Default)]
pub struct Stock {
    pub(super) rows: Table<Sku, Arc<StockRow>>,
    /// Units available to sell per product.
    pub(super) products: Table<Ordinal, i64>,
    pub(super) reservations: Table<ReservationId, Arc<Reservation>>,
    pub(super) expiries: OrdSet<(Timestamp, ReservationId)>,
    pub(super) counts: ReservationCounts,
    touched: BTreeSet<Ordinal>,
}

impl Stock {
    /// Stock as a checkpoint kept it.
    #[must_use]
    pub fn restore(rows: Vec<StockRow>, reservations: Vec<Reservation>, counts: ReservationCounts) -> Self {
        let mut stock = Self { counts, ..Self::default() };
        for row in rows {
            stock.credit_product(row.product, row.available);
            stock.touched.insert(row.product);
            stock.rows.insert(row.sku.clone(), Arc::new(row));
        }
        for reservation in reservations {
            stock.expiries.insert((reservation.expires_at, reservation.id.clone()));
            stock.reservations.insert(reservation.id.clone(), Arc::new(reservation));
        }
        stock
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

    /// Units of a SKU that are available to sell.
    #[must_use]
    pub fn available_units(&self, sku: &Sku) -> i64 {
        self.rows.get(sku).map_or(0, |row| row.available)
    }

    /// Units of all variants of a product that are available to sell.
    #[must_use]
    pub fn available_units_of_product(&self, product: Ordinal) -> i64 {
        self.products.get(&product).copied().unwrap_or(0)
    }

    /// Products whose availability changed since the last call, in order.
    pub fn take_touched(&mut self) -> Vec<Ordinal> {
        std::mem::take(&mut self.touched).into_iter().collect()
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
        let out_of_range = || InventoryError::OutOfRange { sku: sku.clone(), location: location.clone(), bucket: "on_hand" };
        buckets.on_hand.checked_add(on_hand_delta).ok_or_else(out_of_range)?;
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

    /// Holds units.
    ///
    /// # Errors
    /// When the name is taken or units cannot be covered; nothing has changed then.
    pub fn reserve(&mut self, reservation: Reservation) -> Result<(), InventoryError> {
        if self.reservations.contains(&reservation.id) {
            return Err(InventoryError::ReservationExists(reservation.id));
        }
        self.shift_all(&reservation.units, Account::Available, Account::Reserved)?;
        self.expiries.insert((reservation.expires_at, reservation.id.clone()));
        self.reservations.insert(reservation.id.clone(), Arc::new(reservation));
        self.counts.made += 1;
        Ok(())
    }

    /// Gives a reservation another end.
    ///
    /// # Errors
    /// When it is not live.
    pub fn extend(&mut self, id: &ReservationId, expires_at: Timestamp) -> Result<(), InventoryError> {
        let reservation = self.reservations.get_mut(id).ok_or_else(|| InventoryError::UnknownReservation(id.clone()))?;
        self.expiries.remove(&(reservation.expires_at, id.clone()));
        Arc::make_mut(reservation).expires_at = expires_at;
        self.expiries.insert((expires_at, id.clone()));
        Ok(())
    }

    /// Frees the units of a reservation, which ends.
    ///
    /// # Errors
    /// When it is not live.
    pub fn release(&mut self, id: &ReservationId, reason: ReleaseReason) -> Result<Arc<Reservation>, InventoryError> {
        let reservation = self.end(id)?;
        self.shift_all(&reservation.units, Account::Reserved, Account::Available)?;
        match reason {
            ReleaseReason::Expired => self.counts.expired += 1,
            ReleaseReason::Canceled | ReleaseReason::PaymentFailed | ReleaseReason::Replaced => self.counts.released += 1,
        }
        Ok(reservation)
    }

    /// Turns a reservation into an allocation; the reservation ends.
    ///
    /// # Errors
    /// When it is not live.
    pub fn commit(&mut self, id: &ReservationId) -> Result<(), InventoryError> {
        let reservation = self.end(id)?;
        self.counts.committed += 1;
        self.shift_all(&reservation.units, Account::Reserved, Account::Allocated)
    }

    /// Assigns units to an order without a reservation, as when it is sourced anew.
    ///
    /// # Errors
    /// When they cannot be covered; nothing has changed then, here and in all that follow.
    pub fn allocate(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Available, Account::Allocated)
    }

    /// Frees allocated units that were not picked.
    ///
    /// # Errors
    /// When so many are not allocated there.
    pub fn free(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Allocated, Account::Available)
    }

    /// Takes allocated units off the shelf.
    ///
    /// # Errors
    /// When so many are not allocated there, or do not lie there.
    pub fn pick(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Allocated, Account::Picked)
    }

    /// Puts picked units back on the shelf; they stay allocated, and [`Stock::free`] may follow.
    ///
    /// # Errors
    /// When so many were not picked there.
    pub fn unpick(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Picked, Account::Allocated)
    }

    /// Allocated units were not found on the shelf: they are neither allocated nor on hand any more. [`Stock::allocate`] assigns others.
    ///
    /// # Errors
    /// When so many are not allocated and on hand there.
    pub fn short_pick(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Allocated, Account::WrittenOff)
    }

    /// Allocated units that were not picked leave the house.
    ///
    /// # Errors
    /// When so many are not allocated and on hand there.
    pub fn ship(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Allocated, Account::Customer)
    }

    /// Picked units leave the house.
    ///
    /// # Errors
    /// When so many were not picked there.
    pub fn ship_picked(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Picked, Account::Customer)
    }

    /// Units that had left come back, to the shelf or beside it. The location may be new to the SKU.
    ///
    /// # Errors
    /// When the SKU was never stocked anywhere, or a bucket would leave its range.
    pub fn returned(&mut self, units: &[Units], condition: Condition) -> Result<(), InventoryError> {
        for row in units {
            if self.rows.contains(&row.sku) {
                self.put(&row.sku, None, &row.location, self.buckets(&row.sku, &row.location));
            }
        }
        self.shift_all(units, Account::Customer, condition.account())
    }

    fn end(&mut self, id: &ReservationId) -> Result<Arc<Reservation>, InventoryError> {
        let reservation = self.reservations.remove(id).ok_or_else(|| InventoryError::UnknownReservation(id.clone()))?;
        self.expiries.remove(&(reservation.expires_at, id.clone()));
        Ok(reservation)
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
        if !self.rows.contains(sku) {
            self.rows.insert(sku.clone(), Arc::new(StockRow::new(sku.clone(), product.unwrap_or_default())));
        }
        let Some(row) = self.rows.get_mut(sku) else { return };
        let row = Arc::make_mut(row);
        let (product_before, available_before) = (row.product, row.available);
        let place = row.at_mut(location);
        let sellable_before = place.sellable();
        *place = buckets;
        row.available += buckets.sellable() - sellable_before;
        row.product = product.unwrap_or(row.product);
        let (product_after, available_after) = (row.product, row.available);
        if product_before != product_after || available_before != available_after {
            self.credit_product(product_before, -available_before);
            self.credit_product(product_after, available_after);
            self.touched.extend([product_before, product_after]);
        }
    }

    fn credit_product(&mut self, product: Ordinal, units: i64) {
        let available = self.available_units_of_product(product) + units;
        if available == 0 {
            self.products.remove(&product);
        } else {
            self.products.insert(product, available);
        }
    }
}

#[cfg(test)]
mod tests;
