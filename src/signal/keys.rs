//! What the folds of behaviour know people, answers and orders by: digests, so that no name is kept.

use crate::event::Origin;
use crate::event::activity::ShopperDigest;
use crate::id::OrderId;
use crate::stdx::digest::{blake3, short};

/// 63 bits of a name's digest and the top bit, so that no key is 0.
pub(super) fn key_of(kind: &str, name: &str) -> u64 {
    short(&blake3(&[kind.as_bytes(), name.as_bytes()])) | 1 << 63
}

/// An order of this shop.
pub(super) fn key_of_order(order: &OrderId) -> u64 {
    key_of("order/", order.as_str())
}

/// A known person as [`people`] knows them.
pub(super) fn key_of_digest(shopper: &ShopperDigest) -> u64 {
    shopper.short() | 1 << 63
}

/// The visit, then the known person.
pub(super) fn people(origin: &Origin) -> [Option<u64>; 2] {
    let session = origin.session.as_ref().map(|session| key_of("session/", session.as_str()));
    let shopper = origin.shopper.as_ref().map(|shopper| key_of("shopper/", shopper.as_str()));
    if session.is_some() { [session, shopper] } else { [shopper, None] }
}

/// One key from several, never 0. Multiplications mix low bits upwards, shifts mix them down again.
pub(super) fn mixed(parts: [u64; 4]) -> u64 {
    let mix = |so_far: u64, part: u64| {
        let product = (so_far ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        product ^ (product >> 29)
    };
    parts.into_iter().fold(0x243f_6a88_85a3_08d3, mix) | 1 << 63
}
