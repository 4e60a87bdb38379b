//! What all pictures are drawn with: scales, axes, lines, words. Colours are classes, so that a page that is read at night is dark.

use std::fmt::Write;

/// Left and right end of a field; the legend stands to the right of it.
pub(crate) const LEFT: f64 = 70.0;
pub(crate) const RIGHT: f64 = 790.0;
pub(crate) const WIDTH: f64 = 960.0;
/// What a moment takes under an axis.
const TIME_WIDTH: f64 = 60.0;
/// Between two lines of a legend.
pub(crate) const LEGEND_STEP: f64 = 17.0;
/// Colours that are told apart by people who see few of them (Okabe and Ito's palette), and brighter ones of the same hues on black.
pub(crate) const COLOURS_COUNT: usize = 8;

pub(crate) const STYLE: &str = "<style>\
.paper{fill:#fff}.ink{fill:#111}.soft{fill:#555}.grid{stroke:#e3e3e3}.axis{stroke:#999}.shade{fill:#000;opacity:.06}.bad{fill:#c11}.bar{fill:#0072b2}\
.s0{stroke:#0072b2}.s1{stroke:#d55e00}.s2{stroke:#009e73}.s3{stroke:#cc79a7}.s4{stroke:#b8860b}.s5{stroke:#56b4e9}.s6{stroke:#111}.s7{stroke:#999}\
@media (prefers-color-scheme:dark){.paper{fill:#16181c}.ink{fill:#eee}.soft{fill:#aab}.grid{stroke:#33363d}.axis{stroke:#777}.shade{fill:#fff;opacity:.09}\
.bad{fill:#ff6b5e}.bar{fill:#58b0f0}.s0{stroke:#58b0f0}.s1{stroke:#ff9147}.s2{stroke:#3ad0a2}.s3{stroke:#f0a8cf}.s4{stroke:#f2c14e}.s5{stroke:#9adcff}\
.s6{stroke:#fff}.s7{stroke:#888}}</style>";

/// A mapping of values to positions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) start: f64,
    pub(crate) end: f64,
}

impl Scale {
    pub(crate) fn at(&self, value: f64) -> f64 {
        let share = (value - self.from) / (self.to - self.from);
        self.start + share.clamp(0.0, 1.0) * (self.end - self.start)
    }
}

/// The first of 1, 2 and 5 times a power of ten that is not below a value.
pub(crate) fn round_up(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|step| step * power).into_iter().find(|step| *step >= value * (1.0 - 1e-9)).unwrap_or(value)
}

/// A step of whole seconds, minutes or hours of which so many fit at most.
fn time_step(last_s: f64, fit: f64) -> f64 {
    const STEPS: [f64; 15] = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0];
    STEPS.into_iter().find(|step| last_s / step <= fit).unwrap_or(last_s)
}

fn time(at_s: f64, step_s: f64) -> String {
    match step_s {
        step if step >= 3_600.0 => format!("{:.0} h", at_s / 3_600.0),
        step if step >= 60.0 => format!("{:.0} min", at_s / 60.0),
        _ => format!("{at_s:.0} s"),
    }
}

/// Time from the start of a run, under a field from `top` to `bottom`.
pub(crate) fn time_axis(out: &mut String, (left, right): (f64, f64), (top, bottom): (f64, f64), last_s: f64) -> Scale {
    let x = Scale { from: 0.0, to: last_s, start: left, end: right };
    let step = time_step(last_s, (right - left) / TIME_WIDTH);
    let mut at_s = 0.0;
    while at_s <= last_s {
        line(out, "grid", (x.at(at_s), top), (x.at(at_s), bottom));
        text(out, "soft", (x.at(at_s), bottom + 16.0), "middle", &time(at_s, step));
        at_s += step;
    }
    line(out, "axis", (left, bottom), (right, bottom));
    x
}

/// A latency in the unit that suits it, from the power of ten of its milliseconds.
pub(crate) fn latency(decade: f64) -> String {
    let ms = 10_f64.powf(decade);
    if ms < 0.999 {
        format!("{:.0} µs", ms * 1_000.0)
    } else if ms < 999.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.0} s", ms / 1_000.0)
    }
}

/// Whole decades around latencies, as powers of ten of milliseconds.
pub(crate) fn decades(values_ms: impl Iterator<Item = f64>) -> (f64, f64) {
    let values = values_ms.filter(|ms| *ms > 0.0);
    let (least, most) = values.fold((f64::MAX, f64::MIN_POSITIVE), |(least, most), ms| (least.min(ms), most.max(ms)));
    if least > most {
        return (0.0, 1.0);
    }
    let from = least.log10().floor();
    (from, most.log10().ceil().max(from + 1.0))
}

