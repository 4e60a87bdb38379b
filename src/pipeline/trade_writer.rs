//! The one writer of the trade stream: decides commands one after another and answers when what happened is durable.
//!
//! The writer's own state runs ahead of the journal within a batch, so that the second of two commands for the last unit sees the first.
//! Nothing of it is shown before the append; if the append fails the writer stops, and what it had decided is forgotten with it.

use super::activity_writer::ActivityJob;
use super::batches::{append_in_batches, tell_failed};
use super::checkpoint::{CheckpointFiles, CheckpointWriter};
use super::debt::Debt;
use super::noted;
use super::options::Options;
use super::payments::{PaymentDesk, PaymentJob};
use super::people::People;
use super::projector::{Durable, sellable};
use super::queue::{Unavailable, Waited, next_batch};
use super::trade_job::{TradeAnswer, TradeJob, TradeReply};
use crate::event::trade::{PaymentEvent, Subject};
use crate::event::{Entry, Events, Progress, Recorded, Stream, TradeEvent, codec};
use crate::id::IdempotencyKey;
use crate::id::{CheckoutId, Offset, OrderId, PaymentId};
use crate::journal::{Durability, Journal, RECORD_BYTES_MAX};
use crate::order::CheckoutStatus;
use crate::stdx::bell::Bell;
use crate::stdx::clock::{Clock, Timestamp};
use crate::stdx::published::Published;
use crate::trade::{self, Action, Answer, Command, PaymentAction, PaymentOutcome, Rejection, State};
use crossbeam::channel::{Receiver, Sender};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A command whose effect is decided but not yet durable.
struct Decided {
    reply: TradeReply,
    key: Option<IdempotencyKey>,
    result: Result<(Option<Answer>, bool), Rejection>,
    wait_for: Option<CheckoutId>,
}

/// An entry that is folded, and the record that it becomes.
struct Decision {
    entry: Entry<TradeEvent>,
    record: Vec<u8>,
}

struct Waiting {
    replies: Vec<(TradeReply, Option<IdempotencyKey>)>,
    give_up_at: Timestamp,
}

/// The writer and everything it owns.
pub(super) struct TradeWriter {
    pub(super) state: State,
    pub(super) journal: Box<dyn Journal + Send>,
    pub(super) published: Arc<Published<State>>,
    /// What destroys the keys of those who are forgotten.
    pub(super) people: Arc<People>,
    /// Rung when something has become durable.
    pub(super) bell: Arc<Bell>,
    pub(super) projector: Sender<Arc<Durable>>,
    /// Where orders are noted among the clicks that led to them.
    pub(super) activity: Sender<ActivityJob>,
    pub(super) payments: PaymentDesk,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) options: Options,
    pub(super) files: CheckpointFiles,
    /// What the newest checkpoint lacks.
    pub(super) debt: Debt,
}

struct Run {
    writer: TradeWriter,
    last: Timestamp,
    stopped: bool,
    waiting: HashMap<CheckoutId, Waiting>,
    asked_again_at: Timestamp,
    checkpoints: CheckpointWriter,
}

/// The largest record that a command may become: half of what the journal takes, so that what follows from it by itself (an order from a session)
/// fits as well.
const COMMAND_BYTES_MAX: usize = RECORD_BYTES_MAX / 2;
/// How often payments that wait for the provider are looked through.
const ASK_AGAIN_MS: i64 = 500;

impl TradeWriter {
    /// Works until told to stop.
    pub(super) fn run(self, queue: &Receiver<TradeJob>) {
        let tick = Duration::from_millis(self.options.trade_tick_ms);
        let len_max = self.options.batch_len_max;
        let mut run = Run {
            writer: self,
            last: Timestamp(0),
            stopped: false,
            waiting: HashMap::new(),
            asked_again_at: Timestamp(0),
            checkpoints: CheckpointWriter::default(),
        };
        run.ask_provider_again();
        loop {
            let batch = match next_batch(queue, len_max, tick) {
                Waited::Batch(batch) => batch,
                Waited::Nothing => Vec::new(),
                Waited::Closed => break,
            };
            if !run.work(batch) {
                break;
            }
        }
        run.save_last();
    }
}

