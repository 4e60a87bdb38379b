//! What can be set about payments.

use std::collections::BTreeSet;

/// Card schemes let an authorisation stand for seven days; a day before that it is made again instead of taken.
const AUTHORIZATION_TTL_MS: i64 = 6 * 24 * 60 * 60 * 1_000;

/// What decisions about payments go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Providers that take the money of one authorisation only once.
    pub single_capture: BTreeSet<String>,
    /// How old an authorisation may be when its money is taken; an older one is first made again.
    pub authorization_ttl_ms: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self { single_capture: BTreeSet::new(), authorization_ttl_ms: AUTHORIZATION_TTL_MS }
    }
}
