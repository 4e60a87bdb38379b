//! Fulfilment orders: pick, pack, dispatch, and what is done when units are not there.

use super::super::order::open_order;
use super::super::{payments, sourcing};
use super::happened;
use crate::event::TradeEvent;
use crate::event::trade::fulfilment::{FulfilmentEvent, Parcel, ShortReason};
use crate::event::trade::{Component, Units};
use crate::fulfilment::{Carrier, OneWork, OrderWork, Work, WorkStatus, sum_units};
use crate::id::{FulfilmentOrderId, LocationId, OrderId, ShipmentId, Sku};
use crate::order::{Order, check_text};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::fold::fold;
use crate::trade::state::State;
use std::sync::Arc;

/// Most parcels of one fulfilment order.
const PARCELS_MAX: usize = 500;
/// Most that a parcel may weigh, in grams: a full lorry.
const PARCEL_WEIGHT_G_MAX: i64 = 40_000_000;

/// A fulfilment order, and the open order that it is part of.
pub(super) fn open_work(state: &State, id: FulfilmentOrderId) -> Result<(OneWork, Arc<Order>), Rejection> {
    let unknown = || Rejection::unknown("fulfilment order", id);
    let work = state.fulfilment.board().work(id).ok_or_else(unknown)?;
    let order = open_order(state, &state.order_numbered(id.order).ok_or_else(unknown)?.id)?;
    if !work.status.is_open() {
        return Err(Rejection::WrongStatus { kind: "fulfilment order", status: work.status.name() });
    }
    Ok((work, order))
}

/// Units that lie at a location and that nobody has taken off the shelf.
fn on_shelf(state: &State, sku: &Sku, location: &LocationId) -> i64 {
    let buckets = state.buckets(sku, location);
    buckets.sound() - buckets.picked
}

/// Checks that the rows can leave: what was not picked for the order has to lie on the shelf.
///
/// # Errors
/// [`Rejection::OutOfStock`] for the first row that cannot.
pub(in crate::trade::decide) fn check_there(state: &State, order: &Order, units: &[Units]) -> Result<(), Rejection> {
    let picked = state.fulfilment.board().picked_of(order.number, units);
    let ready = state.ready_units(order);
    for row in units {
        let in_hand =
            picked.iter().find(|taken| (&taken.sku, &taken.location) == (&row.sku, &row.location)).map_or(0, |taken| taken.quantity);
        // What others waited for before this order is theirs, wherever it lies.
        let ready = ready.iter().find(|ready| (&ready.sku, &ready.location) == (&row.sku, &row.location)).map_or(0, |ready| ready.quantity);
        let there = (in_hand + on_shelf(state, &row.sku, &row.location)).min(ready);
        if there < row.quantity {
            return Err(Rejection::OutOfStock { sku: row.sku.clone(), requested: row.quantity, available: there.max(0) });
        }
    }
    Ok(())
}

/// Checks that nothing of an order is in a parcel: until then it can be canceled.
///
/// # Errors
/// [`Rejection::WrongStatus`] naming the fulfilment order's status.
pub(in crate::trade::decide) fn check_unpacked(state: &State, order: &Order) -> Result<(), Rejection> {
    let work = state.fulfilment.board().order(order.number);
    let packed = |work: &OrderWork| work.parts.iter().flat_map(|part| &part.lines).any(|line| line.packed > 0);
    if work.is_some_and(|work| packed(&work)) {
        return Err(Rejection::WrongStatus { kind: "fulfilment order", status: WorkStatus::Packed.name() });
    }
    Ok(())
}

/// What of an order has not left and is in no parcel: what can still be called off.
pub(in crate::trade::decide) fn unpacked(state: &State, order: &Order) -> Vec<Units> {
    let work = state.fulfilment.board().order(order.number);
    let packed = |row: &Units| work.as_ref().and_then(|work| work.at(&row.location)?.line(&row.sku)).map_or(0, |line| line.packed);
    let rows = order.left_to_ship.iter().map(|row| Units { quantity: row.quantity - packed(row), ..row.clone() });
    rows.filter(|row| row.quantity > 0).collect()
}

/// Checks units that somebody tells: each SKU once, at least one unit, no more than `most` says.
fn check_units(field: &str, units: &[Component], most: impl Fn(&Sku) -> i64) -> Result<(), Rejection> {
    for (place, unit) in units.iter().enumerate() {
        if unit.quantity < 1 {
            return Err(Rejection::invalid(format!("{field}[{place}].quantity"), "must be at least 1"));
        }
        if units[..place].iter().any(|earlier| earlier.sku == unit.sku) {
            return Err(Rejection::invalid(format!("{field}[{place}].sku"), "stands twice"));
        }
        let most = most(&unit.sku);
        if unit.quantity > most {
            return Err(Rejection::invalid(format!("{field}[{place}].quantity"), format!("must be at most {most}")));
        }
    }
    Ok(())
}

