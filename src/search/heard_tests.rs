//! What is remembered of a query is what would be found without remembering, whatever changes in between.

use super::heard::hear;
use super::testing::{LiveShop, WORDS, asked as demanded, embeddings, forgetful};
use super::{Answer, IntentKind, Mode, Moment, Request, search};
use crate::catalog::Product;
use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;
use crate::stdx::remembered::Weight;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// More than are filled up with what lacks words or is near.
const PRODUCTS: u32 = 130;

const BRANDS: [&str; 3] = ["Acme", "Ikono", "Volt"];

fn product(number: u32, title: &str) -> Product {
    numbered(number, title, title.len(), 0)
}

/// The same with another price and rating.
fn numbered(number: u32, title: &str, price: usize, rating: usize) -> Product {
    let mut document = serde_json::json!({
        "id": format!("p{number}"), "title": title, "brand": BRANDS[title.len() % 3], "categories": [["Home", BRANDS[number as usize % 3]]],
        "variants": [{"sku": format!("s{number}"), "offers": [{"price": {"amount_minor": 100 * (price % 7 + 1), "currency": "EUR"}}]}],
    });
    if rating > 0 {
        document["rating"] = serde_json::json!({"average": rating, "count": 3});
    }
    Product::from_document(document.to_string().as_bytes()).expect("a product")
}

fn shop() -> LiveShop {
    let mut shop = LiveShop::open(Some(embeddings()));
    for number in 0..PRODUCTS {
        shop.put(product(number, &format!("oak desk lamp {number}")));
    }
    for number in PRODUCTS..2 * PRODUCTS {
        shop.put(product(number, "door"));
    }
    shop.put(product(2 * PRODUCTS, "red light"));
    shop.build();
    shop
}

fn asked(q: &str) -> Request {
    let facets = ["brand", "category:tree", "price[..4,4..]", "price:histogram(3)", "rating", "rating:histogram(2)", "available"];
    let facets = facets.map(str::to_owned).to_vec();
    Request { q: q.to_owned(), limit: 200, facets, ..Request::default() }
}

/// The first that differs, briefly.
fn difference(answer: &Answer, expected: &Answer) -> String {
    let hits = answer.hits.iter().zip(&expected.hits).find(|(one, other)| one != other);
    format!("totals {} and {}, hits {hits:?}, facets alike: {}", answer.total, expected.total, answer.facets == expected.facets)
}

