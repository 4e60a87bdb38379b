//! The result as a picture: latency and throughput over time, and how latency grows towards the slowest requests.

use super::Report;
use std::fmt::Write;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 980.0;
/// Left, right, and where the three panels lie.
const LEFT: f64 = 70.0;
const RIGHT: f64 = 800.0;
const TOP_PANEL: (f64, f64) = (90.0, 390.0);
const MIDDLE_PANEL: (f64, f64) = (460.0, 570.0);
const BOTTOM_PANEL: (f64, f64) = (650.0, 920.0);
/// Told apart by people who see few colours (Okabe and Ito's palette).
const COLOURS: [&str; 8] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999"];

/// A mapping of values to positions.
#[derive(Debug, Clone, Copy)]
struct Scale {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    fn at(&self, value: f64) -> f64 {
        let share = (value - self.from) / (self.to - self.from);
        self.start + share.clamp(0.0, 1.0) * (self.end - self.start)
    }
}

/// The picture.
pub(crate) fn draw(report: &Report) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    let title = format!(
        "{} · {:.0} answered a second · p50 {:.2} ms · p99 {:.2} ms",
        report.scenario, report.all.per_second, report.all.latency_ms.p50, report.all.latency_ms.p99
    );
    text(&mut out, LEFT, 32.0, "start", "#111111\" font-size=\"18", &title);
    let errors: u64 = report.all.errors;
    let under =
        format!("{} · {:.0} s measured · {errors} errors · latency counts from the intended arrival", report.target, report.measured_s);
    text(&mut out, LEFT, 52.0, "start", "#555555", &under);
    let latency = latency_range(report);
    over_time(&mut out, report, latency);
    throughput(&mut out, report);
    by_quantile(&mut out, report, latency);
    out.push_str("</svg>\n");
    out
}

/// Whole decades around all latencies, as powers of ten of milliseconds.
fn latency_range(report: &Report) -> (f64, f64) {
    let points = report.timeline.iter().flat_map(|point| [point.p50_ms, point.max_ms]);
    let values = points.chain(report.rows.iter().flat_map(|row| row.curve.iter().map(|(_, ms)| *ms))).filter(|ms| *ms > 0.0);
    let (least, most) = values.fold((f64::MAX, f64::MIN_POSITIVE), |(least, most), ms| (least.min(ms), most.max(ms)));
    if least > most {
        return (0.0, 1.0);
    }
    let from = least.log10().floor();
    (from, most.log10().ceil().max(from + 1.0))
}

fn latency_axis(out: &mut String, panel: (f64, f64), range: (f64, f64)) -> Scale {
    let scale = Scale { from: range.0, to: range.1, start: panel.1, end: panel.0 };
    for decade in range.0 as i32..=range.1 as i32 {
        let y = scale.at(f64::from(decade));
        line(out, (LEFT, y), (RIGHT, y), "#e5e5e5");
        let ms = 10_f64.powi(decade);
        text(
            out,
            LEFT - 8.0,
            y + 4.0,
            "end",
            "#555555",
            &if ms < 1.0 {
                format!("{} µs", (ms * 1_000.0).round())
            } else if ms < 1_000.0 {
                format!("{ms} ms")
            } else {
                format!("{} s", ms / 1_000.0)
            },
        );
    }
    scale
}

fn over_time(out: &mut String, report: &Report, range: (f64, f64)) {
    heading(out, TOP_PANEL.0, "Latency over time");
    let y = latency_axis(out, TOP_PANEL, range);
    let x = time_axis(out, TOP_PANEL, report);
    if report.warm_up_s > 0.0 {
        let width = x.at(report.warm_up_s) - LEFT;
        let _ = writeln!(
            out,
            "<rect x=\"{LEFT}\" y=\"{}\" width=\"{width:.1}\" height=\"{}\" fill=\"#000000\" opacity=\"0.05\"/>",
            TOP_PANEL.0,
            TOP_PANEL.1 - TOP_PANEL.0
        );
        text(out, LEFT + 4.0, TOP_PANEL.0 + 14.0, "start", "#777777", "warm-up");
    }
    let answered = || report.timeline.iter().filter(|point| point.max_ms > 0.0);
    let mut series = |index: usize, name: &str, colour: &str, value: &dyn Fn(&super::PointReport) -> f64| {
        polyline(out, colour, "none", answered().map(|point| (x.at(point.at_s), y.at(value(point).log10()))));
        legend(out, TOP_PANEL.0, index, colour, name);
    };
    series(0, "max", "#bbbbbb", &|point| point.max_ms);
    series(1, "p99", COLOURS[1], &|point| point.p99_ms);
    series(2, "p50", COLOURS[0], &|point| point.p50_ms);
    for point in report.timeline.iter().filter(|point| point.errors > 0) {
        let at = x.at(point.at_s);
        let _ = writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{}\" width=\"3\" height=\"8\" fill=\"#cc0000\"><title>{} errors at {:.0} s</title></rect>",
            at - 1.5,
            TOP_PANEL.1 - 8.0,
            point.errors,
            point.at_s
        );
    }
    if report.all.errors > 0 {
        legend(out, TOP_PANEL.0, 3, "#cc0000", "errors");
    }
}

