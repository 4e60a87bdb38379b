//! What happens to stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use serde::{Deserialize, Serialize};

/// Where units of one SKU at one location are. Every change of stock is a movement from one account to another, so no unit appears or
/// disappears but from or to the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// On hand and promised to nobody. The one account that may fall below zero: by units that are promised and still have to come.
    Available,
    /// On hand or still to come, held for checkout sessions.
    Reserved,
    /// On hand or still to come, assigned to orders, on the shelf.
    Allocated,
    /// On hand, assigned to orders, off the shelf.
    Picked,
    /// On hand, but not fit to be sold.
    Damaged,
    /// On hand, but not to be sold before somebody has looked at them.
    QualityHold,
    /// Ordered from a supplier, not here yet.
    Incoming,
    /// On their way here from another location.
    InTransit,
    /// Outside: with suppliers.
    Supplier,
    /// Outside: with shoppers.
    Customer,
    /// Outside: lost, broken, given away, or found where none were thought to be.
    WrittenOff,
}

impl Account {
    /// Its name in requests and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Reserved => "reserved",
            Self::Allocated => "allocated",
            Self::Picked => "picked",
            Self::Damaged => "damaged",
            Self::QualityHold => "quality_hold",
            Self::Incoming => "incoming",
            Self::InTransit => "in_transit",
            Self::Supplier => "supplier",
            Self::Customer => "customer",
            Self::WrittenOff => "written_off",
        }
    }

    /// Whether units in it lie at the location.
    #[must_use]
    pub fn is_on_hand(self) -> bool {
        match self {
            Self::Available | Self::Reserved | Self::Allocated | Self::Picked | Self::Damaged | Self::QualityHold => true,
            Self::Incoming | Self::InTransit | Self::Supplier | Self::Customer | Self::WrittenOff => false,
        }
    }
}

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockEvent {}
