//! A deterministic simulation of the shop: shoppers, clerks, a bad-tempered payment provider, and a disk that fails, driven by a seed.
//!
//! The engine is run as the pipeline runs it: commands in batches, decided and folded at once, made durable together by the real journal, then
//! observed. The journal writes to a simulated disk ([`crate::journal::sim`]): writes are torn, lost and reordered, syncs fail, space runs out, reads are short.
//! The process dies at any operation on the disk and is started again from what that kept; callers repeat writes under their keys, with the same body and with
//! another; the clock jumps. Beside the engine's own invariants an oracle that knows nothing of buckets and statuses counts along.
//! The same seed gives the same run, and a report that names the seed. `docs/SIMULATION.md` says how to use it.

mod areas;
mod engine;
mod faults;
mod oracle;
mod planted;
mod promises;
mod provider;
mod report;
mod rot;
mod shop;
mod shoppers;
mod stopping;
mod units;

pub use faults::Faults;
pub use planted::Planted;
pub use report::Report;

use super::command::{Action, Command, Rejection, StockChange};
use super::keys::{Answer, Snapshot};
use super::{Options, State};
use crate::event::codec::encode;
use crate::event::{Entry, TradeEvent};
use crate::id::IdempotencyKey;
use crate::order::CheckoutStatus;
use crate::stdx::clock::Timestamp;
use engine::{Engine, Phase};
use fastrand::Rng;
use oracle::Oracle;
use promises::Promises;
use provider::BadTemperedProvider;
use shop::Shop;

/// A full recount of all invariants every so many steps; what an entry names is recounted after every entry.
const RECOUNT_STEPS: u64 = 64;
/// Repeated writes are drawn from so many of the last ones.
const PAST_MAX: usize = 64;
/// Keys that led to no order are only good for a day; the simulation repeats none that is older than this.
const REPEAT_WITHIN_MS: i64 = 6 * 60 * 60 * 1_000;

/// What a simulation is run with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// Everything random comes from it.
    pub seed: u64,
    /// How many steps: batches of one to a dozen commands.
    pub steps: u64,
    /// What may go wrong.
    pub faults: Faults,
    /// A bug put in on purpose.
    pub planted: Option<Planted>,
}

/// Runs `steps` steps from `seed` under all faults.
#[must_use]
pub fn run(seed: u64, steps: u64) -> Report {
    run_plan(Plan { seed, steps, ..Plan::default() })
}

/// Runs a plan, then lets everything come to rest, and reports. Stops at the first thing that is wrong.
#[must_use]
pub fn run_plan(plan: Plan) -> Report {
    let mut simulation = Simulation::new(plan);
    while simulation.report.steps < plan.steps && simulation.report.broken.is_empty() {
        simulation.step();
        simulation.report.steps += 1;
    }
    simulation.settle();
    simulation.finish()
}

/// How much of a state is awake, by seed: what is made again has another number than what lived, and no answer may tell.
const AWAKE_MAX: [usize; 4] = [crate::event::dormant::AWAKE_MAX, 0, 64, 4];

fn options_for(seed: u64) -> Options {
    Options { awake_max: AWAKE_MAX[seed as usize % AWAKE_MAX.len()], ..Options::default() }
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
    entry: Entry<TradeEvent>,
    bytes: Vec<u8>,
}

struct Simulation {
    rng: Rng,
    faults: Faults,
    engine: Engine,
    now: Timestamp,
    shop: Shop,
    /// What the writer works on.
    writer: State,
    /// What readers see: everything durable.
    durable: State,
    names_count: u64,
    provider: BadTemperedProvider,
    oracle: Oracle,
    promises: Promises,
    past: Vec<Past>,
    /// Writes whose fate their callers do not know: they try again.
    again: Vec<Command>,
    report: Report,
}

impl Simulation {
    fn new(plan: Plan) -> Self {
        let engine = Engine { planted: plan.planted };
        Self {
            rng: Rng::with_seed(plan.seed),
            faults: plan.faults,
            engine,
            now: Timestamp(1_700_000_000_000),
            shop: Shop::new(plan.seed, engine, options_for(plan.seed + 1)),
            writer: State::new(options_for(plan.seed)),
            durable: State::new(options_for(plan.seed)),
            names_count: 0,
            provider: BadTemperedProvider::new(!plan.faults.provider),
            oracle: Oracle::default(),
            promises: Promises::default(),
            past: Vec::new(),
            again: Vec::new(),
            report: Report { seed: plan.seed, ..Report::default() },
        }
    }

    fn step(&mut self) {
        self.pass_time();
        self.arm_a_fault();
        let mut batch = self.due();
        for _ in 0..self.rng.u32(1..5) {
            batch.push(self.shoppers_command());
        }
        self.commit(batch);
        if self.faults.network {
            self.repeat_a_write();
        }
        self.stop_sometimes();
        if self.report.steps.is_multiple_of(RECOUNT_STEPS) {
            self.report.broken.extend(self.durable.check_invariants());
        }
    }

    /// What has to be done whoever else asks: writes tried again, the provider's answers, and the passing of time.
    fn due(&mut self) -> Vec<Command> {
        let mut batch = std::mem::take(&mut self.again);
        if self.writer.next_expiry().is_some_and(|at| at <= self.now) {
            batch.insert(0, Command { key: None, action: Action::PassTime });
        }
        batch.extend(self.provider.answers_due(self.now, &mut self.names_count));
        batch
    }

