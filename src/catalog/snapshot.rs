//! The catalogue as readers see it: the documents of a checkpoint file, covered by those that came after it.
//!
//! A snapshot is a handful of pointers. The checkpoint's documents stay in the mapped file; newer ones live in maps that share
//! structure with every other snapshot, so publishing after each batch costs what the batch changed.

use super::base::{self, Base, Contents};
use super::shown::{Shown, ShownBefore, View};
use super::{CatalogError, KeyBook, Offered, Product, Settings};
use crate::event::{Document, Progress};
use crate::id::{Offset, Ordinal, ProductId, Sku};
use crate::stdx::chunked::Chunked;
use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

/// A newer value and the catalog offset that brought it; a checkpoint that reaches beyond the offset holds it too.
#[derive(Debug, Clone)]
pub(super) struct Newer<T> {
    pub(super) value: Option<T>,
    pub(super) offset: Offset,
}

/// An immutable view of all products. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct CatalogSnapshot {
    pub(super) base: Option<Arc<Base>>,
    /// Documents newer than the base; no value: removed.
    pub(super) documents: imbl::HashMap<Ordinal, Newer<Document>>,
    /// Ordinals newer than the base, and the way back from ordinal (less the base's count) to identifier.
    pub(super) ordinals: imbl::HashMap<ProductId, Ordinal>,
    pub(super) ids: Chunked<Option<ProductId>>,
    /// Owners of SKUs newer than the base; no value: nobody's any more.
    pub(super) skus: imbl::HashMap<Sku, Newer<Ordinal>>,
    pub(super) live_count: usize,
    pub(super) settings: Settings,
    pub(super) keys: KeyBook,
    pub(super) progress: Progress,
    /// What was shown of these documents, by whichever snapshot.
    pub(super) shown: Arc<ShownBefore>,
}

impl Default for CatalogSnapshot {
    fn default() -> Self {
        Self {
            base: None,
            documents: imbl::HashMap::new(),
            ordinals: imbl::HashMap::new(),
            ids: Chunked::new(None),
            skus: imbl::HashMap::new(),
            live_count: 0,
            settings: Settings::default(),
            keys: KeyBook::default(),
            progress: Progress::default(),
            shown: Arc::default(),
        }
    }
}

impl CatalogSnapshot {
    /// A view of a checkpoint file alone.
    pub(super) fn of(base: Base) -> Self {
        let (live_count, settings, keys, progress) = (base.live_count, base.settings.clone(), base.keys.clone(), base.progress);
        let shown = Arc::new(ShownBefore::of_shop(live_count));
        Self { live_count, settings, keys, progress, shown, base: Some(Arc::new(base)), ..Self::default() }
    }

    /// Rules and synonyms.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Keys under which the catalogue was written to within the last day.
    #[must_use]
    pub fn keys(&self) -> &KeyBook {
        &self.keys
    }

    /// The ordinal of a live product.
    #[must_use]
    pub fn ordinal_of(&self, id: &ProductId) -> Option<Ordinal> {
        self.ordinal_ever(id).filter(|&ordinal| self.is_live(ordinal))
    }

    /// The ordinal of a product, live or removed.
    #[must_use]
    pub fn ordinal_ever(&self, id: &ProductId) -> Option<Ordinal> {
        self.ordinals.get(id).copied().or_else(|| self.base.as_ref()?.ordinal_of(id))
    }

    /// The live product that a SKU belongs to.
    #[must_use]
    pub fn ordinal_of_sku(&self, sku: &Sku) -> Option<Ordinal> {
        match self.skus.get(sku) {
            Some(newer) => newer.value,
            None => self.base.as_ref()?.ordinal_of_sku(sku),
        }
    }

    /// The name of a product, live or removed.
    #[must_use]
    pub fn id_of(&self, ordinal: Ordinal) -> Option<ProductId> {
        match ordinal.0.checked_sub(self.base_end()) {
            Some(index) => self.ids.at(index as usize).clone(),
            None => self.base.as_ref()?.id(ordinal),
        }
    }

    /// The canonical bytes of a live product; none when it is removed or never was.
    #[must_use]
    pub fn document(&self, ordinal: Ordinal) -> Option<DocumentRef> {
        if let Some(newer) = self.documents.get(&ordinal) {
            return newer.value.clone().map(|document| DocumentRef(Bytes::Newer(document)));
        }
        let base = self.base.as_ref().filter(|base| !base.document(ordinal).is_empty())?;
        Some(DocumentRef(Bytes::Base(Arc::clone(base), ordinal)))
    }

    /// What is shown of a live product to such a view, made by `make` of its document unless it is remembered.
    pub fn shown(&self, ordinal: Ordinal, view: View, make: impl FnOnce(&[u8]) -> Option<Shown>) -> Option<Arc<Shown>> {
        let brought_by = self.documents.get(&ordinal).map(|newer| newer.offset);
        self.shown.of((ordinal, brought_by), view, || make(&self.document(ordinal)?))
    }

