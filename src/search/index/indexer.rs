//! The one writer of the index: applies catalog entries to the overlay, publishes snapshots, and swaps generations.

use super::changes::Changes;
use super::failed;
use super::generation::{Generation, Stamps, Standing};
use super::impact::AverageLengths;
use super::manifest::{GenerationId, Manifest, current};
use super::text_index::{TermGroup, TextIndex, TextQuery};
use super::thing_words::ThingWords;
use super::titles::{Titles, word_number};
use super::vectors::Vectors;
use crate::catalog::{CatalogSnapshot, Product};
use crate::event::{CatalogEvent, Events, Progress, Recorded, Stream};
use crate::id::Ordinal;
use crate::model::embedding::Embeddings;
use crate::search::completions::Completions;
use crate::search::heard::Hearsay;
use crate::search::intent::Lexicon;
use crate::search::ranking::Weights;
use crate::search::stop_words::StopWords;
use crate::search::{Columns, Languages, SearchError, Vocabulary};
use crate::stdx::digest::hex;
use crate::stdx::published::Published;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Products that one word of a pair may have for the titles of those with both to be looked at.
const PAIRED_MAX: u64 = 100;

/// Fewer products than this are searched as they lie, with a generation or without.
const CHANGED_MIN: u64 = 500;
/// Of so many a tenth of a shop is worth a new generation.
const CHANGED_MANY: u64 = 5_000;

/// So many times the shop may be put since a generation before a new one is worth building though no word is new: a start stages all of it.
const PUT_TIMES_MAX: u64 = 16;

/// What the index may use.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The embeddings that queries and live products are embedded with; vectors of a generation that was built with others are not used.
    pub embeddings: Option<Arc<Embeddings>>,
    /// Which language each marketplace reads.
    pub languages: Arc<Languages>,
}

/// Everything that a search reads, as of one commit. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct SearchSnapshot {
    /// Facts by product and by value.
    pub columns: Columns,
    /// Words to products.
    pub text: TextIndex,
    /// Words.
    pub vocabulary: Vocabulary,
    /// Words of titles in order.
    pub titles: Titles,
    /// Names of brands, categories and other values.
    pub lexicon: Lexicon,
    /// Words that say nothing in this shop.
    pub stop_words: StopWords,
    /// Words that are things by themselves in this shop.
    pub thing_words: ThingWords,
    /// Weights of ranking.
    pub weights: Arc<Weights>,
    /// Meanings, when there are embeddings.
    pub vectors: Option<Vectors>,
    /// Phrases and categories, for suggestions.
    pub completions: Completions,
    /// Which language each marketplace reads.
    pub languages: Arc<Languages>,
    /// The generation underneath, if there is one.
    pub generation: Option<GenerationId>,
    /// Which products changed lately.
    pub changes: Changes,
    /// What was asked lately, and what it found.
    pub heard: Hearsay,
}

impl SearchSnapshot {
    /// The same with other weights of ranking.
    #[must_use]
    pub fn weighted(&self, weights: Weights) -> Self {
        Self { weights: Arc::new(weights), ..self.clone() }
    }

    /// Whether some title holds two terms side by side of which one is rare: pairs that one title holds are not counted, nor are those of live
    /// products. Looks at the titles.
    #[must_use]
    pub fn has_rare_pair(&self, first: &str, second: &str) -> bool {
        self.has_title_with(first, second, |words, pair| words.windows(2).any(|words| words == pair))
    }

    /// The same with one word between them: `usb-c cable`.
    #[must_use]
    pub fn has_rare_pair_apart(&self, first: &str, second: &str) -> bool {
        self.has_title_with(first, second, |words, pair| words.windows(3).any(|words| [words[0], words[2]] == *pair))
    }

    /// Whether some title holds these terms one behind the other. Looks at the titles that hold all of them.
    #[must_use]
    pub fn has_title_saying(&self, terms: &[&str]) -> bool {
        let numbers: Vec<u32> = terms.iter().map(|term| word_number(term)).collect();
        let groups: Vec<TermGroup> = terms.iter().map(|term| TermGroup::exactly(*term)).collect();
        let mut has = numbers.is_empty();
        let says = |ordinal| self.titles.words(ordinal).windows(numbers.len()).any(|words| words == numbers);
        let read = self.text.matches(&TextQuery { required: groups.len(), groups }, &mut |found| has = has || says(found.ordinal));
        has && read.is_ok()
    }

    fn has_title_with(&self, first: &str, second: &str, is_it: impl Fn(&[u32], &[u32; 2]) -> bool) -> bool {
        if self.vocabulary.df(first).min(self.vocabulary.df(second)) > PAIRED_MAX {
            return false;
        }
        let pair = [word_number(first), word_number(second)];
        let query = TextQuery { groups: vec![TermGroup::exactly(first), TermGroup::exactly(second)], required: 2 };
        let mut has = false;
        let read = self.text.matches(&query, &mut |found| {
            has = has || is_it(self.titles.words(found.ordinal), &pair);
        });
        has && read.is_ok()
    }
}

