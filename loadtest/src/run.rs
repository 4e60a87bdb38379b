//! Driving a scenario: stage after stage, arrivals on their own clock or shoppers one action after another.

use crate::action::{Kind, Measure};
use crate::behind::Load;
use crate::client::{Client, Failure};
use crate::flow::thought;
use crate::gauges::Gauges;
use crate::record::{Record, Sample};
use crate::scenario::{Action, Scenario, Stage};
use crate::schedule::{Arrivals, sleep_until};
use crate::shop::Shop;
use crate::slow::Slow;
use crate::stock::Stock;
use crate::verify::{Placed, Sale, Tried};
use crate::visit::Visit;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Requests of the longest visit, each with its own deadline: nothing is unanswered for longer.
const REQUESTS_MAX: u32 = 24;
/// A session thinks for so many means at most: nine pauses, few of them long.
const PAUSES_MAX: f64 = 12.0;
/// Confirmed orders that are remembered.
const ORDERS_MAX: usize = 1_000_000;
/// A closed-loop shopper who found no connection waits this long before the next try.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// A run and everything that its visits share.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) scenario: Scenario,
    pub(crate) shop: Shop,
    pub(crate) client: Client,
    /// The flash sale, if there is one.
    pub(crate) sale: Option<Sale>,
    /// What goes on behind the shoppers.
    behind: Vec<Arc<Load>>,
    /// What the server says about itself meanwhile.
    pub(crate) gauges: Gauges,
    /// What was seen of its stock meanwhile.
    pub(crate) stock: Stock,
    /// Those who hold connections beside the load.
    pub(crate) slow: Arc<Slow>,
    /// Orders that were confirmed, up to a limit.
    orders: Mutex<Vec<Placed>>,
    /// How many were confirmed, and of how many nobody knows; of the whole run, warm-up included.
    confirmed: AtomicU64,
    unknown: AtomicU64,
    record: Mutex<Record>,
    in_flight: AtomicUsize,
    stage: AtomicUsize,
    stopped: AtomicBool,
    /// Cumulative weights of the actions.
    weights: Vec<f64>,
    /// Different in every run, unlike the seed.
    name: u64,
    visits: AtomicU64,
}

impl Run {
    pub(crate) fn new(scenario: Scenario, shop: Shop, client: Client, sale: Option<Sale>, behind: Vec<Load>) -> Arc<Self> {
        let mut sum = 0.0;
        let weights = scenario.actions.iter().map(|action| {
            sum += action.weight;
            sum
        });
        let weights = weights.collect();
        let record = Record::new(Instant::now(), Duration::from_secs_f64(scenario.warm_up_s), scenario.stages.len(), scenario.duration_s());
        Arc::new(Self {
            scenario,
            shop,
            client,
            sale,
            behind: behind.into_iter().map(Arc::new).collect(),
            gauges: Gauges::default(),
            stock: Stock::default(),
            slow: Arc::default(),
            orders: Mutex::default(),
            confirmed: AtomicU64::new(0),
            unknown: AtomicU64::new(0),
            record: Mutex::new(record),
            in_flight: AtomicUsize::new(0),
            stage: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            weights,
            name: fastrand::u64(..),
            visits: AtomicU64::new(0),
        })
    }

    /// What was measured so far.
    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Orders that were confirmed.
    pub(crate) fn orders(&self) -> Vec<Placed> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What became of all orders that were tried.
    pub(crate) fn tried(&self) -> Tried {
        let sold_out = self.record().total().failures.of_kind(Failure::SOLD_OUT);
        Tried { placed: self.confirmed.load(Ordering::Relaxed), unknown: self.unknown.load(Ordering::Relaxed), sold_out }
    }

    /// Unanswered visits.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// The stage that runs.
    pub(crate) fn stage(&self) -> usize {
        self.stage.load(Ordering::Relaxed)
    }

    /// Different in every run.
    pub(crate) fn name(&self) -> u64 {
        self.name
    }

