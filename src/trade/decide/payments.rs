//! Decisions about payments after they were authorised: captures, refunds, disputes, what providers report.

use super::payment::{attempt, held_beside, not_acted, posted};
use super::{captures, disputes, money_back, refund_failures};
use crate::event::TradeEvent;
use crate::event::trade::{PaymentEvent, ReleaseReason, StepKind};
use crate::id::PaymentId;
use crate::money::Money;
use crate::order::Order;
use crate::payment::{AUTHORIZATION_EXPIRED, Payment, PaymentStatus, STEPS_MAX, StepAnswer, StepRecord, StepStatus, account};
use crate::stdx::clock::Timestamp;
use crate::trade::command::{PaymentAction, Rejection};
use crate::trade::state::State;
use std::sync::Arc;

pub(super) use captures::{capture_rest, capture_shipped};
pub(super) use money_back::{most_minor, refund, release};

/// Most payments that are given up in one entry because their shoppers did not act; the rest follows in the next.
const GIVEN_UP_MAX: usize = 1_000;
/// Most characters of a provider's code that are kept.
pub(super) const REASON_CHARS_MAX: usize = 64;
/// The reason that is kept when a provider gives none that is a code.
const REFUSED: &str = "refused";

pub(super) fn decide(state: &State, action: &PaymentAction, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match action {
        PaymentAction::Capture { payment, amount } => capture_one(state, payment, *amount),
        PaymentAction::Refund { payment, amount } => money_back::refund_one(state, payment, *amount),
        PaymentAction::Void { payment } => void_one(state, payment),
        PaymentAction::Settle { payment, number, attempt, answer } => settle(state, payment, (*number, *attempt), answer, now),
        PaymentAction::Hear { notice, payment } => {
            if state.payments_book().notices.contains(notice) {
                return Ok(Vec::new());
            }
            let payment = payment.clone().filter(|id| state.payment(id).is_some());
            Ok(vec![TradeEvent::Payment(PaymentEvent::Noticed { notice: *notice, payment })])
        }
        PaymentAction::HearDispute { payment, report } => disputes::hear(state, payment, report),
        PaymentAction::HearRefundFailed { payment, failure } => refund_failures::came_back(state, payment, failure, now),
        PaymentAction::GiveEvidence { dispute, text } => disputes::give_evidence(state, dispute, text, now),
        PaymentAction::TellFee { payment, amount } => fee(state, payment, *amount),
    }
}

/// What time alone makes happen here.
pub(super) fn due(state: &State, now: Timestamp) -> Vec<TradeEvent> {
    not_acted(state, now, GIVEN_UP_MAX).into_iter().chain(refund_failures::due(state, now)).collect()
}

/// The payments of an order, in the order in which they were given.
pub(super) fn payments_of<'a>(state: &'a State, order: &'a Order) -> impl DoubleEndedIterator<Item = Arc<Payment>> {
    order.payments.iter().filter_map(|id| state.payment(id))
}

/// The event that asks for a step.
pub(super) fn asked(payment: &Payment, number: u32, kind: StepKind, amount_minor: i64) -> TradeEvent {
    let amount = Money::new(amount_minor, payment.amount.currency);
    TradeEvent::Payment(PaymentEvent::Asked { payment: payment.id.clone(), number, kind, amount })
}

/// A payment of an order that can take one more step.
pub(super) fn payment_of_an_order(state: &State, id: &PaymentId) -> Result<Arc<Payment>, Rejection> {
    let payment = state.payment(id).ok_or_else(|| Rejection::unknown("payment", id))?;
    if payment.order.is_none() || payment.status.is_open() || payment.status.is_void() {
        return Err(Rejection::WrongStatus { kind: "payment", status: payment.status.name() });
    }
    if !payment.has_room() {
        return Err(Rejection::invalid("payment", format!("has taken {STEPS_MAX} steps, which is the limit")));
    }
    Ok(payment)
}

/// The amount that is asked for, in minor units: between 1 and `most`, in the payment's currency; `most` when none is named.
pub(super) fn amount_within(payment: &Payment, amount: Option<Money>, most_minor: i64) -> Result<i64, Rejection> {
    let Money { amount_minor, currency } = amount.unwrap_or(Money::new(most_minor, payment.amount.currency));
    if currency != payment.amount.currency {
        return Err(Rejection::invalid("amount.currency", format!("the payment is in {}", payment.amount.currency)));
    }
    if most_minor <= 0 {
        return Err(Rejection::WrongStatus { kind: "payment", status: payment.status.name() });
    }
    if !(1..=most_minor).contains(&amount_minor) {
        return Err(Rejection::invalid("amount.amount_minor", format!("must be between 1 and {most_minor}, is {amount_minor}")));
    }
    Ok(amount_minor)
}

