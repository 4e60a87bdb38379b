//! A server of files as shops' suppliers have them: it knows what it has by a tag, and answers 304 to whoever has that.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What is on the shelf, and who asked for it.
#[derive(Default)]
struct Content {
    body: Vec<u8>,
    tag: String,
    /// Said instead, when it is not empty.
    instead: String,
    heads: Vec<String>,
}

pub(super) struct Shelf {
    pub(super) address: SocketAddr,
    content: Arc<Mutex<Content>>,
}

impl Shelf {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let content = Arc::new(Mutex::new(Content::default()));
        let serving = Arc::clone(&content);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(&stream, &serving);
            }
        });
        Self { address, content }
    }

    pub(super) fn put(&self, body: impl Into<Vec<u8>>) {
        let mut content = self.content.lock().expect("is free");
        content.body = body.into();
        content.tag = format!("\"{}-{}\"", content.body.len(), content.heads.len());
        content.instead.clear();
    }

    /// Answers so from now on, whatever is asked.
    pub(super) fn answers(&self, answer: &str) {
        answer.clone_into(&mut self.content.lock().expect("is free").instead);
    }

    /// The heads of all requests so far, in lower case.
    pub(super) fn heads(&self) -> Vec<String> {
        self.content.lock().expect("is free").heads.clone()
    }
}

fn serve(mut stream: &TcpStream, content: &Mutex<Content>) -> Option<()> {
    let lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let head = lines.collect::<Vec<_>>().join("\n").to_lowercase();
    let mut content = content.lock().ok()?;
    content.heads.push(head.clone());
    let Content { body, tag, instead, .. } = &*content;
    if !instead.is_empty() {
        return stream.write_all(instead.as_bytes()).ok();
    }
    if head.contains(&format!("if-none-match: {tag}")) {
        return stream.write_all(b"HTTP/1.1 304 Not Modified\r\ncontent-length: 0\r\n\r\n").ok();
    }
    let head = format!("HTTP/1.1 200 OK\r\netag: {tag}\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).ok()
}
