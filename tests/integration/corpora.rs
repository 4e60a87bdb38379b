//! Catalogues as research publishes them, whose columns have names of their own: each becomes what it is.
//!
//! 1. a corpus of texts: `_id`, `title`, `text`;
//! 2. a furniture shop's table: classes, paths with ` / `, features as `key : value | key : value`, ratings, in a table with tabs and quotes;
//! 3. a marketplace's table: titles, bullet points, brands, colours and locales, also in Parquet.

use super::formats::products_with;
use shopkeeper::catalog::formats::{self, ImportOptions};
use shopkeeper::catalog::tables::{Cell, Column, FlatRecord, Layout, TableWriter};
use shopkeeper::catalog::{AttributeValue, Product};

fn all(text: &str) -> Vec<Product> {
    let (read, refused) = products_with(text, &ImportOptions::default());
    assert_eq!(refused, [], "{text}");
    read.into_iter().map(|(_, product)| product).collect()
}

fn attribute(product: &Product, name: &str) -> Option<String> {
    product.attributes.get(name).map(|value| match value {
        AttributeValue::Text(text) => text.clone(),
        other => format!("{other:?}"),
    })
}

#[test]
fn a_corpus_of_texts_has_titles_and_descriptions() {
    let read = all("{\"_id\": \"p-1\", \"title\": \"Desk lamp\", \"text\": \"Lights a desk.\", \"metadata\": {}}\n\
                    {\"_id\": \"p-2\", \"title\": \"\", \"text\": \"A chair of oak\", \"metadata\": {\"colour\": \"brown\"}}\n");
    let seen: Vec<_> = read.iter().map(|product| (product.id.as_str(), product.title.as_str(), product.description.as_deref())).collect();
    assert_eq!(seen, [("p-1", "Desk lamp", Some("Lights a desk.")), ("p-2", "A chair of oak", Some("A chair of oak"))]);
}

#[test]
fn a_table_of_furniture_has_classes_features_and_ratings() {
    const HEAD: &str = "product_id\tproduct_name\tproduct_class\tcategory hierarchy\tproduct_description\tproduct_features\trating_count\taverage_rating\treview_count\n";
    let rows = "0\tsolid wood platform bed\tBeds\tFurniture / Bedroom Furniture / Beds & Headboards / Beds\t\"good, deep \"\"sleep\"\"\"\t\
                overallwidth-sidetoside:64.7|dsprimaryproductstyle : modern | material : wood|color : espresso\t15.0\t4.5\t15.0\n\
                1\tslow cooker\tSlow Cookers\tKitchen & Tabletop / Small Kitchen Appliances\tcooks\tcapacityquarts : 7\t\t\t\n";
    let read = all(&format!("{HEAD}{rows}"));
    let bed = &read[0];
    assert_eq!((bed.id.as_str(), bed.title.as_str()), ("0", "solid wood platform bed"));
    assert_eq!(bed.description.as_deref(), Some("good, deep \"sleep\""));
    assert_eq!(bed.categories, [["Furniture", "Bedroom Furniture", "Beds & Headboards", "Beds"]]);
    assert_eq!(bed.rating.map(|rating| (rating.average, rating.count)), Some((4.5, 15)));
    assert_eq!(attribute(bed, "material").as_deref(), Some("wood"));
    assert_eq!(attribute(bed, "color").as_deref(), Some("espresso"));
    assert_eq!(attribute(bed, "dsprimaryproductstyle").as_deref(), Some("modern"));
    assert_eq!(attribute(bed, "product_features"), None);
    let cooker = &read[1];
    assert_eq!(cooker.categories, [vec!["Kitchen & Tabletop", "Small Kitchen Appliances"], vec!["Slow Cookers"]]);
    assert_eq!((cooker.rating, cooker.description.as_deref()), (None, Some("cooks")));
    // One feature is as much a feature as several.
    assert_eq!(cooker.attributes.get("capacityquarts"), Some(&AttributeValue::Number(7.0)));
}

const MARKET: [&str; 7] =
    ["product_id", "product_title", "product_description", "product_bullet_point", "product_brand", "product_color", "product_locale"];
const LAMP: [&str; 7] = ["B001", "Desk lamp, 2 arms", "<p>Lights</p>", "Bright\nFolds away: yes", "Lumo", "Black", "us"];

fn check_lamp(lamp: &Product) {
    assert_eq!((lamp.id.as_str(), lamp.title.as_str(), lamp.brand.as_deref()), ("B001", "Desk lamp, 2 arms", Some("Lumo")));
    let description = lamp.description.as_deref().expect("a description");
    assert!(description.contains("Lights") && description.contains("Folds away: yes"), "{description}");
    assert_eq!(attribute(lamp, "product_color").as_deref(), Some("Black"));
    assert_eq!(attribute(lamp, "product_locale").as_deref(), Some("us"));
    assert!(lamp.categories.is_empty());
}

#[test]
fn a_marketplaces_table_has_bullet_points_brands_and_colours() {
    let quoted = LAMP.map(|text| format!("\"{text}\"")).join(",");
    check_lamp(&all(&format!("{}\n{quoted}\n", MARKET.join(",")))[0]);
    let columns = MARKET.map(Column::text);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("products.parquet");
    let file = std::fs::File::create(&path).expect("a file");
    let mut table = TableWriter::create(file, Layout::Parquet, &columns).expect("begins");
    let mut cells: Vec<Cell> = LAMP.iter().map(|text| Cell::text(Some(*text))).collect();
    table.write(&FlatRecord { columns: &columns, cells: cells.clone() }).expect("writes");
    cells[0] = Cell::text(Some("B002"));
    cells[2] = Cell::None;
    cells[4] = Cell::None;
    table.write(&FlatRecord { columns: &columns, cells }).expect("writes");
    table.finish().expect("ends");
    let read: Vec<_> = formats::products(&path, &ImportOptions::default()).expect("opens").collect();
    check_lamp(&read[0].as_ref().expect("is read").value);
    let bare = &read[1].as_ref().expect("is read").value;
    assert_eq!((bare.brand.as_deref(), bare.description.as_deref()), (None, Some("Bright\nFolds away: yes")));
}
