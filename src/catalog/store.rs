//! The one writer of the catalogue: decides what a command changes, folds events, publishes snapshots.

use super::base::Base;
use super::patch::patched;
use super::snapshot::{CatalogSnapshot, Newer, skus_of};
use super::{CatalogError, Product, ProductError};
use crate::event::{CatalogEvent, Document, Events, Progress, Projection, Recorded, Stream};
use crate::id::{Offset, Ordinal, ProductId};
use crate::stdx::clock::Timestamp;
use crate::stdx::published::Published;
use std::path::Path;
use std::sync::Arc;

/// What a command comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Nothing: the shop already holds exactly this.
    Unchanged(Ordinal),
    /// This is to be recorded and applied.
    Event(CatalogEvent),
}

/// Why a product cannot be patched or removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// There is no live product of that name.
    #[error("there is no product with this id")]
    Unknown,
    /// The outcome would not be a product.
    #[error(transparent)]
    Refused(#[from] ProductError),
}

/// All products, for the one thread that changes them.
///
/// Decisions see every event applied, published or not, so that commands of one batch see each other.
#[derive(Debug, Default)]
pub struct CatalogStore {
    working: CatalogSnapshot,
    published: Arc<Published<CatalogSnapshot>>,
}

impl CatalogStore {
    /// A shop without products.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where readers take snapshots from.
    #[must_use]
    pub fn reader(&self) -> Arc<Published<CatalogSnapshot>> {
        Arc::clone(&self.published)
    }

    /// Everything applied so far, published or not.
    #[must_use]
    pub fn working(&self) -> &CatalogSnapshot {
        &self.working
    }

    /// Writes a checkpoint file; see [`CatalogSnapshot::save`], which other threads may call.
    ///
    /// # Errors
    /// When the file cannot be written; a former file of that name is then untouched.
    pub fn save(&self, path: &Path) -> Result<(), CatalogError> {
        self.working.save(path)
    }

    /// Opens a checkpoint file. Documents stay where they are in the file; nothing is parsed.
    ///
    /// # Errors
    /// When the file is missing or damaged.
    pub fn load(path: &Path) -> Result<Self, CatalogError> {
        let working = CatalogSnapshot::of(Base::open(path)?);
        Ok(Self { published: Arc::new(Published::new(working.clone())), working })
    }

    /// Reads a whole checkpoint file and compares it with its checksums.
    ///
    /// # Errors
    /// When the file is missing or damaged.
    pub fn verify(path: &Path) -> Result<(), CatalogError> {
        Base::verify(path)
    }

    /// Takes a checkpoint file of this very store as the new base and lets go of the memory that it made unnecessary. What was
    /// applied after the file was begun stays.
    ///
    /// # Errors
    /// When the file is missing or damaged; the store is then as before.
    pub fn adopt(&mut self, path: &Path) -> Result<(), CatalogError> {
        let base = Base::open(path)?;
        assert!(base.ordinals_count >= self.working.base_end(), "a checkpoint of this store knows all that its base knows");
        let (covered, end) = (base.progress.catalog, base.ordinals_count);
        let former_end = self.working.base_end();
        let mut next = CatalogSnapshot::of(base);
        let is_newer = |offset: Offset| offset >= covered;
        next.documents = self.working.documents.clone();
        next.documents.retain(|_, newer| is_newer(newer.offset));
        next.skus = self.working.skus.clone();
        next.skus.retain(|_, newer| is_newer(newer.offset));
        for id in self.working.ids.iter().skip((end - former_end) as usize) {
            let ordinal = next.ordinals_end();
            *next.ids.at_mut((ordinal.0 - end) as usize) = id.clone();
            next.ordinals.extend(id.clone().map(|id| (id, ordinal)));
        }
        next.live_count = self.working.live_count;
        next.settings = self.working.settings.clone();
        next.keys = self.working.keys.clone();
        next.progress = self.working.progress;
        self.working = next;
        Ok(())
    }

