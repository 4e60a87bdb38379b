//! What columns must keep true: a clone is a snapshot, a put replaces.

use super::*;
use serde_json::json;

/// A product from JSON without the fields that never matter here.
fn product(value: serde_json::Value) -> Product {
    serde_json::from_value(value).expect("a product")
}

fn shirt(id: &str, colours: &[(&str, i64)]) -> Product {
    let variants: Vec<_> = colours
        .iter()
        .enumerate()
        .map(|(index, (colour, price))| {
            json!({"sku": format!("{id}-{index}"), "attributes": {"Colour": colour},
                   "offers": [{"price": {"amount_minor": price, "currency": "EUR"}},
                              {"marketplace": "ch", "price": {"amount_minor": price * 2, "currency": "CHF"}}]})
        })
        .collect();
    product(json!({"id": id, "title": id, "brand": "Acmé", "categories": [["Clothes", "Shirts"]], "rating": {"average": 4.3, "count": 9},
                   "attributes": {"weight_g": 180.5, "organic": true, "fits": ["slim", "long"]}, "variants": variants}))
}

fn products_of(columns: &Columns, field: &str, value: &str) -> Vec<u32> {
    let field = columns.dictionary().field_named(field).expect("a field");
    columns.dictionary().term(field, value).map(|term| columns.dictionary().postings(term).bitmap().iter().collect()).unwrap_or_default()
}

#[test]
fn values_are_found_without_regard_to_case_and_accents() {
    let mut columns = Columns::new();
    columns.put(Ordinal(3), &shirt("s", &[("Red", 1_000), ("Blue", 900)]));
    for (field, value) in [
        ("brand", "ACME"),
        ("category", "clothes"),
        ("category", "Clothes>shirts"),
        ("attributes.colour", "red"),
        ("attributes.COLOUR", "BLUE"),
        ("attributes.organic", "true"),
        ("attributes.fits", "Slim"),
        ("id", "s"),
        ("sku", "s-1"),
    ] {
        assert_eq!(products_of(&columns, field, value), [3], "{field} = {value}");
    }
    assert!(products_of(&columns, "sku", "S-1").is_empty());
    let brand = columns.dictionary().term(FieldId::BRAND, "acme").expect("known");
    assert_eq!(columns.dictionary().text(brand), "Acmé");
}

#[test]
fn prices_are_those_of_the_marketplace_or_else_the_general_ones() {
    let mut columns = Columns::new();
    columns.put(Ordinal(0), &shirt("s", &[("Red", 1_000), ("Blue", 900)]));
    let span = |marketplace: Option<&str>| {
        let marketplace = marketplace.map(|name| MarketplaceId::new(name).expect("an id"));
        columns.price_span(Ordinal(0), columns.market(marketplace.as_ref()))
    };
    assert_eq!(span(None), Span { min: 9_000, max: 10_000 });
    assert_eq!(span(Some("ch")), Span { min: 18_000, max: 20_000 });
    assert_eq!(span(Some("elsewhere")), span(None));
}

#[test]
fn a_put_replaces_and_a_clone_does_not_see_it() {
    let mut columns = Columns::new();
    columns.put(Ordinal(0), &shirt("s", &[("Red", 1_000), ("Blue", 900)]));
    let snapshot = columns.clone();
    columns.put(Ordinal(0), &shirt("s", &[("Green", 500)]));
    assert_eq!(products_of(&columns, "attributes.colour", "red"), Vec::<u32>::new());
    assert_eq!(products_of(&columns, "attributes.colour", "green"), [0]);
    assert!(columns.multi().is_empty() && snapshot.multi().contains(0));
    assert_eq!(products_of(&snapshot, "attributes.colour", "red"), [0]);
    columns.remove(Ordinal(0));
    columns.remove(Ordinal(77));
    assert!(columns.live().is_empty() && columns.row(Ordinal(0)).is_none());
    assert!(columns.price_span(Ordinal(0), MarketId::GENERAL).is_empty());
    assert!(snapshot.live().contains(0));
}

#[test]
fn a_number_that_many_products_have_gets_a_dense_column_that_follows_every_change() {
    let mut columns = Columns::new();
    for ordinal in 0..5_000 {
        let value =
            json!({"id": format!("p{ordinal}"), "title": "p", "attributes": {"w": ordinal}, "variants": [{"sku": format!("s{ordinal}")}]});
        columns.put(Ordinal(ordinal), &product(value));
    }
    let field = columns.dictionary().field_named("attributes.w").expect("a field");
    assert!(columns.dictionary().field(field).column.is_some());
    assert_eq!(columns.number_span(field, Ordinal(4_999)), Span { min: 4_999.0, max: 4_999.0 });
    columns.put(Ordinal(7), &shirt("s", &[("Red", 1)]));
    assert!(columns.number_span(field, Ordinal(7)).is_empty());
    let rating = columns.number_span(FieldId::RATING, Ordinal(7));
    assert_eq!(rating, Span { min: 4.3, max: 4.3 });
}

/// Enough products for every dense column.
#[test]
fn new_numbers_are_what_putting_the_product_again_makes_of_them() {
    let rated = |number: u32, price: u32, stars: u32| {
        let rating = (stars > 0).then(|| json!({"average": stars, "count": 1}));
        let offers = json!([{"price": {"amount_minor": 100 + price, "currency": "EUR"}}]);
        let variants = json!([{"sku": format!("{number}-a"), "offers": offers}, {"sku": format!("{number}-b"), "offers": []}]);
        product(json!({"id": format!("p{number}"), "title": "t", "brand": "b", "rating": rating, "variants": variants}))
    };
    let mut put = Columns::new();
    (0..5_000).for_each(|number| put.put(Ordinal(number), &rated(number, number % 7, number % 6)));
    let mut renumbered = put.clone();
    for (number, price, stars, expected) in [
        (4, 4, 4, [false; 2]),
        (5, 50, 5, [true, false]),
        (6, 6, 3, [false, true]),
        (7, 9, 0, [true; 2]),
        (12, 5, 2, [false, true]),
        (7, 0, 1, [true; 2]),
    ] {
        let (ordinal, next) = (Ordinal(number), rated(number, price, stars));
        put.put(ordinal, &next);
        let told = renumbered.renumber(ordinal, &next);
        assert_eq!([told.prices, told.rating.is_some()], expected, "{number}");
    }
    let rating = |columns: &Columns| columns.dictionary().field(FieldId::RATING).clone();
    let (first, second) = (rating(&put), rating(&renumbered));
    assert!(first.column.is_some() && first.profiles.is_some(), "enough products");
    assert_eq!((first.present, first.numbered), (second.present, second.numbered));
    let profile = |profiles: &Option<Profiles>, ordinal: Ordinal| {
        let profiles = profiles.as_ref().expect("is there");
        match profiles.codes().at(ordinal).decode() {
            Decoded::Profile(number) => profiles.profile(number).clone(),
            _ => Profile::default(),
        }
    };
    for ordinal in (0..5_001).map(Ordinal) {
        let told = |columns: &Columns| (columns.number_span(FieldId::RATING, ordinal), columns.price_span(ordinal, MarketId::GENERAL));
        assert_eq!(told(&put), told(&renumbered), "{ordinal:?}");
        assert_eq!(put.row(ordinal), renumbered.row(ordinal), "{ordinal:?}");
        assert_eq!(put.is_fully_priced(ordinal), renumbered.is_fully_priced(ordinal), "{ordinal:?}");
        assert_eq!(profile(&first.profiles, ordinal), profile(&second.profiles, ordinal), "{ordinal:?}");
    }
    assert_eq!(put.live(), renumbered.live());
}
