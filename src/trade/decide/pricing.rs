//! Decisions about price lists, promotions, coupons, gift cards and store credit.

use crate::event::TradeEvent;
use crate::event::trade::{Line, Totals};
use crate::id::OrderId;
use crate::money::Currency;
use crate::order::{Checkout, Order};
use crate::pricing;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{PricingAction, Rejection};
use crate::trade::state::State;

pub(super) fn decide(_state: &State, action: &PricingAction, _now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match *action {}
}

/// What time alone makes happen here.
pub(super) fn due(_state: &State, _now: Timestamp) -> Vec<TradeEvent> {
    Vec::new()
}

/// What lines come to when the goods go to `country` (none when it is not known yet).
pub(super) fn totals(state: &State, lines: &[Line], currency: Currency, country: Option<&str>) -> Result<Totals, Rejection> {
    Ok(pricing::totals(lines, currency, country, &state.options().pricing)?)
}

/// What a placed order uses up besides stock, in its own entry.
pub(super) fn on_placed(_state: &State, _session: &Checkout, _order: &OrderId) -> Vec<TradeEvent> {
    Vec::new()
}

/// What a canceled order gives back besides stock and money.
pub(super) fn on_canceled(_state: &State, _order: &Order) -> Vec<TradeEvent> {
    Vec::new()
}
