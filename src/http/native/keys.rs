//! `/v1/keys`: access keys are made, listed, given new secrets, revoked.

use crate::access::{AccessCommand, KEY_RANDOM_BYTES, Key, KeyView, Presented, grant_of, new_secret};
use crate::event::access::Grant;
use crate::http::access::Caller;
use crate::http::answer::{Answer, json, ok};
use crate::http::body::{self, JsonBytes};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::keys::{Key as Name, keyed_if_given};
use crate::http::path::Path;
use crate::id::{Actor, KeyId, MarketplaceId, Ordinal};
use crate::search::{self, Onlooker};
use crate::stdx::clock::Timestamp;
use crate::stdx::crypto::random;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// For how long the old secret of a rotated key is good when the request does not say: a day, to change it everywhere.
const OVERLAP_S_DEFAULT: i64 = 24 * 60 * 60;
/// Who it was while nobody had to show who they are.
const ACTOR_UNKNOWN: &str = "anyone";

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/keys", get(list).post(create))
        .route("/v1/keys/{id}", get(one).delete(revoke))
        .route("/v1/keys/{id}/rotate", post(rotate))
}

#[derive(Serialize)]
struct KeysView<'a> {
    keys: Vec<KeyView<'a>>,
}

fn view<'a>(context: &Context, id: &'a KeyId, key: &'a Key, secret: Option<String>) -> KeyView<'a> {
    KeyView::of(id, key, context.shop.readers().access().used_at(id), context.shop.now(), secret)
}

fn key_id(text: &str) -> Result<KeyId, Problem> {
    KeyId::new(text).map_err(|_| Problem::unknown("key", text))
}

/// The key as it is now.
fn shown(context: &Context, id: &KeyId, status: StatusCode, secret: Option<String>) -> Answer {
    let book = context.shop.readers().access().book();
    let key = book.key(id).ok_or_else(|| Problem::unknown("key", id.as_str()))?;
    json(status, &view(context, id, key, secret))
}

/// The key and the secret that was drawn for it, or, when that did not come into force because the same was done before under the caller's
/// name for it, the key that was made then, without its secret: nobody has that but whoever read the first answer.
fn shown_once(context: &Context, asked: Option<&Name>, status: StatusCode, secret: String, presented: &Presented) -> Answer {
    let book = context.shop.readers().access().book();
    if book.good_key(presented, context.shop.now()).is_some() {
        return shown(context, &presented.key, status, Some(secret));
    }
    let about = context.done_before(asked)?.and_then(|write| write.about);
    shown(context, &about.map_or_else(|| Ok(presented.key.clone()), |key| key_id(&key))?, status, None)
}

async fn list(State(context): Shared) -> Answer {
    let book = context.shop.readers().access().book();
    ok(&KeysView { keys: book.keys().map(|(id, key)| view(&context, id, key, None)).collect() })
}

async fn one(State(context): Shared, Path(id): Path) -> Answer {
    shown(&context, &key_id(&id)?, StatusCode::OK, None)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateBody {
    name: String,
    /// Scopes that go together: `search-only`, `storefront` or `admin`.
    preset: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    marketplace: Option<MarketplaceId>,
    filter: Option<String>,
    #[serde(default)]
    origins: Vec<String>,
    expires_at: Option<String>,
}

impl CreateBody {
    fn grant(self) -> Result<Grant, Problem> {
        let expires_at = self.expires_at.as_deref().map(moment_of).transpose()?;
        let Self { preset, scopes, marketplace, filter, origins, .. } = self;
        let grant = Grant { scopes, marketplace, filter, origins, expires_at };
        grant_of(preset.as_deref(), grant).map_err(|error| Problem::invalid(error.field, error.reason))
    }
}

fn moment_of(text: &str) -> Result<Timestamp, Problem> {
    Timestamp::of_rfc3339(text).ok_or_else(|| Problem::invalid("expires_at", "must be a moment as in 2026-01-31T12:00:00Z"))
}

/// Who asks, for the record.
pub(in crate::http) fn actor() -> Result<Actor, Problem> {
    let known = Caller::current().actor().map_or_else(|| Actor::new(ACTOR_UNKNOWN), Ok);
    known.map_err(|error| Problem::internal(&error))
}

/// Answers the secret, which nobody can ask for again.
async fn create(State(context): Shared, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let asked = keyed_if_given(&headers, "key.create", "", &bytes)?;
    let body: CreateBody = body::parse(&bytes)?;
    let name = body.name.clone();
    let grant = body.grant()?;
    if let Some(filter) = &grant.filter {
        let onlooker = Onlooker { marketplace: grant.marketplace.as_ref(), now: context.shop.now() };
        search::passes(&context.moment()?, filter, onlooker, Ordinal::default())?;
    }
    let (secret, presented) = fresh(None)?;
    let command = AccessCommand::CreateKey { presented: presented.clone(), name, grant, by: actor()? };
    context.access_once(asked.as_ref(), command).await?;
    shown_once(&context, asked.as_ref(), StatusCode::CREATED, secret, &presented)
}

fn fresh(name: Option<&KeyId>) -> Result<(String, Presented), Problem> {
    let random = random::<KEY_RANDOM_BYTES>().map_err(|error| Problem::internal(&error))?;
    new_secret(random, name).ok_or_else(|| Problem::new(Kind::Internal, ""))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RotateBody {
    overlap_s: Option<i64>,
}

/// The new secret is good at once, the old one for a while.
async fn rotate(State(context): Shared, Path(id): Path, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let asked = keyed_if_given(&headers, "key.rotate", &id, &bytes)?;
    let body: RotateBody = body::parse(&bytes)?;
    let id = key_id(&id)?;
    if context.shop.readers().access().book().key(&id).is_none() {
        return Err(Problem::unknown("key", id.as_str()));
    }
    let (secret, presented) = fresh(Some(&id))?;
    let overlap_ms = body.overlap_s.unwrap_or(OVERLAP_S_DEFAULT).saturating_mul(1_000);
    let command = AccessCommand::RotateKey { presented: presented.clone(), overlap_ms, by: actor()? };
    context.access_once(asked.as_ref(), command).await?;
    shown_once(&context, asked.as_ref(), StatusCode::OK, secret, &presented)
}

/// From the answer on it is good for nothing.
async fn revoke(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    let asked = keyed_if_given(&headers, "key.revoke", &id, b"")?;
    context.access_once(asked.as_ref(), AccessCommand::RevokeKey { key: key_id(&id)?, by: actor()? }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