fn capture_one(state: &State, id: &PaymentId, amount: Option<Money>) -> Result<Vec<TradeEvent>, Rejection> {
    let payment = &payment_of_an_order(state, id)?;
    let was_captured = payment.steps.iter().any(|step| step.kind == StepKind::Capture && step.status != StepStatus::Refused);
    if was_captured && state.options().payments.single_capture.contains(&payment.provider) {
        return Err(Rejection::invalid("payment", format!("{} takes the money of a payment only once", payment.provider)));
    }
    let amount_minor = amount_within(payment, amount, payment.capturable_minor())?;
    Ok(captures::steps(state, payment, amount_minor))
}

/// Gives up what a payment holds: before there is an order all of it, and with it the attempt that it is part of; after that the rest, once
/// no goods are still to leave for it.
fn void_one(state: &State, id: &PaymentId) -> Result<Vec<TradeEvent>, Rejection> {
    let payment = &state.payment(id).ok_or_else(|| Rejection::unknown("payment", id))?;
    if payment.order.is_some() {
        let payment = &payment_of_an_order(state, id)?;
        let order = payment.order.as_ref().and_then(|id| state.order(id)).filter(|order| !order.left_to_ship.is_empty());
        if let Some(order) = order {
            let reason = format!("goods of order {} are still to leave: cancel it, or take lines off it", order.id);
            return Err(Rejection::invalid("payment", reason));
        }
        let held_minor = amount_within(payment, None, payment.capturable_minor())?;
        return Ok(vec![money_back::release_of(payment, held_minor)]);
    }
    let Some(session) = &attempt(state, payment) else {
        return Err(Rejection::WrongStatus { kind: "payment", status: payment.status.name() });
    };
    if !matches!(payment.status, PaymentStatus::Authorized | PaymentStatus::RequiresAction) {
        return Err(Rejection::WrongStatus { kind: "payment", status: payment.status.name() });
    }
    let released = session.reservation.clone();
    let released = released.map(|reservation| TradeEvent::ReservationReleased { reservation, reason: ReleaseReason::PaymentFailed });
    let voids = held_beside(state, session, None).map(|payment| TradeEvent::PaymentVoidRequested { payment: payment.clone() });
    Ok(voids.chain(released).collect())
}

/// What a provider said to a step. What is settled is no news.
fn settle(
    state: &State,
    id: &PaymentId,
    (number, attempt): (u32, u32),
    answer: &StepAnswer,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    let payment = &state.payment(id).ok_or_else(|| Rejection::unknown("payment", id))?;
    // Only the last attempt of the oldest open step was asked for: an answer to any other is an old one.
    let asked = payment.open_step().filter(|step| (step.number, step.attempt) == (number, attempt));
    let Some(step) = asked else { return Ok(Vec::new()) };
    match answer {
        StepAnswer::Done { provider_reference } => Ok(done(payment, step, provider_reference.as_deref())),
        StepAnswer::Refused { reason } if step.kind == StepKind::Refund => {
            let follows = refund_failures::follow(state, payment, step, code_of(reason, REFUSED), now);
            Ok(refused(payment, step, reason).into_iter().chain(follows).collect())
        }
        StepAnswer::Refused { reason } => Ok(refused(payment, step, reason)),
        StepAnswer::NotDone => {
            let attempt = step.attempt.saturating_add(1);
            Ok(vec![TradeEvent::Payment(PaymentEvent::AskedAgain { payment: id.clone(), number, attempt })])
        }
        StepAnswer::Unknown if step.status == StepStatus::Asked => {
            Ok(vec![TradeEvent::Payment(PaymentEvent::Lost { payment: id.clone(), number })])
        }
        StepAnswer::Unknown => Ok(Vec::new()),
    }
}

