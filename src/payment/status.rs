//! One payment and its state machine.
//!
//! ```text
//! authorizing ─► authorized ─► capturing ─► captured ─► partially_refunded ─► refunded
//!   │  ▲  │           └──────► voiding ───► voided
//!   │  │  └► declined, failed ──► authorized   (the provider changed its story: it is given back, see `trade`)
//!   ▼  │
//!  unknown   resolved by look-up, never by asking again or giving back blindly
//! ```

use crate::id::{CheckoutId, OrderId, PaymentId};
use crate::money::{Money, MoneyError};
use serde::{Deserialize, Serialize};

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// The provider is to be asked, or is being asked.
    Authorizing,
    /// Nobody knows whether the provider authorised.
    Unknown,
    /// The money is held for the shop.
    Authorized,
    /// The provider is asked to take the money.
    Capturing,
    /// The money was taken.
    Captured,
    /// The provider is asked to give the authorisation back.
    Voiding,
    /// The authorisation was given back.
    Voided,
    /// The provider said no.
    Declined,
    /// The provider was not reached and nothing was authorised.
    Failed,
    /// Some of the captured money was given back.
    PartiallyRefunded,
    /// All of the captured money was given back.
    Refunded,
}

/// What happens to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The provider authorised.
    Authorize,
    /// The provider said no.
    Decline,
    /// The provider was not reached and nothing was authorised.
    Fail,
    /// Nobody knows.
    LoseSight,
    /// The provider is to take the money.
    RequestCapture,
    /// The provider took the money.
    Capture,
    /// The provider is to give the authorisation back.
    RequestVoid,
    /// The provider gave the authorisation back.
    Void,
    /// Some captured money was given back.
    RefundSome,
    /// The last of the captured money was given back.
    RefundRest,
}

/// Why something cannot happen to a payment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    /// Its status does not allow the step.
    #[error("a payment that is {from} cannot take the step {step:?}")]
    Step {
        /// Where it stands.
        from: &'static str,
        /// What should happen.
        step: Step,
    },
    /// More would be given back than was taken, or taken than was authorised.
    #[error("the amount is beyond what the payment allows")]
    Beyond,
    /// The amounts do not add up.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl PaymentStatus {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Authorizing => "authorizing",
            Self::Unknown => "unknown",
            Self::Authorized => "authorized",
            Self::Capturing => "capturing",
            Self::Captured => "captured",
            Self::Voiding => "voiding",
            Self::Voided => "voided",
            Self::Declined => "declined",
            Self::Failed => "failed",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
        }
    }

    /// The status after `step`.
    ///
    /// # Errors
    /// When the step is not allowed from here.
    pub fn after(self, step: Step) -> Result<Self, PaymentError> {
        use PaymentStatus as S;
        match (self, step) {
            (S::Authorizing | S::Unknown | S::Declined | S::Failed, Step::Authorize) => Ok(S::Authorized),
            (S::Authorizing | S::Unknown, Step::Decline) => Ok(S::Declined),
            (S::Authorizing | S::Unknown, Step::Fail) => Ok(S::Failed),
            (S::Authorizing, Step::LoseSight) => Ok(S::Unknown),
            (S::Authorized, Step::RequestCapture) => Ok(S::Capturing),
            (S::Authorized | S::Capturing, Step::Capture) => Ok(S::Captured),
            (S::Authorized, Step::RequestVoid) => Ok(S::Voiding),
            (S::Voiding, Step::Void) => Ok(S::Voided),
            (S::Captured | S::PartiallyRefunded, Step::RefundSome) => Ok(S::PartiallyRefunded),
            (S::Captured | S::PartiallyRefunded, Step::RefundRest) => Ok(S::Refunded),
            (from, step) => Err(PaymentError::Step { from: from.name(), step }),
        }
    }

    /// Whether it is still unknown what the provider says to the authorisation.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Authorizing | Self::Unknown)
    }

    /// Whether nothing is held or taken, and nothing is asked.
    #[must_use]
    pub fn is_void(self) -> bool {
        matches!(self, Self::Voided | Self::Declined | Self::Failed)
    }
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its name; also the provider's idempotency key.
    pub id: PaymentId,
    /// The checkout session that asked for it.
    pub checkout: CheckoutId,
    /// The order it pays, once there is one.
    pub order: Option<OrderId>,
    /// The provider's name.
    pub provider: String,
    /// The provider's token for the instrument; forgotten as soon as the provider has answered.
    pub token: Option<String>,
    /// The provider's name for it, once authorised.
    pub provider_reference: Option<String>,
    /// What is asked for, and authorised if anything is.
    pub amount: Money,
    /// What was taken.
    pub captured: Money,
    /// What of it was given back.
    pub refunded: Money,
    /// Where it stands.
    pub status: PaymentStatus,
}

