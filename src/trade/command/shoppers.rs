//! What can be asked about what the shop keeps about people, and how it forgets them.

use crate::event::trade::Subject;
use crate::id::{OrderId, ShopperId};

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShopperAction {
    /// Forget a shopper: their open carts and sessions end, and the keys of everything that says who they are go.
    Erase {
        /// Who.
        shopper: ShopperId,
    },
    /// Forget whoever placed an order as a guest.
    EraseGuest {
        /// Which order.
        order: OrderId,
    },
}

impl ShopperAction {
    /// What the action is about, from which its answer is made; none for the process's own actions. Erasing leaves nothing to answer with,
    /// and doing it again does nothing.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match self {
            Self::Erase { .. } | Self::EraseGuest { .. } => None,
        }
    }
}
