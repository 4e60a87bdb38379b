//! Clients that hold connections and hardly use them, beside the normal load: heads and bodies a byte at a time, readers that do not read, and
//! those that only connect. Each comes back when the server has had enough of it.

use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One byte in so long.
const DRIP: Duration = Duration::from_secs(1);
/// A client that was dropped or not let in comes back after this.
const PAUSE: Duration = Duration::from_secs(1);
/// So many more connect at a time, until all are there.
const COMING_AT_ONCE: usize = 64;
const COMING_PAUSE: Duration = Duration::from_millis(20);
/// Answers that a reader asks for and never reads.
const ASKED_FOR: usize = 64;

/// How many there are, and from when.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SlowClients {
    /// Connections, evenly of the four kinds.
    pub(crate) count: usize,
    /// The stage with which they come, from 0; they stay to the end.
    pub(crate) from_stage: usize,
}

/// What a slow client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    Head,
    Body,
    Reader,
    Idle,
}

impl Habit {
    fn of(number: usize) -> Self {
        [Self::Head, Self::Body, Self::Reader, Self::Idle][number % 4]
    }

    /// What is sent at once.
    fn opening(self) -> Vec<u8> {
        match self {
            Self::Head => b"GET /v1/search HTTP/1.1\r\nhost: shop\r\nx-slow: ".to_vec(),
            Self::Body => {
                b"POST /v1/search HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{".to_vec()
            }
            Self::Reader => b"GET /openapi.json HTTP/1.1\r\nhost: shop\r\n\r\n".repeat(ASKED_FOR),
            Self::Idle => Vec::new(),
        }
    }
}

/// The slow clients of a run.
#[derive(Debug, Default)]
pub(crate) struct Slow {
    held: AtomicUsize,
    most: AtomicUsize,
    dropped: AtomicU64,
}

impl Slow {
    /// Holds `count` connections until the task is dropped.
    pub(crate) async fn hold(self: Arc<Self>, server: SocketAddr, count: usize) {
        let mut clients = tokio::task::JoinSet::new();
        for number in 0..count {
            let slow = Arc::clone(&self);
            clients.spawn(async move { slow.stay(server, Habit::of(number)).await });
            if number % COMING_AT_ONCE == 0 {
                tokio::time::sleep(COMING_PAUSE).await;
            }
        }
        clients.join_all().await;
    }

    async fn stay(&self, server: SocketAddr, habit: Habit) {
        loop {
            if let Ok(stream) = TcpStream::connect(server).await {
                let held = self.held.fetch_add(1, Ordering::Relaxed) + 1;
                self.most.fetch_max(held, Ordering::Relaxed);
                dawdle(stream, habit).await;
                self.held.fetch_sub(1, Ordering::Relaxed);
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Most connections that were held at a time, and how often one was dropped by the server.
    pub(crate) fn figures(&self) -> (usize, u64) {
        (self.most.load(Ordering::Relaxed), self.dropped.load(Ordering::Relaxed))
    }
}

/// Uses a connection as slowly as it is borne.
async fn dawdle(mut stream: TcpStream, habit: Habit) {
    if stream.write_all(&habit.opening()).await.is_err() {
        return;
    }
    let mut said = [0; 1_024];
    loop {
        let is_over = match habit {
            // Whoever reads nothing does not see the end either, but writing does.
            Habit::Reader => false,
            Habit::Head | Habit::Body | Habit::Idle => match tokio::time::timeout(DRIP, stream.read(&mut said)).await {
                Ok(Ok(0) | Err(_)) => true,
                Ok(Ok(_)) | Err(_) => false,
            },
        };
        if habit == Habit::Reader {
            tokio::time::sleep(DRIP).await;
        }
        let drip: &[u8] = if habit == Habit::Idle { b"" } else { b"x" };
        if is_over || stream.write_all(drip).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_habits_are_evenly_spread_and_all_hold_back() {
        let habits: Vec<Habit> = (0..8).map(Habit::of).collect();
        assert_eq!(habits[..4], habits[4..]);
        assert!(!Habit::Head.opening().ends_with(b"\r\n\r\n"), "its head never ends");
        assert!(Habit::Idle.opening().is_empty());
    }

    #[tokio::test]
    async fn a_client_that_is_dropped_comes_back() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let slow = Arc::new(Slow::default());
        let holding = tokio::spawn(Arc::clone(&slow).hold(server.local_addr().expect("an address"), 1));
        for _ in 0..2 {
            drop(server.accept().await.expect("a client"));
        }
        assert!(slow.figures().1 >= 1);
        holding.abort();
    }
}
