//! What a payment provider has to be able to do.
//!
//! Providers are asked by the pipeline's workers, after the event that asks is durable and never inside `decide`; what they say comes back as
//! a command. Every question has a key of its own, made of payment, step and attempt, so that asking twice does once. After a timeout nobody
//! knows whether something was done: the answer is `Unknown`, and the pipeline looks it up before anything else is asked. Whoever implements
//! this keeps one promise above all: *`Failed` and `NotDone` are said only when it is certain that nothing was and nothing will be done.*

use super::record::Payment;
use crate::event::trade::StepKind;
use crate::id::{DisputeId, PaymentId, ProviderEventId};
use crate::money::Money;
use crate::stdx::clock::Timestamp;

/// What the payment provider said to an authorisation, or did not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentOutcome {
    /// Authorised under the provider's own reference.
    Authorized {
        /// The provider's name for it.
        provider_reference: String,
    },
    /// The shopper has to act elsewhere first.
    ActionRequired {
        /// Where.
        url: String,
        /// The provider's name for the payment.
        provider_reference: String,
    },
    /// Refused.
    Declined,
    /// Certainly not authorised: the provider could not be reached, or a look-up found nothing.
    Failed,
    /// Nobody knows; a look-up has to follow.
    Unknown,
    /// The money that was asked for was taken; all of it when nothing was asked for.
    Captured,
    /// The authorisation was given back.
    Voided,
}

/// What the provider said to a step after the authorisation, or did not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepAnswer {
    /// It was done.
    Done {
        /// The provider's name for the authorisation that holds from now on, when the step made one.
        provider_reference: Option<String>,
    },
    /// The provider will not do it, with its code for why.
    Refused {
        /// The code.
        reason: String,
    },
    /// It was certainly not done, and may be asked for again.
    NotDone,
    /// Nobody knows; a look-up has to follow.
    Unknown,
}

/// The code for a capture that came too late: the authorisation has run out and has to be made again.
pub const AUTHORIZATION_EXPIRED: &str = "authorization_expired";

/// What was said, or that it has to be asked later because the provider has too much to do. The same question, under the same key, is safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said<T> {
    /// An answer.
    Answer(T),
    /// Too many questions; nothing was done.
    Busy {
        /// Milliseconds after which it may be asked again.
        retry_after_ms: u64,
    },
}

/// What an authorisation is asked for with, and looked up by.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationQuestion {
    /// The payment's name.
    pub payment: PaymentId,
    /// How much.
    pub amount: Money,
    /// The provider's token for the instrument; empty when it was forgotten.
    pub token: String,
    /// The provider's name for the payment, once it has one.
    pub provider_reference: Option<String>,
    /// When it was first asked for.
    pub asked_at: Timestamp,
    /// When it can have left for the provider last; not before it was asked for.
    pub sent_at: Timestamp,
    /// The time now.
    pub now: Timestamp,
}

/// What a step is asked for with, and looked up by.
#[derive(Clone, PartialEq, Eq)]
pub struct StepQuestion {
    /// The payment's name.
    pub payment: PaymentId,
    /// The provider's name for the payment.
    pub provider_reference: String,
    /// The step's number within the payment.
    pub number: u32,
    /// The attempt, from 1.
    pub attempt: u32,
    /// For what.
    pub kind: StepKind,
    /// How much.
    pub amount: Money,
    /// Which step of its kind it is, from 1.
    pub nth_of_kind: u32,
    /// What was taken before, in minor units.
    pub captured_minor: i64,
    /// What was given back before, in minor units.
    pub refunded_minor: i64,
    /// Whether nothing more will be taken after it.
    pub is_last_capture: bool,
    /// The dispute and what is said to it, for [`StepKind::Evidence`].
    pub evidence: Option<(DisputeId, String)>,
    /// When this attempt was asked for.
    pub asked_at: Timestamp,
    /// When it can have left for the provider last; not before it was asked for.
    pub sent_at: Timestamp,
    /// The time now.
    pub now: Timestamp,
}

impl AuthorizationQuestion {
    /// The key under which it is asked.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/authorize/1", self.payment)
    }
}

impl StepQuestion {
    /// The key under which it is asked: payment, step and attempt.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}-{}/{}", self.payment, self.kind.name(), self.number, self.attempt)
    }
}

