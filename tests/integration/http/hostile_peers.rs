//! Peers that are slow, greedy or hostile:
//!
//! 1. a connection without a request, with half a head, with a head that drips, or left idle is ended at its deadline;
//! 2. a body that stands still or drips is refused, and the refusal says why;
//! 3. who does not take its answers is dropped;
//! 4. when all places are taken, those who do nothing give way to whoever asks, and one address has only so many;
//! 5. an HTTP/2 peer that takes back what it asks for is ended, and hurts nobody.

use super::server::TestServer;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Every wait of these tests ends within it, or they fail.
const PATIENCE: Duration = Duration::from_secs(30);

const SHORT: &str = "[http]\nhead_ms = 1000\nidle_ms = 1500\nunread_ms = 1000\nbody_stall_ms = 1000\nbody_grace_ms = 500\n";

fn connect(server: &TestServer) -> TcpStream {
    let socket = TcpStream::connect(server.address).expect("connects");
    socket.set_read_timeout(Some(PATIENCE)).and_then(|()| socket.set_write_timeout(Some(PATIENCE))).expect("timeouts");
    socket
}

/// Everything until the server closes; a reset counts as closing, silence does not.
fn until_closed(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match socket.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "the server closes"),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends one letter after another until the server closes, and gives what it said.
fn drip(socket: &mut TcpStream, letter: u8, pause: Duration) -> String {
    socket.set_read_timeout(Some(pause)).expect("a timeout");
    let (began, mut said, mut piece) = (Instant::now(), Vec::new(), [0; 4_096]);
    while began.elapsed() < PATIENCE {
        // Whether it is taken shows in what is read.
        let _ = socket.write_all(&[letter]);
        match socket.read(&mut piece) {
            Ok(0) => return String::from_utf8_lossy(&said).into_owned(),
            Ok(count) => said.extend_from_slice(&piece[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return String::from_utf8_lossy(&said).into_owned(),
        }
    }
    panic!("the server took one letter after another");
}

#[test]
fn connections_that_do_nothing_are_ended() {
    let server = TestServer::start_configured(SHORT);
    let mut silent = connect(&server);
    let mut halfway = connect(&server);
    halfway.write_all(b"GET /healthz HT").expect("sends");
    let mut half_preface = connect(&server);
    half_preface.write_all(b"PRI * HTTP/2.0\r\n").expect("sends");
    let mut idle = connect(&server);
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("sends");
    let mut dripping = connect(&server);
    dripping.write_all(b"GET /healthz HTTP/1.1\r\nx: ").expect("sends");
    assert_eq!(drip(&mut dripping, b'y', Duration::from_millis(50)), "");
    assert_eq!([&mut silent, &mut halfway, &mut half_preface].map(until_closed), ["", "", ""]);
    assert!(until_closed(&mut idle).starts_with("HTTP/1.1 200"), "it was answered before it was idle");
}

#[test]
fn a_second_head_has_the_same_deadline_as_the_first() {
    let server = TestServer::start_configured("[http]\nhead_ms = 1000\nidle_ms = 3600000\n");
    let mut socket = connect(&server);
    socket.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("sends");
    let mut first = [0; 15];
    socket.read_exact(&mut first).expect("is answered");
    let said = drip(&mut socket, b'G', Duration::from_millis(50));
    assert!(!said.contains("HTTP/1.1 4"), "{said}");
}

#[test]
fn a_slow_body_is_refused_in_words() {
    let server = TestServer::start_configured(&format!("{SHORT}body_bytes_per_s = 1000\n"));
    let head = "POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ncontent-length: 100000\r\n\r\n{";
    let mut dripping = connect(&server);
    dripping.write_all(head.as_bytes()).expect("sends");
    let said = drip(&mut dripping, b' ', Duration::from_millis(20));
    assert!(said.starts_with("HTTP/1.1 408") && said.contains("less than 1000 bytes a second"), "{said}");

    let server = TestServer::start_configured("[http]\nbody_stall_ms = 500\nbody_grace_ms = 500\nbody_bytes_per_s = 1\n");
    let mut still = connect(&server);
    still.write_all(head.as_bytes()).expect("sends");
    let said = until_closed(&mut still);
    assert!(said.starts_with("HTTP/1.1 408") && said.contains("stood still"), "{said}");
}

#[test]
fn who_does_not_take_answers_is_dropped() {
    let server = TestServer::start_configured(SHORT);
    let mut socket = connect(&server);
    socket.set_write_timeout(Some(Duration::from_millis(100))).expect("a timeout");
    let (began, ask) = (Instant::now(), b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(200));
    let error = loop {
        match socket.write_all(&ask) {
            Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break error.kind(),
            _ => assert!(began.elapsed() < PATIENCE, "the server keeps what nobody reads"),
        }
    };
    assert!(matches!(error, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error:?}");
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn the_idle_give_way_when_all_places_are_taken() {
    let server = TestServer::start_configured("[http]\nconnections_max = 16\nconnections_per_address_max = 16\n");
    let mut silent: Vec<TcpStream> = (0..16).map(|_| connect(&server)).collect();
    for _ in 0..3 {
        assert_eq!(server.get("/healthz").status, 200, "whoever asks finds a place");
    }
    assert_eq!(until_closed(&mut silent[0]), "");
}

#[test]
fn one_address_has_so_many_connections() {
    let config = "[http]\nlimit_loopback = true\nconnections_per_address_max = 3\n";
    let server = TestServer::start_empty(|folder| std::fs::write(folder.join("shopkeeper.toml"), config).expect("writes"));
    let mut held: Vec<TcpStream> = Vec::new();
    while held.len() < 3 {
        let mut socket = connect(&server);
        socket.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("sends");
        let mut first = [0; 12];
        // A connection of before may be on its way out still.
        if socket.read_exact(&mut first).is_ok() {
            assert_eq!(&first, b"HTTP/1.1 200");
            held.push(socket);
        }
    }
    assert_eq!(until_closed(&mut connect(&server)), "", "the fourth is closed at once");
    held.clear();
    let began = Instant::now();
    while server.get("/healthz").status != 200 {
        assert!(began.elapsed() < PATIENCE, "places come back");
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("is short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes()[..], payload].concat()
}

#[test]
fn a_peer_that_takes_back_what_it_asks_for_is_ended() {
    const HEADERS: u8 = 1;
    const RST_STREAM: u8 = 3;
    const SETTINGS: u8 = 4;
    const CANCEL: [u8; 4] = [0, 0, 0, 8];
    let server = TestServer::start();
    let mut socket = connect(&server);
    // GET http /healthz by the static table of HPACK; the last field is `:authority: a`.
    let ask = [&[0x82, 0x86, 0x04, 0x08][..], b"/healthz", &[0x41, 0x01, b'a']].concat();
    let opening = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(SETTINGS, 0, 0, &[])].concat();
    socket.write_all(&opening).expect("sends");
    let mut sent = 0;
    for number in 0..200_000_u32 {
        let stream = 2 * number + 1;
        let both = [frame(HEADERS, 0b101, stream, &ask), frame(RST_STREAM, 0, stream, &CANCEL)].concat();
        if socket.write_all(&both).is_err() {
            break;
        }
        sent = number;
    }
    assert!(sent < 199_999, "all of it was taken");
    assert_eq!(server.get("/healthz").status, 200);
}