    /// Seconds, mostly, and often to the very moment at which something ends; now and then the clock jumps an hour ahead, or some minutes back.
    fn pass_time(&mut self) {
        let ms = match self.rng.u32(0..2_000) {
            0 if self.faults.clock => 3_600_000,
            1..=3 if self.faults.clock => self.rng.i64(-600_000..0),
            _ => self.rng.i64(0..4_000),
        };
        let next = self.now.plus_ms(ms);
        let to_the_moment = self.writer.next_expiry().filter(|at| (self.now.plus_ms(1)..next).contains(at));
        self.now = to_the_moment.unwrap_or(next);
    }

    /// Decides and folds a batch, then appends it as a whole, or dies over it.
    fn commit(&mut self, batch: Vec<Command>) {
        let staged = self.decide_all(batch);
        if staged.is_empty() {
            return;
        }
        if self.engine.has(Planted::ToldBeforeAppend) {
            self.tell_the_world(&staged);
        }
        let bytes: Vec<Vec<u8>> = staged.iter().map(|staged| staged.bytes.clone()).collect();
        match self.shop.append(&bytes) {
            Ok(()) => self.acknowledge(staged),
            Err(_) => {
                self.report.failed_appends += 1;
                self.stop(staged);
            }
        }
    }

    fn decide_all(&mut self, batch: Vec<Command>) -> Vec<Staged> {
        let mut staged = Vec::new();
        for command in batch {
            self.report.commands += 1;
            self.check_compare(&command);
            match self.engine.decide(&self.writer, &command, self.now) {
                Ok(events) if events.is_empty() => {}
                Ok(events) => staged.push(self.stage(command, events)),
                Err(rejection) => self.refused(&command, &rejection),
            }
        }
        staged
    }

    fn stage(&mut self, command: Command, events: Vec<TradeEvent>) -> Staged {
        let entry = Entry { at: self.now, events };
        let bytes = encode(&entry).unwrap_or_else(|error| {
            self.report.broken.push(format!("an entry cannot be encoded: {error}"));
            Vec::new()
        });
        let before = self.writer.time();
        entry.events.iter().for_each(|event| self.engine.fold(&mut self.writer, event, entry.at, Phase::Live));
        if self.writer.time() < before {
            self.report.broken.push(format!("event time went back from {before:?} to {:?}", self.writer.time()));
        }
        self.report.broken.extend(self.writer.check_entry(&entry.events));
        Staged { command, entry, bytes }
    }

    /// A compare-and-set that finds another number must be refused, whatever it would set.
    fn check_compare(&mut self, command: &Command) {
        let Action::MoveStock { sku, location, change: StockChange::CompareAndSet { expected, .. }, .. } = &command.action else { return };
        let on_hand = self.writer.buckets(sku, location).on_hand;
        if on_hand != *expected && self.engine.decide(&self.writer, command, self.now).is_ok_and(|events| !events.is_empty()) {
            self.report.broken.push(format!("{sku} at {location}: set although {on_hand} units were on hand, not {expected}"));
        }
    }

    /// What is durable is seen: by callers, by the provider, by the oracle.
    fn acknowledge(&mut self, staged: Vec<Staged>) {
        self.report.entries += staged.len() as u64;
        if !self.engine.has(Planted::ToldBeforeAppend) {
            self.tell_the_world(&staged);
        }
        for Staged { command, .. } in staged.into_iter().filter(|staged| staged.command.key.is_some()) {
            self.past.push(Past { command, at: self.now, answer: None });
        }
        self.durable = self.writer.clone();
        self.report.broken.extend(self.oracle.broken(self.now));
        self.report.broken.extend(self.promises.broken());
        self.note_final_answers();
    }

    fn tell_the_world(&mut self, staged: &[Staged]) {
        for Staged { command, entry, .. } in staged {
            self.oracle.observe(&entry.events, entry.at, &self.provider);
            self.promises.observe(command, &entry.events, entry.at);
            self.provider.observe(&entry.events, &self.writer, self.now, &mut self.rng);
        }
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
        let repeated = self.engine.decide(&self.writer, &past.command, self.now);
        let answer = self.durable.answer_of(&key);
        if repeated != Ok(Vec::new()) {
            self.report.broken.push(format!("the repetition of {:?} gave {repeated:?}", past.command));
        }
        if past.answer.is_some() && answer != past.answer {
            self.report.broken.push(format!("the repetition of {:?} is answered {answer:?}, was {:?}", past.command, past.answer));
        }
        let other = Command { key: Some((key, body_hash.map(|byte| !byte))), action: past.command.action.clone() };
        if self.engine.decide(&self.writer, &other, self.now) != Err(Rejection::KeyReused) {
            self.report.broken.push(format!("the key of {:?} could be used for another body", past.command));
        }
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
    !matches!(&answer.snapshot, Snapshot::Checkout(session) if session.status.is_attempting())
}

fn is_of_an_order(answer: &Answer) -> bool {
    matches!(&answer.snapshot, Snapshot::Checkout(session) if session.status == CheckoutStatus::Completed)
}

#[cfg(test)]
mod tests;
