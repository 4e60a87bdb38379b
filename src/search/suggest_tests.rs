//! Suggestions for whom a part of the shop is all there is. Pinned here:
//!
//! 1. products are offered as long as there are any, however many better ones are sold elsewhere, shut out by a key or hidden by merchants;
//! 2. no query and no correction is offered whose words only products elsewhere have.

use super::merchandising::{Rule, Settings};
use super::testing::{LiveShop, asked, described};
use super::{Moment, Onlooker, Suggestions, suggest_within};
use crate::id::{MarketplaceId, SettingId};
use serde_json::{Value, json};
use std::sync::Arc;

fn offered_in(marketplace: &str) -> Value {
    json!([{"marketplace": marketplace, "price": {"amount_minor": 500, "currency": "EUR"}}])
}

/// Eighty widgets and four gadgets in b, three widgets and a kettle in a.
fn shop() -> LiveShop {
    let product = |number: usize, title: &str, marketplace: &str, brand: &str| {
        let more = json!({"brand": brand, "variants": [{"sku": format!("s{number}"), "offers": offered_in(marketplace)}]});
        (title.to_owned(), more)
    };
    let mut products: Vec<(String, Value)> = (0..80).map(|number| product(number, "Widget", "b", "Rival")).collect();
    products.extend((80..84).map(|number| product(number, "Zyxomatic gadget", "b", "Rival")));
    products.extend((84..87).map(|number| product(number, "Small widget of steel with a handle", "a", "Acme")));
    products.push(product(87, "Steel kettle", "a", "Acme"));
    let products: Vec<(&str, Value)> = products.iter().map(|(title, more)| (title.as_str(), more.clone())).collect();
    let mut shop = described(&products);
    shop.build();
    shop
}

fn offered(moment: &Moment, typed: &str, marketplace: Option<&str>, within: Option<&str>) -> Suggestions {
    let marketplace = marketplace.map(|name| MarketplaceId::new(name).expect("a name"));
    let onlooker = Onlooker { marketplace: marketplace.as_ref(), ..Onlooker::default() };
    suggest_within(moment, typed, 8, onlooker, within).expect("reads")
}

fn ids(found: &Suggestions) -> Vec<String> {
    let mut ids: Vec<String> = found.products.iter().map(|product| product.id.to_string()).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn products_are_offered_however_many_are_elsewhere() {
    let moment = shop().moment();
    let own = ["p84", "p85", "p86"].map(str::to_owned);
    assert_eq!(ids(&offered(&moment, "widg", Some("a"), None)), own);
    assert_eq!(ids(&offered(&moment, "widg", None, Some("brand = Acme"))), own);
    assert_eq!(ids(&offered(&moment, "widg", Some("b"), None)).len(), 8);
    assert_eq!(ids(&offered(&moment, "widg", Some("a"), Some("brand = Rival"))), Vec::<String>::new());
    assert_eq!(ids(&offered(&moment, "p84", Some("b"), None)), Vec::<String>::new(), "nor by identifier");
}

#[test]
fn products_are_offered_however_many_are_hidden() {
    let mut shop = shop();
    let moment = shop.moment();
    let hiding = json!({"then": {"hide": [{"filter": "brand = Rival"}]}});
    let rule = Rule::of(serde_json::from_value(hiding).expect("a document")).expect("a rule");
    let mut settings = Settings::default();
    settings.put_rule(&SettingId::new("r").expect("an id"), rule);
    let moment = Moment { settings: Arc::new(settings), ..moment };
    assert_eq!(ids(&offered(&moment, "widg", None, None)), ["p84", "p85", "p86"].map(str::to_owned));
}

#[test]
fn no_words_of_elsewhere_are_offered() {
    let mut shop = shop();
    let moment = Moment { demand: asked("zyxomatic gadget"), ..shop.moment() };
    assert!(offered(&moment, "zyx", Some("b"), None).queries.iter().any(|query| query.contains("zyxomatic")));
    for (marketplace, within) in [(Some("a"), None), (None, Some("brand = Acme"))] {
        for typed in ["zyx", "zyxomatic ga", "gad", "zyxomatik gadget"] {
            let found = offered(&moment, typed, marketplace, within);
            let told: Vec<&String> = found.queries.iter().chain(&found.corrected).collect();
            assert!(!told.iter().any(|told| told.contains("zyxomatic") || told.contains("gadget")), "{typed}: {told:?}");
        }
        assert!(!offered(&moment, "widg", marketplace, within).queries.is_empty(), "its own are");
    }
}