pub(super) fn pick(
    state: &State,
    id: FulfilmentOrderId,
    picked: &[Component],
    short: &[Component],
    reason: ShortReason,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    let (work, order) = &open_work(state, id)?;
    let unpicked = |sku: &Sku| work.line(sku).map_or(0, |line| line.left - line.picked);
    if picked.is_empty() && short.is_empty() {
        return Err(Rejection::invalid("picked", "nothing was picked and nothing was missing"));
    }
    check_units("picked", picked, unpicked)?;
    let rest = |sku: &Sku| unpicked(sku) - picked.iter().filter(|unit| unit.sku == *sku).map(|unit| unit.quantity).sum::<i64>();
    check_units("short", short, rest)?;
    let ready = state.ready_units(order);
    for (place, unit) in picked.iter().enumerate() {
        let ready =
            ready.iter().find(|ready| (&ready.sku, &ready.location) == (&unit.sku, &work.location)).map_or(0, |ready| ready.quantity);
        let in_hand = work.line(&unit.sku).map_or(0, |line| line.picked);
        let there = on_shelf(state, &unit.sku, &work.location).min(ready - in_hand);
        if unit.quantity > there {
            return Err(Rejection::invalid(format!("picked[{place}].quantity"), format!("only {} units lie there for it", there.max(0))));
        }
    }
    let mut events = Vec::new();
    if !picked.is_empty() {
        events.push(happened(FulfilmentEvent::Picked { work: id, units: picked.to_vec() }));
    }
    if short.is_empty() {
        return Ok(events);
    }
    let (order_id, location, units) = (order.id.clone(), work.location.clone(), short.to_vec());
    events.push(happened(FulfilmentEvent::ShortPicked { work: id, order: order_id, location: location.clone(), units, reason }));
    Ok(with_resourced(state, events, &order.id, &[location], now))
}

pub(super) fn cancel(state: &State, id: FulfilmentOrderId, reason: &str, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    check_text("reason", reason)?;
    let (work, order) = &open_work(state, id)?;
    let given_back = work.lines.iter().map(|line| Component { sku: line.sku.clone(), quantity: line.left - line.packed });
    let units: Vec<Component> = given_back.filter(|unit| unit.quantity > 0).collect();
    if units.is_empty() {
        return Err(Rejection::WrongStatus { kind: "fulfilment order", status: work.status.name() });
    }
    let (order_id, location, reason) = (order.id.clone(), work.location.clone(), reason.to_owned());
    let canceled = FulfilmentEvent::WorkCanceled { work: id, order: order_id, location: location.clone(), units, reason };
    Ok(with_resourced(state, vec![happened(canceled)], &order.id, &[location], now))
}

/// The events, and what assigns the units that the order then has to come, as far as other locations have them.
fn with_resourced(state: &State, mut events: Vec<TradeEvent>, id: &OrderId, without: &[LocationId], now: Timestamp) -> Vec<TradeEvent> {
    let mut then = state.clone();
    events.iter().for_each(|event| fold(&mut then, event, now));
    events.extend(then.order(id).and_then(|order| resourced(&then, &order, without, now)));
    events
}

/// What assigns units to an order that has some to come; none when nothing of it is anywhere.
fn resourced(state: &State, order: &Order, without: &[LocationId], now: Timestamp) -> Option<TradeEvent> {
    let units = sourcing::found(state, order, without, now);
    (!units.is_empty()).then(|| happened(FulfilmentEvent::Resourced { order: order.id.clone(), units }))
}

/// Orders that have units to come are looked at again, the oldest first, and how far that came.
pub(super) fn retry(state: &State, now: Timestamp, orders_max: usize) -> Vec<TradeEvent> {
    let mut then = state.clone();
    let mut events = Vec::new();
    let mut unseen = state.fulfilment.board().waiting_unseen();
    let waiting: Vec<u64> = unseen.by_ref().take(orders_max).collect();
    let is_all = unseen.next().is_none();
    let through = waiting.last().copied().filter(|_| !is_all);
    for number in waiting {
        if let Some(event) = then.order_numbered(number).and_then(|order| resourced(&then, &order, &[], now)) {
            fold(&mut then, &event, now);
            events.push(event);
        }
    }
    events.push(happened(through.map_or(FulfilmentEvent::Retried, |through| FulfilmentEvent::Looked { through })));
    events
}