/// What a provider can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// Whether the money of one authorisation can be taken in several parts; if not, it is taken once, when the last goods leave.
    pub multiple_captures: bool,
}

/// What a provider told of its own accord, once its signature was found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The provider's name for the event.
    pub event: ProviderEventId,
    /// The payment that it is about, as far as the event says.
    pub payment: Option<PaymentId>,
    /// The provider's name for that payment, when the event says only that.
    pub provider_reference: Option<String>,
}

/// Why what somebody sent is not a provider's notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// The provider tells nothing of its own accord.
    #[error("this provider sends no webhooks")]
    NotSent,
    /// No signature, or not in its form.
    #[error("the signature is missing or malformed")]
    Unsigned,
    /// None of the secrets gives this signature.
    #[error("the signature does not fit the body")]
    Forged,
    /// Signed longer ago, or further ahead, than is accepted.
    #[error("the signature is too old or from the future")]
    Stale,
    /// The body is not an event.
    #[error("the body is not an event of this provider")]
    Shape,
}

/// How a dispute stands at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeReport {
    /// The provider's name for it.
    pub dispute: DisputeId,
    /// How much is disputed.
    pub amount: Money,
    /// The provider's code for why.
    pub reason: String,
    /// Until when the shop may say something to it.
    pub evidence_by: Option<Timestamp>,
    /// Whether it is decided, and then for the shop.
    pub is_won: Option<bool>,
}

/// A refund that a provider had done and that has come back since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundFailure {
    /// The step's number within its payment.
    pub number: u32,
    /// The provider's code for why.
    pub reason: String,
}

/// What a provider's books say about a payment, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProviderSums {
    /// What was taken.
    pub captured_minor: i64,
    /// What was given back.
    pub refunded_minor: i64,
}

/// A payment provider. Calls may block; they are made on the pipeline's own threads.
pub trait Provider: Send + Sync {
    /// The provider's name, as in [`crate::event::TradeEvent::PaymentRequested`].
    fn name(&self) -> &str;

    /// What it can do.
    fn abilities(&self) -> Abilities {
        Abilities { multiple_captures: true }
    }

    /// Asks for an authorisation. A timeout is [`PaymentOutcome::Unknown`], never [`PaymentOutcome::Failed`].
    fn authorize(&self, question: &AuthorizationQuestion) -> Said<PaymentOutcome>;

    /// Asks what became of an authorisation.
    fn look_up(&self, question: &AuthorizationQuestion) -> Said<PaymentOutcome>;

    /// Asks for a step after the authorisation. A timeout is [`StepAnswer::Unknown`], never [`StepAnswer::NotDone`].
    fn take_step(&self, question: &StepQuestion) -> Said<StepAnswer>;

    /// Asks what became of a step.
    fn look_up_step(&self, question: &StepQuestion) -> Said<StepAnswer>;

    /// The name of the header that signs a notice, in lower case.
    fn signature_header(&self) -> &'static str {
        "signature"
    }

    /// Reads what somebody sent in the provider's name, after its signature was found right on the raw body.
    ///
    /// # Errors
    /// When it is not the provider's, or not in its form. Nothing of the body is repeated.
    fn read_notice(&self, _signature: Option<&str>, _body: &[u8], _now: Timestamp) -> Result<Notice, NoticeError> {
        Err(NoticeError::NotSent)
    }

    /// Which payment the provider calls so; none when it is not one of this shop's.
    fn locate(&self, _provider_reference: &str) -> Said<Option<PaymentId>> {
        Said::Answer(None)
    }

    /// Every dispute of a payment, given what is known of it here.
    fn disputes(&self, _payment: &Payment) -> Said<Vec<DisputeReport>> {
        Said::Answer(Vec::new())
    }

    /// Refunds of a payment that count as done here and have come back at the provider. What came back stays so for ever.
    fn failed_refunds(&self, _payment: &Payment) -> Said<Vec<RefundFailure>> {
        Said::Answer(Vec::new())
    }

    /// What the provider's books say about a payment; none when they cannot be asked.
    fn sums(&self, _payment: &Payment) -> Said<Option<ProviderSums>> {
        Said::Answer(None)
    }
}
