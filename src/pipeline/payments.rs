//! Talking to payment providers: the only thing outside the process that an order needs, so it happens on threads of its own, apart for every
//! provider, so that a slow one holds up nobody but itself, and as many at a time as a shop that sells has to ask.
//!
//! A question is put once, when the event that asks is durable. After that, and after a crash, the provider is only asked what became of it:
//! a look-up that finds it certainly not done leads to another attempt under another key, by an event of its own.

use super::options::Options;
use super::people::People;
use super::pool::{Bounds, Pool};
use super::sent::Sent;
use super::trade_job::{TradeJob, TradeReply};
use crate::event::TradeEvent;
use crate::event::trade::{AfterSaleEvent, NoticeDigest, PaymentEvent};
use crate::id::PaymentId;
use crate::payment::{Payment, PaymentStatus, Provider, Said, StepStatus};
use crate::stdx::clock::{Clock, Timestamp};
use crate::trade::{PendingPayment, Question, State};
use crossbeam::channel::Sender;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// First pause before the provider is asked again about a payment, doubled each time.
const PAUSE_FIRST_MS: i64 = 500;
/// Longest pause between two questions about one payment.
const PAUSE_LAST_MS: i64 = 60_000;
/// How often the pause before another attempt doubles: to some seventeen minutes.
const ATTEMPT_DOUBLINGS_MAX: u32 = 11;
/// Longest that a provider may ask to be left alone.
const BUSY_MS_MAX: i64 = 10 * 60_000;
/// Payments that are looked up later because their provider was busy; beyond it the next notice about one has to do.
const LOOKS_MAX: usize = 4_096;
/// How long a thread stays that has nothing to ask.
const IDLE: Duration = Duration::from_secs(10);

/// What a question is about: the step and its attempt, or the authorisation, which is neither.
pub(super) type About = (u32, u32);
const AUTHORIZATION: About = (0, 0);

fn about(pending: &PendingPayment) -> About {
    pending.step.map_or(AUTHORIZATION, |(number, attempt, _)| (number, attempt))
}

/// How long a step waits for its second and later attempts, so that a provider that does nothing for a day is asked some hundred times.
fn pause_before((_, attempt): About) -> Option<i64> {
    let doublings = attempt.checked_sub(2)?.min(ATTEMPT_DOUBLINGS_MAX);
    Some(PAUSE_FIRST_MS << doublings)
}

/// How long a provider is left alone that asks for it.
fn wait_ms(retry_after_ms: u64) -> i64 {
    i64::try_from(retry_after_ms).unwrap_or(BUSY_MS_MAX).clamp(PAUSE_FIRST_MS, BUSY_MS_MAX)
}

/// One question to a provider.
pub(super) enum PaymentJob {
    /// To do something.
    Ask(Question),
    /// What became of something.
    LookUp(Question),
    /// Which disputes there are of a payment, and which of its refunds have come back.
    Aftermath(Arc<Payment>),
    /// Which payment an event is about that names it only as the provider does.
    Locate { notice: NoticeDigest, provider_reference: String, reply: TradeReply },
}

impl PaymentJob {
    /// The payment that it is about: questions about one are asked one after another.
    fn payment(&self) -> Option<&PaymentId> {
        match self {
            Self::Ask(question) | Self::LookUp(question) => Some(question.payment()),
            Self::Aftermath(payment) => Some(&payment.id),
            Self::Locate { .. } => None,
        }
    }
}

/// When to ask again about a payment, and how long to wait after that.
#[derive(Debug, Clone, Copy)]
struct Retry {
    about: About,
    due: Timestamp,
    pause_ms: i64,
    /// The provider had too much to do and did nothing: the same question, under the same key, comes again.
    ask_anew: bool,
}

/// The writer's side: sends questions, and asks again about payments that are not settled.
pub(super) struct PaymentDesk {
    /// What opens the tokens that are sent.
    people: Arc<People>,
    lines: BTreeMap<String, Pool<PaymentId, PaymentJob>>,
    retries: BTreeMap<PaymentId, Retry>,
    /// When payments are looked up whose provider was busy.
    looks: BTreeMap<PaymentId, Timestamp>,
    sent: Arc<Sent>,
}

