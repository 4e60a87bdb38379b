//! Checkout sessions.

use super::payment::held_beside;
use super::sourcing::sourced;
use super::{pricing, stock};
use crate::cart::{Cart, check_lines};
use crate::event::TradeEvent;
use crate::event::trade::{Address, Buyer, Claims, Line, ReleaseReason, Totals};
use crate::id::{CartId, CheckoutId, PaymentId, ReservationId};
use crate::money::{Currency, Money};
use crate::order::{Checkout, CheckoutStatus, CheckoutStep, check_address, check_buyer, check_text};
use crate::pricing::Basket;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{Part, Rejection};
use crate::trade::state::State;
use std::sync::Arc;

/// What a shopper says about a session.
#[derive(Clone, Copy)]
pub(super) struct Content<'a> {
    pub(super) buyer: &'a Buyer,
    pub(super) address: Option<&'a Address>,
    pub(super) lines: &'a [Line],
}

impl Content<'_> {
    /// Checks everything, and says what it comes to.
    fn priced(&self, state: &State, currency: Currency, claims: Option<&Claims>, now: Timestamp) -> Result<Totals, Rejection> {
        check_buyer(self.buyer)?;
        self.address.map_or(Ok(()), check_address)?;
        check_lines(self.lines, currency)?;
        let basket = Basket::of(self.lines, currency, now);
        pricing::totals(state, &Basket { buyer: Some(self.buyer), address: self.address, claims, ..basket })
    }

    fn updated(&self, id: &CheckoutId, totals: Totals) -> TradeEvent {
        let (buyer, address, lines) = (self.buyer.clone(), self.address.cloned(), self.lines.to_vec());
        TradeEvent::CheckoutUpdated { checkout: id.clone(), buyer, address, lines, totals }
    }
}

pub(super) fn open<'a>(
    state: &'a State,
    id: &CheckoutId,
    cart: Option<&CartId>,
    mut content: Content<'a>,
    mut currency: Currency,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    if state.checkout(id).is_some() {
        return Err(Rejection::exists("checkout session", id));
    }
    let over: Option<&Arc<Cart>> = cart.map(|id| state.cart(id).ok_or_else(|| Rejection::unknown("cart", id))).transpose()?;
    if let Some(cart) = over {
        content.lines = &cart.lines;
        currency = cart.currency;
        if *content.buyer == Buyer::default() {
            content.buyer = &cart.buyer;
        }
    }
    let exploded = stock::exploded(state, content.lines);
    let content = Content { lines: &exploded, ..content };
    let totals = content.priced(state, currency, over.map(|cart| &*cart.claims), now)?;
    let (buyer, lines) = (content.buyer.clone(), content.lines.to_vec());
    let opened = TradeEvent::CheckoutOpened { checkout: id.clone(), cart: cart.cloned(), buyer, lines, totals: totals.clone() };
    // A session opens incomplete; what else is known already follows in the same entry.
    Ok(match content.address {
        Some(_) => vec![opened, content.updated(id, totals)],
        None => vec![opened],
    })
}

pub(super) fn update(state: &State, id: &CheckoutId, content: Content<'_>, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let session = session_for(state, id, CheckoutStep::UpdateIncomplete)?;
    let exploded = stock::exploded(state, content.lines);
    let content = Content { lines: &exploded, ..content };
    let totals = content.priced(state, session.totals.total.currency, Some(&session.claims), now)?;
    Ok(vec![content.updated(id, totals)])
}

/// The new names and the instrument of an attempt to complete a session.
pub(super) struct Attempt<'a> {
    pub(super) payment: &'a PaymentId,
    pub(super) reservation: &'a ReservationId,
    pub(super) provider: &'a str,
    pub(super) token: &'a str,
    pub(super) parts: &'a [Part],
}

/// Most payments that complete one session: two cards and a few vouchers are common, more is a mistake or an attack.
const PAYMENTS_MAX: usize = 8;

