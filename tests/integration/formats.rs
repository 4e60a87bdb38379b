//! Files of other shops become typed rows:
//!
//! 1. rows of every layout (JSON lines, JSON array, tables, gzip) are recognised by content and come with their line numbers;
//! 2. columns are recognised by name, or by a map;
//! 3. a row that cannot be one is refused alone, and the column is named;
//! 4. prices are exact;
//! 5. the real catalogues and histories at hand come in without a map.

use shopkeeper::catalog::formats::{self, ColumnMap, Format, ImportOptions, OrderRow, Reject};
use shopkeeper::catalog::{AttributeValue, CatalogStore, Change, Product};
use shopkeeper::event::{Behaviour, Events, Projection, Recorded};
use shopkeeper::id::Offset;
use shopkeeper::stdx::clock::Timestamp;
use std::io::Write;
use std::path::{Path, PathBuf};

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows");
    std::fs::write(&path, text).expect("writes");
    (folder, path)
}

fn with_map(text: &str) -> ImportOptions {
    ImportOptions { map: ColumnMap::parse(text).expect("a map"), ..ImportOptions::default() }
}

pub(super) fn products_with(text: &str, options: &ImportOptions) -> (Vec<(u64, Product)>, Vec<Reject>) {
    let (_folder, path) = file(text);
    let (mut read, mut refused) = (Vec::new(), Vec::new());
    for row in formats::products(&path, options).expect("opens") {
        match row {
            Ok(row) => read.push((row.line, row.value)),
            Err(reject) => refused.push(reject),
        }
    }
    (read, refused)
}

fn product(text: &str) -> Product {
    let (mut read, refused) = products_with(text, &ImportOptions::default());
    assert!(refused.is_empty() && read.len() == 1, "{refused:?}");
    read.remove(0).1
}

fn json(product: &Product) -> String {
    String::from_utf8(product.to_document().expect("encodes").0.to_vec()).expect("text")
}

#[test]
fn flat_rows_become_documents() {
    let check = |row: &str, expected: &str| assert_eq!(json(&product(row)), expected, "{row}");
    check(
        r#"{"sku": "A1", "name": "Lamp", "price": 12.99, "categories": "Home > Lamps", "colour": "red", "wattage": 5, "image": "http://x/a.jpg"}"#,
        r#"{"id":"A1","title":"Lamp","categories":[["Home","Lamps"]],"attributes":{"colour":"red","wattage":5.0},"images":["http://x/a.jpg"],"variants":[{"sku":"A1","offers":[{"price":{"amount_minor":1299,"currency":"USD"}}]}]}"#,
    );
    check(
        r#"{"id": 7, "title": "Mouse", "manufacturer": "Halden", "ean": ["0884420588030"], "model": "M-1", "price": "9,50 €", "list_price": "12,00 €", "rating": {"average": 4.5, "count": 12}}"#,
        r#"{"id":"7","title":"Mouse","brand":"Halden","rating":{"average":4.5,"count":12},"variants":[{"sku":"7","gtins":["0884420588030"],"mpn":"M-1","offers":[{"price":{"amount_minor":950,"currency":"EUR"},"list_price":{"amount_minor":1200,"currency":"EUR"}}]}]}"#,
    );
    check(
        r#"{"id":"s","title":"Shirt","body_html":"<p>Soft</p>","variants":[{"id":1,"title":"M","price":"10.00","barcode":"12345678","size":"M"},{"sku":"s-l","size":"L"}]}"#,
        r#"{"id":"s","title":"Shirt","description":"Soft","variants":[{"sku":"1","title":"M","gtins":["12345678"],"attributes":{"size":"M"},"offers":[{"price":{"amount_minor":1000,"currency":"USD"}}]},{"sku":"s-l","attributes":{"size":"L"}}]}"#,
    );
    let own = r#"{"id":"lamp","title":"Desk lamp","variants":[{"sku":"L-1","offers":[{"price":{"amount_minor":1999,"currency":"EUR"}}]}]}"#;
    check(own, own);
}

#[test]
fn every_layout_gives_the_same_rows() {
    let lines = "{\"id\":\"1\",\"title\":\"One\"}\n\n{\"id\":\"2\",\"title\":\"Two\"}\n";
    let array = "[ {\"id\":\"1\",\"title\":\"One\"},\n {\"id\":\"2\",\n\"title\":\"Two\"} ]";
    let wrapped = "{\"total\": 2, \"products\": [{\"id\":\"1\",\"title\":\"One\"},\n\n{\"id\":\"2\",\"title\":\"Two\"}], \"skip\": 0}";
    let table = "\u{feff}id,title\r\n1,One\r\n2,\"Two\"\r\n";
    let check = |text: &str, numbers: [u64; 2]| {
        let (read, refused) = products_with(text, &ImportOptions::default());
        let found: Vec<_> = read.iter().map(|(line, product)| (*line, product.id.as_str(), product.title.as_str())).collect();
        assert_eq!((found, refused), (vec![(numbers[0], "1", "One"), (numbers[1], "2", "Two")], vec![]), "{text}");
    };
    check(lines, [1, 3]);
    check(array, [1, 2]);
    check(wrapped, [1, 3]);
    check(table, [2, 3]);
    check("id\ttitle\n1\tOne\n2\tTwo\n", [2, 3]);
}