/// An axis of latencies beside a field, with the steps 2 and 5 where there is room for them.
pub(crate) fn latency_axis(out: &mut String, (top, bottom): (f64, f64), range: (f64, f64)) -> Scale {
    let scale = Scale { from: range.0, to: range.1, start: bottom, end: top };
    let has_room = (bottom - top) / (range.1 - range.0) > 75.0;
    for decade in range.0 as i32..=range.1 as i32 {
        for (step, is_named) in [(1.0_f64, true), (2.0, has_room), (5.0, has_room)] {
            let at = f64::from(decade) + step.log10();
            if at <= range.1 && is_named {
                line(out, "grid", (LEFT, scale.at(at)), (RIGHT, scale.at(at)));
                text(out, "soft", (LEFT - 8.0, scale.at(at) + 4.0), "end", &latency(at));
            }
        }
    }
    scale
}

/// An axis of amounts from nothing to a round number, beside a field.
pub(crate) fn amount_axis(out: &mut String, (top, bottom): (f64, f64), most: f64, unit: &str) -> Scale {
    let to = round_up(most);
    let scale = Scale { from: 0.0, to, start: bottom, end: top };
    for value in [0.0, to / 2.0, to] {
        line(out, "grid", (LEFT, scale.at(value)), (RIGHT, scale.at(value)));
        text(out, "soft", (LEFT - 8.0, scale.at(value) + 4.0), "end", &format!("{value}{unit}"));
    }
    scale
}

pub(crate) fn heading(out: &mut String, top: f64, words: &str) {
    text(out, "ink\" font-weight=\"600", (LEFT, top - 12.0), "start", words);
}

/// One line of a legend; `dashes` as in the curve.
pub(crate) fn legend(out: &mut String, top: f64, index: usize, class: &str, dashes: &str, name: &str) {
    let y = top + 10.0 + index as f64 * LEGEND_STEP;
    let (from, to) = (RIGHT + 16.0, RIGHT + 38.0);
    let _ = writeln!(
        out,
        "<line class=\"{class}\" x1=\"{from}\" y1=\"{:.1}\" x2=\"{to}\" y2=\"{:.1}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>",
        y - 4.0,
        y - 4.0
    );
    text(out, "ink", (to + 8.0, y), "start", name);
}

pub(crate) fn line(out: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let _ = writeln!(out, "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>", from.0, from.1, to.0, to.1);
}

/// A filled rectangle; its words show when it is pointed at.
pub(crate) fn rectangle(out: &mut String, class: &str, (left, top): (f64, f64), (right, bottom): (f64, f64), words: &str) {
    let (width, height) = ((right - left).max(0.0), (bottom - top).max(0.0));
    let title = if words.is_empty() { String::new() } else { format!("<title>{words}</title>") };
    let _ =
        writeln!(out, "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\">{title}</rect>");
}

pub(crate) fn polyline(out: &mut String, class: &str, dashes: &str, points: impl Iterator<Item = (f64, f64)>) {
    let points: Vec<String> = points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    if !points.is_empty() {
        let _ = writeln!(
            out,
            "<polyline class=\"{class}\" fill=\"none\" stroke-width=\"1.6\" stroke-linejoin=\"round\" stroke-dasharray=\"{dashes}\" points=\"{}\"/>",
            points.join(" ")
        );
    }
}

pub(crate) fn text(out: &mut String, class: &str, (x, y): (f64, f64), anchor: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(out, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        assert_eq!([0.0, 0.3, 1.0, 1.1, 4.9, 340.0, 1_000.0].map(round_up), [1.0, 0.5, 1.0, 2.0, 5.0, 500.0, 1_000.0]);
        assert_eq!([3.0, 40.0, 600.0, 3_600.0].map(|last_s| time_step(last_s, 8.0)), [1.0, 5.0, 120.0, 600.0]);
        assert_eq!((time(120.0, 60.0), time(5.0, 1.0), time(7_200.0, 3_600.0)), ("2 min".to_owned(), "5 s".to_owned(), "2 h".to_owned()));
    }

    #[test]
    fn latencies_have_the_unit_that_suits_them() {
        assert_eq!([-2.0, -1.0, 0.0, 2.0, 3.0].map(latency), ["10 µs", "100 µs", "1 ms", "100 ms", "1 s"]);
        assert_eq!((decades([0.3, 40.0].into_iter()), decades(std::iter::empty())), ((-1.0, 2.0), (0.0, 1.0)));
    }
}
