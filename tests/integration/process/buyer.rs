//! A shopper who buys through the Universal Commerce Protocol.

use crate::http::client::{self, Answer};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Opens a checkout session over these SKUs and completes it; the key makes every request repeatable.
pub(super) fn buy(address: SocketAddr, key: &str, skus: &[&str]) -> Answer {
    let session = post(address, "/ucp/v1/checkout-sessions", &format!("{key}-open"), &session_of(skus));
    if session.status != 201 {
        return session;
    }
    let id = session.json()["id"].as_str().expect("a session has an id").to_owned();
    post(address, &format!("/ucp/v1/checkout-sessions/{id}/complete"), &format!("{key}-pay"), &payment())
}

/// The order that an answer to [`buy`] placed.
pub(super) fn order_of(answer: &Answer) -> Option<String> {
    answer.json()["order"]["id"].as_str().map(str::to_owned)
}

fn session_of(skus: &[&str]) -> Value {
    let items: Vec<Value> = skus.iter().map(|sku| json!({"item": {"id": sku}, "quantity": 1})).collect();
    json!({
        "line_items": items,
        "buyer": {"email": "ada@example.org", "first_name": "Ada", "last_name": "King"},
        "fulfillment": {"methods": [{"type": "shipping", "destinations": [{
            "first_name": "Ada", "last_name": "King", "street_address": "1 Mill Lane", "address_locality": "Ghent",
            "address_country": "BE", "postal_code": "9000"
        }]}]}
    })
}

fn payment() -> Value {
    json!({"payment": {"instruments": [{
        "id": "i1", "handler_id": "test", "type": "token", "selected": true, "credential": {"type": "token", "token": "tok_success"}
    }]}})
}

pub(super) fn post(address: SocketAddr, path: &str, key: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    client::send(address, &format!("POST {path}"), &headers, body.to_string().as_bytes())
}

pub(super) fn get(address: SocketAddr, path: &str) -> Answer {
    client::send(address, &format!("GET {path}"), &[], b"")
}
