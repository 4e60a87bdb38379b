//! A checkout session: what stands between a cart and an order.
//!
//! ```text
//! incomplete ◄──► ready_for_complete ──► complete_in_progress ──► completed
//!                         ▲ └ ─ ─ ─ ─ payment or stock failed ─┤ ▲
//!                         └ ─ ─ ─ ─ ─ the shopper did not act ─┤ ▼
//!                                                  requires_escalation (the shopper has to act elsewhere)
//! every one but completed ──► canceled
//! ```

use super::fraud::BY_RULES;
use crate::event::trade::{Address, Buyer, Change, Claims, Decision, Delivery, Line, Totals, Verdict};
use crate::id::{CartId, CheckoutId, IdempotencyKey, OrderId, PaymentId, ReservationId};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where a checkout session stands, in the words of the Universal Commerce Protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutStatus {
    /// Something is missing: see [`Checkout::missing`].
    Incomplete,
    /// Stock is held, and the shopper has to act elsewhere before the provider says yes or no.
    RequiresEscalation,
    /// It can be completed.
    ReadyForComplete,
    /// Stock is held and the provider is asked.
    CompleteInProgress,
    /// There is an order.
    Completed,
    /// It was canceled, or its time ran out.
    Canceled,
}

/// What happens to a checkout session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckoutStep {
    /// Its content was replaced, and now something is missing.
    UpdateIncomplete,
    /// Its content was replaced, and nothing is missing.
    UpdateReady,
    /// Stock is held and the provider is asked.
    Begin,
    /// The shopper has to act elsewhere first.
    Escalate,
    /// Nothing waits for the shopper any longer.
    Resume,
    /// No order came of it.
    Fail,
    /// An order came of it.
    Complete,
    /// It is canceled.
    Cancel,
}

impl CheckoutStatus {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::RequiresEscalation => "requires_escalation",
            Self::ReadyForComplete => "ready_for_complete",
            Self::CompleteInProgress => "complete_in_progress",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
        }
    }

    /// The status after `step`; none when the step is not allowed from here.
    #[must_use]
    pub fn after(self, step: CheckoutStep) -> Option<Self> {
        use CheckoutStatus as S;
        match (self, step) {
            (S::Incomplete | S::ReadyForComplete, CheckoutStep::UpdateIncomplete) => Some(S::Incomplete),
            (S::Incomplete | S::ReadyForComplete, CheckoutStep::UpdateReady) => Some(S::ReadyForComplete),
            (S::ReadyForComplete, CheckoutStep::Begin) => Some(S::CompleteInProgress),
            (S::CompleteInProgress | S::RequiresEscalation, CheckoutStep::Escalate) => Some(S::RequiresEscalation),
            (S::RequiresEscalation, CheckoutStep::Resume) => Some(S::CompleteInProgress),
            (S::CompleteInProgress | S::RequiresEscalation, CheckoutStep::Fail) => Some(S::ReadyForComplete),
            (S::CompleteInProgress | S::RequiresEscalation, CheckoutStep::Complete) => Some(S::Completed),
            (S::Incomplete | S::RequiresEscalation | S::ReadyForComplete | S::CompleteInProgress, CheckoutStep::Cancel) => {
                Some(S::Canceled)
            }
            (
                S::Incomplete | S::RequiresEscalation | S::ReadyForComplete | S::CompleteInProgress | S::Completed | S::Canceled,
                CheckoutStep::UpdateIncomplete
                | CheckoutStep::UpdateReady
                | CheckoutStep::Begin
                | CheckoutStep::Escalate
                | CheckoutStep::Resume
                | CheckoutStep::Fail
                | CheckoutStep::Complete
                | CheckoutStep::Cancel,
            ) => None,
        }
    }

    /// Whether it waits for the shopper without anything being held, so that it may run out of time.
    #[must_use]
    pub fn waits_for_shopper(self) -> bool {
        matches!(self, Self::Incomplete | Self::ReadyForComplete)
    }

    /// Whether an attempt to complete it is under way: stock is held for it, and a reservation's time limits it.
    #[must_use]
    pub fn is_attempting(self) -> bool {
        matches!(self, Self::CompleteInProgress | Self::RequiresEscalation)
    }
}

/// Why the last attempt to complete a session gave no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutFailure {
    /// The provider said no.
    PaymentDeclined,
    /// The provider could not be reached; nothing was authorised.
    PaymentFailed,
    /// The provider authorised after the reservation had run out and the stock was gone; the money is given back.
    StockGone,
    /// The shopper had to act elsewhere and did not in time; nothing was charged.
    ActionNotTaken,
}

