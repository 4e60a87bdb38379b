//! A server in this process, asked over one connection that is kept.

use shopkeeper::app::{OpenOptions, Shop};
use shopkeeper::config::Config;
use shopkeeper::http::Server;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The shop of the HTTP tests.
const PRODUCTS: &str = include_str!("../../scenarios/shop.jsonl");

/// A server over a small shop in a temporary folder; it lives as long as the process.
pub struct Door {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
    _folder: tempfile::TempDir,
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
        let server = Server::bind(shop, SocketAddr::from(([127, 0, 0, 1], 0)), &http).expect("binds");
        let address = server.address();
        std::thread::spawn(move || server.run().expect("serves"));
        let mut door = Self { address, connection: None, _folder: folder };
        let (status, _) = door.ask("POST", "/v1/products", "application/x-ndjson", PRODUCTS.as_bytes());
        assert_eq!(status, 200, "the shop is filled");
        door
    }

    /// Sends one request; its answer's status and body.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn ask(&mut self, method: &str, target: &str, content_type: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: shop\r\ncontent-type: {content_type}\r\nidempotency-key: key-{}\r\ncontent-length: {}\r\n\r\n",
            body.len(),
            body.len(),
        );
        // A server that refuses may close while it is sent to: then what it said counts, and whoever said nothing is asked anew.
        for _ in 0..2 {
            let connection = self.connection.get_or_insert_with(|| connect(self.address));
            let _ = connection.get_mut().write_all(head.as_bytes()).and_then(|()| connection.get_mut().write_all(body));
            match read(connection) {
                Some((status, answer, is_kept)) => {
                    self.connection.take_if(|_| !is_kept);
                    return (status, answer);
                }
                None => self.connection = None,
            }
        }
        panic!("no answer to {method} {target}");
    }
}

fn connect(address: SocketAddr) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).expect("connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.set_nodelay(true).expect("no delay");
    BufReader::new(stream)
}

/// Status, body, and whether the connection may be used again. Nothing when the connection ended.
fn read(connection: &mut BufReader<TcpStream>) -> Option<(u16, Vec<u8>, bool)> {
    let mut line = String::new();
    connection.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let status = line.split(' ').nth(1)?.parse().ok()?;
    let (mut length, mut is_kept) = (None, true);
    loop {
        line.clear();
        connection.read_line(&mut line).ok()?;
        let header = line.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length: ") {
            length = value.parse::<usize>().ok();
        }
        is_kept &= header != "connection: close";
    }
    // An answer in pieces is not looked into.
    let Some(length) = length else { return Some((status, Vec::new(), false)) };
    let mut body = vec![0; length];
    connection.read_exact(&mut body).ok()?;
    Some((status, body, is_kept))
}
