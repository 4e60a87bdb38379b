//! Decisions about disputes: what a shopper's bank says, what the shop says to it, and how it ends.

use super::payment::posted;
use super::payments::{REASON_CHARS_MAX, asked};
use crate::event::TradeEvent;
use crate::event::trade::{PaymentEvent, StepKind};
use crate::id::{DisputeId, PaymentId};
use crate::money::Money;
use crate::order::check_text;
use crate::payment::{DISPUTES_MAX, Dispute, DisputeReport, DisputeStatus, Payment, STEPS_MAX, account};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;

/// How a dispute stands at the provider. What is known already is no news.
pub(super) fn hear(state: &State, id: &PaymentId, report: &DisputeReport) -> Result<Vec<TradeEvent>, Rejection> {
    let payment = &state.payment(id).ok_or_else(|| Rejection::unknown("payment", id))?;
    if let Some((other, _)) = state.dispute(&report.dispute)
        && other.id != *id
    {
        return Err(Rejection::exists("dispute", &report.dispute));
    }
    let known = payment.disputes.iter().find(|dispute| dispute.id == report.dispute);
    let (amount, opened) = match known {
        Some(dispute) => (Money::new(dispute.amount_minor, payment.amount.currency), Vec::new()),
        None => opened(payment, report)?,
    };
    let is_open = known.is_none_or(|dispute| dispute.status.is_open());
    let closed = report.is_won.filter(|_| is_open).map(|is_won| closed(payment, report, amount, is_won)).unwrap_or_default();
    Ok(opened.into_iter().chain(closed).collect())
}

/// What is disputed is at most what was taken and is not on its way back.
fn opened(payment: &Payment, report: &DisputeReport) -> Result<(Money, Vec<TradeEvent>), Rejection> {
    let amount = Money::new(report.amount.amount_minor.min(payment.refundable_minor()), payment.amount.currency);
    let is_possible = report.amount.currency == payment.amount.currency && amount.amount_minor > 0 && payment.disputes.len() < DISPUTES_MAX;
    if !is_possible {
        return Err(Rejection::WrongStatus { kind: "payment", status: payment.status.name() });
    }
    let reason = report.reason.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').take(REASON_CHARS_MAX).collect();
    let opened = TradeEvent::Payment(PaymentEvent::DisputeOpened {
        dispute: report.dispute.clone(),
        payment: payment.id.clone(),
        amount,
        reason,
        evidence_by: report.evidence_by,
    });
    let held_back = posted(account::provider(&payment.provider), account::disputes(&payment.provider), amount);
    Ok((amount, [opened].into_iter().chain(held_back).collect()))
}

fn closed(payment: &Payment, report: &DisputeReport, amount: Money, is_won: bool) -> Vec<TradeEvent> {
    let closed = PaymentEvent::DisputeClosed { dispute: report.dispute.clone(), payment: payment.id.clone(), is_won };
    let to = if is_won { account::provider(&payment.provider) } else { account::LOSSES.to_owned() };
    let posting = posted(account::disputes(&payment.provider), to, amount);
    [TradeEvent::Payment(closed)].into_iter().chain(posting).collect()
}

/// The shop says something to a dispute, once.
pub(super) fn give_evidence(state: &State, id: &DisputeId, text: &str, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let (payment, dispute) = &state.dispute(id).ok_or_else(|| Rejection::unknown("dispute", id))?;
    check_text("text", text)?;
    if text.trim().is_empty() {
        return Err(Rejection::invalid("text", "must not be empty"));
    }
    if !can_be_answered(dispute, now) || payment.steps.len() >= STEPS_MAX {
        return Err(Rejection::WrongStatus { kind: "dispute", status: dispute.status.name() });
    }
    let given = PaymentEvent::EvidenceGiven { dispute: id.clone(), payment: payment.id.clone(), text: text.to_owned() };
    Ok(vec![TradeEvent::Payment(given), asked(payment, payment.next_number(), StepKind::Evidence, 0)])
}

fn can_be_answered(dispute: &Dispute, now: Timestamp) -> bool {
    let is_in_time = dispute.evidence_by.is_none_or(|until| now <= until);
    dispute.status == DisputeStatus::NeedsResponse && dispute.evidence.is_none() && is_in_time
}
