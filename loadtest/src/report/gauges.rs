//! The server's own numbers over time, one small picture each.

use super::plot::{STYLE, Scale, line, polyline, round_up, text, time_axis};
use crate::gauges::Gauge;

const CELL: (f64, f64) = (320.0, 170.0);
const COLUMNS: usize = 3;
/// Left, top, right and bottom of the field within a cell.
const FIELD: (f64, f64, f64, f64) = (58.0, 36.0, 300.0, 132.0);

/// All of them in one picture; nothing when the server told nothing.
pub(super) fn draw(gauges: &[Gauge]) -> String {
    let shown: Vec<&Gauge> = gauges.iter().filter(|gauge| gauge.points.len() > 1).collect();
    if shown.is_empty() {
        return String::new();
    }
    let (width, height) = (CELL.0 * COLUMNS as f64, CELL.1 * shown.len().div_ceil(COLUMNS) as f64);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">{STYLE}\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    for (index, gauge) in shown.into_iter().enumerate() {
        cell(&mut out, gauge, (CELL.0 * (index % COLUMNS) as f64, CELL.1 * (index / COLUMNS) as f64));
    }
    out.push_str("</svg>\n");
    out
}

fn cell(out: &mut String, gauge: &Gauge, (x, y): (f64, f64)) {
    let (left, top, right, bottom) = (x + FIELD.0, y + FIELD.1, x + FIELD.2, y + FIELD.3);
    let last_s = gauge.points.last().map_or(1.0, |(at_s, _)| at_s.max(1.0));
    let most = round_up(gauge.points.iter().map(|(_, value)| *value).fold(0.0, f64::max));
    text(out, "ink\" font-weight=\"600", (left, top - 14.0), "start", gauge.name);
    let amounts = Scale { from: 0.0, to: most, start: bottom, end: top };
    for value in [0.0, most / 2.0, most] {
        line(out, "grid", (left, amounts.at(value)), (right, amounts.at(value)));
        text(out, "soft", (left - 6.0, amounts.at(value) + 4.0), "end", &value.to_string());
    }
    let times = time_axis(out, (left, right), (top, bottom), last_s);
    polyline(out, "s0", "none", gauge.points.iter().map(|(at_s, value)| (times.at(*at_s), amounts.at(*value))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gauge_with_more_than_one_reading_is_drawn() {
        let gauge = |name, points: &[(f64, f64)]| Gauge { name, points: points.to_vec() };
        let gauges =
            [gauge("connections", &[(0.0, 1.0), (1.0, 5.0)]), gauge("flat", &[(0.0, 0.0), (1.0, 0.0)]), gauge("once", &[(0.0, 1.0)])];
        let picture = draw(&gauges);
        assert_eq!(picture.matches("<polyline").count(), 2);
        assert!(picture.contains(">5</text>") && !picture.contains("NaN"));
        assert_eq!(draw(&[]), "");
    }
}
