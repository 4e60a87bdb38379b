//! The result as numbers (JSON), as text for a terminal, as a picture (SVG) and as a page (HTML); and two results side by side.

mod compare;
mod gauges;
mod page;
pub(crate) mod plot;
mod shape;
mod svg;
mod text;

pub(crate) use compare::{CompareError, compare, show};
use shape::{Bin, Quantiles, bins, curve, ms, quantiles};
pub(crate) use svg::draw;
pub(crate) use text::{number, table};

use crate::action::Measure;
use crate::client::Failure;
use crate::gauges::Gauge;
use crate::objective::Verdict;
use crate::record::{Record, Row};
use crate::run::Run;
use crate::verify::Check;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// All that is known about a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) scenario: String,
    pub(crate) description: String,
    pub(crate) target: String,
    pub(crate) seed: u64,
    pub(crate) interrupted: bool,
    pub(crate) products_count: usize,
    pub(crate) queries_count: usize,
    /// Without warm-up.
    pub(crate) measured_s: f64,
    pub(crate) warm_up_s: f64,
    pub(crate) all: RowReport,
    pub(crate) rows: Vec<RowReport>,
    pub(crate) stages: Vec<StageReport>,
    pub(crate) timeline: Vec<PointReport>,
    /// How many answers took how long, all actions together.
    pub(crate) histogram: Vec<Bin>,
    /// How much later than due the generator sent: its own part in the latencies.
    pub(crate) sent_late_ms: Quantiles,
    /// What the server said about itself.
    pub(crate) gauges: Vec<Gauge>,
    pub(crate) objective: Vec<Verdict>,
    /// What must be true after any load.
    pub(crate) checks: Vec<Check>,
    pub(crate) met: bool,
}

/// Figures of one action or step.
#[derive(Debug, Serialize)]
pub(crate) struct RowReport {
    pub(crate) name: String,
    pub(crate) answered: u64,
    /// Of these, after the load had ended; they have their latency, but no part in `per_second`.
    pub(crate) after_end: u64,
    pub(crate) per_second: f64,
    /// From the intended arrival.
    pub(crate) latency_ms: Quantiles,
    /// From sending: what the server alone took.
    pub(crate) service_ms: Quantiles,
    pub(crate) errors: u64,
    pub(crate) failures: BTreeMap<&'static str, u64>,
    /// The first message of each kind.
    pub(crate) examples: BTreeMap<&'static str, String>,
    /// Quantile and milliseconds; the slowest of n stands at 1 - 1/n.
    pub(crate) curve: Vec<(f64, f64)>,
}

/// Whole actions of one stage.
#[derive(Debug, Serialize)]
pub(crate) struct StageReport {
    /// `200/s` or `64 shoppers`.
    pub(crate) load: String,
    pub(crate) is_closed: bool,
    /// When it began.
    pub(crate) from_s: f64,
    pub(crate) measured_s: f64,
    pub(crate) answered: u64,
    pub(crate) per_second: f64,
    pub(crate) latency_ms: Quantiles,
    pub(crate) errors: u64,
}

/// One moment of the timeline.
#[derive(Debug, Serialize)]
pub(crate) struct PointReport {
    pub(crate) at_s: f64,
    pub(crate) width_s: f64,
    /// Who were due.
    pub(crate) due_per_second: f64,
    /// Whoever was answered.
    pub(crate) per_second: f64,
    /// Of those who were due, as the errors are.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
    pub(crate) errors: u64,
}

fn row(name: &str, row: &Row, measured_s: f64) -> RowReport {
    RowReport {
        name: name.to_owned(),
        answered: row.latency.len(),
        after_end: row.after_end,
        per_second: row.in_time() as f64 / measured_s,
        latency_ms: quantiles(&row.latency),
        service_ms: quantiles(&row.service),
        errors: row.failures.errors(),
        failures: row.failures.0.iter().map(|(kind, count, _)| (*kind, *count)).collect(),
        examples: row.failures.0.iter().map(|(kind, _, example)| (*kind, example.clone())).collect(),
        curve: curve(&row.latency),
    }
}

