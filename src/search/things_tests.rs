//! Products that are the thing which is asked for, where most that say its name only belong to it. Pinned here:
//!
//! 1. hundreds of short titles of what belongs to a thing do not keep it from standing first, before and after a build, and within a filter;
//! 2. what cannot be bought does not rise above what can;
//! 3. who asks for what belongs to a thing is shown that;
//! 4. explanations add up, and all products are reached.

use crate::catalog::Product;
use crate::id::Ordinal;
use crate::search::testing::{LiveShop, numbers, pages};
use crate::search::{Answer, Mode, Request};
use crate::stdx::clock::Deadline;
use serde_json::json;

/// Words that no list of what belongs to things has.
const BELONGING: [&str; 4] = ["lapdesk", "cart", "chill mat", "lock"];
const BELONGING_COUNT: usize = 280;
const THINGS: [&str; 3] = [
    "Fennic - 15.6\" Ledger Laptop - 16 GB memory - 512 GB drive - dark grey lid",
    "Larkspur - Field gaming laptop with 14 inch display, 8-core processor and bright keys",
    "Octant laptop / 6-core processor / 13.3 inch display / 8 GB memory / light blue lid",
];

fn put(shop: &mut LiveShop, title: &str, brand: &str) -> Ordinal {
    let id = format!("p{}", shop.moment().index.columns.ordinals_end());
    let value = json!({"id": id, "title": title, "brand": brand, "variants": [{"sku": id, "offers": []}]});
    let product: Product = serde_json::from_value(value).expect("a product");
    let ordinal = shop.put(product);
    shop.set_available(ordinal, 5);
    ordinal
}

fn shop() -> LiveShop {
    let mut shop = LiveShop::open(None);
    for number in 0..BELONGING_COUNT {
        put(
            &mut shop,
            &format!("Laptop {} n{number} - steel frame", BELONGING[number % BELONGING.len()]),
            if number % 2 == 0 { "Even" } else { "Odd" },
        );
    }
    for title in THINGS {
        put(&mut shop, title, "Even");
    }
    shop
}

fn ask(shop: &mut LiveShop, q: &str, filter: Option<&str>) -> Answer {
    let filter = filter.map(str::to_owned);
    shop.search(&Request { q: q.to_owned(), mode: Mode::Text, limit: 20, explain: true, filter, ..Request::default() })
}

fn first_three(answer: &Answer) -> Vec<usize> {
    let mut first: Vec<usize> = answer.hits.iter().take(3).map(|hit| hit.ordinal.index()).collect();
    first.sort_unstable();
    first
}

const LAPTOPS: [usize; 3] = [BELONGING_COUNT, BELONGING_COUNT + 1, BELONGING_COUNT + 2];

#[test]
fn things_stand_before_hundreds_of_what_belongs_to_them() {
    let mut shop = shop();
    assert_eq!(first_three(&ask(&mut shop, "laptop", None)), LAPTOPS);
    assert_eq!(first_three(&ask(&mut shop, "laptops", Some("brand = Even"))), LAPTOPS);
    shop.build();
    let answer = ask(&mut shop, "laptop", None);
    assert_eq!((first_three(&answer), answer.total), (LAPTOPS.to_vec(), (BELONGING_COUNT + THINGS.len()) as u64));
    for hit in &answer.hits {
        let explain = hit.explain.as_ref().expect("was asked for");
        let parts = explain["contributions"].as_array().expect("parts");
        let sum: f64 = parts.iter().filter_map(|part| part["contribution"].as_f64()).sum();
        assert!((sum - f64::from(hit.score)).abs() < 1e-3, "{explain}");
    }
    let request = Request { q: "laptop".to_owned(), mode: Mode::Text, limit: 48, ..Request::default() };
    let mut all: Vec<u32> = pages(&shop.moment(), &request, Deadline::default).iter().flat_map(|page| numbers(&page.hits)).collect();
    all.sort_unstable();
    assert_eq!(all, (0..(BELONGING_COUNT + THINGS.len()) as u32).collect::<Vec<_>>(), "each is reached once");
}

#[test]
fn a_thing_that_is_sold_out_does_not_rise_above_what_can_be_bought() {
    let mut shop = shop();
    shop.set_available(Ordinal(LAPTOPS[0] as u32), 0);
    let answer = ask(&mut shop, "laptop", None);
    assert_eq!(answer.hits[..2].iter().map(|hit| hit.ordinal.index()).max(), Some(LAPTOPS[2]));
    assert!(answer.hits.iter().all(|hit| hit.ordinal.index() != LAPTOPS[0]));
}

#[test]
fn who_asks_for_what_belongs_to_a_thing_is_shown_that() {
    let answer = ask(&mut shop(), "laptop lock", None);
    assert!(answer.hits[..10].iter().all(|hit| hit.ordinal.index() % BELONGING.len() == 3), "{:?}", numbers(&answer.hits));
}
