//! `GET /v1/audit`: what administrators did, in the order of the access journal.

use super::search::limit_of;
use crate::event::access::Deed;
use crate::event::{AccessEvent, Entry};
use crate::http::answer::{Answer, moment, ok};
use crate::http::blocking::blocking;
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::params::Params;
use crate::id::{Actor, Offset};
use crate::journal::JournalError;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::routing::get;
use serde::Serialize;
use std::sync::Arc;

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1_000;

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new().route("/v1/audit", get(list))
}

#[derive(Serialize)]
struct AuditView {
    deeds: Vec<DeedView>,
    /// What to ask after next.
    next: u64,
    has_more: bool,
}

#[derive(Serialize)]
struct DeedView {
    offset: u64,
    at: String,
    #[serde(flatten)]
    told: Told,
}

/// An event as a deed.
#[derive(Serialize)]
struct Told {
    by: Actor,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// `after` is the `next` of the page before: the first offset of this one.
async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let from = Offset(params.place("after")?.unwrap_or(0));
    let limit = limit_of(params.parsed("limit")?, LIMIT_DEFAULT, LIMIT_MAX)?;
    params.finish()?;
    ok(&blocking(move || deeds_of(&context, from, limit)).await??)
}

fn deeds_of(context: &Context, from: Offset, limit: usize) -> Result<AuditView, Problem> {
    let access = context.shop.readers().access();
    let (entries, next) = access.entries(from, limit).map_err(|error| match error {
        JournalError::Discarded { .. } => Problem::of_field(Kind::Discarded, "after", "it is no longer kept"),
        JournalError::Beyond { .. } => Problem::invalid("after", "lies beyond the end"),
        other => Problem::internal(&other),
    })?;
    let has_more = entries.len() == limit;
    let deeds = entries.into_iter().flat_map(|(offset, Entry { at, events })| {
        events.into_iter().filter_map(told).map(move |told| DeedView { offset: offset.0, at: moment(at), told })
    });
    Ok(AuditView { deeds: deeds.collect(), next: next.0, has_more })
}

/// A change of keys or administrators as a deed; that a key was used is none, nor is what a write was called.
fn told(event: AccessEvent) -> Option<Told> {
    let row =
        |by, what: &str, object: String| Some(Told { by, what: what.to_owned(), object: Some(object), status: None, request_id: None });
    match event {
        AccessEvent::KeyCreated { key, by, .. } => row(by, "key created", key.to_string()),
        AccessEvent::KeyRotated { key, by, .. } => row(by, "key rotated", key.to_string()),
        AccessEvent::KeyRevoked { key, by } => row(by, "key revoked", key.to_string()),
        AccessEvent::KeysUsed { .. }
        | AccessEvent::WriteNamed { .. }
        | AccessEvent::WriteAnswered { .. }
        | AccessEvent::WriteFailed { .. } => None,
        AccessEvent::AdminCreated { admin, by, .. } => row(by, "administrator created", admin.to_string()),
        AccessEvent::PasswordChanged { admin, by, .. } => row(by, "password changed", admin.to_string()),
        AccessEvent::AdminRemoved { admin, by } => row(by, "administrator removed", admin.to_string()),
        AccessEvent::TotpEnrolled { admin, by, .. } => row(by, "code enrolled", admin.to_string()),
        AccessEvent::TotpRemoved { admin, by } => row(by, "code removed", admin.to_string()),
        AccessEvent::Done(Deed { by, method, route, object, status, request }) => {
            Some(Told { by, what: format!("{method} {route}"), object, status: Some(status), request_id: Some(request) })
        }
    }
}
