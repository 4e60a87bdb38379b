//! `shopkeeper simulate`: runs the trade engine through seeded chaos and prints the seed that breaks it.

use super::output::{CliError, Output};
use crate::trade::simulate;
use serde::Serialize;
use std::ops::Range;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Seeds to run, as `A..B`.
    #[arg(long, default_value = "0..10", value_parser = parse_seeds)]
    seeds: Range<u64>,
    /// Commands in each run.
    #[arg(long, default_value_t = 10_000)]
    steps: u64,
}

#[derive(Serialize)]
struct Simulated {
    seeds_count: u64,
    steps: u64,
    orders_placed: u64,
    broken_seed: Option<u64>,
    broken: Vec<String>,
}

fn parse_seeds(text: &str) -> Result<Range<u64>, String> {
    let (first, end) = text.split_once("..").ok_or("write seeds as A..B")?;
    let number = |part: &str| part.trim().parse::<u64>().map_err(|error| format!("{part}: {error}"));
    let range = number(first)?..number(end)?;
    if range.is_empty() { Err("B must be larger than A".to_owned()) } else { Ok(range) }
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    let bar = output.progress(arguments.seeds.end - arguments.seeds.start, "seeds").with_message("simulate");
    let mut simulated = Simulated { seeds_count: 0, steps: 0, orders_placed: 0, broken_seed: None, broken: Vec::new() };
    for seed in arguments.seeds.clone() {
        let report = simulate::run(seed, arguments.steps);
        simulated.seeds_count += 1;
        simulated.steps += arguments.steps;
        simulated.orders_placed += report.orders;
        bar.inc(1);
        if !report.broken.is_empty() {
            simulated.broken_seed = Some(seed);
            simulated.broken = report.broken;
            break;
        }
    }
    bar.finish_and_clear();
    output.report(&simulated, |simulated| match simulated.broken_seed {
        None => {
            format!("{} seeds, {} steps, {} orders: every invariant held", simulated.seeds_count, simulated.steps, simulated.orders_placed)
        }
        Some(seed) => format!("seed {seed} breaks:\n  {}", simulated.broken.join("\n  ")),
    });
    match simulated.broken_seed {
        None => Ok(()),
        Some(seed) => Err(CliError::Refused(format!("seed {seed} breaks an invariant"))),
    }
}
