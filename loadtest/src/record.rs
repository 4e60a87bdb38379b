//! What happened: histograms per action, errors by kind, and a timeline.

use crate::action::Measure;
use crate::client::Failure;
use hdrhistogram::Histogram;
use std::time::{Duration, Instant};

/// Latencies are kept in microseconds from 1 µs to two minutes with three digits.
const LATENCY_MAX_US: u64 = 120_000_000;
/// The timeline has at most this many points, so that a long run costs no more memory than a short one.
const POINTS_MAX: f64 = 600.0;

/// One measured thing.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) measure: Measure,
    /// Index of the stage.
    pub(crate) stage: usize,
    /// When it should have begun.
    pub(crate) intended: Instant,
    /// When it began.
    pub(crate) sent: Instant,
    pub(crate) done: Instant,
    pub(crate) result: Result<(), Failure>,
}

impl Sample {
    /// What the shopper waited: from the intended arrival, so that waiting for the generator or for a slow server counts.
    fn latency_us(&self) -> u64 {
        micros(self.done.saturating_duration_since(self.intended))
    }

    /// What the server took, once asked.
    fn service_us(&self) -> u64 {
        micros(self.done.saturating_duration_since(self.sent))
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).clamp(1, LATENCY_MAX_US)
}

/// An empty histogram of microseconds with that many digits.
fn histogram(digits: u8) -> Histogram<u64> {
    match Histogram::new_with_bounds(1, LATENCY_MAX_US, digits) {
        Ok(histogram) => histogram,
        Err(error) => unreachable!("the bounds are constants: {error}"),
    }
}

/// Counts of failures, one for each kind, and the first message of each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failures(pub(crate) Vec<(&'static str, u64, String)>);

impl Failures {
    fn add(&mut self, failure: &Failure) {
        match self.0.iter_mut().find(|(kind, ..)| *kind == failure.kind()) {
            Some((_, count, _)) => *count += 1,
            None => self.0.push((failure.kind(), 1, failure.to_string())),
        }
    }

    /// Errors: what the shop or the generator failed to do. Being sold out is an answer.
    pub(crate) fn errors(&self) -> u64 {
        self.0.iter().filter(|(kind, ..)| *kind != Failure::SOLD_OUT).map(|(_, count, _)| count).sum()
    }

    /// How many of one kind.
    pub(crate) fn of_kind(&self, kind: &str) -> u64 {
        self.0.iter().filter(|(own, ..)| *own == kind).map(|(_, count, _)| count).sum()
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (kind, count, example) in &other.0 {
            match self.0.iter_mut().find(|(own, ..)| own == kind) {
                Some((_, own, _)) => *own += count,
                None => self.0.push((kind, *count, example.clone())),
            }
        }
    }
}

/// Figures of one measure.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// From the intended arrival, answered ones only.
    pub(crate) latency: Histogram<u64>,
    /// From sending.
    pub(crate) service: Histogram<u64>,
    pub(crate) failures: Failures,
}

impl Row {
    pub(crate) fn new() -> Self {
        Self { latency: histogram(3), service: histogram(3), failures: Failures::default() }
    }

    fn add(&mut self, sample: &Sample) {
        match &sample.result {
            Ok(()) => {
                self.latency.saturating_record(sample.latency_us());
                self.service.saturating_record(sample.service_us());
            }
            Err(failure) => self.failures.add(failure),
        }
    }

    /// All of another row's figures added to this one's.
    pub(crate) fn merge(&mut self, other: &Self) {
        let merged = self.latency.add(&other.latency).and_then(|()| self.service.add(&other.service));
        assert!(merged.is_ok(), "all histograms have the same bounds");
        self.failures.merge(&other.failures);
    }

    /// Everything that was tried.
    pub(crate) fn tried(&self) -> u64 {
        self.latency.len() + self.failures.0.iter().map(|(_, count, _)| count).sum::<u64>()
    }
}

/// One point of the timeline.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) latency: Histogram<u64>,
    pub(crate) errors: u64,
}

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) started: Instant,
    warm_up: Duration,
    /// One for each measure.
    pub(crate) rows: Vec<Row>,
    /// Whole actions of each stage, without warm-up.
    pub(crate) stages: Vec<Row>,
    /// Width of a point of the timeline.
    pub(crate) point: Duration,
    /// Whole actions by the time of their intended arrival, warm-up included.
    pub(crate) timeline: Vec<Point>,
    /// Actions that fell into the warm-up.
    pub(crate) warm_up_count: u64,
}

impl Record {
    pub(crate) fn new(started: Instant, warm_up: Duration, stages_count: usize, duration_s: f64) -> Self {
        let point = Duration::from_secs_f64((duration_s / POINTS_MAX).ceil().max(1.0));
        Self {
            started,
            warm_up,
            rows: vec![Row::new(); Measure::ALL.len()],
            stages: vec![Row::new(); stages_count],
            point,
            timeline: Vec::new(),
            warm_up_count: 0,
        }
    }

