//! One thing that a provider is asked for after its first authorisation, and how far that is.
//!
//! ```text
//! asked ──► done | refused         done ──► failed: a refund came back
//!   │ ▲       ▲
//!   ▼ │ certainly not done: asked again, under another key
//!  lost ──────┴─ resolved by look-up
//! ```

use crate::event::trade::StepKind;
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// The provider is to be asked, or is being asked.
    Asked,
    /// Nobody knows whether it was done.
    Lost,
    /// It was done.
    Done,
    /// The provider will not do it.
    Refused,
    /// It was done, and is undone since: the money of a refund has come back to the shop.
    Failed,
}

impl StepStatus {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Lost => "unknown",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// Whether it is not settled.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Lost)
    }
}

/// One step of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Its number within the payment, from 1.
    pub number: u32,
    /// For what.
    pub kind: StepKind,
    /// How much, in minor units of the payment's currency.
    pub amount_minor: i64,
    /// How often it was asked for; each time has a key of its own.
    pub attempt: u32,
    /// How far it is.
    pub status: StepStatus,
    /// When it was last asked for.
    pub at: Timestamp,
    /// The provider's code for why it will not do it.
    pub reason: Option<Box<str>>,
}
