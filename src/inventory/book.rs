//! What the shop knows about stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StockBook {}

impl StockBook {
    /// When time alone will next make something happen here.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        None
    }
}
