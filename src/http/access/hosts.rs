//! Under which names a shop without keys answers.
//!
//! Before there are keys everybody who reaches the port may do everything. A page of some website can make a browser reach it under a name of the website's
//! own (DNS rebinding), and then counts as a page of the shop. A name that is led here is no address in figures, so a shop without keys answers
//! under those, under names of the machine itself, and under the one that the operator gave it.

use crate::http::error::{Kind, Problem};
use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use std::net::IpAddr;

/// Refuses a request under a name that is not the shop's.
pub(super) fn check(request: &Request, public_url: &str) -> Result<(), Problem> {
    let of_address = request.uri().authority().cloned();
    let host = of_address.or_else(|| request.headers().get(HOST)?.to_str().ok()?.parse().ok());
    // A client that names nobody is no browser; one whose name cannot be read is refused by it.
    match host {
        None if !request.headers().contains_key(HOST) => Ok(()),
        Some(host) if is_own(&host, public_url) => Ok(()),
        Some(_) | None => Err(Problem::of_field(
            Kind::Forbidden,
            "host",
            "without keys the shop answers under addresses in figures, as localhost and as http.public_url of shopkeeper.toml",
        )),
    }
}

fn is_own(host: &Authority, public_url: &str) -> bool {
    let name = host.host().trim_end_matches('.').to_ascii_lowercase();
    let is_public = public_url
        .split_once("://")
        .is_some_and(|(_, own)| own.parse::<Authority>().is_ok_and(|own| own.host().eq_ignore_ascii_case(&name)));
    let is_figures = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
    is_figures || is_public || name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn a_shop_without_keys_answers_under_its_own_names_only() {
        let refused = |host: Option<&str>| {
            let request = Request::builder().uri("/v1/orders");
            let request =
                host.into_iter().fold(request, |request, host| request.header(HOST, host)).body(Body::empty()).expect("a request");
            check(&request, "https://shop.example").is_err()
        };
        for own in ["localhost:7700", "127.0.0.1:7700", "[::1]:7700", "192.168.1.5", "shop.example", "Shop.Example:443", "a.localhost"] {
            assert!(!refused(Some(own)), "{own}");
        }
        assert!(!refused(None));
        for other in
            ["evil.example", "evil.example:7700", "127.0.0.1.evil.example", "localhost.evil.example", "shop.example.evil", "127.1", "\u{1}"]
        {
            let is_header = axum::http::HeaderValue::from_str(other).is_ok();
            assert!(!is_header || refused(Some(other)), "{other}");
        }
        let absolute =
            Request::builder().uri("http://evil.example/v1/orders").header(HOST, "localhost").body(Body::empty()).expect("a request");
        assert!(check(&absolute, "http://127.0.0.1:7700").is_err());
    }
}
