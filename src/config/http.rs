//! The part about the HTTP edge: connections and their deadlines, TLS, rates, and how much work is taken on.

use super::ConfigError;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// A request is answered within half a minute, so nothing that a request waits for may take longer.
const PATIENCE_MS_MAX: u64 = 30_000;
/// More sockets than any kernel hands out to one process.
const CONNECTIONS_MAX: usize = 1_000_000;
/// Faster than any shop is asked; beyond it a rate is a typing error.
const PER_S_MAX: f64 = 1_000_000.0;
const THREADS_MAX: usize = 1_024;

const PUBLIC_URL_BYTES_MAX: usize = 255;

/// How the server meets the network.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Scheme and host under which shoppers reach the shop, such as `https://shop.example`: what links in answers begin with. The address that is
    /// listened on, when there is none.
    pub public_url: Option<String>,
    /// Connections that are open at the same time. When all are taken, the one that has been idle longest gives way.
    pub connections_max: usize,
    /// Connections from one address (IPv6: from one /64).
    pub connections_per_address_max: usize,
    /// Whether this machine's own addresses are held to the limits per address.
    pub limit_loopback: bool,
    /// Proxies in front of the server: they are not limited, and who asks is read from their `X-Forwarded-For`.
    pub trusted_proxies: Vec<IpAddr>,
    /// Milliseconds within which a TLS handshake is done.
    pub handshake_ms: u64,
    /// Milliseconds within which a request's head has arrived, counted from its first byte or from the opening of the connection.
    pub head_ms: u64,
    /// Milliseconds that a connection may stay open without a request.
    pub idle_ms: u64,
    /// Milliseconds that a body may stand still.
    pub body_stall_ms: u64,
    /// Milliseconds of waiting for a body after which its rate counts.
    pub body_grace_ms: u64,
    /// Bytes a second that a body brings at least.
    pub body_bytes_per_s: u64,
    /// Milliseconds after which a peer that takes nothing of its answer is dropped.
    pub unread_ms: u64,
    /// The certificate; without one the server speaks in the clear.
    pub tls: Option<Tls>,
    /// How often may be asked.
    pub rate: Rate,
    /// How much work is taken on at a time.
    pub work: Work,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            public_url: None,
            connections_max: 8_192,
            connections_per_address_max: 256,
            limit_loopback: false,
            trusted_proxies: Vec::new(),
            handshake_ms: 10_000,
            head_ms: 15_000,
            idle_ms: 60_000,
            body_stall_ms: 15_000,
            body_grace_ms: 5_000,
            body_bytes_per_s: 1_024,
            unread_ms: 30_000,
            tls: None,
            rate: Rate::default(),
            work: Work::default(),
        }
    }
}

/// Where certificate and key are, in PEM; both are read again when they change.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The chain, the server's own certificate first. Relative paths begin at the shop directory.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Milliseconds between two looks at the files.
    #[serde(default = "Tls::poll_ms_default")]
    pub poll_ms: u64,
}

impl Tls {
    fn poll_ms_default() -> u64 {
        5_000
    }
}

/// How often one address, shopper or key may ask, by what is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rate {
    /// Searches, products, recommendations, pages.
    pub browse: Allowance,
    /// Writes to carts and what else a shopper tells.
    pub cart: Allowance,
    /// Opening, changing and completing checkout sessions.
    pub checkout: Allowance,
    /// Wrong guesses: codes of coupons and gift cards that do not exist.
    pub guess: Allowance,
    /// What those do who run the shop.
    pub admin: Allowance,
    /// A key speaks for many people: it may ask so many times as often.
    pub key_multiple: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            browse: Allowance { per_s: 50.0, burst: 200 },
            cart: Allowance { per_s: 5.0, burst: 60 },
            checkout: Allowance { per_s: 1.0, burst: 30 },
            guess: Allowance { per_s: 0.05, burst: 10 },
            admin: Allowance { per_s: 50.0, burst: 500 },
            key_multiple: 100,
        }
    }
}

/// A rate that is kept to in the long run, and how much of it may be used at once.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Requests a second.
    pub per_s: f64,
    /// Requests at once after a pause.
    pub burst: u32,
}

/// How much work is taken on at a time.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Work {
    /// Threads that search and recommend; one for each core unless told.
    pub threads: Option<usize>,
    /// Milliseconds in the queue that are aimed at while there is more to do than can be done.
    pub queue_target_ms: u64,
    /// Milliseconds after which work that still stands in the queue is not begun any more.
    pub queue_ms: u64,
}

impl Default for Work {
    fn default() -> Self {
        Self { threads: None, queue_target_ms: 20, queue_ms: 500 }
    }
}

