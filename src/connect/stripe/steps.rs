//! What is asked of the provider, and what its answers mean.

use super::Stripe;
use super::answers::{busy, failure_of, find_intent, find_refund, intent_of, later};
use super::client::Called;
use super::shapes::{Dispute, Intent, Refund};
use crate::event::trade::StepKind;
use crate::money::Money;
use crate::payment::{AUTHORIZATION_EXPIRED, AuthorizationQuestion, PaymentOutcome, Said, StepAnswer, StepQuestion};
use crate::stdx::clock::Timestamp;

/// What was sent so lately may still be on its way inside the provider: that it is not found yet proves nothing.
const IN_FLIGHT_MS: i64 = 60_000;
/// The reference of a payment of nothing: no provider authorises that, and none has to.
const NOTHING: &str = "nothing";

pub(super) fn authorize(stripe: &Stripe, question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
    if question.amount.amount_minor == 0 {
        return Said::Answer(PaymentOutcome::Authorized { provider_reference: NOTHING.to_owned() });
    }
    let mut form = amount_form(question.amount);
    form.extend([
        ("capture_method", "manual".to_owned()),
        ("confirm", "true".to_owned()),
        ("payment_method", question.token.clone()),
        ("return_url", stripe.options.return_url.clone()),
        ("metadata[payment]", question.payment.to_string()),
    ]);
    if stripe.options.multiple_captures {
        form.push(("payment_method_options[card][request_multicapture]", "if_available".to_owned()));
    }
    match stripe.client.post("/v1/payment_intents", &form, &question.key()) {
        Called::NotSent => later(),
        Called::Lost => Said::Answer(PaymentOutcome::Unknown),
        Called::Answered(answered) => match answered.status {
            200..300 => Said::Answer(answered.read::<Intent>().map_or(PaymentOutcome::Unknown, |intent| outcome_of(&intent))),
            409 | 429 => busy(&answered),
            402 => Said::Answer(PaymentOutcome::Declined),
            400 if failure_of(&answered).r#type == "idempotency_error" => Said::Answer(PaymentOutcome::Unknown),
            status @ 400..500 => {
                tracing::warn!(status, code = failure_of(&answered).code, "the payment provider would not take an authorisation");
                Said::Answer(PaymentOutcome::Declined)
            }
            _ => Said::Answer(PaymentOutcome::Unknown),
        },
    }
}

fn amount_form(amount: Money) -> Vec<(&'static str, String)> {
    vec![("amount", amount.amount_minor.to_string()), ("currency", amount.currency.as_str().to_ascii_lowercase())]
}

fn outcome_of(intent: &Intent) -> PaymentOutcome {
    let provider_reference = intent.id.clone();
    match intent.status.as_str() {
        "requires_capture" | "succeeded" => PaymentOutcome::Authorized { provider_reference },
        "requires_action" => {
            let redirect = intent.next_action.as_ref().and_then(|action| action.redirect_to_url.as_ref());
            match redirect.and_then(|redirect| redirect.url.clone()) {
                Some(url) => PaymentOutcome::ActionRequired { url, provider_reference },
                None => PaymentOutcome::Declined,
            }
        }
        "requires_payment_method" | "requires_confirmation" => PaymentOutcome::Declined,
        "canceled" => PaymentOutcome::Failed,
        _ => PaymentOutcome::Unknown,
    }
}

pub(super) fn look_up(stripe: &Stripe, question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
    if question.amount.amount_minor == 0 {
        return authorize(stripe, question);
    }
    let found = match &question.provider_reference {
        Some(reference) => intent_of(stripe, reference),
        None => find_intent(stripe, question.asked_at, |it| it.payment.as_ref() == Some(&question.payment) && it.step.is_none()),
    };
    match found {
        Said::Busy { retry_after_ms } => Said::Busy { retry_after_ms },
        Said::Answer(Some(intent)) => Said::Answer(outcome_of(&intent)),
        Said::Answer(None) if is_in_flight(question.sent_at, question.now) => Said::Answer(PaymentOutcome::Unknown),
        Said::Answer(None) => Said::Answer(PaymentOutcome::Failed),
    }
}

