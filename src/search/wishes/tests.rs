//! What people say to a shop. Pinned here:
//!
//! 1. what is said of the wish is left out of what is looked for, wherever it stands and in the language of the marketplace, and told;
//! 2. it is looked for where titles say it together with its neighbours, where it belongs to a name, in quotes, as the beginning of a word, as typed,
//!    and where nothing else is said.

use crate::search::languages::Languages;
use crate::search::testing::{LiveShop, described, numbers};
use crate::search::{Mode, Request};
use serde_json::json;
use std::collections::BTreeMap;

fn shop() -> LiveShop {
    described(&[
        ("Wireless headphones", json!({"brand": "Good Sound"})),
        ("Desk lamp", json!({})),
        ("Cheap Trick at Budokan", json!({})),
        ("All weather jacket", json!({})),
        ("Show me a lamp", json!({})),
        ("Digital camera", json!({"brand": "Great Value"})),
        ("For sale sign", json!({})),
        ("Top rated songs", json!({})),
    ])
}

fn found(shop: &mut LiveShop, q: &str) -> (Vec<u32>, Vec<String>) {
    let answer = shop.search(&Request { q: q.to_owned(), mode: Mode::Text, limit: 20, ..Request::default() });
    let told = answer.relaxations.into_iter().filter(|told| told.contains("not looked for")).collect();
    (numbers(&answer.hits), told)
}

#[test]
fn what_is_said_of_the_wish_is_not_looked_for_and_is_told() {
    let mut shop = shop();
    for (q, product, wishes) in [
        ("cheap headphones", 0, vec!["cheap"]),
        ("show me wireless headphones", 0, vec!["show me"]),
        ("What is the best digital camera, please", 5, vec!["What is", "the best", "please"]),
        ("I'm looking for a desk lamp", 1, vec!["I'm looking for"]),
        ("headphones on sale", 0, vec!["on sale"]),
        ("where can I buy headphones online", 0, vec!["where can I buy", "online"]),
        ("all jackets", 3, vec!["all"]),
        ("best hedphones", 0, vec!["best"]),
        ("top rated headphones", 0, vec!["top rated"]),
        ("larger than a desk lamp", 1, vec!["larger than"]),
        ("fastest digital camera", 5, vec!["fastest"]),
    ] {
        let (numbers, told) = found(&mut shop, q);
        let wishes: Vec<String> = wishes.into_iter().map(|wish| format!("`{wish}`")).collect();
        let (say, are) = if wishes.len() == 1 { ("says", "is") } else { ("say", "are") };
        assert_eq!(told, [format!("{} {say} nothing of a product and {are} not looked for", wishes.join(", "))], "{q}");
        assert_eq!(numbers.first(), Some(&product), "{q}: {numbers:?}");
    }
    let (with, without) = (found(&mut shop, "cheap headphones").0, found(&mut shop, "headphones").0);
    assert_eq!(with, without);
}

#[test]
fn it_is_looked_for_where_products_are_called_so() {
    let mut shop = shop();
    for (q, product) in [
        ("cheap trick", 2),
        ("all weather jacket", 3),
        ("show me a lamp", 4),
        ("good sound headphones", 0),
        ("great value camera", 5),
        ("for sale sign", 6),
        ("\"cheap\" headphones", 2),
        ("cheap", 2),
        ("show me", 4),
        ("cheap -headphones", 2),
    ] {
        let (numbers, told) = found(&mut shop, q);
        assert!(told.is_empty(), "{q}: {told:?}");
        assert!(numbers.contains(&product), "{q}: {numbers:?}");
    }
    let as_typed = Request { q: "cheap headphones".to_owned(), as_typed: true, mode: Mode::Text, ..Request::default() };
    assert!(shop.search(&as_typed).relaxations.iter().all(|told| !told.contains("not looked for")));
    let open = Request { q: "headphones all".to_owned(), prefix: true, mode: Mode::Text, ..Request::default() };
    assert!(shop.search(&open).relaxations.iter().all(|told| !told.contains("not looked for")), "`all` may go on");
}

#[test]
fn every_language_has_its_own() {
    let languages = [
        ("de", "günstiger laptop kaufen"),
        ("fr", "laptop pas cher"),
        ("es", "comprar laptop barato"),
        ("it", "laptop in offerta"),
        ("nl", "goedkope laptop kopen"),
        ("pt", "melhor laptop"),
        ("sv", "billig laptop"),
        ("da", "bedste laptop"),
        ("nb", "kjøp laptop"),
    ];
    for (code, q) in languages {
        let mut shop = LiveShop::speaking(Languages::new(code.parse().expect("a language"), BTreeMap::new()));
        shop.put(serde_json::from_value(json!({"id": "p0", "title": "Laptop", "variants": [{"sku": "s"}]})).expect("a product"));
        let answer = shop.search(&Request { q: q.to_owned(), mode: Mode::Text, limit: 20, ..Request::default() });
        let told: Vec<&String> = answer.relaxations.iter().filter(|told| told.contains("not looked for")).collect();
        assert_eq!((told.len(), answer.total, numbers(&answer.hits)), (1, 1, vec![0]), "{q}: {:?}", answer.relaxations);
    }
}

#[test]
fn what_is_said_of_stock_delivery_and_novelty_says_nothing_of_a_product() {
    let mut shop = shop();
    for (q, wish) in [
        ("headphones in stock", "in stock"),
        ("headphones free shipping", "free shipping"),
        ("newest headphones", "newest"),
        ("the latest headphones", "the latest"),
        ("most popular headphones", "most popular"),
        ("headphones next day delivery", "next day delivery"),
        ("is there headphones", "is there"),
    ] {
        let (numbers, told) = found(&mut shop, q);
        assert_eq!(told, [format!("`{wish}` says nothing of a product and is not looked for")], "{q}");
        assert_eq!(numbers, found(&mut shop, "headphones").0, "{q}");
    }
    // A word of such a phrase by itself is a word like any other.
    assert!(found(&mut shop, "headphones stock").1.is_empty());
}
