//! The description of the Universal Commerce Protocol's routes.

use crate::http::openapi::table::{Body, Route, route};

const TAG: &str = "UCP";

pub(super) const ROUTES: &[Route] = &[
    route("get", "/.well-known/ucp", TAG, "What this shop can do (UCP 2026-04-08).", "UcpProfile"),
    route("post", "/ucp/v1/catalog/search", TAG, "Search the catalogue.", "UcpSearchAnswer").body(Body::Json("UcpSearchRequest")).ucp(),
    route("post", "/ucp/v1/catalog/lookup", TAG, "Look products and variants up.", "UcpLookupAnswer")
        .body(Body::Json("UcpLookupRequest"))
        .ucp(),
    route("post", "/ucp/v1/catalog/product", TAG, "One product: what can be chosen, and what of it can be bought.", "UcpProductAnswer")
        .body(Body::Json("UcpProductRequest"))
        .ucp(),
    route("post", "/ucp/v1/carts", TAG, "Open a cart.", "UcpCart").body(Body::Json("UcpCartRequest")).status("201").keyed().ucp(),
    route("get", "/ucp/v1/carts/{id}", TAG, "A cart.", "UcpCart").ucp(),
    route("put", "/ucp/v1/carts/{id}", TAG, "Replace the lines of a cart.", "UcpCart").body(Body::Json("UcpCartRequest")).keyed().ucp(),
    route("post", "/ucp/v1/carts/{id}/cancel", TAG, "Drop a cart; it is answered as it was.", "UcpCart").keyed().ucp(),
    route("post", "/ucp/v1/checkout-sessions", TAG, "Open a checkout session over a cart or over lines.", "UcpCheckout")
        .body(Body::Json("UcpCheckoutRequest"))
        .status("201")
        .keyed()
        .ucp(),
    route("get", "/ucp/v1/checkout-sessions/{id}", TAG, "A checkout session.", "UcpCheckout").ucp(),
    route("put", "/ucp/v1/checkout-sessions/{id}", TAG, "Replace lines, buyer and address.", "UcpCheckout")
        .body(Body::Json("UcpCheckoutRequest"))
        .keyed()
        .ucp(),
    route("post", "/ucp/v1/checkout-sessions/{id}/complete", TAG, "Pay: reserve stock, authorise, place the order.", "UcpCheckout")
        .body(Body::Json("UcpCompleteRequest"))
        .keyed()
        .ucp(),
    route("post", "/ucp/v1/checkout-sessions/{id}/cancel", TAG, "Cancel a checkout session.", "UcpCheckout").keyed().ucp(),
    route("get", "/ucp/v1/orders/{id}", TAG, "An order as the platform that brought it sees it.", "UcpOrder").ucp(),
    route("post", "/ucp/mcp", TAG, "The same operations as tools: the Model Context Protocol over streamable HTTP.", "McpMessage")
        .body(Body::Json("McpMessage"))
        .ucp(),
];

pub(super) const SCHEMAS: &str = include_str!("ucp.json");
