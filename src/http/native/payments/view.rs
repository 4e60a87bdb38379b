//! Payments and disputes as answers show them. Tokens are never among it.

use crate::http::answer::moment;
use crate::id::{CheckoutId, DisputeId, OrderId, PaymentId};
use crate::money::Money;
use crate::payment::{Dispute, Payment, PaymentBook, StepRecord};
use serde::Serialize;

#[derive(Serialize)]
pub(in crate::http) struct PaymentView<'a> {
    id: &'a PaymentId,
    checkout_id: &'a CheckoutId,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<&'a OrderId>,
    provider: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_reference: Option<&'a str>,
    status: &'static str,
    amount: Money,
    captured: Money,
    refunded: Money,
    released: Money,
    fees: Money,
    capturable: Money,
    refundable: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<ActionView<'a>>,
    steps: Vec<StepView<'a>>,
    disputes: Vec<DisputeView<'a>>,
    asked_at: String,
}

#[derive(Serialize)]
struct ActionView<'a> {
    url: &'a str,
    act_by: String,
}

#[derive(Serialize)]
struct StepView<'a> {
    number: u32,
    kind: &'static str,
    amount: Money,
    status: &'static str,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    asked_at: String,
    /// When a refund that failed will be asked for again by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    again_at: Option<String>,
}

#[derive(Serialize)]
pub(super) struct DisputeView<'a> {
    id: &'a DisputeId,
    payment_id: &'a PaymentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<&'a OrderId>,
    status: &'static str,
    amount: Money,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a str>,
    opened_at: String,
}

impl<'a> PaymentView<'a> {
    /// The payment, and in `book` when its refunds that failed are asked for again.
    pub(in crate::http) fn with_retries(payment: &'a Payment, book: &PaymentBook) -> Self {
        let mut view = Self::of(payment);
        for (number, at) in book.put_off(&payment.id) {
            view.steps.iter_mut().filter(|step| step.number == number).for_each(|step| step.again_at = Some(moment(at)));
        }
        view
    }

    /// The same without the provider's name for it, which is between the provider and the shop.
    pub(in crate::http) fn without_reference(self) -> Self {
        Self { provider_reference: None, ..self }
    }

    pub(super) fn of(payment: &'a Payment) -> Self {
        let money = |minor: i64| Money::new(minor.max(0), payment.amount.currency);
        Self {
            id: &payment.id,
            checkout_id: &payment.checkout,
            order_id: payment.order.as_ref(),
            provider: &payment.provider,
            provider_reference: payment.provider_reference.as_deref(),
            status: payment.status.name(),
            amount: payment.amount,
            captured: payment.captured,
            refunded: payment.refunded,
            released: payment.released,
            fees: payment.fees,
            capturable: money(payment.capturable_minor()),
            refundable: money(payment.refundable_minor()),
            action: payment.action.as_deref().map(|action| ActionView { url: &action.url, act_by: moment(action.act_by) }),
            steps: payment.steps.iter().map(|step| step_view(payment, step)).collect(),
            disputes: payment.disputes.iter().map(|dispute| DisputeView::of(payment, dispute)).collect(),
            asked_at: moment(payment.asked_at),
        }
    }
}

fn step_view<'a>(payment: &Payment, step: &'a StepRecord) -> StepView<'a> {
    StepView {
        number: step.number,
        kind: step.kind.name(),
        amount: Money::new(step.amount_minor, payment.amount.currency),
        status: step.status.name(),
        attempt: step.attempt,
        reason: step.reason.as_deref(),
        asked_at: moment(step.at),
        again_at: None,
    }
}

impl<'a> DisputeView<'a> {
    pub(super) fn of(payment: &'a Payment, dispute: &'a Dispute) -> Self {
        Self {
            id: &dispute.id,
            payment_id: &payment.id,
            order_id: payment.order.as_ref(),
            status: dispute.status.name(),
            amount: Money::new(dispute.amount_minor, payment.amount.currency),
            reason: &dispute.reason,
            evidence_by: dispute.evidence_by.map(moment),
            evidence: dispute.evidence.as_deref(),
            opened_at: moment(dispute.opened_at),
        }
    }
}
