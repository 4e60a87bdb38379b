//! The description of the routes about stock beyond units on hand.

use crate::http::openapi::table::{Body, Param, Route, number, route, text};

const TAG: &str = "Stock";

const LIMIT: Param = number("limit", "1 to 200; 20 when left out.");
const CURSOR: Param = text("cursor", "`next_cursor` of the page before.");
const BY_STATUS: &[Param] = &[text("status", "One of the statuses."), LIMIT, CURSOR];

pub(super) const ROUTES: &[Route] = &[
    route("get", "/v1/inventory/{sku}/promise", TAG, "When so many units of a SKU or bundle will be there.", "Promise").params(&[
        number("quantity", "At least 1; 1 when left out."),
        text("location", "Only there; anywhere when left out."),
        text("channel", "Through which channel it is bought; needs `inventory:read`, as quotas do."),
    ]),
    route(
        "get",
        "/v1/inventory/forecast",
        TAG,
        "What is forecast to be wanted of a SKU, and the terms of ordering that follow.",
        "StockForecasts",
    )
    .params(&[
        text("sku", "Which; required."),
        number("lead_days", "Days until what is ordered arrives; what the last arrivals took, or 14, when left out."),
        number("review_days", "Days between two looks at what should be ordered; 7 when left out."),
        text("service", "`0.5`, `0.9`, `0.95` or `0.99`: how surely demand is covered; `0.95` when left out."),
    ]),
    route("put", "/v1/inventory/{sku}/preorder", TAG, "Sell a SKU before its release.", "Levels").body(Body::Json("Preorder")).keyed(),
    route("post", "/v1/inventory/{sku}/release", TAG, "Release a SKU now.", "Levels").keyed(),
    route("get", "/v1/purchase-orders", TAG, "Purchases, open or ended within a day, in order of name.", "PurchaseOrders").params(&[
        text("status", "`open`, `received` or `canceled`."),
        text("sku", "Those of this SKU."),
        LIMIT,
        CURSOR,
    ]),
    route("post", "/v1/purchase-orders", TAG, "Order goods from a supplier.", "PurchaseOrder")
        .body(Body::Json("PurchaseOrderOpen"))
        .status("201")
        .keyed(),
    route("get", "/v1/purchase-orders/proposals", TAG, "What should be ordered: places at their reorder point.", "PurchaseProposals")
        .params(&[CURSOR]),
    route("get", "/v1/purchase-orders/{id}", TAG, "A purchase.", "PurchaseOrder"),
    route("put", "/v1/purchase-orders/{id}", TAG, "Change what is ordered, or when it is expected.", "PurchaseOrder")
        .body(Body::Json("PurchaseOrderChange"))
        .keyed(),
    route("post", "/v1/purchase-orders/{id}/receive", TAG, "Goods arrived; with close nothing more is expected.", "PurchaseOrder")
        .body(Body::Json("PurchaseOrderReceive"))
        .keyed(),
    route("post", "/v1/purchase-orders/{id}/cancel", TAG, "Nothing more is expected.", "PurchaseOrder").keyed(),
    route("get", "/v1/transfers", TAG, "Transfers, open or ended within a day, in order of name.", "Transfers").params(BY_STATUS),
    route("post", "/v1/transfers", TAG, "Ask for units to go from one location to another.", "Transfer")
        .body(Body::Json("TransferRequest"))
        .status("201")
        .keyed(),
    route("get", "/v1/transfers/{id}", TAG, "A transfer.", "Transfer"),
    route("post", "/v1/transfers/{id}/send", TAG, "Units leave; none named means all that was asked for.", "Transfer")
        .body(Body::Optional("TransferSend"))
        .keyed(),
    route("post", "/v1/transfers/{id}/receive", TAG, "Units arrived or are lost; none named means that all arrived.", "Transfer")
        .body(Body::Optional("TransferReceive"))
        .keyed(),
    route("post", "/v1/transfers/{id}/cancel", TAG, "Do not send it after all.", "Transfer").keyed(),
    route("get", "/v1/counts", TAG, "Counts, open or ended within a day, in order of name.", "Counts").params(BY_STATUS),
    route("post", "/v1/counts", TAG, "Have somebody count what lies at a location.", "Count")
        .body(Body::Json("CountOpen"))
        .status("201")
        .keyed(),
    route("get", "/v1/counts/{id}", TAG, "A count.", "Count"),
    route("post", "/v1/counts/{id}/record", TAG, "What was counted, while as much is there as the counter went by.", "Count")
        .body(Body::Json("CountRecord"))
        .keyed(),
    route("post", "/v1/counts/{id}/cancel", TAG, "End a count.", "Count").keyed(),
    route("get", "/v1/quotas", TAG, "The quotas of a SKU, and what everybody else shares.", "Quotas")
        .params(&[text("sku", "Which; required.")]),
    route("put", "/v1/quotas", TAG, "Put units of a SKU aside for a channel, or take its quota away.", "Quota")
        .body(Body::Json("QuotaPut"))
        .keyed(),
    route(
        "put",
        "/v1/checkout-sessions/{id}/channel",
        TAG,
        "Let a checkout session buy through a channel, and of what was put aside for it.",
        "SessionChannel",
    )
    .body(Body::Json("ChannelPut"))
    .keyed(),
    route("get", "/v1/bundles", TAG, "Bundles in order of SKU.", "Bundles").params(&[LIMIT, CURSOR]),
    route("get", "/v1/bundles/{sku}", TAG, "A bundle.", "Bundle"),
    route("put", "/v1/bundles/{sku}", TAG, "Make a SKU a bundle of others.", "Bundle").body(Body::Json("BundlePut")).keyed(),
    route("delete", "/v1/bundles/{sku}", TAG, "Make a SKU no bundle any more.", "").status("204").keyed(),
];

pub(super) const SCHEMAS: &str = include_str!("stock.json");
