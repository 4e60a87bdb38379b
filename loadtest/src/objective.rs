//! What must hold at the end of a run; it decides the exit code.

use crate::action::Measure;
use crate::gauges::Gauge;
use crate::record::Record;
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

/// One limit and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Verdict {
    pub(crate) what: String,
    pub(crate) limit: f64,
    pub(crate) actual: f64,
    pub(crate) met: bool,
}

fn at_most(what: String, limit: f64, actual: f64) -> Verdict {
    Verdict { what, limit, actual, met: actual <= limit }
}

fn at_least(what: String, limit: f64, actual: f64) -> Verdict {
    Verdict { what, limit, actual, met: actual >= limit }
}

impl Objective {
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
        all.judge("all actions", &total.latency, measured_s, &mut verdicts);
        for (name, limits) in &self.action {
            match Measure::ALL.iter().find(|measure| measure.name().trim_start_matches(['·', '+', ' ']) == name) {
                Some(measure) => limits.judge(name, &record.rows[measure.index()].latency, measured_s, &mut verdicts),
                None => verdicts.push(Verdict { what: format!("{name}: there is no such action"), limit: 0.0, actual: 0.0, met: false }),
            }
        }
        verdicts
    }
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
    fn judge(&self, name: &str, latency: &hdrhistogram::Histogram<u64>, measured_s: f64, verdicts: &mut Vec<Verdict>) {
        let quantile_ms = |quantile| latency.value_at_quantile(quantile) as f64 / 1_000.0;
        verdicts.extend(self.p50_ms.map(|limit| at_most(format!("{name}: p50 ms"), limit, quantile_ms(0.5))));
        verdicts.extend(self.p99_ms.map(|limit| at_most(format!("{name}: p99 ms"), limit, quantile_ms(0.99))));
        verdicts.extend(self.rate_min.map(|limit| at_least(format!("{name}: a second"), limit, latency.len() as f64 / measured_s)));
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
        let misspelt: Objective = toml::from_str("[action.ordr]\np99_ms = 1\n").expect("is good");
        assert!(misspelt.judge(&record(1, 0), 1.0, 0.0).iter().any(|verdict| verdict.what.contains("ordr") && !verdict.met));
    }
}
