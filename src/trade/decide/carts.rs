//! Decisions about carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use crate::event::TradeEvent;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{CartAction, Rejection};
use crate::trade::state::State;

pub(super) fn decide(_state: &State, action: &CartAction, _now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match *action {}
}

/// What time alone makes happen here.
pub(super) fn due(_state: &State, _now: Timestamp) -> Vec<TradeEvent> {
    Vec::new()
}
