//! What happens to carts, checkout sessions, orders, payments and stock.

use crate::id::{
    CartId, CheckoutId, IdempotencyKey, LineId, LocationId, OrderId, Ordinal, PaymentId, ReservationId, SessionId, ShipmentId, ShopperId,
    Sku,
};
use crate::money::{Currency, Money};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// One line of a cart, checkout session or order, with the price it was promised at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The line's own name, stable from cart to order.
    pub id: LineId,
    /// What is bought.
    pub sku: Sku,
    /// The product that the SKU is a variant of.
    pub product: Ordinal,
    /// Title at the time it was added.
    pub title: String,
    /// Units, at least 1.
    pub quantity: i64,
    /// Price of one unit when it was added.
    pub unit_price: Money,
}

/// Units of one SKU at one location.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Units {
    /// What.
    pub sku: Sku,
    /// Where.
    pub location: LocationId,
    /// How many, at least 1.
    pub quantity: i64,
}

/// Why stock on hand changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockReason {
    /// Goods arrived.
    Received,
    /// A count found another number.
    Counted,
    /// A correction.
    Adjusted,
    /// A shopper sent them back.
    Returned,
    /// They are broken or lost.
    WrittenOff,
}

/// Why a reservation ended without becoming an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// The checkout session was canceled.
    Canceled,
    /// The payment was declined or failed.
    PaymentFailed,
    /// Its time ran out.
    Expired,
    /// The checkout session's lines changed; another reservation follows.
    Replaced,
}

/// Where the goods go.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Full name.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Town.
    pub city: String,
    /// Postal code.
    pub postal_code: String,
    /// State or province.
    pub region: String,
    /// ISO 3166 two letters.
    pub country: String,
}

/// Who buys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Buyer {
    /// The known person, if signed in.
    pub shopper: Option<ShopperId>,
    /// The visit.
    pub session: Option<SessionId>,
    /// Where the confirmation goes.
    pub email: Option<String>,
    /// Full name.
    pub name: Option<String>,
}

/// What a cart or checkout session comes to; every part in one currency, and `total` is their sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Sum of quantity × unit price.
    pub subtotal: Money,
    /// Sum of discounts, zero or negative.
    pub discount: Money,
    /// Shipping.
    pub shipping: Money,
    /// Tax on top of the prices.
    pub tax: Money,
    /// What is to be paid.
    pub total: Money,
}

/// Why a payment did not go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentFailure {
    /// The provider said no.
    Declined,
    /// The provider could not be reached or answered nonsense, and a look-up showed that nothing was authorised.
    Failed,
}

/// One posting of the double-entry ledger: `amount` moves from one account to another, so the sum over accounts is always zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Account that gives, e.g. `receivable/<order>`.
    pub from: String,
    /// Account that receives, e.g. `provider/test`.
    pub to: String,
    /// How much; positive.
    pub amount: Money,
}

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
}

/// What a write was about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A cart.
    Cart(CartId),
    /// A checkout session.
    Checkout(CheckoutId),
    /// An order.
    Order(OrderId),
    /// Stock of a SKU.
    Stock(Sku),
}
