//! A product, session or shopper to products, from tables that move with every event.
//!
//! [`RecommendFold`] is the one writer. It keeps item-to-item tables ("in the same orders", "by the same shoppers, soon after") with bounded
//! rows, and for each shopper and visit the last few products. Readers take a [`RecommendSnapshot`] and never wait; publishing one costs
//! what changed since the last. [`recommend()`] turns a snapshot, the live signals and a request into an answer.

mod answer;
mod checkpoint;
mod fold;
mod relation;
pub mod request;
mod rings;
mod row;
mod snapshot;
mod tops;

pub use answer::recommend;
pub use checkpoint::RecommendCheckpoint;
pub use fold::RecommendFold;
pub use request::{Kind, Reason, Recommendation, Request};
pub use row::PARTNERS_MAX;
pub use snapshot::RecommendSnapshot;

use crate::stdx::mapped::MappedError;

/// Limits and half-lives of the tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Half-life of "in the same orders", in milliseconds.
    pub orders_half_life_ms: i64,
    /// Half-life of "by the same shoppers", in milliseconds.
    pub views_half_life_ms: i64,
    /// Orders that must hold both products before one is recommended with the other; also keeps a single order private.
    pub orders_support_min: u32,
    /// Shoppers that must have looked at both products before one is recommended with the other.
    pub viewers_support_min: u32,
    /// Shoppers and visits remembered, in each of two tables; the one idle for longest is forgotten first.
    pub rings_max: usize,
    /// Orders remembered for taking back canceled ones and for ignoring repeated imports, for each of the two.
    pub orders_remembered_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        const DAY_MS: i64 = 86_400_000;
        Self {
            orders_half_life_ms: 180 * DAY_MS,
            views_half_life_ms: 60 * DAY_MS,
            orders_support_min: 2,
            viewers_support_min: 2,
            rings_max: 65_536,
            orders_remembered_max: 131_072,
        }
    }
}

/// Why the tables cannot be opened or saved.
#[derive(Debug, thiserror::Error)]
pub enum RecommendError {
    /// The checkpoint cannot be read or written.
    #[error(transparent)]
    Mapped(#[from] MappedError),
    /// The checkpoint's sections do not fit together.
    #[error("the recommendation checkpoint is damaged: {0}")]
    Damaged(&'static str),
    /// The checkpoint was made with other half-lives; the journal has to be folded anew.
    #[error("the recommendation checkpoint was made with other half-lives")]
    OtherOptions,
}
