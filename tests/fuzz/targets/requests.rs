//! Bodies and queries at every kind of door: native, UCP, MCP, Algolia's, webhooks of a payment provider. Whatever is sent is answered, never with
//! 500, and what is refused is refused in words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopkeeper_fuzz::Door;
use std::sync::{LazyLock, Mutex, PoisonError};

const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";

/// Doors where the bytes are the body.
const BODIES: [(&str, &str, &str); 31] = [
    ("POST", "/v1/search", JSON),
    ("POST", "/v1/multi-search", JSON),
    ("POST", "/v1/products", LINES),
    ("PATCH", "/v1/products/mug", JSON),
    ("POST", "/v1/events", LINES),
    ("POST", "/v1/inventory", JSON),
    ("POST", "/v1/carts", JSON),
    ("PUT", "/v1/rules/a", JSON),
    ("PUT", "/v1/synonyms/a", JSON),
    ("PUT", "/v1/experiments/a", JSON),
    ("PUT", "/v1/promotions/a", JSON),
    ("PUT", "/v1/price-lists/a", JSON),
    ("PUT", "/v1/tax-zones/US", JSON),
    ("PUT", "/v1/coupons/A", JSON),
    ("PUT", "/v1/bundles/A", JSON),
    ("PUT", "/v1/carriers/a", JSON),
    ("POST", "/v1/purchase-orders", JSON),
    ("POST", "/v1/transfers", JSON),
    ("POST", "/v1/gift-cards", JSON),
    ("PUT", "/v1/ranking", JSON),
    ("POST", "/v1/webhooks", JSON),
    ("POST", "/v1/payments/webhooks/test", JSON),
    ("POST", "/ucp/v1/catalog/search", JSON),
    ("POST", "/ucp/v1/catalog/lookup", JSON),
    ("POST", "/ucp/v1/carts", JSON),
    ("POST", "/ucp/v1/checkout-sessions", JSON),
    ("PUT", "/ucp/v1/checkout-sessions/a", JSON),
    ("POST", "/ucp/mcp", JSON),
    ("POST", "/1/indexes/*/queries", JSON),
    ("POST", "/1/indexes/products/query", JSON),
    ("POST", "/1/events", JSON),
];
/// Doors where they are the query.
const QUERIES: [&str; 8] = [
    "/v1/search?q=",
    "/v1/search?filter=",
    "/v1/search?facets=",
    "/v1/search?cursor=",
    "/v1/suggest?q=",
    "/v1/recommend/similar?product_id=mug&filter=",
    "/v1/changes?after=",
    "/v1/search?",
];

static DOOR: LazyLock<Mutex<Door>> = LazyLock::new(Mutex::default);

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, bytes) = input;
    let choice = usize::from(choice) % (BODIES.len() + QUERIES.len());
    let mut door = DOOR.lock().unwrap_or_else(PoisonError::into_inner);
    let (name, (status, answer)) = match BODIES.get(choice) {
        Some((method, target, content_type)) => (*target, door.ask(method, target, content_type, bytes)),
        None => {
            let target = QUERIES[choice - BODIES.len()];
            (target, door.ask("GET", &format!("{target}{}", escaped(bytes)), JSON, b""))
        }
    };
    assert!(status != 500 && status != 0, "{status} from {name}: {}", String::from_utf8_lossy(&answer));
    assert!(status < 400 || answer.len() > 2, "{status} from {name} without a word");
});

/// Every byte but letters and digits percent-encoded; the marks between parameters stay, so that there may be several.
fn escaped(bytes: &[u8]) -> String {
    let escape = |&byte: &u8| match byte {
        b'&' | b'=' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    };
    bytes.iter().map(escape).collect()
}
