//! `loadtest saturation`: how much the server answers when more and more is asked of it.
//!
//! First the peak is found: an open-loop rate that grows until the answers do not. Then one, two, three and five times that much is asked, and what
//! is answered in time, the goodput, is set against what was asked. A server that does all it is asked to does less and less in time; one that
//! refuses what it cannot do stays where it was.

mod curve;

use crate::beside;
use crate::client::{Client, TargetError};
use crate::report::number;
use crate::run::Run;
use crate::scenario::{Scenario, ScenarioError, require};
use crate::shop::{Shop, ShopError, queries_of};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// The rate grows by this while the server keeps up.
const GROWTH: f64 = 1.5;
/// A server that answers less than this share of what is asked does not keep up.
const KEEPS_UP: f64 = 0.95;
/// Multiples of the peak that are asked for.
const MULTIPLES: [f64; 4] = [1.0, 2.0, 3.0, 5.0];
/// Steps of the search for the peak.
const STEPS_MAX: usize = 24;
/// What is asked where no scenario is named, wherever the program stands.
const SCENARIO: &str = include_str!("../../scenarios/saturation.toml");
/// Between two loads, so that nothing of one reaches the next.
const PAUSE: Duration = Duration::from_secs(1);
/// The first part of each load is not counted.
const WARM_UP_SHARE: f64 = 0.2;

/// What is loaded, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The scenario whose actions are asked; its stages are not used. Without one, the saturation.toml that this program was built with.
    scenario: Option<PathBuf>,
    /// The server under test.
    #[arg(long, default_value = "http://127.0.0.1:7700")]
    target: String,
    /// Load a server that is not this machine.
    #[arg(long)]
    allow_remote: bool,
    /// File with the key for the server's API.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The rate to begin with, in arrivals a second.
    #[arg(long, default_value_t = 200.0)]
    from: f64,
    /// Seconds of each load.
    #[arg(long, default_value_t = 10.0)]
    step: f64,
    /// Share of the peak that has to be answered at five times the peak.
    #[arg(long, default_value_t = 0.9)]
    share_min: f64,
    /// Write saturation.json and saturation.svg into this folder.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Arguments {
    fn key(&self) -> Result<Option<String>, SaturationError> {
        let Some(path) = &self.key_file else { return Ok(None) };
        let text = std::fs::read_to_string(path).map_err(|source| SaturationError::Io { path: path.clone(), source })?;
        Ok(Some(text.trim().to_owned()))
    }
}

