//! Prices in classes between round bounds, so that a facet counts prices by what products have instead of product by product.
//!
//! A class is one bound, or all prices strictly between two neighbouring bounds. The bounds are all the round numbers at which a facet ever
//! begins or ends a range of its own: 1, 1.5, 2, 3, 5 and 7 times a power of ten. So every such range is a run of whole classes, and how
//! many products have a price in it follows exactly from how many have which classes.

use super::packing::{self, Written};
use super::row::Row;
use super::{Decoded, MarketId, Profile, Profiles};
use crate::id::Ordinal;
use crate::stdx::packed::{PackedReader, PackedWriter};
use roaring::RoaringBitmap;
use std::sync::Arc;

/// Round numbers of one power of ten, in tenths of it.
const TENTHS: [i64; 6] = [10, 15, 20, 30, 50, 70];
/// Bounds below one hundredth of the major unit, where the tenths are no whole thousandths.
const SMALL: [i64; 6] = [0, 1, 2, 3, 5, 7];
/// Powers of ten that fit 64 bits.
const POWERS_COUNT: usize = 18;
const BOUNDS_COUNT: usize = SMALL.len() + TENTHS.len() * POWERS_COUNT;
/// Number of classes.
pub const CLASSES_COUNT: usize = 2 * BOUNDS_COUNT + 1;

/// Thousandths of the major unit, ascending.
const BOUNDS: [i64; BOUNDS_COUNT] = bounds();

const fn bounds() -> [i64; BOUNDS_COUNT] {
    let mut bounds = [0; BOUNDS_COUNT];
    let (mut at, mut power) = (0, 1);
    while at < BOUNDS_COUNT {
        if at < SMALL.len() {
            bounds[at] = SMALL[at];
        } else {
            let tenth = (at - SMALL.len()) % TENTHS.len();
            bounds[at] = TENTHS[tenth] * power;
            if tenth + 1 == TENTHS.len() && at + 1 < BOUNDS_COUNT {
                power *= 10;
            }
        }
        at += 1;
    }
    bounds
}

/// The class of a price in thousandths of the major unit, below [`CLASSES_COUNT`]. Classes ascend as prices do.
#[must_use]
pub fn class_of(price: i64) -> u32 {
    let below = BOUNDS.partition_point(|bound| *bound < price) as u32;
    2 * below + u32::from(BOUNDS.get(below as usize) == Some(&price))
}

/// The smallest and largest price of a class.
#[must_use]
pub fn class_range(class: u32) -> (i64, i64) {
    let place = (class / 2) as usize;
    if class % 2 == 1 {
        return (BOUNDS[place], BOUNDS[place]);
    }
    let low = place.checked_sub(1).map_or(i64::MIN, |before| BOUNDS[before] + 1);
    (low, BOUNDS.get(place).map_or(i64::MAX, |bound| bound - 1))
}

/// Whether a range from `low` to `high` is a run of whole classes, of prices from 0 on.
#[must_use]
pub fn is_run(low: i64, high: i64) -> bool {
    let begins = low <= 0 || class_range(class_of(low)).0 == low;
    let ends = high == i64::MAX || class_range(class_of(high)).1 == high;
    begins && ends
}

/// The classes of the prices of one marketplace: of each product all that its prices have, and of each class all products.
#[derive(Debug, Clone)]
pub struct PriceClasses {
    profiles: Profiles,
    /// By class, as far as any product has been.
    holders: Vec<Arc<RoaringBitmap>>,
    present: Arc<RoaringBitmap>,
}

impl PriceClasses {
    pub(super) fn new() -> Self {
        Self { profiles: Profiles::new(), holders: Vec::new(), present: Arc::default() }
    }

