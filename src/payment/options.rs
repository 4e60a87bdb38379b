//! What can be set about payments.

use std::collections::BTreeSet;

/// Card schemes let an authorisation stand for seven days; a day before that it is made again instead of taken.
const AUTHORIZATION_TTL_MS: i64 = 6 * 24 * 60 * 60 * 1_000;

/// How often money is tried to be given back by one payment before whoever looks after the shop is told.
const REFUND_TRIES_MAX: usize = 5;
/// The first pause before a refund that failed is asked for again; each further one is four times as long, so that five tries take most of a day.
const REFUND_PAUSE_MS: i64 = 15 * 60 * 1_000;

/// What decisions about payments go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Providers that take the money of one authorisation only once.
    pub single_capture: BTreeSet<String>,
    /// How old an authorisation may be when its money is taken; an older one is first made again.
    pub authorization_ttl_ms: i64,
    /// How many refunds of one payment may fail before none of them is asked for again by itself.
    pub refund_tries_max: usize,
    /// How long the first of them waits; each further one four times as long.
    pub refund_pause_ms: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            single_capture: BTreeSet::new(),
            authorization_ttl_ms: AUTHORIZATION_TTL_MS,
            refund_tries_max: REFUND_TRIES_MAX,
            refund_pause_ms: REFUND_PAUSE_MS,
        }
    }
}
