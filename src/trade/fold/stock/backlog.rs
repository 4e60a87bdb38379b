//! What orders wait for, after every event: who is owed units that are not there, and who waits for a release.
//!
//! The book of what is owed follows the buckets: whenever more or fewer units are missing at a place than are owed there, they are owed by
//! the order that came last, or served to the one that came first. It runs after the event has been folded whole, so that it sees orders and
//! buckets as they are from then on.

use crate::event::trade::Units;
use crate::fulfilment::{FulfilmentStatus, waiting_status};
use crate::id::{LocationId, Sku};
use crate::order::Order;
use crate::trade::state::State;

impl State {
    /// Lets what is owed follow the buckets, everywhere that the last event has changed it.
    pub(in crate::trade::fold) fn settle_backlog(&mut self) {
        for (sku, location) in self.stock.take_unsettled() {
            self.settle_place(&sku, &location);
        }
    }

    /// An order has other units left to send than `before`: it is owed no more than those, and waits for the releases of those.
    pub(in crate::trade::fold) fn follow_order(&mut self, number: u64, before: &[Units], left: &[Units]) {
        for row in before {
            let rest = left.iter().find(|kept| (&kept.sku, &kept.location) == (&row.sku, &row.location)).map_or(0, |kept| kept.quantity);
            if self.stock_book.backlog.of_order(&row.sku, &row.location, number) > rest {
                self.stock_book.backlog.set(&row.sku, &row.location, number, rest);
                self.stock.settle_again(&row.sku, &row.location);
            }
            if !self.stock_book.scheduled.is_empty() && !left.iter().any(|kept| kept.sku == row.sku) {
                self.stock_book.scheduled.remove(&(row.sku.clone(), number));
            }
        }
        for row in left {
            if self.is_preorder(row) {
                self.stock_book.scheduled.insert((row.sku.clone(), number));
            }
        }
    }

    pub(in crate::trade) fn is_preorder(&self, row: &Units) -> bool {
        self.stock.row(&row.sku).is_some_and(|row| row.release_at.is_some())
    }

    /// A SKU was released: who waited for it may be sent what is there.
    pub(super) fn end_schedule(&mut self, sku: &Sku) {
        let numbers: Vec<u64> =
            self.stock_book.scheduled.range((sku.clone(), 0)..=(sku.clone(), u64::MAX)).map(|(_, number)| *number).collect();
        for number in numbers {
            self.stock_book.scheduled.remove(&(sku.clone(), number));
            self.follow_waiting(number);
        }
    }

    fn settle_place(&mut self, sku: &Sku, location: &LocationId) {
        let owed = self.stock.buckets(sku, location).owed();
        let mut listed = self.stock_book.backlog.at(sku, location);
        while listed > owed {
            let Some((number, units)) = self.stock_book.backlog.first(sku, location) else { return };
            let served = units.min(listed - owed);
            self.stock_book.backlog.set(sku, location, number, units - served);
            listed -= served;
            self.follow_waiting(number);
        }
        if listed < owed {
            self.miss(sku, location, owed - listed);
        }
    }

    /// So many more units are missing at a place: those who came last go without.
    fn miss(&mut self, sku: &Sku, location: &LocationId, mut missing: i64) {
        let mut before = self.orders.len() as u64;
        while missing > 0
            && let Some(order) = self.orders.last_naming(sku.as_str(), before)
        {
            let number = order.number;
            before = number;
            let left = order.left_to_ship.iter().filter(|row| (&row.sku, &row.location) == (sku, location));
            let left: i64 = left.map(|row| row.quantity).sum();
            let owed = self.stock_book.backlog.of_order(sku, location, number);
            let more = missing.min(left - owed);
            if more > 0 {
                self.stock_book.backlog.set(sku, location, number, owed + more);
                missing -= more;
                self.follow_waiting(number);
            }
        }
    }

    /// Lets the fulfilment axis of an order follow what it waits for.
    pub(in crate::trade::fold) fn follow_waiting(&mut self, number: u64) {
        let Some(order) = self.order_numbered(number) else { return };
        let status = self.waiting_status_of(&order);
        if status != order.fulfilment_status
            && let Err(fault) = self.change_order(&order.id, |order| order.fulfilment_status = status)
        {
            self.note_fault(fault.to_string());
        }
    }

    /// What the fulfilment axis of an order has to say, by what the order waits for.
    pub(in crate::trade) fn waiting_status_of(&self, order: &Order) -> FulfilmentStatus {
        // Units that no location has are waited for longest.
        let is_to_come = !order.owed.is_empty();
        let is_scheduled = !is_to_come && order.left_to_ship.iter().any(|row| self.is_preorder(row));
        let is_owed = is_to_come || order.left_to_ship.iter().any(|row| self.owed_of(order.number, row) > 0);
        waiting_status(order.fulfilment_status, is_scheduled, is_owed)
    }
}
