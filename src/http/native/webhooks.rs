//! `/v1/webhooks`: who is told what happens, and how that goes.

use super::changes::{kinds_of, streams_of};
use super::search::limit_of;
use crate::app::Shop;
use crate::connect::changes::{ChangeId, STREAMS};
use crate::connect::outbox::Status;
use crate::connect::webhooks::{
    Attempt, DELIVERIES_KEPT, DESCRIPTION_BYTES_MAX, Endpoint, Keyed, Outcome, Settings, Webhooks, WebhooksError,
};
use crate::event::Stream;
use crate::http::access::Caller;
use crate::http::answer::{Answer, created, moment, ok, with};
use crate::http::blocking::blocking;
use crate::http::body::{self, JsonBytes};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::keys::{Key, keyed, keyed_if_given};
use crate::http::limits::JSON_BYTES_MAX;
use crate::http::named::{work_once, work_until_done};
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::ucp::is_profile;
use crate::stdx::digest::hex;
use axum::extract::{RawQuery, Request, State};
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::{Router, routing};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Attempts that an answer lists when the request does not say.
const DELIVERIES_DEFAULT: usize = 50;
/// Test messages under way at once: each may wait as long as an endpoint lets it.
const TESTS_MAX: usize = 4;

static TESTING: Semaphore = Semaphore::const_new(TESTS_MAX);

#[derive(Serialize)]
struct EndpointView<'a> {
    id: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    streams: Vec<&'static str>,
    kinds: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<&'a str>,
    /// `enabled`, `disabled`, or `ended` when it was switched off by itself.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_reason: Option<&'a str>,
    version: u64,
    created_at: String,
    updated_at: String,
    /// Shown when it is made, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outbox: Option<OutboxView>,
}

#[derive(Serialize)]
struct OutboxView {
    after: String,
    lag_entries: u64,
    delivered: u64,
    failures: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<String>,
}

#[derive(Serialize)]
struct ListView<'a> {
    webhooks: Vec<EndpointView<'a>>,
}

#[derive(Serialize)]
struct AttemptView<'a> {
    id: &'a str,
    r#type: &'a str,
    at: String,
    took_ms: u64,
    is_success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct DeliveriesView<'a> {
    deliveries: Vec<AttemptView<'a>>,
}

/// The body of `POST /v1/webhooks`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateBody {
    url: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    streams: Vec<String>,
    #[serde(default)]
    kinds: Vec<String>,
    /// The platform that is told of its orders, by the address of its profile.
    platform: Option<String>,
    /// From where it is told: a cursor of `/v1/changes`, `start`, or `end` (default).
    after: Option<String>,
}

/// The body of `PATCH /v1/webhooks/{id}`: what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PatchBody {
    url: Option<String>,
    description: Option<String>,
    kinds: Option<Vec<String>>,
    is_enabled: Option<bool>,
}

/// The body of `POST /v1/webhooks/{id}/redeliver`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RedeliverBody {
    id: String,
}

fn view<'a>(endpoint: &'a Endpoint, status: Option<&'a Status>) -> EndpointView<'a> {
    let Endpoint { id, settings, version, created_at, updated_at, .. } = endpoint;
    let ended_reason = status.and_then(|status| status.ended.as_deref());
    EndpointView {
        id,
        url: &settings.url,
        description: &settings.description,
        streams: settings.streams.iter().map(|stream| stream.name()).collect(),
        kinds: settings.kinds.iter().map(String::as_str).collect(),
        platform: settings.platform.as_deref(),
        status: match (settings.is_enabled, ended_reason) {
            (false, _) => "disabled",
            (true, Some(_)) => "ended",
            (true, None) => "enabled",
        },
        ended_reason,
        version: *version,
        created_at: moment(*created_at),
        updated_at: moment(*updated_at),
        secret: None,
        outbox: status.map(|status| OutboxView {
            after: status.after.clone(),
            lag_entries: status.lag_entries,
            delivered: status.delivered_count,
            failures: status.failures_count,
            next_attempt_at: status.next_attempt_at.map(moment),
        }),
    }
}

fn attempt(attempt: &Attempt) -> AttemptView<'_> {
    let (status, error) = match &attempt.outcome {
        Outcome::Answered(status) => (Some(*status), None),
        Outcome::Failed(error) => (None, Some(error.as_str())),
    };
    let is_success = attempt.outcome.is_success();
    AttemptView { id: &attempt.id, r#type: &attempt.kind, at: moment(attempt.at), took_ms: attempt.took_ms, is_success, status, error }
}

fn tag(endpoint: &Endpoint) -> String {
    format!("\"{}\"", endpoint.version)
}

