//! Which fields a request can name, and the live numbers among them.

use super::columns::{Columns, FieldId, MarketId};
use crate::id::Ordinal;
use crate::signal::SignalTable;
use crate::stdx::mapped::as_bytes;
use roaring::RoaringBitmap;

/// Taking a word of bits costs as much as a quarter of looking at one product.
const WORDS_A_LOOK: u64 = 4;

/// What a name in a filter, facet or sort stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldRef {
    /// Brand, category, identifiers, rating, or an attribute.
    Column(FieldId),
    /// The price in the request's marketplace.
    Price(MarketId),
    /// Whether any unit of a variant can be sold now.
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
    /// The products of `within` of which no unit can be sold now.
    fn sold_out(&self, within: &RoaringBitmap) -> RoaringBitmap {
        sold_out_one_by_one(self, within)
    }
    /// How many those are.
    fn sold_out_count(&self, within: &RoaringBitmap) -> u64 {
        sold_out_count_one_by_one(self, within)
    }
    /// The products of `within` of which some variants can be sold now and others cannot.
    fn partly_sold_out(&self, within: &RoaringBitmap) -> RoaringBitmap {
        within.iter().filter(|&ordinal| self.sold_out_variants(Ordinal(ordinal)) != 0).collect()
    }
    /// Of a product that can be sold now the variants that cannot, one bit each for the first 64; 0 of one that cannot be sold at all.
    fn sold_out_variants(&self, _ordinal: Ordinal) -> u64 {
        0
    }
    /// Whether any unit of a variant can be sold now.
    fn sells(&self, ordinal: Ordinal, variant: usize) -> bool {
        self.is_available(ordinal) && (variant >= u64::BITS as usize || self.sold_out_variants(ordinal) >> variant & 1 == 0)
    }
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
        let own = [
            ("price", Self::Price(market)),
            ("available", Self::Available),
            ("velocity", Self::Live(LiveNumber::Velocity)),
            ("popularity", Self::Live(LiveNumber::Popularity)),
            ("conversion", Self::Live(LiveNumber::Conversion)),
        ];
        if let Some((_, field)) = own.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)) {
            return Some(field);
        }
        let dictionary = columns.dictionary();
        dictionary.field_named(name).or_else(|| dictionary.attribute_named(name)).map(Self::Column)
    }

    /// Whether it may differ between the variants of one product.
    #[must_use]
    pub fn is_variant_level(self, columns: &Columns) -> bool {
        match self {
            Self::Column(field) => columns.dictionary().field(field).is_variant_level,
            Self::Price(_) => true,
            Self::Available => !columns.multi().is_empty(),
            Self::Live(_) => false,
        }
    }
}

fn sold_out_one_by_one<L: Live + ?Sized>(live: &L, within: &RoaringBitmap) -> RoaringBitmap {
    // They ascend, so nothing can be out of order.
    RoaringBitmap::from_sorted_iter(within.iter().filter(|&ordinal| !live.is_available(Ordinal(ordinal)))).unwrap_or_default()
}

fn sold_out_count_one_by_one<L: Live + ?Sized>(live: &L, within: &RoaringBitmap) -> u64 {
    within.iter().filter(|&ordinal| !live.is_available(Ordinal(ordinal))).count() as u64
}

/// All of which `read` gives a bit from the first of some products to the last; none where looking at one after another is less.
fn along(within: &RoaringBitmap, read: impl FnOnce(Ordinal, &mut [u32])) -> Option<RoaringBitmap> {
    let first = within.min()? / u32::BITS * u32::BITS;
    let words = ((within.max()? - first) / u32::BITS + 1) as usize;
    (words as u64 <= within.len() * WORDS_A_LOOK).then(|| {
        let mut bits = vec![0; words];
        read(Ordinal(first), &mut bits);
        RoaringBitmap::from_lsb0_bytes(first, as_bytes(&bits))
    })
}

fn sold_out_along(table: &SignalTable, within: &RoaringBitmap) -> Option<RoaringBitmap> {
    along(within, |first, bits| table.sold_out_bits(first, bits))
}

impl Live for SignalTable {
    fn is_available(&self, ordinal: Ordinal) -> bool {
        Self::is_available(self, ordinal)
    }

    fn sold_out(&self, within: &RoaringBitmap) -> RoaringBitmap {
        sold_out_along(self, within).map_or_else(|| sold_out_one_by_one(self, within), |sold_out| sold_out & within)
    }

    fn sold_out_count(&self, within: &RoaringBitmap) -> u64 {
        let along = sold_out_along(self, within);
        along.map_or_else(|| sold_out_count_one_by_one(self, within), |sold_out| sold_out.intersection_len(within))
    }

    fn partly_sold_out(&self, within: &RoaringBitmap) -> RoaringBitmap {
        let one_by_one = || within.iter().filter(|&ordinal| self.sold_out_variants(Ordinal(ordinal)) != 0).collect();
        along(within, |first, bits| self.partly_sold_out_bits(first, bits)).map_or_else(one_by_one, |partly| partly & within)
    }

    fn sold_out_variants(&self, ordinal: Ordinal) -> u64 {
        Self::sold_out_variants(self, ordinal)
    }

    fn sells(&self, ordinal: Ordinal, variant: usize) -> bool {
        Self::sells(self, ordinal, variant)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Options, SignalFold};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_is_sold_out_is_the_same_by_bits_and_one_by_one(
            told in prop::collection::vec((0_u32..70_000, 0_i64..2), 0..200),
            stretches in prop::collection::vec((0_u32..90_000, 1_u32..3_000), 1..4),
            alone in prop::collection::vec(0_u32..90_000, 0..20),
        ) {
            let mut signals = SignalFold::new(None, Options::default()).expect("memory");
            told.iter().for_each(|(ordinal, units)| signals.set_available(Ordinal(*ordinal), *units));
            let table = signals.table();
            let mut within: RoaringBitmap = alone.iter().chain(told.iter().map(|(ordinal, _)| ordinal)).copied().collect();
            let expected = |within: &RoaringBitmap| within.iter().filter(|&one| !table.is_available(Ordinal(one))).collect::<RoaringBitmap>();
            prop_assert_eq!(table.sold_out(&within), expected(&within));
            prop_assert_eq!(table.sold_out_count(&within), expected(&within).len());
            for (start, len) in &stretches {
                within.insert_range(*start..start + len);
            }
            prop_assert_eq!(table.sold_out(&within), expected(&within));
            prop_assert_eq!(table.sold_out_count(&within), expected(&within).len());
        }
    }
}
