//! Tenants' keys: what their filter lets through, and nothing else, through every door.

use super::objects::{Shopping, cross};
use super::{Credentials, admin_key, ask, key, server};
use crate::http::server::TestServer;
use serde_json::{Value, json};

fn tenant(server: &TestServer, admin: &Credentials, brand: &str) -> (String, Credentials) {
    key(server, Some(admin), &json!({ "name": brand, "preset": "storefront", "filter": format!("brand = \"{brand}\"") }))
}

#[test]
fn two_tenants_and_their_shoppers_do_not_know_of_each_other() {
    let server = server();
    let admin = admin_key(&server);
    let (birk_id, birk) = tenant(&server, &admin, "Birk");
    let (alder_id, alder) = tenant(&server, &admin, "Alder");
    let (_, page) = key(&server, Some(&admin), &json!({ "name": "page", "preset": "storefront" }));
    let everybody = [
        Shopping::new("ann at Birk", &birk.acting_as(&server, &admin, "ann", Some(&birk_id))).shop(&server, "KET-1"),
        Shopping::new("ben at Birk", &birk.acting_as(&server, &admin, "ben", Some(&birk_id))).shop(&server, "KET-1"),
        Shopping::new("ann at Alder", &alder.acting_as(&server, &admin, "ann", Some(&alder_id))).shop(&server, "DL-BRASS"),
        Shopping::new("a guest of Birk", &birk).shop(&server, "KET-1"),
        Shopping::new("a guest of Alder", &alder).shop(&server, "FL-OAK"),
        Shopping::new("ann", &page.acting_as(&server, &admin, "ann", None)).shop(&server, "KET-1"),
    ];
    cross(&server, &everybody);
    let elsewhere = birk.acting_as(&server, &admin, "ann", Some(&alder_id));
    assert_eq!(elsewhere.ask(&server, "GET /v1/search", &Value::Null).status, 401, "a token is good under its own key only");
    let anywhere = birk.acting_as(&server, &admin, "ann", None);
    assert_eq!(anywhere.ask(&server, "GET /v1/search", &Value::Null).status, 401);
}

#[test]
fn a_tenants_key_shows_what_its_filter_lets_through_and_nothing_else() {
    let server = server();
    let admin = admin_key(&server);
    let (_, birk) = tenant(&server, &admin, "Birk");
    let get = |request: &str| birk.ask(&server, &format!("GET {request}"), &Value::Null);
    // Every product of another brand, in whatever answer.
    let shows_others = |answer: &Value| {
        let text = answer.to_string();
        ["desk-lamp", "floor-lamp", "\"chair\"", "\"rug\"", "Alder", "Nord"].iter().any(|name| text.contains(name))
    };
    for request in [
        "/v1/search?limit=50&facets=brand,category,brand:search(%22al%22)",
        "/v1/search?limit=50&filter=brand%20%3D%20%22Alder%22",
        "/v1/search?q=lamp&facets=*&explain",
        "/v1/search?q=lamp&group_by=brand",
        "/v1/suggest?q=la",
        "/v1/suggest?q=ald",
        "/v1/suggest?q=home",
        "/v1/recommend/popular?limit=50",
        "/v1/recommend/trending?filter=price%20%3E%200",
        "/v1/recommend/similar?product_id=bed-lamp&limit=50",
    ] {
        let answer = get(request);
        assert!(answer.status == 200 && !shows_others(&answer.json()), "{request}: {} {}", answer.status, answer.json());
    }
    let total = get("/v1/search?limit=50&fields=*").json()["total"].as_u64();
    assert_eq!(total, Some(4), "bed-lamp, kettle, mug and teapot");
    for request in [
        "/v1/products/desk-lamp",
        "/v1/products/desk-lamp/price-history",
        "/v1/inventory/DL-BRASS/promise",
        "/v1/recommend/similar?product_id=desk-lamp",
    ] {
        assert_eq!(get(request).status, 404, "{request}: {}", get(request).json());
    }
    assert_eq!(get("/v1/products/kettle").status, 200);
    let searches = json!({ "searches": [{ "q": "lamp" }, { "filter": "brand = \"Alder\"" }, { "q": "chair" }] });
    let many = birk.ask(&server, "POST /v1/multi-search", &searches).json();
    assert!(!shows_others(&many), "{many}");
    let agents = birk.ask(&server, "POST /ucp/v1/catalog/search", &json!({ "query": "lamp" })).json();
    assert!(!shows_others(&agents), "{agents}");
    let looked_up = birk.ask(&server, "POST /ucp/v1/catalog/lookup", &json!({ "ids": ["DL-BRASS", "chair", "kettle"] })).json();
    assert_eq!(looked_up["products"].as_array().map(Vec::len), Some(1), "{looked_up}");
    for (request, body) in [
        ("POST /1/indexes/products/query", json!({ "query": "lamp", "facets": ["brand"] })),
        ("POST /1/indexes/products/objects", json!({ "requests": [{ "indexName": "products", "objectID": "desk-lamp" }] })),
    ] {
        let answer = birk.ask(&server, request, &body);
        assert!(answer.status == 200 && !shows_others(&answer.json()), "{request}: {} {}", answer.status, answer.json());
    }
    assert_eq!(get("/1/indexes/products/desk-lamp").status, 404);
    let view = birk.ask(&server, "POST /v1/events", &json!({ "type": "view", "product_id": "chair" }));
    assert_eq!((view.status, view.json()["field"].as_str()), (400, Some("product_id")));
    let cart = birk.ask(&server, "POST /ucp/v1/carts", &json!({ "line_items": [{ "item": { "id": "DL-BRASS" }, "quantity": 1 }] }));
    assert_eq!(cart.status, 400, "{}", cart.json());
    let widened = get("/v1/recommend/popular?filter=price%20%3E%200)%20OR%20(price%20%3E%200");
    assert_eq!((widened.status, widened.json()["field"].as_str()), (400, Some("filter")), "a bracket of the key's own cannot be closed");
}

