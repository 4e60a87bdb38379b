//! Shipments of an order and its fulfilment status.

use crate::event::trade::Units;
use crate::id::ShipmentId;
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// What left a house for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// Its name.
    pub id: ShipmentId,
    /// What left, and from where.
    pub units: Vec<Units>,
    /// When it left.
    pub shipped_at: Timestamp,
    /// When the carrier handed it over.
    pub delivered_at: Option<Timestamp>,
}

/// How far the goods of an order are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FulfilmentStatus {
    /// Nothing has left.
    Unfulfilled,
    /// Nothing has left, and something of it is not sold before a later date.
    Scheduled,
    /// Nothing has left, and something of it is not there yet.
    Backordered,
    /// Some units have left.
    Partial,
    /// All units have left.
    Fulfilled,
    /// All units were handed over.
    Delivered,
    /// Everything was handed over, and some of it came back.
    PartiallyReturned,
    /// All that left came back.
    Returned,
    /// The order was canceled before anything left.
    Canceled,
}

impl FulfilmentStatus {
    /// Every status.
    pub const ALL: [Self; 9] = [
        Self::Unfulfilled,
        Self::Scheduled,
        Self::Backordered,
        Self::Partial,
        Self::Fulfilled,
        Self::Delivered,
        Self::PartiallyReturned,
        Self::Returned,
        Self::Canceled,
    ];

    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unfulfilled => "unfulfilled",
            Self::Scheduled => "scheduled",
            Self::Backordered => "backordered",
            Self::Partial => "partial",
            Self::Fulfilled => "fulfilled",
            Self::Delivered => "delivered",
            Self::PartiallyReturned => "partially_returned",
            Self::Returned => "returned",
            Self::Canceled => "canceled",
        }
    }
}

/// The one writer of the fulfilment axis: the status after units left, were handed over or came back, from the status before, the units that
/// have not left yet, whether there are units that no location has, the shipments, and how many units came back.
#[must_use]
pub fn fulfilment_status(
    before: FulfilmentStatus,
    left_to_ship: &[Units],
    is_owed: bool,
    shipments: &[Shipment],
    returned_units: i64,
) -> FulfilmentStatus {
    let shipped_units = || shipments.iter().flat_map(|shipment| &shipment.units).map(|row| row.quantity).sum::<i64>();
    match (before, left_to_ship.is_empty() && !is_owed, shipments.is_empty()) {
        (FulfilmentStatus::Canceled, _, _) => before,
        (_, _, true) if is_owed => FulfilmentStatus::Backordered,
        (_, _, true) => before,
        (_, false, false) => FulfilmentStatus::Partial,
        (_, true, false) if returned_units > 0 && returned_units >= shipped_units() => FulfilmentStatus::Returned,
        (_, true, false) if shipments.iter().any(|shipment| shipment.delivered_at.is_none()) => FulfilmentStatus::Fulfilled,
        (_, true, false) if returned_units > 0 => FulfilmentStatus::PartiallyReturned,
        (_, true, false) => FulfilmentStatus::Delivered,
    }
}

/// The one writer of the fulfilment axis while nothing has left: by whether something waits for its release, or is not there yet.
#[must_use]
pub fn waiting_status(before: FulfilmentStatus, is_scheduled: bool, is_owed: bool) -> FulfilmentStatus {
    use FulfilmentStatus as S;
    match before {
        S::Unfulfilled | S::Scheduled | S::Backordered if is_scheduled => S::Scheduled,
        S::Unfulfilled | S::Scheduled | S::Backordered if is_owed => S::Backordered,
        S::Unfulfilled | S::Scheduled | S::Backordered => S::Unfulfilled,
        S::Partial | S::Fulfilled | S::Delivered | S::PartiallyReturned | S::Returned | S::Canceled => before,
    }
}

/// Why units cannot leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShipmentError {
    /// A row asks for no units, or for fewer than none.
    #[error("units[{0}].quantity: must be at least 1")]
    Quantity(usize),
    /// A row names a SKU and location twice.
    #[error("units[{0}]: stands twice")]
    Twice(usize),
    /// A row asks for more than the order still has allocated there.
    #[error("units[{0}].quantity: the order has fewer units left there")]
    TooMany(usize),
}