    /// What putting this product changes.
    ///
    /// # Errors
    /// The field at fault: not a valid product, or a SKU that another product owns.
    pub fn decide_put(&self, product: Product) -> Result<Change, ProductError> {
        product.check()?;
        let known = self.working.ordinal_ever(&product.id);
        for (index, variant) in product.variants.iter().enumerate() {
            let owner = self.working.ordinal_of_sku(&variant.sku);
            if let Some(owner) = owner.filter(|&owner| Some(owner) != known) {
                let name = self.working.id_of(owner).map(|id| id.to_string()).unwrap_or_default();
                return Err(ProductError::new(format!("variants[{index}].sku"), format!("belongs to product {name}")));
            }
        }
        let document = product.to_document()?;
        let ordinal = known.unwrap_or(self.working.ordinals_end());
        if ordinal.0 == u32::MAX {
            return Err(ProductError::new("id", "the shop cannot number more products"));
        }
        if self.working.document(ordinal).is_some_and(|held| *held == *document.0) {
            return Ok(Change::Unchanged(ordinal));
        }
        Ok(Change::Event(CatalogEvent::ProductPut { ordinal, id: product.id, document }))
    }

    /// What merging `patch` (RFC 7396) into the product's document changes. Numbers of money are integers in minor units, so no
    /// amount passes through floating point.
    ///
    /// # Errors
    /// When there is no such product, or the outcome is not a product; its name must not change.
    pub fn decide_patch(&self, id: &ProductId, patch: &serde_json::Value) -> Result<Change, PatchError> {
        let ordinal = self.working.ordinal_of(id).ok_or(PatchError::Unknown)?;
        let document = self.working.document(ordinal).ok_or(PatchError::Unknown)?;
        Ok(self.decide_put(patched(&document, patch)?)?)
    }

    /// What removing the product changes.
    ///
    /// # Errors
    /// When there is no such product.
    pub fn decide_remove(&self, id: &ProductId) -> Result<Change, PatchError> {
        let ordinal = self.working.ordinal_of(id).ok_or(PatchError::Unknown)?;
        Ok(Change::Event(CatalogEvent::ProductRemoved { ordinal, id: id.clone() }))
    }

    /// Keeps a key that joins an entry which is applied already.
    pub fn note_key(&mut self, event: &CatalogEvent, at: Timestamp) {
        self.working.keys.apply(event, at);
    }

    fn put(&mut self, ordinal: Ordinal, id: &ProductId, document: &Document, offset: Offset) {
        if ordinal >= self.working.ordinals_end() {
            let index = ordinal.0 - self.working.base_end();
            *self.working.ids.at_mut(index as usize) = Some(id.clone());
            self.working.ordinals.insert(id.clone(), ordinal);
        }
        self.release_skus(ordinal, offset);
        for sku in skus_of(&document.0) {
            self.working.skus.insert(sku, Newer { value: Some(ordinal), offset });
        }
        self.working.live_count += usize::from(!self.working.is_live(ordinal));
        self.working.documents.insert(ordinal, Newer { value: Some(document.clone()), offset });
    }

    fn remove(&mut self, ordinal: Ordinal, offset: Offset) {
        self.release_skus(ordinal, offset);
        self.working.live_count -= usize::from(self.working.is_live(ordinal));
        self.working.documents.insert(ordinal, Newer { value: None, offset });
    }

    fn release_skus(&mut self, ordinal: Ordinal, offset: Offset) {
        let Some(held) = self.working.document(ordinal) else { return };
        for sku in skus_of(&held) {
            self.working.skus.insert(sku, Newer { value: None, offset });
        }
    }
}

