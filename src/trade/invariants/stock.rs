//! What must always be true of stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use crate::event::trade::StockEvent;
use crate::id::{ChannelId, LocationId, Sku};
use crate::inventory::{Purchase, StockBook};
use crate::trade::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Place = (Sku, LocationId);

impl State {
    /// What is wrong, in words.
    pub(super) fn check_stock(&self) -> Vec<String> {
        let mut wrong = self.check_backlog();
        wrong.extend(self.check_on_the_way());
        wrong.extend(self.check_schedule());
        wrong.extend(self.check_bundles());
        wrong.extend(self.check_draws());
        wrong
    }

    /// What is owed to orders is what is missing at each place, no order is owed more than it has left there, and its axis says so.
    fn check_backlog(&self) -> Vec<String> {
        let mut owed: BTreeMap<Place, i64> = BTreeMap::new();
        let mut wrong = Vec::new();
        for (sku, location, number, units) in self.stock_book.backlog.rows() {
            *owed.entry((sku.clone(), location.clone())).or_default() += units;
            let left = self.order_numbered(number).map(|order| Arc::clone(&order.left_to_ship)).unwrap_or_default();
            let left = left.iter().find(|row| (&row.sku, &row.location) == (sku, location)).map_or(0, |row| row.quantity);
            if !(1..=left).contains(&units) {
                wrong.push(format!("order number {number} is owed {units} {sku} at {location}, and has {left} left there"));
            }
        }
        for row in self.stock.rows() {
            for stock in &row.locations {
                let (missing, listed) = (stock.buckets.owed(), self.stock_book.backlog.at(&row.sku, &stock.location));
                let counted = owed.get(&(row.sku.clone(), stock.location.clone())).copied().unwrap_or(0);
                if (listed, counted) != (missing, missing) {
                    let place = format!("{} at {}", row.sku, stock.location);
                    wrong.push(format!("{place}: {missing} units are missing, {listed} are listed as owed, {counted} to orders"));
                }
            }
        }
        let strayed = self.orders.iter().filter(|order| order.fulfilment_status != self.waiting_status_of(order));
        wrong.extend(strayed.map(|order| format!("order {}: its axis does not say what it waits for", order.id)));
        wrong
    }

