//! Finding the server that has a shop open: it writes its address to `data/server.json` and removes the file when it ends.

use crate::http::RunningServer;
use crate::stdx::private_file;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a server may take to say that it lives.
const HEALTH_PATIENCE: Duration = Duration::from_secs(2);

#[derive(Serialize, Deserialize)]
struct Announcement {
    address: SocketAddr,
    /// Shown by commands that may read this file, which nobody else may.
    secret: String,
}

/// A note that a server is running; it goes when this is dropped.
pub(super) struct Announced(PathBuf);

fn file_of(shop: &Path) -> PathBuf {
    shop.join("data").join("server.json")
}

/// Tells other commands where this server listens.
pub(super) fn announce(shop: &Path, address: SocketAddr, secret: &str) -> Announced {
    let file = file_of(shop);
    let note = serde_json::to_vec(&Announcement { address, secret: secret.to_owned() }).map_err(std::io::Error::from);
    let written = note.and_then(|note| private_file::replace(&file, &note));
    if let Err(reason) = written {
        tracing::warn!(%reason, "other commands will not find this server");
    }
    Announced(file)
}

impl Drop for Announced {
    fn drop(&mut self) {
        if let Err(reason) = std::fs::remove_file(&self.0) {
            tracing::debug!(%reason, "the server's note was gone already");
        }
    }
}

/// The server that has this shop open, if one answers; a note left by a killed one is not believed.
pub(super) fn server_of(shop: &Path) -> Option<RunningServer> {
    let note = std::fs::read(file_of(shop)).ok()?;
    let Announcement { address, secret } = serde_json::from_slice(&note).ok()?;
    let server = RunningServer { address: reached(address), secret };
    server.ask("GET", "/healthz", None, HEALTH_PATIENCE).ok().map(|_| server)
}

/// A server that listens everywhere is reached on this machine.
fn reached(address: SocketAddr) -> SocketAddr {
    let own: IpAddr = if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
    if address.ip().is_unspecified() { SocketAddr::new(own, address.port()) } else { address }
}
