//! What must be true whatever the engine thinks: counted from the durable events alone, without buckets or statuses.

use super::areas::PricingOracle;
use super::provider::BadTemperedProvider;
use super::units::{UnitCount, units_bought};
use crate::event::TradeEvent;
use crate::event::trade::fulfilment::ShortReason;
use crate::event::trade::{AfterSaleEvent, FulfilmentEvent, Line, PaymentEvent, ReleaseReason, Units};
use crate::id::{CheckoutId, LocationId, OrderId, PaymentId, ReservationId, Sku};
use crate::stdx::clock::Timestamp;
use crate::trade::State;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Oracle {
    units: UnitCount,
    /// Every live reservation, and when it ends by itself.
    live: BTreeMap<ReservationId, (CheckoutId, Timestamp)>,
    /// Every reservation that has ended.
    ended: BTreeSet<ReservationId>,
    /// What was authorised, taken and given back, by payment.
    money: BTreeMap<PaymentId, [i64; 3]>,
    /// Every order, and what was promised to it.
    orders: BTreeMap<OrderId, Vec<Units>>,
    /// Units that left, by order, SKU and location.
    left: BTreeMap<(OrderId, Sku, LocationId), i64>,
    pricing: PricingOracle,
    wrong: Vec<String>,
}

impl Oracle {
    pub(super) fn observe(&mut self, events: &[TradeEvent], at: Timestamp, provider: &BadTemperedProvider) {
        self.wrong.extend(self.units.observe(events));
        for event in events {
            self.pricing.observe(event);
            if let TradeEvent::StockReserved { reservation, checkout, expires_at, .. } = event {
                self.begin(reservation, checkout, *expires_at);
            }
            if let TradeEvent::ReservationExtended { reservation, expires_at } = event
                && let Some((_, ends)) = self.live.get_mut(reservation)
            {
                *ends = *expires_at;
            }
            if let TradeEvent::ReservationReleased { reservation, reason } = event {
                if *reason == ReleaseReason::Expired && self.live.get(reservation).is_some_and(|(_, ends)| at < *ends) {
                    self.wrong.push(format!("reservation {reservation} ran out before its time"));
                }
                self.end(reservation);
            }
            if let TradeEvent::PaymentRequested { payment, checkout, amount, .. } = event {
                if !self.live.values().any(|(holder, _)| holder == checkout) {
                    self.wrong.push(format!("payment {payment} is asked for while nothing is held for {checkout}"));
                }
                self.money.entry(payment.clone()).or_default()[0] = amount.amount_minor;
            }
            if let TradeEvent::PaymentCaptured { payment, amount } = event {
                self.move_money(payment, 1, amount.amount_minor);
            }
            if let TradeEvent::PaymentRefunded { payment, amount } = event {
                self.move_money(payment, 2, amount.amount_minor);
            }
            if let TradeEvent::Payment(PaymentEvent::RefundFailed { payment, amount, .. }) = event {
                self.move_money(payment, 2, -amount.amount_minor);
            }
            if let TradeEvent::OrderPlaced { order, lines, reservation, units, payment, more_payments, .. } = event {
                let paid = || [payment].into_iter().chain(more_payments);
                let gives_back = |event: &TradeEvent| matches!(event, TradeEvent::PaymentVoidRequested { payment: given } if paid().any(|payment| payment == given));
                if events.iter().any(gives_back) {
                    self.wrong.push(format!("order {order} is placed, and its payment is given back"));
                }
                self.end(reservation);
                self.place(order, lines, units);
                if !paid().all(|payment| provider.has_authorized(payment)) {
                    self.wrong.push(format!("order {order} was placed without an authorisation"));
                }
            }
            if let TradeEvent::OrderCanceled { order, .. } = event {
                self.cancel(order);
            }
            if let TradeEvent::AfterSale(event) = event {
                self.observe_after_sale(event);
            }
            if let TradeEvent::Fulfilment(event) = event {
                self.observe_fulfilment(event);
            }
            if let TradeEvent::OrderShipped { order, units, .. } = event {
                self.ship(order, units);
            }
        }
    }

    fn begin(&mut self, reservation: &ReservationId, checkout: &CheckoutId, expires_at: Timestamp) {
        let begun = (checkout.clone(), expires_at);
        if self.ended.contains(reservation) || self.live.insert(reservation.clone(), begun).is_some() {
            self.wrong.push(format!("reservation {reservation} began twice"));
        }
    }

    fn end(&mut self, reservation: &ReservationId) {
        if self.live.remove(reservation).is_none() || !self.ended.insert(reservation.clone()) {
            self.wrong.push(format!("reservation {reservation} ended without being live"));
        }
    }

