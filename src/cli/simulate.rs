//! `shopkeeper simulate`: runs the shop through seeded chaos on all cores and prints the seed that breaks it.

use super::output::{CliError, Output};
use crate::trade::simulate::{self, Faults, Plan, Report};
use serde::Serialize;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Seeds to run, as `A..B`.
    #[arg(long, default_value = "0..10", value_parser = parse_seeds)]
    seeds: Range<u64>,
    /// Steps in each run: batches of some commands. 2,000 steps are about 7,000 commands.
    #[arg(long, default_value_t = 2_000)]
    steps: u64,
    /// What goes wrong: all, none, or some of disk, crash, rot, clock, provider, network with commas between them.
    #[arg(long, default_value = "all")]
    faults: Faults,
}

#[derive(Serialize, Default)]
struct Simulated {
    seeds_count: u64,
    steps: u64,
    commands: u64,
    /// The fewest commands of any run.
    commands_min: u64,
    entries: u64,
    orders_placed: u64,
    failed_appends: u64,
    crashes: u64,
    damage_refused: u64,
    damage_cut: u64,
    broken_seed: Option<u64>,
    broken: Vec<String>,
    /// How to see it again.
    again: Option<String>,
}

fn parse_seeds(text: &str) -> Result<Range<u64>, String> {
    let (first, end) = text.split_once("..").ok_or("write seeds as A..B")?;
    let number = |part: &str| part.trim().parse::<u64>().map_err(|error| format!("{part}: {error}"));
    let range = number(first)?..number(end)?;
    if range.is_empty() { Err("B must be larger than A".to_owned()) } else { Ok(range) }
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    let bar = output.progress(arguments.seeds.end - arguments.seeds.start, "seeds").with_message("simulate");
    let mut simulated = Simulated::default();
    let next = AtomicU64::new(arguments.seeds.start);
    thread::scope(|scope| {
        let (done, reports) = channel();
        for _ in 0..thread::available_parallelism().map_or(1, NonZeroUsize::get) {
            let (done, next) = (done.clone(), &next);
            scope.spawn(move || work(arguments, next, &done));
        }
        drop(done);
        for report in reports {
            bar.inc(1);
            if !report.broken.is_empty() {
                // No further seeds are begun; those begun earlier end, so that the smallest seed that breaks is told.
                next.store(arguments.seeds.end, Ordering::Relaxed);
            }
            simulated.count(report, arguments);
        }
    });
    bar.finish_and_clear();
    output.report(&simulated, Simulated::text);
    match simulated.broken_seed {
        None => Ok(()),
        Some(seed) => Err(CliError::Refused(format!("seed {seed} breaks an invariant"))),
    }
}

/// Runs one seed after another, until there is none left or nobody listens.
fn work(arguments: &Arguments, next: &AtomicU64, done: &Sender<Report>) {
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= arguments.seeds.end {
            return;
        }
        let plan = Plan { seed, steps: arguments.steps, faults: arguments.faults, planted: None };
        if done.send(simulate::run_plan(plan)).is_err() {
            return;
        }
    }
}

impl Simulated {
    fn count(&mut self, report: Report, arguments: &Arguments) {
        self.commands_min = if self.seeds_count == 0 { report.commands } else { self.commands_min.min(report.commands) };
        self.seeds_count += 1;
        self.steps += report.steps;
        self.commands += report.commands;
        self.entries += report.entries;
        self.orders_placed += report.orders;
        self.failed_appends += report.failed_appends;
        self.crashes += report.crashes;
        self.damage_refused += report.damage_refused;
        self.damage_cut += report.damage_cut;
        let Report { seed, steps, broken, .. } = report;
        if !broken.is_empty() && self.broken_seed.is_none_or(|known| seed < known) {
            let (faults, end) = (arguments.faults, seed + 1);
            self.again = Some(format!("shopkeeper simulate --seeds {seed}..{end} --steps {} --faults {faults}", steps.max(1)));
            (self.broken_seed, self.broken) = (Some(seed), broken);
        }
    }

    fn text(&self) -> String {
        let Self { seeds_count, steps, commands, commands_min, entries, orders_placed, .. } = self;
        let Self { failed_appends, crashes, damage_refused, damage_cut, .. } = self;
        match self.broken_seed {
            None => format!(
                "{seeds_count} seeds, {steps} steps, {commands} commands (at least {commands_min} a seed), {entries} entries, {orders_placed} \
                 orders, {failed_appends} failed appends, {crashes} restarts, {damage_refused} damages refused, {damage_cut} cut: every \
                 invariant held"
            ),
            Some(seed) => {
                format!(
                    "seed {seed} breaks:\n  {}\nto see it again: {}",
                    self.broken.join("\n  "),
                    self.again.as_deref().unwrap_or_default()
                )
            }
        }
    }
}
