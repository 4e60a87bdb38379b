//! What goes on behind the shoppers while they are served: behaviour told in batches, products and stock written, a probe that
//! measures how soon a change is seen, and the index built anew.
//!
//! Each is a load of its own with its own arrivals, from the first stage to the last. Its figures are rows of the report; they are no
//! part of the sums over shoppers, but their errors count as errors of the run.

mod documents;
mod rebuild;
mod seen;

use crate::action::{Behind, Measure};
use crate::client::{Client, Failure};
use crate::record::Sample;
use crate::run::Run;
use crate::scenario::Background;
use crate::schedule::{Arrivals, sleep_until};
use crate::shop::Shop;
use crate::truth;
use documents::Documents;
use hyper::Method;
use seen::Probe;
use serde_json::json;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Requests of one load that may be unanswered; more are not sent, and counted as `shed`.
const IN_FLIGHT_MAX: usize = 64;
/// The place where stock is written; nobody sells from there but the load itself.
const LOCATION: &str = "load";
/// The probe's own place: levels that are written behind the shoppers must not undo what it changes.
const PROBED: &str = "load-probe";

/// One load behind the shoppers, ready to begin.
#[derive(Debug)]
pub(crate) struct Load {
    asked: Background,
    work: Work,
    in_flight: AtomicUsize,
}

#[derive(Debug)]
enum Work {
    Events,
    Upserts(Documents),
    Stock,
    Seen(Probe),
    Rebuild,
}

impl Load {
    /// Learns what the load needs of the shop.
    pub(crate) async fn prepare(asked: Background, client: &Client, shop: &mut Shop, seed: u64) -> Result<Self, Failure> {
        let work = match asked.kind {
            Behind::Events => Work::Events,
            Behind::Upserts => Work::Upserts(Documents::learn(client, shop, seed).await?),
            Behind::Stock => Work::Stock,
            Behind::Seen => {
                let sku = shop.set_aside().ok_or(Failure::SoldOut)?;
                Work::Seen(Probe::prepare(client, sku, PROBED).await?)
            }
            Behind::Rebuild => Work::Rebuild,
        };
        Ok(Self { asked, work, in_flight: AtomicUsize::new(0) })
    }

    /// Sends its requests until `end` or until the run is stopped.
    pub(crate) async fn drive(self: Arc<Self>, run: Arc<Run>, start: Instant, lasts: Duration, number: u64) {
        let arrivals = Arrivals::new(self.asked.rate, self.asked.rate, 0.0, lasts.as_secs_f64(), run.random(number, 4));
        let runtime = tokio::runtime::Handle::current();
        let paced = tokio::task::spawn_blocking(move || {
            for (index, at) in arrivals.enumerate() {
                let intended = start + at;
                sleep_until(intended, || run.is_stopped());
                if run.is_stopped() {
                    return;
                }
                self.admit(&run, intended, number << 40 | index as u64, &runtime);
            }
        });
        if let Err(error) = paced.await {
            unreachable!("the pacing thread does not panic: {error}");
        }
    }

    /// Sends one request on its way, or counts it as shed. Probes follow one another, as two at a time would undo each other's changes, and so do
    /// builds.
    fn admit(self: &Arc<Self>, run: &Arc<Run>, intended: Instant, number: u64, runtime: &tokio::runtime::Handle) {
        let limit = if matches!(self.work, Work::Seen(_) | Work::Rebuild) { 1 } else { IN_FLIGHT_MAX };
        if self.in_flight.fetch_add(1, Ordering::Relaxed) >= limit {
            self.in_flight.fetch_sub(1, Ordering::Relaxed);
            if limit > 1 {
                self.note(run, intended, intended, Err(Failure::Shed));
            }
            return;
        }
        let (load, run) = (Arc::clone(self), Arc::clone(run));
        runtime.spawn(async move {
            load.send(&run, intended, number).await;
            load.in_flight.fetch_sub(1, Ordering::Relaxed);
        });
    }

    async fn send(&self, run: &Run, intended: Instant, number: u64) {
        let mut random = run.random(number, 5);
        let (path, lines) = match &self.work {
            Work::Events => ("/v1/events", events(&run.shop, self.asked.batch, &mut random)),
            Work::Upserts(documents) => ("/v1/products", documents.changed(self.asked.batch, &mut random)),
            Work::Stock => ("/v1/inventory", stock(&run.shop, self.asked.batch, &mut random)),
            // How soon a change is seen counts from its answer, whenever the probe was due.
            Work::Seen(probe) => match probe.change(&run.client).await {
                Ok(answered) => return self.note(run, answered, answered, probe.seen(&run.client).await),
                Err(failure) => return self.note(run, intended, intended, Err(failure)),
            },
            Work::Rebuild => {
                let sent = Instant::now();
                return self.note(run, intended, sent, rebuild::rebuild(&run.client).await);
            }
        };
        let sent = Instant::now();
        let key = format!("behind-{:x}-{number}", run.name());
        let lines_count = lines.lines().count();
        let answer = run.client.lines(Method::POST, path, lines, &key).await;
        let result = answer.and_then(|bytes| truth::all_taken(&bytes, lines_count));
        self.note(run, intended, sent, result);
    }

    fn note(&self, run: &Run, intended: Instant, sent: Instant, result: Result<(), Failure>) {
        let measure = Measure::Behind(self.asked.kind);
        run.record().add(&Sample { measure, stage: 0, intended, sent, done: Instant::now(), result });
    }
}

/// Views of products, as many shoppers' pages would tell them.
fn events(shop: &Shop, count: usize, random: &mut fastrand::Rng) -> String {
    (0..count).fold(String::new(), |mut lines, _| {
        let event = json!({"type": "view", "product_id": shop.product(random), "session_id": format!("behind-{:x}", random.u32(..))});
        let _ = writeln!(lines, "{event}");
        lines
    })
}

/// Levels at a place of the load's own; always above zero, so that what shoppers may buy stays as it was.
fn stock(shop: &Shop, count: usize, random: &mut fastrand::Rng) -> String {
    (0..count).fold(String::new(), |mut lines, _| {
        if let Some(sku) = shop.sku(random) {
            let _ = writeln!(lines, "{}", json!({"sku": sku, "location": LOCATION, "set": random.u32(1..1_000)}));
        }
        lines
    })
}
