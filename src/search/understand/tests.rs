//! How queries are read, by a shop that knows a handful of words.

use super::*;
use crate::search::request::QUERY_TERMS_MAX;
use crate::search::spelling::Reading;
use std::ops::Range;

/// A shop that knows a handful of words.
struct Shop;

impl Words for Shop {
    fn readings(&self, typed: &[Typed]) -> Vec<Reading> {
        let read = |typed: Range<usize>, read: &str| Reading { typed, read: read.split(' ').map(str::to_owned).collect(), sureness: 1.0 };
        let one = |at: usize| match typed[at].written.as_str() {
            _ if typed[at].fixed => None,
            "lmap" => Some(read(at..at + 1, "lamp")),
            "lmaps" => Some(read(at..at + 1, "lamps")),
            "smokealarm" => Some(read(at..at + 1, "smoke alarm")),
            "infloor" => Some(read(at..at + 1, "in floor")),
            "wall" if typed.get(at + 1).is_some_and(|next| next.written == "paper") => Some(read(at..at + 2, "wallpaper")),
            _ => None,
        };
        (0..typed.len()).filter_map(one).collect()
    }
    fn beginning(&self, typed: &str) -> Option<String> {
        (typed == "haed").then(|| "head".to_owned())
    }
    fn products_count(&self, term: &str) -> u64 {
        u64::from(["red", "shoe", "north", "face", "go", "lamp", "wall", "paper"].contains(&term))
    }
    fn pair_count(&self, first: &str, second: &str) -> u64 {
        u64::from((first, second) == ("to", "go"))
    }
    fn only_joins(&self, term: &str) -> bool {
        term == "mit"
    }
    fn is_value(&self, _: &[&str]) -> bool {
        false
    }
    fn denies(&self, term: &str) -> bool {
        term == "without"
    }
    fn is_name(&self, phrase: &str) -> bool {
        ["the north face", "on"].contains(&phrase)
    }
}

/// The words as `typed|others`, quoted ones with `!`, excluded ones with `-`.
fn shown(typed: &str) -> String {
    shown_as(typed, Manner::default())
}

fn shown_as(typed: &str, manner: Manner) -> String {
    let query = understand(typed, manner, &Shop);
    let words = query.words.iter().map(|word| {
        let mark = if word.is_quoted { "!" } else { "" };
        let open = if word.open.is_some() { "…" } else { "" };
        format!("{mark}{}{open}", word.terms().collect::<Vec<_>>().join("|"))
    });
    words.chain(query.excluded.iter().map(|terms| format!("-{}", terms.join("+")))).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_of_a_code_is_no_slip() {
    let check = |typed: &str, expected: &str| assert_eq!(shown(typed), expected, "{typed}");
    check("lmap", "lmap|lamp");
    check("LMAP-03383", "lmap 03383");
    check("red 03383/lmap shoe", "red 03383 lmap shoe");
    check("lmap-9 03383", "lmap|lamp 9 03383");
    check("03383 lmap", "03383 lmap|lamp");
    check("red\u{3000}lmap-123", "red lmap 123");
}

#[test]
fn queries_are_read() {
    let check = |typed: &str, expected: &str| assert_eq!(shown(typed), expected, "{typed}");
    check("Red Shoes", "red shoe");
    check("red red RED", "red");
    check("shoes for the red", "shoe red");
    check("the", "the");
    check("lamp mit shoe", "lamp shoe");
    check("mit", "mit");
    check("lamp w/ shoe", "lamp shoe");
    check("lamp w/o shoe", "lamp");
    check("lamp without shoe red", "lamp red");
    check("without lamp", "without lamp");
    check("red lamp without", "red lamp without");
    check("red without \"lamp\"", "red without !lamp");
    check("w/", "w");
    check("the north face for red", "the north face red");
    check("the north", "north");
    check("on shoe", "on shoe");
    check("to go lamp", "to go lamp");
    check("red -shoes -usb-c", "red -shoe -usb+c");
    check("red - shoe", "red shoe");
    check("\"red shoe\" lamp", "!red !shoe lamp");
    check("24\" red \"the lamp", "24 red lamp");
    check("lmap", "lmap|lamp");
    check("smokealarm", "smokealarm|smoke smokealarm|alarm");
    check("wall paper", "wall|wallpaper paper|wallpaper");
    check("\"lmap\"", "!lmap");
    check("infloor lamp", "infloor|floor lamp");
    check("lmap red lmap", "lmap|lamp red");
    check("…", "");
}

#[test]
fn what_was_changed_is_reported() {
    let corrections = |typed: &str| understand(typed, Manner::default(), &Shop).corrections;
    assert_eq!(corrections("lmap"), [("lmap".to_owned(), "lamp".to_owned())]);
    assert_eq!(corrections("smokealarm"), [("smokealarm".to_owned(), "smoke alarm".to_owned())]);
    assert_eq!(corrections("wall paper"), [("wall paper".to_owned(), "wallpaper".to_owned())]);
    let long: String = (0..40).map(|number| format!("w{number} ")).collect();
    let query = understand(&long, Manner::default(), &Shop);
    assert_eq!((query.words.len(), query.dropped_count), (QUERY_TERMS_MAX, 8));
}

#[test]
fn the_whole_is_given_as_it_was_read() {
    let check = |typed: &str, expected: &str| assert_eq!(understand(typed, Manner::default(), &Shop).read, expected, "{typed}");
    check(" 1/2\" Lmaps, \"red\" ", "1/2\" lamps, \"red\"");
    check("smokealarm wall-paper -lmap", "smoke alarm wallpaper -lmap");
    check("red", "red");
    assert_eq!(shown_as("smokealarm lmap", Manner { as_typed: true, is_open: false, ..Manner::default() }), "smokealarm lmap");
}

#[test]
fn the_last_word_may_go_on_while_it_is_typed() {
    let check = |typed: &str, expected: &str| {
        assert_eq!(shown_as(typed, Manner { as_typed: false, is_open: true, ..Manner::default() }), expected, "{typed}");
    };
    check("lmap shoes", "lmap|lamp shoe…");
    check("red lmap", "red lmap…");
    check("red haed", "red haed|head…");
    check("red shoe ", "red shoe");
    check("red -shoe", "red -shoe");
    check("\"red shoe\"", "!red !shoe");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(typed in "([a-z]{1,3}|\"|-| |\\PC){0,30}") {
        let query = understand(&typed, Manner { as_typed: false, is_open: true, ..Manner::default() }, &Shop);
        proptest::prop_assert!(!query.corrections.is_empty() || query.read == query.typed);
    }
}