fn is_in_flight(sent_at: Timestamp, now: Timestamp) -> bool {
    now.since_ms(sent_at) < IN_FLIGHT_MS
}

fn done() -> StepAnswer {
    StepAnswer::Done { provider_reference: None }
}

fn refused(reason: &str) -> StepAnswer {
    StepAnswer::Refused { reason: reason.to_owned() }
}

pub(super) fn take(stripe: &Stripe, question: &StepQuestion) -> Said<StepAnswer> {
    if question.provider_reference == NOTHING {
        return Said::Answer(done());
    }
    let reference = &question.provider_reference;
    let amount = question.amount.amount_minor.to_string();
    let (path, form) = match question.kind {
        StepKind::Capture => {
            let mut form = vec![("amount_to_capture", amount)];
            if stripe.options.multiple_captures {
                form.push(("final_capture", question.is_last_capture.to_string()));
            }
            (format!("/v1/payment_intents/{reference}/capture"), form)
        }
        StepKind::Void => (format!("/v1/payment_intents/{reference}/cancel"), Vec::new()),
        StepKind::Refund => {
            let form = vec![("payment_intent", reference.clone()), ("amount", amount), ("metadata[step]", question.key())];
            ("/v1/refunds".to_owned(), form)
        }
        StepKind::Evidence => match &question.evidence {
            Some((dispute, text)) => {
                let form = vec![("evidence[uncategorized_text]", text.clone()), ("submit", "true".to_owned())];
                (format!("/v1/disputes/{dispute}"), form)
            }
            None => return Said::Answer(refused("no_dispute")),
        },
        StepKind::Reauthorize => return reauthorize(stripe, question),
    };
    said(stripe.client.post(&path, &form, &question.key()), question)
}

/// A second authorisation with the first one's payment method, while its shopper is away.
fn reauthorize(stripe: &Stripe, question: &StepQuestion) -> Said<StepAnswer> {
    let first = match intent_of(stripe, &question.provider_reference) {
        Said::Busy { retry_after_ms } => return Said::Busy { retry_after_ms },
        Said::Answer(None) => return Said::Answer(refused("no_authorization")),
        Said::Answer(Some(first)) => first,
    };
    let Some(method) = first.payment_method else { return Said::Answer(refused("no_payment_method")) };
    let mut form = amount_form(question.amount);
    form.extend([
        ("capture_method", "manual".to_owned()),
        ("confirm", "true".to_owned()),
        ("off_session", "true".to_owned()),
        ("payment_method", method),
        ("metadata[payment]", question.payment.to_string()),
        ("metadata[step]", question.key()),
    ]);
    form.extend(first.customer.map(|customer| ("customer", customer)));
    said(stripe.client.post("/v1/payment_intents", &form, &question.key()), question)
}

fn said(called: Called, question: &StepQuestion) -> Said<StepAnswer> {
    let answered = match called {
        Called::NotSent => return later(),
        Called::Lost => return Said::Answer(StepAnswer::Unknown),
        Called::Answered(answered) => answered,
    };
    let failure = failure_of(&answered);
    let code = failure.decline_code.or(failure.code).unwrap_or_default();
    Said::Answer(match (answered.status, code.as_str()) {
        (409 | 429, _) => return busy(&answered),
        (200..300, _) => match question.kind {
            StepKind::Capture | StepKind::Void => answered.read::<Intent>().map_or(StepAnswer::Unknown, |it| stands(&it, question)),
            StepKind::Refund => answered.read::<Refund>().map_or(StepAnswer::Unknown, |refund| given(&refund)),
            StepKind::Reauthorize => answered.read::<Intent>().map_or(StepAnswer::Unknown, |intent| authorized_again(&intent)),
            StepKind::Evidence => done(),
        },
        (_, "charge_expired_for_capture") => refused(AUTHORIZATION_EXPIRED),
        // What the intent is by now says whether this was done before.
        (400..500, "payment_intent_unexpected_state") => StepAnswer::Unknown,
        (400, _) if failure.r#type == "idempotency_error" => StepAnswer::Unknown,
        (400..500, code) => refused(if code.is_empty() { "refused" } else { code }),
        _ => StepAnswer::Unknown,
    })
}