impl PaymentDesk {
    /// What a provider has to be asked about a payment now, in words that it knows.
    fn question(&self, id: &PaymentId, state: &State, now: Timestamp) -> Option<Question> {
        let mut question = state.question(id, now)?;
        if let Question::Authorization(question) = &mut question {
            question.token = self.people.token(&question.token);
        }
        Some(question)
    }

    /// Asks providers what a durable event wants to be asked.
    pub(super) fn ask_for(&mut self, event: &TradeEvent, state: &State, now: Timestamp) {
        let id = match event {
            TradeEvent::PaymentRequested { payment, .. }
            | TradeEvent::PaymentCaptureRequested { payment }
            | TradeEvent::PaymentCaptured { payment, .. }
            | TradeEvent::PaymentRefunded { payment, .. }
            | TradeEvent::PaymentVoidRequested { payment }
            | TradeEvent::PaymentVoided { payment } => payment,
            TradeEvent::AfterSale(AfterSaleEvent::BalancePaymentRequested { payment, .. }) => payment,
            TradeEvent::Payment(PaymentEvent::Noticed { payment: Some(payment), .. }) => return self.look_now(payment, state, now),
            TradeEvent::Payment(event) => match event.payment() {
                Some(payment) => payment,
                None => return,
            },
            _ => return,
        };
        let Some(pending) = state.pending_payment(id) else { return };
        let about = about(&pending);
        if self.retries.get(id).is_some_and(|known| known.about == about) {
            return;
        }
        if let Some(pause_ms) = pause_before(about) {
            let retry = Retry { about, due: now.plus_ms(pause_ms), pause_ms: PAUSE_FIRST_MS, ask_anew: true };
            self.retries.insert(id.clone(), retry);
            return;
        }
        let retry = Retry { about, due: now.plus_ms(PAUSE_LAST_MS), pause_ms: PAUSE_FIRST_MS, ask_anew: false };
        self.retries.insert(id.clone(), retry);
        if let Some(question) = self.question(id, state, now) {
            self.send(&pending.provider, PaymentJob::Ask(question));
        }
    }

    /// Looks up now how a payment stands: somebody said that something has happened.
    pub(super) fn look_now(&mut self, id: &PaymentId, state: &State, now: Timestamp) {
        let Some(payment) = state.payment(id) else { return };
        if let Some(question) = self.question(id, state, now) {
            self.send(&payment.provider, PaymentJob::LookUp(question));
        }
        if payment.captured.amount_minor > 0 {
            self.send(&payment.provider.clone(), PaymentJob::Aftermath(payment));
        }
    }

    /// The provider has too much to do: how a payment stands is looked up later.
    pub(super) fn look_later(&mut self, payment: PaymentId, retry_after_ms: u64, now: Timestamp) {
        if self.looks.len() < LOOKS_MAX || self.looks.contains_key(&payment) {
            self.looks.insert(payment, now.plus_ms(wait_ms(retry_after_ms)));
        }
    }

    /// Looks up what was put off and whose time has come.
    fn look_again(&mut self, state: &State, now: Timestamp) {
        let due: Vec<PaymentId> = self.looks.iter().filter(|(_, due)| **due <= now).map(|(payment, _)| payment.clone()).collect();
        for payment in due {
            self.looks.remove(&payment);
            self.look_now(&payment, state, now);
        }
    }

    /// Asks again about every payment that waits for the provider and whose time has come. What may have reached the provider before is
    /// looked up, never asked for a second time.
    pub(super) fn ask_again(&mut self, state: &State, now: Timestamp) {
        self.look_again(state, now);
        let pending = state.pending_payments();
        let waits = |payment: &PaymentId| pending.binary_search_by(|waiting| waiting.payment.cmp(payment)).is_ok();
        self.retries.retain(|payment, _| waits(payment));
        self.sent.retain(waits);
        for waiting in pending {
            self.ask_again_about(&waiting, state, now);
        }
    }

