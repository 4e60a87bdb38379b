//! `/console/api/session/totp`: an administrator's authenticator app. A secret counts from the moment in which a code of it was shown.

use super::session::{changing, too_many};
use crate::access::{AccessCommand, TOTP_SECRET_BYTES, totp_step, totp_uri};
use crate::http::access::Caller;
use crate::http::answer::{Answer, ok};
use crate::http::body::{self, JsonBytes};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::keys::keyed_if_given;
use crate::id::{Actor, AdminId};
use crate::stdx::base32;
use crate::stdx::base64;
use crate::stdx::crypto::random;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

/// What a secret that was offered is sealed together with, so that one that is in force is not taken for it.
fn about_offer(admin: &AdminId) -> Vec<u8> {
    [b"offer\0", admin.as_str().as_bytes()].concat()
}

fn actor_of(admin: &AdminId) -> Result<Actor, Problem> {
    let name: String = admin.as_str().chars().take(100).collect();
    Actor::new(&format!("admin:{name}")).map_err(|error| Problem::internal(&error))
}

#[derive(Serialize)]
struct Offer {
    /// For people who type it into their app.
    secret: String,
    /// For apps that read a picture.
    uri: String,
    /// To be sent back with a code; the shop keeps nothing of it until then.
    offer: String,
}

pub(super) async fn begin(State(context): Shared, headers: HeaderMap) -> Answer {
    let session = changing(&context, &headers)?;
    let secret = random::<TOTP_SECRET_BYTES>().map_err(|error| Problem::internal(&error))?;
    let sealed = context.shop.readers().access().sealing().seal(&about_offer(&session.admin), &secret);
    ok(&Offer { secret: base32::encode(&secret), uri: totp_uri(&secret, session.admin.as_str()), offer: base64::encode(&sealed) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfirmBody {
    offer: String,
    code: String,
    /// Of the app that the offered one takes the place of.
    current_code: Option<String>,
}

/// A code is good once, so a repetition is known by its key before the code is looked at.
pub(super) async fn confirm(State(context): Shared, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let session = changing(&context, &headers)?;
    let key = keyed_if_given(&headers, "totp.confirm", session.admin.as_str(), &bytes)?;
    if context.done_before(key.as_ref())?.is_some() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let body: ConfirmBody = body::parse(&bytes)?;
    let sealing = context.shop.readers().access().sealing();
    let secret = base64::decode(&body.offer).and_then(|sealed| sealing.open(&about_offer(&session.admin), &sealed));
    let secret = secret.ok_or_else(|| Problem::invalid("offer", "is not one that the shop made for you"))?;
    let mut shown = vec![Shown { about: "confirm", field: "code", secret, code: body.code }];
    if let Some(secret) = in_force(&context, &session.admin)? {
        let missing = || Problem::of_field(Kind::MissingField, "current_code", "show a code of the app that is enrolled");
        shown.push(Shown { code: body.current_code.ok_or_else(missing)?, ..Shown::of_app(secret, "current_code") });
    }
    check_codes(&context, &session.admin, &shown)?;
    let sealed = sealing.seal(session.admin.as_str().as_bytes(), &shown[0].secret);
    let enrol = AccessCommand::EnrolTotp { admin: session.admin.clone(), sealed, by: actor_of(&session.admin)? };
    context.access_once(key.as_ref(), enrol).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The secret of the app that somebody has enrolled.
fn in_force(context: &Context, admin: &AdminId) -> Result<Option<Vec<u8>>, Problem> {
    let access = context.shop.readers().access();
    let Some(sealed) = access.book().admin(admin).and_then(|admin| admin.totp.clone()) else { return Ok(None) };
    let opened = access.sealing().open(admin.as_str().as_bytes(), &sealed);
    opened.map(Some).ok_or_else(|| Problem::internal(&"a sealed secret cannot be opened"))
}

/// A code that was sent.
struct Shown {
    /// Keeps apart what codes are tried for, and from logins: whoever can show codes of an offer of their own does not win further attempts at the
    /// app in force, nor does guessing lock the name out of logging in.
    about: &'static str,
    field: &'static str,
    secret: Vec<u8>,
    code: String,
}

impl Shown {
    /// A code of the app in force, whatever it is shown for.
    fn of_app(secret: Vec<u8>, field: &'static str) -> Self {
        Self { about: "in force", field, secret, code: String::new() }
    }
}

/// Looks at codes, of which so many may be tried as of passwords.
fn check_codes(context: &Context, admin: &AdminId, shown: &[Shown]) -> Result<(), Problem> {
    let (address, now) = (Caller::current().address(), context.shop.now());
    let place = |shown: &Shown| format!("{} code\0{admin}", shown.about);
    let wrong = |field| Problem::invalid(field, "is not the one that the app shows now");
    let mut steps = Vec::with_capacity(shown.len());
    for it in shown {
        context.desk.begin_attempt(&place(it), address, now).map_err(too_many)?;
        steps.push((totp_step(&it.secret, &it.code, now).ok_or_else(|| wrong(it.field))?, it.field));
    }
    // Two apps show codes of the same moment: its step is taken once.
    steps.sort_unstable();
    steps.dedup_by_key(|(step, _)| *step);
    for (step, field) in steps {
        if !context.desk.take_step(admin, step) {
            return Err(wrong(field));
        }
    }
    shown.iter().for_each(|it| context.desk.attempt_succeeded(&place(it), address));
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemoveBody {
    code: String,
}

/// Whoever takes codes away shows one: a session that was left open is not enough.
pub(super) async fn remove(State(context): Shared, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let session = changing(&context, &headers)?;
    let key = keyed_if_given(&headers, "totp.remove", session.admin.as_str(), &bytes)?;
    if context.done_before(key.as_ref())?.is_some() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let body: RemoveBody = body::parse(&bytes)?;
    let secret = in_force(&context, &session.admin)?;
    let secret = secret.ok_or_else(|| Problem::unknown("authenticator app of", session.admin.as_str()))?;
    check_codes(&context, &session.admin, &[Shown { code: body.code, ..Shown::of_app(secret, "code") }])?;
    let remove = AccessCommand::RemoveTotp { admin: session.admin.clone(), by: actor_of(&session.admin)? };
    context.access_once(key.as_ref(), remove).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
