//! What shops without categories taught of queries no product has all words of. Pinned here:
//!
//! 1. the thing is kept where what is said of it is rarer, and what only has the rarer word stands behind every such thing;
//! 2. what is for others than the ones that were asked for stands behind;
//! 3. what the thing is for may be said in other words, and an age is one thing that is said;
//! 4. which measure is meant (`80 cm wide`) is not looked for, and is no slip;
//! 5. one word and two that are the same find each other, and others do not.

use super::testing::{LiveShop, described_in, numbers};
use super::{Answer, Everyday, Languages, Mode, Request};
use serde_json::{Value, json};

const BRANDS: [&str; 7] = ["Puma", "Kappa", "Besiva", "Halden", "Mira", "Orla", "Tolva"];
const COLOURS: [&str; 5] = ["Blue", "White", "Red", "Green", "Grey"];

fn shop(products: Vec<(String, Value)>) -> LiveShop {
    let products: Vec<(&str, Value)> = products.iter().map(|(title, more)| (title.as_str(), more.clone())).collect();
    let everyday = Languages::default().with_everyday_words(Everyday { shop: true, ..Everyday::default() });
    let mut shop = described_in(LiveShop::speaking(everyday), &products);
    shop.build();
    shop
}

/// So many of each title, with a brand before it.
fn of_each(count: usize, titles: &[&str]) -> Vec<(String, Value)> {
    let one = |title: &str, number: usize| {
        (format!("{} {title} {}", BRANDS[number % 7], COLOURS[number % 5]), json!({"brand": BRANDS[number % 7]}))
    };
    titles.iter().flat_map(|title| (0..count).map(move |number| one(title, number))).collect()
}

fn ask(shop: &mut LiveShop, q: &str) -> (Vec<String>, Answer) {
    let answer = shop.search(&Request { q: q.to_owned(), mode: Mode::Text, limit: 10, ..Request::default() });
    let moment = shop.moment();
    let title = |number: u32| moment.catalog.product(crate::id::Ordinal(number)).map(|product| product.title.clone()).unwrap_or_default();
    (numbers(&answer.hits).into_iter().map(title).collect(), answer)
}

/// Of `winter jacket` the winter counted three times as much as the jacket, in a shop of forty jackets without a category of them.
#[test]
fn the_thing_is_kept_where_what_is_said_of_it_is_rarer() {
    let mut products = of_each(40, &["Men Solid Jacket", "Women Solid Kurta", "Men Formal Shoes"]);
    products.extend(of_each(6, &["Women Winter Kurta"]));
    let mut shop = shop(products);
    // A colour behind the thing is none, whether or not the shop says colours.
    for q in ["winter jacket", "winter jacket brown"] {
        let request = Request { q: q.to_owned(), mode: Mode::Text, limit: 100, explain: true, ..Request::default() };
        let answer = shop.search(&request);
        let moment = shop.moment();
        let is_jacket =
            |number: u32| moment.catalog.product(crate::id::Ordinal(number)).is_some_and(|product| product.title.contains("Jacket"));
        let at = numbers(&answer.hits).into_iter().position(is_jacket).expect("jackets are found");
        let explain = answer.hits[at].explain.as_ref().expect("was asked for");
        let share = explain["words_share"].as_f64();
        assert!(share.is_some_and(|share| share >= 0.49), "{q}: {share:?}");
    }
}

/// `boys shorts` began with boy shorts for women.
#[test]
fn what_is_for_others_stands_behind() {
    let mut products: Vec<(String, Value)> = Vec::new();
    for number in 0..20 {
        let (brand, colour) = (BRANDS[number % 7], COLOURS[number % 5]);
        products.push((format!("{brand} Boys {colour} Printed Regular Shorts"), json!({"attributes": {"Gender": "Boys"}})));
        products.push((format!("{brand} Women {colour} Printed Regular Shorts"), json!({"attributes": {"Gender": "Women"}})));
    }
    products.push(("Orla Lace Boy Shorts".to_owned(), json!({"attributes": {"Gender": "Women"}})));
    let (found, _) = ask(&mut shop(products), "boys shorts");
    assert!(found.iter().all(|title| title.contains("Boys")), "{found:?}");
}

#[test]
fn what_a_thing_is_for_may_be_said_in_other_words() {
    let mut products = of_each(30, &["Office Desk", "Standing Desk", "Birthday Banner"]);
    products.extend(of_each(3, &["Children's Desk"]));
    products.push(("Banner for a 3 year old".to_owned(), json!({})));
    let mut shop = shop(products);
    let (found, answer) = ask(&mut shop, "desk for kids");
    assert!(found.iter().take(3).all(|title| title.contains("Children")), "{found:?} {:?}", answer.relaxations);
    // No desk says an age, so it is not looked for, and banners that do are no desks.
    let (found, answer) = ask(&mut shop, "desk for 3 year old");
    assert!(found.iter().all(|title| title.contains("Desk")), "{found:?}");
    assert!(answer.relaxations.iter().any(|told| told.contains("`3`, `year`, `old`")), "{:?}", answer.relaxations);
    // One that says it comes first.
    let (found, answer) = ask(&mut shop, "banner for 3 year old");
    assert_eq!(found.first().map(String::as_str), Some("Banner for a 3 year old"), "{:?}", answer.relaxations);
}

#[test]
fn which_measure_is_meant_is_not_looked_for() {
    let mut products = of_each(30, &["Wire Basket", "Shelf"]);
    products.extend((0..5).map(|number| (format!("Shelf {}, 80 cm", COLOURS[number]), json!({}))));
    let mut shop = shop(products);
    let (found, answer) = ask(&mut shop, "shelf 80 cm wide");
    assert!(answer.corrections.is_empty(), "{:?}", answer.corrections);
    assert!(found.iter().take(5).all(|title| title.contains("80 cm")), "{found:?}");
    assert_eq!(answer.total, ask(&mut shop, "shelf 80 cm").1.total);
}

/// `cornflakes` found four of sixty.
#[test]
fn words_with_a_blank_and_without_find_each_other() {
    let mut products = of_each(10, &["Corn Flakes", "Pet Bed", "Car Mat"]);
    products.extend(of_each(4, &["Cornflakes", "Car Pet Barrier", "Wool Carpet"]));
    let mut shop = shop(products);
    for q in ["cornflakes", "corn flakes"] {
        let (_, answer) = ask(&mut shop, q);
        assert_eq!(answer.total, 14, "{q}: {:?}", answer.relaxations);
    }
    assert_eq!(ask(&mut shop, "carpet").1.total, 4);
}
