//! The server's own numbers over time, one small picture each.

use crate::gauges::Gauge;
use crate::report::text::number;
use std::fmt::Write;

const CELL: (f64, f64) = (320.0, 150.0);
const COLUMNS: usize = 3;
/// Left, top, right and bottom of the field within a cell.
const FIELD: (f64, f64, f64, f64) = (14.0, 36.0, 300.0, 124.0);

/// All of them in one picture; nothing when the server told nothing.
pub(super) fn draw(gauges: &[Gauge]) -> String {
    let shown: Vec<&Gauge> = gauges.iter().filter(|gauge| gauge.points.len() > 1).collect();
    if shown.is_empty() {
        return String::new();
    }
    let (width, height) = (CELL.0 * COLUMNS as f64, CELL.1 * shown.len().div_ceil(COLUMNS) as f64);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n"
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
    let most = gauge.points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let scale = if most > 0.0 { most } else { 1.0 };
    let point = |(at_s, value): &(f64, f64)| {
        format!("{:.1},{:.1}", left + (right - left) * at_s / last_s, bottom - (bottom - top) * value.clamp(0.0, scale) / scale)
    };
    let points: Vec<String> = gauge.points.iter().map(point).collect();
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<text x=\"{left}\" y=\"{}\" fill=\"#111111\">{}</text>\
         <text x=\"{right}\" y=\"{}\" text-anchor=\"end\" fill=\"#555555\">at most {}</text>\
         <line x1=\"{left}\" y1=\"{bottom}\" x2=\"{right}\" y2=\"{bottom}\" stroke=\"#cccccc\"/>\
         <polyline fill=\"none\" stroke=\"#0072b2\" stroke-width=\"1.6\" points=\"{}\"/>",
        y + 16.0,
        gauge.name,
        y + 30.0,
        number(most),
        points.join(" ")
    );
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
        assert!(picture.contains("at most 5.00") && !picture.contains("NaN"));
        assert_eq!(draw(&[]), "");
    }
}
