//! Orders with one click: everything from an open session to the question for its money, in one entry.

use super::checkout::{self, Attempt, Content, check_named};
use super::delivery::STANDARD;
use super::pricing::set_checkout_claims;
use crate::event::TradeEvent;
use crate::event::trade::{Buyer, CartEvent, OneClick};
use crate::id::{CheckoutId, ShopperId};
use crate::order::{CheckoutStatus, check_address, check_buyer, check_text};
use crate::payment::NothingDue;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{CartAction, Rejection, Terms};
use crate::trade::fold;
use crate::trade::state::State;

pub(super) fn set(state: &State, shopper: &ShopperId, profile: &OneClick) -> Result<Vec<TradeEvent>, Rejection> {
    check_named("provider", &profile.provider)?;
    if profile.provider == NothingDue::NAME {
        return Err(Rejection::invalid("provider", "pays only where nothing is due"));
    }
    check_named("token", &profile.token)?;
    check_buyer(&profile.buyer)?;
    check_address(&profile.address)?;
    check_text("delivery", profile.delivery.as_deref().unwrap_or_default())?;
    if profile.buyer.email.is_none() {
        return Err(Rejection::invalid("buyer.email", "the confirmation needs somewhere to go"));
    }
    let address = &profile.address;
    let parts = [("name", &address.name), ("street", &address.street), ("city", &address.city), ("country", &address.country)];
    if let Some((field, _)) = parts.into_iter().find(|(_, text)| text.trim().is_empty()) {
        return Err(Rejection::invalid(format!("address.{field}"), "must not be empty"));
    }
    if state.carts_book.one_click(shopper).is_some_and(|known| **known == *profile) {
        return Ok(Vec::new());
    }
    Ok(vec![TradeEvent::Cart(CartEvent::OneClickSet { shopper: shopper.clone(), profile: profile.clone() })])
}

pub(super) fn remove(state: &State, shopper: &ShopperId) -> Result<Vec<TradeEvent>, Rejection> {
    state.carts_book.one_click(shopper).ok_or_else(|| Rejection::unknown("stored way to pay of", shopper))?;
    Ok(vec![TradeEvent::Cart(CartEvent::OneClickRemoved { shopper: shopper.clone() })])
}

/// Decides step after step on a copy of the state that has seen the steps before.
pub(super) fn order(state: &State, action: &CartAction, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let CartAction::OrderWithOneClick { shopper, checkout, payment, reservation, currency, lines, claims, terms } = action else {
        return Ok(Vec::new());
    };
    let profile = state.carts_book.one_click(shopper).ok_or_else(|| Rejection::unknown("stored way to pay of", shopper))?;
    let buyer = Buyer { shopper: Some(shopper.clone()), ..profile.buyer.clone() };
    let content = Content { buyer: &buyer, address: Some(&profile.address), lines };
    let delivery = terms.delivery.clone().or_else(|| profile.delivery.clone());
    // What was expected is held against the session when it is completed.
    let opening = Terms { delivery, ..Terms::default() };
    let mut events = checkout::open(state, checkout, None, content, *currency, &opening, now)?;
    let mut ahead = state.clone();
    events.iter().for_each(|event| fold(&mut ahead, event, now));
    let claimed = set_checkout_claims(&ahead, checkout, claims, now)?;
    claimed.iter().for_each(|event| fold(&mut ahead, event, now));
    events.extend(claimed);
    let attempt = Attempt { payment, reservation, provider: &profile.provider, token: &profile.token, parts: &[] };
    if let Some(field) = incomplete(&ahead, checkout) {
        return Err(Rejection::invalid(field, "is missing"));
    }
    if terms.delivery.as_deref().is_some_and(|asked| !travels_by(&ahead, checkout, asked)) {
        return Err(Rejection::invalid("delivery", "is not offered for this order"));
    }
    events.extend(checkout::complete(&ahead, checkout, &attempt, terms, now)?);
    Ok(events)
}

/// Whether the goods of a session travel in this way; in a shop without carriers there is one.
fn travels_by(state: &State, checkout: &CheckoutId, option: &str) -> bool {
    let session = state.checkout(checkout);
    let delivery = session.as_ref().and_then(|session| session.delivery.as_deref());
    delivery.map_or(STANDARD, |delivery| &delivery.option) == option
}

/// The first field without which there can be no order.
fn incomplete(state: &State, checkout: &CheckoutId) -> Option<&'static str> {
    let session = state.checkout(checkout)?;
    (session.status == CheckoutStatus::Incomplete).then(|| session.missing().first().copied()).flatten()
}