/// What an intent says of a capture or a void. One that was canceled by itself, because its time was over, can be taken no more.
fn stands(intent: &Intent, question: &StepQuestion) -> StepAnswer {
    let is_taken = intent.amount_received >= question.captured_minor + question.amount.amount_minor;
    match (question.kind, intent.status.as_str()) {
        (StepKind::Capture, _) if is_taken => done(),
        (StepKind::Capture, "canceled") => refused(AUTHORIZATION_EXPIRED),
        (StepKind::Void, "canceled") => done(),
        (StepKind::Void, "succeeded") if intent.amount_capturable == 0 => done(),
        _ => StepAnswer::NotDone,
    }
}

fn given(refund: &Refund) -> StepAnswer {
    if refund.is_given() { done() } else { refused(refund.failure_reason.as_deref().unwrap_or("refund_failed")) }
}

fn authorized_again(intent: &Intent) -> StepAnswer {
    match outcome_of(intent) {
        PaymentOutcome::Authorized { provider_reference } => StepAnswer::Done { provider_reference: Some(provider_reference) },
        PaymentOutcome::ActionRequired { .. } => refused("authentication_required"),
        PaymentOutcome::Unknown => StepAnswer::Unknown,
        PaymentOutcome::Declined | PaymentOutcome::Failed | PaymentOutcome::Captured | PaymentOutcome::Voided => refused("card_declined"),
    }
}

pub(super) fn look_up_step(stripe: &Stripe, question: &StepQuestion) -> Said<StepAnswer> {
    if question.provider_reference == NOTHING {
        return Said::Answer(done());
    }
    let found = match question.kind {
        StepKind::Capture | StepKind::Void => {
            map(intent_of(stripe, &question.provider_reference), |intent| intent.map(|it| stands(&it, question)))
        }
        StepKind::Refund => map(find_refund(stripe, question), |refund| refund.map(|it| given(&it))),
        StepKind::Reauthorize => {
            let is_it = |step: &str| step.rsplit_once('/').map(|(step, _)| step) == question.key().rsplit_once('/').map(|(step, _)| step);
            let found = find_intent(stripe, question.asked_at, |metadata| metadata.step.as_deref().is_some_and(is_it));
            map(found, |intent| intent.map(|it| authorized_again(&it)))
        }
        StepKind::Evidence => evidence_taken(stripe, question),
    };
    map(found, |answer| match answer.unwrap_or(StepAnswer::NotDone) {
        StepAnswer::NotDone if is_in_flight(question.sent_at, question.now) => StepAnswer::Unknown,
        answer => answer,
    })
}

fn evidence_taken(stripe: &Stripe, question: &StepQuestion) -> Said<Option<StepAnswer>> {
    let Some((dispute, _)) = &question.evidence else { return Said::Answer(None) };
    match stripe.client.get(&format!("/v1/disputes/{dispute}")) {
        Called::Answered(answered) if answered.status == 200 => {
            let is_taken = |dispute: Dispute| !matches!(dispute.status.as_str(), "needs_response" | "warning_needs_response");
            Said::Answer(answered.read::<Dispute>().map(|dispute| if is_taken(dispute) { done() } else { StepAnswer::NotDone }))
        }
        Called::Answered(answered) => busy(&answered),
        Called::NotSent | Called::Lost => later(),
    }
}

fn map<T, U>(said: Said<T>, change: impl FnOnce(T) -> U) -> Said<U> {
    match said {
        Said::Answer(answer) => Said::Answer(change(answer)),
        Said::Busy { retry_after_ms } => Said::Busy { retry_after_ms },
    }
}