    /// A live product, read from its document.
    #[must_use]
    pub fn product(&self, ordinal: Ordinal) -> Option<Product> {
        Product::from_document(&self.document(ordinal)?).ok()
    }

    /// What a live product is called and costs, read from its document: carts and checkouts ask for it with every line.
    #[must_use]
    pub fn offered(&self, ordinal: Ordinal) -> Option<Offered> {
        serde_json::from_slice(&self.document(ordinal)?).ok()
    }

    /// The title of a live product, read from its document without what stands behind it.
    #[must_use]
    pub fn title(&self, ordinal: Ordinal) -> Option<String> {
        let (document, mut title) = (self.document(ordinal)?, None);
        let read = serde_json::Deserializer::from_slice(&document).deserialize_map(UpToTitle(&mut title));
        // A document that goes on behind its title is a fault to the reader, and none to us.
        drop(read);
        title
    }

    /// The SKUs of a live product, in their order; none of one that is removed or never was.
    #[must_use]
    pub fn skus_of(&self, ordinal: Ordinal) -> Vec<Sku> {
        self.document(ordinal).map(|document| skus_of(&document).into_iter().collect()).unwrap_or_default()
    }

    /// Whether there is a product with this ordinal that is not removed.
    #[must_use]
    pub fn is_live(&self, ordinal: Ordinal) -> bool {
        match self.documents.get(&ordinal) {
            Some(newer) => newer.value.is_some(),
            None => self.base.as_ref().is_some_and(|base| !base.document(ordinal).is_empty()),
        }
    }

    /// Number of live products.
    #[must_use]
    pub fn products_count(&self) -> usize {
        self.live_count
    }

    /// The ordinal that the next new product will get.
    #[must_use]
    pub fn ordinals_end(&self) -> Ordinal {
        Ordinal(self.base_end() + self.ids.len() as u32)
    }

    pub(super) fn base_end(&self) -> u32 {
        self.base.as_ref().map_or(0, |base| base.ordinals_count)
    }

    /// The ordinals of all live products, ascending.
    pub fn live(&self) -> impl Iterator<Item = Ordinal> {
        (0..self.ordinals_end().0).map(Ordinal).filter(|&ordinal| self.is_live(ordinal))
    }

    /// How far into the journal this view reaches.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Writes everything, removed products' names included, to a checkpoint file; any thread may, while the writer goes on.
    ///
    /// # Errors
    /// When the file cannot be written; a former file of that name is then untouched.
    pub fn save(&self, path: &Path) -> Result<(), CatalogError> {
        let ordinals = || (0..self.ordinals_end().0).map(Ordinal);
        let ids: Vec<Option<ProductId>> = ordinals().map(|ordinal| self.id_of(ordinal)).collect();
        let base_skus = self.base.iter().flat_map(|base| base.skus());
        let kept = base_skus.filter(|(sku, _)| Sku::new(sku).is_ok_and(|sku| !self.skus.contains_key(&sku)));
        let newer = self.skus.iter().filter_map(|(sku, newer)| Some((sku.as_str(), newer.value?)));
        let mut skus: Vec<(&str, Ordinal)> = kept.chain(newer).collect();
        skus.sort_unstable();
        let documents = ordinals().map(|ordinal| self.document(ordinal).unwrap_or_default());
        let (live_count, settings, keys, progress) = (self.live_count, &self.settings, &self.keys, self.progress);
        base::write(path, documents, &Contents { ids: &ids, skus: &skus, live_count, settings, keys, progress })
    }
}

/// The SKUs of a document, without reading the rest of it.
pub(super) fn skus_of(document: &[u8]) -> BTreeSet<Sku> {
    #[derive(serde::Deserialize)]
    struct OnlyVariants {
        variants: Vec<OnlySku>,
    }
    #[derive(serde::Deserialize)]
    struct OnlySku {
        sku: Sku,
    }
    let read: Result<OnlyVariants, _> = serde_json::from_slice(document);
    read.map(|read| read.variants.into_iter().map(|variant| variant.sku).collect()).unwrap_or_default()
}

/// The bytes of a document, which stay readable for as long as this is held.
#[derive(Debug, Clone, Default)]
pub struct DocumentRef(Bytes);

#[derive(Debug, Clone, Default)]
enum Bytes {
    #[default]
    None,
    Base(Arc<Base>, Ordinal),
    Newer(Document),
}

impl Deref for DocumentRef {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::None => &[],
            Bytes::Base(base, ordinal) => base.document(*ordinal),
            Bytes::Newer(document) => &document.0,
        }
    }
}

impl AsRef<[u8]> for DocumentRef {
    fn as_ref(&self) -> &[u8] {
        self
    }
}
/// Reads the members of a document until the title is there; in canonical documents it is the second.
struct UpToTitle<'t>(&'t mut Option<String>);

impl<'de> Visitor<'de> for UpToTitle<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a product's document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<&str>()? {
            if name == "title" {
                *self.0 = Some(members.next_value()?);
                return Ok(());
            }
            members.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
