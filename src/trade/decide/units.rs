//! Stock on hand and its limits.

use crate::event::TradeEvent;
use crate::event::trade::StockReason;
use crate::id::{LocationId, Ordinal, Sku};
use crate::inventory::{InventoryError, UNITS_MAX};
use crate::trade::command::{Rejection, StockChange};
use crate::trade::state::State;

/// One SKU at one location.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) sku: &'a Sku,
    pub(super) product: Ordinal,
    pub(super) location: &'a LocationId,
}

impl Place<'_> {
    /// Whether the state says the same about SKU, product and location, so that a change of nothing is nothing to write down.
    pub(super) fn is_known(&self, state: &State) -> bool {
        state.stock().row(self.sku).is_some_and(|row| row.product == self.product && row.at(self.location).is_some())
    }
}

pub(super) fn move_stock(state: &State, place: Place<'_>, change: StockChange, reason: StockReason) -> Result<Vec<TradeEvent>, Rejection> {
    check_stocked(state, "sku", place.sku)?;
    let on_hand = state.buckets(place.sku, place.location).on_hand;
    let wanted = match change {
        StockChange::By(delta) => on_hand.saturating_add(delta),
        StockChange::To(wanted) => wanted,
        StockChange::CompareAndSet { expected, .. } if expected != on_hand => {
            return Err(Rejection::StockChanged { sku: place.sku.clone(), expected, on_hand });
        }
        StockChange::CompareAndSet { on_hand, .. } => on_hand,
    };
    if !(0..=UNITS_MAX).contains(&wanted) {
        return Err(Rejection::invalid("on_hand", format!("must be between 0 and {UNITS_MAX}, would be {wanted}")));
    }
    let on_hand_delta = wanted - on_hand;
    if on_hand_delta == 0 && place.is_known(state) {
        return Ok(Vec::new());
    }
    state.stock().after_move(place.sku, place.location, on_hand_delta).map_err(|error| refusal(&error, "on_hand"))?;
    let (sku, location) = (place.sku.clone(), place.location.clone());
    Ok(vec![TradeEvent::StockMoved { sku, product: place.product, location, on_hand_delta, reason }])
}

pub(super) fn set_limits(state: &State, place: Place<'_>, safety_stock: i64, backorder_cap: i64) -> Result<Vec<TradeEvent>, Rejection> {
    check_stocked(state, "sku", place.sku)?;
    let before = state.buckets(place.sku, place.location);
    if (before.safety_stock, before.backorder_cap) == (safety_stock, backorder_cap) && place.is_known(state) {
        return Ok(Vec::new());
    }
    let after = state.stock().after_limits(place.sku, place.location, safety_stock, backorder_cap);
    after.map_err(|error| refusal(&error, "backorder_cap"))?;
    let (sku, location) = (place.sku.clone(), place.location.clone());
    Ok(vec![TradeEvent::StockLimitsSet { sku, product: place.product, location, safety_stock, backorder_cap }])
}

/// Checks that a SKU is stocked itself.
pub(super) fn check_stocked(state: &State, field: impl Into<String>, sku: &Sku) -> Result<(), Rejection> {
    match state.stock().bundle(sku) {
        Some(_) => Err(Rejection::invalid(field, format!("{sku} is a bundle, whose components are stocked"))),
        None => Ok(()),
    }
}

/// The field that a refused bucket was asked for by.
pub(super) fn refusal(error: &InventoryError, field: &str) -> Rejection {
    match error {
        InventoryError::OutOfRange { bucket, .. } => Rejection::invalid(*bucket, format!("must be between 0 and {UNITS_MAX}")),
        InventoryError::Oversold { held, coverable, .. } => {
            let reason = match *coverable {
                ..0 => format!("there would be {} units too few", coverable.unsigned_abs()),
                _ => format!("{held} units are reserved or allocated there, and only {coverable} could be covered"),
            };
            Rejection::invalid(field, reason)
        }
        InventoryError::NotThere { .. } => {
            Rejection::invalid(field, "fewer would be on hand than were picked, are damaged or are held back")
        }
        InventoryError::UnknownStock { .. } | InventoryError::UnknownReservation(_) | InventoryError::ReservationExists(_) => {
            Rejection::invalid(field, error)
        }
    }
}
