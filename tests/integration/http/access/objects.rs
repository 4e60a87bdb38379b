//! Carts, sessions and orders of shoppers, guests and browsers: all names crossed.

use super::{Credentials, admin_key, ask, key, server};
use crate::http::client::Answer;
use crate::http::server::TestServer;
use serde_json::{Value, json};

/// Somebody who shops, and the names of what is theirs.
pub(super) struct Shopping {
    who: String,
    headers: Vec<(String, String)>,
    names: Vec<(&'static str, String)>,
}

impl Shopping {
    pub(super) fn new(who: &str, credentials: &Credentials) -> Self {
        let headers = credentials.headers().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { who: who.to_owned(), headers, names: Vec::new() }
    }

    fn ask(&self, server: &TestServer, request: &str, body: &Value) -> Answer {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        ask(server, request, &headers, body)
    }

    fn made(&self, server: &TestServer, request: &str, body: &Value) -> Value {
        let answer = self.ask(server, request, body);
        assert!(answer.status < 300, "{}, {request}: {} {}", self.who, answer.status, answer.json());
        answer.json()
    }

    /// Opens a cart and a session, and buys something.
    pub(super) fn shop(mut self, server: &TestServer, sku: &str) -> Self {
        let lines = json!([{ "item": { "id": sku }, "quantity": 1 }]);
        let place = json!({ "first_name": "Ada", "last_name": "King", "street_address": "1 Mill Lane", "address_locality": "Ghent", "address_country": "BE" });
        let text = |answer: &Value, pointer: &str| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let cart = text(&self.made(server, "POST /ucp/v1/carts", &json!({ "line_items": lines })), "/id");
        let open = json!({ "cart_id": cart, "buyer": { "email": "ada@example.org" }, "fulfillment": { "methods": [{ "type": "shipping", "destinations": [place] }] } });
        let bought = text(&self.made(server, "POST /ucp/v1/checkout-sessions", &open), "/id");
        let token = json!({ "type": "token", "token": "tok_success" });
        let payment = json!({ "payment": { "instruments": [{ "id": "i", "handler_id": "test", "type": "token", "credential": token }] } });
        let done = self.made(server, &format!("POST /ucp/v1/checkout-sessions/{bought}/complete"), &payment);
        let order = text(&done, "/order/id");
        let open = json!({ "line_items": lines, "buyer": { "email": "ada@example.org" } });
        let session = text(&self.made(server, "POST /ucp/v1/checkout-sessions", &open), "/id");
        let cart =
            text(&self.made(server, "POST /ucp/v1/carts", &json!({ "line_items": [{ "item": { "id": sku }, "quantity": 2 }] })), "/id");
        assert!(![&cart, &session, &order].iter().any(|name| name.is_empty()), "{done}");
        self.names = vec![("cart", cart), ("session", session), ("order", order)];
        self
    }

    fn name(&self, kind: &str) -> &str {
        self.names.iter().find(|(known, _)| *known == kind).map_or("", |(_, name)| name)
    }