pub(super) fn pack(state: &State, id: FulfilmentOrderId, parcels: &[Parcel]) -> Result<Vec<TradeEvent>, Rejection> {
    let (work, _) = &open_work(state, id)?;
    let loose = |sku: &Sku| work.line(sku).map_or(0, |line| line.picked - line.packed);
    let all = work.lines.iter().map(|line| Component { sku: line.sku.clone(), quantity: loose(&line.sku) });
    let all: Vec<Component> = all.filter(|unit| unit.quantity > 0).collect();
    if all.is_empty() {
        return Err(Rejection::WrongStatus { kind: "fulfilment order", status: work.status.name() });
    }
    if parcels.len() + work.parcels.len() > PARCELS_MAX {
        return Err(Rejection::invalid("parcels", format!("must not be more than {PARCELS_MAX}")));
    }
    for (place, parcel) in parcels.iter().enumerate() {
        check_units(&format!("parcels[{place}].units"), &parcel.units, loose)?;
        if parcel.units.is_empty() {
            return Err(Rejection::invalid(format!("parcels[{place}].units"), "must not be empty"));
        }
        if !(0..=PARCEL_WEIGHT_G_MAX).contains(&parcel.weight_g) {
            return Err(Rejection::invalid(format!("parcels[{place}].weight_g"), format!("must be between 0 and {PARCEL_WEIGHT_G_MAX}")));
        }
    }
    let sums = sum_units(parcels.iter().flat_map(|parcel| &parcel.units));
    if let Some(unit) = sums.iter().find(|unit| unit.quantity > loose(&unit.sku)) {
        return Err(Rejection::invalid("parcels", format!("more of {} than was picked", unit.sku)));
    }
    let weigh = |units: &[Component]| -> i64 {
        let weights = units.iter().map(|unit| state.fulfilment.facts().weight_g(&unit.sku).saturating_mul(unit.quantity));
        weights.fold(0, i64::saturating_add)
    };
    let weighed =
        |parcel: &Parcel| Parcel { weight_g: if parcel.weight_g == 0 { weigh(&parcel.units) } else { parcel.weight_g }, ..parcel.clone() };
    let parcels = match parcels {
        [] => vec![Parcel { weight_g: weigh(&all), units: all, tracking: None }],
        parcels => parcels.iter().map(weighed).collect(),
    };
    Ok(vec![happened(FulfilmentEvent::Packed { work: id, parcels })])
}

pub(super) fn dispatch(
    state: &State,
    id: FulfilmentOrderId,
    shipment: &ShipmentId,
    tracking: &[String],
) -> Result<Vec<TradeEvent>, Rejection> {
    let (work, order) = &open_work(state, id)?;
    if order.shipments.iter().any(|known| known.id == *shipment) {
        return Err(Rejection::exists("shipment", shipment));
    }
    let packed = work.lines.iter().filter(|line| line.packed > 0);
    let units = packed.map(|line| Units { sku: line.sku.clone(), location: work.location.clone(), quantity: line.packed });
    let units: Vec<Units> = units.collect();
    if units.is_empty() {
        return Err(Rejection::WrongStatus { kind: "fulfilment order", status: work.status.name() });
    }
    let parcels = numbered(state, work, tracking)?;
    let count = |rows: &[Units]| rows.iter().map(|row| row.quantity).sum::<i64>();
    let is_last = order.owed.is_empty() && count(&order.left_to_ship) == count(&units);
    let money = payments::capture_shipped(state, order, &units, is_last);
    let left = TradeEvent::OrderShipped { order: order.id.clone(), shipment: shipment.clone(), units };
    let dispatched = FulfilmentEvent::Dispatched { work: id, shipment: shipment.clone(), by: work.by.clone(), parcels };
    Ok([left, happened(dispatched)].into_iter().chain(money).collect())
}

/// The parcels with their numbers: those that the caller gives, or the carrier's own next ones.
fn numbered(state: &State, work: &Work, tracking: &[String]) -> Result<Vec<Parcel>, Rejection> {
    if !tracking.is_empty() && tracking.len() != work.parcels.len() {
        return Err(Rejection::invalid("tracking", format!("must be one for each of the {} parcels", work.parcels.len())));
    }
    for (place, number) in tracking.iter().enumerate() {
        check_text(&format!("tracking[{place}]"), number)?;
        if number.trim().is_empty() {
            return Err(Rejection::invalid(format!("tracking[{place}]"), "must not be empty"));
        }
    }
    let carrier = work.by.as_ref().and_then(|by| state.fulfilment.facts().carrier(&by.carrier));
    let running = carrier.map_or(0, |carrier| state.fulfilment.board().running(&carrier.id));
    let own = |place: usize| carrier.and_then(|carrier| carrier.tracking_number(running + 1 + place as u64));
    let parcels = work.parcels.iter().enumerate();
    Ok(parcels.map(|(place, parcel)| Parcel { tracking: tracking.get(place).cloned().or_else(|| own(place)), ..parcel.clone() }).collect())
}
