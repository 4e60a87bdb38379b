//! What carriers tell, and whether promises were kept.

use super::happened;
use crate::event::TradeEvent;
use crate::event::trade::fulfilment::{FulfilmentEvent, MissReason, TrackingNote, TrackingStatus};
use crate::fulfilment::{OrderWork, WorkStatus};
use crate::id::{OrderId, ShipmentId};
use crate::order::{Order, check_text};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;

/// Most things that are kept of what a carrier tells about one shipment.
const NOTES_MAX: usize = 200;
/// How far ahead of the shop's clock a carrier's may be.
const AHEAD_MS_MAX: i64 = 24 * 60 * 60 * 1_000;

pub(super) fn track(
    state: &State,
    id: &OrderId,
    shipment: &ShipmentId,
    note: &TrackingNote,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    check_text("id", &note.id)?;
    check_text("note", &note.note)?;
    if note.id.is_empty() {
        return Err(Rejection::invalid("id", "must not be empty"));
    }
    if note.at > now.plus_ms(AHEAD_MS_MAX) {
        return Err(Rejection::invalid("at", "lies in the future"));
    }
    let order = &state.order(id).ok_or_else(|| Rejection::unknown("order", id))?;
    let known = order.shipments.iter().find(|known| known.id == *shipment);
    let known = known.ok_or_else(|| Rejection::unknown("shipment", shipment))?;
    let work = &state.fulfilment.board().order(order.number).ok_or_else(|| Rejection::unknown("work of order", id))?;
    let notes = work.sent(shipment).map_or(&[][..], |sent| &sent.notes);
    if notes.iter().any(|told| told.id == note.id) {
        return Ok(Vec::new());
    }
    if notes.len() >= NOTES_MAX {
        return Err(Rejection::invalid("id", format!("more than {NOTES_MAX} things were told about this shipment")));
    }
    let tracked = happened(FulfilmentEvent::Tracked { order: id.clone(), shipment: shipment.clone(), note: note.clone() });
    let mut events = vec![tracked];
    if note.status == TrackingStatus::Delivered && known.delivered_at.is_none() {
        events.push(TradeEvent::ShipmentDelivered { order: id.clone(), shipment: shipment.clone() });
        events.extend(settled(state, order, shipment, note.at));
    }
    Ok(events)
}

/// What a delivery settles: the promise, when it was the last.
pub(in crate::trade::decide) fn on_delivered(state: &State, order: &Order, shipment: &ShipmentId, now: Timestamp) -> Option<TradeEvent> {
    settled(state, order, shipment, now)
}

fn settled(state: &State, order: &Order, shipment: &ShipmentId, at: Timestamp) -> Option<TradeEvent> {
    let work = &state.fulfilment.board().order(order.number).filter(|work| work.settled.is_none())?;
    let promise = work.promise?;
    let others = order.shipments.iter().filter(|known| known.id != *shipment);
    let is_last = order.left_to_ship.is_empty() && order.owed.is_empty() && others.clone().all(|known| known.delivered_at.is_some());
    if !is_last {
        return None;
    }
    let last = others.filter_map(|known| known.delivered_at).max().map_or(at, |before| before.max(at));
    let missed = (last > promise.until).then(|| reason(work, order));
    Some(happened(FulfilmentEvent::PromiseSettled { order: order.id.clone(), missed }))
}

/// Promises that have run out.
pub(super) fn overdue(state: &State, now: Timestamp, orders_max: usize) -> Vec<TradeEvent> {
    let board = state.fulfilment.board();
    let orders = board.overdue(now).take(orders_max).filter_map(|number| Some((state.order_numbered(number)?, board.order(number)?)));
    let missed =
        orders.map(|(order, work)| FulfilmentEvent::PromiseSettled { order: order.id.clone(), missed: Some(reason(&work, &order)) });
    missed.map(happened).collect()
}

/// Why an order is not there in time: the first thing that went wrong.
fn reason(work: &OrderWork, order: &Order) -> MissReason {
    let is_late =
        |at: Timestamp, location: &crate::id::LocationId| work.at(location).and_then(|part| part.ship_by).is_some_and(|by| at > by);
    let shipped_late = || order.shipments.iter().any(|it| it.units.iter().any(|row| is_late(it.shipped_at, &row.location)));
    let any = |test: &dyn Fn(WorkStatus) -> bool| work.parts.iter().any(|part| test(part.status));
    match () {
        () if !order.owed.is_empty() => MissReason::Backordered,
        () if any(&|status| status == WorkStatus::Lost) => MissReason::Lost,
        () if work.parts.iter().any(|part| !part.shorts.is_empty()) => MissReason::ShortPick,
        () if any(&|status| status == WorkStatus::Planned) => MissReason::NotReleased,
        () if any(&|status| status.is_open()) || shipped_late() => MissReason::HandedOverLate,
        () => MissReason::Carrier,
    }
}
