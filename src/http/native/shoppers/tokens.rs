//! `POST /v1/shoppers/{id}/tokens`: a token with which a key acts as one shopper.

use super::shopper_id;
use crate::access::Purpose;
use crate::http::answer::{Answer, json, moment};
use crate::http::body::Json;
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::path::Path;
use crate::id::{KeyId, ShopperId};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

/// How long a token is good when the request does not say, and at most: a page asks for the next one in time.
const LIFE_S_DEFAULT: i64 = 60 * 60;
const LIFE_S_MAX: i64 = 24 * 60 * 60;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenBody {
    ttl_s: Option<i64>,
    /// The restricted key that the token is for; any unrestricted one when left out.
    key_id: Option<KeyId>,
}

#[derive(Serialize)]
struct Token<'a> {
    shopper_id: &'a ShopperId,
    token: String,
    expires_at: String,
}

pub(super) async fn post(State(context): Shared, Path(id): Path, Json(body): Json<TokenBody>) -> Answer {
    let shopper = shopper_id(&id)?;
    let life_s = body.ttl_s.unwrap_or(LIFE_S_DEFAULT);
    if !(1..=LIFE_S_MAX).contains(&life_s) {
        return Err(Problem::invalid("ttl_s", format!("must be between 1 and {LIFE_S_MAX}")));
    }
    let access = context.shop.readers().access();
    if let Some(key) = &body.key_id
        && !access.book().key(key).is_some_and(crate::access::Key::is_restricted)
    {
        return Err(Problem::invalid("key_id", format!("there is no restricted key {key}")));
    }
    let scope = body.key_id.as_ref().map_or("", KeyId::as_str);
    let expires_at = context.shop.now().plus_ms(life_s * 1_000);
    let token = access.signer().sign(Purpose::Shopper, scope, shopper.as_str(), expires_at);
    json(StatusCode::CREATED, &Token { shopper_id: &shopper, token, expires_at: moment(expires_at) })
}
