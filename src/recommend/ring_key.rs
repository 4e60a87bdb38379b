//! Who a log belongs to, without a name: 64 bits of a digest.

use crate::event::Origin;
use crate::event::activity::ShopperDigest;
use crate::id::{SessionId, ShopperId};
use crate::stdx::digest::{blake3, short};

/// A shopper or a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RingKey(pub(super) u64);

impl RingKey {
    fn of(kind: &[u8], name: &str) -> Self {
        Self(short(&blake3(&[kind, name.as_bytes()])))
    }

    pub(super) fn of_shopper(shopper: &ShopperId) -> Self {
        Self::of_digest(&ShopperDigest::of(shopper))
    }

    /// The shopper of that digest.
    pub(super) fn of_digest(shopper: &ShopperDigest) -> Self {
        Self(shopper.short())
    }

    pub(super) fn of_session(session: &SessionId) -> Self {
        Self::of(b"session/", session.as_str())
    }

    /// Somebody of whom nothing is known but one order.
    pub(super) fn of_order(order: &str) -> Self {
        Self::of(b"order/", order)
    }

    /// The rings that behaviour of this origin goes to, the shopper's first.
    pub(super) fn of_origin(origin: &Origin) -> [Option<Self>; 2] {
        Self::of_both(origin.shopper.as_ref(), origin.session.as_ref())
    }

    /// The rings of a shopper and a visit.
    pub(super) fn of_both(shopper: Option<&ShopperId>, session: Option<&SessionId>) -> [Option<Self>; 2] {
        [shopper.map(Self::of_shopper), session.map(Self::of_session)]
    }
}
