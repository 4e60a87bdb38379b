//! What the shop knows about orders after they were placed: edits, canceled lines, holds, returns, exchanges, claims.

use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AfterSaleBook {}

impl AfterSaleBook {
    /// When time alone will next make something happen here.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        None
    }
}
