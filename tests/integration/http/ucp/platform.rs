//! A platform: it names its profile with every request, and checks every answer that it gets.

use super::schemas::Schemas;
use crate::http::client::Answer;
use crate::http::server::TestServer;
use serde_json::{Value, json};
use std::cell::Cell;

pub(super) const PROFILE: &str = "profile=\"https://agent.example/.well-known/ucp\"";

pub(super) struct Platform<'a> {
    pub(super) server: &'a TestServer,
    schemas: Option<&'a Schemas>,
    keys: Cell<u32>,
}

impl<'a> Platform<'a> {
    pub(super) fn new(server: &'a TestServer, schemas: Option<&'a Schemas>) -> Self {
        Self { server, schemas, keys: Cell::new(0) }
    }

    /// Sends a request under a key of its own.
    pub(super) fn send(&self, request: &str, body: &Value) -> Answer {
        self.keys.set(self.keys.get() + 1);
        self.send_under(request, &format!("key-{}", self.keys.get()), body)
    }

    pub(super) fn send_under(&self, request: &str, key: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("idempotency-key", key), ("ucp-agent", PROFILE)];
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.server.send(request, &headers, &bytes)
    }

    /// Asks and checks the answer's shape; a status of 2xx, whatever came of it.
    pub(super) fn ask(&self, request: &str, shape: &str, body: &Value) -> Value {
        let answer = self.send(request, body);
        assert!(matches!(answer.status, 200 | 201), "{request}: {} {}", answer.status, answer.json());
        let answer = answer.json();
        if let Some(schemas) = self.schemas {
            schemas.check(shape, &answer);
        }
        answer
    }

    /// Asks for something that cannot be done: the code of the first message.
    pub(super) fn refused(&self, request: &str, shape: &str, body: &Value) -> String {
        let answer = self.ask(request, shape, body);
        assert_eq!(answer["ucp"]["status"], "error", "{request}: {answer}");
        if let Some(schemas) = self.schemas {
            schemas.check("error", &answer);
        }
        answer["messages"][0]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// A session over one line, ready to be paid.
    pub(super) fn ready(&self, sku: &str, quantity: u32) -> Value {
        let body = json!({
            "line_items": [{ "item": { "id": sku }, "quantity": quantity }],
            "buyer": { "email": "ada@example.org", "first_name": "Ada", "last_name": "King" },
            "fulfillment": { "methods": [{ "type": "shipping", "destinations": [destination()] }] },
        });
        self.ask("POST /ucp/v1/checkout-sessions", "checkout", &body)
    }

    pub(super) fn complete(&self, session: &Value, token: &str) -> Value {
        let request = format!("POST /ucp/v1/checkout-sessions/{}/complete", id_of(session));
        self.ask(&request, "checkout", &json!({ "payment": payment(token) }))
    }
}

pub(super) fn id_of(answer: &Value) -> &str {
    answer["id"].as_str().unwrap_or_else(|| panic!("an id: {answer}"))
}

pub(super) fn destination() -> Value {
    json!({ "first_name": "Ada", "last_name": "King", "street_address": "1 Mill Lane", "address_locality": "Ghent", "address_country": "BE", "postal_code": "9000" })
}

pub(super) fn payment(token: &str) -> Value {
    let credential = json!({ "type": "token", "token": token });
    json!({ "instruments": [{ "id": "i1", "handler_id": "test", "type": "token", "selected": true, "credential": credential }] })
}

/// The message with that code, wherever it stands.
pub(super) fn message<'a>(answer: &'a Value, code: &str) -> &'a Value {
    let messages = answer["messages"].as_array().expect("messages");
    messages.iter().find(|message| message["code"] == code).unwrap_or_else(|| panic!("{code}: {answer}"))
}

/// The amount of the part with that type.
pub(super) fn total(of: &Value, kind: &str) -> i64 {
    let totals = of["totals"].as_array().expect("totals");
    totals.iter().find(|total| total["type"] == kind).and_then(|total| total["amount"].as_i64()).unwrap_or(0)
}

/// A promotion of a tenth off lamps for whoever knows the code, and one that takes shipping off for everybody.
pub(super) fn promote(server: &TestServer) {
    let put = |request: &str, body: Value| {
        let headers = [("content-type", "application/json"), ("idempotency-key", request)];
        let answer = server.send(request, &headers, body.to_string().as_bytes());
        assert!(matches!(answer.status, 200 | 201), "{request}: {}", answer.json());
    };
    let percent = json!({ "percent": { "basis_points": 1_000 } });
    let lamps = json!({ "title": "A tenth off lamps", "effect": percent, "target": { "skus": ["DL-BRASS"] }, "needs_coupon": true });
    put("PUT /v1/promotions/lamps", lamps);
    put("POST /v1/promotions/lamps/coupons", json!({ "codes": ["LAMPS"] }));
    put("PUT /v1/promotions/free-shipping", json!({ "title": "Free shipping", "effect": { "shipping": { "basis_points": 10_000 } } }));
}
