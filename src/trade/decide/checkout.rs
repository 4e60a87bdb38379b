//! Checkout sessions.

use super::drift::{at_todays_prices, repriced};
use super::payment::held_beside;
use super::shipping::Asked;
use super::sourcing::{Bought, sourced};
use super::{fraud, pricing, quantities, stock};
use crate::cart::{Cart, check_lines};
use crate::event::TradeEvent;
use crate::event::trade::{Address, Buyer, CartEvent, CartKind, Change, Claims, Delivery, Line, ReleaseReason, Totals};
use crate::id::{CartId, CheckoutId, PaymentId, ReservationId};
use crate::money::{Currency, Money};
use crate::order::{Checkout, CheckoutStatus, CheckoutStep, check_address, check_buyer, check_text};
use crate::payment::NothingDue;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{Part, Rejection, Terms};
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
    /// Checks everything, and says how the goods travel and what it all comes to.
    fn priced(&self, state: &State, priced: Priced<'_>, now: Timestamp) -> Result<(Option<Delivery>, Totals), Rejection> {
        check_buyer(self.buyer)?;
        self.address.map_or(Ok(()), check_address)?;
        check_lines(self.lines, priced.currency)?;
        quantities::check_lines(state, self.lines)?;
        quantities::check_buyer(state, self.buyer, self.address, self.lines, Some(priced.session))?;
        let asked = Asked { lines: self.lines, currency: priced.currency, buyer: self.buyer, address: self.address, claims: priced.claims };
        asked.priced(state, priced.delivery, now)
    }

    fn updated(&self, id: &CheckoutId, totals: Totals) -> TradeEvent {
        let (buyer, address, lines) = (self.buyer.clone(), self.address.cloned(), self.lines.to_vec());
        TradeEvent::CheckoutUpdated { checkout: id.clone(), buyer, address, lines, totals }
    }
}

/// For what session something is priced, and how.
#[derive(Clone, Copy)]
struct Priced<'a> {
    session: &'a CheckoutId,
    currency: Currency,
    claims: Option<&'a Claims>,
    delivery: Option<&'a str>,
}

pub(super) fn open<'a>(
    state: &'a State,
    id: &CheckoutId,
    cart: Option<&CartId>,
    mut content: Content<'a>,
    mut currency: Currency,
    terms: &Terms,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    if state.checkout(id).is_some() {
        return Err(Rejection::exists("checkout session", id));
    }
    let over: Option<&Arc<Cart>> = cart.map(|id| state.cart(id).ok_or_else(|| Rejection::unknown("cart", id))).transpose()?;
    if let Some(cart) = over {
        if cart.kind == CartKind::List {
            return Err(Rejection::WrongStatus { kind: "cart", status: "a list of wishes" });
        }
        content.lines = &cart.lines;
        currency = cart.currency;
        if *content.buyer == Buyer::default() {
            content.buyer = &cart.buyer;
        }
    }
    let exploded = stock::exploded(state, content.lines);
    let (lines, mut changes) = at_todays_prices(&exploded, &terms.offers);
    let content = Content { lines: &lines, ..content };
    let claims = over.map(|cart| &*cart.claims);
    let priced = Priced { session: id, currency, claims, delivery: terms.delivery.as_deref() };
    let (delivery, totals) = content.priced(state, priced, now)?;
    if let Some(was) = terms.expected_total.filter(|was| *was != totals.total) {
        changes.push(Change::Total { was, now: totals.total });
        return Err(Rejection::CartChanged { changes });
    }
    let (buyer, opened_with) = (content.buyer.clone(), lines.clone());
    let opened =
        TradeEvent::CheckoutOpened { checkout: id.clone(), cart: cart.cloned(), buyer, lines: opened_with, totals: totals.clone() };
    // A session opens incomplete; what else is known already follows in the same entry.
    let updated = content.address.map(|_| content.updated(id, totals.clone()));
    let chosen = if changes.is_empty() {
        let delivery = delivery.map(Some);
        delivery.map(|delivery| CartEvent::DeliveryChosen { checkout: id.clone(), delivery, totals })
    } else {
        Some(CartEvent::Repriced { checkout: id.clone(), lines: lines.clone(), delivery, totals, changes })
    };
    Ok([opened].into_iter().chain(updated).chain(chosen.map(TradeEvent::Cart)).collect())
}