    fn ask_again_about(&mut self, waiting: &PendingPayment, state: &State, now: Timestamp) {
        let about = about(waiting);
        let first = Retry { about, due: now, pause_ms: PAUSE_FIRST_MS, ask_anew: false };
        let retry = self.retries.entry(waiting.payment.clone()).or_insert(first);
        if retry.about != about {
            *retry = first;
        }
        let is_lost = waiting.step.is_some_and(|(_, _, status)| status == StepStatus::Lost);
        if is_lost || waiting.step.is_none() && matches!(waiting.status, PaymentStatus::Unknown | PaymentStatus::RequiresAction) {
            // The first answer was "nobody knows", or "wait for the shopper": the first look-up need not wait as long as an answer may take.
            retry.due = retry.due.min(now.plus_ms(retry.pause_ms));
        }
        if retry.due > now {
            return;
        }
        let ask_anew = std::mem::take(&mut retry.ask_anew);
        retry.due = now.plus_ms(if ask_anew { PAUSE_LAST_MS } else { retry.pause_ms });
        retry.pause_ms = (retry.pause_ms * 2).min(PAUSE_LAST_MS);
        if let Some(question) = self.question(&waiting.payment, state, now) {
            self.send(&waiting.provider, if ask_anew { PaymentJob::Ask(question) } else { PaymentJob::LookUp(question) });
        }
    }

    /// The provider has too much to do. What was asked is asked again later; a look-up is only put off.
    pub(super) fn put_off(&mut self, payment: &PaymentId, about: About, was_asked: bool, retry_after_ms: u64, now: Timestamp) {
        let Some(retry) = self.retries.get_mut(payment).filter(|retry| retry.about == about) else { return };
        let wait_ms = wait_ms(retry_after_ms);
        (retry.due, retry.pause_ms, retry.ask_anew) = (now.plus_ms(wait_ms), wait_ms, was_asked);
        metrics::counter!("shopkeeper_payment_providers_busy_total").increment(1);
    }

    /// Sends a question. One that finds no place now is asked again later, because its payment stays pending; one that carries a reply is given
    /// back.
    pub(super) fn send(&self, provider: &str, job: PaymentJob) -> Option<PaymentJob> {
        let Some(line) = self.lines.get(provider) else {
            tracing::warn!(provider, "payments wait for a provider that is not set up");
            return Some(job);
        };
        let refused = line.offer(job.payment().cloned(), job).err();
        if refused.is_some() {
            metrics::counter!("shopkeeper_payment_questions_postponed_total").increment(1);
        }
        refused
    }
}

/// A desk that asks the providers; each gets threads when there is something to ask, so that slow answers hold up nobody else. What was not asked
/// when the writer drops its desk is not asked any more, and nobody waits for an answer that nobody can hear: it is looked up at the next start.
pub(super) fn start(
    providers: &[Arc<dyn Provider>],
    people: &Arc<People>,
    clock: &Arc<dyn Clock>,
    answers: &Sender<TradeJob>,
    options: &Options,
) -> PaymentDesk {
    let sent = Arc::new(Sent::new(Arc::clone(clock)));
    let bounds = Bounds { threads_max: options.payment_questions_at_once, waiting_max: options.payments_in_flight_max, idle: IDLE };
    let line = |provider: &Arc<dyn Provider>| {
        let (name, provider, answers, sent) = (provider.name().to_owned(), Arc::clone(provider), answers.clone(), Arc::clone(&sent));
        let pool = Pool::new(&name, bounds, move |job| {
            // No answer is heard once the writer has ended.
            let _ = answered(provider.as_ref(), &sent, job).into_iter().try_for_each(|answer| answers.send(answer));
        });
        (name, pool)
    };
    let lines = providers.iter().map(line).collect();
    PaymentDesk { people: Arc::clone(people), lines, retries: BTreeMap::new(), looks: BTreeMap::new(), sent }
}

/// What a provider says to a question.
fn answered(provider: &dyn Provider, sent: &Sent, job: PaymentJob) -> Vec<TradeJob> {
    match job {
        PaymentJob::Ask(question) => {
            let payment = question.payment();
            sent.note(payment);
            let answer = asked(provider, &question, true);
            // What nobody answered can have left until its time was over.
            sent.note(payment);
            vec![answer]
        }
        PaymentJob::LookUp(question) => vec![asked(provider, &sent.told(question), false)],
        PaymentJob::Aftermath(payment) => aftermath(provider, &payment),
        PaymentJob::Locate { notice, provider_reference, reply } => {
            vec![match provider.locate(&provider_reference) {
                Said::Answer(payment) => TradeJob::Heard { notice, payment, reply },
                Said::Busy { .. } => TradeJob::NotHeard { reply },
            }]
        }
    }
}

