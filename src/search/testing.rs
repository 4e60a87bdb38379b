//! Small catalogues and random filters for the tests of filters, facets and the whole search.

use super::columns::{Columns, MarketId};
use super::fields::{Live, LiveNumber};
use super::filter::Scope;
use crate::catalog::product::Product;
use crate::event::{ActivityEvent, Events, Origin, Projection, Recorded};
use crate::id::{Offset, Ordinal, QueryId, SessionId};
use crate::signal::demand::{self, DemandFold, DemandSnapshot};
use crate::stdx::clock::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

/// Live numbers that follow from the ordinal.
pub(super) struct Fixed;

impl Live for Fixed {
    fn is_available(&self, ordinal: Ordinal) -> bool {
        !ordinal.0.is_multiple_of(3)
    }
    fn number(&self, number: LiveNumber, ordinal: Ordinal) -> f64 {
        f64::from(ordinal.0) + f64::from(u8::from(number == LiveNumber::Velocity)) * 0.5
    }
    fn prior(&self, _: Ordinal) -> f32 {
        1.0
    }
}

/// Facts of one variant as a test writes them: colour, size, price; each may be missing.
pub(super) type VariantFacts = (Option<u8>, Option<u8>, Option<u8>);

/// Facts of one product as a test writes them: brand, size of the product itself, variants.
pub(super) type ProductFacts = (Option<u8>, Option<u8>, Vec<VariantFacts>);

pub(super) fn product(ordinal: usize, title: &str, (brand, size, variants): &ProductFacts) -> Product {
    let variants: Vec<_> = variants
        .iter()
        .enumerate()
        .map(|(index, (colour, size, price))| {
            let mut attributes = serde_json::Map::new();
            colour.iter().for_each(|colour| drop(attributes.insert("colour".into(), json!(format!("c{colour}")))));
            size.iter().for_each(|size| drop(attributes.insert("size".into(), json!(size))));
            let offers: Vec<_> = price.iter().map(|price| json!({"price": {"amount_minor": price, "currency": "EUR"}})).collect();
            json!({"sku": format!("{ordinal}-{index}"), "attributes": attributes, "offers": offers})
        })
        .collect();
    let mut attributes = serde_json::Map::new();
    size.iter().for_each(|size| drop(attributes.insert("size".into(), json!(size))));
    let mut value = json!({"id": format!("p{ordinal}"), "title": title, "attributes": attributes, "variants": variants});
    brand.iter().for_each(|brand| value["brand"] = json!(format!("b{brand}")));
    serde_json::from_value(value).expect("a product")
}

/// A product that has every field which [`filters`] name.
pub(super) fn product_with_every_field(ordinal: usize) -> Product {
    product(ordinal, "every field", &(Some(9), None, vec![(Some(9), Some(9), None)]))
}

pub(super) fn catalogue(products: &[ProductFacts]) -> Columns {
    let mut columns = Columns::new();
    for (ordinal, facts) in products.iter().enumerate() {
        columns.put(Ordinal(ordinal as u32), &product(ordinal, "t", facts));
    }
    columns
}

pub(super) fn scope(columns: &Columns) -> Scope<'_> {
    Scope { columns, live: &Fixed, market: MarketId::GENERAL }
}

/// A random filter as text, of at most three levels.
pub(super) fn filters() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0_u8..4).prop_map(|value| format!("colour = c{value}")),
        (0_u8..4).prop_map(|value| format!("colour != c{value}")),
        (0_u8..3).prop_map(|value| format!("brand = b{value}")),
        (0_u8..4, 0_u8..4).prop_map(|(low, high)| format!("size {low}..{high}")),
        (0_u8..4).prop_map(|value| format!("size < {value}")),
        (0_u8..5).prop_map(|value| format!("price > 0.0{value}")),
        (0_u8..5).prop_map(|value| format!("price IN [0.0{value}, 0.03..]")),
        Just("EXISTS size".to_owned()),
        Just("EXISTS price".to_owned()),
        Just("available = true".to_owned()),
        (0_u8..6).prop_map(|value| format!("velocity >= {value}")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join(" AND "))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join(" OR "))),
            inner.prop_map(|part| format!("NOT {part}")),
        ]
    })
}

pub(super) fn products() -> impl Strategy<Value = Vec<ProductFacts>> {
    let variant = (prop::option::of(0_u8..3), prop::option::of(0_u8..4), prop::option::of(1_u8..6));
    prop::collection::vec((prop::option::of(0_u8..3), prop::option::weighted(0.2, 0_u8..4), prop::collection::vec(variant, 1..4)), 1..12)
}

/// Demand of a shop in which three people asked this and nothing else.
pub(super) fn asked(query: &str) -> Arc<DemandSnapshot> {
    let mut fold = DemandFold::new(demand::Options::default());
    let search = |number: u64| ActivityEvent::Searched {
        query: QueryId::new(&format!("q{number}")).expect("an id"),
        text: demand::normalised(query),
        written: Some(demand::written(query)),
        matches_count: 4,
        is_unfinished: false,
        origin: Origin { session: SessionId::new(&format!("v{number}")).ok(), ..Origin::default() },
        happened_at: None,
    };
    fold.apply(&Recorded { offset: Offset(0), at: Timestamp(0), events: Events::Activity((0..3).map(search).collect()) });
    fold.publish();
    fold.reader().take()
}
