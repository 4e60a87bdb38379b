//! A set of ordinals as one bit each: faster to ask and to fill in any order than a compressed bitmap, for as long as one search lasts.

use crate::id::Ordinal;
use crate::stdx::mapped::as_bytes;
use roaring::RoaringBitmap;

/// A set of ordinals below a fixed end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenseSet {
    words: Vec<u64>,
    len: u64,
}

impl DenseSet {
    /// No ordinals; room for those below `end`.
    #[must_use]
    pub fn below(end: usize) -> Self {
        Self { words: vec![0; end.div_ceil(64)], len: 0 }
    }

    /// The ordinals of a bitmap below `end`.
    #[must_use]
    pub fn of(bitmap: &RoaringBitmap, end: usize) -> Self {
        let mut set = Self::below(end);
        for ordinal in bitmap {
            set.insert(Ordinal(ordinal));
        }
        set
    }

    /// Adds an ordinal; says whether it is new. One beyond the end is not taken.
    #[inline]
    pub fn insert(&mut self, ordinal: Ordinal) -> bool {
        let Some(word) = self.words.get_mut(ordinal.index() / 64) else { return false };
        let bit = 1 << (ordinal.0 % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        self.len += u64::from(is_new);
        is_new
    }

    /// Adds an ordinal that is not in yet, if it is wanted: the same work either way, since what differs from product to product would be guessed
    /// wrongly half of the time.
    #[inline]
    pub fn add_if(&mut self, ordinal: Ordinal, is_wanted: bool) {
        if let Some(word) = self.words.get_mut(ordinal.index() / 64) {
            *word |= u64::from(is_wanted) << (ordinal.0 % 64);
            self.len += u64::from(is_wanted);
        }
    }

    /// Whether the ordinal is in.
    #[inline]
    #[must_use]
    pub fn contains(&self, ordinal: Ordinal) -> bool {
        self.words.get(ordinal.index() / 64).is_some_and(|word| word & (1 << (ordinal.0 % 64)) != 0)
    }

    /// How many ordinals.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.words.len() * size_of::<u64>()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The same ordinals, compressed.
    #[must_use]
    pub fn to_bitmap(&self) -> RoaringBitmap {
        RoaringBitmap::from_lsb0_bytes(0, as_bytes(&self.words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_dense_set_is_the_set(ordinals in prop::collection::vec(0_u32..70_000, 0..200)) {
            let mut set = DenseSet::below(66_000);
            let expected: RoaringBitmap = ordinals.iter().copied().filter(|ordinal| *ordinal < 66_048).collect();
            for ordinal in ordinals {
                set.insert(Ordinal(ordinal));
            }
            let mut sieved = DenseSet::below(66_000);
            expected.iter().for_each(|ordinal| sieved.add_if(Ordinal(ordinal), ordinal % 3 == 0));
            let every_third: RoaringBitmap = expected.iter().filter(|ordinal| ordinal % 3 == 0).collect();
            prop_assert_eq!((sieved.len(), sieved.to_bitmap()), (every_third.len(), every_third));
            prop_assert_eq!(set.to_bitmap(), expected.clone());
            prop_assert_eq!(set.len(), expected.len());
            prop_assert_eq!(DenseSet::of(&expected, 66_000).to_bitmap(), expected);
        }
    }
}
