//! `/console/api/session`: logging in, who is logged in, logging out.

use crate::access::{PASSWORD_BYTES_MAX, Session, totp_step, verify_password};
use crate::http::access::{Caller, Cookie, SESSION_COOKIE, set_cookie};
use crate::http::answer::{Answer, json, moment, with};
use crate::http::blocking::blocking;
use crate::http::body::Json;
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::id::AdminId;
use crate::stdx::crypto::random;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a page shows of itself beside the cookie.
const CSRF: &str = "x-csrf-token";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginBody {
    name: String,
    password: String,
    /// The code that the authenticator app shows.
    code: Option<String>,
}

#[derive(Serialize)]
struct SessionView<'a> {
    admin: &'a AdminId,
    /// To be sent as X-CSRF-Token with everything that changes something.
    csrf_token: &'a str,
    has_totp: bool,
    created_at: String,
    ends_at: String,
}

/// What the console's page needs to know.
fn view(context: &Context, session: &Session, status: StatusCode) -> Answer {
    let book = context.shop.readers().access().book();
    json(
        status,
        &SessionView {
            admin: &session.admin,
            csrf_token: &session.csrf,
            has_totp: book.admin(&session.admin).is_some_and(|admin| admin.totp.is_some()),
            created_at: moment(session.created_at),
            ends_at: moment(session.ends_at()),
        },
    )
}

/// The session of a request that only asks.
fn asking(context: &Context, headers: &HeaderMap) -> Result<Session, Problem> {
    let cookie = Cookie::of(headers, SESSION_COOKIE);
    let session = cookie.and_then(|cookie| context.desk.session(cookie.text(), context.shop.now()));
    let session = session.filter(|session| context.shop.readers().access().book().admin(&session.admin).is_some());
    session.ok_or_else(|| Problem::new(Kind::Unauthenticated, "log in first"))
}

/// The session of a request that changes something: its page has to show the session's token.
pub(super) fn changing(context: &Context, headers: &HeaderMap) -> Result<Session, Problem> {
    let session = asking(context, headers)?;
    let shown = headers.get(CSRF).and_then(|value| value.to_str().ok()).unwrap_or_default();
    session.is_csrf(shown).then_some(session).ok_or_else(|| Problem::of_field(Kind::Forbidden, CSRF, "show the token of the session"))
}

pub(super) async fn who(State(context): Shared, headers: HeaderMap) -> Answer {
    view(&context, &asking(&context, &headers)?, StatusCode::OK)
}

/// There were too many attempts: the next one is looked at after so many milliseconds.
pub(super) fn too_many(wait_ms: i64) -> Problem {
    Problem::new(Kind::TooManyLogins, "wait before the next attempt").over_in(wait_ms.max(0).unsigned_abs() / 1_000 + 1)
}

/// Whatever was wrong, name, password or code, is answered alike and takes as long.
pub(super) async fn log_in(State(context): Shared, Json(body): Json<LoginBody>) -> Response {
    let (now, address) = (context.shop.now(), Caller::current().address());
    if let Err(wait_ms) = context.desk.begin_attempt(&body.name, address, now) {
        return too_many(wait_ms).into_response();
    }
    let name = body.name.clone();
    match begun(&context, body).await {
        Ok(response) => {
            context.desk.attempt_succeeded(&name, address);
            response
        }
        Err(problem) => problem.into_response(),
    }
}

async fn begun(context: &Arc<Context>, body: LoginBody) -> Answer {
    let refused = || Problem::new(Kind::Unauthenticated, "name, password or code are not right");
    let LoginBody { name, password, code } = body;
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(Problem::invalid("password", format!("at most {PASSWORD_BYTES_MAX} bytes")));
    }
    let access = context.shop.readers().access();
    let admin = AdminId::new(&name).ok();
    let known = admin.as_ref().and_then(|admin| access.book().admin(admin).cloned());
    let kept = known.as_ref().map(|admin| admin.password.clone());
    // Many at once would take the memory and the cores that shoppers need.
    let _permit = context.desk.passwords.acquire().await.map_err(|error| Problem::internal(&error))?;
    let is_right = blocking(move || verify_password(&password, kept.as_ref())).await?;
    let (Some(admin), Some(known), true) = (admin, known, is_right) else { return Err(refused()) };
    if let Some(sealed) = &known.totp {
        let secret = access.sealing().open(admin.as_str().as_bytes(), sealed).unwrap_or_default();
        let step = totp_step(&secret, code.as_deref().unwrap_or_default(), context.shop.now()).filter(|_| !secret.is_empty());
        if !step.is_some_and(|step| context.desk.take_step(&admin, step)) {
            return Err(refused());
        }
    }
    let random = [random::<32>(), random::<32>()].into_iter().collect::<Result<Vec<_>, _>>().map_err(|error| Problem::internal(&error))?;
    let mut bytes = [0; 64];
    bytes.copy_from_slice(&random.concat());
    let (cookie, session) = context.desk.begin(admin, bytes, context.shop.now());
    let answer = view(context, &session, StatusCode::CREATED)?;
    Ok(with(answer, SET_COOKIE, &set_cookie(context, SESSION_COOKIE, &cookie, crate::access::SESSION_LIFE_MS / 1_000)))
}

pub(super) async fn log_out(State(context): Shared, headers: HeaderMap) -> Answer {
    changing(&context, &headers)?;
    if let Some(cookie) = Cookie::of(&headers, SESSION_COOKIE) {
        context.desk.end(cookie.text());
    }
    Ok(with(StatusCode::NO_CONTENT.into_response(), SET_COOKIE, &set_cookie(&context, SESSION_COOKIE, "", 0)))
}
