//! No filter starves a recommendation: whatever the kind, all that search finds with the same filter and can sell is answered.
//!
//! Two ways through the filter are compared here: search makes the set of all that pass, recommendations try one candidate after the other.

use super::server::TestServer;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const KINDS: [&str; 13] = [
    "similar",
    "also_viewed",
    "viewed_then_bought",
    "also_bought",
    "bought_together",
    "complement",
    "substitute",
    "trending",
    "popular",
    "for_you",
    "buy_again",
    "next_order",
    "like_shoppers",
];

/// Conditions on products, on variants, on both at once, and some that contradict each other.
const FILTERS: [&str; 14] = [
    "",
    "brand = Birk",
    "brand IN [Alder, Nord]",
    "NOT brand = Birk",
    "category = \"Home > Lighting\"",
    "price < 30",
    "price 10..60 AND NOT category = Kitchen",
    "colour = red",
    "colour = red AND price > 9",
    "colour = blue AND price > 9.3",
    "colour = red AND colour = blue",
    "EXISTS colour OR brand = Nord",
    "available = true AND rating > 4",
    "brand = Birk AND NOT brand = Birk",
];

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn ids(list: &Value) -> BTreeSet<String> {
    list.as_array().expect("a list").iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect()
}

fn tell(server: &TestServer, body: &Value) {
    let answer = server.send("POST /v1/events", &[("content-type", "application/json")], body.to_string().as_bytes());
    assert_eq!(answer.status, 202, "{}", answer.json());
}

#[test]
fn every_kind_answers_all_that_passes_and_can_be_sold() {
    let server = TestServer::start();
    for (shopper, products) in [("ann", ["mug", "kettle", "desk-lamp"]), ("ben", ["mug", "kettle", "bed-lamp"])] {
        products.iter().for_each(|id| tell(&server, &json!({ "type": "view", "product_id": id, "shopper_id": shopper })));
        tell(&server, &json!({ "type": "purchase", "product_id": products[2], "shopper_id": shopper }));
    }
    let about = "mug";
    for filter in FILTERS {
        let sellable = if filter.is_empty() { "available = true".to_owned() } else { format!("({filter}) AND available = true") };
        let found = server.get(&format!("/v1/search?limit=100&filter={}", escaped(&sellable))).json();
        let expected = ids(&found["hits"]);
        for kind in KINDS {
            let is_about = !matches!(kind, "trending" | "popular" | "for_you" | "buy_again" | "next_order" | "like_shoppers");
            let subject = if is_about { format!("&product_id={about}") } else { String::new() };
            let path = format!("/v1/recommend/{kind}?limit=100&fields=id&shopper_id=ann{subject}&filter={}", escaped(filter));
            let answer = server.get(&path).json();
            let wanted: BTreeSet<String> = expected.iter().filter(|id| !is_about || *id != about).cloned().collect();
            assert_eq!(ids(&answer["products"]), wanted, "{kind} with {filter}: {answer}");
        }
    }
}