#[test]
fn gzip_is_read_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.gz");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(b"id;name;price\n1;Lamp;12,50\n").expect("packs");
    std::fs::write(&path, packer.finish().expect("packs")).expect("writes");
    let mut rows = formats::products(&path, &ImportOptions::default()).expect("opens");
    let first = rows.next().expect("a row").expect("a product");
    assert_eq!(first.value.variants[0].offers[0].price.amount_minor, 1250);
    assert_eq!(rows.meter().bytes_read(), rows.meter().bytes_total());
}

#[test]
fn a_row_that_is_no_product_is_refused_alone_and_its_column_named() {
    let rows = "{\"id\":\"1\",\"name\":\"One\"}\n{\"id\":\"2\"}\nnot json\n{\"id\":\"3\",\"name\":\"x\",\"price\":\"call us\"}\n[1]\n{\"id\":\"1\",\"name\":\"Again\"}\n\
                {\"id\":\"4\",\"name\":\"x\",\"price\":-1}\n{\"id\":\"5\",\"name\":\"Five\"}";
    let options = ImportOptions { format: Format::Jsonl, ..ImportOptions::default() };
    let (read, refused) = products_with(rows, &options);
    assert_eq!(read.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 4, 8]);
    let found: Vec<_> = refused.iter().map(|reject| (reject.line, reject.field.as_str())).collect();
    assert_eq!(found, [(2, "title"), (3, ""), (5, ""), (6, "id"), (7, "price")]);
    assert_eq!(refused[3].reason, "1 stands in line 1 already");
}

#[test]
fn a_quote_that_nothing_closes_is_told_of_and_one_over_lines_is_no_fault() {
    let read = |text: &str| products_with(text, &ImportOptions::default());
    let (products, rejects) = read("id,title,price\n1,Lamp,5\n2,\"unterminated,10\n3,Mug,5\n");
    let ids: Vec<&str> = products.iter().map(|(_, product)| product.id.as_str()).collect();
    assert_eq!((ids, rejects.len(), rejects[0].line), (vec!["1"], 1, 3));
    assert!(rejects[0].reason.contains("never closed"), "{}", rejects[0].reason);
    for text in
        ["id,price,title\n1,5,\"Lamp\nof oak\"\n", "id,price,title\n1,5,\"Lamp\nof oak\"\n2,5,Mug\n", "id,price,title\n1,5,15.6\" screen\n"]
    {
        let (products, rejects) = read(text);
        assert!(rejects.is_empty() && !products.is_empty(), "{text:?}: {rejects:?}");
    }
}

#[test]
fn a_map_says_what_names_do_not() {
    let map = "[product]\nid = \"ref\"\ntitle = [\"nom\", \"libelle\"]\nprice = \"cout\"\nprice_unit = \"cents\"\nattributes_prefix = [\"spec_\"]\n\
               ignore = [\"interne\"]\n[product.constants]\ncurrency = \"EUR\"\nbrand = \"Maison\"\ncategory = \"Cuisine > Couteaux\"\n";
    let rows = "ref;nom;libelle;cout;spec_lame;interne\n7;;Couteau;1999;20;x\n";
    let (read, refused) = products_with(rows, &with_map(map));
    assert_eq!(refused, []);
    let expected = r#"{"id":"7","title":"Couteau","brand":"Maison","categories":[["Cuisine","Couteaux"]],"attributes":{"lame":20.0},"variants":[{"sku":"7","offers":[{"price":{"amount_minor":1999,"currency":"EUR"}}]}]}"#;
    assert_eq!(json(&read[0].1), expected);
    let (_folder, path) = file(rows);
    let error = formats::products(&path, &with_map("[product]\nidd = \"ref\"\n")).err().expect("is refused").to_string();
    assert!(error.starts_with("the column map: idd is none of id, sku, title"), "{error}");
}

fn orders_of(text: &str) -> (Vec<OrderRow>, Vec<Reject>) {
    let (_folder, path) = file(text);
    let rows = formats::orders(&path, &ImportOptions::default()).expect("opens");
    let (read, refused): (Vec<_>, Vec<_>) = rows.partition(Result::is_ok);
    (read.into_iter().flatten().map(|row| row.value).collect(), refused.into_iter().filter_map(Result::err).collect())
}

