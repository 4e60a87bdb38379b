//! Words that are put together of others, in languages that do so: who looks for `Schuhe` finds `Wanderschuhe`, `wander schuhe` and
//! `Wanderschuhe` find each other, and a `Gartenlampe` that the shop does not have is a lamp.
//!
//! Nothing is known of a language but what it may put between two words: the words are those of the shop. A word ends with another when what
//! is left before it is a word of the shop as well, or when both are so long that this is no chance. The thing stands last, so `Schuhcreme`
//! is no shoe. Which words end with one is looked up among the stems of the shop, spelt backwards (`Vocabulary::endings`): the index is
//! the same with and without, and the most frequent words of an ending become alternatives of the word.

mod evidence;
mod katakana;

pub(super) use evidence::{Half, PutTogether};
pub(super) use katakana::{is_known_katakana, offer_katakana};

use super::index::GROUPS_MAX;
use super::languages::{Stems, forms};
use super::thesaurus::Alternative;
use super::understand::{PartOf, Query, Word};
use super::vocabulary::Vocabulary;
use crate::text::{self, Language, PART_LETTERS_MIN};

/// Words that end with one that are looked for: more would be more lists to read, and the next is in few products.
const ENDINGS_MAX: usize = 40;
/// The same, to tell what is called so.
const KINDS_MAX: usize = 400;
/// Words that end with one whose forms are told to what looks at titles, the most frequent ones.
const SHOWN_MAX: usize = 12;
/// What a word that ends with the one asked for counts, against it: it is one of a kind, and now and then something else (`Handschuhe`).
const ENDING_WEIGHT: f32 = 0.7;
/// What two words written as one count, against both.
const JOINED_WEIGHT: f32 = 1.0;
/// What another form of a part of a word counts, against the one that most products hold.
const PART_WEIGHT: f32 = 0.9;
/// Shorter words begin others by chance.
const BEGINNING_LETTERS_MIN: usize = 5;
/// Two parts of so many letters each, as stems, are no chance, whether or not the shop has the first by itself.
const LONG_PART_LETTERS: usize = 4;
/// Words that are looked for in place of one that the shop does not have.
const INSTEAD_MAX: usize = 24;
/// Ways to take a word apart that are looked for.
const SPLITS_MAX: usize = 3;
/// What verbs lose before another word: `wandern`, `Wanderschuhe`.
const LOST_BEFORE: [&str; 4] = ["", "n", "en", "e"];

/// The words of one shop in a language that puts words together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heads<'a> {
    language: Language,
    vocabulary: &'a Vocabulary,
}

/// A word taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Split {
    /// The term for what is said of the thing.
    first: String,
    /// The term for the thing.
    head: String,
}

impl<'a> Heads<'a> {
    /// None in languages that do not put words together.
    pub(super) fn of(language: Language, vocabulary: &'a Vocabulary) -> Option<Self> {
        language.puts_words_together().then_some(Self { language, vocabulary })
    }

    /// Lets what is put together do for the words of a query, and the words for what is put together.
    pub(super) fn offer(self, query: &mut Query, stems: &Stems) {
        let stem_of = |word: &Word| stems.stem_as_read(word).filter(|_| !word.is_quoted);
        for mut word in std::mem::take(&mut query.words) {
            let Some(stem) = stem_of(&word) else {
                query.words.push(word);
                continue;
            };
            self.offer_endings(&mut word, &stem);
            match self.taken_apart(&word, &stem).filter(|_| query.words.len() + 2 <= GROUPS_MAX) {
                Some((first, head)) => {
                    query.apart.push(Alternative { typed: word.typed, added: vec![head.typed.clone()] });
                    [first, head].into_iter().for_each(|part| query.add(part));
                }
                None => {
                    query.apart.extend(self.offer_parts(&mut word, &stem));
                    query.words.push(word);
                }
            }
        }
        query.words.truncate(GROUPS_MAX);
        let all: Vec<Option<String>> = query.words.iter().map(stem_of).collect();
        for at in 1..query.words.len() {
            let (Some(one), Some(other)) = (&all[at - 1], &all[at]) else { continue };
            let joined = [(query.words[at - 1].read_as(), other), (query.words[at].read_as(), one)];
            let joined: Vec<String> = joined.into_iter().flat_map(|(first, head)| self.joined(first, head)).collect();
            let bare = |term: &String| text::unmarked(term).unwrap_or(term).to_owned();
            let mut forms: Vec<String> = joined.iter().flat_map(|term| self.forms(&bare(term))).collect();
            forms.dedup();
            for word in &mut query.words[at - 1..=at] {
                word.endings.retain(|(term, _)| !joined.contains(term));
                word.endings.splice(0..0, joined.iter().map(|term| (term.clone(), JOINED_WEIGHT)));
                // Titles say both words with it.
                let new: Vec<String> = forms.iter().filter(|form| !word.forms.contains(form)).cloned().collect();
                word.forms.extend(new);
            }
        }
    }

