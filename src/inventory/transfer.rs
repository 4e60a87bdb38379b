//! Goods on their way from one location to another.
//!
//! ```text
//! requested ──► in_transit ──► received
//!     └───────► canceled
//! ```

use crate::event::trade::{SkuUnits, TransferReceipt};
use crate::id::{LocationId, Ordinal, Sku, TransferId};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferStatus {
    /// Nothing has left.
    Requested,
    /// It has left, and something of it has not arrived.
    InTransit,
    /// Everything that left has arrived, or is known not to.
    Received,
    /// It was canceled before it left.
    Canceled,
}

impl TransferStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Requested, Self::InTransit, Self::Received, Self::Canceled];

    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::InTransit => "in_transit",
            Self::Received => "received",
            Self::Canceled => "canceled",
        }
    }

    /// Whether something is still to be done.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::InTransit)
    }
}

/// One SKU of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferredSku {
    /// What.
    pub sku: Sku,
    /// The product it is a variant of.
    pub product: Ordinal,
    /// Units asked for.
    pub requested: i64,
    /// Units that left.
    pub sent: i64,
    /// Units that arrived and can be sold.
    pub received: i64,
    /// Units that arrived broken.
    pub damaged: i64,
    /// Units that did not arrive.
    pub lost: i64,
}

impl TransferredSku {
    /// Units on their way.
    #[must_use]
    pub fn in_transit(&self) -> i64 {
        self.sent - self.received - self.damaged - self.lost
    }
}

/// Goods on their way from one location to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Its name.
    pub id: TransferId,
    /// Where the goods are.
    pub from: LocationId,
    /// Where they are to be.
    pub to: LocationId,
    /// What; each SKU once.
    pub lines: Vec<TransferredSku>,
    /// When they are expected there.
    pub expected_at: Timestamp,
    /// How far it is.
    pub status: TransferStatus,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

impl Transfer {
    /// A line of it.
    #[must_use]
    pub fn line(&self, sku: &Sku) -> Option<&TransferredSku> {
        self.lines.iter().find(|line| line.sku == *sku)
    }

    /// The transfer after units left.
    #[must_use]
    pub fn sent(&self, units: &[SkuUnits], at: Timestamp) -> Self {
        let mut transfer = Self { status: TransferStatus::InTransit, updated_at: at, ..self.clone() };
        for line in &mut transfer.lines {
            line.sent += units.iter().filter(|row| row.sku == line.sku).map(|row| row.quantity).sum::<i64>();
        }
        transfer
    }

    /// The transfer after units arrived, or were given up.
    #[must_use]
    pub fn received(&self, receipts: &[TransferReceipt], at: Timestamp) -> Self {
        let mut transfer = Self { updated_at: at, ..self.clone() };
        for line in &mut transfer.lines {
            for row in receipts.iter().filter(|row| row.sku == line.sku) {
                line.received += row.received;
                line.damaged += row.damaged;
                line.lost += row.lost;
            }
        }
        if transfer.lines.iter().all(|line| line.in_transit() == 0) {
            transfer.status = TransferStatus::Received;
        }
        transfer
    }
}
