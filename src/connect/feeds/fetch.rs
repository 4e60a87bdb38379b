//! One look at an address: asks for what has changed since, and brings it into a file. No redirects, an address that was checked, a limit on its
//! length, and a deadline over every step.

use super::memory::Mark;
use crate::connect::outgoing::{self, AGENT, Unanswered, header, retry_after};
use crate::connect::runtime::OwnRuntime;
use crate::connect::webhooks::{AddressError, Policy, SendError, Target, encrypted, reach};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, ETAG, HOST, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, USER_AGENT,
};
use hyper::{Request, Response};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{sleep, timeout};

/// From the name of the server to the head of its answer.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Between two pieces of the file.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// The whole fetch: a gigabyte at 300 kB/s.
const WHOLE_TIMEOUT: Duration = Duration::from_secs(3_600);
/// How often a fetch looks whether it is still wanted.
const WANTED_EVERY: Duration = Duration::from_millis(100);

/// Why nothing was fetched; in words that tell nothing of what stands behind an address, and no secret.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the address {0}")]
    Address(#[from] AddressError),
    #[error("{0}")]
    Send(SendError),
    #[error("it leads to another address (status {0}), which is not followed: name that one")]
    Moved(u16),
    #[error("the server answered with status {status}")]
    Status { status: u16, retry_after: Option<Duration> },
    #[error("it is longer than {0} bytes")]
    TooLong(u64),
    #[error("it did not come in time")]
    Late,
    #[error("the token in its file is none that a header can hold")]
    Token,
    #[error("the shop is closing")]
    Unwanted,
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl FetchError {
    /// How long the server wants to be left alone.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        if let Self::Status { retry_after, .. } = self { *retry_after } else { None }
    }
}

impl From<SendError> for FetchError {
    fn from(error: SendError) -> Self {
        if let SendError::Address(error) = error { error.into() } else { Self::Send(error) }
    }
}

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) url: &'a str,
    pub(super) policy: &'a Policy,
    pub(super) token: Option<&'a str>,
    /// What was there before.
    pub(super) mark: &'a Mark,
    pub(super) bytes_max: u64,
    /// Where the file goes.
    pub(super) to: &'a Path,
}

/// Fetches, and says what its server calls this state of it; none when it has not changed.
///
/// # Errors
/// When it cannot be had.
pub(super) fn fetch(asked: &Asked<'_>, is_wanted: &dyn Fn() -> bool) -> Result<Option<Mark>, FetchError> {
    let runtime = OwnRuntime::new()?;
    let unwanted = async {
        while is_wanted() {
            sleep(WANTED_EVERY).await;
        }
    };
    let fetched = runtime.block_on(async {
        tokio::select! {
            fetched = timeout(WHOLE_TIMEOUT, fetched(asked)) => fetched.map_err(|_| FetchError::Late)?,
            () = unwanted => Err(FetchError::Unwanted),
        }
    });
    fetched.unwrap_or(Err(FetchError::Unwanted))
}

async fn fetched(asked: &Asked<'_>) -> Result<Option<Mark>, FetchError> {
    let target = Target::parse(asked.url, asked.policy)?;
    let stream = timeout(HEAD_TIMEOUT, reach(&target, asked.policy)).await.map_err(|_| FetchError::Late)??;
    if !target.is_tls {
        return exchanged(stream, &target, asked).await;
    }
    let stream = timeout(HEAD_TIMEOUT, encrypted(stream, &target.host)).await.map_err(|_| FetchError::Late)?;
    exchanged(stream.ok_or(FetchError::Send(SendError::Tls))?, &target, asked).await
}

async fn exchanged(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    target: &Target,
    asked: &Asked<'_>,
) -> Result<Option<Mark>, FetchError> {
    let whole = outgoing::exchanged(stream, request(target, asked)?, HEAD_TIMEOUT, |response| async {
        match response.status().as_u16() {
            200 => kept(response, asked).await.map(Some),
            304 => Ok(None),
            status @ 300..400 => Err(FetchError::Moved(status)),
            status => Err(FetchError::Status { status, retry_after: retry_after(&response) }),
        }
    });
    whole.await.unwrap_or_else(|unanswered| match unanswered {
        Unanswered::Late => Err(FetchError::Late),
        Unanswered::NotSent | Unanswered::Broken => Err(FetchError::Send(SendError::Broken)),
    })
}

fn request(target: &Target, asked: &Asked<'_>) -> Result<Request<Empty<Bytes>>, FetchError> {
    let mut request = Request::get(target.path.as_str())
        .header(HOST, target.authority.as_str())
        .header(USER_AGENT, AGENT)
        // What comes packed is kept packed: the importer unpacks.
        .header(ACCEPT_ENCODING, "gzip, identity;q=0.5");
    if let Some(token) = asked.token {
        let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| FetchError::Token)?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    for (name, value) in [(IF_NONE_MATCH, &asked.mark.etag), (IF_MODIFIED_SINCE, &asked.mark.last_modified)] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    Ok(request.body(Empty::new()).map_err(|_| AddressError::Form)?)
}

/// Brings the body into the file.
async fn kept(response: Response<Incoming>, asked: &Asked<'_>) -> Result<Mark, FetchError> {
    let stated: Option<u64> = header(&response, &CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if stated.is_some_and(|bytes| bytes > asked.bytes_max) {
        return Err(FetchError::TooLong(asked.bytes_max));
    }
    let text = |name| header(&response, name).map(str::to_owned);
    let mark = Mark { etag: text(&ETAG), last_modified: text(&LAST_MODIFIED), content: None };
    let (mut body, mut file, mut bytes_count) = (response.into_body(), File::create(asked.to)?, 0_u64);
    while let Some(frame) = timeout(STALL_TIMEOUT, body.frame()).await.map_err(|_| FetchError::Late)? {
        let frame = frame.map_err(|_| FetchError::Send(SendError::Broken))?;
        let Some(data) = frame.data_ref() else { continue };
        bytes_count += data.len() as u64;
        if bytes_count > asked.bytes_max {
            return Err(FetchError::TooLong(asked.bytes_max));
        }
        file.write_all(data)?;
    }
    Ok(mark)
}
