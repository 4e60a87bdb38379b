//! Scenarios as TOML: who comes, how often, what they do, and what must hold.

mod check;

use crate::action::{Behind, Kind};
use crate::cold_start::Starts;
use crate::killing::Kills;
use crate::objective::Objective;
use crate::slow::SlowClients;
use crate::verify::FlashSale;
use check::{DURATION_MAX_S, RATE_MAX};
pub(crate) use check::{fault, require};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Why a scenario cannot be run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScenarioError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    /// It is not TOML of this shape; the message names line and field.
    #[error("{}: {source}", path.display())]
    Toml { path: PathBuf, source: Box<toml::de::Error> },
    /// A field has a value that it cannot have. An option of the command line has no file.
    #[error("{}{field}: {reason}", in_file(path))]
    Field { path: PathBuf, field: String, reason: String },
}

fn in_file(path: &Path) -> String {
    if path.as_os_str().is_empty() { String::new() } else { format!("{}: ", path.display()) }
}

/// What is run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// The same seed gives the same arrivals and choices.
    #[serde(default = "one")]
    pub(crate) seed: u64,
    /// A request that is not answered by then is given up and counted.
    #[serde(default = "timeout_ms")]
    pub(crate) timeout_ms: u64,
    /// Arrivals beyond so many unanswered ones are not sent, and counted as `shed`.
    #[serde(default = "in_flight_max")]
    pub(crate) in_flight_max: usize,
    /// Measured but left out of the result.
    #[serde(default)]
    pub(crate) warm_up_s: f64,
    #[serde(default)]
    pub(crate) popularity: Popularity,
    /// Queries to ask, one a line (of `id<TAB>text` the text), beside the scenario's file; without it they are made of titles.
    pub(crate) queries_file: Option<PathBuf>,
    /// Few units of one SKU that everybody orders.
    pub(crate) flash_sale: Option<FlashSale>,
    /// Clients that hold connections and hardly use them.
    pub(crate) slow_clients: Option<SlowClients>,
    /// The server is started by the load itself, so many times.
    pub(crate) cold_start: Option<Starts>,
    /// The server is started by the load itself and killed, so many times.
    pub(crate) kills: Option<Kills>,
    #[serde(default, rename = "stage")]
    pub(crate) stages: Vec<Stage>,
    #[serde(default, rename = "action")]
    pub(crate) actions: Vec<Action>,
    /// What goes on behind the shoppers all the while.
    #[serde(default, rename = "behind")]
    pub(crate) background: Vec<Background>,
    #[serde(default)]
    pub(crate) objective: Objective,
}

fn one() -> u64 {
    1
}

fn timeout_ms() -> u64 {
    5_000
}

fn in_flight_max() -> usize {
    1_024
}

/// How unevenly products and queries are asked for: exponents of Zipf's law.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Popularity {
    pub(crate) products: f64,
    pub(crate) queries: f64,
    /// Of the products that are bought: even, so that the few most popular ones do not sell out at once.
    pub(crate) bought: f64,
    /// Products to learn from the server.
    pub(crate) products_max: usize,
}

impl Default for Popularity {
    fn default() -> Self {
        Self { products: 1.0, queries: 0.9, bought: 0.3, products_max: 5_000 }
    }
}

/// A stretch of time under one load: `rate` (open loop) or `concurrency` (closed loop).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stage {
    /// Arrivals a second.
    pub(crate) rate: Option<f64>,
    /// Shoppers who each start again as soon as they are served.
    pub(crate) concurrency: Option<usize>,
    pub(crate) duration_s: f64,
    /// The rate gets there in a straight line from the stage before.
    #[serde(default)]
    pub(crate) ramp_s: f64,
}

/// A load behind the shoppers, from the first stage to the last.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Background {
    pub(crate) kind: Behind,
    /// Requests a second.
    pub(crate) rate: f64,
    /// Lines of each.
    #[serde(default = "one_line")]
    pub(crate) batch: usize,
}

fn one_line() -> usize {
    1
}

/// One thing that shoppers do, and how it is asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Action {
    pub(crate) kind: Kind,
    /// Share among all actions.
    #[serde(default = "weight")]
    pub(crate) weight: f64,
    /// Hits, suggestions or recommendations asked for.
    #[serde(default = "limit")]
    pub(crate) limit: u32,
    /// Facets to count (search).
    #[serde(default)]
    pub(crate) facets: Vec<String>,
    /// Filters, one of them at random for each request; an empty text is none (search, recommend).
    #[serde(default)]
    pub(crate) filters: Vec<String>,
    /// `hybrid`, `text` or `vector` (search).
    pub(crate) mode: Option<String>,
    /// As in `price:asc` (search).
    pub(crate) sort: Option<String>,
    /// Mean of the pauses between the steps of a session, or after an action of a closed-loop shopper, in seconds.
    #[serde(default)]
    pub(crate) think_s: f64,
    /// How much of each product is sent: `card`, `id` or `*` (recommend).
    pub(crate) fields: Option<String>,
    /// Kinds of recommendations, one of them at random for each request (recommend, session).
    pub(crate) relations: Option<Vec<String>>,
}

fn weight() -> f64 {
    1.0
}

fn limit() -> u32 {
    10
}

/// Kinds that are asked for where a scenario names none.
const RELATIONS: [&str; 5] = ["similar", "bought_together", "also_viewed", "trending", "for_you"];

