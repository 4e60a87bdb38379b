//! The built-in providers for tests and demonstrations. They keep nothing: the token says what happens.
//!
//! | token | authorise | later |
//! |---|---|---|
//! | `tok_success` | authorised | everything is done |
//! | `tok_decline`, and every other | declined | |
//! | `tok_unreachable` | failed: certainly nothing was authorised | |
//! | `tok_timeout_after_success` | unknown; a look-up finds it authorised | |
//! | `tok_timeout_without_effect` | unknown; a look-up finds nothing | |
//! | `tok_slow` | authorised after a second and a half | |
//! | `tok_busy` | too many questions at first, authorised when asked again a second later | |
//! | `tok_action` | the shopper has to act; done a second later, then authorised | |
//! | `tok_action_declined` | the shopper has to act, and fails to | |
//! | `tok_action_never` | the shopper has to act and never does | |
//! | `tok_capture_timeout` | authorised | the capture's fate is unknown; a look-up finds it done |
//! | `tok_capture_declined` | authorised | the capture is refused |
//! | `tok_expired` | authorised | the first capture comes too late; authorised once more, it is taken |
//! | `tok_refund_fails_once` | authorised | the first refund is refused, later ones are done |
//! | `tok_refund_timeout` | authorised | the refund's fate is unknown; a look-up finds it not done, the next attempt does it |
//! | `tok_refund_fails_later` | authorised | the first refund is done and comes back later, which is found when a notice makes the shop look |
//! | `tok_dispute` | authorised | what was taken is disputed; what the shop says to it wins it |
//!
//! A token outlives its payment's authorisation in the provider's reference, `test/<payment>/<token>`.

use super::dispute::DisputeStatus;
use super::provider::{
    AUTHORIZATION_EXPIRED, Abilities, AuthorizationQuestion, DisputeReport, Notice, NoticeError, PaymentOutcome, Provider, RefundFailure,
    Said, StepAnswer, StepQuestion,
};
use super::record::Payment;
use super::step::StepStatus;
use crate::event::trade::StepKind;
use crate::id::{DisputeId, PaymentId, ProviderEventId};
use crate::money::Money;
use crate::stdx::clock::Timestamp;
use serde::Deserialize;
use std::thread;
use std::time::Duration;

/// How long the slow token takes.
const SLOW: Duration = Duration::from_millis(1_500);
/// How long the shopper takes to act, and the busy provider to have time.
const ACTION_MS: i64 = 1_000;

/// The provider that takes money in as many parts as one likes.
#[derive(Debug, Clone, Copy, Default)]
pub struct TestProvider;

/// The same, but one authorisation can be taken only once.
#[derive(Debug, Clone, Copy, Default)]
pub struct SingleCaptureProvider;

impl TestProvider {
    /// Its name.
    pub const NAME: &str = "test";
}

impl SingleCaptureProvider {
    /// Its name.
    pub const NAME: &str = "test_single_capture";
}

fn authorized(question: &AuthorizationQuestion) -> PaymentOutcome {
    PaymentOutcome::Authorized { provider_reference: format!("test/{}/{}", question.payment, question.token) }
}

fn action_required(question: &AuthorizationQuestion) -> PaymentOutcome {
    let (payment, token) = (&question.payment, &question.token);
    PaymentOutcome::ActionRequired {
        url: format!("https://pay.test.invalid/act/{payment}"),
        provider_reference: format!("test/{payment}/{token}"),
    }
}

fn authorize(question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
    Said::Answer(match question.token.as_str() {
        "tok_slow" => {
            thread::sleep(SLOW);
            authorized(question)
        }
        "tok_busy" if question.now.since_ms(question.asked_at) < ACTION_MS => {
            return Said::Busy { retry_after_ms: ACTION_MS.unsigned_abs() };
        }
        "tok_busy"
        | "tok_success"
        | "tok_capture_timeout"
        | "tok_capture_declined"
        | "tok_expired"
        | "tok_refund_fails_once"
        | "tok_refund_timeout"
        | "tok_refund_fails_later"
        | "tok_dispute" => authorized(question),
        "tok_timeout_after_success" | "tok_timeout_without_effect" => PaymentOutcome::Unknown,
        "tok_action" | "tok_action_declined" | "tok_action_never" => action_required(question),
        "tok_unreachable" => PaymentOutcome::Failed,
        _ => PaymentOutcome::Declined,
    })
}

