//! Who may see a part of a shop is told nothing of the rest. Pinned here:
//!
//! 1. a query is not corrected to words that only products beyond the caller's key have, nor are names of theirs recognised;
//! 2. the next likeliest word that the caller's products have is what is read;
//! 3. the same holds in a marketplace for what is offered elsewhere only.

use super::testing::{LiveShop, described};
use super::{Answer, Mode, Request};
use serde_json::{Value, json};

const ACME: &str = "brand = \"Acme\"";

fn shop() -> LiveShop {
    let sold = |brand: &str, category: &str, marketplace: &str| {
        let offers = json!([{"marketplace": marketplace, "price": {"amount_minor": 500, "currency": "EUR"}}]);
        json!({"brand": brand, "categories": [[category]], "variants": [{"sku": format!("{brand}-{category}"), "offers": offers}]})
    };
    let mut products: Vec<(String, Value)> = Vec::new();
    for number in 0..6 {
        products.push((format!("Glorbitron {number} plus"), sold("Rival", "Glorbitrons", "us")));
        products.push((format!("Steel kettle {number} plus"), sold("Acme", "Kettles", "de")));
    }
    products.push(("Glorbitran small".to_owned(), sold("Acme", "Kettles", "de")));
    for (number, (_, more)) in products.iter_mut().enumerate() {
        more["variants"][0]["sku"] = json!(format!("sku-{number}"));
    }
    let products: Vec<(&str, Value)> = products.iter().map(|(title, more)| (title.as_str(), more.clone())).collect();
    let mut shop = described(&products);
    shop.build();
    shop
}

fn asked(shop: &mut LiveShop, q: &str, within: Option<&str>, marketplace: Option<&str>) -> Answer {
    let marketplace = marketplace.map(|name| name.parse().expect("a name"));
    shop.search(&Request { q: q.to_owned(), within: within.map(str::to_owned), marketplace, mode: Mode::Text, ..Request::default() })
}

fn told(answer: &Answer) -> (Vec<&str>, Vec<&str>) {
    let read = answer.corrections.iter().map(|(_, read)| read.as_str()).collect();
    (read, answer.intents.iter().map(|intent| intent.value.as_str()).collect())
}

#[test]
fn a_key_for_a_part_of_the_shop_learns_no_words_and_names_of_others() {
    let mut shop = shop();
    let all = asked(&mut shop, "glorbitrom", None, None);
    assert_eq!((told(&all), all.total), ((vec!["glorbitron"], vec!["Glorbitrons"]), 6), "who may see all is helped");
    let part = asked(&mut shop, "glorbitrom", Some(ACME), None);
    assert_eq!((told(&part), part.total), ((vec!["glorbitran"], vec![]), 1), "by the words of what may be seen");
    for q in ["rival", "rivla", "kettle -glorbitrom", "kettle without glorbitron"] {
        let answer = asked(&mut shop, q, Some(ACME), None);
        let (read, names) = told(&answer);
        let is_theirs = |text: &&str| ["rival", "glorbitron", "Rival", "Glorbitrons"].contains(text);
        assert!(!read.iter().chain(&names).any(is_theirs), "{q}: {read:?} {names:?}");
    }
    assert_eq!(told(&asked(&mut shop, "acme kettle", Some(ACME), None)).1, ["Acme", "Kettles"], "its own are recognised");
}

#[test]
fn a_marketplace_reads_by_the_words_of_what_it_offers() {
    let mut shop = shop();
    let read = |shop: &mut LiveShop, marketplace| {
        let answer = asked(shop, "glorbitrom", None, Some(marketplace));
        (told(&answer).0.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), answer.total)
    };
    assert_eq!(read(&mut shop, "us"), (vec!["glorbitron".to_owned()], 6));
    assert_eq!(read(&mut shop, "de"), (vec!["glorbitran".to_owned()], 1));
}
