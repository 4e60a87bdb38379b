//! A platform is told of its orders: each time whole, as it would see it when it asked, signed with the key that the shop's profile shows.

use super::platform::{PROFILE, Platform, id_of};
use super::schemas::Schemas;
use crate::http::server::TestServer;
use crate::http::webhooks::{FINE, Message, Receiving, server};
use serde_json::{Value, json};
use shopkeeper::stdx::base64;
use shopkeeper::stdx::signing::{is_signed, sha256};

fn register(server: &TestServer, receiver: &Receiving, profile: &str) -> (u16, Value) {
    let body = json!({ "url": format!("http://{}/orders?from=shop", receiver.address), "platform": profile });
    let headers = [("content-type", "application/json"), ("idempotency-key", profile)];
    let answer = server.send("POST /v1/webhooks", &headers, body.to_string().as_bytes());
    (answer.status, answer.json())
}

/// Checks a message as its receiver would, from nothing but the shop's profile.
fn is_from(server: &TestServer, message: &Message, authority: &str) -> bool {
    let key = server.get("/.well-known/ucp").json()["signing_keys"][0].clone();
    let coordinate = |name: &str| base64::decode(key[name].as_str().expect("a coordinate")).expect("base64");
    let digest = format!("sha-256=:{}:", base64::encode_padded(&sha256(&message.body)));
    let input = message.header("signature-input").trim_start_matches("sig1=");
    assert!(input.ends_with(&format!("keyid=\"{}\"", key["kid"].as_str().expect("a name"))), "{input}");
    let base = [
        "\"@method\": POST".to_owned(),
        format!("\"@authority\": {authority}"),
        "\"@path\": /orders".to_owned(),
        format!("\"ucp-agent\": {}", message.header("ucp-agent")),
        format!("\"content-digest\": {digest}"),
        format!("\"content-type\": {}", message.header("content-type")),
        format!("\"@signature-params\": {input}"),
    ];
    let signature = message.header("signature").trim_start_matches("sig1=:").trim_end_matches(':');
    let signature = base64::decode_padded(signature).expect("base64");
    message.header("content-digest") == digest && is_signed((&coordinate("x"), &coordinate("y")), base.join("\n").as_bytes(), &signature)
}

#[test]
fn a_platform_is_told_of_its_own_orders_whole_and_signed() {
    let (own, other) = (Receiving::start(FINE), Receiving::start(FINE));
    let (server, schemas) = (server(&[&own, &other]), Schemas::read());
    let profile = PROFILE.trim_start_matches("profile=\"").trim_end_matches('"');
    assert_eq!(register(&server, &own, profile).0, 201);
    let (status, made) = register(&server, &other, "https://other.example/profile");
    assert_eq!((status, &made["platform"], &made["streams"]), (201, &json!("https://other.example/profile"), &json!(["trade"])));
    let (status, refused) = register(&server, &other, "no profile");
    assert_eq!((status, &refused["field"]), (400, &json!("platform")));

    let platform = Platform::new(&server, schemas.as_ref());
    let done = platform.complete(&platform.ready("DL-BRASS", 1), "tok_success");
    let order = done["order"]["id"].as_str().expect("an order").to_owned();
    let told = own.next();
    assert_eq!((id_of(&told.json()), &told.json()["ucp"]["status"]), (order.as_str(), &json!("success")));
    schemas.iter().for_each(|schemas| schemas.check("order", &told.json()));
    assert!(is_from(&server, &told, &own.address.to_string()));
    assert!(told.header("webhook-id").parse::<uuid::Uuid>().is_ok() && told.header("webhook-timestamp").parse::<u64>().is_ok());
    assert!(told.header("ucp-agent").ends_with("/.well-known/ucp\""), "{}", told.header("ucp-agent"));
    assert_eq!(told.header("webhook-signature"), "", "no secret is shared");

    assert_eq!(platform.send(&format!("POST /v1/orders/{order}/ship"), &Value::Null).status, 200);
    let shipped = std::iter::repeat_with(|| own.next()).find(|told| told.json()["line_items"][0]["status"] == "fulfilled").expect("comes");
    assert_ne!(shipped.header("webhook-id"), told.header("webhook-id"));
    assert!(is_from(&server, &shipped, &own.address.to_string()));
    assert!(other.is_silent(), "nobody is told of another's orders");
}
