//! What events do to payments after they were authorised: captures, refunds, disputes, what providers report.

use super::Fault;
use super::checkout::step as session_step;
use crate::event::trade::{PaymentEvent, StepKind};
use crate::id::PaymentId;
use crate::money::Money;
use crate::order::{Checkout, CheckoutStep};
use crate::payment::{Dispute, DisputeStatus, PaymentError, PaymentStatus, ShopperAction, StepStatus};
use crate::stdx::clock::Timestamp;
use crate::trade::state::State;

impl State {
    pub(super) fn fold_payments(&mut self, event: &PaymentEvent) -> Result<(), Fault> {
        let at = self.time;
        match event {
            PaymentEvent::ActionRequired { payment, url, provider_reference, act_by } => {
                let action = ShopperAction { url: url.clone(), act_by: *act_by };
                self.change_payment(payment, |payment| payment.require_action(action, provider_reference))?;
                self.follow_action(payment)
            }
            PaymentEvent::Asked { payment, number, kind, amount } => self.step_asked(payment, *number, *kind, *amount),
            PaymentEvent::AskedAgain { payment, number, attempt } => {
                self.change_step(payment, *number, |step| (step.status, step.attempt, step.at) = (StepStatus::Asked, *attempt, at))
            }
            PaymentEvent::Lost { payment, number } => self.change_step(payment, *number, |step| step.status = StepStatus::Lost),
            PaymentEvent::Refused { payment, number, reason } => self.step_refused(payment, *number, reason),
            PaymentEvent::Reauthorized { payment, provider_reference } => self.change_payment(payment, |payment| {
                payment.settle_step(StepKind::Reauthorize)?;
                payment.provider_reference = Some(provider_reference.clone());
                payment.authorized_at = at;
                Ok(())
            }),
            PaymentEvent::Reduced { payment, amount } => self.change_payment(payment, |payment| payment.reduce(*amount)),
            PaymentEvent::Allowed { payment, amount } => self.change_payment(payment, |payment| {
                payment.allowed = payment.allowed.plus(*amount)?;
                Ok(())
            }),
            PaymentEvent::FeeCharged { payment, amount } => self.change_payment(payment, |payment| {
                payment.fees = payment.fees.plus(*amount)?;
                Ok(())
            }),
            PaymentEvent::DisputeOpened { .. } => self.dispute_opened(event),
            PaymentEvent::EvidenceGiven { dispute, payment, text } => {
                self.change_payment(payment, |payment| payment.change_dispute(dispute, |dispute| dispute.evidence = Some(text.clone())))
            }
            PaymentEvent::EvidenceTaken { payment } => self.evidence_taken(payment),
            PaymentEvent::DisputeClosed { dispute, payment, is_won } => {
                let status = if *is_won { DisputeStatus::Won } else { DisputeStatus::Lost };
                self.change_payment(payment, |payment| payment.change_dispute(dispute, |dispute| dispute.status = status))
            }
            PaymentEvent::RefundFailed { payment, number, amount, reason } => {
                self.change_payment(payment, |payment| payment.fail_refund(*number, *amount, reason))
            }
            PaymentEvent::RefundPutOff { payment, number, until } => {
                self.payments_book.refunds_put_off.insert((*until, payment.clone(), *number));
                Ok(())
            }
            PaymentEvent::RefundDropped { payment, number, until } => self.refund_due(payment, *number, *until),
            PaymentEvent::RefundRetried { payment, failed, until, number, amount } => {
                self.refund_due(payment, *failed, *until)?;
                self.step_asked(payment, *number, StepKind::Refund, *amount)
            }
            PaymentEvent::RefundGivenUp { payment: _, number: _ } => Ok(()),
            PaymentEvent::Noticed { notice, payment: _ } => {
                self.payments_book.notices.insert(*notice);
                Ok(())
            }
        }
    }

    fn step_asked(&mut self, id: &PaymentId, number: u32, kind: StepKind, amount: Money) -> Result<(), Fault> {
        let at = self.time;
        self.change_payment(id, |payment| {
            if payment.next_number() != number || amount.currency != payment.amount.currency {
                return Err(PaymentError::Missing("place for a step of that number"));
            }
            payment.ask(kind, amount.amount_minor, at)
        })
    }

    /// The time has come to which a refund that failed was put off.
    fn refund_due(&mut self, id: &PaymentId, number: u32, until: Timestamp) -> Result<(), Fault> {
        let known = self.payments_book.refunds_put_off.remove(&(until, id.clone(), number));
        known.map(drop).ok_or_else(|| Fault::missing("refund put off", format!("{id}/{number}")))
    }

    fn change_step(&mut self, id: &PaymentId, number: u32, change: impl FnOnce(&mut crate::payment::StepRecord)) -> Result<(), Fault> {
        self.change_payment(id, |payment| payment.change_step(number, change))
    }

    /// What the provider would not hear of a dispute can be said again.
    fn step_refused(&mut self, id: &PaymentId, number: u32, reason: &str) -> Result<(), Fault> {
        self.change_payment(id, |payment| {
            let kind = payment.steps.iter().find(|step| step.number == number).map(|step| step.kind);
            payment.change_step(number, |step| (step.status, step.reason) = (StepStatus::Refused, Some(reason.into())))?;
            if kind == Some(StepKind::Evidence) {
                let unheard = payment.disputes.iter_mut().find(|dispute| dispute.is_to_be_heard());
                unheard.into_iter().for_each(|dispute| dispute.evidence = None);
            }
            Ok(())
        })
    }

    fn dispute_opened(&mut self, event: &PaymentEvent) -> Result<(), Fault> {
        let PaymentEvent::DisputeOpened { dispute, payment, amount, reason, evidence_by } = event else { return Ok(()) };
        let opened = Dispute {
            id: dispute.clone(),
            amount_minor: amount.amount_minor,
            reason: reason.clone(),
            status: DisputeStatus::NeedsResponse,
            evidence_by: *evidence_by,
            evidence: None,
            opened_at: self.time,
        };
        self.change_payment(payment, |payment| payment.open_dispute(opened))?;
        self.payments_book.disputes.insert(dispute.clone(), payment.clone());
        Ok(())
    }

    fn evidence_taken(&mut self, id: &PaymentId) -> Result<(), Fault> {
        self.change_payment(id, |payment| {
            payment.settle_step(StepKind::Evidence)?;
            let heard = payment.disputes.iter_mut().find(|dispute| dispute.is_to_be_heard());
            heard.into_iter().for_each(|dispute| dispute.status = DisputeStatus::UnderReview);
            Ok(())
        })
    }

    /// The session of an attempt waits for its shopper while one of its payments does.
    pub(super) fn follow_action(&mut self, id: &PaymentId) -> Result<(), Fault> {
        let session = self.payment(id).and_then(|payment| self.checkouts.get(&payment.checkout));
        let Some(session) = session.filter(|session| session.status.is_attempting() && session.payments.contains(id)) else {
            return Ok(());
        };
        let waits = |id: &PaymentId| self.payment(id).is_some_and(|payment| payment.status == PaymentStatus::RequiresAction);
        let is_waiting = session.payments.iter().any(waits);
        let step = if is_waiting { CheckoutStep::Escalate } else { CheckoutStep::Resume };
        if is_waiting == (session.status == crate::order::CheckoutStatus::RequiresEscalation) {
            return Ok(());
        }
        let session = Checkout::clone(session);
        let status = session_step(&session, step)?;
        self.put_checkout(Checkout { status, ..session });
        Ok(())
    }
}