#[test]
fn a_key_for_a_marketplace_asks_about_that_one() {
    let server = server();
    let admin = admin_key(&server);
    let (_, german) = key(&server, Some(&admin), &json!({ "name": "de", "preset": "search-only", "marketplace": "de" }));
    for request in ["/v1/search?q=lamp", "/v1/suggest?q=lamp", "/v1/recommend/popular"] {
        let asked = |more: &str| ask(&server, &format!("GET {request}{more}"), &german.headers(), &Value::Null);
        let joined = if request.contains('?') { "&" } else { "?" };
        assert_eq!(asked("").status, 200, "{request}");
        assert_eq!(asked(&format!("{joined}marketplace=de")).status, 200, "{request}");
        let other = asked(&format!("{joined}marketplace=fr"));
        assert_eq!((other.status, other.json()["field"].as_str()), (403, Some("marketplace")), "{request}");
    }
}

/// Products that only another marketplace offers, and what it asks for others, were told by name to whoever had a key for this one.
#[test]
fn a_key_for_a_marketplace_knows_nothing_of_the_offers_of_others() {
    let server = server();
    let admin = admin_key(&server);
    let offer =
        |marketplace: Value, amount: i64| json!({ "marketplace": marketplace, "price": { "amount_minor": amount, "currency": "EUR" } });
    let put = |id: &str, sku: &str, offers: Value| {
        let body = json!({ "id": id, "title": "Zirkon", "variants": [{ "sku": sku, "offers": offers }] });
        assert_eq!(admin.ask(&server, &format!("PUT /v1/products/{id}"), &body).status, 201);
    };
    put("bell", "BELL-1", json!([offer(json!("fr"), 777)]));
    put("horn", "HORN-1", json!([offer(Value::Null, 900), offer(json!("de"), 800), offer(json!("fr"), 777)]));
    let of = |marketplace: &str| {
        key(&server, Some(&admin), &json!({ "name": marketplace, "preset": "storefront", "marketplace": marketplace })).1
    };
    let (german, french, italian) = (of("de"), of("fr"), of("it"));
    let get = |by: &Credentials, address: &str| by.ask(&server, &format!("GET {address}"), &Value::Null);
    for address in ["/v1/products/bell", "/v1/products/bell/price-history", "/1/indexes/x/bell", "/v1/inventory/BELL-1/promise"] {
        let statuses = [&german, &italian, &french].map(|by| get(by, address).status);
        assert_eq!(statuses, [404, 404, 200], "{address}");
    }
    let lines = json!({ "line_items": [{ "item": { "id": "BELL-1" }, "quantity": 1 }] });
    assert_eq!(german.ask(&server, "POST /ucp/v1/carts", &lines).status, 400);
    let view = german.ask(&server, "POST /v1/events", &json!({ "type": "view", "product_id": "bell" }));
    assert_eq!((view.status, view.json()["field"].as_str()), (400, Some("product_id")));

    for address in ["/v1/products/horn", "/1/indexes/x/horn", "/v1/products/horn/price-history"] {
        let answer = get(&german, address);
        let text = answer.json().to_string();
        assert!(answer.status == 200 && !text.contains("777") && !text.contains("7.77"), "{address}: {text}");
    }
    let amounts = |answer: &Value| -> Vec<i64> {
        let offers = answer["variants"][0]["offers"].as_array().cloned().unwrap_or_default();
        offers.iter().filter_map(|offer| offer["price"]["amount_minor"].as_i64()).collect()
    };
    assert_eq!(amounts(&get(&german, "/v1/products/horn").json()), [900, 800]);
    assert_eq!(amounts(&get(&admin, "/v1/products/horn").json()), [900, 800, 777], "the house knows all of them");
    assert_eq!([&german, &french].map(|by| get(by, "/1/indexes/x/horn").json()["price"].as_f64()), [Some(8.0), Some(7.77)]);
    let found = |fields: &str| {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        loop {
            let hits = get(&german, &format!("/v1/search?q=zirkon&fields={fields}")).json()["hits"].clone();
            if hits.as_array().is_some_and(|hits| !hits.is_empty()) {
                return hits.to_string();
            }
            assert!(std::time::Instant::now() < deadline, "is never found");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    };
    assert!(["*", "id,variants"].iter().all(|fields| !found(fields).contains("777")));
}
