//! What facets must keep true:
//!
//! 1. each count is what the total would be with a filter for the value in place of the field's own selection;
//! 2. selected values are shown whatever their count, and at most a hundred values in all;
//! 3. ranges are exact.

use super::*;
use crate::catalog::product::Product;
use crate::search::columns::{Columns, MarketId};
use crate::search::testing::{catalogue, filters, product_with_every_field, products, scope};
use proptest::prelude::*;
use serde_json::json;

fn facets(names: &[&str], text: &str, columns: &Columns, candidates: &RoaringBitmap) -> Vec<FacetCounts> {
    let filter = Filter::parse(text, columns, MarketId::GENERAL).expect("a filter");
    let matches = filter.products(scope(columns), candidates);
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    count(&names, Counted { scope: scope(columns), candidates, matches: &matches, filter: &filter }).expect("counts")
}

fn shown(facet: &FacetCounts) -> Vec<String> {
    facet.values.iter().map(|value| format!("{}:{}", value.value, value.count)).collect()
}

/// One shoe in red 42 for 1.00 and blue 43 for 2.00, one in red 43 for 1.50.
fn shoes() -> Columns {
    catalogue(&[
        (Some(1), None, vec![(Some(1), Some(42), Some(100)), (Some(2), Some(43), Some(200))]),
        (Some(2), None, vec![(Some(1), Some(43), Some(150))]),
    ])
}

#[test]
fn values_are_counted_once_a_product() {
    let columns = shoes();
    let check = |name: &str, filter: &str, expected: &[&str]| {
        assert_eq!(shown(&facets(&[name], filter, &columns, columns.live())[0]), expected, "{name} with {filter}");
    };
    check("colour", "", &["c1:2", "c2:1"]);
    check("attributes.size", "", &["42:1", "43:2"]);
    check("brand", "", &["b1:1", "b2:1"]);
    check("available", "", &["false:1", "true:1"]);
    check("price", "", &["1..1.5:2", "1.5..2:2"]);
    check("velocity", "", &["0.5:1", "1.5:1"]);
}

#[test]
fn a_filter_on_variants_lends_only_the_values_of_variants_that_pass() {
    let columns = shoes();
    let check = |name: &str, filter: &str, expected: &[&str]| {
        assert_eq!(shown(&facets(&[name], filter, &columns, columns.live())[0]), expected, "{name} with {filter}");
    };
    check("colour", "size = 43", &["c1:1", "c2:1"]);
    check("colour", "size = 43 AND colour = c2", &["c1:1", "c2:1"]);
    check("size", "colour = c1", &["42:1", "43:1"]);
    check("price", "colour = c2", &["2:1"]);
    check("colour", "price > 1.2 AND colour = c3", &["c1:1", "c2:1"]);
    assert_eq!(facets(&["price"], "colour = c1", &columns, columns.live())[0].range, Some((1.0, 1.5)));
}

#[test]
fn a_category_counts_everything_below_it() {
    let mut columns = Columns::new();
    for (ordinal, categories) in [json!([["A", "B"]]), json!([["A", "C"], ["A", "B"]]), json!([["D"]])].into_iter().enumerate() {
        let value =
            json!({"id": format!("p{ordinal}"), "title": "p", "categories": categories, "variants": [{"sku": format!("s{ordinal}")}]});
        let product: Product = serde_json::from_value(value).expect("a product");
        columns.put(Ordinal(ordinal as u32), &product);
    }
    assert_eq!(shown(&facets(&["category"], "", &columns, columns.live())[0]), ["A:2", "A > B:2", "A > C:1", "D:1"]);
    assert_eq!(shown(&facets(&["category"], "category = 'a>c'", &columns, columns.live())[0]), ["A:2", "A > B:2", "A > C:1", "D:1"]);
}

#[test]
fn a_hundred_values_are_shown_and_the_selected_ones_among_them() {
    let mut columns = Columns::new();
    for ordinal in 0..500_u32 {
        let brand = if ordinal < 300 { ordinal } else { 7 };
        let value = json!({"id": format!("p{ordinal}"), "title": "p", "brand": format!("b{brand:03}"), "variants": [{"sku": format!("s{ordinal}")}]});
        let product: Product = serde_json::from_value(value).expect("a product");
        columns.put(Ordinal(ordinal), &product);
    }
    let few: RoaringBitmap = (0..3).collect();
    for candidates in [columns.live(), &few] {
        let facet = &facets(&["brand"], "brand = b250", &columns, candidates)[0];
        assert!(facet.values.iter().any(|value| value.value == "b250"), "{:?}", shown(facet));
        assert!(facet.values.len() <= VALUES_MAX);
    }
    assert_eq!(shown(&facets(&["brand"], "", &columns, columns.live())[0])[0], "b007:201");
}

