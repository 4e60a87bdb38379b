//! How a platform is told that something was not done: what could not be read, or asked at all, by a status and a code; what was read and
//! cannot be done by an answer with messages.

use super::capability::{Active, VERSION};
use super::shapes::{Message, Severity, Ucp};
use crate::connect::profiles::ProfileError;
use crate::http::answer::json_bytes;
use crate::http::error::{Kind, Problem};
use crate::http::limits::RETRY_AFTER_S;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;

/// Why something was not done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// It could not be read or asked, or the server is at fault.
    Transport(Transport),
    /// It was read, and there is nothing that it could be done with.
    Outcome(Box<Message>),
}

/// A fault that has a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transport {
    pub(super) status: StatusCode,
    /// Whether it is about finding out who the other side is, which has a code of its own in tool calls.
    pub(super) is_discovery: bool,
    pub(super) code: String,
    pub(super) content: String,
    /// The field at fault.
    pub(super) path: Option<String>,
    /// In how many seconds it makes sense to ask again.
    pub(super) wait_s: Option<u64>,
}

/// What the body of such a fault says.
#[derive(Debug, Serialize)]
pub(super) struct Fault<'a> {
    code: &'a str,
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    continue_url: &'a str,
}

/// An answer that carries nothing but messages.
#[derive(Debug, Serialize)]
pub(super) struct ErrorResponse<'a> {
    ucp: Ucp,
    messages: [&'a Message; 1],
    continue_url: &'a str,
}

impl Refusal {
    fn discovery(status: StatusCode, code: &str, content: String) -> Self {
        // A profile that cannot be fetched now may be later.
        let wait_s = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_S);
        Self::Transport(Transport { status, is_discovery: true, code: code.to_owned(), content, path: None, wait_s })
    }

    /// The address of a platform's profile is missing or is none.
    pub(super) fn profile(content: &str) -> Self {
        Self::discovery(StatusCode::BAD_REQUEST, "invalid_profile_url", content.to_owned())
    }

    /// The platform speaks another version.
    pub(super) fn version(theirs: &str) -> Self {
        let theirs: String = theirs.chars().take(32).collect();
        let content = format!("Version {theirs} is not supported. This shop speaks {VERSION}.");
        Self::discovery(StatusCode::UNPROCESSABLE_ENTITY, "version_unsupported", content)
    }

    /// The platform cannot do what this operation needs.
    pub(super) fn capability(name: &str) -> Self {
        let content = format!("This operation needs {name} {VERSION} on both sides.");
        Self::Outcome(Box::new(Message::error("capabilities_incompatible", None, content, Severity::Unrecoverable)))
    }
}

/// A field of ours as a path of RFC 9535.
pub(super) fn path_of(field: &str) -> String {
    format!("$.{field}")
}

/// The message that tells a problem.
pub(super) fn message_of(problem: &Problem, severity: Severity) -> Message {
    let (_, slug, title) = problem.kind().row();
    let content = if problem.detail().is_empty() { title.to_owned() } else { problem.detail().to_owned() };
    let code = match problem.kind() {
        Kind::UnknownId => "not_found".to_owned(),
        Kind::MissingField => "missing".to_owned(),
        Kind::InvalidField => "invalid".to_owned(),
        _ => slug.replace('-', "_"),
    };
    Message::error(code, problem.field().map(path_of), content, severity)
}

/// Whether a problem is the outcome of something that was read and understood.
pub(super) fn is_outcome(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::InvalidField
            | Kind::UnknownField
            | Kind::MissingField
            | Kind::ItemUnavailable
            | Kind::UnknownId
            | Kind::Exists
            | Kind::WrongStatus
            | Kind::OutOfStock
            | Kind::CartChanged
            | Kind::TooManyAttempts
            | Kind::Refused
            | Kind::StockChanged
            | Kind::Discarded
    )
}

impl From<ProfileError> for Refusal {
    fn from(error: ProfileError) -> Self {
        let (status, code) = match error {
            ProfileError::Address(_) => (StatusCode::BAD_REQUEST, "invalid_profile_url"),
            ProfileError::Unreachable => (StatusCode::FAILED_DEPENDENCY, "profile_unreachable"),
            ProfileError::Malformed => (StatusCode::UNPROCESSABLE_ENTITY, "profile_malformed"),
            ProfileError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        };
        Self::discovery(status, code, error.to_string())
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let kind = problem.kind();
        if is_outcome(kind) {
            return Self::Outcome(Box::new(message_of(&problem, Severity::Unrecoverable)));
        }
        // The protocol has a status of its own for this one.
        let status = if kind == Kind::KeyReused { StatusCode::CONFLICT } else { problem.status() };
        let Message { code, path, content, .. } = message_of(&problem, Severity::Unrecoverable);
        Self::Transport(Transport { status, is_discovery: false, code: code.into_owned(), content, path, wait_s: problem.wait_s() })
    }
}

impl Transport {
    /// A fault of the server.
    pub(super) fn internal() -> Self {
        let (code, content) = ("internal".to_owned(), Kind::Internal.row().2.to_owned());
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, is_discovery: false, code, content, path: None, wait_s: None }
    }

    /// Something that keeps a request from being read.
    pub(super) fn unread(message: Message) -> Self {
        let Message { code, path, content, .. } = message;
        Self { status: StatusCode::BAD_REQUEST, is_discovery: false, code: code.into_owned(), content, path, wait_s: None }
    }

    /// What is said beside the status.
    pub(super) fn fault<'a>(&'a self, continue_url: &'a str) -> Fault<'a> {
        Fault { code: &self.code, content: &self.content, path: self.path.as_deref(), continue_url }
    }
}

/// The answer in place of one about `root`.
pub(super) fn error_response<'a>(active: &Active, root: &'static str, message: &'a Message, continue_url: &'a str) -> ErrorResponse<'a> {
    ErrorResponse { ucp: Ucp::of(active, root).failed(), messages: [message], continue_url }
}

/// A fault as an answer over HTTP.
pub(super) fn respond(transport: &Transport, continue_url: &str) -> Response {
    let body = serde_json::to_vec(&transport.fault(continue_url)).unwrap_or_default();
    let mut response = json_bytes(transport.status, body);
    if let Some(wait_s) = transport.wait_s {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait_s));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_and_cannot_be_done_is_an_outcome_and_the_rest_has_a_status() {
        let check = |problem: Problem, expected: Option<u16>, code: &str| {
            let told = match Refusal::from(problem) {
                Refusal::Outcome(message) => (None, message.code.into_owned()),
                Refusal::Transport(transport) => (Some(transport.status.as_u16()), transport.code),
            };
            assert_eq!(told, (expected, code.to_owned()));
        };
        check(Problem::unknown("cart", "x"), None, "not_found");
        check(Problem::new(Kind::OutOfStock, ""), None, "out_of_stock");
        check(Problem::invalid("buyer.email", "is none"), None, "invalid");
        check(Problem::new(Kind::MalformedJson, ""), Some(400), "malformed_json");
        check(Problem::new(Kind::KeyReused, ""), Some(409), "key_reused");
        check(Problem::new(Kind::Busy, ""), Some(503), "busy");
    }
}