impl ShipmentError {
    /// The row at fault.
    #[must_use]
    pub fn row(&self) -> usize {
        match self {
            Self::Quantity(row) | Self::Twice(row) | Self::TooMany(row) => *row,
        }
    }
}

/// What is left of `left` when `taken` leaves.
///
/// # Errors
/// When a row of `taken` is not at least one unit, stands twice, or is more than is left.
pub fn take_units(left: &[Units], taken: &[Units]) -> Result<Vec<Units>, ShipmentError> {
    let mut rest = left.to_vec();
    for (row, wanted) in taken.iter().enumerate() {
        if wanted.quantity < 1 {
            return Err(ShipmentError::Quantity(row));
        }
        if taken[..row].iter().any(|earlier| (&earlier.sku, &earlier.location) == (&wanted.sku, &wanted.location)) {
            return Err(ShipmentError::Twice(row));
        }
        let found = rest.iter_mut().find(|units| (&units.sku, &units.location) == (&wanted.sku, &wanted.location));
        match found.filter(|units| units.quantity >= wanted.quantity) {
            Some(units) => units.quantity -= wanted.quantity,
            None => return Err(ShipmentError::TooMany(row)),
        }
    }
    rest.retain(|units| units.quantity > 0);
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{LocationId, Sku};

    fn units(rows: &[(&str, i64)]) -> Vec<Units> {
        let location = LocationId::new("l").expect("an id");
        rows.iter().map(|&(sku, quantity)| Units { sku: Sku::new(sku).expect("an id"), location: location.clone(), quantity }).collect()
    }

    fn shipment(is_delivered: bool) -> Shipment {
        let id = ShipmentId::new("s").expect("an id");
        Shipment { id, units: Vec::new(), shipped_at: Timestamp(1), delivered_at: is_delivered.then_some(Timestamp(2)) }
    }

    #[test]
    fn the_axis_follows_what_left_and_what_arrived() {
        use FulfilmentStatus as F;
        let some = units(&[("a", 1)]);
        let check = |before, left: &[Units], shipments: &[Shipment], after| {
            assert_eq!(fulfilment_status(before, left, false, shipments, 0), after);
        };
        check(F::Unfulfilled, &some, &[], F::Unfulfilled);
        check(F::Backordered, &some, &[], F::Backordered);
        check(F::Backordered, &some, &[shipment(false)], F::Partial);
        check(F::Unfulfilled, &some, &[shipment(true)], F::Partial);
        check(F::Partial, &[], &[shipment(true), shipment(false)], F::Fulfilled);
        check(F::Fulfilled, &[], &[shipment(true), shipment(true)], F::Delivered);
        check(F::Canceled, &[], &[], F::Canceled);
        assert_eq!(fulfilment_status(F::Unfulfilled, &[], true, &[], 0), F::Backordered);
        assert_eq!(fulfilment_status(F::Unfulfilled, &[], true, &[shipment(true)], 0), F::Partial);
        let mut left = shipment(true);
        left.units = units(&[("a", 2), ("b", 1)]);
        let check = |left_to_ship: &[Units], returned, after| {
            assert_eq!(fulfilment_status(F::Delivered, left_to_ship, false, std::slice::from_ref(&left), returned), after);
        };
        check(&[], 1, F::PartiallyReturned);
        check(&[], 3, F::Returned);
        check(&some, 3, F::Partial);
    }

    #[test]
    fn no_more_leaves_than_is_left() {
        let left = units(&[("a", 2), ("b", 1)]);
        assert_eq!(take_units(&left, &units(&[("a", 2)])), Ok(units(&[("b", 1)])));
        assert_eq!(take_units(&left, &left), Ok(Vec::new()));
        assert_eq!(take_units(&left, &units(&[("b", 1), ("a", 3)])), Err(ShipmentError::TooMany(1)));
        assert_eq!(take_units(&left, &units(&[("c", 1)])), Err(ShipmentError::TooMany(0)));
        assert_eq!(take_units(&left, &units(&[("a", 0)])), Err(ShipmentError::Quantity(0)));
        assert_eq!(take_units(&left, &units(&[("a", 1), ("a", 1)])), Err(ShipmentError::Twice(1)));
    }
}