/// Why there was no run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SaturationError {
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Shop(#[from] ShopError),
    #[error("interrupted")]
    Interrupted,
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

/// One load and what came of it; rates are per second.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Load {
    /// Of the peak; none while it is looked for.
    pub(crate) multiple: Option<f64>,
    /// Asked for.
    pub(crate) offered: f64,
    /// Answered in time.
    pub(crate) goodput: f64,
    /// Refused by the server, which said so.
    pub(crate) refused: f64,
    /// Anything else: no answer in time, no connection, a wrong answer, not sent.
    pub(crate) failed: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// The whole curve.
#[derive(Debug, Serialize)]
pub(crate) struct Saturation {
    scenario: String,
    /// The most that was answered at any load.
    pub(crate) peak: f64,
    pub(crate) loads: Vec<Load>,
    /// Goodput at five times the peak, of the peak.
    share: f64,
    share_min: f64,
    pub(crate) met: bool,
}

/// Finds the peak and goes beyond it.
pub(crate) async fn run(arguments: &Arguments) -> Result<Saturation, SaturationError> {
    let scenario = match &arguments.scenario {
        Some(path) => Scenario::load(path)?,
        None => Scenario::parse(SCENARIO)?,
    };
    require("--from", arguments.from.is_finite() && arguments.from > 0.0, "must be above 0")?;
    require("--share-min", (0.0..=1.0).contains(&arguments.share_min), "must be between 0 and 1")?;
    let timeout = Duration::from_millis(scenario.timeout_ms);
    let client = Client::new(&arguments.target, arguments.allow_remote, arguments.key()?.as_deref(), timeout, scenario.in_flight_max)?;
    let mut shop = Shop::learn(&client, &scenario.popularity, scenario.seed).await?;
    if let Some(path) = &scenario.queries_file {
        shop = shop.ask(queries_of(path)?, &scenario.popularity);
    }
    let name = scenario.name.clone();
    let ask = async |rate: f64| load(scenario.at_rate(rate, arguments.step, WARM_UP_SHARE)?, &shop, &client).await;
    let (mut loads, mut offered) = (Vec::new(), arguments.from);
    for _ in 0..STEPS_MAX {
        let load = ask(offered).await?;
        let keeps_up = load.goodput >= KEEPS_UP * load.offered;
        loads.push(load);
        if !keeps_up {
            break;
        }
        offered *= GROWTH;
    }
    let peak = peak_of(&loads);
    for multiple in MULTIPLES {
        loads.push(Load { multiple: Some(multiple), ..ask(peak * multiple).await? });
    }
    let saturation = Saturation::of(name, loads, arguments.share_min);
    if let Some(folder) = &arguments.report {
        saturation.write(folder).map_err(|source| SaturationError::Io { path: folder.clone(), source })?;
    }
    Ok(saturation)
}

async fn load(scenario: Scenario, shop: &Shop, client: &Client) -> Result<Load, SaturationError> {
    let warm_up_s = scenario.warm_up_s;
    let run = Run::new(scenario, shop.clone(), client.clone(), None, Vec::new());
    let measured_s = (beside::drive(&run).await - warm_up_s).max(f64::MIN_POSITIVE);
    if run.is_stopped() {
        return Err(SaturationError::Interrupted);
    }
    tokio::time::sleep(PAUSE).await;
    let total = run.record().total();
    let refused = total.failures.of_kind("5xx") as f64;
    let ms = |quantile| total.latency.value_at_quantile(quantile) as f64 / 1_000.0;
    Ok(Load {
        multiple: None,
        offered: total.tried() as f64 / measured_s,
        goodput: total.in_time() as f64 / measured_s,
        refused: refused / measured_s,
        failed: (total.failures.errors() as f64 - refused) / measured_s,
        p50_ms: ms(0.5),
        p99_ms: ms(0.99),
    })
}

fn peak_of(loads: &[Load]) -> f64 {
    loads.iter().map(|load| load.goodput).fold(0.0, f64::max)
}

impl Saturation {
    /// What was missed, in a sentence.
    pub(crate) fn missed(&self) -> Option<String> {
        let words = || {
            let percent = |share: f64| number(share * 100.0);
            format!("goodput at 5 × the peak is {} % of it, and has to be at least {} %", percent(self.share), percent(self.share_min))
        };
        (!self.met).then(words)
    }

    fn of(scenario: String, loads: Vec<Load>, share_min: f64) -> Self {
        let peak = peak_of(&loads);
        let last = loads.last().map_or(0.0, |load| load.goodput);
        let share = if peak > 0.0 { last / peak } else { 0.0 };
        Self { scenario, peak, loads, share, share_min, met: share >= share_min }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn load(multiple: Option<f64>, offered: f64, goodput: f64) -> Load {
        Load { multiple, offered, goodput, refused: offered - goodput, failed: 0.0, p50_ms: 1.0, p99_ms: 9.0 }
    }

    #[test]
    fn a_server_that_collapses_misses_its_objective_and_one_that_refuses_meets_it() {
        let with_last = |goodput| {
            let loads =
                vec![load(None, 200.0, 200.0), load(None, 300.0, 250.0), load(Some(1.0), 250.0, 240.0), load(Some(5.0), 1_250.0, goodput)];
            Saturation::of("s".to_owned(), loads, 0.9)
        };
        assert!(with_last(226.0).met && !with_last(220.0).met);
        assert_eq!(with_last(226.0).peak, 250.0);
        assert!(!Saturation::of("s".to_owned(), Vec::new(), 0.9).met, "nothing was answered");
    }
}
