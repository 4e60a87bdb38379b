//! Where a payment stands.
//!
//! ```text
//! authorizing ◄─► unknown            (looked up, never asked again blindly)
//!   │   └────► requires_action ──────┐ the shopper acts, or time runs out: voiding
//!   ├──► declined, failed ─ ─ ─ ─ ─ ►│ (the provider changed its story: given back, see `trade`)
//!   ▼                                ▼
//! authorized ─► capturing ─► partially_captured ─► captured ─► refunding ─► partially_refunded ─► refunded
//!   └──► voiding ─► voided                 every one with taken money ◄─► disputed
//! ```
//!
//! Up to the authorisation a payment goes from status to status by [`PaymentStatus::after`]. From then on several things can be under way at
//! once (goods leave while others come back, part of the money is disputed), so its status is what [`super::Payment`]'s one reducer makes of
//! its sums and its open steps.

use serde::{Deserialize, Serialize};

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// The provider is to be asked, or is being asked.
    Authorizing,
    /// The shopper has to act elsewhere first.
    RequiresAction,
    /// Nobody knows whether the provider authorised.
    Unknown,
    /// The money is held for the shop.
    Authorized,
    /// The provider is asked to take money.
    Capturing,
    /// Some of the held money was taken, the rest is still held.
    PartiallyCaptured,
    /// The money was taken.
    Captured,
    /// The provider is asked to give the authorisation back.
    Voiding,
    /// The authorisation was given back.
    Voided,
    /// The provider said no.
    Declined,
    /// The provider was not reached and nothing was authorised.
    Failed,
    /// The provider is asked to give taken money back.
    Refunding,
    /// Some of the taken money was given back.
    PartiallyRefunded,
    /// All of the taken money was given back.
    Refunded,
    /// The shopper's bank disputes it.
    Disputed,
}

/// What happens to a payment until it is authorised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The provider authorised.
    Authorize,
    /// The shopper has to act first.
    RequireAction,
    /// The provider said no.
    Decline,
    /// The provider was not reached and nothing was authorised.
    Fail,
    /// Nobody knows.
    LoseSight,
}

impl Step {
    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::RequireAction => "require_action",
            Self::Decline => "decline",
            Self::Fail => "fail",
            Self::LoseSight => "lose_sight",
        }
    }
}

impl PaymentStatus {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Authorizing => "authorizing",
            Self::RequiresAction => "requires_action",
            Self::Unknown => "unknown",
            Self::Authorized => "authorized",
            Self::Capturing => "capturing",
            Self::PartiallyCaptured => "partially_captured",
            Self::Captured => "captured",
            Self::Voiding => "voiding",
            Self::Voided => "voided",
            Self::Declined => "declined",
            Self::Failed => "failed",
            Self::Refunding => "refunding",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Disputed => "disputed",
        }
    }

    /// The status after `step`; none when the step is not allowed from here.
    #[must_use]
    pub fn after(self, step: Step) -> Option<Self> {
        use PaymentStatus as S;
        match (self, step) {
            (S::Authorizing | S::RequiresAction | S::Unknown | S::Declined | S::Failed, Step::Authorize) => Some(S::Authorized),
            (S::Authorizing | S::Unknown, Step::RequireAction) => Some(S::RequiresAction),
            (S::Authorizing | S::RequiresAction | S::Unknown, Step::Decline) => Some(S::Declined),
            (S::Authorizing | S::RequiresAction | S::Unknown, Step::Fail) => Some(S::Failed),
            (S::Authorizing, Step::LoseSight) => Some(S::Unknown),
            _ => None,
        }
    }

    /// Whether it is still open what the provider says to the authorisation.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Authorizing | Self::RequiresAction | Self::Unknown)
    }

    /// Whether nothing is held or taken, and nothing is asked.
    #[must_use]
    pub fn is_void(self) -> bool {
        matches!(self, Self::Voided | Self::Declined | Self::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PaymentStatus as S;

    #[test]
    fn every_edge_up_to_the_authorisation_is_as_drawn() {
        let steps = [Step::Authorize, Step::RequireAction, Step::Decline, Step::Fail, Step::LoseSight];
        let check = |status: S, row: &str| {
            for (step, expected) in steps.iter().zip(row.split(' ')) {
                assert_eq!(status.after(*step).map_or("-", S::name), expected, "{} + {step:?}", status.name());
            }
        };
        check(S::Authorizing, "authorized requires_action declined failed unknown");
        check(S::RequiresAction, "authorized - declined failed -");
        check(S::Unknown, "authorized requires_action declined failed -");
        check(S::Declined, "authorized - - - -");
        check(S::Failed, "authorized - - - -");
        for settled in [
            S::Authorized,
            S::Capturing,
            S::PartiallyCaptured,
            S::Captured,
            S::Voiding,
            S::Voided,
            S::Refunding,
            S::PartiallyRefunded,
            S::Refunded,
            S::Disputed,
        ] {
            check(settled, "- - - - -");
        }
    }
}
