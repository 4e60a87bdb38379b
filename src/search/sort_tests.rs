//! Sorting by what products say. Pinned here:
//!
//! 1. texts go by their letters without regard to case and accents, numbers before texts, points by their distance;
//! 2. a product stands by its smallest value upwards and by its largest downwards, of the variants that pass the filter;
//! 3. products without a value come last in both directions, and later criteria decide among equals.

use super::testing::{LiveShop, filters, numbers, products, shop_of, titles};
use super::{Moment, Request, filter, search, sort};
use crate::id::Ordinal;
use crate::search::columns::{FieldId, MarketId};
use crate::search::fields::FieldRef;
use proptest::prelude::*;
use serde_json::json;

fn sorted(moment: &Moment, sort: &str, filter: Option<&str>) -> Vec<u32> {
    let sort = sort::parse(sort).expect("reads");
    let request = Request { sort, filter: filter.map(str::to_owned), limit: 100, ..Request::default() };
    numbers(&search(moment, &request).unwrap_or_else(|error| panic!("{request:?}: {error}")).hits)
}

#[test]
fn texts_numbers_and_distances_are_sorted_by() {
    let mut shop = LiveShop::open(None);
    let rows = [
        ("Zebra lamp", Some("Éclat"), json!({"size": "XL", "store": "52.5,13.4", "tag": ["b", "y"]}), vec!["Home", "Light"]),
        ("apple lamp", Some("acme"), json!({"size": 42, "store": "48.9,2.3", "tag": "c"}), vec!["Home"]),
        ("Äpfel lamp", None, json!({"size": 7, "store": ["40.7,-74", "51.5,-0.1"]}), vec!["Garden"]),
        ("beta lamp", Some("Edge"), json!({"tag": "a"}), vec!["Home", "Bath"]),
        ("Beta", Some("ACME"), json!({"size": "L"}), vec![]),
    ];
    for (number, (title, brand, attributes, path)) in rows.into_iter().enumerate() {
        let mut value =
            json!({"id": format!("p{number}"), "title": title, "attributes": attributes, "variants": [{"sku": format!("s{number}")}]});
        brand.iter().for_each(|brand| value["brand"] = json!(brand));
        if !path.is_empty() {
            value["categories"] = json!([path]);
        }
        shop.put(serde_json::from_value(value).expect("a product"));
    }
    let moment = shop.moment();
    let check = |sort: &str, expected: &[u32]| assert_eq!(sorted(&moment, sort, None), expected, "{sort}");
    check("title", &[2, 1, 4, 3, 0]);
    check("title:desc", &[0, 3, 4, 1, 2]);
    // Brands are compared folded, so both Acmes are one; among equals the next criterion decides.
    check("brand,title", &[1, 4, 0, 3, 2]);
    check("brand:desc,title", &[3, 0, 1, 4, 2]);
    check("size", &[2, 1, 4, 0, 3]);
    check("size:desc", &[0, 4, 1, 2, 3]);
    check("tag", &[3, 0, 1, 2, 4]);
    check("tag:desc", &[0, 1, 3, 2, 4]);
    check("category,title", &[2, 1, 3, 0, 4]);
    check("geo(store,52.5,13.4)", &[0, 1, 2, 4, 3]);
    check("geo(store,48.9,2.3),title", &[1, 2, 0, 4, 3]);
    check("geo(store, 52.5, 13.4):desc,title", &[2, 1, 0, 4, 3]);
}

/// The texts or numbers of a field that the product has on variants which pass the filter.
fn values(moment: &Moment, field: FieldId, ordinal: u32, filter: &filter::Filter) -> Vec<String> {
    let columns = &moment.index.columns;
    let scope = filter::Scope { columns, live: &*moment.signals, market: MarketId::GENERAL };
    let row = columns.row(Ordinal(ordinal)).expect("is live");
    let variants = filter.variants(scope, Ordinal(ordinal), row).map(|variant| row.variant(variant).own);
    let facts = std::iter::once(row.shared()).chain(variants);
    facts
        .flat_map(|facts| {
            let texts = facts.keywords_of(field).map(|term| columns.dictionary().text(term).to_owned());
            texts.chain(facts.numbers_of(field).map(|number| format!("{number:04}"))).collect::<Vec<_>>()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn every_field_sorts_as_its_values_do(
        facts in products(), titles in titles(), filter in prop::option::of(filters()), field in prop_oneof![Just("colour"), Just("brand"), Just("size")],
    ) {
        let moment = shop_of(&facts, &titles);
        let columns = &moment.index.columns;
        let Some(FieldRef::Column(id)) = FieldRef::named(field, columns, MarketId::GENERAL) else { panic!("{field} is known") };
        let parsed = filter::Filter::parse(filter.as_deref().unwrap_or_default(), columns, MarketId::GENERAL).expect("a filter");
        for (direction, is_descending) in [("asc", false), ("desc", true)] {
            let order = sorted(&moment, &format!("{field}:{direction}"), filter.as_deref());
            let keys: Vec<Option<String>> = order.iter().map(|ordinal| {
                let values = values(&moment, id, *ordinal, &parsed).into_iter();
                if is_descending { values.max() } else { values.min() }
            }).collect();
            let in_order = keys.windows(2).all(|pair| match (&pair[0], &pair[1]) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(first), Some(second)) => if is_descending { first >= second } else { first <= second },
            });
            prop_assert!(in_order, "{:?}", keys);
        }
    }
}
