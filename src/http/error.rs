//! What a client is told when something is wrong: RFC 9457 problem documents. The one place where errors meet HTTP statuses.

use super::limits::RETRY_AFTER_S;
use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The media type of a problem document.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// Kinds of problems. Each has one status, one title and one anchor on the documentation page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The body is not JSON.
    MalformedJson,
    /// The body or the address is not UTF-8 where it has to be.
    MalformedText,
    /// A field or parameter has a value that it cannot have.
    InvalidField,
    /// A field or parameter that does not exist.
    UnknownField,
    /// A field or parameter that has to be there is not.
    MissingField,
    /// What is to be bought is not sold.
    ItemUnavailable,
    /// More names than one request takes.
    RequestTooLarge,
    /// A header that has to be there is not.
    MissingHeader,
    /// Nobody has shown who they are, or what they showed is not good any more.
    Unauthenticated,
    /// Whoever asks may not do that.
    Forbidden,
    /// Too many attempts to log in.
    TooManyLogins,
    /// Another site's page tried to change something through its visitor's browser.
    CrossSite,
    /// No such address.
    UnknownRoute,
    /// Nothing has that name.
    UnknownId,
    /// The address does not know that method.
    MethodNotAllowed,
    /// The client takes no answer of the kind that there is.
    NotAcceptable,
    /// The client sent its body too slowly.
    TooSlow,
    /// The name is taken.
    Exists,
    /// The thing is in a state that does not allow it.
    WrongStatus,
    /// Fewer units can be sold than were asked for.
    OutOfStock,
    /// Something else is to be paid than the buyer was shown.
    CartChanged,
    /// The session has asked for too many payments.
    TooManyAttempts,
    /// The purchase is not taken, and why is not told.
    Refused,
    /// A compare-and-set found another number.
    StockChanged,
    /// What was asked for was kept once and is no more.
    Discarded,
    /// `If-Match` names another revision.
    PreconditionFailed,
    /// The body is longer than the route takes.
    BodyTooLarge,
    /// The query string is longer than any route takes.
    QueryTooLong,
    /// The body's media type is not one that the route reads.
    UnsupportedMediaType,
    /// The idempotency key was used with another request.
    KeyReused,
    /// Asked more often than is allowed.
    TooManyRequests,
    /// The request headers are too large.
    HeadersTooLarge,
    /// A fault of the server.
    Internal,
    /// The server has too much to do.
    Busy,
    /// The server takes no writes, or is not ready yet.
    Stopped,
}

impl Kind {
    /// All kinds, in the order of their statuses.
    pub(super) const ALL: [Self; 35] = [
        Self::MalformedJson,
        Self::MalformedText,
        Self::InvalidField,
        Self::UnknownField,
        Self::MissingField,
        Self::ItemUnavailable,
        Self::RequestTooLarge,
        Self::MissingHeader,
        Self::Unauthenticated,
        Self::CrossSite,
        Self::Forbidden,
        Self::UnknownRoute,
        Self::UnknownId,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::TooSlow,
        Self::Exists,
        Self::WrongStatus,
        Self::OutOfStock,
        Self::StockChanged,
        Self::CartChanged,
        Self::TooManyAttempts,
        Self::Refused,
        Self::Discarded,
        Self::PreconditionFailed,
        Self::BodyTooLarge,
        Self::QueryTooLong,
        Self::UnsupportedMediaType,
        Self::KeyReused,
        Self::TooManyLogins,
        Self::TooManyRequests,
        Self::HeadersTooLarge,
        Self::Internal,
        Self::Busy,
        Self::Stopped,
    ];

