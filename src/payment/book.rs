//! What the shop knows about payments beyond each of them: which disputes there are, what waits for shoppers, what providers told already.

use crate::event::trade::NoticeDigest;
use crate::id::{DisputeId, PaymentId};
use crate::stdx::clock::Timestamp;
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PaymentBook {
    /// Payments that wait for their shoppers to act, by when that is given up.
    pub actions: OrdSet<(Timestamp, PaymentId)>,
    /// Every dispute, and the payment that it is of.
    pub disputes: OrdMap<DisputeId, PaymentId>,
    /// What providers told, for ever: 16 bytes an event, two to four events a payment; a million orders add some 64 MB to the checkpoint.
    pub notices: OrdSet<NoticeDigest>,
}

impl PaymentBook {
    /// When time alone will next make something happen here.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.actions.get_min().map(|(at, _)| *at)
    }
}
