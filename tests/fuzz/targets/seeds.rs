//! Not a target: writes what the others begin with into `seeds/`, and ends. What the HTTP scenarios send, what a shop has written after they were
//! played, and a row of each kind of file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use shopkeeper_fuzz::{Door, Entrance, Place, Played, all, entries, place_of, play};
use std::collections::BTreeSet;
use std::path::Path;

/// Longer ones are of no use: targets are run with this limit.
const SEED_BYTES_MAX: usize = 4_096;
const FEEDS: [&str; 6] = [
    "{\"id\":\"mug\",\"title\":\"Mug\",\"variants\":[{\"sku\":\"MUG-1\",\"offers\":[{\"price\":{\"amount_minor\":900,\"currency\":\"USD\"}}]}]}\n",
    "id,title,price,currency,brand\n1,Mug,9.00,USD,Kiln\n",
    "id\ttitle\tprice\n1\tMug\t9.00 USD\n",
    "<rss xmlns:g=\"http://base.google.com/ns/1.0\"><channel><item><g:id>1</g:id><title>Mug</title><g:price>9.00 USD</g:price></item></channel></rss>",
    "Handle,Title,Variant SKU,Variant Price,Option1 Name,Option1 Value\nmug,Mug,M-1,9.00,Colour,red\nmug,,M-2,9.00,,blue\n",
    "[{\"order_id\":\"1\",\"product_id\":\"mug\",\"quantity\":2}]",
];
const NOTICES: [&str; 2] = [
    r#"{"id":"evt_1","type":"charge.refund.updated","data":{"object":{"id":"ch_1","object":"charge","payment_intent":"pi_1","metadata":{"payment":"p1"}}}}"#,
    r#"{"ucp":{"version":"2026-04-08","capabilities":{"dev.ucp.shopping.cart":[{"version":"2026-04-08"}]}}}"#,
];
const HEADERS: [&str; 8] = [
    "profile=\"https://a.example/p\"; version=\"2026-04-08\"",
    "Bearer sk_live_0123456789abcdef",
    "\"00112233445566778899aabbccddeeff\", W/\"1\"",
    "session=abc; visit=def",
    "application/json;q=0.5, text/event-stream",
    "gzip, br;q=0.1",
    "https://shop.example",
    "203.0.113.7, 10.0.0.1",
];

fuzz_target!(init: write_all(), |bytes: &[u8]| {
    let _ = bytes;
});

fn write_all() {
    let mut door = Door::open();
    let played = play(&mut door);
    let description = door.ask("GET", "/openapi.json", &[], b"").json();
    requests(&all(&description, &played), &played);
    filters(&played);
    let shop = door.close();
    write("records", entries(shop.path()).into_iter().map(|(_, bytes)| bytes));
    // The first byte chooses the kind of file.
    write("feeds", FEEDS.iter().map(|feed| [&[0], feed.as_bytes()].concat()));
    write("headers", HEADERS.iter().flat_map(|value| (0..24).map(move |header| [&[header, header], value.as_bytes()].concat())));
    // Ends with how long the signature is, which is none.
    write("told", NOTICES.iter().map(|notice| notice.as_bytes().to_vec()));
    write("cursor", [b"AgAAAAAAAAAAAA".to_vec(), vec![0, 3, 1, 2, 3], vec![1; 64]]);
    write("segment", [vec![0]]);
    write("checkpoints", (0..6).flat_map(|kind| [vec![kind, 1, 1, 0, 0, 1], vec![kind, 0, 1, 0, 0, 1]]));
}

/// The first two bytes choose the place of the interface.
fn requests(entrances: &[Entrance], played: &[Played]) {
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    let mut add = |place: usize, bytes: &[u8]| seeds.extend([0, 1].map(|odd| [&((place * 2 + odd) as u16).to_le_bytes(), bytes].concat()));
    for (place, bytes) in played.iter().filter_map(|played| place_of(entrances, played)) {
        add(place, bytes);
    }
    let tools = entrances.iter().position(|one| one.template == "/ucp/mcp" && matches!(one.place, Place::Body(_))).expect("tools");
    messages(played).iter().for_each(|message| add(tools, message.to_string().as_bytes()));
    write("requests", seeds);
}

/// Messages of the Model Context Protocol: the first ones of a session, and calls with what the scenarios send to the operations' own addresses.
fn messages(played: &[Played]) -> Vec<Value> {
    let message = |method: &str, params: Value| json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let client = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "fuzz", "version": "1" } });
    let call = |name: &str, mut arguments: Value| {
        arguments["meta"] = json!({ "ucp-agent": { "profile": "https://platform.example/profile" }, "idempotency-key": "k" });
        message("tools/call", json!({ "name": name, "arguments": arguments }))
    };
    let mut found = vec![message("initialize", client), message("tools/list", json!({})), message("ping", json!({}))];
    for one in played.iter().filter(|one| one.path.starts_with("/ucp/v1/")) {
        let parts: Vec<&str> = one.path.trim_start_matches("/ucp/v1/").split('/').collect();
        let content = serde_json::from_slice::<Value>(&one.body).unwrap_or_default();
        found.push(match (one.method.as_str(), parts.as_slice()) {
            ("POST", ["catalog", "search"]) => call("search_catalog", json!({ "catalog": content })),
            ("POST", ["catalog", "lookup"]) => call("lookup_catalog", json!({ "catalog": content })),
            ("POST", ["catalog", "product"]) => call("get_product", json!({ "catalog": content })),
            ("POST", ["carts"]) => call("create_cart", json!({ "cart": content })),
            ("PUT", ["carts", id]) => call("update_cart", json!({ "id": id, "cart": content })),
            ("POST", ["checkout-sessions"]) => call("create_checkout", json!({ "checkout": content })),
            ("PUT", ["checkout-sessions", id]) => call("update_checkout", json!({ "id": id, "checkout": content })),
            ("POST", ["checkout-sessions", id, "complete"]) => call("complete_checkout", json!({ "id": id, "checkout": content })),
            ("GET", ["orders", id]) => call("get_order", json!({ "id": id })),
            _ => continue,
        });
    }
    found
}

fn filters(played: &[Played]) {
    let bodies = played.iter().filter_map(|one| serde_json::from_slice::<Value>(&one.body).ok());
    let found: BTreeSet<String> = bodies.filter_map(|body| body["filter"].as_str().map(str::to_owned)).collect();
    let in_query = played.iter().flat_map(|one| one.query.split('&')).filter_map(|param| param.strip_prefix("filter="));
    let all: BTreeSet<String> = in_query.map(unescaped).chain(found).collect();
    write("filter", all.into_iter().map(String::into_bytes));
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(if first == b'+' { b' ' } else { first }));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn write(target: &str, seeds: impl IntoIterator<Item = Vec<u8>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("makes a folder");
    let seeds: BTreeSet<Vec<u8>> = seeds.into_iter().filter(|seed| seed.len() <= SEED_BYTES_MAX).collect();
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::write(folder.join(number.to_string()), seed).expect("writes");
    }
    println!("{target}: {} seeds", seeds.len());
}
