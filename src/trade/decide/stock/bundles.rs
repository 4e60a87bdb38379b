//! Bundles: what they are, and what lines with bundles take from stock.
//!
//! Lines are given their components here and nowhere else, when they are put into a cart or session and again when the session is completed,
//! so that what is checked is the demand of today's definition, summed over all lines and components. What an order was placed with stays.

use super::{check_rows, check_units, happened};
use crate::cart::{QUANTITY_MAX, demand};
use crate::event::TradeEvent;
use crate::event::trade::{Component, Line, StockEvent};
use crate::id::{LineId, Ordinal, Sku};
use crate::order::Checkout;
use crate::trade::command::Rejection;
use crate::trade::state::State;
use std::borrow::Cow;

/// Most components of one bundle.
const COMPONENTS_MAX: usize = 50;
/// Most bundles that one SKU is part of: all of them follow each change of its stock.
const BUNDLES_OF_SKU_MAX: usize = 1_000;

pub(super) fn set(state: &State, sku: &Sku, product: Ordinal, components: &[Component]) -> Result<Vec<TradeEvent>, Rejection> {
    check_rows("components", components.iter().map(|part| &part.sku))?;
    if components.len() > COMPONENTS_MAX {
        return Err(Rejection::invalid("components", format!("must be between 1 and {COMPONENTS_MAX}")));
    }
    let stock = state.stock();
    if !stock.bundles_with(sku).is_empty() {
        return Err(Rejection::invalid("sku", format!("{sku} is part of a bundle itself")));
    }
    if stock.row(sku).is_some_and(|row| row.locations.iter().any(|stock| stock.buckets.is_in_use())) {
        return Err(Rejection::invalid("sku", format!("{sku} is stocked itself")));
    }
    for (row, part) in components.iter().enumerate() {
        let field = |name: &str| format!("components[{row}].{name}");
        check_units(field("quantity"), part.quantity, 1)?;
        if part.quantity > QUANTITY_MAX {
            return Err(Rejection::invalid(field("quantity"), format!("must be between 1 and {QUANTITY_MAX}")));
        }
        if part.sku == *sku || stock.bundle(&part.sku).is_some() {
            return Err(Rejection::invalid(field("sku"), "is a bundle itself"));
        }
        let bundles = stock.bundles_with(&part.sku);
        if bundles.len() >= BUNDLES_OF_SKU_MAX && !bundles.contains(sku) {
            return Err(Rejection::invalid(field("sku"), format!("is part of {BUNDLES_OF_SKU_MAX} bundles already")));
        }
    }
    let mut sorted = components.to_vec();
    sorted.sort_unstable();
    if stock.bundle(sku).is_some_and(|known| known.product == product && known.components == sorted) {
        return Ok(Vec::new());
    }
    Ok(vec![happened(StockEvent::BundleSet { sku: sku.clone(), product, components: sorted })])
}

pub(super) fn remove(state: &State, sku: &Sku) -> Result<Vec<TradeEvent>, Rejection> {
    state.stock().bundle(sku).ok_or_else(|| Rejection::unknown("bundle", sku))?;
    Ok(vec![happened(StockEvent::BundleRemoved { sku: sku.clone() })])
}

fn components_of<'a>(state: &'a State, line: &Line) -> &'a [Component] {
    state.stock().bundle(&line.sku).map_or(&[], |bundle| &bundle.components)
}

/// `lines` with the components of today.
pub(in crate::trade::decide) fn exploded<'a>(state: &State, lines: &'a [Line]) -> Cow<'a, [Line]> {
    if lines.iter().all(|line| line.components == components_of(state, line)) {
        return Cow::Borrowed(lines);
    }
    let today = |line: &Line| Line { components: components_of(state, line).to_vec(), ..line.clone() };
    Cow::Owned(lines.iter().map(today).collect())
}

/// The lines of a session with the components of today, and what is to be written down when they differ from those it has.
///
/// # Errors
/// When a line takes more of a component than can be counted.
pub(in crate::trade::decide) fn renewed<'a>(
    state: &State,
    session: &'a Checkout,
) -> Result<(Cow<'a, [Line]>, Option<TradeEvent>), Rejection> {
    let lines = exploded(state, &session.lines);
    check_demand(&lines)?;
    let event = match &lines {
        Cow::Borrowed(_) => None,
        Cow::Owned(today) => {
            let changed = today.iter().zip(session.lines.iter()).filter(|(today, before)| today.components != before.components);
            let components: Vec<(LineId, Vec<Component>)> =
                changed.map(|(today, _)| (today.id.clone(), today.components.clone())).collect();
            Some(happened(StockEvent::ComponentsSet { checkout: session.id.clone(), components }))
        }
    };
    Ok((lines, event))
}

fn check_demand(lines: &[Line]) -> Result<(), Rejection> {
    if lines.iter().all(|line| line.components.is_empty()) {
        return Ok(());
    }
    demand(lines).into_values().try_for_each(|units| check_units("lines", units, 0))
}
