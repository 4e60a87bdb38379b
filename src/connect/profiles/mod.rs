//! Profiles of platforms (Universal Commerce Protocol), fetched from the addresses that platforms name and kept for a while.
//!
//! Anybody may name an address, so nothing about fetching grows with what is named: as many profiles are kept, and as many fetched at once,
//! as the limits here say; addresses pass the same checks as those of webhooks, so that nobody looks into the network that the shop stands
//! in; what could not be fetched is not tried again at once.

mod fetch;

use super::webhooks::{AddressError, Policy};
use crate::stdx::clock::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// Profiles that are kept.
const KEPT_MAX: usize = 256;
/// Profiles that are fetched at once.
const FETCHES_MAX: usize = 4;
/// How long a profile is kept at least, whatever its host says, and at most.
const KEPT_S: (u64, u64) = (60, 24 * 60 * 60);
/// How long it is remembered that there was none.
const FAILED_KEPT_MS: i64 = 30_000;

/// What a platform says of itself, as far as it is looked at.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// The version of the protocol that it speaks.
    pub version: String,
    /// What it can do, by name and versions.
    pub capabilities: BTreeMap<String, Vec<String>>,
}

/// Why there is no profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// The address is none that may be asked.
    #[error("the profile's address {0}")]
    Address(#[from] AddressError),
    /// Nothing came back in time, or not a profile's status.
    #[error("the profile could not be fetched")]
    Unreachable,
    /// What came back is no profile.
    #[error("what is at the profile's address is no profile")]
    Malformed,
    /// Too many are being fetched.
    #[error("too many profiles are being fetched")]
    Busy,
}

struct Known {
    found: Result<Arc<Profile>, ProfileError>,
    until: Timestamp,
}

/// The profiles that are known.
pub struct Profiles {
    policy: Policy,
    known: Mutex<BTreeMap<String, Known>>,
    fetching: Semaphore,
}

impl Profiles {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { policy, known: Mutex::default(), fetching: Semaphore::new(FETCHES_MAX) }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The profile at an address, as it was fetched not too long ago.
    ///
    /// # Errors
    /// When there is none.
    pub async fn get(&self, url: &str, now: Timestamp) -> Result<Arc<Profile>, ProfileError> {
        if let Some(known) = self.known().get(url).filter(|known| known.until > now) {
            return known.found.clone();
        }
        let _permit = self.fetching.try_acquire().map_err(|_| ProfileError::Busy)?;
        let fetched = fetch::fetch(url, &self.policy).await;
        let (found, kept_ms) = match fetched.and_then(|(bytes, age_s)| Ok((Profile::read(&bytes)?, age_s))) {
            Ok((profile, age_s)) => (Ok(Arc::new(profile)), age_s.unwrap_or(0).clamp(KEPT_S.0, KEPT_S.1).cast_signed() * 1_000),
            Err(error) => (Err(error), FAILED_KEPT_MS),
        };
        self.keep(url, Known { found: found.clone(), until: now.plus_ms(kept_ms) });
        found
    }

    /// Keeps one more; the one that would end first makes room for it.
    fn keep(&self, url: &str, found: Known) {
        let mut known = self.known();
        known.insert(url.to_owned(), found);
        while known.len() > KEPT_MAX {
            let Some(first) = known.iter().min_by_key(|(_, known)| known.until).map(|(url, _)| url.clone()) else { return };
            known.remove(&first);
        }
    }
}

#[derive(Deserialize)]
struct Document {
    ucp: Said,
}

#[derive(Deserialize)]
struct Said {
    version: String,
    #[serde(default)]
    capabilities: BTreeMap<String, Vec<Entity>>,
}

#[derive(Deserialize)]
struct Entity {
    version: String,
}

impl Profile {
    /// Reads what is at a profile's address.
    ///
    /// # Errors
    /// When it is no profile.
    pub fn read(bytes: &[u8]) -> Result<Self, ProfileError> {
        let Document { ucp: Said { version, capabilities } } = serde_json::from_slice(bytes).map_err(|_| ProfileError::Malformed)?;
        let versions = |entities: Vec<Entity>| entities.into_iter().map(|entity| entity.version).collect();
        Ok(Self { version, capabilities: capabilities.into_iter().map(|(name, entities)| (name, versions(entities))).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_and_anything_else_is_malformed() {
        let profile = Profile::read(
            br#"{"ucp":{"version":"2026-04-08","capabilities":{"a.b":[{"version":"1","spec":"x"},{"version":"2"}]}},"signing_keys":[]}"#,
        );
        let profile = profile.expect("a profile");
        assert_eq!((profile.version.as_str(), &profile.capabilities["a.b"]), ("2026-04-08", &vec!["1".to_owned(), "2".to_owned()]));
        for wrong in [
            &b""[..],
            b"{}",
            b"[]",
            b"\xff",
            br#"{"ucp":{}}"#,
            br#"{"ucp":{"version":1}}"#,
            br#"{"ucp":{"version":"1","capabilities":[]}}"#,
        ] {
            assert_eq!(Profile::read(wrong), Err(ProfileError::Malformed), "{}", String::from_utf8_lossy(wrong));
        }
    }

    #[test]
    fn what_ends_first_makes_room() {
        let profiles = Profiles::new(Policy::default());
        for number in 0..=KEPT_MAX as i64 {
            profiles.keep(
                &format!("https://{number}.example/"),
                Known { found: Err(ProfileError::Unreachable), until: Timestamp(1_000 - number) },
            );
        }
        let known = profiles.known();
        assert_eq!((known.len(), known.contains_key(&format!("https://{KEPT_MAX}.example/"))), (KEPT_MAX, false));
    }
}
