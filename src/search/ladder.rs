//! The relaxation ladder: which of the words a product may lack.
//!
//! 1. Products with *all* words.
//! 2. While those are few, products that lack some. A word is worth its inverse document frequency, as a share of what all the words are
//!    worth: who keeps `milwaukee` of `milwaukee hand saw` has kept more than who keeps `hand`. So common words are dropped first and the
//!    rarest is kept longest, and what has to be kept is lowered until enough products are found.
//! 3. Products with any of the words, when there is nothing else.
//!
//! A word that was corrected is worth as much less as it is unsure that it was meant: `bread`, in a shop that knows only `brad`, is no reason to
//! find nails first.
//!
//! The words that name the thing itself are worth at least as much together as the rarest of the others: a thin monitor is no laptop. So it is
//! in shops without categories, by what their titles call products. Where a query says
//! what the thing is for they are worth twice that: who asks for a camera for kids wants no film for kids.
//!
//! A word that no product holds cannot be kept; it is given up at once, and no product then has all the words.

use super::either::is_a_thing;
use super::index::{GROUPS_MAX, SearchSnapshot, TermGroup, TextQuery};
use super::matched::Class;
use super::understand::{Query, Word};

/// What all words of a query are worth together, before every one of them is worth at least 1. A product's share is kept in one byte.
const MASS_TOTAL: u8 = 200;
const _: () = assert!(MASS_TOTAL as usize + GROUPS_MAX <= u8::MAX as usize);
/// A product that lacks some words has to keep this share of what all are worth. On real queries half of them misspelled words, the rarest
/// of all, weigh so much that asking for more loses what people wanted: recall@100 on Home Depot is 0.73 with 0.5, 0.79 with 0.3, 0.80 with
/// 0.2 and below.
const SHARE_MIN: f32 = 0.2;
/// What the thing is worth, of the rarest other word, where that may be what it is for.
const WORTH_OF_WHAT_IT_IS_FOR: f32 = 2.0;
/// What is said of the thing in one word with it is worth at most so much of the thing: a `Glastisch` is a table of whatever kind before it is anything of
/// glass, and alone it is below [`SHARE_MIN`].
const BESIDE_SHARE: f32 = 0.2;
const _: () = assert!(BESIDE_SHARE / (1.0 + BESIDE_SHARE) < SHARE_MIN);
/// Words that a message names.
const WORDS_SHOWN_MAX: usize = 8;
/// From this share on a product has most of the words.
const SHARE_OF_MOST: f32 = 0.75;

/// The words of a query with what each is worth.
pub(super) struct Ladder {
    groups: Vec<TermGroup>,
    /// Words that some product holds, one for each group, as they were typed.
    words: Vec<String>,
    /// The same as they were read.
    read: Vec<String>,
    /// Words that no product holds, as they were read.
    unknown: Vec<String>,
    total: usize,
}

impl Ladder {
    pub(super) fn of(query: &Query, index: &SearchSnapshot) -> Self {
        let products_count = index.text.weighed_count() as f32;
        let rarity = |word: &Word| {
            // An unfinished word is as frequent as the most frequent one that it may become.
            let completed = word.beginnings().flat_map(|begins| index.vocabulary.complete(begins, 1));
            let begun = completed.map(|term| index.text.weighed_holders(&term)).max().unwrap_or(0);
            let holders = word.holders(|term| index.text.weighed_holders(term)).max(begun) as f32;
            (holders > 0.0).then(|| word.sureness * (1.0 + (products_count - holders + 0.5).max(0.5) / (holders + 0.5)).ln())
        };
        let (mut known, unknown): (Vec<_>, Vec<_>) =
            query.words.iter().map(|word| (word, rarity(word))).partition(|(_, rarity)| rarity.is_some());
        known.truncate(GROUPS_MAX);
        raise_the_thing(&mut known, query.is_for, index);
        lower_what_is_said_of_it(&mut known);
        let sum: f32 = known.iter().filter_map(|(_, rarity)| *rarity).sum();
        let group = |(word, rarity): &(&Word, Option<f32>)| {
            let mass = (f32::from(MASS_TOTAL) * rarity.unwrap_or(0.0) / sum.max(f32::MIN_POSITIVE)) as u8;
            TermGroup { mass: mass.max(1), ..word.group() }
        };
        let mut groups: Vec<TermGroup> = known.iter().map(group).collect();
        if query.is_either {
            groups = either(groups);
            known.truncate(1);
        }
        Self {
            total: groups.iter().map(|group| usize::from(group.mass)).sum(),
            groups,
            words: known.iter().map(|(word, _)| word.typed.clone()).collect(),
            read: known.iter().map(|(word, _)| word.read_as().to_owned()).collect(),
            unknown: unknown.iter().map(|(word, _)| word.read_as().to_owned()).collect(),
        }
    }

    /// What each word of the query is worth, in its order; together 1.
    pub(super) fn worth(&self, query: &Query) -> Vec<f32> {
        if query.is_either {
            return vec![1.0 / query.words.len() as f32; query.words.len()];
        }
        self.masses(query).into_iter().map(|mass| self.share(mass)).collect()
    }

    /// The mass of each word of the query, in its order; 0 for one that no product holds.
    pub(super) fn masses(&self, query: &Query) -> Vec<u8> {
        let is_it = |word: &Word, at: usize| self.words[at] == word.typed && self.read[at] == word.read_as();
        let mass = |word: &Word| (0..self.words.len()).find(|at| is_it(word, *at)).map_or(0, |at| self.groups[at].mass);
        query.words.iter().map(mass).collect()
    }

    /// The mass of all words that some product holds.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Whether no product holds some word.
    pub(super) fn has_unknown(&self) -> bool {
        !self.unknown.is_empty()
    }

