//! The accept loop: bounded connections, HTTP/1 and HTTP/2 (prior knowledge), deadlines for slow peers, graceful shutdown.
//!
//! It does not use `axum::serve`, which installs no timer: header timeouts would do nothing.

use super::access::Peer;
use super::guard::Guarded;
use super::limits::{CONNECTIONS_MAX, HEAD_BYTES_MAX, HEAD_TIMEOUT, HEADER_BYTES_MAX, HEADERS_MAX, SHUTDOWN_DEADLINE, STREAMS_MAX};
use axum::Router;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use hyper::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Pause after the kernel refused to hand out a connection (no file descriptors left), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Without keys anyone who reaches the port may change everything.
    #[error("{0} is not a loopback address: while no access key exists the server listens on loopback only (e.g. 127.0.0.1:7700)")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The runtime cannot be started.
    #[error("cannot start the network runtime: {0}")]
    Runtime(io::Error),
}

/// A bound address, ready to serve.
pub(super) struct Listener {
    socket: std::net::TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Listens on an address, only a loopback one while requests need no key; port 0 picks a free one.
    pub(super) fn bind(address: SocketAddr, needs_keys: bool) -> Result<Self, ServeError> {
        if !needs_keys && !address.ip().is_loopback() {
            return Err(ServeError::NotLoopback(address));
        }
        let listen = |source| ServeError::Listen { address, source };
        let socket = std::net::TcpListener::bind(address).map_err(listen)?;
        socket.set_nonblocking(true).map_err(listen)?;
        let address = socket.local_addr().map_err(listen)?;
        Ok(Self { socket, address })
    }

    /// The address that was bound.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Stops a running server from any thread.
#[derive(Debug, Clone)]
pub struct Stopper(Arc<watch::Sender<bool>>);

impl Stopper {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Asks the server to finish what is in flight and return. Asking again changes nothing.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    pub(super) async fn stopped(&self) {
        // The sender is alive in `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }
}

/// Serves until `stopper` is asked to stop, then lets requests in flight finish within [`SHUTDOWN_DEADLINE`].
pub(super) async fn accept_until_stopped(listener: Listener, router: Router, stopper: &Stopper) -> Result<(), ServeError> {
    let address = listener.address;
    let socket = TcpListener::from_std(listener.socket).map_err(|source| ServeError::Listen { address, source })?;
    let graceful = GracefulShutdown::new();
    tokio::select! {
        () = accept(&socket, router, &graceful) => {}
        () = stopper.stopped() => {}
    }
    drop(socket);
    let open = graceful.count();
    tracing::info!(connections = open, "stopping: no new connections, finishing what is in flight");
    if tokio::time::timeout(SHUTDOWN_DEADLINE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    Ok(())
}

async fn accept(socket: &TcpListener, router: Router, graceful: &GracefulShutdown) {
    let builder = Arc::new(connection_builder());
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
        match socket.accept().await {
            Ok((stream, peer)) => {
                let routes = Routes { router: router.clone(), peer: Peer(peer.ip()) };
                tokio::spawn(serve(stream, Arc::clone(&builder), routes, graceful.watcher(), slot));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// The router as hyper calls it, for the requests of one peer.
struct Routes {
    router: Router,
    peer: Peer,
}

impl hyper::service::Service<Request<Incoming>> for Routes {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        // A router is always ready: its clones share their routes, and its limits hold elsewhere.
        tower::Service::call(&mut self.router.clone(), request)
    }
}

/// hyper's `pipeline_flush` stays off: with it nothing is flushed while bytes are left to read, so what hyper refuses by itself (a head that
/// is too long or malformed) is never told to the client.
fn connection_builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(HEADER_BYTES_MAX * 2).unwrap_or(u32::MAX))
        .keep_alive_interval(HEAD_TIMEOUT)
        .keep_alive_timeout(HEAD_TIMEOUT);
    builder
}

/// Serves one connection; its slot is free again when it ends.
async fn serve(
    stream: TcpStream,
    builder: Arc<auto::Builder<TokioExecutor>>,
    routes: Routes,
    watcher: Watcher,
    _slot: OwnedSemaphorePermit,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection ended before it began");
        return;
    }
    metrics::gauge!("shopkeeper_http_connections").increment(1.0);
    let connection = builder.serve_connection(TokioIo::new(Guarded::new(stream)), routes).into_owned();
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection broke off");
    }
    metrics::gauge!("shopkeeper_http_connections").decrement(1.0);
}

/// Resolves at SIGINT or SIGTERM.
pub(super) async fn signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_keys_only_loopback_is_listened_on() {
        let anywhere = SocketAddr::from(([0, 0, 0, 0], 0));
        assert!(matches!(Listener::bind(anywhere, false), Err(ServeError::NotLoopback(_))));
        assert!(Listener::bind(anywhere, true).is_ok());
        let here = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)), false).expect("binds");
        assert_ne!(here.address().port(), 0);
    }
}
