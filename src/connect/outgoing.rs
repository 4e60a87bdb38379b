//! What connectors that call others have in common: one request over a connection of its own, its answer read within limits.

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{HeaderName, RETRY_AFTER};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// What the shop calls itself.
pub(super) const AGENT: &str = concat!("shopkeeper/", env!("CARGO_PKG_VERSION"));

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// Nothing was sent.
    NotSent,
    /// The connection broke off.
    Broken,
    /// The answer did not begin in time.
    Late,
}

/// Why an answer's body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// The connection broke off.
    Broken,
    /// It is longer than it may be.
    TooLong,
}

/// Sends a request, and gives what `read` makes of an answer that begins within `head_within`. The connection does its work while that is waited
/// for, and ends with it.
pub(super) async fn exchanged<B, R>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<B>,
    head_within: Duration,
    read: impl FnOnce(Response<Incoming>) -> R,
) -> Result<R::Output, Unanswered>
where
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + 'static,
    R: Future,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| Unanswered::NotSent)?;
    let whole = async {
        let response = timeout(head_within, sender.send_request(request)).await.map_err(|_| Unanswered::Late)?;
        Ok(read(response.map_err(|_| Unanswered::Broken)?).await)
    };
    tokio::select! {
        answered = whole => answered,
        _ = async { drop(connection.await); std::future::pending::<()>().await } => Err(Unanswered::Broken),
    }
}

/// The body of an answer, of at most so many bytes.
pub(super) async fn body_of(response: Response<Incoming>, bytes_max: usize) -> Result<Bytes, Unread> {
    let (mut body, mut bytes) = (response.into_body(), Vec::new());
    while let Some(frame) = body.frame().await {
        if let Some(data) = frame.map_err(|_| Unread::Broken)?.data_ref() {
            bytes.extend_from_slice(data);
        }
        if bytes.len() > bytes_max {
            return Err(Unread::TooLong);
        }
    }
    Ok(Bytes::from(bytes))
}

/// A header of an answer, if it is text.
pub(super) fn header<'a, B>(response: &'a Response<B>, name: &HeaderName) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// Seconds that whoever answered wants to be left alone; moments in words are not read.
pub(super) fn retry_after<B>(response: &Response<B>) -> Option<Duration> {
    header(response, &RETRY_AFTER)?.trim().parse().ok().map(Duration::from_secs)
}
