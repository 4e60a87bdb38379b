//! The provider of payments of nothing: gift cards and store credit have paid all of it, so nobody outside has to be asked.

use super::provider::{AuthorizationQuestion, PaymentOutcome, Provider, Said, StepAnswer, StepQuestion};
use crate::money::Money;

/// Says yes to payments of nothing, which are all that it is given, and to no other.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingDue;

impl NothingDue {
    /// Its name.
    pub const NAME: &str = "nothing_due";

    /// Whether somebody may be asked for so much by this name: nothing can be paid by it but nothing.
    #[must_use]
    pub fn pays(provider: &str, amount: Money) -> bool {
        provider != Self::NAME || amount.amount_minor == 0
    }

    fn answer(question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        if !Self::pays(Self::NAME, question.amount) {
            return Said::Answer(PaymentOutcome::Declined);
        }
        Said::Answer(PaymentOutcome::Authorized { provider_reference: Self::NAME.to_owned() })
    }

    fn done() -> Said<StepAnswer> {
        Said::Answer(StepAnswer::Done { provider_reference: None })
    }
}

impl Provider for NothingDue {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn authorize(&self, question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        Self::answer(question)
    }

    fn look_up(&self, question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        Self::answer(question)
    }

    fn take_step(&self, _question: &StepQuestion) -> Said<StepAnswer> {
        Self::done()
    }

    fn look_up_step(&self, _question: &StepQuestion) -> Said<StepAnswer> {
        Self::done()
    }
}