fn look_up(question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
    let has_acted = question.now.since_ms(question.asked_at) >= ACTION_MS;
    Said::Answer(match question.token.as_str() {
        "tok_timeout_after_success" | "tok_slow" => authorized(question),
        "tok_timeout_without_effect" => PaymentOutcome::Failed,
        "tok_action" if has_acted => authorized(question),
        "tok_action_declined" if has_acted => PaymentOutcome::Declined,
        _ => return authorize(question),
    })
}

fn token_of(provider_reference: &str) -> &str {
    provider_reference.rsplit('/').next().unwrap_or_default()
}

fn done() -> StepAnswer {
    StepAnswer::Done { provider_reference: None }
}

fn refused(reason: &str) -> StepAnswer {
    StepAnswer::Refused { reason: reason.to_owned() }
}

fn take_step(question: &StepQuestion) -> StepAnswer {
    let is_first = question.nth_of_kind == 1;
    match (token_of(&question.provider_reference), question.kind) {
        ("tok_capture_timeout", StepKind::Capture) => StepAnswer::Unknown,
        ("tok_refund_timeout", StepKind::Refund) if question.attempt == 1 => StepAnswer::Unknown,
        ("tok_capture_declined", StepKind::Capture) => refused("insufficient_funds"),
        ("tok_expired", StepKind::Capture) if is_first => refused(AUTHORIZATION_EXPIRED),
        ("tok_refund_fails_once", StepKind::Refund) if is_first => refused("refund_failed"),
        (token, StepKind::Reauthorize) => {
            StepAnswer::Done { provider_reference: Some(format!("test/{}/again-{}/{token}", question.payment, question.number)) }
        }
        _ => done(),
    }
}

fn look_up_step(question: &StepQuestion) -> StepAnswer {
    match (token_of(&question.provider_reference), question.kind) {
        ("tok_capture_timeout", StepKind::Capture) => done(),
        ("tok_refund_timeout", StepKind::Refund) if question.attempt == 1 => StepAnswer::NotDone,
        _ => take_step(question),
    }
}

/// What a test sends to the webhook route: `{"id": "evt-1", "payment": "payment-1"}`, unsigned. It moves no money: it makes the shop look.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TestNotice {
    id: String,
    payment: Option<PaymentId>,
}

fn read_notice(body: &[u8]) -> Result<Notice, NoticeError> {
    let notice: TestNotice = serde_json::from_slice(body).map_err(|_| NoticeError::Shape)?;
    let event = ProviderEventId::new(&notice.id).map_err(|_| NoticeError::Shape)?;
    Ok(Notice { event, payment: notice.payment, provider_reference: None })
}

/// What was taken under `tok_dispute` is disputed once, and what the shop says to it wins it.
fn disputes(payment: &Payment) -> Vec<DisputeReport> {
    let is_disputed = payment.provider_reference.as_deref().is_some_and(|reference| token_of(reference) == "tok_dispute");
    let left_minor = payment.captured.amount_minor - payment.refunded.amount_minor;
    let known = payment.disputes.first();
    let (Ok(dispute), true) = (DisputeId::new(&format!("dp-{}", payment.id)), is_disputed) else { return Vec::new() };
    if known.is_none() && left_minor <= 0 {
        return Vec::new();
    }
    let amount_minor = known.map_or(left_minor, |known| known.amount_minor);
    let is_won = known.and_then(|known| match known.status {
        DisputeStatus::NeedsResponse => None,
        DisputeStatus::UnderReview | DisputeStatus::Won => Some(true),
        DisputeStatus::Lost => Some(false),
    });
    let amount = Money::new(amount_minor, payment.amount.currency);
    vec![DisputeReport { dispute, amount, reason: "product_not_received".to_owned(), evidence_by: None, is_won }]
}

/// The first refund under `tok_refund_fails_later` has come back, however often one looks.
fn failed_refunds(payment: &Payment) -> Vec<RefundFailure> {
    let fails = payment.provider_reference.as_deref().is_some_and(|reference| token_of(reference) == "tok_refund_fails_later");
    let first = payment.steps.iter().find(|step| step.kind == StepKind::Refund && step.status != StepStatus::Refused);
    let came_back = first.filter(|step| fails && !step.status.is_open());
    came_back.map(|step| RefundFailure { number: step.number, reason: "expired_or_canceled_card".to_owned() }).into_iter().collect()
}

impl Provider for TestProvider {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn authorize(&self, question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        authorize(question)
    }

    fn look_up(&self, question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        look_up(question)
    }

    fn take_step(&self, question: &StepQuestion) -> Said<StepAnswer> {
        Said::Answer(take_step(question))
    }

    fn look_up_step(&self, question: &StepQuestion) -> Said<StepAnswer> {
        Said::Answer(look_up_step(question))
    }

