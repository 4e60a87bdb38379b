//! Credentials as they come with a request, and the cookies that carry some of them.

use super::caller::Caller;
use crate::access::{Presented, Purpose};
use crate::http::context::Context;
use crate::http::edge::Peer;
use crate::http::error::{Kind, Problem};
use crate::id::ShopperId;
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{blake3, same};
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderMap, HeaderName};

/// The cookie of an administrator's session.
pub(in crate::http) const SESSION_COOKIE: &str = "shopkeeper_session";
/// The cookie of a browser on the shop page.
pub(in crate::http) const VISIT_COOKIE: &str = "shopkeeper_visit";
/// What a page of the console shows beside its cookie to change anything.
const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");
/// The shopper that a key acts as.
const SHOPPER_TOKEN: HeaderName = HeaderName::from_static("x-shopper-token");

/// A cookie of a request.
pub(in crate::http) struct Cookie<'a>(&'a str);

impl<'a> Cookie<'a> {
    /// The first cookie of that name.
    pub(in crate::http) fn of(headers: &'a HeaderMap, name: &str) -> Option<Self> {
        let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| Self(value))
    }

    /// What it holds.
    pub(in crate::http) fn text(&self) -> &'a str {
        self.0
    }
}

/// A cookie that scripts cannot read and other sites cannot send; `max_age_s` 0 takes it away.
pub(in crate::http) fn set_cookie(context: &Context, name: &str, value: &str, max_age_s: i64) -> String {
    let secure = if context.public_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}")
}

/// Who asks.
///
/// # Errors
/// When there are no credentials, or they are not, or no longer, good for anything.
pub(super) fn caller_of(context: &Context, request: &Request) -> Result<Caller, Problem> {
    let address = request.extensions().get::<Peer>().map(|peer| peer.address);
    let headers = request.headers();
    let now = context.shop.now();
    let caller = match bearer(request)? {
        Some(secret) => of_secret(context, &secret, address, now)?,
        None => of_cookies(context, request, now)?,
    };
    match headers.get(SHOPPER_TOKEN) {
        None => Ok(caller),
        Some(token) => {
            let signer = context.shop.readers().access().signer();
            let read = token.to_str().ok().and_then(|token| signer.read(Purpose::Shopper, caller.token_scope(), token, now));
            let (shopper, _) = read.ok_or_else(|| refused("the shopper token has ended, or is none").in_field(SHOPPER_TOKEN.as_str()))?;
            caller.acting_as(&shopper)
        }
    }
}

/// The secret that was sent, if one was.
fn bearer(request: &Request) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get(AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let secret = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, secret)| secret.trim());
    secret.map(|secret| Some(secret.to_owned())).ok_or_else(|| refused("send Authorization: Bearer and a key"))
}

fn of_secret(context: &Context, secret: &str, address: Option<std::net::IpAddr>, now: Timestamp) -> Result<Caller, Problem> {
    if same(&blake3(&[secret.as_bytes()]), &blake3(&[context.shop.operator_secret().as_bytes()])) {
        return Ok(Caller::operator(address));
    }
    let access = context.shop.readers().access();
    let presented = Presented::parse(secret).ok_or_else(|| refused("this is no key of the shop"))?;
    let book = access.book();
    let key = book.good_key(&presented, now).ok_or_else(|| refused("the key is not known, has ended, or was revoked"))?;
    access.note_use(&presented.key, now);
    Ok(Caller::key(&presented.key, key, address))
}

/// An administrator's session, or a browser on the shop page. A page that changes something shows that it is the console's own by its token.
fn of_cookies(context: &Context, request: &Request, now: Timestamp) -> Result<Caller, Problem> {
    let address = request.extensions().get::<Peer>().map(|peer| peer.address);
    let headers = request.headers();
    let session = Cookie::of(headers, SESSION_COOKIE).and_then(|cookie| context.desk.session(cookie.text(), now));
    let mut is_unproven = false;
    if let Some(session) = session.filter(|session| context.shop.readers().access().book().admin(&session.admin).is_some()) {
        let csrf = headers.get(CSRF).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if request.method().is_safe() || session.is_csrf(csrf) {
            return Ok(Caller::admin(session.admin, address));
        }
        is_unproven = true;
    }
    if context.shop.access_options().storefront
        && let Some(visit) = Cookie::of(headers, VISIT_COOKIE).and_then(|cookie| visit_of(context, cookie.text(), now))
    {
        return Ok(Caller::visit(visit, address));
    }
    if is_unproven {
        return Err(Problem::of_field(Kind::Forbidden, CSRF.as_str(), "show the token of the session"));
    }
    Err(refused("send Authorization: Bearer and a key"))
}

/// The browser that a visit's cookie names.
pub(super) fn visit_of(context: &Context, cookie: &str, now: Timestamp) -> Option<ShopperId> {
    let (visit, _) = context.shop.readers().access().signer().read(Purpose::Visit, "", cookie, now)?;
    ShopperId::new(&visit).ok()
}

/// Who has not shown who they are. Nothing tells which of the reasons it was: a name without its secret is not even a name.
fn refused(detail: &str) -> Problem {
    Problem::new(Kind::Unauthenticated, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("a=1; shopkeeper_visit=x.y=z; b"))]);
        assert_eq!(Cookie::of(&headers, VISIT_COOKIE).map(|cookie| cookie.text()), Some("x.y=z"));
        assert!(Cookie::of(&headers, SESSION_COOKIE).is_none());
    }
}
