//! What must always be true of payments after they were authorised: captures, refunds, disputes, what providers report.

use crate::event::trade::StepKind;
use crate::id::{DisputeId, PaymentId};
use crate::payment::{Payment, StepRecord, StepStatus};
use crate::trade::state::State;
use std::collections::BTreeMap;

impl State {
    /// What is wrong, in words: a status that its sums and steps do not give, steps that are not numbered in order, a dispute that is not
    /// found, an order that does not know its payment, an order that gave back more than it took, a refund that is put off and did not fail.
    pub(super) fn check_payments(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut disputes: BTreeMap<DisputeId, PaymentId> = BTreeMap::new();
        for (_, payment) in self.payments.iter() {
            wrong.extend(self.check_payment(&payment));
            disputes.extend(payment.disputes.iter().map(|dispute| (dispute.id.clone(), payment.id.clone())));
        }
        if !disputes.iter().eq(self.payments_book.disputes.iter()) {
            wrong.push("the list of disputes is not that of the payments".to_owned());
        }
        let put_off = self.payments_book.refunds_put_off.iter().filter(|(_, id, number)| !self.has_failed(id, *number));
        wrong.extend(put_off.map(|(_, id, number)| format!("payment {id}: step {number} is put off and is no refund that failed")));
        wrong
    }

    /// What is wrong right after a refund that failed was asked for again: no more may be on its way back than is owed.
    pub(super) fn check_retry(&self, id: &PaymentId) -> Option<String> {
        let order = self.order(self.payment(id)?.order.as_ref()?)?;
        let owed_minor = self.owed_back_minor(&order);
        (owed_minor < 0).then(|| format!("order {}: {} more is being given back than it owes", order.id, -owed_minor))
    }

    fn has_failed(&self, id: &PaymentId, number: u32) -> bool {
        let is_it = |step: &StepRecord| {
            step.number == number && step.kind == StepKind::Refund && matches!(step.status, StepStatus::Refused | StepStatus::Failed)
        };
        self.payment(id).is_some_and(|payment| payment.order.is_some() && payment.steps.iter().any(is_it))
    }

    fn check_payment(&self, payment: &Payment) -> Vec<String> {
        let is_known = |order| self.order(order).is_some_and(|order| order.payments.contains(&payment.id));
        let rules = [
            ("its status does not follow from its steps", payment.is_settled_right()),
            ("its steps are not numbered in order", payment.steps.iter().zip(1..).all(|(step, number)| step.number == number)),
            ("it keeps a token that nobody needs", payment.token.is_none() || payment.status.is_open()),
            ("its order does not know it", payment.order.as_ref().is_none_or(is_known)),
            ("it took money and has no order", payment.order.is_some() || payment.captured.amount_minor == 0),
        ];
        rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| format!("payment {}: {what}", payment.id)).collect()
    }
}
