//! Serving a shop: binds, runs its own runtime on the calling thread, and returns when it was told to stop.

use super::access::Desk;
use super::admission::Work;
use super::context::Context;
use super::edge::{Certificates, Listener, Options, ServeError, Stopper, accept_until_stopped, signal};
use super::rate::Rates;
use super::router::router;
use super::{telemetry, ucp};
use crate::app::Shop;
use crate::config::Http;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// A server that is bound and not yet running.
pub struct Server {
    listener: Listener,
    options: Options,
    certificates: Option<Arc<Certificates>>,
    context: Arc<Context>,
    stopper: Stopper,
}

impl Server {
    /// Binds `listen`, a loopback address as long as no access key was ever made; port 0 picks a free one.
    ///
    /// # Errors
    /// When everybody could reach the address and nobody needs a key, it cannot be listened on, or the certificate cannot be used.
    pub fn bind(shop: Arc<Shop>, listen: SocketAddr, http: &Http) -> Result<Self, ServeError> {
        let certificates = http.tls.as_ref().map(Certificates::open).transpose()?.map(Arc::new);
        let listener = Listener::bind(listen, shop.readers().access().book().is_closed())?;
        shop.follow_feeds().map_err(ServeError::Feeds)?;
        let scheme = if certificates.is_some() { "https" } else { "http" };
        let context = Arc::new(Context {
            shop,
            metrics: telemetry::metrics(),
            public_url: http.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", listener.address())),
            desk: Desk::default(),
            started: Instant::now(),
            learning: Mutex::default(),
            work: Work::new(&http.work),
            rates: Rates::new(http),
        });
        context.shop.webhooks().iter().for_each(|desk| desk.tell_orders(ucp::telling(&context)));
        Ok(Self { listener, options: Options::of(http), certificates, context, stopper: Stopper::new() })
    }

    /// The address that was bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Stops the server from another thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.context.public_url
    }

    /// Serves until the [`Stopper`] is used.
    ///
    /// # Errors
    /// When the runtime cannot be started.
    pub fn run(self) -> Result<(), ServeError> {
        self.run_until(false)
    }

    /// Serves until SIGINT, SIGTERM, or the [`Stopper`] is used.
    ///
    /// # Errors
    /// When the runtime cannot be started.
    pub fn run_until_signal(self) -> Result<(), ServeError> {
        self.run_until(true)
    }

    fn run_until(self, signals: bool) -> Result<(), ServeError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(self.context.work.runtime_threads())
            .thread_name("http")
            .enable_all()
            .build()
            .map_err(ServeError::Runtime)?;
        let Self { listener, options, certificates, context, stopper } = self;
        let outcome = runtime.block_on(async {
            tokio::spawn(telemetry::upkeep(context.metrics.clone()));
            if signals {
                tokio::spawn(stop_at_signal(Arc::clone(&context), stopper.clone()));
            }
            accept_until_stopped(listener, options, certificates, router(context), &stopper).await
        });
        runtime.shutdown_background();
        outcome
    }
}

async fn stop_at_signal(context: Arc<Context>, stopper: Stopper) {
    match signal().await {
        Ok(()) => {
            context.shop.begin_stop();
            stopper.stop();
        }
        Err(error) => tracing::error!(%error, "signals cannot be waited for; stop the process another way"),
    }
}

/// Serves `shop` until SIGINT or SIGTERM. `ready` is called once with address and URL, before the first request is taken.
///
/// # Errors
/// When the address cannot be listened on or the runtime cannot be started.
pub fn serve(shop: Arc<Shop>, listen: SocketAddr, http: &Http, ready: impl FnOnce(SocketAddr, &str)) -> Result<(), ServeError> {
    let server = Server::bind(shop, listen, http)?;
    ready(server.address(), server.url());
    server.run_until_signal()
}
