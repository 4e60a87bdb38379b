//! Two reports side by side: what got faster, what got slower.
//!
//! Ratios of runs on one machine say more than the figures themselves; two runs of the same scenario and seed ask the same things in the
//! same order.

use super::text::number;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A share of errors that grew by less is chance.
const ERRORS_NOTED: f64 = 0.0005;

/// Why two reports cannot be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompareError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    /// It is not a report.
    #[error("{}: not a report of loadtest: {source}", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    /// They have nothing in common.
    #[error("the reports have no action in common")]
    Nothing,
}

/// As much of a report as is compared.
#[derive(Debug, Deserialize)]
struct Past {
    scenario: String,
    seed: u64,
    all: PastRow,
    rows: Vec<PastRow>,
    /// From the JSON as it is, so that an older report can be read.
    #[serde(default)]
    products_count: usize,
}

#[derive(Debug, Deserialize)]
struct PastRow {
    name: String,
    answered: u64,
    per_second: f64,
    errors: u64,
    latency_ms: BTreeMap<String, f64>,
}

/// What became of one action.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Change {
    pub(crate) name: String,
    /// Figure, before, after, and after ÷ before; figures that both reports have.
    pub(crate) figures: Vec<(String, f64, f64, f64)>,
}

/// The comparison.
#[derive(Debug, Serialize)]
pub(crate) struct Compared {
    /// What makes the runs differ in more than the server: other scenarios, seeds or shops.
    pub(crate) warnings: Vec<String>,
    pub(crate) changes: Vec<Change>,
    /// Actions that were answered before and are not any more.
    pub(crate) gone: Vec<String>,
    /// Share of what was tried that failed, before and after.
    pub(crate) error_shares: (f64, f64),
    /// The largest ratio of any p99, with its action.
    pub(crate) worst: (String, f64),
}

fn read(path: &Path) -> Result<Past, CompareError> {
    let bytes = std::fs::read(path).map_err(|source| CompareError::Io { path: path.to_owned(), source })?;
    serde_json::from_slice(&bytes).map_err(|source| CompareError::Json { path: path.to_owned(), source })
}

/// Compares two `report.json`.
pub(crate) fn compare(before: &Path, after: &Path) -> Result<Compared, CompareError> {
    compared(&read(before)?, &read(after)?)
}

fn compared(before: &Past, after: &Past) -> Result<Compared, CompareError> {
    let pairs = after.rows.iter().chain([&after.all]).filter_map(|row| {
        let former = before.rows.iter().chain([&before.all]).find(|former| former.name == row.name)?;
        Some(change(former, row))
    });
    let changes: Vec<Change> = pairs.collect();
    let p99 = |change: &Change| change.figures.iter().find(|(figure, ..)| figure == "p99").map_or(0.0, |(.., ratio)| *ratio);
    let worst = changes.iter().map(|change| (change.name.clone(), p99(change))).max_by(|a, b| a.1.total_cmp(&b.1));
    let is_answered = |row: &&PastRow| row.answered > 0;
    let still = |name: &str| after.rows.iter().filter(is_answered).any(|row| row.name == name);
    let gone = before.rows.iter().filter(is_answered).filter(|row| !still(&row.name)).map(|row| row.name.clone()).collect();
    let error_shares = (error_share(&before.all), error_share(&after.all));
    Ok(Compared { warnings: warnings(before, after), gone, error_shares, worst: worst.ok_or(CompareError::Nothing)?, changes })
}

fn error_share(row: &PastRow) -> f64 {
    row.errors as f64 / ((row.answered + row.errors) as f64).max(1.0)
}

impl Compared {
    /// What got worse by more than the factor, in sentences. A latency of fewer answers is no gain: what is no longer answered, answered less often or
    /// newly fails is worse whatever became of the rest.
    pub(crate) fn worse(&self, factor: f64) -> Vec<String> {
        let mut worse: Vec<String> = self.gone.iter().map(|name| format!("{name} was answered before, and is not any more")).collect();
        for change in &self.changes {
            for (figure, before, after, ratio) in &change.figures {
                let grew = figure == "p99" && *ratio > factor;
                let fell = figure == "a second" && *ratio < 1.0 / factor;
                if grew || fell {
                    let (before, after) = (number(*before), number(*after));
                    worse.push(format!("{}: {figure} was {before} and is {after}, {ratio:.2} times as much", change.name));
                }
            }
        }
        let (before, after) = self.error_shares;
        if after > before * factor && after - before > ERRORS_NOTED {
            worse.push(format!("share of errors was {} and is {}", number(before), number(after)));
        }
        worse
    }
}

