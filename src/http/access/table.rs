//! Which address needs what: the one table. An address that stands under none of its rows is denied to everybody.
//!
//! A row holds for its address and everything below, unless a longer one does. Each has what looking needs and what changing needs; a `POST`
//! that only asks is a row of its own with the same for both.

use crate::access::{Resource, Scope, Verb};
use axum::http::Method;

/// What an address needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: it shows nothing that is not everybody's, or checks its callers itself.
    Nothing,
    /// Somebody who has logged in.
    Login,
    /// A scope.
    Scope(Scope),
}

struct Row {
    address: &'static str,
    read: Need,
    write: Need,
}

const fn open(address: &'static str) -> Row {
    Row { address, read: Need::Nothing, write: Need::Nothing }
}

const fn both(address: &'static str, resource: Resource) -> Row {
    Row { address, read: Need::Scope(Scope::new(resource, Verb::Read)), write: Need::Scope(Scope::new(resource, Verb::Write)) }
}

/// Whatever the method, it only asks.
const fn asks(address: &'static str, resource: Resource) -> Row {
    let need = Need::Scope(Scope::new(resource, Verb::Read));
    Row { address, read: need, write: need }
}

/// Whatever the method, it changes or shows what whoever may change it may see.
const fn changes(address: &'static str, resource: Resource) -> Row {
    let need = Need::Scope(Scope::new(resource, Verb::Write));
    Row { address, read: need, write: need }
}

const ROWS: &[Row] = &[
    // Pages, and what has to answer before anybody can have a key.
    open("/"),
    open("/search"),
    open("/p/{id}"),
    open("/cart"),
    open("/checkout"),
    open("/orders/{id}"),
    open("/docs"),
    open("/assets"),
    open("/openapi.json"),
    open("/healthz"),
    open("/readyz"),
    open("/.well-known"),
    open("/storefront/visit"),
    open("/console"),
    Row { address: "/console/api", read: Need::Login, write: Need::Login },
    open("/console/api/session"),
    Row { address: "/console/api/session/totp", read: Need::Login, write: Need::Login },
    // Providers sign what they send.
    open("/v1/payments/webhooks"),
    // Finding.
    asks("/v1/search", Resource::Search),
    asks("/v1/multi-search", Resource::Search),
    asks("/v1/suggest", Resource::Search),
    asks("/ucp/v1/catalog", Resource::Search),
    asks("/1", Resource::Search),
    changes("/1/events", Resource::Events),
    asks("/v1/recommend", Resource::Recommend),
    changes("/v1/events", Resource::Events),
    asks("/v1/analytics", Resource::Analytics),
    // The catalogue.
    both("/v1/products", Resource::Products),
    asks("/v1/products/{id}/audience", Resource::Shoppers),
    // Keys of browsers read products; where they come from is the house's business.
    Row {
        address: "/v1/feeds",
        read: Need::Scope(Scope::new(Resource::Changes, Verb::Read)),
        write: Need::Scope(Scope::new(Resource::Products, Verb::Write)),
    },
    asks("/v1/export/products", Resource::Changes),
    asks("/v1/export/orders", Resource::Orders),
    asks("/v1/export/events", Resource::Analytics),
    asks("/v1/export/recommendations", Resource::Analytics),
    both("/v1/rules", Resource::Rules),
    asks("/v1/rules/preview", Resource::Rules),
    both("/v1/synonyms", Resource::Rules),
    both("/v1/experiments", Resource::Rules),
    asks("/v1/experiments/{id}/report", Resource::Analytics),
    both("/v1/quantity-rules", Resource::Rules),
    both("/v1/ranking", Resource::Index),
    both("/v1/relations", Resource::Index),
    both("/v1/tastes", Resource::Index),
    both("/v1/generations", Resource::Index),
    // Buying.
    both("/v1/carts", Resource::Carts),
    both("/ucp/v1/carts", Resource::Carts),
    both("/v1/checkout-sessions", Resource::Checkout),
    both("/v1/checkout-sessions/{id}/fraud-decision", Resource::Orders),
    // It draws on what was put aside for the channel.
    both("/v1/checkout-sessions/{id}/channel", Resource::Inventory),
    both("/ucp/v1/checkout-sessions", Resource::Checkout),
    both("/ucp/v1/orders", Resource::Checkout),
    // What a tool does needs what its address needs, too.
    both("/ucp/mcp", Resource::Checkout),
    both("/v1/orders/one-click", Resource::Checkout),
    both("/v1/shoppers/{id}/one-click", Resource::Checkout),
    // The house.
    both("/v1/orders", Resource::Orders),
    both("/v1/orders/{id}/progress", Resource::Checkout),
    both("/v1/orders/{id}/payments", Resource::Payments),
    both("/v1/orders/{id}/fulfilment-orders", Resource::Fulfilment),
    both("/v1/orders/{id}/sourcing", Resource::Fulfilment),
    both("/v1/orders/{id}/buyer", Resource::Shoppers),
    both("/v1/returns", Resource::Orders),
    both("/v1/payments", Resource::Payments),
    both("/v1/disputes", Resource::Payments),
    both("/v1/inventory", Resource::Inventory),
    both("/v1/forecasts", Resource::Inventory),
    asks("/v1/inventory/{sku}/promise", Resource::Products),
    both("/v1/purchase-orders", Resource::Inventory),
    both("/v1/transfers", Resource::Inventory),
    both("/v1/counts", Resource::Inventory),
    both("/v1/quotas", Resource::Inventory),
    both("/v1/bundles", Resource::Inventory),
    both("/v1/locations", Resource::Fulfilment),
    both("/v1/carriers", Resource::Fulfilment),
    both("/v1/places", Resource::Fulfilment),
    both("/v1/weights", Resource::Fulfilment),
    both("/v1/sourcing", Resource::Fulfilment),
    asks("/v1/sourcing/preview", Resource::Fulfilment),
    both("/v1/fulfilment-orders", Resource::Fulfilment),
    both("/v1/waves", Resource::Fulfilment),
    both("/v1/manifests", Resource::Fulfilment),
    both("/v1/shipments", Resource::Fulfilment),
    both("/v1/promises", Resource::Fulfilment),
    both("/v1/price-lists", Resource::Prices),
    both("/v1/tax-zones", Resource::Prices),
    both("/v1/tax-classes", Resource::Prices),
    both("/v1/promotions", Resource::Prices),
    both("/v1/coupons", Resource::Prices),
    both("/v1/gift-cards", Resource::Prices),
    both("/v1/credits", Resource::Prices),
    both("/v1/shoppers", Resource::Shoppers),
    both("/v1/shoppers/{id}/groups", Resource::Prices),
    both("/v1/changes", Resource::Changes),
    both("/v1/webhooks", Resource::Changes),
    // The server.
    asks("/v1/stats", Resource::Metrics),
    asks("/metrics", Resource::Metrics),
    changes("/v1/keys", Resource::Keys),
    changes("/v1/admins", Resource::Keys),
    asks("/v1/audit", Resource::Audit),
];

