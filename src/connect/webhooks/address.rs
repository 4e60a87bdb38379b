//! Where a webhook may go: what keeps the shop from being used to reach into the network that it stands in.
//!
//! A name is resolved once, every address that it has is checked, and the connection is made to an address that was checked: a name that
//! resolves to something else a moment later (DNS rebinding) gains nothing. Everything that is not plainly on the public internet is
//! refused; the operator may allow single addresses of the machine itself for development and tests.

use hyper::Uri;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Longest address of an endpoint.
const URL_BYTES_MAX: usize = 2_048;
/// Ports of web servers.
const PORTS: [u16; 2] = [443, 8_443];

/// Why an address is refused. Nothing is told of what stands behind a name: that would be a way to map the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an absolute address of a web server.
    #[error("must be an absolute https address without user name and fragment, of at most {URL_BYTES_MAX} bytes")]
    Form,
    /// Not encrypted.
    #[error("must begin with https://")]
    Scheme,
    /// This build cannot encrypt.
    #[error("this build has no TLS (cargo feature webhooks-tls)")]
    NoTls,
    /// A port on which web servers do not listen.
    #[error("the port must be 443 or 8443")]
    Port,
    /// Not on the public internet.
    #[error("does not lie on the public internet")]
    Private,
    /// The name has no address.
    #[error("the name cannot be resolved")]
    Unresolved,
}

/// What the operator allows beyond the public internet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// Sockets of this machine that may be told in the clear.
    pub allowed: Vec<SocketAddr>,
}

/// An address that has the right form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The name or address of the host, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What the `host` header says.
    pub authority: String,
    /// Path and query.
    pub path: String,
    /// Whether the connection is encrypted.
    pub is_tls: bool,
}

impl Target {
    /// Reads an address and checks everything that can be checked without resolving it.
    ///
    /// # Errors
    /// When it has the wrong form, scheme or port, or names a private address in figures.
    pub fn parse(url: &str, policy: &Policy) -> Result<Self, AddressError> {
        if url.len() > URL_BYTES_MAX || url.contains('#') || !url.is_ascii() {
            return Err(AddressError::Form);
        }
        let uri: Uri = url.parse().map_err(|_| AddressError::Form)?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or(AddressError::Form)?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) | None => return Err(AddressError::Scheme),
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let has_port = authority.as_str().len() > authority.host().len();
        if host.is_empty() || has_port && authority.port_u16().is_none() {
            return Err(AddressError::Form);
        }
        let path = uri.path_and_query().map_or_else(|| "/".to_owned(), |path| path.as_str().to_owned());
        let target = Self { host, port, authority: authority.as_str().to_owned(), path, is_tls };
        target.check(policy).map(|()| target)
    }

    fn check(&self, policy: &Policy) -> Result<(), AddressError> {
        let literal: Option<IpAddr> = self.host.parse().ok();
        if literal.is_some_and(|ip| policy.allowed.contains(&SocketAddr::new(ip, self.port))) {
            return Ok(());
        }
        match self.is_tls {
            false => Err(AddressError::Scheme),
            true if !cfg!(feature = "webhooks-tls") => Err(AddressError::NoTls),
            true if !PORTS.contains(&self.port) => Err(AddressError::Port),
            true if literal.map_or_else(|| !is_public_name(&self.host), |ip| !is_public(ip)) => Err(AddressError::Private),
            true => Ok(()),
        }
    }

    /// The addresses to connect to, out of those that the name was resolved to.
    ///
    /// # Errors
    /// When there is none, or one of them is not public: a name that has both is a trap.
    pub fn choose(&self, resolved: &[SocketAddr], policy: &Policy) -> Result<Vec<SocketAddr>, AddressError> {
        let is_allowed = |address: &SocketAddr| policy.allowed.contains(address) || (self.is_tls && is_public(address.ip()));
        if resolved.is_empty() {
            return Err(AddressError::Unresolved);
        }
        if resolved.iter().all(is_allowed) { Ok(resolved.to_vec()) } else { Err(AddressError::Private) }
    }
}

/// Names that no server of the public internet has (RFC 6761, RFC 6762, RFC 8375 and what ICANN keeps for private use).
const PRIVATE_NAMES: [&str; 6] = ["localhost", "local", "internal", "test", "invalid", "arpa"];

/// Whether a name may be one of the public internet: it has a domain, and is no address in one of the old ways of writing one (`127.1`, `0x7f000001`).
fn is_public_name(host: &str) -> bool {
    let Some((_, last)) = host.trim_end_matches('.').rsplit_once('.') else { return false };
    !last.starts_with(|first: char| first.is_ascii_digit()) && !PRIVATE_NAMES.contains(&last)
}

/// Whether an address is plainly one of the public internet.
#[must_use]
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// Blocks of IPv4 that are not reached over the public internet (IANA's registry of special purposes), as first address and prefix length.
const PRIVATE_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let within = |(first, length): &([u8; 4], u32)| (u32::from(ip) ^ u32::from_be_bytes(*first)) >> (32 - length) == 0;
    !PRIVATE_V4.iter().any(within)
}