fn time_axis(out: &mut String, panel: (f64, f64), report: &Report) -> Scale {
    let last_s = report.timeline.last().map_or(1.0, |point| point.at_s.max(1.0));
    let x = Scale { from: 0.0, to: last_s, start: LEFT, end: RIGHT };
    for step in 0..=5 {
        let at_s = last_s * f64::from(step) / 5.0;
        text(out, x.at(at_s), panel.1 + 18.0, "middle", "#555555", &format!("{at_s:.0} s"));
    }
    x
}

/// What was answered and what failed, a second.
fn throughput(out: &mut String, report: &Report) {
    heading(out, MIDDLE_PANEL.0, "Answered a second");
    let most = report.timeline.iter().map(|point| point.per_second).fold(1.0, f64::max);
    let x = time_axis(out, MIDDLE_PANEL, report);
    let y = Scale { from: 0.0, to: most, start: MIDDLE_PANEL.1, end: MIDDLE_PANEL.0 };
    for value in [0.0, most / 2.0, most] {
        line(out, (LEFT, y.at(value)), (RIGHT, y.at(value)), "#e5e5e5");
        text(out, LEFT - 8.0, y.at(value) + 4.0, "end", "#555555", &format!("{value:.0}"));
    }
    polyline(out, COLOURS[2], "none", report.timeline.iter().map(|point| (x.at(point.at_s), y.at(point.per_second))));
    legend(out, MIDDLE_PANEL.0, 0, COLOURS[2], "answered");
}

/// Equal steps to the right are equally many nines: 90 %, 99 %, 99.9 %.
fn nines(quantile: f64) -> f64 {
    -(1.0 - quantile).max(1e-5).log10()
}

fn by_quantile(out: &mut String, report: &Report, range: (f64, f64)) {
    heading(out, BOTTOM_PANEL.0, "Latency by percentile");
    let y = latency_axis(out, BOTTOM_PANEL, range);
    let x = Scale { from: 0.0, to: 5.0, start: LEFT, end: RIGHT };
    for (quantile, name) in
        [(0.0, "fastest"), (0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %"), (1.0, "99.999 %")]
    {
        line(out, (x.at(nines(quantile)), BOTTOM_PANEL.0), (x.at(nines(quantile)), BOTTOM_PANEL.1), "#f0f0f0");
        text(out, x.at(nines(quantile)), BOTTOM_PANEL.1 + 18.0, "middle", "#555555", name);
    }
    for (index, row) in report.rows.iter().filter(|row| row.answered > 0).enumerate() {
        // Steps of longer actions are dashed, and begin the palette again.
        let is_step = row.name.starts_with('·');
        let first_step = report.rows.iter().filter(|row| row.answered > 0 && !row.name.starts_with('·')).count();
        let colour = COLOURS[if is_step { index - first_step } else { index } % COLOURS.len()];
        let dashes = if is_step { "5 3" } else { "none" };
        let points = row.curve.iter().map(|(quantile, ms)| (x.at(nines(*quantile)), y.at(ms.max(1e-3).log10())));
        polyline(out, colour, dashes, points);
        legend(out, BOTTOM_PANEL.0, index, colour, &row.name);
    }
}

fn heading(out: &mut String, top: f64, words: &str) {
    text(out, LEFT, top - 12.0, "start", "#111111\" font-weight=\"600", words);
}

fn legend(out: &mut String, top: f64, index: usize, colour: &str, name: &str) {
    let y = top + 12.0 + index as f64 * 20.0;
    let _ = writeln!(out, "<rect x=\"{}\" y=\"{}\" width=\"14\" height=\"3\" fill=\"{colour}\"/>", RIGHT + 16.0, y - 5.0);
    text(out, RIGHT + 36.0, y, "start", "#333333", name);
}

fn line(out: &mut String, from: (f64, f64), to: (f64, f64), colour: &str) {
    let _ = writeln!(out, "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\"/>", from.0, from.1, to.0, to.1);
}

fn polyline(out: &mut String, colour: &str, dashes: &str, points: impl Iterator<Item = (f64, f64)>) {
    let points: Vec<String> = points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    if !points.is_empty() {
        let _ = writeln!(
            out,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" stroke-linejoin=\"round\" stroke-dasharray=\"{dashes}\" points=\"{}\"/>",
            points.join(" ")
        );
    }
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, fill: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{fill}\">{words}</text>");
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_picture_is_well_formed_and_shows_every_row() {
        let svg = draw(&samples::report());
        assert_eq!(svg.matches("<polyline").count(), 3 + 1 + 2, "max, p99, p50, throughput and a curve for each row");
        assert!(svg.contains("browse &lt;&amp;&gt;") && !svg.contains("NaN") && !svg.contains("inf"));
        for element in ["text", "title", "svg"] {
            assert_eq!(svg.matches(&format!("<{element}")).count(), svg.matches(&format!("</{element}>")).count(), "{element}");
        }
    }

    #[test]
    fn a_run_without_answers_can_be_drawn() {
        let mut report = samples::report();
        report.timeline.clear();
        report.rows.clear();
        assert!(draw(&report).ends_with("</svg>\n"));
    }

    #[test]
    fn nines_are_equally_far_apart() {
        let at = [0.0, 0.9, 0.99, 0.999].map(nines);
        assert!(at.windows(2).all(|pair| (pair[1] - pair[0] - 1.0).abs() < 1e-9));
    }
}