/// Where readers find the newest snapshot.
#[derive(Debug, Default)]
pub struct SearchIndex(Published<SearchSnapshot>);

impl SearchIndex {
    /// The newest snapshot; it stays as it is for as long as it is held.
    pub fn snapshot(&self) -> Arc<SearchSnapshot> {
        self.0.take()
    }
}

/// The writer.
#[derive(Debug)]
pub struct Indexer {
    folder: PathBuf,
    options: Options,
    published: Arc<SearchIndex>,
    pub(super) working: SearchSnapshot,
    pub(super) average_lengths: AverageLengths,
    /// What products were when the generation was built.
    pub(super) stamps: Stamps,
    /// What those say that were put since and said something else (`wording`); 0 of those that were removed.
    pub(super) reworded: HashMap<Ordinal, u64>,
    /// Entries of products since the generation, as far as this process applied them.
    applied_count: u64,
    progress: Progress,
    pub(super) changed: bool,
}

impl Indexer {
    /// Opens the generation in use and publishes it.
    ///
    /// Changes since the generation come by [`Indexer::apply`], from [`Indexer::progress`] on. When the generation in use is damaged the one
    /// before it is opened; when there is none, or the generation reaches further than the catalogue, the index is brought up to `catalog`,
    /// which reaches up to `progress`, at once.
    ///
    /// # Errors
    /// When the index cannot be read for another reason than a damaged generation.
    pub fn open(
        index_folder: &Path,
        catalog: &CatalogSnapshot,
        progress: Progress,
        options: Options,
    ) -> Result<(Self, Arc<SearchIndex>), SearchError> {
        Self::open_on(Standing::open(index_folder), index_folder, catalog, progress, options)
    }

