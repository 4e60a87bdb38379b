//! A card number in a text about a shopper, a payment or an order is refused, through every interface and in every field that is kept.

use super::server::TestServer;
use serde_json::{Value, json};

const CARD: &str = "4111 1111 1111 1111";

fn ask(server: &TestServer, request: &str, key: &str, body: &Value) -> super::client::Answer {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    server.send(request, &headers, body.to_string().as_bytes())
}

fn made(server: &TestServer, request: &str, body: &Value, pointer: &str) -> String {
    let answer = ask(server, request, &format!("made-{}-{}", request.len(), body.to_string().len()), body).json();
    answer.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{request}: {answer}")).to_owned()
}

fn place(field: &str, text: &str) -> Value {
    let mut place = json!({ "first_name": "Ada", "last_name": "King", "street_address": "1 Mill Lane", "address_locality": "Ghent", "address_country": "BE" });
    place[field] = json!(text);
    json!({ "methods": [{ "type": "shipping", "destinations": [place] }] })
}

fn payment(token: &str) -> Value {
    let token = json!({ "type": "token", "token": token });
    json!({ "payment": { "instruments": [{ "id": "i", "handler_id": "test", "type": "token", "credential": token }] } })
}

#[test]
fn card_numbers_are_refused_wherever_something_is_kept_of_shoppers_payments_and_orders() {
    let server = TestServer::start();
    let lines = json!([{ "item": { "id": "KET-1" }, "quantity": 1 }]);
    let open = json!({ "line_items": lines, "buyer": { "email": "ada@example.org" }, "fulfillment": place("first_name", "Ada") });
    let session = made(&server, "POST /ucp/v1/checkout-sessions", &open, "/id");
    let order = made(&server, &format!("POST /ucp/v1/checkout-sessions/{session}/complete"), &payment("tok_success"), "/order/id");
    let session = made(
        &server,
        "POST /ucp/v1/checkout-sessions",
        &json!({ "line_items": lines, "buyer": { "email": "a@example.org" }, "fulfillment": place("first_name", "A") }),
        "/id",
    );
    let cart = made(&server, "POST /v1/carts", &json!({ "lines": [{ "sku": "KET-1", "quantity": 1 }] }), "/id");
    let mut rows: Vec<(String, Value)> = Vec::new();
    let mut row = |request: &str, body: Value| rows.push((request.to_owned(), body));
    for field in ["first_name", "last_name", "email", "phone_number", "shopper_id", "session_id"] {
        let buyer = json!({ field: if field == "email" { format!("{}@example.org", CARD.replace(' ', "-")) } else { CARD.to_owned() } });
        row("POST /ucp/v1/carts", json!({ "line_items": lines, "buyer": buyer }));
        row("POST /ucp/v1/checkout-sessions", json!({ "line_items": lines, "buyer": buyer }));
        row(&format!("PUT /ucp/v1/checkout-sessions/{session}"), json!({ "line_items": lines, "buyer": buyer }));
    }
    for field in ["first_name", "last_name", "street_address", "extended_address", "address_locality", "address_region", "postal_code"] {
        row("POST /ucp/v1/checkout-sessions", json!({ "line_items": lines, "fulfillment": place(field, CARD) }));
        row(&format!("PUT /ucp/v1/checkout-sessions/{session}"), json!({ "line_items": lines, "fulfillment": place(field, CARD) }));
    }
    for field in ["shopper", "session", "name"] {
        row("POST /v1/carts", json!({ "lines": [{ "sku": "KET-1", "quantity": 1 }], "buyer": { field: CARD } }));
    }
    row(&format!("PATCH /v1/carts/{cart}"), json!({ "name": CARD }));
    row(&format!("POST /ucp/v1/checkout-sessions/{session}/complete"), payment(CARD));
    row(&format!("POST /v1/orders/{order}/cancel"), json!({ "reason": CARD }));
    for field in ["shopper_id", "session_id"] {
        row("POST /v1/events", json!({ "type": "view", "product_id": "mug", field: CARD }));
        row("POST /v1/search", json!({ "q": "lamp", field: CARD }));
        row("POST /v1/recommend", json!({ "carousels": [{ "kind": "trending" }], field: CARD }));
    }
    for field in ["query_id", "recommendation_id"] {
        row("POST /v1/events", json!({ "type": "view", "product_id": "mug", "session_id": "s", field: CARD }));
    }
    row("PUT /v1/rules/r1", json!({ "note": CARD, "then": { "pin": ["mug"] } }));
    row("PUT /v1/synonyms/s1", json!({ "note": CARD, "words": ["mug", "cup"] }));
    row("POST /v1/search", json!({ "q": "mug", "limit": CARD }));
    row("PUT /v1/shoppers/4111111111111111/groups", json!({ "groups": ["trade"] }));
    row("POST /v1/credits", json!({ "shopper_id": CARD, "amount": { "amount_minor": 500, "currency": "USD" } }));
    row(&format!("POST /v1/carts/{cart}/merge"), json!({ "shopper_id": CARD }));
    let mut taken = Vec::new();
    for (number, (request, body)) in rows.iter().enumerate() {
        let answer = ask(&server, request, &format!("row-{number}"), body);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        if answer.status != 400 || text.contains("4111") {
            taken.push(format!("{request} {body}: {} {text}", answer.status));
        }
    }
    assert!(taken.is_empty(), "{} of {}:\n{}", taken.len(), rows.len(), taken.join("\n"));
}

#[test]
fn card_numbers_in_headers_reach_neither_the_journal_nor_the_answer() {
    let server = TestServer::start();
    let number = CARD.replace(' ', "");
    let line = json!({ "lines": [{ "sku": "KET-1", "quantity": 1 }] });
    let opened = ask(&server, "POST /v1/carts", &number, &line);
    let again = ask(&server, "POST /v1/carts", &number, &line);
    assert_eq!((opened.status, &opened.body), (201, &again.body), "a number that names a write still names it");
    assert_eq!(ask(&server, "POST /v1/carts", &number, &json!({ "lines": [] })).status, 422);
    let rule = json!({ "then": { "pin": ["mug"] } }).to_string();
    let headers = [("content-type", "application/json"), ("x-actor", number.as_str())];
    assert_eq!(server.send("PUT /v1/rules/r1", &headers, rule.as_bytes()).status, 400);
    let named = server.send("GET /v1/stats", &[("x-request-id", &number)], b"");
    assert!(named.headers.iter().all(|(_, value)| !value.contains(&number)));
    let journal = server.folder().join("data/journal");
    let streams = std::fs::read_dir(journal).expect("is there").filter_map(|entry| std::fs::read_dir(entry.ok()?.path()).ok());
    for segment in streams.flatten() {
        let path = segment.expect("is there").path();
        let bytes = std::fs::read(&path).expect("is read");
        assert!(!bytes.windows(number.len()).any(|window| window == number.as_bytes()), "{}", path.display());
    }
}
