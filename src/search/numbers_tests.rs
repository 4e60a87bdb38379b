//! Numbers of products in queries. Pinned here:
//!
//! 1. an attribute that is a number is found as one that is a text, also with the unit that its name ends with;
//! 2. `size 44` is recognised where sizes are numbers, and where some are and some are texts;
//! 3. a number whose points may part thousands is found by either reading, however the query writes it.

use super::testing::{LiveShop, described, numbers};
use super::{Answer, Mode, Request};
use serde_json::json;

fn ask(shop: &mut LiveShop, q: &str) -> Answer {
    shop.search(&Request { q: q.to_owned(), mode: Mode::Text, limit: 20, ..Request::default() })
}

/// The first hits, by number.
fn best(shop: &mut LiveShop, q: &str, count: usize) -> Vec<u32> {
    let mut best = numbers(&ask(shop, q).hits);
    best.truncate(count);
    best.sort_unstable();
    best
}

fn found(shop: &mut LiveShop, q: &str) -> Vec<u32> {
    best(shop, q, usize::MAX)
}

/// The importer makes a column of numbers one: nothing had `44`, and both boots were found.
#[test]
fn sizes_that_are_numbers_are_found_and_recognised() {
    let mut shop = described(&[
        ("Ankle boot", json!({"attributes": {"size": 44}})),
        ("Chelsea boot", json!({"attributes": {"size": 45}})),
        ("Rain boot", json!({"attributes": {"size": "44"}})),
        ("Snow boot", json!({"attributes": {"size": 46}})),
    ]);
    let answer = ask(&mut shop, "boot size 44");
    assert_eq!(best(&mut shop, "boot 44", 2), [0, 2]);
    assert_eq!(best(&mut shop, "boot size 44", 2), [0, 2]);
    assert_eq!((answer.intents.len(), answer.intents[0].filter.as_str()), (1, "attributes.size = \"44\""));
    assert!(!answer.relaxations.iter().any(|told| told.starts_with("nothing has")), "{:?}", answer.relaxations);
    let answer = ask(&mut shop, "boot size 46");
    assert_eq!((answer.intents.len(), answer.intents[0].filter.as_str()), (1, "attributes.size = 46"));
    assert_eq!(numbers(&answer.hits)[0], 3);
    assert!(ask(&mut shop, "boot size 47").intents.is_empty());
}

#[test]
fn numbers_are_found_with_the_unit_that_their_name_ends_with() {
    let mut shop = described(&[
        ("Thin laptop", json!({"attributes": {"memory_gb": 16, "review_count": 512}})),
        ("Other laptop", json!({"attributes": {"memory_gb": 32}})),
        ("Third laptop 16 GB", json!({})),
    ]);
    assert_eq!(best(&mut shop, "laptop 16gb", 2), [0, 2]);
    assert_eq!(best(&mut shop, "laptop 32 gb", 1), [1]);
    assert!(ask(&mut shop, "laptop 512").relaxations[0].contains("512"), "how often it was reviewed says nothing of it");
}

#[test]
fn a_number_with_points_is_found_by_either_reading() {
    let mut shop = described(&[("Staubsauger 1.500 W", json!({})), ("Bohrmaschine 1500W", json!({})), ("Lampe 1,5 W", json!({}))]);
    assert_eq!(found(&mut shop, "1500w"), [0, 1]);
    assert_eq!(found(&mut shop, "1500 watt"), [0, 1]);
    assert_eq!(found(&mut shop, "1.500 W"), [0, 1, 2], "nobody knows");
    assert_eq!(found(&mut shop, "1.5 W"), [0, 2]);
    let mut shop = described(&[("Bohrmaschine 1500W", json!({})), ("Lampe 3 W", json!({}))]);
    assert_eq!(found(&mut shop, "1.500 W"), [0], "that is what there is");
}
