//! Many at once after the same thing, over HTTP:
//!
//! 1. a hot cart loses no unit of any writer, and no two of its states have one version, whether writers name the version they read or not;
//! 2. a coupon is used as often as it may be and not once more, whoever comes first;
//! 3. refunds that are asked for at once never pass what was taken;
//! 4. guests' carts that become one shopper's at once lose no unit, also when each is merged twice.

use super::client::Answer;
use super::server::TestServer;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Barrier;
use std::time::{Duration, Instant};

const RACERS: usize = 12;
/// How long what happens behind an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

fn send(server: &TestServer, request: &str, key: &str, tag: Option<&str>, body: &Value) -> Answer {
    let mut headers = vec![("content-type", "application/json"), ("idempotency-key", key)];
    headers.extend(tag.map(|tag| ("if-match", tag)));
    server.send(request, &headers, body.to_string().as_bytes())
}

/// Everybody begins at once; gives what each came to.
fn at_once<T: Send>(racer: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(RACERS);
    std::thread::scope(|scope| {
        let run = |number| {
            let (start, racer) = (&start, &racer);
            scope.spawn(move || {
                start.wait();
                racer(number)
            })
        };
        let racers: Vec<_> = (0..RACERS).map(run).collect();
        racers.into_iter().map(|racer| racer.join().expect("ends")).collect()
    })
}

fn text(answer: &Answer, pointer: &str) -> String {
    let found = answer.json().pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    found.unwrap_or_else(|| panic!("{} has no {pointer}: {}", answer.status, answer.json()))
}

fn stock(server: &TestServer, sku: &str) {
    let body = json!({ "sku": sku, "location": "east", "set": 1_000 });
    assert_eq!(send(server, "POST /v1/inventory", &format!("stock {sku}"), None, &body).status, 200);
}

fn opened(server: &TestServer, key: &str, body: &Value) -> Answer {
    let cart = send(server, "POST /v1/carts", key, None, body);
    assert_eq!(cart.status, 201, "{}", cart.json());
    cart
}

/// A session that can be completed, over one unit.
fn session(server: &TestServer, key: &str, sku: &str, coupon: Option<&str>) -> String {
    let body = json!({
        "line_items": [{ "item": { "id": sku }, "quantity": 1 }],
        "buyer": { "email": format!("{key}@example.org") },
        "discounts": { "codes": coupon.into_iter().collect::<Vec<_>>() },
        "fulfillment": { "methods": [{ "type": "shipping", "destinations": [{
            "first_name": "Ada", "last_name": "Moss", "street_address": format!("Weg {key}"), "address_locality": "Ulm", "postal_code": "89073", "address_country": "DE"
        }] }] }
    });
    text(&send(server, "POST /ucp/v1/checkout-sessions", key, None, &body), "/id")
}

fn paid(server: &TestServer, session: &str, key: &str) -> Answer {
    let credential = json!({ "type": "token", "token": "tok_success" });
    let instrument = json!({ "id": "i", "handler_id": "test", "type": "token", "selected": true, "credential": credential });
    let body = json!({ "payment": { "instruments": [instrument] } });
    send(server, &format!("POST /ucp/v1/checkout-sessions/{session}/complete"), key, None, &body)
}

#[test]
fn a_hot_cart_loses_nothing_and_never_has_one_version_twice() {
    const WRITES: usize = 5;
    let server = TestServer::start();
    stock(&server, "KET-1");
    let cart = opened(&server, "c", &json!({}));
    let path = format!("/v1/carts/{}", text(&cart, "/id"));
    let unit = json!({ "sku": "KET-1", "quantity": 1 });
    let written = at_once(|number| {
        let write = |turn: usize| {
            let key = format!("{number} {turn}");
            loop {
                // Every other writer names the version that it read, and reads again when that is no more.
                let read = (number % 2 == 0).then(|| server.get(&path));
                let tag = read.as_ref().map(|read| read.header("etag"));
                let answer = send(&server, &format!("POST {path}/lines"), &key, tag, &unit);
                match answer.status {
                    200 => return (answer.json()["lines"][0]["quantity"].as_u64().expect("units"), answer.header("etag").to_owned()),
                    412 => assert_eq!(answer.json()["field"], "if-match"),
                    _ => panic!("{} {}", answer.status, answer.json()),
                }
            }
        };
        (0..WRITES).map(write).collect::<Vec<_>>()
    });
    let all = written.into_iter().inspect(|own| assert!(own.is_sorted_by_key(|(units, _)| *units), "{own:?}")).flatten();
    let (units, tags): (BTreeSet<u64>, BTreeSet<String>) = all.unzip();
    let count = (RACERS * WRITES) as u64;
    assert!(units.iter().copied().eq(1..=count), "every write added its unit to what was there: {units:?}");
    assert_eq!(tags.len() as u64, count, "every state has a version of its own");
    assert_eq!(server.get(&path).json()["lines"][0]["quantity"], count);
}

