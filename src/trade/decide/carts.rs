//! Decisions about carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use super::cart::check_content;
use super::stock::exploded;
use super::{checkout, fraud, merging, one_click, quantities, shipping};
use crate::cart::{Cart, QUANTITY_MAX, added};
use crate::event::TradeEvent;
use crate::event::trade::{CartEvent, CartKind, CartPart, Line};
use crate::id::{CartId, LineId};
use crate::order::{Checkout, check_text};
use crate::stdx::clock::Timestamp;
use crate::trade::command::{CartAction, Rejection};
use crate::trade::state::State;
use std::sync::Arc;

pub(super) fn decide(state: &State, action: &CartAction, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match action {
        CartAction::Describe { cart, name, kind } => describe(state, cart, name.as_deref(), *kind),
        CartAction::AddLine { cart, part, line } => add_line(state, cart, *part, line, now),
        CartAction::ChangeLine { cart, part, line, quantity } => change_line(state, cart, *part, line, *quantity, now),
        CartAction::MoveLine { cart, from, line } => move_line(state, cart, *from, line, now),
        CartAction::Merge { guest, shopper, into, policy } => merging::merge(state, guest, shopper, into.as_ref(), *policy, now),
        CartAction::SetQuantityRule { target, rule } => quantities::set(state, target, *rule),
        CartAction::RemoveQuantityRule { target } => quantities::remove(state, target),
        CartAction::ChooseDelivery { checkout, option } => shipping::choose(state, checkout, option, now),
        CartAction::KeepSession { checkout } => checkout::keep(state, checkout, now),
        CartAction::JudgeCheckout { checkout, verdict } => fraud::judge_checkout(state, checkout, verdict),
        CartAction::JudgeOrder { order, verdict } => fraud::judge_order(state, order, verdict),
        CartAction::SetOneClick { shopper, profile } => one_click::set(state, shopper, profile),
        CartAction::RemoveOneClick { shopper } => one_click::remove(state, shopper),
        CartAction::OrderWithOneClick { .. } => one_click::order(state, action, now),
    }
}

/// What becomes of the cart of a session that became an order: what was bought leaves it, and a cart in which nothing is left ends.
pub(super) fn on_placed(state: &State, session: &Checkout) -> Option<TradeEvent> {
    let cart = state.cart(session.cart.as_ref()?)?;
    let bought = |line: &Line| session.lines.iter().find(|bought| bought.id == line.id).map_or(0, |bought| bought.quantity);
    let rest = |line: &Line| Line { quantity: line.quantity - bought(line), ..line.clone() };
    let left: Vec<Line> = cart.lines.iter().map(rest).filter(|line| line.quantity > 0).collect();
    Some(if left.is_empty() && cart.saved.is_empty() {
        TradeEvent::CartClosed { cart: cart.id.clone() }
    } else {
        TradeEvent::CartLinesSet { cart: cart.id.clone(), lines: left }
    })
}

fn known<'a>(state: &'a State, id: &CartId) -> Result<&'a Arc<Cart>, Rejection> {
    state.cart(id).ok_or_else(|| Rejection::unknown("cart", id))
}

fn describe(state: &State, id: &CartId, name: Option<&str>, kind: CartKind) -> Result<Vec<TradeEvent>, Rejection> {
    let cart = known(state, id)?;
    check_text("name", name.unwrap_or_default())?;
    if (cart.name.as_deref(), cart.kind) == (name, kind) {
        return Ok(Vec::new());
    }
    Ok(vec![TradeEvent::Cart(CartEvent::Described { cart: id.clone(), name: name.map(str::to_owned), kind })])
}

fn part_of(cart: &Cart, part: CartPart) -> &[Line] {
    match part {
        CartPart::Lines => &cart.lines,
        CartPart::Saved => &cart.saved,
    }
}

/// The part with one line as it is here, checked as a whole. What is saved for later has no rules of quantity.
fn check_with(state: &State, cart: &Cart, part: CartPart, line: &Line, now: Timestamp) -> Result<(), Rejection> {
    let mut lines: Vec<Line> = part_of(cart, part).iter().filter(|known| known.id != line.id).cloned().collect();
    if line.quantity > 0 {
        lines.push(line.clone());
    }
    check_content(state, cart, &lines, now).map_err(|rejection| in_line(rejection, lines.len()))?;
    match part {
        // Whatever the rules say, a line can always be taken out.
        _ if line.quantity == 0 => Ok(()),
        CartPart::Lines => quantities::check_line(state, &lines, line).map_err(|rejection| in_line(rejection, lines.len())),
        CartPart::Saved => Ok(()),
    }
}

/// A field of the only line that the caller named.
fn in_line(rejection: Rejection, count: usize) -> Rejection {
    match rejection {
        Rejection::Invalid { field, reason } => {
            let last = format!("lines[{}].", count.saturating_sub(1));
            let field = field.strip_prefix(&last).map_or_else(|| field.clone(), str::to_owned);
            let is_units = field.starts_with("lines[") && field.ends_with("].quantity");
            Rejection::Invalid { field: if is_units { "quantity".to_owned() } else { field }, reason }
        }
        other => other,
    }
}

fn add_line(state: &State, id: &CartId, part: CartPart, line: &Line, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let cart = known(state, id)?;
    if !(1..=QUANTITY_MAX).contains(&line.quantity) {
        return Err(Rejection::invalid("quantity", format!("must be between 1 and {QUANTITY_MAX}")));
    }
    let exploded = exploded(state, std::slice::from_ref(line));
    let line = added(part_of(cart, part), exploded.first().unwrap_or(line));
    check_with(state, cart, part, &line, now)?;
    Ok(vec![TradeEvent::Cart(CartEvent::LineSet { cart: id.clone(), part, line })])
}

fn change_line(
    state: &State,
    id: &CartId,
    part: CartPart,
    line: &LineId,
    quantity: i64,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    let cart = known(state, id)?;
    let before = part_of(cart, part).iter().find(|known| known.id == *line).ok_or_else(|| Rejection::unknown("line", line))?;
    if !(0..=QUANTITY_MAX).contains(&quantity) {
        return Err(Rejection::invalid("quantity", format!("must be between 0 and {QUANTITY_MAX}")));
    }
    if before.quantity == quantity {
        return Ok(Vec::new());
    }
    let after = Line { quantity, ..before.clone() };
    check_with(state, cart, part, &after, now)?;
    let event = match quantity {
        0 => CartEvent::LineRemoved { cart: id.clone(), part, line: line.clone() },
        _ => CartEvent::LineSet { cart: id.clone(), part, line: after },
    };
    Ok(vec![TradeEvent::Cart(event)])
}

fn move_line(state: &State, id: &CartId, from: CartPart, line: &LineId, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let cart = known(state, id)?;
    let to = match from {
        CartPart::Lines => CartPart::Saved,
        CartPart::Saved => CartPart::Lines,
    };
    let moved = part_of(cart, from).iter().find(|known| known.id == *line).ok_or_else(|| Rejection::unknown("line", line))?;
    let arrives = added(part_of(cart, to), moved);
    check_with(state, cart, from, &Line { quantity: 0, ..moved.clone() }, now)?;
    check_with(state, cart, to, &arrives, now)?;
    let left = CartEvent::LineRemoved { cart: id.clone(), part: from, line: line.clone() };
    let arrived = CartEvent::LineSet { cart: id.clone(), part: to, line: arrives };
    Ok(vec![TradeEvent::Cart(left), TradeEvent::Cart(arrived)])
}