impl Run {
    /// Takes one batch from commands to answers; false when told to stop.
    fn work(&mut self, batch: Vec<TradeJob>) -> bool {
        let now = self.now();
        let mut entries = Vec::new();
        let mut decided = Vec::with_capacity(batch.len());
        let mut go_on = true;
        if self.writer.state.next_expiry().is_some_and(|expiry| expiry <= now) {
            self.decide_own(Action::PassTime, now, &mut entries);
        }
        for job in batch {
            match job {
                TradeJob::Command { command, wait_for_payment, reply } => {
                    decided.push(self.decide(&command, wait_for_payment, reply, now, &mut entries));
                }
                TradeJob::Heard { notice, payment, reply } => {
                    let command = Command { key: None, action: Action::Payment(PaymentAction::Hear { notice, payment }) };
                    decided.push(self.decide(&command, false, reply, now, &mut entries));
                }
                TradeJob::Stop => go_on = false,
                of_a_provider => self.hear_provider(of_a_provider, now, &mut entries),
            }
        }
        let durable = self.keep(entries);
        self.answer(decided, now);
        self.after(durable.as_deref().map_or(&[], |durable| &durable.recorded), now);
        go_on
    }

    /// What providers say, and what is said about them.
    fn hear_provider(&mut self, job: TradeJob, now: Timestamp, entries: &mut Vec<Decision>) {
        match job {
            TradeJob::Provider { payment, outcome } => self.resolve(payment, outcome, now, entries),
            TradeJob::Step { payment, about: (number, attempt), answer } => {
                self.decide_own(Action::Payment(PaymentAction::Settle { payment, number, attempt, answer }), now, entries);
            }
            TradeJob::Dispute { payment, report } => {
                self.decide_own(Action::Payment(PaymentAction::HearDispute { payment, report: *report }), now, entries);
            }
            TradeJob::RefundsFailed { payment, failures } => {
                for failure in failures {
                    self.decide_own(Action::Payment(PaymentAction::HearRefundFailed { payment: payment.clone(), failure }), now, entries);
                }
            }
            TradeJob::LookLater { payment, retry_after_ms } => self.writer.payments.look_later(payment, retry_after_ms, now),
            TradeJob::ProviderBusy { payment, about, was_asked, retry_after_ms } => {
                self.writer.payments.put_off(&payment, about, was_asked, retry_after_ms, now);
            }
            TradeJob::LookNow { payment } => self.writer.payments.look_now(&payment, &self.writer.published.take(), now),
            TradeJob::Notice { provider, notice, provider_reference, reply } => {
                let refused = self.writer.payments.send(&provider, PaymentJob::Locate { notice, provider_reference, reply });
                if let Some(PaymentJob::Locate { reply, .. }) = refused {
                    reply(Err(Unavailable::Busy.into()));
                }
            }
            TradeJob::NotHeard { reply } => reply(Err(Unavailable::Busy.into())),
            TradeJob::Command { .. } | TradeJob::Heard { .. } | TradeJob::Stop => {}
        }
    }

    fn resolve(&mut self, payment: PaymentId, outcome: PaymentOutcome, now: Timestamp, entries: &mut Vec<Decision>) {
        match OrderId::new(&format!("ord_{}", crate::id::random_uuid().simple())) {
            Ok(order) => self.decide_own(Action::ResolvePayment { payment, order, outcome }, now, entries),
            Err(reason) => tracing::error!(%reason, "no name for a new order"),
        }
    }

    /// The wall clock, but never before what the journal has seen.
    fn now(&mut self) -> Timestamp {
        self.last = self.last.max(self.writer.clock.now());
        self.last
    }

    fn decide(&mut self, command: &Command, wait: bool, reply: TradeReply, now: Timestamp, entries: &mut Vec<Decision>) -> Decided {
        if self.stopped {
            return Decided { reply, key: None, result: Ok((None, false)), wait_for: None };
        }
        let result = trade::decide(&self.writer.state, command, now);
        let result = result.and_then(|events| {
            let repeated = events.is_empty() && command.key.is_some();
            self.fold(events, now, COMMAND_BYTES_MAX, entries)?;
            Ok((command.key.as_ref().and_then(|(key, _)| self.writer.state.answer_of(key)), repeated))
        });
        let wait_for = if wait && result.is_ok() { self.session_in_progress(&command.action) } else { None };
        Decided { reply, key: command.key.as_ref().map(|(key, _)| key.clone()), result, wait_for }
    }