    fn read_notice(&self, _signature: Option<&str>, body: &[u8], _now: Timestamp) -> Result<Notice, NoticeError> {
        read_notice(body)
    }

    fn disputes(&self, payment: &Payment) -> Said<Vec<DisputeReport>> {
        Said::Answer(disputes(payment))
    }

    fn failed_refunds(&self, payment: &Payment) -> Said<Vec<RefundFailure>> {
        Said::Answer(failed_refunds(payment))
    }
}

impl Provider for SingleCaptureProvider {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn abilities(&self) -> Abilities {
        Abilities { multiple_captures: false }
    }

    fn authorize(&self, question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        authorize(question)
    }

    fn look_up(&self, question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        look_up(question)
    }

    /// A second capture of one authorisation is refused.
    fn take_step(&self, question: &StepQuestion) -> Said<StepAnswer> {
        let is_second = question.kind == StepKind::Capture && question.captured_minor > 0;
        Said::Answer(if is_second { refused("already_captured") } else { take_step(question) })
    }

    fn look_up_step(&self, question: &StepQuestion) -> Said<StepAnswer> {
        Said::Answer(look_up_step(question))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn question(token: &str, waited_ms: i64) -> AuthorizationQuestion {
        let amount = Money::new(1, Currency::EUR);
        let (payment, asked_at) = (PaymentId::new("p").expect("an id"), Timestamp(1_000));
        AuthorizationQuestion {
            payment,
            amount,
            token: token.to_owned(),
            provider_reference: None,
            asked_at,
            sent_at: asked_at,
            now: asked_at.plus_ms(waited_ms),
        }
    }

    #[test]
    fn the_token_says_what_the_test_provider_does() {
        let name = |said: Said<PaymentOutcome>| match said {
            Said::Answer(outcome) => format!("{outcome:?}").split([' ', '{']).next().unwrap_or_default().to_owned(),
            Said::Busy { .. } => "Busy".to_owned(),
        };
        let check = |token: &str, asked: &str, looked_up: &str| {
            assert_eq!(name(TestProvider.authorize(&question(token, 0))), asked, "{token}");
            assert_eq!(name(TestProvider.look_up(&question(token, ACTION_MS))), looked_up, "{token}");
        };
        check("tok_success", "Authorized", "Authorized");
        check("tok_decline", "Declined", "Declined");
        check("tok_timeout_after_success", "Unknown", "Authorized");
        check("tok_timeout_without_effect", "Unknown", "Failed");
        check("tok_unreachable", "Failed", "Failed");
        check("tok_busy", "Busy", "Authorized");
        check("tok_action", "ActionRequired", "Authorized");
        check("tok_action_declined", "ActionRequired", "Declined");
        check("tok_action_never", "ActionRequired", "ActionRequired");
        check("anything", "Declined", "Declined");
    }

    fn step(token: &str, kind: StepKind, nth_of_kind: u32, attempt: u32) -> StepQuestion {
        StepQuestion {
            payment: PaymentId::new("p").expect("an id"),
            provider_reference: format!("test/p/{token}"),
            number: nth_of_kind,
            attempt,
            kind,
            amount: Money::new(1, Currency::EUR),
            nth_of_kind,
            captured_minor: i64::from(nth_of_kind - 1),
            refunded_minor: 0,
            is_last_capture: false,
            evidence: None,
            asked_at: Timestamp(0),
            sent_at: Timestamp(0),
            now: Timestamp(0),
        }
    }

    #[test]
    fn the_token_says_what_becomes_of_later_steps() {
        let check = |question: StepQuestion, asked: StepAnswer, looked_up: StepAnswer| {
            assert_eq!(TestProvider.take_step(&question), Said::Answer(asked), "{}", question.key());
            assert_eq!(TestProvider.look_up_step(&question), Said::Answer(looked_up), "{}", question.key());
        };
        check(step("tok_success", StepKind::Capture, 1, 1), done(), done());
        check(step("tok_capture_timeout", StepKind::Capture, 1, 1), StepAnswer::Unknown, done());
        check(step("tok_refund_timeout", StepKind::Refund, 1, 1), StepAnswer::Unknown, StepAnswer::NotDone);
        check(step("tok_refund_timeout", StepKind::Refund, 1, 2), done(), done());
        check(step("tok_refund_fails_once", StepKind::Refund, 1, 1), refused("refund_failed"), refused("refund_failed"));
        check(step("tok_refund_fails_once", StepKind::Refund, 2, 1), done(), done());
        let second = step("tok_success", StepKind::Capture, 2, 1);
        assert_eq!(SingleCaptureProvider.take_step(&second), Said::Answer(refused("already_captured")));
    }
}
