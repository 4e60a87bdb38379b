//! What happens to orders after they were placed: holds, edits and canceled lines, returns, exchanges and claims.

use super::{Address, Line, Totals, Units};
use crate::id::{EditId, LineId, LocationId, OrderId, PaymentId, ReturnId};
use crate::money::Money;
use serde::{Deserialize, Serialize};

/// Why an order waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// Somebody has to look whether it is fraud.
    FraudReview,
    /// The address has to be cleared up.
    Address,
    /// It owes more than is paid or held, as after an edit that made it dearer.
    Payment,
    /// Stock has to be found.
    Stock,
    /// Somebody in the shop said so.
    Manual,
}

/// What comes back, or should be put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnKind {
    /// The shopper sends goods back for their money.
    Return,
    /// The shopper sends goods back for others.
    Exchange {
        /// What they get instead.
        replacement: Vec<Line>,
    },
    /// Something went wrong, and the shop makes it good.
    Claim {
        /// What went wrong.
        fault: ClaimFault,
        /// How it is made good.
        remedy: Remedy,
        /// Whether the goods are wanted back first.
        goods_come_back: bool,
    },
}

/// What went wrong with a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimFault {
    /// It arrived broken.
    Damaged,
    /// It never arrived.
    Lost,
    /// Something else arrived.
    WrongProduct,
    /// Less arrived than was sent.
    Incomplete,
    /// It does not do what it should.
    Defective,
}

/// How a claim is made good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// With the money.
    Refund,
    /// With the same goods again.
    Replace,
}

/// Why a shopper sends something back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// It is not wanted any more.
    Unwanted,
    /// It is too small or too large.
    Fit,
    /// It is not as it was described.
    NotAsDescribed,
    /// It is broken or does not work.
    Defective,
    /// It came too late.
    TooLate,
    /// It is something else than what was ordered.
    WrongProduct,
    /// Something else.
    Other,
}

/// One line of a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnLine {
    /// The order's line.
    pub line: LineId,
    /// Units of it, at least 1.
    pub quantity: i64,
    /// Why.
    pub reason: ReturnReason,
}

/// What an inspection found of one line; the three add up to the line's quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Inspected {
    /// Units that can be sold again.
    pub sellable: i64,
    /// Units that came back broken.
    pub damaged: i64,
    /// Units that were not in the parcel.
    pub missing: i64,
}

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterSaleEvent {
    /// An order has to wait.
    HoldPlaced {
        /// Which.
        order: OrderId,
        /// Why.
        reason: HoldReason,
    },
    /// A reason to wait is gone.
    HoldReleased {
        /// Which order.
        order: OrderId,
        /// The reason that is gone.
        reason: HoldReason,
    },
    /// An order owes another sum beyond what its payments cover.
    BalanceChanged {
        /// Which.
        order: OrderId,
        /// What it owes from now on; zero: nothing.
        owing: Money,
    },
    /// The provider is to be asked to authorise what an order owes beyond its payments. It is asked only after this event is durable.
    BalancePaymentRequested {
        /// Which order.
        order: OrderId,
        /// The new payment's name.
        payment: PaymentId,
        /// How much.
        amount: Money,
        /// The provider's name.
        provider: String,
        /// The provider's token for the instrument. Never a card number.
        token: String,
    },
    /// A payment of what an order owed was authorised: it is one of the order's payments from now on.
    BalancePaid {
        /// Which order.
        order: OrderId,
        /// By which payment.
        payment: PaymentId,
    },
    /// A placed order is another now. The ledger's part stands in the same entry.
    OrderEdited {
        /// Which.
        order: OrderId,
        /// The edit's name.
        edit: EditId,
        /// All its lines from now on.
        lines: Vec<Line>,
        /// What it comes to from now on.
        totals: Box<Totals>,
        /// Where the goods go from now on; none: where they went before.
        address: Option<Box<Address>>,
        /// Units that are free again.
        freed: Vec<Units>,
        /// Units assigned in addition.
        added: Vec<Units>,
        /// Lines whose units will not come: the line as it was, with the units that were canceled. Projections take them back.
        canceled: Vec<Line>,
        /// Units of lines that were bought in addition: the line with those units. Projections count them.
        sold: Vec<Line>,
        /// Why, in the caller's words.
        reason: String,
    },
    /// A return, exchange or claim was asked for.
    ReturnRequested {
        /// Its name.
        id: ReturnId,
        /// Of which order.
        order: OrderId,
        /// What it is.
        kind: ReturnKind,
        /// What it is about.
        lines: Vec<ReturnLine>,
        /// What the shopper says.
        note: String,
    },
    /// It will be taken back.
    ReturnApproved {
        /// Which.
        id: ReturnId,
    },
    /// It will not be taken back.
    ReturnDeclined {
        /// Which.
        id: ReturnId,
        /// Why, for the shopper.
        reason: String,
    },
    /// The shopper handed it to a carrier.
    ReturnSent {
        /// Which.
        id: ReturnId,
        /// The carrier's number.
        tracking: String,
    },
    /// It arrived.
    ReturnReceived {
        /// Which.
        id: ReturnId,
        /// Where.
        location: LocationId,
    },
    /// Somebody looked at it. What came back is in the house from now on.
    ReturnInspected {
        /// Which.
        id: ReturnId,
        /// What was found of each line, in the order of the return's lines.
        found: Vec<Inspected>,
        /// What of the order came back as sold: the lines with the units that did. Projections take them back.
        returned: Vec<Line>,
        /// Units that are in stock from now on.
        sellable: Vec<Units>,
        /// Units that are in the house and cannot be sold.
        damaged: Vec<Units>,
    },
    /// The money for it is given back; the payments' and the ledger's part stand in the same entry.
    ReturnRefunded {
        /// Which.
        id: ReturnId,
        /// How much.
        amount: Money,
        /// Whether what was paid for shipping is part of it.
        with_shipping: bool,
    },
    /// The goods that replace it are assigned, by the edit of the order in the same entry.
    ReturnReplaced {
        /// Which.
        id: ReturnId,
        /// What the goods that came back are credited with.
        credited: Money,
    },
    /// Nothing more is to be done.
    ReturnClosed {
        /// Which.
        id: ReturnId,
    },
    /// It was called off before anything arrived.
    ReturnCanceled {
        /// Which.
        id: ReturnId,
    },
}
