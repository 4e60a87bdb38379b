//! What happens to payments beyond a plain authorisation: actions of the shopper, captures, refunds, disputes, what providers report.
//!
//! Whatever a provider is asked for after its first authorisation is a *step*, numbered within its payment from 1. Steps of one payment are
//! asked one after another. That a step was done is told by [`super::TradeEvent::PaymentCaptured`], `PaymentRefunded`, `PaymentVoided` and by
//! [`PaymentEvent::Reauthorized`] and [`PaymentEvent::EvidenceTaken`]: they settle the oldest open step of their payment.

use crate::id::{DisputeId, PaymentId};
use crate::money::Money;
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// What a provider is asked for after its first authorisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// To take some of the authorised money.
    Capture,
    /// To give some of the taken money back.
    Refund,
    /// To give back what is authorised and not taken.
    Void,
    /// To authorise once more what was authorised so long ago that it cannot be taken any longer.
    Reauthorize,
    /// To hear what the shop has to say to a dispute.
    Evidence,
}

/// BLAKE3 of provider and event name, cut to 16 bytes: what is kept of an event that a provider told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NoticeDigest(pub [u8; 16]);

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentEvent {
    /// The shopper has to act elsewhere before the provider says yes or no. The stock stays held meanwhile.
    ActionRequired {
        /// Which payment.
        payment: PaymentId,
        /// Where the shopper has to go.
        url: String,
        /// The provider's name for the payment.
        provider_reference: String,
        /// When the attempt is given up: the end of the reservation.
        act_by: Timestamp,
    },
    /// The provider is to be asked for a step, once the steps before it are settled.
    Asked {
        /// Of which payment.
        payment: PaymentId,
        /// The step's number within the payment.
        number: u32,
        /// For what.
        kind: StepKind,
        /// How much.
        amount: Money,
    },
    /// A look-up showed that a step was certainly not done: it is asked for again, under a key of its own.
    AskedAgain {
        /// Of which payment.
        payment: PaymentId,
        /// Which step.
        number: u32,
        /// Which attempt this is; the first is 1.
        attempt: u32,
    },
    /// Nobody knows whether a step was done; it is looked up.
    Lost {
        /// Of which payment.
        payment: PaymentId,
        /// Which step.
        number: u32,
    },
    /// The provider will not do a step.
    Refused {
        /// Of which payment.
        payment: PaymentId,
        /// Which step.
        number: u32,
        /// The provider's code for why.
        reason: String,
    },
    /// The provider authorised once more; the earlier authorisation is void.
    Reauthorized {
        /// Which payment.
        payment: PaymentId,
        /// The provider's name for the authorisation that holds now.
        provider_reference: String,
    },
    /// Some of what is held will not be taken: less is owed than was authorised.
    Reduced {
        /// Which payment.
        payment: PaymentId,
        /// By how much.
        amount: Money,
    },
    /// Money is given back beyond what the order's goods ask for: a goodwill.
    Allowed {
        /// From which payment.
        payment: PaymentId,
        /// How much.
        amount: Money,
    },
    /// The provider told what it kept for its services.
    FeeCharged {
        /// For which payment.
        payment: PaymentId,
        /// How much.
        amount: Money,
    },
    /// The shopper's bank disputes a payment; the provider holds the money back.
    DisputeOpened {
        /// The provider's name for the dispute.
        dispute: DisputeId,
        /// Of which payment.
        payment: PaymentId,
        /// How much.
        amount: Money,
        /// The provider's code for why.
        reason: String,
        /// Until when the shop may say something to it.
        evidence_by: Option<Timestamp>,
    },
    /// The shop says something to a dispute; the provider is to be told.
    EvidenceGiven {
        /// To which dispute.
        dispute: DisputeId,
        /// Of which payment.
        payment: PaymentId,
        /// What.
        text: String,
    },
    /// The provider has taken what the shop said.
    EvidenceTaken {
        /// Of which payment.
        payment: PaymentId,
    },
    /// A dispute is over: the money comes back, or it is lost.
    DisputeClosed {
        /// Which dispute.
        dispute: DisputeId,
        /// Of which payment.
        payment: PaymentId,
        /// Whether the shop keeps the money.
        is_won: bool,
    },
    /// A provider told of something. It is only a hint: how things stand is asked. The same event is never heard twice.
    Noticed {
        /// What is kept of the provider's event.
        notice: NoticeDigest,
        /// The payment that it is about, if it is one of ours.
        payment: Option<PaymentId>,
    },
    /// A refund that was done came back: its shopper has not got the money, and the shop owes it again.
    RefundFailed {
        /// Of which payment.
        payment: PaymentId,
        /// Which step.
        number: u32,
        /// How much.
        amount: Money,
        /// The provider's code for why.
        reason: String,
    },
    /// A refund failed, and will be asked for again by itself.
    RefundPutOff {
        /// Of which payment.
        payment: PaymentId,
        /// The step that failed.
        number: u32,
        /// When it will be.
        until: Timestamp,
    },
    /// The time of a refund that failed has come: what is still owed of it is asked for again, as a step of its own.
    RefundRetried {
        /// Of which payment.
        payment: PaymentId,
        /// The step that failed.
        failed: u32,
        /// To when that was put off.
        until: Timestamp,
        /// The number of the step that asks again.
        number: u32,
        /// How much.
        amount: Money,
    },
    /// The time of a refund that failed has come, and nothing is to be asked for: it was given back in another way.
    RefundDropped {
        /// Of which payment.
        payment: PaymentId,
        /// The step that failed.
        number: u32,
        /// To when that was put off.
        until: Timestamp,
    },
    /// A refund failed that is not asked for again by itself: somebody has to give the money back in another way.
    RefundGivenUp {
        /// Of which payment.
        payment: PaymentId,
        /// The step that failed.
        number: u32,
    },
}

impl PaymentEvent {
    /// The payment it is about.
    #[must_use]
    pub fn payment(&self) -> Option<&PaymentId> {
        match self {
            Self::ActionRequired { payment, .. }
            | Self::Asked { payment, .. }
            | Self::AskedAgain { payment, .. }
            | Self::Lost { payment, .. }
            | Self::Refused { payment, .. }
            | Self::Reauthorized { payment, .. }
            | Self::Reduced { payment, .. }
            | Self::Allowed { payment, .. }
            | Self::FeeCharged { payment, .. }
            | Self::DisputeOpened { payment, .. }
            | Self::EvidenceGiven { payment, .. }
            | Self::EvidenceTaken { payment }
            | Self::DisputeClosed { payment, .. }
            | Self::RefundFailed { payment, .. }
            | Self::RefundPutOff { payment, .. }
            | Self::RefundRetried { payment, .. }
            | Self::RefundDropped { payment, .. }
            | Self::RefundGivenUp { payment, .. } => Some(payment),
            Self::Noticed { payment, .. } => payment.as_ref(),
        }
    }
}

impl StepKind {
    /// Its name in answers, and in the keys that providers are asked under.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Refund => "refund",
            Self::Void => "void",
            Self::Reauthorize => "reauthorize",
            Self::Evidence => "evidence",
        }
    }
}
