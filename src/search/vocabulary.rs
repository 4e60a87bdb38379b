//! The words of the shop: how many products hold each, and which words begin with what was typed.
//!
//! The generation's words stand in a transducer on a mapped file; words of products that changed since come from the live index. The file
//! is drawn in `docs/FORMATS.md`.

use super::SearchError;
use super::costed::Costed;
use super::index::{LiveEndings, LiveTerms};
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use crate::text::{self, Language};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"vocb";
/// Counts are kept up to this; a word in more products is as frequent as can be.
const COUNT_MAX: u64 = (1 << 24) - 1;
/// Live words that are looked at for one completion.
const LIVE_WORDS_MAX: usize = 20_000;
/// How often a word stands in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct WordCounts {
    /// Products that hold it anywhere.
    pub products: u64,
    /// Products that hold it in their title.
    pub titles: u64,
}

fn cost_of(count: u64) -> u64 {
    COUNT_MAX - count.min(COUNT_MAX)
}

fn count_of(cost: u64) -> u64 {
    COUNT_MAX - cost.min(COUNT_MAX)
}

impl WordCounts {
    /// The rarer, the costlier; the titles only decide between equals.
    fn cost(self) -> u64 {
        ((COUNT_MAX - self.products.min(COUNT_MAX)) << 24) | (COUNT_MAX - self.titles.min(COUNT_MAX))
    }

    fn of_cost(cost: u64) -> Self {
        Self { products: COUNT_MAX - (cost >> 24).min(COUNT_MAX), titles: COUNT_MAX - (cost & COUNT_MAX) }
    }
}

/// What is counted of words while a generation is built.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted<'a> {
    /// Terms.
    pub(super) words: &'a BTreeMap<String, WordCounts>,
    /// How many titles hold each pair of neighbouring terms, joined by a space.
    pub(super) pairs: &'a BTreeMap<String, u64>,
    /// How many products hold each word as it is written.
    pub(super) written: &'a BTreeMap<String, u64>,
}

/// The words of one generation and of the live products beside it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    words: Option<Costed>,
    pairs: Option<Costed>,
    written: Option<Costed>,
    /// Stems backwards, behind the code of their language, in languages that put words together; words of katakana backwards.
    endings: Option<Costed>,
    occurrences_count: u64,
    live: LiveTerms,
    live_endings: LiveEndings,
}

impl Vocabulary {
    /// Writes the words of a generation, and of the terms the endings in these languages.
    pub(super) fn write(path: &Path, counted: Counted<'_>, languages: &[Language]) -> Result<(), SearchError> {
        let Counted { words, pairs, written } = counted;
        let failed = |error| SearchError::Index(format!("vocabulary: {error}"));
        let costed = |counts: &BTreeMap<String, u64>| Costed::encode(counts.iter().map(|(key, &count)| (key.clone(), cost_of(count))));
        let endings = costed(&endings(words, languages)).map_err(failed)?;
        let words = Costed::encode(words.iter().map(|(word, counts)| (word, counts.cost()))).map_err(failed)?;
        let pairs = costed(pairs).map_err(failed)?;
        let occurrences_count = written.values().sum::<u64>();
        let written = costed(written).map_err(failed)?;
        let occurrences_count = [occurrences_count];
        let sections: [&[u8]; 5] = [&words, &pairs, &written, as_bytes(&occurrences_count), &endings];
        write_sections(path, KIND, &sections).map_err(|error| failed(error.to_string()))
    }

    /// Opens the words of a generation.
    ///
    /// # Errors
    /// When the file is missing or damaged.
    pub(super) fn open(path: &Path) -> Result<Self, SearchError> {
        let failed = |error| SearchError::Index(format!("vocabulary: {error}"));
        let file = Arc::new(MappedFile::open(path, KIND).map_err(|error| failed(error.to_string()))?);
        let words = Costed::open(&file, 0).map_err(failed)?;
        let pairs = Costed::open(&file, 1).map_err(failed)?;
        let written = Costed::open(&file, 2).map_err(failed)?;
        let occurrences = file.slice::<u64>(3).map_err(|error| failed(error.to_string()))?;
        let occurrences_count = occurrences.first().copied().unwrap_or_default();
        // A generation may be older than this section: its words end with nothing until the next build.
        let endings = Costed::open(&file, 4).ok();
        Ok(Self { words: Some(words), pairs: Some(pairs), written: Some(written), endings, occurrences_count, ..Self::default() })
    }

    /// The same words beside other live ones.
    pub(super) fn with_live(&self, live: LiveTerms, live_endings: LiveEndings) -> Self {
        Self { live, live_endings, ..self.clone() }
    }

