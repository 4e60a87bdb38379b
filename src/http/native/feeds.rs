//! `/v1/feeds`: the files that the shop polls, how each is, and that one is to be looked at now.

use crate::connect::feeds::{Feeds, Run, Settings, Status, Taken};
use crate::http::answer::{Answer, moment, ok};
use crate::http::body;
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::limits::JSON_BYTES_MAX;
use crate::http::named::work_once;
use crate::http::path::Path;
use crate::stdx::clock::Timestamp;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::{Router, routing};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

#[derive(Serialize)]
struct FeedView<'a> {
    name: &'a str,
    /// Without its query: passwords are found there.
    source: String,
    kind: &'static str,
    interval_s: u64,
    delists_missing: bool,
    /// `waiting`, `running`, or `failing` while the last look failed.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_run_at: Option<String>,
    /// Looks in a row that failed.
    failures: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_success_at: Option<String>,
    /// Seconds since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    lag_s: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run: Option<RunView<'a>>,
    /// What became of its rows when it last had changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_taken: Option<&'a Taken>,
}

#[derive(Serialize)]
struct RunView<'a> {
    started_at: String,
    took_ms: u64,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct FeedsView<'a> {
    feeds: Vec<FeedView<'a>>,
}

/// The body of `POST /v1/feeds/{id}/run`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RunBody {
    /// Whether its rows are taken even if it has not changed.
    again: bool,
}

fn view<'a>(settings: &'a Settings, status: &'a Status, now: Timestamp) -> FeedView<'a> {
    let Status { is_running, next_run_at, failures_count, last_success_at, last_run, last_taken } = status;
    FeedView {
        name: &settings.name,
        source: settings.source.shown(),
        kind: settings.kind.name(),
        interval_s: settings.interval.as_secs(),
        delists_missing: settings.delist_percent_max.is_some(),
        status: match (is_running, failures_count) {
            (true, _) => "running",
            (false, 0) => "waiting",
            (false, _) => "failing",
        },
        next_run_at: next_run_at.map(moment),
        failures: *failures_count,
        last_error: last_run.as_ref().and_then(|run| run.error.as_deref()),
        last_success_at: last_success_at.map(moment),
        lag_s: last_success_at.map(|at| now.since_ms(at) / 1_000),
        last_run: last_run.as_ref().map(run_view),
        last_taken: last_taken.as_ref(),
    }
}

fn run_view(run: &Run) -> RunView<'_> {
    let Run { started_at, took_ms, outcome, error } = run;
    RunView { started_at: moment(*started_at), took_ms: *took_ms, outcome: outcome.name(), error: error.as_deref() }
}

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/feeds", routing::get(list))
        .route("/v1/feeds/{id}", routing::get(get))
        .route("/v1/feeds/{id}/run", routing::post(run))
}

async fn list(State(context): Shared) -> Answer {
    let now = context.shop.now();
    let feeds: Vec<(&Settings, Status)> = context.shop.feeds().into_iter().flat_map(Feeds::list).collect();
    ok(&FeedsView { feeds: feeds.iter().map(|(settings, status)| view(settings, status, now)).collect() })
}

async fn get(State(context): Shared, Path(name): Path) -> Answer {
    let known = context.shop.feeds().and_then(|feeds| feeds.get(&name));
    let (settings, found) = known.ok_or_else(|| Problem::unknown("feed", &name))?;
    ok(&view(settings, &found, context.shop.now()))
}

/// Answers at once: a look may take as long as its server lets it.
async fn run(State(context): Shared, Path(name): Path, request: Request) -> Answer {
    let (head, body) = request.into_parts();
    let bytes = body::read(&head.headers, body, JSON_BYTES_MAX).await?;
    let RunBody { again } = if bytes.is_empty() { RunBody::default() } else { body::parse(&bytes)? };
    let work = look(Arc::clone(&context), name.clone(), again);
    work_once(context, &head.headers, ("feed.run", &name, &bytes), StatusCode::ACCEPTED, work).await
}

async fn look(context: Arc<Context>, name: String, again: bool) -> Result<Value, Problem> {
    let unknown = || Problem::unknown("feed", &name);
    let feeds = context.shop.feeds().filter(|feeds| feeds.run(&name, again)).ok_or_else(unknown)?;
    let (settings, found) = feeds.get(&name).ok_or_else(unknown)?;
    serde_json::to_value(view(settings, &found, context.shop.now())).map_err(|error| Problem::internal(&error))
}
