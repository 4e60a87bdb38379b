//! What a filter must keep true:
//!
//! 1. it gives exactly the products that have one variant for which the whole expression is true, whatever the catalogue;
//! 2. prices compare exactly, in every marketplace;
//! 3. what cannot be answered is refused with its place.

use super::*;
use crate::catalog::product::Product;
use crate::id::MarketplaceId;
use crate::search::fields::LiveNumber;
use crate::search::geo;
use crate::search::testing::{Fixed, catalogue, filters, product_with_every_field, products, scope};
use proptest::prelude::*;
use serde_json::json;

fn passing(text: &str, columns: &Columns) -> Vec<u32> {
    let filter = Filter::parse(text, columns, MarketId::GENERAL).unwrap_or_else(|error| panic!("{text}: {error}"));
    filter.products(scope(columns), columns.live()).iter().collect()
}

/// Two products: red 42 for 10.00 and blue 43 for 20.00 in one; red 43 for 15.00 alone in the other.
fn shoes() -> Columns {
    catalogue(&[
        (Some(1), None, vec![(Some(1), Some(42), Some(100)), (Some(2), Some(43), Some(200))]),
        (Some(2), None, vec![(Some(1), Some(43), Some(150))]),
    ])
}

#[test]
fn conditions_hold_on_one_and_the_same_variant() {
    let columns = shoes();
    let check = |text: &str, expected: &[u32]| assert_eq!(passing(text, &columns), expected, "{text}");
    check("colour = c1", &[0, 1]);
    check("colour = c1 AND size = 43", &[1]);
    check("colour = c1 AND (size = 43 OR size = 42)", &[0, 1]);
    check("colour = c2 AND price < 2", &[]);
    check("colour = c2 AND price <= 2.00", &[0]);
    check("NOT colour = c1", &[0]);
    check("NOT (colour = c1 AND size = 42)", &[0, 1]);
    check("colour != c1 AND colour != c2", &[]);
    check("sku = '0-1' AND colour = c1", &[]);
    check("sku IN ['0-1', '1-0']", &[0, 1]);
    check("id = p1", &[1]);
}

#[test]
fn every_kind_of_field_answers() {
    let columns = shoes();
    let check = |text: &str, expected: &[u32]| assert_eq!(passing(text, &columns), expected, "{text}");
    check("", &[0, 1]);
    check("brand = B1", &[0]);
    check("brand = unheard-of", &[]);
    check("brand != unheard-of", &[0, 1]);
    check("brand NOT IN [b1, b3]", &[1]);
    check("price 1.5..1.7", &[1]);
    check("price = 1.50", &[1]);
    check("price = 1.505", &[]);
    check("price 1.6..1.9", &[]);
    check("price ..1", &[0]);
    check("price IN [1, 2..]", &[0]);
    check("attributes.size >= 43", &[0, 1]);
    check("size > 43", &[]);
    check("size IN [42, 50..60]", &[0]);
    check("EXISTS price AND EXISTS colour", &[0, 1]);
    check("EXISTS rating", &[]);
    check("rating > 3", &[]);
    check("available = true", &[1]);
    check("available != true", &[0]);
    check("velocity >= 1.5", &[1]);
    check("popularity = 0", &[0]);
    check("conversion IN [0..0, 7]", &[0]);
    check("store WITHIN 1 m OF (0, 1)", &[0, 1]);
    check("store WITHIN 120 km OF (0, 3)", &[0]);
    check("store WITHIN 120 km OF (0, 3) AND price < 2", &[]);
    check("NOT store WITHIN 120 km OF (0, 0)", &[0]);
}

#[test]
fn what_cannot_be_answered_is_refused_with_its_place() {
    let columns = shoes();
    let check = |text: &str, expected: &str| {
        let error = Filter::parse(text, &columns, MarketId::GENERAL).expect_err(text);
        assert_eq!(error.to_string(), format!("filter: at character {expected}"), "{text}");
    };
    check("brand = b1 AND colr = red", "16: unknown field `colr`");
    check("price = cheap", "9: `cheap` is not a price such as 12.50");
    check("price < 1e3", "9: `1e3` is not a price such as 12.50");
    check("brand > 3", "1: `brand` has no numbers: use = or IN");
    check("size > big", "8: `big` is not a number");
    check("size > nan", "8: `nan` is not a number");
    check("available = maybe", "13: `available` is true or false");
    check("available > true", "13: `available` is true or false");
    check("brand WITHIN 1 km OF (0, 0)", "1: `brand` has no points such as 52.52,13.405");
    check("price WITHIN 1 km OF (0, 0)", "1: `price` has no points such as 52.52,13.405");
    check("size < Infinity", "8: `Infinity` is not a number");
    check("size < 1e999", "8: `1e999` is not a number");
    check("price < NaN", "9: `NaN` is not a price such as 12.50");
    // A range that was turned round found nothing and said nothing.
    check("price = 9..3", "9: `9..3` holds nothing: the smaller number comes first");
    check("brand = b1 AND size IN [1, 5..3.5]", "28: `5..3.5` holds nothing: the smaller number comes first");
    check("velocity = fast", "12: `fast` is not a number");
}