fn warnings(before: &Past, after: &Past) -> Vec<String> {
    let checks = [
        (before.scenario != after.scenario, format!("scenario {} before, {} after", before.scenario, after.scenario)),
        (before.seed != after.seed, format!("seed {} before, {} after", before.seed, after.seed)),
        (
            before.products_count != after.products_count,
            format!("{} products before, {} after", before.products_count, after.products_count),
        ),
        (before.all.errors != after.all.errors, format!("{} errors before, {} after", before.all.errors, after.all.errors)),
    ];
    checks.into_iter().filter(|(differs, _)| *differs).map(|(_, words)| words).collect()
}

fn change(before: &PastRow, after: &PastRow) -> Change {
    let ratio = |before: f64, after: f64| if before > 0.0 { after / before } else { f64::NAN };
    let figure = |name: &str, before: f64, after: f64| (name.to_owned(), before, after, ratio(before, after));
    let mut figures = vec![figure("a second", before.per_second, after.per_second)];
    if before.answered > 0 && after.answered > 0 {
        let shared = after.latency_ms.iter().filter_map(|(name, ms)| Some((name, *before.latency_ms.get(name)?, *ms)));
        figures.extend(shared.map(|(name, before, after)| figure(name, before, after)));
    }
    Change { name: after.name.clone(), figures }
}

/// The comparison for a terminal.
pub(crate) fn show(compared: &Compared) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    compared.warnings.iter().for_each(|warning| _ = writeln!(out, "the runs differ: {warning}"));
    let _ = writeln!(out, "{:<18}{:<10}{:>10}{:>10}{:>9}", "", "", "before", "after", "ratio");
    for change in &compared.changes {
        for (index, (figure, before, after, ratio)) in change.figures.iter().enumerate() {
            let name = if index == 0 { change.name.as_str() } else { "" };
            let _ = writeln!(out, "{name:<18}{figure:<10}{:>10}{:>10}{ratio:>8.2}×", number(*before), number(*after));
        }
    }
    compared.gone.iter().for_each(|name| _ = writeln!(out, "{name}: answered before, and not any more"));
    let _ = writeln!(out, "worst p99: {} {:.2}×", compared.worst.0, compared.worst.1);
    out
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn past(change: impl FnOnce(&mut serde_json::Value)) -> Past {
        let mut json = serde_json::to_value(samples::report()).expect("is JSON");
        change(&mut json);
        serde_json::from_value(json).expect("is a report")
    }

    #[test]
    fn a_report_is_compared_with_itself_and_with_a_slower_one() {
        let same = compared(&past(|_| ()), &past(|_| ())).expect("compares");
        assert!(same.warnings.is_empty() && same.worst.1 == 1.0);
        assert!(same.changes.iter().flat_map(|change| &change.figures).all(|(.., ratio)| *ratio == 1.0));
        let slower = past(|json| {
            let p99 = json["rows"][0]["latency_ms"]["p99"].as_f64().expect("a number");
            json["rows"][0]["latency_ms"]["p99"] = (p99 * 3.0).into();
            json["seed"] = 2.into();
        });
        let found = compared(&past(|_| ()), &slower).expect("compares");
        assert_eq!((found.worst.0.as_str(), found.warnings.len()), ("search", 1));
        assert!((found.worst.1 - 3.0).abs() < 1e-9 && show(&found).contains("worst p99: search 3.00×"));
    }

    #[test]
    fn a_run_that_answered_less_is_worse_however_fast_it_was() {
        let worse = |change: &dyn Fn(&mut serde_json::Value)| compared(&past(|_| ()), &past(change)).expect("compares").worse(1.25);
        assert_eq!(worse(&|_| ()), Vec::<String>::new());
        let slower = worse(&|json| json["rows"][0]["latency_ms"]["p99"] = 900.0.into());
        assert!(slower.len() == 1 && slower[0].starts_with("search: p99 was "), "{slower:?}");
        let rarer = worse(&|json| json["all"]["per_second"] = 100.0.into());
        assert!(rarer.len() == 1 && rarer[0].starts_with("all actions: a second was "), "{rarer:?}");
        let dead = worse(&|json| json["rows"][0]["answered"] = 0.into());
        assert_eq!(dead, ["search was answered before, and is not any more"]);
        let missing = worse(&|json| _ = json["rows"].as_array_mut().expect("rows").remove(0));
        assert_eq!(missing, ["search was answered before, and is not any more"]);
        let failing = worse(&|json| json["all"]["errors"] = 400.into());
        assert!(failing.len() == 1 && failing[0].starts_with("share of errors was "), "{failing:?}");
    }

    #[test]
    fn what_is_no_report_is_named() {
        let path = std::env::temp_dir().join(format!("loadtest-{:x}.json", fastrand::u64(..)));
        assert!(matches!(compare(&path, &path), Err(CompareError::Io { .. })));
        std::fs::write(&path, "{}").expect("writes");
        assert!(matches!(compare(&path, &path), Err(CompareError::Json { .. })));
        std::fs::remove_file(path).expect("removes");
    }
}
