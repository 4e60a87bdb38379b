//! How often somebody may try to log in: so many attempts for each name and for each address, then a pause.
//!
//! An attempt counts before its password is looked at, so that many at once do not get past the limit; one that succeeds is taken back.

use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{Digest, blake3};
use std::collections::HashMap;
use std::net::IpAddr;

/// For how long attempts count.
pub const LOCKED_MS: i64 = 15 * 60 * 1_000;
/// Attempts at one name.
const NAME_ATTEMPTS_MAX: u32 = 10;
/// Attempts from one address: people of one office share one.
const ADDRESS_ATTEMPTS_MAX: u32 = 30;
/// Names and addresses that are counted; beyond that nobody logs in until some are forgotten.
const COUNTED_MAX: usize = 20_000;

#[derive(Debug, Clone, Copy)]
struct Count {
    attempts: u32,
    since: Timestamp,
}

/// Attempts that count.
#[derive(Debug, Default)]
pub struct LoginLimits {
    counts: HashMap<Digest, Count>,
}

impl LoginLimits {
    /// Counts an attempt.
    ///
    /// # Errors
    /// When there were too many: milliseconds to wait.
    pub fn begin(&mut self, name: &str, address: Option<IpAddr>, now: Timestamp) -> Result<(), i64> {
        self.counts.retain(|_, count| now.since_ms(count.since) < LOCKED_MS);
        let places = places(name, address);
        let blocked = places.iter().filter_map(|(place, max)| self.counts.get(place).filter(|count| count.attempts >= *max));
        if let Some(wait_ms) = blocked.map(|count| LOCKED_MS - now.since_ms(count.since)).max() {
            return Err(wait_ms);
        }
        if self.counts.len() + places.len() > COUNTED_MAX {
            return Err(LOCKED_MS);
        }
        for (place, _) in places {
            self.counts.entry(place).or_insert(Count { attempts: 0, since: now }).attempts += 1;
        }
        Ok(())
    }

    /// The attempt was a login: its name starts anew, its address has one attempt less.
    pub fn succeeded(&mut self, name: &str, address: Option<IpAddr>) {
        self.counts.remove(&name_place(name));
        if let Some(count) = address.and_then(|address| self.counts.get_mut(&address_place(address))) {
            count.attempts = count.attempts.saturating_sub(1);
        }
    }
}

fn places(name: &str, address: Option<IpAddr>) -> Vec<(Digest, u32)> {
    let of_address = address.map(|address| (address_place(address), ADDRESS_ATTEMPTS_MAX));
    std::iter::once((name_place(name), NAME_ATTEMPTS_MAX)).chain(of_address).collect()
}

fn name_place(name: &str) -> Digest {
    blake3(&[b"name\0", name.as_bytes()])
}

fn address_place(address: IpAddr) -> Digest {
    blake3(&[b"address\0", address.to_string().as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_too_many_attempts_a_name_and_an_address_have_to_wait() {
        let mut limits = LoginLimits::default();
        let address = |last: u8| Some(IpAddr::from([10, 0, 0, last]));
        for attempt in 0..NAME_ATTEMPTS_MAX {
            assert_eq!(limits.begin("ann", address(attempt as u8), Timestamp(0)), Ok(()));
        }
        assert_eq!(limits.begin("ann", address(99), Timestamp(1_000)), Err(LOCKED_MS - 1_000), "whatever the address");
        assert_eq!(limits.begin("ben", address(99), Timestamp(1_000)), Ok(()));
        assert_eq!(limits.begin("ann", address(99), Timestamp(LOCKED_MS)), Ok(()));
        for attempt in 0..ADDRESS_ATTEMPTS_MAX {
            assert_eq!(limits.begin(&format!("name-{attempt}"), address(7), Timestamp(LOCKED_MS)), Ok(()));
        }
        assert!(limits.begin("cleo", address(7), Timestamp(LOCKED_MS)).is_err(), "whatever the name");
    }

    #[test]
    fn a_login_takes_its_attempts_back() {
        let mut limits = LoginLimits::default();
        for _ in 0..NAME_ATTEMPTS_MAX * 4 {
            assert_eq!(limits.begin("ann", None, Timestamp(0)), Ok(()));
            limits.succeeded("ann", None);
        }
    }
}
