//! The provider of payments of nothing: gift cards and store credit have paid all of it, so nobody outside has to be asked.

use super::provider::{AuthorizationQuestion, PaymentOutcome, Provider, Said, StepAnswer, StepQuestion};

/// Says yes to everything. Only payments of nothing are given to it.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingDue;

impl NothingDue {
    /// Its name.
    pub const NAME: &str = "nothing_due";

    fn authorized() -> Said<PaymentOutcome> {
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

    fn authorize(&self, _question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        Self::authorized()
    }

    fn look_up(&self, _question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        Self::authorized()
    }

    fn take_step(&self, _question: &StepQuestion) -> Said<StepAnswer> {
        Self::done()
    }

    fn look_up_step(&self, _question: &StepQuestion) -> Said<StepAnswer> {
        Self::done()
    }
}
