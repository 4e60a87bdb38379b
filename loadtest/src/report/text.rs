//! The result for a terminal.

use super::{Quantiles, Report, RowReport};
use crate::objective::told;
use crate::verify::Check;
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
    for (row, kind, example) in report.examples() {
        let _ = writeln!(out, "first {kind} of {row}: {example}");
    }
    if let Some(late) = late(report) {
        let _ = writeln!(out, "{late}");
    }
    let _ = writeln!(out);
    out.extend(told(&report.objective).chain(report.checks.iter().map(Check::line)));
    out
}

/// What the generator itself was late; beyond a quarter of p99 the latencies say as much about it as about the server.
pub(super) fn late(report: &Report) -> Option<String> {
    let (late, p99) = (report.sent_late_ms, report.all.latency_ms.p99);
    let after = if report.all.after_end > 0 {
        format!("; {} answers came after the load had ended and are in no rate", report.all.after_end)
    } else {
        String::new()
    };
    (late.max > 0.0).then(|| {
        let warning = if late.p99 > p99 / 4.0 { ": much of the latency is the generator's own" } else { "" };
        format!("sent later than due: p50 {} ms, p99 {} ms{warning}{after}", number(late.p50), number(late.p99))
    })
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
    quantiles.columns().map(|value| format!("{:>9}", known(value))).concat()
}

/// A figure, or that there is none.
pub(super) fn known(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), number)
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
        for part in [
            "search",
            "product",
            "all actions",
            "1 timeout",
            "FAILED p99 ms: 90.0 (at most 50.0)",
            "first timeout of search: no answer in time",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!([0.0, 0.000_4, 0.123, 1.0, 12.34, 1_234.5].map(number), ["0", "0.00040", "0.12", "1.00", "12.3", "1234"]);
    }
}
