//! An endpoint: where messages go, which, and signed with what.

use super::address::{AddressError, Policy, Target};
use super::signature::Secret;
use crate::connect::changes::Wanted;
use crate::event::Stream;
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Endpoints of a shop: each has a thread and a place.
pub const ENDPOINTS_MAX: usize = 64;
/// Bytes of a description.
pub const DESCRIPTION_BYTES_MAX: usize = 512;
/// How long a replaced secret still signs: long enough for its holder to learn of the new one.
const REPLACED_SECRET_KEPT_MS: i64 = 24 * 60 * 60 * 1_000;

/// The name of an endpoint.
pub type EndpointId = String;

/// What an operator says of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Where messages go.
    pub url: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Streams that it is told of.
    pub streams: Vec<Stream>,
    /// Types, or areas of types, that it is told of; empty for all.
    #[serde(default)]
    pub kinds: BTreeSet<String>,
    /// Whether it is told anything at all.
    pub is_enabled: bool,
    /// The platform that it belongs to, by the address of its profile: then it is told of that platform's orders, whole, and of nothing else.
    #[serde(default)]
    pub platform: Option<String>,
}

impl Settings {
    /// Checks what needs no look-up.
    ///
    /// # Errors
    /// When the address is none that messages may go to.
    pub fn check(&self, policy: &Policy) -> Result<(), AddressError> {
        Target::parse(&self.url, policy).map(|_| ())
    }

    /// What it wants to be told.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        Wanted { streams: self.streams.clone(), kinds: self.kinds.clone() }
    }
}

/// A secret that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// It.
    pub secret: Secret,
    /// Until when it still signs.
    pub until: Timestamp,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its name.
    pub id: EndpointId,
    /// What the operator says of it.
    pub settings: Settings,
    /// What its messages are signed with.
    pub secret: Secret,
    /// The one before, for a while.
    #[serde(default)]
    pub replaced: Option<Replaced>,
    /// Counts its changes, from 1.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Endpoint {
    /// The secrets that sign at a moment, the newest first.
    #[must_use]
    pub fn secrets_at(&self, now: Timestamp) -> Vec<&Secret> {
        let replaced = self.replaced.as_ref().filter(|replaced| replaced.until > now);
        std::iter::once(&self.secret).chain(replaced.map(|replaced| &replaced.secret)).collect()
    }

    /// Takes a new secret; the one before still signs for [`REPLACED_SECRET_KEPT_MS`].
    pub fn replace_secret(&mut self, fresh: Secret, now: Timestamp) {
        let until = now.plus_ms(REPLACED_SECRET_KEPT_MS);
        self.replaced = Some(Replaced { secret: std::mem::replace(&mut self.secret, fresh), until });
        self.touch(now);
    }

    /// One more change.
    pub fn touch(&mut self, now: Timestamp) {
        self.version += 1;
        self.updated_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_secrets_sign_for_a_day_after_a_rotation() {
        let secret = |byte: u8| Secret::try_from(format!("whsec_{}", crate::stdx::base64::encode_padded(&[byte; 24]))).expect("a secret");
        let settings = Settings {
            url: "https://example.org".to_owned(),
            description: String::new(),
            streams: vec![Stream::Trade],
            kinds: BTreeSet::new(),
            is_enabled: true,
            platform: None,
        };
        let mut endpoint = Endpoint {
            id: "whe_1".to_owned(),
            settings,
            secret: secret(1),
            replaced: None,
            version: 1,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        };
        endpoint.replace_secret(secret(2), Timestamp(1_000));
        assert_eq!(endpoint.secrets_at(Timestamp(2_000)), [&secret(2), &secret(1)]);
        assert_eq!(endpoint.secrets_at(Timestamp(1_000 + REPLACED_SECRET_KEPT_MS)), [&secret(2)]);
        endpoint.replace_secret(secret(3), Timestamp(3_000));
        assert_eq!(endpoint.secrets_at(Timestamp(3_000)), [&secret(3), &secret(2)], "the oldest no longer signs");
        assert_eq!(endpoint.version, 3);
    }
}
