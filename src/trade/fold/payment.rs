//! What events do to payments, and through them to sessions and orders.

use super::Fault;
use super::checkout::step;
use crate::event::trade::PaymentFailure;
use crate::id::PaymentId;
use crate::order::{Checkout, CheckoutFailure, CheckoutStatus, CheckoutStep, payment_status};
use crate::payment::{Payment, PaymentError, Step};
use crate::trade::state::State;
use std::sync::Arc;

impl State {
    pub(super) fn payment_requested(&mut self, payment: Payment) -> Result<(), Fault> {
        let session = self.session(&payment.checkout)?;
        let status = step(&session, CheckoutStep::Begin)?;
        self.put_checkout(Checkout { status, payment: Some(payment.id.clone()), failure: None, updated_at: self.time, ..session });
        self.put_payment(payment);
        Ok(())
    }

    /// Changes a payment, and the payment axis of its order with it.
    pub(super) fn change_payment(
        &mut self,
        id: &PaymentId,
        change: impl FnOnce(&mut Payment) -> Result<(), PaymentError>,
    ) -> Result<(), Fault> {
        let payment = self.payments.get(id).ok_or_else(|| Fault::missing("payment", id))?;
        let mut payment = Payment::clone(payment);
        change(&mut payment)?;
        let (status, order) = (payment.status, payment.order.clone());
        self.put_payment(payment);
        // A payment that belongs to an order that is just being placed finds it later in the same entry.
        match order.filter(|id| self.orders.contains(id)) {
            Some(order) => self.change_order(&order, |order| order.payment_status = payment_status(status)),
            None => Ok(()),
        }
    }

    pub(super) fn step_payment(&mut self, id: &PaymentId, step: Step) -> Result<(), Fault> {
        self.change_payment(id, |payment| payment.step(step))
    }

    pub(super) fn payment_authorized(&mut self, id: &PaymentId, provider_reference: &str) -> Result<(), Fault> {
        self.change_payment(id, |payment| {
            payment.provider_reference = Some(provider_reference.to_owned());
            payment.step(Step::Authorize)
        })
    }

    pub(super) fn payment_failed(&mut self, id: &PaymentId, failure: PaymentFailure) -> Result<(), Fault> {
        let (step, failure) = match failure {
            PaymentFailure::Declined => (Step::Decline, CheckoutFailure::PaymentDeclined),
            PaymentFailure::Failed => (Step::Fail, CheckoutFailure::PaymentFailed),
        };
        self.step_payment(id, step)?;
        self.end_attempt_of(id, failure)
    }

    /// An authorisation is given back. Asked for before an order came of it, the stock was gone.
    pub(super) fn payment_void_requested(&mut self, id: &PaymentId) -> Result<(), Fault> {
        self.step_payment(id, Step::RequestVoid)?;
        self.end_attempt_of(id, CheckoutFailure::StockGone)
    }

    /// Ends the attempt that this payment is part of. A session that was canceled, or that tries again with another payment, is left alone.
    fn end_attempt_of(&mut self, id: &PaymentId, failure: CheckoutFailure) -> Result<(), Fault> {
        let session = self.payments.get(id).and_then(|payment| self.checkouts.get(&payment.checkout));
        let is_its_attempt =
            |session: &&Arc<Checkout>| session.status == CheckoutStatus::CompleteInProgress && session.payment.as_ref() == Some(id);
        match session.filter(is_its_attempt) {
            Some(session) => self.attempt_failed(Checkout::clone(session), failure),
            None => Ok(()),
        }
    }
}
