//! Look-ups: what stands at the provider under our names. They change nothing, so whatever goes wrong with one means "ask again later".

use super::Stripe;
use super::client::{Answered, Called, PAUSE_MS};
use super::shapes::{Dispute, ErrorObject, Failure, Intent, List, Listed, Metadata, Refund};
use crate::event::trade::StepKind;
use crate::id::PaymentId;
use crate::payment::{DisputeReport, Payment, ProviderSums, RefundFailure, Said, StepQuestion, StepStatus};
use crate::stdx::clock::Timestamp;
use crate::stdx::percent::encoded;
use serde::de::DeserializeOwned;

/// Objects on a page of a list; the provider's own limit.
const PAGE: usize = 100;
/// Most pages of one look-up: what was asked for a minute or an hour ago is on the first ones.
const PAGES_MAX: usize = 20;
/// How far apart the two clocks may be, in seconds.
const CLOCKS_APART_S: i64 = 300;

/// Nothing was sent, or nothing came back from a look-up.
pub(super) fn later<T>() -> Said<T> {
    Said::Busy { retry_after_ms: PAUSE_MS }
}

/// Too many questions, a key in use, or a look-up that failed.
pub(super) fn busy<T>(answered: &Answered) -> Said<T> {
    Said::Busy { retry_after_ms: answered.retry_after_ms.unwrap_or(PAUSE_MS) }
}

pub(super) fn failure_of(answered: &Answered) -> ErrorObject {
    answered.read::<Failure>().unwrap_or_default().error
}

fn read<T: DeserializeOwned>(called: Called) -> Said<Option<T>> {
    match called {
        Called::Answered(answered) if answered.status == 200 => answered.read().map_or_else(later, |value| Said::Answer(Some(value))),
        Called::Answered(answered) if answered.status == 404 => Said::Answer(None),
        Called::Answered(answered) => busy(&answered),
        Called::NotSent | Called::Lost => later(),
    }
}

/// An intent by the provider's name for it.
pub(super) fn intent_of(stripe: &Stripe, reference: &str) -> Said<Option<Intent>> {
    read(stripe.client.get(&format!("/v1/payment_intents/{}", encoded(reference))))
}

/// Looks through a list, page by page, until `look` finds something.
fn looked_through<T: Listed, R>(stripe: &Stripe, list: &str, mut look: impl FnMut(Vec<T>) -> Option<R>) -> Said<Option<R>> {
    let mut after = String::new();
    for _ in 0..PAGES_MAX {
        let page: List<T> = match read(stripe.client.get(&format!("{list}&limit={PAGE}{after}"))) {
            Said::Answer(Some(page)) => page,
            Said::Answer(None) => return later(),
            Said::Busy { retry_after_ms } => return Said::Busy { retry_after_ms },
        };
        let next = page.data.last().filter(|_| page.has_more).map(|last| format!("&starting_after={}", encoded(last.id())));
        if let Some(found) = look(page.data) {
            return Said::Answer(Some(found));
        }
        match next {
            Some(next) => after = next,
            None => return Said::Answer(None),
        }
    }
    // More than can be looked through: that it is not among them proves nothing.
    later()
}

/// The intent made since `asked_at` in whose metadata our name stands. Lists are up to date, searches are not.
pub(super) fn find_intent(stripe: &Stripe, asked_at: Timestamp, is_it: impl Fn(&Metadata) -> bool) -> Said<Option<Intent>> {
    let since = asked_at.0 / 1_000 - CLOCKS_APART_S;
    looked_through(stripe, &format!("/v1/payment_intents?created[gte]={since}"), |page: Vec<Intent>| {
        page.into_iter().find(|intent| is_it(&intent.metadata))
    })
}

