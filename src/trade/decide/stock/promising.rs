//! What may be promised beyond what is there: dates of backorders, sales before the release, and when to order more.

use super::{check_expected, check_stocked, check_units, happened};
use crate::event::TradeEvent;
use crate::event::trade::{StockEvent, StockTerms};
use crate::id::{LocationId, Ordinal, Sku};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::decide::units::{Place, refusal};
use crate::trade::state::State;
use std::collections::BTreeSet;

/// Most locations that a SKU is sold from before its release.
const CAPS_MAX: usize = 1_000;

pub(super) fn set_terms(state: &State, place: Place<'_>, terms: StockTerms, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    check_stocked(state, "sku", place.sku)?;
    check_units("reorder_point", terms.reorder_point.unwrap_or(0), 0)?;
    check_units("reorder_to", terms.reorder_to.unwrap_or(0), 0)?;
    if let Some(at) = terms.backorder_expected_at {
        check_expected("backorder_expected_at_ms", at, now)?;
    }
    match (terms.reorder_point, terms.reorder_to) {
        (None, Some(_)) => return Err(Rejection::invalid("reorder_to", "needs a reorder_point")),
        (Some(point), Some(to)) if to < point => return Err(Rejection::invalid("reorder_to", "must not be below the reorder_point")),
        _ => {}
    }
    if state.stock().terms(place.sku, place.location) == terms && place.is_known(state) {
        return Ok(Vec::new());
    }
    let (sku, location) = (place.sku.clone(), place.location.clone());
    Ok(vec![happened(StockEvent::TermsSet { sku, product: place.product, location, terms })])
}

pub(super) fn open_preorder(
    state: &State,
    sku: &Sku,
    product: Ordinal,
    release_at: Timestamp,
    caps: &[(LocationId, i64)],
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    check_stocked(state, "sku", sku)?;
    if release_at <= now {
        return Err(Rejection::invalid("release_at_ms", "must be in the future"));
    }
    check_expected("release_at_ms", release_at, now)?;
    if !(1..=CAPS_MAX).contains(&caps.len()) {
        return Err(Rejection::invalid("caps", format!("must be between 1 and {CAPS_MAX}")));
    }
    let mut seen = BTreeSet::new();
    for (row, (location, cap)) in caps.iter().enumerate() {
        check_units(format!("caps[{row}].units"), *cap, 0)?;
        if !seen.insert(location) {
            return Err(Rejection::invalid(format!("caps[{row}].location"), "stands twice"));
        }
    }
    let row = state.stock().row(sku).filter(|row| row.release_at.is_none());
    if row.is_some_and(|row| row.locations.iter().any(|stock| stock.buckets.held() > 0)) {
        return Err(Rejection::invalid("sku", "units of it are promised to sessions or orders for an earlier date"));
    }
    state.stock().after_preorder(sku, caps).map_err(|error| refusal(&error, "caps"))?;
    Ok(vec![happened(StockEvent::PreorderOpened { sku: sku.clone(), product, release_at, caps: caps.to_vec() })])
}

pub(super) fn release(state: &State, sku: &Sku) -> Result<Vec<TradeEvent>, Rejection> {
    let row = state.stock().row(sku).ok_or_else(|| Rejection::unknown("SKU", sku))?;
    Ok(row.release_at.map(|_| happened(StockEvent::PreorderReleased { sku: sku.clone() })).into_iter().collect())
}
