//! What events do to payments, and through them to sessions and orders.

use super::Fault;
use super::checkout::step;
use crate::event::trade::{BuyerKey, PaymentFailure, StepKind};
use crate::id::{OrderId, PaymentId};
use crate::order::{Checkout, CheckoutFailure, CheckoutStatus, CheckoutStep, OrderPaymentStatus, payment_status};
use crate::payment::{Payment, PaymentError, PaymentStatus, Step};
use crate::trade::state::State;
use std::sync::Arc;

impl State {
    pub(super) fn payment_requested(&mut self, payment: Payment) -> Result<(), Fault> {
        let mut session = self.session(&payment.checkout)?;
        // An attempt begins with its first payment; the others come in the same entry.
        let (status, before) = match session.status {
            CheckoutStatus::CompleteInProgress => (session.status, Arc::clone(&session.payments)),
            _ => {
                self.pricing.begin_attempt(&session.id, &session.totals.discounts, &session.buyer);
                (step(&session, CheckoutStep::Begin)?, Arc::from([]))
            }
        };
        if before.is_empty() {
            session.trail.attempts_count += 1;
            session.trail.changes = Arc::from([]);
            self.carts_book.tries_mut().note_try(&BuyerKey::of_household(&session.buyer, session.address.as_deref()), self.time);
        }
        let payments = before.iter().cloned().chain([payment.id.clone()]).collect();
        self.put_checkout(Checkout { status, payments, failure: None, updated_at: self.time, ..session });
        self.put_payment(payment);
        Ok(())
    }

    /// Changes a payment, and the payment axis of its order with it.
    pub(super) fn change_payment(
        &mut self,
        id: &PaymentId,
        change: impl FnOnce(&mut Payment) -> Result<(), PaymentError>,
    ) -> Result<(), Fault> {
        let mut payment = self.payment(id).map(Arc::unwrap_or_clone).ok_or_else(|| Fault::missing("payment", id))?;
        change(&mut payment)?;
        let order = payment.order.clone();
        self.put_payment(payment);
        // A payment that belongs to an order that is just being placed finds it later in the same entry.
        let Some(order) = order.filter(|id| self.order(id).is_some()) else { return Ok(()) };
        let status = self.payment_axis(&order);
        self.change_order(&order, |order| order.payment_status = status)
    }

    /// How far the money of an order is, by all its payments.
    pub(super) fn payment_axis(&self, order: &OrderId) -> OrderPaymentStatus {
        let names = self.order(order).map(|order| Arc::clone(&order.payments)).unwrap_or_default();
        let payments: Vec<Arc<Payment>> = names.iter().filter_map(|id| self.payment(id)).collect();
        payment_status(&payments)
    }

    pub(super) fn step_payment(&mut self, id: &PaymentId, step: Step) -> Result<(), Fault> {
        self.change_payment(id, |payment| payment.step(step))
    }

    pub(super) fn payment_authorized(&mut self, id: &PaymentId, provider_reference: &str) -> Result<(), Fault> {
        let at = self.time;
        self.change_payment(id, |payment| payment.authorize(provider_reference, at))?;
        self.follow_action(id)
    }

    /// All that is still held is to be taken, as an earlier release asked for it.
    pub(super) fn payment_capture_requested(&mut self, id: &PaymentId) -> Result<(), Fault> {
        let at = self.time;
        self.change_payment(id, |payment| payment.ask(StepKind::Capture, payment.capturable_minor(), at))
    }

    pub(super) fn payment_voided(&mut self, id: &PaymentId) -> Result<(), Fault> {
        self.change_payment(id, |payment| payment.settle_step(StepKind::Void))
    }

    pub(super) fn payment_failed(&mut self, id: &PaymentId, failure: PaymentFailure) -> Result<(), Fault> {
        let (step, failure) = match failure {
            PaymentFailure::Declined => (Step::Decline, CheckoutFailure::PaymentDeclined),
            PaymentFailure::Failed => (Step::Fail, CheckoutFailure::PaymentFailed),
        };
        self.step_payment(id, step)?;
        if failure == CheckoutFailure::PaymentDeclined
            && let Some(session) = self.payment(id).and_then(|payment| self.checkout(&payment.checkout))
        {
            let buyer = BuyerKey::of_household(&session.buyer, session.address.as_deref());
            self.carts_book.tries_mut().note_decline(&buyer, self.time);
        }
        self.end_attempt_of(id, failure)
    }

    /// An authorisation is given back. Asked for before an order came of it, the shopper did not act, or the stock was gone.
    pub(super) fn payment_void_requested(&mut self, id: &PaymentId) -> Result<(), Fault> {
        let at = self.time;
        let waits = self.payment(id).is_some_and(|payment| payment.status == PaymentStatus::RequiresAction);
        self.change_payment(id, |payment| payment.ask(StepKind::Void, 0, at))?;
        self.end_attempt_of(id, if waits { CheckoutFailure::ActionNotTaken } else { CheckoutFailure::StockGone })
    }

    /// Ends the attempt that this payment is part of. A session that was canceled, or that tries again with another payment, is left alone.
    fn end_attempt_of(&mut self, id: &PaymentId, failure: CheckoutFailure) -> Result<(), Fault> {
        let session = self.payment(id).and_then(|payment| self.checkouts.get(&payment.checkout));
        let is_its_attempt = |session: &&Arc<Checkout>| session.status.is_attempting() && session.payments.contains(id);
        match session.filter(is_its_attempt) {
            Some(session) => self.attempt_failed(Checkout::clone(session), failure),
            None => Ok(()),
        }
    }
}
