//! A generation, opened: its parts, and the proof that it is whole and finds what it should.

use super::failed;
use super::infixes::Infixes;
use super::manifest::{GenerationId, Manifest, current, folder_of, previous};
use super::segment::Segment;
use super::text_index::{TermGroup, TextIndex, TextQuery};
use super::titles::Titles;
use crate::id::Ordinal;
use crate::model::ModelError;
use crate::model::ann::Neighbours;
use crate::search::completions::Completions;
use crate::search::stop_words::{StopWords, TITLES_MAX};
use crate::search::vocabulary::Vocabulary;
use crate::search::{Columns, SearchError};
use crate::stdx::digest::{blake3, blake3_of, hex, short};
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use crate::stdx::section::Section;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

pub(super) const TEXT: &str = "text";
pub(super) const COLUMNS: &str = "columns.bin";
pub(super) const VOCABULARY: &str = "vocabulary.bin";
pub(super) const COMPLETIONS: &str = "completions.bin";
pub(super) const STAMPS: &str = "stamps.bin";
pub(super) const VECTORS: &str = "vectors.bin";
pub(super) const TITLES: &str = "titles.bin";
pub(super) const INFIXES: &str = "infixes.bin";
const STAMPS_KIND: [u8; 4] = *b"stmp";

/// An open generation.
pub(super) struct Generation {
    pub(super) manifest: Manifest,
    pub(super) segment: Arc<Segment>,
    pub(super) columns: Columns,
    pub(super) vocabulary: Vocabulary,
    pub(super) completions: Completions,
    pub(super) vectors: Option<Arc<Neighbours>>,
    pub(super) titles: Titles,
    infixes: Infixes,
    pub(super) stamps: Stamps,
}

/// The generation in use, opened, or the one before it when that one cannot be opened; nothing when neither can.
pub struct Standing(pub(super) Option<Generation>);

impl Standing {
    /// Opens it. It depends on nothing but its own files.
    #[must_use]
    pub fn open(index_folder: &Path) -> Self {
        let candidates = current(index_folder).into_iter().chain(previous(index_folder));
        Self(candidates.into_iter().find_map(|id| {
            let warn = |error: &SearchError| tracing::warn!(%id, %error, "a generation cannot be opened");
            Generation::open(index_folder, id).inspect_err(warn).ok()
        }))
    }
}

impl Generation {
    /// Opens a generation after comparing the lengths of its files; contents are mapped, not read.
    ///
    /// # Errors
    /// When a file is missing, cut short, or not what it should be.
    pub(super) fn open(index_folder: &Path, id: GenerationId) -> Result<Self, SearchError> {
        let manifest = Manifest::read(index_folder, id)?;
        let folder = folder_of(index_folder, id);
        for (name, facts) in &manifest.files {
            let bytes = std::fs::metadata(folder.join(name)).map_err(failed(&format!("{id}/{name}")))?.len();
            if bytes != facts.bytes {
                return Err(failed(&format!("{id}/{name}"))(format!("{bytes} bytes where {} were written", facts.bytes)));
            }
        }
        // Columns are linked anew, which takes as long as all else together.
        let (columns, others) = rayon::join(|| Columns::load(&folder.join(COLUMNS)), || Self::without_columns(manifest, &folder));
        Ok(Self { columns: columns?, ..others? })
    }

    fn without_columns(manifest: Manifest, folder: &Path) -> Result<Self, SearchError> {
        // Words do not need vectors: a generation whose vectors cannot be read, or were written in an older form, goes on without.
        let vectors = manifest.embeddings.as_ref().and_then(|_| {
            let off = |reason: &ModelError| tracing::warn!(generation = %manifest.id, %reason, "vectors are off until the next build");
            Neighbours::open(&folder.join(VECTORS)).inspect_err(off).ok()
        });
        Ok(Self {
            segment: Arc::new(Segment::open(&folder.join(TEXT))?),
            columns: Columns::new(),
            vocabulary: Vocabulary::open(&folder.join(VOCABULARY))?,
            completions: Completions::open(&folder.join(COMPLETIONS))?,
            vectors: vectors.map(Arc::new),
            titles: Titles::open(&folder.join(TITLES))?,
            infixes: Infixes::open(&folder.join(INFIXES))?,
            stamps: Stamps::open(&folder.join(STAMPS))?,
            manifest,
        })
    }