fn asked(provider: &dyn Provider, question: &Question, is_first: bool) -> TradeJob {
    let busy = |payment: &PaymentId, about, retry_after_ms| {
        let payment = payment.clone();
        TradeJob::ProviderBusy { payment, about, was_asked: is_first, retry_after_ms }
    };
    match question {
        Question::Authorization(question) => match if is_first { provider.authorize(question) } else { provider.look_up(question) } {
            Said::Answer(outcome) => TradeJob::Provider { payment: question.payment.clone(), outcome },
            Said::Busy { retry_after_ms } => busy(&question.payment, AUTHORIZATION, retry_after_ms),
        },
        Question::Step(question) => {
            let about = (question.number, question.attempt);
            match if is_first { provider.take_step(question) } else { provider.look_up_step(question) } {
                Said::Answer(answer) => TradeJob::Step { payment: question.payment.clone(), about, answer },
                Said::Busy { retry_after_ms } => busy(&question.payment, about, retry_after_ms),
            }
        }
    }
}

/// What has come of a payment whose money was taken: disputes, and refunds that came back.
fn aftermath(provider: &dyn Provider, payment: &Payment) -> Vec<TradeJob> {
    let later = |retry_after_ms| TradeJob::LookLater { payment: payment.id.clone(), retry_after_ms };
    let mut found = Vec::new();
    match provider.disputes(payment) {
        Said::Answer(reports) => {
            let report = |report| TradeJob::Dispute { payment: payment.id.clone(), report: Box::new(report) };
            found.extend(reports.into_iter().map(report));
        }
        Said::Busy { retry_after_ms } => found.push(later(retry_after_ms)),
    }
    if payment.refunded.amount_minor > 0 {
        match provider.failed_refunds(payment) {
            Said::Answer(failures) if failures.is_empty() => {}
            Said::Answer(failures) => found.push(TradeJob::RefundsFailed { payment: payment.id.clone(), failures }),
            Said::Busy { retry_after_ms } => found.push(later(retry_after_ms)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, Money};
    use crate::payment::{AuthorizationQuestion, PaymentOutcome, StepAnswer, StepQuestion};
    use crate::stdx::clock::ManualClock;
    use std::sync::Mutex;

    /// Notes when what it is asked about can have left.
    struct Listening(Arc<Mutex<Vec<i64>>>, Arc<ManualClock>);

    impl Provider for Listening {
        fn name(&self) -> &str {
            "listening"
        }

        fn authorize(&self, _question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
            self.1.advance_ms(30_000);
            Said::Answer(PaymentOutcome::Unknown)
        }

        fn look_up(&self, question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
            self.0.lock().expect("nobody panics").push(question.sent_at.0);
            Said::Answer(PaymentOutcome::Unknown)
        }

        fn take_step(&self, _question: &StepQuestion) -> Said<StepAnswer> {
            Said::Answer(StepAnswer::Unknown)
        }

        fn look_up_step(&self, _question: &StepQuestion) -> Said<StepAnswer> {
            Said::Answer(StepAnswer::Unknown)
        }
    }

    /// A refund that was decided a minute before it could be sent was taken for one that the provider does not have, and sent a second time.
    #[test]
    fn a_look_up_tells_when_the_question_left_rather_than_when_it_was_decided() {
        let (heard, clock) = (Arc::new(Mutex::new(Vec::new())), Arc::new(ManualClock::at(Timestamp(100_000))));
        let (provider, sent) = (Listening(Arc::clone(&heard), Arc::clone(&clock)), Sent::new(clock));
        let question = || {
            let (payment, asked_at) = (PaymentId::new("p").expect("an id"), Timestamp(10_000));
            let (amount, token) = (Money::new(1, Currency::EUR), String::new());
            let provider_reference = None;
            let question =
                AuthorizationQuestion { payment, amount, token, provider_reference, asked_at, sent_at: asked_at, now: Timestamp(110_000) };
            Question::Authorization(question)
        };
        answered(&provider, &sent, PaymentJob::LookUp(question()));
        answered(&provider, &sent, PaymentJob::Ask(question()));
        answered(&provider, &sent, PaymentJob::LookUp(question()));
        assert_eq!(*heard.lock().expect("nobody panics"), [100_000, 130_000], "since the process began, and then when nobody had answered");
    }
}
