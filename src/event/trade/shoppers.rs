//! What happens to what the shop keeps about people, and how it forgets them.

use crate::event::activity::ShopperDigest;
use crate::event::sealed::KeyNumber;
use crate::id::OrderId;
use serde::{Deserialize, Serialize};

/// Events of the area. None of them names anybody: shoppers stand as digests, keys as numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShopperEvent {
    /// Texts about a shopper are sealed under these keys from now on, beside those before.
    Keyed {
        /// Who.
        shopper: ShopperDigest,
        /// Ascending; never empty.
        keys: Vec<KeyNumber>,
    },
    /// A shopper is forgotten: all keys of theirs are destroyed before anybody is told of this event.
    Erased {
        /// Who.
        shopper: ShopperDigest,
        /// Ascending.
        keys: Vec<KeyNumber>,
    },
    /// Whoever placed an order as a guest is forgotten; the order, its products and its amounts stay.
    GuestErased {
        /// Which order.
        order: OrderId,
        /// Ascending.
        keys: Vec<KeyNumber>,
    },
}

impl ShopperEvent {
    /// The keys that this event destroys.
    #[must_use]
    pub fn destroyed(&self) -> &[KeyNumber] {
        match self {
            Self::Keyed { .. } => &[],
            Self::Erased { keys, .. } | Self::GuestErased { keys, .. } => keys,
        }
    }
}