    /// How often a term stands in the catalogue. A product that changed since the generation may count twice.
    #[must_use]
    pub fn counts(&self, term: &str) -> WordCounts {
        let mut counts = self.words.as_ref().and_then(|words| words.get(term)).map(WordCounts::of_cost).unwrap_or_default();
        counts.products += self.live.get(term).map_or(0, |postings| postings.len());
        counts
    }

    /// How many products hold a term.
    #[must_use]
    pub fn df(&self, term: &str) -> u64 {
        self.counts(term).products
    }

    /// How many titles say a term. Of live products nobody knows where they hold it, and each counts.
    #[must_use]
    pub fn titles_count(&self, term: &str) -> u64 {
        let standing = self.words.as_ref().and_then(|words| words.get(term)).map_or(0, |cost| WordCounts::of_cost(cost).titles);
        standing + self.live.get(term).map_or(0, |postings| postings.len())
    }

    /// How many products of the generation hold a term, those that changed since counted as they were.
    #[must_use]
    pub(super) fn standing_df(&self, term: &str) -> u64 {
        self.words.as_ref().and_then(|words| words.get(term)).map_or(0, |cost| WordCounts::of_cost(cost).products)
    }

    /// How many titles hold the two terms next to each other.
    #[must_use]
    pub fn pair_titles_count(&self, first: &str, second: &str) -> u64 {
        let cost = self.pairs.as_ref().and_then(|pairs| pairs.get(&format!("{first} {second}")));
        cost.map_or(0, count_of)
    }

    /// The terms that most titles hold right behind a term, at most `count`.
    pub(super) fn followers(&self, first: &str, count: usize) -> Vec<String> {
        self.said_behind(first, "", count)
    }

    /// The terms that begin so and that most titles hold right behind a term, at most `count`.
    pub(super) fn said_behind(&self, first: &str, beginning: &str, count: usize) -> Vec<String> {
        let pairs = self.pairs.iter().flat_map(|pairs| pairs.complete(&format!("{first} {beginning}"), count));
        pairs.filter_map(|(pair, _)| pair.split_once(' ').map(|(_, second)| second.to_owned())).collect()
    }

    /// How many products hold a word as it is written, folded. Live products are known by their terms only, which stand for the word in
    /// the singular.
    #[must_use]
    pub fn written_count(&self, written: &str) -> u64 {
        let held = self.written.as_ref().and_then(|words| words.get(written)).map_or(0, count_of);
        held + self.live.get(written).map_or(0, |postings| postings.len())
    }

    /// The counts of all words as written added up.
    #[must_use]
    pub fn occurrences_count(&self) -> u64 {
        self.occurrences_count + self.live.len() as u64
    }

    /// How many products hold the most frequent word of the generation that begins so, as written.
    pub(super) fn most_frequent(&self, beginning: &str) -> u64 {
        self.written.as_ref().and_then(|words| words.least(beginning)).map_or(0, count_of)
    }

    /// The words of the generation as written, when there is one.
    pub(super) fn written(&self) -> Option<&Costed> {
        self.written.as_ref()
    }

    /// The terms of live products.
    pub(super) fn live(&self) -> &LiveTerms {
        &self.live
    }

    /// At most `count` keys of words that end so, the word itself left out: of the most frequent of the generation, and of some live ones.
    pub(super) fn endings(&self, ending: &str, count: usize) -> Vec<String> {
        let standing = self.endings.iter().flat_map(|endings| endings.complete(ending, count + 1)).map(|(key, _)| key);
        let live = self.live_endings.range(Arc::<str>::from(ending)..).take_while(|key| key.starts_with(ending));
        let mut found: Vec<String> = standing.collect();
        for key in live.take(count + 1) {
            if !found.iter().any(|known| **known == **key) {
                found.push(key.to_string());
            }
        }
        found.retain(|key| key.len() > ending.len());
        found.truncate(count);
        found
    }

    /// The `count` most frequent terms that begin with `prefix`, most frequent first. Terms are kept in the singular, so the beginning of
    /// a plural such as "batterie" finds its singular too.
    #[must_use]
    pub fn complete(&self, prefix: &str, count: usize) -> Vec<String> {
        let mut found = self.completions(prefix, count);
        if let Some(stem) = prefix.strip_suffix("ie").or_else(|| prefix.strip_suffix('i')).filter(|stem| stem.len() > 2) {
            found.extend(self.completions(&format!("{stem}y"), 1).into_iter().filter(|(word, _)| word.len() == stem.len() + 1));
        }
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(count);
        found.into_iter().map(|(word, _)| word).collect()
    }

    /// The terms that most titles of the generation say as what a product is, with how many do; at most `count`.
    pub(super) fn things(&self, count: usize) -> Vec<(String, u64)> {
        let mark = text::marked_thing("");
        let held = self.words.iter().flat_map(|words| words.complete(&mark, count));
        let thing = |(marked, cost): (String, u64)| {
            let term = marked.strip_prefix(&mark).filter(|term| !text::is_marked(term))?;
            Some((term.to_owned(), WordCounts::of_cost(cost).products))
        };
        held.filter_map(thing).collect()
    }

