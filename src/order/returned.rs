//! A return, exchange or claim: one aggregate with one state machine.
//!
//! ```text
//! requested ─► approved ─► in_transit ─► received ─► inspected ─► refunded ─► closed
//!     │           │  └────────────────────► ▲            ├──────► exchanged ─► closed
//!     │           │                                      └──────────────────► closed
//!     ├► declined ├► refunded, exchanged   (a claim whose goods are not wanted back)
//!     └► canceled └► canceled
//! ```

use crate::event::trade::after_sale::{Inspected, ReturnKind, ReturnLine};
use crate::id::{LocationId, OrderId, ReturnId};
use crate::money::Money;
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a return stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnStatus {
    /// Somebody in the shop has to say yes or no.
    Requested,
    /// It may come.
    Approved,
    /// It may not come.
    Declined,
    /// It is with a carrier.
    InTransit,
    /// It is in the house.
    Received,
    /// Somebody looked at it.
    Inspected,
    /// The money is given back.
    Refunded,
    /// Other goods are on their way.
    Exchanged,
    /// Nothing more is to be done.
    Closed,
    /// It was called off.
    Canceled,
}

/// What happens to a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReturnStep {
    /// The shop says yes.
    Approve,
    /// The shop says no.
    Decline,
    /// The shopper hands it to a carrier.
    Send,
    /// It arrives.
    Receive,
    /// Somebody looks at it.
    Inspect,
    /// The money is given back.
    Refund,
    /// Other goods are assigned.
    Replace,
    /// Nothing more is to be done.
    Close,
    /// It is called off.
    Cancel,
}

impl ReturnStatus {
    /// Every status.
    pub const ALL: [Self; 10] = [
        Self::Requested,
        Self::Approved,
        Self::Declined,
        Self::InTransit,
        Self::Received,
        Self::Inspected,
        Self::Refunded,
        Self::Exchanged,
        Self::Closed,
        Self::Canceled,
    ];

    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::InTransit => "in_transit",
            Self::Received => "received",
            Self::Inspected => "inspected",
            Self::Refunded => "refunded",
            Self::Exchanged => "exchanged",
            Self::Closed => "closed",
            Self::Canceled => "canceled",
        }
    }

    /// The status after `step`, for a return whose goods come back or, when they do not, for a claim; none when the step is not allowed.
    #[must_use]
    pub fn after(self, step: ReturnStep, goods_come_back: bool) -> Option<Self> {
        use ReturnStatus as S;
        match (self, step) {
            (S::Requested, ReturnStep::Approve) => Some(S::Approved),
            (S::Requested, ReturnStep::Decline) => Some(S::Declined),
            (S::Requested | S::Approved, ReturnStep::Cancel) => Some(S::Canceled),
            (S::Approved, ReturnStep::Send) if goods_come_back => Some(S::InTransit),
            (S::Approved | S::InTransit, ReturnStep::Receive) if goods_come_back => Some(S::Received),
            (S::Received, ReturnStep::Inspect) => Some(S::Inspected),
            (S::Inspected, ReturnStep::Refund) => Some(S::Refunded),
            (S::Inspected, ReturnStep::Replace) => Some(S::Exchanged),
            (S::Approved, ReturnStep::Refund) if !goods_come_back => Some(S::Refunded),
            (S::Approved, ReturnStep::Replace) if !goods_come_back => Some(S::Exchanged),
            (S::Inspected | S::Refunded | S::Exchanged, ReturnStep::Close) => Some(S::Closed),
            _ => None,
        }
    }

    /// Whether nothing comes of it: its units may be asked for again.
    #[must_use]
    pub fn is_void(self) -> bool {
        matches!(self, Self::Declined | Self::Canceled)
    }
}

/// A return, exchange or claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// Its name.
    pub id: ReturnId,
    /// Of which order.
    pub order: OrderId,
    /// What it is.
    pub kind: ReturnKind,
    /// What it is about.
    pub lines: Vec<ReturnLine>,
    /// What was found of each line, once somebody has looked.
    pub found: Vec<Inspected>,
    /// What the shopper says.
    pub note: String,
    /// Why it was declined, for the shopper.
    pub declined_because: Option<String>,
    /// The carrier's number.
    pub tracking: Option<String>,
    /// Where it arrived.
    pub location: Option<LocationId>,
    /// What was given back, or credited against the goods that replace it.
    pub credited: Option<Money>,
    /// Where it stands.
    pub status: ReturnStatus,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Return {
    /// Whether the goods are to come back before anything is given for them.
    #[must_use]
    pub fn goods_come_back(&self) -> bool {
        !matches!(self.kind, ReturnKind::Claim { goods_come_back: false, .. })
    }

    /// The status after `step`; none when the step is not allowed from here.
    #[must_use]
    pub fn after(&self, step: ReturnStep) -> Option<ReturnStatus> {
        self.status.after(step, self.goods_come_back())
    }

    /// Units of each line that count as come back: those that an inspection found; all of them when the goods are not wanted back.
    pub fn counted(&self) -> impl Iterator<Item = (&ReturnLine, i64)> {
        let units = |place: usize, line: &ReturnLine| match self.found.get(place) {
            Some(found) => found.sellable + found.damaged,
            None if self.goods_come_back() => 0,
            None => line.quantity,
        };
        self.lines.iter().enumerate().map(move |(place, line)| (line, units(place, line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ReturnStatus as S;

    #[test]
    fn every_edge_of_the_state_machine_is_as_drawn() {
        let steps = [
            ReturnStep::Approve,
            ReturnStep::Decline,
            ReturnStep::Send,
            ReturnStep::Receive,
            ReturnStep::Inspect,
            ReturnStep::Refund,
            ReturnStep::Replace,
            ReturnStep::Close,
            ReturnStep::Cancel,
        ];
        let check = |status: S, goods_come_back: bool, row: &str| {
            for (step, expected) in steps.iter().zip(row.split(' ')) {
                let after = status.after(*step, goods_come_back);
                assert_eq!(after.map_or("-", S::name), expected, "{} + {step:?}", status.name());
            }
        };
        for come_back in [true, false] {
            check(S::Requested, come_back, "approved declined - - - - - - canceled");
            check(S::Received, come_back, "- - - - inspected - - - -");
            check(S::Inspected, come_back, "- - - - - refunded exchanged closed -");
            check(S::Refunded, come_back, "- - - - - - - closed -");
            check(S::Exchanged, come_back, "- - - - - - - closed -");
            for status in [S::Declined, S::Closed, S::Canceled] {
                check(status, come_back, "- - - - - - - - -");
            }
        }
        check(S::Approved, true, "- - in_transit received - - - - canceled");
        check(S::Approved, false, "- - - - - refunded exchanged - canceled");
        check(S::InTransit, true, "- - - received - - - - -");
    }
}
