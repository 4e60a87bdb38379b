//! What people do not want, as they say it. Pinned here:
//!
//! 1. products with what is denied stay and stand lower, and the answer says so, as a filter where it has a name;
//! 2. a title that denies it too is what is wanted; a name is a name; a query of nothing else is read as it stands;
//! 3. what nobody has is denied without a word being lost; explanations add up;
//! 4. several things are denied by one query, in any place of it and as often as people say it;
//! 5. `sugar free` is no wish for sugar, whether or not titles say so;
//! 6. of what comes with and without, the variant without is meant, and shown.

use crate::search::testing::{LiveShop, described, described_in, numbers};
use crate::search::{Answer, Languages, Mode, Request};
use crate::text::Language;
use serde_json::json;
use std::collections::BTreeMap;

fn ask(shop: &mut LiveShop, q: &str) -> Answer {
    shop.search(&Request { q: q.to_owned(), mode: Mode::Text, limit: 20, explain: true, ..Request::default() })
}

fn clothes() -> LiveShop {
    described(&[
        ("Rain jacket", json!({"attributes": {"membrane": "waterproof"}})),
        ("Light summer jacket, cotton, with two wide pockets", json!({"attributes": {"colour": "red"}})),
        ("Jacket without hood", json!({})),
        ("Jacket with hood", json!({})),
        ("Phone without contract", json!({"brand": "Not Yours"})),
        ("Phone with contract", json!({})),
    ])
}

#[test]
fn what_is_denied_stands_lower_and_is_told() {
    let mut shop = clothes();
    assert_eq!(numbers(&ask(&mut shop, "jacket").hits)[..1], [0]);
    let answer = ask(&mut shop, "jacket not waterproof");
    assert_eq!((answer.total, numbers(&answer.hits).last()), (4, Some(&0)), "it stays in the match set");
    assert_eq!(answer.relaxations, ["what has `waterproof` stands lower"]);
    let intent = answer.intents.iter().find(|intent| intent.words == "not waterproof").expect("it has a name");
    assert_eq!(intent.filter, "NOT attributes.membrane = \"waterproof\"");
    let last = answer.hits.last().and_then(|hit| hit.explain.as_ref()).expect("was asked for");
    let parts = last["contributions"].as_array().expect("parts");
    assert!(parts.iter().any(|part| part["feature"] == "not_wanted"), "{last}");
    let sum: f64 = parts.iter().filter_map(|part| part["contribution"].as_f64()).sum();
    assert!((sum - last["score"].as_f64().expect("a number")).abs() < 1e-3, "{last}");
}

#[test]
fn a_title_that_denies_it_too_is_what_is_wanted() {
    let mut shop = clothes();
    for q in ["jacket without hood", "jacket w/o hood"] {
        let found = numbers(&ask(&mut shop, q).hits);
        let place = |number: u32| found.iter().position(|one| *one == number).expect("is found");
        assert!(place(2) < place(3) && place(1) < place(3), "{q}: {found:?}");
    }
    assert_eq!(numbers(&ask(&mut shop, "phone without contract").hits)[..1], [4]);
}

#[test]
fn names_and_queries_of_nothing_else_are_read_as_they_stand() {
    let mut shop = clothes();
    for q in ["without hood", "not yours phone", "\"without hood\" jacket", "jacket not"] {
        assert!(ask(&mut shop, q).relaxations.iter().all(|told| !told.contains("stands lower")), "{q}");
    }
    let as_typed = Request { q: "jacket not waterproof".to_owned(), as_typed: true, mode: Mode::Text, ..Request::default() };
    assert!(shop.search(&as_typed).relaxations.iter().all(|told| !told.contains("stands lower")));
}

#[test]
fn what_no_product_has_is_denied_without_losing_a_word() {
    let answer = ask(&mut clothes(), "jacket without zylgrin");
    assert_eq!((answer.total, answer.relaxations), (4, vec!["what has `zylgrin` stands lower".to_owned()]));
}

