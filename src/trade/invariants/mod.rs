//! The invariants of `docs/ARCHITECTURE.md`, checked on a state: all of them by a full recount, and cheaply those that one entry could break.

mod after_sale;
mod balances;
mod carts;
mod fulfilment;
mod payments;
mod pricing;
mod shoppers;
mod stock;

use super::keys::{KeyRecord, Retired};
use super::state::State;
use crate::cart::demand;
use crate::event::TradeEvent;
use crate::event::trade::{PaymentEvent, Subject};
use crate::fulfilment::{FulfilmentStatus, fulfilment_status};
use crate::id::{NameDigest, Sku};
use crate::order::{Checkout, CheckoutStatus, Order, OrderStatus, order_status, payment_status};
use crate::payment::{Payment, PaymentStatus};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl State {
    /// Every invariant that does not hold, in words; empty when all do. Recounts everything.
    ///
    /// 1. Nothing is oversold, no bucket is negative. 2. Units are conserved. 4. No order without its command. 5. Money adds up. 6. Keys answer
    ///    what they should. 7. Reservations end exactly once. And: no event ever failed to fit, and every index agrees with what it lists.
    ///
    /// Each order and payment is asked for many times. So all are woken once, which takes the memory that they take awake.
    #[must_use]
    pub fn check_invariants(&self) -> Vec<String> {
        Self { orders: self.orders.awake(), payments: self.payments.awake(), ..self.clone() }.check_all()
    }

    fn check_all(&self) -> Vec<String> {
        let mut wrong = self.check_balances(&mut || Some(())).unwrap_or_default();
        wrong.extend(self.orders.iter().flat_map(|order| self.check_order(&order)));
        wrong.extend(self.checkouts.sorted().into_iter().flat_map(|(_, session)| self.check_session(session)));
        wrong.extend(self.check_reservations());
        wrong.extend(self.check_keys());
        wrong.extend(self.check_indexes());
        wrong.extend(self.check_pricing());
        wrong.extend(self.check_carts());
        wrong.extend(self.check_stock());
        wrong.extend(self.check_fulfilment());
        wrong.extend(self.check_payments());
        wrong.extend(self.check_after_sale());
        wrong.extend(self.check_shoppers());
        wrong
    }

    /// The invariants that the events of one entry could have broken, looking only at what they name. Cheap enough for every entry of a
    /// debug build.
    #[must_use]
    pub fn check_entry(&self, events: &[TradeEvent]) -> Vec<String> {
        let mut wrong = self.faults.clone();
        let mut skus: BTreeSet<&Sku> = BTreeSet::new();
        for event in events {
            if let TradeEvent::StockMoved { sku, .. } | TradeEvent::StockLimitsSet { sku, .. } = event {
                skus.insert(sku);
            }
            if let TradeEvent::Stock(event) = event {
                skus.extend(stock::skus_of(event));
            }
            if let TradeEvent::StockReserved { units, .. }
            | TradeEvent::OrderShipped { units, .. }
            | TradeEvent::OrderPlaced { units, .. } = event
            {
                skus.extend(units.iter().map(|row| &row.sku));
            }
            if let TradeEvent::OrderPlaced { order, .. } = event {
                wrong.extend(self.order(order).map_or_else(|| vec![format!("order {order} is missing")], |it| self.check_order(&it)));
            }
            if let TradeEvent::Payment(PaymentEvent::RefundRetried { payment, .. }) = event {
                wrong.extend(self.check_retry(payment));
            }
        }
        let rows = skus.into_iter().filter_map(|sku| self.stock.row(sku));
        wrong.extend(rows.flat_map(|row| self.stock.verify_row(row)));
        wrong
    }

    fn check_order(&self, order: &Order) -> Vec<String> {
        let payments: Vec<Arc<Payment>> = order.payments.iter().filter_map(|id| self.payment(id)).collect();
        let paid_minor: i64 = payments.iter().map(|payment| payment.amount.amount_minor).sum();
        let assigned = order.units.iter().map(|row| (&row.sku, row.quantity)).chain(order.owed.iter().map(|row| (&row.sku, row.quantity)));
        let sourced = assigned.fold(BTreeMap::<Sku, i64>::new(), |mut sums, (sku, units)| {
            *sums.entry(sku.clone()).or_default() += units;
            sums
        });
        let fulfilment = fulfilment_status(
            order.fulfilment_status,
            &order.left_to_ship,
            !order.owed.is_empty(),
            &order.shipments,
            order.after_sale.returned_units,
        );
        let is_it = |found: Option<Arc<Order>>| found.is_some_and(|found| found.id == order.id);
        let is_session_told = is_it(self.orders.of_checkout(&order.checkout)) && self.checkouts.get(&order.checkout).is_none();
        let is_canceled = (order.status == OrderStatus::Canceled) == (order.fulfilment_status == FulfilmentStatus::Canceled);
        let rules = [
            ("it has no payment, or one that is not there", !payments.is_empty() && payments.len() == order.payments.len()),
            ("a payment is another's", payments.iter().all(|it| it.order.as_ref() == Some(&order.id) && it.checkout == order.checkout)),
            ("a payment was never authorised", payments.iter().all(|it| it.provider_reference.is_some() && !it.status.is_open())),
            ("its payments sum to another amount", self.is_paid_in_parts(order, paid_minor - order.after_sale.balance_paid_minor)),
            ("its units are not its lines", order.status == OrderStatus::Canceled || sourced == demand(&order.lines)),
            ("its payment axis is wrong", order.payment_status == payment_status(&payments)),
            ("its fulfilment axis is wrong", order.fulfilment_status == fulfilment),
            (
                "its status is wrong",
                is_canceled && order.status == order_status(order.payment_status, fulfilment, !order.after_sale.holds.is_empty()),
            ),
            ("its number or name is another's", is_it(self.order_numbered(order.number)) && is_it(self.order(&order.id))),
            ("its session is another's, or stands beside it", is_session_told),
        ];
        rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| format!("order {}: {what}", order.id)).collect()
    }

    fn check_session(&self, session: &Checkout) -> Vec<String> {
        let payments: Vec<Arc<Payment>> = session.payments.iter().filter_map(|id| self.payment(id)).collect();
        let is_in_progress = session.status.is_attempting();
        let waits = payments.iter().any(|payment| payment.status == PaymentStatus::RequiresAction);
        let is_waited_for = payments.iter().any(|payment| payment.status.is_open());
        let is_good = payments.iter().all(|payment| payment.status.is_open() || payment.status == PaymentStatus::Authorized);
        let holds = session
            .reservation
            .as_ref()
            .is_none_or(|id| is_in_progress && self.stock.reservation(id).is_some_and(|reservation| reservation.checkout == session.id));
        let rules = [
            ("is in progress, but its payments are not", !is_in_progress || is_waited_for && is_good),
            (
                "waits for its shopper without a payment that does",
                waits == (session.status == CheckoutStatus::RequiresEscalation) || !is_in_progress,
            ),
            ("names a reservation that it does not hold", holds),
            ("is completed without an order", session.status != CheckoutStatus::Completed && session.order.is_none()),
        ];
        rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| format!("checkout session {}: {what}", session.id)).collect()
    }

    fn check_reservations(&self) -> Vec<String> {
        let is_held = |checkout, id| self.checkouts.get(checkout).is_some_and(|session| session.reservation.as_ref() == Some(id));
        let stray = self.stock.reservations().into_iter().filter(|live| !is_held(&live.checkout, &live.id));
        stray.map(|live| format!("reservation {} is held for a session that does not know it", live.id)).collect()
    }

    /// A key without a snapshot is that of an attempt in progress; any other is on the list of what is forgotten.
    fn check_keys(&self) -> Vec<String> {
        let forgotten: BTreeSet<&Retired> = self.retired.iter().map(|(_, what)| what).collect();
        let is_key = |session: &Checkout, key| session.completion_key.as_ref().is_some_and(|own| NameDigest::of(own.as_str()) == key);
        let is_right = |key: NameDigest, record: &KeyRecord| match (&record.snapshot, &record.subject) {
            (None, Subject::Checkout(id)) => self.checkouts.get(id).is_some_and(|session| is_key(session, key)),
            (None, _) => false,
            (Some(_), _) => forgotten.contains(&Retired::Key(key)),
        };
        let wrong = self.keys.iter().filter(|(key, record)| !is_right(*key, record));
        wrong.map(|(_, record)| format!("the key of {:?} is neither of an attempt nor forgotten after a day", record.subject)).collect()
    }

    fn check_indexes(&self) -> Vec<String> {
        let sessions: Vec<_> = self.checkouts.sorted().into_iter().filter(|(_, it)| it.status.waits_for_shopper()).collect();
        let idle_sessions = sessions.iter().all(|(id, it)| self.idle_checkouts.contains(&(it.updated_at, (*id).clone())));
        let mut rebuilt = Self::default();
        self.payments.iter().for_each(|(_, payment)| rebuilt.put_payment(Arc::unwrap_or_clone(payment)));
        let rules = [
            ("idle checkout sessions", idle_sessions && sessions.len() == self.idle_checkouts.len()),
            ("waiting payments", rebuilt.waiting_payments == self.waiting_payments),
            ("payments that wait for shoppers", rebuilt.payments_book.actions == self.payments_book.actions),
            ("orders by what they are", self.orders.is_indexed()),
        ];
        rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| format!("the index of {what} is wrong")).collect()
    }
}
