//! What is asked for, as far as its rate goes.

use axum::http::Method;

/// Classes with an allowance each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    Browse,
    Cart,
    Checkout,
    /// Wrong guesses; no route is of this class.
    Guess,
    Admin,
}

/// Routes that are never limited: whoever watches the server asks them.
const UNLIMITED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];
/// Beginnings of addresses that shoppers read.
const READ_BY_SHOPPERS: [&str; 17] = [
    "/1/",
    "/v1/search",
    "/v1/multi-search",
    "/v1/suggest",
    "/v1/recommend",
    "/v1/products",
    "/v1/orders",
    "/v1/carts",
    "/v1/checkout-sessions",
    "/ucp/",
    "/.well-known/",
    "/assets/",
    "/search",
    "/p/",
    "/cart",
    "/checkout",
    "/orders",
];
/// Beginnings of addresses that are read although the method is one of a write.
const ASKED_BY_POST: [&str; 6] = ["/v1/search", "/v1/multi-search", "/v1/recommend", "/ucp/v1/catalog", "/1/indexes", "/ucp/mcp"];
const CHECKOUT: [&str; 2] = ["/ucp/v1/checkout-sessions", "/v1/checkout-sessions"];
const CART: [&str; 4] = ["/ucp/v1/carts", "/v1/carts", "/v1/events", "/1/events"];

impl Class {
    /// The class of a route; none for those that are not limited.
    pub(super) fn of(method: &Method, route: &str) -> Option<Self> {
        let begins = |starts: &[&str]| starts.iter().any(|start| route.starts_with(start));
        if UNLIMITED.contains(&route) {
            return None;
        }
        Some(if method.is_safe() {
            if route == "/" || route.is_empty() || begins(&READ_BY_SHOPPERS) { Self::Browse } else { Self::Admin }
        } else if begins(&ASKED_BY_POST) {
            Self::Browse
        } else if begins(&CHECKOUT) {
            Self::Checkout
        } else if begins(&CART) {
            Self::Cart
        } else {
            Self::Admin
        })
    }

    /// Its name in headers, problems and metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Browse => "browse",
            Self::Cart => "cart",
            Self::Checkout => "checkout",
            Self::Guess => "guess",
            Self::Admin => "admin",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_have_the_allowance_of_what_they_are_for() {
        let check = |method: Method, route: &str, class: Option<Class>| assert_eq!(Class::of(&method, route), class, "{method} {route}");
        check(Method::GET, "/v1/search", Some(Class::Browse));
        check(Method::POST, "/v1/search", Some(Class::Browse));
        check(Method::GET, "", Some(Class::Browse));
        check(Method::POST, "/ucp/v1/carts", Some(Class::Cart));
        check(Method::GET, "/ucp/v1/carts/{id}", Some(Class::Browse));
        check(Method::POST, "/ucp/v1/checkout-sessions/{id}/complete", Some(Class::Checkout));
        check(Method::PUT, "/v1/products/{id}", Some(Class::Admin));
        check(Method::GET, "/v1/generations", Some(Class::Admin));
        check(Method::GET, "/healthz", None);
    }

    #[test]
    fn every_address_of_the_interface_that_is_named_here_is_one() {
        let paths: Vec<&str> = crate::http::openapi::addresses().map(|(_, path)| path).collect();
        let named = READ_BY_SHOPPERS.into_iter().chain(ASKED_BY_POST).chain(CHECKOUT).chain(CART).chain(UNLIMITED);
        // Pages are no part of the interface.
        for start in named.filter(|start| start.starts_with("/v1") || start.starts_with("/1") || start.starts_with("/ucp")) {
            assert!(paths.iter().any(|path| path.starts_with(start)), "{start}");
        }
    }
}
