//! Decisions about orders after they were placed: edits, canceled lines, holds, returns, exchanges, claims.

use crate::event::TradeEvent;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{AfterSaleAction, Rejection};
use crate::trade::state::State;

pub(super) fn decide(_state: &State, action: &AfterSaleAction, _now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match *action {}
}

/// What time alone makes happen here.
pub(super) fn due(_state: &State, _now: Timestamp) -> Vec<TradeEvent> {
    Vec::new()
}
