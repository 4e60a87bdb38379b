//! Talking to the payment provider: the only thing outside the process that an order needs, so it happens on threads of its own.

use super::options::Options;
use super::trade_writer::TradeJob;
use crate::event::TradeEvent;
use crate::id::PaymentId;
use crate::money::Money;
use crate::payment::Provider;
use crate::stdx::clock::Timestamp;
use crate::trade::State;
use crossbeam::channel::{Receiver, Sender, bounded};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// First pause before an unknown outcome is looked up, doubled each time.
const LOOK_UP_FIRST_MS: i64 = 500;
/// Longest pause between two look-ups of one payment.
const LOOK_UP_LAST_MS: i64 = 60_000;

/// What the provider is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Authorize,
    LookUp,
    Void,
    Capture,
}

/// One question to the provider.
#[derive(Debug, Clone)]
pub(super) struct PaymentJob {
    question: Question,
    payment: PaymentId,
    amount: Money,
    token: String,
}

impl PaymentJob {
    fn new(question: Question, state: &State, payment: &PaymentId) -> Option<Self> {
        let known = state.payment(payment)?;
        Some(Self { question, payment: payment.clone(), amount: known.amount, token: known.token.clone() })
    }

    /// Asks what became of a payment.
    pub(super) fn look_up(state: &State, payment: &PaymentId) -> Option<Self> {
        Self::new(Question::LookUp, state, payment)
    }
}

/// The writer's side: sends questions, and remembers when to ask again about payments whose outcome is unknown.
pub(super) struct PaymentDesk {
    jobs: Sender<PaymentJob>,
    next_look_up: BTreeMap<PaymentId, (Timestamp, i64)>,
}

impl PaymentDesk {
    /// Sends a question. The queue is as long as the number of payments that may be open, so it never fills.
    pub(super) fn send(&self, job: PaymentJob) {
        if let Err(refused) = self.jobs.try_send(job) {
            tracing::error!(%refused, "a question to the payment provider was not queued; it is asked again after the next start");
        }
    }

    /// Asks the provider what a durable event wants to be asked.
    pub(super) fn ask_for(&mut self, event: &TradeEvent, state: &State) {
        let job = match event {
            TradeEvent::PaymentRequested { payment, .. } => PaymentJob::new(Question::Authorize, state, payment),
            TradeEvent::OrderCanceled { order, .. } => state.payment_of_order(order).and_then(|payment| PaymentJob::new(Question::Void, state, &payment)),
            TradeEvent::OrderShipped { order, .. } => state.payment_to_capture(order).and_then(|payment| PaymentJob::new(Question::Capture, state, &payment)),
            _ => None,
        };
        if let Some(job) = job {
            self.send(job);
        }
    }

    /// Asks again about payments whose outcome is unknown, less and less often.
    pub(super) fn look_up_unknown(&mut self, state: &State, now: Timestamp) {
        let unknown = state.unknown_payments();
        if unknown.is_empty() {
            self.next_look_up.clear();
            return;
        }
        for payment in unknown {
            let (due, pause_ms) = *self.next_look_up.entry(payment.clone()).or_insert((now.plus_ms(LOOK_UP_FIRST_MS), LOOK_UP_FIRST_MS));
            if due > now {
                continue;
            }
            let pause_ms = (pause_ms * 2).min(LOOK_UP_LAST_MS);
            self.next_look_up.insert(payment.clone(), (now.plus_ms(pause_ms), pause_ms));
            if let Some(job) = PaymentJob::look_up(state, &payment) {
                self.send(job);
            }
        }
    }
}

/// Starts the threads that ask the provider; they end when the writer drops its desk.
pub(super) fn start(provider: &Arc<dyn Provider>, answers: &Sender<TradeJob>, options: &Options) -> std::io::Result<(PaymentDesk, Vec<JoinHandle<()>>)> {
    let (jobs, questions) = bounded(options.payments_in_flight_max * 2);
    let start_one = |number: usize| {
        let (provider, answers, questions) = (provider.clone(), answers.clone(), questions.clone());
        thread::Builder::new().name(format!("payment-{number}")).spawn(move || ask_provider(provider.as_ref(), &questions, &answers))
    };
    let threads = (0..options.payment_threads).map(start_one).collect::<Result<_, _>>()?;
    Ok((PaymentDesk { jobs, next_look_up: BTreeMap::new() }, threads))
}

fn ask_provider(provider: &dyn Provider, questions: &Receiver<PaymentJob>, answers: &Sender<TradeJob>) {
    for PaymentJob { question, payment, amount, token } in questions {
        let outcome = match question {
            Question::Authorize => provider.authorize(&payment, amount, &token),
            Question::LookUp => provider.lookup(&payment, &token),
            Question::Void => provider.void(&payment, &token),
            Question::Capture => provider.capture(&payment, amount, &token),
        };
        if answers.send(TradeJob::Provider { payment, outcome }).is_err() {
            return;
        }
    }
}
