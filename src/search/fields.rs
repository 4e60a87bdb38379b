//! Which fields a request can name, and the live numbers among them.

use super::columns::{Columns, FieldId, MarketId};
use crate::id::Ordinal;
use crate::signal::SignalTable;

/// What a name in a filter, facet or sort stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldRef {
    /// Brand, category, identifiers, rating, or an attribute.
    Column(FieldId),
    /// The price in the request's marketplace.
    Price(MarketId),
    /// Whether any unit can be sold now.
    Available,
    /// A number that behaviour moves.
    Live(LiveNumber),
}

/// Numbers that behaviour moves, read at the moment of the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveNumber {
    /// Units sold a day, recent days counting more.
    Velocity,
    /// Interest: views, carts and purchases, recent ones counting more.
    Popularity,
    /// Purchases per view.
    Conversion,
}

/// Where live numbers come from.
pub trait Live {
    /// Whether any unit of the product can be sold now.
    fn is_available(&self, ordinal: Ordinal) -> bool;
    /// A live number of the product, finite.
    fn number(&self, number: LiveNumber, ordinal: Ordinal) -> f64;
    /// What the product's text score is multiplied by: finite and above 0; 1 is neutral.
    fn prior(&self, ordinal: Ordinal) -> f32;
}

impl FieldRef {
    /// The field of this name; none when neither the engine nor any product has it.
    ///
    /// An attribute may be named without `attributes.` when the name is not one of the engine's own.
    #[must_use]
    pub fn named(name: &str, columns: &Columns, market: MarketId) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "price" => Some(Self::Price(market)),
            "available" => Some(Self::Available),
            "velocity" => Some(Self::Live(LiveNumber::Velocity)),
            "popularity" => Some(Self::Live(LiveNumber::Popularity)),
            "conversion" => Some(Self::Live(LiveNumber::Conversion)),
            _ => {
                let dictionary = columns.dictionary();
                let known = dictionary.field_named(name).or_else(|| dictionary.field_named(&format!("attributes.{name}")));
                known.map(Self::Column)
            }
        }
    }

    /// Whether it may differ between the variants of one product.
    #[must_use]
    pub fn is_variant_level(self, columns: &Columns) -> bool {
        match self {
            Self::Column(field) => columns.dictionary().field(field).is_variant_level,
            Self::Price(_) => true,
            Self::Available | Self::Live(_) => false,
        }
    }
}

impl Live for SignalTable {
    fn is_available(&self, ordinal: Ordinal) -> bool {
        Self::is_available(self, ordinal)
    }

    fn number(&self, number: LiveNumber, ordinal: Ordinal) -> f64 {
        let row = self.row(ordinal);
        f64::from(match number {
            LiveNumber::Velocity => row.velocity_per_day,
            LiveNumber::Popularity => row.popularity,
            LiveNumber::Conversion => row.conversion,
        })
    }

    fn prior(&self, ordinal: Ordinal) -> f32 {
        Self::prior(self, ordinal)
    }
}
