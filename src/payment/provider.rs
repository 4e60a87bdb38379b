//! What a payment provider has to be able to do, and the built-in one for tests and demonstrations.
//!
//! Providers are asked by the pipeline's workers, after the event that asks is durable and never inside `decide`; what they say comes back
//! as a command. The payment's name is the provider's idempotency key: asking twice authorises once.

use crate::id::PaymentId;
use crate::money::Money;

/// What the payment provider said, or did not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentOutcome {
    /// Authorised under the provider's own reference.
    Authorized {
        /// The provider's name for it.
        provider_reference: String,
    },
    /// Refused.
    Declined,
    /// Certainly not authorised: the provider could not be reached, or a look-up found nothing.
    Failed,
    /// Nobody knows; a look-up has to follow.
    Unknown,
    /// The money was taken, all of it.
    Captured,
    /// The authorisation was given back.
    Voided,
}

/// A payment provider. Calls may block; they are made on the pipeline's own threads.
pub trait Provider: Send + Sync {
    /// The provider's name, as in [`crate::event::TradeEvent::PaymentRequested`].
    fn name(&self) -> &str;

    /// Asks for an authorisation. A timeout is [`PaymentOutcome::Unknown`], never [`PaymentOutcome::Failed`].
    fn authorize(&self, payment: &PaymentId, amount: Money, token: &str) -> PaymentOutcome;

    /// Asks what became of an authorisation.
    fn lookup(&self, payment: &PaymentId, token: &str) -> PaymentOutcome;

    /// Asks for the money of an authorised payment; [`PaymentOutcome::Captured`] when it was taken.
    fn capture(&self, payment: &PaymentId, amount: Money) -> PaymentOutcome;

    /// Gives an authorisation back; [`PaymentOutcome::Voided`] when that is done.
    fn void(&self, payment: &PaymentId) -> PaymentOutcome;
}

/// The built-in provider. It keeps nothing: the token says what happens.
///
/// `tok_success` is authorised; `tok_decline` is declined; `tok_timeout_after_success` answers [`PaymentOutcome::Unknown`] and a look-up finds
/// it authorised; `tok_unreachable` fails; everything else is declined.
#[derive(Debug, Clone, Copy, Default)]
pub struct TestProvider;

impl TestProvider {
    /// Its name.
    pub const NAME: &str = "test";

    fn authorized(payment: &PaymentId) -> PaymentOutcome {
        PaymentOutcome::Authorized { provider_reference: format!("{}/{payment}", Self::NAME) }
    }
}

impl Provider for TestProvider {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn authorize(&self, payment: &PaymentId, _amount: Money, token: &str) -> PaymentOutcome {
        match token {
            "tok_success" => Self::authorized(payment),
            "tok_timeout_after_success" => PaymentOutcome::Unknown,
            "tok_unreachable" => PaymentOutcome::Failed,
            _ => PaymentOutcome::Declined,
        }
    }

    fn lookup(&self, payment: &PaymentId, token: &str) -> PaymentOutcome {
        match token {
            "tok_success" | "tok_timeout_after_success" => Self::authorized(payment),
            "tok_unreachable" => PaymentOutcome::Failed,
            _ => PaymentOutcome::Declined,
        }
    }

    fn capture(&self, _payment: &PaymentId, _amount: Money) -> PaymentOutcome {
        PaymentOutcome::Captured
    }

    fn void(&self, _payment: &PaymentId) -> PaymentOutcome {
        PaymentOutcome::Voided
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn the_token_says_what_the_test_provider_does() {
        let payment = PaymentId::new("p").expect("an id");
        let amount = Money::new(1, Currency::EUR);
        let authorized = PaymentOutcome::Authorized { provider_reference: "test/p".to_owned() };
        let check = |token: &str, asked: PaymentOutcome, looked_up: PaymentOutcome| {
            assert_eq!(TestProvider.authorize(&payment, amount, token), asked, "{token}");
            assert_eq!(TestProvider.lookup(&payment, token), looked_up, "{token}");
        };
        check("tok_success", authorized.clone(), authorized.clone());
        check("tok_decline", PaymentOutcome::Declined, PaymentOutcome::Declined);
        check("tok_timeout_after_success", PaymentOutcome::Unknown, authorized);
        check("tok_unreachable", PaymentOutcome::Failed, PaymentOutcome::Failed);
        check("anything", PaymentOutcome::Declined, PaymentOutcome::Declined);
        assert_eq!(TestProvider.capture(&payment, amount), PaymentOutcome::Captured);
        assert_eq!(TestProvider.void(&payment), PaymentOutcome::Voided);
    }
}
