//! What every request gets: a name, a deadline, bounds on its head, timing, metrics, one line in the access log, safe headers.

use super::access::RequestName;
use super::algolia::takes_other_sites;
use super::edge::Peer;
use super::error::{Kind, Problem};
use super::limits::{BULK_TIMEOUT, HEADER_BYTES_MAX, REQUEST_TIMEOUT};
use super::params::check_length;
use super::unread;
use crate::payment::card_guard;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics::{Counter, Gauge, Histogram};
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The name that UCP gives to the same thing.
const UCP_REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
/// For a year a browser that came over TLS once comes over nothing else.
const TLS_ONLY: &str = "max-age=31536000";
const REQUEST_ID_BYTES_MAX: usize = 128;
/// Pages load nothing from elsewhere, and nobody may frame them.
const POLICY: &str =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// What requests without a route are counted under, so that made-up addresses do not become metric labels.
const UNMATCHED: &str = "unmatched";

/// Wraps one request; the outermost layer of the router.
pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or(UNMATCHED, MatchedPath::as_str).to_owned();
    let request_id = request_id(request.headers());
    request.extensions_mut().insert(RequestName(request_id.clone()));
    let is_encrypted = request.extensions().get::<Peer>().is_some_and(|peer| peer.is_encrypted);
    let is_encoded = request.headers().contains_key(CONTENT_ENCODING);
    let unread = unread::lend(&mut request);
    let in_flight = InFlight::begin();
    // What is logged on the way says of which request.
    let span = tracing::error_span!("request", request_id = request_id.to_str().unwrap_or_default());
    let mut response = answer(request, next, deadline(&method, &route)).instrument(span).await;
    drop(in_flight);
    let elapsed = started.elapsed();
    dress(response.headers_mut(), request_id.clone(), elapsed);
    if is_encoded && response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        // So that it is told from a media type that is not read (RFC 9110, section 15.5.16).
        response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    if is_encrypted {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TLS_ONLY));
    }
    if let Some(unread) = unread {
        unread.settle(response.headers_mut()).await;
    }
    record(&method, &route, response.status().as_u16(), elapsed, &request_id);
    response
}

/// One request that is being answered. A peer that goes away, or is sent away for being slow, takes its request with it in the middle of an answer: what
/// was counted has to end with the value, not with a line that is never reached.
struct InFlight(Gauge);

impl InFlight {
    fn begin() -> Self {
        let requests = metrics::gauge!("shopkeeper_http_requests_in_flight");
        requests.increment(1.0);
        Self(requests)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

async fn answer(request: Request, next: Next, deadline: Duration) -> Response {
    if let Err(problem) = check_head(&request) {
        return problem.into_response();
    }
    match tokio::time::timeout(deadline, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Kind::Busy, format!("not answered within {} s", deadline.as_secs())).into_response(),
    }
}

fn check_head(request: &Request) -> Result<(), Problem> {
    let header_bytes: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if header_bytes > HEADER_BYTES_MAX {
        return Err(Problem::new(Kind::HeadersTooLarge, format!("at most {HEADER_BYTES_MAX} bytes")));
    }
    check_length(request.uri().query().unwrap_or_default())?;
    // Browsers say where a request comes from; a page of another site must not write through a visitor who can reach this port.
    // One that shows a key does it by itself, and the gate looks at where it comes from.
    let is_cross_site = request.headers().get(FETCH_SITE).is_some_and(|site| site == "cross-site");
    let shows_key = request.headers().contains_key(AUTHORIZATION);
    if is_cross_site && !shows_key && !request.method().is_safe() && !takes_other_sites(request.uri().path()) {
        return Err(Problem::new(Kind::CrossSite, "send writes from the shop's own pages or from a server"));
    }
    Ok(())
}

fn deadline(method: &Method, route: &str) -> Duration {
    let is_bulk = *method == Method::POST && matches!(route, "/v1/products" | "/v1/events" | "/v1/generations");
    // Before an export begins, all that was ever done may have to be read.
    if is_bulk || route.starts_with("/v1/export/") { BULK_TIMEOUT } else { REQUEST_TIMEOUT }
}

/// The client's own name for the request when it is short and printable, else a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let given = headers.get(REQUEST_ID).or_else(|| headers.get(UCP_REQUEST_ID));
    let usable = |value: &&HeaderValue| {
        let is_plain = (1..=REQUEST_ID_BYTES_MAX).contains(&value.len()) && value.as_bytes().iter().all(|byte| byte.is_ascii_graphic());
        // It is written to logs and into the audit, where no card number may come.
        is_plain && value.to_str().is_ok_and(|text| card_guard("x-request-id", text).is_ok())
    };
    given.filter(usable).cloned().unwrap_or_else(|| {
        let mut text = uuid::Uuid::encode_buffer();
        let id = uuid::Uuid::now_v7().hyphenated().encode_lower(&mut text);
        HeaderValue::from_str(id).unwrap_or(HeaderValue::from_static("none"))
    })
}