/// What happened to a session on its way to an order; an order does not keep it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trail {
    /// What changed under the buyer's hands and has not been answered yet: the next completion is at today's terms.
    pub changes: Arc<[Change]>,
    /// Payments that were asked for.
    pub attempts_count: u32,
    /// When the live reservation began.
    pub reserved_at: Option<Timestamp>,
    /// What was found when somebody looked for fraud.
    pub verdict: Option<Arc<Verdict>>,
}

/// A checkout session. What its order keeps is shared with it, not copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkout {
    /// Its name.
    pub id: CheckoutId,
    /// The cart it came from, if one did and there is no order yet.
    pub cart: Option<CartId>,
    /// Who buys.
    pub buyer: Arc<Buyer>,
    /// Where the goods go, when known.
    pub address: Option<Arc<Address>>,
    /// What is bought.
    pub lines: Arc<[Line]>,
    /// Coupons, gift cards and marketplace.
    pub claims: Arc<Claims>,
    /// What it comes to.
    pub totals: Totals,
    /// How the goods travel and when they are promised, once that is known.
    pub delivery: Option<Arc<Delivery>>,
    /// Where it stands.
    pub status: CheckoutStatus,
    /// The payments of the last attempt; the order is placed when all are authorised.
    pub payments: Arc<[PaymentId]>,
    /// The live reservation.
    pub reservation: Option<ReservationId>,
    /// Why the last attempt failed.
    pub failure: Option<CheckoutFailure>,
    /// What happened on its way here.
    pub trail: Trail,
    /// The order, once there is one.
    pub order: Option<OrderId>,
    /// The idempotency key of the attempt that is in progress or succeeded.
    pub completion_key: Option<IdempotencyKey>,
    /// When it was last changed by its shopper, or became an order.
    pub updated_at: Timestamp,
}

impl Checkout {
    /// Paths of the fields without which there can be no order.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let empty = Address::default();
        let address = self.address.as_deref().unwrap_or(&empty);
        let fields = [
            ("lines", self.lines.is_empty()),
            ("buyer.email", self.buyer.email.is_none()),
            ("address.name", address.name.trim().is_empty()),
            ("address.street", address.street.trim().is_empty()),
            ("address.city", address.city.trim().is_empty()),
            ("address.country", address.country.is_empty()),
        ];
        fields.into_iter().filter(|(_, is_missing)| *is_missing).map(|(field, _)| field).collect()
    }

    /// Whether whoever judged one of the two judged the other: the same buyer, destination, goods and total.
    #[must_use]
    pub fn is_same_purchase(&self, other: &Self) -> bool {
        (&self.buyer, &self.address, &self.lines, self.totals.total) == (&other.buyer, &other.address, &other.lines, other.totals.total)
    }

    /// Takes back that a service outside accepted it: another purchase is judged anew. What it refused or wants looked at stays so.
    pub fn forget_acceptance(&mut self) {
        let is_acceptance = |verdict: &Arc<Verdict>| verdict.by != BY_RULES && verdict.decision == Decision::Accept;
        self.trail.verdict.take_if(|verdict| is_acceptance(verdict));
    }

    /// The step that new content of this session is.
    #[must_use]
    pub fn update_step(&self) -> CheckoutStep {
        if self.missing().is_empty() { CheckoutStep::UpdateReady } else { CheckoutStep::UpdateIncomplete }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CheckoutStatus as S;

    #[test]
    fn every_edge_of_the_state_machine_is_as_drawn() {
        let steps = [
            CheckoutStep::UpdateIncomplete,
            CheckoutStep::UpdateReady,
            CheckoutStep::Begin,
            CheckoutStep::Escalate,
            CheckoutStep::Resume,
            CheckoutStep::Fail,
            CheckoutStep::Complete,
            CheckoutStep::Cancel,
        ];
        let check = |status: S, row: &str| {
            for (step, expected) in steps.iter().zip(row.split(' ')) {
                assert_eq!(status.after(*step).map_or("-", S::name), expected, "{} + {step:?}", status.name());
            }
        };
        check(S::Incomplete, "incomplete ready_for_complete - - - - - canceled");
        check(S::RequiresEscalation, "- - - requires_escalation complete_in_progress ready_for_complete completed canceled");
        check(S::ReadyForComplete, "incomplete ready_for_complete complete_in_progress - - - - canceled");
        check(S::CompleteInProgress, "- - - requires_escalation - ready_for_complete completed canceled");
        check(S::Completed, "- - - - - - - -");
        check(S::Canceled, "- - - - - - - -");
    }
}
