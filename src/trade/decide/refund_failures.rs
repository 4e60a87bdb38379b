//! Refunds that fail: refused when they are asked for, or done and come back weeks later. Either way the order owes its shopper the money again.
//!
//! What may pass by itself is asked for again by itself, a few times and ever more seldom; what cannot pass, and what was tried often enough, is
//! told to whoever looks after the shop. A retry is a step of its own, decided from what is owed when its time has come: whatever was given back
//! meanwhile, by whatever way, is not given back twice. See `docs/decisions/0054`.

use super::payment::posted;
use super::payments::code_of;
use crate::event::TradeEvent;
use crate::event::trade::{PaymentEvent, StepKind};
use crate::id::PaymentId;
use crate::money::Money;
use crate::payment::{Payment, RefundFailure, StepRecord, StepStatus, account};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;
use std::collections::BTreeSet;

/// Codes of providers by which asking again cannot help: the instrument is gone, or its bank has the money in other hands.
const FINAL: [&str; 8] = [
    "account_closed",
    "charge_already_refunded",
    "charge_disputed",
    "charge_for_pending_refund_disputed",
    "expired_or_canceled_card",
    "lost_or_stolen_card",
    "merchant_request",
    "no_authorization",
];
/// How much longer each pause is than the one before.
const PAUSE_FACTOR: i64 = 4;
/// Most refunds that are asked for again in one entry; the rest follows in the next.
const RETRIED_MAX: usize = 1_000;

/// A refund that was done has come back: the shop has the money again, and owes it.
pub(super) fn came_back(state: &State, id: &PaymentId, failure: &RefundFailure, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let payment = &state.payment(id).ok_or_else(|| Rejection::unknown("payment", id))?;
    let is_it = |step: &&StepRecord| step.number == failure.number && step.kind == StepKind::Refund && step.status == StepStatus::Done;
    // What is not done any more was heard before; what is not done yet is answered when it is looked up.
    let Some(step) = payment.steps.iter().find(is_it) else { return Ok(Vec::new()) };
    let amount = Money::new(step.amount_minor, payment.amount.currency);
    let reason = code_of(&failure.reason, "failed").to_owned();
    let then = follow(state, payment, step, &reason, now);
    let failed = TradeEvent::Payment(PaymentEvent::RefundFailed { payment: id.clone(), number: step.number, amount, reason });
    let owed = payment.order.as_ref().map(account::receivable);
    let posting = owed.and_then(|owed| posted(owed, account::provider(&payment.provider), amount));
    Ok([failed].into_iter().chain(posting).chain(then).collect())
}

/// What follows when a refund has failed for `reason`: it is put off, or given up. Nothing of a payment without an order, which owes nobody anything.
pub(super) fn follow(state: &State, payment: &Payment, step: &StepRecord, reason: &str, now: Timestamp) -> Option<TradeEvent> {
    payment.order.as_ref()?;
    let options = &state.options().payments;
    let has_failed = |other: &&StepRecord| {
        other.kind == StepKind::Refund && matches!(other.status, StepStatus::Refused | StepStatus::Failed) && other.number != step.number
    };
    let before = payment.steps.iter().filter(has_failed).count();
    let (payment_id, number) = (payment.id.clone(), step.number);
    let is_last = FINAL.contains(&reason) || before + 1 >= options.refund_tries_max || !payment.has_room();
    let pauses = u32::try_from(before).unwrap_or(u32::MAX);
    let until = now.plus_ms(options.refund_pause_ms.saturating_mul(PAUSE_FACTOR.saturating_pow(pauses)));
    Some(TradeEvent::Payment(match is_last {
        true => PaymentEvent::RefundGivenUp { payment: payment_id, number },
        false => PaymentEvent::RefundPutOff { payment: payment_id, number, until },
    }))
}

/// Refunds whose time has come: one of an order in an entry, so that the next one sees what this one asks for.
pub(super) fn due(state: &State, now: Timestamp) -> Vec<TradeEvent> {
    let mut orders = BTreeSet::new();
    let due = state.payments_book().refunds_put_off.iter().take_while(|(until, _, _)| *until <= now).take(RETRIED_MAX);
    let first_of_its_order = due.filter_map(|(until, id, number)| {
        let payment = state.payment(id)?;
        orders.insert(payment.order.clone()).then(|| TradeEvent::Payment(again(state, &payment, *number, *until)))
    });
    first_of_its_order.collect()
}

/// Asks for what is still owed of a refund that failed.
fn again(state: &State, payment: &Payment, failed: u32, until: Timestamp) -> PaymentEvent {
    let asked_minor = payment.steps.iter().find(|step| step.number == failed).map_or(0, |step| step.amount_minor);
    let order = payment.order.as_ref().and_then(|id| state.order(id));
    let owed_minor = order.map_or(0, |order| state.owed_back(&order).amount_minor);
    let minor = asked_minor.min(owed_minor).min(payment.refundable_minor());
    let id = payment.id.clone();
    if minor < 1 || !payment.has_room() {
        return PaymentEvent::RefundDropped { payment: id, number: failed, until };
    }
    let amount = Money::new(minor, payment.amount.currency);
    PaymentEvent::RefundRetried { payment: id, failed, until, number: payment.next_number(), amount }
}