    /// Finds products with all words that any product holds.
    pub(super) fn all(&self) -> TextQuery {
        TextQuery { groups: self.groups.clone(), required: self.total }
    }

    /// Finds products with enough of the words; none when that would be all of them.
    pub(super) fn enough(&self) -> Option<TextQuery> {
        let required = (self.total as f32 * SHARE_MIN).ceil() as usize;
        self.lowered(required)
    }

    /// Finds products with any of the words; none when that would be all of them.
    pub(super) fn any(&self) -> Option<TextQuery> {
        self.lowered(1)
    }

    fn lowered(&self, required: usize) -> Option<TextQuery> {
        let least = self.groups.iter().map(|group| usize::from(group.mass)).min()?;
        (self.groups.len() > 1 && required <= self.total - least).then(|| TextQuery { groups: self.groups.clone(), required })
    }

    /// How well a product with words of this mass matches.
    pub(super) fn class(&self, mass: u8) -> Class {
        let mass = usize::from(mass);
        if mass == self.total && self.unknown.is_empty() {
            Class::ALL
        } else if mass as f32 >= self.total as f32 * SHARE_OF_MOST {
            Class::MOST
        } else {
            Class::SOME
        }
    }

    /// The share of what all words are worth that words of this mass have, 0 to 1.
    pub(super) fn share(&self, mass: u8) -> f32 {
        f32::from(mass) / (self.total.max(1) as f32)
    }

    /// What is given up when products need only words of the mass `kept`, in words. Codes that no text holds were found where products are `identified`.
    pub(super) fn relaxation(&self, kept: usize, identified: bool) -> Option<String> {
        let may_lack = self.total.saturating_sub(kept);
        let dropped = self.read.iter().zip(&self.groups).filter(|(_, group)| usize::from(group.mass) <= may_lack);
        let dropped: Vec<&str> = dropped.map(|(word, _)| word.as_str()).collect();
        let is_found = |word: &&str| identified && word.contains(|letter: char| letter.is_ascii_digit());
        let unknown: Vec<&str> = self.unknown.iter().map(String::as_str).filter(|word| !is_found(word)).collect();
        match (unknown.is_empty(), dropped.is_empty()) {
            (true, true) => None,
            (false, true) => Some(format!("nothing has {}", quoted(&unknown))),
            (true, false) => Some(format!("some lack {}", quoted(&dropped))),
            (false, false) => Some(format!("nothing has {}; some lack {}", quoted(&unknown), quoted(&dropped))),
        }
    }
}

/// Groups as one that any of their terms will do for.
fn either(groups: Vec<TermGroup>) -> Vec<TermGroup> {
    let whole = groups.into_iter().reduce(|one, other| TermGroup {
        terms: one.terms.into_iter().chain(other.terms).collect(),
        phrases: one.phrases.into_iter().chain(other.phrases).collect(),
        mass: one.mass.max(other.mass),
        ..TermGroup::default()
    });
    whole.into_iter().collect()
}

/// Lifts the words that name the thing to the rarity of the rarest other word, together; where that may say what the thing is for, to more. Where no
/// category has its name, it is the thing if titles call products so.
fn raise_the_thing(known: &mut [(&Word, Option<f32>)], is_for: bool, index: &SearchSnapshot) {
    let has_category = known.iter().any(|(word, _)| word.is_thing);
    let is_called = |word: &Word| !has_category && word.is_head && is_a_thing(word, index);
    let is_thing: Vec<bool> = known.iter().map(|(word, _)| word.is_thing || is_for && word.is_head || is_called(word)).collect();
    let of = |thing: bool| known.iter().zip(&is_thing).filter(move |(_, is)| **is == thing).filter_map(|((_, rarity), _)| *rarity);
    let (thing, rarest) = (of(true).sum::<f32>(), of(false).fold(0.0, f32::max));
    // An age is three words.
    let worth = if is_for { (rarest * WORTH_OF_WHAT_IT_IS_FOR).max(of(false).sum::<f32>()) } else { rarest };
    if thing > 0.0 && thing < worth {
        let raised = known.iter_mut().zip(&is_thing).filter(|(_, is)| **is).filter_map(|((_, rarity), _)| rarity.as_mut());
        raised.for_each(|rarity| *rarity *= worth / thing);
    }
}

/// Keeps what only says something of the thing below a share of it that nothing is found by alone: of the other part of the word where it is one, or of
/// everything else.
fn lower_what_is_said_of_it(known: &mut [(&Word, Option<f32>)]) {
    let part_of = |word: &Word, is_beside: bool| {
        let part = word.part_of.as_ref().filter(|part| part.is_beside == is_beside);
        part.map(|part| part.whole.clone())
    };
    for at in 0..known.len() {
        let Some(whole) = part_of(known[at].0, true) else { continue };
        let others = known.iter().filter(|(word, _)| part_of(word, true).is_none());
        let others: f32 = others.filter_map(|(_, rarity)| *rarity).sum();
        let head = known.iter().find(|(word, _)| part_of(word, false).is_some_and(|other| other == whole));
        let head = head.and_then(|(_, rarity)| *rarity).unwrap_or(others);
        if let Some(rarity) = known[at].1.as_mut().filter(|_| others > 0.0) {
            *rarity = rarity.min(head * BESIDE_SHARE);
        }
    }
}

/// The first words of a list, and how many more there are; two that were read as one are one.
pub(super) fn quoted(words: &[&str]) -> String {
    let mut words = words.to_vec();
    words.dedup();
    let shown: Vec<String> = words.iter().take(WORDS_SHOWN_MAX).map(|word| format!("`{word}`")).collect();
    let more = words.len() - shown.len();
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}
