//! Inventory: buckets of units per SKU and location, reservations with a time to live, and what is available to sell.

mod backlog;
mod book;
mod bucket;
mod count;
mod promise;
mod purchase;
mod reorder;
mod reservation;
mod row;
mod stock;
mod transfer;
mod verify;

pub use backlog::Backlog;
pub use book::{Arrival, Draw, Source, StockBook};
pub use bucket::{Buckets, UNITS_MAX};
pub use count::{CountLine, CountStatus, StockCount};
pub use promise::{Promised, promised_at, promises};
pub use purchase::{Purchase, PurchaseStatus, PurchasedSku, ReceiptError};
pub use reorder::{Cover, Proposal, Suggested, suggested};
pub use reservation::{Reservation, ReservationCounts};
pub use row::{LocationStock, StockRow};
pub use stock::{Bundle, Condition, Quota, Stock};
pub use transfer::{Transfer, TransferStatus, TransferredSku};

use crate::id::{LocationId, ReservationId, Sku};

/// Why stock cannot change as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InventoryError {
    /// More units would be promised than there are.
    #[error("{sku} at {location}: {held} units are reserved or allocated, {coverable} could be covered")]
    Oversold {
        /// What.
        sku: Sku,
        /// Where.
        location: LocationId,
        /// Units reserved and allocated there.
        held: i64,
        /// Units on hand and allowed as backorders there.
        coverable: i64,
    },
    /// A bucket would leave 0 to [`UNITS_MAX`].
    #[error("{sku} at {location}: {bucket} must be between 0 and {UNITS_MAX}")]
    OutOfRange {
        /// What.
        sku: Sku,
        /// Where.
        location: LocationId,
        /// Which bucket.
        bucket: &'static str,
    },
    /// More units were taken off the shelf, are damaged or are held back than lie there.
    #[error("{sku} at {location}: {on_hand} units are on hand, fewer than were picked, are damaged or are held back")]
    NotThere {
        /// What.
        sku: Sku,
        /// Where.
        location: LocationId,
        /// Units that lie there.
        on_hand: i64,
    },
    /// The SKU was never stocked there.
    #[error("{sku} was never stocked at {location}")]
    UnknownStock {
        /// What.
        sku: Sku,
        /// Where.
        location: LocationId,
    },
    /// No such reservation is live: it never was, or it has ended.
    #[error("no live reservation {0}")]
    UnknownReservation(ReservationId),
    /// The name of a live reservation cannot be taken again.
    #[error("reservation {0} is live already")]
    ReservationExists(ReservationId),
}