    /// What titles say of a kind of the thing that a word names: every form of every word of the shop that ends with it, of which the index is asked for
    /// the most frequent only.
    pub(super) fn kinds_of(self, word: &Word, stems: &Stems) -> Vec<String> {
        let stem = stems.stem_as_read(word);
        stem.iter().flat_map(|stem| self.ending_in(stem, KINDS_MAX)).flat_map(|longer| self.forms(&longer)).collect()
    }

    fn offer_endings(self, word: &mut Word, stem: &str) {
        for (number, longer) in self.ending_with(stem).into_iter().enumerate() {
            if number < SHOWN_MAX {
                word.forms.extend(self.forms(&longer));
            }
            word.endings.extend(self.held(&longer).map(|term| (term, ENDING_WEIGHT)));
        }
    }

    /// The two words that one which the shop does not have is put together of, the thing last: `Glastisch` is a table first, and one with glass before any
    /// other.
    fn taken_apart(self, word: &Word, stem: &str) -> Option<(Word, Word)> {
        let is_held = self.vocabulary.df(word.read_as()) > 0 || self.held(stem).next().is_some();
        if is_held || !word.endings.is_empty() || word.open.is_some() {
            return None;
        }
        let said = |split: &Split| self.vocabulary.df(&split.first).min(self.vocabulary.df(&split.head));
        let Split { first, head } = self.splits(stem).into_iter().rev().max_by_key(said)?;
        let part = |term: String, is_beside: bool| {
            let stem = text::unmarked(&term).unwrap_or(&term).to_owned();
            let forms = self.forms(&stem);
            let plain = forms.first().cloned().unwrap_or_else(|| stem.clone());
            let writings = self.held(&stem).chain([term]).filter(|term| *term != plain).map(|term| (term, PART_WEIGHT)).collect();
            let part = PartOf { whole: word.typed.clone(), is_beside };
            let mut word = Word { writings, forms, part_of: Some(part), sureness: word.sureness, ..Word::plain(plain) };
            word.writings.dedup();
            self.offer_endings(&mut word, &stem);
            word
        };
        let (mut first, head) = (part(first, true), part(head, false));
        // What is said of the thing may stand in other words of it: `Glasplatte`.
        let stem = self.language.stem(&first.typed);
        for longer in stem.iter().flat_map(|stem| self.beginning_with(stem)) {
            first.forms.extend(self.forms(&longer));
            first.endings.extend(self.held(&longer).map(|term| (term, ENDING_WEIGHT)));
        }
        Some((first, head))
    }

    /// The words of the shop that a word is put together of do in its place; of one that the shop does not have, the thing alone does too, with
    /// what ends with it, and that is told.
    fn offer_parts(self, word: &mut Word, stem: &str) -> Option<Alternative> {
        let splits = self.splits(stem);
        let is_held = self.vocabulary.df(word.read_as()) > 0 || self.held(stem).next().is_some();
        let of_split = splits.first().map(|split| text::unmarked(&split.head).unwrap_or(&split.head).to_owned());
        word.alternatives.extend(splits.into_iter().map(|split| vec![split.first, split.head]));
        if is_held || !word.endings.is_empty() {
            return None;
        }
        // What begins with it is about it at least: `Kattenbakvulling` of `Kattenbak`.
        if of_split.is_none() && word.others.is_empty() && stem.len() >= BEGINNING_LETTERS_MIN {
            let begun = self.beginning_with(stem);
            if let Some(shown) = begun.iter().find_map(|longer| self.forms(longer).into_iter().next()) {
                word.alternatives.extend(begun.iter().flat_map(|longer| self.held(longer)).take(INSTEAD_MAX).map(|term| vec![term]));
                word.is_foreign = true;
                return Some(Alternative { typed: word.typed.clone(), added: vec![shown] });
            }
        }
        let head = of_split.or_else(|| self.long_head(stem).filter(|_| word.others.is_empty()))?;
        let longer = self.ending_with(&head);
        let terms = self.held(&head).chain(longer.iter().flat_map(|longer| self.held(longer))).take(INSTEAD_MAX);
        word.alternatives.extend(terms.map(|term| vec![term]));
        word.is_foreign = true;
        let shown = self.forms(&head).into_iter().next().unwrap_or(head);
        Some(Alternative { typed: word.typed.clone(), added: vec![shown] })
    }