#[test]
fn counting_by_column_is_counting_by_sets() {
    let mut columns = Columns::new();
    let put = |columns: &mut Columns, ordinal: u32, salt: u32| {
        let (brand, group) = ((ordinal * 7 + salt) % 60, (ordinal * 11 + salt) % 45);
        let mut categories = vec![json!(["All", format!("D{}", group % 9), format!("G{group}")])];
        match ordinal % 10 {
            3 => categories.push(json!(["All", format!("D{}", group % 9)])),
            5 => categories.push(json!(["All", "D1", format!("G{}", (group + 1) % 45)])),
            7 => categories = vec![json!(["Other"])],
            8 => categories.clear(),
            _ => {}
        }
        let value = json!({"id": format!("p{ordinal}"), "title": "p", "brand": format!("b{brand}"), "categories": categories,
            "variants": [{"sku": format!("s{ordinal}")}]});
        columns.put(Ordinal(ordinal), &serde_json::from_value::<Product>(value).expect("a product"));
    };
    (0..5_000).for_each(|ordinal| put(&mut columns, ordinal, 0));
    (0..5_000).step_by(17).for_each(|ordinal| put(&mut columns, ordinal, 5));
    (0..5_000).step_by(31).for_each(|ordinal| columns.remove(Ordinal(ordinal)));
    for name in ["brand", "category"] {
        let field = columns.dictionary().field_named(name).expect("a field");
        assert!(columns.dictionary().field(field).only.is_some(), "{name} has a column");
        for step in [1, 2, 5, 40] {
            let candidates: RoaringBitmap = columns.live().iter().step_by(step).skip(1).collect();
            let facet = &facets(&[name], "", &columns, &candidates)[0];
            assert!(facet.values.len() > 30);
            for value in &facet.values {
                let term = columns.dictionary().term(field, &value.value).expect("known");
                assert_eq!(value.count, columns.dictionary().postings(term).intersection_len(&candidates), "{name} {}", value.value);
            }
        }
    }
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let columns = shoes();
    let check = |name: &str, expected: &str| {
        let counted = Counted { scope: scope(&columns), candidates: columns.live(), matches: columns.live(), filter: &Filter::default() };
        let error = count(&[name.to_owned()], counted).expect_err(name);
        assert_eq!(error.to_string(), format!("facets: {expected}"));
    };
    check("sku", "`sku` names single products and cannot be counted");
    check("colr", "unknown field `colr`");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_count_is_the_total_with_that_filter_added(
        products in products(),
        conjuncts in prop::collection::vec(filters(), 0..4),
        left_out in prop::collection::btree_set(0_u32..12, 0..4),
    ) {
        let mut columns = catalogue(&products);
        columns.put(Ordinal(90), &product_with_every_field(90));
        let candidates = columns.live() - left_out.iter().collect::<RoaringBitmap>();
        let text = conjuncts.join(" AND ");
        let filter = Filter::parse(&text, &columns, MarketId::GENERAL).expect("a filter");
        let names = ["brand", "colour", "size", "price", "available", "velocity", "category"];
        for facet in facets(&names, &text, &columns, &candidates) {
            let field = FieldRef::named(&facet.field, &columns, MarketId::GENERAL).expect("a field");
            let rest = filter.without(field).unwrap_or_else(|| filter.clone());
            for value in &facet.values {
                let added = Filter::parse(&format!("{} = {}", facet.field, value.value), &columns, MarketId::GENERAL).expect("a filter");
                let total = rest.and(&added).products(scope(&columns), &candidates).len();
                prop_assert_eq!(value.count, total, "{} = {} with {}", facet.field, &value.value, text);
            }
            if let Some((min, max)) = facet.range {
                let check = |test: String| {
                    let added = Filter::parse(&test, &columns, MarketId::GENERAL).expect("a filter");
                    rest.and(&added).products(scope(&columns), &candidates).len()
                };
                prop_assert_eq!(check(format!("{} < {min}", facet.field)) + check(format!("{} > {max}", facet.field)), 0);
                let ends = [check(format!("{} = {min}", facet.field)), check(format!("{} = {max}", facet.field))];
                prop_assert!(ends.iter().all(|total| *total > 0));
            }
        }
    }
}