impl Projection for CatalogStore {
    fn apply(&mut self, recorded: &Recorded) {
        let Events::Catalog(events) = &recorded.events else { return };
        if recorded.offset < self.working.progress.catalog {
            return;
        }
        for event in events {
            match event {
                CatalogEvent::ProductPut { ordinal, id, document } => self.put(*ordinal, id, document, recorded.offset),
                CatalogEvent::ProductRemoved { ordinal, .. } => self.remove(*ordinal, recorded.offset),
                CatalogEvent::SettingPut { .. } | CatalogEvent::SettingRemoved { .. } => self.working.settings.apply(event, recorded.at),
                CatalogEvent::KeyUsed { .. } => self.working.keys.apply(event, recorded.at),
            }
        }
        self.working.progress.advance(Stream::Catalog, recorded.offset.plus(1));
    }

    fn publish(&mut self) {
        self.published.swap(self.working.clone());
    }

    fn progress(&self) -> Progress {
        self.working.progress
    }
}

#[cfg(test)]
mod tests {
    //! What is pinned here:
    //! 1. any sequence of puts, patches, removals, saves, loads and adoptions equals a plain map;
    //! 2. putting the same product again is `Unchanged`;
    //! 3. a SKU belongs to one live product;
    //! 4. a removed product keeps its ordinal and gets it back;
    //! 5. readers see what was published and nothing later.

    use super::*;
    use crate::catalog::{Shown, Variant, View};
    use crate::id::Sku;
    use proptest::prelude::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn id(name: u8) -> ProductId {
        ProductId::new(&format!("p{name}")).expect("a valid id")
    }

    fn product(name: u8, sku: u8, title: &str) -> Product {
        let variant = json!({"sku": format!("s{sku}")});
        serde_json::from_value(json!({"id": id(name), "title": title, "variants": [variant]})).expect("a product")
    }

    /// Applies a change as the next entry of the catalog stream.
    fn record(store: &mut CatalogStore, change: Change) {
        if let Change::Event(event) = change {
            let offset = store.progress().catalog;
            store.apply(&Recorded { offset, at: Timestamp(0), events: Events::Catalog(vec![event]) });
        }
    }

