//! One GET: a name resolved once, a connection to an address that was checked, no redirects, a deadline over everything, a bounded body.

use super::ProfileError;
use crate::connect::outgoing::{self, AGENT, Unread, body_of, header};
use crate::connect::webhooks::{AddressError, Policy, SendError, Target, encrypted, reach};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, CACHE_CONTROL, HOST, USER_AGENT};
use hyper::{Request, Response};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// The whole fetch. A shopper waits for it.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of a profile.
const BYTES_MAX: usize = 64 << 10;

/// What is at an address, and for how many seconds its host lets it be kept.
pub(super) async fn fetch(url: &str, policy: &Policy) -> Result<(Bytes, Option<u64>), ProfileError> {
    let target = Target::parse(url, policy)?;
    tokio::time::timeout(TIMEOUT, fetched(&target, policy)).await.map_err(|_| ProfileError::Unreachable)?
}

async fn fetched(target: &Target, policy: &Policy) -> Result<(Bytes, Option<u64>), ProfileError> {
    let stream = reach(target, policy).await.map_err(|error| match error {
        SendError::Address(error) => error.into(),
        SendError::Connect | SendError::Tls | SendError::Broken | SendError::Timeout => ProfileError::Unreachable,
    })?;
    if !target.is_tls {
        return exchanged(stream, target).await;
    }
    exchanged(encrypted(stream, &target.host).await.ok_or(ProfileError::Unreachable)?, target).await
}

async fn exchanged(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    target: &Target,
) -> Result<(Bytes, Option<u64>), ProfileError> {
    let request = Request::get(target.path.as_str())
        .header(HOST, target.authority.as_str())
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "application/json")
        .body(Empty::<Bytes>::new())
        .map_err(|_| AddressError::Form)?;
    let whole = outgoing::exchanged(stream, request, TIMEOUT, |response| async {
        if response.status() != 200 {
            return Err(ProfileError::Unreachable);
        }
        let age_s = max_age_s(&response);
        let body = body_of(response, BYTES_MAX).await.map_err(|unread| match unread {
            Unread::Broken => ProfileError::Unreachable,
            Unread::TooLong => ProfileError::Malformed,
        });
        Ok((body?, age_s))
    });
    whole.await.unwrap_or(Err(ProfileError::Unreachable))
}

fn max_age_s<B>(response: &Response<B>) -> Option<u64> {
    let text = header(response, &CACHE_CONTROL)?;
    text.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse().ok())
}