#[test]
fn order_lines_that_follow_each_other_become_one_order() {
    let lines = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n\
                 536365,85123A,HEART,6,12/01/2010 08:26,2.55,17850.0\n536365,71053,LANTERN,6,12/01/2010 08:26,3.39,17850.0\n\
                 C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527\n536380,22961,JAM,0,2010-12-01 09:41:00,1,1\n\
                 536381,22961,JAM,2,then,1,1\n536365,71053,LANTERN,1,12/01/2010 08:26,3.39,\n";
    let (orders, refused) = orders_of(lines);
    assert_eq!(orders.iter().map(|order| order.reference.as_str()).collect::<Vec<_>>(), ["536365", "C536379", "536365#2"]);
    assert_eq!(orders[0].at, Timestamp(1_291_191_960_000));
    assert_eq!(orders[0].shopper.as_ref().map(|shopper| shopper.as_str()), Some("17850"));
    let first: Vec<_> =
        orders[0].lines.iter().map(|line| (line.product.as_str(), line.quantity, line.unit_price.map(|p| p.amount_minor))).collect();
    assert_eq!(first, [("85123A", 6, Some(255)), ("71053", 6, Some(339))]);
    assert_eq!((orders[1].lines[0].quantity, orders[2].shopper.is_none()), (-1, true));
    assert_eq!(
        refused.iter().map(|reject| (reject.line, reject.field.as_str())).collect::<Vec<_>>(),
        [(5, "Quantity"), (6, "InvoiceDate")]
    );
}

#[test]
fn orders_may_hold_their_lines() {
    let (orders, refused) = orders_of(
        "{\"reference\":\"o1\",\"at\":\"2026-01-05T10:00:00Z\",\"shopper\":\"s\",\"lines\":[{\"product\":\"a\",\"quantity\":2,\"unit_price\":\"1.50\"},{\"id\":\"b\"},\"c\"]}\n{\"reference\":\"o2\",\"at\":1,\"lines\":[]}",
    );
    let lines: Vec<_> = orders[0].lines.iter().map(|line| (line.product.as_str(), line.quantity)).collect();
    assert_eq!((lines, refused.len()), (vec![("a", 2), ("b", 1), ("c", 1)], 1));
}

#[test]
fn behaviour_and_stock_rows_are_read() {
    let (_folder, path) = file("SessionId\tItemId\tTime\n10036\t14957\t1592337718.0\n10036\t\t1\n");
    let rows: Vec<_> = formats::events(&path, &ImportOptions::default()).expect("opens").collect();
    let click = &rows[0].as_ref().expect("a click").value;
    assert_eq!((click.behaviour, click.product.as_str(), click.at), (Behaviour::Click, "14957", Timestamp(1_592_337_718_000)));
    assert_eq!(rows[1].as_ref().expect_err("names no product").field, "ItemId");
    let (_folder, path) = file(
        r#"{"type":"add_to_cart","product_id":"p","user_id":5,"quantity":2,"timestamp":"2026-01-05","query_id":"q","recommendation_id":"rec_1","rank":3}"#,
    );
    let row = formats::events(&path, &ImportOptions::default()).expect("opens").next().expect("a row").expect("behaviour").value;
    assert_eq!((row.behaviour, row.quantity, row.origin.rank), (Behaviour::AddToCart, 2, Some(3)));
    assert_eq!(row.origin.recommendation.expect("is named").as_str(), "rec_1");
    let (_folder, path) = file("sku,warehouse,qty\nA,leipzig,5\nB,,0\nC,x,-1\n");
    let rows: Vec<_> = formats::stock(&path, &ImportOptions::default()).expect("opens").collect();
    let count = |index: usize| rows[index].as_ref().map(|row| (row.value.location.as_str(), row.value.on_hand)).ok();
    assert_eq!((count(0), count(1), count(2)), (Some(("leipzig", 5)), Some(("main", 0)), None));
}

/// The folder of real data beside the project, when it is there.
fn real_data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|above| above.join("shared/data")).find(|folder| folder.is_dir());
    if folder.is_none() {
        eprintln!("skipped: no ../shared/data");
    }
    folder
}

