//! What a request carries from the door to its work: its class, and until when its asker waits.

use super::class::Class;
use super::work::shed;
use crate::http::context::Context;
use crate::http::error::Problem;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many milliseconds the asker waits for the answer, if it says so: what it would not see is not begun.
pub(in crate::http) const PATIENCE: &str = "x-request-timeout-ms";
/// Nobody waits longer.
pub(in crate::http) const PATIENCE_MS_MAX: u64 = 24 * 3_600_000;

/// A request that was let in.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Ticket {
    pub(in crate::http) class: Class,
    /// When its asker will have given up.
    pub(in crate::http) until: Option<Instant>,
}

impl Ticket {
    /// Of whoever browses and does not say how long they wait.
    pub(in crate::http) const BROWSING: Self = Self { class: Class::Browse, until: None };

    /// Of a request with these extensions.
    pub(in crate::http) fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self::BROWSING)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Ticket {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

/// Lets a request in, or refuses it before anything is read: the layer around all routes.
pub(in crate::http) async fn admit(State(context): State<Arc<Context>>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let Some(class) = Class::of(request.method(), route) else { return next.run(request).await };
    let until = match patience(request.headers()) {
        Ok(patience) => patience.and_then(|patience| Instant::now().checked_add(patience)),
        Err(problem) => return problem.into_response(),
    };
    if let Err(problem) = check_room(&context, class) {
        return problem.into_response();
    }
    request.extensions_mut().insert(Ticket { class, until });
    next.run(request).await
}

/// Lets in what was read out of the body of a request as if it had come to its own address.
///
/// # Errors
/// When there is no room for it.
pub(in crate::http) fn admit_as(context: &Context, ticket: Ticket, method: &Method, route: &str) -> Result<Ticket, Problem> {
    let Some(class) = Class::of(method, route) else { return Ok(ticket) };
    check_room(context, class).map(|()| Ticket { class, ..ticket })
}

fn check_room(context: &Context, class: Class) -> Result<(), Problem> {
    let has_room = match class {
        Class::Complete => true,
        Class::Trade => context.has_room_to_sell(),
        Class::Browse | Class::Bulk => context.work.has_room(class),
    };
    has_room.then_some(()).ok_or_else(|| shed(class, "full"))
}

fn patience(headers: &HeaderMap) -> Result<Option<Duration>, Problem> {
    let Some(value) = headers.get(PATIENCE) else { return Ok(None) };
    let read = value.to_str().ok().and_then(|text| text.parse::<u64>().ok()).filter(|ms| (1..=PATIENCE_MS_MAX).contains(ms));
    read.map(|ms| Some(Duration::from_millis(ms)))
        .ok_or_else(|| Problem::invalid(PATIENCE, format!("must be milliseconds, from 1 to {PATIENCE_MS_MAX}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    #[test]
    fn who_says_how_long_it_waits_says_so_in_milliseconds() {
        let check =
            |value: &'static str| patience(&HeaderMap::from_iter([(HeaderName::from_static(PATIENCE), HeaderValue::from_static(value))]));
        assert_eq!(check("250"), Ok(Some(Duration::from_millis(250))));
        assert_eq!(patience(&HeaderMap::new()), Ok(None));
        for bad in ["", "0", "-1", "1.5", "1s", "86400001", "99999999999999999999"] {
            assert_eq!(check(bad).expect_err(bad).field(), Some(PATIENCE));
        }
    }
}
