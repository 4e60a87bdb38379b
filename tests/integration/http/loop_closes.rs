//! The loop closes: what is bought changes what is found and recommended, within a second and without a rebuild.
//!
//! Properties pinned here, all through HTTP:
//! 1. an order raises the product's velocity as `explain` shows it, and its rank among products that match alike;
//! 2. what was bought with it is recommended as bought together, with the number of orders;
//! 3. when its last unit is sold it stands below every available product of its class, and is recommended no more;
//! 4. what somebody in an experiment buys is counted in their arm, and a cancellation takes it back;
//! 5. an order goes on counting as what is left of it.

use super::server::TestServer;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const LAMPS: &str = "/v1/search?q=lamp&explain&limit=10";

/// Asks until the answer is as wanted; fails after a second, the time that the shop promises.
fn within_a_second(server: &TestServer, path: &str, what: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + Duration::from_secs(1);
    loop {
        let answer = server.get(path).json();
        if is_wanted(&answer) {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what}: {answer}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn post(server: &TestServer, path: &str, key: &str, body: &Value) -> Value {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let answer = server.send(&format!("POST {path}"), &headers, body.to_string().as_bytes());
    assert!(answer.status < 300, "{path}: {}", answer.json());
    answer.json()
}

fn buy(server: &TestServer, name: &str, lines: &[(&str, i64)]) -> Value {
    let items: Vec<Value> = lines.iter().map(|(sku, quantity)| json!({ "item": { "id": sku }, "quantity": quantity })).collect();
    let place = json!({ "first_name": "Ada", "last_name": "King", "street_address": "1 Mill Lane", "address_locality": "Ghent", "address_country": "BE" });
    let open = json!({
        "line_items": items,
        "buyer": { "email": "ada@example.org", "session_id": format!("session-{name}") },
        "fulfillment": { "methods": [{ "type": "shipping", "destinations": [place] }] },
    });
    let session = post(server, "/ucp/v1/checkout-sessions", &format!("open-{name}"), &open);
    let path = format!("/ucp/v1/checkout-sessions/{}/complete", session["id"].as_str().unwrap_or_default());
    let token = json!({ "type": "token", "token": "tok_success" });
    let payment = json!({ "payment": { "instruments": [{ "id": "i", "handler_id": "test", "type": "token", "credential": token }] } });
    let done = post(server, &path, &format!("pay-{name}"), &payment);
    assert_eq!(done["status"], "completed", "{done}");
    done
}

fn rank(answer: &Value, id: &str) -> usize {
    let hits = answer["hits"].as_array().expect("hits");
    hits.iter().position(|hit| hit["id"] == id).unwrap_or_else(|| panic!("{id} is not found: {answer}"))
}

fn velocity(answer: &Value, id: &str) -> f64 {
    answer["hits"][rank(answer, id)]["explain"]["velocity"].as_f64().expect("a velocity")
}

#[test]
fn what_is_bought_is_found_first_recommended_and_sinks_when_it_is_sold_out() {
    let server = TestServer::start();
    let before = server.get(LAMPS).json();
    let last = before["hits"].as_array().and_then(|hits| hits.last()).and_then(|hit| hit["id"].as_str()).expect("lamps").to_owned();
    let (sku, units) = match last.as_str() {
        "desk-lamp" => ("DL-BRASS", 5),
        "floor-lamp" => ("FL-OAK", 3),
        _ => ("BL-1", 1),
    };
    if units == 1 {
        let more = json!({ "sku": sku, "location": "east", "set": 3 });
        post(&server, "/v1/inventory", "more", &more);
    }
    let units = units.max(3);

    (0..2).for_each(|number| drop(buy(&server, &format!("pair-{number}"), &[(sku, 1), ("KET-1", 1)])));
    let sold = within_a_second(&server, LAMPS, "its rank and velocity rise", |answer| {
        velocity(answer, &last) > velocity(&before, &last) && rank(answer, &last) < rank(&before, &last)
    });
    assert!(velocity(&sold, &last) > 0.0);
    let partners = format!("/v1/recommend/bought_together?product_id={last}");
    within_a_second(&server, &partners, "the kettle is its partner", |answer| {
        answer["products"].as_array().is_some_and(|products| {
            let partner = products.iter().find(|one| one["id"] == "kettle");
            partner.is_some_and(|one| one["reason"]["because"] == "bought_together_with" && one["reason"]["count"] == 2)
        })
    });

    buy(&server, "rest", &[(sku, units - 2)]);
    within_a_second(&server, LAMPS, "it sinks below every available lamp", |answer| {
        let hit = &answer["hits"][rank(answer, &last)];
        hit["product"]["available"] == false && rank(answer, &last) == 2
    });
    within_a_second(&server, "/v1/recommend/bought_together?product_id=kettle", "it is recommended no more", |answer| {
        answer["products"].as_array().is_some_and(|products| products.iter().all(|one| one["id"] != *last))
    });
}

#[test]
fn what_is_bought_for_a_query_rises_for_that_query_and_a_cancellation_takes_its_credit_back() {
    const STONEWARE: &str = "/v1/search?q=stoneware&explain&mode=text";
    let server = TestServer::start();
    let before = server.get(STONEWARE).json();
    let last = before["hits"].as_array().and_then(|hits| hits.last()).and_then(|hit| hit["id"].as_str()).expect("stoneware").to_owned();
    let sku = if last == "mug" { "MUG-BLUE" } else { "TEA-1" };
    let stock = json!({ "sku": sku, "location": "east", "set": 50 });
    post(&server, "/v1/inventory", "stoneware", &stock);
    let mut orders = Vec::new();
    for number in 0..4 {
        let visit = format!("session-bowl-{number}");
        let answer = server.get(&format!("{STONEWARE}&session_id={visit}&personalize=false")).json();
        let click = json!({ "type": "click", "product_id": last, "session_id": visit, "query_id": answer["query_id"], "rank": 2 });
        post(&server, "/v1/events", &format!("click-{number}"), &click);
        orders.push(buy(&server, &format!("bowl-{number}"), &[(sku, 1)]));
    }
    let demand = |answer: &Value| answer["hits"][rank(answer, &last)]["explain"]["demand"].as_f64().expect("a number");
    let risen = within_a_second(&server, STONEWARE, "it stands first", |answer| rank(answer, &last) == 0 && demand(answer) > 0.1);
    let sold = |count: f64| move |report: &Value| report["queries"][0]["query"] == "stoneware" && report["queries"][0]["orders"] == count;
    let report = "/v1/analytics/queries?by=orders";
    let told = within_a_second(&server, report, "four orders are credited", sold(4.0));
    assert_eq!((told["queries"][0]["revenue_share"].as_f64(), told["totals"]["currency"].as_str()), (Some(1.0), Some("USD")));

    let path = format!("/v1/orders/{}/cancel", orders[0]["order"]["id"].as_str().expect("an order"));
    post(&server, &path, "cancel-bowl", &json!({ "reason": "changed mind" }));
    within_a_second(&server, report, "three are left", sold(3.0));
    within_a_second(&server, STONEWARE, "its demand falls", |answer| demand(answer) < demand(&risen));
}

#[test]
fn hits_lean_towards_what_a_visit_looked_at_unless_told_not_to() {
    const OF_BIRK: &str = "/v1/search?q=lamp&mode=text&explain";
    let server = TestServer::start();
    for product in ["kettle", "teapot", "bed-lamp"] {
        post(&server, "/v1/events", product, &json!({ "type": "view", "product_id": product, "session_id": "birk" }));
    }
    let taste = |answer: &Value| answer["hits"][rank(answer, "bed-lamp")]["explain"]["taste"].as_f64().expect("a number");
    within_a_second(&server, &format!("{OF_BIRK}&session_id=birk"), "Birk's lamp is lifted", |answer| taste(answer) > 0.2);
    for path in [format!("{OF_BIRK}&session_id=birk&personalize=false"), format!("{OF_BIRK}&session_id=other"), OF_BIRK.to_owned()] {
        assert_eq!(taste(&server.get(&path).json()), 0.0, "{path}");
    }
    assert_eq!(server.get(&format!("{OF_BIRK}&personalize=maybe")).json()["field"], "personalize");
}

#[test]
fn what_somebody_in_an_experiment_buys_is_counted_in_their_arm_until_it_is_canceled() {
    let server = TestServer::start();
    let arms = json!({ "arms": [{ "name": "control", "share": 1 }, { "name": "words", "share": 1, "overrides": { "mode": "text" } }] });
    let put = server.send("PUT /v1/experiments/words", &[("content-type", "application/json")], arms.to_string().as_bytes());
    assert_eq!(put.status, 201, "{}", put.json());
    post(&server, "/v1/experiments/words/start", "start", &Value::Null);
    let mut visitors = [0_i64; 2];
    let mut orders = Vec::new();
    for number in 0..6 {
        let answer = server.get(&format!("/v1/search?q=kettle&session_id=session-trial-{number}")).json();
        let is_words = answer["experiments"][0]["arm"] == "words";
        visitors[usize::from(is_words)] += 1;
        if number < 2 {
            let done = buy(&server, &format!("trial-{number}"), &[("KET-1", 1)]);
            orders.push((usize::from(is_words), done["order"]["id"].as_str().expect("an order").to_owned()));
        }
    }
    let report = "/v1/experiments/words/report";
    let sums = |report: &Value, name: &str| [0, 1].map(|arm| report["arms"][arm][name].as_i64().unwrap_or_default());
    let in_arms = |count: i64| {
        let mut expected = [0; 2];
        orders.iter().rev().take(count as usize).for_each(|(arm, _)| expected[*arm] += 1);
        expected
    };
    // What was searched last may be counted after what was bought before it.
    let told = within_a_second(&server, report, "both orders are counted, and whoever searched is in an arm", |report| {
        sums(report, "orders") == in_arms(2) && sums(report, "visitors") == visitors
    });
    assert_eq!((sums(&told, "visitors_converted"), told["currency"].as_str()), (in_arms(2), Some("USD")));
    let each = sums(&told, "revenue_minor").iter().sum::<i64>() / 2;
    assert!(each > 0, "{told}");
    post(&server, &format!("/v1/orders/{}/cancel", orders[0].1), "cancel-trial", &json!({ "reason": "changed mind" }));
    let left = within_a_second(&server, report, "one is left", |report| sums(report, "orders") == in_arms(1));
    assert_eq!((sums(&left, "revenue_minor"), sums(&left, "visitors_converted")), (in_arms(1).map(|count| count * each), in_arms(1)));
}

/// Sends one unit of a line back, through all steps up to the inspection.
fn give_back(server: &TestServer, order: &str, line: &str, name: &str) {
    let asked = json!({ "lines": [{ "line_id": line, "quantity": 1, "reason": "unwanted" }] });
    let back = post(server, &format!("/v1/orders/{order}/returns"), &format!("ask-{name}"), &asked);
    let step = |step: &str, body: Value| {
        let path = format!("/v1/returns/{}/{step}", back["id"].as_str().unwrap_or_default());
        post(server, &path, &format!("{step}-{name}"), &body);
    };
    step("approve", json!({}));
    step("receive", json!({ "location": "east" }));
    step("inspect", json!({ "found": [{ "sellable": 1, "damaged": 0, "missing": 0 }] }));
}

/// A line that came back in two parcels was never taken back, and what was added to an order later stood in no order with the rest.
#[test]
fn what_is_left_of_an_order_is_what_goes_together() {
    let server = TestServer::start();
    for sku in ["DL-BRASS", "KET-1", "TEA-1", "MUG-BLUE", "FL-OAK"] {
        post(&server, "/v1/inventory", &format!("stock-{sku}"), &json!({ "sku": sku, "location": "east", "set": 50 }));
    }
    let order =
        |number: u32| buy(&server, &format!("left-{number}"), &[("DL-BRASS", 2), ("KET-1", 1)])["order"]["id"].as_str().map(str::to_owned);
    let orders: Vec<String> = (0..3).filter_map(order).collect();
    // Others buy other things, so that going together is more than chance.
    (0..6).for_each(|number| drop(buy(&server, &format!("other-{number}"), &[("MUG-BLUE", 1), ("FL-OAK", 1)])));
    let partners = "/v1/recommend/bought_together?product_id=kettle&fields=id";
    let count = |answer: &Value, id: &str| {
        let found = answer["products"].as_array().and_then(|products| products.iter().find(|one| one["id"] == *id));
        found.filter(|one| one["reason"]["because"] == "bought_together_with").and_then(|one| one["reason"]["count"].as_u64())
    };
    within_a_second(&server, partners, "three orders", |answer| count(answer, "desk-lamp") == Some(3));
    for id in &orders[1..] {
        let added = json!({ "additions": [{ "sku": "TEA-1", "quantity": 1 }], "reason": "one more thing" });
        post(&server, &format!("/v1/orders/{id}/edits"), &format!("edit-{id}"), &added);
    }
    within_a_second(&server, partners, "what was added goes with the rest", |answer| count(answer, "teapot") == Some(2));
    for step in ["ship", "deliver"] {
        post(&server, &format!("/v1/orders/{}/{step}", orders[0]), step, &json!({}));
    }
    give_back(&server, &orders[0], "line_1", "first");
    give_back(&server, &orders[0], "line_1", "second");
    within_a_second(&server, partners, "nothing is left of the line", |answer| count(answer, "desk-lamp") == Some(2));
}
