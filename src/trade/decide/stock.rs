//! Decisions about stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use crate::event::TradeEvent;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{Rejection, StockAction};
use crate::trade::state::State;

pub(super) fn decide(_state: &State, action: &StockAction, _now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match *action {}
}

/// What time alone makes happen here.
pub(super) fn due(_state: &State, _now: Timestamp) -> Vec<TradeEvent> {
    Vec::new()
}
