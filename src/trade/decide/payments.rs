//! Decisions about payments after they were authorised: captures, refunds, disputes, what providers report.

use super::payment::posted;
use crate::event::TradeEvent;
use crate::money::Money;
use crate::order::Order;
use crate::payment::{PaymentStatus, account};
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

/// Gives `amount` of an order's money back, for goods that came back: money that was taken is refunded, and what that does not cover comes off
/// the money that is only held. Call it once for one command, with the sum; the postings are among the events.
///
/// # Errors
/// When `amount` is not positive, of another currency, or more than is taken and held.
pub(super) fn refund(state: &State, order: &Order, amount: Money, _now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let payment = state.payment(&order.payment).ok_or_else(|| Rejection::unknown("payment", &order.payment))?;
    if amount != payment.amount || payment.status != PaymentStatus::Authorized {
        return Err(Rejection::WrongStatus { kind: "payment", status: payment.status.name() });
    }
    let no_longer_owed = posted(account::receivable(&order.id), account::SALES.to_owned(), amount);
    Ok(no_longer_owed.into_iter().chain([TradeEvent::PaymentVoidRequested { payment: payment.id.clone() }]).collect())
}

/// Takes `amount` off what an order comes to before its goods have left (a canceled line, an edit): it comes off the money that is only held
/// first, and what that does not cover is refunded. Call it once for one command, with the sum.
///
/// # Errors
/// As [`refund`].
pub(super) fn release(state: &State, order: &Order, amount: Money, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    refund(state, order, amount, now)
}

/// Takes `amount` of an order's money because goods worth that have left, and more goods will follow. Where a provider takes money only once
/// per authorisation, it waits for [`capture_rest`].
pub(super) fn capture_for(_state: &State, _order: &Order, _amount: Money) -> Vec<TradeEvent> {
    Vec::new()
}

/// Takes all that is still held of an order's money because its last goods have left.
pub(super) fn capture_rest(state: &State, order: &Order) -> Vec<TradeEvent> {
    let payment = state.payment(&order.payment).filter(|payment| payment.status == PaymentStatus::Authorized);
    payment.map(|payment| TradeEvent::PaymentCaptureRequested { payment: payment.id.clone() }).into_iter().collect()
}

/// The doors of this area that others will open.
type Doors = (fn(&State, &Order, Money, Timestamp) -> Result<Vec<TradeEvent>, Rejection>, fn(&State, &Order, Money) -> Vec<TradeEvent>);
const _: Doors = (release, capture_for);
