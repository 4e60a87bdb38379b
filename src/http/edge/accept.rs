//! The accept loop: every connection gets a place in the census or is closed at once; HTTP/1 and HTTP/2 (prior knowledge, or agreed on in
//! the TLS handshake), graceful shutdown.
//!
//! It does not use `axum::serve`, which installs no timer and no limits.

use super::arriving::Arriving;
use super::census::{Census, Place};
use super::guard::Guarded;
use super::leaving::{Exchange, Leaving};
use super::listener::{Listener, ServeError, Stopper};
use super::options::Options;
use super::peer::Peer;
use super::tls::{Certificates, Greeted, greet};
use crate::http::limits::{
    HEAD_BYTES_MAX, HEADER_BYTES_MAX, HEADERS_MAX, PING_INTERVAL, RESETS_LOCAL_MAX, RESETS_PENDING_MAX, SEND_BUFFER_BYTES_MAX,
    SHUTDOWN_DEADLINE, STREAMS_MAX,
};
use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

/// Pause after the kernel refused to hand out a connection (no file descriptors left), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What all connections share.
struct Edge {
    router: Router,
    census: Arc<Census>,
    certificates: Option<Arc<Certificates>>,
    builder: auto::Builder<TokioExecutor>,
}

/// Serves until `stopper` is asked to stop, then lets requests in flight finish within [`SHUTDOWN_DEADLINE`].
pub(in crate::http) async fn accept_until_stopped(
    listener: Listener,
    options: Options,
    certificates: Option<Arc<Certificates>>,
    router: Router,
    stopper: &Stopper,
) -> Result<(), ServeError> {
    let address = listener.address;
    let socket = TcpListener::from_std(listener.socket).map_err(|source| ServeError::Listen { address, source })?;
    let edge = Arc::new(Edge { router, census: Census::new(options), certificates, builder: connection_builder() });
    let graceful = GracefulShutdown::new();
    tokio::select! {
        () = accept(&socket, &edge, &graceful) => {}
        () = sweep(&edge.census) => {}
        () = follow(edge.certificates.as_deref()) => {}
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

async fn accept(socket: &TcpListener, edge: &Arc<Edge>, graceful: &GracefulShutdown) {
    loop {
        match socket.accept().await {
            Ok((stream, from)) => match edge.census.enter(from.ip()) {
                Ok(place) => {
                    let peer = Peer { address: from.ip().to_canonical(), is_encrypted: false };
                    tokio::spawn(serve(stream, Arc::clone(edge), Arc::new(place), peer, graceful.watcher()));
                }
                Err(refused) => {
                    metrics::counter!("shopkeeper_http_connections_refused_total", "why" => refused.name()).increment(1);
                }
            },
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Ends overdue connections for as long as the server runs.
async fn sweep(census: &Census) {
    let mut looks = tokio::time::interval(census.options().sweep_interval());
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        census.sweep();
    }
}

/// Takes up new certificates for as long as the server runs.
async fn follow(certificates: Option<&Certificates>) {
    match certificates {
        Some(certificates) => certificates.follow().await,
        None => std::future::pending().await,
    }
}

/// hyper's `pipeline_flush` stays off: with it nothing is flushed while bytes are left to read, so what hyper refuses by itself (a head that
/// is too long or malformed) is never told to the client. Its head timeout is off because the census has one that tells idle from slow.
fn connection_builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().header_read_timeout(None).max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_pending_accept_reset_streams(RESETS_PENDING_MAX)
        .max_local_error_reset_streams(RESETS_LOCAL_MAX)
        .max_send_buf_size(SEND_BUFFER_BYTES_MAX)
        .max_header_list_size(u32::try_from(HEADER_BYTES_MAX * 2).unwrap_or(u32::MAX))
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_INTERVAL);
    builder
}

/// Serves one connection to its end.
async fn serve(stream: TcpStream, edge: Arc<Edge>, place: Arc<Place>, peer: Peer, watcher: Watcher) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection ended before it began");
        return;
    }
    let connection = Arc::clone(&place.connection);
    let served = async {
        match &edge.certificates {
            None => speak(stream, &edge, place, peer, watcher).await,
            Some(certificates) => match greet(certificates, stream, peer.address.is_loopback(), edge.census.options().handshake).await {
                Some(Greeted::Encrypted(stream)) => speak(stream, &edge, place, Peer { is_encrypted: true, ..peer }, watcher).await,
                Some(Greeted::Clear(stream)) => speak(stream, &edge, place, peer, watcher).await,
                None => metrics::counter!("shopkeeper_tls_handshakes_failed_total").increment(1),
            },
        }
    };
    tokio::select! {
        biased;
        () = connection.told_to_end() => {}
        () = served => {}
    }
}

/// Speaks HTTP until either end has enough.
async fn speak<S>(stream: S, edge: &Arc<Edge>, place: Arc<Place>, peer: Peer, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let requests = Requests { edge: Arc::clone(edge), place: Arc::clone(&place), peer };
    let connection = edge.builder.serve_connection(TokioIo::new(Guarded::new(stream, place)), requests).into_owned();
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// The requests of one connection, as hyper hands them over.
struct Requests {
    edge: Arc<Edge>,
    place: Arc<Place>,
    peer: Peer,
}

impl hyper::service::Service<Request<Incoming>> for Requests {
    type Response = hyper::Response<Leaving>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let options = self.edge.census.options();
        let exchange = Exchange::begin(Arc::clone(&self.place));
        let (mut head, body) = request.into_parts();
        head.extensions.insert(self.peer.seen_through(&options.trusted_proxies, &head.headers));
        let is_empty = hyper::body::Body::is_end_stream(&body);
        let body = if is_empty { Body::empty() } else { Body::new(Arriving::new(body, options.body)) };
        // A router is always ready: its clones share their routes, and its limits hold elsewhere.
        let answer = tower::Service::call(&mut self.edge.router.clone(), Request::from_parts(head, body));
        Box::pin(async move { answer.await.map(|response| exchange.answered(response)) })
    }
}
