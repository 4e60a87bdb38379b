//! What happens to price lists, promotions, coupons, gift cards and store credit.

use super::{Claims, Tender, Totals};
use crate::id::{CartId, CheckoutId};
use serde::{Deserialize, Serialize};

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PricingEvent {
    /// A cart's coupons, gift cards or marketplace were replaced.
    CartClaimsSet {
        /// Which cart.
        cart: CartId,
        /// All of them from now on.
        claims: Claims,
    },
    /// A checkout session's coupons, gift cards or marketplace were replaced.
    CheckoutClaimsSet {
        /// Which session.
        checkout: CheckoutId,
        /// All of them from now on.
        claims: Claims,
        /// What the session comes to now.
        totals: Totals,
    },
    /// Gift cards and store credit are held for the attempt to complete a session that begins in this entry.
    TendersHeld {
        /// For which session.
        checkout: CheckoutId,
        /// How much of which account.
        tenders: Vec<Tender>,
    },
}
