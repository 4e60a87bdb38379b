//! Conditional writes that race over HTTP: of all that read the same version, one is done and the others are told.

use super::client::Answer;
use super::server::TestServer;
use serde_json::{Value, json};
use std::sync::Barrier;

const RACERS: usize = 12;

fn send(server: &TestServer, request: &str, key: &str, tag: &str, body: &Value) -> Answer {
    let mut headers = vec![("content-type", "application/json"), ("idempotency-key", key)];
    if !tag.is_empty() {
        headers.push(("if-match", tag));
    }
    server.send(request, &headers, body.to_string().as_bytes())
}

/// Everybody writes over the version `tag` at once; gives the answer of the one that was done.
fn race(server: &TestServer, request: &str, tag: &str, body: impl Fn(usize) -> Value + Sync) -> Answer {
    assert!(tag.starts_with('"'), "{request}: {tag}");
    let start = Barrier::new(RACERS);
    let mut answers: Vec<Answer> = std::thread::scope(|scope| {
        let racer = |number: usize| {
            let (start, body) = (&start, &body);
            scope.spawn(move || {
                start.wait();
                send(server, request, &format!("{request} {number}"), tag, &body(number))
            })
        };
        let racers: Vec<_> = (0..RACERS).map(racer).collect();
        racers.into_iter().map(|racer| racer.join().expect("ends")).collect()
    });
    answers.sort_by_key(|answer| answer.status);
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [vec![200], vec![412; RACERS - 1]].concat(), "{request}");
    assert!(answers[1..].iter().all(|answer| answer.json()["field"] == "if-match"));
    answers.swap_remove(0)
}

#[test]
fn of_many_writes_over_one_version_one_is_done() {
    let server = TestServer::start();
    let lines = |quantity: usize| json!({ "line_items": [{ "item": { "id": "DL-BRASS" }, "quantity": quantity + 1 }] });
    let cart = send(&server, "POST /ucp/v1/carts", "c", "", &lines(0));
    let path = format!("/ucp/v1/carts/{}", cart.json()["id"].as_str().expect("an id"));
    assert_eq!(cart.header("etag"), server.get(&path).header("etag"), "the answer of a write says what was written");
    let won = race(&server, &format!("PUT {path}"), cart.header("etag"), |number| lines(number + 1));
    assert_eq!(server.get(&path).body, won.body, "the winner's write stands");

    let body = |number: usize| {
        json!({
            "line_items": [{ "item": { "id": "KET-1" }, "quantity": number + 2 }],
            "buyer": { "email": "ada@example.org" },
            "fulfillment": { "methods": [{ "type": "shipping", "destinations": [{
                "first_name": "Ada", "last_name": "Moss", "street_address": "Weg 1", "address_locality": "Ulm", "postal_code": "89073", "address_country": "DE"
            }] }] }
        })
    };
    let session = send(&server, "POST /ucp/v1/checkout-sessions", "s", "", &body(0));
    assert_eq!((session.status, &session.json()["status"]), (201, &json!("ready_for_complete")), "{}", session.json());
    let path = format!("/ucp/v1/checkout-sessions/{}", session.json()["id"].as_str().expect("an id"));
    let payment = json!({ "payment": { "instruments": [{ "id": "i", "handler_id": "test", "type": "token", "selected": true, "credential": { "type": "token", "token": "tok_success" } }] } });
    let done = race(&server, &format!("PUT {path}"), session.header("etag"), |number| body(number + 1));
    let completed = send(&server, &format!("POST {path}/complete"), "p", done.header("etag"), &payment);
    assert_eq!((completed.status, &completed.json()["status"]), (200, &json!("completed")), "{}", completed.json());

    let order = completed.json()["order"]["id"].as_str().expect("an order").to_owned();
    let units = json!({ "units": [{ "sku": "KET-1", "location": "east", "quantity": 1 }] });
    let read = server.get(&format!("/v1/orders/{order}"));
    let location = read.json()["left_to_ship"][0]["location"].clone();
    let mut units = units;
    units["units"][0]["location"] = location;
    race(&server, &format!("POST /v1/orders/{order}/ship"), read.header("etag"), |_| units.clone());
    let left = server.get(&format!("/v1/orders/{order}")).json();
    assert_eq!(left["shipments"].as_array().map(Vec::len), Some(1), "{left}");

    let stock = server.get("/v1/inventory?sku=KET-1");
    race(&server, "POST /v1/inventory", stock.header("etag"), |_| json!({ "sku": "KET-1", "location": "east", "adjust": -1 }));
    let after = server.get("/v1/inventory?sku=KET-1").json();
    assert_eq!(after["available"].as_i64(), stock.json()["available"].as_i64().map(|units| units - 1));
}
