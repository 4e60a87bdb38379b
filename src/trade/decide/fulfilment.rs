//! Decisions about fulfilment orders, waves, shipments on their way, promises kept.

use crate::event::TradeEvent;
use crate::event::trade::Units;
use crate::id::OrderId;
use crate::order::{Checkout, Order};
use crate::stdx::clock::Timestamp;
use crate::trade::command::{FulfilmentAction, Rejection};
use crate::trade::state::State;

pub(super) fn decide(_state: &State, action: &FulfilmentAction, _now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match *action {}
}

/// What time alone makes happen here.
pub(super) fn due(_state: &State, _now: Timestamp) -> Vec<TradeEvent> {
    Vec::new()
}

/// What a placed order gives the locations to do, in its own entry.
pub(super) fn on_placed(_state: &State, _session: &Checkout, _order: &OrderId, _units: &[Units]) -> Vec<TradeEvent> {
    Vec::new()
}

/// What a canceled order stops.
pub(super) fn on_canceled(_state: &State, _order: &Order) -> Vec<TradeEvent> {
    Vec::new()
}

/// What an edited order changes for the locations: `freed` units will not leave, `added` units will. `order` is as it was before.
pub(super) fn on_edited(_state: &State, _order: &Order, _freed: &[Units], _added: &[Units]) -> Vec<TradeEvent> {
    Vec::new()
}
