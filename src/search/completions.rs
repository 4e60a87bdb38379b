//! What people may be about to type: phrases of titles, brands and category names, with how often each occurs.
//!
//! Collected while a generation is built, kept in its `completions.bin` (drawn in `docs/FORMATS.md`).

use super::SearchError;
use super::columns::PATH_JOINT;
use super::costed::Costed;
use crate::catalog::Product;
use crate::stdx::mapped::{MappedFile, write_sections};
use crate::stdx::quick::QuickMap;
use crate::text;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"cmpl";
/// Words in the longest phrase.
const PHRASE_WORDS_MAX: usize = 3;
/// Phrases that fewer products share are not offered.
const PRODUCTS_MIN: u32 = 2;
/// What a brand or category name counts, against a phrase of a title.
const NAME_WEIGHT: u32 = 3;
/// A phrase of so many products or more is not offered when nearly all of them go on with the same word.
const CUT_SHORT_MIN: u64 = 5;
const CUT_SHORT_SHARE: f64 = 0.9;
/// A phrase of several words is offered when it ends what is said at least once in so many times: `backpack with front` always goes on.
const ENDS_ONCE_IN: u32 = 8;
/// Different phrases that are counted; those that come later than so many are not.
const COUNTED_MAX: usize = 8_000_000;
/// Counts are kept up to this.
const COUNT_MAX: u64 = u32::MAX as u64;
/// Stands between what is typed of a category and its path.
const PATH_MARK: char = '\u{1f}';
/// Words that neither begin nor end a phrase.
const JOINING_WORDS: &[&str] = &["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "s", "the", "to", "with", "w"];

/// Those of them behind which the words before go on: `lamp with charges a phone`.
const ARTICLES: &[&str] = &["a", "an", "the"];

/// A text that may occur again.
pub(super) struct Phrase {
    text: String,
    key: u64,
}

impl Phrase {
    pub(super) fn of(text: String) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Self { key: hasher.finish(), text }
    }
}

/// Counts texts that occur again, without keeping those that occur once.
#[derive(Default)]
pub(super) struct Recurring {
    counts: QuickMap<u64, Counted>,
    kept: QuickMap<u64, String>,
}

/// How often a text occurs, and how often nothing goes on behind it.
#[derive(Default, Clone, Copy)]
struct Counted {
    all: u32,
    ended: u32,
}

impl Recurring {
    /// Adds a text so many times; of a part of a longer one `ends` says whether it is the end.
    pub(super) fn add(&mut self, Phrase { text, key }: Phrase, count: u32, ends: bool) {
        if self.counts.len() >= COUNTED_MAX && !self.counts.contains_key(&key) {
            return;
        }
        let known = self.counts.entry(key).or_default();
        let was_once = known.all < PRODUCTS_MIN;
        known.all = known.all.saturating_add(count);
        known.ended = known.ended.saturating_add(if ends { count } else { 0 });
        if was_once && known.all >= PRODUCTS_MIN {
            self.kept.insert(key, text);
        }
    }

    pub(super) fn into_counts(self) -> BTreeMap<String, u64> {
        let Self { counts, kept } = self;
        kept.into_iter().map(|(key, text)| (text, counts.get(&key).map_or(0, |counted| u64::from(counted.all)))).collect()
    }

    /// What is no more than the beginning of something longer.
    fn beginnings(&self) -> HashSet<String> {
        let goes_on = |counted: &Counted| counted.ended.saturating_mul(ENDS_ONCE_IN) < counted.all;
        let kept = self.kept.iter().filter(|(key, text)| text.contains(' ') && self.counts.get(key).is_some_and(goes_on));
        kept.map(|(_, text)| text.clone()).collect()
    }
}