/// Of `not black … not black` the second was a wish for black, of `no black no leather` both were, and `without a hood` denied `a`.
#[test]
fn several_things_are_denied_wherever_they_stand() {
    let bag = |colour: &str, material: &str| json!({"attributes": {"colour": colour, "material": material}});
    let mut shop = described(&[
        ("Leather bag, black", bag("black", "leather")),
        ("Linen bag, black", bag("black", "linen")),
        ("Leather bag, red", bag("red", "leather")),
        ("Linen bag, green", bag("green", "linen")),
    ]);
    let mut check = |q: &str, told: &[&str], first: u32| {
        let answer = ask(&mut shop, q);
        let expected: Vec<String> = told.iter().map(|term| format!("what has `{term}` stands lower")).collect();
        let denied: Vec<String> = answer.relaxations.iter().filter(|told| told.contains("stands lower")).cloned().collect();
        assert_eq!((denied, numbers(&answer.hits).first()), (expected, Some(&first)), "{q}");
        let wishes = answer.intents.iter().filter(|intent| !intent.filter.starts_with("NOT"));
        let wished: Vec<&str> = wishes.map(|intent| intent.words.as_str()).filter(|words| told.contains(words)).collect();
        assert!(wished.is_empty(), "{q} does not wish for {wished:?}");
    };
    check("bag not black not leather", &["black", "leather"], 3);
    check("not black bag not leather", &["black", "leather"], 3);
    check("bag no black no leather", &["black", "leather"], 3);
    check("no black no leather bag", &["black", "leather"], 3);
    check("bag not black or leather", &["black", "leather"], 3);
    check("bag not black or not leather", &["black", "leather"], 3);
    check("bag no black or no leather", &["black", "leather"], 3);
    check("bag without a leather not black", &["leather", "black"], 3);
    check("not linen bag not linen not black", &["linen", "black"], 2);
}

/// Of `cordless phone no answering machine` only `answering` was denied, and phones with a machine came first.
#[test]
fn what_is_denied_is_all_that_titles_say_as_one() {
    let mut shop = described(&[
        ("Cordless phone with answering machine", json!({})),
        ("Cordless phone, answering machine, black", json!({})),
        ("Cordless phone", json!({"description": "Goes with any washing machine"})),
        ("Washing machine", json!({})),
    ]);
    shop.build();
    let answer = ask(&mut shop, "cordless phone no answering machine");
    assert_eq!(answer.relaxations, ["what has `answering machine` stands lower"]);
    assert_eq!(numbers(&answer.hits), [2, 0, 1]);
    // A query that says nothing before it needs its last word.
    assert!(ask(&mut shop, "no answering machine").relaxations.iter().all(|told| !told.contains("answering machine")));
}

#[test]
fn no_is_part_of_what_titles_say_with_it() {
    let mut shop = described(&[("No show socks", json!({})), ("Show horse", json!({})), ("Long socks", json!({}))]);
    assert!(ask(&mut shop, "no show socks").relaxations.iter().all(|told| !told.contains("stands lower")));
    assert_eq!(numbers(&ask(&mut shop, "no show socks").hits)[..1], [0]);
}

/// `no slip mat` held back what is `non-slip`, and `without sugar` what is `sugar free`.
#[test]
fn titles_say_without_in_other_words() {
    let mut shop = described(&[
        ("Bath mat, cotton", json!({})),
        ("Bath mat, non-slip", json!({})),
        ("Sugar drops", json!({})),
        ("Sugar-free drops", json!({})),
        ("Lemon drops with a little sugar", json!({})),
    ]);
    let answer = ask(&mut shop, "no slip mat");
    assert_eq!((numbers(&answer.hits)[0], answer.relaxations.iter().any(|told| told.contains("stands lower"))), (1, false));
    let answer = ask(&mut shop, "drops without sugar");
    assert_eq!(numbers(&answer.hits)[0], 3);
    assert!(answer.relaxations.contains(&"what has `sugar` stands lower".to_owned()));
}