impl Report {
    pub(crate) fn of(run: &Run, target: &str, elapsed_s: f64, checks: Vec<Check>) -> Self {
        let record = run.record();
        let scenario = &run.scenario;
        let measured_s = (elapsed_s - scenario.warm_up_s).max(f64::MIN_POSITIVE);
        let stages = stages(run, &record, elapsed_s);
        let gauges = run.gauges.read();
        let mut objective = scenario.objective.judge(&record, measured_s, best(&stages).map_or(0.0, |stage| stage.per_second));
        objective.extend(scenario.objective.judge_growth(&gauges));
        let (products_count, _, queries_count) = run.shop.sizes();
        let tried = |measure: &&Measure| record.rows[measure.index()].tried() > 0;
        let rows = Measure::ALL.iter().filter(tried).map(|measure| row(measure.name(), &record.rows[measure.index()], measured_s));
        Self {
            scenario: scenario.name.clone(),
            description: scenario.description.trim().to_owned(),
            target: target.to_owned(),
            seed: scenario.seed,
            interrupted: run.is_stopped(),
            products_count,
            queries_count,
            measured_s,
            warm_up_s: scenario.warm_up_s,
            all: row("all actions", &record.total(), measured_s),
            rows: rows.collect(),
            stages,
            timeline: timeline(&record, elapsed_s),
            histogram: bins(&record.total().latency),
            sent_late_ms: quantiles(&record.sent_late),
            gauges,
            // Of a run that was ended early nobody knows what the rest would have been.
            met: !run.is_stopped() && objective.iter().all(|verdict| verdict.met) && checks.iter().all(|check| check.holds),
            objective,
            checks,
        }
    }

    /// The closed-loop stage that answered most: what the server can do on this machine.
    pub(crate) fn saturation(&self) -> Option<&StageReport> {
        best(&self.stages)
    }

    /// What was missed, in sentences.
    pub(crate) fn missed(&self) -> impl Iterator<Item = String> {
        let limits = self.objective.iter().filter(|verdict| !verdict.met).map(Verdict::sentence);
        let checks = self.checks.iter().filter(|check| !check.holds).map(|check| check.what.clone());
        let ended = self.interrupted.then(|| "the run was ended before its time".to_owned());
        limits.chain(checks).chain(ended)
    }

    /// Errors of each kind, of shoppers and of what goes on behind them.
    pub(crate) fn failures(&self) -> BTreeMap<&'static str, u64> {
        let mut failures = BTreeMap::new();
        let behind = self.rows.iter().filter(|row| row.name.starts_with('+'));
        for (kind, count) in behind.chain([&self.all]).flat_map(|row| &row.failures).filter(|(kind, _)| **kind != Failure::SOLD_OUT) {
            *failures.entry(*kind).or_default() += count;
        }
        failures
    }

    /// The first failure of each kind, of shoppers and of what goes on behind them.
    pub(crate) fn examples<'a>(&'a self) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
        let rows = self.rows.iter().filter(|row| !row.name.starts_with('·'));
        let examples = rows.flat_map(|row| row.examples.iter().map(|(kind, example)| (row.name.as_str(), *kind, example.as_str())));
        let bare = |row: &'a str| row.trim_start_matches(['+', ' ']);
        examples.filter(|(_, kind, _)| *kind != Failure::SOLD_OUT).map(move |(row, kind, example)| (bare(row), kind, example))
    }

    /// Writes `report.json`, `report.svg` and `report.html`.
    pub(crate) fn write(&self, folder: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("report.json"), serde_json::to_vec_pretty(self)?)?;
        std::fs::write(folder.join("report.svg"), draw(self))?;
        std::fs::write(folder.join("report.html"), page::page(self))
    }
}

fn best(stages: &[StageReport]) -> Option<&StageReport> {
    stages.iter().filter(|stage| stage.is_closed).max_by(|left, right| left.per_second.total_cmp(&right.per_second))
}

fn stages(run: &Run, record: &Record, elapsed_s: f64) -> Vec<StageReport> {
    let mut begin_s = 0.0;
    let mut reports = Vec::new();
    for (stage, row) in run.scenario.stages.iter().zip(&record.stages) {
        let end_s = (begin_s + stage.duration_s).min(elapsed_s);
        let (from_s, measured_s) = (begin_s, end_s - f64::max(begin_s, run.scenario.warm_up_s));
        begin_s += stage.duration_s;
        if measured_s <= 0.0 {
            continue;
        }
        reports.push(StageReport {
            load: stage.rate.map_or_else(|| format!("{} shoppers", stage.concurrency.unwrap_or(1)), |rate| format!("{rate:.0}/s")),
            is_closed: stage.concurrency.is_some(),
            from_s,
            measured_s,
            answered: row.latency.len(),
            per_second: row.in_time() as f64 / measured_s,
            latency_ms: quantiles(&row.latency),
            errors: row.failures.errors(),
        });
    }
    reports
}

/// A point that is narrower than this share of its width says little about a rate.
const NARROWEST: f64 = 0.25;

