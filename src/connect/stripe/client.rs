//! One call: a form out, JSON back, a deadline over everything, and a clear word on whether anything can have been done.

use crate::connect::outgoing::{self, AGENT, Unanswered, body_of, retry_after};
use crate::connect::webhooks::encrypted;
use crate::stdx::percent;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Method, Request};
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest wait for a connection; nothing was sent yet.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for an answer. The provider's own limit is about a minute; whoever gives up earlier looks up.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Most bytes of an answer that are read: a list of 100 objects has some 400 KiB.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// How long to wait when nothing could be sent, or the provider does not say how long.
pub(super) const PAUSE_MS: u64 = 2_000;

const VERSION: &str = "2024-06-20";

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(..)")
    }
}

/// Why a provider cannot be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Not `http://host[:port]` or `https://host[:port]`.
    #[error("the address must be http:// or https:// with a host and nothing behind it")]
    Address,
    /// An encrypted address, which this build cannot speak to.
    #[error("this build speaks to http:// addresses only: put a proxy that encrypts between")]
    NoTls,
    /// The secret cannot stand in a header.
    #[error("the secret key must be printable ASCII")]
    Key,
}

/// What came of a call.
pub(super) enum Called {
    /// An answer.
    Answered(Answered),
    /// Nothing was sent: certainly nothing was done.
    NotSent,
    /// Something was sent and no whole answer came back: nobody knows.
    Lost,
}

/// An answer.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) retry_after_ms: Option<u64>,
    body: Bytes,
}

impl Answered {
    /// The body as a `T`; none when it is not one.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Calls one API.
pub(super) struct Client {
    host: String,
    authority: String,
    port: u16,
    is_tls: bool,
    authorization: String,
}

impl Client {
    pub(super) fn new(base_url: &str, key: Secret) -> Result<Self, ClientError> {
        let base_url = base_url.trim_end_matches('/');
        let (is_tls, authority) = match (base_url.strip_prefix("https://"), base_url.strip_prefix("http://")) {
            (Some(authority), _) => (true, authority),
            (None, Some(authority)) => (false, authority),
            (None, None) => return Err(ClientError::Address),
        };
        if is_tls && cfg!(not(feature = "webhooks-tls")) {
            return Err(ClientError::NoTls);
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| ClientError::Address)?),
            None => (authority, if is_tls { 443 } else { 80 }),
        };
        if host.is_empty() || authority.contains(['/', '@', '?', ' ']) {
            return Err(ClientError::Address);
        }
        if key.0.is_empty() || !key.0.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ClientError::Key);
        }
        let (host, authority, authorization) = (host.to_owned(), authority.to_owned(), format!("Bearer {}", key.0));
        Ok(Self { host, authority, port, is_tls, authorization })
    }

    pub(super) fn get(&self, path: &str) -> Called {
        self.call(Method::GET, path, &[], None)
    }

    pub(super) fn post(&self, path: &str, form: &[(&str, String)], key: &str) -> Called {
        self.call(Method::POST, path, form, Some(key))
    }

    /// Blocks until the answer is there or the time is over. A call has a connection of its own: payments are few, and none waits for another.
    fn call(&self, method: Method, path: &str, form: &[(&str, String)], key: Option<&str>) -> Called {
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.authority).header(USER_AGENT, AGENT);
        request = request.header(AUTHORIZATION, &self.authorization).header("stripe-version", VERSION);
        if let Some(key) = key {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").header("idempotency-key", key);
        }
        let (Ok(request), Ok(runtime)) = (
            request.body(Full::new(Bytes::from(percent::pairs(form.iter().map(|(name, value)| (*name, value.as_str())))))),
            tokio::runtime::Builder::new_current_thread().enable_all().build(),
        ) else {
            return Called::NotSent;
        };
        runtime.block_on(async {
            let connected = timeout(CONNECT_TIMEOUT, TcpStream::connect((self.host.as_str(), self.port))).await;
            match connected {
                Ok(Ok(stream)) if self.is_tls => match timeout(CONNECT_TIMEOUT, encrypted(stream, &self.host)).await {
                    Ok(Some(stream)) => exchanged(stream, request).await,
                    Ok(None) | Err(_) => Called::NotSent,
                },
                Ok(Ok(stream)) => exchanged(stream, request).await,
                Ok(Err(_)) | Err(_) => Called::NotSent,
            }
        })
    }
}

async fn exchanged(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, request: Request<Full<Bytes>>) -> Called {
    let whole = outgoing::exchanged(stream, request, ANSWER_TIMEOUT, |response| async {
        let status = response.status().as_u16();
        let retry_after_ms = retry_after(&response).and_then(|wait| u64::try_from(wait.as_millis()).ok());
        Some(Answered { status, retry_after_ms, body: body_of(response, ANSWER_BYTES_MAX).await.ok()? })
    });
    match timeout(ANSWER_TIMEOUT, whole).await {
        Ok(Ok(Some(answered))) => Called::Answered(answered),
        Ok(Err(Unanswered::NotSent)) => Called::NotSent,
        Ok(Ok(None) | Err(Unanswered::Broken | Unanswered::Late)) | Err(_) => Called::Lost,
    }
}
