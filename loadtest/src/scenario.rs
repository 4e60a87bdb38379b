//! Scenarios as TOML: who comes, how often, what they do, and what must hold.

use crate::action::{Behind, Kind};
use crate::objective::Objective;
use crate::slow::SlowClients;
use crate::verify::FlashSale;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A scenario holds this many stages or actions at most.
const PARTS_MAX: usize = 64;
/// Longer runs need several scenarios.
const DURATION_MAX_S: f64 = 24.0 * 3_600.0;
const RATE_MAX: f64 = 1_000_000.0;
const CONCURRENCY_MAX: usize = 65_536;
const THINK_MAX_S: f64 = 60.0;
const UNITS_MAX: i64 = 1_000_000;
/// Lines of one request behind the shoppers.
const BATCH_MAX: usize = 10_000;

/// Why a scenario cannot be run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScenarioError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    /// It is not TOML of this shape; the message names line and field.
    #[error("{}: {source}", path.display())]
    Toml { path: PathBuf, source: Box<toml::de::Error> },
    /// A field has a value that it cannot have.
    #[error("{field}: {reason}")]
    Field { field: String, reason: String },
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
    #[serde(rename = "stage")]
    pub(crate) stages: Vec<Stage>,
    #[serde(rename = "action")]
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
    /// Mean of the pauses between the steps of a session, in seconds.
    #[serde(default)]
    pub(crate) think_s: f64,
    /// How much of each product is sent: `card`, `id` or `*` (recommend).
    pub(crate) fields: Option<String>,
    /// Kinds of recommendations, one of them at random for each request.
    #[serde(default = "relations")]
    pub(crate) relations: Vec<String>,
}

fn weight() -> f64 {
    1.0
}

fn limit() -> u32 {
    10
}

fn relations() -> Vec<String> {
    ["similar", "bought_together", "also_viewed", "trending", "for_you"].map(str::to_owned).to_vec()
}

