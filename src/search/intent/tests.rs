//! What a query is for, as a search obeys it: things before what belongs to them.

use crate::catalog::product::Product;
use crate::search::testing::LiveShop;
use crate::search::{Languages, Mode, Moment, Request, search};
use serde_json::json;

/// A shop of products with these titles and paths of categories.
fn shop(products: &[(&str, &[&str])]) -> Moment {
    let mut shop = LiveShop::speaking(Languages::default());
    for (number, (title, path)) in products.iter().enumerate() {
        let document = json!({"id": format!("p{number}"), "title": title, "categories": [path], "variants": [{"sku": format!("s{number}"), "offers": []}]});
        let product: Product = serde_json::from_value(document).expect("a product");
        let ordinal = shop.put(product);
        shop.set_available(ordinal, 5);
    }
    shop.moment()
}

/// Products by number, best first.
fn found(moment: &Moment, q: &str) -> Vec<u32> {
    let request = Request { q: q.to_owned(), mode: Mode::Text, limit: 50, ..Request::default() };
    search(moment, &request).expect("answers").hits.iter().map(|hit| hit.ordinal.0).collect()
}

/// Who asked for headphones was shown stands and cables first: they stand below `Headphones`, and their titles are shorter.
#[test]
fn what_belongs_to_a_thing_stands_behind_the_thing() {
    let pads: &[&str] = &["Audio", "Headphones", "Ear pads and cables"];
    let ear: &[&str] = &["Audio", "Headphones", "In-ear"];
    let over: &[&str] = &["Audio", "Headphones", "Over-ear"];
    let shop = shop(&[
        ("Headphone cable", pads),
        ("Headphone ear pads", pads),
        ("Pads for headphones", pads),
        ("In-ear headphones that charge in five minutes", ear),
        ("Over-ear headphones with a case that folds flat", over),
        ("Over-ear headphones with a long cable, quick to pair", over),
        ("Small in-ear headphones for whoever runs in the rain", ear),
    ]);
    let first: Vec<u32> = found(&shop, "headphones").into_iter().take(4).collect();
    assert!(first.iter().all(|number| *number >= 3), "{first:?}");
    assert_eq!(found(&shop, "headphone cable")[0], 0);
    assert_eq!(found(&shop, "pads for headphones")[0], 2);
}

/// Cases stood among the first phones: two of their three words were asked for, and everybody buys one.
#[test]
fn what_belongs_to_a_thing_of_which_there_is_a_category_is_further_behind() {
    let left = |path: &[&str]| {
        let shop =
            shop(&[("Phone case for phones", path), ("Fast phone", &["Phones"]), ("Small phone", &["Phones"]), ("Desk", &["Desks"])]);
        let request = Request { q: "phone".to_owned(), mode: Mode::Text, explain: true, limit: 9, ..Request::default() };
        let answer = search(&shop, &request).expect("answers");
        let case = answer.hits.iter().find(|hit| hit.ordinal.0 == 0).expect("is found");
        let parts = case.explain.as_ref().expect("is explained")["contributions"].as_array().expect("a list").clone();
        parts.iter().find(|part| part["feature"] == "belongs_to_it").expect("belongs to it")["value"].as_f64().expect("a number")
    };
    assert!((left(&["Cases"]) - 0.5).abs() < 1e-6);
    assert!((left(&["Phones"]) - 0.8).abs() < 1e-6, "the shop says that it is a phone");
}

/// A shop without categories was asked for a laptop and began with sleeves: they say it in two words.
#[test]
fn titles_tell_where_there_are_no_categories() {
    let shop = shop(&[
        ("Laptop sleeve", &["All"]),
        ("Laptop 15 inch, eight cores, sixteen gigabytes", &["All"]),
        ("Sleeve for laptops", &["All"]),
        ("Desk", &["All"]),
        ("Chair", &["All"]),
        ("Lamp", &["All"]),
    ]);
    assert_eq!(found(&shop, "laptop")[0], 1);
    assert_eq!(found(&shop, "laptop sleeve")[0], 0);
}

/// `phone accessories` was asked of what is called an accessory, and began with foot muffs for prams.
#[test]
fn accessories_of_a_thing_are_what_belongs_to_it() {
    let muffs = std::iter::repeat_n(("Foot muff", &["Family", "Stroller accessories"][..]), 120);
    let things: [(&str, &[&str]); 5] = [
        ("Phone case, clear", &["Phones", "Cases"]),
        ("Phone case, black", &["Phones", "Cases"]),
        ("Fast phone", &["Phones", "Smartphones"]),
        ("Small phone", &["Phones", "Smartphones"]),
        ("Desk", &["Desks"]),
    ];
    let shop = shop(&things.into_iter().chain(muffs).collect::<Vec<_>>());
    let mut first: Vec<u32> = found(&shop, "phone accessories").into_iter().take(2).collect();
    first.sort_unstable();
    assert_eq!(first, [0, 1]);
}

/// `mobile phone charger` began with sixty phones: a phone was a category too, so nothing was what the query is for.
#[test]
fn a_query_that_names_what_its_thing_goes_with_is_for_the_thing() {
    let (phones, chargers): (&[&str], &[&str]) = (&["Phones", "Smartphones"], &["Phones", "Chargers"]);
    let shop = shop(&[
        ("Mobile phone", phones),
        ("Mobile phone, quick", phones),
        ("Wall charger, 20 W, for whoever is in a hurry", chargers),
        ("Desk charger with four ports and a long cable", chargers),
        ("Desk", &["Desks"]),
    ]);
    let mut first = found(&shop, "mobile phone charger")[..2].to_vec();
    first.sort_unstable();
    assert_eq!(first, [2, 3]);
    assert_eq!(found(&shop, "mobile phone")[0], 0);
}
