//! Units held for a checkout session, with a time to live.

use crate::event::trade::Units;
use crate::id::{CheckoutId, ReservationId};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// A live reservation. Ended ones are not kept: how they ended is counted in [`ReservationCounts`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// Its name.
    pub id: ReservationId,
    /// The session it is for.
    pub checkout: CheckoutId,
    /// What, where and how many; one row per SKU and location.
    pub units: Vec<Units>,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// How many reservations there ever were and how they ended: each exactly once, so `made` is the sum of the others and of the live ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReservationCounts {
    /// Begun.
    pub made: u64,
    /// Ended as the allocation of an order.
    pub committed: u64,
    /// Ended because the session was canceled or changed, or its payment failed.
    pub released: u64,
    /// Ended because their time ran out.
    pub expired: u64,
}
