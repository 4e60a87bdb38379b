//! Who may speak to the binding, and how they say so. Its pages stand on other sites than this server, so other sites may ask and read: what
//! allows a request is the key that it names, never a cookie, and there is nothing here that a page could do in its visitor's name.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, AUTHORIZATION,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const ROOT: &str = "/1/";
const KEY: HeaderName = HeaderName::from_static("x-algolia-api-key");
const HEADERS_ALLOWED: &str = "content-type, x-algolia-api-key, x-algolia-application-id, x-algolia-agent, x-algolia-usertoken";
/// Seconds for which a browser need not ask again whether it may.
const PREFLIGHT_S: &str = "86400";

/// Whether pages of other sites may send requests of any method to this address.
pub(in crate::http) fn takes_other_sites(path: &str) -> bool {
    path.starts_with(ROOT)
}

/// Names the key of a request the way the rest of the server knows it: these clients send it in a header of their own or in the query string.
pub(in crate::http) async fn key_as_bearer(mut request: Request, next: Next) -> Response {
    if takes_other_sites(request.uri().path())
        && !request.headers().contains_key(AUTHORIZATION)
        && let Some(bearer) = key_of(&request).and_then(|key| HeaderValue::from_str(&format!("Bearer {key}")).ok())
    {
        request.headers_mut().insert(AUTHORIZATION, bearer);
    }
    next.run(request).await
}

fn key_of(request: &Request) -> Option<&str> {
    let in_header = request.headers().get(KEY).and_then(|value| value.to_str().ok());
    let in_query = || {
        let pairs = request.uri().query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(name, _)| *name == KEY.as_str()).map(|(_, value)| value)
    };
    in_header.or_else(in_query).filter(|key| !key.is_empty())
}

/// What a browser asks before it sends a request with headers of its own.
pub(super) async fn preflight() -> Response {
    let headers = [
        (ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, OPTIONS")),
        (ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS_ALLOWED)),
        (ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_S)),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Lets pages of other sites read the answers.
pub(super) async fn readable_elsewhere(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn the_key_is_found_in_header_and_query_string() {
        let check = |uri: &str, header: Option<&'static str>, expected: Option<&str>| {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = uri.parse().expect("an address");
            header.into_iter().for_each(|key| drop(request.headers_mut().insert(KEY, HeaderValue::from_static(key))));
            assert_eq!(key_of(&request), expected, "{uri}");
        };
        check("/1/events", None, None);
        check("/1/events", Some("abc"), Some("abc"));
        check("/1/events?x-algolia-agent=a&x-algolia-api-key=def", None, Some("def"));
        check("/1/events?x-algolia-api-key=def", Some("abc"), Some("abc"));
        check("/1/events?x-algolia-api-key=", None, None);
    }
}
