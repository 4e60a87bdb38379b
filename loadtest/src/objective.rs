//! What must hold at the end of a run; it decides the exit code.

use crate::action::Measure;
use crate::gauges::{self, Gauge};
use crate::record::{Record, Row};
use crate::report::number;
use crate::scenario::{Scenario, ScenarioError, fault, require};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Limits on the result. What is not named is not limited.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Objective {
    /// Errors among everything tried, by shoppers and behind them, at most. Not limiting it at all would let a run pass that answered nothing.
    pub(crate) error_share: f64,
    /// Latency of all actions together.
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    /// Answered actions a second, at least.
    pub(crate) rate_min: Option<f64>,
    /// Answered actions a second in the best closed-loop stage, at least.
    pub(crate) saturation_min: Option<f64>,
    /// p99 of the last stage over that of the first, at most.
    pub(crate) stages_p99_ratio_max: Option<f64>,
    /// Milliseconds from the start of the program to its first answer, at most, in every start (`loadtest cold-start`).
    pub(crate) first_answer_ms: Option<f64>,
    /// Seconds from the first answer until latency is what it will be, at most, in every start (`loadtest cold-start`).
    pub(crate) steady_s: Option<f64>,
    /// p99 of the milliseconds until a killed server is ready again (`loadtest kill-and-recover`).
    pub(crate) ready_p99_ms: Option<f64>,
    /// How much what the server says about itself may grow from the second quarter of the run to the last, by the gauge's name in the report.
    pub(crate) growth_max: BTreeMap<String, f64>,
    /// Limits of single rows, by their names in the report.
    pub(crate) action: BTreeMap<String, RowObjective>,
}

/// Limits of one row.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RowObjective {
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) rate_min: Option<f64>,
}

/// On which side of its limit a figure has to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Bound {
    #[serde(rename = "at most")]
    AtMost,
    #[serde(rename = "at least")]
    AtLeast,
}

/// One limit and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Verdict {
    pub(crate) what: String,
    pub(crate) bound: Bound,
    pub(crate) limit: f64,
    pub(crate) actual: f64,
    pub(crate) met: bool,
}

fn at_most(what: String, limit: f64, actual: f64) -> Verdict {
    Verdict { what, bound: Bound::AtMost, limit, actual, met: actual <= limit }
}

fn at_least(what: String, limit: f64, actual: f64) -> Verdict {
    Verdict { what, bound: Bound::AtLeast, limit, actual, met: actual >= limit }
}

impl Bound {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::AtMost => "at most",
            Self::AtLeast => "at least",
        }
    }
}

impl Verdict {
    /// What was reached, in words; a figure that there is none of is not shown as a number.
    pub(crate) fn actual(&self) -> String {
        if self.actual.is_finite() { number(self.actual) } else { "none".to_owned() }
    }

    /// The limit, in words.
    pub(crate) fn limit(&self) -> String {
        format!("{} {}", self.bound.words(), number(self.limit))
    }

    /// One sentence.
    pub(crate) fn sentence(&self) -> String {
        format!("{} is {}, and has to be {}", self.what, self.actual(), self.limit())
    }
}

/// A line for each limit.
pub(crate) fn told(verdicts: &[Verdict]) -> impl Iterator<Item = String> {
    let sign = |verdict: &Verdict| if verdict.met { "met   " } else { "FAILED" };
    verdicts.iter().map(move |verdict| format!("{} {}: {} ({})\n", sign(verdict), verdict.what, verdict.actual(), verdict.limit()))
}

impl Objective {
    /// That every limit can be met by something, and is not met by everything.
    pub(crate) fn check(&self, scenario: &Scenario) -> Result<(), ScenarioError> {
        require("objective.error_share", (0.0..=1.0).contains(&self.error_share), "must be between 0 and 1: a share, no percentage")?;
        let all = RowObjective { p50_ms: self.p50_ms, p99_ms: self.p99_ms, rate_min: self.rate_min };
        all.check("objective")?;
        let limits = [
            ("saturation_min", self.saturation_min),
            ("stages_p99_ratio_max", self.stages_p99_ratio_max),
            ("first_answer_ms", self.first_answer_ms),
            ("steady_s", self.steady_s),
            ("ready_p99_ms", self.ready_p99_ms),
        ];
        limits.into_iter().try_for_each(|(name, limit)| positive("objective", name, limit))?;
        let is_closed = scenario.stages.iter().any(|stage| stage.concurrency.is_some());
        require("objective.saturation_min", self.saturation_min.is_none() || is_closed, "no stage is closed loop")?;
        let has_two = self.stages_p99_ratio_max.is_none() || scenario.stages.len() > 1;
        require("objective.stages_p99_ratio_max", has_two, "there is only one stage")?;
        let starts = scenario.cold_start.is_some();
        require("objective.first_answer_ms", self.first_answer_ms.is_none() || starts, "there is no [cold_start]")?;
        require("objective.steady_s", self.steady_s.is_none() || starts, "there is no [cold_start]")?;
        require("objective.ready_p99_ms", self.ready_p99_ms.is_none() || scenario.kills.is_some(), "there is no [kills]")?;
        for (name, limit) in &self.growth_max {
            let field = format!("objective.growth_max.{name}");
            require(&field, gauges::names().any(|known| known == name), format!("there is no such gauge; there are {}", gauges_listed()))?;
            positive("objective.growth_max", name, Some(*limit))?;
        }
        let measures = scenario.measures();
        self.action.iter().try_for_each(|(name, limits)| {
            let field = format!("objective.action.{name}");
            let measure = measure_of(name).ok_or_else(|| fault(&field, format!("there is no such row; there are {}", rows_listed())))?;
            require(&field, measures.contains(&measure), "nothing in this scenario does that")?;
            limits.check(&field)
        })
    }

