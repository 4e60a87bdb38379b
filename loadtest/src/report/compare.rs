//! Two reports side by side: what got faster, what got slower.
//!
//! Ratios of runs on one machine say more than the figures themselves; two runs of the same scenario and seed ask the same things in the
//! same order.

use super::text::number;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

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
    Ok(Compared { warnings: warnings(before, after), worst: worst.ok_or(CompareError::Nothing)?, changes })
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
    fn what_is_no_report_is_named() {
        let path = std::env::temp_dir().join(format!("loadtest-{:x}.json", fastrand::u64(..)));
        assert!(matches!(compare(&path, &path), Err(CompareError::Io { .. })));
        std::fs::write(&path, "{}").expect("writes");
        assert!(matches!(compare(&path, &path), Err(CompareError::Json { .. })));
        std::fs::remove_file(path).expect("removes");
    }
}
