//! More like this. Pinned here:
//!
//! 1. products that share telling words or are near in meaning are found, the product itself is not, and words are enough;
//! 2. totals, pages and facet counts agree, as for words;
//! 3. what cannot be answered is refused by name.

use super::testing::{LiveShop, embeddings, filters, numbers, pages, products, shop_of, titles};
use super::{Mode, Moment, Request, search};
use crate::id::ProductId;
use crate::stdx::clock::Deadline;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

fn like(ids: &[&str]) -> Request {
    Request { like: ids.iter().map(|id| ProductId::new(id).expect("an id")).collect(), limit: 10, ..Request::default() }
}

fn titled(titles: &[&str], with_vectors: bool) -> Moment {
    let mut shop = LiveShop::open(with_vectors.then(embeddings));
    for (number, title) in titles.iter().enumerate() {
        let value = json!({"id": format!("p{number}"), "title": title, "variants": [{"sku": format!("s{number}")}]});
        shop.put(serde_json::from_value(value).expect("a product"));
    }
    shop.moment()
}

#[test]
fn shared_words_and_near_meanings_are_alike() {
    let titles = ["red oak lamp", "red oak chair", "light", "blue chair", "red lamp", "oak table"];
    let found = |with_vectors: bool, request: &Request| {
        let answer = search(&titled(&titles, with_vectors), request).expect("answers");
        assert_eq!(answer.total, answer.hits.len() as u64);
        numbers(&answer.hits).into_iter().collect::<BTreeSet<u32>>()
    };
    assert_eq!(found(false, &like(&["p0"])), BTreeSet::from([1, 4, 5]));
    assert!(found(true, &like(&["p4"])).contains(&2), "a light is near a lamp");
    assert!(!found(true, &Request { mode: Mode::Text, ..like(&["p4"]) }).contains(&2));
    assert!(!found(true, &Request { mode: Mode::Vector, ..like(&["p4"]) }).contains(&3));
    assert!(!found(true, &like(&["p0", "p4"])).iter().any(|number| [0, 4].contains(number)), "not the products themselves");
    let filtered = Request { filter: Some("title = 'red lamp'".to_owned()), ..like(&["p0"]) };
    assert_eq!(found(false, &filtered), BTreeSet::from([4]));
}

#[test]
fn what_shares_more_stands_higher() {
    let moment = titled(&["red oak desk lamp", "oak chair", "red oak desk", "chair", "red oak desk lamp, large"], false);
    let answer = search(&moment, &Request { mode: Mode::Text, ..like(&["p0"]) }).expect("answers");
    assert_eq!(numbers(&answer.hits), [4, 2, 1]);
    assert!(answer.hits.windows(2).all(|pair| pair[0].score > pair[1].score && pair[1].score > 0.0));
}

#[test]
fn what_is_no_product_is_refused() {
    let moment = titled(&["red lamp"], false);
    let check = |request: &Request, expected: &str| {
        assert_eq!(search(&moment, request).expect_err(expected).to_string(), expected);
    };
    check(&like(&["nope"]), "like: there is no product nope");
    check(&like(&["p0"; 11]), "like: at most 10 products");
    check(&Request { q: "lamp".to_owned(), ..like(&["p0"]) }, "like: a search is about words or about products: leave q out");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn totals_pages_and_facets_agree(
        facts in products(), titles in titles(), about in prop::collection::vec(0_usize..12, 1..3), filter in prop::option::of(filters()),
        mode in prop_oneof![Just(Mode::Hybrid), Just(Mode::Text), Just(Mode::Vector)], limit in 1_usize..4,
    ) {
        let moment = shop_of(&facts, &titles);
        let about: Vec<usize> = about.into_iter().map(|number| number % facts.len()).collect();
        let ids: Vec<String> = about.iter().map(|number| format!("p{number}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let facets = vec!["brand".to_owned(), "colour".to_owned()];
        let request = Request { mode, filter, limit, facets, ..like(&ids) };
        let answers = pages(&moment, &request, Deadline::default);
        let reached: Vec<u32> = answers.iter().flat_map(|answer| numbers(&answer.hits)).collect();
        let distinct: BTreeSet<u32> = reached.iter().copied().collect();
        prop_assert_eq!((distinct.len() as u64, reached.len()), (answers[0].total, distinct.len()));
        prop_assert!(about.iter().all(|number| !distinct.contains(&(*number as u32))));
        for facet in &answers[0].facets {
            let selected = request.filter.as_deref().is_some_and(|filter| filter.contains(facet.field.as_str()));
            for value in facet.values.iter().filter(|_| !selected) {
                let added = format!("{} = {}", facet.field, value.value);
                let filter = Some(request.filter.as_ref().map_or(added.clone(), |filter| format!("({filter}) AND {added}")));
                prop_assert_eq!(search(&moment, &Request { filter, ..request.clone() }).expect("answers").total, value.count);
            }
        }
    }
}
