//! A payment provider that speaks the way Stripe's API does (version 2024-06-20): payment intents that are confirmed at once and captured by
//! hand, refunds, disputes, and webhooks signed with `Stripe-Signature`.
//!
//! | asked for | how | what it may answer |
//! |---|---|---|
//! | authorise | `POST /v1/payment_intents`, `capture_method=manual`, `confirm=true` | `requires_capture`, `requires_action`, a card error |
//! | capture | `POST /v1/payment_intents/{id}/capture` | done, refused, or the authorisation has run out |
//! | void | `POST /v1/payment_intents/{id}/cancel` | done |
//! | refund | `POST /v1/refunds` | done, refused |
//! | authorise again | a second intent with the first one's payment method, off session | done, refused |
//! | refunds that came back | `GET /v1/refunds` of the intent, after `refund.failed` or `charge.refund.updated` | `failed`, `canceled` |
//! | look up | `GET` of the intent, or lists in which our names stand as metadata | |
//!
//! Every `POST` carries an `Idempotency-Key`. What could not be sent was not done and is sent again; whatever happened after the first byte
//! went out is unknown, as is every 5xx, because such an answer is repeated for its key for ever: a look-up decides, and another attempt has
//! another key. 429 and a key in use mean "later", under the same key.

mod answers;
mod client;
mod shapes;
mod signature;
#[cfg(test)]
mod stand_in;
mod steps;
#[cfg(test)]
mod tests;

use self::client::Client;
use crate::id::PaymentId;
use crate::payment::{
    Abilities, AuthorizationQuestion, DisputeReport, Notice, NoticeError, Payment, PaymentOutcome, Provider, ProviderSums, RefundFailure,
    Said, StepAnswer, StepQuestion,
};
use crate::stdx::clock::Timestamp;

pub use client::{ClientError, Secret};

/// How the provider is reached and told apart.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name that payments know it by.
    pub name: String,
    /// Scheme, host and port of the API.
    pub base_url: String,
    /// The key that calls are made with.
    pub secret_key: Secret,
    /// What webhooks are signed with; several while one is being replaced.
    pub webhook_secrets: Vec<Secret>,
    /// Where shoppers come back to after acting elsewhere.
    pub return_url: String,
    /// Whether the account may take the money of one authorisation in several parts.
    pub multiple_captures: bool,
}

/// The provider.
pub struct Stripe {
    options: Options,
    client: Client,
}

impl Stripe {
    /// A provider; nothing is called yet.
    ///
    /// # Errors
    /// When the address is not one.
    pub fn new(options: Options) -> Result<Self, ClientError> {
        let client = Client::new(&options.base_url, options.secret_key.clone())?;
        Ok(Self { options, client })
    }
}

impl Provider for Stripe {
    fn name(&self) -> &str {
        &self.options.name
    }

    fn abilities(&self) -> Abilities {
        Abilities { multiple_captures: self.options.multiple_captures }
    }

    fn authorize(&self, question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        steps::authorize(self, question)
    }

    fn look_up(&self, question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        steps::look_up(self, question)
    }

    fn take_step(&self, question: &StepQuestion) -> Said<StepAnswer> {
        steps::take(self, question)
    }

    fn look_up_step(&self, question: &StepQuestion) -> Said<StepAnswer> {
        steps::look_up_step(self, question)
    }

    fn signature_header(&self) -> &'static str {
        "stripe-signature"
    }

    fn read_notice(&self, signature: Option<&str>, body: &[u8], now: Timestamp) -> Result<Notice, NoticeError> {
        signature::verify(&self.options.webhook_secrets, signature, body, now)?;
        shapes::read_event(body)
    }

    fn locate(&self, provider_reference: &str) -> Said<Option<PaymentId>> {
        answers::locate(self, provider_reference)
    }

    fn disputes(&self, payment: &Payment) -> Said<Vec<DisputeReport>> {
        answers::disputes(self, payment)
    }

    fn failed_refunds(&self, payment: &Payment) -> Said<Vec<RefundFailure>> {
        answers::failed_refunds(self, payment)
    }

    fn sums(&self, payment: &Payment) -> Said<Option<ProviderSums>> {
        answers::sums(self, payment)
    }
}
