//! The result for a terminal.

use super::{Quantiles, Report, RowReport};
use std::fmt::Write;

/// The whole result as text.
pub(crate) fn table(report: &Report) -> String {
    let mut out = String::new();
    let head = format!(
        "{} against {} · {} products, {} queries · {:.1} s measured after {:.1} s of warm-up{}",
        report.scenario,
        report.target,
        report.products_count,
        report.queries_count,
        report.measured_s,
        report.warm_up_s,
        if report.interrupted { " · INTERRUPTED" } else { "" },
    );
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{head}\n");
    let _ = writeln!(
        out,
        "{:<18}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}  failures",
        "latency, ms", "answered", "a second", "p50", "p90", "p99", "p99.9", "p99.99", "max"
    );
    report.rows.iter().chain([&report.all]).for_each(|row| line(&mut out, row));
    if report.stages.len() > 1 || report.saturation().is_some() {
        stages(&mut out, report);
    }
    for (kind, example) in &report.all.examples {
        let _ = writeln!(out, "first {kind}: {example}");
    }
    let _ = writeln!(out);
    for verdict in &report.objective {
        let sign = if verdict.met { "met   " } else { "FAILED" };
        let _ = writeln!(out, "{sign} {}: {} (limit {})", verdict.what, number(verdict.actual), number(verdict.limit));
    }
    for check in &report.checks {
        let _ = writeln!(out, "{} {}", if check.holds { "holds " } else { "BROKEN" }, check.what);
    }
    out
}

fn line(out: &mut String, row: &RowReport) {
    let failures: Vec<String> = row.failures.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let _ = writeln!(
        out,
        "{:<18}{:>9}{:>9}{}  {}",
        row.name,
        row.answered,
        number(row.per_second),
        columns(&row.latency_ms),
        failures.join(", ")
    );
}

fn columns(quantiles: &Quantiles) -> String {
    [quantiles.p50, quantiles.p90, quantiles.p99, quantiles.p999, quantiles.p9999, quantiles.max]
        .map(|value| format!("{:>9}", number(value)))
        .concat()
}

fn stages(out: &mut String, report: &Report) {
    let _ = writeln!(out, "\nstages");
    for stage in &report.stages {
        let errors = if stage.errors > 0 { format!("  {} errors", stage.errors) } else { String::new() };
        let _ =
            writeln!(out, "{:<18}{:>9}{:>9}{}{errors}", stage.load, stage.answered, number(stage.per_second), columns(&stage.latency_ms));
    }
    if let Some(best) = report.saturation() {
        let _ = writeln!(out, "saturation: {} answered a second with {}", number(best.per_second), best.load);
    }
}

/// Three significant digits, as far as they say something.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.01 => format!("{value:.2}"),
        _ => format!("{value:.5}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_table_shows_every_row_and_every_limit() {
        let text = table(&samples::report());
        for part in
            ["search", "product", "all actions", "1 timeout", "FAILED p99 ms: 90.0 (limit 50.0)", "first timeout: no answer in time"]
        {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!([0.0, 0.000_4, 0.123, 1.0, 12.34, 1_234.5].map(number), ["0", "0.00040", "0.12", "1.00", "12.3", "1234"]);
    }
}
