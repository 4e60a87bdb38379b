//! The description of the routes about payments after they were authorised: captures, refunds, disputes, what providers report.

use crate::http::openapi::table::{Body, Route, number, route, text};

const TAG: &str = "Payments";

pub(super) const ROUTES: &[Route] = &[
    route("get", "/v1/orders/{id}/payments", TAG, "The payments of an order.", "Payments"),
    route("get", "/v1/payments/{id}", TAG, "A payment, with every step and dispute.", "Payment"),
    route("post", "/v1/payments/{id}/capture", TAG, "Take held money, or all that is held.", "Payment")
        .body(Body::Optional("PaymentAmount"))
        .keyed(),
    route("post", "/v1/payments/{id}/refund", TAG, "Give taken money back, or all that can be.", "Payment")
        .body(Body::Optional("PaymentAmount"))
        .keyed(),
    route("post", "/v1/payments/{id}/void", TAG, "Give back what is held and will not be taken; gives up an attempt.", "Payment").keyed(),
    route(
        "post",
        "/v1/payments/{id}/refresh",
        TAG,
        "Look up at the provider now how a payment stands. It asks and writes nothing, so it takes no key.",
        "Payment",
    ),
    route("post", "/v1/payments/{id}/fees", TAG, "Tell what the provider kept for its services.", "Payment")
        .body(Body::Json("PaymentFee"))
        .keyed(),
    route("get", "/v1/payments/reconciliation", TAG, "The providers' books beside the ledger, newest orders first.", "Reconciliation")
        .params(&[number("limit", "Orders, 1 to 100; 20 when left out."), text("cursor", "`next_cursor` of the page before.")]),
    route(
        "post",
        "/v1/payments/webhooks/{provider}",
        TAG,
        "What a payment provider tells, signed in its own way; heard once for ever by the name that the provider gave it.",
        "",
    )
    .body(Body::Json("ProviderEvent"))
    .status("204"),
    route("get", "/v1/disputes", TAG, "Disputes in the order of their names.", "Disputes")
        .params(&[number("limit", "1 to 200; 20 when left out."), text("cursor", "`next_cursor` of the page before.")]),
    route("get", "/v1/disputes/{id}", TAG, "A dispute.", "Dispute"),
    route("post", "/v1/disputes/{id}/evidence", TAG, "Say something to a dispute, once.", "Dispute")
        .body(Body::Json("DisputeEvidence"))
        .keyed(),
];

pub(super) const SCHEMAS: &str = include_str!("payments.json");
