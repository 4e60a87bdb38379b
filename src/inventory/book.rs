//! What the shop knows about stock beyond units on hand: purchases on their way, transfers, counts, sales before release, what is owed to
//! orders, and what reservations and orders have taken out of quotas.

use super::{Backlog, Purchase, StockCount, Transfer};
use crate::event::trade::SkuUnits;
use crate::id::{ChannelId, CheckoutId, CountId, LocationId, OrderId, PurchaseOrderId, ReservationId, Sku, TransferId};
use crate::stdx::clock::Timestamp;
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Units that a reservation or an order has taken out of a quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// Whose quota.
    pub channel: ChannelId,
    /// What, and how many.
    pub units: Vec<SkuUnits>,
}

/// Units of a SKU that are on their way to a location.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Arrival {
    /// When they are expected.
    pub at: Timestamp,
    /// Where.
    pub location: LocationId,
    /// The purchase or transfer that they come with.
    pub source: Source,
    /// How many.
    pub units: i64,
}

/// Where units that are on their way come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A supplier.
    Purchase(PurchaseOrderId),
    /// Another location.
    Transfer(TransferId),
}

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StockBook {
    /// Purchases: open, or ended within the last day of event time.
    pub purchases: OrdMap<PurchaseOrderId, Arc<Purchase>>,
    /// Transfers, likewise.
    pub transfers: OrdMap<TransferId, Arc<Transfer>>,
    /// Counts, likewise.
    pub counts: OrdMap<CountId, Arc<StockCount>>,
    /// SKUs that are sold before their release, by when that is.
    pub releases: OrdSet<(Timestamp, Sku)>,
    /// Orders that wait for a release, by number.
    pub scheduled: OrdSet<(Sku, u64)>,
    /// What is owed to orders.
    pub backlog: Backlog,
    /// Channels that checkout sessions have chosen: open ones, and those that became orders.
    pub channels: OrdMap<CheckoutId, ChannelId>,
    /// What live reservations have taken out of quotas.
    pub reservation_draws: OrdMap<ReservationId, Arc<Draw>>,
    /// What orders have taken out of quotas, until their last unit has left.
    pub order_draws: OrdMap<OrderId, Arc<Draw>>,
    /// What is on its way, by SKU, in order of time.
    pub arrivals: OrdMap<Sku, Arc<[Arrival]>>,
}

impl StockBook {
    /// When time alone will next make something happen here.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.releases.get_min().map(|(at, _)| *at)
    }

    /// Units of a SKU that are on their way, in order of time.
    #[must_use]
    pub fn arrivals(&self, sku: &Sku) -> &[Arrival] {
        self.arrivals.get(sku).map_or(&[], |arrivals| arrivals)
    }

    /// Keeps a purchase and what is still to come of it.
    pub fn put_purchase(&mut self, purchase: Purchase) {
        let source = Source::Purchase(purchase.id.clone());
        let before = self.purchases.get(&purchase.id).cloned();
        let known = before.iter().flat_map(|before| &before.lines).map(|line| &line.sku);
        let skus: Vec<Sku> = known.chain(purchase.lines.iter().map(|line| &line.sku)).cloned().collect();
        for sku in skus {
            let to_come = purchase.to_come().filter(|(line, _)| line.sku == sku);
            let to_come = to_come.map(|(line, units)| (line.expected_at, units)).next();
            self.set_arrival(&sku, &purchase.location, &source, to_come);
        }
        self.purchases.insert(purchase.id.clone(), Arc::new(purchase));
    }

    /// Keeps a transfer and what is on its way of it.
    pub fn put_transfer(&mut self, transfer: Transfer) {
        let source = Source::Transfer(transfer.id.clone());
        for line in &transfer.lines {
            let units = line.in_transit();
            self.set_arrival(&line.sku, &transfer.to, &source, (units > 0).then_some((transfer.expected_at, units)));
        }
        self.transfers.insert(transfer.id.clone(), Arc::new(transfer));
    }

    fn set_arrival(&mut self, sku: &Sku, location: &LocationId, source: &Source, to_come: Option<(Timestamp, i64)>) {
        let mut arrivals: Vec<Arrival> = self.arrivals(sku).iter().filter(|known| known.source != *source).cloned().collect();
        if let Some((at, units)) = to_come {
            arrivals.push(Arrival { at, location: location.clone(), source: source.clone(), units });
            arrivals.sort_unstable();
        }
        if arrivals.is_empty() {
            self.arrivals.remove(sku);
        } else {
            self.arrivals.insert(sku.clone(), Arc::from(arrivals));
        }
    }
}
