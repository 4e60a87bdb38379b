//! The edge's limits as it uses them.

use crate::config::Http;
use crate::http::limits::BULK_TIMEOUT;
use std::net::IpAddr;
use std::time::Duration;

/// File descriptors that are left for everything but connections: journal, index, webhooks.
const FILES_RESERVED: u64 = 512;
/// A request that is still not done so long after its handler has to have answered is stuck with its peer.
const TAKING_MAX: Duration = Duration::from_secs(5 * 60);
/// The sweep looks this often while a deadline passes, within bounds.
const LOOKS_PER_DEADLINE: u32 = 4;
const SWEEP_MIN: Duration = Duration::from_millis(10);
const SWEEP_MAX: Duration = Duration::from_secs(1);

/// Limits of connections.
#[derive(Debug, Clone)]
pub(in crate::http) struct Options {
    pub(super) connections_max: usize,
    pub(super) connections_per_address_max: usize,
    pub(super) limit_loopback: bool,
    pub(super) trusted_proxies: Vec<IpAddr>,
    pub(super) handshake: Duration,
    pub(super) head: Duration,
    pub(super) idle: Duration,
    pub(super) unread: Duration,
    /// From the first byte of a request to the last of its answer, whatever the route.
    pub(super) total: Duration,
    pub(super) body: BodyPace,
}

/// How slowly a body may arrive.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyPace {
    pub(super) stall: Duration,
    pub(super) grace: Duration,
    pub(super) bytes_per_s: u64,
}

impl Options {
    /// As the operator has set them; fewer connections when the system hands out fewer files.
    pub(in crate::http) fn of(http: &Http) -> Self {
        let ms = Duration::from_millis;
        Self {
            connections_max: within_files(http.connections_max),
            connections_per_address_max: http.connections_per_address_max,
            limit_loopback: http.limit_loopback,
            trusted_proxies: http.trusted_proxies.clone(),
            handshake: ms(http.handshake_ms),
            head: ms(http.head_ms),
            idle: ms(http.idle_ms),
            unread: ms(http.unread_ms),
            total: BULK_TIMEOUT + TAKING_MAX,
            body: BodyPace { stall: ms(http.body_stall_ms), grace: ms(http.body_grace_ms), bytes_per_s: http.body_bytes_per_s },
        }
    }

    /// How often all connections are looked at.
    pub(super) fn sweep_interval(&self) -> Duration {
        let shortest = self.head.min(self.idle).min(self.unread);
        (shortest / LOOKS_PER_DEADLINE).clamp(SWEEP_MIN, SWEEP_MAX)
    }

    /// Whether an address counts on its own.
    pub(super) fn is_limited(&self, address: IpAddr) -> bool {
        !self.trusted_proxies.contains(&address) && (self.limit_loopback || !address.is_loopback())
    }
}

/// Asks the system for as many files as are needed, and takes what it gives.
fn within_files(wanted: usize) -> usize {
    let files = crate::stdx::open_files::raise(wanted as u64 + FILES_RESERVED);
    let usable = usize::try_from(files.saturating_sub(FILES_RESERVED).max(files / 2)).unwrap_or(usize::MAX);
    if usable < wanted {
        tracing::warn!(wanted, usable, "the system allows fewer open files than http.connections_max needs");
    }
    wanted.min(usable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sweep_is_quick_enough_for_the_shortest_deadline() {
        assert_eq!(Options::of(&Http::default()).sweep_interval(), SWEEP_MAX);
        assert_eq!(Options::of(&Http { head_ms: 200, ..Http::default() }).sweep_interval(), Duration::from_millis(50));
        assert_eq!(Options::of(&Http { idle_ms: 1, ..Http::default() }).sweep_interval(), SWEEP_MIN);
    }

    #[test]
    fn proxies_and_this_machine_do_not_count_as_one_address() {
        let proxy: IpAddr = "192.0.2.1".parse().expect("an address");
        let options = Options::of(&Http { trusted_proxies: vec![proxy], ..Http::default() });
        let limited = ["192.0.2.1", "127.0.0.1", "::1", "192.0.2.2"].map(|text| options.is_limited(text.parse().expect("an address")));
        assert_eq!(limited, [false, false, false, true]);
        assert!(Options { limit_loopback: true, ..options }.is_limited("127.0.0.1".parse().expect("an address")));
    }
}
