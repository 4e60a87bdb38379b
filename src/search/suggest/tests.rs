//! How what is typed is cut and searched.

use super::*;

#[test]
fn a_word_is_open_until_something_follows_it() {
    let check = |text: &str, key: &str| assert_eq!(Typed::of(text).key(), key, "{text}");
    check("Desk la", "desk la");
    check("Désk  ", "desk ");
    check("usb-c", "usb c");
    check("desk,", "desk ");
    check("", "");
    check("…", "");
    assert_eq!(Typed::of(&"word ".repeat(40)).words.len(), WORDS_MAX);
}

#[test]
fn the_open_word_is_searched_as_written_and_in_the_singular() {
    let query = Typed::of("red shoes").query(&Vocabulary::default());
    assert_eq!(query.groups[0], TermGroup::exactly("red"));
    assert_eq!(query.groups[1], TermGroup { terms: vec![("shoes".to_owned(), 1.0), ("shoe".to_owned(), 1.0)], ..TermGroup::default() });
    assert_eq!(query.required, 2);
}
