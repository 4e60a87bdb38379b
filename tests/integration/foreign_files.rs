//! Files of shops that nobody wrote a map for:
//!
//! 1. columns are understood in other languages, with remarks in brackets, and in numbered kinds;
//! 2. a price says its currency in the cell or in the header, and has its thousands apart by blanks;
//! 3. what a product cost before is no reason to refuse it;
//! 4. identifiers that others write longer than ours stay apart, and rows without any are told apart by their page;
//! 5. a mere name is completed by what the row says that it is;
//! 6. exports that keep names of attributes in columns, or give two forms one SKU, lose nothing;
//! 7. a point in a price is what its column and its currency make of it, and a sign that is of no currency that is known is of no other;
//! 8. rows that name a group or a parent are forms of one product, and prices go on in the currency of those above them.

use super::formats::products_with;
use shopkeeper::catalog::formats::{self, ImportOptions, Reject};
use shopkeeper::catalog::{AttributeValue, Product};
use shopkeeper::money::Currency;
use shopkeeper::text::Language;

fn read(text: &str) -> (Vec<Product>, Vec<Reject>) {
    let (read, refused) = products_with(text, &ImportOptions::default());
    (read.into_iter().map(|(_, product)| product).collect(), refused)
}

fn all(text: &str) -> Vec<Product> {
    let (read, refused) = read(text);
    assert_eq!(refused, [], "{text}");
    read
}

fn price_of(product: &Product) -> (String, Option<String>) {
    let offer = &product.variants[0].offers[0];
    (offer.price.to_string(), offer.list_price.map(|price| price.to_string()))
}

#[test]
fn columns_are_understood_in_other_languages() {
    let german = &all(
        "Artikelnummer;Bezeichnung;Hersteller;Kategorie;Preis (EUR);UVP;Farbe\n4711;Wanderschuh;Meindl;Schuhe > Wandern;1.149,90;1.299,00;braun\n",
    )[0];
    assert_eq!((german.id.as_str(), german.title.as_str(), german.brand.as_deref()), ("4711", "Wanderschuh", Some("Meindl")));
    assert_eq!(german.categories, [["Schuhe", "Wandern"]]);
    assert_eq!(price_of(german), ("1149.90 EUR".to_owned(), Some("1299.00 EUR".to_owned())));
    assert_eq!(german.attributes.get("Farbe"), Some(&AttributeValue::Text("braun".to_owned())));
    let french = &all(
        "Référence,Désignation,Marque,Prix TTC,Catégorie,Photo 1,Photo 2\nA1,Lampe,Halo,\"1 249,00 €\",Maison,http://x/1.jpg,http://x/2.jpg\n",
    )[0];
    assert_eq!((french.id.as_str(), french.title.as_str(), french.brand.as_deref()), ("A1", "Lampe", Some("Halo")));
    assert_eq!((price_of(french).0.as_str(), french.images.len()), ("1249.00 EUR", 2));
    let japanese = &all("商品番号,商品名,ブランド,価格\n1,靴下,花,\"1,980円\"\n")[0];
    assert_eq!((japanese.title.as_str(), price_of(japanese).0.as_str()), ("靴下", "1980 JPY"));
}

#[test]
fn names_with_remarks_and_longer_names_mean_the_same() {
    let toy = &all("uniq_id;product_name;amazon_category_and_sub_category;price\n1;Train;Hobbies > Trains;£3.42\n")[0];
    assert_eq!((toy.categories.clone(), price_of(toy).0), (vec![vec!["Hobbies".to_owned(), "Trains".to_owned()]], "3.42 GBP".to_owned()));
    let grocery =
        &all("Id,Brand,Product,Quantity,Price,MRP,Category,Sub-Category\n0,iD,Wheat Chapati,350 g, 42, 80,snacks,ready to eat\n")[0];
    assert_eq!((grocery.title.as_str(), price_of(grocery).1.as_deref()), ("Wheat Chapati", Some("80.00 USD")));
    let book = &all("Title,Authors,Price Starting With ($)\nGoat Brothers,Colton,8.79\n")[0];
    assert_eq!(price_of(book).0, "8.79 USD");
    let remarked = &all("Title (as in the shop),Price (net),brand usd\nLamp,7,x\n")[0];
    assert_eq!((remarked.title.as_str(), price_of(remarked).0.as_str(), remarked.brand.as_deref()), ("Lamp", "7.00 USD", None));
    let (none, refused) = read("pid|size|rrp\n1|L|25.33\n");
    let reason = "is missing, and no column is known as one: a map says which it is (--map)";
    assert_eq!((none.len(), refused[0].field.as_str(), refused[0].reason.as_str()), (0, "title", reason));
}

