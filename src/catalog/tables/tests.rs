//! Tables of products come back as what they were. Pinned here:
//!
//! 1. whatever a product holds, each layout gives its document back byte for byte, in order, also when Parquet needs several row groups;
//! 2. a row that cannot be read takes its product with it, and no other;
//! 3. a Parquet file of another maker is read by the names of its columns, like a CSV file;
//! 4. a damaged Parquet file is refused or gives fewer rows, whatever byte is wrong.

use super::*;
use crate::catalog::formats::{ImportOptions, Reject, products};
use crate::catalog::{AttributeValue, Offer, Product, Rating, Variant};
use crate::money::{Currency, Money};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A product that is as awkward as one may be.
const AWKWARD: &str = r#"{"id":"=1+1","title":"'quoted' \"7\\\" screen\"","brand":"","description":"two\nlines, \u0000 and\ttabs; ümlaut","categories":[["A > B","C|D"],["E"]],"attributes":{"-x":"@y","flag":true,"list":["a,b","c\"d"],"number":0.1},"images":["https://i.example/1.jpg?a=1,2"],"url":" https://shop.example ","rating":{"average":4.3,"count":7},"popularity":123456.79,"variants":[{"sku":"+A","title":"","gtins":["4006381333931"],"mpn":"'1","attributes":{"size":"42"},"offers":[{"price":{"amount_minor":1999,"currency":"EUR"},"list_price":{"amount_minor":2500,"currency":"EUR"}},{"marketplace":"de","price":{"amount_minor":1,"currency":"EUR"}}]},{"sku":"B","offers":[{"marketplace":"us","price":{"amount_minor":5,"currency":"USD"}},{"price":{"amount_minor":100,"currency":"JPY"}}]},{"sku":"C","offers":[{"price":{"amount_minor":100,"currency":"JPY"},"list_price":{"amount_minor":1,"currency":"JPY"}}]},{"sku":"D"}]}"#;

fn written(documents: &[Vec<u8>], layout: Layout) -> Vec<u8> {
    let mut table = TableWriter::create(Vec::new(), layout, &PRODUCT_COLUMNS).expect("begins");
    documents.iter().for_each(|document| table.write(&ProductRecord(document)).expect("is written"));
    table.finish().expect("ends")
}

fn read(bytes: &[u8]) -> (Vec<Vec<u8>>, Vec<Reject>) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("writes");
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    let Ok(rows) = products(file.path(), &ImportOptions::default()) else { return (found, refused) };
    for row in rows {
        match row {
            Ok(row) => found.push(row.value.to_document().expect("encodes").0.to_vec()),
            Err(reject) => refused.push(reject),
        }
    }
    (found, refused)
}

fn check_all_layouts(documents: &[Vec<u8>]) {
    for (name, layout) in Layout::ALL {
        let (found, refused) = read(&written(documents, layout));
        assert_eq!(refused, [], "{name}");
        let texts = |documents: &[Vec<u8>]| documents.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect::<Vec<_>>();
        assert_eq!(texts(&found), texts(documents), "{name}");
    }
}

#[test]
fn the_most_awkward_product_comes_back_as_it_was() {
    let awkward = Product::from_document(AWKWARD.as_bytes()).expect("a product").to_document().expect("encodes").0.to_vec();
    assert_eq!(String::from_utf8_lossy(&awkward), AWKWARD, "it is canonical");
    let plain = br#"{"id":"plain","title":"Plain","variants":[{"sku":"P"}]}"#.to_vec();
    check_all_layouts(&[awkward.clone(), plain.clone()]);
    check_all_layouts(&[plain, awkward]);
    check_all_layouts(&[]);
}

