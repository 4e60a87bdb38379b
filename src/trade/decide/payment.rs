//! What the payment provider's answers to an authorisation make happen.
//!
//! Answers come late, twice, in the wrong order and contradict each other. The rules: an order is placed once, when every payment of the
//! attempt that its session is in is authorised, all in one entry; the first payment that fails ends the attempt, and what the others hold is
//! given back, once; an authorisation that no order can come of is given back, and that never touches another attempt; whatever was said
//! before is no news.

use super::sourcing::{Bought, sourced};
use super::{after_sale, carts, fraud, fulfilment, payments, pricing, stock};
use crate::event::TradeEvent;
use crate::event::trade::{PaymentEvent, PaymentFailure, Posting, ReleaseReason, Units};
use crate::id::{OrderId, PaymentId, ReservationId};
use crate::money::Money;
use crate::order::Checkout;
use crate::payment::{Payment, PaymentOutcome, PaymentStatus, account};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most characters of a provider's reference that are kept.
const REFERENCE_CHARS_MAX: usize = 256;
/// Most characters of an address that a shopper is sent to; longer ones no browser follows.
const URL_CHARS_MAX: usize = 2_048;

pub(super) fn resolve(
    state: &State,
    id: &PaymentId,
    order: &OrderId,
    outcome: &PaymentOutcome,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    use PaymentStatus as S;
    let payment = &state.payment(id).ok_or_else(|| Rejection::unknown("payment", id))?;
    match outcome {
        PaymentOutcome::Authorized { provider_reference } => match payment.status {
            S::Authorizing | S::RequiresAction | S::Unknown | S::Declined | S::Failed => {
                authorized(state, payment, order, provider_reference, now)
            }
            _ => Ok(Vec::new()),
        },
        PaymentOutcome::ActionRequired { url, provider_reference } => match payment.status {
            S::Authorizing | S::Unknown => Ok(action_required(state, payment, url, provider_reference, now)),
            _ => Ok(Vec::new()),
        },
        PaymentOutcome::Declined => Ok(failed(state, payment, PaymentFailure::Declined)),
        PaymentOutcome::Failed => Ok(failed(state, payment, PaymentFailure::Failed)),
        PaymentOutcome::Unknown if payment.status == S::Authorizing => Ok(vec![TradeEvent::PaymentUnknown { payment: id.clone() }]),
        PaymentOutcome::Unknown => Ok(Vec::new()),
        PaymentOutcome::Captured => payments::taken(payment),
        PaymentOutcome::Voided => match payment.status {
            S::Authorizing | S::RequiresAction | S::Unknown => Ok(failed(state, payment, PaymentFailure::Failed)),
            _ => payments::given_back(payment),
        },
    }
}

/// The session whose attempt this payment is part of, unless that attempt is over.
pub(super) fn attempt(state: &State, payment: &Payment) -> Option<Arc<Checkout>> {
    let is_open = |session: &Arc<Checkout>| session.status.is_attempting() && session.payments.contains(&payment.id);
    state.checkout(&payment.checkout).filter(is_open)
}

/// Payments of a session's attempt, but for one, that hold money or wait for the shopper: what has to be given back when it comes to nothing.
/// Those that the provider has not answered yet are given back when it does.
pub(super) fn held_beside<'a>(
    state: &'a State,
    session: &'a Checkout,
    beside: Option<&'a PaymentId>,
) -> impl Iterator<Item = &'a PaymentId> {
    let is_held = |id: &&PaymentId| {
        let payment = state.payment(id);
        payment.is_some_and(|payment| matches!(payment.status, PaymentStatus::Authorized | PaymentStatus::RequiresAction))
    };
    session.payments.iter().filter(move |id| Some(*id) != beside).filter(is_held)
}

/// The events that end an attempt: its stock is free again, and what its other payments hold is given back.
fn ended(state: &State, session: &Checkout, beside: &PaymentId) -> Vec<TradeEvent> {
    let released = session.reservation.clone();
    let released = released.map(|reservation| TradeEvent::ReservationReleased { reservation, reason: ReleaseReason::PaymentFailed });
    let others = held_beside(state, session, Some(beside)).map(|payment| TradeEvent::PaymentVoidRequested { payment: payment.clone() });
    released.into_iter().chain(others).collect()
}

/// No authorisation. A capture or void that failed is no news: it is asked for again.
fn failed(state: &State, payment: &Payment, failure: PaymentFailure) -> Vec<TradeEvent> {
    if !payment.status.is_open() {
        return Vec::new();
    }
    let failed = TradeEvent::PaymentFailed { payment: payment.id.clone(), failure };
    let ended = attempt(state, payment).map(|session| ended(state, &session, &payment.id)).unwrap_or_default();
    [failed].into_iter().chain(ended).collect()
}

/// The shopper has to act: until the reservation ends. Without an attempt there is nothing to act for.
fn action_required(state: &State, payment: &Payment, url: &str, provider_reference: &str, now: Timestamp) -> Vec<TradeEvent> {
    let reservation = |session: &Arc<Checkout>| session.reservation.as_ref().and_then(|id| state.stock().reservation(id));
    let live = attempt(state, payment);
    let held_until = live.as_ref().and_then(reservation).map_or(now, |reservation| reservation.expires_at);
    let is_for_an_order = after_sale::is_balance_waited_for(state, payment);
    let act_by = if is_for_an_order { now.plus_ms(state.options().reservation_ttl_ms) } else { held_until };
    let required = TradeEvent::Payment(PaymentEvent::ActionRequired {
        payment: payment.id.clone(),
        url: url.chars().take(URL_CHARS_MAX).collect(),
        provider_reference: provider_reference.chars().take(REFERENCE_CHARS_MAX).collect(),
        act_by,
    });
    if act_by > now {
        return vec![required];
    }
    let give_up = TradeEvent::PaymentVoidRequested { payment: payment.id.clone() };
    let others = live.map(|session| ended(state, &session, &payment.id)).unwrap_or_default();
    [required, give_up].into_iter().chain(others).collect()
}

