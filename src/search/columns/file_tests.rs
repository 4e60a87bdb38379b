//! What a file of columns must keep true: it gives back what was saved, in every view; what is put on top of it is as on columns in memory;
//! damage is an error or another fact, and never a panic.

use super::*;
use serde_json::{Value, json};

fn product(value: Value) -> Product {
    serde_json::from_value(value).expect("a product")
}

/// A product of a shop in which much is shared: sizes, materials, a weight, prices here and in one other country.
fn shoe(number: u32, price: i64) -> Product {
    let variants: Vec<Value> = (0..1 + number % 4)
        .map(|size| {
            let mut offers = vec![json!({"price": {"amount_minor": price + i64::from(size) * 100, "currency": "EUR"}})];
            if number.is_multiple_of(7) {
                offers.push(json!({"marketplace": "ch", "price": {"amount_minor": price * 2, "currency": "CHF"}}));
            }
            let colour = ["Red", "Grün", "Blue"][(number + size) as usize % 3];
            json!({"sku": format!("{number}-{size}"), "attributes": {"Size": 36 + size, "Colour": colour}, "offers": offers})
        })
        .collect();
    let (brand, category) = (["Acmé", "Other"][number as usize % 2], ["Boots", "Clogs", "Ñandú"][number as usize % 3]);
    product(json!({"id": format!("shoe-{number}"), "title": format!("Shoe {}", number % 90), "brand": brand,
                   "categories": [["Shoes", category]], "rating": {"average": 4.3, "count": 9},
                   "attributes": {"weight_g": f64::from(number) * 0.5, "lined": number.is_multiple_of(3), "fits": ["slim", "long"]},
                   "variants": variants}))
}

fn shop(products_count: u32) -> Columns {
    let mut columns = Columns::new();
    (0..products_count).filter(|number| number % 11 != 5).for_each(|number| columns.put(Ordinal(number), &shoe(number, 900)));
    (0..products_count).step_by(97).for_each(|number| columns.remove(Ordinal(number)));
    columns
}

/// What a field's dense columns say of a product.
fn dense(columns: &Columns, field: &Field, ordinal: Ordinal) -> String {
    let profile = field.profiles.as_ref().map(|profiles| match profiles.codes().at(ordinal).decode() {
        Decoded::Profile(number) => format!("{:?}", profiles.profile(number)),
        other => format!("{other:?}"),
    });
    let lineup = field.lineups.as_ref().map(|lineups| match lineups.at(ordinal) {
        Lined::Lineup(number) => format!("{:?}", lineups.lineup(number)),
        other => format!("{other:?}"),
    });
    let totals = field.profiles.as_ref().map(|profiles| profiles.totals(field.terms.len()));
    let totals = totals.filter(|_| ordinal.index() == 1);
    format!(
        "{profile:?} {lineup:?} {totals:?} {:?}",
        columns.number_span(columns.dictionary().field_named(&field.name).expect("known"), ordinal)
    )
}

