//! Everyday words as a search understands them. Pinned here:
//!
//! 1. every line of the files says something, and says it once;
//! 2. what stands for a word joins where the shop has it, counts less than the word, and is reported;
//! 3. the longest phrase decides; quotes, brands and merchants come first;
//! 4. a word of the language is no typing error, and asks for the category of what stands for it;
//! 5. a marketplace reads the words of its language, in any of their forms, or none.

use super::*;
use crate::catalog::product::Product;
use crate::search::merchandising::{Settings, Synonym};
use crate::search::testing::LiveShop;
use crate::search::{Answer, Everyday, Languages, Mode, Moment, Request, search};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const FILES: [(&str, Language); 6] = [
    (include_str!("english.txt"), Language::English),
    (include_str!("german.txt"), Language::German),
    (include_str!("french.txt"), Language::French),
    (include_str!("spanish.txt"), Language::Spanish),
    (include_str!("italian.txt"), Language::Italian),
    (include_str!("dutch.txt"), Language::Dutch),
];

fn speaking(language: Language) -> Languages {
    let off: MarketplaceId = "plain".parse().expect("a name");
    Languages::new(language, BTreeMap::new()).with_everyday_words(Everyday { shop: true, marketplaces: BTreeMap::from([(off, false)]) })
}

/// A shop of products with these titles, brands and categories.
fn shop(language: Language, products: &[(&str, &str, &str)]) -> Moment {
    let mut shop = LiveShop::speaking(speaking(language));
    for (number, (title, brand, category)) in products.iter().enumerate() {
        let mut document = json!({"id": format!("p{number}"), "title": title, "variants": [{"sku": format!("s{number}"), "offers": []}]});
        let mut say = |field: &str, value: Value| document[field] = value;
        if !brand.is_empty() {
            say("brand", json!(brand));
        }
        if !category.is_empty() {
            say("categories", json!([[category]]));
        }
        let product: Product = serde_json::from_value(document).expect("a product");
        shop.put(product);
    }
    shop.moment()
}

fn titled(titles: &[&str]) -> Moment {
    shop(Language::English, &titles.iter().map(|title| (*title, "", "")).collect::<Vec<_>>())
}

fn ask(moment: &Moment, q: &str) -> Answer {
    let request = Request { q: q.to_owned(), mode: Mode::Text, limit: 50, ..Request::default() };
    search(moment, &request).expect("answers")
}

/// Products by number, best first.
fn found(moment: &Moment, q: &str) -> Vec<u32> {
    ask(moment, q).hits.iter().map(|hit| hit.ordinal.0).collect()
}

/// The same in the order of their numbers.
fn all_found(moment: &Moment, q: &str) -> Vec<u32> {
    let mut all = found(moment, q);
    all.sort_unstable();
    all
}

#[test]
fn every_line_says_something_once() {
    for (file, language) in FILES {
        let said = file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in said {
            let phrases = |side: &str| {
                let mut phrases: Vec<String> = side.split(',').map(|phrase| phrase.trim().to_lowercase()).collect();
                let count = phrases.len();
                assert!(phrases.iter().all(|phrase| !phrase.is_empty()), "{language}: {line}");
                phrases.sort_unstable();
                phrases.dedup();
                assert_eq!(phrases.len(), count, "{language}: {line}: says something twice");
                count
            };
            match (line.strip_prefix('='), line.trim_start_matches('~').split_once('>')) {
                (Some(kept), _) => assert!(phrases(kept) > 0),
                (None, Some((from, to))) => assert!(phrases(from) > 0 && phrases(to) > 0),
                (None, None) => assert!(phrases(line) > 1, "{language}: {line}: stands for nothing"),
            }
            let alone = Book::read(line, language);
            assert!(alone.len() > 0, "{language}: {line}: no phrase of at most {PHRASE_WORDS_MAX} words");
        }
        assert!(Book::read(file, language).len() > 100, "{language}");
    }
}