/// What a method of an address needs; none when no row holds for it.
pub(super) fn need(method: &Method, address: &str) -> Option<Need> {
    let holds = |row: &&Row| address.strip_prefix(row.address).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let row = ROWS.iter().filter(holds).max_by_key(|row| row.address.len())?;
    // A page's address is no root of others.
    let is_below_root = row.address == "/" && address != "/";
    (!is_below_root).then_some(if method.is_safe() { row.read } else { row.write })
}

/// What a method of an address needs, in words for its description.
pub(in crate::http) fn told(method: &str, address: &str) -> Option<String> {
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).ok()?;
    Some(match need(&method, address)? {
        Need::Nothing => "none".to_owned(),
        Need::Login => "login".to_owned(),
        Need::Scope(scope) => scope.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(method: Method, address: &str) -> String {
        match need(&method, address) {
            None => "denied".to_owned(),
            Some(Need::Nothing) => "nothing".to_owned(),
            Some(Need::Login) => "login".to_owned(),
            Some(Need::Scope(scope)) => scope.to_string(),
        }
    }

    #[test]
    fn the_longest_row_holds_and_no_row_means_no() {
        let check = |method: Method, address: &str, expected: &str| assert_eq!(named(method, address), expected, "{address}");
        check(Method::GET, "/v1/search", "search:read");
        check(Method::POST, "/v1/search", "search:read");
        check(Method::HEAD, "/v1/products/{id}", "products:read");
        check(Method::DELETE, "/v1/products/{id}", "products:write");
        check(Method::POST, "/v1/products/{id}/audience", "shoppers:read");
        check(Method::POST, "/v1/payments/webhooks/{provider}", "nothing");
        check(Method::POST, "/v1/payments/{id}/capture", "payments:write");
        check(Method::PUT, "/v1/checkout-sessions/{id}/channel", "inventory:write");
        check(Method::GET, "/v1/keys", "keys:admin");
        check(Method::GET, "/", "nothing");
        check(Method::GET, "/nothing", "denied");
        check(Method::GET, "/v1", "denied");
        check(Method::GET, "/v1/searching", "denied");
        check(Method::GET, "/console/api/session", "nothing");
        check(Method::POST, "/console/api/anything", "login");
    }

    #[test]
    fn no_row_stands_twice() {
        let mut addresses: Vec<&str> = ROWS.iter().map(|row| row.address).collect();
        addresses.sort_unstable();
        addresses.dedup();
        assert_eq!(addresses.len(), ROWS.len());
    }
}
