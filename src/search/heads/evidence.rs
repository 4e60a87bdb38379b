//! What tells that a word which no product holds is one nevertheless: words of the shop begin or end with it, or it is put together of two.
//!
//! Any letters can be cut into two words that stand somewhere in a large catalogue: `harribo` is a slip of the brand, though fish is called har and
//! vitamins ribo. So nothing is decided here. What there is to be said for a word is weighed against its being a slip, where queries are read (`spelling`).

use super::{Heads, LONG_PART_LETTERS, Split};
use crate::text::{self, PART_LETTERS_MIN};

/// Words that begin with one that are looked at.
const BEGINNINGS_MAX: usize = 24;

/// A half of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::search) struct Half {
    /// The term by which the index finds it.
    pub(in crate::search) term: String,
    /// How many titles say it, in whatever form.
    pub(in crate::search) titles_count: u64,
    /// Whether it is so short that it may be chance.
    pub(in crate::search) is_short: bool,
}

/// What there is to be said for a word that no product holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::search) struct PutTogether {
    /// How many products hold a word that begins or ends with it.
    pub(in crate::search) longer_count: u64,
    /// The ways to take it apart.
    pub(in crate::search) halves: Vec<[Half; 2]>,
}

impl Heads<'_> {
    /// What there is to be said for a stem.
    pub(in crate::search) fn put_together(self, stem: &str) -> PutTogether {
        let longer = self.ending_with(stem).into_iter().chain(self.beginning_with(stem));
        let longer_count = longer.map(|longer| self.held(&longer).map(|term| self.vocabulary.df(&term)).max().unwrap_or(0)).sum();
        let halves = self.splits(stem).into_iter().map(|Split { first, head }| [self.half(first), self.half(head)]).collect();
        PutTogether { longer_count, halves }
    }

    fn half(self, term: String) -> Half {
        let stem = text::unmarked(&term).unwrap_or(&term);
        let mut forms = self.forms(stem);
        if forms.iter().all(|form| form != stem) {
            forms.push(stem.to_owned());
        }
        let titles_count = forms.iter().map(|form| self.vocabulary.titles_count(form)).sum();
        Half { titles_count, is_short: stem.len() < LONG_PART_LETTERS, term }
    }

    /// The stems of the most frequent words that are put together with this one as the first: `Kaffeetasse` of `Kaffee`. What is left behind it is a word
    /// of the shop, or the last part of some.
    pub(in crate::search) fn beginning_with(self, first: &str) -> Vec<String> {
        if first.len() < PART_LETTERS_MIN {
            return Vec::new();
        }
        let longer = self.vocabulary.complete(first, BEGINNINGS_MAX).into_iter().filter_map(|word| self.language.stem(&word));
        let mut found: Vec<String> = longer.filter(|longer| self.begins(first, longer)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn begins(self, first: &str, longer: &str) -> bool {
        let Some(rest) = longer.strip_prefix(first) else { return false };
        // With more between them `kaffe` would begin `Kaffeebecher`.
        let mut heads = ["", "s"].iter().filter_map(|link| rest.strip_prefix(link)).filter(|head| head.len() >= PART_LETTERS_MIN);
        heads.any(|head| self.is_put_together(first, head) && (self.held(head).next().is_some() || self.ends_others(head, longer)))
    }

    /// Whether another word of the shop than this one ends so.
    fn ends_others(self, head: &str, longer: &str) -> bool {
        self.ending_with(head).iter().any(|other| other != longer)
    }
}