    fn put(store: &mut CatalogStore, product: Product) {
        let change = store.decide_put(product).expect("is accepted");
        record(store, change);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Put(u8, u8, u8),
        Patch(u8, u8),
        Remove(u8),
        Load,
        Adopt(u8),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            6 => (0_u8..6, 0_u8..8, 0_u8..3).prop_map(|(name, sku, title)| Step::Put(name, sku, title)),
            2 => (0_u8..6, 0_u8..3).prop_map(|(name, title)| Step::Patch(name, title)),
            2 => (0_u8..6).prop_map(Step::Remove),
            1 => Just(Step::Load),
            1 => (0_u8..6).prop_map(Step::Adopt),
        ];
        prop::collection::vec(step, 1..60)
    }

    #[derive(Default)]
    struct Model {
        live: BTreeMap<u8, (u8, String)>,
        ordinals: BTreeMap<u8, Ordinal>,
    }

    impl Model {
        fn owner_of(&self, sku: u8) -> Option<u8> {
            self.live.iter().find(|(_, (held, _))| *held == sku).map(|(name, _)| *name)
        }

        fn put(&mut self, store: &mut CatalogStore, name: u8, sku: u8, title: String) {
            let decided = store.decide_put(product(name, sku, &title));
            if self.owner_of(sku).is_some_and(|owner| owner != name) {
                assert_eq!(decided.expect_err("the SKU is taken").field, "variants[0].sku");
                return;
            }
            let next = Ordinal(self.ordinals.len() as u32);
            let ordinal = *self.ordinals.entry(name).or_insert(next);
            let repeats = self.live.insert(name, (sku, title.clone())) == Some((sku, title));
            let change = decided.expect("is accepted");
            assert_eq!(change == Change::Unchanged(ordinal), repeats);
            record(store, change);
        }

        fn compare(&self, snapshot: &CatalogSnapshot) {
            assert_eq!(snapshot.products_count(), self.live.len());
            assert_eq!(snapshot.live().count(), self.live.len());
            assert_eq!(snapshot.ordinals_end(), Ordinal(self.ordinals.len() as u32));
            for name in 0..6 {
                let ordinal = self.live.get(&name).map(|_| self.ordinals[&name]);
                assert_eq!(snapshot.ordinal_of(&id(name)), ordinal);
                let expected = self.live.get(&name).map(|(sku, title)| product(name, *sku, title));
                assert_eq!(self.ordinals.get(&name).and_then(|&ordinal| snapshot.product(ordinal)), expected);
                let view = View { variant: 0, marketplace: None, is_available: true };
                let shown = ordinal.and_then(|ordinal| {
                    snapshot.shown(ordinal, view, |document| Some(Shown { id: id(name), json: serde_json::from_slice(document).ok()? }))
                });
                assert_eq!(
                    shown.map(|shown| shown.json.get().as_bytes().to_vec()),
                    ordinal.map(|ordinal| snapshot.document(ordinal).unwrap_or_default().to_vec())
                );
            }
            for sku in 0..8 {
                let owner = self.owner_of(sku).map(|name| self.ordinals[&name]);
                assert_eq!(snapshot.ordinal_of_sku(&Sku::new(&format!("s{sku}")).expect("a SKU")), owner);
            }
        }
    }

    fn run(steps: Vec<Step>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("catalog.bin");
        let (mut store, mut model) = (CatalogStore::new(), Model::default());
        for step in steps {
            match step {
                Step::Put(name, sku, title) => model.put(&mut store, name, sku, format!("title {title}")),
                Step::Patch(name, title) => match model.live.get(&name).cloned() {
                    Some((sku, _)) => {
                        let title = format!("title {title}");
                        let change = store.decide_patch(&id(name), &json!({"title": title})).expect("is accepted");
                        record(&mut store, change);
                        model.live.insert(name, (sku, title));
                    }
                    None => assert_eq!(store.decide_patch(&id(name), &json!({})), Err(PatchError::Unknown)),
                },
                Step::Remove(name) => match model.live.remove(&name) {
                    Some(_) => {
                        let change = store.decide_remove(&id(name)).expect("is there");
                        record(&mut store, change);
                    }
                    None => assert_eq!(store.decide_remove(&id(name)), Err(PatchError::Unknown)),
                },
                Step::Load => {
                    store.save(&path).expect("saves");
                    CatalogStore::verify(&path).expect("is whole");
                    store = CatalogStore::load(&path).expect("loads");
                }
                Step::Adopt(name) => {
                    store.save(&path).expect("saves");
                    model.put(&mut store, name, name, "meanwhile".to_owned());
                    store.adopt(&path).expect("adopts");
                }
            }
            model.compare(&store.working);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_sequence_of_changes_equals_a_plain_map(steps in steps()) {
            run(steps);
        }
    }

    #[test]
    fn readers_see_what_was_published_and_entries_count_once() {
        let mut store = CatalogStore::new();
        let reader = store.reader();
        let change = store.decide_put(product(1, 1, "one")).expect("is accepted");
        record(&mut store, change.clone());
        assert_eq!(reader.take().products_count(), 0);
        store.publish();
        assert_eq!(reader.take().products_count(), 1);
        let Change::Event(event) = change else { panic!("a first put changes something") };
        store.apply(&Recorded { offset: Offset(0), at: Timestamp(0), events: Events::Catalog(vec![event]) });
        assert_eq!(store.progress().catalog, Offset(1));
    }

    #[test]
    fn a_sku_given_up_is_free_for_another_product() {
        let mut store = CatalogStore::new();
        put(&mut store, product(1, 1, "one"));
        assert_eq!(store.decide_put(product(2, 1, "two")).expect_err("is taken").reason, "belongs to product p1");
        put(&mut store, product(1, 3, "one"));
        put(&mut store, product(2, 1, "two"));
        let mut twice = product(3, 5, "three");
        twice.variants.push(Variant { title: Some("x".to_owned()), ..twice.variants[0].clone() });
        assert_eq!(store.decide_put(twice).expect_err("stands twice").field, "variants[1].sku");
    }
}