    /// The same with the generation in use as it was opened before, beside other work.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn open_on(
        standing: Standing,
        index_folder: &Path,
        catalog: &CatalogSnapshot,
        progress: Progress,
        options: Options,
    ) -> Result<(Self, Arc<SearchIndex>), SearchError> {
        let published = Arc::new(SearchIndex::default());
        let languages = Arc::clone(&options.languages);
        let mut indexer = Self {
            folder: index_folder.to_owned(),
            options,
            published: Arc::clone(&published),
            working: SearchSnapshot { languages, ..SearchSnapshot::default() },
            average_lengths: AverageLengths::default(),
            stamps: Stamps::default(),
            reworded: HashMap::new(),
            applied_count: 0,
            progress,
            changed: true,
        };
        match standing.0 {
            Some(generation) if generation.manifest.progress.catalog <= progress.catalog => {
                indexer.progress = generation.manifest.progress;
                indexer.stand_on(&generation);
            }
            Some(generation) => {
                indexer.stand_on(&generation);
                indexer.stage_differences(catalog);
            }
            None => {
                indexer.working.vectors = indexer.options.embeddings.clone().map(|embeddings| Vectors::new(embeddings, None));
                indexer.stage_differences(catalog);
            }
        }
        indexer.commit();
        Ok((indexer, published))
    }

    /// How far the index reaches into the journal: entries of the catalog stream are expected from here on.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// The generation underneath, if there is one.
    #[must_use]
    pub fn generation(&self) -> Option<GenerationId> {
        self.working.generation
    }

    /// Products that say something else than when the generation was built, or are gone: new prices and ratings are in the columns alone.
    #[must_use]
    pub fn overlay_count(&self) -> u64 {
        self.reworded.len() as u64
    }

    /// Whether so many products say something else that a new generation is worth building, or so much was put that a start would take long.
    #[must_use]
    pub fn wants_rebuild(&self) -> bool {
        let all = self.working.columns.live().len();
        is_worth_building(self.overlay_count(), all) || is_long_to_stage(self.applied_count, all)
    }

    /// Ranks with other weights from the next commit on.
    pub fn set_weights(&mut self, weights: Weights) {
        self.working.weights = Arc::new(weights);
        self.changed = true;
    }

    /// Uses other embeddings from the next [`Indexer::swap`] on.
    pub fn set_embeddings(&mut self, embeddings: Option<Arc<Embeddings>>) {
        self.options.embeddings = embeddings;
    }

    /// Stages what one entry of the catalog stream says; entries of other streams and those already applied are ignored.
    pub fn apply(&mut self, recorded: &Recorded) {
        let Events::Catalog(events) = &recorded.events else { return };
        if recorded.offset < self.progress.catalog {
            return;
        }
        self.applied_count += events.len() as u64;
        for event in events {
            match event {
                CatalogEvent::ProductPut { ordinal, id, document } => match Product::from_document(&document.0) {
                    Ok(product) => self.stage_put(*ordinal, &product),
                    Err(error) => {
                        tracing::warn!(%id, %error, "a document cannot be read; the product is not searchable");
                        self.stage_remove(*ordinal);
                    }
                },
                CatalogEvent::ProductRemoved { ordinal, .. } => self.stage_remove(*ordinal),
                CatalogEvent::SettingPut { .. } | CatalogEvent::SettingRemoved { .. } | CatalogEvent::KeyUsed { .. } => {}
            }
        }
        self.progress.advance(Stream::Catalog, recorded.offset.plus(1));
    }

    /// Makes everything staged visible to readers. Costs nothing when nothing is.
    pub fn commit(&mut self) {
        if !self.changed {
            return;
        }
        let overlay = &self.working.text.overlay;
        self.working.vocabulary = self.working.vocabulary.with_live(overlay.terms().clone(), overlay.endings().clone());
        self.working.text.vocabulary = self.working.vocabulary.clone();
        self.working.lexicon.learn(self.working.columns.dictionary());
        self.working.changes.advance();
        self.published.0.swap(self.working.clone());
        self.changed = false;
    }

    /// Puts another generation underneath, stages every product whose document is not what that generation was built from, and publishes.
    /// Readers keep the snapshots they hold.
    ///
    /// # Errors
    /// When the generation cannot be opened; the index then goes on as it was.
    pub fn swap(&mut self, generation: GenerationId, catalog: &CatalogSnapshot) -> Result<(), SearchError> {
        let generation = Generation::open(&self.folder, generation)?;
        self.stand_on(&generation);
        self.stage_differences(catalog);
        self.commit();
        Ok(())
    }

    /// Starts from a generation as it was built.
    fn stand_on(&mut self, generation: &Generation) {
        let heard = Hearsay::of_shop(generation.columns.live().len());
        self.working = SearchSnapshot {
            columns: generation.columns.clone(),
            text: generation.text(),
            vocabulary: generation.vocabulary.clone(),
            vectors: self.vectors_of(generation),
            completions: generation.completions.clone(),
            titles: generation.titles.clone(),
            lexicon: Lexicon::default(),
            stop_words: generation.stop_words(),
            thing_words: ThingWords::learn(&generation.vocabulary),
            weights: Arc::clone(&self.working.weights),
            languages: Arc::clone(&self.options.languages),
            generation: Some(generation.manifest.id),
            changes: Changes::default(),
            heard,
        };
        self.average_lengths = generation.manifest.average_lengths;
        self.stamps = generation.stamps.clone();
        self.reworded.clear();
        self.applied_count = 0;
        self.changed = true;
    }

    fn vectors_of(&self, generation: &Generation) -> Option<Vectors> {
        let embeddings = self.options.embeddings.as_ref()?;
        let made_with = generation.manifest.embeddings.as_ref()?;
        if *made_with != hex(&embeddings.digest()) {
            tracing::warn!(generation = %generation.manifest.id, "built with other embeddings: vectors are off until the next build");
            return None;
        }
        let graph = generation.vectors.as_ref()?;
        Some(Vectors::new(Arc::clone(embeddings), Some(Arc::clone(graph))))
    }
}

/// Whether so many of all products changed that a new generation is worth building: half of them, or a tenth where that is many.
fn is_worth_building(changed: u64, all: u64) -> bool {
    changed >= CHANGED_MIN && (changed >= all / 2 || changed >= CHANGED_MANY.max(all / 10))
}

/// Whether what was put since the generation is long to stage again.
fn is_long_to_stage(applied: u64, all: u64) -> bool {
    applied >= CHANGED_MANY.max(all.saturating_mul(PUT_TIMES_MAX))
}

impl Manifest {
    /// The manifest of the generation in use.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn current(index_folder: &Path) -> Result<Self, SearchError> {
        let id = current(index_folder).ok_or_else(|| failed("index")("no generation is in use"))?;
        Self::read(index_folder, id)
    }
}

#[cfg(test)]
mod tests {
    use super::{is_long_to_stage, is_worth_building};

    #[test]
    fn a_generation_is_built_when_much_of_a_shop_changed() {
        let check = |changed, all, expected| assert_eq!(is_worth_building(changed, all), expected, "{changed} of {all}");
        check(499, 499, false);
        check(500, 500, true);
        check(500, 2_000, false);
        check(1_000, 2_000, true);
        check(5_000, 12_000, true);
        check(5_000, 100_000, false);
        check(10_000, 100_000, true);
    }

    #[test]
    fn a_generation_is_built_when_the_whole_shop_was_put_again_and_again() {
        let check = |applied, all, expected| assert_eq!(is_long_to_stage(applied, all), expected, "{applied} of {all}");
        check(4_999, 10, false);
        check(5_000, 10, true);
        check(1_599_999, 100_000, false);
        check(1_600_000, 100_000, true);
    }
}
