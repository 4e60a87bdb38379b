//! What the shop knows about orders after they were placed: returns, exchanges and claims.

use super::returned::Return;
use crate::id::ReturnId;
use crate::stdx::clock::Timestamp;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AfterSaleBook {
    /// Every return of every order; the order lists its own.
    pub returns: OrdMap<ReturnId, Arc<Return>>,
}

impl AfterSaleBook {
    /// When time alone will next make something happen here: never.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        None
    }
}