    /// The checkout session of this command, while it waits for its payments.
    fn session_in_progress(&self, action: &Action) -> Option<CheckoutId> {
        let Some(Subject::Checkout(checkout)) = action.subject() else { return None };
        self.is_in_progress(&self.writer.state, &checkout).then_some(checkout)
    }

    fn is_in_progress(&self, state: &State, checkout: &CheckoutId) -> bool {
        state.checkout(checkout).is_some_and(|session| session.status == CheckoutStatus::CompleteInProgress)
    }

    fn decide_own(&mut self, action: Action, now: Timestamp, entries: &mut Vec<Decision>) {
        if self.stopped {
            return;
        }
        let decided = trade::decide(&self.writer.state, &Command { key: None, action }, now);
        if let Err(rejection) = decided.and_then(|events| self.fold(events, now, RECORD_BYTES_MAX, entries)) {
            tracing::warn!(%rejection, "a command of the process itself was refused");
        }
    }

    /// Folds what happened, if its record is one that the journal takes: that is known before anything is folded, so that what is too much is
    /// refused alone.
    fn fold(&mut self, events: Vec<TradeEvent>, at: Timestamp, bytes_max: usize, entries: &mut Vec<Decision>) -> Result<(), Rejection> {
        if events.is_empty() {
            return Ok(());
        }
        let invalid = |reason: &str| Rejection::Invalid { field: "lines".to_owned(), reason: reason.to_owned() };
        let entry = Entry { at, events };
        let record = codec::encode(&entry).map_err(|error| invalid(&error.to_string()))?;
        if record.len() > bytes_max {
            return Err(invalid("are more than can be kept in one piece: ask for less at a time"));
        }
        self.writer.state.begin_entry(self.writer.journal.end().plus(entries.len() as u64));
        entry.events.iter().for_each(|event| trade::fold(&mut self.writer.state, event, at));
        entries.push(Decision { entry, record });
        Ok(())
    }

    /// Appends everything that happened with one sync, publishes it and hands it on.
    fn keep(&mut self, decisions: Vec<Decision>) -> Option<Arc<Durable>> {
        if decisions.is_empty() || self.stopped {
            return None;
        }
        let (entries, records): (Vec<_>, Vec<_>) = decisions.into_iter().map(|Decision { entry, record }| (entry, record)).unzip();
        let first = self.writer.journal.end();
        let written = match append_in_batches(self.writer.journal.as_mut(), first, &records, Durability::Synced) {
            Ok(written) => written,
            Err(reason) => {
                tell_failed("trade", &reason, "no more writes are taken");
                self.stopped = true;
                return None;
            }
        };
        if !self.writer.people.forget_in(&entries) {
            self.stopped = true;
            return None;
        }
        self.writer.debt.add(written);
        metrics::histogram!("shopkeeper_journal_batch_entries", "stream" => "trade").record(entries.len() as f64);
        let available = sellable(&mut self.writer.state);
        self.writer.published.swap(self.writer.state.clone());
        self.writer.bell.ring();
        let recorded: Vec<Recorded> = (first.0..)
            .zip(entries)
            .map(|(offset, entry)| Recorded { offset: Offset(offset), at: entry.at, events: Events::Trade(entry.events) })
            .collect();
        let durable = Arc::new(Durable { recorded, available, written });
        if self.writer.projector.send(Arc::clone(&durable)).is_err() {
            tracing::error!("the projector has ended before the trade writer");
        }
        noted::note(&self.writer.activity, &durable.recorded, &self.writer.state);
        Some(durable)
    }

    fn answer(&mut self, decided: Vec<Decided>, now: Timestamp) {
        let give_up_at = now.plus_ms(i64::try_from(self.writer.options.payment_wait_ms).unwrap_or(i64::MAX));
        let state = self.writer.published.take();
        for Decided { reply, key, result, wait_for } in decided {
            match (result, wait_for) {
                _ if self.stopped => reply(Err(Unavailable::Stopped.into())),
                (Err(rejection), _) => reply(Err(rejection.into())),
                (Ok((answer, repeated)), None) => reply(Ok(TradeAnswer { state: state.clone(), answer, repeated })),
                (Ok(_), Some(checkout)) => {
                    let waiting = self.waiting.entry(checkout).or_insert(Waiting { replies: Vec::new(), give_up_at });
                    waiting.replies.push((reply, key));
                }
            }
        }
    }

