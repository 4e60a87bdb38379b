//! What products are shown as, remembered: a document never changes until the next one takes its place, and a list shows the same few thousand products
//! over and over. Reading a document and writing what is shown of it takes longer than all else that a hit needs.

use crate::id::{MarketplaceId, Offset, Ordinal, ProductId};
use crate::stdx::remembered::{Remembered, Weight};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Bytes of all that is remembered, for each product: a larger shop shows more of them. Of two hundred thousand that is room for a hundred thousand cards.
const ROOM_A_PRODUCT: usize = 256;
const ROOM_MIN: usize = 16 << 20;
const ROOM_MAX: usize = 64 << 20;

/// All that decides what is shown of a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct View {
    /// Index of the variant that is shown.
    pub variant: usize,
    /// Whose prices hold.
    pub marketplace: Option<MarketplaceId>,
    /// Whether the variant can be bought now.
    pub is_available: bool,
}

/// What is shown of a product.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its name in the shop: whoever shows a product says which it is.
    pub id: ProductId,
    /// What is shown, as JSON.
    pub json: Box<RawValue>,
}

impl Weight for Shown {
    fn weight(&self) -> usize {
        size_of::<Self>() + self.id.as_str().len() + self.json.get().len()
    }
}

/// A document: a product's in the checkpoint, or the newer one that this offset brought.
type Source = (Ordinal, Option<Offset>);

/// What was shown of the documents of one checkpoint and of those that came after it.
#[derive(Debug)]
pub(super) struct ShownBefore(Remembered<(Source, View), Shown>);

impl Default for ShownBefore {
    fn default() -> Self {
        Self::of_shop(0)
    }
}

impl ShownBefore {
    /// Nothing yet, with room for what is shown of a shop with so many products.
    pub(super) fn of_shop(products_count: usize) -> Self {
        Self(Remembered::with_room(products_count.saturating_mul(ROOM_A_PRODUCT).clamp(ROOM_MIN, ROOM_MAX)))
    }

    /// What is shown of a document, made by `make` unless it is remembered.
    pub(super) fn of(&self, source: Source, view: View, make: impl FnOnce() -> Option<Shown>) -> Option<Arc<Shown>> {
        let key = (source, view);
        if let Some(shown) = self.0.get(&key) {
            return Some(shown);
        }
        let shown = Arc::new(make()?);
        self.0.put(key, Arc::clone(&shown));
        Some(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{CatalogStore, Change};
    use crate::event::{Events, Projection, Recorded};
    use crate::stdx::clock::Timestamp;
    use serde_json::json;

    fn put(store: &mut CatalogStore, title: &str) {
        let product = json!({"id": "lamp", "title": title, "variants": [{"sku": "L"}]});
        let change = store.decide_put(serde_json::from_value(product).expect("a product")).expect("is accepted");
        let Change::Event(event) = change else { panic!("says something new") };
        store.apply(&Recorded { offset: store.progress().catalog, at: Timestamp(0), events: Events::Catalog(vec![event]) });
    }

    /// Which title is shown, and whether it had to be made.
    fn shown(store: &CatalogStore) -> (String, bool) {
        let (view, mut is_made) = (View { variant: 0, marketplace: None, is_available: true }, false);
        let make = |document: &[u8]| {
            is_made = true;
            let document: serde_json::Value = serde_json::from_slice(document).ok()?;
            Some(Shown { id: ProductId::new("lamp").ok()?, json: serde_json::value::to_raw_value(&document["title"]).ok()? })
        };
        let shown = store.working().shown(Ordinal(0), view, make).expect("is live");
        (shown.json.get().to_owned(), is_made)
    }

    #[test]
    fn what_is_shown_is_made_once_of_each_document_wherever_it_stands() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("catalog.bin");
        let mut store = CatalogStore::new();
        let twice = |store: &CatalogStore, title: &str| {
            let expected = format!("\"{title}\"");
            assert_eq!([shown(store), shown(store)], [(expected.clone(), true), (expected, false)]);
        };
        put(&mut store, "one");
        twice(&store, "one");
        put(&mut store, "two");
        twice(&store, "two");
        store.save(&path).expect("saves");
        put(&mut store, "three");
        twice(&store, "three");
        store.adopt(&path).expect("adopts");
        twice(&store, "three");
        store.save(&path).expect("saves");
        store.adopt(&path).expect("adopts");
        twice(&store, "three");
    }
}
