//! The description of the routes about carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use crate::http::openapi::table::{Body, Route, route, text};

const TAG: &str = "Carts";

pub(super) const ROUTES: &[Route] = &[
    route("get", "/v1/carts", TAG, "The carts and lists of a shopper, those touched last first.", "Carts")
        .params(&[text("shopper_id", "Whose; required.")]),
    route("post", "/v1/carts", TAG, "Open a cart.", "Cart").body(Body::Json("CartRequest")).status("201").keyed(),
    route("get", "/v1/carts/{id}", TAG, "A cart: what will be bought, and what is saved for later.", "Cart"),
    route("patch", "/v1/carts/{id}", TAG, "Name a cart, or make it a list of wishes.", "Cart").body(Body::Json("CartDescription")).keyed(),
    route("delete", "/v1/carts/{id}", TAG, "Drop a cart; it is answered as it was.", "Cart").keyed(),
    route("post", "/v1/carts/{id}/lines", TAG, "Put units into a cart; other lines stay as they are.", "Cart")
        .body(Body::Json("CartLineRequest"))
        .keyed(),
    route("patch", "/v1/carts/{id}/lines/{line}", TAG, "Change the units of one line; 0 takes it out.", "Cart")
        .body(Body::Json("CartLineChange"))
        .keyed(),
    route("delete", "/v1/carts/{id}/lines/{line}", TAG, "Take one line out.", "Cart").keyed(),
    route("post", "/v1/carts/{id}/lines/{line}/move", TAG, "Save a line for later, or bring it back.", "Cart")
        .body(Body::Json("CartLineMove"))
        .keyed(),
    route("post", "/v1/carts/{id}/merge", TAG, "A guest signed in: their cart becomes the shopper's, and no line is lost.", "Cart")
        .body(Body::Json("CartMerge"))
        .keyed(),
    route("get", "/v1/quantity-rules", TAG, "How many units one cart may hold and one buyer may have.", "QuantityRules"),
    route("get", "/v1/quantity-rules/skus/{sku}", TAG, "The quantity rule of a SKU.", "QuantityRule"),
    route("put", "/v1/quantity-rules/skus/{sku}", TAG, "Set the quantity rule of a SKU.", "QuantityRule")
        .body(Body::Json("QuantityRuleRequest"))
        .keyed(),
    route("delete", "/v1/quantity-rules/skus/{sku}", TAG, "Take the quantity rule of a SKU away.", "").status("204").keyed(),
    route("get", "/v1/quantity-rules/products/{id}", TAG, "The quantity rule of all variants of a product together.", "QuantityRule"),
    route("put", "/v1/quantity-rules/products/{id}", TAG, "Set the quantity rule of all variants of a product together.", "QuantityRule")
        .body(Body::Json("QuantityRuleRequest"))
        .keyed(),
    route("delete", "/v1/quantity-rules/products/{id}", TAG, "Take the quantity rule of a product away.", "").status("204").keyed(),
    route(
        "get",
        "/v1/checkout-sessions/{id}/shipping-options",
        TAG,
        "How the goods can travel, and when they are promised.",
        "ShippingOptions",
    ),
    route("put", "/v1/checkout-sessions/{id}/shipping-options", TAG, "Choose how the goods travel.", "ShippingOptions")
        .body(Body::Json("ShippingChoice"))
        .keyed(),
    route("post", "/v1/checkout-sessions/{id}/keep", TAG, "The shopper is still there: hold the stock longer, up to a cap.", "SessionHeld")
        .keyed(),
    route("post", "/v1/checkout-sessions/{id}/fraud-decision", TAG, "What a service outside found about a session.", "SessionJudged")
        .body(Body::Json("FraudDecision"))
        .keyed(),
    route("post", "/v1/orders/{id}/fraud-decision", TAG, "Somebody looked at an order: it goes on, waits, or is canceled.", "Order")
        .body(Body::Json("FraudDecision"))
        .keyed(),
    route("post", "/v1/orders/one-click", TAG, "Order with the stored token and address, in one write.", "OneClickOrdered")
        .body(Body::Json("OneClickOrder"))
        .status("201")
        .keyed(),
    route("get", "/v1/shoppers/{id}/one-click", TAG, "What is kept for orders with one click; never the token.", "OneClickProfile"),
    route(
        "put",
        "/v1/shoppers/{id}/one-click",
        TAG,
        "Keep a provider's token and an address for orders with one click.",
        "OneClickProfile",
    )
    .body(Body::Json("OneClickRequest"))
    .keyed(),
    route("delete", "/v1/shoppers/{id}/one-click", TAG, "Forget them.", "").status("204").keyed(),
];

pub(super) const SCHEMAS: &str = include_str!("carts.json");
