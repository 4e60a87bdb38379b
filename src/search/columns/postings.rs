//! The products of one keyword. Most keywords of a real catalogue have one to three products (part numbers, odd sizes), so those live in
//! place; only frequent ones own a bitmap.

use super::packing::{self, Written};
use crate::id::Ordinal;
use crate::stdx::chunked::{CHUNK_LEN, Chunked};
use crate::stdx::packed::{PackedReader, PackedWriter};
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::sync::Arc;

/// Products kept in place before a bitmap is made: what fits beside the tag in 16 bytes.
const FEW_MAX: usize = 3;

/// A set of ordinals.
#[derive(Debug, Clone)]
pub enum Postings {
    /// The first `len` of `ordinals`, ascending.
    Few {
        /// How many.
        len: u8,
        /// Ascending up to `len`, then zero.
        ordinals: [u32; FEW_MAX],
    },
    /// More than that, now or once.
    Many(Arc<RoaringBitmap>),
}

impl Postings {
    /// No products.
    pub const EMPTY: Self = Self::Few { len: 0, ordinals: [0; FEW_MAX] };

    /// Adds a product.
    pub fn insert(&mut self, ordinal: Ordinal) {
        match self {
            Self::Many(bitmap) => {
                Arc::make_mut(bitmap).insert(ordinal.0);
            }
            Self::Few { len, ordinals } => {
                let few = &ordinals[..usize::from(*len)];
                let Err(place) = few.binary_search(&ordinal.0) else { return };
                if few.len() == FEW_MAX {
                    let mut bitmap: RoaringBitmap = few.iter().collect();
                    bitmap.insert(ordinal.0);
                    *self = Self::Many(Arc::new(bitmap));
                    return;
                }
                ordinals.copy_within(place..FEW_MAX - 1, place + 1);
                ordinals[place] = ordinal.0;
                *len += 1;
            }
        }
    }

    /// Takes a product out.
    pub fn remove(&mut self, ordinal: Ordinal) {
        match self {
            Self::Many(bitmap) => {
                Arc::make_mut(bitmap).remove(ordinal.0);
            }
            Self::Few { len, ordinals } => {
                if let Ok(place) = ordinals[..usize::from(*len)].binary_search(&ordinal.0) {
                    ordinals.copy_within(place + 1.., place);
                    ordinals[FEW_MAX - 1] = 0;
                    *len -= 1;
                }
            }
        }
    }

    /// Whether the product is among them.
    #[must_use]
    pub fn contains(&self, ordinal: Ordinal) -> bool {
        match self {
            Self::Few { len, ordinals } => ordinals[..usize::from(*len)].contains(&ordinal.0),
            Self::Many(bitmap) => bitmap.contains(ordinal.0),
        }
    }

    /// How many products.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Few { len, .. } => u64::from(*len),
            Self::Many(bitmap) => bitmap.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of them are in `others`.
    #[must_use]
    pub fn intersection_len(&self, others: &RoaringBitmap) -> u64 {
        match self {
            Self::Few { len, ordinals } => ordinals[..usize::from(*len)].iter().filter(|&&ordinal| others.contains(ordinal)).count() as u64,
            Self::Many(bitmap) => bitmap.intersection_len(others),
        }
    }

    /// As a bitmap.
    #[must_use]
    pub fn bitmap(&self) -> Cow<'_, RoaringBitmap> {
        match self {
            Self::Few { len, ordinals } => Cow::Owned(ordinals[..usize::from(*len)].iter().collect()),
            Self::Many(bitmap) => Cow::Borrowed(bitmap),
        }
    }
}

/// In place of how many, in a file: they stand in a bitmap.
const MANY: u32 = u32::MAX;

/// Writes the products of every keyword: four words for each, then the bitmaps.
pub(super) fn pack(all: &Chunked<Postings>, out: &mut PackedWriter<'_>) -> Written {
    let words = all.iter().map(|postings| match postings {
        Postings::Few { len, ordinals: [first, second, third] } => [u32::from(*len), *first, *second, *third],
        Postings::Many(_) => [MANY, 0, 0, 0],
    });
    out.array(&words.collect::<Vec<[u32; FEW_MAX + 1]>>())?;
    all.iter().try_for_each(|postings| match postings {
        Postings::Few { .. } => Ok(()),
        Postings::Many(bitmap) => packing::put_products(out, bitmap),
    })
}

/// Reads what [`pack`] wrote.
pub(super) fn unpack(from: &mut PackedReader<'_>) -> Option<Chunked<Postings>> {
    let mut all = Chunked::new(Postings::EMPTY);
    for (number, words) in from.array::<[u32; FEW_MAX + 1]>()?.chunks(CHUNK_LEN).enumerate() {
        let postings = words.iter().map(|words| match *words {
            [MANY, ..] => packing::products(from).map(Postings::Many),
            [len, first, second, third] => Some(Postings::Few {
                len: u8::try_from(len).ok().filter(|len| usize::from(*len) <= FEW_MAX)?,
                ordinals: [first, second, third],
            }),
        });
        all.fill_chunk(number, postings.collect::<Option<Vec<Postings>>>()?.into_iter());
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn postings_are_a_set(steps in prop::collection::vec((any::<bool>(), 0_u32..8), 0..40), others in prop::collection::btree_set(0_u32..8, 0..8)) {
            let (mut postings, mut expected) = (Postings::EMPTY, BTreeSet::new());
            for (insert, ordinal) in steps {
                if insert {
                    postings.insert(Ordinal(ordinal));
                    expected.insert(ordinal);
                } else {
                    postings.remove(Ordinal(ordinal));
                    expected.remove(&ordinal);
                }
                prop_assert_eq!(postings.bitmap().iter().collect::<BTreeSet<u32>>(), expected.clone());
                prop_assert_eq!(postings.len(), expected.len() as u64);
                let common = expected.intersection(&others).count() as u64;
                prop_assert_eq!(postings.intersection_len(&others.iter().collect()), common);
            }
        }
    }

    #[test]
    fn rare_keywords_cost_sixteen_bytes() {
        assert_eq!(size_of::<Postings>(), 16);
    }
}