    /// Every limit with its outcome; `measured_s` is the time without warm-up, `saturation` what the best closed-loop stage answered a second.
    pub(crate) fn judge(&self, record: &Record, measured_s: f64, saturation: f64) -> Vec<Verdict> {
        let (total, behind) = (record.total(), record.behind());
        let tried = total.tried() + behind.tried();
        let errors = (total.failures.errors() + behind.failures.errors()) as f64 / (tried as f64).max(1.0);
        let mut verdicts = vec![at_most("share of errors".to_owned(), self.error_share, errors)];
        verdicts.push(at_least("answered actions".to_owned(), 1.0, total.latency.len() as f64));
        verdicts.extend(self.saturation_min.map(|limit| at_least("saturation: a second".to_owned(), limit, saturation)));
        verdicts.extend(
            self.stages_p99_ratio_max.map(|limit| at_most("p99 of the last stage over the first".to_owned(), limit, p99_ratio(record))),
        );
        let all = RowObjective { p50_ms: self.p50_ms, p99_ms: self.p99_ms, rate_min: self.rate_min };
        all.judge("all actions", &total, measured_s, &mut verdicts);
        for (name, limits) in &self.action {
            // Names were checked with the scenario.
            if let Some(measure) = measure_of(name) {
                limits.judge(name, &record.rows[measure.index()], measured_s, &mut verdicts);
            }
        }
        verdicts
    }

    /// Limits on starting, against the slowest start.
    pub(crate) fn judge_starts(&self, first_answer_ms: f64, steady_s: f64) -> Vec<Verdict> {
        let first = self.first_answer_ms.map(|limit| at_most("the slowest first answer, ms".to_owned(), limit, first_answer_ms));
        let steady = self.steady_s.map(|limit| at_most("the longest way to steady latency, s".to_owned(), limit, steady_s));
        first.into_iter().chain(steady).collect()
    }

    /// The limit on coming back after a kill.
    pub(crate) fn judge_recovery(&self, ready_p99_ms: f64) -> Vec<Verdict> {
        let limit = self.ready_p99_ms.map(|limit| at_most("ready again: p99 ms".to_owned(), limit, ready_p99_ms));
        limit.into_iter().collect()
    }
}

fn positive(field: &str, name: &str, limit: Option<f64>) -> Result<(), ScenarioError> {
    require(&format!("{field}.{name}"), limit.is_none_or(|limit| limit.is_finite() && limit > 0.0), "must be a number above 0")
}

/// A row by its name without the sign in front of it.
fn measure_of(name: &str) -> Option<Measure> {
    Measure::ALL.into_iter().find(|measure| bare(*measure) == name)
}

fn bare(measure: Measure) -> &'static str {
    measure.name().trim_start_matches(['·', '+', ' '])
}

fn rows_listed() -> String {
    Measure::ALL.map(bare).join(", ")
}

fn gauges_listed() -> String {
    gauges::names().collect::<Vec<_>>().join("; ")
}

/// p99 of the last stage over that of the first; infinite when either answered nothing.
fn p99_ratio(record: &Record) -> f64 {
    let p99 = |stage: Option<&crate::record::Row>| {
        stage.filter(|row| !row.latency.is_empty()).map(|row| row.latency.value_at_quantile(0.99) as f64)
    };
    match (p99(record.stages.first()), p99(record.stages.last())) {
        (Some(first), Some(last)) => last / first,
        (None, _) | (_, None) => f64::INFINITY,
    }
}

impl Objective {
    /// Limits on what the server says about itself; a gauge that was never read meets none.
    pub(crate) fn judge_growth(&self, gauges: &[Gauge]) -> Vec<Verdict> {
        let growth = |name: &str| gauges.iter().find(|gauge| gauge.name == name).and_then(Gauge::growth).unwrap_or(f64::INFINITY);
        self.growth_max.iter().map(|(name, limit)| at_most(format!("growth of {name}"), *limit, growth(name))).collect()
    }
}

