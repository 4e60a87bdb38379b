//! What the shop knows about carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CartBook {}

impl CartBook {
    /// When time alone will next make something happen here.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        None
    }
}
