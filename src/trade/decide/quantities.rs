//! Quantity rules, wherever lines are decided on.

use crate::cart::{QuantityError, RULES_MAX, check_rule, check_units, holds_for, units_of};
use crate::event::TradeEvent;
use crate::event::trade::{Address, Buyer, BuyerKey, CartEvent, Line, QuantityRule, RuleTarget};
use crate::id::{CheckoutId, OrderId};
use crate::order::Order;
use crate::trade::command::Rejection;
use crate::trade::state::State;

pub(super) fn set(state: &State, target: &RuleTarget, rule: QuantityRule) -> Result<Vec<TradeEvent>, Rejection> {
    check_rule(&rule).map_err(|(field, reason)| Rejection::invalid(field, reason))?;
    let known = state.carts_book.rule(target);
    if known == Some(&rule) {
        return Ok(Vec::new());
    }
    if known.is_none() && state.carts_book.rules_count() >= RULES_MAX {
        return Err(Rejection::invalid("target", format!("there are {RULES_MAX} rules already")));
    }
    Ok(vec![TradeEvent::Cart(CartEvent::QuantityRuleSet { target: target.clone(), rule })])
}

pub(super) fn remove(state: &State, target: &RuleTarget) -> Result<Vec<TradeEvent>, Rejection> {
    state.carts_book.rule(target).ok_or_else(|| Rejection::unknown("quantity rule of", name_of(target)))?;
    Ok(vec![TradeEvent::Cart(CartEvent::QuantityRuleRemoved { target: target.clone() })])
}

fn name_of(target: &RuleTarget) -> String {
    match target {
        RuleTarget::Sku(sku) => sku.to_string(),
        RuleTarget::Product(product) => format!("product {}", product.0),
    }
}

/// What each cart has to keep, whoever it belongs to.
///
/// # Errors
/// Names the first line of what there is too much or too little of.
pub(super) fn check_lines(state: &State, lines: &[Line]) -> Result<(), Rejection> {
    for (target, rule) in state.carts_book.rules_of(lines) {
        check_units(rule, units_of(target, lines)).map_err(|error| refused(target, lines, &error))?;
    }
    Ok(())
}

/// The same, for what one line is of: a cart that broke another rule before can still be changed.
pub(super) fn check_line(state: &State, lines: &[Line], changed: &Line) -> Result<(), Rejection> {
    for (target, rule) in state.carts_book.rules_of(std::slice::from_ref(changed)) {
        check_units(rule, units_of(target, lines)).map_err(|error| refused(target, lines, &error))?;
    }
    Ok(())
}

/// What one buyer may have of each thing, over all payments in progress and the orders that count. `session` is the one that asks.
///
/// # Errors
/// Names the first line of what there would be too much of.
pub(super) fn check_buyer(
    state: &State,
    buyer: &Buyer,
    address: Option<&Address>,
    lines: &[Line],
    session: Option<&CheckoutId>,
) -> Result<(), Rejection> {
    let limits: Vec<(&RuleTarget, i64)> =
        state.carts_book.rules_of(lines).into_iter().filter_map(|(target, rule)| Some((target, rule.max_per_buyer?))).collect();
    if limits.is_empty() {
        return Ok(());
    }
    let names = BuyerKey::of_household(buyer, address);
    for (target, most) in limits {
        let had = names.iter().map(|name| units_had(state, *name, target, session, None)).max().unwrap_or(0);
        if had.saturating_add(units_of(target, lines)) > most {
            let left = most.saturating_sub(had).max(0);
            return Err(refused(target, lines, &QuantityError::TooManyForBuyer { left, most }));
        }
    }
    Ok(())
}

/// What a buyer has to keep whose order was placed and would hold `lines` where it holds `held`: of what it would hold no more of, nothing.
///
/// # Errors
/// Names the first line of what there would be too much or too little of.
pub(super) fn check_held(state: &State, order: &Order, held: &[Line], lines: &[Line]) -> Result<(), Rejection> {
    let names = BuyerKey::of_household(&order.buyer, Some(&order.address));
    for (target, rule) in state.carts_book.rules_of(lines) {
        let (before, after) = (units_of(target, held), units_of(target, lines));
        if after <= before {
            continue;
        }
        check_units(rule, after).map_err(|error| refused(target, lines, &error))?;
        let others = names.iter().map(|name| units_had(state, *name, target, None, Some(&order.id))).max().unwrap_or(0);
        if let Some(most) = rule.max_per_buyer.filter(|most| others.saturating_add(after) > *most) {
            return Err(refused(target, lines, &QuantityError::TooManyForBuyer { left: (most - others).max(0), most }));
        }
    }
    Ok(())
}

/// Units of a target that one name of a buyer has had lately or is paying for, beside those of a session and of an order.
fn units_had(state: &State, name: BuyerKey, target: &RuleTarget, session: Option<&CheckoutId>, order: Option<&OrderId>) -> i64 {
    let others = state.attempts_by_buyer.of(&name).filter(|id| Some(*id) != session);
    let paying = others.filter_map(|id| state.checkout(id)).map(|other| units_of(target, &other.lines));
    paying.fold(state.carts_book.bought_units(name, target, order), i64::saturating_add)
}

fn refused(target: &RuleTarget, lines: &[Line], error: &QuantityError) -> Rejection {
    let place = lines.iter().position(|line| holds_for(target, line)).unwrap_or(0);
    Rejection::invalid(format!("lines[{place}].quantity"), error)
}