pub(super) fn complete(state: &State, id: &CheckoutId, attempt: &Attempt<'_>, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    // Whoever asks again for an order that was placed gets that order.
    if state.checkout(id).is_some_and(|session| session.status == CheckoutStatus::Completed) {
        return Ok(Vec::new());
    }
    let session = session_for(state, id, CheckoutStep::Begin)?;
    if state.stock().reservation(attempt.reservation).is_some() {
        return Err(Rejection::exists("reservation", attempt.reservation));
    }
    let (lines, renewed) = stock::renewed(state, session)?;
    let units = sourced(state, &lines, session.address.as_deref(), now)?;
    let drawn = stock::on_reserved(state, session, attempt.reservation, &units)?;
    let reserved = TradeEvent::StockReserved {
        reservation: attempt.reservation.clone(),
        checkout: id.clone(),
        units,
        expires_at: now.plus_ms(state.options().reservation_ttl_ms),
    };
    let (held, amount) = pricing::on_attempt(state, session)?;
    let requested = requested(state, id, attempt, amount)?;
    Ok(renewed.into_iter().chain([reserved]).chain(drawn).chain(held).chain(requested).collect())
}

/// The payments of an attempt, which sum to `total` exactly: each part its amount, and the first payment what is left.
fn requested(state: &State, id: &CheckoutId, attempt: &Attempt<'_>, total: Money) -> Result<Vec<TradeEvent>, Rejection> {
    if attempt.parts.len() >= PAYMENTS_MAX {
        return Err(Rejection::invalid("payment.parts", format!("at most {PAYMENTS_MAX} payments complete a session")));
    }
    let mut first_minor = total.amount_minor;
    for (place, part) in attempt.parts.iter().enumerate() {
        let wrong = |what: &str, reason: String| Rejection::invalid(format!("payment.parts[{place}].{what}"), reason);
        let is_named_twice = attempt.parts[..place].iter().any(|other| other.payment == part.payment);
        if part.payment == *attempt.payment || is_named_twice {
            return Err(Rejection::exists("payment", &part.payment));
        }
        if part.amount.currency != total.currency {
            return Err(wrong("amount.currency", format!("the session is in {}", total.currency)));
        }
        // The first payment has to have something left to pay.
        if !(1..first_minor).contains(&part.amount.amount_minor) {
            return Err(wrong("amount.amount_minor", format!("must be at least 1 and less than {first_minor}, which is left to pay")));
        }
        first_minor -= part.amount.amount_minor;
    }
    let first = (attempt.payment, attempt.provider, attempt.token, Money::new(first_minor, total.currency));
    let parts = attempt.parts.iter().map(|part| (&part.payment, part.provider.as_str(), part.token.as_str(), part.amount));
    let asked = std::iter::once(first).chain(parts).enumerate().map(|(place, (payment, provider, token, amount))| {
        let path = if place == 0 { "payment".to_owned() } else { format!("payment.parts[{}]", place - 1) };
        check_named(&format!("{path}.provider"), provider)?;
        check_named(&format!("{path}.token"), token)?;
        if state.payment(payment).is_some() {
            return Err(Rejection::exists("payment", payment));
        }
        let (payment, checkout, provider, token) = (payment.clone(), id.clone(), provider.to_owned(), token.to_owned());
        Ok(TradeEvent::PaymentRequested { payment, checkout, amount, provider, token })
    });
    asked.collect()
}

fn check_named(field: &str, text: &str) -> Result<(), Rejection> {
    if text.is_empty() {
        return Err(Rejection::invalid(field, "must not be empty"));
    }
    Ok(check_text(field, text)?)
}

pub(super) fn cancel(state: &State, id: &CheckoutId) -> Result<Vec<TradeEvent>, Rejection> {
    let session = session_for(state, id, CheckoutStep::Cancel)?;
    let canceled = TradeEvent::CheckoutCanceled { checkout: id.clone() };
    let released = session.reservation.clone();
    let released = released.map(|reservation| TradeEvent::ReservationReleased { reservation, reason: ReleaseReason::Canceled });
    let voids = held_beside(state, session, None).map(|payment| TradeEvent::PaymentVoidRequested { payment: payment.clone() });
    let is_attempting = session.status.is_attempting();
    Ok(released.into_iter().chain([canceled]).chain(voids.filter(|_| is_attempting)).collect())
}

/// The session, if it can take the step.
pub(super) fn session_for<'a>(state: &'a State, id: &CheckoutId, step: CheckoutStep) -> Result<&'a Arc<Checkout>, Rejection> {
    let session = state.checkout(id).ok_or_else(|| Rejection::unknown("checkout session", id))?;
    let refused = Rejection::WrongStatus { kind: "checkout session", status: session.status.name() };
    session.status.after(step).map(|_| session).ok_or(refused)
}