    /// What somebody may ask about these names, with what their owner is answered.
    fn requests(&self) -> Vec<(String, Value)> {
        let (cart, session, order) = (self.name("cart"), self.name("session"), self.name("order"));
        let lines = json!([{ "item": { "id": "KET-1" }, "quantity": 1 }]);
        vec![
            (format!("GET /ucp/v1/carts/{cart}"), Value::Null),
            (format!("GET /v1/carts/{cart}"), Value::Null),
            (format!("GET /ucp/v1/checkout-sessions/{session}"), Value::Null),
            (format!("GET /v1/checkout-sessions/{session}/shipping-options"), Value::Null),
            (format!("GET /ucp/v1/orders/{order}"), Value::Null),
            (format!("GET /v1/orders/{order}/progress"), Value::Null),
            (format!("PUT /ucp/v1/carts/{cart}"), json!({ "id": cart, "line_items": lines })),
            (format!("PATCH /v1/carts/{cart}"), json!({ "name": "taken" })),
            (format!("PUT /v1/carts/{cart}/claims"), json!({ "coupons": [] })),
            (format!("POST /v1/carts/{cart}/lines"), json!({ "sku": "KET-1", "quantity": 1 })),
            (format!("POST /v1/checkout-sessions/{session}/keep"), json!({})),
            (format!("PUT /ucp/v1/checkout-sessions/{session}"), json!({ "id": session, "line_items": lines })),
            ("POST /ucp/v1/checkout-sessions".to_owned(), json!({ "cart_id": cart })),
            (format!("POST /ucp/v1/checkout-sessions/{session}/cancel"), Value::Null),
            (format!("POST /ucp/v1/carts/{cart}/cancel"), Value::Null),
        ]
    }
}

/// Everybody asks about everybody's: of others' not even that they exist.
pub(super) fn cross(server: &TestServer, everybody: &[Shopping]) {
    let mut broken = Vec::new();
    for owner in everybody {
        for other in everybody.iter().filter(|other| other.who != owner.who) {
            for (request, body) in owner.requests() {
                let answer = other.ask(server, &request, &body);
                if answer.status != 404 {
                    broken.push(format!("{} asks for {}'s: {request}: {} {}", other.who, owner.who, answer.status, answer.json()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{} of them:\n{}", broken.len(), broken.join("\n"));
    for owner in everybody {
        for (request, body) in owner.requests().into_iter().filter(|(request, _)| request.starts_with("GET")) {
            let answer = owner.ask(server, &request, &body);
            assert_eq!(answer.status, 200, "{} asks for their own: {request}: {}", owner.who, answer.json());
        }
    }
}

/// The shop page as a browser has it: a name in a cookie and no key.
fn browser(server: &TestServer, who: &str) -> Shopping {
    let answer = server.send("POST /storefront/visit", &[], b"");
    let cookie = answer.header("set-cookie").to_owned();
    assert!(answer.status == 204 && cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
    let pair = cookie.split(';').next().unwrap_or_default().to_owned();
    Shopping { who: who.to_owned(), headers: vec![("cookie".to_owned(), pair)], names: Vec::new() }
}

#[test]
fn shoppers_guests_and_browsers_reach_their_own_and_nobody_elses() {
    let server = server();
    let admin = admin_key(&server);
    let (_, page) = key(&server, Some(&admin), &json!({ "name": "page", "preset": "storefront" }));
    let ann = page.acting_as(&server, &admin, "ann", None);
    let ben = page.acting_as(&server, &admin, "ben", None);
    let everybody = [
        Shopping::new("ann", &ann).shop(&server, "KET-1"),
        Shopping::new("ben", &ben).shop(&server, "KET-1"),
        Shopping::new("a guest", &page).shop(&server, "KET-1"),
        browser(&server, "a browser").shop(&server, "KET-1"),
        browser(&server, "another browser").shop(&server, "KET-1"),
    ];
    cross(&server, &everybody);
    for shopping in &everybody {
        let seen = admin.ask(&server, &format!("GET /v1/orders/{}", shopping.name("order")), &Value::Null);
        assert_eq!(seen.status, 200, "the house sees every order");
        assert_eq!(shopping.ask(&server, "GET /v1/orders", &Value::Null).status, 403, "{} sees no list", shopping.who);
    }
}

#[test]
fn nobody_speaks_for_another_shopper() {
    let server = server();
    let admin = admin_key(&server);
    let (_, page) = key(&server, Some(&admin), &json!({ "name": "page", "preset": "storefront" }));
    let ann = page.acting_as(&server, &admin, "ann", None);
    let status = |credentials: &Credentials, request: &str, body: &Value| credentials.ask(&server, request, body).status;
    for request in ["GET /v1/recommend/for_you?shopper_id=ben", "GET /v1/search?q=lamp&shopper_id=ben", "GET /v1/carts?shopper_id=ben"] {
        assert_eq!((status(&ann, request, &Value::Null), status(&page, request, &Value::Null)), (404, 403), "{request}");
    }
    assert_eq!(status(&ann, "GET /v1/recommend/for_you?shopper_id=ann", &Value::Null), 200);
    assert_eq!(status(&ann, "GET /v1/recommend/for_you", &Value::Null), 200);
    let view = |shopper: &str| json!({ "type": "view", "product_id": "mug", "shopper_id": shopper });
    assert_eq!((status(&ann, "POST /v1/events", &view("ann")), status(&ann, "POST /v1/events", &view("ben"))), (202, 404));
    let lines = json!([{ "sku": "KET-1", "quantity": 1 }]);
    let click = json!({ "shopper_id": "ben", "lines": lines });
    assert_eq!(status(&ann, "POST /v1/orders/one-click", &click), 404);
    assert_eq!(status(&ann, "GET /v1/shoppers/ben/one-click", &Value::Null), 404);
    assert_eq!(status(&ann, "GET /v1/shoppers/ann/export", &Value::Null), 403, "what is held of people is for the house");
    let cart = ann.ask(&server, "POST /v1/carts", &json!({ "buyer": { "shopper": "ben" }, "lines": lines }));
    assert_eq!(cart.status, 404, "{}", cart.json());
    let forged = Credentials { token: Some("st1.9999999999999.YW5u.AAAA".to_owned()), ..page.clone() };
    assert_eq!(status(&forged, "GET /v1/search?q=lamp", &Value::Null), 401);
}

#[test]
fn a_key_for_one_thing_of_the_house_does_that_and_reaches_no_shoppers_cart() {
    let server = server();
    let admin = admin_key(&server);
    let (_, page) = key(&server, Some(&admin), &json!({ "name": "page", "preset": "storefront" }));
    let ann = Shopping::new("ann", &page.acting_as(&server, &admin, "ann", None)).shop(&server, "KET-1");
    let (_, stock) = key(
        &server,
        Some(&admin),
        &json!({ "name": "stock", "scopes": ["inventory:write", "shoppers:read", "payments:read", "carts:read"] }),
    );
    let status = |request: &str, body: &Value| stock.ask(&server, request, body).status;
    let count = json!({ "sku": "KET-1", "location": "east", "set": 7, "reason": "counted" });
    assert_eq!(status("POST /v1/inventory", &count), 200);
    assert_eq!(status("GET /v1/shoppers/ann/export", &Value::Null), 200);
    assert_eq!(status(&format!("GET /v1/orders/{}/payments", ann.name("order")), &Value::Null), 200);
    assert_eq!(status(&format!("GET /v1/carts/{}", ann.name("cart")), &Value::Null), 404);
    let as_ann = admin.acting_as(&server, &admin, "ann", None);
    assert_eq!(as_ann.ask(&server, "GET /v1/orders", &Value::Null).status, 403, "who acts as a shopper may do what shoppers may");
    assert_eq!(as_ann.ask(&server, &format!("GET /v1/carts/{}", ann.name("cart")), &Value::Null).status, 200);
}

#[test]
fn one_callers_idempotency_key_is_not_anothers() {
    let server = server();
    let admin = admin_key(&server);
    let (_, page) = key(&server, Some(&admin), &json!({ "name": "page", "preset": "storefront" }));
    let body = json!({ "line_items": [{ "item": { "id": "KET-1" }, "quantity": 1 }] });
    let ids: Vec<Value> = ["ann", "ben", "ann"]
        .into_iter()
        .map(|shopper| page.acting_as(&server, &admin, shopper, None).ask(&server, "POST /ucp/v1/carts", &body).json()["id"].clone())
        .collect();
    assert!(ids[0] != ids[1] && ids[0] == ids[2], "{ids:?}");
}

#[test]
fn a_guests_cart_is_merged_by_whoever_signs_in() {
    let server = server();
    let admin = admin_key(&server);
    let (_, page) = key(&server, Some(&admin), &json!({ "name": "page", "preset": "storefront" }));
    let guest = page.ask(&server, "POST /v1/carts", &json!({ "lines": [{ "sku": "KET-1", "quantity": 1 }] })).json()["id"].clone();
    let merge = format!("POST /v1/carts/{}/merge", guest.as_str().unwrap_or_default());
    let ann = page.acting_as(&server, &admin, "ann", None);
    assert_eq!(ann.ask(&server, &merge, &json!({ "shopper_id": "ben" })).status, 404);
    let merged = ann.ask(&server, &merge, &json!({ "shopper_id": "ann" }));
    assert_eq!(merged.status, 200, "{}", merged.json());
    let ben = page.acting_as(&server, &admin, "ben", None);
    let taken = ben.ask(&server, &merge, &json!({ "shopper_id": "ben" }));
    assert_eq!(taken.status, 404, "{}", taken.json());
}

/// `checkout:write`, which every browser's key has, was enough to put one's own session on any channel and buy what was put aside for that.
#[test]
fn a_session_is_put_on_a_channel_by_the_house_and_not_by_its_browser() {
    let server = server();
    let admin = admin_key(&server);
    let quota = json!({ "sku": "KET-1", "channel": "market", "units": 1 });
    assert_eq!(admin.ask(&server, "PUT /v1/quotas", &quota).status, 200);
    let (_, page) = key(&server, Some(&admin), &json!({ "name": "page", "preset": "storefront" }));
    let (_, stock) = key(&server, Some(&admin), &json!({ "name": "stock", "scopes": ["inventory:write"] }));
    let lines = json!({ "line_items": [{ "item": { "id": "KET-1" }, "quantity": 1 }], "buyer": { "email": "ada@example.org" } });
    let session = page.ask(&server, "POST /ucp/v1/checkout-sessions", &lines).json();
    let choose = format!("PUT /v1/checkout-sessions/{}/channel", session["id"].as_str().unwrap_or_default());
    let market = json!({ "channel": "market" });
    assert_eq!(page.ask(&server, &choose, &market).status, 403);
    let chosen = stock.ask(&server, &choose, &market);
    assert_eq!((chosen.status, chosen.json()["channel"].as_str()), (200, Some("market")), "{}", chosen.json());
}

/// Every browser's key was told what is put aside for any channel, by its name.
#[test]
fn what_is_put_aside_for_a_channel_is_told_to_the_house_and_not_to_browsers() {
    let server = server();
    let admin = admin_key(&server);
    assert_eq!(admin.ask(&server, "PUT /v1/quotas", &json!({ "sku": "KET-1", "channel": "market", "units": 1 })).status, 200);
    let asked = |scopes: Value, query: &str| {
        let (_, asker) = key(&server, Some(&admin), &json!({ "name": scopes.to_string(), "scopes": scopes }));
        let answer = asker.ask(&server, &format!("GET /v1/inventory/KET-1/promise{query}"), &Value::Null);
        (answer.status, answer.json()["field"].as_str().map(str::to_owned))
    };
    assert_eq!(asked(json!(["products:read"]), ""), (200, None));
    assert_eq!(asked(json!(["products:read", "checkout:write"]), "?channel=market"), (403, Some("channel".to_owned())));
    for house in ["inventory:read", "inventory:write"] {
        assert_eq!(asked(json!(["products:read", house]), "?channel=market"), (200, None), "{house}");
    }
}

/// A key that only searches was told by `live=true` how fast a product sells, what its conversion is and how many are left.
#[test]
fn how_a_product_sells_is_told_to_the_house_and_not_to_browsers() {
    let server = server();
    let admin = admin_key(&server);
    let asked = |scopes: Value| {
        let (_, asker) = key(&server, Some(&admin), &json!({ "name": scopes.to_string(), "scopes": scopes }));
        assert_eq!(asker.ask(&server, "GET /v1/products/mug", &Value::Null).status, 200);
        let answer = asker.ask(&server, "GET /v1/products/mug?live=true", &Value::Null);
        (answer.status, answer.json()["field"].as_str().map(str::to_owned), answer.json()["velocity_per_day"].is_number())
    };
    assert_eq!(asked(json!(["search:read", "products:read"])), (403, Some("live".to_owned()), false));
    for house in ["analytics:read", "inventory:read"] {
        assert_eq!(asked(json!(["products:read", house])), (200, None, true), "{house}");
    }
}
