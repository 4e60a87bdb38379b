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

/// A platform's endpoint is told of past orders with the names and streets they went to, wherever its address leads.
#[test]
fn an_endpoint_of_a_platform_is_made_and_led_elsewhere_by_who_may_know_its_shoppers() {
    let server = server();
    let admin = admin_key(&server);
    let follower = holding(&server, &admin, &["changes:write"]);
    let trusted = holding(&server, &admin, &["changes:write", "shoppers:read"]);
    let platform =
        json!({ "url": "https://hooks.example.org/shop", "platform": "https://agent.example.org/profile.json", "after": "start" });
    let refused = (403, "platform".to_owned());
    assert_eq!(refusal(&follower, &server, "POST /v1/webhooks", &platform), refused);
    let made = trusted.ask(&server, "POST /v1/webhooks", &platform);
    assert_eq!(made.status, 201, "{}", made.json());
    let change = format!("PATCH /v1/webhooks/{}", made.json()["id"].as_str().unwrap_or_default());
    let elsewhere = json!({ "url": "https://elsewhere.example.org/shop" });
    assert_eq!(refusal(&follower, &server, &change, &elsewhere), refused);
    assert_eq!(refusal(&trusted, &server, &change, &elsewhere).0, 200);
    let plain = follower.ask(&server, "POST /v1/webhooks", &json!({ "url": "https://hooks.example.org/plain" }));
    assert_eq!(plain.status, 201, "{}", plain.json());
    let change = format!("PATCH /v1/webhooks/{}", plain.json()["id"].as_str().unwrap_or_default());
    assert_eq!(refusal(&follower, &server, &change, &elsewhere).0, 200);
}
