//! What the shop knows about fulfilment orders, waves, shipments on their way, promises kept.

use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FulfilmentBook {}

impl FulfilmentBook {
    /// When time alone will next make something happen here.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        None
    }
}
