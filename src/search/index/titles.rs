//! The words of every title in order, as numbers: what ranking looks at to see where and how a title says the words of a query.
//!
//! The generation's stand in a mapped file (drawn in `docs/FORMATS.md`): where the words of each ordinal end, and the words. Those of
//! products that changed since stand beside it. A word's number is a checksum of its term; two terms that share one are taken for the
//! same, which happens to one pair in four thousand million.

use super::failed;
use crate::catalog::Product;
use crate::id::Ordinal;
use crate::search::SearchError;
use crate::stdx::digest::crc32c;
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use crate::stdx::prefetch::call_for;
use crate::text;
use imbl::OrdMap;
use roaring::RoaringBitmap;
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"titl";
/// Words of a title that are kept; longer titles are lists of everything.
const WORDS_MAX: usize = 32;

/// The number of a term.
#[must_use]
pub fn word_number(term: &str) -> u32 {
    crc32c(term.as_bytes())
}

/// The words of a product's title.
pub(super) fn words_of(product: &Product) -> Vec<u32> {
    text::tokens(&product.title).iter().take(WORDS_MAX).map(|token| word_number(&token.term)).collect()
}

/// Gathers the titles of a generation, in ordinal order.
#[derive(Default)]
pub(super) struct Collector {
    ends: Vec<u32>,
    words: Vec<u32>,
}

impl Collector {
    pub(super) fn add(&mut self, ordinal: Ordinal, words: &[u32]) {
        self.ends.resize(ordinal.index(), self.words.len() as u32);
        self.words.extend(words);
        self.ends.push(self.words.len() as u32);
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), SearchError> {
        write_sections(path, KIND, &[as_bytes(&self.ends), as_bytes(&self.words)]).map_err(failed("titles"))
    }
}

/// The titles of all live products. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Titles {
    generation: Option<Arc<MappedFile>>,
    live: OrdMap<Ordinal, Arc<[u32]>>,
    /// Those that live beside the generation: asked before they are looked up.
    changed: Arc<RoaringBitmap>,
}

impl Titles {
    pub(super) fn open(path: &Path) -> Result<Self, SearchError> {
        let file = MappedFile::open(path, KIND).map_err(failed("titles"))?;
        let (ends, words) = (file.slice::<u32>(0).map_err(failed("titles"))?, file.slice::<u32>(1).map_err(failed("titles"))?);
        if !ends.is_sorted() || ends.last().is_some_and(|&end| end as usize != words.len()) {
            return Err(failed("titles")("ends do not fit the words"));
        }
        Ok(Self { generation: Some(Arc::new(file)), ..Self::default() })
    }

    pub(super) fn put(&mut self, ordinal: Ordinal, product: &Product) {
        self.set(ordinal, words_of(product).into());
    }

    pub(super) fn remove(&mut self, ordinal: Ordinal) {
        self.set(ordinal, Arc::from([]));
    }

    fn set(&mut self, ordinal: Ordinal, words: Arc<[u32]>) {
        self.live.insert(ordinal, words);
        Arc::make_mut(&mut self.changed).insert(ordinal.0);
    }

    /// The numbers of the first words of a product's title; none when there is no such product.
    #[must_use]
    pub fn words(&self, ordinal: Ordinal) -> &[u32] {
        self.words_in(self.sections(), ordinal)
    }

    /// [`Titles::words`] of many products, in their order. All that lies apart is called for before any of it is read.
    #[must_use]
    pub fn words_of_all(&self, products: impl Iterator<Item = Ordinal> + Clone) -> Gathered {
        let sections = self.sections();
        products.clone().filter_map(|ordinal| sections.0.get(ordinal.index()..=ordinal.index())).for_each(call_for);
        let place = |ordinal| {
            let words = self.words_in(sections, ordinal);
            call_for(words);
            words
        };
        let places: Vec<&[u32]> = products.map(place).collect();
        let mut gathered = Gathered { words: Vec::with_capacity(places.len() * WORDS_MAX), ends: Vec::with_capacity(places.len()) };
        for words in places {
            gathered.words.extend_from_slice(words);
            gathered.ends.push(gathered.words.len());
        }
        gathered
    }

    /// Where the words of each ordinal end, and the words.
    fn sections(&self) -> (&[u32], &[u32]) {
        let sections = self.generation.as_ref().and_then(|file| file.slice(0).ok().zip(file.slice(1).ok()));
        sections.unwrap_or_default()
    }

    fn words_in<'a>(&'a self, (ends, words): (&'a [u32], &'a [u32]), ordinal: Ordinal) -> &'a [u32] {
        if self.changed.contains(ordinal.0)
            && let Some(live) = self.live.get(&ordinal)
        {
            return live;
        }
        let end = |at: usize| ends.get(at).map(|&end| end as usize);
        let start = ordinal.index().checked_sub(1).map_or(Some(0), end);
        start.zip(end(ordinal.index())).and_then(|(start, end)| words.get(start..end)).unwrap_or_default()
    }
}

/// The words of several titles, one behind the other.
#[derive(Debug)]
pub struct Gathered {
    words: Vec<u32>,
    ends: Vec<usize>,
}

impl Gathered {
    /// The words of each.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.words[start..*end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(title: &str) -> Product {
        Product::from_document(format!(r#"{{"id":"a","title":"{title}","variants":[{{"sku":"a"}}]}}"#).as_bytes()).expect("a product")
    }

    #[test]
    fn titles_come_back_in_order_and_changes_hide_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("titles.bin");
        let mut collector = Collector::default();
        collector.add(Ordinal(1), &words_of(&product("Oak desk lamps")));
        collector.add(Ordinal(4), &words_of(&product("Lamp")));
        collector.write(&path).expect("writes");
        let mut titles = Titles::open(&path).expect("opens");
        let numbers = |terms: &[&str]| terms.iter().map(|term| word_number(term)).collect::<Vec<_>>();
        assert_eq!(titles.words(Ordinal(1)), numbers(&["oak", "desk", "lamp"]));
        assert_eq!((titles.words(Ordinal(0)).len(), titles.words(Ordinal(3)).len(), titles.words(Ordinal(9)).len()), (0, 0, 0));
        let gathered = titles.words_of_all([Ordinal(4), Ordinal(0), Ordinal(1)].into_iter());
        assert!(gathered.iter().eq([4, 0, 1].map(|ordinal| titles.words(Ordinal(ordinal)))));
        titles.put(Ordinal(4), &product("Red chair"));
        titles.remove(Ordinal(1));
        assert_eq!((titles.words(Ordinal(4)), titles.words(Ordinal(1))), (&*numbers(&["red", "chair"]), &[][..]));
    }
}
