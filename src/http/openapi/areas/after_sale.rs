//! The description of the routes about orders after they were placed.

use crate::http::openapi::table::{Body, Route, number, route, text};

const TAG: &str = "After sale";

pub(super) const ROUTES: &[Route] = &[
    route("post", "/v1/orders/{id}/holds", TAG, "Let an order wait.", "Order").body(Body::Json("Hold")).keyed(),
    route("post", "/v1/orders/{id}/holds/release", TAG, "A reason to wait is gone.", "Order").body(Body::Json("Hold")).keyed(),
    route("post", "/v1/orders/{id}/edits/preview", TAG, "What an edit would come to. Nothing happens.", "EditPreview")
        .body(Body::Json("OrderEdit")),
    route("post", "/v1/orders/{id}/edits", TAG, "Edit an order, or cancel units of its lines, before they leave.", "Order")
        .body(Body::Json("OrderEdit"))
        .keyed(),
    route("post", "/v1/orders/{id}/payments", TAG, "Pay what an order owes beyond its payments.", "Order")
        .body(Body::Json("BalancePayment"))
        .keyed(),
    route("get", "/v1/orders/{id}/returns", TAG, "Returns of an order, and what may still be asked back.", "OrderReturns"),
    route("post", "/v1/orders/{id}/returns", TAG, "Ask for a return, exchange or claim.", "Return")
        .body(Body::Json("ReturnRequest"))
        .status("201")
        .keyed(),
    route("get", "/v1/returns", TAG, "Returns, the newest first.", "Returns").params(&[
        text("status", "One of the statuses of a return."),
        number("limit", "1 to 200; 20 when left out."),
        text("cursor", "`next_cursor` of the page before."),
    ]),
    route("get", "/v1/returns/{id}", TAG, "A return, exchange or claim.", "Return"),
    route("post", "/v1/returns/{id}/approve", TAG, "It may come.", "Return").keyed(),
    route("post", "/v1/returns/{id}/decline", TAG, "It may not come.", "Return").body(Body::Json("ReturnDecline")).keyed(),
    route("post", "/v1/returns/{id}/send", TAG, "The shopper handed it to a carrier.", "Return").body(Body::Json("ReturnSend")).keyed(),
    route("post", "/v1/returns/{id}/receive", TAG, "It arrived.", "Return").body(Body::Json("ReturnReceive")).keyed(),
    route("post", "/v1/returns/{id}/inspect", TAG, "What was found; what can be sold is in stock from then on.", "Return")
        .body(Body::Json("ReturnInspect"))
        .keyed(),
    route("post", "/v1/returns/{id}/refund", TAG, "Give the money back.", "Return").body(Body::Optional("ReturnRefund")).keyed(),
    route("post", "/v1/returns/{id}/replace", TAG, "Assign the goods that replace it.", "Return").keyed(),
    route("post", "/v1/returns/{id}/close", TAG, "Nothing more is to be done.", "Return").keyed(),
    route("post", "/v1/returns/{id}/cancel", TAG, "Call it off.", "Return").keyed(),
];

pub(super) const SCHEMAS: &str = include_str!("after_sale.json");
