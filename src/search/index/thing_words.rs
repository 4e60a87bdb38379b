//! How far each word of titles is a thing by itself, learnt from how this shop's titles use it.
//!
//! `cartridge`, `kit` and `stand` end nearly every phrase that has them, so a title that says one of them behind another thing is about that: a
//! `washer stacking kit` is a kit. `black`, `pro` and `memory` end few. No list of words knows what a shop sells; its titles do.

use crate::search::index::word_number;
use crate::search::vocabulary::Vocabulary;
use std::cmp::Reverse;
use std::sync::Arc;

/// Words that are known, the most frequent things of the shop.
const WORDS_MAX: usize = 4_096;
/// Titles that say a word as no thing beside those that were counted: what two titles say is hardly known.
const DOUBT: f32 = 2.0;

/// Words of which so large a share of the titles that have one say it as what the product is stand for a kind of product: `CD` ends nearly every title
/// that has it, and behind an `of` or `for` in the name of the record the grammar of titles does not see it.
const KIND_SHARE_MIN: f32 = 0.5;
/// The largest kinds that are known.
const KINDS_MAX: usize = 32;

/// The words that titles say as things.
#[derive(Debug, Clone, Default)]
pub struct ThingWords {
    /// Number and share of the titles that have it, rising by number.
    shares: Arc<[(u32, f32)]>,
    /// Those that are kinds of product, with how many products are of that kind, the largest first.
    kinds: Arc<[(u32, u64)]>,
}

impl ThingWords {
    /// Learns from the words of a generation.
    pub(super) fn learn(vocabulary: &Vocabulary) -> Self {
        let share = |(term, as_thing): (String, u64)| {
            let titles = vocabulary.counts(&term).titles;
            (word_number(&term), as_thing, as_thing as f32 / (titles.max(as_thing) as f32 + DOUBT))
        };
        let mut words: Vec<(u32, u64, f32)> = vocabulary.things(WORDS_MAX).into_iter().map(share).collect();
        words.sort_unstable_by_key(|(number, as_thing, _)| (Reverse(*as_thing), *number));
        let kinds =
            words.iter().filter(|(_, _, share)| *share >= KIND_SHARE_MIN).take(KINDS_MAX).map(|(number, count, _)| (*number, *count));
        let kinds = kinds.collect();
        words.sort_unstable_by_key(|(number, _, _)| *number);
        Self { shares: words.into_iter().map(|(number, _, share)| (number, share)).collect(), kinds }
    }

    /// The largest kinds of product, by the word for each, with how many products are of it.
    #[must_use]
    pub fn kinds(&self) -> &[(u32, u64)] {
        &self.kinds
    }

    /// Of the titles with a word those that say it as what the product is, 0 to 1; 0 for a word that is hardly ever a thing.
    #[must_use]
    pub fn share(&self, number: u32) -> f32 {
        self.shares.binary_search_by_key(&number, |(known, _)| *known).map_or(0.0, |at| self.shares[at].1)
    }
}
