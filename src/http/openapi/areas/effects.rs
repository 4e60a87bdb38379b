//! The description of the routes by which others are told what happens.

use crate::http::openapi::table::{Body, Param, Route, flag, number, route, text};

const CHANGES: &[Param] = &[
    text(
        "after",
        "next of the page before, the id of the last change that was dealt with, or an offset; start, or end for what comes from now on. From the start when left out.",
    ),
    text("streams", "trade (default), catalog, or both separated by commas."),
    text(
        "kinds",
        "Types to be told of, or whole areas of them (pricing), separated by commas, each one that the streams have; all when left out.",
    ),
    number("limit", "1 to 1000; 100 when left out."),
    number("wait_ms", "How long an empty page waits for something to happen, up to 25000; 0 when left out."),
    flag(
        "personal",
        "Whether the fields that say who somebody is are told, which needs shoppers:read and is audited; false when left out. Payment tokens never are.",
    ),
];

pub(super) const ROUTES: &[Route] = &[
    route("get", "/v1/changes", "Changes", "What happened, in the order of the journal, from any place in it.", "Changes").params(CHANGES),
    route("get", "/v1/changes/types", "Changes", "Every type of change, what it means and what fields it has.", "ChangeTypes"),
    route(
        "get",
        "/v1/orders/{id}/history",
        "Stock and orders",
        "What happened to an order, the first first: its entries of the journal.",
        "OrderHistory",
    )
    .params(&[number("limit", "1 to 50; 20 when left out."), text("cursor", "`next_cursor` of the page before.")]),
    route(
        "get",
        "/v1/inventory/{sku}/movements",
        "Stock",
        "What moved units of a SKU or changed how many may be sold, the first first.",
        "Movements",
    )
    .params(&[
        number("limit", "1 to 200; 50 when left out."),
        text("after", "`next` of the page before; from the start when left out. A page can be empty and have more behind it."),
    ]),
    route("get", "/v1/webhooks", "Changes", "Endpoints that are told what happens, and how far they are.", "Webhooks"),
    route("post", "/v1/webhooks", "Changes", "Make an endpoint; the answer holds its secret, once.", "Webhook")
        .body(Body::Json("WebhookCreate"))
        .status("201")
        .keyed(),
    route("get", "/v1/webhooks/{id}", "Changes", "An endpoint.", "Webhook"),
    route(
        "patch",
        "/v1/webhooks/{id}",
        "Changes",
        "Change an endpoint, or switch it off and on; one of a platform needs shoppers:read, too.",
        "Webhook",
    )
    .body(Body::Json("WebhookPatch"))
    .keyable()
    .conditional(),
    route("delete", "/v1/webhooks/{id}", "Changes", "Forget an endpoint.", "").status("204").keyable().conditional(),
    route("post", "/v1/webhooks/{id}/rotate-secret", "Changes", "A new secret; the one before signs for a day more.", "Webhook").keyed(),
    route("post", "/v1/webhooks/{id}/test", "Changes", "Send a test message and tell what came of it.", "Delivery").keyable(),
    route(
        "get",
        "/v1/webhooks/{id}/deliveries",
        "Changes",
        "The last attempts since the start of the process, the newest first.",
        "Deliveries",
    )
    .params(&[number("limit", "1 to 200; 50 when left out.")]),
    route("post", "/v1/webhooks/{id}/redeliver", "Changes", "Deliver one change once more, outside the order.", "")
        .body(Body::Json("Redeliver"))
        .status("202")
        .keyable(),
];

pub(super) const SCHEMAS: &str = include_str!("effects.json");
