//! Decisions about payments after they were authorised: captures, refunds, disputes, what providers report.

use crate::event::TradeEvent;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{PaymentAction, Rejection};
use crate::trade::state::State;

pub(super) fn decide(_state: &State, action: &PaymentAction, _now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match *action {}
}

/// What time alone makes happen here.
pub(super) fn due(_state: &State, _now: Timestamp) -> Vec<TradeEvent> {
    Vec::new()
}
