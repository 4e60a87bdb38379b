//! Decisions about what the shop keeps about people, and how it forgets them.

use crate::event::TradeEvent;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{Rejection, ShopperAction};
use crate::trade::state::State;

pub(super) fn decide(_state: &State, action: &ShopperAction, _now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match *action {}
}

/// What time alone makes happen here.
pub(super) fn due(_state: &State, _now: Timestamp) -> Vec<TradeEvent> {
    Vec::new()
}