    pub(crate) fn add(&mut self, sample: &Sample) {
        let since_start = sample.intended.saturating_duration_since(self.started);
        if sample.measure.is_action() {
            self.add_to_timeline(sample, since_start);
        }
        if since_start < self.warm_up {
            self.warm_up_count += u64::from(sample.measure.is_action());
            return;
        }
        self.rows[sample.measure.index()].add(sample);
        if sample.measure.is_action() {
            self.stages[sample.stage].add(sample);
        }
    }

    fn add_to_timeline(&mut self, sample: &Sample, since_start: Duration) {
        let index = (since_start.as_secs_f64() / self.point.as_secs_f64()) as usize;
        while self.timeline.len() <= index.min(POINTS_MAX as usize) {
            self.timeline.push(Point { latency: histogram(2), errors: 0 });
        }
        let last = self.timeline.len() - 1;
        let point = &mut self.timeline[index.min(last)];
        match &sample.result {
            Ok(()) => point.latency.saturating_record(sample.latency_us()),
            Err(failure) => point.errors += u64::from(failure.kind() != Failure::SOLD_OUT),
        }
    }

    /// Everything behind the shoppers together.
    pub(crate) fn behind(&self) -> Row {
        self.sum(|measure| matches!(measure, Measure::Behind(_)))
    }

    /// All whole actions together.
    pub(crate) fn total(&self) -> Row {
        self.sum(Measure::is_action)
    }

    fn sum(&self, is_meant: impl Fn(Measure) -> bool) -> Row {
        let mut sum = Row::new();
        let meant = Measure::ALL.iter().filter(|measure| is_meant(**measure));
        meant.for_each(|measure| sum.merge(&self.rows[measure.index()]));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Kind;

    fn sample(started: Instant, intended_ms: u64, sent_ms: u64, done_ms: u64) -> Sample {
        let at = |ms| started + Duration::from_millis(ms);
        let measure = Measure::Action(Kind::Search);
        Sample { measure, stage: 0, intended: at(intended_ms), sent: at(sent_ms), done: at(done_ms), result: Ok(()) }
    }

    /// A server that answers one request after another in 1 ms, but stands still from 1,000 to 2,000 ms. Requests are due every 10 ms for 4 s.
    #[test]
    fn a_server_that_stands_still_is_seen_by_everyone_who_came_meanwhile() {
        let started = Instant::now();
        let mut record = Record::new(started, Duration::ZERO, 1, 4.0);
        let mut free_at = 0;
        for due in (0..4_000).step_by(10) {
            let mut begin = free_at.max(due);
            if (1_000..2_000).contains(&begin) {
                begin = 2_000;
            }
            free_at = begin + 1;
            // The generator itself could only send when the server took the request: the latency must not depend on it.
            record.add(&sample(started, due, begin, free_at));
        }
        let row = &record.rows[Measure::Action(Kind::Search).index()];
        let at = |quantile| row.latency.value_at_quantile(quantile) / 1_000;
        assert_eq!(row.tried(), 400);
        // 100 of 400 came while it stood still and waited half a second on average; measured from sending, nobody did.
        assert!((850..=1_001).contains(&at(0.99)), "p99 {} ms", at(0.99));
        assert!((350..=650).contains(&at(0.875)), "p87.5 {} ms", at(0.875));
        assert!(row.service.max() < 2_000, "from sending: {} µs", row.service.max());
    }

    #[test]
    fn the_warm_up_is_left_out_of_the_result_but_not_of_the_timeline() {
        let started = Instant::now();
        let mut record = Record::new(started, Duration::from_secs(1), 1, 3.0);
        (0..30).for_each(|index| record.add(&sample(started, index * 100, index * 100, index * 100 + 5)));
        assert_eq!((record.total().tried(), record.warm_up_count, record.timeline.len()), (20, 10, 3));
    }

    #[test]
    fn failures_are_counted_by_kind_and_sold_out_is_no_error() {
        let started = Instant::now();
        let mut record = Record::new(started, Duration::ZERO, 1, 1.0);
        let failures = [Failure::Timeout, Failure::SoldOut, Failure::Timeout, Failure::Shed];
        for failure in failures {
            record.add(&Sample { result: Err(failure), ..sample(started, 0, 0, 1) });
        }
        let total = record.total();
        assert_eq!((total.failures.errors(), total.tried(), record.timeline[0].errors), (3, 4, 3));
        assert_eq!(total.failures.0.iter().map(|(kind, count, _)| (*kind, *count)).collect::<Vec<_>>()[0], ("timeout", 2));
    }
}