/// What lies within the load; answers that came later have their latency in the point when they were due.
fn timeline(record: &Record, elapsed_s: f64) -> Vec<PointReport> {
    let full_s = record.point.as_secs_f64();
    let point = |(index, point): (usize, &crate::record::Point)| {
        let at_s = index as f64 * full_s;
        let width_s = (elapsed_s - at_s).clamp(full_s * NARROWEST, full_s);
        PointReport {
            at_s,
            width_s,
            due_per_second: point.due as f64 / width_s,
            per_second: point.answered as f64 / width_s,
            p50_ms: ms(point.latency.value_at_quantile(0.5)),
            p99_ms: ms(point.latency.value_at_quantile(0.99)),
            max_ms: ms(point.latency.max()),
            errors: point.errors,
        }
    };
    let within = |(index, _): &(usize, _)| (*index as f64 + NARROWEST) * full_s <= elapsed_s || *index == 0;
    record.timeline.iter().enumerate().take_while(within).map(point).collect()
}

impl PointReport {
    /// Where it is drawn.
    pub(crate) fn middle_s(&self) -> f64 {
        self.at_s + self.width_s / 2.0
    }
}

#[cfg(test)]
pub(crate) mod samples {
    //! A report to show in tests.

    use super::*;
    use crate::action::Kind;
    use crate::objective::Bound;
    use crate::record::Sample;
    use std::time::{Duration, Instant};

    /// A run of 20 s with one slow second and one timeout.
    pub(crate) fn report() -> Report {
        let started = Instant::now();
        let mut record = Record::new(started, Duration::ZERO, 1, 20.0);
        for index in 0..4_000_u64 {
            let intended = started + Duration::from_millis(index * 5);
            let took_us = if (1_000..1_200).contains(&index) { 90_000 } else { 800 + index % 700 };
            let kind = if index % 5 == 0 { Kind::Product } else { Kind::Search };
            let result = if index == 77 { Err(Failure::Timeout) } else { Ok(()) };
            let done = intended + Duration::from_micros(took_us);
            record.add(&Sample { measure: Measure::Action(kind), stage: 0, intended, sent: intended, done, result });
        }
        let used = Measure::ALL.iter().filter(|measure| record.rows[measure.index()].tried() > 0);
        Report {
            scenario: "browse <&>".to_owned(),
            description: String::new(),
            target: "http://127.0.0.1:7700".to_owned(),
            seed: 1,
            interrupted: false,
            products_count: 10,
            queries_count: 10,
            measured_s: 20.0,
            warm_up_s: 0.0,
            all: row("all actions", &record.total(), 20.0),
            rows: used.map(|measure| row(measure.name(), &record.rows[measure.index()], 20.0)).collect(),
            stages: Vec::new(),
            timeline: timeline(&record, 20.0),
            histogram: bins(&record.total().latency),
            sent_late_ms: quantiles(&record.sent_late),
            gauges: vec![Gauge { name: "connections", points: vec![(0.0, 1.0), (1.0, 3.0)] }],
            objective: vec![Verdict { what: "p99 ms".to_owned(), bound: Bound::AtMost, limit: 50.0, actual: 90.0, met: false }],
            checks: vec![Check { what: "2 of 2 confirmed orders asked for again, 0 lost".to_owned(), holds: true }],
            met: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_written_as_json_picture_and_page() {
        let folder = tempdir();
        let report = samples::report();
        report.write(&folder).expect("writes");
        let json: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.join("report.json")).expect("is there")).expect("is JSON");
        assert_eq!((json["all"]["answered"].as_u64(), json["rows"][0]["failures"]["timeout"].as_u64()), (Some(3_999), Some(1)));
        assert!(json["all"]["latency_ms"]["p99"].as_f64().expect("a number") >= 80.0);
        assert!(std::fs::read_to_string(folder.join("report.svg")).expect("is there").starts_with("<svg"));
        assert!(std::fs::read_to_string(folder.join("report.html")).expect("is there").starts_with("<!doctype html>"));
        std::fs::remove_dir_all(folder).expect("removes");
    }

    fn tempdir() -> std::path::PathBuf {
        std::env::temp_dir().join(format!("loadtest-{:x}", fastrand::u64(..)))
    }

    #[test]
    fn a_curve_ends_where_there_are_too_few_values() {
        let report = samples::report();
        let quantiles: Vec<f64> = report.all.curve.iter().map(|(quantile, _)| *quantile).collect();
        assert!(quantiles.contains(&0.999) && !quantiles.contains(&0.9999));
        assert_eq!(report.all.curve.last().map(|(_, ms)| *ms), Some(report.all.latency_ms.max));
        assert!(report.all.curve.is_sorted_by(|left, right| left.1 <= right.1));
    }
}