fn is_heard_again(before: &Moment, after: &Moment, request: &Request) -> bool {
    let hear = |moment: &Moment| hear(moment, request, &request.q, moment.scope(None)).expect("is read");
    Arc::ptr_eq(&hear(before), &hear(after))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    #[test]
    fn a_changing_shop_answers_as_one_that_remembers_nothing(
        steps in prop::collection::vec(
            (0_u32..2 * PRODUCTS + 20, prop::collection::vec(0_usize..5, 0..5), (0_usize..5, 0_usize..5), (0..8_usize, 0..6_usize), any::<bool>()),
            1..25,
        ),
    ) {
        let (mut shop, mut titles) = (shop(), BTreeMap::new());
        for (number, words, (one, other), (price, rating), is_renumbered) in steps {
            if is_renumbered {
                let title = titles.get(&number).cloned().unwrap_or_else(|| format!("oak desk lamp {number}"));
                shop.put(numbered(number, &title, price, rating));
            } else if words.is_empty() {
                shop.remove(Ordinal(number));
                titles.remove(&number);
            } else {
                let title = words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
                shop.put(product(number, &title));
                titles.insert(number, title);
            }
            shop.set_available(Ordinal(number.wrapping_mul(7) % PRODUCTS), (number % 2).into());
            let moment = shop.moment();
            for q in ["", "desk", "oak lamp", WORDS[one], &format!("{} {}", WORDS[one], WORDS[other]), "s7", "lmap", "oak lamp under 3"] {
                let expected = search(&forgetful(&moment), &asked(q)).expect("answers");
                for _ in 0..2 {
                    let answer = search(&moment, &asked(q)).expect("answers");
                    prop_assert!(answer == expected, "{q}: {:?}", difference(&answer, &expected));
                }
                for filter in ["available = true", "price < 4 AND brand IN [Acme, Volt]", "brand = Acme AND available = true"] {
                    let filtered = Request { filter: Some(filter.to_owned()), ..asked(q) };
                    let expected = search(&forgetful(&moment), &filtered);
                    for _ in 0..2 {
                        prop_assert!(search(&moment, &filtered) == expected, "{q}, {filter}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_query_is_heard_once_until_a_change_has_to_do_with_it() {
    let mut shop = shop();
    let request = asked("oak lamp");
    let before = shop.moment();
    assert!(is_heard_again(&before, &before, &request));
    shop.put(product(PRODUCTS, "red light"));
    let unrelated = shop.moment();
    assert!(is_heard_again(&before, &unrelated, &request), "a product without the words");
    shop.put(product(PRODUCTS, "red oak lamp"));
    let found = shop.moment();
    assert!(!is_heard_again(&unrelated, &found, &request), "a product that is found from now on");
    shop.put(product(3, "red light"));
    let lost = shop.moment();
    assert!(!is_heard_again(&found, &lost, &request), "a product that is found no more");
    shop.remove(Ordinal(5));
    assert!(!is_heard_again(&lost, &shop.moment(), &request), "a product that is gone");
}

#[test]
fn room_for_counts_is_taken_only_where_facets_are_asked_for() {
    let mut shop = shop();
    let moment = shop.moment();
    let heard = |request: &Request| hear(&moment, request, &request.q, moment.scope(None)).expect("is read");
    let (with, without) = (asked("oak lamp"), Request { facets: Vec::new(), ..asked("oak lamp") });
    let plain = heard(&without);
    assert!(Arc::ptr_eq(&plain, &heard(&without)) && plain.counted(&moment.index).is_none());
    let counted = heard(&with);
    assert!(!Arc::ptr_eq(&plain, &counted) && counted.weight() > plain.weight());
    assert!(Arc::ptr_eq(&counted, &heard(&without)) && Arc::ptr_eq(&counted, &heard(&with)));
    assert!(counted.counted(&moment.index).is_some());
}

#[test]
fn all_products_are_remembered_too() {
    let mut shop = shop();
    let everything = asked("");
    let before = shop.moment();
    assert!(is_heard_again(&before, &before, &everything));
    assert!(hear(&before, &everything, "", before.scope(None)).expect("is read").counted(&before.index).is_some());
    shop.put(numbered(3, "oak desk lamp 3", 5, 0));
    let renumbered = shop.moment();
    assert!(is_heard_again(&before, &renumbered, &everything), "another price");
    shop.put(product(2 * PRODUCTS + 1, "red light"));
    assert!(!is_heard_again(&renumbered, &shop.moment(), &everything), "one more");
}

#[test]
fn new_prices_and_ratings_are_no_reason_to_hear_a_query_anew() {
    let mut shop = shop();
    let mut is_again = |q: &str, next: Product| {
        let before = shop.moment();
        hear(&before, &asked(q), q, before.scope(None)).expect("is read");
        shop.put(next);
        is_heard_again(&before, &shop.moment(), &asked(q))
    };
    let title = "oak desk lamp 3";
    for q in ["oak lamp", "red lamp", "oak lmap", "s7"] {
        assert!(is_again(q, numbered(3, title, 5, 0)), "{q}: another price");
        assert!(is_again(q, numbered(3, title, 5, 4)), "{q}: a rating");
        assert!(is_again(q, numbered(3, title, 5, 4)), "{q}: the same once more");
        assert!(!is_again(q, numbered(3, "oak desk lamp", 5, 4)), "{q}: another title");
        assert!(!is_again(q, numbered(3, title, title.len(), 0)), "{q}: the title that it had");
    }
    assert!(!is_again("lamp under 3", numbered(3, title, 5, 0)), "who asks for a price");
    assert!(is_again("lamp under 3", numbered(3, title, 5, 2)), "a rating is no price");
    assert!(is_again("lamp under 3", numbered(PRODUCTS, "door", 1, 0)), "what is no match costs what it likes");
}

#[test]
fn what_was_filled_up_is_heard_anew_when_a_product_may_join_it() {
    let mut shop = shop();
    for (q, changes) in [
        ("red desk", &[("window", true), ("red window", false), ("oak window", true)][..]),
        ("red", &[("lamp window", true), ("red window", false)]),
        // Nearer than most lamps of oak are, without the word.
        ("light", &[("window", true), ("lamp window", false)]),
    ] {
        for (title, is_again) in changes {
            let before = shop.moment();
            let known = hear(&before, &asked(q), q, before.scope(None)).expect("is read");
            assert!(known.matched.products.len() < 131, "{q} is filled up");
            shop.put(product(PRODUCTS + 1, title));
            assert_eq!(is_heard_again(&before, &shop.moment(), &asked(q)), *is_again, "{q}: {title}");
            shop.put(product(PRODUCTS + 1, "door"));
        }
    }
}

#[test]
fn what_was_corrected_is_found_anew_after_every_change() {
    let mut shop = shop();
    let before = shop.moment();
    shop.put(product(PRODUCTS + 1, "window"));
    let after = shop.moment();
    for (q, is_again) in [("oak lamp", true), ("oak lmap", false), ("red lmap", false)] {
        assert_eq!(is_heard_again(&before, &after, &asked(q)), is_again, "{q}");
    }
}

#[test]
fn a_merchants_change_and_time_make_it_be_heard_anew() {
    let mut shop = shop();
    for (number, word) in (0..).zip(["tint", "tilt"]) {
        shop.put(product(3 * PRODUCTS + number, &format!("{word} frame")));
    }
    let moment = shop.moment();
    let request = asked("oak lamp");
    let changed = Moment { settings: Arc::default(), ..moment.clone() };
    assert!(!is_heard_again(&moment, &changed, &request));
    // `tint` and `tilt` are as near and as rare, until people ask for one of them.
    let learnt = |word: &str| Moment { demand: demanded(word), ..moment.clone() };
    let read = |moment: &Moment, ms: i64| {
        let request = Request { now: Timestamp(ms), ..asked("titt") };
        hear(moment, &request, &request.q, moment.scope(None)).expect("is read").query.corrections[0].1.clone()
    };
    let (tint, tilt) = (learnt("tint"), learnt("tilt"));
    assert_eq!([(&tint, 0), (&tilt, 9_999), (&tilt, 10_000)].map(|(moment, ms)| read(moment, ms)), ["tint", "tint", "tilt"]);
    // A clock that was set back makes nothing last longer.
    assert_eq!(read(&tint, 9_999), "tint");
}

#[test]
fn what_is_read_anew_and_found_as_it_was_keeps_what_was_counted_of_it() {
    let mut shop = shop();
    let moment = shop.moment();
    for (q, lasts_ms) in [("oak lamp", 60_000), ("red lamp", 60_000), ("oak lmap", 10_000)] {
        let at = |moment: &Moment, ms: i64| {
            let request = Request { now: Timestamp(ms), ..asked(q) };
            hear(moment, &request, q, moment.scope(None)).expect("is read")
        };
        let first = at(&moment, 0);
        for ms in [lasts_ms, lasts_ms + 5_000, 3 * lasts_ms, 3 * lasts_ms - 1] {
            assert!(Arc::ptr_eq(&first, &at(&moment, ms)), "{q} {ms}");
        }
        shop.put(product(3, &format!("oak lamp after {q}")));
        let found_otherwise = shop.moment();
        assert!(!Arc::ptr_eq(&first, &at(&found_otherwise, 9 * lasts_ms)), "{q}");
    }
}

#[test]
fn what_a_query_depends_on_keeps_it_apart() {
    let mut shop = shop();
    let moment = shop.moment();
    let heard = |request: &Request| hear(&moment, request, &request.q, moment.scope(None)).expect("is read");
    let plain = asked("oak lmap");
    let others = [
        Request { as_typed: true, ..plain.clone() },
        Request { prefix: true, ..plain.clone() },
        Request { mode: super::Mode::Text, ..plain.clone() },
        Request { marketplace: crate::id::MarketplaceId::new("de").ok(), ..plain.clone() },
        Request { ignored_intents: vec![super::IntentKind::Brand], ..plain.clone() },
    ];
    for other in others {
        assert!(!Arc::ptr_eq(&heard(&plain), &heard(&other)), "{other:?}");
    }
    assert!(Arc::ptr_eq(&heard(&plain), &heard(&Request { limit: 3, explain: true, ..plain.clone() })));
}

/// Nothing was found for `toys under 3`: nothing costs so little, and it was never a price.
#[test]
fn a_number_that_leaves_nothing_is_no_price_unless_a_currency_says_so() {
    let mut shop = shop();
    let mut told = |q: &str| {
        let answer = shop.search(&Request { mode: Mode::Text, ..asked(q) });
        (answer.total > 0, answer.intents.iter().any(|one| one.kind == IntentKind::Price))
    };
    assert_eq!(told("lamp under 6"), (true, true));
    assert_eq!(told("lamp under 0.5"), (true, false), "nothing costs so little");
    assert_eq!(told("lamp under 0.5 EUR"), (false, true), "it is a price, and there is nothing");
}
