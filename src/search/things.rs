//! The products of a match set whose titles say the thing that is asked for as what they are, not of what they go with: of `laptop` the laptops,
//! not the sleeves. The index knows them by a list for each term (`index::things`).
//!
//! Where most products with a word only belong to the thing, as in shops without categories of it, hundreds of them stand above the first thing by their
//! words: they are called `Laptop sleeve` in two words, and a laptop in twenty. So the best things by their words are kept beside the match set, for
//! the second phase to choose from.

use super::SearchError;
use super::dense::DenseSet;
use super::index::{SearchSnapshot, TermGroup, TextQuery};
use super::kinds;
use super::matched::{Class, Match};
use super::matching::best_by_words;
use super::ranking::WINDOW;
use super::understand::{Query, Word};
use crate::id::Ordinal;
use crate::text;
use roaring::RoaringBitmap;

/// So many of the best class, and whoever asks has what was asked for to choose from.
const PLENTY: usize = 5;
/// Things that are kept for the second phase to choose from, before filters.
const KEPT_MAX: usize = 200;

/// The things among the matches of a query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Things {
    products: RoaringBitmap,
    best: Vec<Match>,
    are_plenty: bool,
    /// Those that a letter makes others: a `T-shirt` where shirts are asked for.
    lettered: RoaringBitmap,
}

impl Things {
    /// Of the matches of a query; none where no word is the thing itself.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn of(query: &Query, matches: &[Match], index: &SearchSnapshot) -> Result<Self, SearchError> {
        let terms: Vec<(String, f32)> = query.words.iter().filter(|word| word.is_head).flat_map(marks).collect();
        if terms.is_empty() {
            return Ok(Self::default());
        }
        let mut said = DenseSet::below(index.columns.ordinals_end());
        let group = TermGroup { terms, ..TermGroup::default() };
        index.text.matches(&TextQuery { groups: vec![group], required: 1 }, &mut |one| {
            said.insert(one.ordinal);
        })?;
        let strange = kinds::strange(query, &said.to_bitmap(), index);
        let is_strange = |product: Ordinal| !strange.is_empty() && index.titles.words(product).iter().any(|word| strange.contains(word));
        let is_one = |found: &&Match| said.contains(found.ordinal) && !is_strange(found.ordinal);
        let mut things: Vec<Match> = matches.iter().filter(is_one).copied().collect();
        let lettered = kinds::Lettered::of(query, index);
        let mut others = RoaringBitmap::new();
        if !lettered.is_empty() {
            let (apart, plain): (Vec<Match>, Vec<Match>) =
                things.iter().copied().partition(|thing| lettered.are_all_of(index.titles.words(thing.ordinal)));
            // In a shop that has no others they are what is meant.
            if plain.len() >= PLENTY {
                others = apart.iter().map(|thing| thing.ordinal.0).collect();
                things = plain;
            }
        }
        let products = things.iter().map(|thing| thing.ordinal.0).collect();
        let best_class = matches.iter().map(|found| found.class).filter(|class| *class != Class::NAMED).max();
        let are_plenty = things.iter().filter(|thing| Some(thing.class) == best_class).take(PLENTY).count() == PLENTY;
        let best = match matches.len() > WINDOW {
            true => best_by_words(&things, KEPT_MAX).into_iter().map(|place| things[place as usize]).collect(),
            false => Vec::new(),
        };
        Ok(Self { products, best, are_plenty, lettered: others })
    }

    /// Whether the product's title says the thing as what it is.
    #[must_use]
    pub fn contains(&self, product: Ordinal) -> bool {
        self.products.contains(product.0)
    }

    /// Whether a letter makes the product another thing than the one asked for.
    #[must_use]
    pub fn are_apart_from(&self, product: Ordinal) -> bool {
        self.lettered.contains(product.0)
    }

    /// Whether there are several with all that was asked for, so that what belongs to such a thing is no answer for want of one.
    #[must_use]
    pub fn are_plenty(&self) -> bool {
        self.are_plenty
    }

    /// The best of them by their words, in no order; none where all matches fit the second phase.
    #[must_use]
    pub fn best(&self) -> &[Match] {
        &self.best
    }

    /// Bytes, about.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.products.serialized_size() + self.lettered.serialized_size() + self.best.capacity() * size_of::<Match>()
    }
}

/// The marks of all that says a word: of a phrase that of its last word.
fn marks(word: &Word) -> Vec<(String, f32)> {
    let lasts = word.phrases_of_several().filter_map(|phrase| phrase.last()).map(String::as_str);
    let mut terms: Vec<String> = word.shown().chain(lasts).map(text::marked_thing).collect();
    terms.sort_unstable();
    terms.dedup();
    terms.into_iter().map(|term| (term, 1.0)).collect()
}