#[test]
fn a_groups_own_selection_can_be_left_out() {
    let columns = shoes();
    let filter =
        Filter::parse("brand IN [b1, b2] AND colour = c1 AND (brand = b1 OR size = 42)", &columns, MarketId::GENERAL).expect("a filter");
    let brand = FieldRef::Column(super::super::columns::FieldId::BRAND);
    assert_eq!(filter.without(brand).map(|rest| rest.conjuncts.len()), Some(2));
    assert_eq!(filter.selected(brand).len(), 2);
    assert!(filter.without(FieldRef::Available).is_none());
}

#[test]
fn a_filter_is_read_for_its_marketplace() {
    let mut columns = Columns::new();
    let product: Product = serde_json::from_value(json!({"id": "a", "title": "a", "variants": [{"sku": "a", "offers": [
        {"price": {"amount_minor": 1000, "currency": "EUR"}},
        {"marketplace": "jp", "price": {"amount_minor": 1500, "currency": "JPY"}}]}]}))
    .expect("a product");
    columns.put(Ordinal(0), &product);
    let check = |text: &str, marketplace: Option<&str>, expected: u64| {
        let marketplace = marketplace.map(|name| MarketplaceId::new(name).expect("an id"));
        let market = columns.market(marketplace.as_ref());
        let filter = Filter::parse(text, &columns, market).expect("a filter");
        assert_eq!(filter.products(Scope { columns: &columns, live: &Fixed, market }, columns.live()).len(), expected, "{text}");
    };
    check("price = 10", None, 1);
    check("price = 1500", Some("jp"), 1);
    check("price = 10", Some("jp"), 0);
}

/// The meaning of the grammar, spelled out: whether the expression is true of one variant.
fn is_true(expr: &syntax::Expr, columns: &Columns, ordinal: Ordinal, row: Row<'_>, variant: usize) -> bool {
    use syntax::{Expr, Test};
    match expr {
        Expr::All(parts) => parts.iter().all(|part| is_true(part, columns, ordinal, row, variant)),
        Expr::Any(parts) => parts.iter().any(|part| is_true(part, columns, ordinal, row, variant)),
        Expr::Not(inner) => !is_true(inner, columns, ordinal, row, variant),
        Expr::Is(condition) => {
            let (texts, numbers) = values_of(&condition.field, columns, ordinal, row, variant);
            match &condition.test {
                Test::Exists => !texts.is_empty() || !numbers.is_empty(),
                Test::Compare(side, value) => numbers.iter().any(|number| {
                    let bound: f64 = value.text.parse().expect("a number");
                    match side {
                        syntax::Side::Below => *number < bound,
                        syntax::Side::AtMost => *number <= bound,
                        syntax::Side::Above => *number > bound,
                        syntax::Side::AtLeast => *number >= bound,
                    }
                }),
                Test::Near { metres, centre } => {
                    texts.iter().filter_map(|text| geo::Point::parse(text)).any(|point| centre.metres_to(point) <= *metres)
                }
                Test::In(choices) => choices.iter().any(|choice| is_chosen(choice, &texts, &numbers)),
            }
        }
    }
}

fn is_chosen(choice: &syntax::Choice, texts: &[String], numbers: &[f64]) -> bool {
    let bound = |value: &Option<syntax::Value>, open: f64| value.as_ref().map_or(open, |value| value.text.parse().expect("a number"));
    match choice {
        syntax::Choice::Value(value) => {
            texts.contains(&value.text) || value.text.parse().is_ok_and(|wanted: f64| numbers.contains(&wanted))
        }
        syntax::Choice::Range(low, high) => {
            numbers.iter().any(|number| bound(low, f64::NEG_INFINITY) <= *number && *number <= bound(high, f64::INFINITY))
        }
    }
}

