//! A deterministic simulation of the engine: shoppers, clerks and a bad-tempered payment provider, driven by a seed.
//!
//! The engine is run as the pipeline runs it: commands in batches, decided and folded at once, made durable together, then observed. Faults
//! are injected at that level: an append fails and the writer's state is thrown away; the process dies and the state is made again from the
//! encoded journal while the provider's answers in flight are lost; callers repeat writes under their keys, with the same body and with
//! another; the clock jumps. Beside the engine's own invariants an oracle that knows nothing of buckets and statuses counts along.
//! The same seed gives the same run, and a report that names the seed.

mod areas;
mod oracle;
mod provider;
mod shoppers;

use super::command::{Action, Command, Rejection};
use super::keys::{Answer, Snapshot};
use super::{Options, State, decide, fold};
use crate::event::codec::{decode as read, encode};
use crate::event::{Entry, Events, Stream, TradeEvent};
use crate::id::{IdempotencyKey, Offset};
use crate::order::CheckoutStatus;
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{Digest, hex};
use fastrand::Rng;
use oracle::Oracle;
use provider::BadTemperedProvider;
use std::fmt;

/// A full recount of all invariants every so many steps; what an entry names is recounted after every entry.
const RECOUNT_STEPS: u64 = 64;
/// Repeated writes are drawn from so many of the last ones.
const PAST_MAX: usize = 64;
/// Keys that led to no order are only good for a day; the simulation repeats none that is older than this.
const REPEAT_WITHIN_MS: i64 = 6 * 60 * 60 * 1_000;

/// What a simulation did and found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The seed that makes the same run again.
    pub seed: u64,
    /// Steps done; fewer than asked for when something broke.
    pub steps: u64,
    /// Journal entries written.
    pub entries: u64,
    /// Orders placed.
    pub orders: u64,
    /// Commands refused with a reason.
    pub refusals: u64,
    /// Writes that were repeated under their keys.
    pub repeats: u64,
    /// Appends that failed.
    pub failed_appends: u64,
    /// Crashes, each followed by a replay of the whole journal.
    pub crashes: u64,
    /// Authorisations that were given back.
    pub given_back: u64,
    /// Reservations that ran out of time.
    pub expired: u64,
    /// Hash of the last state.
    pub state_hash: Digest,
    /// What is wrong; empty when all is well.
    pub broken: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, steps, entries, orders, refusals, repeats, failed_appends, crashes, given_back, expired, .. } = self;
        write!(out, "seed {seed}: {steps} steps, {entries} entries, {orders} orders, {refusals} refusals, {repeats} repeats, ")?;
        write!(out, "{failed_appends} failed appends, {crashes} crashes, {given_back} given back, {expired} expired, ")?;
        write!(out, "state {}", &hex(&self.state_hash)[..16])?;
        self.broken.iter().try_for_each(|broken| write!(out, "\n  BROKEN: {broken}"))
    }
}

/// Runs `steps` steps from `seed`, then lets everything come to rest, and reports. Stops at the first thing that is wrong.
#[must_use]
pub fn run(seed: u64, steps: u64) -> Report {
    let mut simulation = Simulation::new(seed);
    while simulation.report.steps < steps && simulation.report.broken.is_empty() {
        simulation.step();
        simulation.report.steps += 1;
    }
    simulation.settle();
    simulation.finish()
}

/// A write that was acknowledged, and may be repeated.
struct Past {
    command: Command,
    at: Timestamp,
    /// The answer that was given, once it was final.
    answer: Option<Answer>,
}

/// A decided entry that is not durable yet.
struct Staged {
    command: Command,
    events: Vec<TradeEvent>,
    bytes: Vec<u8>,
}

