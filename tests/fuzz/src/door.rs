//! A server in this process, asked over one connection that is kept.

use serde_json::Value;
use shopkeeper::app::{OpenOptions, Shop};
use shopkeeper::config::Config;
use shopkeeper::http::{Server, Stopper};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The shop of the HTTP tests.
const PRODUCTS: &str = include_str!("../../scenarios/shop.jsonl");
const STOCK: &str = include_str!("../../scenarios/stock.jsonl");

/// A server over a small shop in a temporary folder.
pub struct Door {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
    /// Of an administrator: the shop is closed from the beginning, so that no request closes it.
    secret: String,
    asked: u64,
    shop: Arc<Shop>,
    stopper: Stopper,
    thread: JoinHandle<()>,
    folder: tempfile::TempDir,
}

/// What was answered. An answer in pieces is not looked into.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Default for Door {
    fn default() -> Self {
        Self::open()
    }
}

impl Door {
    /// Starts the server and fills its shop.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config::of_shop(folder.path()).expect("is fine");
        let http = config.http.clone();
        let shop = Arc::new(Shop::open(folder.path(), OpenOptions::serving(config)).expect("opens"));
        let server = Server::bind(Arc::clone(&shop), SocketAddr::from(([127, 0, 0, 1], 0)), &http).expect("binds");
        let (address, stopper) = (server.address(), server.stopper());
        let thread = std::thread::spawn(move || server.run().expect("serves"));
        let mut door = Self { address, connection: None, secret: String::new(), asked: 0, shop, stopper, thread, folder };
        let key = door.ask("POST", "/v1/keys", &[], br#"{"name": "fuzz", "preset": "admin"}"#);
        door.secret = key.json()["secret"].as_str().expect("a key").to_owned();
        let filled = door.ask("POST", "/v1/products", &[("content-type", b"application/x-ndjson")], PRODUCTS.as_bytes());
        assert_eq!(filled.status, 200, "the shop is filled");
        STOCK.lines().for_each(|line| assert_eq!(door.ask("POST", "/v1/inventory", &[], line.as_bytes()).status, 200, "{line}"));
        door
    }

    /// Sends one request, as an administrator and under a key of its own unless `headers` say otherwise.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn ask(&mut self, method: &str, target: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Answer {
        self.asked += 1;
        let request = self.written(method, target, headers, body);
        // A server that refuses may close while it is sent to: then what it said counts, and whoever said nothing is asked anew.
        for _ in 0..2 {
            let connection = self.connection.get_or_insert_with(|| connect(self.address));
            let _ = connection.get_mut().write_all(&request);
            match read(connection, method) {
                Some((answer, is_kept)) => {
                    self.connection.take_if(|_| !is_kept);
                    return answer;
                }
                None => self.connection = None,
            }
        }
        panic!("no answer to {method} {target}");
    }

    fn written(&self, method: &str, target: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Vec<u8> {
        let mut request = format!("{method} {target} HTTP/1.1\r\nhost: shop\r\ncontent-length: {}\r\n", body.len()).into_bytes();
        let (bearer, key) = (format!("Bearer {}", self.secret), format!("key-{}", self.asked));
        let own: [(&str, &[u8]); 4] = [
            ("authorization", bearer.as_bytes()),
            ("idempotency-key", key.as_bytes()),
            ("content-type", b"application/json"),
            ("accept", b"application/json, text/event-stream"),
        ];
        let own = own.iter().filter(|(name, _)| !headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)));
        for (name, value) in own.chain(headers) {
            request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        request.extend(b"\r\n");
        request.extend(body);
        request
    }

    /// Stops the server. What it wrote lies in the folder, as long as that is held.
    ///
    /// # Panics
    /// When the server did.
    #[must_use]
    pub fn close(self) -> tempfile::TempDir {
        drop(self.connection);
        self.stopper.stop();
        self.thread.join().expect("the server ends");
        self.shop.stop();
        self.folder
    }
}

fn connect(address: SocketAddr) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).expect("connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.set_nodelay(true).expect("no delay");
    BufReader::new(stream)
}

/// An answer, and whether the connection may be used again. Nothing when the connection ended.
fn read(connection: &mut BufReader<TcpStream>, method: &str) -> Option<(Answer, bool)> {
    let mut line = Vec::new();
    connection.read_until(b'\n', &mut line).ok().filter(|count| *count > 0)?;
    let status = String::from_utf8_lossy(&line).split(' ').nth(1)?.parse().ok()?;
    let mut headers = Vec::new();
    loop {
        line.clear();
        connection.read_until(b'\n', &mut line).ok().filter(|count| *count > 0)?;
        let header = String::from_utf8_lossy(&line);
        match header.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
            None => break,
        }
    }
    let value = |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let is_kept = value("connection") != Some("close");
    let has_body = method != "HEAD" && !matches!(status, 204 | 304);
    let length = if !has_body { Some(0) } else { value("content-length").and_then(|value| value.parse().ok()) };
    let Some(length) = length else { return Some((Answer { status, headers, body: Vec::new() }, false)) };
    let mut body = vec![0; length];
    connection.read_exact(&mut body).ok()?;
    Some((Answer { status, headers, body }, is_kept))
}
