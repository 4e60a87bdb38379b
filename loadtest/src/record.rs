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
    /// Answered, but only after the stage (or, of a row of the whole run, the load) had ended: no part of what was answered a second.
    pub(crate) after_end: u64,
    pub(crate) failures: Failures,
}

impl Row {
    pub(crate) fn new() -> Self {
        Self { latency: histogram(3), service: histogram(3), after_end: 0, failures: Failures::default() }
    }

    fn add(&mut self, sample: &Sample, came_after: bool) {
        match &sample.result {
            Ok(()) => {
                self.after_end += u64::from(came_after);
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
        self.after_end += other.after_end;
        self.failures.merge(&other.failures);
    }

    /// Answered while the load lasted.
    pub(crate) fn in_time(&self) -> u64 {
        self.latency.len() - self.after_end
    }

    /// Everything that was tried.
    pub(crate) fn tried(&self) -> u64 {
        self.latency.len() + self.failures.0.iter().map(|(_, count, _)| count).sum::<u64>()
    }
}

/// One point of the timeline.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    /// Of those who were due then.
    pub(crate) latency: Histogram<u64>,
    /// Of those who were due then, and behind them.
    pub(crate) errors: u64,
    /// Who were due then.
    pub(crate) due: u64,
    /// Whoever was answered then: when a server stands still, others than those who were due.
    pub(crate) answered: u64,
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
    /// When each stage ended, as far as they have; the load ends with the last.
    pub(crate) ended: Vec<Instant>,
    /// How much later than due actions were sent: what the generator itself was late.
    pub(crate) sent_late: Histogram<u64>,
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
            ended: Vec::new(),
            sent_late: histogram(2),
        }
    }

    pub(crate) fn add(&mut self, sample: &Sample) {
        let since_start = sample.intended.saturating_duration_since(self.started);
        match (sample.measure, &sample.result) {
            (Measure::Action(_), _) => self.add_to_timeline(sample, since_start),
            (Measure::Behind(_), Err(_)) => self.point_at(since_start).errors += 1,
            (Measure::Step(_) | Measure::Behind(_), _) => {}
        }
        if since_start < self.warm_up {
            self.warm_up_count += u64::from(sample.measure.is_action());
            return;
        }
        // A visit's own end, without the time it thought: a visitor who thinks is no backlog.
        let came_after = |stage: usize| self.ended.get(stage).is_some_and(|ended| sample.done > *ended);
        let (after_stage, after_load) = (came_after(sample.stage), came_after(self.stages.len() - 1));
        self.rows[sample.measure.index()].add(sample, after_load);
        if sample.measure.is_action() {
            self.stages[sample.stage].add(sample, after_stage);
            if sample.sent > sample.intended {
                self.sent_late.saturating_record(micros(sample.sent.saturating_duration_since(sample.intended)));
            }
        }
    }

    fn add_to_timeline(&mut self, sample: &Sample, since_start: Duration) {
        let due = self.point_at(since_start);
        due.due += 1;
        match &sample.result {
            Ok(()) => {
                due.latency.saturating_record(sample.latency_us());
                self.point_at(sample.done.saturating_duration_since(self.started)).answered += 1;
            }
            Err(failure) => due.errors += u64::from(failure.kind() != Failure::SOLD_OUT),
        }
    }

    /// The point of a moment; the last one holds all that comes later.
    fn point_at(&mut self, since_start: Duration) -> &mut Point {
        let index = ((since_start.as_secs_f64() / self.point.as_secs_f64()) as usize).min(POINTS_MAX as usize);
        while self.timeline.len() <= index {
            self.timeline.push(Point { latency: histogram(2), errors: 0, due: 0, answered: 0 });
        }
        &mut self.timeline[index]
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

    /// The same server, and what it answers a second: nothing while it stands still, and then all of them at once.
    #[test]
    fn answers_count_for_the_second_in_which_they_come() {
        let started = Instant::now();
        let mut record = Record::new(started, Duration::ZERO, 1, 4.0);
        for due in (0..3_000).step_by(10) {
            let done = if (1_000..2_000).contains(&due) { 2_001 } else { due + 1 };
            record.add(&sample(started, due, due, done));
        }
        let told: Vec<(u64, u64)> = record.timeline.iter().map(|point| (point.due, point.answered)).collect();
        assert_eq!(told, [(100, 100), (100, 0), (100, 200)]);
    }

    #[test]
    fn what_is_answered_after_a_stage_is_no_throughput_of_it() {
        let started = Instant::now();
        let mut record = Record::new(started, Duration::ZERO, 2, 2.0);
        record.add(&sample(started, 0, 0, 1));
        record.ended.push(started + Duration::from_millis(1_000));
        record.add(&sample(started, 1, 1, 1_500));
        record.add(&sample(started, 1, 1, 900));
        assert_eq!((record.stages[0].in_time(), record.total().in_time()), (2, 3), "late for its stage, not for the run");
        record.ended.push(started + Duration::from_millis(2_000));
        record.add(&sample(started, 2, 3, 2_500));
        assert_eq!((record.total().in_time(), record.total().latency.len()), (3, 4));
        assert_eq!(record.sent_late.len(), 1, "one was sent later than due");
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
