//! What events do to fulfilment orders, waves, shipments on their way, promises kept.

use super::{Fault, with_more};
use crate::event::TradeEvent;
use crate::event::trade::fulfilment::{FulfilmentEvent, ShortReason};
use crate::event::trade::{AfterSaleEvent, Component, Units};
use crate::fulfilment::{Followed, take_units};
use crate::id::{LocationId, OrderId};
use crate::order::{Order, OrderStatus};
use crate::trade::state::State;
use std::sync::Arc;

impl State {
    pub(super) fn fold_fulfilment(&mut self, event: &FulfilmentEvent) -> Result<(), Fault> {
        use FulfilmentEvent as E;
        match event {
            E::Picked { work, units } => {
                let location = self.fulfilment.board().work(*work).map(|part| part.location.clone());
                let location = location.ok_or_else(|| Fault::missing("fulfilment order", work))?;
                self.stock.pick(&rows(units, &location))?;
            }
            E::ShortPicked { order, location, units, reason, .. } => self.give_up(order, &rows(units, location), *reason)?,
            E::WorkCanceled { order, location, units, .. } => self.give_up(order, &rows(units, location), ShortReason::NotArrived)?,
            E::Resourced { order, units } => self.resourced(order, units)?,
            E::LocationSet { location } => self.stock.set_closed(&location.id, location.sends_nothing()),
            E::CarrierSet { .. }
            | E::CarrierRemoved { .. }
            | E::PlacesSet { .. }
            | E::WeightsSet { .. }
            | E::PolicySet { .. }
            | E::Planned { .. }
            | E::Released { .. }
            | E::WaveReleased { .. }
            | E::Looked { .. }
            | E::Retried
            | E::Packed { .. }
            | E::Dispatched { .. }
            | E::Manifested { .. }
            | E::Tracked { .. }
            | E::PromiseSettled { .. } => {}
        }
        let orders = &self.orders;
        if !self.fulfilment.fold(event, |id| orders.named(id).map(|order| order.number), self.time) {
            return Err(Fault::missing("work of an order", super::name_of(event)));
        }
        for order in self.orders_of(event) {
            self.follow_work(&order);
        }
        Ok(())
    }

    /// The orders whose work an event changes.
    fn orders_of(&self, event: &FulfilmentEvent) -> Vec<OrderId> {
        use FulfilmentEvent as E;
        let of = |number: u64| self.order_numbered(number).map(|order| order.id.clone());
        match event {
            E::Released { work } | E::WaveReleased { work, .. } => work.iter().filter_map(|id| of(id.order)).collect(),
            E::Picked { work, .. }
            | E::ShortPicked { work, .. }
            | E::WorkCanceled { work, .. }
            | E::Packed { work, .. }
            | E::Dispatched { work, .. } => of(work.order).into_iter().collect(),
            E::Planned { order, .. } | E::Resourced { order, .. } | E::Tracked { order, .. } | E::PromiseSettled { order, .. } => {
                vec![order.clone()]
            }
            E::Manifested { .. }
            | E::Looked { .. }
            | E::Retried
            | E::LocationSet { .. }
            | E::CarrierSet { .. }
            | E::CarrierRemoved { .. }
            | E::PlacesSet { .. }
            | E::WeightsSet { .. }
            | E::PolicySet { .. } => Vec::new(),
        }
    }

    /// Lets the work of an order follow the order.
    pub(super) fn follow_work(&mut self, id: &OrderId) {
        let Some(order) = self.order(id) else { return };
        let followed = Followed {
            number: order.number,
            id: &order.id,
            left: &order.left_to_ship,
            owed: &order.owed,
            shipments: &order.shipments,
            is_done: order.status == OrderStatus::Canceled,
        };
        self.fulfilment.follow(&followed, self.time);
    }

    /// Allocated units leave: those that were picked for the order first.
    pub(super) fn ship_units(&mut self, number: u64, units: &[Units]) -> Result<(), Fault> {
        let picked = self.fulfilment.board().picked_of(number, units);
        let loose = take_units(units, &picked).map_err(|error| Fault::missing("picked units", error))?;
        self.stock.ship_picked(&picked)?;
        self.stock.ship(&loose)?;
        self.fulfilment.shipped(number, units);
        Ok(())
    }

    /// Units that are to be freed go back on the shelf, as far as they were picked.
    pub(super) fn unpick(&mut self, id: &OrderId, units: &[Units]) -> Result<(), Fault> {
        let number = self.order(id).ok_or_else(|| Fault::missing("order", id))?.number;
        let back = self.fulfilment.board().to_unpick(number, units);
        Ok(self.stock.unpick(&back)?)
    }

    /// Units are allocated at their location no more, and the order has them to come. Those that should have lain there do so no more.
    fn give_up(&mut self, id: &OrderId, units: &[Units], reason: ShortReason) -> Result<(), Fault> {
        let order = self.order(id).ok_or_else(|| Fault::missing("order", id))?;
        let short = |error| Fault::Missing { kind: "allocation", id: format!("{id}: {error}") };
        let (left, all) = (take_units(&order.left_to_ship, units).map_err(short)?, take_units(&order.units, units).map_err(short)?);
        self.unpick(id, units)?;
        let is_gone = matches!(reason, ShortReason::NotFound | ShortReason::Damaged);
        let there = |row: &Units| {
            let buckets = self.stock.buckets(&row.sku, &row.location);
            (buckets.sound() - buckets.picked).clamp(0, row.quantity)
        };
        let gone = units.iter().map(|row| Units { quantity: if is_gone { there(row) } else { 0 }, ..row.clone() });
        let gone: Vec<Units> = gone.filter(|row| row.quantity > 0).collect();
        let free = take_units(units, &gone).map_err(short)?;
        self.stock.short_pick(&gone)?;
        self.stock.free(&free)?;
        self.change_order(id, |order| {
            (order.left_to_ship, order.units) = (Arc::from(left), Arc::from(all));
            units.iter().for_each(|row| owe(order, row, row.quantity));
        })
    }

    /// Units that an order had to come are allocated.
    fn resourced(&mut self, id: &OrderId, units: &[Units]) -> Result<(), Fault> {
        self.stock.allocate(units)?;
        self.change_order(id, |order| {
            units.iter().for_each(|row| owe(order, row, -row.quantity));
            order.left_to_ship = with_more(&order.left_to_ship, units);
            order.units = with_more(&order.units, units);
        })
    }

    /// Stock that may be for orders that have units to come.
    pub(super) fn note_stock(&mut self, event: &TradeEvent) {
        let may_have_come = match event {
            TradeEvent::StockMoved { on_hand_delta, .. } => *on_hand_delta > 0,
            TradeEvent::AfterSale(AfterSaleEvent::ReturnInspected { .. } | AfterSaleEvent::OrderEdited { .. }) => true,
            event => matches!(event, TradeEvent::StockLimitsSet { .. } | TradeEvent::ReservationReleased { .. } | TradeEvent::Stock(_)),
        };
        if may_have_come {
            self.fulfilment.stock_came(self.time);
        }
    }
}

fn rows(units: &[Component], location: &LocationId) -> Vec<Units> {
    units.iter().map(|unit| Units { sku: unit.sku.clone(), location: location.clone(), quantity: unit.quantity }).collect()
}

fn owe(order: &mut Order, row: &Units, quantity: i64) {
    match order.owed.iter_mut().find(|owed| owed.sku == row.sku) {
        Some(owed) => owed.quantity += quantity,
        None => order.owed.push(Component { sku: row.sku.clone(), quantity }),
    }
    order.owed.retain(|owed| owed.quantity != 0);
    order.owed.sort_unstable();
}
