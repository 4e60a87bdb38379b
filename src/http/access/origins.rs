//! Which web pages of other origins may ask under which key (the fetch standard's CORS protocol).

use crate::access::{Book, Key};
use crate::stdx::clock::Timestamp;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HOST, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, idempotency-key, if-match, if-none-match, mcp-protocol-version, mcp-session-id, request-id, ucp-agent, x-algolia-agent, x-algolia-api-key, x-algolia-application-id, x-algolia-usertoken, x-request-id, x-request-timeout-ms, x-shopper-token",
);
const EXPOSED: HeaderValue =
    HeaderValue::from_static("deprecation, etag, link, location, retry-after, server-timing, sunset, x-request-id");
/// How long a browser remembers the answer to a preflight: a page that loses its origin loses it within ten minutes.
const REMEMBERED_S: HeaderValue = HeaderValue::from_static("600");

/// The origin of another site's page that asks; none for servers, apps and the shop's own pages.
pub(super) fn foreign_origin(headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(ORIGIN)?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = origin.to_str().ok().and_then(|origin| origin.split_once("://")).is_some_and(|(_, own)| own == host);
    (!own).then(|| origin.clone())
}

/// Whether pages of that origin may use the key. A key that names no origin may be used by any page if it is one for browsers.
pub(super) fn may_use(key: &Key, origin: &HeaderValue) -> bool {
    let origins = &key.grant.origins;
    origins.iter().any(|known| known.as_bytes() == origin.as_bytes()) || origins.is_empty() && key.is_for_shoppers()
}

/// The answer to a browser that asks whether its page may ask; it cannot say yet under which key.
pub(super) fn preflight(request: &Request, book: &Book, now: Timestamp) -> Option<Response> {
    if *request.method() != Method::OPTIONS || !request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let origin = foreign_origin(request.headers())?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if book.keys().any(|(_, key)| key.is_live(now) && may_use(key, &origin)) {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, REMEMBERED_S);
        allow(headers, origin);
    }
    Some(response)
}

/// Lets the page read the answer.
pub(super) fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(VARY, HeaderValue::from_static("origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shops_own_pages_are_not_foreign() {
        let of = |origin: &'static str| {
            let headers = [(ORIGIN, HeaderValue::from_static(origin)), (HOST, HeaderValue::from_static("shop.example:7700"))];
            foreign_origin(&HeaderMap::from_iter(headers)).is_some()
        };
        assert!(!of("http://shop.example:7700") && of("http://shop.example") && of("null") && of("https://evil.example"));
        assert!(foreign_origin(&HeaderMap::new()).is_none());
    }
}