#[test]
fn the_real_catalogues_come_in_without_a_map() {
    let Some(folder) = real_data() else { return };
    let check = |name: &str, count: usize, refused_max: usize, what: &dyn Fn(&Product) -> bool| {
        let (mut read, mut refused, mut good) = (0, Vec::new(), 0);
        for row in formats::products(&folder.join(name), &ImportOptions::default()).expect("opens") {
            match row {
                Ok(row) => {
                    read += 1;
                    good += usize::from(what(&row.value));
                }
                Err(reject) => refused.push(reject),
            }
        }
        eprintln!("{name}: {read} read, {} refused, {good} as expected", refused.len());
        assert!(
            read >= count && refused.len() <= refused_max,
            "{name}: {read} read, {} refused, as in {:?}",
            refused.len(),
            refused.first()
        );
        assert!(good * 100 >= read * 95, "{name}: only {good} of {read} as expected");
    };
    let is_typed = |product: &Product| {
        product.attributes.len() < 3 || product.attributes.values().any(|value| !matches!(value, AttributeValue::Text(_)))
    };
    let has_price = |product: &Product| product.variants[0].offers.len() == 1;
    let icecat = |product: &Product| {
        let ean = !product.variants[0].gtins.is_empty();
        product.brand.is_some() && product.images.len() == 1 && ean && has_price(product) && is_typed(product)
    };
    check("icecat/products.jsonl.gz", 19_406, 0, &icecat);
    let with_path =
        |product: &Product| product.categories.len() == 1 && product.brand.is_some() && has_price(product) && product.popularity.is_some();
    check("bestbuy/products_small.jsonl.gz", 3_200, 91, &with_path);
    check("bestbuy/products.csv.gz", 45_000, 2_500, &|product| product.id.as_str() == product.variants[0].gtins.join(","));
    check("homedepot/products.csv.gz", 54_667, 0, &|product| product.id.as_str().len() == 6);
}

#[test]
fn the_real_histories_come_in_without_a_map() {
    let Some(folder) = real_data() else { return };
    let rows = formats::orders(&folder.join("online-retail/order_lines.csv.gz"), &ImportOptions::default()).expect("opens");
    let (orders, refused): (Vec<_>, Vec<_>) = rows.partition(Result::is_ok);
    let orders: Vec<OrderRow> = orders.into_iter().flatten().map(|row| row.value).collect();
    let lines_count: usize = orders.iter().map(|order| order.lines.len()).sum();
    eprintln!("{} orders with {lines_count} lines, {} refused, as in {:?}", orders.len(), refused.len(), refused.first());
    assert!(lines_count + refused.len() == 320_705 && refused.len() < 10);
    assert!(orders.iter().filter(|order| order.lines.iter().any(|line| line.quantity < 0)).count() > 2_000);
    let rows = formats::events(&folder.join("bol-sessions/train.txt.gz"), &ImportOptions::default()).expect("opens");
    assert_eq!(rows.filter(Result::is_ok).count(), 113_601);
}

#[test]
#[ignore = "measures; run it optimised, alone and with --nocapture"]
fn decoding_and_storing_is_fast() {
    let Some(folder) = real_data() else { return };
    let timed = |name: &str| {
        let started = std::time::Instant::now();
        let rows = formats::products(&folder.join(name), &ImportOptions::default()).expect("opens");
        let products: Vec<Product> = rows.flatten().map(|row| row.value).collect();
        let seconds = started.elapsed().as_secs_f64();
        eprintln!("{name}: {} products in {seconds:.3} s, {:.0} a second", products.len(), products.len() as f64 / seconds);
        products
    };
    let mut all = timed("icecat/products.jsonl.gz");
    all.extend(timed("homedepot/products.csv.gz"));
    all.extend(timed("bestbuy/products.csv.gz"));
    all.truncate(50_000);
    let mut store = CatalogStore::new();
    let started = std::time::Instant::now();
    for (offset, product) in all.into_iter().enumerate() {
        if let Ok(Change::Event(event)) = store.decide_put(product) {
            let offset = Offset(offset as u64);
            store.apply(&Recorded { offset, at: Timestamp(0), events: Events::Catalog(vec![event]) });
        }
    }
    eprintln!("{} products decided and applied in {:?}", store.working().products_count(), started.elapsed());
    let path = folder_for_checkpoint();
    let started = std::time::Instant::now();
    store.save(path.path().join("catalog.bin").as_path()).expect("saves");
    eprintln!("saved in {:?}", started.elapsed());
    let heap_before = resident_anonymous_kb();
    let started = std::time::Instant::now();
    let loaded = CatalogStore::load(path.path().join("catalog.bin").as_path()).expect("loads");
    eprintln!("loaded in {:?}, heap grew by {} kB", started.elapsed(), resident_anonymous_kb().saturating_sub(heap_before));
    let ids: Vec<_> = loaded.working().live().filter_map(|ordinal| loaded.working().id_of(ordinal)).collect();
    let started = std::time::Instant::now();
    assert!(ids.iter().all(|id| loaded.working().ordinal_of(id).is_some()));
    eprintln!("a look-up by id takes {:?}", started.elapsed() / ids.len() as u32);
}

fn folder_for_checkpoint() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn resident_anonymous_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|count| count.parse().ok()).unwrap_or(0)
}
