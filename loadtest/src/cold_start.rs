//! `loadtest cold-start`: starts the server itself, again and again, and says how long it takes until it answers, and until it answers as it does
//! later.
//!
//! Files that were read before may be in the system's memory: a start right after boot reads them from disk and takes as much longer.

use crate::beside;
use crate::run::Run;
use crate::scenario::{Scenario, ScenarioError};
use crate::server::{Server, ServerError};
use crate::shop::{Shop, ShopError};
use serde::Serialize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Latency is what it will be once p99 of a second is within this factor of what it is in the second half of the run.
const STEADY: f64 = 1.5;

/// What is started, and how often.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The scenario that is run after each start; its load begins with the first answer.
    #[arg(default_value = "loadtest/scenarios/cold-start.toml")]
    scenario: PathBuf,
    /// The server's program.
    #[arg(long, default_value = "target/release/shopkeeper")]
    server: PathBuf,
    /// The shop directory; it has to hold products.
    #[arg(long)]
    shop: PathBuf,
    /// How often it is started.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    starts: u32,
    /// Milliseconds from the start of the program to its first answer, at most.
    #[arg(long, default_value_t = 2_000.0)]
    first_answer_ms_max: f64,
    /// Seconds from the first answer until latency is what it will be, at most.
    #[arg(long, default_value_t = 5.0)]
    steady_s_max: f64,
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
    starts: Vec<Start>,
    first_answer_ms_max: f64,
    steady_s_max: f64,
    pub(crate) met: bool,
}

/// Starts, measures, ends, and again.
pub(crate) async fn run(arguments: &Arguments) -> Result<ColdStart, ColdStartError> {
    let scenario = Scenario::load(&arguments.scenario)?;
    let timeout = Duration::from_millis(scenario.timeout_ms);
    let mut starts = Vec::new();
    for _ in 0..arguments.starts {
        let began = Instant::now();
        let server = Server::start(&arguments.server, &arguments.shop).await?;
        let client = server.ready(&arguments.shop, timeout, scenario.in_flight_max).await?;
        client.get("/v1/search?limit=1").await.map_err(ShopError::from)?;
        let first_answer_ms = began.elapsed().as_secs_f64() * 1_000.0;
        let shop = Shop::learn(&client, &scenario.popularity, scenario.seed).await?;
        let run = Run::new(scenario.clone(), shop, client, None, Vec::new());
        beside::drive(&run).await;
        server.kill();
        let record = run.record();
        let p99_ms: Vec<f64> = record.timeline.iter().map(|point| point.latency.value_at_quantile(0.99) as f64 / 1_000.0).collect();
        let (steady_points, steady_p99_ms) = steady(&p99_ms);
        let steady_s = steady_points as f64 * record.point.as_secs_f64();
        starts.push(Start { first_answer_ms, steady_s, steady_p99_ms, errors: record.total().failures.errors() });
    }
    let met = starts.iter().all(|start| {
        start.first_answer_ms <= arguments.first_answer_ms_max && start.steady_s <= arguments.steady_s_max && start.errors == 0
    });
    Ok(ColdStart { starts, first_answer_ms_max: arguments.first_answer_ms_max, steady_s_max: arguments.steady_s_max, met })
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
        let mut text = format!("{:<8}{:>18}{:>12}{:>16}{:>10}\n", "start", "first answer, ms", "steady, s", "steady p99, ms", "errors");
        for (number, start) in self.starts.iter().enumerate() {
            let Start { first_answer_ms, steady_s, steady_p99_ms, errors } = start;
            text.push_str(&format!("{:<8}{first_answer_ms:>18.0}{steady_s:>12.0}{steady_p99_ms:>16.2}{errors:>10}\n", number + 1));
        }
        let sign = if self.met { "met   " } else { "FAILED" };
        text.push_str(&format!(
            "{sign} every start answers within {:.0} ms and is steady within {:.0} s, without an error\n",
            self.first_answer_ms_max, self.steady_s_max
        ));
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
    }
}