struct Simulation {
    rng: Rng,
    now: Timestamp,
    /// What the writer works on.
    writer: State,
    /// What readers see: everything durable.
    durable: State,
    journal: Vec<Vec<u8>>,
    names_count: u64,
    provider: BadTemperedProvider,
    oracle: Oracle,
    past: Vec<Past>,
    /// Writes whose append failed: their callers try again.
    again: Vec<Command>,
    report: Report,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            now: Timestamp(1_700_000_000_000),
            writer: State::new(Options::default()),
            durable: State::new(Options::default()),
            journal: Vec::new(),
            names_count: 0,
            provider: BadTemperedProvider::default(),
            oracle: Oracle::default(),
            past: Vec::new(),
            again: Vec::new(),
            report: Report { seed, ..Report::default() },
        }
    }

    fn step(&mut self) {
        self.pass_time();
        let mut batch = std::mem::take(&mut self.again);
        batch.extend(self.provider.answers_due(self.now, &mut self.names_count));
        if self.writer.next_expiry().is_some_and(|at| at <= self.now) {
            batch.push(Command { key: None, action: Action::PassTime });
        }
        for _ in 0..self.rng.u32(1..5) {
            batch.push(self.shoppers_command());
        }
        self.commit(batch);
        self.repeat_a_write();
        if self.rng.u32(0..600) == 0 {
            self.crash();
        }
        if self.report.steps.is_multiple_of(RECOUNT_STEPS) {
            self.report.broken.extend(self.durable.check_invariants());
        }
    }

    /// Seconds, mostly; now and then the clock jumps an hour ahead, or some minutes back.
    fn pass_time(&mut self) {
        let ms = match self.rng.u32(0..2_000) {
            0 => 3_600_000,
            1..=3 => self.rng.i64(-600_000..0),
            _ => self.rng.i64(0..4_000),
        };
        self.now = self.now.plus_ms(ms);
    }

    /// Decides and folds a batch, then appends it as a whole, or fails to.
    fn commit(&mut self, batch: Vec<Command>) {
        let mut staged = Vec::new();
        for command in batch {
            match decide(&self.writer, &command, self.now) {
                Ok(events) if events.is_empty() => {}
                Ok(events) => staged.push(self.stage(command, events)),
                Err(rejection) => self.refused(&command, &rejection),
            }
        }
        if self.rng.u32(0..100) == 0 {
            self.report.failed_appends += 1;
            self.writer = self.durable.clone();
            self.again = staged.into_iter().map(|staged| staged.command).collect();
            return;
        }
        for Staged { command, events, bytes } in staged {
            self.journal.push(bytes);
            self.report.entries += 1;
            self.oracle.observe(&events, &self.provider);
            self.provider.observe(&events, self.now, &mut self.rng);
            if command.key.is_some() {
                self.past.push(Past { command, at: self.now, answer: None });
            }
        }
        self.durable = self.writer.clone();
        self.report.broken.extend(self.oracle.broken());
        self.note_final_answers();
    }

    fn stage(&mut self, command: Command, events: Vec<TradeEvent>) -> Staged {
        let entry = Entry { at: self.now, events };
        let bytes = encode(&entry).unwrap_or_else(|error| {
            self.report.broken.push(format!("an entry cannot be encoded: {error}"));
            Vec::new()
        });
        entry.events.iter().for_each(|event| fold(&mut self.writer, event, entry.at));
        self.report.broken.extend(self.writer.check_entry(&entry.events));
        Staged { command, events: entry.events, bytes }
    }

    /// Shoppers may be refused for many reasons; what the provider says is always taken.
    fn refused(&mut self, command: &Command, rejection: &Rejection) {
        self.report.refusals += 1;
        if matches!(command.action, Action::ResolvePayment { .. } | Action::PassTime) || *rejection == Rejection::KeyReused {
            self.report.broken.push(format!("{rejection}, to {:?}", command.action));
        }
    }

    /// Keeps the first final answer of each key: every later answer has to be the same.
    fn note_final_answers(&mut self) {
        for past in self.past.iter_mut().filter(|past| past.answer.is_none()) {
            let answer = past.command.key.as_ref().and_then(|(key, _)| self.durable.answer_of(key));
            past.answer = answer.filter(is_final);
        }
        let now = self.durable.time();
        let is_for_ever = |past: &Past| past.answer.as_ref().is_some_and(is_of_an_order);
        self.past.retain(|past| is_for_ever(past) || now.since_ms(past.at) < REPEAT_WITHIN_MS);
        while self.past.len() > PAST_MAX {
            self.past.swap_remove(self.rng.usize(0..PAST_MAX));
        }
    }

    /// A caller repeats a write, or uses its key for another one.
    fn repeat_a_write(&mut self) {
        let Some(past) = self.past.get(self.rng.usize(0..PAST_MAX)) else { return };
        let Some((key, body_hash)) = past.command.key.clone() else { return };
        self.report.repeats += 1;
        let repeated = decide(&self.writer, &past.command, self.now);
        let answer = self.durable.answer_of(&key);
        if repeated != Ok(Vec::new()) {
            self.report.broken.push(format!("the repetition of {:?} gave {repeated:?}", past.command));
        }
        if past.answer.is_some() && answer != past.answer {
            self.report.broken.push(format!("the repetition of {:?} is answered {answer:?}, was {:?}", past.command, past.answer));
        }
        let other = Command { key: Some((key, body_hash.map(|byte| !byte))), action: past.command.action.clone() };
        if decide(&self.writer, &other, self.now) != Err(Rejection::KeyReused) {
            self.report.broken.push(format!("the key of {:?} could be used for another body", past.command));
        }
    }

    /// The process dies. What was durable comes back from the bytes of the journal; answers in flight may be lost, and are asked for again.
    fn crash(&mut self) {
        self.report.crashes += 1;
        let replayed = replay(&self.journal);
        let found = replayed.hash();
        if found != self.durable.hash() {
            self.report.broken.push(format!("the replayed state is {}, was {}", hex(&found), hex(&self.durable.hash())));
        }
        self.report.broken.extend(replayed.check_invariants());
        self.report.broken.extend(self.oracle.missing_orders(&replayed));
        self.writer = replayed.clone();
        self.durable = replayed;
        self.provider.restart(&self.durable.pending_payments(), self.now, &mut self.rng);
    }

    /// Nobody asks for anything more; time passes until nothing is open.
    fn settle(&mut self) {
        for _ in 0..1_000 {
            let is_at_rest = self.durable.pending_payments().is_empty() && self.provider.is_quiet() && self.again.is_empty();
            if is_at_rest && self.durable.next_expiry().is_none() || !self.report.broken.is_empty() {
                break;
            }
            self.now = self.now.max(self.durable.time()).plus_ms(3_600_000);
            let mut batch = std::mem::take(&mut self.again);
            batch.extend(self.provider.answers_due(self.now, &mut self.names_count));
            batch.push(Command { key: None, action: Action::PassTime });
            self.commit(batch);
        }
        self.crash();
    }

    fn finish(mut self) -> Report {
        let left = self.durable.stock().reservations().len() + self.durable.pending_payments().len();
        if self.report.broken.is_empty() && left != 0 {
            self.report.broken.push(format!("{left} reservations and payments never came to rest"));
        }
        if self.report.broken.is_empty() {
            self.report.broken.extend(self.provider.money_without_order(&self.durable));
        }
        self.report.orders = self.durable.orders_count() as u64;
        self.report.expired = self.durable.stock().counts().expired;
        self.report.given_back = self.provider.given_back();
        self.report.state_hash = self.durable.hash();
        self.report
    }

    /// A name that was never used before.
    pub(super) fn name(&mut self, prefix: &str) -> String {
        self.names_count += 1;
        format!("{prefix}{}", self.names_count)
    }

    fn key(&mut self) -> Option<(IdempotencyKey, [u8; 32])> {
        let name = self.name("key");
        let body_hash = crate::stdx::digest::blake3(&[name.as_bytes()]);
        IdempotencyKey::new(&name).ok().map(|key| (key, body_hash))
    }
}

