//! The result as a picture: latency, answers and errors over time, how many answers took how long, and how latency grows towards the slowest.

use super::plot::{
    COLOURS_COUNT, LEFT, LEGEND_STEP, RIGHT, STYLE, Scale, WIDTH, amount_axis, decades, heading, latency, latency_axis, legend, line,
    polyline, rectangle, text, time_axis,
};
use super::{PointReport, Report, RowReport};
use std::fmt::Write;

/// Above each field: its heading; below: its axis.
const GAP: f64 = 66.0;
const LATENCY_HEIGHT: f64 = 240.0;
const RATE_HEIGHT: f64 = 120.0;
const ERRORS_HEIGHT: f64 = 60.0;
const HISTOGRAM_HEIGHT: f64 = 140.0;
const CURVES_HEIGHT: f64 = 260.0;

/// The picture.
pub(crate) fn draw(report: &Report) -> String {
    let mut body = String::new();
    let title = format!(
        "{} · {:.0} answered a second · p50 {:.2} ms · p99 {:.2} ms",
        report.scenario, report.all.per_second, report.all.latency_ms.p50, report.all.latency_ms.p99
    );
    text(&mut body, "ink\" font-size=\"18", (LEFT, 32.0), "start", &title);
    let errors: u64 = report.failures().values().sum();
    let under =
        format!("{} · {:.0} s measured · {errors} errors · latency counts from the intended arrival", report.target, report.measured_s);
    text(&mut body, "soft", (LEFT, 52.0), "start", &under);
    let mut top = 96.0;
    let mut field = |height: f64| {
        let here = (top, top + height);
        top += height + GAP;
        here
    };
    over_time(&mut body, report, field(LATENCY_HEIGHT));
    throughput(&mut body, report, field(RATE_HEIGHT));
    failures(&mut body, report, field(ERRORS_HEIGHT));
    histogram(&mut body, report, field(HISTOGRAM_HEIGHT));
    let names = report.rows.iter().filter(|row| row.answered > 0).count() as f64;
    by_quantile(&mut body, report, field(CURVES_HEIGHT.max(names * LEGEND_STEP)));
    let height = top - GAP + 40.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">{STYLE}\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>\n{body}</svg>\n"
    )
}

/// The time axis of a field, with the warm-up in shade and the ends of stages marked.
fn over(out: &mut String, report: &Report, panel: (f64, f64)) -> Scale {
    let last_s = report.timeline.last().map_or(1.0, |point| (point.at_s + point.width_s).max(1.0));
    let x = time_axis(out, (LEFT, RIGHT), panel, last_s);
    if report.warm_up_s > 0.0 {
        rectangle(out, "shade", (LEFT, panel.0), (x.at(report.warm_up_s), panel.1), "warm-up: in no figure");
    }
    let begun = report.stages.iter().map(|stage| stage.from_s).filter(|from_s| *from_s > report.warm_up_s);
    begun.for_each(|from_s| {
        let _ = writeln!(
            out,
            "<line class=\"axis\" x1=\"{0:.1}\" y1=\"{1:.1}\" x2=\"{0:.1}\" y2=\"{2:.1}\" stroke-dasharray=\"3 3\"/>",
            x.at(from_s),
            panel.0,
            panel.1
        );
    });
    x
}

fn over_time(out: &mut String, report: &Report, panel: (f64, f64)) {
    heading(out, panel.0, "Latency over time, by when a shopper was due");
    let answered = || report.timeline.iter().filter(|point| point.max_ms > 0.0);
    let y = latency_axis(out, panel, decades(answered().flat_map(|point| [point.p50_ms, point.max_ms])));
    let x = over(out, report, panel);
    if report.warm_up_s > 0.0 {
        text(out, "soft", (LEFT + 4.0, panel.0 + 13.0), "start", "warm-up");
    }
    let mut series = |index: usize, name: &str, class: &str, value: &dyn Fn(&PointReport) -> f64| {
        polyline(out, class, "none", answered().map(|point| (x.at(point.middle_s()), y.at(value(point).log10()))));
        legend(out, panel.0, index, class, "none", name);
    };
    series(0, "max", "s7", &|point| point.max_ms);
    series(1, "p99", "s1", &|point| point.p99_ms);
    series(2, "p50", "s0", &|point| point.p50_ms);
    if report.stages.len() > 1 {
        legend(out, panel.0, 3, "axis", "3 3", "a stage begins");
    }
}