pub(super) fn update(
    state: &State,
    id: &CheckoutId,
    content: Content<'_>,
    terms: &Terms,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    let session = &session_for(state, id, CheckoutStep::UpdateIncomplete)?;
    let exploded = stock::exploded(state, content.lines);
    let content = Content { lines: &exploded, ..content };
    let before = session.delivery.as_ref();
    let wanted = terms.delivery.as_deref().or_else(|| before.map(|delivery| delivery.option.as_str()));
    let currency = session.totals.total.currency;
    let (delivery, totals) =
        content.priced(state, Priced { session: id, currency, claims: Some(&session.claims), delivery: wanted }, now)?;
    if let Some(was) = terms.expected_total.filter(|was| *was != totals.total) {
        return Err(Rejection::CartChanged { changes: vec![Change::Total { was, now: totals.total }] });
    }
    let is_chosen = delivery.is_some() || before.is_some();
    let chosen = is_chosen.then(|| CartEvent::DeliveryChosen { checkout: id.clone(), delivery, totals: totals.clone() });
    Ok([content.updated(id, totals)].into_iter().chain(chosen.map(TradeEvent::Cart)).collect())
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

pub(super) fn complete(
    state: &State,
    id: &CheckoutId,
    attempt: &Attempt<'_>,
    terms: &Terms,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    // Whoever asks again for an order that was placed gets that order.
    if state.checkout(id).is_some_and(|session| session.status == CheckoutStatus::Completed) {
        return Ok(Vec::new());
    }
    let session = &session_for(state, id, CheckoutStep::Begin)?;
    if state.stock().reservation(attempt.reservation).is_some() {
        return Err(Rejection::exists("reservation", attempt.reservation));
    }
    let attempts_max = state.options().attempts_per_session_max;
    if session.trail.attempts_count >= attempts_max {
        return Err(Rejection::TooManyAttempts { attempts_max });
    }
    quantities::check_lines(state, &session.lines)?;
    quantities::check_buyer(state, &session.buyer, session.address.as_deref(), &session.lines, Some(id))?;
    // Nobody pays anything else than they were shown: the entry then only tells what changed.
    if let Some(repriced) = repriced(state, session, terms, now)? {
        return Ok(vec![repriced]);
    }
    let examined = fraud::examine(state, session, now)?;
    let (lines, renewed) = stock::renewed(state, session)?;
    let units = sourced(state, Bought { lines: &lines, ..Bought::of(session) }, now)?;
    let drawn = stock::on_reserved(state, session, attempt.reservation, &units)?;
    let reserved = TradeEvent::StockReserved {
        reservation: attempt.reservation.clone(),
        checkout: id.clone(),
        units,
        expires_at: now.plus_ms(state.options().reservation_ttl_ms),
    };
    let (held, amount) = pricing::on_attempt(state, session, now)?;
    let requested = requested(state, id, attempt, amount)?;
    Ok(examined.into_iter().chain(renewed).chain([reserved]).chain(drawn).chain(held).chain(requested).collect())
}

/// The payments of an attempt, which sum to `total` exactly: each part its amount, and the first payment what is left.
fn requested(state: &State, id: &CheckoutId, attempt: &Attempt<'_>, total: Money) -> Result<Vec<TradeEvent>, Rejection> {
    // When gift cards and store credit pay all of it, or it costs nothing, nobody outside is asked, and what was given to pay with is not looked at.
    let nothing_due = Attempt { provider: NothingDue::NAME, token: NothingDue::NAME, parts: &[], ..*attempt };
    let attempt = if total.amount_minor == 0 { &nothing_due } else { attempt };
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
        check_pays(&format!("{path}.provider"), provider, amount)?;
        if state.payment(payment).is_some() {
            return Err(Rejection::exists("payment", payment));
        }
        let (payment, checkout, provider, token) = (payment.clone(), id.clone(), provider.to_owned(), token.to_owned());
        Ok(TradeEvent::PaymentRequested { payment, checkout, amount, provider, token })
    });
    asked.collect()
}

pub(super) fn check_named(field: &str, text: &str) -> Result<(), Rejection> {
    if text.is_empty() {
        return Err(Rejection::invalid(field, "must not be empty"));
    }
    Ok(check_text(field, text)?)
}

/// The provider that is asked where nothing is due pays nothing else.
pub(super) fn check_pays(field: &str, provider: &str, amount: Money) -> Result<(), Rejection> {
    if NothingDue::pays(provider, amount) { Ok(()) } else { Err(Rejection::invalid(field, "pays only where nothing is due")) }
}

pub(super) fn cancel(state: &State, id: &CheckoutId) -> Result<Vec<TradeEvent>, Rejection> {
    let session = &session_for(state, id, CheckoutStep::Cancel)?;
    let canceled = TradeEvent::CheckoutCanceled { checkout: id.clone() };
    let released = session.reservation.clone();
    let released = released.map(|reservation| TradeEvent::ReservationReleased { reservation, reason: ReleaseReason::Canceled });
    let voids = held_beside(state, session, None).map(|payment| TradeEvent::PaymentVoidRequested { payment: payment.clone() });
    let is_attempting = session.status.is_attempting();
    Ok(released.into_iter().chain([canceled]).chain(voids.filter(|_| is_attempting)).collect())
}

/// A shopper who is still there keeps the stock of their session longer, up to a cap from when it was taken.
pub(super) fn keep(state: &State, id: &CheckoutId, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let session = &state.checkout(id).ok_or_else(|| Rejection::unknown("checkout session", id))?;
    let live = session.reservation.as_ref().and_then(|id| state.stock().reservation(id));
    let live = live.ok_or(Rejection::WrongStatus { kind: "checkout session", status: session.status.name() })?;
    let cap = session.trail.reserved_at.unwrap_or(now).plus_ms(state.options().reservation_cap_ms);
    let expires_at = now.plus_ms(state.options().reservation_ttl_ms).min(cap);
    let is_longer = expires_at > live.expires_at;
    Ok(is_longer.then(|| TradeEvent::ReservationExtended { reservation: live.id.clone(), expires_at }).into_iter().collect())
}

/// The session, if it can take the step.
pub(super) fn session_for(state: &State, id: &CheckoutId, step: CheckoutStep) -> Result<Arc<Checkout>, Rejection> {
    let session = state.checkout(id).ok_or_else(|| Rejection::unknown("checkout session", id))?;
    let refused = Rejection::WrongStatus { kind: "checkout session", status: session.status.name() };
    session.status.after(step).map(|_| session).ok_or(refused)
}