    /// The generation's products as a text index without live changes.
    pub(super) fn text(&self) -> TextIndex {
        TextIndex {
            segment: Some(Arc::clone(&self.segment)),
            vocabulary: self.vocabulary.clone(),
            infixes: self.infixes.clone(),
            ..TextIndex::default()
        }
    }

    /// The words that join others in the titles, learnt from a sample of them.
    pub(super) fn stop_words(&self) -> StopWords {
        let live = self.columns.live();
        let step = (live.len() as usize / TITLES_MAX).max(1);
        StopWords::learn(live.iter().step_by(step).map(|ordinal| self.titles.words(Ordinal(ordinal))))
    }

    /// Compares the parts with each other and lets every canary query find its product.
    fn check(&self) -> Result<(), SearchError> {
        let broken = |what: String| failed(&self.manifest.id.to_string())(what);
        let expected = self.manifest.products_count;
        for (part, count) in [("text", self.segment.docs_count()), ("columns", self.columns.live().len())] {
            if count != expected {
                return Err(broken(format!("{part} has {count} products where {expected} were written")));
            }
        }
        let text = self.text();
        for canary in &self.manifest.canaries {
            let groups: Vec<TermGroup> = canary.terms.iter().map(TermGroup::exactly).collect();
            let query = TextQuery { required: groups.len(), groups };
            let mut found = false;
            text.matches(&query, &mut |matched| found |= matched.ordinal == canary.product && matched.score > 0.0)?;
            if !found {
                return Err(broken(format!("the words {:?} do not find product {}", canary.terms, canary.product.0)));
            }
        }
        Ok(())
    }
}

/// Compares every file of a generation with its digest, the parts with each other, and lets its canary queries find their products.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify_generation(index_folder: &Path, id: GenerationId) -> Result<Manifest, SearchError> {
    let generation = Generation::open(index_folder, id)?;
    let folder = folder_of(index_folder, id);
    for (name, facts) in &generation.manifest.files {
        let part = format!("{id}/{name}");
        let digest = File::open(folder.join(name)).and_then(blake3_of).map_err(failed(&part))?;
        if hex(&digest) != facts.blake3 {
            return Err(failed(&part)("its bytes are not those that were written"));
        }
    }
    generation.check()?;
    Ok(generation.manifest)
}

/// What each product's document was when a generation was built: a 64-bit digest by ordinal, 0 for none. Comparing it with the catalogue's
/// documents tells which products a generation is behind on, whatever the journal still holds. Beside it what each product said (`wording`), likewise; a
/// generation of an older build does not say that. By default of no generation: every product is news.
#[derive(Debug, Clone, Default)]
pub(super) struct Stamps {
    documents: Section<u64>,
    wordings: Section<u64>,
}

impl Stamps {
    /// The stamp of a document.
    pub(super) fn of(document: &[u8]) -> u64 {
        short(&blake3(&[document])).max(1)
    }

    /// Writes the stamps of documents and wordings.
    pub(super) fn write(path: &Path, documents: &[u64], wordings: &[u64]) -> Result<(), SearchError> {
        write_sections(path, STAMPS_KIND, &[as_bytes(documents), as_bytes(wordings)]).map_err(failed(STAMPS))
    }

    fn open(path: &Path) -> Result<Self, SearchError> {
        let file = Arc::new(MappedFile::open(path, STAMPS_KIND).map_err(failed(STAMPS))?);
        let documents = Section::of(&file, 0).map_err(failed(STAMPS))?;
        Ok(Self { documents, wordings: Section::of(&file, 1).unwrap_or_default() })
    }

    /// The stamp of a product.
    pub(super) fn get(&self, ordinal: Ordinal) -> u64 {
        self.documents.get(ordinal.index()).copied().unwrap_or(0)
    }

    /// What a product said; 0 where that is not known.
    pub(super) fn wording(&self, ordinal: Ordinal) -> u64 {
        self.wordings.get(ordinal.index()).copied().unwrap_or(0)
    }

    /// One past the last ordinal.
    pub(super) fn end(&self) -> u32 {
        self.documents.len() as u32
    }
}