fn assert_same(left: &Columns, right: &Columns) {
    assert_eq!((left.live(), left.multi(), left.ordinals_end()), (right.live(), right.multi(), right.ordinals_end()));
    assert_eq!(left.marketplaces(), right.marketplaces());
    let (of_left, of_right) = (left.dictionary(), right.dictionary());
    assert_eq!((of_left.fields_count(), of_left.terms_count()), (of_right.fields_count(), of_right.terms_count()));
    for term in (0..of_left.terms_count() as u32).map(TermId) {
        let facts = |of: &Dictionary| (of.text(term).to_owned(), of.field_of(term), of.place(term), of.parent(term), of.terms.hash(term));
        assert_eq!(facts(of_left), facts(of_right));
        assert_eq!(of_left.postings(term).bitmap(), of_right.postings(term).bitmap(), "{}", of_left.text(term));
        assert_eq!(of_right.term(of_left.field_of(term), of_left.text(term)), Some(term), "a value is found by its text");
    }
    for ordinal in (0..left.ordinals_end() as u32 + 2).map(Ordinal) {
        assert_eq!(left.row(ordinal), right.row(ordinal));
        assert_eq!(left.is_fully_priced(ordinal), right.is_fully_priced(ordinal));
        for market in (0..=left.marketplaces().len() as u32).map(MarketId) {
            assert_eq!(left.price_span(ordinal, market), right.price_span(ordinal, market));
        }
    }
    for field in (0..of_left.fields_count() as u32).map(FieldId) {
        let (of_left, of_right) = (of_left.field(field), of_right.field(field));
        assert_eq!((&of_left.name, &of_left.terms, of_left.is_variant_level), (&of_right.name, &of_right.terms, of_right.is_variant_level));
        assert_eq!((&of_left.present, &of_left.numbered), (&of_right.present, &of_right.numbered));
        for ordinal in (0..left.ordinals_end() as u32).step_by(13).map(Ordinal) {
            assert_eq!(dense(left, of_left, ordinal), dense(right, of_right, ordinal), "{} of {}", of_left.name, ordinal.0);
        }
    }
    for market in (0..=left.marketplaces().len() as u32).map(MarketId) {
        let (left, right) = (left.price_classes(market).expect("classes"), right.price_classes(market).expect("classes"));
        assert_eq!(left.present(), right.present());
        assert_eq!(left.profiles().totals(price_classes::CLASSES_COUNT), right.profiles().totals(price_classes::CLASSES_COUNT));
        (0..price_classes::CLASSES_COUNT as u32).for_each(|class| {
            let holders = |of: &PriceClasses| of.holders(class).cloned().unwrap_or_default();
            assert_eq!(holders(left), holders(right), "class {class}");
        });
    }
}

fn reopened(columns: &Columns, folder: &std::path::Path) -> Columns {
    let path = folder.join("columns.bin");
    columns.save(&path).expect("saves");
    Columns::load(&path).expect("loads")
}

#[test]
fn a_file_gives_back_every_view_of_what_was_saved() {
    let folder = tempfile::tempdir().expect("a folder");
    let columns = shop(4_800);
    let sizes = columns.dictionary().field_named("attributes.size").expect("a field");
    let field = columns.dictionary().field(sizes);
    assert!(field.column.is_some() && field.profiles.is_some() && field.lineups.is_some(), "the shop is large enough for all of them");
    assert_same(&reopened(&columns, folder.path()), &columns);
    assert_same(&reopened(&Columns::new(), folder.path()), &Columns::new());
}

#[test]
fn what_is_put_and_removed_on_top_of_a_file_is_as_in_memory_and_can_be_saved_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut expected = shop(2_000);
    let mut columns = reopened(&expected, folder.path());
    let snapshot = columns.clone();
    for columns in [&mut expected, &mut columns] {
        for number in (0..2_200).step_by(31) {
            columns.put(Ordinal(number), &shoe(number + 1, 700));
        }
        let new = json!({"id": "n", "title": "New thing", "variants": [], "categories": [["Shoes", "Sandals"]], "attributes": {"Colour": "grün", "Sole": "cork"}});
        columns.put(Ordinal(1_999), &product(new));
        columns.remove(Ordinal(7));
        columns.remove(Ordinal(7));
        columns.put(Ordinal(97), &shoe(97, 1));
    }
    assert_same(&columns, &expected);
    assert!(columns.row(Ordinal(7)).is_none() && snapshot.row(Ordinal(7)).is_some(), "a clone is a snapshot");
    assert_same(&reopened(&columns, folder.path()), &expected);
}

#[test]
fn damage_is_an_error_or_another_fact_and_never_a_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("columns.bin");
    let mut columns = Columns::new();
    columns.put(Ordinal(1), &shoe(7, 1_000));
    columns.put(Ordinal(4), &shoe(2, 700));
    columns.save(&path).expect("saves");
    let whole = std::fs::read(&path).expect("reads");
    for at in (0..whole.len()).step_by(11) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x41;
        std::fs::write(&path, &flipped).expect("writes");
        let Ok(mut read) = Columns::load(&path) else { continue };
        assert_eq!(read.live(), columns.live(), "byte {at} is padding or it is found");
        for term in (0..read.dictionary().terms_count() as u32).map(TermId) {
            let _ = read.dictionary().term(read.dictionary().field_of(term), read.dictionary().text(term));
        }
        for ordinal in (0..6).map(Ordinal) {
            let _ = read.row(ordinal).map(|row| row.variants().map(|variant| variant.offers().count()).sum::<usize>());
            read.put(ordinal, &shoe(ordinal.0, 5));
            read.remove(ordinal);
        }
    }
}
