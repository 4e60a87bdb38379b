//! The server as a child process that is ended as `kill -9` ends it.

use crate::client::{Client, TargetError};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that is not ready by then never will be.
const READY_MAX: Duration = Duration::from_secs(60);

/// Why a server does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    #[error("the server cannot be run: {0}")]
    Run(std::io::Error),
    #[error("the server does not come up; its log is {}", .0.display())]
    Down(PathBuf),
    #[error(transparent)]
    Target(#[from] TargetError),
}

/// Where a server writes what it says about itself.
fn log_of(shop: &Path) -> PathBuf {
    shop.join("loaded.log")
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// `http://HOST:PORT`.
    pub(crate) target: String,
}

impl Server {
    /// Starts the program over the shop and waits until it says where it listens.
    pub(crate) async fn start(program: &Path, shop: &Path) -> Result<Self, ServerError> {
        std::fs::create_dir_all(shop).map_err(ServerError::Run)?;
        let log = File::create(log_of(shop)).map_err(ServerError::Run)?;
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--shop"]).arg(shop);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().map_err(ServerError::Run)?;
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
                Err(ServerError::Down(log_of(shop)))
            }
        }
    }

    /// A client of it, as soon as it says that it is ready.
    pub(crate) async fn ready(&self, shop: &Path, timeout: Duration, idle_max: usize) -> Result<Client, ServerError> {
        let began = Instant::now();
        let client = Client::new(&self.target, false, None, timeout, idle_max)?;
        while client.get("/readyz").await.is_err() {
            if began.elapsed() > READY_MAX {
                return Err(ServerError::Down(log_of(shop)));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(client)
    }

    /// No handler runs, nothing is flushed.
    pub(crate) fn kill(mut self) {
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
