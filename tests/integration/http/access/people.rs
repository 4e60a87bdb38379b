//! Who somebody is: told to those only who may know it, also where a route that needs something else can tell it.

use super::{Credentials, admin_key, key, server};
use crate::http::server::TestServer;
use serde_json::{Value, json};

fn holding(server: &TestServer, admin: &Credentials, scopes: &[&str]) -> Credentials {
    key(server, Some(admin), &json!({ "name": scopes.join(" "), "scopes": scopes })).1
}

/// The status of an answer, and the field that it is about.
fn refusal(by: &Credentials, server: &TestServer, request: &str, body: &Value) -> (u16, String) {
    let answer = by.ask(server, request, body);
    (answer.status, answer.json()["field"].as_str().unwrap_or_default().to_owned())
}

/// `changes:read` alone opened names, e-mails and streets, because the feed looked at what was asked for and not at who asked.
#[test]
fn a_key_that_follows_what_happens_is_not_told_who_somebody_is() {
    let server = server();
    let admin = admin_key(&server);
    let lines = json!({ "buyer": { "email": "ada@example.org" }, "line_items": [{ "item": { "id": "KET-1" }, "quantity": 1 }] });
    assert_eq!(admin.ask(&server, "POST /ucp/v1/checkout-sessions", &lines).status, 201);
    let follower = holding(&server, &admin, &["changes:read"]);
    let trusted = holding(&server, &admin, &["changes:read", "shoppers:read"]);
    let personal = "GET /v1/changes?kinds=checkout_opened&personal=true";
    assert_eq!(refusal(&follower, &server, personal, &Value::Null), (403, "personal".to_owned()));
    let told = |by: &Credentials, request: &str| by.ask(&server, request, &Value::Null).json().to_string().contains("ada@example.org");
    assert!(told(&trusted, personal) && !told(&follower, "GET /v1/changes?kinds=checkout_opened"));
}
