//! What can be asked about payments after they were authorised: captures, refunds, disputes, what providers report.

use crate::event::trade::{NoticeDigest, Subject};
use crate::id::{DisputeId, PaymentId};
use crate::money::Money;
use crate::payment::{DisputeReport, RefundFailure, StepAnswer};

/// A further payment of a session that several payments complete.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// The new payment's name.
    pub payment: PaymentId,
    /// The provider to ask.
    pub provider: String,
    /// The provider's token for the instrument.
    pub token: String,
    /// How much it pays.
    pub amount: Money,
}

impl std::fmt::Debug for Part {
    /// Without the token.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Part({} {:?} from {})", self.payment, self.amount, self.provider)
    }
}

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentAction {
    /// Take held money of an order's payment.
    Capture {
        /// Which payment.
        payment: PaymentId,
        /// How much; all that is held when not said.
        amount: Option<Money>,
    },
    /// Give taken money of an order's payment back.
    Refund {
        /// Which payment.
        payment: PaymentId,
        /// How much; all that can be given back when not said.
        amount: Option<Money>,
    },
    /// Give back what is held and not taken; a payment that waits for its shopper is given up.
    Void {
        /// Which payment.
        payment: PaymentId,
    },
    /// Tell what the provider said to a step. The pipeline's own.
    Settle {
        /// Of which payment.
        payment: PaymentId,
        /// Which step.
        number: u32,
        /// Which attempt was asked for: what is said to an earlier one is old.
        attempt: u32,
        /// What the provider said.
        answer: StepAnswer,
    },
    /// Tell that a provider told of something. The pipeline's own.
    Hear {
        /// What is kept of the provider's event.
        notice: NoticeDigest,
        /// The payment that it is about, if it is one of ours.
        payment: Option<PaymentId>,
    },
    /// Tell how a dispute stands at the provider. The pipeline's own.
    HearDispute {
        /// Of which payment.
        payment: PaymentId,
        /// How it stands.
        report: DisputeReport,
    },
    /// Tell that a refund which was done has come back. The pipeline's own.
    HearRefundFailed {
        /// Of which payment.
        payment: PaymentId,
        /// Which refund, and why.
        failure: RefundFailure,
    },
    /// Say something to a dispute.
    GiveEvidence {
        /// To which.
        dispute: DisputeId,
        /// What.
        text: String,
    },
    /// Tell what a provider kept for its services.
    TellFee {
        /// For which payment.
        payment: PaymentId,
        /// How much.
        amount: Money,
    },
}

impl PaymentAction {
    /// What the action is about, from which its answer is made; none for the process's own actions.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match self {
            Self::Capture { payment, .. } | Self::Refund { payment, .. } | Self::Void { payment } | Self::TellFee { payment, .. } => {
                Some(Subject::Payment(payment.clone()))
            }
            Self::GiveEvidence { dispute, .. } => Some(Subject::Dispute(dispute.clone())),
            Self::Settle { .. } | Self::Hear { .. } | Self::HearDispute { .. } | Self::HearRefundFailed { .. } => None,
        }
    }
}
