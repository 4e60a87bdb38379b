//! What providers have to be asked about payments, as the state knows it: after a crash it is all there is to go by.

use super::state::State;
use crate::event::trade::StepKind;
use crate::id::PaymentId;
use crate::money::Money;
use crate::payment::{AuthorizationQuestion, Payment, PaymentStatus, StepQuestion, StepStatus};
use crate::stdx::clock::Timestamp;

/// A payment about which the provider has to be asked, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingPayment {
    /// Its name.
    pub payment: PaymentId,
    /// The provider's name.
    pub provider: String,
    /// How much it is of.
    pub amount: Money,
    /// The provider's token for the instrument, while it is needed.
    pub token: Option<String>,
    /// Where it stands.
    pub status: PaymentStatus,
    /// The step that the provider is to be asked for: its number, its attempt, and how far it is. None while it is about the authorisation.
    pub step: Option<(u32, u32, StepStatus)>,
    /// For what, when it is a step.
    pub kind: Option<StepKind>,
}

/// A question to a provider, as it has to be put now.
pub enum Question {
    /// About the authorisation.
    Authorization(AuthorizationQuestion),
    /// About a step.
    Step(StepQuestion),
}

impl Question {
    /// The payment that it is about.
    #[must_use]
    pub fn payment(&self) -> &PaymentId {
        match self {
            Self::Authorization(question) => &question.payment,
            Self::Step(question) => &question.payment,
        }
    }
}

impl PendingPayment {
    pub(super) fn of(payment: &Payment) -> Self {
        let step = payment.open_step();
        Self {
            payment: payment.id.clone(),
            provider: payment.provider.clone(),
            amount: payment.amount,
            token: payment.token.clone(),
            status: payment.status,
            step: step.map(|step| (step.number, step.attempt, step.status)),
            kind: step.map(|step| step.kind),
        }
    }
}

impl State {
    /// Payments about which a provider has to be asked, in order of name. To be resumed after a crash.
    #[must_use]
    pub fn pending_payments(&self) -> Vec<PendingPayment> {
        self.waiting_payments.iter().filter_map(|id| self.payment(id)).map(|payment| PendingPayment::of(&payment)).collect()
    }

    /// The same for one payment; none when nothing is to be asked about it.
    #[must_use]
    pub fn pending_payment(&self, id: &PaymentId) -> Option<PendingPayment> {
        self.waiting_payments.get(id).and_then(|id| self.payment(id)).map(|payment| PendingPayment::of(&payment))
    }

    /// What the provider has to be asked about a payment now: its authorisation until that is settled, then its oldest open step.
    #[must_use]
    pub fn question(&self, id: &PaymentId, now: Timestamp) -> Option<Question> {
        let payment = &self.payment(id)?;
        match payment.open_step() {
            Some(_) => self.step_question(payment, now).map(Question::Step),
            None if payment.status.is_open() => Some(Question::Authorization(AuthorizationQuestion {
                payment: id.clone(),
                amount: payment.amount,
                token: payment.token.clone().unwrap_or_default(),
                provider_reference: payment.provider_reference.clone(),
                asked_at: payment.asked_at,
                sent_at: payment.asked_at,
                now,
            })),
            None => None,
        }
    }

    fn step_question(&self, payment: &Payment, now: Timestamp) -> Option<StepQuestion> {
        let step = payment.open_step()?;
        let nth = payment.steps.iter().filter(|other| other.kind == step.kind && other.number <= step.number).count();
        let said = payment.disputes.iter().find(|dispute| dispute.is_to_be_heard());
        Some(StepQuestion {
            payment: payment.id.clone(),
            provider_reference: payment.provider_reference.clone().unwrap_or_default(),
            number: step.number,
            attempt: step.attempt,
            kind: step.kind,
            amount: Money::new(step.amount_minor, payment.amount.currency),
            nth_of_kind: u32::try_from(nth).unwrap_or(u32::MAX),
            captured_minor: payment.captured.amount_minor,
            refunded_minor: payment.refunded.amount_minor,
            is_last_capture: payment.capturable_minor() == 0,
            evidence: said.and_then(|dispute| Some((dispute.id.clone(), dispute.evidence.clone()?))),
            asked_at: step.at,
            sent_at: step.at,
            now,
        })
    }
}
