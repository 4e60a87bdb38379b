//! Headers that the server reads, of any bytes that may stand in one, at doors that look at them. Whatever is sent is answered, never with 500.
//!
//! The first byte of an input chooses the header, the second the door.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopkeeper_fuzz::{Door, play};
use std::sync::{LazyLock, Mutex, PoisonError};

const HEADERS: [&str; 24] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "content-type",
    "cookie",
    "host",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "mcp-protocol-version",
    "mcp-session-id",
    "origin",
    "range",
    "request-id",
    "ucp-agent",
    "x-actor",
    "x-algolia-api-key",
    "x-csrf-token",
    "x-forwarded-for",
    "x-request-id",
    "x-request-timeout-ms",
    "x-shopper-token",
];
const DOORS: [(&str, &str, &str); 12] = [
    ("GET", "/v1/search?q=lamp", ""),
    ("GET", "/v1/products/mug", ""),
    ("GET", "/v1/changes", ""),
    ("GET", "/assets/app.js", ""),
    ("GET", "/ucp/v1/carts/nothing", ""),
    ("GET", "/console/api/session", ""),
    ("PATCH", "/v1/products/mug", r#"{"brand":"Kiln"}"#),
    ("PUT", "/v1/rules/r", r#"{"then":{"redirect":"/"}}"#),
    ("POST", "/v1/carts", r#"{"shopper_id":"ann"}"#),
    ("POST", "/ucp/v1/carts", r#"{"line_items":[{"item":{"id":"MUG-BLUE"},"quantity":1}]}"#),
    ("POST", "/ucp/mcp", r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#),
    ("POST", "/1/indexes/products/query", r#"{"query":"lamp"}"#),
];

static DOOR: LazyLock<Mutex<Door>> = LazyLock::new(|| {
    let mut door = Door::open();
    play(&mut door);
    Mutex::new(door)
});

fuzz_target!(init: LazyLock::force(&DOOR), |input: (u8, u8, &[u8])| {
    let (header, place, bytes) = input;
    let header = HEADERS[usize::from(header) % HEADERS.len()];
    let (method, target, body) = DOORS[usize::from(place) % DOORS.len()];
    // What ends a line would begin another header.
    let value: Vec<u8> = bytes.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n' | 0)).collect();
    let mut door = DOOR.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = door.ask(method, target, &[(header, &value)], body.as_bytes());
    assert!(answer.status != 500, "{method} {target}, {header}: {}", String::from_utf8_lossy(&answer.body));
});
