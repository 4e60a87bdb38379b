//! What matters most when not everything can be done.

use axum::http::Method;

/// Classes of requests, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::http) enum Class {
    /// Completing a checkout, and what payment providers tell.
    Complete,
    /// Carts, checkout sessions, orders, stock: writes of a shop that sells.
    Trade,
    /// Searching, looking, being recommended something.
    Browse,
    /// Imports, behaviour, exports, analytics: what can be asked again later.
    Bulk,
}

/// Beginnings of addresses whose writes sell.
const SELLING: [&str; 8] = [
    "/ucp/v1/carts",
    "/ucp/v1/checkout-sessions",
    "/ucp/v1/orders",
    "/v1/carts",
    "/v1/checkout-sessions",
    "/v1/orders",
    "/v1/payments",
    "/v1/inventory",
];
/// Where payment providers tell what became of a payment.
const TOLD_OF_PAYMENTS: &str = "/v1/payments/webhooks";
/// Where the body says what is asked for: such a request is let in to be read, and then goes by what that is ([`super::admit_as`]).
const READ_FIRST: [&str; 1] = ["/ucp/mcp"];
/// Beginnings of addresses that can be asked again later.
const LATER: [&str; 11] = [
    "/1/events",
    "/v1/analytics",
    "/v1/changes",
    "/v1/events",
    "/v1/export",
    "/v1/feeds",
    "/v1/forecasts",
    "/v1/generations",
    "/v1/relations",
    "/v1/rules/preview",
    "/v1/tastes",
];
/// Addresses that answer whatever happens: they say how the server is.
const ALWAYS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

impl Class {
    /// All of them, in order.
    pub(in crate::http) const ALL: [Self; 4] = [Self::Complete, Self::Trade, Self::Browse, Self::Bulk];

    /// The class of a route; none for those that are always answered.
    pub(in crate::http) fn of(method: &Method, route: &str) -> Option<Self> {
        let begins = |starts: &[&str]| starts.iter().any(|start| route.starts_with(start));
        if ALWAYS.contains(&route) {
            return None;
        }
        let is_payment = route.ends_with("/complete") || route.starts_with(TOLD_OF_PAYMENTS);
        Some(match method.is_safe() {
            false if is_payment || READ_FIRST.contains(&route) => Self::Complete,
            false if begins(&SELLING) => Self::Trade,
            false if route == "/v1/products" => Self::Bulk,
            _ if begins(&LATER) => Self::Bulk,
            _ => Self::Browse,
        })
    }

    /// Its place among all.
    pub(super) fn index(self) -> usize {
        self as usize
    }

    /// Its name in metrics.
    pub(in crate::http) fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Trade => "trade",
            Self::Browse => "browse",
            Self::Bulk => "bulk",
        }
    }

    /// The share of the line that it may fill: the more urgent always find room behind the less urgent.
    pub(super) fn share(self) -> f64 {
        match self {
            Self::Complete => 1.0,
            Self::Trade => 0.9,
            Self::Browse => 0.8,
            Self::Bulk => 0.4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selling_comes_before_looking_and_looking_before_bulk() {
        let check = |method: Method, route: &str, class: Option<Class>| assert_eq!(Class::of(&method, route), class, "{method} {route}");
        check(Method::POST, "/ucp/v1/checkout-sessions/{id}/complete", Some(Class::Complete));
        check(Method::POST, "/v1/payments/webhooks/{provider}", Some(Class::Complete));
        check(Method::POST, "/ucp/mcp", Some(Class::Complete));
        check(Method::POST, "/v1/payments/{id}/capture", Some(Class::Trade));
        check(Method::POST, "/ucp/v1/carts", Some(Class::Trade));
        check(Method::PUT, "/v1/carts/{id}/claims", Some(Class::Trade));
        check(Method::GET, "/ucp/v1/carts/{id}", Some(Class::Browse));
        check(Method::GET, "/v1/search", Some(Class::Browse));
        check(Method::POST, "/v1/search", Some(Class::Browse));
        check(Method::POST, "/v1/products", Some(Class::Bulk));
        check(Method::POST, "/v1/events", Some(Class::Bulk));
        check(Method::GET, "/v1/products/{id}", Some(Class::Browse));
        check(Method::GET, "/metrics", None);
        assert!(Class::ALL.is_sorted_by(|more, less| more < less && more.share() > less.share()));
        assert!(Class::ALL.iter().enumerate().all(|(index, class)| class.index() == index));
    }

    #[test]
    fn every_address_that_is_named_here_is_one() {
        let paths: Vec<&str> = crate::http::openapi::addresses().map(|(_, path)| path).collect();
        for start in SELLING.into_iter().chain(LATER).chain(ALWAYS).chain(READ_FIRST).chain([TOLD_OF_PAYMENTS]) {
            assert!(paths.iter().any(|path| path.starts_with(start)), "{start}");
        }
    }
}