impl Payment {
    /// A payment that the provider is to be asked for.
    #[must_use]
    pub fn new(id: PaymentId, checkout: CheckoutId, provider: String, token: String, amount: Money) -> Self {
        let nothing = Money::zero(amount.currency);
        let token = Some(token);
        let status = PaymentStatus::Authorizing;
        Self { id, checkout, order: None, provider, token, provider_reference: None, amount, captured: nothing, refunded: nothing, status }
    }

    /// Takes a step that moves no money.
    ///
    /// # Errors
    /// When the status does not allow it.
    pub fn step(&mut self, step: Step) -> Result<(), PaymentError> {
        self.status = self.status.after(step)?;
        if !self.status.is_open() {
            self.token = None;
        }
        Ok(())
    }

    /// The provider took `amount`.
    ///
    /// # Errors
    /// When the status does not allow it, or more was taken than authorised.
    pub fn capture(&mut self, amount: Money) -> Result<(), PaymentError> {
        let captured = self.captured.plus(amount)?;
        if amount.amount_minor < 0 || captured.amount_minor > self.amount.amount_minor {
            return Err(PaymentError::Beyond);
        }
        self.step(Step::Capture)?;
        self.captured = captured;
        Ok(())
    }

    /// The provider gave `amount` of the captured money back.
    ///
    /// # Errors
    /// When the status does not allow it, or more is given back than was taken.
    pub fn refund(&mut self, amount: Money) -> Result<(), PaymentError> {
        let refunded = self.refunded.plus(amount)?;
        if amount.amount_minor <= 0 || refunded.amount_minor > self.captured.amount_minor {
            return Err(PaymentError::Beyond);
        }
        self.step(if refunded == self.captured { Step::RefundRest } else { Step::RefundSome })?;
        self.refunded = refunded;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use PaymentStatus as S;

    const STATUSES: [S; 11] = [
        S::Authorizing,
        S::Unknown,
        S::Authorized,
        S::Capturing,
        S::Captured,
        S::Voiding,
        S::Voided,
        S::Declined,
        S::Failed,
        S::PartiallyRefunded,
        S::Refunded,
    ];
    const STEPS: [Step; 10] = [
        Step::Authorize,
        Step::Decline,
        Step::Fail,
        Step::LoseSight,
        Step::RequestCapture,
        Step::Capture,
        Step::RequestVoid,
        Step::Void,
        Step::RefundSome,
        Step::RefundRest,
    ];
    /// Rows are statuses, columns are steps, in the orders above; `-` is refused.
    const EDGES: [&str; 11] = [
        "authorized declined failed unknown - - - - - -",
        "authorized declined failed - - - - - - -",
        "- - - - capturing captured voiding - - -",
        "- - - - - captured - - - -",
        "- - - - - - - - partially_refunded refunded",
        "- - - - - - - voided - -",
        "- - - - - - - - - -",
        "authorized - - - - - - - - -",
        "authorized - - - - - - - - -",
        "- - - - - - - - partially_refunded refunded",
        "- - - - - - - - - -",
    ];

    #[test]
    fn every_edge_of_the_state_machine_is_as_drawn() {
        for (status, row) in STATUSES.iter().zip(EDGES) {
            for (step, expected) in STEPS.iter().zip(row.split(' ')) {
                let found = status.after(*step).map_or("-", S::name);
                assert_eq!(found, expected, "{} + {step:?}", status.name());
            }
        }
    }

    fn payment(amount_minor: i64) -> Payment {
        let id = PaymentId::new("p").expect("an id");
        let checkout = CheckoutId::new("c").expect("an id");
        Payment::new(id, checkout, "test".to_owned(), "tok".to_owned(), Money::new(amount_minor, Currency::USD))
    }

    #[test]
    fn never_more_is_taken_than_authorised_nor_given_back_than_taken() {
        let dollars = |amount_minor| Money::new(amount_minor, Currency::USD);
        let mut payment = payment(10_000);
        assert!(payment.capture(dollars(10_000)).is_err(), "nothing is authorised yet");
        payment.step(Step::Authorize).expect("authorises");
        assert_eq!(payment.capture(dollars(10_001)), Err(PaymentError::Beyond));
        payment.capture(dollars(10_000)).expect("captures");
        payment.refund(dollars(6_000)).expect("refunds");
        assert_eq!(payment.refund(dollars(6_000)), Err(PaymentError::Beyond));
        assert_eq!(payment.refund(dollars(-1)), Err(PaymentError::Beyond));
        assert_eq!(payment.refund(Money::new(1, Currency::EUR)), Err(PaymentError::Money(MoneyError::Mixed)));
        payment.refund(dollars(4_000)).expect("refunds");
        assert_eq!(payment.status, S::Refunded);
    }

    #[test]
    fn the_token_is_forgotten_once_the_provider_has_answered() {
        let mut payment = payment(1);
        payment.step(Step::LoseSight).expect("is unknown");
        assert!(payment.token.is_some(), "a look-up needs it");
        payment.step(Step::Decline).expect("declines");
        assert_eq!(payment.token, None);
    }
}
