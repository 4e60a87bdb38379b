//! `/v1/synonyms`: words that stand for other words, and their histories.

use super::settings;
use crate::event::SettingKind;
use crate::http::answer::Answer;
use crate::http::body::Json;
use crate::http::context::Shared;
use crate::http::path::Path;
use crate::search::merchandising::{Synonym, SynonymDocument};
use axum::extract::{RawQuery, Request, State};
use axum::http::HeaderMap;

pub(in crate::http) async fn get(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    settings::get(&context, SettingKind::Synonym, &id, &headers)
}

pub(in crate::http) async fn put(
    State(context): Shared,
    Path(id): Path,
    headers: HeaderMap,
    Json(document): Json<SynonymDocument>,
) -> Answer {
    let synonym = Synonym::of(document)?;
    settings::put(&context, SettingKind::Synonym, &id, &headers, &synonym.document, Vec::new()).await
}

pub(in crate::http) async fn delete(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    settings::delete(&context, SettingKind::Synonym, &id, &headers).await
}

pub(in crate::http) async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    settings::list(&context, SettingKind::Synonym, query.as_deref())
}

/// Many, as NDJSON.
pub(in crate::http) async fn post(State(context): Shared, request: Request) -> Answer {
    settings::post(&context, SettingKind::Synonym, request, |document| Synonym::of(document).map(|synonym| synonym.document)).await
}

pub(in crate::http) async fn history(State(context): Shared, Path(id): Path) -> Answer {
    settings::history(&context, SettingKind::Synonym, &id)
}