    /// Ends the run early; what was measured is reported.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it was ended early.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Runs all stages, waits for the last answers, and says how long there was load.
    pub(crate) async fn drive(self: Arc<Self>) -> Duration {
        let mut start = Instant::now();
        self.record().started = start;
        let began = start;
        let behind = self.begin_behind(start);
        let mut rate_before = 0.0;
        for (index, stage) in self.scenario.stages.iter().enumerate() {
            self.stage.store(index, Ordering::Relaxed);
            let end = start + Duration::from_secs_f64(stage.duration_s);
            match (stage.rate, stage.concurrency) {
                (Some(rate), _) => Arc::clone(&self).arrive(index, *stage, rate_before, rate, start).await,
                (None, shoppers) => Arc::clone(&self).saturate(index, shoppers.unwrap_or(1), end).await,
            }
            self.record().ended.push(Instant::now());
            rate_before = stage.rate.unwrap_or(0.0);
            if self.is_stopped() {
                break;
            }
            // A stage with a rate ends on time; closed-loop shoppers finish what they began.
            start = end.max(Instant::now());
        }
        let loaded = began.elapsed();
        behind.join_all().await;
        self.drain().await;
        loaded
    }

    fn begin_behind(self: &Arc<Self>, start: Instant) -> tokio::task::JoinSet<()> {
        let lasts = Duration::from_secs_f64(self.scenario.duration_s());
        let loads = self.behind.iter().enumerate();
        loads.map(|(number, load)| Arc::clone(load).drive(Arc::clone(self), start, lasts, number as u64)).collect()
    }

    /// Open loop: a thread of its own keeps the time, because a runtime's timers are only good to a millisecond.
    async fn arrive(self: Arc<Self>, index: usize, stage: Stage, from: f64, to: f64, start: Instant) {
        let random = self.random(index as u64, 1);
        let arrivals = Arrivals::new(if stage.ramp_s > 0.0 { from } else { to }, to, stage.ramp_s, stage.duration_s, random);
        let runtime = tokio::runtime::Handle::current();
        let run = Arc::clone(&self);
        let paced = tokio::task::spawn_blocking(move || {
            for at in arrivals {
                let intended = start + at;
                sleep_until(intended, || run.is_stopped());
                if run.is_stopped() {
                    return;
                }
                run.admit(index, intended, &runtime);
            }
            sleep_until(start + Duration::from_secs_f64(stage.duration_s), || run.is_stopped());
        });
        if let Err(error) = paced.await {
            unreachable!("the pacing thread does not panic: {error}");
        }
    }

    /// Sends a visit on its way, or counts it as shed when too many are unanswered.
    fn admit(self: &Arc<Self>, stage: usize, intended: Instant, runtime: &tokio::runtime::Handle) {
        if self.in_flight.fetch_add(1, Ordering::Relaxed) >= self.scenario.in_flight_max {
            self.in_flight.fetch_sub(1, Ordering::Relaxed);
            let (action, _) = self.next_visit();
            let measure = Measure::Action(self.scenario.actions[action].kind);
            self.record().add(&Sample { measure, stage, intended, sent: intended, done: intended, result: Err(Failure::Shed) });
            return;
        }
        let run = Arc::clone(self);
        runtime.spawn(async move {
            run.visit(stage, Some(intended)).await;
            run.in_flight.fetch_sub(1, Ordering::Relaxed);
        });
    }

    /// Closed loop: each shopper starts again when served.
    async fn saturate(self: Arc<Self>, index: usize, shoppers: usize, end: Instant) {
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..shoppers {
            let run = Arc::clone(&self);
            workers.spawn(async move {
                while Instant::now() < end && !run.is_stopped() {
                    run.in_flight.fetch_add(1, Ordering::Relaxed);
                    let pause = run.visit(index, None).await;
                    run.in_flight.fetch_sub(1, Ordering::Relaxed);
                    if !pause.is_zero() {
                        let left = end.saturating_duration_since(Instant::now());
                        tokio::time::sleep(pause.min(left)).await;
                    }
                }
            });
        }
        workers.join_all().await;
    }

