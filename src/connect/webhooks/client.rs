//! One POST to one address: no redirects, no proxy, no second look at the name, a deadline over everything, and an answer of which only the
//! status counts.

use super::address::{AddressError, Policy, Target};
use crate::connect::outgoing::{AGENT, body_of, retry_after};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};

/// The whole attempt, from the name to the end of the answer; what Standard Webhooks recommends.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Bytes of an answer that are read, so that its connection can be used again; a longer one ends its connection.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// What is sent.
pub(super) struct Message {
    /// Its name, its time, and what proves who sent it.
    pub(super) headers: Vec<(&'static str, String)>,
    /// JSON.
    pub(super) body: Bytes,
}

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
}

/// Why nothing came back. In few words, because they are shown: what stands behind an address is not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::connect) enum SendError {
    #[error("the address {0}")]
    Address(#[from] AddressError),
    #[error("no connection")]
    Connect,
    #[error("no trusted encryption")]
    Tls,
    #[error("the connection broke off")]
    Broken,
    #[error("no answer in time")]
    Timeout,
}

/// A connection that may be used again.
pub(super) struct Connection(SendRequest<Full<Bytes>>);

/// Sends a message to `target`, over `kept` when that is still open, and gives the connection back when it can be used again.
pub(super) async fn send(
    target: &Target,
    policy: &Policy,
    message: &Message,
    kept: Option<Connection>,
) -> (Result<Answered, SendError>, Option<Connection>) {
    let whole = async {
        if let Some(connection) = kept
            && let Ok(answered) = exchange(connection, target, message).await
        {
            return Ok(answered);
        }
        // Nothing kept, or the peer has closed what was kept: it may have taken the message, and will know it by its name.
        let connection = connect(target, policy).await?;
        exchange(connection, target, message).await
    };
    match tokio::time::timeout(TIMEOUT, whole).await {
        Ok(Ok((answered, connection))) => (Ok(answered), connection),
        Ok(Err(error)) => (Err(error), None),
        Err(_) => (Err(SendError::Timeout), None),
    }
}

async fn connect(target: &Target, policy: &Policy) -> Result<Connection, SendError> {
    let stream = reach(target, policy).await?;
    if target.is_tls { handshake(tls::wrap(stream, &target.host).await?).await } else { handshake(stream).await }
}

/// A connection to an address that was checked, for whoever here calls others: the name is looked up once, and what was checked is what is called.
pub(in crate::connect) async fn reach(target: &Target, policy: &Policy) -> Result<TcpStream, SendError> {
    let resolved: Vec<SocketAddr> = match lookup_host((target.host.as_str(), target.port)).await {
        Ok(found) => found.collect(),
        Err(_) => return Err(AddressError::Unresolved.into()),
    };
    let chosen = target.choose(&resolved, policy)?;
    let stream = TcpStream::connect(chosen.as_slice()).await.map_err(|_| SendError::Connect)?;
    stream.set_nodelay(true).map_err(|_| SendError::Broken)?;
    Ok(stream)
}

/// A connection to `host`, encrypted and its certificate checked, for whoever else here calls others; none when it is not trusted.
pub(in crate::connect) async fn encrypted(stream: TcpStream, host: &str) -> Option<impl AsyncRead + AsyncWrite + Unpin + Send + use<>> {
    tls::wrap(stream, host).await.ok()
}

async fn handshake(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Connection, SendError> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| SendError::Broken)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a webhook's connection broke off");
        }
    });
    Ok(Connection(sender))
}

async fn exchange(connection: Connection, target: &Target, message: &Message) -> Result<(Answered, Option<Connection>), SendError> {
    let Connection(mut sender) = connection;
    sender.ready().await.map_err(|_| SendError::Broken)?;
    let head = Request::post(target.path.as_str())
        .header(HOST, target.authority.as_str())
        .header(USER_AGENT, AGENT)
        .header(CONTENT_TYPE, "application/json");
    let head = message.headers.iter().fold(head, |head, (name, value)| head.header(*name, value.as_str()));
    let request = head.body(Full::new(message.body.clone())).map_err(|_| SendError::Address(AddressError::Form))?;
    let response = sender.send_request(request).await.map_err(|_| SendError::Broken)?;
    let answered = Answered { status: response.status().as_u16(), retry_after: retry_after(&response) };
    let is_read = body_of(response, ANSWER_BYTES_MAX).await.is_ok();
    Ok((answered, is_read.then_some(Connection(sender))))
}

#[cfg(feature = "webhooks-tls")]
mod tls {
    use super::SendError;
    use std::sync::{Arc, OnceLock};
    use tokio::net::TcpStream;
    use tokio_rustls::TlsConnector;
    use tokio_rustls::client::TlsStream;
    use tokio_rustls::rustls::crypto::ring as provider;
    use tokio_rustls::rustls::pki_types::ServerName;
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    static CONFIG: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();

    /// Mozilla's roots, as they were when this release was built: a webhook that is trusted here is trusted anywhere it runs.
    fn config() -> Option<Arc<ClientConfig>> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let builder =
            ClientConfig::builder_with_provider(Arc::new(provider::default_provider())).with_safe_default_protocol_versions().ok()?;
        Some(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
    }

    pub(super) async fn wrap(stream: TcpStream, host: &str) -> Result<TlsStream<TcpStream>, SendError> {
        let config = CONFIG.get_or_init(config).clone().ok_or(SendError::Tls)?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| SendError::Tls)?;
        TlsConnector::from(config).connect(name, stream).await.map_err(|_| SendError::Tls)
    }
}

#[cfg(not(feature = "webhooks-tls"))]
mod tls {
    use super::{AddressError, SendError};
    use tokio::net::TcpStream;

    #[expect(clippy::unused_async, reason = "the shape of the one that encrypts")]
    pub(super) async fn wrap(_: TcpStream, _: &str) -> Result<TcpStream, SendError> {
        Err(AddressError::NoTls.into())
    }
}
