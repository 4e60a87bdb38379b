//! Carts.

use super::stock::exploded;
use super::{merging, pricing, quantities};
use crate::cart::{Cart, check_lines};
use crate::event::TradeEvent;
use crate::event::trade::{Buyer, CartEvent, Line};
use crate::id::CartId;
use crate::money::Currency;
use crate::order::check_buyer;
use crate::pricing::Basket;
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;

pub(super) fn open(
    state: &State,
    id: &CartId,
    buyer: &Buyer,
    currency: Currency,
    lines: &[Line],
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    if state.cart(id).is_some() {
        return Err(Rejection::exists("cart", id));
    }
    currency.check_known().map_err(|error| Rejection::invalid("currency", error))?;
    check_buyer(buyer)?;
    let lines = &*exploded(state, lines);
    quantities::check_lines(state, lines)?;
    check_priced(state, &Basket { buyer: Some(buyer), ..Basket::of(lines, currency, now) })?;
    if let Some(shopper) = &buyer.shopper {
        merging::check_count(state, shopper)?;
    }
    let mut events = vec![TradeEvent::CartOpened { cart: id.clone(), buyer: buyer.clone(), currency }];
    if !lines.is_empty() {
        events.push(TradeEvent::CartLinesSet { cart: id.clone(), lines: lines.to_vec() });
    }
    Ok(events)
}

pub(super) fn set_lines(
    state: &State,
    id: &CartId,
    buyer: Option<&Buyer>,
    lines: &[Line],
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    let cart = state.cart(id).ok_or_else(|| Rejection::unknown("cart", id))?;
    let lines = &*exploded(state, lines);
    quantities::check_lines(state, lines)?;
    let buyer = buyer.filter(|buyer| **buyer != *cart.buyer);
    buyer.map_or(Ok(()), |buyer| check_owner(state, cart, buyer))?;
    let basket = Basket { claims: Some(&cart.claims), ..Basket::of(lines, cart.currency, now) };
    check_priced(state, &Basket { buyer: Some(buyer.unwrap_or(&cart.buyer)), ..basket })?;
    let assigned = buyer.map(|buyer| TradeEvent::Cart(CartEvent::Assigned { cart: id.clone(), buyer: buyer.clone() }));
    Ok(assigned.into_iter().chain([TradeEvent::CartLinesSet { cart: id.clone(), lines: lines.to_vec() }]).collect())
}

/// A guest's cart may become somebody's; what is somebody's stays theirs.
fn check_owner(state: &State, cart: &Cart, buyer: &Buyer) -> Result<(), Rejection> {
    check_buyer(buyer)?;
    match (&cart.buyer.shopper, &buyer.shopper) {
        (None, Some(shopper)) => merging::check_count(state, shopper),
        (Some(owner), other) if other.as_ref() != Some(owner) => Err(Rejection::invalid("buyer.shopper_id", "the cart is somebody else's")),
        _ => Ok(()),
    }
}

pub(super) fn close(state: &State, id: &CartId) -> Result<Vec<TradeEvent>, Rejection> {
    state.cart(id).ok_or_else(|| Rejection::unknown("cart", id))?;
    Ok(vec![TradeEvent::CartClosed { cart: id.clone() }])
}

/// Lines of a cart that keep the rules of lines and whose sum fits.
pub(super) fn check_content(state: &State, cart: &Cart, lines: &[Line], now: Timestamp) -> Result<(), Rejection> {
    check_priced(state, &Basket { buyer: Some(&cart.buyer), claims: Some(&cart.claims), ..Basket::of(lines, cart.currency, now) })
}

fn check_priced(state: &State, basket: &Basket<'_>) -> Result<(), Rejection> {
    check_lines(basket.lines, basket.currency)?;
    pricing::totals(state, basket)?;
    Ok(())
}
