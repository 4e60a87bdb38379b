//! Sessions that gift cards pay: nobody is charged more beside a card than they were shown, and what is paid already needs no instrument.

use super::client::Answer;
use super::server::TestServer;
use serde_json::{Value, json};

fn send(server: &TestServer, request: &str, key: &str, more: &[(&str, &str)], body: &Value) -> Answer {
    let headers = [&[("content-type", "application/json"), ("idempotency-key", key)], more].concat();
    server.send(request, &headers, body.to_string().as_bytes())
}

/// A gift card with so much on it: its code.
fn card(server: &TestServer, key: &str, amount_minor: i64) -> String {
    let amount = json!({ "amount": { "amount_minor": amount_minor, "currency": "USD" } });
    let card = send(server, "POST /v1/gift-cards", key, &[], &amount).json();
    card["code"].as_str().unwrap_or_else(|| panic!("a code: {card}")).to_owned()
}

/// A session over a kettle that claims a card: its path, what it comes to, and what the card leaves to pay.
fn session(server: &TestServer, key: &str, code: &str) -> (String, i64, Value) {
    let place = json!({ "first_name": "Ada", "last_name": "King", "street_address": "1 Mill Lane", "address_locality": "Ghent", "address_country": "BE" });
    let body = json!({
        "line_items": [{ "item": { "id": "KET-1" }, "quantity": 1 }],
        "buyer": { "email": "ada@example.org" },
        "fulfillment": { "methods": [{ "type": "shipping", "destinations": [place] }] },
    });
    let opened = send(server, "POST /ucp/v1/checkout-sessions", key, &[], &body).json();
    let id = opened["id"].as_str().unwrap_or_else(|| panic!("a session: {opened}")).to_owned();
    let claims = json!({ "gift_cards": [code] });
    let claimed = send(server, &format!("PUT /v1/checkout-sessions/{id}/claims"), &format!("{key} claims"), &[], &claims).json();
    let total_minor = claimed["totals"]["total"]["amount_minor"].as_i64().unwrap_or_else(|| panic!("a total: {claimed}"));
    (format!("POST /ucp/v1/checkout-sessions/{id}/complete"), total_minor, claimed["left_to_pay"]["amount_minor"].clone())
}

fn instruments(token: &str) -> Value {
    let credential = json!({ "type": "token", "token": token });
    json!({ "payment": { "instruments": [{ "id": "i", "handler_id": "test", "type": "token", "credential": credential }] } })
}

/// Two sessions were each shown that one card pays for all of them: the second was charged on its instrument, and its buyer never asked.
#[test]
fn a_card_that_was_spent_elsewhere_is_told_before_more_is_charged() {
    let server = TestServer::start();
    let code = card(&server, "card", 7_000);
    let sessions = ["s1", "s2", "s3"].map(|key| session(&server, key, &code));
    let total_minor = sessions[0].1;
    assert!(sessions.iter().all(|(_, _, left)| *left == 0) && total_minor * 2 > 7_000 && total_minor < 7_000, "{sessions:?}");
    let paid = send(&server, &sessions[0].0, "c1", &[], &json!({})).json();
    assert_eq!(paid["status"], "completed", "{paid}");
    let (left_minor, pay) = (total_minor * 2 - 7_000, instruments("tok_success"));
    let told = send(&server, &sessions[1].0, "c2", &[], &pay);
    let change = &told.json()["changes"][0];
    let money = |amount_minor: i64| json!({ "amount_minor": amount_minor, "currency": "USD" });
    assert_eq!((told.status, &told.json()["type"]), (409, &json!("/docs#cart-changed")));
    assert_eq!(*change, json!({ "kind": "left_to_pay", "was": money(0), "now": money(left_minor) }));
    let again = send(&server, &sessions[1].0, "c2", &[], &pay);
    assert_eq!((again.status, &again.body), (409, &told.body), "a repetition is told the same");
    // A platform reads it in the session.
    let platform = [("ucp-agent", "profile=\"https://agent.example/.well-known/ucp\"")];
    let told = send(&server, &sessions[2].0, "c3", &platform, &pay);
    let messages = told.json()["messages"].to_string();
    assert!(told.status == 200 && messages.contains("cart_changed") && messages.contains("was left to pay"), "{}", told.json());
    // Whoever completes once more accepts it.
    let done = send(&server, &sessions[1].0, "c4", &[], &pay).json();
    assert_eq!(done["status"], "completed", "{done}");
}

#[test]
fn what_a_card_pays_needs_no_instrument_and_asks_none_that_is_sent() {
    let server = TestServer::start();
    let code = card(&server, "card", 1_000_000);
    let pays =
        |amount: Option<i64>| json!({ "handler_id": "test", "selected": true, "amount": amount, "credential": { "token": "tok_success" } });
    let bodies = [
        json!({}),
        json!({ "payment": {} }),
        json!({ "payment": { "instruments": [] } }),
        instruments("tok_decline"),
        json!({ "payment": { "instruments": [pays(None), pays(Some(500))] } }),
        json!({ "payment": { "instruments": [{ "handler_id": "nobody" }] } }),
    ];
    for (number, body) in bodies.iter().enumerate() {
        let (complete, _, left) = session(&server, &format!("s{number}"), &code);
        let refused = send(&server, &complete, &format!("card {number}"), &[], &instruments("4111 1111 1111 1111"));
        assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("payment.instruments[0].credential.token")));
        let done = send(&server, &complete, &format!("c{number}"), &[], body);
        assert_eq!((left, done.status, &done.json()["status"]), (json!(0), 200, &json!("completed")), "{body}: {}", done.json());
    }
    // A card that pays a part of it leaves something to be paid with an instrument that is one.
    let small = card(&server, "small", 100);
    let (complete, ..) = session(&server, "s", &small);
    for (number, field) in [(0, ""), (1, ""), (2, ""), (5, "[0].handler_id")] {
        let body = &bodies[number];
        let refused = send(&server, &complete, &format!("small {number}"), &[], body);
        assert_eq!((refused.status, &refused.json()["field"]), (400, &json!(format!("payment.instruments{field}"))), "{body}");
    }
}
