//! What a shop of clothes taught. Pinned here:
//!
//! 1. colours and genders are words to look for, though titles of `brand gender colour thing` use them as languages use words that join others;
//! 2. what titles show to join others is still left out where it does;
//! 3. a T-shirt is no shirt to who asks for shirts, and is one to who asks for T-shirts or where there is nothing else;
//! 4. a misspelled word may mean one that a merchant gave a meaning.

use super::merchandising::{Settings, Synonym};
use super::testing::{LiveShop, described, numbers};
use super::{Mode, Request};
use crate::event::SettingKind;
use crate::id::SettingId;
use serde_json::{Value, json};
use std::sync::Arc;

const COLOURS: [&str; 5] = ["Blue", "White", "Red", "Green", "Grey"];
const THINGS: [&str; 5] = ["Sneakers", "Jeans", "Jacket", "Kurta", "Shorts"];
const BRANDS: [&str; 7] = ["Puma", "Kappa", "Besiva", "Halden", "Mira", "Orla", "Tolva"];
const PATTERNS: [&str; 8] = ["Solid", "Printed", "Striped", "Checked", "Washed", "Faded", "Woven", "Knitted"];

/// 560 products whose titles are `brand gender colour pattern thing`. `is_told`: their colour and gender are attributes too.
fn wardrobe(is_told: bool) -> LiveShop {
    let product = |number: usize| {
        let (brand, colour, thing) = (BRANDS[number % 7], COLOURS[number / 7 % 5], THINGS[number / 35 % 5]);
        let gender = if (number / 175).is_multiple_of(2) { "Men" } else { "Women" };
        let title = format!("{brand} {gender} {colour} {} {thing}", PATTERNS[number / 3 % 8]);
        let pattern = PATTERNS[number / 3 % 8];
        let attributes = if is_told { json!({"Gender": gender, "Primary_Color": colour, "Pattern": pattern}) } else { json!({}) };
        (title, json!({"brand": brand, "attributes": attributes}))
    };
    let products: Vec<(String, Value)> = (0..560).map(product).collect();
    let products: Vec<(&str, Value)> = products.iter().map(|(title, more)| (title.as_str(), more.clone())).collect();
    let mut shop = described(&products);
    shop.build();
    shop
}

fn titles(shop: &mut LiveShop, q: &str, limit: usize) -> Vec<String> {
    let answer = shop.search(&Request { q: q.to_owned(), mode: Mode::Text, limit, ..Request::default() });
    let moment = shop.moment();
    let title = |number: u32| moment.catalog.product(crate::id::Ordinal(number)).map(|product| product.title.clone()).unwrap_or_default();
    numbers(&answer.hits).into_iter().map(title).collect()
}

/// `white sneakers` looked for sneakers alone, since hardly a title begins or ends with a colour: blue ones stood among the first.
#[test]
fn colours_and_genders_are_looked_for() {
    for is_told in [true, false] {
        let mut shop = wardrobe(is_told);
        let moment = shop.moment();
        assert!(moment.index.stop_words.contains(super::index::word_number("white")), "titles do not use it so");
        for (q, said) in [("white sneakers", vec!["White", "Sneakers"]), ("jeans women", vec!["Women", "Jeans"])] {
            let found = titles(&mut shop, q, 8);
            let is_right = |title: &String| said.iter().all(|word| title.split(' ').any(|known| known == *word));
            assert!(found.len() == 8 && found.iter().all(is_right), "{q}: {found:?}");
        }
    }
    // Between others too, with attributes and without.
    for is_told in [true, false] {
        let found = titles(&mut wardrobe(is_told), "puma women jacket", 3);
        assert!(found.iter().all(|title| title.starts_with("Puma Women") && title.ends_with("Jacket")), "{found:?}");
    }
}

