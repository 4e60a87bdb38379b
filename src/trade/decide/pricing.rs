//! Decisions about price lists, promotions, coupons, gift cards and store credit.

use super::checkout::session_for;
use crate::event::TradeEvent;
use crate::event::trade::{Claims, PricingEvent, Tender, Totals};
use crate::id::{CartId, CheckoutId, OrderId};
use crate::money::Money;
use crate::order::{Checkout, CheckoutStep, Order};
use crate::pricing::{self, Basket};
use crate::stdx::clock::Timestamp;
use crate::trade::command::{PricingAction, Rejection};
use crate::trade::state::State;

pub(super) fn decide(state: &State, action: &PricingAction, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match action {
        PricingAction::SetCartClaims { cart, claims } => set_cart_claims(state, cart, claims),
        PricingAction::SetCheckoutClaims { checkout, claims } => set_checkout_claims(state, checkout, claims, now),
    }
}

fn set_cart_claims(state: &State, id: &CartId, claims: &Claims) -> Result<Vec<TradeEvent>, Rejection> {
    let cart = state.cart(id).ok_or_else(|| Rejection::unknown("cart", id))?;
    if *cart.claims == *claims {
        return Ok(Vec::new());
    }
    Ok(vec![TradeEvent::Pricing(PricingEvent::CartClaimsSet { cart: id.clone(), claims: claims.clone() })])
}

fn set_checkout_claims(state: &State, id: &CheckoutId, claims: &Claims, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let session = session_for(state, id, CheckoutStep::UpdateIncomplete)?;
    if *session.claims == *claims {
        return Ok(Vec::new());
    }
    let totals = totals(state, &Basket { claims: Some(claims), ..session_basket(session, now) })?;
    Ok(vec![TradeEvent::Pricing(PricingEvent::CheckoutClaimsSet { checkout: id.clone(), claims: claims.clone(), totals })])
}

/// What a session as it is would be priced by.
pub(super) fn session_basket(session: &Checkout, now: Timestamp) -> Basket<'_> {
    Basket {
        buyer: Some(&session.buyer),
        address: session.address.as_deref(),
        claims: Some(&session.claims),
        shipping: session.delivery.as_ref().map(|delivery| delivery.cost),
        ..Basket::of(&session.lines, session.totals.total.currency, now)
    }
}

/// What time alone makes happen here.
pub(super) fn due(_state: &State, _now: Timestamp) -> Vec<TradeEvent> {
    Vec::new()
}

/// What a basket comes to, with the shop's price lists, promotions and taxes: the one place that prices.
pub(super) fn totals(state: &State, basket: &Basket<'_>) -> Result<Totals, Rejection> {
    Ok(pricing::totals(basket, &state.options().pricing)?)
}

/// How a session would be paid now: what gift cards and store credit give, in the order that the buyer named them, and what is left for the
/// provider, which may be nothing.
pub(super) fn tenders(_state: &State, session: &Checkout) -> (Vec<Tender>, Money) {
    (Vec::new(), session.totals.total)
}

/// What the attempt to complete a session holds besides stock: uses of promotions and coupons, balances of gift cards and store credit. The
/// events belong before [`TradeEvent::PaymentRequested`], whose amount is the second part. The hold ends with the attempt, in the fold.
///
/// # Errors
/// When a promotion or coupon was used up meanwhile, naming the coupon's place; re-pricing says what the session comes to without it.
pub(super) fn on_attempt(state: &State, session: &Checkout) -> Result<(Vec<TradeEvent>, Money), Rejection> {
    let (tenders, remainder) = tenders(state, session);
    let checkout = session.id.clone();
    let held = (!tenders.is_empty()).then_some(TradeEvent::Pricing(PricingEvent::TendersHeld { checkout, tenders }));
    Ok((held.into_iter().collect(), remainder))
}

/// What a placed order uses up besides stock, in its own entry.
pub(super) fn on_placed(_state: &State, _session: &Checkout, _order: &OrderId) -> Vec<TradeEvent> {
    Vec::new()
}

/// What a canceled order gives back besides stock and money.
pub(super) fn on_canceled(_state: &State, _order: &Order) -> Vec<TradeEvent> {
    Vec::new()
}