/// The words of a text as they are written, in lower case and without accents, and which are followed by another without a break.
pub(super) struct Words {
    pub(super) words: Vec<String>,
    /// Whether word `n + 1` follows word `n` with nothing but blanks and dashes between.
    pub(super) joined: Vec<bool>,
    /// Whether a phrase may end with word `n`: not in the middle of `32 litres`, nor with a number whose unit is a sign.
    ends: Vec<bool>,
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let tokens = text::tokens(text);
        let gap = |pair: &[text::Token]| text[pair[0].end..pair[1].start].chars().all(|letter| letter == ' ' || letter == '-');
        let mut ends = vec![true; tokens.len()];
        for compound in text::compounds(text, &tokens).into_iter().filter(|compound| compound.role != text::Role::Joined) {
            let last = compound.parts.end.saturating_sub(1);
            ends[compound.parts].fill(false);
            ends[last] = !tokens[last].term.starts_with(|letter: char| letter.is_ascii_digit());
        }
        Self {
            joined: tokens.windows(2).map(gap).collect(),
            ends,
            words: tokens.iter().map(|token| text::fold(&text[token.start..token.end])).collect(),
        }
    }

    /// Its phrases, and whether nothing goes on behind each.
    fn phrases(&self) -> impl Iterator<Item = (String, bool)> {
        let ends = |start: usize| {
            let unbroken = self.joined[start.min(self.joined.len())..].iter().take_while(|joined| **joined).count() + 1;
            start + 1..=start + unbroken.min(PHRASE_WORDS_MAX)
        };
        let ranges = (0..self.words.len()).flat_map(move |start| ends(start).map(move |end| start..end));
        ranges
            .filter(|range| self.ends[range.end - 1])
            .map(|range| (&self.words[range.clone()], self.is_end(range.end)))
            .filter(|(words, _)| is_phrase(words))
            .map(|(words, ends)| (words.join(" "), ends))
    }

    /// Whether nothing that belongs to the words before it follows at a place.
    fn is_end(&self, at: usize) -> bool {
        let goes_on = at > 0 && self.joined.get(at - 1) == Some(&true);
        let joins = |next: &String| JOINING_WORDS.contains(&next.as_str()) && !ARTICLES.contains(&next.as_str());
        !goes_on || self.words.get(at).is_none_or(joins)
    }
}

fn is_phrase(words: &[String]) -> bool {
    let meaningful = |word: &String| word.chars().count() >= 2 && !JOINING_WORDS.contains(&word.as_str());
    let starts_with_letter = words.first().is_some_and(|word| word.starts_with(char::is_alphabetic));
    starts_with_letter && words.first().is_some_and(meaningful) && words.last().is_some_and(meaningful)
}

/// What one product says that somebody may type, with what each counts.
pub(super) struct Typed(Vec<(Phrase, u32, bool)>);

impl Typed {
    pub(super) fn of(product: &Product) -> Self {
        let of_title = Words::of(&product.title).phrases().map(|(phrase, ends)| (Phrase::of(phrase), 1, ends)).collect::<Vec<_>>();
        let leaves = product.categories.iter().filter_map(|path| path.last());
        let names = product.brand.iter().chain(leaves).map(|name| Words::of(name).words.join(" "));
        let names = names.filter(|name| !name.is_empty()).map(|name| (Phrase::of(name), NAME_WEIGHT, true));
        Self(of_title.into_iter().chain(names).collect())
    }
}

/// Gathers completions from products.
#[derive(Default)]
pub(super) struct Collector {
    phrases: Recurring,
    categories: BTreeMap<Vec<String>, u64>,
}

impl Collector {
    pub(super) fn add(&mut self, typed: Typed, product: &Product) {
        typed.0.into_iter().for_each(|(phrase, count, ends)| self.phrases.add(phrase, count, ends));
        for path in &product.categories {
            for end in 1..=path.len() {
                match self.categories.get_mut(&path[..end]) {
                    Some(count) => *count += 1,
                    None => drop(self.categories.insert(path[..end].to_vec(), 1)),
                }
            }
        }
    }

