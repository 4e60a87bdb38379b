//! Feeds of other systems become our products. Pinned here:
//!
//! 1. rows of one group or handle make up one product, whatever stands between them;
//! 2. what all variants say alike is the product's, the rest the variant's;
//! 3. the same feed as XML and as a table gives the same products;
//! 4. a row that cannot be read is refused with its line, and the others stay.

use super::*;
use crate::money::Money;
use std::io::Write;

fn read(name: &str, text: &str) -> (Vec<Product>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::File::create(&path).and_then(|mut file| file.write_all(text.as_bytes())).expect("writes");
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for row in products(&path, &ImportOptions::default()).expect("opens") {
        match row {
            Ok(row) => found.push(row.value),
            Err(reject) => refused.push(reject.to_string()),
        }
    }
    (found, refused)
}

fn prices(product: &Product) -> Vec<(i64, Option<i64>)> {
    let minor = |money: Option<Money>| money.map(|money| money.amount_minor);
    let of = |offer: &crate::catalog::Offer| (offer.price.amount_minor, minor(offer.list_price));
    product.variants.iter().filter_map(|variant| variant.offers.first().map(of)).collect()
}

const GOOGLE_XML: &str = r#"<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
<item><g:id>S-RED-42</g:id><g:item_group_id>shoe</g:item_group_id><title>Runner &amp; friend</title><g:description><![CDATA[<p>Light.</p>]]></g:description>
<link>https://shop.example/shoe</link><g:image_link>https://i.example/1.jpg</g:image_link><g:additional_image_link>https://i.example/2.jpg</g:additional_image_link>
<g:availability>in_stock</g:availability><g:price>89.00 USD</g:price><g:sale_price>69.50 USD</g:sale_price><g:brand>Acme</g:brand><g:gtin>4006381333931</g:gtin>
<g:product_type>Shoes &gt; Running</g:product_type><g:google_product_category>187</g:google_product_category><g:color>Red</g:color><g:size>42</g:size><g:material>Mesh</g:material></item>
<item><g:id>M-1</g:id><title>Mug</title><g:price>9.00 EUR</g:price><g:google_product_category>Home &gt; Mugs</g:google_product_category><g:brand>Birk</g:brand></item>
<item><g:id>S-BLUE-43</g:id><g:item_group_id>shoe</g:item_group_id><title>Runner</title><g:image_link>https://i.example/3.jpg</g:image_link>
<g:price>89.00 USD</g:price><g:brand>Acme</g:brand><g:product_type>Shoes &gt; Running</g:product_type><g:color>Blue</g:color><g:size>43</g:size><g:material>Mesh</g:material></item>
<item><title>No name</title></item>
</channel></rss>"#;

#[test]
fn items_of_a_google_feed_become_variants_of_their_group() {
    let (products, refused) = read("feed.xml", GOOGLE_XML);
    assert_eq!(refused, ["line 10: id: is missing"]);
    let names: Vec<&str> = products.iter().map(|product| product.id.as_str()).collect();
    assert_eq!(names, ["M-1", "shoe"]);
    let shoe = &products[1];
    assert_eq!(
        (shoe.title.as_str(), shoe.description.as_deref(), shoe.brand.as_deref()),
        ("Runner & friend", Some("Light."), Some("Acme"))
    );
    assert_eq!(
        (shoe.url.as_deref(), &shoe.categories),
        (Some("https://shop.example/shoe"), &vec![vec!["Shoes".to_owned(), "Running".to_owned()]])
    );
    assert_eq!(shoe.images, ["https://i.example/1.jpg", "https://i.example/2.jpg", "https://i.example/3.jpg"]);
    assert_eq!(serde_json::to_value(&shoe.attributes).expect("JSON"), serde_json::json!({"material": "Mesh"}));
    let skus: Vec<&str> = shoe.variants.iter().map(|variant| variant.sku.as_str()).collect();
    assert_eq!((skus, prices(shoe)), (vec!["S-RED-42", "S-BLUE-43"], vec![(6950, Some(8900)), (8900, None)]));
    assert_eq!(serde_json::to_value(&shoe.variants[1].attributes).expect("JSON"), serde_json::json!({"color": "Blue", "size": 43.0}));
    assert_eq!((shoe.variants[0].title.as_deref(), &shoe.variants[0].gtins), (Some("Red, 42"), &vec!["4006381333931".to_owned()]));
    let mug = &products[0];
    assert_eq!((&mug.categories, prices(mug)), (&vec![vec!["Home".to_owned(), "Mugs".to_owned()]], vec![(900, None)]));
}