    /// The stems of the most frequent words that are put together with this one as the last.
    fn ending_with(self, head: &str) -> Vec<String> {
        self.ending_in(head, ENDINGS_MAX)
    }

    fn ending_in(self, head: &str, count: usize) -> Vec<String> {
        if head.len() < PART_LETTERS_MIN {
            return Vec::new();
        }
        let keys = self.vocabulary.endings(&self.language.ending(head), count);
        let longer = keys.iter().filter_map(|key| self.language.stem_behind(key));
        longer.filter(|longer| self.is_put_together(&longer[..longer.len() - head.len()], head)).collect()
    }

    fn is_put_together(self, first: &str, head: &str) -> bool {
        let has_a_vowel = first.bytes().any(|letter| b"aeiouy".contains(&letter));
        let is_long = first.len() >= LONG_PART_LETTERS && head.len() >= LONG_PART_LETTERS;
        has_a_vowel && first.len() >= PART_LETTERS_MIN && (is_long || self.word(first).is_some())
    }

    /// The most frequent term for what stands first in a word, as it stands there, when the shop has it by itself.
    fn word(self, first: &str) -> Option<String> {
        let bare = self.language.links().iter().filter_map(|link| first.strip_suffix(link)).filter(|bare| bare.len() >= PART_LETTERS_MIN);
        let terms = bare.flat_map(|bare| {
            let stem = self.language.stem(bare).filter(|stem| stem.len() >= PART_LETTERS_MIN);
            stem.into_iter().flat_map(|stem| [self.language.marked(&stem), stem]).chain([bare.to_owned()])
        });
        terms.map(|term| (self.vocabulary.df(&term), term)).filter(|(count, _)| *count > 0).max().map(|(_, term)| term)
    }

    /// How a stem is put together of words that the shop has by themselves; the longest thing first.
    fn splits(self, stem: &str) -> Vec<Split> {
        if stem.len() < 2 * PART_LETTERS_MIN || !stem.is_ascii() {
            return Vec::new();
        }
        let split = |at: usize| {
            let (first, head) = stem.split_at(at);
            let head = self.held(head).max_by_key(|term| self.vocabulary.df(term))?;
            Some(Split { first: self.word(first)?, head })
        };
        (PART_LETTERS_MIN..=stem.len() - PART_LETTERS_MIN).filter_map(split).take(SPLITS_MAX).collect()
    }

    /// The longest stem of words of the shop, or of what words of it end with, that this one ends with, when both parts are so long that this is
    /// no chance.
    fn long_head(self, stem: &str) -> Option<String> {
        let end = stem.len().checked_sub(LONG_PART_LETTERS).filter(|_| stem.is_ascii())?;
        let is_known = |head: &str| self.held(head).next().is_some() || !self.ending_with(head).is_empty();
        (LONG_PART_LETTERS..=end).map(|at| &stem[at..]).find(|head| is_known(head)).map(str::to_owned)
    }

    /// The terms by which the index holds a stem, if any product does.
    fn held(self, stem: &str) -> impl Iterator<Item = String> {
        [self.language.marked(stem), stem.to_owned()].into_iter().filter(move |term| self.vocabulary.df(term) > 0)
    }

    /// The words of the shop with a stem, as terms, the most frequent first.
    fn forms(self, stem: &str) -> Vec<String> {
        forms(self.language, stem, self.vocabulary)
    }

    /// The terms of what two words are when they are written as one.
    fn joined(self, first: &str, head: &str) -> Vec<String> {
        let bare = LOST_BEFORE.iter().filter_map(|lost| first.strip_suffix(lost)).filter(|bare| bare.len() >= PART_LETTERS_MIN);
        let mut stems: Vec<String> =
            bare.flat_map(|bare| self.language.links().iter().map(move |link| format!("{bare}{link}{head}"))).collect();
        stems.sort_unstable();
        stems.dedup();
        stems.iter().flat_map(|stem| self.held(stem)).collect()
    }
}

#[cfg(test)]
mod tests;