/// Shoppers who did not act in time: their payments are given back, and with them what else their attempts hold.
pub(super) fn not_acted(state: &State, now: Timestamp, most: usize) -> Vec<TradeEvent> {
    let overdue = state.payments_book().actions.iter().take_while(|(act_by, _)| *act_by <= now).take(most);
    let payments = overdue.filter_map(|(_, id)| state.payment(id));
    let mut given_up: BTreeSet<PaymentId> = BTreeSet::new();
    let mut events = Vec::new();
    for payment in payments {
        let session = attempt(state, &payment);
        let others = session.iter().flat_map(|session| held_beside(state, session, Some(&payment.id)));
        let all = [&payment.id].into_iter().chain(others).filter(|id| given_up.insert(Clone::clone(id))).cloned();
        events.extend(all.map(|payment| TradeEvent::PaymentVoidRequested { payment }));
        // A reservation that ends by itself now is ended beside this; one that was given more time is ended here.
        let live =
            session.as_ref().and_then(|session| state.stock().reservation(session.reservation.as_ref()?)).filter(|it| it.expires_at > now);
        let released =
            live.map(|live| TradeEvent::ReservationReleased { reservation: live.id.clone(), reason: ReleaseReason::PaymentFailed });
        if let Some(released) = released.filter(|released| !events.contains(released)) {
            events.push(released);
        }
    }
    events
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
    let give_back = |authorized, others: Vec<TradeEvent>| {
        let own = [authorized, TradeEvent::PaymentVoidRequested { payment: payment.id.clone() }];
        Ok(own.into_iter().chain(others).collect())
    };
    if let Some(paid) = after_sale::balance_authorized(state, payment) {
        return Ok([authorized].into_iter().chain(paid).collect());
    }
    let Some(session) = &attempt(state, payment) else { return give_back(authorized, Vec::new()) };
    let is_waited_for =
        |id: &PaymentId| *id != payment.id && state.payment(id).is_none_or(|other| other.status != PaymentStatus::Authorized);
    if session.payments.iter().any(is_waited_for) {
        return Ok(vec![authorized]);
    }
    if state.order(order).is_some() {
        return Err(Rejection::exists("order", order));
    }
    let held = session.reservation.as_ref().and_then(|id| state.stock().reservation(id));
    if let Some(held) = held {
        let placed = placed(state, session, order, (&held.id, &held.units), now);
        return Ok([authorized].into_iter().chain(placed).collect());
    }
    // The reservation ran out while the provider was silent. The units may still be there; the new hold takes the order's name.
    let (Ok(units), Ok(reservation)) = (sourced(state, Bought::of(session), now), ReservationId::new(order.as_str())) else {
        return give_back(authorized, ended(state, session, &payment.id));
    };
    if state.stock().reservation(&reservation).is_some() {
        return Err(Rejection::exists("reservation", reservation));
    }
    let Ok(drawn) = stock::on_reserved(state, session, &reservation, &units) else {
        return give_back(authorized, ended(state, session, &payment.id));
    };
    let placed = placed(state, session, order, (&reservation, &units), now);
    let expires_at = now.plus_ms(state.options().reservation_ttl_ms);
    let reserved = TradeEvent::StockReserved { reservation, checkout: session.id.clone(), units, expires_at };
    Ok([reserved].into_iter().chain(drawn).chain([authorized]).chain(placed).collect())
}

/// The order, what it owes, and the end of its cart.
fn placed(
    state: &State,
    session: &Checkout,
    order: &OrderId,
    (reservation, units): (&ReservationId, &[Units]),
    now: Timestamp,
) -> Vec<TradeEvent> {
    let owed = posted(account::SALES.to_owned(), account::receivable(order), session.totals.total);
    let Some((payment, more_payments)) = session.payments.split_first() else { return Vec::new() };
    let placed = TradeEvent::OrderPlaced {
        order: order.clone(),
        checkout: session.id.clone(),
        buyer: Clone::clone(&*session.buyer),
        address: session.address.as_deref().cloned().unwrap_or_default(),
        lines: session.lines.to_vec(),
        totals: session.totals.clone(),
        payment: payment.clone(),
        more_payments: more_payments.to_vec(),
        reservation: reservation.clone(),
        units: units.to_vec(),
    };
    let closed = carts::on_placed(state, session).into_iter().chain(fraud::on_placed(session, order));
    let areas = pricing::on_placed(state, session, order).into_iter().chain(fulfilment::on_placed(state, session, order, units, now));
    owed.into_iter().chain([placed]).chain(areas).chain(closed).collect()
}

/// A posting, unless it is of nothing.
pub(super) fn posted(from: String, to: String, amount: Money) -> Option<TradeEvent> {
    (amount.amount_minor > 0).then_some(TradeEvent::LedgerPosted { posting: Posting { from, to, amount } })
}