/// Only 2000::/3 is handed out for the public internet; what is not in it is refused without being named: `::1`, `::ffff:0:0/96`, `64:ff9b::/96`,
/// `fc00::/7`, `fe80::/10`, `ff00::/8` and all that is yet to be invented. Within it, some blocks lead elsewhere.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let is_global = first & 0xe000 == 0x2000;
    // 2001::/23 protocols (Teredo among them), 2001:db8::/32 and 3fff::/20 documentation, 2002::/16 6to4, which carries an IPv4 address.
    let is_special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) || first == 0x2002 || (first == 0x3fff && second < 0x1000);
    is_global && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        let check = |ip: &str, expected: bool| assert_eq!(is_public(ip.parse().expect("an address")), expected, "{ip}");
        let private = "0.0.0.0 10.1.2.3 100.64.0.1 100.127.255.255 127.0.0.1 127.255.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 \
                       192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.1.1.1 240.0.0.1 \
                       255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 \
                       fe80::1 febf::1 fc00::1 fdff::1 ff02::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1 4000::1";
        private.split_whitespace().for_each(|ip| check(ip, false));
        let public = "1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 169.253.1.1 192.169.0.1 198.20.0.1 223.255.255.255 \
                      2606:4700:4700::1111 2a00:1450::1 2001:4860::8888 2001:200::1";
        public.split_whitespace().for_each(|ip| check(ip, true));
    }

    #[test]
    fn an_address_is_checked_before_anything_is_resolved() {
        let policy = Policy { allowed: vec!["127.0.0.1:9000".parse().expect("a socket"), "[::1]:9000".parse().expect("a socket")] };
        let check = |url: &str, expected: Result<(&str, u16, &str), AddressError>| {
            let found = Target::parse(url, &policy);
            let found = found.as_ref().map(|target| (target.host.as_str(), target.port, target.path.as_str())).map_err(|error| *error);
            assert_eq!(found, expected, "{url}");
        };
        #[cfg(feature = "webhooks-tls")]
        {
            check("https://Example.org/hook?a=1", Ok(("example.org", 443, "/hook?a=1")));
            check("https://example.org:8443", Ok(("example.org", 8443, "/")));
            check("https://example.org:22/", Err(AddressError::Port));
            check("https://127.0.0.1/", Err(AddressError::Private));
            for inside in ["localhost", "127.1", "0x7f000001", "api.internal", "printer.local.", "1.2.3.0x4"] {
                check(&format!("https://{inside}/"), Err(AddressError::Private));
            }
            check("https://[::ffff:169.254.169.254]/", Err(AddressError::Private));
            check("https://10.0.0.1:9000/", Err(AddressError::Port));
        }
        check("http://127.0.0.1:9000/in", Ok(("127.0.0.1", 9000, "/in")));
        check("http://[::1]:9000/", Ok(("::1", 9000, "/")));
        check("http://127.0.0.1:9001/", Err(AddressError::Scheme));
        check("http://example.org/", Err(AddressError::Scheme));
        check("ftp://example.org/", Err(AddressError::Scheme));
        [
            "https://user:word@example.org/",
            "https:///x",
            "/x",
            "example.org",
            "https://example.org/#a",
            "https://example.org:/",
            "https://example.org:99999/",
            "https://exämple.org/",
            "",
        ]
        .iter()
        .for_each(|url| check(url, Err(if *url == "example.org" { AddressError::Scheme } else { AddressError::Form })));
        check(&format!("https://example.org/{}", "a".repeat(URL_BYTES_MAX)), Err(AddressError::Form));
    }

    #[test]
    fn a_name_that_leads_inside_is_refused_also_when_it_leads_outside_too() {
        let policy = Policy { allowed: vec!["127.0.0.1:443".parse().expect("a socket")] };
        let target =
            Target { host: "example.org".to_owned(), port: 443, authority: "example.org".to_owned(), path: "/".to_owned(), is_tls: true };
        let check = |resolved: &[&str], expected: Result<usize, AddressError>| {
            let resolved: Vec<SocketAddr> = resolved.iter().map(|address| address.parse().expect("a socket")).collect();
            assert_eq!(target.choose(&resolved, &policy).map(|chosen| chosen.len()), expected, "{resolved:?}");
        };
        check(&["1.1.1.1:443", "[2606:4700::1]:443"], Ok(2));
        check(&["1.1.1.1:443", "192.168.0.1:443"], Err(AddressError::Private));
        check(&["[::ffff:10.0.0.1]:443"], Err(AddressError::Private));
        check(&["127.0.0.1:443"], Ok(1));
        check(&[], Err(AddressError::Unresolved));
        let plain = Target { is_tls: false, ..target };
        assert_eq!(plain.choose(&["1.1.1.1:443".parse().expect("a socket")], &policy), Err(AddressError::Private));
    }
}