    /// Status, slug and title.
    #[must_use]
    pub(super) fn row(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::MalformedJson => (400, "malformed-json", "The body is not valid JSON"),
            Self::MalformedText => (400, "malformed-text", "Not valid UTF-8"),
            Self::InvalidField => (400, "invalid-field", "A field has a value that it cannot have"),
            Self::UnknownField => (400, "unknown-field", "There is no such field"),
            Self::MissingField => (400, "missing-field", "A required field is missing"),
            Self::ItemUnavailable => (400, "item-unavailable", "It cannot be bought"),
            Self::RequestTooLarge => (400, "request-too-large", "More than one request may ask for"),
            Self::MissingHeader => (400, "missing-header", "A required header is missing"),
            Self::Unauthenticated => (401, "unauthenticated", "Show who you are"),
            Self::Forbidden => (403, "forbidden", "Not with these credentials"),
            Self::CrossSite => (403, "cross-site", "Other sites may not write here"),
            Self::UnknownRoute => (404, "unknown-route", "There is nothing at this address"),
            Self::UnknownId => (404, "unknown-id", "Nothing has that name"),
            Self::MethodNotAllowed => (405, "method-not-allowed", "This address does not take that method"),
            Self::NotAcceptable => (406, "not-acceptable", "No answer of that kind"),
            Self::TooSlow => (408, "too-slow", "The request did not arrive in time"),
            Self::Exists => (409, "exists", "The name is taken"),
            Self::WrongStatus => (409, "wrong-status", "Its status does not allow that"),
            Self::OutOfStock => (409, "out-of-stock", "Not enough units can be sold"),
            Self::CartChanged => (409, "cart-changed", "What is to be paid has changed"),
            Self::TooManyAttempts => (409, "too-many-attempts", "This session has asked for too many payments"),
            Self::Refused => (409, "refused", "The order cannot be taken"),
            Self::StockChanged => (409, "stock-changed", "The stock is not what was expected"),
            Self::Discarded => (410, "discarded", "It is no longer kept"),
            Self::PreconditionFailed => (412, "precondition-failed", "It has changed since it was read"),
            Self::BodyTooLarge => (413, "body-too-large", "The body is too large"),
            Self::QueryTooLong => (414, "query-too-long", "The query string is too long"),
            Self::UnsupportedMediaType => (415, "unsupported-media-type", "This media type is not read here"),
            Self::KeyReused => (422, "key-reused", "The idempotency key belongs to another request"),
            Self::TooManyLogins => (429, "too-many-logins", "Too many attempts to log in"),
            Self::TooManyRequests => (429, "too-many-requests", "Asked more often than is allowed"),
            Self::HeadersTooLarge => (431, "headers-too-large", "The request headers are too large"),
            Self::Internal => (500, "internal", "The server failed"),
            Self::Busy => (503, "busy", "The server has too much to do"),
            Self::Stopped => (503, "stopped", "The server takes no writes at the moment"),
        }
    }
}

/// One problem, on its way to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    kind: Kind,
    detail: String,
    field: Option<String>,
    /// What changed under the buyer's hands, and for which session.
    changes: Option<Box<Changes>>,
    /// In how many seconds it makes sense to ask again, when that is known.
    wait_s: Option<u64>,
}

/// What a buyer was shown and what stands now, line by line; and the session, if one stands at the new terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changes {
    /// The session that has the new terms.
    pub(super) checkout_id: Option<String>,
    /// One row for each thing that changed.
    pub(super) changes: serde_json::Value,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<&'a serde_json::Value>,
}

/// Words of a problem that are longer are cut: a body of a megabyte is not sent back as the name of an unknown field.
const DETAIL_BYTES_MAX: usize = 8_192;
/// A field's path likewise.
const FIELD_BYTES_MAX: usize = 512;

fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
        text.push('…');
    }
    text
}