/// `Joghurt ohne Zucker` began with what says nothing of sugar: the words were taken out of the query, and no product was looked for that says them.
#[test]
fn what_says_that_it_lacks_something_comes_first_in_whatever_words_it_does() {
    let plain = |count: usize| (0..count).map(|number| (format!("Joghurt Natur n{number}"), json!({})));
    let shop = |language: Language, titles: &[&str]| {
        let products: Vec<(String, serde_json::Value)> =
            titles.iter().map(|title| ((*title).to_owned(), json!({}))).chain(plain(3)).collect();
        let products: Vec<(&str, serde_json::Value)> = products.iter().map(|(title, more)| (title.as_str(), more.clone())).collect();
        described_in(LiveShop::speaking(Languages::new(language, BTreeMap::new())), &products)
    };
    let titles = [
        "Joghurt mit Zucker",
        "Joghurt Erdbeere im Glas ohne Zucker",
        "Joghurt Kirsche im Becher zuckerfrei",
        "Zucker fein",
        "Bild ohne Rahmen",
    ];
    let mut german = shop(Language::German, &titles);
    let mut check = |q: &str, first: &[u32]| {
        let answer = ask(&mut german, q);
        let mut found = numbers(&answer.hits)[..first.len()].to_vec();
        found.sort_unstable();
        assert_eq!(found, first, "{q}");
        assert!(answer.corrections.is_empty(), "{q}: {:?}", answer.corrections);
    };
    check("Joghurt ohne Zucker", &[1, 2]);
    check("zuckerfreier Joghurt", &[1, 2]);
    // What titles say of another thing is no reason to find that.
    assert!(!numbers(&ask(&mut german, "Joghurt ohne Rahmen").hits).contains(&4));
    let titles = ["Pâte à tartiner huile de palme", "Pâte à tartiner sans huile de palme aux noisettes", "Pâte à tartiner huile de noix"];
    let mut french = shop(Language::French, &titles);
    let answer = ask(&mut french, "pâte à tartiner sans huile de palme");
    assert_eq!((numbers(&answer.hits)[0], numbers(&answer.hits)[2]), (1, 0));
    assert!(answer.relaxations.contains(&"what has `huile palme` stands lower".to_owned()), "{:?}", answer.relaxations);
}

/// A shirt in black and in red was held back as black, and shown in black.
#[test]
fn what_can_be_had_without_is_not_held_back() {
    let in_colours = |colours: &[&str]| {
        let variant = |(at, colour): (usize, &&str)| json!({"sku": format!("{colour}{at}{}", colours.len()), "attributes": {"colour": colour}, "offers": []});
        json!({"variants": colours.iter().enumerate().map(variant).collect::<Vec<_>>()})
    };
    let mut shop = described(&[
        ("Shirt", in_colours(&["black", "black"])),
        ("Shirt, cotton", in_colours(&["black", "red", "black"])),
        ("Shirt, linen", in_colours(&["red"])),
    ]);
    let answer = ask(&mut shop, "shirt not black");
    assert_eq!(numbers(&answer.hits).last(), Some(&0));
    let parts = |number: u32| {
        let hit = answer.hits.iter().find(|hit| hit.ordinal.0 == number).expect("is found");
        (hit.variant, hit.explain.as_ref().expect("was asked for").to_string().contains("not_wanted"))
    };
    assert_eq!((parts(0).1, parts(1), parts(2)), (true, (1, false), (0, false)));
}

/// `nut free cookies` began with nut biscuits, and `sugar free chocolate` with what is full of sugar and free of something else.
#[test]
fn what_something_is_to_be_free_of_is_not_wanted() {
    let mut shop = described(&[
        ("Dark chocolate", json!({"description": "cane sugar, free from milk, chocolate"})),
        ("Sugar free dark chocolate with herbs and spices, a large bar", json!({})),
        ("Nut wheat biscuits", json!({"description": "free of colours"})),
        ("Chocolate biscuits", json!({})),
        ("White free standing sink", json!({})),
        ("Free standing sink", json!({})),
    ]);
    let mut check = |q: &str, told: &[&str], first: u32| {
        let answer = ask(&mut shop, q);
        let expected: Vec<String> = told.iter().map(|term| format!("what has `{term}` stands lower")).collect();
        let denied: Vec<String> = answer.relaxations.iter().filter(|told| told.contains("stands lower")).cloned().collect();
        assert_eq!((denied, numbers(&answer.hits).first()), (expected, Some(&first)), "{q}");
    };
    check("sugar free chocolate", &["sugar"], 1);
    check("chocolate sugar-free", &["sugar"], 1);
    check("nut free biscuits", &["nut"], 3);
    check("biscuits free", &[], 2);
    check("white free standing sink", &[], 4);
}