#[test]
fn a_coupon_is_used_as_often_as_it_may_be() {
    const USES: usize = 5;
    let server = TestServer::start();
    stock(&server, "KET-1");
    let promotion = json!({ "title": "Half", "effect": { "percent": { "basis_points": 5_000 } }, "needs_coupon": true });
    assert_eq!(send(&server, "PUT /v1/promotions/half", "p", None, &promotion).status, 200);
    let coupons = json!({ "codes": ["HALF"], "uses": USES });
    assert_eq!(send(&server, "POST /v1/promotions/half/coupons", "c", None, &coupons).status, 200);
    let sessions: Vec<String> = (0..RACERS).map(|number| session(&server, &format!("s{number}"), "KET-1", Some("HALF"))).collect();
    let answers = at_once(|number| paid(&server, &sessions[number], &format!("pay {number}")));
    let placed = answers.iter().filter(|answer| answer.status == 200 && answer.json()["status"] == "completed").count();
    let refused = answers.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((placed, refused), (USES, RACERS - USES), "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    let coupon = server.get("/v1/coupons/HALF").json();
    assert_eq!((&coupon["used"], &coupon["held"]), (&json!(USES), &json!(0)), "{coupon}");
    // Those who came too late pay the whole price when they still want it.
    let late = answers.iter().position(|answer| answer.status == 409).expect("somebody was too late");
    let again = paid(&server, &sessions[late], "again");
    assert_eq!((again.status, &again.json()["status"]), (200, &json!("completed")), "{}", again.json());
    assert_eq!(server.get("/v1/coupons/HALF").json()["used"], json!(USES));
}

#[test]
fn refunds_at_once_never_pass_what_was_taken() {
    let server = TestServer::start();
    stock(&server, "KET-1");
    let done = paid(&server, &session(&server, "s", "KET-1", None), "pay");
    let order = text(&done, "/order/id");
    assert_eq!(send(&server, &format!("POST /v1/orders/{order}/ship"), "ship", None, &json!({})).status, 200);
    let payment = text(&server.get(&format!("/v1/orders/{order}/payments")), "/payments/0/id");
    let until = |holds: &dyn Fn(&Value) -> bool| {
        let begun = Instant::now();
        loop {
            let read = server.get(&format!("/v1/payments/{payment}")).json();
            if holds(&read) {
                return read;
            }
            assert!(begun.elapsed() < PATIENCE, "{read}");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let minor = |payment: &Value, sum: &str| payment[sum]["amount_minor"].as_i64().expect("an amount");
    let taken = minor(&until(&|payment| payment["status"] == "captured"), "captured");
    let part = taken * 2 / 5;
    let body = json!({ "amount": { "amount_minor": part, "currency": "USD" } });
    let answers = at_once(|number| send(&server, &format!("POST /v1/payments/{payment}/refund"), &format!("r{number}"), None, &body));
    let given = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(given, 2, "two parts of two fifths fit: {:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    let refused = answers.iter().filter(|answer| answer.status == 400 && answer.json()["field"] == "amount.amount_minor").count();
    assert_eq!(refused, RACERS - given);
    let settled = until(&|payment| payment["status"] == "partially_refunded");
    assert_eq!((minor(&settled, "refunded"), minor(&settled, "refundable")), (2 * part, taken - 2 * part));
}

#[test]
fn guests_carts_merged_at_once_lose_nothing() {
    let server = TestServer::start();
    let own = opened(&server, "own", &json!({ "buyer": { "shopper": "ada" }, "lines": [{ "sku": "KET-1", "quantity": 1 }] }));
    let lines = json!({ "lines": [{ "sku": "KET-1", "quantity": 2 }, { "sku": "MUG-BLUE", "quantity": 1 }] });
    // Two racers for each guest: whoever comes second is told what the first one did.
    let guests: Vec<String> = (0..RACERS / 2).map(|number| text(&opened(&server, &format!("g{number}"), &lines), "/id")).collect();
    let body = json!({ "shopper_id": "ada" });
    let merged = at_once(|number| {
        let guest = &guests[number % guests.len()];
        send(&server, &format!("POST /v1/carts/{guest}/merge"), &format!("m{number}"), None, &body)
    });
    let id = text(&own, "/id");
    for answer in &merged {
        assert_eq!((answer.status, text(answer, "/id")), (200, id.clone()), "{}", answer.json());
    }
    let cart = server.get(&format!("/v1/carts/{id}")).json();
    let units = |sku: &str| {
        let lines = cart["lines"].as_array().into_iter().flatten().filter(|line| line["sku"] == sku);
        lines.map(|line| line["quantity"].as_u64().unwrap_or(0)).sum::<u64>()
    };
    let count = guests.len() as u64;
    assert_eq!((units("KET-1"), units("MUG-BLUE")), (1 + 2 * count, count), "every unit of every guest, once: {cart}");
    assert!(guests.iter().all(|guest| server.get(&format!("/v1/carts/{guest}")).status == 404), "no guest's cart is left");
    let listed = server.get("/v1/carts?shopper_id=ada").json();
    assert_eq!(listed["carts"].as_array().map(Vec::len), Some(1), "{listed}");
}
