//! Variants that are sold out while others are not. A shoe of which size 42 was gone was found by `size = 42 AND available = true`, counted under 42 and
//! shown as size 42, available. Pinned here:
//!
//! 1. that a variant can be bought is a condition like any other: it holds on the variant that meets the others, and `available = false` finds what is gone;
//! 2. facets count by it: every count is the total of the filter that adds the value;
//! 3. of variants that pass, one that can be bought is shown, and sorts by price go by what can be bought;
//! 4. a product with one variant, or of whose SKUs nothing was told, is as available as its units say;
//! 5. a product of which the variant that is asked for is gone, by a filter or by the words, stands behind those of its class of which it can be bought;
//! 6. what is told of a SKU holds wherever a later document puts it, and a SKU that nobody told of cannot be bought where others were.

use super::testing::{LiveShop, numbers};
use super::{Answer, Request, Sort};
use crate::id::Ordinal;
use serde_json::{Value, json};

/// A shoe with a variant for each size and its price.
fn shoe(id: &str, sizes: &[(u32, i64)]) -> Value {
    let variant = |(size, minor): &(u32, i64)| json!({"sku": format!("{id}{size}"), "attributes": {"size": size}, "offers": [{"price": {"amount_minor": minor, "currency": "EUR"}}]});
    json!({"id": id, "title": format!("Shoe {id}"), "brand": "Acme", "variants": sizes.iter().map(variant).collect::<Vec<_>>()})
}

fn put(shop: &mut LiveShop, shoe: Value) -> Ordinal {
    shop.put(serde_json::from_value(shoe).expect("a product"))
}

/// A: 41 is there, 42 gone. B: both are there. C: both are gone. D: one size, which is there.
fn shop() -> LiveShop {
    let mut shop = LiveShop::open(None);
    for (id, units) in [("A", [5, 0]), ("B", [1, 1]), ("C", [0, 0])] {
        let ordinal = put(&mut shop, shoe(id, &[(41, 2_000), (42, 1_000)]));
        shop.stock(ordinal, &[(&format!("{id}41"), units[0]), (&format!("{id}42"), units[1])]);
    }
    let ordinal = put(&mut shop, shoe("D", &[(42, 1_500)]));
    shop.stock(ordinal, &[("D42", 3)]);
    shop
}

fn asked(shop: &mut LiveShop, filter: &str) -> Answer {
    let facets = ["size", "available"].map(str::to_owned).to_vec();
    shop.search(&Request { filter: Some(filter.to_owned()), facets, limit: 20, ..Request::default() })
}

fn found(shop: &mut LiveShop, filter: &str) -> Vec<u32> {
    let mut found = numbers(&asked(shop, filter).hits);
    found.sort_unstable();
    found
}

fn counts(answer: &Answer, field: &str) -> Vec<(String, u64)> {
    let facet = answer.facets.iter().find(|facet| facet.field.ends_with(field)).expect("is counted");
    let mut counts: Vec<(String, u64)> = facet.values.iter().map(|value| (value.value.to_string(), value.count)).collect();
    counts.sort_unstable();
    counts
}

#[test]
fn what_can_be_bought_is_a_condition_on_the_variant() {
    let mut shop = shop();
    let mut check = |filter: &str, expected: &[u32]| assert_eq!(found(&mut shop, filter), expected, "{filter}");
    check("size = 42 AND available = true", &[1, 3]);
    check("size = 41 AND available = true", &[0, 1]);
    check("available = true", &[0, 1, 3]);
    check("available = false", &[0, 2]);
    check("NOT available = true", &[0, 2]);
    check("available != true", &[0, 2]);
    check("size = 42 AND available = false", &[0, 2]);
    check("size = 41 AND NOT available = true", &[2]);
    check("price < 15 AND available = true", &[1]);
    check("(size = 42 OR price > 30) AND available = true AND brand = Acme", &[1, 3]);
    check("EXISTS available", &[0, 1, 2, 3]);
    check("available IN [true, false]", &[0, 1, 2, 3]);
}

#[test]
fn facets_count_what_can_be_bought_by_variant() {
    let mut shop = shop();
    let pair = |value: &str, count| (value.to_owned(), count);
    let answer = asked(&mut shop, "available = true");
    assert_eq!(counts(&answer, "size"), [pair("41", 2), pair("42", 2)]);
    assert_eq!(counts(&answer, "available"), [pair("false", 2), pair("true", 3)]);
    let answer = asked(&mut shop, "size = 42");
    assert_eq!(counts(&answer, "available"), [pair("false", 2), pair("true", 2)]);
    for size in [41, 42] {
        for flag in [true, false] {
            let total = found(&mut shop, &format!("size = {size} AND available = {flag}")).len() as u64;
            let answer = asked(&mut shop, &format!("available = {flag}"));
            assert!(counts(&answer, "size").contains(&pair(&size.to_string(), total)), "{size} {flag}");
        }
    }
}

