//! What events do to stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

mod backlog;
mod draws;

use super::Fault;
use crate::event::trade::{Account, Component, PurchaseLine, Receipt, SkuUnits, StockEvent, TransferLine, TransferReceipt, Units};
use crate::id::{CheckoutId, CountId, LineId, LocationId, Ordinal, PurchaseOrderId, Sku, TransferId};
use crate::inventory::{CountLine, CountStatus, Purchase, PurchaseStatus, StockCount, Transfer, TransferStatus, TransferredSku};
use crate::order::Checkout;
use crate::stdx::clock::Timestamp;
use crate::trade::keys::Retired;
use crate::trade::state::State;

impl State {
    pub(super) fn fold_stock(&mut self, event: &StockEvent) -> Result<(), Fault> {
        match event {
            StockEvent::Shifted { units, from, to, reason: _ } => Ok(self.stock.shift(units, None, *from, *to)?),
            StockEvent::TermsSet { sku, product, location, terms } => {
                self.stock.set_terms(sku, *product, location, *terms);
                Ok(())
            }
            StockEvent::PreorderOpened { sku, product, release_at, caps } => self.preorder_opened(sku, *product, *release_at, caps),
            StockEvent::PreorderReleased { sku } => self.preorder_released(sku),
            StockEvent::PurchaseOpened { purchase, supplier, location, lines, over_percent } => {
                self.purchase_opened(purchase, supplier, location, lines, *over_percent)
            }
            StockEvent::PurchaseChanged { purchase, lines } => self.purchase_changed(purchase, lines),
            StockEvent::PurchaseReceived { purchase, receipts, closes } => self.purchase_received(purchase, receipts, *closes),
            StockEvent::PurchaseCanceled { purchase } => self.purchase_canceled(purchase),
            StockEvent::TransferRequested { transfer, from, to, lines, expected_at } => {
                self.transfer_requested(transfer, (from, to), lines, *expected_at);
                Ok(())
            }
            StockEvent::TransferSent { transfer, units } => self.transfer_sent(transfer, units),
            StockEvent::TransferReceived { transfer, receipts } => self.transfer_received(transfer, receipts),
            StockEvent::TransferCanceled { transfer } => self.transfer_canceled(transfer),
            StockEvent::CountOpened { count, location, lines } => {
                self.count_opened(count, location, lines);
                Ok(())
            }
            StockEvent::CountRecorded { count, counted } => {
                let count = self.known_count(count)?.recorded(counted, self.time);
                self.keep_count(count);
                Ok(())
            }
            StockEvent::CountCanceled { count } => {
                let count = self.known_count(count)?;
                self.keep_count(StockCount { status: CountStatus::Canceled, updated_at: self.time, ..count });
                Ok(())
            }
            StockEvent::QuotaSet { sku, channel, units } => {
                self.stock.grant(sku, channel, Some(*units));
                Ok(())
            }
            StockEvent::QuotaCleared { sku, channel } => {
                self.stock.grant(sku, channel, None);
                Ok(())
            }
            StockEvent::ChannelChosen { checkout, channel } => {
                self.channel_chosen(checkout, channel.as_ref());
                Ok(())
            }
            StockEvent::QuotaDrawn { reservation, channel, units } => {
                self.quota_drawn(reservation, channel, units);
                Ok(())
            }
            StockEvent::BundleSet { sku, product, components } => {
                self.stock.set_bundle(sku, *product, components);
                Ok(())
            }
            StockEvent::BundleRemoved { sku } => {
                self.stock.remove_bundle(sku);
                Ok(())
            }
            StockEvent::OrderQuotaDrawn { order, channel, units } => self.order_quota_drawn(order, channel, units),
            StockEvent::ComponentsSet { checkout, components } => self.components_set(checkout, components),
        }
    }

    fn purchase_opened(
        &mut self,
        id: &PurchaseOrderId,
        supplier: &str,
        location: &LocationId,
        lines: &[PurchaseLine],
        over: u8,
    ) -> Result<(), Fault> {
        let (opened_at, updated_at) = (self.time, self.time);
        let (id, supplier, location) = (id.clone(), supplier.into(), location.clone());
        let status = PurchaseStatus::Open;
        let empty = Purchase { id, supplier, location, lines: Vec::new(), over_percent: over, status, opened_at, updated_at };
        self.keep_purchase(None, Purchase { lines: empty.relined(lines), ..empty })
    }

    fn purchase_canceled(&mut self, id: &PurchaseOrderId) -> Result<(), Fault> {
        let before = self.known_purchase(id)?;
        let after = before.canceled(self.time);
        self.keep_purchase(Some(before), after)
    }

    fn transfer_canceled(&mut self, id: &TransferId) -> Result<(), Fault> {
        let before = self.known_transfer(id)?;
        self.keep_transfer(Transfer { status: TransferStatus::Canceled, updated_at: self.time, ..before });
        Ok(())
    }

    fn preorder_opened(&mut self, sku: &Sku, product: Ordinal, at: Timestamp, caps: &[(LocationId, i64)]) -> Result<(), Fault> {
        let before = self.stock.row(sku).and_then(|row| row.release_at);
        self.stock.open_preorder(sku, product, at, caps)?;
        before.into_iter().for_each(|before| drop(self.stock_book.releases.remove(&(before, sku.clone()))));
        self.stock_book.releases.insert((at, sku.clone()));
        Ok(())
    }