#[test]
fn many_row_groups_come_back_in_order() {
    let document = |number: usize| format!(r#"{{"id":"p{number}","title":"T","variants":[{{"sku":"s{number}"}}]}}"#).into_bytes();
    let documents: Vec<Vec<u8>> = (0..70_000).map(document).collect();
    let (found, refused) = read(&written(&documents, Layout::Parquet));
    assert_eq!((found.len(), refused.len()), (documents.len(), 0));
    assert!(found == documents);
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,8}", "[=+@'-][ -~]{0,6}", "\\PC{1,12}", "[\"\\\\,;|\r\n\t ]{1,5}x"]
}

fn attributes() -> impl Strategy<Value = BTreeMap<String, AttributeValue>> {
    let value = prop_oneof![
        any::<bool>().prop_map(AttributeValue::Flag),
        (-1_000_000_i64..1_000_000).prop_map(|number| AttributeValue::Number(number as f64 / 8.0)),
        texts().prop_map(AttributeValue::Text),
        prop::collection::vec(texts(), 0..3).prop_map(AttributeValue::Texts),
    ];
    prop::collection::btree_map("[a-z=]{1,6}", value, 0..4)
}

fn offers() -> impl Strategy<Value = Vec<Offer>> {
    let currency = prop_oneof![Just(Currency::USD), Just(Currency::EUR), Just(Currency::new("JPY").expect("a currency"))];
    let offer = (prop::option::of("[a-z]{2}"), currency, 0_i64..1_000_000, prop::option::of(0_i64..1_000_000));
    let made = offer.prop_map(|(marketplace, currency, price, list)| Offer {
        marketplace: marketplace.map(|name| name.parse().expect("a name")),
        price: Money::new(price, currency),
        list_price: list.map(|price| Money::new(price, currency)),
    });
    // One price in a currency and marketplace: others contradict each other.
    prop::collection::vec(made, 0..3).prop_map(|mut offers| {
        let mut seen = std::collections::BTreeSet::new();
        offers.retain(|offer| seen.insert((offer.marketplace.clone(), offer.price.currency.to_string())));
        offers
    })
}

fn product() -> impl Strategy<Value = Product> {
    let variant = (prop::option::of(texts()), prop::collection::vec(texts(), 0..2), prop::option::of(texts()), attributes(), offers());
    let rest = (prop::option::of(texts()), prop::option::of((0.0_f32..5.0, any::<u32>())), prop::option::of(0.0_f32..1e9));
    let category = texts().prop_filter("a category has a name", |name| !name.trim().is_empty());
    let lists = (prop::collection::vec(prop::collection::vec(category, 1..3), 0..3), prop::collection::vec(texts(), 0..3));
    let named = ("[=a-z]{1,6}", "[!-~][ -~]{0,9}", attributes());
    (named, rest, lists, prop::collection::vec(variant, 1..4)).prop_map(|((id, title, attributes), rest, lists, variants)| {
        let (text, rating, popularity) = rest;
        let (categories, images) = lists;
        let variant = |(number, (title, gtins, mpn, attributes, offers)): (usize, _)| Variant {
            sku: format!("{id}-{number}").parse().expect("a SKU"),
            title,
            gtins,
            mpn,
            attributes,
            offers,
        };
        Product {
            id: id.parse().expect("an id"),
            title,
            brand: text.clone(),
            description: text.clone(),
            categories,
            attributes,
            images,
            url: text,
            rating: rating.map(|(average, count)| Rating { average, count }),
            popularity,
            variants: variants.into_iter().enumerate().map(variant).collect(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_product_comes_back_as_it_was(products in prop::collection::vec(product(), 1..4)) {
        let mut seen = std::collections::BTreeSet::new();
        let documents: Vec<Vec<u8>> = products.iter().filter(|product| seen.insert(product.id.clone()))
            .map(|product| product.to_document().expect("encodes").0.to_vec()).collect();
        check_all_layouts(&documents);
    }
}

#[test]
fn a_row_that_cannot_be_read_takes_its_product_with_it_and_no_other() {
    let header = PRODUCT_COLUMNS.map(|column| column.name).join(",");
    let row = |id: &str, sku: &str, price: &str| format!("{id},T,,,,,,,,,,{sku},,,,,{price},,EUR,\n");
    let text = [
        header + "\n",
        row("a", "a-1", "1.00"),
        row("b", "b-1", "2.00"),
        row("b", "b-2", "twelve"),
        row("b", "b-3", "2.00"),
        row("c", "c-1", "3"),
        row("", "d", "1"),
        row("a", "a-2", "1"),
    ];
    let (found, refused) = read(text.concat().as_bytes());
    let ids: Vec<String> = found.iter().map(|document| Product::from_document(document).expect("a product").id.to_string()).collect();
    assert_eq!(ids, ["a", "c"]);
    let told: Vec<String> = refused.iter().map(Reject::to_string).collect();
    assert_eq!(
        told,
        [
            "line 4: price: not a decimal amount of this currency",
            "line 5: id: another row of this product is refused",
            "line 7: id: is missing",
            "line 8: id: a stands in line 2 already",
        ]
    );
}

/// A file with columns of another maker, in types that only Parquet has.
fn foreign() -> Vec<u8> {
    struct Foreign(&'static str);
    impl Record for Foreign {
        fn json(&self, _: &mut Vec<u8>) -> io::Result<()> {
            Ok(())
        }
        fn rows(&self, take: &mut TakeRow<'_>) -> io::Result<()> {
            let name = format!("Product {}", self.0);
            take(vec![
                Cell::Text(self.0.to_owned()),
                Cell::Text(name),
                Cell::Float(19.99),
                Cell::Whole(7),
                Cell::Whole(86_400_000),
                Cell::None,
            ])
        }
    }
    let columns = [
        Column::text("product_id"),
        Column::text("product_name"),
        Column::float("price"),
        Column::whole("watts"),
        Column::moment("made_at"),
        Column::text("brand"),
    ];
    let mut table = TableWriter::create(Vec::new(), Layout::Parquet, &columns).expect("begins");
    ["x", "y"].iter().for_each(|id| table.write(&Foreign(id)).expect("is written"));
    table.finish().expect("ends")
}

#[test]
fn a_parquet_file_of_another_maker_is_read_by_its_names() {
    let (found, refused) = read(&foreign());
    assert_eq!((found.len(), refused), (2, Vec::new()));
    let product = Product::from_document(&found[0]).expect("a product");
    assert_eq!((product.id.as_str(), product.title.as_str(), product.brand), ("x", "Product x", None));
    assert_eq!(product.variants[0].offers[0].price, Money::new(1_999, Currency::USD), "19.99 as a float is 19.99");
    assert_eq!(product.attributes["watts"], AttributeValue::Number(7.0));
    assert_eq!(product.attributes["made_at"], AttributeValue::Text("1970-01-02T00:00:00Z".to_owned()));
}

#[test]
fn a_damaged_parquet_file_is_refused_or_shorter() {
    let whole = foreign();
    for length in (0..whole.len()).step_by(7) {
        let (found, _) = read(&whole[..length]);
        assert!(found.len() <= 2, "{length}");
    }
    let mut chance = fastrand::Rng::with_seed(7);
    for _ in 0..400 {
        let mut damaged = whole.clone();
        let at = chance.usize(4..damaged.len());
        damaged[at] ^= chance.u8(1..=255);
        read(&damaged);
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&whole).expect("is packed");
    assert_eq!(read(&packed.finish().expect("is packed")).0.len(), 0, "what is packed twice is refused");
}