impl Scenario {
    pub(crate) fn load(path: &Path) -> Result<Self, ScenarioError> {
        let text = std::fs::read_to_string(path).map_err(|source| ScenarioError::Io { path: path.to_owned(), source })?;
        let mut scenario = Self::parse(&text).map_err(|error| match error {
            ScenarioError::Toml { source, .. } => ScenarioError::Toml { path: path.to_owned(), source },
            other => other,
        })?;
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

    fn check(&self) -> Result<(), ScenarioError> {
        require("stage", (1..=PARTS_MAX).contains(&self.stages.len()), format!("1 to {PARTS_MAX} stages"))?;
        require("action", (1..=PARTS_MAX).contains(&self.actions.len()), format!("1 to {PARTS_MAX} actions"))?;
        require("timeout_ms", self.timeout_ms > 0, "must be above 0")?;
        require("in_flight_max", (1..=CONCURRENCY_MAX).contains(&self.in_flight_max), format!("must be between 1 and {CONCURRENCY_MAX}"))?;
        require(
            "warm_up_s",
            self.warm_up_s >= 0.0 && self.warm_up_s < self.duration_s(),
            "must be from 0 to less than all stages together",
        )?;
        require("popularity.products_max", (1..=200_000).contains(&self.popularity.products_max), "must be between 1 and 200000")?;
        let exponents = [("products", self.popularity.products), ("queries", self.popularity.queries), ("bought", self.popularity.bought)];
        for (name, exponent) in exponents {
            require(&format!("popularity.{name}"), (0.0..=5.0).contains(&exponent), "must be between 0 and 5")?;
        }
        let units = self.flash_sale.map_or(1, |sale| sale.units);
        require("flash_sale.units", (1..=UNITS_MAX).contains(&units), format!("must be between 1 and {UNITS_MAX}"))?;
        let slow = self.slow_clients.unwrap_or(SlowClients { count: 1, from_stage: 0 });
        require("slow_clients.count", (1..=CONCURRENCY_MAX).contains(&slow.count), format!("must be between 1 and {CONCURRENCY_MAX}"))?;
        require("slow_clients.from_stage", slow.from_stage < self.stages.len(), "there is no such stage")?;
        self.stages.iter().enumerate().try_for_each(|(index, stage)| stage.check(&format!("stage[{index}]")))?;
        for (index, action) in self.actions.iter().enumerate() {
            require(&format!("action[{index}].weight"), action.weight >= 0.0 && action.weight.is_finite(), "must be a number from 0")?;
            require(&format!("action[{index}].limit"), (1..=200).contains(&action.limit), "must be between 1 and 200")?;
            require(
                &format!("action[{index}].think_s"),
                (0.0..=THINK_MAX_S).contains(&action.think_s),
                format!("must be between 0 and {THINK_MAX_S}"),
            )?;
            require(&format!("action[{index}].relations"), !action.relations.is_empty(), "must name at least one kind")?;
        }
        for (index, background) in self.background.iter().enumerate() {
            let rates = 0.0..=RATE_MAX;
            require(
                &format!("behind[{index}].rate"),
                rates.contains(&background.rate),
                format!("must be between 0 and {RATE_MAX} a second"),
            )?;
            require(
                &format!("behind[{index}].batch"),
                (1..=BATCH_MAX).contains(&background.batch),
                format!("must be between 1 and {BATCH_MAX}"),
            )?;
        }
        require("action", self.actions.iter().any(|action| action.weight > 0.0), "at least one weight must be above 0")
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

impl Stage {
    fn check(&self, field: &str) -> Result<(), ScenarioError> {
        require(field, self.rate.is_some() != self.concurrency.is_some(), "needs either rate (open loop) or concurrency (closed loop)")?;
        let rate = self.rate.unwrap_or(0.0);
        require(&format!("{field}.rate"), (0.0..=RATE_MAX).contains(&rate), format!("must be between 0 and {RATE_MAX} a second"))?;
        let concurrency = self.concurrency.unwrap_or(1);
        require(
            &format!("{field}.concurrency"),
            (1..=CONCURRENCY_MAX).contains(&concurrency),
            format!("must be between 1 and {CONCURRENCY_MAX}"),
        )?;
        let lasts = self.duration_s > 0.0 && self.duration_s <= DURATION_MAX_S;
        require(&format!("{field}.duration_s"), lasts, format!("must be above 0 and at most {DURATION_MAX_S}"))?;
        let ramps = self.ramp_s >= 0.0 && self.ramp_s <= self.duration_s;
        require(&format!("{field}.ramp_s"), ramps, "must be from 0 to duration_s")?;
        require(&format!("{field}.ramp_s"), self.ramp_s == 0.0 || self.rate.is_some(), "only a rate can rise slowly")
    }
}

fn require(field: &str, holds: bool, reason: impl Into<String>) -> Result<(), ScenarioError> {
    if holds { Ok(()) } else { Err(ScenarioError::Field { field: field.to_owned(), reason: reason.into() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
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
    fn an_error_names_the_field() {
        let check = |from: &str, to: &str, named: &str| {
            assert!(GOOD.contains(from), "{from}");
            let error = Scenario::parse(&GOOD.replace(from, to)).expect_err(to).to_string();
            assert!(error.contains(named), "{to}: {error}");
        };
        check("rate = 100", "rate = -1", "stage[0].rate");
        check("rate = 100", "rate = 100\nconcurrency = 3", "stage[0]: needs either");
        check("ramp_s = 5", "ramp_s = 50", "stage[0].ramp_s");
        check("concurrency = 8", "concurrency = 0", "stage[1].concurrency");
        check("duration_s = 30", "duration_s = 0", "stage[1].duration_s");
        check("warm_up_s = 2", "warm_up_s = 99", "warm_up_s");
        check("kind = \"search\"", "kind = \"serch\"", "serch");
        check("facets", "facet", "facet");
        check("[\"brand\"]", "[\"brand\"]\nthink_s = -1", "action[0].think_s");
        check("warm_up_s = 2", "flash_sale = { units = 0 }", "flash_sale.units");
        check("warm_up_s = 2", "slow_clients = { count = 0, from_stage = 0 }", "slow_clients.count");
        check("warm_up_s = 2", "slow_clients = { count = 5, from_stage = 2 }", "slow_clients.from_stage");
        check("name = \"t\"", "", "name");
        check("[\"brand\"]", "[\"brand\"]\nweight = 0", "weight must be above 0");
        check("[\"brand\"]", "[\"brand\"]\n[[behind]]\nkind = \"events\"\nrate = -1", "behind[0].rate");
        check("[\"brand\"]", "[\"brand\"]\n[[behind]]\nkind = \"stock\"\nrate = 1\nbatch = 0", "behind[0].batch");
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