/// What `If-Match` asks for; none when it is not there or `*`: what there is not is refused anyway.
fn expected(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(text) = headers.get(IF_MATCH).and_then(|tag| tag.to_str().ok()).map(str::trim).filter(|text| *text != "*") else {
        return Ok(None);
    };
    let version = text.trim_matches('"').parse();
    version.map(Some).map_err(|_| Problem::of_field(Kind::PreconditionFailed, "if-match", "take the etag of the endpoint, as in \"3\""))
}

fn desk(shop: &Shop) -> Result<&Webhooks, WebhooksError> {
    shop.webhooks().ok_or(WebhooksError::Disabled)
}

/// Asks the desk on a thread that may wait for the disk.
async fn ask<T: Send + 'static>(
    context: &Arc<Context>,
    ask: impl FnOnce(&Webhooks) -> Result<T, WebhooksError> + Send + 'static,
) -> Result<T, Problem> {
    let context = Arc::clone(context);
    blocking(move || desk(&context.shop).and_then(ask)).await?.map_err(|error| problem_of(&error))
}

fn problem_of(error: &WebhooksError) -> Problem {
    match error {
        WebhooksError::Io(_) | WebhooksError::Position(_) | WebhooksError::Randomness(_) => Problem::internal(error),
        WebhooksError::Address(_) => Problem::invalid("url", error.to_string()),
        WebhooksError::Cursor(_) => Problem::invalid("after", error.to_string()),
        WebhooksError::Full => Problem::new(Kind::WrongStatus, error.to_string()),
        WebhooksError::Unknown(_) => Problem::new(Kind::UnknownId, error.to_string()),
        WebhooksError::KeyReused => Problem::of_field(Kind::KeyReused, "idempotency-key", error.to_string()),
        WebhooksError::Version(_) => Problem::of_field(Kind::PreconditionFailed, "if-match", error.to_string()),
        WebhooksError::Disabled => Problem::new(Kind::WrongStatus, error.to_string()),
        WebhooksError::Busy => Problem::new(Kind::Busy, error.to_string()),
    }
}

fn described(text: String) -> Result<String, Problem> {
    if text.len() > DESCRIPTION_BYTES_MAX || text.chars().any(char::is_control) {
        return Err(Problem::invalid("description", format!("at most {DESCRIPTION_BYTES_MAX} bytes without control characters")));
    }
    crate::payment::card_guard("description", &text).map_err(|_| Problem::invalid("description", "must not contain a card number"))?;
    Ok(text)
}

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/webhooks", routing::get(list).post(post))
        .route("/v1/webhooks/{id}", routing::get(get).patch(patch).delete(delete))
        .route("/v1/webhooks/{id}/rotate-secret", routing::post(rotate))
        .route("/v1/webhooks/{id}/test", routing::post(test))
        .route("/v1/webhooks/{id}/deliveries", routing::get(deliveries))
        .route("/v1/webhooks/{id}/redeliver", routing::post(redeliver))
}

async fn post(State(context): Shared, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let keyed = key_of(&headers, "webhook.create", "", &bytes)?;
    if headers.contains_key(IF_MATCH) {
        return Err(Problem::of_field(Kind::PreconditionFailed, "if-match", "it does not exist: a new endpoint has no version yet"));
    }
    let CreateBody { url, description, streams, kinds, platform, after } = body::parse(&bytes)?;
    let (streams, description) = (streams_of(streams)?, described(description)?);
    if platform.as_deref().is_some_and(|profile| !is_profile(profile)) {
        return Err(Problem::invalid("platform", "must be the address of a profile, beginning with https://"));
    }
    check_platform(platform.as_deref())?;
    // Orders stand in one stream, whatever else was asked for.
    let streams = if platform.is_some() { vec![Stream::Trade] } else { streams };
    let kinds = kinds_of(kinds, &streams)?;
    let settings = Settings { url, description, streams, kinds, is_enabled: true, platform };
    let id = context.shop.new_name("whe");
    let after = after.unwrap_or_else(|| "end".to_owned());
    let endpoint = ask(&context, move |desk| desk.create(&id, settings, &after, keyed)).await?;
    let view = EndpointView { secret: Some(endpoint.secret.text()), ..view(&endpoint, None) };
    Ok(with(created(&format!("/v1/webhooks/{}", endpoint.id), &view)?, ETAG, &tag(&endpoint)))
}

/// A platform is told of its orders whole, with who they go to: whoever says where that is sent may know it.
fn check_platform(platform: Option<&str>) -> Result<(), Problem> {
    platform.map_or(Ok(()), |_| Caller::current().check_knows_people("platform"))
}

fn key_of(headers: &HeaderMap, operation: &str, subject: &str, bytes: &[u8]) -> Result<Keyed, Problem> {
    keyed(headers, operation, subject, bytes).map(kept_of)
}

