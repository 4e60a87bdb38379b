//! Identities: one newtype for each kind of thing, so that two of them cannot be swapped.

use crate::stdx::digest::blake3;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::sync::Arc;

/// The longest identifier accepted from outside, in bytes.
pub const ID_BYTES_MAX: usize = 128;

/// Why a text cannot be an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// No characters.
    #[error("must not be empty")]
    Empty,
    /// More than [`ID_BYTES_MAX`] bytes.
    #[error("must not be longer than {ID_BYTES_MAX} bytes")]
    TooLong,
    /// Control characters make logs and URLs ambiguous.
    #[error("must not contain control characters")]
    ControlCharacter,
    /// Not a name of the shape that the shop gives.
    #[error("is not a name that the shop gave")]
    Shape,
}

fn checked(text: &str) -> Result<Arc<str>, IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > ID_BYTES_MAX {
        return Err(IdError::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(IdError::ControlCharacter);
    }
    Ok(Arc::from(text))
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks length and characters.
            ///
            /// # Errors
            /// When the text is empty, longer than [`ID_BYTES_MAX`] bytes, or holds control characters.
            pub fn new(text: &str) -> Result<Self, IdError> {
                checked(text).map(Self)
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                input.deserialize_str(NameVisitor(Self::new))
            }
        }
    )*};
}

/// Reads a name without a copy of its text in between: a checkpoint holds tens of millions.
struct NameVisitor<T>(fn(&str) -> Result<T, IdError>);

impl<T> serde::de::Visitor<'_> for NameVisitor<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        self.0(text).map_err(E::custom)
    }
}

/// The first half of a name's BLAKE3 digest: what tables find it by that keep their rows as bytes. Nobody can make two names with one digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NameDigest(pub [u8; 16]);

impl NameDigest {
    /// The digest of a name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&blake3(&[name.as_bytes()])[..16]);
        Self(half)
    }

    /// Its first 32 bits: enough to look for a name among a few of the same bits, and to compare with those.
    #[must_use]
    pub fn hint(self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_le_bytes([a, b, c, d])
    }
}

text_id! {
    /// What the shop calls a product.
    ProductId;
    /// Stock-keeping unit: one buyable variant. Unique within a shop.
    Sku;
    /// A fulfilment centre or store that holds stock.
    LocationId;
    /// A marketplace: its own offers, currency and language.
    MarketplaceId;
    /// A known person.
    ShopperId;
    /// One visit, of a known or unknown person.
    SessionId;
    /// A cart.
    CartId;
    /// One line of a cart, checkout session or order.
    LineId;
    /// A checkout session.
    CheckoutId;
    /// A placed order.
    OrderId;
    /// Units held with a time to live.
    ReservationId;
    /// One payment of an order.
    PaymentId;
    /// A dispute of a payment, as the provider calls it.
    DisputeId;
    /// A shipment of an order.
    ShipmentId;
    /// A return, exchange or claim of an order.
    ReturnId;
    /// A change of a placed order.
    EditId;
    /// A promotion.
    PromotionId;
    /// What a shopper types to get a promotion.
    CouponCode;
    /// A price list.
    PriceListId;
    /// A group of customers with prices of their own.
    CustomerGroupId;
    /// A gift card or somebody's store credit.
    AccountId;
    /// Goods ordered from a supplier.
    PurchaseOrderId;
    /// Goods on their way between two locations.
    TransferId;
    /// Somebody's counting of what lies at a location.
    CountId;
    /// A channel that sells: a marketplace, a shop floor, a partner.
    ChannelId;
    /// A carrier.
    CarrierId;
    /// One of a carrier's services.
    ServiceId;
    /// Fulfilment orders that a location works on together.
    WaveId;
    /// What a carrier was handed over at once.
    ManifestId;
    /// What a payment provider calls something that it told.
    ProviderEventId;
    /// One answered search, so that behaviour can be credited to it.
    QueryId;
    /// One answered recommendation, so that behaviour can be credited to it.
    RecommendationId;
    /// The caller's name for one write, so that repeating it has one effect.
    IdempotencyKey;
    /// A merchandising rule or a synonym.
    SettingId;
    /// Who changed a setting, as the caller says.
    Actor;
    /// An access key; not its secret.
    KeyId;
    /// Somebody who runs the shop, by the name that they log in with.
    AdminId;
}

/// A UUID of version 7 that is random but for its millisecond. The usual ones of one millisecond are counted up: who was given one knows most of
/// the next.
#[must_use]
pub fn random_uuid() -> uuid::Uuid {
    let now = uuid::Timestamp::now(uuid::NoContext);
    uuid::Uuid::new_v7(now)
}

/// Dense number of a product, assigned once and never reused within a shop. It indexes columns, bitmaps, signals and vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ordinal(pub u32);

impl Ordinal {
    /// As an array index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Work for one location: the part of an order that it sends. A number rather than a text, for there is one with every order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct FulfilmentOrderId {
    /// The order's number.
    pub order: u64,
    /// Which part of the order, from 0.
    pub part: u32,
}

impl fmt::Display for FulfilmentOrderId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "fo_{}_{}", self.order, self.part)
    }
}

impl std::str::FromStr for FulfilmentOrderId {
    type Err = IdError;

    /// Reads exactly what [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let parts = text.strip_prefix("fo_").and_then(|rest| rest.split_once('_'));
        let parts = parts.and_then(|(order, part)| Some(Self { order: order.parse().ok()?, part: part.parse().ok()? }));
        parts.filter(|id| id.to_string() == text).ok_or(IdError::Shape)
    }
}

/// Place of a record in a journal stream; the first is 0. An *end* offset is the offset the next record will get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offset(pub u64);

impl Offset {
    /// The offset `count` records later.
    #[must_use]
    pub fn plus(self, count: u64) -> Self {
        Self(self.0 + count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_bounded_and_printable() {
        assert_eq!(Sku::new(""), Err(IdError::Empty));
        assert_eq!(Sku::new("a\nb"), Err(IdError::ControlCharacter));
        assert_eq!(Sku::new(&"x".repeat(ID_BYTES_MAX + 1)), Err(IdError::TooLong));
        assert_eq!(Sku::new("A-1").map(|sku| sku.to_string()), Ok("A-1".to_owned()));
    }

    #[test]
    fn a_fulfilment_order_reads_as_it_is_written() {
        let id = FulfilmentOrderId { order: 12, part: 3 };
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "fo_", "fo_1", "fo_01_2", "fo_1_2_3", "fo_-1_2", "FO_1_2", "fo_1_+2"] {
            assert_eq!(text.parse::<FulfilmentOrderId>(), Err(IdError::Shape), "{text}");
        }
    }

    #[test]
    fn an_identifier_read_from_json_is_checked_too() {
        assert!(serde_json::from_str::<ProductId>("\"\"").is_err());
        assert!(serde_json::from_str::<ProductId>("\"p1\"").is_ok());
    }
}