/// What was asked for and what was answered, a second.
fn throughput(out: &mut String, report: &Report, panel: (f64, f64)) {
    heading(out, panel.0, "Asked for and answered, a second");
    let most = report.timeline.iter().flat_map(|point| [point.per_second, point.due_per_second]).fold(0.0, f64::max);
    let y = amount_axis(out, panel, most, "");
    let x = over(out, report, panel);
    let mut series = |index: usize, name: &str, class: &str, dashes: &str, value: &dyn Fn(&PointReport) -> f64| {
        polyline(out, class, dashes, report.timeline.iter().map(|point| (x.at(point.middle_s()), y.at(value(point)))));
        legend(out, panel.0, index, class, dashes, name);
    };
    series(0, "asked for", "s7", "4 3", &|point| point.due_per_second);
    series(1, "answered", "s2", "none", &|point| point.per_second);
}

/// What failed, a second; a field of its own, as one error among ten thousand answers is seen nowhere else.
fn failures(out: &mut String, report: &Report, panel: (f64, f64)) {
    heading(out, panel.0, "Errors a second");
    let rate = |point: &PointReport| point.errors as f64 / point.width_s;
    let y = amount_axis(out, panel, report.timeline.iter().map(rate).fold(0.0, f64::max), "");
    let x = over(out, report, panel);
    for point in report.timeline.iter().filter(|point| point.errors > 0) {
        let (left, right) = (x.at(point.at_s), x.at(point.at_s + point.width_s));
        let words = format!("{} errors at {:.0} s", point.errors, point.at_s);
        rectangle(out, "bad", (left, y.at(rate(point)).min(panel.1 - 2.0)), (right.max(left + 2.0), panel.1), &words);
    }
    let failures = report.failures();
    for (index, (kind, count)) in failures.iter().enumerate() {
        text(out, "ink", (RIGHT + 16.0, panel.0 + 10.0 + index as f64 * LEGEND_STEP), "start", &format!("{count} {kind}"));
    }
    if failures.is_empty() {
        text(out, "soft", (RIGHT + 16.0, panel.0 + 10.0), "start", "none");
    }
}

/// How many answers took how long.
fn histogram(out: &mut String, report: &Report, panel: (f64, f64)) {
    heading(out, panel.0, "How many answers took how long, share of all actions");
    let bins = &report.histogram;
    let answered = bins.iter().map(|bin| bin.count).sum::<u64>().max(1) as f64;
    let share = |count: u64| 100.0 * count as f64 / answered;
    let y = amount_axis(out, panel, bins.iter().map(|bin| share(bin.count)).fold(0.0, f64::max), " %");
    let (from, to) = decades(bins.iter().flat_map(|bin| [bin.from_ms * 1.001, bin.to_ms * 0.999]));
    let x = Scale { from, to, start: LEFT, end: RIGHT };
    for decade in from as i32..=to as i32 {
        for step in if to - from <= 3.0 { &[1.0_f64, 2.0, 5.0][..] } else { &[1.0] } {
            let at = f64::from(decade) + step.log10();
            if at <= to {
                line(out, "grid", (x.at(at), panel.0), (x.at(at), panel.1));
                text(out, "soft", (x.at(at), panel.1 + 16.0), "middle", &latency(at));
            }
        }
    }
    for bin in bins {
        let (left, right) = (x.at(bin.from_ms.log10()), x.at(bin.to_ms.log10()));
        let words = format!("{} answers in {:.3} to {:.3} ms", bin.count, bin.from_ms, bin.to_ms);
        let top = y.at(share(bin.count)).min(panel.1 - 1.0);
        rectangle(out, "bar", (left + 0.5, top), (right - 0.5, panel.1), &words);
    }
    line(out, "axis", (LEFT, panel.1), (RIGHT, panel.1));
}

