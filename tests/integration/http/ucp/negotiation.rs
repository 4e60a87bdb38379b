//! What both sides can do, from a profile that is fetched: a stand-in for a platform serves it from this machine.

use super::platform::destination;
use crate::http::server::TestServer;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Serves one answer to whoever asks, and counts.
fn serving(answer: String) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (address, count) = (listener.local_addr().expect("an address"), Arc::new(AtomicUsize::new(0)));
    let counting = Arc::clone(&count);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            counting.fetch_add(1, Ordering::Relaxed);
            let mut head = [0; 4_096];
            if stream.read(&mut head).is_ok() {
                // Whoever hung up in between has nothing to be told.
                let _ = stream.write_all(answer.as_bytes());
            }
        }
    });
    (address, count)
}

fn profile(version: &str, capabilities: &[&str]) -> String {
    let entity = json!([{ "version": "2026-04-08", "spec": "https://ucp.dev/", "schema": "https://ucp.dev/" }]);
    let capabilities: Value =
        capabilities.iter().map(|name| ((*name).to_owned(), entity.clone())).collect::<serde_json::Map<_, _>>().into();
    let body = json!({ "ucp": { "version": version, "services": {}, "payment_handlers": {}, "capabilities": capabilities } }).to_string();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: public, max-age=60\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn server(platforms: &[SocketAddr]) -> TestServer {
    let allowed: Vec<String> = platforms.iter().map(|address| format!("\"{address}\"")).collect();
    let config = format!("[webhooks]\nallow = [{}]\n[ucp]\nfetch_profiles = true\n", allowed.join(", "));
    TestServer::start_with(|folder| std::fs::write(folder.join("shopkeeper.toml"), config).expect("is written"))
}

fn ask(server: &TestServer, url: &str, request: &str, body: &Value) -> (u16, Value) {
    let agent = format!("profile=\"{url}\"");
    let headers = [("content-type", "application/json"), ("idempotency-key", "k"), ("ucp-agent", agent.as_str())];
    let answer = server.send(request, &headers, body.to_string().as_bytes());
    (answer.status, answer.json())
}

#[test]
fn only_what_both_sides_can_do_is_used_and_a_profile_is_fetched_once() {
    let (platform, fetched) = serving(profile("2026-04-08", &["dev.ucp.shopping.checkout", "dev.ucp.shopping.discount"]));
    let server = server(&[platform]);
    let url = format!("http://{platform}/profile");
    let methods = json!([{ "type": "shipping", "destinations": [destination()] }]);
    let body = json!({ "line_items": [{ "item": { "id": "MUG-BLUE" }, "quantity": 1 }], "fulfillment": { "methods": methods } });
    let (status, session) = ask(&server, &url, "POST /ucp/v1/checkout-sessions", &body);
    assert_eq!(status, 201, "{session}");
    let active: Vec<&String> = session["ucp"]["capabilities"].as_object().expect("capabilities").keys().collect();
    assert_eq!(active, ["dev.ucp.shopping.checkout", "dev.ucp.shopping.discount"]);
    assert!(session.get("fulfillment").is_none() && session.get("discounts").is_some());
    let (status, refused) = ask(&server, &url, "GET /ucp/v1/carts/c", &Value::Null);
    assert_eq!(
        (status, &refused["ucp"]["status"], &refused["messages"][0]["code"]),
        (200, &json!("error"), &json!("capabilities_incompatible"))
    );
    assert_eq!(fetched.load(Ordering::Relaxed), 1);
}

#[test]
fn a_profile_that_is_not_to_be_had_is_told_by_its_own_code() {
    let (old, _) = serving(profile("2001-01-01", &[]));
    let (moved, _) = serving("HTTP/1.1 302 Found\r\nlocation: https://example.org/\r\ncontent-length: 0\r\n\r\n".to_owned());
    let (wrong, _) = serving("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_owned());
    let (long, _) = serving(format!("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{}", "x".repeat(100_000)));
    let server = server(&[old, moved, wrong, long]);
    let private = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("an address");
    let check = |url: String, status: u16, code: &str| {
        let found = ask(&server, &url, "GET /ucp/v1/carts/c", &Value::Null);
        assert_eq!((found.0, found.1["code"].as_str()), (status, Some(code)), "{url}: {}", found.1);
    };
    check(format!("http://{old}/"), 422, "version_unsupported");
    check(format!("http://{moved}/"), 424, "profile_unreachable");
    check(format!("http://{wrong}/"), 422, "profile_malformed");
    check(format!("http://{long}/"), 422, "profile_malformed");
    check(format!("http://{private}/"), 400, "invalid_profile_url");
    check("https://10.0.0.1/profile".to_owned(), 400, "invalid_profile_url");
    check("https://169.254.169.254/latest".to_owned(), 400, "invalid_profile_url");
    check("https://localhost/profile".to_owned(), 400, "invalid_profile_url");
}
