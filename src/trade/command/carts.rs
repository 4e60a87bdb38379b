//! What can be asked about carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use crate::cart::MergePolicy;
use crate::event::trade::{CartKind, CartPart, Claims, Line, OneClick, QuantityRule, RuleTarget, Subject, Verdict};
use crate::id::{CartId, CheckoutId, LineId, OrderId, PaymentId, ReservationId, ShopperId, Sku};
use crate::money::{Currency, Money};

/// What a buyer was shown and chose, and what the catalogue says today: whatever differs is told before any money is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// What the total was when the buyer last saw it.
    pub expected_total: Option<Money>,
    /// What the catalogue asks today. A line whose SKU is not named here keeps its price.
    pub offers: Vec<Offer>,
    /// The delivery option that is wanted.
    pub delivery: Option<String>,
}

/// What one unit of a SKU costs today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What.
    pub sku: Sku,
    /// Its price; none when it is not sold any more.
    pub unit_price: Option<Money>,
}

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CartAction {
    /// Name a cart, or make it a list or a cart.
    Describe {
        /// Which.
        cart: CartId,
        /// What its shopper calls it.
        name: Option<String>,
        /// What it is for.
        kind: CartKind,
    },
    /// Put units into a part of a cart: more of a line that is there at the same price, or one more line.
    AddLine {
        /// Which cart.
        cart: CartId,
        /// Which part.
        part: CartPart,
        /// What; its name counts only if it is free.
        line: Line,
    },
    /// Change the units of one line; none takes it out. Other lines stay as they are, whoever is changing them at the same time.
    ChangeLine {
        /// Which cart.
        cart: CartId,
        /// Which part.
        part: CartPart,
        /// Which line.
        line: LineId,
        /// Units from now on.
        quantity: i64,
    },
    /// Move one line into the other part: save it for later, or bring it back.
    MoveLine {
        /// Which cart.
        cart: CartId,
        /// The part it stands in.
        from: CartPart,
        /// Which line.
        line: LineId,
    },
    /// A guest signed in: their cart becomes the shopper's, or part of the shopper's cart. Whoever asks holds the guest cart's name, which
    /// nobody can guess.
    Merge {
        /// The guest's cart.
        guest: CartId,
        /// Who signed in.
        shopper: ShopperId,
        /// The shopper's cart; none means the one touched last, or the guest's cart itself when there is none.
        into: Option<CartId>,
        /// What becomes of the lines.
        policy: MergePolicy,
    },
    /// Set how many units one buyer may have.
    SetQuantityRule {
        /// Of what.
        target: RuleTarget,
        /// The rule.
        rule: QuantityRule,
    },
    /// Take a quantity rule away.
    RemoveQuantityRule {
        /// Whose.
        target: RuleTarget,
    },
    /// Choose how the goods of a session travel.
    ChooseDelivery {
        /// Which session.
        checkout: CheckoutId,
        /// The option's name.
        option: String,
    },
    /// The shopper of a session that is being paid for is still there: its reservation lives longer, up to a cap.
    KeepSession {
        /// Which.
        checkout: CheckoutId,
    },
    /// A service outside has looked at a session for fraud.
    JudgeCheckout {
        /// Which.
        checkout: CheckoutId,
        /// What it found.
        verdict: Verdict,
    },
    /// Somebody has looked at an order that is held for fraud: it goes on, stays held, or is canceled.
    JudgeOrder {
        /// Which.
        order: OrderId,
        /// What they found.
        verdict: Verdict,
    },
    /// Keep what a shopper's orders with one click need.
    SetOneClick {
        /// Whose.
        shopper: ShopperId,
        /// What is kept.
        profile: Box<OneClick>,
    },
    /// Forget it.
    RemoveOneClick {
        /// Whose.
        shopper: ShopperId,
    },
    /// Open a session, price it, hold its stock and ask for its payment, all at once, with what is kept of the shopper.
    OrderWithOneClick {
        /// Who.
        shopper: ShopperId,
        /// The session's new name.
        checkout: CheckoutId,
        /// The payment's new name.
        payment: PaymentId,
        /// The reservation's new name.
        reservation: ReservationId,
        /// The currency of all lines.
        currency: Currency,
        /// What is bought.
        lines: Vec<Line>,
        /// What the session claims, the marketplace among it.
        claims: Claims,
        /// What the buyer was shown.
        terms: Terms,
    },
}

impl CartAction {
    /// What the action is about, from which its answer is made; none for the process's own actions.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        Some(match self {
            Self::Describe { cart, .. } | Self::AddLine { cart, .. } | Self::ChangeLine { cart, .. } | Self::MoveLine { cart, .. } => {
                Subject::Cart(cart.clone())
            }
            Self::Merge { guest, .. } => Subject::Cart(guest.clone()),
            Self::SetQuantityRule { target, .. } | Self::RemoveQuantityRule { target } => Subject::QuantityRule(target.clone()),
            Self::ChooseDelivery { checkout, .. }
            | Self::KeepSession { checkout }
            | Self::JudgeCheckout { checkout, .. }
            | Self::OrderWithOneClick { checkout, .. } => Subject::Checkout(checkout.clone()),
            Self::JudgeOrder { order, .. } => Subject::Order(order.clone()),
            Self::SetOneClick { shopper, .. } | Self::RemoveOneClick { shopper } => Subject::Shopper(shopper.clone()),
        })
    }
}