#[test]
fn what_it_cost_before_refuses_nothing() {
    let rows = all("id,title,price,old_price\n1,Rail,10,No old price\n2,Bracket,9,SR 15\n3,Lamp,7,-1\n4,Vase,Sold out,\n");
    let offers: Vec<Option<(String, Option<String>)>> =
        rows.iter().map(|row| row.variants[0].offers.first().map(|_| price_of(row))).collect();
    let offer = |price: &str, list: Option<&str>| Some((price.to_owned(), list.map(str::to_owned)));
    assert_eq!(offers, [offer("10.00 USD", None), offer("9.00 USD", Some("15.00 USD")), offer("7.00 USD", None), None]);
    let (_, refused) = read("id,title,price\n1,Rail,-10\n");
    assert_eq!((refused[0].field.as_str(), refused[0].reason.as_str()), ("price", "must not be negative"));
}

#[test]
fn addresses_of_pictures_keep_their_commas() {
    let row = "{\"id\":\"1\",\"title\":\"Shoe\",\"images\":\"https://x/f_auto,q_auto:eco/a.png | https://x/f_auto,q_auto:eco/b.png\"}";
    assert_eq!(all(row)[0].images, ["https://x/f_auto,q_auto:eco/a.png", "https://x/f_auto,q_auto:eco/b.png"]);
    let row = "{\"id\":\"1\",\"title\":\"Shoe\",\"images\":\"https://x/a.png,https://x/b.png\"}";
    assert_eq!(all(row)[0].images, ["https://x/a.png", "https://x/b.png"]);
    let row = "{\"id\":\"1\",\"title\":\"Shoe\",\"images\":\"p/a.png,p/b.png\"}";
    assert_eq!(all(row)[0].images, ["p/a.png", "p/b.png"]);
}

#[test]
fn long_identifiers_are_cut_and_stay_apart() {
    let long = "conjunto-de-algodon-".repeat(8);
    let rows = all(&format!("id,title\n{long}a,One\n{long}b,Two\n"));
    assert!(rows.iter().all(|row| row.id.as_str().len() <= 128 && row.id.as_str().starts_with("conjunto-de-algodon-")));
    assert_ne!(rows[0].id, rows[1].id);
    let shopify = format!("Handle,Title,Option1 Name,Option1 Value,Variant Price\n{long},Set,Size,0-3M,5\n{long},,,3-6M,5\n");
    let set = &all(&shopify)[0];
    assert_eq!((set.variants.len(), set.id.as_str().len() <= 128), (2, true));
}

#[test]
fn rows_without_an_identifier_are_told_apart_by_their_page() {
    let text = "title,link\nSlim shirt,http://x/black\nSlim shirt,http://x/white\nSlim shirt,http://x/black\n";
    let (rows, refused) = read(text);
    assert_eq!((rows.len(), refused.len()), (2, 1));
    assert_ne!(rows[0].id, rows[1].id);
    assert!(refused[0].reason.contains("line 2"), "{refused:?}");
    // Its name without the page is what it was before pages counted.
    assert_eq!(rows[0].id, all("title\nSlim shirt\n")[0].id);
}

