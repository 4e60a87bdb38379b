//! What a search by meaning alone finds, and what it says of words that have none.

use super::answer_tests::{Shop, titled};
use super::{Mode, Request};

fn found(shop: &Shop, q: &str) -> (u64, String) {
    let answer = shop.search(&Request { q: q.to_owned(), mode: Mode::Vector, ..Request::default() });
    (answer.total, answer.relaxations.concat())
}

/// Nothing was found for some nouns, and nothing was said.
#[test]
fn words_without_a_vector_are_told_and_the_products_that_say_them_speak_for_them() {
    let shop = titled(&["red lamp", "oak desk lamp", "red desk", "light", "chair"]);
    assert_eq!(found(&shop, "lamp"), (3, String::new()));
    assert_eq!(found(&shop, "chair lamp"), (3, "`chair` has no vector: what is near in meaning is told by the other words".to_owned()));
    assert_eq!(found(&shop, "chair"), (0, "nothing is near in meaning: `chair` has no vector".to_owned()));
    assert_eq!(found(&shop, "zzz"), (0, "nothing is near in meaning: `zzz` has no vector".to_owned()));
    let shop = titled(&["oak chair", "oak desk", "red lamp"]);
    assert_eq!(found(&shop, "chair"), (2, "`chair` has no vector: found is what is near the products that say it".to_owned()));
}

/// Nothing was near enough to `table`: of many kinds of products none is one above all.
#[test]
fn where_nothing_is_near_enough_to_the_words_the_products_that_say_them_speak() {
    let shop = titled(&["desk oak red red red red red red", "oak", "lamp"]);
    let (total, told) = found(&shop, "desk");
    assert_eq!(told, "nothing is near enough to the words alone: found is what is near the products that say it");
    assert!(total >= 1);
}
