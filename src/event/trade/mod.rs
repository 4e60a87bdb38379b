//! What happens to carts, checkout sessions, orders, payments and stock.
//!
//! [`TradeEvent`] holds the plain course of trade, from a cart to a delivered order; what every area adds to it stands in the area's own file.

pub mod after_sale;
mod buyer_key;
pub mod carts;
pub mod fulfilment;
mod parts;
pub mod payments;
pub mod pricing;
pub mod shoppers;
pub mod stock;

pub use after_sale::AfterSaleEvent;
pub use buyer_key::{BuyerKey, normal_email, normal_street};
pub use carts::{CartEvent, CartKind, CartPart, Change, Decision, Delivery, OneClick, QuantityRule, RuleTarget, Verdict};
pub use fulfilment::FulfilmentEvent;
pub use parts::{
    Address, Buyer, Claims, Component, Consent, Discount, Line, LineAmounts, PaymentFailure, Posting, ReleaseReason, ShippingAmounts,
    StockReason, Subject, TaxAmount, Tender, Totals, Units,
};
pub use payments::{NoticeDigest, PaymentEvent, StepKind};
pub use pricing::PricingEvent;
pub use shoppers::ShopperEvent;
pub use stock::{Account, Counted, PurchaseLine, Receipt, SkuUnits, StockEvent, StockTerms, TransferLine, TransferReceipt};