fn done(payment: &Payment, step: &StepRecord, provider_reference: Option<&str>) -> Vec<TradeEvent> {
    let id = payment.id.clone();
    let amount = Money::new(step.amount_minor, payment.amount.currency);
    match step.kind {
        StepKind::Capture => captured(payment, amount),
        StepKind::Refund => {
            let owed = payment.order.as_ref().map(account::receivable);
            let given_back = owed.and_then(|owed| posted(account::provider(&payment.provider), owed, amount));
            [TradeEvent::PaymentRefunded { payment: id, amount }].into_iter().chain(given_back).collect()
        }
        StepKind::Void => vec![TradeEvent::PaymentVoided { payment: id }],
        StepKind::Reauthorize => {
            let provider_reference = provider_reference.or(payment.provider_reference.as_deref()).unwrap_or_default().to_owned();
            vec![TradeEvent::Payment(PaymentEvent::Reauthorized { payment: id, provider_reference })]
        }
        StepKind::Evidence => vec![TradeEvent::Payment(PaymentEvent::EvidenceTaken { payment: id })],
    }
}

fn captured(payment: &Payment, amount: Money) -> Vec<TradeEvent> {
    let taken = TradeEvent::PaymentCaptured { payment: payment.id.clone(), amount };
    let receivable = payment.order.as_ref().map(account::receivable);
    let posting = receivable.and_then(|owed| posted(owed, account::provider(&payment.provider), amount));
    [taken].into_iter().chain(posting).collect()
}

/// A provider's code as it is kept: what does not look like one is not repeated.
pub(super) fn code_of<'a>(reason: &'a str, otherwise: &'a str) -> &'a str {
    let is_code =
        |text: &&str| text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') && text.len() <= REASON_CHARS_MAX;
    Some(reason).filter(is_code).filter(|text| !text.is_empty()).unwrap_or(otherwise)
}

/// A capture that came too late is asked for again after a new authorisation; captures behind a refused authorisation are refused with it.
fn refused(payment: &Payment, step: &StepRecord, reason: &str) -> Vec<TradeEvent> {
    let reason = code_of(reason, REFUSED);
    let refused = |step: &StepRecord| {
        let (payment, number, reason) = (payment.id.clone(), step.number, reason.to_owned());
        TradeEvent::Payment(PaymentEvent::Refused { payment, number, reason })
    };
    let is_behind = |other: &&StepRecord| other.status.is_open() && other.kind == StepKind::Capture && other.number > step.number;
    match step.kind {
        StepKind::Capture if reason == AUTHORIZATION_EXPIRED && payment.has_room() && payment.captured.amount_minor == 0 => {
            let number = payment.next_number();
            vec![
                refused(step),
                asked(payment, number, StepKind::Reauthorize, payment.amount.amount_minor - payment.released.amount_minor),
                asked(payment, number.saturating_add(1), StepKind::Capture, step.amount_minor),
            ]
        }
        StepKind::Reauthorize => [step].into_iter().chain(payment.steps.iter().filter(is_behind)).map(refused).collect(),
        StepKind::Capture | StepKind::Refund | StepKind::Void | StepKind::Evidence => vec![refused(step)],
    }
}

/// The provider took money: what it was asked for, or of its own accord all that it held.
pub(super) fn taken(payment: &Payment) -> Result<Vec<TradeEvent>, Rejection> {
    match payment.open_step() {
        Some(step) if step.kind == StepKind::Capture => Ok(done(payment, step, None)),
        _ if payment.captured.amount_minor > 0 || payment.status == PaymentStatus::Captured => Ok(Vec::new()),
        None if payment.status == PaymentStatus::Authorized && payment.order.is_some() => Ok(captured(payment, payment.amount)),
        _ => Err(Rejection::WrongStatus { kind: "payment", status: payment.status.name() }),
    }
}

/// The provider gave an authorisation back.
pub(super) fn given_back(payment: &Payment) -> Result<Vec<TradeEvent>, Rejection> {
    match payment.open_step() {
        Some(step) if step.kind == StepKind::Void => Ok(done(payment, step, None)),
        _ if payment.status.is_void() => Ok(Vec::new()),
        _ => Err(Rejection::WrongStatus { kind: "payment", status: payment.status.name() }),
    }
}

fn fee(state: &State, id: &PaymentId, amount: Money) -> Result<Vec<TradeEvent>, Rejection> {
    let payment = &payment_of_an_order(state, id)?;
    let amount_minor = amount_within(payment, Some(amount), payment.captured.amount_minor - payment.fees.amount_minor)?;
    let amount = Money::new(amount_minor, amount.currency);
    let charged = TradeEvent::Payment(PaymentEvent::FeeCharged { payment: id.clone(), amount });
    let posting = posted(account::provider(&payment.provider), account::FEES.to_owned(), amount);
    Ok([charged].into_iter().chain(posting).collect())
}
