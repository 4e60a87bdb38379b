//! Decisions about fulfilment orders, waves, shipments on their way, promises kept.

mod batches;
mod facts;
mod promise;
mod work;

pub(super) use promise::on_delivered;
pub(super) use work::{check_there, check_unpacked, unpacked};

use super::sourcing::{self, Bought};
use crate::event::TradeEvent;
use crate::event::trade::Units;
use crate::event::trade::fulfilment::{FulfilmentEvent, Promise};
use crate::id::OrderId;
use crate::order::Checkout;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{FulfilmentAction, Rejection};
use crate::trade::state::State;

/// Most orders that are looked at in one entry because time passed or stock came; the rest follows in the next.
const DUE_MAX: usize = 500;

pub(super) fn decide(state: &State, action: &FulfilmentAction, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    use FulfilmentAction as A;
    match action {
        A::SetLocation(location) => facts::set_location(state, location),
        A::SetCarrier(carrier) => facts::set_carrier(state, carrier),
        A::RemoveCarrier(carrier) => facts::remove_carrier(state, carrier),
        A::SetPlaces { country, places } => facts::set_places(state, country, places),
        A::SetWeights(weights) => facts::set_weights(state, weights),
        A::SetPolicy(policy) => facts::set_policy(state, policy),
        A::Release(work) => batches::release(state, *work),
        A::ReleaseWave { wave, location, carrier, work_max } => batches::release_wave(state, wave, location, carrier.as_ref(), *work_max),
        A::Pick { work, picked, short, reason } => work::pick(state, *work, picked, short, *reason, now),
        A::Pack { work, parcels } => work::pack(state, *work, parcels),
        A::Dispatch { work, shipment, tracking } => work::dispatch(state, *work, shipment, tracking),
        A::CancelWork { work, reason } => work::cancel(state, *work, reason, now),
        A::CloseManifest { manifest, location, carrier } => batches::close_manifest(state, manifest, location, carrier),
        A::Track { order, shipment, note } => promise::track(state, order, shipment, note, now),
    }
}

fn happened(event: FulfilmentEvent) -> TradeEvent {
    TradeEvent::Fulfilment(event)
}

/// What time alone makes happen here: promises run out, and stock that came goes to those who wait.
pub(super) fn due(state: &State, now: Timestamp) -> Vec<TradeEvent> {
    let mut events = promise::overdue(state, now, DUE_MAX);
    if state.fulfilment.board().ripe_at().is_some_and(|at| at <= now) {
        events.extend(work::retry(state, now, DUE_MAX));
    }
    events
}

/// What a placed order gives the locations to do, in its own entry: why it is served from where it is, and the promise. The fulfilment orders
/// themselves follow from its units.
pub(super) fn on_placed(state: &State, session: &Checkout, order: &OrderId, units: &[Units], now: Timestamp) -> Vec<TradeEvent> {
    if !state.fulfilment.facts().is_told() {
        return Vec::new();
    }
    let (plan, promise) = sourcing::planned(state, Bought::of(session), units, now);
    vec![happened(FulfilmentEvent::Planned { order: order.clone(), plan: Box::new(plan), promise })]
}

/// What an edited order changes for the locations, in the edit's own entry. The fulfilment orders follow its units; what is said anew when units
/// were added, or the goods go elsewhere, is who carries them and until when they have to leave, and the promise when they come later.
/// `state` has seen the edit.
pub(super) fn on_edited(state: &State, id: &OrderId, now: Timestamp) -> Vec<TradeEvent> {
    let Some(order) = &state.order(id).filter(|order| state.fulfilment.facts().is_told() && !order.left_to_ship.is_empty()) else {
        return Vec::new();
    };
    let Some(work) = state.fulfilment.board().order(order.number).filter(|work| work.settled.is_none()) else { return Vec::new() };
    let lines = sourcing::plain_lines(order, order.left_to_ship.iter().map(|row| (&row.sku, row.quantity)));
    let bought = Bought { lines: &lines, address: Some(&order.address), delivery: order.delivery.as_deref() };
    let (plan, now_possible) = sourcing::planned(state, bought, &order.left_to_ship, now);
    let later = |given: Promise, possible: Promise| Promise { from: given.from.max(possible.from), until: given.until.max(possible.until) };
    let promise = work.promise.map(|given| now_possible.map_or(given, |possible| later(given, possible)));
    vec![happened(FulfilmentEvent::Planned { order: id.clone(), plan: Box::new(plan), promise })]
}
