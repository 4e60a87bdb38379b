//! Units, counted from the durable events alone: what came, what was promised, and what may be promised beyond what is there.
//!
//! It keeps one sum per place and question and knows no accounts: a unit that is damaged or held back is one fewer that may be promised.

use crate::event::TradeEvent;
use crate::event::trade::{Account, AfterSaleEvent, Line, StockEvent, Units};
use crate::id::{ChannelId, CheckoutId, LocationId, OrderId, ReservationId, Sku};
use std::collections::{BTreeMap, BTreeSet};

type Place = (Sku, LocationId);

#[derive(Default)]
pub(super) struct UnitCount {
    /// Sound units that came, less those that were lost, damaged or held back; those that left with shipments are still among them.
    came: BTreeMap<Place, i64>,
    /// Units that left with shipments.
    left: BTreeMap<Place, i64>,
    /// Units promised to live reservations and to orders that were not canceled, shipped or not.
    promised: BTreeMap<Place, i64>,
    /// Units that may be promised beyond those that are there.
    backorders: BTreeMap<Place, i64>,
    /// SKUs that are sold before their release.
    preorders: BTreeSet<Sku>,
    /// Units that may be promised instead, or were before the release.
    preorder_caps: BTreeMap<Place, i64>,
    live: BTreeMap<ReservationId, Vec<Units>>,
    channels: BTreeMap<CheckoutId, ChannelId>,
    /// Channels of orders that came through one.
    orders: BTreeMap<OrderId, ChannelId>,
    quotas: BTreeSet<(Sku, ChannelId)>,
}

impl UnitCount {
    pub(super) fn came(&mut self, row: &Units, units: i64) {
        *self.came.entry((row.sku.clone(), row.location.clone())).or_default() += units;
    }

    pub(super) fn promised(&mut self, row: &Units, units: i64) {
        *self.promised.entry((row.sku.clone(), row.location.clone())).or_default() += units;
    }

    /// Units that were promised were not found: as far as they are not promised beyond what came, they never did.
    pub(super) fn lost(&mut self, row: &Units, units: i64) {
        let place = (row.sku.clone(), row.location.clone());
        let left = self.left.get(&place).copied().unwrap_or(0);
        let came = self.came.entry(place).or_default();
        *came -= units.min((*came - left).max(0));
    }

    pub(super) fn left(&mut self, row: &Units) {
        *self.left.entry((row.sku.clone(), row.location.clone())).or_default() += row.quantity;
    }

    pub(super) fn observe(&mut self, events: &[TradeEvent]) -> Vec<String> {
        let mut wrong = self.undrawn(events);
        wrong.extend(self.undrawn_by_orders(events));
        for event in events {
            self.observe_units(event);
            if let TradeEvent::Stock(event) = event {
                self.observe_stock(event);
            }
        }
        // What comes damaged covers nothing, though it is told as coming first.
        self.release_caps();
        wrong
    }

    fn observe_units(&mut self, event: &TradeEvent) {
        if let TradeEvent::StockMoved { sku, location, on_hand_delta, .. } = event {
            *self.came.entry((sku.clone(), location.clone())).or_default() += on_hand_delta;
        }
        if let TradeEvent::StockLimitsSet { sku, location, backorder_cap, .. } = event {
            self.backorders.insert((sku.clone(), location.clone()), *backorder_cap);
        }
        if let TradeEvent::StockReserved { reservation, units, .. } = event {
            units.iter().for_each(|row| self.promised(row, row.quantity));
            self.live.insert(reservation.clone(), units.clone());
        }
        if let TradeEvent::ReservationReleased { reservation, .. } = event {
            self.live.remove(reservation).unwrap_or_default().iter().for_each(|row| self.promised(row, -row.quantity));
        }
        // What was promised to the reservation is promised to the order.
        if let TradeEvent::OrderPlaced { order, reservation, checkout, .. } = event {
            self.live.remove(reservation);
            self.orders.extend(self.channels.remove(checkout).map(|channel| (order.clone(), channel)));
        }
        if let TradeEvent::CheckoutCanceled { checkout } = event {
            self.channels.remove(checkout);
        }
    }