    /// One action from choice to record; gives the pause before the same shopper's next one.
    async fn visit(&self, stage: usize, intended: Option<Instant>) -> Duration {
        let (action, number) = self.next_visit();
        let action: &Action = &self.scenario.actions[action];
        let name = format!("load-{:x}-{number}", self.name);
        let mut visit = Visit {
            client: &self.client,
            shop: &self.shop,
            random: self.random(number, 2),
            name,
            stage,
            wanted: self.sale.as_ref().map(|sale| sale.sku.as_str()),
            samples: Vec::new(),
            orders: Vec::new(),
            is_in_doubt: false,
            thought: Duration::ZERO,
        };
        let sent = Instant::now();
        let result = visit.perform(action).await;
        let done = Instant::now().checked_sub(visit.thought).unwrap_or(sent);
        self.keep(std::mem::take(&mut visit.orders));
        self.unknown.fetch_add(u64::from(visit.is_in_doubt), Ordering::Relaxed);
        let pause = match (&result, action.kind) {
            (Err(Failure::Connect(_)), _) => RETRY_PAUSE,
            // A session's pauses lie within it.
            (_, Kind::Session) => Duration::ZERO,
            _ => thought(action.think_s, &mut visit.random),
        };
        let mut record = self.record();
        visit.samples.iter().for_each(|sample| record.add(sample));
        let measure = Measure::Action(action.kind);
        record.add(&Sample { measure, stage, intended: intended.unwrap_or(sent), sent, done, result });
        pause
    }

    fn keep(&self, confirmed: Vec<Placed>) {
        self.confirmed.fetch_add(confirmed.len() as u64, Ordering::Relaxed);
        if !confirmed.is_empty() {
            let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
            let room = ORDERS_MAX.saturating_sub(orders.len());
            orders.extend(confirmed.into_iter().take(room));
        }
    }

    /// Index of the action to do, and the visit's number.
    fn next_visit(&self) -> (usize, u64) {
        let number = self.visits.fetch_add(1, Ordering::Relaxed);
        (choose(&self.weights, &mut self.random(number, 3)), number)
    }

    /// Randomness of its own for each purpose and number, so that the order in which threads ask does not matter.
    pub(crate) fn random(&self, number: u64, purpose: u64) -> fastrand::Rng {
        // The golden ratio's bits spread neighbouring numbers over all seeds.
        let spread = number.wrapping_mul(8).wrapping_add(purpose).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        fastrand::Rng::with_seed(self.scenario.seed ^ spread)
    }

    async fn drain(&self) {
        let pauses_s = self.scenario.actions.iter().map(|action| action.think_s).fold(0.0, f64::max) * PAUSES_MAX;
        let requests = Duration::from_millis(self.scenario.timeout_ms) * (REQUESTS_MAX + 1);
        let deadline = Instant::now() + requests + Duration::from_secs_f64(pauses_s);
        while self.in_flight() > 0 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// The index whose share of the cumulative weights holds a random point.
fn choose(weights: &[f64], random: &mut fastrand::Rng) -> usize {
    let sum = weights.last().copied().unwrap_or_default();
    let point = random.f64() * sum;
    weights.partition_point(|&weight| weight <= point).min(weights.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_chosen_by_weight() {
        let mut random = fastrand::Rng::with_seed(4);
        let mut counts = [0; 4];
        (0..10_000).for_each(|_| counts[choose(&[1.0, 1.0, 4.0, 5.0], &mut random)] += 1);
        assert_eq!(counts[1], 0, "a weight of zero is never chosen");
        assert!(
            (1_800..2_200).contains(&counts[0]) && (5_700..6_300).contains(&counts[2]) && (1_800..2_200).contains(&counts[3]),
            "{counts:?}"
        );
    }
}