/// Equal steps to the right are equally many nines: 90 %, 99 %, 99.9 %.
fn nines(quantile: f64) -> f64 {
    -(1.0 - quantile).max(1e-5).log10()
}

/// The class and dashes of a row's curve: actions are drawn through, their steps dashed, what goes on behind them dotted; each begins the palette anew.
fn drawn<'a>(rows: impl Iterator<Item = &'a RowReport>) -> impl Iterator<Item = (&'a RowReport, String, &'static str)> {
    let mut counts = [0; 3];
    rows.map(move |row| {
        let (kind, dashes) = match row.name.chars().next() {
            Some('·') => (1, "5 3"),
            Some('+') => (2, "2 3"),
            _ => (0, "none"),
        };
        counts[kind] += 1;
        (row, format!("s{}", (counts[kind] - 1) % COLOURS_COUNT), dashes)
    })
}

fn by_quantile(out: &mut String, report: &Report, panel: (f64, f64)) {
    heading(out, panel.0, "Latency by percentile");
    let rows = || report.rows.iter().filter(|row| row.answered > 0);
    let y = latency_axis(out, panel, decades(rows().flat_map(|row| row.curve.iter().map(|(_, ms)| *ms))));
    let x = Scale { from: 0.0, to: 5.0, start: LEFT, end: RIGHT };
    for (quantile, name) in
        [(0.0, "fastest"), (0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %"), (1.0, "99.999 %")]
    {
        line(out, "grid", (x.at(nines(quantile)), panel.0), (x.at(nines(quantile)), panel.1));
        // The slowest of none is where the fastest of all stands; their names would run into each other.
        let anchor = if quantile == 0.0 { "end" } else { "middle" };
        text(out, "soft", (x.at(nines(quantile)), panel.1 + 16.0), anchor, name);
    }
    line(out, "axis", (LEFT, panel.1), (RIGHT, panel.1));
    for (index, (row, class, dashes)) in drawn(rows()).enumerate() {
        let points = row.curve.iter().map(|(quantile, ms)| (x.at(nines(*quantile)), y.at(ms.max(1e-3).log10())));
        polyline(out, &class, dashes, points);
        legend(out, panel.0, index, &class, dashes, &row.name);
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_picture_is_well_formed_and_shows_every_row() {
        let svg = draw(&samples::report());
        assert_eq!(svg.matches("<polyline").count(), 3 + 2 + 2, "max, p99, p50, asked for, answered, and a curve for each row");
        assert!(svg.contains("browse &lt;&amp;&gt;") && !svg.contains("NaN") && !svg.contains("inf"));
        for element in ["text", "title", "svg", "style"] {
            assert_eq!(svg.matches(&format!("<{element}")).count(), svg.matches(&format!("</{element}>")).count(), "{element}");
        }
    }

    #[test]
    fn errors_and_the_shape_of_latency_have_fields_of_their_own() {
        let report = samples::report();
        let svg = draw(&report);
        assert!(svg.contains("1 errors at 0 s") && svg.contains("1 timeout"));
        assert_eq!(svg.matches("class=\"bar\"").count(), report.histogram.len());
        assert_eq!(report.histogram.iter().map(|bin| bin.count).sum::<u64>(), report.all.answered);
    }

    #[test]
    fn a_run_without_answers_can_be_drawn() {
        let mut report = samples::report();
        report.timeline.clear();
        report.rows.clear();
        report.histogram.clear();
        let svg = draw(&report);
        assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn nines_are_equally_far_apart() {
        let at = [0.0, 0.9, 0.99, 0.999].map(nines);
        assert!(at.windows(2).all(|pair| (pair[1] - pair[0] - 1.0).abs() < 1e-9));
    }
}
