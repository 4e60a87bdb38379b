//! Where fields have columns of lineups, filters and facets say of variants what rows say.

use super::*;
use crate::catalog::product::Product;
use crate::id::Ordinal;
use crate::search::columns::{Columns, MarketId};
use crate::search::testing::scope;
use serde_json::json;

fn product(ordinal: u32, salt: u32) -> Product {
    // Some have more variants than there are bits for, some variants have no price or no colour, some share what others have each for itself.
    let variants_count = if ordinal % 300 == 7 { 70 } else { 1 + ordinal % 5 };
    let mix = |place: u32, step: u32| ordinal.wrapping_mul(7).wrapping_add(place * step).wrapping_add(salt * 3);
    let variant = |place: u32| {
        let mut attributes = json!({"size": 36 + mix(place, 5) % 9});
        if !mix(place, 1).is_multiple_of(11) && !ordinal.is_multiple_of(9) {
            attributes["colour"] = json!([format!("c{}", mix(place, 3) % 7), format!("c{}", mix(place, 2) % 7)]);
        }
        let minor = 100 + mix(place, 13) % 50 * (1 + ordinal % 20);
        let offers =
            if mix(place, 17).is_multiple_of(13) { json!([]) } else { json!([{"price": {"amount_minor": minor, "currency": "EUR"}}]) };
        json!({"sku": format!("s{ordinal}-{place}"), "attributes": attributes, "offers": offers})
    };
    let attributes = if ordinal.is_multiple_of(9) { json!({"colour": format!("c{}", ordinal % 7)}) } else { json!({}) };
    let variants: Vec<_> = (0..variants_count).map(variant).collect();
    let value = json!({"id": format!("p{ordinal}"), "title": "p", "brand": format!("b{}", ordinal % 3), "attributes": attributes, "variants": variants});
    serde_json::from_value(value).expect("a product")
}

fn shop() -> Columns {
    let mut columns = Columns::new();
    (0..1_600).for_each(|ordinal| columns.put(Ordinal(ordinal), &product(ordinal, 0)));
    (0..1_600).step_by(17).for_each(|ordinal| columns.put(Ordinal(ordinal), &product(ordinal, 5)));
    (0..1_600).step_by(31).for_each(|ordinal| columns.remove(Ordinal(ordinal)));
    for name in ["colour", "size"] {
        let Some(FieldRef::Column(field)) = FieldRef::named(name, &columns, MarketId::GENERAL) else { panic!("{name} is a column") };
        assert!(columns.dictionary().field(field).lineups.as_ref().is_some_and(|lineups| lineups.lineups_count() > 0), "{name}");
    }
    columns
}

/// The products that have a passing variant, by their rows.
fn by_rows(filter: &Filter, columns: &Columns) -> RoaringBitmap {
    let passes = |ordinal: &u32| {
        let row = columns.row(Ordinal(*ordinal)).expect("is in");
        filter.variants(scope(columns), Ordinal(*ordinal), row).next().is_some()
    };
    columns.live().iter().filter(passes).collect()
}

#[test]
fn lineups_and_price_spans_count_as_rows_do() {
    let columns = shop();
    let read = |text: &str| Filter::parse(text, &columns, MarketId::GENERAL).expect("a filter");
    let names: Vec<String> =
        ["colour", "size", "price", "price[1..2, 2..3.5, 3..]", "size:interval(2)", "brand"].map(str::to_owned).to_vec();
    for text in [
        "colour = c1",
        "NOT colour = c1",
        "colour IN [c1, c2] AND size >= 40",
        "price 2..6",
        "NOT price 2..3",
        "price 2..3 AND colour = c3",
        "(colour = c1 OR price < 2) AND size 37..41",
        "(price < 2 OR NOT price < 5) AND NOT size = 38 AND brand = b1",
        "NOT (colour = c1 OR colour = c2)",
    ] {
        let filter = read(text);
        let matches = filter.products(scope(&columns), columns.live());
        assert_eq!(matches, by_rows(&filter, &columns), "{text}");
        let counted = Counted { scope: scope(&columns), candidates: columns.live(), matches: &matches, filter: &filter };
        for facet in count(&names, counted).expect("counts") {
            let field = FieldRef::named(&facet.field, &columns, MarketId::GENERAL).expect("a field");
            let rest = filter.without(field).unwrap_or_else(|| filter.clone());
            let total = |test: String| by_rows(&rest.and(&read(&test)), &columns).len();
            assert!(!facet.values.is_empty(), "{} with {text}", facet.field);
            for value in facet.values.iter() {
                let name = format!("{} = {}", facet.field, value.value);
                assert_eq!(value.count, total(name.clone()), "{name} with {text}");
            }
            if let Some((min, max)) = facet.range {
                let ends =
                    ["<", ">", "=", "="].iter().zip([min, max, min, max]).map(|(side, end)| total(format!("{} {side} {end}", facet.field)));
                let ends: Vec<u64> = ends.collect();
                assert!(ends[..2] == [0, 0] && ends[2] > 0 && ends[3] > 0, "{} with {text}: {ends:?}", facet.field);
            }
        }
    }
}
