//! Words of other languages that are written as English ones that join others. Pinned here:
//!
//! 1. a word with an accent is no English word, whatever language a shop is set to: `thé` is tea;
//! 2. a word that titles end with, or that something is called, says something: `or` is gold;
//! 3. in a shop of another language English words join only what no product has, or what titles show to join;
//! 4. English shops leave them out as before.

use super::testing::{LiveShop, described_in, numbers};
use super::{Languages, Mode, Request};
use crate::text::Language;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn shop(language: Language, titles: &[&str]) -> LiveShop {
    let products: Vec<(&str, Value)> = titles.iter().map(|title| (*title, json!({}))).collect();
    let mut shop = described_in(LiveShop::speaking(Languages::new(language, BTreeMap::new())), &products);
    shop.build();
    shop
}

fn found(shop: &mut LiveShop, q: &str) -> Vec<u32> {
    numbers(&shop.search(&Request { q: q.to_owned(), mode: Mode::Text, limit: 20, ..Request::default() }).hits)
}

#[test]
fn a_word_that_is_english_by_its_letters_alone_says_something() {
    let titles = ["Chou vert frisé", "Thé noir", "Thé vert bio", "Collier argent", "Collier or", "Bague or"];
    for language in [Language::English, Language::French] {
        let mut shop = shop(language, &titles);
        assert_eq!(found(&mut shop, "thé vert")[0], 2, "{language:?}");
        assert_eq!(found(&mut shop, "collier or")[0], 4, "{language:?}");
    }
    let mut french = shop(Language::French, &titles);
    assert_eq!(found(&mut french, "collier for or")[0], 4, "no product has it");
}

#[test]
fn english_shops_leave_out_what_joins() {
    let mut shop = shop(Language::English, &["Case for phone", "Phone case", "Case"]);
    assert_eq!(found(&mut shop, "the case for a phone").len(), 3);
    assert_eq!(found(&mut shop, "phone or case").len(), 3);
}
