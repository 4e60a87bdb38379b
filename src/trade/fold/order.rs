//! What events do to orders.

use super::Fault;
use super::checkout::{shared, step};
use crate::event::TradeEvent;
use crate::event::trade::{BuyerKey, Units};
use crate::fulfilment::{FulfilmentStatus, Shipment, take_units};
use crate::id::{OrderId, PaymentId, ShipmentId};
use crate::order::{AfterSale, CheckoutStep, ENTRIES_MAX, Order, OrderStatus, payment_status};
use crate::payment::Payment;
use crate::trade::state::State;
use std::sync::Arc;

impl State {
    /// The reservation becomes the order's allocation; the session is completed and its key kept for ever.
    pub(super) fn order_placed(&mut self, event: &TradeEvent) -> Result<(), Fault> {
        let TradeEvent::OrderPlaced { order: id, checkout, buyer, address, lines, totals, payment, more_payments, reservation, units } =
            event
        else {
            return Ok(());
        };
        let session = self.session(checkout)?;
        step(&session, CheckoutStep::Complete)?;
        let payments: Arc<[PaymentId]> = [payment].into_iter().chain(more_payments).cloned().collect();
        let paid = |name: &PaymentId| {
            let paid = self.payment(name).ok_or_else(|| Fault::missing("payment", name))?;
            Ok(Payment { order: Some(id.clone()), ..Arc::unwrap_or_clone(paid) })
        };
        let paid = payments.iter().map(paid).collect::<Result<Vec<Payment>, Fault>>()?;
        self.stock.commit(reservation)?;
        self.pricing.order_placed(checkout, id, &totals.discounts, buyer);
        let sold = units;
        let units: Arc<[Units]> = Arc::from(units.as_slice());
        let order = Order {
            number: self.orders.len() as u64,
            id: id.clone(),
            checkout: checkout.clone(),
            buyer: if *session.buyer == *buyer { session.buyer } else { Arc::new(buyer.clone()) },
            address: session.address.filter(|kept| **kept == *address).unwrap_or_else(|| Arc::new(address.clone())),
            lines: shared(Some(&session.lines), lines),
            claims: session.claims,
            totals: totals.clone(),
            delivery: session.delivery,
            payments: if *session.payments == *payments { session.payments } else { payments },
            left_to_ship: Arc::clone(&units),
            owed: Vec::new(),
            shipments: Vec::new(),
            status: OrderStatus::Placed,
            after_sale: AfterSale::default(),
            entries: self.entry.into_iter().collect(),
            payment_status: payment_status(&paid),
            fulfilment_status: FulfilmentStatus::Unfulfilled,
            units,
            verdict: None,
            cancel_reason: None,
            completion_key: session.completion_key,
            placed_at: self.time,
            updated_at: self.time,
        };
        self.carts_book.note_order(id, &BuyerKey::of_household(&order.buyer, Some(&order.address)), &order.lines, self.time);
        self.remove_checkout(checkout);
        paid.into_iter().for_each(|paid| self.put_payment(paid));
        for row in sold {
            self.fulfilment.sold(&row.sku, row.quantity, self.time);
        }
        self.follow_order(order.number, &[], &order.left_to_ship);
        let fulfilment_status = self.waiting_status_of(&order);
        let body_hash = order.completion_key.as_ref().and_then(|key| self.take_key(key));
        self.orders.push(Order { fulfilment_status, ..order }, body_hash);
        self.follow_work(id);
        Ok(())
    }

    pub(super) fn order_canceled(&mut self, id: &OrderId, reason: &str) -> Result<(), Fault> {
        let order = self.order(id).ok_or_else(|| Fault::missing("order", id))?;
        self.carts_book.forget_order(id, &BuyerKey::of_household(&order.buyer, Some(&order.address)), &order.lines);
        let left = Arc::clone(&order.left_to_ship);
        self.unpick(id, &left)?;
        self.stock.free(&left)?;
        self.fulfilment.stock_came(self.time);
        self.pricing.order_canceled(id);
        self.change_order(id, |order| {
            order.left_to_ship = Arc::from([]);
            order.owed = Vec::new();
            order.fulfilment_status = FulfilmentStatus::Canceled;
            order.cancel_reason = Some(reason.to_owned());
        })
    }

    pub(super) fn order_shipped(&mut self, id: &OrderId, shipment: &ShipmentId, units: &[Units]) -> Result<(), Fault> {
        let order = self.order(id).ok_or_else(|| Fault::missing("order", id))?;
        let left = take_units(&order.left_to_ship, units);
        let left = left.map_err(|error| Fault::Missing { kind: "allocation", id: format!("{id}: {error}") })?;
        let number = order.number;
        self.ship_units(number, units)?;
        let shipped_at = self.time;
        self.change_order(id, |order| {
            order.left_to_ship = Arc::from(left);
            order.shipments.push(Shipment { id: shipment.clone(), units: units.to_vec(), shipped_at, delivered_at: None });
        })
    }

    pub(super) fn shipment_delivered(&mut self, id: &OrderId, shipment: &ShipmentId) -> Result<(), Fault> {
        let delivered_at = Some(self.time);
        self.change_order(id, |order| {
            for shipment in order.shipments.iter_mut().filter(|known| known.id == *shipment) {
                shipment.delivered_at = delivered_at;
            }
        })
    }

    /// Changes an order and lets its axes follow.
    pub(super) fn change_order(&mut self, id: &OrderId, change: impl FnOnce(&mut Order)) -> Result<(), Fault> {
        let (entry, now) = (self.entry, self.time);
        let changed = self.orders.change(id, |order| {
            let left_before = Arc::clone(&order.left_to_ship);
            if let Some(entry) = entry.filter(|entry| order.entries.last() != Some(entry) && order.entries.len() < ENTRIES_MAX) {
                order.entries.push(entry);
            }
            change(order);
            order.follow();
            order.updated_at = now;
            (order.number, left_before, Arc::clone(&order.left_to_ship))
        });
        let (number, left_before, left) = changed.ok_or_else(|| Fault::missing("order", id))?;
        if *left_before != *left {
            self.follow_order(number, &left_before, &left);
            self.follow_waiting(number);
        }
        self.follow_order_draw(id);
        self.follow_work(id);
        Ok(())
    }
}