    /// What durable events ask of others: the provider to be called, waiting clients to be told, a checkpoint to be written.
    fn after(&mut self, durable: &[Recorded], now: Timestamp) {
        let events = durable.iter().flat_map(|recorded| match &recorded.events {
            Events::Trade(events) => events.as_slice(),
            Events::Catalog(_) | Events::Activity(_) => &[],
        });
        for event in events {
            if let TradeEvent::PaymentAuthorized { payment, .. }
            | TradeEvent::PaymentFailed { payment, .. }
            | TradeEvent::Payment(PaymentEvent::ActionRequired { payment, .. }) = event
            {
                self.tell_if_over(payment);
            }
            tell_of_refunds(event);
            self.writer.payments.ask_for(event, &self.writer.state, now);
        }
        if now.since_ms(self.asked_again_at) >= ASK_AGAIN_MS && !self.stopped {
            self.ask_provider_again();
        }
        let overdue = |(checkout, waiting): (&CheckoutId, &Waiting)| (waiting.give_up_at <= now || self.stopped).then(|| checkout.clone());
        let overdue: Vec<CheckoutId> = self.waiting.iter().filter_map(overdue).collect();
        overdue.iter().for_each(|checkout| self.tell(checkout));
        if self.writer.debt.is_due(&self.writer.options) {
            self.save();
        }
    }

    /// Tells those who wait for the session of a payment, once that no longer waits for any payment.
    fn tell_if_over(&mut self, payment: &PaymentId) {
        let checkout = self.writer.state.payment(payment).map(|payment| payment.checkout.clone());
        if let Some(checkout) = checkout.filter(|checkout| !self.is_in_progress(&self.writer.state, checkout)) {
            self.tell(&checkout);
        }
    }

    fn tell(&mut self, checkout: &CheckoutId) {
        let state = self.writer.published.take();
        for (reply, key) in self.waiting.remove(checkout).map(|waiting| waiting.replies).unwrap_or_default() {
            let answer = key.and_then(|key| state.answer_of(&key));
            reply(Ok(TradeAnswer { state: state.clone(), answer, repeated: false }));
        }
    }

    /// Payments that were with the provider when the process ended, or whose outcome nobody knew, are asked about again.
    fn ask_provider_again(&mut self) {
        let now = self.now();
        self.asked_again_at = now;
        self.writer.payments.ask_again(&self.writer.published.take(), now);
    }

    /// Writes a checkpoint while the writer goes on: a clone of the state costs nothing, because it shares what does not change.
    fn save(&mut self) {
        if self.stopped || self.checkpoints.is_busy() {
            return;
        }
        self.writer.debt = Debt::default();
        let mut progress = Progress::default();
        progress.advance(Stream::Trade, self.writer.journal.end());
        let (state, path) = (self.writer.state.clone(), self.writer.files.trade());
        self.checkpoints.start("trade", move || state.save(&path, progress));
    }

    fn save_last(&mut self) {
        self.checkpoints.finish();
        self.save();
        self.checkpoints.finish();
    }
}

/// Counts refunds that fail, and warns when one is not asked for again by itself.
fn tell_of_refunds(event: &TradeEvent) {
    let TradeEvent::Payment(event) = event else { return };
    if let PaymentEvent::RefundFailed { .. } = event {
        metrics::counter!("shopkeeper_refunds_failed_total").increment(1);
    }
    if let PaymentEvent::RefundRetried { .. } = event {
        metrics::counter!("shopkeeper_refunds_retried_total").increment(1);
    }
    if let PaymentEvent::RefundGivenUp { payment, number } = event {
        tracing::warn!(%payment, number, "a refund failed for good; whoever looks after the shop has to give the money back in another way");
        metrics::counter!("shopkeeper_refunds_given_up_total").increment(1);
    }
}
