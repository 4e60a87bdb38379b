//! Talking to the payment provider: the only thing outside the process that an order needs, so it happens on threads of its own.

use super::options::Options;
use super::trade_writer::TradeJob;
use crate::event::TradeEvent;
use crate::id::PaymentId;
use crate::money::Money;
use crate::payment::{PaymentStatus, Provider};
use crate::stdx::clock::Timestamp;
use crate::trade::{PaymentOutcome, PendingPayment, State};
use crossbeam::channel::{Receiver, Sender, bounded};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// First pause before the provider is asked again about a payment, doubled each time.
const PAUSE_FIRST_MS: i64 = 500;
/// Longest pause between two questions about one payment.
const PAUSE_LAST_MS: i64 = 60_000;

/// What the provider is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Authorize,
    LookUp,
    Capture,
    Void,
}

/// One question to the provider.
#[derive(Debug, Clone)]
struct PaymentJob {
    question: Question,
    payment: PaymentId,
    amount: Money,
    token: String,
}

/// When to ask again about a payment, and how long to wait after that.
#[derive(Debug, Clone, Copy)]
struct Retry {
    due: Timestamp,
    pause_ms: i64,
}

/// The writer's side: sends questions, and asks again about payments that are not settled.
pub(super) struct PaymentDesk {
    jobs: Sender<PaymentJob>,
    retries: BTreeMap<PaymentId, Retry>,
}

impl PaymentDesk {
    /// Asks the provider what a durable event wants to be asked.
    pub(super) fn ask_for(&mut self, event: &TradeEvent, state: &State, now: Timestamp) {
        let (question, payment) = match event {
            TradeEvent::PaymentRequested { payment, .. } => (Question::Authorize, payment),
            TradeEvent::PaymentCaptureRequested { payment } => (Question::Capture, payment),
            TradeEvent::PaymentVoidRequested { payment } => (Question::Void, payment),
            _ => return,
        };
        let Some(known) = state.payment(payment) else { return };
        let token = known.token.clone().unwrap_or_default();
        self.retries.insert(payment.clone(), Retry { due: now.plus_ms(PAUSE_LAST_MS), pause_ms: PAUSE_FIRST_MS });
        self.send(PaymentJob { question, payment: payment.clone(), amount: known.amount, token });
    }

    /// Asks again about every payment that waits for the provider and whose time has come. What may have reached the provider before is
    /// looked up, never asked for a second time.
    pub(super) fn ask_again(&mut self, state: &State, now: Timestamp) {
        let pending = state.pending_payments();
        self.retries.retain(|payment, _| pending.iter().any(|waiting| waiting.payment == *payment));
        for waiting in pending {
            self.ask_again_about(waiting, now);
        }
    }

    fn ask_again_about(&mut self, waiting: PendingPayment, now: Timestamp) {
        let retry = self.retries.entry(waiting.payment.clone()).or_insert(Retry { due: now, pause_ms: PAUSE_FIRST_MS });
        if waiting.status == PaymentStatus::Unknown {
            // The first answer was "nobody knows": the first look-up need not wait as long as an answer may take.
            retry.due = retry.due.min(now.plus_ms(retry.pause_ms));
        }
        if retry.due > now {
            return;
        }
        *retry = Retry { due: now.plus_ms(retry.pause_ms), pause_ms: (retry.pause_ms * 2).min(PAUSE_LAST_MS) };
        let question = match waiting.status {
            PaymentStatus::Capturing => Question::Capture,
            PaymentStatus::Voiding => Question::Void,
            _ => Question::LookUp,
        };
        self.send(PaymentJob { question, payment: waiting.payment, amount: waiting.amount, token: waiting.token.unwrap_or_default() });
    }

    /// A question that finds no place now is asked again later, because its payment stays pending.
    fn send(&self, job: PaymentJob) {
        if self.jobs.try_send(job).is_err() {
            metrics::counter!("shopkeeper_payment_questions_postponed_total").increment(1);
        }
    }
}

/// Starts the threads that ask the provider; they end when the writer drops its desk.
pub(super) fn start(
    provider: &Arc<dyn Provider>,
    answers: &Sender<TradeJob>,
    options: &Options,
) -> std::io::Result<(PaymentDesk, Vec<JoinHandle<()>>)> {
    let (jobs, questions) = bounded(options.payments_in_flight_max);
    let start_one = |number: usize| {
        let (provider, answers, questions) = (provider.clone(), answers.clone(), questions.clone());
        thread::Builder::new().name(format!("payment-{number}")).spawn(move || ask_provider(provider.as_ref(), &questions, &answers))
    };
    let threads = (0..options.payment_threads).map(start_one).collect::<Result<_, _>>()?;
    Ok((PaymentDesk { jobs, retries: BTreeMap::new() }, threads))
}

fn ask_provider(provider: &dyn Provider, questions: &Receiver<PaymentJob>, answers: &Sender<TradeJob>) {
    for PaymentJob { question, payment, amount, token } in questions {
        let outcome: PaymentOutcome = match question {
            Question::Authorize => provider.authorize(&payment, amount, &token),
            Question::LookUp => provider.lookup(&payment, &token),
            Question::Capture => provider.capture(&payment, amount),
            Question::Void => provider.void(&payment),
        };
        if answers.send(TradeJob::Provider { payment, outcome }).is_err() {
            return;
        }
    }
}
