//! Paging through a shop that does not stand still. Pinned here:
//!
//! 1. whatever changes between pages (availability, ratings, prices, products put and removed), no product is shown twice;
//! 2. every product that was in the match set at each page is shown;
//! 3. what the first page lacks because it is sold out is counted.

use super::testing::{LiveShop, WORDS, embeddings};
use super::{Mode, Request, sort};
use crate::catalog::Product;
use crate::id::Ordinal;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

/// What happens to one product between two pages.
#[derive(Debug, Clone)]
enum Happening {
    Stock(u32, i64),
    /// Title as two words, price, stars.
    Put(u32, (usize, usize), i64, u8),
    Remove(u32),
}

fn happenings() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0_u32..16, 0_i64..2).prop_map(|(product, units)| Happening::Stock(product, units * 5)),
        (0_u32..20, (0..WORDS.len(), 0..WORDS.len()), 1_i64..6, 0_u8..6)
            .prop_map(|(product, title, price, stars)| Happening::Put(product, title, price, stars)),
        (0_u32..16).prop_map(Happening::Remove),
    ]
}

fn product(number: u32, (first, second): (usize, usize), price: i64, stars: u8) -> Product {
    let value = json!({
        "id": format!("p{number}"), "title": format!("{} {}", WORDS[first], WORDS[second]), "brand": format!("b{}", number % 4),
        "rating": {"average": f32::from(stars), "count": 40},
        "variants": [{"sku": format!("s{number}"), "offers": [{"price": {"amount_minor": price * 100, "currency": "EUR"}}]}],
    });
    serde_json::from_value(value).expect("a product")
}

fn happen(shop: &mut LiveShop, happening: &Happening) {
    match *happening {
        Happening::Stock(product, units) => shop.set_available(Ordinal(product), units),
        Happening::Put(number, title, price, stars) => drop(shop.put(product(number, title, price, stars))),
        Happening::Remove(product) => shop.remove(Ordinal(product)),
    }
}

fn ordinals(answer: &super::Answer) -> impl Iterator<Item = u32> {
    answer.hits.iter().map(|hit| hit.ordinal.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]
    #[test]
    fn pages_of_a_changing_shop_repeat_nothing_and_leave_nothing_out(
        titles in prop::collection::vec((0..WORDS.len(), 0..WORDS.len()), 16),
        between in prop::collection::vec(prop::collection::vec(happenings(), 0..5), 24),
        q in prop_oneof![Just(""), Just("lamp"), Just("red oak"), Just("light desk"), Just("-desk")],
        mode in prop_oneof![Just(Mode::Hybrid), Just(Mode::Text), Just(Mode::Vector)],
        sort in prop_oneof![Just(""), Just("price"), Just("rating:desc,newest")],
        filter in prop_oneof![Just(None), Just(Some("price < 4")), Just(Some("brand != b1"))],
        limit in 1_usize..4,
    ) {
        let mut shop = LiveShop::open(Some(embeddings()));
        for (number, title) in titles.iter().enumerate() {
            shop.put(product(number as u32, *title, 3, 3));
        }
        let sort = sort::parse(sort).expect("reads");
        let request = Request { q: q.to_owned(), mode, sort, filter: filter.map(str::to_owned), limit, ..Request::default() };
        let (mut shown, mut stayed, mut cursor) = (BTreeSet::new(), None::<BTreeSet<u32>>, None);
        for happenings in &between {
            let all: BTreeSet<u32> = ordinals(&shop.search(&Request { limit: 200, ..request.clone() })).collect();
            stayed = Some(stayed.map_or(all.clone(), |stayed| &stayed & &all));
            let answer = shop.search(&Request { cursor: cursor.take(), ..request.clone() });
            for ordinal in ordinals(&answer) {
                prop_assert!(shown.insert(ordinal), "{} is shown twice", ordinal);
            }
            cursor = answer.next_cursor;
            if cursor.is_none() {
                break;
            }
            happenings.iter().for_each(|happening| happen(&mut shop, happening));
        }
        prop_assert!(cursor.is_none(), "24 pages reach the end");
        let missed: Vec<u32> = stayed.unwrap_or_default().difference(&shown).copied().collect();
        prop_assert!(missed.is_empty(), "{:?} stayed and were not shown", missed);
    }
}

#[test]
fn what_would_stand_on_the_first_page_if_it_could_be_bought_is_counted() {
    let mut shop = LiveShop::open(None);
    for number in 0..30 {
        shop.put(product(number, (0, 1), 5, if number == 7 { 5 } else { 3 }));
        shop.set_available(Ordinal(number), 9);
    }
    let request = Request { q: format!("{} {}", WORDS[0], WORDS[1]), limit: 10, ..Request::default() };
    let demoted = |shop: &mut LiveShop| {
        let answer = shop.search(&request);
        (ordinals(&answer).any(|ordinal| ordinal == 7), answer.demoted_count)
    };
    assert_eq!(demoted(&mut shop), (true, 0));
    shop.set_available(Ordinal(7), 0);
    assert_eq!(demoted(&mut shop), (false, 1));
    shop.set_available(Ordinal(7), 3);
    assert_eq!(demoted(&mut shop), (true, 0));
}