    pub(super) fn write(self, path: &Path) -> Result<(), SearchError> {
        let failed = |error| SearchError::Index(format!("completions: {error}"));
        let cost = |count: u64| COUNT_MAX - count.min(COUNT_MAX);
        let beginnings = self.phrases.beginnings();
        let mut phrases = self.phrases.into_counts();
        let cut_short: Vec<String> = phrases.keys().filter(|phrase| is_cut_short(phrase, &phrases)).cloned().collect();
        phrases.retain(|phrase, _| cut_short.binary_search(phrase).is_err() && !beginnings.contains(phrase));
        let phrases = Costed::encode(phrases.iter().map(|(phrase, &count)| (phrase, cost(count)))).map_err(failed)?;
        let mut categories = BTreeMap::new();
        for (path, count) in &self.categories {
            let words = path.last().map(|leaf| Words::of(leaf).words).unwrap_or_default();
            for start in 0..words.len() {
                categories.insert(format!("{}{PATH_MARK}{}", words[start..].join(" "), path.join(PATH_JOINT)), cost(*count));
            }
        }
        let categories = Costed::encode(categories.into_iter()).map_err(failed)?;
        write_sections(path, KIND, &[&phrases, &categories]).map_err(|error| failed(error.to_string()))
    }
}

/// Whether a phrase ends in the middle of something: `headphones with adaptive`, where nothing is adaptive but noise cancelling. Of the longest
/// phrases that are counted it is not known how they go on, but of their last words it is.
fn is_cut_short(phrase: &str, counts: &BTreeMap<String, u64>) -> bool {
    let goes_on = |phrase: &str, count: u64| {
        let begun = format!("{phrase} ");
        let longer = counts.range(begun.clone()..).take_while(|(longer, _)| longer.starts_with(&begun));
        let mut next = longer.filter(|(longer, _)| !longer[begun.len()..].contains(' '));
        count >= CUT_SHORT_MIN && next.any(|(_, longer)| *longer as f64 >= count as f64 * CUT_SHORT_SHARE)
    };
    if phrase.split(' ').count() < PHRASE_WORDS_MAX {
        return counts.get(phrase).is_some_and(|count| goes_on(phrase, *count));
    }
    let endings = phrase.match_indices(' ').map(|(at, _)| &phrase[at + 1..]);
    endings.filter_map(|ending| Some((ending, *counts.get(ending)?))).next().is_some_and(|(ending, count)| goes_on(ending, count))
}

/// The completions of a generation. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Completions(Option<(Costed, Costed)>);

impl Completions {
    pub(super) fn open(path: &Path) -> Result<Self, SearchError> {
        let failed = |error| SearchError::Index(format!("completions: {error}"));
        let file = Arc::new(MappedFile::open(path, KIND).map_err(|error| failed(error.to_string()))?);
        Ok(Self(Some((Costed::open(&file, 0).map_err(failed)?, Costed::open(&file, 1).map_err(failed)?))))
    }

    /// The most frequent phrases that begin with `prefix`, with how often they occur.
    pub(super) fn phrases(&self, prefix: &str, count: usize) -> Vec<(String, u64)> {
        let found = self.0.iter().flat_map(|(phrases, _)| phrases.complete(prefix, count));
        found.map(|(phrase, cost)| (phrase, COUNT_MAX - cost)).collect()
    }

