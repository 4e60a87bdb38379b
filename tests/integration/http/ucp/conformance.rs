//! Every operation of the REST binding, done and not done, against the published schemas; without them the walk is the same and only what is
//! asserted here is looked at.

use super::platform::{PROFILE, Platform, destination, id_of, message, payment, promote, total};
use super::schemas::Schemas;
use crate::http::server::TestServer;
use serde_json::{Value, json};

/// Walks with the schemas, or without when they are not there.
fn walk(steps: impl FnOnce(&Platform<'_>)) {
    let (server, schemas) = (TestServer::start(), Schemas::read());
    steps(&Platform::new(&server, schemas.as_ref()));
}

#[test]
fn the_profile_names_both_bindings_and_may_be_kept() {
    let (server, schemas) = (TestServer::start(), Schemas::read());
    let answer = server.get("/.well-known/ucp");
    let profile = answer.json();
    schemas.iter().for_each(|schemas| schemas.check("profile", &profile));
    assert!(answer.header("cache-control").starts_with("public, max-age="), "{}", answer.header("cache-control"));
    let transports: Vec<&Value> = (0..2).map(|place| &profile["ucp"]["services"]["dev.ucp.shopping"][place]["transport"]).collect();
    assert_eq!(transports, ["rest", "mcp"]);
    let discount = &profile["ucp"]["capabilities"]["dev.ucp.shopping.discount"][0];
    assert_eq!(discount["extends"], json!(["dev.ucp.shopping.cart", "dev.ucp.shopping.checkout"]));
}

#[test]
fn the_catalogue_is_searched_looked_up_and_chosen_from() {
    walk(|platform| {
        let search = "POST /ucp/v1/catalog/search";
        let found = platform.ask(search, "search", &json!({ "query": "lamp", "pagination": { "limit": 2 } }));
        let cursor = found["pagination"]["cursor"].clone();
        let rest = platform.ask(search, "search", &json!({ "query": "lamp", "pagination": { "limit": 2, "cursor": cursor } }));
        assert_eq!(rest["pagination"]["has_next_page"], false);
        let filters = json!({ "categories": ["Kitchen"], "price": { "max": 3_500 } });
        let context = json!({ "currency": "USD", "eligibility": ["com.example.member"], "intent": "a gift" });
        let signals = json!({ "dev.ucp.buyer_ip": "203.0.113.7", "dev.shopkeeper.session_id": "v1" });
        let found = platform.ask(
            search,
            "search",
            &json!({ "filters": filters, "context": context, "signals": signals, "attribution": { "utm_source": "x" } }),
        );
        assert_eq!(found["pagination"]["total_count"], 2);
        let empty = platform.send(search, &json!({}));
        assert_eq!((empty.status, &empty.json()["code"]), (400, &json!("missing")));

        let ids = json!({ "ids": ["MUG-RED", "MUG-RED", "mug", "teapot", "nothing"] });
        let found = platform.ask("POST /ucp/v1/catalog/lookup", "lookup", &ids);
        let mug = found["products"].as_array().and_then(|products| products.iter().find(|product| product["id"] == "mug")).expect("a mug");
        let inputs: Vec<&Value> = mug["variants"].as_array().expect("variants").iter().map(|variant| &variant["inputs"]).collect();
        assert_eq!(inputs, [&json!([{ "id": "mug", "match": "featured" }]), &json!([{ "id": "MUG-RED", "match": "exact" }])]);
        assert_eq!(found["messages"][0]["code"], "not_found");
        let many: Vec<String> = (0..101).map(|number| format!("p{number}")).collect();
        let refused = platform.send("POST /ucp/v1/catalog/lookup", &json!({ "ids": many }));
        assert_eq!((refused.status, &refused.json()["code"]), (400, &json!("request_too_large")));
    });
}

#[test]
fn one_product_says_what_can_be_chosen() {
    walk(|platform| {
        let product = "POST /ucp/v1/catalog/product";
        let found = platform.ask(product, "product", &json!({ "id": "mug" }));
        assert_eq!(found["product"]["selected"], json!([{ "name": "colour", "label": "blue" }]));
        let values =
            json!([{ "label": "blue", "available": true, "exists": true }, { "label": "red", "available": false, "exists": true }]);
        assert_eq!(found["product"]["options"][0]["values"], values);
        let red = json!({ "id": "mug", "selected": [{ "name": "colour", "label": "red" }], "preferences": ["colour"] });
        assert_eq!(platform.ask(product, "product", &red)["product"]["variants"][0]["id"], "MUG-RED");
        assert_eq!(platform.ask(product, "product", &json!({ "id": "RUG-L" }))["product"]["selected"][0]["label"], "large");
        assert_eq!(platform.refused(product, "product", &json!({ "id": "nothing" })), "not_found");
        assert_eq!(platform.refused(product, "product", &json!({ "id": "mug", "filters": { "price": { "min": 999_999 } } })), "not_found");
    });
}

#[test]
fn a_cart_is_opened_discounted_changed_and_dropped() {
    walk(|platform| {
        promote(platform.server);
        let line = |sku: &str, quantity: u32| json!({ "item": { "id": sku }, "quantity": quantity });
        let body = json!({
            "line_items": [line("DL-BRASS", 2), line("MUG-BLUE", 1)],
            "buyer": { "email": "ada@example.org", "phone_number": "+3290000000" },
            "discounts": { "codes": ["lamps", "NOTHING"] },
            "context": { "address_country": "BE", "eligibility": ["com.example.member"] },
        });
        let cart = platform.ask("POST /ucp/v1/carts", "cart", &body);
        assert_eq!(
            cart["ucp"]["capabilities"].as_object().map(|found| found.keys().cloned().collect::<Vec<_>>()),
            Some(vec!["dev.ucp.shopping.cart".to_owned(), "dev.ucp.shopping.discount".to_owned()])
        );
        assert_eq!(cart["discounts"]["codes"], json!(["LAMPS", "NOTHING"]));
        let applied = &cart["discounts"]["applied"];
        let lamps = applied.as_array().and_then(|all| all.iter().find(|one| one["code"] == "LAMPS")).expect("the code is applied");
        assert_eq!((lamps["amount"].as_i64(), &lamps["allocations"]), (Some(980), &json!([{ "path": "$.line_items[0]", "amount": 980 }])));
        let lamp = &cart["line_items"][0];
        assert_eq!((total(lamp, "subtotal"), total(lamp, "items_discount"), total(lamp, "total")), (9_800, -980, 8_820));
        assert_eq!(total(&cart, "items_discount"), -980);
        let parts: i64 = ["subtotal", "items_discount", "discount", "fulfillment", "tax"].iter().map(|kind| total(&cart, kind)).sum();
        assert_eq!(parts, total(&cart, "total"));
        assert_eq!(message(&cart, "discount_code_invalid")["path"], "$.discounts.codes[1]");
        assert_eq!(message(&cart, "eligibility_not_accepted")["type"], "warning");
        assert_eq!(cart["buyer"]["phone_number"], "+3290000000");

        let path = format!("/ucp/v1/carts/{}", id_of(&cart));
        let update = json!({ "id": id_of(&cart), "line_items": [line("DL-BRASS", 1)], "discounts": { "codes": [] } });
        let cart = platform.ask(&format!("PUT {path}"), "cart", &update);
        assert_eq!((total(&cart, "items_discount"), &cart["discounts"]["codes"]), (0, &json!([])));
        assert_eq!(cart["buyer"]["phone_number"], "+3290000000", "what is not said about the buyer stays");
        let named = json!({ "line_items": [line("DL-BRASS", 1)], "buyer": { "email": "bea@example.org", "first_name": "Bea" } });
        let cart = platform.ask(&format!("PUT {path}"), "cart", &named);
        let buyer = &cart["buyer"];
        assert_eq!([&buyer["email"], &buyer["first_name"], &buyer["phone_number"]], ["bea@example.org", "Bea", "+3290000000"]);
        let card = json!({ "line_items": [line("DL-BRASS", 1)], "buyer": { "first_name": "4111111111111111" } });
        assert_eq!(platform.refused(&format!("PUT {path}"), "cart", &card), "invalid");
        let session = json!({ "cart_id": id_of(&cart), "line_items": [], "buyer": { "email": "eve@example.org", "last_name": "Cole" } });
        let session = platform.ask("POST /ucp/v1/checkout-sessions", "checkout", &session);
        assert_eq!(session["buyer"]["email"], "bea@example.org", "a session goes on with what its cart says");
        assert_eq!(platform.ask(&format!("GET {path}"), "cart", &Value::Null)["line_items"], cart["line_items"]);
        assert_eq!(platform.refused(&format!("PUT {path}"), "cart", &json!({ "line_items": [line("nothing", 1)] })), "item_unavailable");
        assert_eq!(platform.refused("POST /ucp/v1/carts", "cart", &json!({ "line_items": [] })), "invalid");
        assert_eq!(platform.refused("POST /ucp/v1/carts", "cart", &json!({ "lines": [] })), "missing");
        let more = json!({ "line_items": [{ "item": { "id": "DL-BRASS", "title": "Lamp" }, "quantity": 1 }], "buyer": { "com.example.tier": "gold" }, "status": "x" });
        let cart_of_more = platform.ask("POST /ucp/v1/carts", "cart", &more);
        let passed_over: Vec<&Value> = cart_of_more["messages"].as_array().expect("messages").iter().map(|told| &told["path"]).collect();
        assert_eq!(passed_over, ["$.buyer.com.example.tier", "$.line_items[0].item.title", "$.status"]);
        assert_eq!(message(&cart_of_more, "unknown_field")["type"], "info");
        platform.ask(&format!("POST {path}/cancel"), "cart", &Value::Null);
        assert_eq!(platform.refused(&format!("GET {path}"), "cart", &Value::Null), "not_found");
        assert_eq!(platform.refused(&format!("POST {path}/cancel"), "cart", &Value::Null), "not_found");
    });
}

#[test]
fn a_session_is_filled_step_by_step_and_becomes_an_order() {
    walk(|platform| {
        promote(platform.server);
        let lines = json!([{ "item": { "id": "DL-BRASS" }, "quantity": 1 }]);
        let cart = platform.ask("POST /ucp/v1/carts", "cart", &json!({ "line_items": lines, "discounts": { "codes": ["LAMPS"] } }));
        let over_cart = json!({ "cart_id": id_of(&cart), "line_items": [] });
        let session = platform.ask("POST /ucp/v1/checkout-sessions", "checkout", &over_cart);
        assert_eq!((&session["status"], &message(&session, "missing")["severity"]), (&json!("incomplete"), &json!("recoverable")));
        assert_eq!(total(&session, "items_discount"), -490, "codes come along from the cart");
        let same = platform.ask("POST /ucp/v1/checkout-sessions", "checkout", &over_cart);
        assert_eq!(id_of(&same), id_of(&session), "a cart has one open session");

        let path = format!("/ucp/v1/checkout-sessions/{}", id_of(&session));
        let consent = json!({ "marketing": false, "analytics": true });
        let buyer = json!({ "email": "ada@example.org", "first_name": "Ada", "last_name": "King", "consent": consent });
        let methods = json!([{ "type": "shipping", "destinations": [destination()] }]);
        let update = json!({ "line_items": lines, "buyer": buyer, "fulfillment": { "methods": methods } });
        let session = platform.ask(&format!("PUT {path}"), "checkout", &update);
        assert_eq!((&session["status"], &session["buyer"]["consent"]), (&json!("ready_for_complete"), &consent));
        assert_eq!(session["fulfillment"]["methods"][0]["destinations"][0]["address_locality"], "Ghent");
        assert!(session["expires_at"].is_string() && session["continue_url"].is_string());
        let chosen = json!([{ "line_item_ids": ["line_1"], "groups": [{ "id": "group_1", "selected_option_id": "no such way" }] }]);
        let other = platform.ask(&format!("PUT {path}"), "checkout", &json!({ "line_items": lines, "fulfillment": { "methods": chosen } }));
        assert_eq!(other["fulfillment"]["methods"][0]["destinations"][0]["address_locality"], "Ghent", "the address stays: {other}");

        let declined = platform.complete(&session, "tok_decline");
        assert_eq!(
            (&declined["status"], &message(&declined, "payment_declined")["severity"]),
            (&json!("ready_for_complete"), &json!("recoverable"))
        );
        let foreign = json!({ "payment": { "instruments": [{ "handler_id": "other", "credential": { "type": "token", "token": "t" } }] } });
        let told = platform.ask(&format!("POST {path}/complete"), "checkout", &foreign);
        assert_eq!(message(&told, "invalid")["path"], "$.payment.instruments[0].handler_id");
        let done = platform.complete(&session, "tok_success");
        assert_eq!(done["status"], "completed");
        assert!(done.get("continue_url").is_none() && done.get("expires_at").is_none());
        let late = platform.ask(&format!("POST {path}/cancel"), "checkout", &Value::Null);
        assert_eq!((&late["status"], &message(&late, "wrong_status")["severity"]), (&json!("completed"), &json!("recoverable")));
        platform.ask(&format!("GET {path}"), "checkout", &Value::Null);
    });
}

#[test]
fn what_cannot_be_bought_is_told_in_the_session() {
    walk(|platform| {
        let session = platform.ready("BL-1", 1);
        let other = platform.ready("BL-1", 1);
        assert_eq!(platform.complete(&session, "tok_success")["status"], "completed");
        let told = platform.complete(&other, "tok_success");
        assert_eq!(
            (&told["status"], &message(&told, "out_of_stock")["path"]),
            (&json!("ready_for_complete"), &json!("$.line_items[0].quantity"))
        );
        let canceled = platform.ask(&format!("POST /ucp/v1/checkout-sessions/{}/cancel", id_of(&other)), "checkout", &Value::Null);
        assert_eq!(canceled["status"], "canceled");
        let create = "POST /ucp/v1/checkout-sessions";
        assert_eq!(
            platform.refused(create, "checkout", &json!({ "line_items": [{ "item": { "id": "nothing" }, "quantity": 1 }] })),
            "item_unavailable"
        );
        assert_eq!(platform.refused(create, "checkout", &json!({ "cart_id": "nothing" })), "not_found");
        assert_eq!(platform.refused("GET /ucp/v1/checkout-sessions/nothing", "checkout", &Value::Null), "not_found");
        let paying = json!({ "payment": payment("tok_success") });
        assert_eq!(platform.refused("POST /ucp/v1/checkout-sessions/nothing/complete", "checkout", &paying), "not_found");
    });
}

#[test]
fn a_changed_price_is_told_before_it_is_paid() {
    walk(|platform| {
        let session = platform.ready("KET-1", 1);
        let price = json!({ "variants": [{ "sku": "KET-1", "offers": [{ "price": { "amount_minor": 4_500, "currency": "USD" } }] }] });
        let changed =
            platform.server.send("PATCH /v1/products/kettle", &[("content-type", "application/json")], price.to_string().as_bytes());
        assert_eq!(changed.status, 200);
        let told = platform.complete(&session, "tok_success");
        assert_eq!((&told["status"], &message(&told, "cart_changed")["severity"]), (&json!("ready_for_complete"), &json!("recoverable")));
        assert_eq!(platform.complete(&session, "tok_success")["status"], "completed");
    });
}

#[test]
fn an_order_is_followed_by_the_platform_that_brought_it_and_by_no_other() {
    walk(|platform| {
        let done = platform.complete(&platform.ready("DL-BRASS", 3), "tok_success");
        let path = format!("/ucp/v1/orders/{}", done["order"]["id"].as_str().expect("an order"));
        let native = path.replace("/ucp/v1", "/v1");
        let order = platform.ask(&format!("GET {path}"), "order", &Value::Null);
        assert_eq!((&order["line_items"][0]["status"], order["adjustments"].is_null()), (&json!("processing"), true));
        let units = json!({ "units": [{ "sku": "DL-BRASS", "location": "east", "quantity": 2 }] });
        assert_eq!(platform.send(&format!("POST {native}/ship"), &units).status, 200);
        assert_eq!(platform.ask(&format!("GET {path}"), "order", &Value::Null)["line_items"][0]["status"], "partial");
        assert_eq!(platform.send(&format!("POST {native}/ship"), &Value::Null).status, 200);
        let order = platform.ask(&format!("GET {path}"), "order", &Value::Null);
        assert_eq!(
            (&order["line_items"][0]["status"], &order["fulfillment"]["events"][1]["type"]),
            (&json!("fulfilled"), &json!("shipped"))
        );

        let other = [("ucp-agent", "profile=\"https://other.example/ucp\"")];
        let refused = platform.server.send(&format!("GET {path}"), &other, b"");
        assert_eq!((refused.status, &refused.json()["messages"][0]["code"]), (200, &json!("not_found")));
        assert_eq!(platform.refused("GET /ucp/v1/orders/nothing", "order", &Value::Null), "not_found");

        let done = platform.complete(&platform.ready("KET-1", 1), "tok_success");
        let path = format!("/ucp/v1/orders/{}", done["order"]["id"].as_str().expect("an order"));
        let canceled = platform.send(&format!("POST {}/cancel", path.replace("/ucp/v1", "/v1")), &json!({ "reason": "changed my mind" }));
        assert_eq!(canceled.status, 200);
        let order = platform.ask(&format!("GET {path}"), "order", &Value::Null);
        assert_eq!((&order["line_items"][0]["status"], &order["adjustments"][0]["type"]), (&json!("removed"), &json!("cancellation")));
    });
}

#[test]
fn faults_have_statuses_and_codes() {
    let server = TestServer::start();
    let platform = Platform::new(&server, None);
    let check = |headers: &[(&str, &str)], request: &str, body: &[u8], status: u16, code: &str| {
        let answer = server.send(request, headers, body);
        let told = answer.json();
        assert_eq!((answer.status, told["code"].as_str().unwrap_or_default()), (status, code), "{request} {headers:?}: {told}");
        assert!(answer.header("content-type") == "application/json" && told["content"].is_string() && told["continue_url"].is_string());
    };
    let json = ("content-type", "application/json");
    let cart = br#"{"line_items":[{"item":{"id":"MUG-BLUE"},"quantity":1}]}"#;
    check(&[("ucp-agent", "x")], "GET /ucp/v1/carts/c", b"", 400, "invalid_profile_url");
    check(&[("ucp-agent", "profile=\"http://agent.example/\"")], "GET /ucp/v1/carts/c", b"", 400, "invalid_profile_url");
    check(&[("ucp-agent", &format!("{PROFILE}; version=\"2099-01-01\""))], "GET /ucp/v1/carts/c", b"", 422, "version_unsupported");
    let agent = ("ucp-agent", PROFILE);
    check(&[agent, json], "POST /ucp/v1/carts", cart, 400, "missing_header");
    check(&[agent, json, ("idempotency-key", "k")], "POST /ucp/v1/carts", b"{", 400, "malformed_json");
    check(&[agent, ("idempotency-key", "k")], "POST /ucp/v1/carts", cart, 415, "unsupported_media_type");
    check(&[agent, json, ("idempotency-key", "k")], "POST /ucp/v1/carts", b"\xff", 400, "malformed_text");
    assert_eq!(platform.send_under("POST /ucp/v1/carts", "twice", &serde_json::from_slice(cart).expect("JSON")).status, 201);
    check(&[agent, json, ("idempotency-key", "twice")], "POST /ucp/v1/carts", br#"{"line_items":[]}"#, 409, "key_reused");
    let cart = platform.send_under("POST /ucp/v1/carts", "twice", &serde_json::from_slice(cart).expect("JSON"));
    let request = format!("POST /ucp/v1/carts/{}/cancel", id_of(&cart.json()));
    check(
        &[agent, ("idempotency-key", "m"), ("if-match", "\"00112233445566778899aabbccddeeff\"")],
        &request,
        b"",
        412,
        "precondition_failed",
    );
}
