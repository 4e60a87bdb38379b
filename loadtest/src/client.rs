//! Requests to the server under test: kept-alive connections, a deadline, and failures by kind.

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::net::IpAddr;
use std::time::Duration;

/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Why something that was tried did not get its answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// No connection, or it broke.
    #[error("no connection: {0}")]
    Connect(String),
    /// No answer within the deadline.
    #[error("no answer in time")]
    Timeout,
    /// The server says that the request is at fault.
    #[error("{0}: {1}")]
    Refused(u16, String),
    /// The server says that it failed.
    #[error("{0}: {1}")]
    Failed(u16, String),
    /// An answer that cannot be right.
    #[error("bad answer: {0}")]
    BadAnswer(String),
    /// Not sent: too many were unanswered already.
    #[error("not sent: too many unanswered")]
    Shed,
    /// Nothing left to sell: a proper answer, but not an order.
    #[error("sold out")]
    SoldOut,
}

impl Failure {
    pub(crate) const SOLD_OUT: &'static str = "sold out";

    /// Its kind in reports.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::Timeout => "timeout",
            Self::Refused(..) => "4xx",
            Self::Failed(..) => "5xx",
            Self::BadAnswer(_) => "bad answer",
            Self::Shed => "shed",
            Self::SoldOut => Self::SOLD_OUT,
        }
    }
}

/// Why a target cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TargetError {
    #[error("--target {0}: must be http://HOST:PORT")]
    Address(String),
    #[error("--target {0} is not this machine; load on somebody else's server needs --allow-remote")]
    Remote(String),
    #[error("--key-file: not a value for a header")]
    Key,
}

/// Connections to one server.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    base: String,
    timeout: Duration,
    authorization: Option<HeaderValue>,
}

/// Checks the target and gives it without a slash at the end.
fn checked(target: &str, allow_remote: bool) -> Result<String, TargetError> {
    let address = || TargetError::Address(target.to_owned());
    let uri: Uri = target.parse().map_err(|_| address())?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(address)?;
    if uri.scheme_str() != Some("http") || uri.path() != "/" || uri.query().is_some() {
        return Err(address());
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_local = bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if !is_local && !allow_remote {
        return Err(TargetError::Remote(target.to_owned()));
    }
    Ok(target.trim_end_matches('/').to_owned())
}

impl Client {
    pub(crate) fn new(
        target: &str,
        allow_remote: bool,
        key: Option<&str>,
        timeout: Duration,
        idle_max: usize,
    ) -> Result<Self, TargetError> {
        let base = checked(target, allow_remote)?;
        let authorization = key.map(|key| HeaderValue::from_str(&format!("Bearer {key}"))).transpose().map_err(|_| TargetError::Key)?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(timeout));
        let pool = Pool::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_max_idle_per_host(idle_max).build(connector);
        Ok(Self { pool, base, timeout, authorization })
    }

    /// The server's address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The same connections with another limit of time.
    pub(crate) fn with_patience(&self, timeout: Duration) -> Self {
        Self { timeout, ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Bytes, Failure> {
        self.call(Method::GET, path, Bytes::new(), None).await
    }

    /// A write that needs no words.
    pub(crate) async fn post(&self, path: &str) -> Result<Bytes, Failure> {
        self.call(Method::POST, path, Bytes::new(), None).await
    }

    /// A write, under an idempotency key when there is one.
    pub(crate) async fn write(&self, method: Method, path: &str, body: &serde_json::Value, key: Option<&str>) -> Result<Bytes, Failure> {
        self.call(method, path, Bytes::from(body.to_string()), key).await
    }

    /// A write of many lines.
    pub(crate) async fn lines(&self, method: Method, path: &str, lines: String, key: &str) -> Result<Bytes, Failure> {
        self.send(method, path, Bytes::from(lines), "application/x-ndjson", Some(key)).await
    }

    async fn call(&self, method: Method, path: &str, body: Bytes, key: Option<&str>) -> Result<Bytes, Failure> {
        self.send(method, path, body, "application/json", key).await
    }

    async fn send(&self, method: Method, path: &str, body: Bytes, media: &'static str, key: Option<&str>) -> Result<Bytes, Failure> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, media);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(Full::new(body)).map_err(|error| Failure::Connect(error.to_string()))?;
        match tokio::time::timeout(self.timeout, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure::Timeout),
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Bytes, Failure> {
        let response = self.pool.request(request).await.map_err(|error| Failure::Connect(chain(&error)))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        let bytes = body.map_err(|error| Failure::Connect(error.to_string()))?.to_bytes();
        match status.as_u16() {
            200..=299 => Ok(bytes),
            409 if is_sold_out(&bytes) => Err(Failure::SoldOut),
            status @ 500.. => Err(Failure::Failed(status, excerpt(&bytes))),
            status => Err(Failure::Refused(status, excerpt(&bytes))),
        }
    }
}

/// An error with its causes: hyper's own message alone says little.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Whether a problem document's type says so.
fn is_sold_out(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Problem {
        r#type: String,
    }
    serde_json::from_slice::<Problem>(body).is_ok_and(|problem| problem.r#type.ends_with("out-of-stock"))
}

/// The beginning of an answer, for the report.
fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned()
}

/// A text as part of an address (RFC 3986: everything but unreserved characters is escaped).
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loaded_unless_told() {
        for local in ["http://127.0.0.1:7700", "http://localhost:7700/", "http://[::1]:80"] {
            assert!(checked(local, false).is_ok(), "{local}");
        }
        assert!(matches!(checked("http://example.org", false), Err(TargetError::Remote(_))));
        assert!(matches!(checked("http://127.0.0.1.example.org", false), Err(TargetError::Remote(_))));
        assert_eq!(checked("http://example.org/", true).expect("is allowed"), "http://example.org");
        for bad in ["https://localhost", "localhost", "http://localhost/path", ""] {
            assert!(matches!(checked(bad, true), Err(TargetError::Address(_))), "{bad}");
        }
    }

    #[test]
    fn a_sold_out_product_is_told_from_other_conflicts() {
        assert!(is_sold_out(br#"{"type":"http://x/docs#out-of-stock","status":409}"#));
        assert!(!is_sold_out(br#"{"type":"http://x/docs#wrong-status","status":409}"#));
        assert!(!is_sold_out(b"nothing"));
    }

    #[test]
    fn addresses_are_escaped() {
        assert_eq!(escaped("caf\u{e9} & co/1-2"), "caf%C3%A9%20%26%20co%2F1-2");
    }
}
