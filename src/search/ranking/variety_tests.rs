//! Variety of the first page. Pinned here:
//!
//! 1. of products that fit alike another brand comes between; of one brand alone nothing moves;
//! 2. a brand that is named is what is wanted; classes stay; explanations add up; weights can switch it off.

use crate::catalog::Product;
use crate::search::ranking::WeightsPatch;
use crate::search::testing::{LiveShop, numbers};
use crate::search::{Answer, Mode, Request};
use serde_json::json;

/// Twelve desks of one brand, then two of another whose titles are a little longer.
fn shop() -> LiveShop {
    let mut shop = LiveShop::open(None);
    for number in 0..14 {
        let (brand, title) = if number < 12 { ("Oakline", "Writing desk") } else { ("Birkfeld", "Writing desk, wide") };
        let id = format!("p{number}");
        let value = json!({"id": id, "title": title, "brand": brand, "variants": [{"sku": id, "offers": []}]});
        let product: Product = serde_json::from_value(value).expect("a product");
        let ordinal = shop.put(product);
        shop.set_available(ordinal, 5);
    }
    shop
}

fn ask(shop: &mut LiveShop, q: &str, variety: f32) -> Answer {
    let mut request = Request { q: q.to_owned(), mode: Mode::Text, limit: 14, explain: true, ..Request::default() };
    request.overrides.weights = WeightsPatch { variety: Some(variety), ..WeightsPatch::default() };
    shop.search(&request)
}

fn place_of_another(answer: &Answer) -> Option<usize> {
    numbers(&answer.hits).iter().position(|number| *number >= 12)
}

#[test]
fn another_brand_comes_between_what_fits_alike() {
    let mut shop = shop();
    assert_eq!(place_of_another(&ask(&mut shop, "writing desk", 0.0)), Some(12));
    let answer = ask(&mut shop, "writing desk", 0.05);
    assert!(place_of_another(&answer).is_some_and(|place| place < 8), "{:?}", numbers(&answer.hits));
    for hit in &answer.hits {
        let explain = hit.explain.as_ref().expect("was asked for");
        let parts = explain["contributions"].as_array().expect("parts");
        let sum: f64 = parts.iter().filter_map(|part| part["contribution"].as_f64()).sum();
        assert!((sum - f64::from(hit.score)).abs() < 1e-3, "{explain}");
    }
    let of_one = numbers(&ask(&mut shop, "writing desk", 0.05).hits);
    let oakline: Vec<u32> = of_one.into_iter().filter(|number| *number < 12).collect();
    assert_eq!(oakline, (0..12).collect::<Vec<_>>(), "those of one brand keep their order");
}

#[test]
fn a_brand_that_is_named_is_what_is_wanted() {
    let mut shop = shop();
    assert_eq!(place_of_another(&ask(&mut shop, "oakline writing desk", 0.2)), Some(12));
}
