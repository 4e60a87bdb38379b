//! The server as a child process that is ended as `kill -9` ends it.

use super::KillingError;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where a server writes what it says about itself.
pub(super) fn log_of(shop: &Path) -> PathBuf {
    shop.join("killed.log")
}

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    /// `http://HOST:PORT`.
    pub(super) target: String,
}

impl Server {
    /// Starts the program over the shop and waits until it says where it listens.
    pub(super) async fn start(program: &Path, shop: &Path) -> Result<Self, KillingError> {
        std::fs::create_dir_all(shop).map_err(KillingError::Server)?;
        let log = File::create(log_of(shop)).map_err(KillingError::Server)?;
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--shop"]).arg(shop);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().map_err(KillingError::Server)?;
        let lines = child.stdout.take().map(|stdout| BufReader::new(stdout).lines());
        let found = tokio::task::spawn_blocking(move || {
            let target = lines.into_iter().flatten().map_while(Result::ok).find_map(|line| {
                let url = line.trim().strip_prefix("storefront")?.trim().trim_end_matches('/').to_owned();
                url.starts_with("http://").then_some(url)
            });
            // The end of the pipe closes here; the server's few later lines have no reader and do it no harm.
            target
        });
        match found.await.ok().flatten() {
            Some(target) => Ok(Self { child, target }),
            None => {
                end(&mut child);
                Err(KillingError::Down(log_of(shop)))
            }
        }
    }

    /// No handler runs, nothing is flushed.
    pub(super) fn kill(mut self) {
        end(&mut self.child);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself, which the next start or the shoppers will tell.
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        eprintln!("loadtest: the server could not be killed: {error}");
    }
}
