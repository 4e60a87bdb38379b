//! HTTP scenarios: data files of requests and the answers expected, played against a real server on a loopback port of its own.
//!
//! Properties pinned here:
//! 1. what `tests/scenarios/*.json` say, request by request;
//! 2. every hostile request of `tests/scenarios/hostile.json` gets a problem document with its status and field, and never a 5xx;
//! 3. the field that a problem names is one that the request has or could have, by `docs/openapi.json`;
//! 4. every route of `/openapi.json` answers, and every problem's `type` is an anchor of the documentation.

mod access;
mod cards;
pub(crate) mod client;
mod cold_start;
mod connections;
mod contended;
mod encrypted;
mod exchange;
mod fields;
mod forecasts;
mod gift_cards;
mod hostile_peers;
mod loop_closes;
mod never_starves;
mod overload;
mod play;
mod races;
mod server;
mod ucp;
mod webhooks;

use serde_json::Value;
use server::TestServer;

#[test]
fn the_price_of_a_marketplace_is_the_one_that_is_charged() {
    play::scenario("marketplaces.json");
}

#[test]
fn goods_go_to_countries_that_there_are_in_ways_that_are_offered() {
    play::scenario("destinations.json");
}

#[test]
fn products_are_put_found_patched_and_removed() {
    play::scenario("products.json");
}

#[test]
fn searches_answer_filter_sort_and_page() {
    play::scenario("search.json");
}

#[test]
fn pages_built_for_algolias_clients_search_here() {
    play::scenario("algolia.json");
}

#[test]
fn rules_and_synonyms_hold_at_once_are_previewed_and_remembered() {
    play::scenario("merchandising.json");
}

#[test]
fn experiments_are_drafted_started_counted_stopped_and_reported() {
    play::scenario("experiments.json");
}

#[test]
fn places_groups_likeness_and_many_searches_at_once_are_asked_for() {
    play::scenario("requests.json");
}

#[test]
fn behaviour_is_taken_one_by_one_or_in_lines() {
    play::scenario("events.json");
}

#[test]
fn queries_are_counted_for_those_who_run_the_shop() {
    play::scenario("analytics.json");
}

#[test]
fn recommendations_of_every_kind_are_asked_for_and_bad_requests_name_the_field() {
    play::scenario("recommend.json");
}

#[test]
fn stock_is_set_adjusted_and_compared() {
    play::scenario("inventory.json");
}

#[test]
fn prices_promotions_taxes_and_credit_are_kept_and_bad_requests_name_the_field() {
    play::scenario("pricing.json");
}

#[test]
fn an_order_is_sourced_picked_packed_and_sent_and_bad_requests_name_the_field() {
    play::scenario("fulfilment.json");
}

#[test]
fn an_order_is_held_edited_sent_back_and_made_good() {
    play::scenario("after_sale.json");
}

#[test]
fn what_happened_is_told_from_any_place() {
    play::scenario("changes.json");
}

#[test]
fn exports_and_feeds_are_asked_for_and_bad_requests_name_the_field() {
    play::scenario("exchange.json");
}

#[test]
fn stock_is_ordered_transferred_counted_shared_and_promised() {
    play::scenario("stock.json");
}

#[test]
fn a_cart_becomes_an_order_that_is_shipped_and_delivered() {
    play::scenario("buying.json");
}

#[test]
fn carts_are_changed_line_by_line_merged_rationed_and_bought_with_one_click() {
    play::scenario("carts.json");
}

#[test]
fn writes_over_a_stale_version_are_refused_and_leave_no_trace() {
    play::scenario("versions.json");
}

#[test]
fn catalogue_writes_under_one_key_are_done_once_and_answered_the_same() {
    play::scenario("keys.json");
}

#[test]
fn a_refund_that_comes_back_is_owed_again_and_given_back_by_hand() {
    play::scenario("refunds.json");
}

#[test]
fn payments_that_fail_leave_the_session_open() {
    play::scenario("payments.json");
}

#[test]
fn payments_are_confirmed_elsewhere_split_taken_in_parts_given_back_and_disputed() {
    play::scenario("paying.json");
}

#[test]
fn catalog_and_discovery_have_the_protocols_shapes() {
    play::scenario("ucp.json");
}

#[test]
fn pages_are_served_with_safe_headers() {
    play::scenario("pages.json");
}

#[test]
fn generations_are_built_promoted_and_rolled_back() {
    play::scenario("generations.json");
}

#[test]
fn hostile_requests_get_a_problem_and_never_a_failure() {
    play::hostile("hostile.json");
}

/// Clients are generated from the file, and a change of the interface is seen in a review: `SHOPKEEPER_WRITE=1` writes it anew.
#[test]
fn the_description_that_is_checked_in_is_the_one_that_is_served() {
    let described: Value = TestServer::start().get("/openapi.json").json();
    let text = in_lines(&described);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    if std::env::var_os("SHOPKEEPER_WRITE").is_some() {
        std::fs::write(&path, &text).expect("writes");
    }
    let is_same = std::fs::read_to_string(&path).is_ok_and(|known| known == text);
    assert!(
        is_same,
        "docs/openapi.json is of another interface: write it anew with `SHOPKEEPER_WRITE=1 cargo test --test integration checked_in`"
    );
}

/// A description with a line for each address and each schema.
fn in_lines(described: &Value) -> String {
    let lines = |members: &Value| {
        let members = members.as_object().expect("an object").iter();
        members.map(|(name, value)| format!("{}:{value}", Value::from(name.as_str()))).collect::<Vec<_>>().join(",\n")
    };
    let (mut rest, mut components) = (described.clone(), described["components"].clone());
    let (paths, schemas) = (lines(&rest["paths"]), lines(&components["schemas"]));
    ["paths", "components"].iter().for_each(|name| drop(rest.as_object_mut().expect("an object").remove(*name)));
    components.as_object_mut().expect("an object").remove("schemas");
    let (rest, components) = (lines(&rest), lines(&components));
    format!("{{\n{rest},\n\"components\":{{\n{components},\n\"schemas\":{{\n{schemas}\n}}}},\n\"paths\":{{\n{paths}\n}}}}\n")
}

#[test]
fn everything_that_is_described_answers() {
    let server = TestServer::start();
    let document: Value = server.get("/openapi.json").json();
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.len() > 25);
    for (path, methods) in paths {
        for method in methods.as_object().expect("methods").keys() {
            let address = path.replace("{id}", "nothing").replace("{kind}", "trending");
            let answer = server.send(&format!("{} {address}", method.to_uppercase()), &[], b"");
            assert!(answer.status != 405 && answer.status < 500, "{method} {path}: {}", answer.status);
            let is_problem = answer.status < 400 || answer.json()["type"] != "/docs#unknown-route";
            assert!(is_problem, "{method} {path} is not routed");
        }
    }
}