    /// Takes in the prices of a product that has none here yet.
    pub(super) fn set(&mut self, ordinal: Ordinal, row: Row<'_>, market: MarketId) {
        let mut places: Vec<u32> = row.variants().filter_map(|variant| variant.price(market)).map(class_of).collect();
        places.sort_unstable();
        places.dedup();
        let Some(highest) = places.last() else { return };
        if self.holders.len() <= *highest as usize {
            self.holders.resize_with(*highest as usize + 1, Arc::default);
        }
        for class in &places {
            Arc::make_mut(&mut self.holders[*class as usize]).insert(ordinal.0);
        }
        Arc::make_mut(&mut self.present).insert(ordinal.0);
        self.profiles.enter(ordinal, Profile { places: places.into(), numbers: Box::default() });
    }

    pub(super) fn clear(&mut self, ordinal: Ordinal) {
        if !self.present.contains(ordinal.0) {
            return;
        }
        Arc::make_mut(&mut self.present).remove(ordinal.0);
        let classes: Vec<usize> = match self.profiles.codes().at(ordinal).decode() {
            Decoded::Nothing => Vec::new(),
            Decoded::Place(class) => vec![class],
            Decoded::Profile(number) => self.profiles.profile(number).places.iter().map(|class| *class as usize).collect(),
            Decoded::Look => (0..self.holders.len()).filter(|class| self.holders[*class].contains(ordinal.0)).collect(),
        };
        for class in classes {
            Arc::make_mut(&mut self.holders[class]).remove(ordinal.0);
        }
        self.profiles.clear(ordinal);
    }

    pub(super) fn pack(&self, out: &mut PackedWriter<'_>) -> Written {
        packing::put_products(out, &self.present)?;
        out.array(&[self.holders.len() as u64])?;
        self.holders.iter().try_for_each(|holders| packing::put_products(out, holders))?;
        self.profiles.pack(out)
    }

    /// Reads what [`PriceClasses::pack`] wrote.
    pub(super) fn unpack(from: &mut PackedReader<'_>) -> Option<Self> {
        let present = packing::products(from)?;
        let holders_count = usize::try_from(from.one::<u64>()?).ok().filter(|count| *count <= CLASSES_COUNT)?;
        let holders = (0..holders_count).map(|_| packing::products(from)).collect::<Option<_>>()?;
        Some(Self { profiles: Profiles::unpack(from, CLASSES_COUNT)?, holders, present })
    }

    /// The classes of each product as places of a profile.
    #[must_use]
    pub fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The products with a price of this class.
    #[must_use]
    pub fn holders(&self, class: u32) -> Option<&RoaringBitmap> {
        self.holders.get(class as usize).map(|holders| &**holders)
    }

    /// The products that have a price here.
    #[must_use]
    pub fn present(&self) -> &RoaringBitmap {
        &self.present
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn classes_are_bounds_and_what_lies_between() {
        let check = |price: i64, range: (i64, i64)| assert_eq!(class_range(class_of(price)), range, "{price}");
        check(0, (0, 0));
        check(4, (4, 4));
        check(6, (6, 6));
        check(9, (8, 9));
        check(10_000, (10_000, 10_000));
        check(10_001, (10_001, 14_999));
        check(99_990, (70_001, 99_999));
        check(-5, (i64::MIN, -1));
        check(i64::MAX, (7_000_000_000_000_000_001, i64::MAX));
        assert!(BOUNDS.is_sorted_by(|a, b| a < b));
    }

    proptest! {
        #[test]
        fn every_price_lies_in_its_class_and_classes_join_without_a_gap(price in any::<i64>(), class in 1..CLASSES_COUNT as u32) {
            let (low, high) = class_range(class_of(price));
            prop_assert!(low <= price && price <= high);
            // Two bounds without a number between them leave a class that no price has.
            prop_assert_eq!(class_range(class - 1).1 + 1, class_range(class).0);
        }

        #[test]
        fn a_run_of_classes_holds_each_class_whole_or_not_at_all(low in 0_usize..40, len in 0_usize..20, class in 1..CLASSES_COUNT as u32) {
            let (low, high) = (BOUNDS[low], BOUNDS[low + len]);
            prop_assert!(is_run(low, high));
            let (first, last) = class_range(class);
            let is_inside = low <= first && last <= high;
            prop_assert!(is_inside || last < low || first > high || first > last);
        }
    }
}
