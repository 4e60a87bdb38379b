//! Routes on their way out: what the table marks, the description tells and every answer says.
//!
//! `Deprecation` (RFC 9745) is the moment from which on a route is not to be used for anything new, `Sunset` (RFC 8594) the one from which
//! on it may be gone, and `Link` names what to use instead and where the policy stands. `docs/VERSIONING.md` says what lies between them.

use super::table::Route;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::LINK;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// What an answer says: each header and its value.
type Headers = [(HeaderName, HeaderValue); 3];

/// When a route is on its way out.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Deprecation {
    /// The day from which on it is not to be used for anything new, as in `2027-01-31`; days begin in UTC.
    pub(in crate::http) since: &'static str,
    /// The day from which on it may be gone.
    pub(in crate::http) sunset: &'static str,
    /// The address to use instead.
    pub(in crate::http) instead: &'static str,
}

/// The headers of every route on its way out.
#[derive(Debug, Clone, Default)]
pub(in crate::http) struct Deprecations {
    by_path: HashMap<&'static str, Vec<(&'static str, Headers)>>,
}

impl Deprecation {
    fn headers(self) -> Option<Headers> {
        let value = |text: String| HeaderValue::from_str(&text).ok();
        let since = value(format!("@{}", begin_of(self.since)?.as_second()))?;
        let sunset = value(begin_of(self.sunset)?.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())?;
        let link = value(format!("<{}>; rel=\"successor-version\", </docs>; rel=\"deprecation\"", self.instead))?;
        Some([(DEPRECATION, since), (SUNSET, sunset), (LINK, link)])
    }

    /// What the description says of the headers.
    pub(super) fn described(self) -> Value {
        let header = |about: String| json!({ "description": about, "schema": { "type": "string" } });
        json!({
            "Deprecation": header(format!("Not to be used for anything new since {} (RFC 9745).", self.since)),
            "Sunset": header(format!("May be gone from {} on (RFC 8594).", self.sunset)),
            "Link": header(format!("{} is to be used instead.", self.instead)),
        })
    }
}

fn begin_of(day: &str) -> Option<jiff::Timestamp> {
    format!("{day}T00:00:00Z").parse().ok()
}

impl Deprecations {
    /// Of the routes that are marked.
    pub(super) fn of<'a>(routes: impl Iterator<Item = &'a Route>) -> Self {
        let mut by_path: HashMap<_, Vec<_>> = HashMap::new();
        for route in routes {
            if let Some(headers) = route.deprecation.and_then(Deprecation::headers) {
                by_path.entry(route.path).or_default().push((route.method, headers));
            }
        }
        Self { by_path }
    }

    fn headers(&self, method: &Method, path: &str) -> Option<&Headers> {
        let method = if method == Method::HEAD { "GET" } else { method.as_str() };
        let known = self.by_path.get(path)?.iter().find(|(known, _)| known.eq_ignore_ascii_case(method));
        known.map(|(_, headers)| headers)
    }
}

/// Says with every answer of a marked route that it is on its way out; a layer around all routes.
pub(in crate::http) async fn tell(State(deprecations): State<Arc<Deprecations>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let Some(headers) = deprecations.headers(request.method(), path).cloned() else { return next.run(request).await };
    let mut response = next.run(request).await;
    for (name, value) in headers {
        response.headers_mut().append(name, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::super::table::route;
    use super::super::{operation, routes};
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::http::HeaderMap;
    use axum::routing::get;
    use tower::Service;

    const OLD: Route = route("get", "/v1/old/{id}", "Find", "What was asked for once.", "Health").deprecated(Deprecation {
        since: "2027-01-31",
        sunset: "2028-01-31",
        instead: "/v1/search",
    });
    const KEPT: Route = route("post", "/v1/old/{id}", "Find", "What is still asked for.", "Health");

    #[tokio::test]
    async fn a_route_that_the_table_marks_says_so_in_its_description_and_with_every_answer() {
        let deprecations = Arc::new(Deprecations::of([OLD, KEPT].iter()));
        let layer = axum::middleware::from_fn_with_state(deprecations, tell);
        let mut router = Router::new().route("/v1/old/{id}", get(async || "old").post(async || "kept")).layer(layer);
        let mut ask = async |method: Method, address: &str| -> HeaderMap {
            let request = axum::http::Request::builder().method(method).uri(address).body(Body::empty()).expect("a request");
            router.call(request).await.expect("answers").headers().clone()
        };
        for method in [Method::GET, Method::HEAD] {
            let headers = ask(method, "/v1/old/7").await;
            assert_eq!(headers[DEPRECATION], "@1801353600", "RFC 9745: a structured date");
            assert_eq!(headers[SUNSET], "Mon, 31 Jan 2028 00:00:00 GMT", "RFC 8594: an HTTP date");
            assert!(headers[LINK].to_str().expect("text").starts_with("</v1/search>; rel=\"successor-version\""));
        }
        assert!(!ask(Method::POST, "/v1/old/7").await.contains_key(DEPRECATION), "the other method stays");
        let (old, kept) = (operation(&OLD), operation(&KEPT));
        assert_eq!((&old["deprecated"], old["responses"]["200"]["headers"]["Sunset"].is_object()), (&Value::Bool(true), true));
        assert_eq!((&kept["deprecated"], &kept["responses"]["200"]["headers"]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn whatever_is_marked_has_a_year_and_somewhere_to_go() {
        for route in routes() {
            let Some(Deprecation { since, sunset, instead }) = route.deprecation else { continue };
            let (since, sunset) = (begin_of(since).expect("a day"), begin_of(sunset).expect("a day"));
            assert!(sunset.as_second() - since.as_second() >= 365 * 86_400, "{} has less than a year", route.path);
            assert!(super::super::routes().any(|other| other.path == instead), "{} is replaced by nothing", route.path);
        }
    }
}