    /// Taken is at most authorised, given back at most taken.
    fn move_money(&mut self, payment: &PaymentId, step: usize, amount_minor: i64) {
        let sums = self.money.entry(payment.clone()).or_default();
        sums[step] += amount_minor;
        if sums[step] > sums[step - 1] {
            self.wrong.push(format!("payment {payment}: {} authorised, {} taken, {} given back", sums[0], sums[1], sums[2]));
        }
    }

    fn place(&mut self, order: &OrderId, lines: &[Line], units: &[Units]) {
        let (bought, sourced): (i64, i64) = (units_bought(lines), units.iter().map(|row| row.quantity).sum());
        if bought != sourced {
            self.wrong.push(format!("order {order} is of {bought} units and was given {sourced}"));
        }
        if self.orders.insert(order.clone(), units.to_vec()).is_some() {
            self.wrong.push(format!("order {order} was placed twice"));
        }
    }

    /// Units that an edit frees are promised no more, and what came back can be promised again.
    fn observe_after_sale(&mut self, event: &AfterSaleEvent) {
        match event {
            AfterSaleEvent::OrderEdited { order, freed, added, .. } => {
                let mut units = self.orders.remove(order).unwrap_or_default();
                freed.iter().for_each(|row| self.units.promised(row, -row.quantity));
                added.iter().for_each(|row| self.units.promised(row, row.quantity));
                units.extend(added.iter().cloned());
                units.extend(freed.iter().map(|row| Units { quantity: -row.quantity, ..row.clone() }));
                self.orders.insert(order.clone(), units);
            }
            AfterSaleEvent::BalancePaymentRequested { payment, amount, .. } => {
                self.money.entry(payment.clone()).or_default()[0] = amount.amount_minor;
            }
            AfterSaleEvent::ReturnInspected { sellable, .. } => {
                sellable.iter().for_each(|row| self.units.came(row, row.quantity));
            }
            _ => {}
        }
    }

    /// Units that a location gives back are promised no more, and those that were not found never came; other locations promise them.
    fn observe_fulfilment(&mut self, event: &FulfilmentEvent) {
        match event {
            FulfilmentEvent::ShortPicked { order, location, units, .. } | FulfilmentEvent::WorkCanceled { order, location, units, .. } => {
                let is_gone = matches!(event, FulfilmentEvent::ShortPicked { reason: ShortReason::NotFound | ShortReason::Damaged, .. });
                for unit in units {
                    let row = Units { sku: unit.sku.clone(), location: location.clone(), quantity: -unit.quantity };
                    if is_gone {
                        self.units.lost(&row, unit.quantity);
                    }
                    self.assign(order, row);
                }
            }
            FulfilmentEvent::Resourced { order, units } => units.iter().for_each(|row| self.assign(order, row.clone())),
            _ => {}
        }
    }

    fn assign(&mut self, order: &OrderId, row: Units) {
        self.units.promised(&row, row.quantity);
        self.orders.entry(order.clone()).or_default().push(row);
    }

    /// Every unit of an order leaves once, from the location that it was last assigned to.
    fn ship(&mut self, order: &OrderId, units: &[Units]) {
        for row in units {
            self.units.left(row);
            *self.left.entry((order.clone(), row.sku.clone(), row.location.clone())).or_default() += row.quantity;
            let assigned = self.orders.get(order).into_iter().flatten();
            let here = assigned.filter(|known| (&known.sku, &known.location) == (&row.sku, &row.location));
            let (assigned, left) =
                (here.map(|known| known.quantity).sum::<i64>(), self.left[&(order.clone(), row.sku.clone(), row.location.clone())]);
            if left > assigned {
                self.wrong.push(format!("{left} of {} left {} for order {order}, which has {assigned} there", row.sku, row.location));
            }
        }
    }

    fn cancel(&mut self, order: &OrderId) {
        let units = self.orders.get(order).cloned().unwrap_or_default();
        units.iter().for_each(|row| self.units.promised(row, -row.quantity));
    }

    /// What is wrong at `now`: something was sold that never came, an order was placed without money, a reservation ended twice, early or late, more
    /// money moved than there was.
    pub(super) fn broken(&self, now: Timestamp) -> Vec<String> {
        let mut wrong = self.wrong.clone();
        let overdue = self.live.iter().filter(|(_, (_, ends))| *ends <= now);
        wrong.extend(overdue.map(|(reservation, _)| format!("reservation {reservation} lives although its time is over")));
        wrong.extend(self.units.oversold());
        wrong.extend(self.pricing.broken());
        wrong
    }

    /// Acknowledged orders that a replayed state does not know.
    pub(super) fn missing_orders(&self, state: &State) -> Vec<String> {
        let lost = self.orders.keys().filter(|order| state.order(order).is_none());
        lost.map(|order| format!("order {order} was lost in a crash")).collect()
    }
}