#[test]
fn the_same_feed_as_a_table_gives_the_same_products() {
    let table = "id\ttitle\titem group id\tdescription\tlink\timage_link\tadditional_image_link\tavailability\tprice\tsale_price\tbrand\tgtin\tproduct_type\tgoogle_product_category\tcolor\tsize\tmaterial
S-RED-42\tRunner & friend\tshoe\tLight.\thttps://shop.example/shoe\thttps://i.example/1.jpg\thttps://i.example/2.jpg\tin_stock\t89.00 USD\t69.50 USD\tAcme\t4006381333931\tShoes > Running\t187\tRed\t42\tMesh
M-1\tMug\t\t\t\t\t\t\t9.00 EUR\t\tBirk\t\t\tHome > Mugs\t\t\t
S-BLUE-43\tRunner\tshoe\t\t\thttps://i.example/3.jpg\t\tin_stock\t89.00 USD\t\tAcme\t\tShoes > Running\t\tBlue\t43\tMesh
";
    assert_eq!(read("feed.txt", table), (read("feed.xml", GOOGLE_XML).0, Vec::new()));
}

#[test]
fn a_sale_of_some_days_is_not_a_price_for_good() {
    let of = |sale: &str| {
        let xml = format!("<feed><entry><id>a</id><title>A</title><price>9 USD</price>{sale}</entry></feed>");
        prices(&read("feed.xml", &xml).0[0])
    };
    assert_eq!(of("<sale_price>7 USD</sale_price>"), [(700, Some(900))]);
    let days = "<sale_price_effective_date>2026-01-01T00:00Z/2026-01-02T00:00Z</sale_price_effective_date>";
    assert_eq!(of(&format!("<sale_price>7 USD</sale_price>{days}")), [(900, None)]);
}

const SHOPIFY: &str = "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Variant Image,Status
runner,Runner,\"<p>Light,
and quick.</p>\",Acme,Shoes > Running,,\"summer, sale\",TRUE,Color,Red,Size,42,'R-42,5,69.50,89.00,4006381333931,https://i.example/1.jpg,,active
runner,,,,,,,,,Blue,,43,,3,69.50,,,https://i.example/2.jpg,https://i.example/b.jpg,
runner,,,,,,,,,,,,,,,,,https://i.example/3.jpg,,
old,Old thing,,Acme,,,,TRUE,Title,Default Title,,,O-1,0,5.00,,,,,draft
old,,,,,,,,,,,,,,,,,https://i.example/9.jpg,,
mug,Mug,,Birk,,Mugs,,TRUE,Title,Default Title,,,M-1,9,9.00,,,,,active
";

#[test]
fn rows_of_a_shopify_export_become_products_with_variants() {
    let (products, refused) = read("products_export.csv", SHOPIFY);
    assert_eq!(refused, ["line 6: Status: is draft: only active products are sold"]);
    let names: Vec<&str> = products.iter().map(|product| product.id.as_str()).collect();
    assert_eq!(names, ["runner", "mug"]);
    let runner = &products[0];
    assert_eq!((runner.description.as_deref(), runner.brand.as_deref()), (Some("Light,\nand quick."), Some("Acme")));
    assert_eq!(runner.images, ["https://i.example/1.jpg", "https://i.example/2.jpg", "https://i.example/b.jpg", "https://i.example/3.jpg"]);
    assert_eq!(serde_json::to_value(&runner.attributes).expect("JSON"), serde_json::json!({"tags": ["summer", "sale"]}));
    let skus: Vec<&str> = runner.variants.iter().map(|variant| variant.sku.as_str()).collect();
    assert_eq!((skus, prices(runner)), (vec!["R-42", "runner-2"], vec![(6950, Some(8900)), (6950, None)]));
    assert_eq!(runner.variants[1].title.as_deref(), Some("Blue, 43"));
    let mug = &products[1];
    assert_eq!((mug.variants.len(), &mug.variants[0].title, &mug.attributes), (1, &None, &crate::catalog::Attributes::new()));
    assert_eq!(mug.categories, [["Mugs"]]);
}

/// The column of units was not known, so that every row was refused.
#[test]
fn a_shopify_export_says_how_many_units_there_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("products_export.csv");
    std::fs::write(&path, SHOPIFY).expect("writes");
    let rows = stock(&path, &ImportOptions::default()).expect("is read");
    let counted: Vec<(String, i64)> = rows.flatten().map(|row| (row.value.sku.to_string(), row.value.on_hand)).collect();
    assert_eq!(counted, [("R-42".to_owned(), 5), ("O-1".to_owned(), 0), ("M-1".to_owned(), 9)]);
}

#[test]
fn what_is_called_parquet_and_is_none_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("products.parquet");
    let check = |bytes: &[u8], format: Format, told: &str| {
        std::fs::write(&path, bytes).expect("writes");
        let error = products(&path, &ImportOptions { format, ..ImportOptions::default() }).err().expect("is refused");
        assert!(error.to_string().contains(told), "{error}");
    };
    check(b"PAR1...", Format::Auto, "products.parquet");
    check(b"id,title\n1,a\n", Format::Parquet, "is not a Parquet file");
}