#[test]
fn people_find_what_the_shop_calls_otherwise() {
    let shop = titled(&["blue sofa", "oak table", "blue chair", "red sofa"]);
    let answer = ask(&shop, "blue couch");
    assert_eq!(answer.hits[0].ordinal.0, 0);
    assert_eq!(answer.alternatives, [Alternative { typed: "couch".to_owned(), added: vec!["sofa".to_owned()] }]);
    assert!(answer.corrections.is_empty() && answer.relaxations.iter().all(|one| !one.contains("nothing has")), "{answer:?}");
    // What was typed counts more, whatever stands for it.
    let shop = titled(&["sofa", "couch", "settee"]);
    assert_eq!((found(&shop, "couch")[0], found(&shop, "sofa")[0], found(&shop, "settee")[0]), (1, 0, 2));
    // A phrase stands for a word, and a word for a phrase.
    let shop = titled(&["mobile phone case", "red mobile phone", "cell battery", "office phone"]);
    assert_eq!(all_found(&shop, "cellphone"), [0, 1]);
    assert!(found(&shop, "cell phone").starts_with(&[1]) || found(&shop, "cell phone").starts_with(&[0]));
    // One way only.
    let shop = titled(&["leather boots", "footwear polish"]);
    assert_eq!(all_found(&shop, "footwear"), [0, 1]);
    assert_eq!(found(&shop, "boots"), [0]);
}

#[test]
fn a_misspelled_word_of_everyday_language_is_read_where_the_shop_has_what_stands_for_it() {
    let shop = titled(&["blue sofa", "oak table", "filter coffee machine", "blue chair"]);
    let check = |q: &str, first: u32, corrections: &[(&str, &str)]| {
        let answer = ask(&shop, q);
        let expected: Vec<(String, String)> = corrections.iter().map(|(typed, read)| ((*typed).to_owned(), (*read).to_owned())).collect();
        assert_eq!((answer.hits.first().map(|hit| hit.ordinal.0), answer.corrections), (Some(first), expected), "{q}");
    };
    check("coutch", 0, &[("coutch", "couch")]);
    check("cofee makr", 2, &[("cofee", "coffee"), ("makr", "maker")]);
    assert!(ask(&titled(&["oak table"]), "coutch").corrections.is_empty(), "no sofa here");
}

#[test]
fn nothing_joins_that_the_shop_does_not_have() {
    let shop = titled(&["couch", "oak table"]);
    assert!(ask(&shop, "couch").alternatives.is_empty());
    // Each word is there, and they are no phrase: what has both and says them apart is something else.
    let shop = titled(&["oak table"]);
    assert!(ask(&shop, "couch").alternatives.is_empty());
}

#[test]
fn the_longest_phrase_decides() {
    let shop = titled(&["kitchen faucet", "tap and die set", "tap"]);
    assert_eq!(all_found(&shop, "faucet"), [0, 1, 2]);
    assert_eq!(found(&shop, "tap and die"), [1, 2]);
}

#[test]
fn quotes_brands_and_merchants_come_first() {
    let shop = shop(Language::English, &[("blue sofa", "", ""), ("carpet cleaner", "Rug Doctor", ""), ("carpet", "", ""), ("rug", "", "")]);
    assert!(ask(&shop, "\"couch\"").alternatives.is_empty());
    assert!(ask(&shop, "rug doctor").alternatives.is_empty());
    assert!(!ask(&shop, "rug").alternatives.is_empty());
    let with = |document: Value| {
        let mut settings = Settings::default();
        let document = serde_json::from_value(document).expect("a document");
        settings.put_synonym(&"own".parse().expect("a name"), Synonym::of(document).expect("a synonym"));
        Moment { settings: Arc::new(settings), ..shop.clone() }
    };
    let added = with(json!({"from": ["couch"], "to": ["rug"]}));
    assert_eq!(all_found(&added, "couch"), [0, 1, 3]);
    let replaced = with(json!({"from": ["couch"], "to": ["rug"], "replaces_thesaurus": true}));
    assert_eq!((all_found(&replaced, "couch"), ask(&replaced, "couch").alternatives), (vec![1, 3], Vec::new()));
    let nothing = with(json!({"from": ["couch"], "replaces_thesaurus": true}));
    assert!(found(&nothing, "couch").is_empty() && ask(&nothing, "couch").merchandised.synonyms.is_empty());
}