impl RowObjective {
    fn check(&self, field: &str) -> Result<(), ScenarioError> {
        let limits = [("p50_ms", self.p50_ms), ("p99_ms", self.p99_ms), ("rate_min", self.rate_min)];
        limits.into_iter().try_for_each(|(name, limit)| positive(field, name, limit))
    }

    /// A row that was never answered has no latency, and so keeps no limit of it.
    fn judge(&self, name: &str, row: &Row, measured_s: f64, verdicts: &mut Vec<Verdict>) {
        let quantile_ms = |quantile| match row.latency.len() {
            0 => f64::INFINITY,
            _ => row.latency.value_at_quantile(quantile) as f64 / 1_000.0,
        };
        verdicts.extend(self.p50_ms.map(|limit| at_most(format!("{name}: p50 ms"), limit, quantile_ms(0.5))));
        verdicts.extend(self.p99_ms.map(|limit| at_most(format!("{name}: p99 ms"), limit, quantile_ms(0.99))));
        verdicts.extend(self.rate_min.map(|limit| at_least(format!("{name}: a second"), limit, row.in_time() as f64 / measured_s)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Kind;
    use crate::client::Failure;
    use crate::record::Sample;
    use std::time::{Duration, Instant};

    fn record(answered: u64, failed: u64) -> Record {
        let started = Instant::now();
        let mut record = Record::new(started, Duration::ZERO, 1, 1.0);
        for index in 0..answered + failed {
            let result = if index < answered { Ok(()) } else { Err(Failure::Timeout) };
            let done = started + Duration::from_millis(10);
            record.add(&Sample { measure: Measure::Action(Kind::Order), stage: 0, intended: started, sent: started, done, result });
        }
        record
    }

    #[test]
    fn limits_are_met_or_named() {
        let objective: Objective = toml::from_str("error_share = 0.05\np99_ms = 11\n[action.order]\nrate_min = 90\n").expect("is good");
        assert!(objective.judge(&record(99, 1), 1.0, 0.0).iter().all(|verdict| verdict.met));
        let failed: Vec<String> =
            objective.judge(&record(50, 50), 1.0, 0.0).into_iter().filter(|verdict| !verdict.met).map(|verdict| verdict.what).collect();
        assert_eq!(failed, ["share of errors", "order: a second"]);
    }

    #[test]
    fn saturation_is_judged_by_the_best_stage() {
        let objective = Objective { saturation_min: Some(2_000.0), ..Objective::default() };
        let met = |saturation| objective.judge(&record(1, 0), 1.0, saturation).iter().all(|verdict| verdict.met);
        assert!(met(2_100.0) && !met(1_900.0));
    }

    #[test]
    fn the_last_stage_is_compared_with_the_first() {
        let started = Instant::now();
        let mut record = Record::new(started, Duration::ZERO, 2, 1.0);
        for (stage, took_ms) in [(0, 10), (1, 25)] {
            let done = started + Duration::from_millis(took_ms);
            record.add(&Sample { measure: Measure::Action(Kind::Order), stage, intended: started, sent: started, done, result: Ok(()) });
        }
        assert!((p99_ratio(&record) - 2.5).abs() < 0.01);
        assert!(p99_ratio(&Record::new(started, Duration::ZERO, 2, 1.0)).is_infinite());
    }

    #[test]
    fn what_grows_without_end_is_found() {
        let objective: Objective = toml::from_str("[growth_max]\n\"resident memory, MiB\" = 1.2\n").expect("is good");
        let gauge = |last: f64| Gauge { name: "resident memory, MiB", points: [1.0, 1.0, 1.0, last].map(|value| (0.0, value)).to_vec() };
        let met = |gauges: &[Gauge]| objective.judge_growth(gauges).iter().all(|verdict| verdict.met);
        assert!(met(&[gauge(1.1)]) && !met(&[gauge(1.3)]) && !met(&[]));
    }

    #[test]
    fn a_run_that_answered_nothing_never_passes() {
        assert!(Objective { error_share: 1.0, ..Objective::default() }.judge(&record(0, 10), 1.0, 0.0).iter().any(|verdict| !verdict.met));
    }

    #[test]
    fn a_row_that_was_never_answered_keeps_no_limit() {
        let objective: Objective = toml::from_str("[action.search]\np99_ms = 100\n").expect("is good");
        let missed: Vec<String> =
            objective.judge(&record(9, 0), 1.0, 0.0).iter().filter(|verdict| !verdict.met).map(Verdict::sentence).collect();
        assert_eq!(missed, ["search: p99 ms is none, and has to be at most 100"]);
    }
}
