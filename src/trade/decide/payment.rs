//! What the payment provider's answers make happen.
//!
//! Answers come late, twice, in the wrong order and contradict each other. The rules: an order is placed once, by the first authorisation of
//! the attempt that its session is in; an authorisation that no order can come of is given back, and that never touches another attempt;
//! whatever was said before is no news.

use super::sourcing::sourced;
use super::{fulfilment, pricing};
use crate::event::TradeEvent;
use crate::event::trade::{PaymentFailure, Posting, ReleaseReason, Units};
use crate::id::{OrderId, PaymentId, ReservationId};
use crate::money::Money;
use crate::order::{Checkout, CheckoutStatus};
use crate::payment::{Payment, PaymentOutcome, PaymentStatus, account};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;
use std::sync::Arc;

/// Most characters of a provider's reference that are kept.
const REFERENCE_CHARS_MAX: usize = 256;

pub(super) fn resolve(
    state: &State,
    id: &PaymentId,
    order: &OrderId,
    outcome: &PaymentOutcome,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    use PaymentStatus as S;
    let payment = state.payment(id).ok_or_else(|| Rejection::unknown("payment", id))?;
    let contradiction = || Rejection::WrongStatus { kind: "payment", status: payment.status.name() };
    match outcome {
        PaymentOutcome::Authorized { provider_reference } => match payment.status {
            S::Authorizing | S::Unknown | S::Declined | S::Failed => authorized(state, payment, order, provider_reference, now),
            S::Authorized | S::Capturing | S::Captured | S::Voiding | S::Voided | S::PartiallyRefunded | S::Refunded => Ok(Vec::new()),
        },
        PaymentOutcome::Declined => Ok(failed(state, payment, PaymentFailure::Declined)),
        PaymentOutcome::Failed => Ok(failed(state, payment, PaymentFailure::Failed)),
        PaymentOutcome::Unknown if payment.status == S::Authorizing => Ok(vec![TradeEvent::PaymentUnknown { payment: id.clone() }]),
        PaymentOutcome::Unknown => Ok(Vec::new()),
        PaymentOutcome::Captured => match payment.status {
            S::Authorized | S::Capturing => Ok(captured(payment)),
            S::Captured | S::PartiallyRefunded | S::Refunded => Ok(Vec::new()),
            S::Authorizing | S::Unknown | S::Declined | S::Failed | S::Voiding | S::Voided => Err(contradiction()),
        },
        PaymentOutcome::Voided => match payment.status {
            S::Voiding => Ok(vec![TradeEvent::PaymentVoided { payment: id.clone() }]),
            S::Authorizing | S::Unknown => Ok(failed(state, payment, PaymentFailure::Failed)),
            S::Voided | S::Declined | S::Failed => Ok(Vec::new()),
            S::Authorized | S::Capturing | S::Captured | S::PartiallyRefunded | S::Refunded => Err(contradiction()),
        },
    }
}

/// The session whose attempt this payment is part of, unless that attempt is over.
fn attempt<'a>(state: &'a State, payment: &Payment) -> Option<&'a Arc<Checkout>> {
    let is_open =
        |session: &&Arc<Checkout>| session.status == CheckoutStatus::CompleteInProgress && session.payment.as_ref() == Some(&payment.id);
    state.checkout(&payment.checkout).filter(is_open)
}

/// No authorisation. A capture or void that failed is no news: it is asked for again.
fn failed(state: &State, payment: &Payment, failure: PaymentFailure) -> Vec<TradeEvent> {
    if !payment.status.is_open() {
        return Vec::new();
    }
    let failed = TradeEvent::PaymentFailed { payment: payment.id.clone(), failure };
    let reservation = attempt(state, payment).and_then(|session| session.reservation.clone());
    let released = reservation.map(|reservation| TradeEvent::ReservationReleased { reservation, reason: ReleaseReason::PaymentFailed });
    [failed].into_iter().chain(released).collect()
}

fn authorized(
    state: &State,
    payment: &Payment,
    order: &OrderId,
    provider_reference: &str,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    let provider_reference = provider_reference.chars().take(REFERENCE_CHARS_MAX).collect();
    let authorized = TradeEvent::PaymentAuthorized { payment: payment.id.clone(), provider_reference };
    let give_back = |authorized| Ok(vec![authorized, TradeEvent::PaymentVoidRequested { payment: payment.id.clone() }]);
    let Some(session) = attempt(state, payment) else { return give_back(authorized) };
    if state.order(order).is_some() {
        return Err(Rejection::exists("order", order));
    }
    let held = session.reservation.as_ref().and_then(|id| state.stock().reservation(id));
    if let Some(held) = held {
        let placed = placed(state, session, payment, order, &held.id, &held.units);
        return Ok([authorized].into_iter().chain(placed).collect());
    }
    // The reservation ran out while the provider was silent. The units may still be there; the new hold takes the order's name.
    let (Ok(units), Ok(reservation)) =
        (sourced(state, &session.lines, session.address.as_deref(), now), ReservationId::new(order.as_str()))
    else {
        return give_back(authorized);
    };
    if state.stock().reservation(&reservation).is_some() {
        return Err(Rejection::exists("reservation", reservation));
    }
    let placed = placed(state, session, payment, order, &reservation, &units);
    let expires_at = now.plus_ms(state.options().reservation_ttl_ms);
    let reserved = TradeEvent::StockReserved { reservation, checkout: session.id.clone(), units, expires_at };
    Ok([reserved, authorized].into_iter().chain(placed).collect())
}

/// The order, what it owes, and the end of its cart.
fn placed(
    state: &State,
    session: &Checkout,
    payment: &Payment,
    order: &OrderId,
    reservation: &ReservationId,
    units: &[Units],
) -> Vec<TradeEvent> {
    let owed = posted(account::SALES.to_owned(), account::receivable(order), session.totals.total);
    let placed = TradeEvent::OrderPlaced {
        order: order.clone(),
        checkout: session.id.clone(),
        buyer: Clone::clone(&*session.buyer),
        address: session.address.as_deref().cloned().unwrap_or_default(),
        lines: session.lines.to_vec(),
        totals: session.totals.clone(),
        payment: payment.id.clone(),
        reservation: reservation.clone(),
        units: units.to_vec(),
    };
    let cart = session.cart.clone().filter(|cart| state.cart(cart).is_some());
    let closed = cart.map(|cart| TradeEvent::CartClosed { cart });
    let areas = pricing::on_placed(state, session, order).into_iter().chain(fulfilment::on_placed(state, session, order, units));
    owed.into_iter().chain([placed]).chain(areas).chain(closed).collect()
}

fn captured(payment: &Payment) -> Vec<TradeEvent> {
    let taken = TradeEvent::PaymentCaptured { payment: payment.id.clone(), amount: payment.amount };
    let receivable = payment.order.as_ref().map(account::receivable);
    let posting = receivable.and_then(|owed| posted(owed, account::provider(&payment.provider), payment.amount));
    [taken].into_iter().chain(posting).collect()
}

/// A posting, unless it is of nothing.
pub(super) fn posted(from: String, to: String, amount: Money) -> Option<TradeEvent> {
    (amount.amount_minor > 0).then_some(TradeEvent::LedgerPosted { posting: Posting { from, to, amount } })
}