    /// Buckets of what is on its way are sums over open purchases and transfers, and so is the list of arrivals.
    fn check_on_the_way(&self) -> Vec<String> {
        let mut rebuilt = StockBook::default();
        let mut sums: BTreeMap<Place, (i64, i64)> = BTreeMap::new();
        for purchase in self.stock_book.purchases.values() {
            for (line, units) in purchase.to_come() {
                sums.entry((line.sku.clone(), purchase.location.clone())).or_default().0 += units;
            }
            rebuilt.put_purchase(Purchase::clone(purchase));
        }
        for transfer in self.stock_book.transfers.values() {
            for line in &transfer.lines {
                sums.entry((line.sku.clone(), transfer.to.clone())).or_default().1 += line.in_transit();
            }
            rebuilt.put_transfer(Clone::clone(transfer));
        }
        sums.retain(|_, sums| *sums != (0, 0));
        let rows = self.stock.rows();
        let kept: BTreeMap<Place, (i64, i64)> = rows
            .iter()
            .flat_map(|row| row.locations.iter().map(|stock| ((row.sku.clone(), stock.location.clone()), stock.buckets)))
            .map(|(place, buckets)| (place, (buckets.incoming, buckets.in_transit)))
            .filter(|(_, sums)| *sums != (0, 0))
            .collect();
        let rules = [
            ("units that are on their way are not those of open purchases and transfers", kept == sums),
            ("the list of arrivals is wrong", rebuilt.arrivals == self.stock_book.arrivals),
        ];
        rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| what.to_owned()).collect()
    }

    /// Releases and those who wait for them are listed once each.
    fn check_schedule(&self) -> Vec<String> {
        let rows = self.stock.rows();
        let releases = rows.iter().filter_map(|row| row.release_at.map(|at| (at, row.sku.clone())));
        let waiting = self.orders.iter().flat_map(|order| {
            let rows = order.left_to_ship.iter().filter(|row| self.is_preorder(row));
            rows.map(|row| (row.sku.clone(), order.number)).collect::<Vec<_>>()
        });
        let rules = [
            ("the list of releases is wrong", releases.collect::<BTreeSet<_>>().iter().eq(self.stock_book.releases.iter())),
            ("the list of who waits for a release is wrong", waiting.collect::<BTreeSet<_>>().iter().eq(self.stock_book.scheduled.iter())),
        ];
        rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| what.to_owned()).collect()
    }

    /// No bundle is part of another, or stocked.
    fn check_bundles(&self) -> Vec<String> {
        let bundles = self.stock.bundles();
        let nested = bundles.iter().filter(|bundle| bundle.components.iter().any(|part| self.stock.bundle(&part.sku).is_some()));
        let stocked = bundles.iter().filter(|bundle| self.stock_of(&bundle.sku).iter().any(|stock| stock.buckets.is_in_use()));
        let unlisted =
            bundles.iter().filter(|bundle| !bundle.components.iter().all(|part| self.stock.bundles_with(&part.sku).contains(&bundle.sku)));
        let named = [
            ("is part of another or has one", nested.collect()),
            ("is stocked", stocked.collect()),
            ("is not listed", unlisted.collect::<Vec<_>>()),
        ];
        named
            .into_iter()
            .flat_map(|(what, bundles)| bundles.into_iter().map(move |bundle| format!("bundle {} {what}", bundle.sku)))
            .collect()
    }

    /// What is held of a quota is what live reservations and open orders have taken out of it.
    fn check_draws(&self) -> Vec<String> {
        let mut held: BTreeMap<(Sku, ChannelId), i64> = BTreeMap::new();
        let draws = self.stock_book.reservation_draws.values().chain(self.stock_book.order_draws.values());
        for draw in draws {
            for row in &draw.units {
                *held.entry((row.sku.clone(), draw.channel.clone())).or_default() += row.quantity;
            }
        }
        held.retain(|_, units| *units != 0);
        let quotas = self.stock.all_quotas();
        let kept = quotas.iter().flat_map(|(sku, quotas)| {
            let held = quotas.iter().filter(|quota| quota.held != 0);
            held.map(|quota| (((*sku).clone(), quota.channel.clone()), quota.held))
        });
        let is_live = self.stock_book.reservation_draws.keys().all(|id| self.stock.reservation(id).is_some());
        let is_open = self
            .stock_book
            .order_draws
            .keys()
            .all(|id| self.order(id).is_some_and(|order| !order.left_to_ship.is_empty() || !order.owed.is_empty()));
        let is_session = |id| self.checkouts.get(id).is_some() || self.orders.of_checkout(id).is_some();
        let rules = [
            ("quotas do not hold what was drawn", kept.collect::<BTreeMap<_, _>>() == held),
            ("a draw outlived its reservation", is_live),
            ("a draw outlived its order", is_open),
            ("a channel outlived its session", self.stock_book.channels.keys().all(is_session)),
        ];
        rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| what.to_owned()).collect()
    }
}

/// SKUs whose rows an event may have changed.
pub(super) fn skus_of(event: &StockEvent) -> Vec<&Sku> {
    match event {
        StockEvent::Shifted { units, .. } => vec![&units.sku],
        StockEvent::TermsSet { sku, .. }
        | StockEvent::PreorderOpened { sku, .. }
        | StockEvent::PreorderReleased { sku }
        | StockEvent::QuotaSet { sku, .. }
        | StockEvent::QuotaCleared { sku, .. } => vec![sku],
        StockEvent::PurchaseOpened { lines, .. } | StockEvent::PurchaseChanged { lines, .. } => {
            lines.iter().map(|line| &line.sku).collect()
        }
        StockEvent::PurchaseReceived { receipts, .. } => receipts.iter().map(|receipt| &receipt.sku).collect(),
        StockEvent::TransferSent { units, .. } | StockEvent::QuotaDrawn { units, .. } | StockEvent::OrderQuotaDrawn { units, .. } => {
            units.iter().map(|row| &row.sku).collect()
        }
        StockEvent::TransferReceived { receipts, .. } => receipts.iter().map(|receipt| &receipt.sku).collect(),
        StockEvent::PurchaseCanceled { .. }
        | StockEvent::TransferRequested { .. }
        | StockEvent::TransferCanceled { .. }
        | StockEvent::CountOpened { .. }
        | StockEvent::CountRecorded { .. }
        | StockEvent::CountCanceled { .. }
        | StockEvent::ChannelChosen { .. }
        | StockEvent::BundleSet { .. }
        | StockEvent::BundleRemoved { .. }
        | StockEvent::ComponentsSet { .. } => Vec::new(),
    }
}
