//! The words of the shop: how many products hold each, which words begin with what was typed, and what a misspelled word was meant to be.
//!
//! The generation's words stand in a transducer on a mapped file; words of products that changed since come from the live index. The file
//! is drawn in `docs/FORMATS.md`.

use super::SearchError;
use super::costed::Costed;
use super::index::LiveTerms;
use super::spelling::Near;
use crate::stdx::mapped::{MappedFile, write_sections};
use crate::text;
use fst::{Automaton, IntoStreamer, Streamer};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"vocb";
/// Counts are kept up to this; a word in more products is as frequent as can be.
const COUNT_MAX: u64 = (1 << 24) - 1;
/// Live words that are looked at for one completion or correction.
const LIVE_WORDS_MAX: usize = 20_000;
/// Words of fewer letters have too many neighbours to be corrected.
const CORRECTED_CHARS_MIN: usize = 4;
/// Words from this length on may have two slips.
const TWO_SLIPS_CHARS_MIN: usize = 8;
/// Beginnings of fewer letters are not corrected.
const PREFIX_CHARS_MIN: usize = 3;
/// Words that are looked at for the correction of one beginning.
const PREFIX_WORDS_MAX: usize = 5_000;
/// Each half of a split word has at least as many letters.
const HALF_CHARS_MIN: usize = 3;

/// How often a word stands in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct WordCounts {
    /// Products that hold it anywhere.
    pub products: u64,
    /// Products that hold it in their title.
    pub titles: u64,
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

/// The words of one generation and of the live products beside it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    words: Option<Costed>,
    pairs: Option<Costed>,
    live: LiveTerms,
}

impl Vocabulary {
    /// Writes the words of a generation, and how many titles hold each pair of neighbouring words (joined by a space).
    pub(super) fn write(path: &Path, words: &BTreeMap<String, WordCounts>, pairs: &BTreeMap<String, u64>) -> Result<(), SearchError> {
        let failed = |error| SearchError::Index(format!("vocabulary: {error}"));
        let words = Costed::encode(words.iter().map(|(word, counts)| (word, counts.cost()))).map_err(failed)?;
        let pairs = Costed::encode(pairs.iter().map(|(pair, &titles)| (pair, COUNT_MAX - titles.min(COUNT_MAX)))).map_err(failed)?;
        write_sections(path, KIND, &[&words, &pairs]).map_err(|error| failed(error.to_string()))
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
        Ok(Self { words: Some(words), pairs: Some(pairs), live: LiveTerms::default() })
    }

