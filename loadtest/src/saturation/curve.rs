//! The curve as text and as a picture.

use super::{Load, Saturation};
use crate::report::number;
use std::fmt::Write;
use std::path::Path;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
/// Left, top, right and bottom of the field.
const FIELD: (f64, f64, f64, f64) = (70.0, 60.0, 720.0, 360.0);

impl Saturation {
    /// For a terminal.
    pub(crate) fn text(&self) -> String {
        let mut out = format!(
            "{}\n\n{:<12}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
            self.scenario, "of the peak", "asked/s", "goodput/s", "refused/s", "failed/s", "p50 ms", "p99 ms"
        );
        for load in &self.loads {
            let multiple = load.multiple.map_or_else(|| "searching".to_owned(), |multiple| format!("{multiple} x"));
            let figures = [load.offered, load.goodput, load.refused, load.failed, load.p50_ms, load.p99_ms];
            let figures = figures.map(|figure| format!("{:>10}", number(figure))).concat();
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{multiple:<12}{figures}");
        }
        let sign = if self.met { "met   " } else { "FAILED" };
        let percent = |share: f64| number(share * 100.0);
        let _ = writeln!(
            out,
            "\n{sign} goodput at 5 x the peak: {} % of {} a second (limit {} %)",
            percent(self.share),
            number(self.peak),
            percent(self.share_min)
        );
        out
    }

    /// Writes `saturation.json` and `saturation.svg`.
    pub(super) fn write(&self, folder: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("saturation.json"), serde_json::to_vec_pretty(self)?)?;
        std::fs::write(folder.join("saturation.svg"), self.picture())
    }

    /// Goodput against what was asked, in multiples of the peak, beside what a server without limits would have answered.
    fn picture(&self) -> String {
        let (left, top, right, bottom) = FIELD;
        let most = self.loads.iter().map(|load| load.offered).fold(1.0, f64::max);
        let high = self.peak.max(1.0) * 1.25;
        let x = |offered: f64| left + (right - left) * offered / most;
        let y = |rate: f64| bottom - (bottom - top) * rate.min(high) / high;
        let mut loads: Vec<&Load> = self.loads.iter().collect();
        loads.sort_by(|one, other| one.offered.total_cmp(&other.offered));
        let line = |value: &dyn Fn(&Load) -> f64| {
            loads.iter().map(|load| format!("{:.1},{:.1}", x(load.offered), y(value(load)))).collect::<Vec<_>>().join(" ")
        };
        let peak = y(self.peak);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
             <text x=\"{left}\" y=\"28\" font-size=\"16\" fill=\"#111111\">Answered in time against asked for, a second</text>\n\
             <line x1=\"{left}\" y1=\"{bottom}\" x2=\"{right}\" y2=\"{bottom}\" stroke=\"#999999\"/>\n\
             <line x1=\"{left}\" y1=\"{peak:.1}\" x2=\"{right}\" y2=\"{peak:.1}\" stroke=\"#cccccc\" stroke-dasharray=\"4 4\"/>\n\
             <text x=\"{left}\" y=\"{:.1}\" fill=\"#555555\">peak {}</text>\n\
             <polyline fill=\"none\" stroke=\"#d55e00\" stroke-dasharray=\"5 3\" points=\"{}\"/>\n\
             <polyline fill=\"none\" stroke=\"#0072b2\" stroke-width=\"2\" points=\"{}\"/>\n",
            peak - 6.0,
            number(self.peak),
            line(&|load| load.refused),
            line(&|load| load.goodput)
        );
        for load in &loads {
            let label = load.multiple.map_or_else(String::new, |multiple| format!("{multiple} x"));
            let _ = writeln!(
                out,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"#0072b2\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555555\">{label}</text>",
                x(load.offered),
                y(load.goodput),
                x(load.offered),
                bottom + 18.0
            );
        }
        out.push_str(
            "<text x=\"70\" y=\"400\" fill=\"#0072b2\">answered</text><text x=\"150\" y=\"400\" fill=\"#d55e00\">refused</text>\n</svg>\n",
        );
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;
    use super::*;

    #[test]
    fn the_curve_shows_every_load() {
        let loads = vec![load(None, 200.0, 200.0), load(Some(1.0), 250.0, 240.0), load(Some(5.0), 1_250.0, 238.0)];
        let saturation = Saturation::of("search".to_owned(), loads, 0.9);
        let text = saturation.text();
        for part in ["searching", "1 x", "5 x", "1250", "met    goodput at 5 x the peak: 99.2 % of 240 a second (limit 90.0 %)"] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        let picture = saturation.picture();
        assert_eq!((picture.matches("<circle").count(), picture.matches("<polyline").count()), (3, 2));
        assert!(!picture.contains("NaN") && picture.ends_with("</svg>\n"));
    }
}
