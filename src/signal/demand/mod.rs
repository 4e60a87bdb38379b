//! What shoppers who ask for something take: for each query the products, categories and money that it led to.
//!
//! [`DemandFold`] is the one writer, a fold over the activity stream (and over the catalogue for the category of each product). Readers take
//! a [`DemandSnapshot`]: one factor for each known pair of query and product, real queries to complete what somebody types, and the numbers
//! that a merchandiser asks for.
//!
//! ```text
//!  Searched ─► names: query id ─► words           click, cart, purchase with a query id ─► that query
//!                                                  without one ─► what led this person to the product (touches)
//!  words ─► searches, zero results, last count     an order ─► the same; remembered, so that a cancellation takes it back
//!        └► products: expected clicks, clicks, carts, orders ─► one bounded factor each
//! ```
//!
//! Everything is decayed in event time, with two windows, and bounded: queries and products of a query are evicted by what they are worth;
//! names, touches and repetitions live in fixed tables (`signal::recent`).

#[cfg(test)]
mod askers_tests;
#[cfg(test)]
mod causes_tests;
mod checkpoint;
mod counts;
mod credit;
mod curve;
mod derive;
mod fold;
mod orders;
mod personal;
mod queries;
mod repeats;
mod report;
mod snapshot;
#[cfg(test)]
mod tests;

pub use checkpoint::DemandCheckpoint;
pub use counts::Counts;
pub use derive::{FACTOR_MAX, FACTOR_MIN, LIFT_MAX};
pub use fold::DemandFold;
pub use personal::looks_personal;
pub use report::{By, Line, Report, Totals, Window};
pub use snapshot::{DemandSnapshot, QueryDemand};

use crate::stdx::mapped::MappedError;
use crate::text;

/// Longer queries are counted in the totals only: hardly anybody asks them twice.
pub const QUERY_BYTES_MAX: usize = 96;
/// Different people who must have asked a query before it is shown to others. Two could still be one person at home and at work.
pub const ASKERS_MIN: usize = 3;

/// Limits and windows of the demand tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The short window, in milliseconds: what the query led to lately.
    pub window_short_ms: i64,
    /// The long window, in milliseconds: what it usually leads to.
    pub window_long_ms: i64,
    /// Queries kept; the least valuable go first.
    pub queries_max: usize,
    /// Places of each fixed table: names of answers, touches, and repetitions of two kinds. A power of two.
    pub recent_len: usize,
    /// How long after a query led somebody to a product a cart or an order of it is still the query's, in milliseconds.
    pub attribution_ms: i64,
    /// How long the same person doing the same with the same product of the same query counts once, in milliseconds.
    pub repeat_ms: i64,
    /// Orders whose credit can still be taken back; the oldest are forgotten first.
    pub orders_remembered_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        const DAY_MS: i64 = 86_400_000;
        Self {
            window_short_ms: 30 * DAY_MS,
            window_long_ms: 730 * DAY_MS,
            queries_max: 32_768,
            recent_len: 131_072,
            attribution_ms: DAY_MS,
            repeat_ms: DAY_MS,
            orders_remembered_max: 32_768,
        }
    }
}

/// Why the tables cannot be opened or saved.
#[derive(Debug, thiserror::Error)]
pub enum DemandError {
    /// The checkpoint cannot be read or written.
    #[error(transparent)]
    Mapped(#[from] MappedError),
    /// The checkpoint's sections do not fit together.
    #[error("the demand checkpoint is damaged: {0}")]
    Damaged(&'static str),
    /// The checkpoint was made with other windows or table lengths; the journal has to be folded anew.
    #[error("the demand checkpoint was made with other windows or lengths")]
    OtherOptions,
}

/// A query as it is counted: its terms, joined by blanks. Empty for one without words.
#[must_use]
pub fn normalised(query: &str) -> String {
    text::terms(query).join(" ")
}

/// A query as it can be offered to others: its words as written, in lower case, hyphens and apostrophes between them kept and everything
/// else that is no word left out.
#[must_use]
pub fn written(query: &str) -> String {
    let mut shown = String::with_capacity(query.len());
    let mut end_before = 0;
    for word in text::tokens(query) {
        let gap = &query[end_before..word.start];
        if !shown.is_empty() {
            shown.push_str(if ["-", "'", "’"].contains(&gap) { gap } else { " " });
        }
        shown.push_str(&query[word.start..word.end].to_lowercase());
        end_before = word.end;
    }
    shown
}