#[test]
fn a_mere_name_is_completed_by_what_the_row_says_that_it_is() {
    let check = |row: &str, expected: &str| assert_eq!(all(row)[0].title, expected, "{row}");
    check(r#"{"id":"1","name":"ALGOT","short_description":"  Bracket,    38 cm"}"#, "ALGOT Bracket, 38 cm");
    check(r#"{"id":"1","name":"Milk","short_description":"Fresh milk, 1 l"}"#, "Milk");
    check(r#"{"id":"1","name":"Desk lamp","short_description":"Bright"}"#, "Desk lamp");
    check(r#"{"id":"1","name":"Nike Swoosh","sub_title":"Women's Overalls"}"#, "Nike Swoosh Women's Overalls");
    // What is long describes it.
    let long = "very ".repeat(20);
    check(&format!(r#"{{"id":"1","name":"Nike Swoosh","sub_title":"{long}"}}"#), "Nike Swoosh");
}

#[test]
fn ratings_are_read_as_people_write_them() {
    let check = |rating: &str, expected: Option<(f32, u32)>| {
        let row = format!("{{\"id\":\"1\",\"title\":\"x\",\"rating\":\"{rating}\",\"review_count\":\"1,204 ratings\"}}");
        assert_eq!(all(&row)[0].rating.map(|rating| (rating.average, rating.count)), expected, "{rating}");
    };
    check("4.3 out of 5 stars", Some((4.3, 1_204)));
    check("4,5", Some((4.5, 1_204)));
    check("4/5", Some((4.0, 1_204)));
    check("8/10", None);
    check("No rating available", None);
}

#[test]
fn forms_with_one_sku_and_attributes_in_columns_lose_nothing() {
    let shopify = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\nw,Wig,Length,14,W-1,5\nw,,,16,W-1,6\nw,,,18,W-3,7\n";
    let skus: Vec<String> = all(shopify)[0].variants.iter().map(|variant| variant.sku.to_string()).collect();
    assert_eq!(skus, ["W-1", "W-1-2", "W-3"]);
    let wine = "SKU,Name,Price,Attribute 1 name,Attribute 1 value(s),Attribute 1 visible\nh,Harizma,1770,Region,Srem,1\n";
    let attributes = &all(wine)[0].attributes;
    let names: Vec<&str> = attributes.keys().map(String::as_str).collect();
    assert_eq!((names, attributes.get("Region")), (vec!["Region"], Some(&AttributeValue::Text("Srem".to_owned()))));
    // An entry without a name loses itself alone.
    let sheet = r#"{"id":"1","title":"Drill","specs":[{"name":"Weight","value":"2 kg"},{"value":"x"}]}"#;
    assert_eq!(all(sheet)[0].attributes.keys().collect::<Vec<_>>(), ["Weight"]);
    let numbered = ",item_id,name\n583,7,Desk lamp\n";
    assert!(all(numbered)[0].attributes.is_empty());
}

const WOO: &str = "ID,Type,SKU,Name,Published,Short description,Sale price,Regular price,Categories,Images,Parent,Attribute 1 name,Attribute 1 value(s),Attribute 1 visible
10,variable,HOOD,Hoodie,1,A soft hoodie,,,\"Clothing, Clothing > Hoodies\",\"http://x/1.jpg, http://x/2.jpg\",,Colour,\"Blue, Green\",1
11,variation,HOOD-B,Hoodie - Blue,1,,40,45,,http://x/b.jpg,id:10,Colour,Blue,
12,variation,,Hoodie - Green,1,,,45,,,HOOD,Colour,Green,
13,simple,CAP,Cap,1,,,9,Clothing,,,,,
14,simple,OLD,Old cap,-1,,,9,,,,,,
15,variable,,Empty,1,,,,,,,,,
";

#[test]
fn rows_of_a_woocommerce_export_become_products_with_variants() {
    let (products, refused) = read(WOO);
    let told: Vec<String> = refused.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["line 6: Published: is -1: only published products are sold"]);
    let names: Vec<&str> = products.iter().map(|product| product.id.as_str()).collect();
    assert_eq!(names, ["CAP", "HOOD", "woo-15"]);
    let hoodie = &products[1];
    assert_eq!((hoodie.title.as_str(), hoodie.description.as_deref(), hoodie.images.len()), ("Hoodie", Some("A soft hoodie"), 3));
    assert_eq!(hoodie.categories, vec![vec!["Clothing"], vec!["Clothing", "Hoodies"]]);
    let forms: Vec<(&str, Option<&str>)> = hoodie.variants.iter().map(|form| (form.sku.as_str(), form.title.as_deref())).collect();
    assert_eq!(forms, [("HOOD-B", Some("Blue")), ("woo-12", Some("Green"))]);
    assert_eq!((price_of(hoodie), hoodie.attributes.len()), (("40.00 USD".to_owned(), Some("45.00 USD".to_owned())), 0));
    assert_eq!((products[0].variants.len(), products[2].variants.len()), (1, 1));
    // A sale of some days is no price for good.
    let sale =
        "Type,SKU,Name,Published,Sale price,Date sale price ends,Regular price\nsimple,A,Cap,1,5,2026-12-01,9\nsimple,B,Hat,1,5,,9\n";
    let prices: Vec<(String, Option<String>)> = all(sale).iter().map(price_of).collect();
    assert_eq!(prices, [("9.00 USD".to_owned(), None), ("5.00 USD".to_owned(), Some("9.00 USD".to_owned()))]);
}

#[test]
fn rows_of_any_table_that_name_a_group_or_a_parent_are_forms_of_one_product() {
    let forms = |product: &Product| product.variants.iter().map(|form| form.sku.to_string()).collect::<Vec<_>>();
    let grouped =
        all("item_group_id,SKU,Product Name,Color,Size,Price\nP1,P1-R-S,Basic tee,Red,S,19.99\nP1,P1-R-M,Basic tee,Red,M,19.99\n\
                       P1,P1-B-M,Basic tee,Blue,M,21\n,H1,Hat,,,9.99\nP2,P2,Scarf,,,7\n");
    let mut seen: Vec<_> = grouped.iter().map(|product| (product.id.as_str(), product.title.as_str(), forms(product).join(" "))).collect();
    seen.sort_unstable();
    assert_eq!(
        seen,
        [("H1", "Hat", "H1".to_owned()), ("P1", "Basic tee", "P1-R-S P1-R-M P1-B-M".to_owned()), ("P2", "Scarf", "P2".to_owned())]
    );
    let tee = grouped.iter().find(|product| product.id.as_str() == "P1").expect("is there");
    assert_eq!((tee.variants[2].title.as_deref(), tee.attributes.len()), (Some("Blue, M"), 0));
    let by_parent =
        all("ID;SKU;Parent SKU;Title;Size;Price\n7;TEE;;Tee;;\n8;TEE-S;TEE;Tee S;S;10\n9;TEE-M;TEE;Tee M;M;11\n10;MUG;;Mug;;4\n\
                         11;CAP-1;CAP;Cap;S;5\n12;CAP-2;CAP;Cap;M;5\n");
    let seen: Vec<_> = by_parent.iter().map(|product| (product.id.as_str(), product.title.as_str(), forms(product).join(" "))).collect();
    assert_eq!(seen, [("7", "Tee", "TEE-S TEE-M".to_owned()), ("10", "Mug", "MUG".to_owned()), ("CAP", "Cap", "CAP-1 CAP-2".to_owned())]);
    let (read, refused) = read("SKU,Parent SKU,Title,Price\nA,,Lamp,1\nA,,Lamp,2\n");
    assert_eq!((read.len(), refused[0].to_string().as_str()), (1, "line 3: sku: A stands in line 2 already"));
}

#[test]
fn prices_without_a_currency_are_in_that_of_the_prices_above_them() {
    const TABLE: &str =
        "Artikelnummer;Bezeichnung;Preis;UVP\n1;Jacke;129,99 €;159,99 €\n2;Stiefel;1.299,00;1.500\n3;Schuh;19,5;\n4;Hut;£5;\n5;Schal;6;\n";
    let prices = |options: &ImportOptions| {
        let (read, refused) = products_with(TABLE, options);
        assert_eq!(refused, []);
        read.into_iter().map(|(_, product)| product.variants[0].offers[0].price.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(prices(&ImportOptions::default()), ["129.99 EUR", "1299.00 EUR", "19.50 EUR", "5.00 GBP", "6.00 USD"]);
    let told = ImportOptions { is_currency_told: true, ..ImportOptions::default() };
    assert_eq!(prices(&told), ["129.99 EUR", "1299.00 USD", "19.50 USD", "5.00 GBP", "6.00 USD"]);
}

fn prices_in(currency: &str, prices: &[&str]) -> (Vec<Option<String>>, Vec<Reject>) {
    let rows = prices.iter().zip(1..).map(|(price, id)| format!("{id}\tX\t{price}\n"));
    let text = format!("id\ttitle\tprice\n{}", rows.collect::<String>());
    let currency = Currency::known(currency).expect("a currency");
    let (read, refused) = products_with(&text, &ImportOptions { currency, ..ImportOptions::default() });
    let price = |product: Product| product.variants[0].offers.first().map(|offer| offer.price.to_string());
    (read.into_iter().map(|(_, product)| price(product)).collect(), refused)
}

#[test]
fn headings_with_qualifiers_and_of_more_languages_are_understood() {
    let check = |text: &str, id: &str, title: &str, price: &str| {
        let product = &all(text)[0];
        assert_eq!((product.id.as_str(), product.title.as_str(), price_of(product).0.as_str()), (id, title, price), "{text}");
    };
    check("Artikel-Nr.;Artikelbezeichnung;Langtext;VK-Preis netto;VK-Preis brutto\n1;Lampe;x;74,75;89,95\n", "1", "Lampe", "89.95 USD");
    check("Art.-Nr.;Artikel;Einzelpreis (EUR);Hauptgruppe\n7;Lampe;89,95;Lampen\n", "7", "Lampe", "89.95 EUR");
    check("Code;Libellé;Tarif;Famille\nC1;Marteau;12,50;Outils\n", "C1", "Marteau", "12.50 USD");
    check("Kod produktu;Nazwa;Cena brutto\nK1;Buty;299,99 zł\n", "K1", "Buty", "299.99 PLN");
    check("Cikkszám;Megnevezés;Ár\nH1;Cipő;12 990 Ft\n", "H1", "Cipő", "12990.00 HUF");
    check("상품코드,상품명,판매가\nK1,구두,\"39,000원\"\n", "K1", "구두", "39000 KRW");
    check("管理番号,商品タイトル,販売価格(税込)\nJ1,革靴,1280円\n", "J1", "革靴", "1280 JPY");
    check("رمز المنتج,اسم المنتج,السعر\n1,حذاء,١٩٩ ريال\n", "1", "حذاء", "199.00 SAR");
    // Of an article's number and its designation the latter is the title.
    let both = &all("Artikel;Bezeichnung;Preis\nA-7;Lampe;5\n")[0];
    assert_eq!(both.title, "Lampe");
}

/// Every row was refused: no column was known as a title.
#[test]
fn texts_in_several_languages_make_one_product_in_one_of_them() {
    const TABLE: &str = "sku,name_de,name_fr,description_de,description_fr,category_de,category_fr,price\n\
                         1,Stehlampe,Lampadaire,Aus Holz,En bois,Lampen > Steh,Lampes > Pied,89.95\n2,,Table,,Ronde,,Tables,5\n";
    let read_in = |language: Option<Language>| {
        let (read, refused) = products_with(TABLE, &ImportOptions { language, ..ImportOptions::default() });
        assert_eq!(refused, []);
        read.into_iter().map(|(_, product)| product).collect::<Vec<_>>()
    };
    let text = |product: &Product, name: &str| match product.attributes.get(name) {
        Some(AttributeValue::Text(text)) => text.clone(),
        other => format!("{other:?}"),
    };
    for (language, title, other) in [(None, "Stehlampe", "name_fr"), (Some(Language::French), "Lampadaire", "name_de")] {
        let lamp = &read_in(language)[0];
        assert_eq!((lamp.title.as_str(), lamp.categories.len()), (title, 1), "{language:?}");
        assert_ne!(text(lamp, other), title);
        assert!(lamp.attributes.contains_key(other) && lamp.attributes.contains_key(&other.replace("name", "description")), "{lamp:?}");
    }
    assert_eq!(read_in(None)[1].title, "Table", "what there is");
    assert_eq!(all("Artikelnummer;Bezeichnung_DE;Bezeichnung_EN;Preis\n1;Lampe;Lamp;5\n")[0].title, "Lampe");
}

#[test]
fn what_no_column_was_taken_for_is_told() {
    let hints = |text: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rows");
        std::fs::write(&path, text).expect("writes");
        let rows = formats::products(&path, &ImportOptions::default()).expect("opens");
        rows.omissions().hints()
    };
    let told = hints("Kennung;Bezeichnung;Betrag\nK-1;Lampe;89,95\nK-2;Tisch;1.089,95\n");
    assert!(told[0].contains("`Betrag`") && told[1].contains("`Kennung`"), "{told:?}");
    assert_eq!(hints("id,title,price\n1,Lamp,5\n"), Vec::<String>::new());
    assert_eq!(hints("{\"id\":\"1\",\"title\":\"Lamp\",\"variants\":[{\"sku\":\"a\"}]}\n"), Vec::<String>::new());
}

/// `12.990` was 13 pesos, and `2.500` two and a half euros above `49,90`: a column shows further down what it has before decimals.
#[test]
fn a_point_in_a_price_is_what_its_column_and_its_currency_make_of_it() {
    let check = |currency: &str, prices: &[&str], expected: &[&str]| {
        let (read, refused) = prices_in(currency, prices);
        assert_eq!((read, refused), (expected.iter().map(|price| Some((*price).to_owned())).collect(), Vec::new()), "{prices:?}");
    };
    check("CLP", &["12.990", "990"], &["12990 CLP", "990 CLP"]);
    check("VND", &["1.299.000", "12.990"], &["1299000 VND", "12990 VND"]);
    check("EUR", &["2.500", "1.299,00 €", "49,90"], &["2500.00 EUR", "1299.00 EUR", "49.90 EUR"]);
    check("USD", &["2.500", "12.99"], &["2.50 USD", "12.99 USD"]);
    check("EUR", &["1.299,-", "2.500"], &["1299.00 EUR", "2500.00 EUR"]);
    check("USD", &["2.500"], &["2.50 USD"]);
}

#[test]
fn a_sign_of_no_currency_that_is_known_is_of_no_other() {
    let (read, refused) = prices_in("NZD", &["４，９８０円", "1万2800円", "￥4,980", "٣٤٩ ريال", "1.299,90 TL", "39,000원", "1 299 грн"]);
    assert_eq!(refused, []);
    let read: Vec<String> = read.into_iter().flatten().collect();
    assert_eq!(read, ["4980 JPY", "12800 JPY", "4980 JPY", "349.00 SAR", "1299.90 TRY", "39000 KRW", "1299.00 UAH"]);
    let (read, refused) = prices_in("NZD", &["1 199 kr", "₿ 1"]);
    assert_eq!(read.len(), 0);
    assert!(refused.iter().all(|refused| refused.field == "price" && refused.reason.contains("--currency")), "{refused:?}");
    assert_eq!(prices_in("SEK", &["1 199 kr"]).0, [Some("1199.00 SEK".to_owned())]);
}

#[test]
fn stock_is_counted_in_other_languages() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows");
    std::fs::write(&path, "EAN;Artikelnummer;Bezeichnung;Preis;Bestand;Lagerort\n4006381333931;1001;Jacke;129,99 €;12;nord\n")
        .expect("writes");
    let rows: Vec<_> = formats::stock(&path, &ImportOptions::default()).expect("opens").collect();
    let row = &rows[0].as_ref().expect("is read").value;
    assert_eq!((row.sku.as_str(), row.on_hand, row.location.as_str()), ("1001", 12, "nord"));
}
