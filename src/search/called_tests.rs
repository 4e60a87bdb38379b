//! What is called the thing that is asked for stands before what only speaks of it, however few there are. Pinned here:
//!
//! 1. of products with all words those come first whose names say the thing;
//! 2. a list of what something is made of is no name;
//! 3. whom a thing is for is not the thing, where the shop has a category of that name;
//! 4. suggested products are the thing before what belongs to it;
//! 5. a code that no text holds is not said to be missing beside the product that has it.

use super::testing::{LiveShop, described};
use super::{Mode, Onlooker, Request, suggest_within};
use serde_json::{Value, json};

fn shop(products: &[(&str, Value)]) -> LiveShop {
    let mut shop = described(products);
    shop.build();
    shop
}

fn titles(shop: &mut LiveShop, q: &str) -> Vec<String> {
    let answer = shop.search(&Request { q: q.to_owned(), mode: Mode::Text, limit: 10, ..Request::default() });
    let moment = shop.moment();
    answer.hits.iter().filter_map(|hit| moment.catalog.title(hit.ordinal)).collect()
}

fn of(category: &str, description: &str) -> Value {
    json!({"categories": [["Food", category]], "description": description})
}

/// Jams and berries stood above all pasta of the shop, since their texts say what they can be served with.
#[test]
fn organic_pasta_is_pasta() {
    let mut products: Vec<(String, Value)> = Vec::new();
    for number in 0..30 {
        let text = "Organic, organic, organic. Serve with pasta, pasta or pasta.";
        products.push((format!("Organic berry jam {number}"), of("Jams", text)));
        products.push((format!("Rice {number}"), of("Rice", "Plain.")));
    }
    for number in 0..5 {
        products.push((format!("Penne rigate {number} of durum wheat"), of("Pasta", "From organic farms, in a paper bag.")));
    }
    let products: Vec<(&str, Value)> = products.iter().map(|(title, more)| (title.as_str(), more.clone())).collect();
    let mut shop = shop(&products);
    let found = titles(&mut shop, "organic pasta");
    assert!(found[..5].iter().all(|title| title.starts_with("Penne")), "{found:?}");
    assert_eq!(found.len(), 10, "the others are found as well");
}

/// Of a category of several things each would be called by the names of all of them.
#[test]
fn a_shelf_of_several_things_is_no_name() {
    let mut products: Vec<(String, Value)> = Vec::new();
    for number in 0..8 {
        products.push((format!("Crunchy yeast extract {number}"), of("Jams & butters", "Goes with peanut butter.")));
        products.push((format!("Peanut butter {number} smooth"), of("Jams & butters", "Others are crunchy.")));
    }
    let products: Vec<(&str, Value)> = products.iter().map(|(title, more)| (title.as_str(), more.clone())).collect();
    let found = titles(&mut shop(&products), "crunchy peanut butter");
    assert!(found[..8].iter().all(|title| title.starts_with("Peanut")), "{found:?}");
}

#[test]
fn what_contains_milk_powder_is_no_milk() {
    let mut products: Vec<(String, Value)> = Vec::new();
    for number in 0..30 {
        let made_of = json!({"Ingredients": "Cocoa mass, sugar, milk powder"});
        products.push((format!("Vegan dark bar {number}"), json!({"categories": [["Food", "Bars"]], "attributes": made_of})));
    }
    products.push(("Oat drink barista vegan".to_owned(), of("Milk", "Foams well.")));
    let products: Vec<(&str, Value)> = products.iter().map(|(title, more)| (title.as_str(), more.clone())).collect();
    assert_eq!(titles(&mut shop(&products), "vegan milk")[0], "Oat drink barista vegan");
}

/// `dress shoes men` found a dress shirt and socks, `mens dress shoes` the shoes.
#[test]
fn whom_a_thing_is_for_is_not_the_thing() {
    let mut products: Vec<(String, Value)> = Vec::new();
    let of = |whom: &str, thing: &str| json!({"categories": [[whom, thing]]});
    for number in 0..12 {
        products.push((format!("Oxford shoes {number} dress"), of("Men", "Shoes")));
        products.push((format!("Dress shirt {number} for shoes and suits"), of("Men", "Shirts")));
        products.push((format!("Court shoes {number} dress"), of("Women", "Shoes")));
    }
    let products: Vec<(&str, Value)> = products.iter().map(|(title, more)| (title.as_str(), more.clone())).collect();
    let mut shop = shop(&products);
    for q in ["dress shoes men", "mens dress shoes", "shoes men"] {
        let found = titles(&mut shop, q);
        assert!(found.iter().all(|title| title.starts_with("Oxford")), "{q}: {found:?}");
    }
}

#[test]
fn laptops_are_suggested_before_their_sleeves() {
    let mut products: Vec<(String, Value)> = Vec::new();
    for number in 0..12 {
        products.push((format!("Laptop sleeve {number}"), json!({})));
        products.push((format!("Nova {number} thin and light aluminium 14 inch business laptop"), json!({})));
    }
    let products: Vec<(&str, Value)> = products.iter().map(|(title, more)| (title.as_str(), more.clone())).collect();
    let moment = shop(&products).moment();
    for typed in ["laptop", "lapt"] {
        let found = suggest_within(&moment, typed, 5, Onlooker::default(), None).expect("reads");
        let titles: Vec<&str> = found.products.iter().map(|product| product.title.as_str()).collect();
        assert!(titles.len() == 5 && titles.iter().all(|title| title.starts_with("Nova")), "{typed}: {titles:?}");
    }
}

#[test]
fn a_code_that_was_found_is_not_missing() {
    let coded = json!({"variants": [{"sku": "s", "mpn": "HA179F5", "offers": []}]});
    let mut shop = shop(&[("Hartmann carry on", coded), ("Hartmann wallet", json!({"id": "w"}))]);
    let mut told = |q: &str| shop.search(&Request { q: q.to_owned(), mode: Mode::Text, ..Request::default() }).relaxations;
    assert!(!told("Hartmann HA179F5").iter().any(|said| said.contains("nothing has")), "{:?}", told("Hartmann HA179F5"));
    assert!(told("Hartmann HA179F9").iter().any(|said| said.contains("nothing has `ha179f9`")), "{:?}", told("Hartmann HA179F9"));
}
