//! A shop in a temporary folder, served on a free loopback port.

use super::client::{self, Answer};
use shopkeeper::app::{OpenOptions, Shop};
use shopkeeper::config::Config;
use shopkeeper::http::{Server, Stopper};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SHOP: &str = include_str!("../../scenarios/shop.jsonl");
const STOCK: &str = include_str!("../../scenarios/stock.jsonl");

/// A running server; it stops and forgets everything when dropped.
pub(super) struct TestServer {
    pub(super) address: SocketAddr,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
    shop: Arc<Shop>,
    folder: TempDir,
}

impl TestServer {
    /// Starts a server over the small shop of `tests/scenarios/shop.jsonl` and waits until its products are findable.
    pub(super) fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// The same, after something was put into its folder.
    pub(super) fn start_with(prepare: impl FnOnce(&Path)) -> Self {
        let server = Self::start_empty(prepare);
        server.fill();
        server
    }

    /// The same with this `shopkeeper.toml`.
    pub(super) fn start_configured(config: &str) -> Self {
        Self::start_with(|folder| std::fs::write(folder.join("shopkeeper.toml"), config).expect("writes"))
    }

    /// Starts a server over an empty shop, after something was put into its folder.
    pub(super) fn start_empty(prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        prepare(folder.path());
        let config = Config::of_shop(folder.path()).expect("is fine");
        let http = config.http.clone();
        let shop = Arc::new(Shop::open(folder.path(), OpenOptions::serving(config)).expect("opens"));
        let server = Server::bind(Arc::clone(&shop), SocketAddr::from(([127, 0, 0, 1], 0)), &http).expect("binds");
        let (address, stopper) = (server.address(), server.stopper());
        let thread = std::thread::spawn(move || server.run().expect("serves"));
        Self { address, stopper, thread: Some(thread), shop, folder }
    }

    /// The shop's folder.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn fill(&self) {
        let answer = self.send("POST /v1/products", &[("content-type", "application/x-ndjson")], SHOP.as_bytes());
        assert_eq!((answer.status, answer.json()["rejected"].as_u64()), (200, Some(0)), "{}", answer.json());
        for (number, line) in STOCK.lines().enumerate() {
            let key = format!("stock-{number}");
            let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
            assert_eq!(self.send("POST /v1/inventory", &headers, line.as_bytes()).status, 200, "{line}");
        }
        let products = SHOP.lines().count() as u64;
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.get("/v1/search?limit=1").json()["total"].as_u64() != Some(products) {
            assert!(Instant::now() < deadline, "the products do not become findable");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks the server to stop, as a signal would.
    pub(super) fn stop(&self) {
        self.stopper.stop();
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), &[], b"")
    }

    pub(super) fn send(&self, request_line: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        client::send(self.address, request_line, &headers, body)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
        }
        self.shop.stop();
    }
}
