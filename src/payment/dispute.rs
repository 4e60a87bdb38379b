//! What a shopper's bank says against a payment.

use crate::id::DisputeId;
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// The shop may say something to it.
    NeedsResponse,
    /// The shop has said something; the bank decides.
    UnderReview,
    /// The shop keeps the money.
    Won,
    /// The money is lost.
    Lost,
}

impl DisputeStatus {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NeedsResponse => "needs_response",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    /// Whether it is not decided.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::NeedsResponse | Self::UnderReview)
    }
}

/// A dispute of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// The provider's name for it.
    pub id: DisputeId,
    /// How much is disputed, in minor units of the payment's currency.
    pub amount_minor: i64,
    /// The provider's code for why.
    pub reason: String,
    /// Where it stands.
    pub status: DisputeStatus,
    /// Until when the shop may say something to it.
    pub evidence_by: Option<Timestamp>,
    /// What the shop said.
    pub evidence: Option<String>,
    /// When it was opened.
    pub opened_at: Timestamp,
}

impl Dispute {
    /// Whether what the shop said to it is on its way to the provider, or is next: the first of a payment's disputes goes first.
    #[must_use]
    pub fn is_to_be_heard(&self) -> bool {
        self.status == DisputeStatus::NeedsResponse && self.evidence.is_some()
    }
}
