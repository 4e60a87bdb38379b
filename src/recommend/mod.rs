//! A product, session or shopper to products, from tables that move with every event.
//!
//! [`RecommendFold`] is the one writer. It keeps what each shopper and visit did ([`Steps`]) and, made from that alone, four item-to-item
//! tables with bounded rows ([`Relationship`]). Readers take a [`RecommendSnapshot`] and never wait; publishing one costs
//! what changed since the last. [`recommend()`] turns a snapshot, the live signals and a request into an answer.

mod again;
mod ahead;
mod answer;
pub mod assortment;
mod base;
mod cells;
mod checkpoint;
mod debts;
mod fold;
mod keys;
mod links;
mod logs;
mod orders;
mod owners;
pub mod reason;
mod relation;
mod relationship;
pub mod request;
mod ring_key;
mod rings;
mod row;
mod rows;
mod snapshot;
mod steps;
mod tables;
mod tops;
mod visits;

pub use again::Wanted;
pub use answer::{Audience, Reached, SHOPPERS_MAX, audience, recommend};
pub use assortment::Assortment;
pub use base::{BASE_PARTNERS_MAX, Base, LogsCopy};
pub use checkpoint::RecommendCheckpoint;
pub use fold::RecommendFold;
pub use links::{Link, links, links_of};
pub use reason::{Evidence, Reason, Recommendation};
pub use relationship::{Gate, Relationship, Tie};
pub use request::{Avoid, Kind, Pin, Request};
pub use row::PARTNERS_MAX;
pub use snapshot::RecommendSnapshot;
pub use steps::{Interest, LOOKS_MAX, PURCHASES_MAX, Step, Steps};
pub use visits::{Foreseen, Foresight};

use crate::stdx::mapped::MappedError;

/// Half-lives are at least this long, so that epochs since 1970 fit into 32 bits.
const HALF_LIFE_MS_MIN: i64 = 60_000;

/// Limits and half-lives of the tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Half-life of ties between what is bought, in milliseconds.
    pub orders_half_life_ms: i64,
    /// Half-life of ties between what is looked at, in milliseconds.
    pub views_half_life_ms: i64,
    /// Distinct shoppers that must have both products before one is recommended with the other; also keeps one person's purchases private.
    pub support_min: u32,
    /// Standard deviations above chance that a tie between what is bought must have. One keeps it useful for a shop that has just begun; what
    /// matters is that a bestseller, which is with everything, is held back. Of looks, which promise less, none below chance are shown.
    pub z_min: f32,
    /// Shoppers and visits remembered; the one idle for longest is forgotten first.
    pub rings_max: usize,
    /// Orders remembered for taking back canceled ones and for ignoring repeated imports.
    pub orders_remembered_max: usize,
    /// Visits whose steps are remembered; the one begun first is forgotten first. About 200 bytes each.
    pub visits_max: usize,
}

impl Options {
    fn half_life_ms(&self, relationship: Relationship) -> i64 {
        let half_life_ms = match relationship {
            Relationship::AlsoViewed => self.views_half_life_ms,
            Relationship::ViewedThenBought | Relationship::AlsoBought | Relationship::BoughtTogether => self.orders_half_life_ms,
        };
        half_life_ms.max(HALF_LIFE_MS_MIN)
    }
}

impl Default for Options {
    fn default() -> Self {
        const DAY_MS: i64 = 86_400_000;
        Self {
            orders_half_life_ms: 180 * DAY_MS,
            views_half_life_ms: 60 * DAY_MS,
            support_min: 2,
            z_min: 1.0,
            rings_max: 1_500_000,
            orders_remembered_max: 262_144,
            visits_max: 262_144,
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
    /// The checkpoint was made with other half-lives or another number of visits; the journal has to be folded anew.
    #[error("the recommendation checkpoint was made with other half-lives or limits")]
    OtherOptions,
}
