//! The address a server listens on, and how it is told to stop.

use super::tls::TlsError;
use socket2::{Domain, Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::watch;

/// Bytes of answers that the kernel keeps for one peer: a page in one go. Left to itself Linux keeps up to four million, for each of thousands of peers
/// that take nothing.
const SEND_BUFFER_BYTES: usize = 128 << 10;
/// Connections that the kernel holds until they are accepted.
const BACKLOG: i32 = 4_096;

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
    /// The feeds cannot be followed.
    #[error("the feeds cannot be followed: {0}")]
    Feeds(io::Error),
    /// The certificate cannot be used.
    #[error("shopkeeper.toml: http.tls: {0}")]
    Tls(#[from] TlsError),
}

/// A bound address, ready to serve.
pub(in crate::http) struct Listener {
    pub(super) socket: std::net::TcpListener,
    pub(super) address: SocketAddr,
}

impl Listener {
    /// Listens on an address, only a loopback one while requests need no key; port 0 picks a free one.
    pub(in crate::http) fn bind(address: SocketAddr, needs_keys: bool) -> Result<Self, ServeError> {
        if !needs_keys && !address.ip().is_loopback() {
            return Err(ServeError::NotLoopback(address));
        }
        let listen = |source| ServeError::Listen { address, source };
        let socket = listening(address).map_err(listen)?;
        let address = socket.local_addr().map_err(listen)?;
        Ok(Self { socket, address })
    }

    /// The address that was bound.
    pub(in crate::http) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// A socket that listens; connections inherit its buffer.
fn listening(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A server that is started again takes its address back at once.
    socket.set_reuse_address(true)?;
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Stops a running server from any thread.
#[derive(Debug, Clone)]
pub struct Stopper(Arc<watch::Sender<bool>>);

impl Stopper {
    pub(in crate::http) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Asks the server to finish what is in flight and return. Asking again changes nothing.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    pub(in crate::http) async fn stopped(&self) {
        // The sender is alive in `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }
}

/// Resolves at SIGINT or SIGTERM.
pub(in crate::http) async fn signal() -> io::Result<()> {
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
