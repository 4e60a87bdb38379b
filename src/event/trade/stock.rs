//! What happens to stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use super::{Component, StockReason, Units};
use crate::id::{ChannelId, CheckoutId, CountId, LineId, LocationId, OrderId, Ordinal, PurchaseOrderId, ReservationId, Sku, TransferId};
use crate::stdx::clock::Timestamp;
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

/// What is known of a SKU at a location beside its units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StockTerms {
    /// When so few units are left or on their way, more are ordered.
    pub reorder_point: Option<i64>,
    /// How many there should then be.
    pub reorder_to: Option<i64>,
    /// When units that are promised beyond those on hand are expected, while no purchase says so.
    pub backorder_expected_at: Option<Timestamp>,
}

/// One SKU of a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseLine {
    /// What.
    pub sku: Sku,
    /// The product it is a variant of.
    pub product: Ordinal,
    /// Units ordered, at least 1.
    pub ordered: i64,
    /// When they are expected.
    pub expected_at: Timestamp,
}

/// What arrived of one SKU of a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What.
    pub sku: Sku,
    /// Units that can be sold.
    pub accepted: i64,
    /// Units that are broken.
    #[serde(default)]
    pub damaged: i64,
    /// Units that somebody has to look at first.
    #[serde(default)]
    pub quality_hold: i64,
}

/// One SKU of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferLine {
    /// What.
    pub sku: Sku,
    /// The product it is a variant of.
    pub product: Ordinal,
    /// Units asked for, at least 1.
    pub requested: i64,
}

/// What became of units of one SKU of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferReceipt {
    /// What.
    pub sku: Sku,
    /// Units that arrived and can be sold.
    pub received: i64,
    /// Units that arrived broken.
    #[serde(default)]
    pub damaged: i64,
    /// Units that did not arrive and will not.
    #[serde(default)]
    pub lost: i64,
}

/// What somebody counted of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// What.
    pub sku: Sku,
    /// Units that should have been there.
    pub expected: i64,
    /// Units that were there.
    pub counted: i64,
}

/// Units of one SKU, wherever they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SkuUnits {
    /// What.
    pub sku: Sku,
    /// How many.
    pub quantity: i64,
}

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockEvent {
    /// Units that lie at a location moved from one account to another.
    Shifted {
        /// What, where and how many.
        units: Units,
        /// Where they were.
        from: Account,
        /// Where they are now.
        to: Account,
        /// Why.
        reason: StockReason,
    },
    /// What is known of a SKU at a location was replaced.
    TermsSet {
        /// What.
        sku: Sku,
        /// The product it is a variant of.
        product: Ordinal,
        /// Where.
        location: LocationId,
        /// All of it.
        terms: StockTerms,
    },
    /// A SKU is sold before its release, or is so under other terms than before.
    PreorderOpened {
        /// What.
        sku: Sku,
        /// The product it is a variant of.
        product: Ordinal,
        /// When it is released by itself.
        release_at: Timestamp,
        /// Units that may be promised beyond those on hand, where there are any such.
        caps: Vec<(LocationId, i64)>,
    },
    /// A SKU was released: what was ordered of it can be sent.
    PreorderReleased {
        /// What.
        sku: Sku,
    },
    /// Goods were ordered from a supplier.
    PurchaseOpened {
        /// The purchase's name.
        purchase: PurchaseOrderId,
        /// From whom.
        supplier: String,
        /// Where they are to arrive.
        location: LocationId,
        /// What; each SKU once.
        lines: Vec<PurchaseLine>,
        /// How much more than ordered may be received, in percent.
        over_percent: u8,
    },
    /// What was ordered, or when it is expected, was replaced.
    PurchaseChanged {
        /// Which.
        purchase: PurchaseOrderId,
        /// All lines from now on.
        lines: Vec<PurchaseLine>,
    },
    /// Goods of a purchase arrived; what lies there now is told by other events of the entry.
    PurchaseReceived {
        /// Which.
        purchase: PurchaseOrderId,
        /// What.
        receipts: Vec<Receipt>,
        /// Whether nothing more is expected.
        closes: bool,
    },
    /// Nothing more is expected of a purchase.
    PurchaseCanceled {
        /// Which.
        purchase: PurchaseOrderId,
    },
    /// Units are to go from one location to another.
    TransferRequested {
        /// The transfer's name.
        transfer: TransferId,
        /// Where they are.
        from: LocationId,
        /// Where they are to be.
        to: LocationId,
        /// What; each SKU once.
        lines: Vec<TransferLine>,
        /// When they are expected there.
        expected_at: Timestamp,
    },
    /// Units of a transfer left; what lies where they were is told by other events of the entry.
    TransferSent {
        /// Which.
        transfer: TransferId,
        /// What.
        units: Vec<SkuUnits>,
    },
    /// Units of a transfer arrived, or never will; what lies there now is told by other events of the entry.
    TransferReceived {
        /// Which.
        transfer: TransferId,
        /// What.
        receipts: Vec<TransferReceipt>,
    },
    /// A transfer is not to be sent after all.
    TransferCanceled {
        /// Which.
        transfer: TransferId,
    },
    /// Somebody is to count what lies at a location.
    CountOpened {
        /// The count's name.
        count: CountId,
        /// Where.
        location: LocationId,
        /// What, and how many should be there.
        lines: Vec<SkuUnits>,
    },
    /// Somebody counted; differences are told by other events of the entry.
    CountRecorded {
        /// Which.
        count: CountId,
        /// What was found.
        counted: Vec<Counted>,
    },
    /// A count came to its end before everything was counted.
    CountCanceled {
        /// Which.
        count: CountId,
    },
    /// Units of a SKU were put aside for a channel, which sells no more than those.
    QuotaSet {
        /// What.
        sku: Sku,
        /// For whom.
        channel: ChannelId,
        /// How many, together with those that it has sold since it was given a quota.
        units: i64,
    },
    /// A channel shares what nobody else has a quota of.
    QuotaCleared {
        /// What.
        sku: Sku,
        /// Who.
        channel: ChannelId,
    },
    /// A checkout session buys through a channel.
    ChannelChosen {
        /// Which session.
        checkout: CheckoutId,
        /// Which channel; none means that it shares what nobody has a quota of.
        channel: Option<ChannelId>,
    },
    /// A reservation takes units out of a channel's quota.
    QuotaDrawn {
        /// Which reservation.
        reservation: ReservationId,
        /// Which channel.
        channel: ChannelId,
        /// What, and how many.
        units: Vec<SkuUnits>,
    },
    /// A SKU is a bundle of others, or is one of others than before.
    BundleSet {
        /// What.
        sku: Sku,
        /// The product it is a variant of.
        product: Ordinal,
        /// What one of it takes from stock.
        components: Vec<Component>,
    },
    /// A SKU is no bundle any more.
    BundleRemoved {
        /// What.
        sku: Sku,
    },
    /// What bundles in a checkout session take from stock was looked up anew.
    ComponentsSet {
        /// Which session.
        checkout: CheckoutId,
        /// What one of each line takes, where that has changed.
        components: Vec<(LineId, Vec<Component>)>,
    },
    /// An order that was edited, or exchanged for, takes more units out of its channel's quota.
    OrderQuotaDrawn {
        /// Which order.
        order: OrderId,
        /// Which channel.
        channel: ChannelId,
        /// What, and how many in addition.
        units: Vec<SkuUnits>,
    },
}
