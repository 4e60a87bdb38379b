//! Queries that are longer than anybody means, and ones that are not finished. Pinned here:
//!
//! 1. however many words are taken apart, the search answers, by as many words as it looks at;
//! 2. what stands beyond the words that are looked at makes no compound either, and a query makes so many compounds and no more;
//! 3. the word that is being typed is marked where a title's word begins with it.

use super::index::GROUPS_MAX;
use super::request::QUERY_TERMS_MAX;
use super::testing::{described, numbers};
use super::understand::{Manner, understand_at};
use super::{Mode, Request};
use serde_json::json;

/// Thirty-one words made of two that are in every product became sixty-two, whose masses no longer fitted a byte: the search gave up with an error
/// of the house.
#[test]
fn a_query_of_words_that_are_taken_apart_is_answered() {
    let common = ["acme", "home", "garden", "steel", "tools", "quality"];
    let titles: Vec<String> = (0..300).map(|number| format!("{} nutmeg{number}", common.join(" "))).collect();
    let mut shop = described(&titles.iter().map(|title| (title.as_str(), json!({}))).collect::<Vec<_>>());
    shop.build();
    let pairs = common.iter().flat_map(|one| common.iter().filter(move |other| one != *other).map(move |other| format!("{one}{other}")));
    let q = format!("{} homehome nutmeg7", pairs.collect::<Vec<_>>().join(" "));
    let query = understand_at(&shop.moment(), None, &q, Manner::default());
    assert!(query.corrections.len() > 20 && query.words.len() <= GROUPS_MAX, "{} of {}", query.words.len(), query.corrections.len());
    let answer = shop.search(&Request { q, mode: Mode::Text, limit: 3, ..Request::default() });
    assert_eq!(numbers(&answer.hits).first(), Some(&7));
}

#[test]
fn what_is_not_looked_at_makes_no_compound() {
    let mut shop = described(&[("Laptop 16 GB", json!({})), ("Pipe 100 mm", json!({}))]);
    let moment = shop.moment();
    let read = |q: &str| understand_at(&moment, None, q, Manner::default());
    let before: String = (0..QUERY_TERMS_MAX - 1).map(|number| format!("w{number}x ")).collect();
    assert_eq!(read(&format!("{before} laptop 16 gb")).words.iter().filter(|word| word.typed == "16gb").count(), 0);
    let fewer: String = (0..QUERY_TERMS_MAX - 3).map(|number| format!("w{number}x ")).collect();
    assert_eq!(read(&format!("{fewer} laptop 16 gb")).words.iter().filter(|word| word.typed == "16gb").count(), 1);
    let many: String = (90..500).map(|number| format!("{number} mm ")).collect();
    assert!(read(&many).words.len() <= 2 * QUERY_TERMS_MAX, "{}", read(&many).words.len());
    let again = "100 mm 16 gb ".repeat(20);
    assert_eq!(read(&again).words.iter().map(|word| word.typed.as_str()).collect::<Vec<_>>(), ["100mm", "16gb"]);
}

#[test]
fn the_word_that_is_being_typed_is_marked() {
    let mut shop = described(&[("Desk lamps of oak", json!({}))]);
    let mut marked = |q: &str, prefix: bool| {
        let answer = shop.search(&Request { q: q.to_owned(), mode: Mode::Text, limit: 3, prefix, ..Request::default() });
        answer.hits.first().and_then(|hit| hit.highlight.clone()).map(|title| title.to_string()).unwrap_or_default()
    };
    assert_eq!(marked("desk la", true), "<em>Desk</em> <em>lamps</em> of oak");
    assert_eq!(marked("lamps", true), "Desk <em>lamps</em> of oak");
    assert_eq!(marked("desk", false), "<em>Desk</em> lamps of oak");
}
