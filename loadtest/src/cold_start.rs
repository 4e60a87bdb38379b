//! `loadtest cold-start`: starts the server itself, again and again, and says how long it takes until it answers, and until it answers as it does
//! later.
//!
//! Files that were read before may be in the system's memory: a start right after boot reads them from disk and takes as much longer.

use crate::beside;
use crate::objective::{Verdict, told};
use crate::run::Run;
use crate::scenario::{Scenario, ScenarioError, require};
use crate::server::{Server, ServerError};
use crate::shop::{Shop, ShopError};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Latency is what it will be once p99 of a second is within this factor of what it is in the second half of the run.
const STEADY: f64 = 1.5;

/// What is run where no scenario is named, wherever the program stands.
const SCENARIO: &str = include_str!("../scenarios/cold-start.toml");
const STARTS_MAX: u32 = 1_000;

/// How often the server is started; its load begins with its first answer.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Starts {
    pub(crate) starts: u32,
}

impl Starts {
    pub(crate) fn check(self) -> Result<(), ScenarioError> {
        require("cold_start.starts", (1..=STARTS_MAX).contains(&self.starts), format!("must be between 1 and {STARTS_MAX}"))
    }
}

/// What is started, and how often.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A scenario with `[cold_start]`; without one the cold-start.toml that this program was built with.
    scenario: Option<PathBuf>,
    /// The server's program.
    #[arg(long, default_value = "target/release/shopkeeper")]
    server: PathBuf,
    /// The shop directory; it has to hold products.
    #[arg(long)]
    shop: PathBuf,
    /// How often it is started, instead of as often as the scenario says.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(STARTS_MAX)))]
    starts: Option<u32>,
    /// Milliseconds from the start of the program to its first answer, at most, instead of the scenario's objective.
    #[arg(long)]
    first_answer_ms_max: Option<f64>,
    /// Seconds from the first answer until latency is what it will be, at most, instead of the scenario's objective.
    #[arg(long)]
    steady_s_max: Option<f64>,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Why there was no run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ColdStartError {
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Shop(#[from] ShopError),
}

/// One start.
#[derive(Debug, Clone, Copy, Serialize)]
struct Start {
    /// From the start of the program to the first search answered.
    first_answer_ms: f64,
    /// From there until latency is what it will be.
    steady_s: f64,
    /// What it is then.
    steady_p99_ms: f64,
    errors: u64,
}

/// All starts.
#[derive(Debug, Serialize)]
pub(crate) struct ColdStart {
    scenario: String,
    starts: Vec<Start>,
    pub(crate) objective: Vec<Verdict>,
    pub(crate) met: bool,
}

fn asked(arguments: &Arguments) -> Result<Scenario, ScenarioError> {
    let mut scenario = match &arguments.scenario {
        Some(path) => Scenario::load(path)?,
        None => Scenario::parse(SCENARIO)?,
    };
    let starts = arguments.starts.map(|starts| Starts { starts }).or(scenario.cold_start);
    require("cold_start", starts.is_some(), "this scenario does not say how often the server is started")?;
    scenario.cold_start = starts;
    let objective = &mut scenario.objective;
    objective.first_answer_ms = arguments.first_answer_ms_max.or(objective.first_answer_ms);
    objective.steady_s = arguments.steady_s_max.or(objective.steady_s);
    Ok(scenario)
}

/// Starts, measures, ends, and again.
pub(crate) async fn run(arguments: &Arguments) -> Result<ColdStart, ColdStartError> {
    let scenario = asked(arguments)?;
    let mut starts = Vec::new();
    let mut objective = Vec::new();
    for number in 1..=scenario.cold_start.map_or(0, |starts| starts.starts) {
        let (start, verdicts) = started(arguments, &scenario).await?;
        starts.push(start);
        // What the load after a start has to keep is judged for each start by itself.
        let of_this = |verdict: Verdict| Verdict { what: format!("start {number}: {}", verdict.what), ..verdict };
        objective.extend(verdicts.into_iter().map(of_this));
    }
    let worst = |figure: fn(&Start) -> f64| starts.iter().map(figure).fold(0.0, f64::max);
    objective.extend(scenario.objective.judge_starts(worst(|start| start.first_answer_ms), worst(|start| start.steady_s)));
    let met = objective.iter().all(|verdict| verdict.met);
    Ok(ColdStart { scenario: scenario.name, starts, objective, met })
}

async fn started(arguments: &Arguments, scenario: &Scenario) -> Result<(Start, Vec<Verdict>), ColdStartError> {
    let timeout = Duration::from_millis(scenario.timeout_ms);
    let began = Instant::now();
    let server = Server::start(&arguments.server, &arguments.shop).await?;
    let client = server.ready(&arguments.shop, timeout, scenario.in_flight_max).await?;
    client.get("/v1/search?limit=1").await.map_err(ShopError::from)?;
    let first_answer_ms = began.elapsed().as_secs_f64() * 1_000.0;
    let shop = Shop::learn(&client, &scenario.popularity, scenario.seed).await?;
    let run = Run::new(scenario.clone(), shop, client, None, Vec::new());
    let elapsed_s = beside::drive(&run).await;
    server.kill();
    let record = run.record();
    // A second in which nobody was answered is no quick one.
    let p99 = |point: &crate::record::Point| match point.latency.len() {
        0 => f64::INFINITY,
        _ => point.latency.value_at_quantile(0.99) as f64 / 1_000.0,
    };
    let points = record.timeline.iter().enumerate().take_while(|(index, _)| record.point.as_secs_f64() * (*index as f64) < elapsed_s);
    let p99_ms: Vec<f64> = points.map(|(_, point)| p99(point)).collect();
    let (steady_points, steady_p99_ms) = steady(&p99_ms);
    let steady_s = steady_points as f64 * record.point.as_secs_f64();
    let errors = record.total().failures.errors();
    let measured_s = (elapsed_s - scenario.warm_up_s).max(f64::MIN_POSITIVE);
    Ok((Start { first_answer_ms, steady_s, steady_p99_ms, errors }, scenario.objective.judge(&record, measured_s, 0.0)))
}

/// How many points pass before p99 is what it is in the second half, and what that is (its median).
fn steady(p99_ms: &[f64]) -> (usize, f64) {
    let mut later = p99_ms[p99_ms.len() / 2..].to_vec();
    later.sort_by(f64::total_cmp);
    let Some(&level) = later.get(later.len() / 2) else { return (0, 0.0) };
    let first = p99_ms.iter().position(|p99| *p99 <= level * STEADY);
    (first.unwrap_or(p99_ms.len()), level)
}

impl ColdStart {
    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "{}\n\n{:<8}{:>18}{:>12}{:>16}{:>10}\n",
            self.scenario, "start", "first answer, ms", "steady, s", "steady p99, ms", "errors"
        );
        for (number, start) in self.starts.iter().enumerate() {
            let Start { first_answer_ms, steady_s, steady_p99_ms, errors } = start;
            text.push_str(&format!("{:<8}{first_answer_ms:>18.0}{steady_s:>12.0}{steady_p99_ms:>16.2}{errors:>10}\n", number + 1));
        }
        told(&self.objective).for_each(|line| text.push_str(&line));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_is_when_the_tail_is_what_it_will_be() {
        assert_eq!(steady(&[40.0, 22.0, 6.0, 5.0, 4.0, 4.0, 5.0, 4.0]), (2, 4.0));
        assert_eq!(steady(&[4.0, 4.0, 4.0, 4.0]), (0, 4.0));
        assert_eq!(steady(&[]), (0, 0.0));
        assert_eq!(steady(&[f64::INFINITY, 4.0, 4.0, 4.0]).0, 1, "a second without an answer is no quick one");
    }

    #[test]
    fn the_scenario_that_ships_says_how_often_and_how_soon() {
        let scenario = Scenario::parse(SCENARIO).expect("is good");
        assert!(scenario.cold_start.is_some_and(|starts| starts.starts > 0));
        assert_eq!(scenario.objective.judge_starts(1_999.0, 4.0).iter().filter(|verdict| verdict.met).count(), 2);
        assert_eq!(scenario.objective.judge_starts(2_001.0, 6.0).iter().filter(|verdict| verdict.met).count(), 0);
    }
}
