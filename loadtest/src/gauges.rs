//! What the server says about itself while it is loaded: a few of its metrics, read again and again.

use crate::client::Client;
use serde::Serialize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One reading in so long; a day's soak has fewer than 100,000.
const INTERVAL: Duration = Duration::from_secs(1);
/// Readings kept of one gauge; when there are more, every second one is let go.
const READINGS_MAX: usize = 4_096;

/// What is read: a name for people, the metric, and what its value is divided by. Metrics with labels are summed.
const WATCHED: [(&str, &str, f64); 9] = [
    ("resident memory, MiB", "shopkeeper_resident_bytes", 1_048_576.0),
    ("connections", "shopkeeper_http_connections", 1.0),
    ("requests in flight", "shopkeeper_http_requests_in_flight", 1.0),
    ("waiting for a turn", "shopkeeper_work_queue_length", 1.0),
    ("line limit", "shopkeeper_work_limit", 1.0),
    ("refused so far", "shopkeeper_requests_shed_total", 1.0),
    ("connections ended so far", "shopkeeper_http_connections_ended_total", 1.0),
    ("commands queued", "shopkeeper_queue_length", 1.0),
    ("products not in the generation", "shopkeeper_index_overlay_products", 1.0),
];

/// The names under which they are reported.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    WATCHED.iter().map(|(name, ..)| *name)
}

/// One gauge over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Gauge {
    pub(crate) name: &'static str,
    /// Seconds since the start, and the value.
    pub(crate) points: Vec<(f64, f64)>,
}

/// All readings.
#[derive(Debug, Default)]
pub(crate) struct Gauges(Mutex<Vec<Gauge>>);

impl Gauges {
    /// Reads until the task is aborted. A server without metrics, or one that is down for a while, leaves gaps.
    pub(crate) async fn watch(&self, client: &Client, started: Instant) {
        loop {
            if let Ok(bytes) = client.get("/metrics").await {
                self.add(started.elapsed().as_secs_f64(), &String::from_utf8_lossy(&bytes));
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    fn add(&self, at_s: f64, text: &str) {
        let mut gauges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, metric, divisor) in WATCHED {
            let Some(value) = sum_of(text, metric) else { continue };
            let place = gauges.iter().position(|gauge| gauge.name == name).unwrap_or_else(|| {
                gauges.push(Gauge { name, points: Vec::new() });
                gauges.len() - 1
            });
            let points = &mut gauges[place].points;
            points.push((at_s, value / divisor));
            if points.len() > READINGS_MAX {
                let mut is_kept = false;
                points.retain(|_| {
                    is_kept = !is_kept;
                    is_kept
                });
            }
        }
    }

    /// What was read so far.
    pub(crate) fn read(&self) -> Vec<Gauge> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The sum of a metric over its labels, in the text format of Prometheus.
pub(crate) fn sum_of(text: &str, metric: &str) -> Option<f64> {
    let value = |line: &str| {
        let rest = line.strip_prefix(metric)?;
        let value = match rest.strip_prefix('{') {
            Some(labelled) => labelled.rsplit_once('}')?.1,
            None => rest.strip_prefix(' ')?,
        };
        value.split_whitespace().next()?.parse::<f64>().ok()
    };
    text.lines().filter_map(value).fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
}

impl Gauge {
    /// Mean of the last quarter of the readings over that of the second: what a server that holds on to things grows by. The first quarter
    /// fills caches.
    pub(crate) fn growth(&self) -> Option<f64> {
        let quarter = self.points.len() / 4;
        let mean = |points: &[(f64, f64)]| points.iter().map(|(_, value)| value).sum::<f64>() / points.len() as f64;
        let (second, last) = (self.points.get(quarter..2 * quarter)?, self.points.get(3 * quarter..)?);
        let before = mean(second);
        (quarter > 0 && before > 0.0).then(|| mean(last) / before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP shopkeeper_resident_bytes x\nshopkeeper_resident_bytes 2097152\nshopkeeper_resident_bytes_max 9\n\
                        shopkeeper_queue_length{stream=\"trade\"} 3\nshopkeeper_queue_length{stream=\"catalog\"} 4\n";

    #[test]
    fn metrics_are_read_and_summed_over_their_labels() {
        assert_eq!(sum_of(TEXT, "shopkeeper_resident_bytes"), Some(2_097_152.0));
        assert_eq!(sum_of(TEXT, "shopkeeper_queue_length"), Some(7.0));
        assert_eq!(sum_of(TEXT, "shopkeeper_orders"), None);
        let gauges = Gauges::default();
        gauges.add(1.0, TEXT);
        gauges.add(2.0, TEXT);
        let read = gauges.read();
        assert_eq!(read[0], Gauge { name: "resident memory, MiB", points: vec![(1.0, 2.0), (2.0, 2.0)] });
    }

    #[test]
    fn a_long_run_keeps_no_more_readings_than_a_short_one() {
        let gauges = Gauges::default();
        (0..3 * READINGS_MAX).for_each(|second| gauges.add(second as f64, TEXT));
        assert!(gauges.read().iter().all(|gauge| gauge.points.len() <= READINGS_MAX && gauge.points.is_sorted()));
    }

    #[test]
    fn growth_compares_the_end_with_the_beginning_after_the_first_quarter() {
        let gauge = |values: &[f64]| Gauge { name: "", points: values.iter().map(|value| (0.0, *value)).collect() };
        assert_eq!(gauge(&[1.0, 5.0, 10.0, 10.0, 12.0, 13.0, 15.0, 15.0]).growth(), Some(1.5));
        assert_eq!(gauge(&[1.0]).growth(), None);
    }
}