/// All refunds of an intent.
fn refunds(stripe: &Stripe, reference: &str) -> Said<Vec<Refund>> {
    let mut all = Vec::new();
    let said = looked_through(stripe, &format!("/v1/refunds?payment_intent={}", encoded(reference)), |page| {
        all.extend(page);
        None::<Refund>
    });
    match said {
        Said::Answer(_) => Said::Answer(all),
        Said::Busy { retry_after_ms } => Said::Busy { retry_after_ms },
    }
}

/// The refund of a step, whichever attempt made it.
pub(super) fn find_refund(stripe: &Stripe, question: &StepQuestion) -> Said<Option<Refund>> {
    let key = question.key();
    let step = |key: &str| key.rsplit_once('/').map(|(step, _)| step.to_owned());
    match refunds(stripe, &question.provider_reference) {
        Said::Answer(refunds) => {
            let is_it = |refund: &Refund| refund.metadata.step.as_deref().and_then(step) == step(&key);
            // A refund that failed is not the last word while another attempt gave the money back.
            let (given, failed): (Vec<_>, Vec<_>) = refunds.into_iter().filter(is_it).partition(Refund::is_given);
            Said::Answer(given.into_iter().chain(failed).next())
        }
        Said::Busy { retry_after_ms } => Said::Busy { retry_after_ms },
    }
}

pub(super) fn locate(stripe: &Stripe, reference: &str) -> Said<Option<PaymentId>> {
    match intent_of(stripe, reference) {
        Said::Answer(intent) => Said::Answer(intent.and_then(|intent| intent.metadata.payment)),
        Said::Busy { retry_after_ms } => Said::Busy { retry_after_ms },
    }
}

pub(super) fn disputes(stripe: &Stripe, payment: &Payment) -> Said<Vec<DisputeReport>> {
    let reference = payment.provider_reference.as_deref().unwrap_or_default();
    let page = read::<List<Dispute>>(stripe.client.get(&format!("/v1/disputes?payment_intent={}&limit={PAGE}", encoded(reference))));
    match page {
        Said::Answer(page) => {
            let found = page.map(|page| page.data).unwrap_or_default();
            Said::Answer(found.iter().filter_map(Dispute::report).collect())
        }
        Said::Busy { retry_after_ms } => Said::Busy { retry_after_ms },
    }
}

/// Refunds that count as done and of which no attempt stands any more.
pub(super) fn failed_refunds(stripe: &Stripe, payment: &Payment) -> Said<Vec<RefundFailure>> {
    let refunds = match refunds(stripe, payment.provider_reference.as_deref().unwrap_or_default()) {
        Said::Answer(refunds) => refunds,
        Said::Busy { retry_after_ms } => return Said::Busy { retry_after_ms },
    };
    let failure = |number: u32| {
        let name = format!("{}/{}-{number}/", payment.id, StepKind::Refund.name());
        let of_step = || refunds.iter().filter(|refund| refund.metadata.step.as_deref().is_some_and(|step| step.starts_with(&name)));
        let failed = of_step().next().filter(|_| !of_step().any(Refund::is_given))?;
        let reason = failed.failure_reason.clone().or_else(|| failed.status.clone()).unwrap_or_default();
        Some(RefundFailure { number, reason })
    };
    let done = payment.steps.iter().filter(|step| step.kind == StepKind::Refund && step.status == StepStatus::Done);
    Said::Answer(done.filter_map(|step| failure(step.number)).collect())
}

pub(super) fn sums(stripe: &Stripe, payment: &Payment) -> Said<Option<ProviderSums>> {
    let Some(reference) = payment.provider_reference.as_deref() else { return Said::Answer(None) };
    match (intent_of(stripe, reference), refunds(stripe, reference)) {
        (Said::Answer(Some(intent)), Said::Answer(refunds)) => {
            let refunded_minor = refunds.iter().filter(|refund| refund.is_given()).map(|refund| refund.amount).sum();
            Said::Answer(Some(ProviderSums { captured_minor: intent.amount_received, refunded_minor }))
        }
        _ => Said::Answer(None),
    }
}
