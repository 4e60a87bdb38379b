//! What products are shown as, remembered beside the documents of a checkpoint: those never change, and a list shows the same few thousand
//! products over and over. Reading a document and writing what is shown of it takes longer than all else that a hit needs.

use crate::id::{MarketplaceId, Ordinal};
use crate::stdx::remembered::{Remembered, Weight};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Bytes of all that is remembered: some thirty thousand cards.
const ROOM: usize = 16 << 20;

/// All that decides what is shown of a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct View {
    /// Index of the variant that is shown.
    pub variant: usize,
    /// Whose prices hold.
    pub marketplace: Option<MarketplaceId>,
    /// Whether the product can be bought now.
    pub is_available: bool,
}

impl Weight for RawValue {
    fn weight(&self) -> usize {
        self.get().len()
    }
}

/// What was shown of the documents of one checkpoint.
#[derive(Debug)]
pub(super) struct ShownBefore(Remembered<(Ordinal, View), RawValue>);

impl Default for ShownBefore {
    fn default() -> Self {
        Self(Remembered::with_room(ROOM))
    }
}

impl ShownBefore {
    /// What is shown of a product, made by `make` unless it is remembered.
    pub(super) fn of(&self, ordinal: Ordinal, view: View, make: impl FnOnce() -> Option<Box<RawValue>>) -> Option<Arc<RawValue>> {
        let key = (ordinal, view);
        if let Some(shown) = self.0.get(&key) {
            return Some(shown);
        }
        let shown: Arc<RawValue> = make()?.into();
        self.0.put(key, Arc::clone(&shown));
        Some(shown)
    }
}
