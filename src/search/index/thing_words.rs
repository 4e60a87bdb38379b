//! How far each word of titles is a thing by itself, learnt from how this shop's titles use it.
//!
//! `cartridge`, `kit` and `stand` end nearly every phrase that has them, so a title that says one of them behind another thing is about that: a
//! `washer stacking kit` is a kit. `black`, `pro` and `memory` end few. No list of words knows what a shop sells; its titles do.

use crate::search::index::word_number;
use crate::search::vocabulary::Vocabulary;
use std::sync::Arc;

/// Words that are known, the most frequent things of the shop.
const WORDS_MAX: usize = 4_096;
/// Titles that say a word as no thing beside those that were counted: what two titles say is hardly known.
const DOUBT: f32 = 2.0;

/// The words that titles say as things: number and share of the titles that have it, rising by number.
#[derive(Debug, Clone, Default)]
pub struct ThingWords(Arc<[(u32, f32)]>);

impl ThingWords {
    /// Learns from the words of a generation.
    pub(super) fn learn(vocabulary: &Vocabulary) -> Self {
        let share = |(term, as_thing): (String, u64)| {
            let titles = vocabulary.counts(&term).titles;
            (word_number(&term), as_thing as f32 / (titles.max(as_thing) as f32 + DOUBT))
        };
        let mut words: Vec<(u32, f32)> = vocabulary.things(WORDS_MAX).into_iter().map(share).collect();
        words.sort_unstable_by_key(|(number, _)| *number);
        Self(words.into())
    }

    /// Of the titles with a word those that say it as what the product is, 0 to 1; 0 for a word that is hardly ever a thing.
    #[must_use]
    pub fn share(&self, number: u32) -> f32 {
        self.0.binary_search_by_key(&number, |(known, _)| *known).map_or(0.0, |at| self.0[at].1)
    }
}