/// Patterns are no colours, and titles use them as words that join others.
#[test]
fn a_word_that_titles_use_to_join_is_looked_for_at_either_end_and_where_it_is_a_value() {
    let is_both = |title: &String| title.contains("Printed") && title.ends_with("Jeans");
    let found = titles(&mut wardrobe(false), "printed jeans", 8);
    assert!(found.len() == 8 && found.iter().all(is_both), "{found:?}");
    let found = titles(&mut wardrobe(true), "puma printed jeans", 1);
    assert!(found.iter().all(|title| title.starts_with("Puma") && is_both(title)), "{found:?}");
}

#[test]
fn what_titles_show_to_join_is_left_out_where_it_joins() {
    let title = |number: usize| {
        let (brand, thing, other) = (BRANDS[number % 7], THINGS[number / 7 % 5], PATTERNS[(number / 7 + number) % 8]);
        format!("{brand} {thing} og {other} {}", COLOURS[number / 5 % 5])
    };
    let products: Vec<String> = (0..400).map(title).collect();
    let products: Vec<(&str, Value)> = products.iter().map(|title| (title.as_str(), json!({}))).collect();
    let mut shop = described(&products);
    shop.build();
    let answer = shop.search(&Request { q: "jeans og blue".to_owned(), mode: Mode::Text, ..Request::default() });
    let without = shop.search(&Request { q: "jeans blue".to_owned(), mode: Mode::Text, ..Request::default() });
    assert_eq!((answer.total, answer.relaxations), (without.total, without.relaxations));
}

#[test]
fn a_t_shirt_is_no_shirt_where_there_are_shirts() {
    let shirts =
        ["Besiva Men Blue Formal Shirt with long sleeves and a stiff collar", "Halden Blue Casual Shirt, regular fit, button down"];
    let mut products: Vec<(String, Value)> =
        (0..40).map(|number| (format!("{} Blue Polo T-shirt", BRANDS[number % 7]), json!({}))).collect();
    products.extend((0..12).map(|number| (shirts[number % 2].to_owned(), json!({}))));
    let described = |products: &[(String, Value)]| {
        let products: Vec<(&str, Value)> = products.iter().map(|(title, more)| (title.as_str(), more.clone())).collect();
        let mut shop = described(&products);
        shop.build();
        shop
    };
    let mut shop = described(&products);
    let is_t_shirt = |title: &String| title.contains("T-shirt");
    assert!(!titles(&mut shop, "blue shirt", 8).iter().any(is_t_shirt), "{:?}", titles(&mut shop, "blue shirt", 8));
    for q in ["blue t-shirt", "tshirt blue"] {
        assert!(titles(&mut shop, q, 8).iter().all(is_t_shirt), "{q}");
    }
    assert_eq!(titles(&mut described(&products[..40]), "blue shirt", 8).len(), 8);
}

/// `welies` found nothing, though the merchant had said that wellies are boots.
#[test]
fn a_word_that_only_a_merchant_gave_a_meaning_may_be_meant() {
    let products: Vec<(&str, Value)> = (0..30).map(|number| (["Rubber boots", "Oak desk", "Desk lamp"][number % 3], json!({}))).collect();
    let mut shop = described(&products);
    let document = json!({"from": ["wellies"], "to": ["rubber boots"]});
    let synonym = Synonym::of(serde_json::from_value(document).expect("a document")).expect("a synonym");
    let mut settings = Settings::default();
    settings.put_synonym(&SettingId::new("s").expect("an id"), synonym);
    let mut moment = shop.moment();
    moment.settings = Arc::new(settings.clone());
    let ask = |moment: &super::Moment| super::search(moment, &Request { q: "welies".to_owned(), ..Request::default() }).expect("answers");
    let answer = ask(&moment);
    assert_eq!((answer.total, answer.corrections.first().map(|(_, read)| read.as_str())), (10, Some("wellies")));
    settings.remove(SettingKind::Synonym, &SettingId::new("s").expect("an id"));
    moment.settings = Arc::new(settings);
    assert_ne!(ask(&moment).read.as_deref(), Some("wellies"));
}
