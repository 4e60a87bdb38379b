//! What can be asked about orders after they were placed.

use crate::event::trade::after_sale::{HoldReason, Inspected, ReturnKind, ReturnLine};
use crate::event::trade::{Address, Line, Subject};
use crate::id::{EditId, LineId, LocationId, OrderId, PaymentId, ReturnId};
use crate::money::Money;

/// How an order should change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edit {
    /// Units of lines from now on; zero takes a line away. Lines that are not named stay as they are.
    pub quantities: Vec<(LineId, i64)>,
    /// Lines in addition, at the price they carry.
    pub additions: Vec<Line>,
    /// Where the goods should go.
    pub address: Option<Address>,
    /// Why, in the caller's words.
    pub reason: String,
}

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterSaleAction {
    /// Let an order wait.
    PlaceHold {
        /// Which.
        order: OrderId,
        /// Why.
        reason: HoldReason,
    },
    /// A reason to wait is gone.
    ReleaseHold {
        /// Which order.
        order: OrderId,
        /// The reason that is gone.
        reason: HoldReason,
    },
    /// Change an order, or take units of its lines away.
    EditOrder {
        /// Which.
        order: OrderId,
        /// The edit's new name.
        edit: EditId,
        /// How.
        change: Edit,
        /// What the preview said the difference would be, so that nobody pays what they have not seen; none: whatever it is.
        expected_difference: Option<Money>,
    },
    /// Ask the provider for what an order owes beyond its payments.
    PayBalance {
        /// Which order.
        order: OrderId,
        /// The new payment's name.
        payment: PaymentId,
        /// The provider to ask.
        provider: String,
        /// The provider's token for the instrument.
        token: String,
    },
    /// Ask for a return, exchange or claim.
    RequestReturn {
        /// Its new name.
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
    /// Take it back.
    ApproveReturn {
        /// Which.
        id: ReturnId,
    },
    /// Do not take it back.
    DeclineReturn {
        /// Which.
        id: ReturnId,
        /// Why, for the shopper.
        reason: String,
    },
    /// The shopper handed it to a carrier.
    SendReturn {
        /// Which.
        id: ReturnId,
        /// The carrier's number.
        tracking: String,
    },
    /// It arrived.
    ReceiveReturn {
        /// Which.
        id: ReturnId,
        /// Where.
        location: LocationId,
    },
    /// Tell what was found.
    InspectReturn {
        /// Which.
        id: ReturnId,
        /// What was found of each line, in the order of the return's lines.
        found: Vec<Inspected>,
    },
    /// Give the money back.
    RefundReturn {
        /// Which.
        id: ReturnId,
        /// What the shop keeps for its trouble; not below zero.
        fee: Option<Money>,
        /// Whether what was paid for shipping is given back too.
        with_shipping: bool,
    },
    /// Send the goods that replace it.
    ReplaceReturn {
        /// Which.
        id: ReturnId,
        /// The name of the edit that adds them.
        edit: EditId,
    },
    /// Nothing more is to be done.
    CloseReturn {
        /// Which.
        id: ReturnId,
    },
    /// Call it off.
    CancelReturn {
        /// Which.
        id: ReturnId,
    },
}

impl AfterSaleAction {
    /// What the action is about, from which its answer is made.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        Some(match self {
            Self::PlaceHold { order, .. }
            | Self::ReleaseHold { order, .. }
            | Self::EditOrder { order, .. }
            | Self::PayBalance { order, .. } => Subject::Order(order.clone()),
            Self::RequestReturn { id, .. }
            | Self::ApproveReturn { id }
            | Self::DeclineReturn { id, .. }
            | Self::SendReturn { id, .. }
            | Self::ReceiveReturn { id, .. }
            | Self::InspectReturn { id, .. }
            | Self::RefundReturn { id, .. }
            | Self::ReplaceReturn { id, .. }
            | Self::CloseReturn { id }
            | Self::CancelReturn { id } => Subject::Return(id.clone()),
        })
    }
}
