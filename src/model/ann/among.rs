//! Which products a question is about.

use crate::id::Ordinal;
use roaring::RoaringBitmap;

/// The products that may be answered.
#[derive(Debug, Clone, Copy)]
pub enum Among<'a> {
    /// Any.
    All,
    /// These.
    Only(&'a RoaringBitmap),
    /// Any but these.
    Except(&'a RoaringBitmap),
}

impl Among<'_> {
    /// Whether a product may be answered.
    #[inline]
    #[must_use]
    pub fn accepts(&self, ordinal: Ordinal) -> bool {
        match self {
            Self::All => true,
            Self::Only(these) => these.contains(ordinal.0),
            Self::Except(these) => !these.contains(ordinal.0),
        }
    }

    /// About how many of `count` products may be answered.
    #[must_use]
    pub fn count_of(&self, count: u64) -> u64 {
        match self {
            Self::All => count,
            Self::Only(these) => these.len().min(count),
            Self::Except(these) => count.saturating_sub(these.len()),
        }
    }
}
