//! What is said in quotes. Pinned here:
//!
//! 1. words in quotes must stand side by side, in a title or anywhere else that a product says something;
//! 2. where nothing says them so, products with all of them are found, and that is told;
//! 3. `-"two words"` shuts out what says them side by side, and nothing else;
//! 4. quotes are what keyboards, phones and languages write for them; the sign of inches opens none.

use super::phrases::Phrase;
use super::testing::{LiveShop, described, numbers};
use super::{Answer, Mode, Moment, Request};
use crate::stdx::clock::Deadline;
use roaring::RoaringBitmap;
use serde_json::json;

fn shop() -> LiveShop {
    described(&[
        ("Hiking backpack 20 l", json!({})),
        ("Backpack for hiking", json!({})),
        ("Small backpack", json!({"description": "The hiking backpack of those who travel light."})),
        ("Red backpack", json!({"attributes": {"use": "hiking"}})),
        ("Monitor 24\" with a frame", json!({})),
    ])
}

fn ask(q: &str) -> Answer {
    shop().search(&Request { q: q.to_owned(), mode: Mode::Text, limit: 20, ..Request::default() })
}

fn found(q: &str) -> Vec<u32> {
    let mut found = numbers(&ask(q).hits);
    found.sort_unstable();
    found
}

#[test]
fn words_in_quotes_stand_side_by_side() {
    assert_eq!(found("hiking backpack").len(), 4);
    assert_eq!(found("\"hiking backpack\""), [0, 2], "a title and a description say it");
    assert_eq!(found("\"hiking backpacks\" small"), [0, 2], "in the plural too; other words are as always");
    assert_eq!(found("\"backpack\""), [0, 1, 2, 3]);
}

/// `"backpack hiking"` found hiking backpacks as if the quotes were not there, and did not say so.
#[test]
fn what_nothing_says_side_by_side_is_told() {
    let answer = ask("\"backpack hiking\"");
    assert_eq!((answer.total, answer.relaxations), (4, vec!["nothing has `backpack hiking` side by side".to_owned()]));
    assert!(ask("\"hiking backpack\"").relaxations.is_empty());
}

/// `-"hiking backpack"` asked for hiking backpacks.
#[test]
fn an_excluded_quote_shuts_out_what_says_it() {
    assert_eq!(found("backpack -\"hiking backpack\""), [1, 3]);
    assert_eq!(found("backpack -“hiking backpack”"), [1, 3]);
    assert_eq!(found("backpack −small"), [0, 1, 3]);
    assert_eq!(found("-\"hiking backpack\""), [1, 3, 4]);
}

/// Each phrase of a query read as many documents as one query may.
#[test]
fn so_many_documents_are_read_for_all_phrases_together() {
    let mut shop = shop();
    let Moment { index, catalog, .. } = &shop.moment();
    let holders: RoaringBitmap = (0..4).collect();
    let phrase = Phrase::of("hiking backpack", false).expect("two words");
    let mut documents_left = 2;
    let mut said = || {
        let saying = phrase.said_by(&holders, (index, catalog), &mut documents_left, &Deadline::default());
        (saying.products.iter().collect::<Vec<_>>(), saying.is_cut)
    };
    assert_eq!(said(), (vec![0, 2], true), "one title says it, and of three others two are read");
    assert_eq!(said(), (vec![0], true));
}

#[test]
fn quotes_are_written_in_many_ways() {
    for q in
        ["“hiking backpack”", "„hiking backpack“", "«hiking backpack»", "»hiking backpack«", "＂hiking backpack＂", "”hiking backpack”"]
    {
        assert_eq!(found(q), [0, 2], "{q}");
    }
    assert_eq!(found("24\" frame"), [4]);
    assert_eq!(found("\"hiking backpack").len(), 4, "a quote that nothing closes is none");
}
