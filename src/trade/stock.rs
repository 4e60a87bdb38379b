//! What the state knows about stock, beyond units on hand.

use super::state::State;
use crate::event::trade::Units;
use crate::id::{ChannelId, CountId, LocationId, PurchaseOrderId, Sku, TransferId};
use crate::inventory::{Arrival, Promised, Purchase, StockCount, Transfer, promised_at, promises};
use crate::order::{Checkout, Order};
use crate::stdx::clock::Timestamp;
use std::sync::Arc;

impl State {
    /// A purchase: open, or ended within the last day of event time.
    #[must_use]
    pub fn purchase(&self, id: &PurchaseOrderId) -> Option<&Arc<Purchase>> {
        self.stock_book.purchases.get(id)
    }

    /// Purchases in order of name, behind `after`.
    pub fn purchases(&self, after: Option<&PurchaseOrderId>) -> impl Iterator<Item = &Arc<Purchase>> {
        self.stock_book.purchases.range(behind(after)).map(|(_, purchase)| purchase)
    }

    /// A transfer: open, or ended within the last day of event time.
    #[must_use]
    pub fn transfer(&self, id: &TransferId) -> Option<&Arc<Transfer>> {
        self.stock_book.transfers.get(id)
    }

    /// Transfers in order of name, behind `after`.
    pub fn transfers(&self, after: Option<&TransferId>) -> impl Iterator<Item = &Arc<Transfer>> {
        self.stock_book.transfers.range(behind(after)).map(|(_, transfer)| transfer)
    }

    /// A count: open, or ended within the last day of event time.
    #[must_use]
    pub fn count(&self, id: &CountId) -> Option<&Arc<StockCount>> {
        self.stock_book.counts.get(id)
    }

    /// Counts in order of name, behind `after`.
    pub fn counts(&self, after: Option<&CountId>) -> impl Iterator<Item = &Arc<StockCount>> {
        self.stock_book.counts.range(behind(after)).map(|(_, count)| count)
    }

    /// Units of a SKU that are on their way, in order of time.
    #[must_use]
    pub fn arrivals(&self, sku: &Sku) -> &[Arrival] {
        self.stock_book.arrivals(sku)
    }

    /// The channel that a session buys through: the one it has chosen, or else its marketplace.
    #[must_use]
    pub fn channel_of(&self, session: &Checkout) -> Option<ChannelId> {
        let marketplace = || ChannelId::new(session.claims.marketplace.as_ref()?.as_str()).ok();
        self.stock_book.channels.get(&session.id).cloned().or_else(marketplace)
    }

    /// Units of an order's row that are not there yet.
    #[must_use]
    pub fn owed_of(&self, number: u64, row: &Units) -> i64 {
        self.stock_book.backlog.of_order(&row.sku, &row.location, number)
    }

    /// The units of an order that may leave now: allocated, there, and released. Who picks or ships goes by these.
    #[must_use]
    pub fn ready_units(&self, order: &Order) -> Vec<Units> {
        let ready = order.left_to_ship.iter().filter(|row| !self.is_preorder(row)).map(|row| {
            let quantity = row.quantity - self.owed_of(order.number, row);
            Units { quantity, ..row.clone() }
        });
        ready.filter(|row| row.quantity > 0).collect()
    }

    /// What could be promised of a stocked SKU, at `location` or anywhere, to somebody who orders now: in order of time. Quotas are no part
    /// of it.
    #[must_use]
    pub fn promises(&self, sku: &Sku, location: Option<&LocationId>, now: Timestamp) -> Vec<Promised> {
        self.stock.row(sku).map_or_else(Vec::new, |row| promises(row, self.arrivals(sku), location, now))
    }

    /// When `quantity` units of a SKU or bundle will be there for somebody who orders now; none when nobody knows. A bundle waits for the
    /// last of its components.
    #[must_use]
    pub fn promised_at(&self, sku: &Sku, quantity: i64, location: Option<&LocationId>, now: Timestamp) -> Option<Timestamp> {
        let Some(bundle) = self.stock.bundle(sku) else { return promised_at(&self.promises(sku, location, now), quantity) };
        let parts = bundle.components.iter();
        let dates: Option<Vec<Timestamp>> =
            parts.map(|part| self.promised_at(&part.sku, part.quantity.saturating_mul(quantity), location, now)).collect();
        dates?.into_iter().max()
    }
}

fn behind<K: Clone + Ord>(after: Option<&K>) -> (std::ops::Bound<K>, std::ops::Bound<K>) {
    let from = after.map_or(std::ops::Bound::Unbounded, |after| std::ops::Bound::Excluded(after.clone()));
    (from, std::ops::Bound::Unbounded)
}
