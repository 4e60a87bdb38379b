//! Connections: both protocol versions, a server that stops without dropping what is in flight, generations swapped under load, and the name under
//! which a shop behind a proxy is reached.

use super::server::TestServer;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[test]
fn a_client_with_prior_knowledge_speaks_http_2() {
    let server = TestServer::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (version, status, length) = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(server.address).await.expect("connects");
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("shakes hands");
        tokio::spawn(connection);
        let address = format!("http://{}/v1/search?q=lamp", server.address);
        let request = Request::get(address).body(Empty::<hyper::body::Bytes>::new()).expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let (version, status) = (response.version(), response.status());
        (version, status, response.into_body().collect().await.expect("a body").to_bytes().len())
    });
    assert_eq!((version, status.as_u16()), (hyper::Version::HTTP_2, 200));
    assert!(length > 100);
}

#[test]
fn a_request_in_flight_is_answered_when_the_server_stops() {
    let server = TestServer::start();
    let line = br#"{"type":"view","product_id":"mug"}"#;
    let mut socket = TcpStream::connect(server.address).expect("connects");
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        line.len()
    );
    socket.write_all(head.as_bytes()).expect("sends");
    // The server asks for the body: from here on the request is in flight.
    let mut asked = [0; 25];
    socket.read_exact(&mut asked).expect("is asked to go on");
    assert!(asked.starts_with(b"HTTP/1.1 100 Continue"));
    server.stop();
    let deadline = Instant::now() + Duration::from_secs(5);
    while TcpStream::connect(server.address).is_ok() {
        assert!(Instant::now() < deadline, "new connections are still taken");
        std::thread::sleep(Duration::from_millis(5));
    }
    socket.write_all(line).expect("sends the body");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("is answered");
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    assert!(answer.contains("\"accepted\":1"), "{answer}");
}

/// Reads one answer to the end of its body: its head, and what was read.
fn answer(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") && socket.read(&mut byte).expect("reads") == 1 {
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).expect("a head").to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length").parse().expect("a number");
    let mut body = vec![0; length];
    socket.read_exact(&mut body).expect("a body");
    head
}

/// Sends the head of a request with a body of `stated` bytes, and so many of them.
fn begin(socket: &mut TcpStream, path: &str, headers: &str, stated: usize, sent: usize) {
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{headers}content-length: {stated}\r\n\r\n");
    socket.write_all(head.as_bytes()).expect("sends");
    socket.write_all(&vec![b' '; sent]).expect("sends");
}

#[test]
fn a_connection_is_used_again_behind_a_body_that_nobody_read_or_says_that_it_ends() {
    let server = TestServer::start();
    let connect = || TcpStream::connect(server.address).expect("connects");
    for (path, bytes) in [("/v1/nowhere", 10), ("/v1/nowhere", 70_000), ("/v1/nowhere", 200_000), ("/v1/search", 70_000)] {
        let mut socket = connect();
        begin(&mut socket, path, "", bytes, bytes);
        let refused = answer(&mut socket);
        assert!(refused.starts_with("http/1.1 40") && !refused.contains("connection: close"), "{path} {bytes}: {refused}");
        socket.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("sends");
        assert!(answer(&mut socket).starts_with("http/1.1 200"), "{path} {bytes}");
    }
    for (path, headers, bytes) in
        [("/v1/nowhere", "", 3_000_000), ("/v1/search", "", 3_000_000), ("/v1/nowhere", "expect: 100-continue\r\n", 10)]
    {
        let mut socket = connect();
        begin(&mut socket, path, headers, bytes, 0);
        let refused = answer(&mut socket);
        assert!(refused.starts_with("http/1.1 4") && refused.contains("connection: close\r\n"), "{path} {bytes}: {refused}");
        assert_eq!(socket.read(&mut [0]).ok(), Some(0), "{path} {bytes}: it ends");
    }
}

#[test]
fn an_encoded_body_is_refused_and_told_how_it_is_read() {
    let server = TestServer::start();
    for (path, headers) in [("/v1/search", ""), ("/v1/carts", "idempotency-key: k\r\n"), ("/ucp/mcp", ""), ("/1/indexes/*/queries", "")] {
        let mut socket = TcpStream::connect(server.address).expect("connects");
        begin(&mut socket, path, &format!("{headers}content-encoding: gzip\r\n"), 10, 10);
        let refused = answer(&mut socket);
        assert!(refused.starts_with("http/1.1 415") && refused.contains("accept-encoding: identity\r\n"), "{path}: {refused}");
    }
}

#[test]
fn generations_are_swapped_without_a_failed_request() {
    let server = TestServer::start();
    let (done, answered) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let answer = server.get("/v1/search?q=lamp&facets=brand,category&limit=2");
                    assert_eq!((answer.status, answer.json()["total"].as_u64()), (200, Some(3)));
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let first = swap(&server);
        let second = swap(&server);
        assert_ne!(first, second);
        let rolled_back = server.send("POST /v1/generations/rollback", &[], b"");
        assert_eq!((rolled_back.status, rolled_back.json()["id"].as_str()), (200, Some(first.as_str())), "{}", rolled_back.json());
        let live = server.get("/v1/generations").json()["live"].clone();
        assert_eq!(live.as_str(), Some(first.as_str()));
        done.store(true, Ordering::Relaxed);
    });
    assert!(answered.load(Ordering::Relaxed) > 0);
}

/// Builds a generation and makes it the live one; its id.
fn swap(server: &TestServer) -> String {
    let built = server.send("POST /v1/generations", &[], b"");
    assert_eq!(built.status, 201, "{}", built.json());
    let id = built.json()["id"].as_str().expect("a name").to_owned();
    let promoted = server.send(&format!("POST /v1/generations/{id}/promote"), &[], b"");
    assert_eq!((promoted.status, promoted.json()["id"].as_str()), (200, Some(id.as_str())), "{}", promoted.json());
    id
}

/// A shop behind a proxy told platforms to go on at the address that it listened on.
#[test]
fn links_begin_with_the_name_that_the_shop_is_reached_by() {
    let server = TestServer::start_configured("[http]\npublic_url = \"https://shop.example\"");
    let profile = server.get("/.well-known/ucp").json();
    let endpoint = profile["ucp"]["services"]["dev.ucp.shopping"][0]["endpoint"].as_str().expect("an endpoint").to_owned();
    assert!(endpoint.starts_with("https://shop.example/ucp/"), "{endpoint}");
    let headers = [("content-type", "application/json"), ("idempotency-key", "a"), ("ucp-agent", r#"profile="https://agent.example/ucp""#)];
    let cart = server.send("POST /ucp/v1/carts", &headers, br#"{"line_items": [{"item": {"id": "BL-1"}, "quantity": 1}]}"#).json();
    assert_eq!(cart["continue_url"], "https://shop.example/cart", "{cart}");
}
