//! What can be asked about price lists, promotions, coupons, gift cards and store credit.

use crate::event::trade::{Claims, Subject};
use crate::id::{CartId, CheckoutId};

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PricingAction {
    /// Replace a cart's coupons, gift cards and marketplace.
    SetCartClaims {
        /// Which cart.
        cart: CartId,
        /// All of them from now on.
        claims: Claims,
    },
    /// Replace an open checkout session's coupons, gift cards and marketplace.
    SetCheckoutClaims {
        /// Which session.
        checkout: CheckoutId,
        /// All of them from now on.
        claims: Claims,
    },
}

impl PricingAction {
    /// What the action is about, from which its answer is made; none for the process's own actions.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match self {
            Self::SetCartClaims { cart, .. } => Some(Subject::Cart(cart.clone())),
            Self::SetCheckoutClaims { checkout, .. } => Some(Subject::Checkout(checkout.clone())),
        }
    }
}
