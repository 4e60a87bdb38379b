//! Placed orders: cancel, ship, deliver.

use super::money_back::give_all_back;
use super::payment::posted;
use super::{fulfilment, payments, pricing};
use crate::event::TradeEvent;
use crate::event::trade::Units;
use crate::fulfilment::take_units;
use crate::id::{OrderId, ShipmentId};
use crate::money::Money;
use crate::order::{Order, OrderStatus, check_text};
use crate::payment::account;
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;
use std::sync::Arc;

pub(super) fn cancel(state: &State, id: &OrderId, reason: &str) -> Result<Vec<TradeEvent>, Rejection> {
    check_text("reason", reason)?;
    let order = &state.order(id).ok_or_else(|| Rejection::unknown("order", id))?;
    if !matches!(order.status, OrderStatus::Placed | OrderStatus::OnHold) {
        return Err(Rejection::WrongStatus { kind: "order", status: order.status.name() });
    }
    if !order.shipments.is_empty() {
        return Err(Rejection::WrongStatus { kind: "order", status: order.fulfilment_status.name() });
    }
    fulfilment::check_unpacked(state, order)?;
    let money_back = give_all_back(state, order)?;
    let canceled = TradeEvent::OrderCanceled { order: id.clone(), lines: order.lines.to_vec(), reason: reason.to_owned() };
    let due = Money::new(order.due_minor(), order.totals.total.currency);
    let no_longer_owed = posted(account::receivable(id), account::SALES.to_owned(), due);
    // Its work at the locations follows it; nothing of that has to be written down.
    Ok([canceled].into_iter().chain(no_longer_owed).chain(money_back).chain(pricing::on_canceled(state, order)).collect())
}

pub(super) fn ship(state: &State, id: &OrderId, shipment: &ShipmentId, units: &[Units]) -> Result<Vec<TradeEvent>, Rejection> {
    let order = &open_order(state, id)?;
    if order.shipments.iter().any(|known| known.id == *shipment) {
        return Err(Rejection::exists("shipment", shipment));
    }
    if order.left_to_ship.is_empty() {
        return Err(Rejection::WrongStatus { kind: "order", status: order.fulfilment_status.name() });
    }
    let units = if units.is_empty() { &*order.left_to_ship } else { units };
    let left = take_units(&order.left_to_ship, units).map_err(|error| {
        let reason = error.to_string();
        Rejection::invalid(format!("units[{}]", error.row()), reason.split_once(": ").map_or("", |(_, reason)| reason))
    })?;
    fulfilment::check_there(state, order, units)?;
    let shipped = TradeEvent::OrderShipped { order: id.clone(), shipment: shipment.clone(), units: units.to_vec() };
    let due = payments::capture_shipped(state, order, units, left.is_empty() && order.owed.is_empty());
    Ok([shipped].into_iter().chain(due).collect())
}

pub(super) fn deliver(state: &State, id: &OrderId, shipment: &ShipmentId, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let order = &state.order(id).ok_or_else(|| Rejection::unknown("order", id))?;
    let known = order.shipments.iter().find(|known| known.id == *shipment);
    let known = known.ok_or_else(|| Rejection::unknown("shipment", shipment))?;
    if known.delivered_at.is_some() {
        return Ok(Vec::new());
    }
    let delivered = TradeEvent::ShipmentDelivered { order: id.clone(), shipment: shipment.clone() };
    Ok([delivered].into_iter().chain(fulfilment::on_delivered(state, order, shipment, now)).collect())
}

/// An order for which something can still be done.
pub(super) fn open_order(state: &State, id: &OrderId) -> Result<Arc<Order>, Rejection> {
    let order = state.order(id).ok_or_else(|| Rejection::unknown("order", id))?;
    if order.status != OrderStatus::Placed {
        return Err(Rejection::WrongStatus { kind: "order", status: order.status.name() });
    }
    Ok(order)
}
