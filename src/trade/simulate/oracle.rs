//! What must be true whatever the engine thinks: counted from the durable events alone, without buckets or statuses.

use super::provider::BadTemperedProvider;
use crate::event::TradeEvent;
use crate::event::trade::{AfterSaleEvent, Line, Units};
use crate::id::{LocationId, OrderId, ReservationId, Sku};
use crate::trade::State;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Oracle {
    /// Units that came, by SKU and location.
    came: BTreeMap<(Sku, LocationId), i64>,
    /// Units that may be promised beyond those.
    backorders: BTreeMap<(Sku, LocationId), i64>,
    /// Units promised to orders that were not canceled.
    promised: BTreeMap<(Sku, LocationId), i64>,
    /// Every reservation, and whether it has ended.
    reservations: BTreeMap<ReservationId, bool>,
    /// Every order, and what was promised to it.
    orders: BTreeMap<OrderId, Vec<Units>>,
    wrong: Vec<String>,
}

impl Oracle {
    pub(super) fn observe(&mut self, events: &[TradeEvent], provider: &BadTemperedProvider) {
        for event in events {
            if let TradeEvent::StockMoved { sku, location, on_hand_delta, .. } = event {
                *self.came.entry((sku.clone(), location.clone())).or_default() += on_hand_delta;
            }
            if let TradeEvent::StockLimitsSet { sku, location, backorder_cap, .. } = event {
                self.backorders.insert((sku.clone(), location.clone()), *backorder_cap);
            }
            if let TradeEvent::StockReserved { reservation, .. } = event
                && self.reservations.insert(reservation.clone(), false).is_some()
            {
                self.wrong.push(format!("reservation {reservation} began twice"));
            }
            if let TradeEvent::ReservationReleased { reservation, .. } = event {
                self.end(reservation);
            }
            if let TradeEvent::OrderPlaced { order, lines, reservation, units, payment, .. } = event {
                self.end(reservation);
                self.place(order, lines, units);
                if !provider.has_authorized(payment) {
                    self.wrong.push(format!("order {order} was placed without an authorisation"));
                }
            }
            if let TradeEvent::OrderCanceled { order, .. } = event {
                self.cancel(order);
            }
            if let TradeEvent::AfterSale(event) = event {
                self.observe_after_sale(event);
            }
        }
    }

    fn end(&mut self, reservation: &ReservationId) {
        if self.reservations.insert(reservation.clone(), true) != Some(false) {
            self.wrong.push(format!("reservation {reservation} ended without being live"));
        }
    }

    fn place(&mut self, order: &OrderId, lines: &[Line], units: &[Units]) {
        let (bought, sourced): (i64, i64) = (lines.iter().map(|line| line.quantity).sum(), units.iter().map(|row| row.quantity).sum());
        if bought != sourced {
            self.wrong.push(format!("order {order} is of {bought} units and was given {sourced}"));
        }
        for row in units {
            *self.promised.entry((row.sku.clone(), row.location.clone())).or_default() += row.quantity;
        }
        if self.orders.insert(order.clone(), units.to_vec()).is_some() {
            self.wrong.push(format!("order {order} was placed twice"));
        }
    }

    /// Units that an edit frees are promised no more, and what came back can be promised again.
    fn observe_after_sale(&mut self, event: &AfterSaleEvent) {
        let place = |row: &Units| (row.sku.clone(), row.location.clone());
        match event {
            AfterSaleEvent::OrderEdited { order, freed, added, .. } => {
                let mut units = self.orders.remove(order).unwrap_or_default();
                freed.iter().for_each(|row| *self.promised.entry(place(row)).or_default() -= row.quantity);
                added.iter().for_each(|row| *self.promised.entry(place(row)).or_default() += row.quantity);
                units.extend(added.iter().cloned());
                units.extend(freed.iter().map(|row| Units { quantity: -row.quantity, ..row.clone() }));
                self.orders.insert(order.clone(), units);
            }
            AfterSaleEvent::ReturnInspected { sellable, .. } => {
                sellable.iter().for_each(|row| *self.came.entry(place(row)).or_default() += row.quantity);
            }
            _ => {}
        }
    }

    fn cancel(&mut self, order: &OrderId) {
        let units = self.orders.get(order).cloned().unwrap_or_default();
        for row in units {
            *self.promised.entry((row.sku, row.location)).or_default() -= row.quantity;
        }
    }

    /// What is wrong so far: something was sold that never came, an order was placed without money, a reservation ended twice.
    pub(super) fn broken(&self) -> Vec<String> {
        let mut wrong = self.wrong.clone();
        for (place, promised) in &self.promised {
            let covered = self.came.get(place).unwrap_or(&0) + self.backorders.get(place).unwrap_or(&0);
            if *promised > covered {
                wrong.push(format!("OVERSOLD: {promised} units of {} promised at {}, {covered} covered", place.0, place.1));
            }
        }
        wrong
    }

    /// Acknowledged orders that a replayed state does not know.
    pub(super) fn missing_orders(&self, state: &State) -> Vec<String> {
        let lost = self.orders.keys().filter(|order| state.order(order).is_none());
        lost.map(|order| format!("order {order} was lost in a crash")).collect()
    }
}