    fn observe_stock(&mut self, event: &StockEvent) {
        match event {
            StockEvent::Shifted { units, from, to, .. } => {
                let is_sound = |account: &Account| i64::from(*account == Account::Available);
                self.came(units, (is_sound(to) - is_sound(from)) * units.quantity);
            }
            StockEvent::PreorderOpened { sku, caps, .. } => {
                self.preorders.insert(sku.clone());
                self.preorder_caps.retain(|(known, _), _| known != sku);
                self.preorder_caps.extend(caps.iter().map(|(location, cap)| ((sku.clone(), location.clone()), *cap)));
            }
            StockEvent::PreorderReleased { sku } => {
                self.preorders.remove(sku);
            }
            StockEvent::ChannelChosen { checkout, channel } => match channel {
                Some(channel) => drop(self.channels.insert(checkout.clone(), channel.clone())),
                None => drop(self.channels.remove(checkout)),
            },
            StockEvent::QuotaSet { sku, channel, .. } => drop(self.quotas.insert((sku.clone(), channel.clone()))),
            StockEvent::QuotaCleared { sku, channel } => drop(self.quotas.remove(&(sku.clone(), channel.clone()))),
            _ => {}
        }
    }

    /// After a release only what was promised before it stays covered, for as long as it is needed.
    fn release_caps(&mut self) {
        for (place, cap) in self.preorder_caps.iter_mut().filter(|(place, _)| !self.preorders.contains(&place.0)) {
            let sum = |sums: &BTreeMap<Place, i64>| sums.get(place).copied().unwrap_or(0);
            *cap = (*cap).min((sum(&self.promised) - sum(&self.came) - sum(&self.backorders)).max(0));
        }
    }

    /// Orders that an entry assigns more units to past the quota of their channel.
    fn undrawn_by_orders(&self, events: &[TradeEvent]) -> Vec<String> {
        let mut wrong = Vec::new();
        for event in events {
            let TradeEvent::AfterSale(AfterSaleEvent::OrderEdited { order, added, .. }) = event else { continue };
            let Some(channel) = self.orders.get(order) else { continue };
            for row in added.iter().filter(|row| self.quotas.contains(&(row.sku.clone(), channel.clone()))) {
                let drew = |event: &TradeEvent| {
                    let TradeEvent::Stock(StockEvent::OrderQuotaDrawn { order: by, channel: whose, units }) = event else { return false };
                    by == order && whose == channel && units.iter().any(|drawn| drawn.sku == row.sku && drawn.quantity >= row.quantity)
                };
                if !events.iter().any(drew) {
                    wrong.push(format!("order {order} took {} more {} past the quota of {channel}", row.quantity, row.sku));
                }
            }
        }
        wrong
    }

    /// Reservations of an entry that took units out of a quota without saying so.
    fn undrawn(&self, events: &[TradeEvent]) -> Vec<String> {
        let reserved = events.iter().filter_map(|event| match event {
            TradeEvent::StockReserved { reservation, checkout, units, .. } => Some((reservation, self.channels.get(checkout)?, units)),
            _ => None,
        });
        let mut wrong = Vec::new();
        for (reservation, channel, units) in reserved {
            for row in units.iter().filter(|row| self.quotas.contains(&(row.sku.clone(), channel.clone()))) {
                let drew = |event: &TradeEvent| {
                    let TradeEvent::Stock(StockEvent::QuotaDrawn { reservation: by, channel: whose, units }) = event else { return false };
                    by == reservation
                        && whose == channel
                        && units.iter().any(|drawn| drawn.sku == row.sku && drawn.quantity >= row.quantity)
                };
                if !events.iter().any(drew) {
                    wrong.push(format!("reservation {reservation} took {} {} past the quota of {channel}", row.quantity, row.sku));
                }
            }
        }
        wrong
    }

    /// Places where more is promised than came and may be promised beyond that.
    pub(super) fn oversold(&self) -> Vec<String> {
        let sum = |sums: &BTreeMap<Place, i64>, place: &Place| sums.get(place).copied().unwrap_or(0);
        let mut wrong = Vec::new();
        for (place, promised) in &self.promised {
            let backorders = if self.preorders.contains(&place.0) { 0 } else { sum(&self.backorders, place) };
            let covered = sum(&self.came, place) + backorders + sum(&self.preorder_caps, place);
            if *promised > covered {
                wrong.push(format!("OVERSOLD: {promised} units of {} promised at {}, {covered} covered", place.0, place.1));
            }
        }
        wrong
    }
}

/// Units that lines take from stock, bundle by bundle and line by line.
pub(super) fn units_bought(lines: &[Line]) -> i64 {
    let each = |line: &Line| if line.components.is_empty() { 1 } else { line.components.iter().map(|part| part.quantity).sum() };
    lines.iter().map(|line| line.quantity * each(line)).sum()
}
