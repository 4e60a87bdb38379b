//! A product that nobody has seen yet is recommended at once, through what it is like.
//!
//! Properties pinned here, all through HTTP, on a shop that has learnt embeddings from its own titles:
//! 1. within a second of its import a new product is recommended with what its like is viewed with, and says whose ties it borrows;
//! 2. asked about, it answers with the ties of its like;
//! 3. it is among the products similar to its like.

use super::server::TestServer;
use serde_json::{Value, json};
use shopkeeper::learn::embeddings;
use std::path::Path;
use std::time::{Duration, Instant};

const SORTS: [&str; 6] = ["lamp", "kettle", "chair", "mug", "rug", "clock"];
const MAKES: [&str; 8] = ["brass", "oak", "steel", "paper", "glass", "linen", "cork", "copper"];

/// Terms of many titles: enough for words of one sort to come to lie together.
fn learn(shop: &Path) {
    let titles = (0..400).map(|number| (SORTS[number % 6], MAKES[number % 8], MAKES[number / 7 % 8]));
    let companion = |sort: &str| format!("{sort}ware");
    let document = |(sort, a, b): (&str, &str, &str)| {
        [sort.to_owned(), companion(sort), a.to_owned(), b.to_owned()].into_iter().map(|term| (term, 1.0)).collect::<Vec<(String, f32)>>()
    };
    let learnt = embeddings::train(titles.map(document), &embeddings::Options::default(), &|_, _| {}).expect("learns");
    std::fs::create_dir_all(shop.join("models")).expect("a folder");
    // So small a vocabulary says nothing about what is noise.
    let learnt = learnt.with_cut(0.2);
    learnt.save(&shop.join("models/embeddings.bin")).expect("saves");
}

fn product(id: &str, title: &str, category: &str) -> Value {
    json!({
        "id": id, "title": title, "categories": [[category]],
        "variants": [{ "sku": id.to_uppercase(), "offers": [{ "price": { "amount_minor": 1000, "currency": "USD" } }] }],
    })
}

fn put(server: &TestServer, product: &Value) {
    let answer = server.send("POST /v1/products", &[("content-type", "application/json")], product.to_string().as_bytes());
    assert!(answer.status < 300, "{}", answer.json());
}

fn view(server: &TestServer, shopper: &str, product: &str) {
    let event = json!({ "type": "view", "product_id": product, "shopper_id": shopper });
    let answer = server.send("POST /v1/events", &[("content-type", "application/json")], event.to_string().as_bytes());
    assert_eq!(answer.status, 202);
}

fn recommended(server: &TestServer, path: &str, wanted: impl Fn(&Value) -> bool, since: Instant) {
    loop {
        let answer = server.get(path).json();
        if answer["products"].as_array().is_some_and(|products| products.iter().any(&wanted)) {
            return;
        }
        assert!(since.elapsed() < Duration::from_secs(1), "{path}: {answer}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_new_product_is_recommended_within_a_second_of_its_import() {
    let server = TestServer::start_with(learn);
    put(&server, &product("old-lamp", "brass lamp lampware", "Lighting"));
    put(&server, &product("shade", "linen rug rugware", "Shades"));
    ["ann", "ben", "cleo"].iter().for_each(|shopper| ["old-lamp", "shade"].iter().for_each(|id| view(&server, shopper, id)));
    let is = |id: &'static str, because: &'static str| move |one: &Value| one["id"] == id && one["reason"]["because"] == because;
    recommended(&server, "/v1/recommend/also_viewed?product_id=shade", is("old-lamp", "viewed_with"), Instant::now());

    let imported = Instant::now();
    put(&server, &product("new-lamp", "copper lamp lampware", "Lighting"));
    let inherits =
        |one: &Value| is("new-lamp", "inherits")(one) && one["reason"]["like_product_id"] == "old-lamp" && one["reason"]["count"] == 3;
    recommended(&server, "/v1/recommend/also_viewed?product_id=shade&fill=false", inherits, imported);
    recommended(&server, "/v1/recommend/also_viewed?product_id=new-lamp&fill=false", is("shade", "inherits"), imported);
    recommended(&server, "/v1/recommend/similar?product_id=old-lamp&fill=false", is("new-lamp", "similar_to"), imported);
}
