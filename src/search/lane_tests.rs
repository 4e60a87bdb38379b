//! What decides before words do. Pinned here:
//!
//! 1. a code that is typed beside other words puts its product first;
//! 2. a marketplace finds, counts, suggests and recommends what it sells: what is offered elsewhere only is no part of it, and what is offered nowhere or
//!    everywhere is;
//! 3. brands are suggested as the shop writes them, and categories, those that a marketplace sells with what it sells of them, and products by the beginning of a code.

use super::answer_tests::{Shop, titled};
use super::testing::LiveShop;
use super::{Mode, Onlooker, Request, eligible, suggest};
use crate::catalog::Product;
use serde_json::json;

fn ids(shop: &Shop, q: &str) -> Vec<String> {
    let answer = shop.search(&Request { q: q.to_owned(), mode: Mode::Text, limit: 100, ..Request::default() });
    answer.hits.iter().map(|hit| shop.catalog.id_of(hit.ordinal).expect("is known").to_string()).collect()
}

/// `makita DHP482Z` found every product of the brand before the one whose code was typed, because the brand had found that one already.
#[test]
fn a_code_beside_other_words_puts_its_product_first() {
    let shop = titled(&["red lamp", "oak lamp", "desk lamp", "red desk", "oak desk"]);
    for q in ["lamp M2-77", "M2-77 lamp", "lamp ab-200"] {
        let found = ids(&shop, q);
        assert_eq!((found.first().map(String::as_str), found.len()), (Some("p2"), 3), "{q}: {found:?}");
    }
}

/// In a shop of several marketplaces everybody was shown, as available, what is sold in the others.
#[test]
fn a_marketplace_finds_what_it_sells() {
    let offers = [
        json!([{"marketplace": "de"}]),
        json!([{"marketplace": "us"}]),
        json!([{}]),
        json!([]),
        json!([{"marketplace": "us"}, {"marketplace": "de"}]),
    ];
    let product = |(number, offers): (usize, &serde_json::Value)| {
        let mut offers = offers.clone();
        offers.as_array_mut().into_iter().flatten().for_each(|offer| offer["price"] = json!({"amount_minor": 500, "currency": "EUR"}));
        let value = json!({"id": format!("p{number}"), "title": "red lamp", "variants": [{"sku": format!("s{number}"), "offers": offers}]});
        serde_json::from_value::<Product>(value).expect("a product")
    };
    let shop = Shop::of(offers.iter().enumerate().map(product));
    for q in ["", "lamp", "-desk", "\"red lamp\"", "light"] {
        for (marketplace, expected) in [(None, 5), (Some("de"), 4), (Some("us"), 4), (Some("elsewhere"), 5)] {
            let marketplace = marketplace.map(|name| crate::id::MarketplaceId::new(name).expect("a name"));
            let request = Request { q: q.to_owned(), marketplace, limit: 9, facets: vec!["available".to_owned()], ..Request::default() };
            let answer = shop.search(&request);
            let counted: u64 = answer.facets[0].values.iter().map(|value| value.count).sum();
            let of_marketplace = request.marketplace;
            assert_eq!((answer.total, answer.hits.len(), counted), (expected, expected as usize, expected), "{q} {of_marketplace:?}");
        }
    }
    let de = crate::id::MarketplaceId::new("de").expect("a name");
    let onlooker = Onlooker { marketplace: Some(&de), ..Onlooker::default() };
    assert_eq!(eligible(&shop, "", onlooker).expect("reads").iter().collect::<Vec<_>>(), [0, 2, 3, 4]);
    assert!(suggest(&shop, "lam", 9, onlooker).expect("reads").products.iter().all(|product| product.id.to_string() != "p1"));
}

#[test]
fn brands_and_codes_are_suggested() {
    let mut shop = LiveShop::open(None);
    for (number, brand) in ["Ateljé Nord", "Ateljé Nord", "Atrium", "Atrium", "Atrium", "Birk & Søn"].into_iter().enumerate() {
        let offer = json!({"marketplace": if number == 2 { "us" } else { "de" }, "price": {"amount_minor": 500, "currency": "EUR"}});
        let variant = json!({"sku": format!("KC71-{number}"), "offers": [offer]});
        let categories = if number == 2 { json!([["Attic"]]) } else { json!([["Home", "Atelier lamps"]]) };
        let value = json!({"id": format!("p{number}"), "title": "lamp", "brand": brand, "categories": categories, "variants": [variant]});
        shop.put(serde_json::from_value(value).expect("a product"));
    }
    shop.build();
    let moment = shop.moment();
    let suggested = |typed: &str| suggest(&moment, typed, 9, Onlooker::default()).expect("reads");
    let brands = |typed: &str| suggested(typed).brands.into_iter().map(|brand| (brand.name, brand.products_count)).collect::<Vec<_>>();
    assert_eq!(brands("at"), [("Atrium".to_owned(), 3), ("Ateljé Nord".to_owned(), 2)]);
    assert_eq!(brands("atelje"), [("Ateljé Nord".to_owned(), 2)]);
    assert_eq!(brands("birk s"), [("Birk & Søn".to_owned(), 1)], "its sign is not typed");
    assert!(brands("lamp").is_empty());
    let of_us = [("Atrium", 1), ("Attic", 1)];
    let of_de = [("Atrium", 2), ("Ateljé Nord", 2), ("Home > Atelier lamps", 5)];
    for (marketplace, expected) in [("us", of_us.as_slice()), ("de", of_de.as_slice())] {
        let marketplace = crate::id::MarketplaceId::new(marketplace).expect("a name");
        let found = suggest(&moment, "at", 9, Onlooker { marketplace: Some(&marketplace), ..Onlooker::default() }).expect("reads");
        let brands = found.brands.iter().map(|brand| (brand.name.as_str(), brand.products_count));
        let categories = found.categories.iter().map(|category| (category.path.as_str(), category.products_count));
        assert_eq!(brands.chain(categories).collect::<Vec<_>>(), expected, "{marketplace}");
    }
    assert_eq!(suggested("kc71").products.len(), 6);
    assert_eq!(suggested("KC71-4").products.iter().map(|product| product.id.to_string()).collect::<Vec<_>>(), ["p4"]);
}
