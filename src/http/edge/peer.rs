//! Who is at the other end: an address, as connections and requests count it.

use axum::http::HeaderMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// What proxies write the addresses into that they speak for, the latest last.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The end of a connection that a request came over; every request carries one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct Peer {
    /// Who asks: the other end, or whom a trusted proxy speaks for.
    pub(in crate::http) address: IpAddr,
    /// Whether the connection is encrypted.
    pub(in crate::http) is_encrypted: bool,
}

/// Addresses that count as one: an IPv4 address, or a /64 of IPv6, which is what one household is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::http) struct Group(IpAddr);

impl Group {
    pub(in crate::http) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl fmt::Display for Group {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl Peer {
    /// Reads behind trusted proxies whom they speak for: the last address that is none of theirs. Anybody else's header is not read.
    pub(super) fn seen_through(self, trusted: &[IpAddr], headers: &HeaderMap) -> Self {
        if !trusted.contains(&self.address) {
            return self;
        }
        let lists = headers.get_all(FORWARDED_FOR).iter().rev().filter_map(|value| value.to_str().ok());
        let told = lists.flat_map(|list| list.rsplit(',')).map_while(|text| text.trim().parse::<IpAddr>().ok());
        let asker = told.map(|address| address.to_canonical()).find(|address| !trusted.contains(address));
        Self { address: asker.unwrap_or(self.address), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn neighbours_in_one_household_count_as_one() {
        assert_eq!(Group::of(ip("2001:db8:1:2::7")), Group::of(ip("2001:db8:1:2:ffff::9")));
        assert_ne!(Group::of(ip("2001:db8:1:2::7")), Group::of(ip("2001:db8:1:3::7")));
        assert_eq!(Group::of(ip("::ffff:192.0.2.1")), Group::of(ip("192.0.2.1")));
        assert_ne!(Group::of(ip("192.0.2.1")), Group::of(ip("192.0.2.2")));
    }

    #[test]
    fn only_a_trusted_proxy_says_who_asks() {
        let trusted = [ip("10.0.0.1"), ip("10.0.0.2")];
        let seen = |from: &str, told: &[&'static str]| {
            let mut headers = HeaderMap::new();
            told.iter().for_each(|told| {
                headers.append(FORWARDED_FOR, axum::http::HeaderValue::from_static(told));
            });
            Peer { address: ip(from), is_encrypted: false }.seen_through(&trusted, &headers).address
        };
        assert_eq!(seen("10.0.0.1", &["203.0.113.9, 198.51.100.4, 10.0.0.2"]), ip("198.51.100.4"));
        assert_eq!(seen("10.0.0.1", &["203.0.113.9", "198.51.100.4"]), ip("198.51.100.4"), "what came last was written by the proxy");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9, nonsense"]), ip("10.0.0.1"), "nothing is read past what is no address");
        assert_eq!(seen("10.0.0.1", &[]), ip("10.0.0.1"));
        assert_eq!(seen("198.51.100.7", &["203.0.113.9"]), ip("198.51.100.7"), "anybody may write that header");
    }
}
