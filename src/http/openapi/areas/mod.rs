//! The description of the routes that stand with their areas.

mod access;
mod after_sale;
mod algolia;
mod carts;
mod effects;
mod exchange;
mod experiments;
mod fulfilment;
mod payments;
mod pricing;
mod shoppers;
mod stock;
mod ucp;

use super::table::Route;

/// Routes, area by area.
pub(super) const ROUTES: &[&[Route]] = &[
    pricing::ROUTES,
    carts::ROUTES,
    stock::ROUTES,
    fulfilment::ROUTES,
    payments::ROUTES,
    after_sale::ROUTES,
    shoppers::ROUTES,
    effects::ROUTES,
    experiments::ROUTES,
    exchange::ROUTES,
    algolia::ROUTES,
    access::ROUTES,
    ucp::ROUTES,
];

/// Schemas, area by area: JSON objects of schemas by name.
pub(super) const SCHEMAS: &[&str] = &[
    pricing::SCHEMAS,
    carts::SCHEMAS,
    stock::SCHEMAS,
    fulfilment::SCHEMAS,
    payments::SCHEMAS,
    after_sale::SCHEMAS,
    shoppers::SCHEMAS,
    effects::SCHEMAS,
    experiments::SCHEMAS,
    exchange::SCHEMAS,
    algolia::SCHEMAS,
    access::SCHEMAS,
    ucp::SCHEMAS,
];

/// Sources in which the areas' routes are named, for the test that compares both.
#[cfg(test)]
pub(super) const ROUTERS: &[&str] = &[
    include_str!("../../native/pricing.rs"),
    include_str!("../../native/carts/mod.rs"),
    include_str!("../../native/stock.rs"),
    include_str!("../../native/fulfilment/mod.rs"),
    include_str!("../../native/payments/mod.rs"),
    include_str!("../../native/after_sale/mod.rs"),
    include_str!("../../native/changes.rs"),
    include_str!("../../native/history.rs"),
    include_str!("../../native/webhooks.rs"),
    include_str!("../../native/export.rs"),
    include_str!("../../native/feeds.rs"),
    include_str!("../../native/shoppers.rs"),
    include_str!("../../native/experiments/mod.rs"),
    include_str!("../../algolia/mod.rs"),
    include_str!("../../native/keys.rs"),
    include_str!("../../native/admins.rs"),
    include_str!("../../native/audit.rs"),
    include_str!("../../console/mod.rs"),
    include_str!("../../ucp/rest.rs"),
    include_str!("../../ucp/mcp/mod.rs"),
];
