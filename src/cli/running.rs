//! Finding the server that has a shop open: it writes its address to `data/server.json` and removes the file when it ends.

use crate::http;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a server may take to say that it lives.
const HEALTH_PATIENCE: Duration = Duration::from_secs(2);

#[derive(Serialize, Deserialize)]
struct Announcement {
    address: SocketAddr,
}

/// A note that a server is running; it goes when this is dropped.
pub(super) struct Announced(PathBuf);

fn file_of(shop: &Path) -> PathBuf {
    shop.join("data").join("server.json")
}

/// Tells other commands where this server listens.
pub(super) fn announce(shop: &Path, address: SocketAddr) -> Announced {
    let file = file_of(shop);
    let written = serde_json::to_vec(&Announcement { address }).map_err(std::io::Error::from).and_then(|note| std::fs::write(&file, note));
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
pub(super) fn server_of(shop: &Path) -> Option<SocketAddr> {
    let note = std::fs::read(file_of(shop)).ok()?;
    let Announcement { address } = serde_json::from_slice(&note).ok()?;
    http::ask(address, "GET", "/healthz", HEALTH_PATIENCE).ok().map(|_| address)
}
