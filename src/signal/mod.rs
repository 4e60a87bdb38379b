//! One row of live numbers for each product, updated in place and read by every search.
//!
//! [`SignalFold`] is the one writer: it folds behaviour, orders and product documents into decayed sums and derives from them the numbers
//! of [`SignalRow`], above all the *prior*: one factor that multiplies the text score of every match. [`SignalTable`] is what readers
//! share: atomic cells, so that a sale moves the next search without touching any index.
//!
//! Time here is *event time*. Every sum decays to the watermark, the newest moment at which something was seen or sold, never to the
//! wall clock: replay is exact, and a history that ends in 2011 still has velocity relative to its own end.

mod behaviour;
mod checkpoint;
pub mod decay;
pub mod demand;
mod document;
pub mod experiments;
mod fold;
mod freshness;
mod keys;
mod known;
mod moves;
pub mod orders;
mod prior;
mod purchases;
mod recent;
mod skus;
pub mod table;

pub use checkpoint::SignalCheckpoint;
pub use fold::SignalFold;
pub use moves::Moves;
pub use prior::{PRIOR_MAX, PRIOR_MIN, PriorParts};
pub use skus::{Sellable, SkuMark};
pub use table::{PRODUCTS_MAX, SignalRow, SignalTable, Standing};

use crate::stdx::mapped::MappedError;

/// Limits and half-lives of the signals.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Half-life of the fast sums, in milliseconds: what sells this week.
    pub half_life_short_ms: i64,
    /// Half-life of the slow sums, in milliseconds: what usually sells.
    pub half_life_long_ms: i64,
    /// Untouched products whose rows are derived anew at each publish, so that decay reaches everybody.
    pub refresh_per_publish: usize,
    /// Orders remembered for taking back canceled ones and for ignoring repeated imports, for each of the two.
    pub orders_remembered_max: usize,
    /// Places of each of two fixed tables of who bought what lately: so that a purchase that is told twice counts once, and a return takes back
    /// its own purchase. A power of two.
    pub purchases_remembered_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        const DAY_MS: i64 = 86_400_000;
        Self {
            half_life_short_ms: 3 * DAY_MS,
            half_life_long_ms: 30 * DAY_MS,
            refresh_per_publish: 64,
            orders_remembered_max: 131_072,
            purchases_remembered_max: 131_072,
        }
    }
}

/// Why signals cannot be opened or saved.
#[derive(Debug, thiserror::Error)]
pub enum SignalError {
    /// The table or the checkpoint cannot be mapped, read or written.
    #[error(transparent)]
    Mapped(#[from] MappedError),
    /// The checkpoint's sections do not fit together.
    #[error("the signal checkpoint is damaged: {0}")]
    Damaged(&'static str),
    /// The checkpoint was made with other half-lives; the journal has to be folded anew.
    #[error("the signal checkpoint was made with other half-lives")]
    OtherOptions,
}
