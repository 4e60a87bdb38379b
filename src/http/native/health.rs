//! Whether the shop lives, whether it is ready, and its numbers.

use crate::event::Stream;
use crate::http::answer::{Answer, ok};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::pipeline::Balances;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// What Prometheus reads.
const METRICS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// The streams in the order in which [`crate::app::Shop::queued`] gives their queues.
const STREAMS: [&str; 3] = ["trade", "catalog", "activity"];

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// The process answers.
pub(in crate::http) async fn healthz() -> Answer {
    ok(&Health { status: "ok" })
}

/// Requests should be sent here.
pub(in crate::http) async fn readyz(State(context): Shared) -> Answer {
    if !context.shop.is_ready() {
        return Err(Problem::new(Kind::Stopped, "not ready"));
    }
    context.moment()?;
    ok(&Health { status: "ready" })
}

#[derive(Serialize)]
struct Stats<'a> {
    version: &'static str,
    products: usize,
    orders: usize,
    generation: Option<String>,
    queued: Queued,
    uptime_s: u64,
    /// What the last look through all balances of trade found; none before the first one has ended.
    balances: &'a Option<Balances>,
}

#[derive(Serialize)]
struct Queued {
    trade: usize,
    catalog: usize,
    activity: usize,
}

/// A few numbers for people.
pub(in crate::http) async fn stats(State(context): Shared) -> Answer {
    let readers = context.shop.readers();
    let [trade, catalog, activity] = context.shop.queued();
    ok(&Stats {
        version: env!("CARGO_PKG_VERSION"),
        products: readers.catalog().products_count(),
        orders: readers.trade().orders_count(),
        generation: readers.moment().and_then(|moment| moment.index.generation).map(|generation| generation.to_string()),
        queued: Queued { trade, catalog, activity },
        uptime_s: context.started.elapsed().as_secs(),
        balances: &readers.balances(),
    })
}

/// All numbers for Prometheus.
pub(in crate::http) async fn metrics(State(context): Shared) -> Response {
    measure(&context);
    ([(CONTENT_TYPE, HeaderValue::from_static(METRICS_TEXT))], context.metrics.render()).into_response()
}

/// Numbers that are read when they are asked for, not kept up to date.
fn measure(context: &Context) {
    let readers = context.shop.readers();
    for (stream, queued) in STREAMS.into_iter().zip(context.shop.queued()) {
        ::metrics::gauge!("shopkeeper_queue_length", "stream" => stream).set(queued as f64);
    }
    for stream in [Stream::Trade, Stream::Catalog] {
        let lag = readers.unshown(stream).unwrap_or_default();
        ::metrics::gauge!("shopkeeper_journal_lag_entries", "stream" => stream.name()).set(lag as f64);
    }
    ::metrics::gauge!("shopkeeper_products").set(readers.catalog().products_count() as f64);
    ::metrics::gauge!("shopkeeper_orders").set(readers.trade().orders_count() as f64);
    if let Some(age_ms) = readers.trade().remembers_for_ms() {
        ::metrics::gauge!("shopkeeper_keys_kept_seconds").set(age_ms as f64 / 1_000.0);
    }
    context.work.measure();
    if let Some(bytes) = crate::stdx::resident::bytes() {
        ::metrics::gauge!("shopkeeper_resident_bytes").set(bytes as f64);
    }
    ::metrics::gauge!("shopkeeper_uptime_seconds").set(context.started.elapsed().as_secs_f64());
}