fn dress(headers: &mut HeaderMap, request_id: HeaderValue, elapsed: Duration) {
    headers.insert(REQUEST_ID, request_id);
    let timing = format!("total;dur={:.3}", elapsed.as_secs_f64() * 1e3);
    if let Ok(timing) = HeaderValue::from_str(&timing) {
        headers.insert(SERVER_TIMING, timing);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Counts and logs. The path pattern is logged, never the path or the query string: those hold names of people and their carts.
fn record(method: &Method, route: &str, status: u16, elapsed: Duration, request_id: &HeaderValue) {
    let method = method_label(method);
    Counted::with(route, (method, status), |counted| {
        counted.requests.increment(1);
        counted.seconds.record(elapsed.as_secs_f64());
    });
    let us = elapsed.as_micros();
    let request_id = request_id.to_str().unwrap_or_default();
    tracing::info!(target: "access", method, route, status, us, request_id);
}

/// Where answers of one kind are counted.
struct Counted {
    kind: (&'static str, u16),
    requests: Counter,
    seconds: Histogram,
}

thread_local! {
    /// By route, of which there are as many as in the router: to find one by its labels takes longer than to count.
    static COUNTED: RefCell<HashMap<String, Vec<Counted>>> = RefCell::default();
}

impl Counted {
    fn of(route: &str, kind: (&'static str, u16)) -> Self {
        let labels = [("route", route.to_owned()), ("method", kind.0.to_owned()), ("status", kind.1.to_string())];
        let requests = metrics::counter!("shopkeeper_http_requests_total", &labels);
        Self { kind, requests, seconds: metrics::histogram!("shopkeeper_http_request_seconds", &labels[..1]) }
    }

    fn with(route: &str, kind: (&'static str, u16), count: impl FnOnce(&Self)) {
        COUNTED.with_borrow_mut(|routes| {
            if !routes.contains_key(route) {
                routes.insert(route.to_owned(), Vec::new());
            }
            let Some(kinds) = routes.get_mut(route) else { return };
            let place = kinds.iter().position(|known| known.kind == kind).unwrap_or_else(|| {
                kinds.push(Self::of(route, kind));
                kinds.len() - 1
            });
            count(&kinds[place]);
        });
    }
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use std::io::{Read, Seek, SeekFrom};
    use std::sync::Arc;
    use tower::Service;

    fn headers(name: HeaderName, value: &[u8]) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_bytes(value).expect("a header value"))])
    }

    #[test]
    fn a_clients_request_name_is_kept_only_when_it_is_printable_and_short_and_no_card_number() {
        assert_eq!(request_id(&headers(REQUEST_ID, b"abc-1")), "abc-1");
        assert_eq!(request_id(&headers(UCP_REQUEST_ID, b"abc-2")), "abc-2");
        for bad in [&b"a b"[..], b"", b"\xff\xfe", &[b'x'; 129], b"4111111111111111", b"r-4111-1111-1111-1111"] {
            assert_eq!(request_id(&headers(REQUEST_ID, bad)).len(), 36);
        }
    }

    #[test]
    fn what_goes_wrong_is_logged_under_the_name_of_the_request() {
        let log = Arc::new(tempfile::tempfile().expect("a file"));
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(Arc::clone(&log)).finish();
        let failing = || async { Problem::internal(&"the disk is gone") };
        let mut router = Router::new().route("/", get(failing)).layer(axum::middleware::from_fn(observe));
        let request = Request::builder().header(REQUEST_ID, "abc-1").body(Body::empty()).expect("a request");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let response = tracing::subscriber::with_default(subscriber, || runtime.block_on(router.call(request))).expect("an answer");
        assert_eq!((response.status().as_u16(), &response.headers()[REQUEST_ID]), (500, &HeaderValue::from_static("abc-1")));
        let mut text = String::new();
        (&*log).seek(SeekFrom::Start(0)).and_then(|_| (&*log).read_to_string(&mut text)).expect("is read");
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() == 2 && lines[0].contains("the disk is gone") && lines.iter().all(|line| line.contains("abc-1")), "{text}");
    }

    /// A load beside thousands of slow clients left a gauge that said 51 for ever: each was a peer sent away in the middle of its request.
    #[test]
    fn a_request_whose_peer_goes_away_is_in_flight_no_more() {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let told = recorder.handle();
        let in_flight =
            || told.render().lines().find_map(|line| line.strip_prefix("shopkeeper_http_requests_in_flight ")?.parse::<f64>().ok());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        metrics::with_local_recorder(&recorder, || {
            let mut router = Router::new().route("/", get(std::future::pending::<()>)).layer(axum::middleware::from_fn(observe));
            let answer = router.call(Request::builder().body(Body::empty()).expect("a request"));
            runtime.block_on(async {
                let begun = tokio::time::timeout(Duration::ZERO, answer).await;
                assert!(begun.is_err(), "it is never answered, and given up");
            });
        });
        assert_eq!(in_flight(), Some(0.0));
    }

    #[test]
    fn only_bulk_routes_get_the_long_deadline() {
        assert_eq!(deadline(&Method::POST, "/v1/products"), BULK_TIMEOUT);
        assert_eq!(deadline(&Method::GET, "/v1/export/events"), BULK_TIMEOUT);
        assert_eq!(deadline(&Method::GET, "/v1/products"), REQUEST_TIMEOUT);
        assert_eq!(deadline(&Method::POST, "/v1/search"), REQUEST_TIMEOUT);
    }
}
