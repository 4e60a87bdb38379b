//! What can be asked about stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use crate::event::trade::{
    Account, Component, PurchaseLine, Receipt, SkuUnits, StockReason, StockTerms, Subject, TransferLine, TransferReceipt, Units,
};
use crate::id::{ChannelId, CheckoutId, CountId, LocationId, Ordinal, PurchaseOrderId, Sku, TransferId};
use crate::stdx::clock::Timestamp;

/// What somebody counted of one SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedUnits {
    /// What.
    pub sku: Sku,
    /// Units that were there.
    pub counted: i64,
    /// Units that should have been there; none: as when the count was opened.
    pub expected: Option<i64>,
}

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StockAction {
    /// Move units that lie at a location between what is available, damaged and held back, or between those and the outside.
    Shift {
        /// What, where and how many.
        units: Units,
        /// The product it is a variant of.
        product: Ordinal,
        /// Where they are.
        from: Account,
        /// Where they are to be.
        to: Account,
        /// Why.
        reason: StockReason,
    },
    /// Set what is known of a SKU at a location beside its units.
    SetTerms {
        /// What.
        sku: Sku,
        /// The product it is a variant of.
        product: Ordinal,
        /// Where.
        location: LocationId,
        /// All of it.
        terms: StockTerms,
    },
    /// Sell a SKU before its release, or under other terms than before.
    OpenPreorder {
        /// What.
        sku: Sku,
        /// The product it is a variant of.
        product: Ordinal,
        /// When it is released by itself.
        release_at: Timestamp,
        /// Units that may be promised beyond those on hand, where there are any such.
        caps: Vec<(LocationId, i64)>,
    },
    /// Release a SKU now.
    ReleasePreorder {
        /// What.
        sku: Sku,
    },
    /// Order goods from a supplier.
    OpenPurchase {
        /// Its new name.
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
    /// Replace what is ordered, or when it is expected.
    ChangePurchase {
        /// Which.
        purchase: PurchaseOrderId,
        /// All lines from now on.
        lines: Vec<PurchaseLine>,
    },
    /// Goods of a purchase arrived.
    ReceivePurchase {
        /// Which.
        purchase: PurchaseOrderId,
        /// What.
        receipts: Vec<Receipt>,
        /// Whether nothing more is expected.
        closes: bool,
    },
    /// Nothing more is expected of a purchase.
    CancelPurchase {
        /// Which.
        purchase: PurchaseOrderId,
    },
    /// Ask for units to go from one location to another.
    RequestTransfer {
        /// Its new name.
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
    /// Send a transfer.
    SendTransfer {
        /// Which.
        transfer: TransferId,
        /// What leaves; none named means all that was asked for.
        units: Vec<SkuUnits>,
    },
    /// Units of a transfer arrived, or never will.
    ReceiveTransfer {
        /// Which.
        transfer: TransferId,
        /// What; none named means that all that is on its way arrived.
        receipts: Vec<TransferReceipt>,
    },
    /// Do not send a transfer after all.
    CancelTransfer {
        /// Which.
        transfer: TransferId,
    },
    /// Have somebody count what lies at a location.
    OpenCount {
        /// Its new name.
        count: CountId,
        /// Where.
        location: LocationId,
        /// What; each SKU once.
        skus: Vec<Sku>,
    },
    /// Somebody counted.
    RecordCount {
        /// Which.
        count: CountId,
        /// What was found.
        counted: Vec<CountedUnits>,
    },
    /// End a count.
    CancelCount {
        /// Which.
        count: CountId,
    },
    /// Put units of a SKU aside for a channel.
    SetQuota {
        /// What.
        sku: Sku,
        /// For whom.
        channel: ChannelId,
        /// How many, together with those that it has sold since it was given a quota.
        units: i64,
    },
    /// Let a channel share what nobody has a quota of.
    ClearQuota {
        /// What.
        sku: Sku,
        /// Who.
        channel: ChannelId,
    },
    /// Let a checkout session buy through a channel.
    ChooseChannel {
        /// Which session.
        checkout: CheckoutId,
        /// Which channel; none: through no channel.
        channel: Option<ChannelId>,
    },
    /// Make a SKU a bundle of others.
    SetBundle {
        /// What.
        sku: Sku,
        /// The product it is a variant of.
        product: Ordinal,
        /// What one of it takes from stock.
        components: Vec<Component>,
    },
    /// Make a SKU no bundle any more.
    RemoveBundle {
        /// What.
        sku: Sku,
    },
}

impl StockAction {
    /// What the action is about, from which its answer is made; none for the process's own actions.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        Some(match self {
            Self::Shift { units: Units { sku, .. }, .. }
            | Self::SetTerms { sku, .. }
            | Self::OpenPreorder { sku, .. }
            | Self::ReleasePreorder { sku } => Subject::Stock(sku.clone()),
            Self::OpenPurchase { purchase, .. }
            | Self::ChangePurchase { purchase, .. }
            | Self::ReceivePurchase { purchase, .. }
            | Self::CancelPurchase { purchase } => Subject::Purchase(purchase.clone()),
            Self::RequestTransfer { transfer, .. }
            | Self::SendTransfer { transfer, .. }
            | Self::ReceiveTransfer { transfer, .. }
            | Self::CancelTransfer { transfer } => Subject::Transfer(transfer.clone()),
            Self::OpenCount { count, .. } | Self::RecordCount { count, .. } | Self::CancelCount { count } => Subject::Count(count.clone()),
            Self::SetQuota { sku, channel, .. } | Self::ClearQuota { sku, channel } => Subject::Quota(sku.clone(), channel.clone()),
            Self::ChooseChannel { checkout, .. } => Subject::Checkout(checkout.clone()),
            Self::SetBundle { sku, .. } | Self::RemoveBundle { sku } => Subject::Bundle(sku.clone()),
        })
    }
}
