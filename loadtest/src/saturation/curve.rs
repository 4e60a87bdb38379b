//! The curve as text and as a picture.

use super::{Load, Saturation};
use crate::report::number;
use crate::report::plot::{LEFT, RIGHT, STYLE, Scale, WIDTH, amount_axis, heading, legend, line, polyline, text};
use std::fmt::Write;
use std::path::Path;

const HEIGHT: f64 = 460.0;
/// Top and bottom of the field.
const FIELD: (f64, f64) = (80.0, 390.0);

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
        let mut loads: Vec<&Load> = self.loads.iter().collect();
        loads.sort_by(|one, other| one.offered.total_cmp(&other.offered));
        let most = loads.iter().map(|load| load.offered).fold(1.0, f64::max);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">{STYLE}\n\
             <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n"
        );
        text(&mut out, "ink\" font-size=\"18", (LEFT, 32.0), "start", &format!("{}: answered in time against asked for", self.scenario));
        heading(&mut out, FIELD.0, "A second");
        let highest = loads.iter().flat_map(|load| [load.goodput, load.refused]).fold(self.peak, f64::max);
        let y = amount_axis(&mut out, FIELD, highest, "");
        let x = Scale { from: 0.0, to: most, start: LEFT, end: RIGHT };
        for load in loads.iter().filter(|load| load.multiple.is_some()) {
            let label = load.multiple.map_or_else(String::new, |multiple| format!("{multiple} × the peak"));
            line(&mut out, "grid", (x.at(load.offered), FIELD.0), (x.at(load.offered), FIELD.1));
            text(&mut out, "soft", (x.at(load.offered), FIELD.1 + 16.0), "middle", &label);
            text(&mut out, "soft", (x.at(load.offered), FIELD.1 + 32.0), "middle", &format!("{} asked/s", number(load.offered)));
        }
        let mut series = |index: usize, class: &str, dashes: &str, name: &str, figure: fn(&Load) -> f64| {
            polyline(&mut out, class, dashes, loads.iter().map(|load| (x.at(load.offered), y.at(figure(load)))));
            legend(&mut out, FIELD.0, index, class, dashes, name);
        };
        series(0, "s0", "none", "answered in time", |load| load.goodput);
        series(1, "s1", "5 3", "refused", |load| load.refused);
        series(2, "s7", "2 3", "failed", |load| load.failed);
        line(&mut out, "axis", (LEFT, y.at(self.peak)), (RIGHT, y.at(self.peak)));
        text(&mut out, "ink", (RIGHT + 4.0, y.at(self.peak) + 4.0), "start", &format!("peak {}", number(self.peak)));
        out.push_str("</svg>\n");
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
        assert_eq!(picture.matches("<polyline").count(), 3, "answered, refused, failed");
        assert!(picture.contains("1 × the peak") && picture.contains("5 × the peak") && picture.contains("peak 240"));
        assert!(!picture.contains("NaN") && picture.ends_with("</svg>\n"));
    }
}