fn values_of(field: &str, columns: &Columns, ordinal: Ordinal, row: Row<'_>, variant: usize) -> (Vec<String>, Vec<f64>) {
    match field {
        "price" => (Vec::new(), row.variant(variant).price(MarketId::GENERAL).map(|price| price as f64 / 1_000.0).into_iter().collect()),
        "available" => (vec![Fixed.sells(ordinal, variant).to_string()], Vec::new()),
        "velocity" => (Vec::new(), vec![Fixed.number(LiveNumber::Velocity, ordinal)]),
        _ => {
            let dictionary = columns.dictionary();
            let Some(FieldRef::Column(id)) = FieldRef::named(field, columns, MarketId::GENERAL) else { panic!("{field}") };
            let facts = [row.shared(), row.variant(variant).own];
            let texts = facts.iter().flat_map(|facts| facts.keywords_of(id)).map(|term| dictionary.text(term).to_owned()).collect();
            (texts, facts.iter().flat_map(|facts| facts.numbers_of(id)).collect())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn a_filter_gives_what_looking_at_every_variant_gives(products in products(), text in filters()) {
        let mut columns = catalogue(&products);
        // Every field that a filter may name has to be known.
        columns.put(Ordinal(90), &product_with_every_field(90));
        let expr = syntax::parse(&text).expect("a filter").expect("not blank");
        let expected: Vec<u32> = columns.live().iter().filter(|&ordinal| {
            let row = columns.row(Ordinal(ordinal)).expect("is live");
            (0..row.variants_count()).any(|variant| is_true(&expr, &columns, Ordinal(ordinal), row, variant))
        }).collect();
        prop_assert_eq!(passing(&text, &columns), expected, "{}", text);
    }
}

/// Enough products that prices are found by class and numbers by profile.
fn many() -> Columns {
    let mut columns = Columns::new();
    let spread = |number: u32, end: u32| number.wrapping_mul(2_654_435_761) / 7 % end;
    for number in 0..5_000_u32 {
        let price = |place: u32| i64::from(spread(number + place * 31, 50)) * 10_i64.pow(spread(number, 5));
        let offers = |place: u32| match spread(number + place, 12) {
            0 => json!([]),
            1 => json!([{"marketplace": "m", "price": {"amount_minor": price(place + 1), "currency": "EUR"}}]),
            2 => json!([{"price": {"amount_minor": price(place), "currency": "EUR"}},
                {"marketplace": "m", "price": {"amount_minor": price(place + 1), "currency": "EUR"}}]),
            _ => json!([{"price": {"amount_minor": price(place), "currency": "EUR"}}]),
        };
        let variant = |place: u32| {
            let attributes = json!({"size": 30 + spread(number * 3 + place, 12), "weight": spread(number, 9_000) + place});
            json!({"sku": format!("s{number}-{place}"), "attributes": attributes, "offers": offers(place)})
        };
        let variants: Vec<_> = (0..1 + number % 3).map(variant).collect();
        let value = json!({"id": format!("p{number}"), "title": "p", "variants": variants});
        columns.put(Ordinal(number), &serde_json::from_value::<Product>(value).expect("a product"));
    }
    (0..5_000).step_by(19).for_each(|number| columns.remove(Ordinal(number)));
    columns
}

#[test]
fn many_products_pass_as_each_one_does() {
    let columns = many();
    let own = columns.market(MarketplaceId::new("m").ok().as_ref());
    assert_ne!(own, MarketId::GENERAL);
    let check = |text: &str| {
        for market in [MarketId::GENERAL, own] {
            let filter = Filter::parse(text, &columns, market).expect("a filter");
            let scope = Scope { market, ..scope(&columns) };
            let passes = |ordinal: &u32| {
                let row = columns.row(Ordinal(*ordinal)).expect("is there");
                filter.variants(scope, Ordinal(*ordinal), row).next().is_some()
            };
            let expected: RoaringBitmap = columns.live().iter().filter(passes).collect();
            assert!(!expected.is_empty() && expected.len() < columns.live().len(), "{text} tells nothing");
            assert_eq!(filter.products(scope, columns.live()), expected, "{text} in {market:?}");
        }
    };
    check("price 20..400");
    check("price > 7.5");
    check("price <= 0");
    check("NOT price 1..3");
    check("price IN [1..2, 2..3, 25]");
    check("size 33..35");
    check("NOT size >= 36");
    check("weight < 4000");
    check("size 33..38 AND price 0.5..12");
}
