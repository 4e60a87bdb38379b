//! What can be set about the trade engine.

use crate::event::dormant::AWAKE_MAX;
use crate::{order, payment, pricing};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// What `decide` depends on besides state and command. `fold` never does, so that a journal gives the same state under any options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How long stock is held for a checkout session whose payment is being asked for.
    pub reservation_ttl_ms: i64,
    /// How long a checkout session waits for its shopper.
    pub checkout_ttl_ms: i64,
    /// How long an untouched cart is kept.
    pub cart_ttl_ms: i64,
    /// How long after delivery goods can be sent back or exchanged.
    pub return_window_ms: i64,
    /// How long after delivery faults can be claimed: two years, as the law of the European Union has it (Directive 2019/771, article 10).
    pub claim_window_ms: i64,
    /// How long a list of wishes that nobody touches is kept.
    pub list_ttl_ms: i64,
    /// How long stock can be held for a session at most, however often its shopper shows up.
    pub reservation_cap_ms: i64,
    /// Payments that one session may ask for before it has to be opened anew: whoever tries more cards than this is testing them.
    pub attempts_per_session_max: u32,
    /// When a purchase looks like fraud.
    pub fraud: order::FraudOptions,
    /// Shipping and tax.
    pub pricing: pricing::Options,
    /// Captures and authorisations.
    pub payments: payment::Options,
    /// Orders, payments, works and keys that are kept as they are in memory, each; the others are kept as bytes. No decision depends on it.
    pub awake_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            reservation_ttl_ms: 10 * MINUTE_MS,
            checkout_ttl_ms: 6 * 60 * MINUTE_MS,
            cart_ttl_ms: 30 * 24 * 60 * MINUTE_MS,
            return_window_ms: 30 * DAY_MS,
            claim_window_ms: 730 * DAY_MS,
            list_ttl_ms: 2 * 365 * 24 * 60 * MINUTE_MS,
            reservation_cap_ms: 30 * MINUTE_MS,
            attempts_per_session_max: 5,
            fraud: order::FraudOptions::default(),
            pricing: pricing::Options::default(),
            payments: payment::Options::default(),
            awake_max: AWAKE_MAX,
        }
    }
}