#[test]
fn a_variant_that_can_be_bought_is_shown() {
    let mut shop = shop();
    let shown = |shop: &mut LiveShop, filter: Option<&str>, sort: &[Sort]| {
        let request = Request { filter: filter.map(str::to_owned), sort: sort.to_vec(), limit: 20, ..Request::default() };
        shop.search(&request).hits.iter().map(|hit| (hit.ordinal.0, hit.variant)).collect::<Vec<_>>()
    };
    let by_price = [Sort { field: "price".to_owned(), descending: false }];
    let all = shown(&mut shop, None, &[]);
    assert!(all.contains(&(0, 0)) && all.contains(&(1, 1)), "the dear one of A, since the cheap one is gone: {all:?}");
    assert_eq!(shown(&mut shop, None, &by_price), [(1, 1), (2, 1), (3, 0), (0, 0)]);
    assert_eq!(shown(&mut shop, Some("size = 42"), &by_price), [(0, 1), (1, 1), (2, 1), (3, 0)], "all that passes is gone");
    let moment = shop.moment();
    assert_eq!([0, 1].map(|variant| moment.signals.sells(Ordinal(0), variant)), [true, false]);
    assert_eq!([0, 1, 2, 3].map(|product| moment.signals.first_sold(Ordinal(product))), [0, 0, 0, 0]);
}

/// `size 42 boots` began with a boot that was gone in 42.
#[test]
fn what_is_gone_in_the_asked_variant_stands_behind_what_is_not() {
    let mut shop = LiveShop::open(None);
    // Alike but for size 42: without it the first would stand first.
    for (id, units) in [("A", [9, 0]), ("B", [9, 1]), ("C", [9, 1])] {
        let ordinal = put(&mut shop, shoe(id, &[(41, 1_000), (42, 1_000)]));
        shop.stock(ordinal, &[(&format!("{id}41"), units[0]), (&format!("{id}42"), units[1])]);
    }
    let mut check = |q: &str, filter: Option<&str>, expected: &[u32]| {
        let mut found = Vec::new();
        let mut request = Request { q: q.to_owned(), filter: filter.map(str::to_owned), limit: 2, ..Request::default() };
        loop {
            let answer = shop.search(&request);
            found.extend(numbers(&answer.hits));
            match answer.next_cursor {
                Some(next) => request.cursor = Some(next),
                None => break,
            }
        }
        assert_eq!(found, expected, "{q:?} {filter:?}");
    };
    check("shoe", None, &[0, 1, 2]);
    check("shoe size 42", None, &[1, 2, 0]);
    check("shoe size 41", None, &[0, 1, 2]);
    check("shoe", Some("size = 42"), &[1, 2, 0]);
    check("", Some("size = 42"), &[1, 2, 0]);
    check("", Some("size = 41"), &[0, 1, 2]);
    check("", Some("available = false"), &[0]);
}

#[test]
fn without_a_word_of_skus_the_units_of_the_product_decide() {
    let mut shop = LiveShop::open(None);
    let both = put(&mut shop, shoe("A", &[(41, 1_000), (42, 1_000)]));
    shop.set_available(both, 1);
    assert_eq!((found(&mut shop, "size = 42 AND available = true"), found(&mut shop, "available = false")), (vec![0], vec![]));
    shop.set_available(both, 0);
    assert_eq!((found(&mut shop, "available = true"), found(&mut shop, "available = false")), (vec![], vec![0]));
}

#[test]
fn what_is_told_of_a_sku_follows_it_through_documents() {
    let mut shop = LiveShop::open(None);
    let one = put(&mut shop, shoe("A", &[(41, 1_000)]));
    shop.stock(one, &[("A41", 4)]);
    put(&mut shop, shoe("A", &[(42, 1_000), (41, 1_000)]));
    let check = |shop: &mut LiveShop, expected: [&[u32]; 3]| {
        let sizes = [41, 42, 43].map(|size| found(shop, &format!("size = {size} AND available = true")));
        assert_eq!(sizes.each_ref().map(Vec::as_slice), expected);
    };
    put(&mut shop, json!({"id": "Z", "title": "Z", "variants": [{"sku": "Z", "attributes": {"size": 43}}]}));
    check(&mut shop, [&[0], &[], &[1]]);
    shop.stock(one, &[("A42", 2)]);
    check(&mut shop, [&[0], &[0], &[1]]);
    shop.stock(one, &[("A41", 0), ("A42", 2)]);
    check(&mut shop, [&[], &[0], &[1]]);
    put(&mut shop, shoe("A", &[(41, 1_000), (42, 1_000), (43, 1_000)]));
    check(&mut shop, [&[], &[0], &[1]]);
    put(&mut shop, shoe("A", &[(41, 1_000), (43, 1_000)]));
    assert_eq!(found(&mut shop, "available = true"), [1], "what is left of it nobody can buy");
    assert!(!shop.moment().signals.is_available(one));
}

#[test]
fn products_with_more_variants_than_bits_are_told_of_the_first_ones() {
    let mut shop = LiveShop::open(None);
    let sizes: Vec<(u32, i64)> = (0..70).map(|size| (size, 1_000)).collect();
    let many = put(&mut shop, shoe("A", &sizes));
    let skus: Vec<String> = sizes.iter().map(|(size, _)| format!("A{size}")).collect();
    let told: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), i64::from(sku.ends_with('3')))).collect();
    shop.stock(many, &told);
    let mut check = |size: u32, expected: &[u32]| assert_eq!(found(&mut shop, &format!("size = {size} AND available = true")), expected);
    check(3, &[0]);
    check(4, &[]);
    check(69, &[0]);
    assert_eq!(shop.moment().signals.first_sold(many), 3);
}
