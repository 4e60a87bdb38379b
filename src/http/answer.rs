//! Answers: JSON bodies, moments as text, revisions as entity tags.

use super::error::{Kind, Problem};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{self, Digest};
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::time::Instant;

/// A document may be kept by whoever asked for it, who asks each time whether it is still so.
const KEPT_AND_ASKED: &str = "private, no-cache";

/// What handlers return.
pub(super) type Answer = Result<Response, Problem>;

/// A JSON answer.
pub(super) fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Answer {
    Ok(json_bytes(status, to_json(value)?))
}

/// JSON on its way into an answer.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Problem> {
    to_json_of_about(value, 4 << 10)
}

/// The same, of about so many bytes, which are asked for at once.
pub(super) fn to_json_of_about<T: Serialize + ?Sized>(value: &T, bytes_count: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::with_capacity(bytes_count);
    serde_json::to_writer(&mut bytes, value).map_err(|error| Problem::internal(&error))?;
    Ok(bytes)
}

/// An answer whose body is JSON already.
pub(super) fn json_bytes(status: StatusCode, bytes: impl Into<Body>) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes.into()).into_response()
}

/// A number for people: to the nearest of so many steps in one.
pub(super) fn rounded(number: f64, steps: f64) -> f64 {
    (number * steps).round() / steps
}

/// Microseconds since then, for answers that say how long they took.
pub(super) fn took_us(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// A 200.
pub(super) fn ok<T: Serialize + ?Sized>(value: &T) -> Answer {
    json(StatusCode::OK, value)
}

/// A 201 with the new thing's address.
pub(super) fn created<T: Serialize + ?Sized>(location: &str, value: &T) -> Answer {
    let response = json(StatusCode::CREATED, value)?;
    Ok(with(response, LOCATION, location))
}

/// The response with a mark on it, for whoever it passes on its way out.
pub(super) fn marked<M: Clone + Send + Sync + 'static>(mut response: Response, mark: M) -> Response {
    response.extensions_mut().insert(mark);
    response
}

/// The response with one more header; a value that no header can hold is left out.
pub(super) fn with(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// A moment as RFC 3339 in UTC.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_rfc3339()
}

/// The revision of a document: a strong entity tag of its bytes.
pub(super) fn revision(document: &[u8]) -> String {
    revision_of(&digest::blake3(&[document]))
}

/// The same of a document whose digest is known.
pub(super) fn revision_of(document: &Digest) -> String {
    format!("\"{}\"", &digest::hex(document)[..32])
}

/// Whether a write is to be done only over a certain revision, or none.
pub(super) fn is_conditional(headers: &HeaderMap) -> bool {
    headers.contains_key(IF_MATCH) || headers.contains_key(IF_NONE_MATCH)
}

/// A JSON document in a certain revision: 304 for a client that has it already.
pub(super) fn document(headers: &HeaderMap, revision: &str, bytes: impl Into<Body>) -> Response {
    let is_known = headers.get(IF_NONE_MATCH).is_some_and(|tags| lists(tags, revision));
    let response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { json_bytes(StatusCode::OK, bytes) };
    with(with(response, ETAG, revision), CACHE_CONTROL, KEPT_AND_ASKED)
}

/// Checks `If-Match` and `If-None-Match: *` of a write against the revision there is.
///
/// # Errors
/// When the client wants to change another revision than this one.
pub(super) fn check_precondition(headers: &HeaderMap, revision: Option<&str>) -> Result<(), Problem> {
    let failed = |field: &str, detail: &str| Err(Problem::of_field(Kind::PreconditionFailed, field, detail));
    if let Some(tags) = headers.get(IF_MATCH)
        && !revision.is_some_and(|revision| lists(tags, revision))
    {
        return failed(
            "if-match",
            revision.map_or("it does not exist".to_owned(), |revision| format!("its revision is {revision}")).as_str(),
        );
    }
    if headers.get(IF_NONE_MATCH).is_some_and(|tags| tags == "*") && revision.is_some() {
        return failed("if-none-match", "it exists already");
    }
    Ok(())
}

fn lists(tags: &HeaderValue, revision: &str) -> bool {
    let tags = tags.to_str().unwrap_or_default();
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == revision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_of_another_revision_is_refused() {
        let check = |name: HeaderName, value: &'static str, revision: Option<&str>| {
            check_precondition(&HeaderMap::from_iter([(name, HeaderValue::from_static(value))]), revision).is_ok()
        };
        assert!(check(IF_MATCH, "\"a\", \"b\"", Some("\"b\"")));
        assert!(!check(IF_MATCH, "\"a\"", Some("\"b\"")));
        assert!(!check(IF_MATCH, "*", None));
        assert!(!check(IF_NONE_MATCH, "*", Some("\"b\"")));
        assert!(check(IF_NONE_MATCH, "*", None));
    }

    #[test]
    fn moments_are_written_as_rfc_3339() {
        assert_eq!(moment(Timestamp(1_700_000_000_123)), "2023-11-14T22:13:20.123Z");
    }
}