#[test]
fn features_written_as_pairs_become_attributes_and_the_description_stays() {
    let table = "product_id\tproduct_name\tproduct_class\tcategory hierarchy\tproduct_description\tproduct_features\n\
        7\tplatform bed\tBeds\tFurniture / Bedroom / Beds\ta good sleep .\toverallwidth:64.7|dsstyle : modern|color : brown|color : espresso\n\
        8\tarea rug\tArea Rugs\t\tNote: soft | durable\tsoft and durable\n";
    let (products, refused) = read("products.tsv", table);
    assert_eq!(refused, Vec::<String>::new());
    let texts = |product: &Product| serde_json::to_string(&product.attributes).expect("encodes");
    assert_eq!(products[0].description.as_deref(), Some("a good sleep ."));
    assert_eq!(products[0].categories, [["Furniture", "Bedroom", "Beds"]]);
    assert_eq!(texts(&products[0]), r#"{"color":["brown","espresso"],"dsstyle":"modern","overallwidth":64.7}"#);
    assert_eq!(products[1].description.as_deref(), Some("Note: soft | durable\nsoft and durable"));
    assert_eq!((&*products[1].categories, &*texts(&products[1])), (&[vec!["Area Rugs".to_owned()]][..], "{}"));
}

fn read_bytes(name: &str, bytes: &[u8]) -> Result<Vec<Product>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("writes");
    let rows = products(&path, &ImportOptions::default()).map_err(|error| error.to_string())?;
    Ok(rows.filter_map(Result::ok).map(|row| row.value).collect())
}

/// A desk that a shop lists under tables and under bookcases came as two rows, of which the second was refused: of one shop of furniture a fifth.
#[test]
fn rows_that_say_a_further_category_of_a_product_are_joined_to_it() {
    let text = "id,title,category,price\n1,Desk,Tables,50\n2,Lamp,Lighting,9\n1,Desk,Bookcases,50\n1,Desk,Tables,50\n2,Lamp,Sale,8\n";
    let (products, refused) = read("rows.csv", text);
    assert_eq!(products.iter().map(|product| product.id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(products[0].categories, [["Tables"], ["Bookcases"]]);
    // The same row once more says nothing new, and one with another price contradicts the first.
    assert_eq!(products[1].categories, [["Lighting"]]);
    assert_eq!(refused, ["line 5: id: 1 stands in line 2 already", "line 6: id: 2 stands in line 3 already"]);
}

#[test]
fn files_of_spreadsheets_and_of_other_countries_are_read_as_they_were_meant() {
    let text = "id,title,price\n1,Teekanne für Ömas Küche,9\n2,Größe größer,3\n3,Süße Äpfel,4\n4,Füße,5\n5,Schöne Tüte,6\n";
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let narrow: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("Latin 1")).collect();
    for (name, bytes) in [("wide.csv", wide), ("narrow.csv", narrow)] {
        let titles: Vec<String> = read_bytes(name, &bytes).expect("is read").into_iter().map(|product| product.title).collect();
        assert_eq!(titles[0], "Teekanne für Ömas Küche", "{name}");
        assert_eq!(titles.len(), 5, "{name}");
    }
    let said = read_bytes("book.xlsx", b"PK\x03\x04 and so on").expect_err("is no text");
    assert!(said.contains("Excel workbook") && said.contains("CSV UTF-8"), "{said}");
}

#[test]
fn woocommerce_exports_of_shops_in_other_languages_are_read() {
    let text = "ID,Typ,Artikelnummer,Name,Veröffentlicht,Angebotspreis,Regulärer Preis,Kategorien,Übergeordnetes Produkt,Attribut 1 Name,Attribut 1 Wert(e)\n\
                7,variable,HEMD,Hemd,1,,,Kleidung,,Größe,\"M, L\"\n8,variation,HEMD-M,Hemd M,1,12,15,,HEMD,Größe,M\n9,variation,HEMD-L,Hemd L,1,,15,,HEMD,Größe,L\n";
    let (products, refused) = read("export.csv", text);
    assert!(refused.is_empty(), "{refused:?}");
    let [shirt] = &products[..] else { panic!("{products:?}") };
    assert_eq!((shirt.id.as_str(), shirt.categories.as_slice()), ("HEMD", [vec!["Kleidung".to_owned()]].as_slice()));
    assert_eq!(prices(shirt), [(1_200, Some(1_500)), (1_500, None)]);
    assert_eq!(shirt.variants[0].title.as_deref(), Some("M"));
}
