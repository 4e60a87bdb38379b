//! `/console/api/session/totp`: an administrator's authenticator app. A secret counts from the moment in which a code of it was shown.

use super::session::{changing, too_many};
use crate::access::{AccessCommand, TOTP_SECRET_BYTES, totp_step, totp_uri};
use crate::http::access::Caller;
use crate::http::answer::{Answer, ok};
use crate::http::body::{self, JsonBytes};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
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
    check_code(&context, &session.admin, "confirm", &secret, &body.code)?;
    let sealed = sealing.seal(session.admin.as_str().as_bytes(), &secret);
    let enrol = AccessCommand::EnrolTotp { admin: session.admin.clone(), sealed, by: actor_of(&session.admin)? };
    context.access_once(key.as_ref(), enrol).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Looks at a code, of which so many may be tried as of passwords. `about` keeps apart what they are tried for, and from logins: whoever can show
/// codes of an offer of their own does not win further attempts at the one in force, nor does guessing lock the name out of logging in.
fn check_code(context: &Context, admin: &AdminId, about: &str, secret: &[u8], code: &str) -> Result<(), Problem> {
    let (place, address, now) = (format!("{about} code\0{admin}"), Caller::current().address(), context.shop.now());
    context.desk.begin_attempt(&place, address, now).map_err(too_many)?;
    let is_right = totp_step(secret, code, now).is_some_and(|step| context.desk.take_step(admin, step));
    if !is_right {
        return Err(Problem::invalid("code", "is not the one that the app shows now"));
    }
    context.desk.attempt_succeeded(&place, address);
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
    let access = context.shop.readers().access();
    let sealed = access.book().admin(&session.admin).and_then(|admin| admin.totp.clone());
    let secret = sealed.and_then(|sealed| access.sealing().open(session.admin.as_str().as_bytes(), &sealed));
    let secret = secret.ok_or_else(|| Problem::unknown("authenticator app of", session.admin.as_str()))?;
    check_code(&context, &session.admin, "remove", &secret, &body.code)?;
    let remove = AccessCommand::RemoveTotp { admin: session.admin.clone(), by: actor_of(&session.admin)? };
    context.access_once(key.as_ref(), remove).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
