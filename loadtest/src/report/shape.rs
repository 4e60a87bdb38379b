//! The shape of a distribution of latencies: percentiles, the curve towards the slowest, and how many took how long.

use hdrhistogram::Histogram;
use serde::Serialize;

/// Quantiles of the percentile curve.
const CURVE: [f64; 15] = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9975, 0.999, 0.9995, 0.9999, 0.99999];
/// Bins of a histogram in each decade.
const BINS: f64 = 10.0;

/// Percentiles in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    /// None of fewer than 1,000 answers: it would be the slowest of them under another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) p999: Option<f64>,
    /// None of fewer than 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) p9999: Option<f64>,
    pub(crate) max: f64,
}

impl Quantiles {
    /// For a table, in its order.
    pub(crate) fn columns(&self) -> [Option<f64>; 6] {
        [Some(self.p50), Some(self.p90), Some(self.p99), self.p999, self.p9999, Some(self.max)]
    }
}

/// So many answers took from `from_ms` to less than `to_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Bin {
    pub(crate) from_ms: f64,
    pub(crate) to_ms: f64,
    pub(crate) count: u64,
}

pub(super) fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

pub(super) fn quantiles(histogram: &Histogram<u64>) -> Quantiles {
    let at = |quantile| ms(histogram.value_at_quantile(quantile));
    let known = |quantile, needed| (histogram.len() >= needed).then(|| at(quantile));
    Quantiles {
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p999: known(0.999, 1_000),
        p9999: known(0.9999, 10_000),
        max: ms(histogram.max()),
    }
}

/// A quantile that needs more values than there are says nothing: the curve ends with the slowest one before it.
pub(super) fn curve(latency: &Histogram<u64>) -> Vec<(f64, f64)> {
    let last = 1.0 - 1.0 / latency.len().max(1) as f64;
    let known = CURVE.iter().filter(|quantile| **quantile < last).map(|&quantile| (quantile, ms(latency.value_at_quantile(quantile))));
    known.chain([(last, ms(latency.max()))]).collect()
}

/// Equally wide bins of the logarithm, those between the fastest and the slowest that are empty too.
pub(super) fn bins(latency: &Histogram<u64>) -> Vec<Bin> {
    let number = |us: u64| ((us.max(1) as f64).log10() * BINS + 1e-9).floor() as i32;
    let edge = |number: i32| 10_f64.powf(f64::from(number) / BINS) / 1_000.0;
    if latency.is_empty() {
        return Vec::new();
    }
    let (first, last) = (number(latency.min()), number(latency.max()));
    let mut bins: Vec<Bin> = (first..=last).map(|bin| Bin { from_ms: edge(bin), to_ms: edge(bin + 1), count: 0 }).collect();
    for step in latency.iter_recorded() {
        let place = usize::try_from(number(step.value_iterated_to()) - first).unwrap_or(0).min(bins.len() - 1);
        bins[place].count += step.count_at_value();
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values_us: impl IntoIterator<Item = u64>) -> Histogram<u64> {
        let mut histogram = Histogram::new_with_bounds(1, 1_000_000, 3).expect("bounds");
        values_us.into_iter().for_each(|us| histogram.record(us).expect("within bounds"));
        histogram
    }

    #[test]
    fn every_answer_stands_in_one_bin() {
        let bins = bins(&of([100, 101, 900, 1_000, 1_001, 50_000]));
        assert_eq!(bins.iter().map(|bin| bin.count).sum::<u64>(), 6);
        assert!((bins[0].from_ms - 0.1).abs() < 1e-9 && bins[0].count == 2);
        assert!(bins.windows(2).all(|pair| (pair[0].to_ms - pair[1].from_ms).abs() < 1e-9), "no gaps");
        assert_eq!(bins.iter().find(|bin| (bin.from_ms - 1.0).abs() < 1e-9).map(|bin| bin.count), Some(2));
        assert!(super::bins(&of([])).is_empty());
    }

    #[test]
    fn a_percentile_that_too_few_answers_know_is_left_out() {
        let known = |count| (quantiles(&of(1..=count)).p999.is_some(), quantiles(&of(1..=count)).p9999.is_some());
        assert_eq!([known(999), known(1_000), known(9_999), known(10_000)], [(false, false), (true, false), (true, false), (true, true)]);
        assert!(!serde_json::to_string(&quantiles(&of(1..=10))).expect("is JSON").contains("p999"));
    }
}