impl Http {
    /// Checks that the values agree with each other.
    ///
    /// # Errors
    /// Names the field that does not.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let Self { connections_max, connections_per_address_max, .. } = *self;
        let is_origin = self.public_url.as_deref().is_none_or(is_origin);
        require(is_origin, "http.public_url", "must be http:// or https:// and a host, without a path, such as https://shop.example")?;
        require((16..=CONNECTIONS_MAX).contains(&connections_max), "http.connections_max", "must be between 16 and 1000000")?;
        let per_address = (1..=connections_max).contains(&connections_per_address_max);
        require(per_address, "http.connections_per_address_max", "must be between 1 and http.connections_max")?;
        let patience = |ms: u64| (1..=PATIENCE_MS_MAX).contains(&ms);
        require(patience(self.handshake_ms), "http.handshake_ms", "must be between 1 and 30000")?;
        require(patience(self.head_ms), "http.head_ms", "must be between 1 and 30000")?;
        require(patience(self.unread_ms), "http.unread_ms", "must be between 1 and 30000")?;
        require(self.idle_ms >= self.head_ms, "http.idle_ms", "must not be below http.head_ms")?;
        require(self.body_stall_ms > 0 && self.body_stall_ms < PATIENCE_MS_MAX, "http.body_stall_ms", "must be between 1 and 29999")?;
        require(self.body_grace_ms <= self.body_stall_ms, "http.body_grace_ms", "must not be above http.body_stall_ms")?;
        require(self.body_bytes_per_s >= 1, "http.body_bytes_per_s", "must be at least 1")?;
        require(self.tls.as_ref().is_none_or(|tls| tls.poll_ms > 0), "http.tls.poll_ms", "must be at least 1")?;
        self.rate.check()?;
        self.work.check()
    }

    /// The same with relative paths beginning at the shop directory.
    pub(super) fn within(mut self, shop: &Path) -> Self {
        if let Some(tls) = &mut self.tls {
            tls.certificate = shop.join(&tls.certificate);
            tls.key = shop.join(&tls.key);
        }
        self
    }
}

impl Rate {
    fn check(&self) -> Result<(), ConfigError> {
        let named = [
            ("http.rate.browse", self.browse),
            ("http.rate.cart", self.cart),
            ("http.rate.checkout", self.checkout),
            ("http.rate.guess", self.guess),
            ("http.rate.admin", self.admin),
        ];
        for (field, Allowance { per_s, burst }) in named {
            let is_sound = per_s.is_finite() && per_s > 0.0 && per_s <= PER_S_MAX && burst >= 1;
            require(is_sound, field, "per_s must be above 0 and at most 1000000, burst at least 1")?;
        }
        require((1..=1_000_000).contains(&self.key_multiple), "http.rate.key_multiple", "must be between 1 and 1000000")
    }
}

impl Work {
    fn check(&self) -> Result<(), ConfigError> {
        let threads = self.threads.is_none_or(|threads| (1..=THREADS_MAX).contains(&threads));
        require(threads, "http.work.threads", "must be between 1 and 1024")?;
        require(self.queue_target_ms >= 1, "http.work.queue_target_ms", "must be at least 1")?;
        let waits = self.queue_target_ms < self.queue_ms && self.queue_ms < PATIENCE_MS_MAX;
        require(waits, "http.work.queue_ms", "must be above http.work.queue_target_ms and below 30000")
    }
}

/// Whether it is a scheme and a host, perhaps with a port, and nothing else.
fn is_origin(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let of_hosts = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | ':' | '[' | ']');
    !host.is_empty() && url.len() <= PUBLIC_URL_BYTES_MAX && host.chars().all(of_hosts)
}

fn require(holds: bool, field: &'static str, reason: &str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::Value { field, reason: reason.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_defaults_agree_with_each_other() {
        Http::default().check().expect("is sound");
    }

    #[test]
    fn a_limit_that_its_neighbours_do_not_allow_is_named() {
        let check = |text: &str, named: &str| {
            let config = toml::from_str::<Config>(text).expect("has the shape");
            let message = config.check().expect_err(text).to_string();
            assert!(message.contains(named), "{text}: {message}");
        };
        check("[http]\nconnections_max = 0", "http.connections_max");
        check("[http]\nconnections_per_address_max = 100000", "http.connections_per_address_max");
        check("[http]\nhead_ms = 60000", "http.head_ms");
        check("[http]\nidle_ms = 10", "http.idle_ms");
        check("[http]\nbody_stall_ms = 30000", "http.body_stall_ms");
        check("[http]\nbody_grace_ms = 16000", "http.body_grace_ms");
        check("[http.rate]\nbrowse = { per_s = 0.0, burst = 1 }", "http.rate.browse");
        check("[http.rate]\nguess = { per_s = 1.0, burst = 0 }", "http.rate.guess");
        check("[http.work]\nqueue_ms = 5", "http.work.queue_ms");
        check("[http.work]\nthreads = 0", "http.work.threads");
    }

    #[test]
    fn the_shop_is_reached_at_a_scheme_and_a_host() {
        let cases =
            [("https://shop.example", true), ("http://[::1]:7700", true), ("https://shop.example/", false), ("shop.example", false)];
        for (url, is_sound) in cases.into_iter().chain([("https://", false), ("ftp://shop.example", false), ("https://a@b", false)]) {
            let http = Http { public_url: Some(url.to_owned()), ..Http::default() };
            assert_eq!(http.check().is_ok(), is_sound, "{url}");
        }
    }

    #[test]
    fn certificates_are_looked_for_in_the_shop_directory() {
        let text = "[http.tls]\ncertificate = \"tls/chain.pem\"\nkey = \"/etc/shop/key.pem\"";
        let http = toml::from_str::<Config>(text).expect("has the shape").http.within(Path::new("/srv/shop"));
        let tls = http.tls.expect("is set");
        assert_eq!((tls.certificate, tls.key), (PathBuf::from("/srv/shop/tls/chain.pem"), PathBuf::from("/etc/shop/key.pem")));
    }
}
