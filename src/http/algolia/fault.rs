//! What these clients are told when something is wrong: `{"message", "status"}`, with the same words and status as everywhere.

use crate::http::error::{Kind, Problem};
use crate::http::limits::RETRY_AFTER_S;
use crate::search::SearchError;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A problem in their shape.
#[derive(Debug)]
pub(super) struct Fault {
    status: StatusCode,
    message: String,
}

/// What handlers of the binding return.
pub(super) type Answer = Result<Response, Fault>;

#[derive(Serialize)]
struct Document<'a> {
    message: &'a str,
    status: u16,
}

impl Fault {
    /// There is no index of that name.
    pub(super) fn no_index(name: &str, why: &str) -> Self {
        Self { status: StatusCode::NOT_FOUND, message: format!("Index {name} does not exist: {why}") }
    }

    /// There is no product of that name.
    pub(super) fn no_object() -> Self {
        Self { status: StatusCode::NOT_FOUND, message: "ObjectID does not exist".to_owned() }
    }

    /// The same, said of one of several requests.
    pub(super) fn in_request(self, index: usize) -> Self {
        Self { message: format!("requests[{index}]: {}", self.message), ..self }
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        let detail = match problem.detail() {
            "" => problem.status().canonical_reason().unwrap_or("refused"),
            detail => detail,
        };
        let message = problem.field().map_or_else(|| detail.to_owned(), |field| format!("{field}: {detail}"));
        Self { status: problem.status(), message }
    }
}

impl From<SearchError> for Fault {
    fn from(error: SearchError) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let document = Document { message: &self.message, status: self.status.as_u16() };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (self.status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        response
    }
}

/// A parameter with a value that it cannot have.
pub(super) fn invalid(field: &str, detail: impl Into<String>) -> Problem {
    Problem::invalid(field, detail)
}

/// A parameter that there is not.
pub(super) fn unknown(field: &str) -> Problem {
    Problem::of_field(Kind::UnknownField, field, "unknown parameter")
}
