//! What happens to carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use super::parts::{Address, Buyer, Line, Totals};
use crate::id::{CarrierId, CartId, CheckoutId, LineId, OrderId, Ordinal, ShopperId, Sku};
use crate::money::Money;
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CartEvent {
    /// A cart was given a name, or became a list or a cart again.
    Described {
        /// Which cart.
        cart: CartId,
        /// What its shopper calls it.
        name: Option<String>,
        /// What it is for.
        kind: CartKind,
    },
    /// A cart belongs to somebody else now: its guest signed in.
    Assigned {
        /// Which cart.
        cart: CartId,
        /// Whose it is.
        buyer: Buyer,
    },
    /// One line stands in a part of a cart as it is here, whether it was there before or not.
    LineSet {
        /// Which cart.
        cart: CartId,
        /// Which part of it.
        part: CartPart,
        /// The line.
        line: Line,
    },
    /// One line left a part of a cart.
    LineRemoved {
        /// Which cart.
        cart: CartId,
        /// Which part of it.
        part: CartPart,
        /// The line.
        line: LineId,
    },
    /// A guest's cart became part of a shopper's, and is no more.
    Merged {
        /// The guest's cart.
        guest: CartId,
        /// The shopper's.
        into: CartId,
        /// All lines of the shopper's cart from now on.
        lines: Vec<Line>,
        /// All lines that it keeps for later from now on.
        saved: Vec<Line>,
    },
    /// How many units of something one buyer may have.
    QuantityRuleSet {
        /// What it holds for.
        target: RuleTarget,
        /// The rule.
        rule: QuantityRule,
    },
    /// A quantity rule holds no more.
    QuantityRuleRemoved {
        /// What it held for.
        target: RuleTarget,
    },
    /// How a session's goods travel, and when they are promised.
    DeliveryChosen {
        /// Which session.
        checkout: CheckoutId,
        /// How; none while nothing can be offered.
        delivery: Option<Delivery>,
        /// What the session comes to with it.
        totals: Totals,
    },
    /// What a session was promised does not hold any more: it has today's prices and promise now, and its shopper is told what changed.
    Repriced {
        /// Which session.
        checkout: CheckoutId,
        /// Its lines from now on.
        lines: Vec<Line>,
        /// Its delivery from now on.
        delivery: Option<Delivery>,
        /// What it comes to now.
        totals: Totals,
        /// What changed.
        changes: Vec<Change>,
    },
    /// Somebody looked at a session for fraud: the built-in rules, or a service outside.
    Judged {
        /// Which session.
        checkout: CheckoutId,
        /// What they found.
        verdict: Verdict,
    },
    /// The same, of an order that was placed already.
    OrderJudged {
        /// Which order.
        order: OrderId,
        /// What they found.
        verdict: Verdict,
    },
    /// A shopper's token and address for orders with one click were kept.
    OneClickSet {
        /// Whose.
        shopper: ShopperId,
        /// What is kept.
        profile: OneClick,
    },
    /// They were forgotten.
    OneClickRemoved {
        /// Whose.
        shopper: ShopperId,
    },
}

/// What a cart is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CartKind {
    /// To be bought.
    #[default]
    Cart,
    /// A list of wishes: it is never bought as a whole, and kept longer.
    List,
}

/// The two parts of a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CartPart {
    /// What will be bought.
    Lines,
    /// What is saved for later.
    Saved,
}

/// What a quantity rule holds for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleTarget {
    /// One SKU.
    Sku(Sku),
    /// All variants of a product together.
    Product(Ordinal),
}

/// How many units one buyer may have. Zero units is always allowed: the rule is about who buys at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuantityRule {
    /// Fewest units in one cart or session, at least 1.
    pub min: i64,
    /// Most units in one cart or session.
    pub max: Option<i64>,
    /// Units come in multiples of this, at least 1.
    pub multiple_of: i64,
    /// Most units for one buyer, over all payments in progress and the orders of `window_ms`.
    pub max_per_buyer: Option<i64>,
    /// How long an order counts against its buyer.
    pub window_ms: i64,
}

/// How the goods of a session travel, what that costs, and when they are promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The option's name, stable for as long as it is offered.
    pub option: String,
    /// What shoppers read.
    pub title: String,
    /// Who carries the goods, when a carrier is named.
    pub carrier: Option<CarrierId>,
    /// What it costs, before discounts.
    pub cost: Money,
    /// Promised not before.
    pub promised_from: Option<Timestamp>,
    /// Promised not after.
    pub promised_until: Option<Timestamp>,
}

/// Something that is not as the buyer was shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// One unit of a line costs something else.
    Price {
        /// Which line.
        line: LineId,
        /// What it cost.
        was: Money,
        /// What it costs.
        now: Money,
    },
    /// A line cannot be bought any more.
    Gone {
        /// Which line.
        line: LineId,
        /// What it was.
        sku: Sku,
    },
    /// Another delivery: the one that was chosen is not offered any more, or costs something else.
    Delivery {
        /// The option that was chosen.
        was: Option<String>,
        /// The option that stands now.
        now: Option<String>,
    },
    /// The goods would arrive later than promised.
    Promise {
        /// Promised not after.
        was: Option<Timestamp>,
        /// What can be promised now.
        now: Option<Timestamp>,
    },
    /// Something else is to be paid.
    Total {
        /// What was to be paid, as the buyer knew it.
        was: Money,
        /// What is to be paid.
        now: Money,
    },
    /// Gift cards and store credit pay less than they would have.
    LeftToPay {
        /// What they left to pay by other means, as the buyer knew it.
        was: Money,
        /// What they leave.
        now: Money,
    },
}

/// What is to be done with a purchase that was looked at for fraud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It goes on.
    Accept,
    /// It goes on, but its order waits for a person.
    Review,
    /// It does not go on.
    Reject,
}

/// What somebody who looked for fraud found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What is to be done.
    pub decision: Decision,
    /// Points of suspicion, 0 to 100.
    pub score: u32,
    /// Names of the rules that gave points, or what the service outside says.
    pub reasons: Vec<String>,
    /// Who decided: `rules`, or the name that a service outside gave.
    pub by: String,
}

/// What an order with one click needs to know about its shopper. Never a card number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneClick {
    /// The payment provider.
    pub provider: String,
    /// The provider's token for the stored instrument.
    pub token: String,
    /// Where the confirmation goes, and the name.
    pub buyer: Buyer,
    /// Where the goods go.
    pub address: Address,
    /// The delivery that is preferred, while it is offered.
    pub delivery: Option<String>,
}