    /// The paths of the largest categories with words that begin with `prefix`, with their number of products.
    pub(super) fn categories(&self, prefix: &str, count: usize) -> Vec<(String, u64)> {
        // A category stands once for each of its words, so twice as many are asked for as are wanted.
        let found = self.0.iter().flat_map(|(_, categories)| categories.complete(prefix, count * 2));
        let mut paths: Vec<(String, u64)> = Vec::new();
        for (key, cost) in found {
            let Some((_, path)) = key.split_once(PATH_MARK) else { continue };
            if paths.len() < count && paths.iter().all(|(other, _)| other != path) {
                paths.push((path.to_owned(), COUNT_MAX - cost));
            }
        }
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(title: &str) -> Product {
        let json = serde_json::json!({
            "id": "a", "title": title, "brand": "Acme", "categories": [["Home", "Desk lamps"]], "variants": [{"sku": "a"}]
        });
        Product::from_document(json.to_string().as_bytes()).expect("a product")
    }

    fn add(collector: &mut Collector, title: &str) {
        let product = product(title);
        collector.add(Typed::of(&product), &product);
    }

    #[test]
    fn phrases_neither_cross_breaks_nor_end_in_joining_words() {
        let phrases = |title: &str| Words::of(title).phrases().map(|(phrase, _)| phrase).collect::<Vec<_>>();
        assert_eq!(phrases("Lamp for Désk, red"), ["lamp", "lamp for desk", "desk", "red"]);
        assert_eq!(phrases("16 GB RAM"), ["gb", "gb ram", "ram"]);
        assert!(phrases("").is_empty());
        assert_eq!(phrases("Bag 32 litres"), ["bag", "bag 32 litres", "litres"], "a number without its unit is no end");
        assert_eq!(phrases("Bag for 15.6\" laptops"), ["bag", "laptops"]);
        assert_eq!(phrases("Iphone 7 case"), ["iphone", "iphone 7 case", "case"]);
    }

    #[test]
    fn a_phrase_that_always_goes_on_with_the_same_word_is_not_offered() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("completions.bin");
        let mut collector = Collector::default();
        for number in 0..6 {
            add(&mut collector, &format!("Headphones with adaptive noise cancelling, model {number}"));
            add(&mut collector, "Headphones with voice control");
            add(&mut collector, "Headphones with voice assistant");
        }
        collector.write(&path).expect("writes");
        let completions = Completions::open(&path).expect("opens");
        let phrases = |begun: &str| completions.phrases(begun, 9).into_iter().map(|(phrase, _)| phrase).collect::<Vec<_>>();
        assert_eq!(phrases("headph"), ["headphones"], "neither `with adaptive` nor `with voice` is said by itself");
        assert_eq!(phrases("adap"), ["adaptive noise cancelling"]);
        assert_eq!(phrases("voice").len(), 3, "what goes on with two words is a phrase of its own");
    }

    #[test]
    fn a_phrase_that_hardly_ever_ends_what_is_said_is_not_offered() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("completions.bin");
        let mut collector = Collector::default();
        for part in ["pocket", "strap", "zip", "handle"] {
            add(&mut collector, &format!("Backpack with front {part}, blue"));
            add(&mut collector, "Backpack with straps, blue");
            add(&mut collector, "Backpack blue with straps");
            add(&mut collector, "Backpack with holds a bottle");
        }
        collector.write(&path).expect("writes");
        let completions = Completions::open(&path).expect("opens");
        let phrases: Vec<String> = completions.phrases("backp", 9).into_iter().map(|(phrase, _)| phrase).collect();
        assert_eq!(phrases, ["backpack", "backpack blue", "backpack with straps"]);
    }

    #[test]
    fn what_recurs_is_offered_most_frequent_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("completions.bin");
        let mut collector = Collector::default();
        for title in ["Desk lamp", "Desk lamp red", "Desk chair", "Desk chair", "Desk chair"] {
            add(&mut collector, title);
        }
        collector.write(&path).expect("writes");
        let completions = Completions::open(&path).expect("opens");
        let phrases: Vec<String> = completions.phrases("desk ", 5).into_iter().map(|(phrase, _)| phrase).collect();
        assert_eq!(phrases, ["desk lamps", "desk chair", "desk lamp"]);
        assert_eq!(completions.phrases("ac", 5), [("acme".to_owned(), 15)]);
        assert!(completions.phrases("desk lamp r", 5).is_empty());
        assert_eq!(completions.categories("lam", 5), [("Home > Desk lamps".to_owned(), 5)]);
        assert_eq!(completions.categories("home", 5), [("Home".to_owned(), 5)]);
    }
}
