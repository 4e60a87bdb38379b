//! `POST /storefront/visit`: the shop page's browser gets a name of its own, which only the shop can give and only this browser can show.
//!
//! The page asks for it when it is refused, not when it is opened: a browser that comes by a link from elsewhere does not send its cookie with
//! that first request, and would be given another name in place of the one that its cart stands under.

use crate::access::{Purpose, letters};
use crate::http::access::{Cookie, VISIT_COOKIE, set_cookie};
use crate::http::answer::{Answer, with};
use crate::http::context::Shared;
use crate::http::error::{Kind, Problem};
use crate::stdx::crypto::random;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;

/// How long a browser keeps its name, and so its cart.
const LIFE_S: i64 = 30 * 24 * 60 * 60;

pub(super) async fn post(State(context): Shared, headers: HeaderMap) -> Answer {
    if !context.shop.access_options().storefront {
        return Err(Problem::new(Kind::Forbidden, "the shop page is switched off; see storefront in shopkeeper.toml"));
    }
    let signer = context.shop.readers().access().signer();
    let now = context.shop.now();
    let known = Cookie::of(&headers, VISIT_COOKIE).and_then(|cookie| signer.read(Purpose::Visit, "", cookie.text(), now));
    let done = StatusCode::NO_CONTENT.into_response();
    if known.is_some() {
        return Ok(done);
    }
    let name: [u8; 16] = random().map_err(|error| Problem::internal(&error))?;
    let name = format!("visit_{}", letters(&name));
    let cookie = signer.sign(Purpose::Visit, "", &name, now.plus_ms(LIFE_S * 1_000));
    Ok(with(done, SET_COOKIE, &set_cookie(&context, VISIT_COOKIE, &cookie, LIFE_S)))
}
