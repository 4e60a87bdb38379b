//! The result as one page for a browser: everything in it, nothing fetched.

use super::{Quantiles, Report, RowReport, StageReport, draw};
use crate::report::text::{known, late, number};
use std::fmt::Write;

const STYLE: &str = ":root{color-scheme:light dark;--ink:#111;--soft:#555;--rule:#ddd;--paper:#fff;--good:#067a46;--bad:#b3261e}\
@media(prefers-color-scheme:dark){:root{--ink:#eee;--soft:#aab;--rule:#33363d;--paper:#16181c;--good:#3ad0a2;--bad:#ff6b5e}}\
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:66rem;padding:0 1rem;color:var(--ink);background:var(--paper)}\
table{border-collapse:collapse;width:100%;margin:1rem 0}td,th{padding:.3rem .6rem;border-bottom:1px solid var(--rule);text-align:right;font-variant-numeric:tabular-nums}\
td:first-child,th:first-child{text-align:left}.met{color:var(--good)}.failed{color:var(--bad);font-weight:600}svg{width:100%;height:auto}small{color:var(--soft)}\
.wide{overflow-x:auto}.failures{text-align:left}";

/// The page.
pub(crate) fn page(report: &Report) -> String {
    let title = escaped(&report.scenario);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n<p>{}</p>\n",
        escaped(&report.description)
    );
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<p><small>{} · {} products, {} queries · seed {} · {:.1} s measured after {:.1} s of warm-up{}</small></p>",
        escaped(&report.target),
        report.products_count,
        report.queries_count,
        report.seed,
        report.measured_s,
        report.warm_up_s,
        if report.interrupted { " · <b>interrupted</b>" } else { "" }
    );
    objective(&mut out, report);
    out.push_str(&draw(report));
    if let Some(late) = late(report) {
        let _ = writeln!(out, "<p><small>{}</small></p>", escaped(&late));
    }
    rows(&mut out, report);
    stages(&mut out, &report.stages);
    examples(&mut out, report);
    server(&mut out, report);
    out.push_str("</body></html>\n");
    out
}

fn objective(out: &mut String, report: &Report) {
    out.push_str("<table><thead><tr><th>objective</th><th>limit</th><th>reached</th><th></th></tr></thead><tbody>\n");
    for verdict in &report.objective {
        let (class, word) = if verdict.met { ("met", "met") } else { ("failed", "missed") };
        let (limit, actual) = (verdict.limit(), verdict.actual());
        let _ =
            writeln!(out, "<tr><td>{}</td><td>{limit}</td><td>{actual}</td><td class=\"{class}\">{word}</td></tr>", escaped(&verdict.what));
    }
    for check in &report.checks {
        let (class, word) = if check.holds { ("met", "holds") } else { ("failed", "broken") };
        let _ = writeln!(out, "<tr><td>{}</td><td></td><td></td><td class=\"{class}\">{word}</td></tr>", escaped(&check.what));
    }
    out.push_str("</tbody></table>\n");
}

fn server(out: &mut String, report: &Report) {
    let picture = super::gauges::draw(&report.gauges);
    out.push_str("<h2>What the server said meanwhile</h2>\n");
    out.push_str(if picture.is_empty() { "<p>Nothing: its /metrics could not be read twice.</p>\n" } else { &picture });
}

fn examples(out: &mut String, report: &Report) {
    for (row, kind, example) in report.examples() {
        let _ = writeln!(out, "<p><small>first {} of {}: {}</small></p>", escaped(kind), escaped(row), escaped(example));
    }
}

const COLUMNS: &str =
    "<th>answered</th><th>a second</th><th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>p99.99</th><th>max</th><th>failures</th>";

fn rows(out: &mut String, report: &Report) {
    let _ = writeln!(out, "<h2>By action</h2>\n<div class=\"wide\"><table><thead><tr><th>latency, ms</th>{COLUMNS}</tr></thead><tbody>");
    for RowReport { name, answered, per_second, latency_ms, failures, .. } in report.rows.iter().chain([&report.all]) {
        let failures: Vec<String> = failures.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        cells(out, name, (*answered, *per_second), latency_ms, &failures.join(", "));
    }
    out.push_str("</tbody></table></div>\n");
}

fn stages(out: &mut String, stages: &[StageReport]) {
    if stages.len() < 2 {
        return;
    }
    let _ = writeln!(out, "<h2>By stage</h2>\n<div class=\"wide\"><table><thead><tr><th>latency, ms</th>{COLUMNS}</tr></thead><tbody>");
    for StageReport { load, answered, per_second, latency_ms, errors, .. } in stages {
        cells(out, load, (*answered, *per_second), latency_ms, &if *errors > 0 { errors.to_string() } else { String::new() });
    }
    out.push_str("</tbody></table></div>\n");
}

fn cells(out: &mut String, name: &str, (answered, per_second): (u64, f64), latency: &Quantiles, failures: &str) {
    let figures = latency.columns().map(|ms| format!("<td>{}</td>", known(ms)));
    let (name, failures, per_second) = (escaped(name), escaped(failures), number(per_second));
    let _ = writeln!(out, "<tr><td>{name}</td><td>{answered}</td><td>{per_second}</td>{}<td>{failures}</td></tr>", figures.concat());
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_page_is_whole_and_shows_every_row_and_limit() {
        let html = page(&samples::report());
        for part in [
            "browse &lt;&amp;&gt;",
            "<svg",
            "<td>search</td>",
            "What the server said meanwhile",
            "connections",
            "<td>product</td>",
            "1 timeout",
            "class=\"failed\">missed",
        ] {
            assert!(html.contains(part), "{part}");
        }
        for element in ["table", "tr", "td", "th", "svg", "html", "div"] {
            let opened = html.matches(&format!("<{element}>")).count() + html.matches(&format!("<{element} ")).count();
            assert_eq!(opened, html.matches(&format!("</{element}>")).count(), "{element}");
        }
        assert!(html.contains("prefers-color-scheme:dark"), "it is dark where the reader's browser is");
        assert!(!html.contains("src=") && !html.contains("href="), "nothing is fetched");
    }
}