    /// The same words beside other live ones.
    pub(super) fn with_live(&self, live: LiveTerms) -> Self {
        Self { live, ..self.clone() }
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

    /// How many titles hold the two terms next to each other.
    #[must_use]
    pub fn pair_titles_count(&self, first: &str, second: &str) -> u64 {
        let cost = self.pairs.as_ref().and_then(|pairs| pairs.get(&format!("{first} {second}")));
        cost.map_or(0, |cost| COUNT_MAX - cost)
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

    /// What a term that no product holds was probably meant to be: see [`Vocabulary::correct_between`], without neighbours.
    #[must_use]
    pub fn correct(&self, term: &str) -> Option<String> {
        self.correct_between(None, term, None)
    }

    /// What a term that no product holds was probably meant to be, given the terms before and after it: the nearest term; of equally near
    /// ones the one that titles hold next to its neighbours most often, then the most frequent. None for a term that some product holds,
    /// for one with a digit, for a short one, and when nothing is near.
    #[must_use]
    pub fn correct_between(&self, before: Option<&str>, term: &str, after: Option<&str>) -> Option<String> {
        let letters_count = term.chars().count();
        if letters_count < CORRECTED_CHARS_MIN || has_digit(term) || self.df(term) > 0 {
            return None;
        }
        let near = Near::new(term, if letters_count >= TWO_SLIPS_CHARS_MIN { 2 } else { 1 })?;
        let mut found = self.near(&near);
        found.extend(with_first_letters_swapped(term).map(|word| (1, self.counts(&word), word)));
        found.retain(|(_, counts, word)| counts.products > 0 && !has_digit(word));
        let together = |word: &str| {
            before.map_or(0, |before| self.pair_titles_count(before, word)) + after.map_or(0, |after| self.pair_titles_count(word, after))
        };
        let rank = |(distance, counts, word): (u8, WordCounts, String)| (Reverse(distance), together(&word), counts, Reverse(word));
        found.into_iter().map(rank).max().map(|(.., Reverse(word))| word)
    }

    /// What the misspelled beginning of a word may go on to: the most frequent term that begins within one slip of it. None for a
    /// beginning of fewer than [`PREFIX_CHARS_MIN`] letters, for one with a digit, and for one that some term begins with.
    #[must_use]
    pub fn correct_prefix(&self, prefix: &str) -> Option<String> {
        let long_enough = prefix.chars().count() >= PREFIX_CHARS_MIN;
        if !long_enough || has_digit(prefix) || !self.complete(prefix, 1).is_empty() {
            return None;
        }
        let near = Near::new(prefix, 1)?;
        let mut best: Option<(WordCounts, Reverse<String>)> = None;
        if let Some(words) = &self.words {
            let mut stream = words.fst().search(near.starts_with()).into_stream();
            let mut looked_at = 0;
            while let Some((word, cost)) = stream.next().filter(|_| looked_at < PREFIX_WORDS_MAX) {
                looked_at += 1;
                let Ok(word) = str::from_utf8(word) else { continue };
                best = best.max(Some((WordCounts::of_cost(cost.value()), Reverse(word.to_owned()))));
            }
        }
        best.map(|(_, Reverse(word))| word).filter(|word| !has_digit(word))
    }

    fn near(&self, near: &Near) -> Vec<(u8, WordCounts, String)> {
        let mut found = Vec::new();
        if let Some(words) = &self.words {
            let mut stream = words.fst().search(near).into_stream();
            while let Some((word, _)) = stream.next() {
                found.extend(str::from_utf8(word).ok().and_then(|word| Some((near.distance(word)?, self.counts(word), word.to_owned()))));
            }
        }
        let first: String = near.first_letter().into_iter().collect();
        let live = self.live.range(Arc::<str>::from(first.as_str())..).take_while(|(word, _)| word.starts_with(&first));
        for (word, _) in live.take(LIVE_WORDS_MAX) {
            found.extend(near.distance(word).map(|distance| (distance, self.counts(word), word.to_string())));
        }
        found
    }

    /// The two words that a term that no product holds was probably made of ("smokealarm"): both are held, best those that stand next to
    /// each other in most titles, then those of which the rarer is most frequent.
    #[must_use]
    pub fn split(&self, term: &str) -> Option<(String, String)> {
        if has_digit(term) || self.df(term) > 0 {
            return None;
        }
        let cuts = term.char_indices().map(|(at, _)| at).skip(HALF_CHARS_MIN);
        let halves = cuts.map(|at| term.split_at(at)).filter(|(_, second)| second.chars().count() >= HALF_CHARS_MIN);
        let worth = |first: &str, second: &str| (self.pair_titles_count(first, second), self.df(first).min(self.df(second)));
        let best = halves.map(|(first, second)| (worth(first, second), first, second)).filter(|(worth, ..)| worth.1 > 0).max();
        best.map(|(_, first, second)| (first.to_owned(), second.to_owned()))
    }

    /// The one word that two typed ones were probably meant to be ("wall paper"): more titles write it than write the two next to each
    /// other.
    #[must_use]
    pub fn join(&self, first: &str, second: &str) -> Option<String> {
        let joined = format!("{first}{second}");
        (self.counts(&joined).titles > self.pair_titles_count(first, second)).then_some(joined)
    }
}

fn has_digit(term: &str) -> bool {
    term.bytes().any(|byte| byte.is_ascii_digit())
}

/// The one slip in the first letter that is looked for: the first two letters in the wrong order.
fn with_first_letters_swapped(term: &str) -> Option<String> {
    let mut letters = term.chars();
    let (first, second) = (letters.next()?, letters.next()?);
    (first != second).then(|| [second, first].into_iter().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(words: &[(&str, u64)], pairs: &[(&str, u64)]) -> (Vocabulary, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vocabulary.bin");
        let words = words.iter().map(|&(word, products)| (word.to_owned(), WordCounts { products, titles: products / 2 })).collect();
        let pairs = pairs.iter().map(|&(pair, titles)| (pair.to_owned(), titles)).collect();
        Vocabulary::write(&path, &words, &pairs).expect("writes");
        (Vocabulary::open(&path).expect("opens"), folder)
    }

    #[test]
    fn counts_come_back() {
        let (words, _folder) = vocabulary(&[("lamp", 40), ("desk", COUNT_MAX + 5)], &[("desk lamp", 3)]);
        assert_eq!(words.counts("lamp"), WordCounts { products: 40, titles: 20 });
        assert_eq!((words.df("desk"), words.df("chair")), (COUNT_MAX, 0));
        assert_eq!((words.pair_titles_count("desk", "lamp"), words.pair_titles_count("lamp", "desk")), (3, 0));
    }

    #[test]
    fn misspelled_words_are_corrected_and_others_left_alone() {
        let (words, _folder) = vocabulary(&[("lamp", 40), ("lamb", 2), ("refrigerator", 9), ("damp", 50), ("lump", 41), ("p400", 3)], &[]);
        let check = |typed: &str, expected: Option<&str>| assert_eq!(words.correct(typed).as_deref(), expected, "{typed}");
        check("lamq", Some("lamp"));
        check("almp", Some("lamp"));
        check("lamb", None);
        check("refridgerater", Some("refrigerator"));
        check("lam", None);
        check("xamp", None);
        check("p40o", None);
        check("lammmp", None);
    }

    #[test]
    fn neighbours_decide_between_equally_near_words() {
        let (words, _folder) = vocabulary(&[("lamp", 40), ("lump", 90), ("desk", 9)], &[("desk lamp", 3)]);
        assert_eq!(words.correct_between(Some("desk"), "lzmp", None).as_deref(), Some("lamp"));
        assert_eq!(words.correct("lzmp").as_deref(), Some("lump"));
    }

    #[test]
    fn a_misspelled_beginning_goes_on_to_the_most_frequent_word() {
        let (words, _folder) = vocabulary(&[("headphone", 40), ("headset", 50), ("hammer", 90)], &[]);
        let check = |typed: &str, expected: Option<&str>| assert_eq!(words.correct_prefix(typed).as_deref(), expected, "{typed}");
        check("haed", Some("headset"));
        check("headpo", Some("headphone"));
        check("head", None);
        check("hx", None);
        check("zzz", None);
    }

    #[test]
    fn words_are_split_and_joined() {
        let (words, _folder) = vocabulary(
            &[("smoke", 10), ("alarm", 20), ("smo", 1), ("kealarm", 1), ("wallpaper", 30), ("wall", 9), ("paper", 9)],
            &[("smoke alarm", 4), ("wall paper", 1)],
        );
        assert_eq!(words.split("smokealarm"), Some(("smoke".to_owned(), "alarm".to_owned())));
        assert_eq!((words.split("wallpaper"), words.split("smokelamp")), (None, None));
        assert_eq!(words.join("wall", "paper").as_deref(), Some("wallpaper"));
        assert_eq!(words.join("smoke", "alarm"), None);
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
