//! How often somebody may try to log in: so many attempts for each name and for each address, then a pause.
//!
//! Addresses are named by whoever knows which of them are one household's. An attempt counts before its password is looked at, so that many at once do not get past the limit; one that succeeds is taken back.

use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{Digest, blake3};
use std::collections::HashMap;

/// For how long attempts count.
pub const LOCKED_MS: i64 = 15 * 60 * 1_000;
/// Attempts at one name.
const NAME_ATTEMPTS_MAX: u32 = 10;
/// Attempts from one address: people of one office share one.
const ADDRESS_ATTEMPTS_MAX: u32 = 30;
/// Names and addresses that are counted; beyond that the oldest are forgotten: whoever tries many names locks nobody out.
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
    pub fn begin(&mut self, name: &str, address: Option<&str>, now: Timestamp) -> Result<(), i64> {
        self.counts.retain(|_, count| now.since_ms(count.since) < LOCKED_MS);
        let places = places(name, address);
        let blocked = places.iter().filter_map(|(place, max)| self.counts.get(place).filter(|count| count.attempts >= *max));
        if let Some(wait_ms) = blocked.map(|count| LOCKED_MS - now.since_ms(count.since)).max() {
            return Err(wait_ms);
        }
        self.make_room(&places);
        for (place, _) in places {
            self.counts.entry(place).or_insert(Count { attempts: 0, since: now }).attempts += 1;
        }
        Ok(())
    }

    /// Forgets the oldest counts but those of `places`, until there is room for these.
    fn make_room(&mut self, places: &[(Digest, u32)]) {
        let is_other = |digest: &Digest| places.iter().all(|(place, _)| place != digest);
        let new = places.iter().filter(|(place, _)| !self.counts.contains_key(place)).count();
        while self.counts.len() + new > COUNTED_MAX {
            let others = self.counts.iter().filter(|(digest, _)| is_other(digest));
            let Some(oldest) = others.min_by_key(|(_, count)| count.since).map(|(digest, _)| *digest) else { return };
            self.counts.remove(&oldest);
        }
    }

    /// The attempt was a login: its name starts anew, its address has one attempt less.
    pub fn succeeded(&mut self, name: &str, address: Option<&str>) {
        self.counts.remove(&name_place(name));
        if let Some(count) = address.and_then(|address| self.counts.get_mut(&address_place(address))) {
            count.attempts = count.attempts.saturating_sub(1);
        }
    }
}

fn places(name: &str, address: Option<&str>) -> Vec<(Digest, u32)> {
    let of_address = address.map(|address| (address_place(address), ADDRESS_ATTEMPTS_MAX));
    std::iter::once((name_place(name), NAME_ATTEMPTS_MAX)).chain(of_address).collect()
}

fn name_place(name: &str) -> Digest {
    blake3(&[b"name\0", name.as_bytes()])
}

fn address_place(address: &str) -> Digest {
    blake3(&[b"address\0", address.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_too_many_attempts_a_name_and_an_address_have_to_wait() {
        let mut limits = LoginLimits::default();
        for attempt in 0..NAME_ATTEMPTS_MAX {
            assert_eq!(limits.begin("ann", Some(&format!("10.0.0.{attempt}")), Timestamp(0)), Ok(()));
        }
        assert_eq!(limits.begin("ann", Some("10.0.0.99"), Timestamp(1_000)), Err(LOCKED_MS - 1_000), "whatever the address");
        assert_eq!(limits.begin("ben", Some("10.0.0.99"), Timestamp(1_000)), Ok(()));
        assert_eq!(limits.begin("ann", Some("10.0.0.99"), Timestamp(LOCKED_MS)), Ok(()));
        for attempt in 0..ADDRESS_ATTEMPTS_MAX {
            assert_eq!(limits.begin(&format!("name-{attempt}"), Some("10.0.0.7"), Timestamp(LOCKED_MS)), Ok(()));
        }
        assert!(limits.begin("cleo", Some("10.0.0.7"), Timestamp(LOCKED_MS)).is_err(), "whatever the name");
    }

    /// A full table refused everybody for a quarter of an hour: ten thousand tries of made-up names closed the console.
    #[test]
    fn whoever_fills_the_table_locks_nobody_out() {
        let mut limits = LoginLimits::default();
        assert_eq!(limits.begin("ann", Some("10.0.0.1"), Timestamp(0)), Ok(()));
        let made_up = |number: usize| (name_place(&format!("made up {number}")), Count { attempts: 1, since: Timestamp(1) });
        limits.counts.extend((2..COUNTED_MAX).map(made_up));
        assert_eq!(limits.counts.len(), COUNTED_MAX);
        assert_eq!(limits.begin("ann", Some("10.0.0.2"), Timestamp(2)), Ok(()));
        let attempts = |place: Digest| limits.counts.get(&place).map(|count| count.attempts);
        assert_eq!((limits.counts.len(), attempts(name_place("ann"))), (COUNTED_MAX, Some(2)), "what is counted now is not forgotten");
        assert_eq!((attempts(address_place("10.0.0.1")), attempts(address_place("10.0.0.2"))), (None, Some(1)), "the oldest is");
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