    fn completions(&self, prefix: &str, count: usize) -> Vec<(String, u64)> {
        let mut found: BTreeMap<String, u64> = BTreeMap::new();
        for (word, cost) in self.words.iter().flat_map(|words| words.complete(prefix, count)) {
            // Stems of languages are nothing that anybody would type on.
            if !text::is_marked(&word) {
                found.insert(word, WordCounts::of_cost(cost).products);
            }
        }
        let live = self.live.range(Arc::<str>::from(prefix)..).take_while(|(word, _)| word.starts_with(prefix));
        for (word, postings) in live.take(LIVE_WORDS_MAX) {
            *found.entry(word.to_string()).or_default() += postings.len();
        }
        found.into_iter().collect()
    }
}

/// The endings of terms, with how many products hold each; a stem and the word that is its own stem are held apart.
fn endings(words: &BTreeMap<String, WordCounts>, languages: &[Language]) -> BTreeMap<String, u64> {
    let katakana = |(word, counts): (&String, &WordCounts)| Some((text::katakana_ending(word)?, counts.products));
    let mut endings: BTreeMap<String, u64> = words.iter().filter_map(katakana).collect();
    for language in languages.iter().filter(|language| language.puts_words_together()) {
        for (word, counts) in words {
            if let Some(ending) = language.ending_of(word) {
                *endings.entry(ending).or_default() += counts.products;
            }
        }
    }
    endings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(words: &[(&str, u64)], pairs: &[(&str, u64)]) -> (Vocabulary, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vocabulary.bin");
        let words = words.iter().map(|&(word, products)| (word.to_owned(), WordCounts { products, titles: products / 2 })).collect();
        let pairs = pairs.iter().map(|&(pair, titles)| (pair.to_owned(), titles)).collect();
        let written = BTreeMap::from([("lamps".to_owned(), 7), ("desk".to_owned(), 3)]);
        let counted = Counted { words: &words, pairs: &pairs, written: &written };
        Vocabulary::write(&path, counted, &[Language::German]).expect("writes");
        (Vocabulary::open(&path).expect("opens"), folder)
    }

    #[test]
    fn counts_come_back() {
        let (words, _folder) = vocabulary(&[("lamp", 40), ("desk", COUNT_MAX + 5)], &[("desk lamp", 3)]);
        assert_eq!(words.counts("lamp"), WordCounts { products: 40, titles: 20 });
        assert_eq!((words.df("desk"), words.df("chair")), (COUNT_MAX, 0));
        assert_eq!((words.written_count("lamps"), words.written_count("lamp"), words.occurrences_count()), (7, 0, 10));
        assert_eq!((words.pair_titles_count("desk", "lamp"), words.pair_titles_count("lamp", "desk")), (3, 0));
    }

    #[test]
    fn stems_are_found_by_their_end() {
        let words = [
            ("~dewanderschuh", 5),
            ("laufschuh", 2),
            ("hausschuh", 9),
            ("schuhcreme", 4),
            ("wanderschuhe", 5),
            ("schuh", 3),
            ("ワイヤレスイヤホン", 2),
        ];
        let (words, _folder) = vocabulary(&words, &[]);
        let check = |words: &Vocabulary, language: Language, count: usize, expected: &[&str]| {
            let keys = words.endings(&language.ending("schuh"), count);
            assert_eq!(keys.iter().filter_map(|key| language.stem_behind(key)).collect::<Vec<_>>(), expected);
        };
        check(&words, Language::German, 9, &["hausschuh", "wanderschuh", "laufschuh"]);
        check(&words, Language::German, 2, &["hausschuh", "wanderschuh"]);
        check(&words, Language::Dutch, 9, &[]);
        assert_eq!(words.endings("ンホヤイ", 9), ["ンホヤイスレヤイワ"]);
        let live = ["latschenschuh", "hausschuh"].map(|stem| Arc::<str>::from(Language::German.ending(stem))).into_iter().collect();
        let words = words.with_live(LiveTerms::default(), live);
        check(&words, Language::German, 9, &["hausschuh", "wanderschuh", "laufschuh", "latschenschuh"]);
    }

    #[test]
    fn a_prefix_is_completed_by_the_most_frequent_words() {
        let (words, _folder) = vocabulary(&[("battery", 40), ("bat", 2), ("bath", 60), ("bathroom", 9), ("car", 99)], &[]);
        assert_eq!(words.complete("bat", 3), ["bath", "battery", "bathroom"]);
        assert_eq!((words.complete("batteri", 3), words.complete("batterie", 3)), (vec!["battery".to_owned()], vec!["battery".to_owned()]));
        assert_eq!(words.complete("", 1), ["car"]);
        assert!(words.complete("dog", 3).is_empty());
    }
}
