//! The description of the routes about what the shop keeps about people, and how it forgets them.

use crate::http::openapi::table::{Route, route};

pub(super) const ROUTES: &[Route] = &[
    route("get", "/v1/shoppers/{id}/export", "People", "Everything that is held of a shopper.", "ShopperExport"),
    route(
        "delete",
        "/v1/shoppers/{id}",
        "People",
        "Forget a shopper: destroy the keys of what says who they are, and take what they did out of the recommendations.",
        "",
    )
    .status("204")
    .keyable(),
    route("delete", "/v1/orders/{id}/buyer", "People", "Forget whoever placed an order as a guest.", "").status("204").keyable(),
];

pub(super) const SCHEMAS: &str = include_str!("shoppers.json");