use crate::id::{CartId, CheckoutId, IdempotencyKey, LocationId, OrderId, Ordinal, PaymentId, ReservationId, ShipmentId, Sku};
use crate::money::{Currency, Money};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// Events of the trade stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TradeEvent {
    /// Units on hand of one SKU at one location changed.
    StockMoved {
        /// What.
        sku: Sku,
        /// The product it is a variant of.
        product: Ordinal,
        /// Where.
        location: LocationId,
        /// Change of units on hand.
        on_hand_delta: i64,
        /// Why.
        reason: StockReason,
    },
    /// Units that are never sold from here, and how far below zero backorders may go.
    StockLimitsSet {
        /// What.
        sku: Sku,
        /// The product it is a variant of.
        product: Ordinal,
        /// Where.
        location: LocationId,
        /// Units kept back from sale.
        safety_stock: i64,
        /// Units that may be sold beyond what is on hand.
        backorder_cap: i64,
    },
    /// A cart was opened.
    CartOpened {
        /// Its name.
        cart: CartId,
        /// Whose.
        buyer: Buyer,
        /// The currency of all its lines.
        currency: Currency,
    },
    /// The lines of a cart were replaced.
    CartLinesSet {
        /// Which cart.
        cart: CartId,
        /// All its lines from now on.
        lines: Vec<Line>,
    },
    /// A cart came to its end: ordered, merged into another, or dropped.
    CartClosed {
        /// Which cart.
        cart: CartId,
    },
    /// A checkout session was opened over lines.
    CheckoutOpened {
        /// Its name.
        checkout: CheckoutId,
        /// The cart it came from, if one did.
        cart: Option<CartId>,
        /// Whose.
        buyer: Buyer,
        /// What is bought.
        lines: Vec<Line>,
        /// What it comes to.
        totals: Totals,
    },
    /// Lines, buyer or address of a checkout session changed.
    CheckoutUpdated {
        /// Which session.
        checkout: CheckoutId,
        /// Who buys.
        buyer: Buyer,
        /// Where the goods go.
        address: Option<Address>,
        /// What is bought.
        lines: Vec<Line>,
        /// What it comes to.
        totals: Totals,
    },
    /// The checkout session was canceled, or its time ran out.
    CheckoutCanceled {
        /// Which session.
        checkout: CheckoutId,
    },
    /// Units are held for a checkout session.
    StockReserved {
        /// The reservation's name.
        reservation: ReservationId,
        /// For which session.
        checkout: CheckoutId,
        /// What, where and how many; one row per SKU and location.
        units: Vec<Units>,
        /// When it ends by itself.
        expires_at: Timestamp,
    },
    /// A reservation lives longer.
    ReservationExtended {
        /// Which.
        reservation: ReservationId,
        /// When it ends by itself now.
        expires_at: Timestamp,
    },
    /// A reservation ended and its units are free again.
    ReservationReleased {
        /// Which.
        reservation: ReservationId,
        /// Why.
        reason: ReleaseReason,
    },
    /// The provider is to be asked to authorise a payment. It is asked only after this event is durable.
    PaymentRequested {
        /// The payment's name; also the provider's idempotency key.
        payment: PaymentId,
        /// For which session.
        checkout: CheckoutId,
        /// How much.
        amount: Money,
        /// The provider's name.
        provider: String,
        /// The provider's token for the instrument. Never a card number.
        token: String,
    },
    /// The provider authorised.
    PaymentAuthorized {
        /// Which.
        payment: PaymentId,
        /// The provider's name for it.
        provider_reference: String,
    },
    /// The provider did not authorise.
    PaymentFailed {
        /// Which.
        payment: PaymentId,
        /// Why.
        failure: PaymentFailure,
    },
    /// Nobody knows whether the provider authorised; it is resolved by look-up.
    PaymentUnknown {
        /// Which.
        payment: PaymentId,
    },
    /// The provider is to be asked to take the money of an order that has left.
    PaymentCaptureRequested {
        /// Which.
        payment: PaymentId,
    },
    /// The provider took the money.
    PaymentCaptured {
        /// Which.
        payment: PaymentId,
        /// How much of it.
        amount: Money,
    },
    /// The provider is to be asked to give an authorisation back: its order was canceled, or never came to be.
    PaymentVoidRequested {
        /// Which.
        payment: PaymentId,
    },
    /// An authorisation was given back.
    PaymentVoided {
        /// Which.
        payment: PaymentId,
    },
    /// Captured money was given back.
    PaymentRefunded {
        /// Which.
        payment: PaymentId,
        /// How much of it.
        amount: Money,
    },
    /// Money moved between accounts of the ledger.
    LedgerPosted {
        /// The posting.
        posting: Posting,
    },
    /// A checkout session became an order: its reservation became an allocation, in the same entry.
    OrderPlaced {
        /// The order's name.
        order: OrderId,
        /// From which session.
        checkout: CheckoutId,
        /// Who bought.
        buyer: Buyer,
        /// Where the goods go.
        address: Address,
        /// What was bought.
        lines: Vec<Line>,
        /// What it came to.
        totals: Totals,
        /// How it is paid.
        payment: PaymentId,
        /// What else pays it, when several payments do. Empty in what an earlier release wrote.
        #[serde(default)]
        more_payments: Vec<PaymentId>,
        /// The reservation that became the allocation.
        reservation: ReservationId,
        /// The units assigned, and from where.
        units: Vec<Units>,
    },
    /// An order was canceled before it was shipped; its units are free again.
    OrderCanceled {
        /// Which.
        order: OrderId,
        /// What it was for, so that a projection can take it back without remembering orders.
        lines: Vec<Line>,
        /// Why, in the caller's words.
        reason: String,
    },
    /// Units of an order left a location: they are no longer on hand nor allocated.
    OrderShipped {
        /// Which order.
        order: OrderId,
        /// The shipment's name.
        shipment: ShipmentId,
        /// What left, and from where.
        units: Vec<Units>,
    },
    /// The carrier handed a shipment over.
    ShipmentDelivered {
        /// Which order.
        order: OrderId,
        /// Which shipment.
        shipment: ShipmentId,
    },
    /// A write was done under a caller's key, in the same entry as its effect: repeating it gives the same answer.
    KeyUsed {
        /// The caller's key.
        key: IdempotencyKey,
        /// BLAKE3 of operation and body, so that the same key with another body is refused.
        body_hash: [u8; 32],
        /// What the write was about, from which its answer is made again.
        subject: Subject,
    },
    /// To do with price lists, promotions, coupons, gift cards and store credit.
    Pricing(PricingEvent),
    /// To do with carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.
    Cart(CartEvent),
    /// To do with stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.
    Stock(StockEvent),
    /// To do with fulfilment orders, waves, shipments on their way, promises kept.
    Fulfilment(FulfilmentEvent),
    /// To do with payments after they were authorised: captures, refunds, disputes, what providers report.
    Payment(PaymentEvent),
    /// To do with orders after they were placed: edits, canceled lines, holds, returns, exchanges, claims.
    AfterSale(AfterSaleEvent),
    /// To do with what the shop keeps about people, and how it forgets them.
    Shopper(ShopperEvent),
}
