//! `/v1/admins`: who may log in at the console. Passwords come in and never go out.

use super::keys::actor;
use crate::access::{AccessCommand, AdminView, check_password, hash_password};
use crate::event::access::PasswordHash;
use crate::http::answer::{Answer, json, ok};
use crate::http::blocking::blocking;
use crate::http::body::{self, JsonBytes};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::keys::keyed_if_given;
use crate::http::path::Path;
use crate::id::AdminId;
use crate::stdx::crypto::random;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{delete, get, put};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/admins", get(list).post(create))
        .route("/v1/admins/{id}", delete(remove))
        .route("/v1/admins/{id}/password", put(change_password))
}

#[derive(Serialize)]
struct AdminsView<'a> {
    admins: Vec<AdminView<'a>>,
}

async fn list(State(context): Shared) -> Answer {
    let book = context.shop.readers().access().book();
    ok(&AdminsView { admins: book.admins().map(|(name, admin)| AdminView::of(name, admin)).collect() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateBody {
    name: AdminId,
    password: String,
}

async fn create(State(context): Shared, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let asked = keyed_if_given(&headers, "admin.create", "", &bytes)?;
    let CreateBody { name, password } = body::parse(&bytes)?;
    if context.done_before(asked.as_ref())?.is_none() {
        let password = hashed(&context, password).await?;
        context.access_once(asked.as_ref(), AccessCommand::CreateAdmin { admin: name.clone(), password, by: actor()? }).await?;
    }
    let book = context.shop.readers().access().book();
    let admin = book.admin(&name).ok_or_else(|| Problem::unknown("administrator", name.as_str()))?;
    json(StatusCode::CREATED, &AdminView::of(&name, admin))
}

async fn hashed(context: &Context, password: String) -> Result<PasswordHash, Problem> {
    check_password(&password).map_err(|reason| Problem::invalid("password", reason))?;
    let salt = random().map_err(|error| Problem::internal(&error))?;
    let _permit = context.desk.passwords.acquire().await.map_err(|error| Problem::internal(&error))?;
    blocking(move || hash_password(&password, salt)).await
}

fn admin_id(text: &str) -> Result<AdminId, Problem> {
    AdminId::new(text).map_err(|_| Problem::unknown("administrator", text))
}

/// Whoever is logged in under the name is logged out.
async fn remove(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    let asked = keyed_if_given(&headers, "admin.remove", &id, b"")?;
    let admin = admin_id(&id)?;
    if context.done_before(asked.as_ref())?.is_none() {
        context.access_once(asked.as_ref(), AccessCommand::RemoveAdmin { admin: admin.clone(), by: actor()? }).await?;
        context.desk.end_all_of(&admin);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordBody {
    password: String,
}

/// Whoever is logged in under the name is logged out.
async fn change_password(State(context): Shared, Path(id): Path, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let asked = keyed_if_given(&headers, "admin.password", &id, &bytes)?;
    let PasswordBody { password } = body::parse(&bytes)?;
    let admin = admin_id(&id)?;
    if context.done_before(asked.as_ref())?.is_none() {
        let password = hashed(&context, password).await?;
        context.access_once(asked.as_ref(), AccessCommand::ChangePassword { admin: admin.clone(), password, by: actor()? }).await?;
        context.desk.end_all_of(&admin);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