#[test]
fn words_of_the_language_are_no_typing_errors() {
    let lots = |title: &'static str| std::iter::repeat_n((title, "", ""), 8);
    let products: Vec<(&str, &str, &str)> =
        lots("blue coach bag").chain([("blue sofa", "", "Sofas"), ("blue table", "", "Tables")]).collect();
    let moment = shop(Language::English, &products);
    let answer = ask(&moment, "couch");
    assert_eq!((answer.corrections, answer.hits[0].ordinal.0), (Vec::new(), 8));
    assert_eq!((answer.intents[0].words.as_str(), answer.intents[0].value.as_str()), ("couch", "Sofas"));
    // A word of a phrase is one while what stands beside it is misspelled.
    let makes = std::iter::repeat_n(("make up", "", ""), 8);
    let moment = shop(Language::English, &makes.chain([("coffee machine", "", ""), ("coffee beans", "", "")]).collect::<Vec<_>>());
    let answer = ask(&moment, "cofee maker");
    assert_eq!((answer.corrections, answer.hits[0].ordinal.0), (vec![("cofee".to_owned(), "coffee".to_owned())], 8));
    // It is a word where nothing stands for it, too; only who does not read the language may have meant another.
    let moment = titled(&["blue coach bag"; 8]);
    assert!(ask(&moment, "couch").corrections.is_empty());
    let plain =
        Request { marketplace: Some("plain".parse().expect("a name")), q: "couch".to_owned(), mode: Mode::Text, ..Request::default() };
    assert_eq!(search(&moment, &plain).expect("answers").corrections, [("couch".to_owned(), "coach".to_owned())]);
}

#[test]
fn a_marketplace_reads_the_words_of_its_language_or_none() {
    let german = shop(Language::German, &[("Rote Mobiltelefone", "", ""), ("Blaue Couch", "", ""), ("Tisch", "", "")]);
    assert_eq!(found(&german, "Handys"), [0]);
    assert_eq!(found(&german, "sofa"), [1]);
    let french = shop(Language::French, &[("Lave-linge blanc", "", ""), ("Chevet en chêne", "", "")]);
    assert_eq!(found(&french, "machine à laver")[0], 0);
    assert_eq!(found(&french, "table de nuit")[0], 1);
    let plain =
        Request { marketplace: Some("plain".parse().expect("a name")), q: "sofa".to_owned(), mode: Mode::Text, ..Request::default() };
    assert_eq!(search(&german, &plain).expect("answers").alternatives, []);
    assert!(Thesaurus::of(Language::Swedish).is_none());
}

/// `hdmi cbl` found adapters: nothing in the shop was called so.
#[test]
fn short_writings_find_what_they_stand_for() {
    let titles = ["HDMI cable", "HDMI adapter", "Black paint", "Galvanized pipe", "Stainless steel sink", "Brushed nickel knob"];
    let moment = titled(&titles);
    for (q, title) in [("hdmi cbl", 0), ("blk paint", 2), ("galv pipe", 3)] {
        let answer = ask(&moment, q);
        assert_eq!(answer.hits.first().map(|hit| hit.ordinal.0), Some(title), "{q}");
        assert!(answer.corrections.is_empty() && !answer.alternatives.is_empty(), "{q}: {:?}", answer.corrections);
        assert!(!answer.relaxations.iter().any(|told| told.contains("nothing has")), "{q}: {:?}", answer.relaxations);
    }
    // What the shop writes so itself is left alone.
    let moment = titled(&["HDMI cbl", "HDMI cable"]);
    assert_eq!(ask(&moment, "hdmi cbl").hits.first().map(|hit| hit.ordinal.0), Some(0));
}
