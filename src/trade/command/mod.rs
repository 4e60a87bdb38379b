//! What can be asked of the trade engine, and why it says no.
//!
//! Commands carry everything that deciding needs beyond the state: new names, prices as the catalogue had them, and nothing random.

mod after_sale;
mod carts;
mod fulfilment;
mod payments;
mod pricing;
mod shoppers;
mod stock;

pub use after_sale::{AfterSaleAction, Edit};
pub use carts::{CartAction, Offer, Terms};
pub use fulfilment::FulfilmentAction;
pub use payments::{Part, PaymentAction};
pub use pricing::PricingAction;
pub use shoppers::ShopperAction;
pub use stock::{CountedUnits, StockAction};

use super::version::Condition;
use crate::event::trade::{Address, Buyer, Change, Line, StockReason, Units};
use crate::id::{CartId, CheckoutId, IdempotencyKey, LocationId, OrderId, Ordinal, PaymentId, ReservationId, ShipmentId, Sku};
use crate::money::Currency;
pub use crate::payment::{PaymentOutcome, StepAnswer};

/// One request to change something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The caller's key and the BLAKE3 digest of operation and body; none for the process's own commands.
    pub key: Option<(IdempotencyKey, [u8; 32])>,
    /// What is asked.
    pub action: Action,
}

/// How units on hand should change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StockChange {
    /// By so many.
    By(i64),
    /// To so many, whatever they were.
    To(i64),
    /// To `on_hand`, but only while they are `expected`.
    CompareAndSet {
        /// Units that the caller last saw.
        expected: i64,
        /// Units from now on.
        on_hand: i64,
    },
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Change units on hand.
    MoveStock {
        /// What.
        sku: Sku,
        /// The product it is a variant of.
        product: Ordinal,
        /// Where.
        location: LocationId,
        /// How.
        change: StockChange,
        /// Why.
        reason: StockReason,
    },
    /// Set safety stock and backorder cap.
    SetStockLimits {
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
    /// Open a cart with these lines.
    OpenCart {
        /// Its new name.
        cart: CartId,
        /// Whose.
        buyer: Buyer,
        /// The currency of all lines.
        currency: Currency,
        /// What is in it; may be empty.
        lines: Vec<Line>,
    },
    /// Replace the lines of a cart, and say anew whose it is.
    SetCartLines {
        /// Which.
        cart: CartId,
        /// Whose, when that is said; who has the cart already keeps it.
        buyer: Option<Buyer>,
        /// All lines from now on.
        lines: Vec<Line>,
    },
    /// Drop a cart.
    CloseCart {
        /// Which.
        cart: CartId,
    },
    /// Open a checkout session over a cart's lines or over these.
    OpenCheckout {
        /// Its new name.
        checkout: CheckoutId,
        /// The cart to take the lines from, if one.
        cart: Option<CartId>,
        /// Who buys.
        buyer: Buyer,
        /// Where the goods go, if known already.
        address: Option<Address>,
        /// The currency of all lines; a cart's own currency wins.
        currency: Currency,
        /// What is bought; ignored when `cart` is given.
        lines: Vec<Line>,
        /// What the buyer was shown and chose.
        terms: Terms,
    },
    /// Replace buyer, address and lines of an open checkout session.
    UpdateCheckout {
        /// Which.
        checkout: CheckoutId,
        /// Who buys.
        buyer: Buyer,
        /// Where the goods go.
        address: Option<Address>,
        /// What is bought.
        lines: Vec<Line>,
        /// What the buyer was shown and chose.
        terms: Terms,
    },
    /// Reserve stock and ask the provider for the money. The order follows when the provider has answered.
    CompleteCheckout {
        /// Which.
        checkout: CheckoutId,
        /// The new payment's name.
        payment: PaymentId,
        /// The new reservation's name.
        reservation: ReservationId,
        /// The provider to ask.
        provider: String,
        /// The provider's token for the instrument.
        token: String,
        /// What else pays, when several payments do: each its amount, and `payment` what is left. The order is placed when all are authorised.
        parts: Vec<Part>,
        /// What the buyer was shown.
        terms: Terms,
    },
    /// Cancel an open checkout session.
    CancelCheckout {
        /// Which.
        checkout: CheckoutId,
    },
    /// Tell what the provider said. An authorised payment places the order, a failed one frees the stock.
    ResolvePayment {
        /// Which.
        payment: PaymentId,
        /// The order's name, should one be placed.
        order: OrderId,
        /// What the provider said.
        outcome: PaymentOutcome,
    },
    /// Cancel an order that has not been shipped.
    CancelOrder {
        /// Which.
        order: OrderId,
        /// Why.
        reason: String,
    },
    /// Ship units of an order; none named means all that is left.
    ShipOrder {
        /// Which.
        order: OrderId,
        /// The new shipment's name.
        shipment: ShipmentId,
        /// What leaves, and from where.
        units: Vec<Units>,
    },
    /// The carrier handed a shipment over.
    DeliverShipment {
        /// Which order.
        order: OrderId,
        /// Which shipment.
        shipment: ShipmentId,
    },
    /// Do something only while its subject is as the caller read it.
    OnlyIf {
        /// What has to hold.
        condition: Condition,
        /// What is done then.
        action: Box<Action>,
    },
    /// Let time pass: reservations whose time ran out end. The pipeline sends it on its own.
    PassTime,
    /// Something about price lists, promotions, coupons, gift cards and store credit.
    Pricing(PricingAction),
    /// Something about carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.
    Cart(CartAction),
    /// Something about stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.
    Stock(StockAction),
    /// Something about fulfilment orders, waves, shipments on their way, promises kept.
    Fulfilment(FulfilmentAction),
    /// Something about payments after they were authorised: captures, refunds, disputes, what providers report.
    Payment(PaymentAction),
    /// Something about orders after they were placed: edits, canceled lines, holds, returns, exchanges, claims.
    AfterSale(AfterSaleAction),
    /// Something about what the shop keeps about people, and how it forgets them.
    Shopper(ShopperAction),
}