/// An attempt in progress answers with its present state; everything else with a snapshot.
fn is_final(answer: &Answer) -> bool {
    !matches!(&answer.snapshot, Snapshot::Checkout(session) if session.status == CheckoutStatus::CompleteInProgress)
}

fn is_of_an_order(answer: &Answer) -> bool {
    matches!(&answer.snapshot, Snapshot::Checkout(session) if session.status == CheckoutStatus::Completed)
}

/// The state that the encoded entries give from the start.
fn replay(journal: &[Vec<u8>]) -> State {
    let mut state = State::new(Options::default());
    for (offset, bytes) in journal.iter().enumerate() {
        if let Ok(recorded) = read(Stream::Trade, Offset(offset as u64), bytes)
            && let Events::Trade(events) = recorded.events
        {
            events.iter().for_each(|event| fold(&mut state, event, recorded.at));
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_run() {
        let first = run(7, 300);
        assert_eq!(first, run(7, 300));
        assert_ne!(first.state_hash, run(8, 300).state_hash);
        assert_eq!(first.broken, Vec::<String>::new(), "{first}");
    }

    #[test]
    fn a_run_sees_everything_that_can_happen() {
        let report = run(1, 3_000);
        assert_eq!(report.broken, Vec::<String>::new(), "{report}");
        for (what, count) in [
            ("orders", report.orders),
            ("refusals", report.refusals),
            ("repeats", report.repeats),
            ("failed appends", report.failed_appends),
            ("crashes", report.crashes),
            ("authorisations given back", report.given_back),
            ("expired reservations", report.expired),
        ] {
            assert!(count > 0, "no {what} in {report}");
        }
    }
}