impl Problem {
    /// A problem that no single field is to blame for.
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: cut(detail.into(), DETAIL_BYTES_MAX), field: None, changes: None, wait_s: None }
    }

    /// A problem of one field, parameter or header.
    pub(super) fn of_field(kind: Kind, field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(cut(field.into(), FIELD_BYTES_MAX)).filter(|field| !field.is_empty()), ..Self::new(kind, detail) }
    }

    /// A value that the field cannot have.
    pub(super) fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::of_field(Kind::InvalidField, field, detail)
    }

    /// Nothing of that kind has that name.
    pub(super) fn unknown(kind: &str, id: &str) -> Self {
        Self::new(Kind::UnknownId, format!("there is no {kind} {id}"))
    }

    /// A fault of the server. What happened goes to the log, not to the client.
    pub(super) fn internal(what: &dyn std::fmt::Display) -> Self {
        tracing::error!(%what, "a request failed");
        Self::new(Kind::Internal, "")
    }

    /// The status it is answered with.
    #[must_use]
    pub(super) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.row().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What kind it is.
    #[must_use]
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// The field at fault, if one is.
    #[must_use]
    pub(super) fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// What is wrong, in words.
    #[must_use]
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// The same problem in other words.
    #[must_use]
    pub(super) fn with_detail(self, detail: String) -> Self {
        Self { detail, ..self }
    }

    /// The same problem, with what changed.
    #[must_use]
    pub(super) fn with_changes(self, changes: Changes) -> Self {
        Self { changes: Some(Box::new(changes)), ..self }
    }

    /// The same problem, which is over in so many seconds.
    #[must_use]
    pub(super) fn over_in(self, wait_s: u64) -> Self {
        Self { wait_s: Some(wait_s), ..self }
    }

    /// In how many seconds it makes sense to ask again: what a busy server says, unless more is known.
    #[must_use]
    pub(super) fn wait_s(&self) -> Option<u64> {
        self.wait_s.or_else(|| (self.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_S))
    }

    /// The same problem with another field's name.
    #[must_use]
    pub(super) fn in_field(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }
}

impl Problem {
    fn document(&self) -> Document<'_> {
        let (status, slug, title) = self.kind.row();
        let changes = self.changes.as_deref();
        Document {
            r#type: format!("/docs#{slug}"),
            title,
            status,
            detail: &self.detail,
            field: self.field.as_deref(),
            checkout_id: changes.and_then(|changes| changes.checkout_id.as_deref()),
            changes: changes.map(|changes| &changes.changes),
        }
    }

    /// The document as a part of a larger answer.
    #[must_use]
    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self.document()).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.row().0;
        let body = serde_json::to_vec(&self.document()).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if status == 401 {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"shopkeeper\""));
        }
        if let Some(wait_s) = self.wait_s() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait_s));
        }
        response
    }
}

/// The answer to an address that does not exist.
pub(super) async fn unknown_route() -> Problem {
    Problem::new(Kind::UnknownRoute, "see /openapi.json for the addresses there are")
}

/// The answer to a method that the address does not know; the router adds `Allow`.
pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(Kind::MethodNotAllowed, format!("see the {ALLOW} header for the methods there are"))
}

/// The answer when a handler panicked: the one thing that must never happen.
#[expect(clippy::needless_pass_by_value, reason = "the shape that the layer asks for")]
pub(super) fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    Problem::internal(&format!("a handler panicked: {}", text.unwrap_or("no text"))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_has_its_own_name_and_an_error_status() {
        let slugs: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.row().1).collect();
        assert_eq!(slugs.len(), Kind::ALL.len());
        assert!(Kind::ALL.iter().all(|kind| (400..600).contains(&kind.row().0)));
    }

    #[test]
    fn a_problem_is_never_as_long_as_the_request_that_it_is_about() {
        let long = "ä".repeat(100_000);
        let problem = Problem::of_field(Kind::UnknownField, long.clone(), long);
        assert!(problem.detail().len() <= DETAIL_BYTES_MAX + 3 && problem.detail().ends_with("ä…"), "{}", problem.detail().len());
        assert!(problem.field().is_some_and(|field| field.len() <= FIELD_BYTES_MAX + 3));
        assert_eq!(Problem::invalid("limit", "must be at most 200").detail(), "must be at most 200");
    }

    #[test]
    fn a_problem_names_its_field_and_a_busy_server_says_when_to_come_back() {
        let response = Problem::invalid("limit", "must be at most 200").into_response();
        assert_eq!((response.status().as_u16(), response.headers()[CONTENT_TYPE].to_str().unwrap()), (400, PROBLEM_JSON));
        let response = Problem::new(Kind::Busy, "").into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "1");
        let response = Problem::new(Kind::TooManyRequests, "").over_in(20).into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "20");
    }
}