macro_rules! areas {
    ($($area:ident($action:ident)),*) => {$(
        impl From<$action> for Action {
            fn from(action: $action) -> Self {
                Self::$area(action)
            }
        }
    )*};
}

areas!(
    Pricing(PricingAction),
    Cart(CartAction),
    Stock(StockAction),
    Fulfilment(FulfilmentAction),
    Payment(PaymentAction),
    AfterSale(AfterSaleAction),
    Shopper(ShopperAction)
);

/// Why the engine said no. Nothing has happened then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nothing has that name.
    #[error("there is no {kind} {id}")]
    Unknown {
        /// `cart`, `checkout session`, `order`, `payment`, `shipment` or `location`.
        kind: &'static str,
        /// The name that was given.
        id: String,
    },
    /// The name is taken.
    #[error("there is a {kind} {id} already")]
    Exists {
        /// What kind of thing.
        kind: &'static str,
        /// The name that was given.
        id: String,
    },
    /// A field of the request is at fault.
    #[error("{field}: {reason}")]
    Invalid {
        /// Path of the field.
        field: String,
        /// What is wrong.
        reason: String,
    },
    /// The thing is in a state that does not allow it.
    #[error("the {kind} is {status}")]
    WrongStatus {
        /// What kind of thing.
        kind: &'static str,
        /// Its status.
        status: &'static str,
    },
    /// Fewer units can be sold than were asked for.
    #[error("{sku}: {available} available, {requested} asked for")]
    OutOfStock {
        /// What.
        sku: Sku,
        /// Units asked for, summed over all lines.
        requested: i64,
        /// Units available to sell.
        available: i64,
    },
    /// A compare-and-set found another number.
    #[error("{sku}: {on_hand} units on hand, {expected} expected")]
    StockChanged {
        /// What.
        sku: Sku,
        /// Units that the caller expected.
        expected: i64,
        /// Units there are.
        on_hand: i64,
    },
    /// It is not as the caller read it.
    #[error("{}", match found { Some(version) => format!("its version is {version}"), None => "it does not exist".to_owned() })]
    VersionChanged {
        /// How it is now; none when it does not exist.
        found: Option<String>,
    },
    /// What is bought costs something else than the buyer was shown.
    #[error("something else is to be paid than what was shown")]
    CartChanged {
        /// What changed.
        changes: Vec<Change>,
    },
    /// The session has asked for too many payments.
    #[error("this session has asked for {attempts_max} payments, which is the most there can be")]
    TooManyAttempts {
        /// How many there can be.
        attempts_max: u32,
    },
    /// The purchase does not go on. Why is not told: whoever tests stolen cards would learn from it.
    #[error("this order cannot be taken; nothing was charged")]
    Refused,
    /// The idempotency key was used with another operation or body.
    #[error("the idempotency key was used before with another request")]
    KeyReused,
}