    fn preorder_released(&mut self, sku: &Sku) -> Result<(), Fault> {
        let at = self.stock.row(sku).and_then(|row| row.release_at).ok_or_else(|| Fault::missing("sale before release of", sku))?;
        self.stock.end_preorder(sku);
        self.stock_book.releases.remove(&(at, sku.clone()));
        self.end_schedule(sku);
        Ok(())
    }

    fn known_purchase(&self, id: &PurchaseOrderId) -> Result<Purchase, Fault> {
        self.purchase(id).map(|found| Purchase::clone(found)).ok_or_else(|| Fault::missing("purchase order", id))
    }

    fn purchase_changed(&mut self, id: &PurchaseOrderId, lines: &[PurchaseLine]) -> Result<(), Fault> {
        let before = self.known_purchase(id)?;
        let after = Purchase { lines: before.relined(lines), updated_at: self.time, ..before.clone() };
        // Lines that were cut to what has come may leave nothing to come.
        let after = after.received(&[], false, self.time);
        self.keep_purchase(Some(before), after)
    }

    fn purchase_received(&mut self, id: &PurchaseOrderId, receipts: &[Receipt], closes: bool) -> Result<(), Fault> {
        let before = self.known_purchase(id)?;
        let after = before.received(receipts, closes, self.time);
        self.keep_purchase(Some(before), after)
    }

    /// Keeps a purchase; what is to come of it moves in from the supplier, or back.
    fn keep_purchase(&mut self, before: Option<Purchase>, after: Purchase) -> Result<(), Fault> {
        let left = before.iter().flat_map(Purchase::to_come).map(|(line, units)| (line, -units));
        for (line, quantity) in left.chain(after.to_come()) {
            let units = Units { sku: line.sku.clone(), location: after.location.clone(), quantity };
            self.stock.shift(&units, Some(line.product), Account::Supplier, Account::Incoming)?;
        }
        if after.status != PurchaseStatus::Open {
            self.retire(Retired::Purchase(after.id.clone()));
        }
        self.stock_book.put_purchase(after);
        Ok(())
    }

    fn known_transfer(&self, id: &TransferId) -> Result<Transfer, Fault> {
        self.transfer(id).map(|found| Transfer::clone(found)).ok_or_else(|| Fault::missing("transfer", id))
    }

    fn keep_transfer(&mut self, transfer: Transfer) {
        if !transfer.status.is_open() {
            self.retire(Retired::Transfer(transfer.id.clone()));
        }
        self.stock_book.put_transfer(transfer);
    }

    fn transfer_requested(&mut self, id: &TransferId, (from, to): (&LocationId, &LocationId), lines: &[TransferLine], at: Timestamp) {
        let line = |line: &TransferLine| TransferredSku {
            sku: line.sku.clone(),
            product: line.product,
            requested: line.requested,
            sent: 0,
            received: 0,
            damaged: 0,
            lost: 0,
        };
        self.keep_transfer(Transfer {
            id: id.clone(),
            from: from.clone(),
            to: to.clone(),
            lines: lines.iter().map(line).collect(),
            expected_at: at,
            status: TransferStatus::Requested,
            requested_at: self.time,
            updated_at: self.time,
        });
    }

    fn transfer_sent(&mut self, id: &TransferId, units: &[SkuUnits]) -> Result<(), Fault> {
        let transfer = self.known_transfer(id)?;
        for row in units {
            let product = transfer.line(&row.sku).map(|line| line.product);
            let units = Units { sku: row.sku.clone(), location: transfer.to.clone(), quantity: row.quantity };
            self.stock.shift(&units, product, Account::Supplier, Account::InTransit)?;
        }
        self.keep_transfer(transfer.sent(units, self.time));
        Ok(())
    }

    fn transfer_received(&mut self, id: &TransferId, receipts: &[TransferReceipt]) -> Result<(), Fault> {
        let transfer = self.known_transfer(id)?;
        for row in receipts {
            let quantity = row.received + row.damaged + row.lost;
            let units = Units { sku: row.sku.clone(), location: transfer.to.clone(), quantity };
            self.stock.shift(&units, None, Account::InTransit, Account::WrittenOff)?;
        }
        self.keep_transfer(transfer.received(receipts, self.time));
        Ok(())
    }

    fn known_count(&self, id: &CountId) -> Result<StockCount, Fault> {
        self.count(id).map(|found| StockCount::clone(found)).ok_or_else(|| Fault::missing("count", id))
    }

    fn keep_count(&mut self, count: StockCount) {
        if count.status != CountStatus::Open {
            self.retire(Retired::Count(count.id.clone()));
        }
        self.stock_book.counts.insert(count.id.clone(), std::sync::Arc::new(count));
    }

    fn count_opened(&mut self, id: &CountId, location: &LocationId, lines: &[SkuUnits]) {
        let lines = lines.iter().map(|row| CountLine { sku: row.sku.clone(), expected: row.quantity, counted: None }).collect();
        let (opened_at, updated_at) = (self.time, self.time);
        self.keep_count(StockCount { id: id.clone(), location: location.clone(), lines, status: CountStatus::Open, opened_at, updated_at });
    }

    fn components_set(&mut self, checkout: &CheckoutId, changed: &[(LineId, Vec<Component>)]) -> Result<(), Fault> {
        let session = self.session(checkout)?;
        let mut lines = session.lines.to_vec();
        for (line, components) in changed {
            for known in lines.iter_mut().filter(|known| known.id == *line) {
                known.components.clone_from(components);
            }
        }
        self.put_checkout(Checkout { lines: lines.into(), ..session });
        Ok(())
    }
}