impl Action {
    /// One kind of recommendation.
    pub(crate) fn relation<'a>(&'a self, random: &mut fastrand::Rng) -> &'a str {
        match &self.relations {
            Some(relations) => random.choice(relations).map_or(RELATIONS[0], String::as_str),
            None => random.choice(&RELATIONS).copied().unwrap_or(RELATIONS[0]),
        }
    }
}

impl ScenarioError {
    /// The same, said of the file that it was found in.
    fn within(self, path: &Path) -> Self {
        let path = path.to_owned();
        match self {
            Self::Io { source, .. } => Self::Io { path, source },
            Self::Toml { source, .. } => Self::Toml { path, source },
            Self::Field { field, reason, .. } => Self::Field { path, field, reason },
        }
    }
}

impl Scenario {
    pub(crate) fn load(path: &Path) -> Result<Self, ScenarioError> {
        let text = std::fs::read_to_string(path).map_err(|source| ScenarioError::Io { path: path.to_owned(), source })?;
        let mut scenario = Self::parse(&text).map_err(|error| error.within(path))?;
        let beside = |file: PathBuf| path.parent().map_or(file.clone(), |folder| folder.join(&file));
        scenario.queries_file = scenario.queries_file.take().map(beside);
        Ok(scenario)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, ScenarioError> {
        let parsed: Result<Self, _> = toml::from_str(text);
        let scenario = parsed.map_err(|source| ScenarioError::Toml { path: PathBuf::new(), source: Box::new(source) })?;
        scenario.check()?;
        Ok(scenario)
    }

    /// Whether somebody places orders.
    pub(crate) fn orders(&self) -> bool {
        self.actions.iter().any(|action| matches!(action.kind, Kind::Order | Kind::Session) && action.weight > 0.0)
    }

    /// Whether stock changes meanwhile: somebody orders, or levels are written.
    pub(crate) fn sells(&self) -> bool {
        self.orders() || self.background.iter().any(|background| background.kind == Behind::Stock)
    }

    /// All stages together.
    pub(crate) fn duration_s(&self) -> f64 {
        self.stages.iter().map(|stage| stage.duration_s).sum()
    }

    /// The same scenario with the highest rate being `rate`.
    pub(crate) fn with_rate(mut self, rate: f64) -> Result<Self, ScenarioError> {
        let highest = self.stages.iter().filter_map(|stage| stage.rate).fold(0.0, f64::max);
        require("--rate", rate.is_finite() && rate > 0.0 && rate <= RATE_MAX, format!("must be above 0 and at most {RATE_MAX}"))?;
        require("--rate", highest > 0.0, "the scenario has no stage with a rate")?;
        self.stages.iter_mut().for_each(|stage| stage.rate = stage.rate.map(|before| before * rate / highest));
        Ok(self)
    }

    /// The same actions, asked at one rate; the first part of the time is not counted.
    pub(crate) fn at_rate(&self, rate: f64, duration_s: f64, warm_up_share: f64) -> Result<Self, ScenarioError> {
        let stages = vec![Stage { rate: Some(rate), concurrency: None, duration_s, ramp_s: 0.0 }];
        let scenario = Self { stages, warm_up_s: duration_s * warm_up_share, ..self.clone() };
        scenario.check()?;
        Ok(scenario)
    }

    /// The same scenario, stretched or shortened to last `duration_s`, its warm-up too.
    pub(crate) fn with_duration(mut self, duration_s: f64) -> Result<Self, ScenarioError> {
        require(
            "--duration",
            duration_s > 0.0 && duration_s <= DURATION_MAX_S,
            format!("must be above 0 and at most {DURATION_MAX_S} seconds"),
        )?;
        let factor = duration_s / self.duration_s();
        self.warm_up_s *= factor;
        for stage in &mut self.stages {
            stage.duration_s *= factor;
            stage.ramp_s *= factor;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const GOOD: &str = r#"
        name = "t"
        warm_up_s = 2
        [[stage]]
        rate = 100
        duration_s = 10
        ramp_s = 5
        [[stage]]
        concurrency = 8
        duration_s = 30
        [[action]]
        kind = "search"
        facets = ["brand"]
    "#;

    #[test]
    fn a_scenario_is_read_with_its_defaults() {
        let scenario = Scenario::parse(GOOD).expect("is good");
        assert_eq!((scenario.stages.len(), scenario.duration_s(), scenario.timeout_ms), (2, 40.0, 5_000));
        assert_eq!((scenario.actions[0].limit, scenario.actions[0].weight), (10, 1.0));
    }

    #[test]
    fn rate_and_duration_scale_the_whole_scenario() {
        let scenario =
            Scenario::parse(GOOD).expect("is good").with_rate(50.0).and_then(|scaled| scaled.with_duration(4.0)).expect("scales");
        assert_eq!((scenario.stages[0].rate, scenario.stages[0].ramp_s, scenario.warm_up_s), (Some(50.0), 0.5, 0.2));
        assert!(Scenario::parse(GOOD).expect("is good").with_rate(0.0).is_err());
    }

    #[test]
    fn the_scenarios_that_ship_are_good() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).expect("a folder") {
            Scenario::load(&entry.expect("an entry").path()).expect("is good");
            count += 1;
        }
        assert!(count >= 3);
    }
}