async fn list(State(context): Shared) -> Answer {
    let known = ask(&context, |desk| Ok(desk.list())).await?;
    ok(&ListView { webhooks: known.iter().map(|(endpoint, status)| view(endpoint, Some(status))).collect() })
}

async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let (endpoint, status) = ask(&context, move |desk| desk.get(&id)).await?;
    Ok(with(ok(&view(&endpoint, Some(&status)))?, ETAG, &tag(&endpoint)))
}

/// The same of writes that may go without a key.
fn key_if_given(headers: &HeaderMap, operation: &str, subject: &str, bytes: &[u8]) -> Result<Option<Keyed>, Problem> {
    keyed_if_given(headers, operation, subject, bytes).map(|key| key.map(kept_of))
}

fn kept_of(key: Key) -> Keyed {
    Keyed { key: key.name.to_string(), digest: hex(&key.digest) }
}

async fn patch(State(context): Shared, Path(id): Path, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let (expected, keyed) = (expected(&headers)?, key_if_given(&headers, "webhook.change", &id, &bytes)?);
    let PatchBody { url, description, kinds, is_enabled } = body::parse(&bytes)?;
    let description = description.map(described).transpose()?;
    let asked = id.clone();
    let (before, _) = ask(&context, move |desk| desk.get(&asked)).await?;
    check_platform(before.settings.platform.as_deref())?;
    let kinds = kinds.map(|kinds| kinds_of(kinds, &before.settings.streams)).transpose()?;
    let settings = Settings {
        url: url.unwrap_or(before.settings.url),
        description: description.unwrap_or(before.settings.description),
        streams: before.settings.streams,
        kinds: kinds.unwrap_or(before.settings.kinds),
        is_enabled: is_enabled.unwrap_or(before.settings.is_enabled),
        platform: before.settings.platform,
    };
    // What was read above is what is changed: another change in between is not overwritten.
    let version = expected.unwrap_or(before.version);
    let endpoint = ask(&context, move |desk| desk.change(&id, Some(version), settings, keyed)).await?;
    Ok(with(ok(&view(&endpoint, None))?, ETAG, &tag(&endpoint)))
}

async fn delete(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    let (expected, keyed) = (expected(&headers)?, key_if_given(&headers, "webhook.delete", &id, b"")?);
    ask(&context, move |desk| desk.remove(&id, expected, keyed)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn rotate(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let (head, body) = request.into_parts();
    let bytes = body::read(&head.headers, body, JSON_BYTES_MAX).await?;
    let keyed = key_of(&head.headers, "webhook.rotate", &id, &bytes)?;
    let expected = expected(&head.headers)?;
    let endpoint = ask(&context, move |desk| desk.rotate(&id, expected, keyed)).await?;
    let view = EndpointView { secret: Some(endpoint.secret.text()), ..view(&endpoint, None) };
    Ok(with(ok(&view)?, ETAG, &tag(&endpoint)))
}

/// Sends a message that says nothing and answers what came of it; the endpoint's own answer is the answer, whatever it is.
async fn test(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    let work = send_test(Arc::clone(&context), id.clone());
    work_once(context, &headers, ("webhook.test", &id, b""), StatusCode::OK, work).await
}

async fn send_test(context: Arc<Context>, id: String) -> Result<Value, Problem> {
    let _permit = TESTING.try_acquire().map_err(|_| Problem::new(Kind::Busy, "too many test messages are under way"))?;
    let trial = ask(&context, move |desk| desk.trial(&id)).await?;
    let made = trial.sent(context.shop.new_name("test")).await;
    serde_json::to_value(attempt(&made)).map_err(|error| Problem::internal(&error))
}

async fn deliveries(State(context): Shared, Path(id): Path, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let limit = limit_of(params.parsed("limit")?, DELIVERIES_DEFAULT, DELIVERIES_KEPT)?;
    params.finish()?;
    let made = ask(&context, move |desk| desk.deliveries(&id, limit)).await?;
    ok(&DeliveriesView { deliveries: made.iter().map(attempt).collect() })
}

async fn redeliver(State(context): Shared, Path(id): Path, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let RedeliverBody { id: change } = body::parse(&bytes)?;
    let change: ChangeId = change.parse().map_err(|_| Problem::invalid("id", "take the id of a change, as in trade/123/0"))?;
    let end = context.shop.readers().feed().bounds(change.stream()).unwrap_or_default().1;
    if !STREAMS.contains(&change.stream()) || change.place().offset >= end {
        return Err(Problem::invalid("id", "there is no such change"));
    }
    let (asked, endpoint) = (Arc::clone(&context), id.clone());
    let work = async move { ask(&asked, move |desk| desk.repeat(&endpoint, change)).await };
    work_until_done(context, &headers, ("webhook.redeliver", &id, &bytes), StatusCode::ACCEPTED, work).await
}
