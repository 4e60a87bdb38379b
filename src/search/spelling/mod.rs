//! What a misspelled query was meant to say, from the shop's own words.
//!
//! A query is read as a whole: of all readings the likeliest is taken, by how likely the words are in this shop and beside each other
//! (`language`) and how likely each is typed as it was (`channel`). That is why a rare word beside the wrong neighbour may be a slip while a
//! strange one that nothing is near stays what it is.
//!
//! - A word that sells or that people ask for, a word with a digit and a word in quotes are never changed, nor is one that is frequent or
//!   that titles hold beside its neighbour here. A name and its number may have been written as one.
//! - One word may have been meant as two, and two as one.
//! - The first letter is mostly right: a slip there costs more, and that is all.
//! - The work for one query is bounded (`walk`); what is not looked at stays as typed.
//!
//! Read in this order: `slips`, `channel`, `walk` (candidates), `lexicon`, `language`, `lattice` (the choice).

mod channel;
mod language;
mod lattice;
mod lexicon;
mod shop;
mod slips;
mod unspaced;
mod walk;

pub use shop::ShopWords;

use super::understand::STOP_WORDS;
use super::vocabulary::Vocabulary;
use channel::{Channel, LETTERS_MAX};
use language::{Word, alone, gain_of_titles};
use lattice::Arc;
use lexicon::Lexicon;
use std::ops::Range;
use walk::Purse;

/// Candidates for one word that are weighed against their neighbours.
const CANDIDATES_MAX: usize = 16;
/// Shorter words are units and other signs, which nobody means by a word of three letters: "mom" is no "mm". Nor does anybody mean a word that only joins
/// others: "wite jacket" is no jacket with something.
const MEANT_LETTERS_MIN: usize = 3;
/// Writing two words as one, or one as two.
const BLANK_SLIPPED: f32 = 6.5;
/// How sure it is that an unknown word is a name and a number that titles hold side by side; a word with a digit costs nothing as it is.
const NUMBER_APART: f32 = 12.0;
/// Halves of a split word that no title holds side by side.
const STRANGE_PAIR: f32 = 2.0;
/// That a title says just these two words, which the shop never has as one, is a sign beyond the count of one.
const ONE_TITLE: f32 = 2.0;
/// A product that holds both halves, whatever stands between them, against a title that has them side by side.
const SHARED_PRODUCT: f32 = 0.5;
/// Words that a known one may stand for whose company is looked at, the likeliest.
const COMPANIES_MAX: usize = 4;
/// Each half of a split word has at least so many letters.
const HALF_CHARS_MIN: usize = 2;
/// The same of a half with a slip in it: shorter ones have too many neighbours.
const SLIPPED_HALF_CHARS_MIN: usize = 4;
/// A short word that begins with as many letters of another may be a form of it: `носок` of `носки`.
const BEGINNING_OF_A_FORM: usize = 3;
/// What it costs beyond the slip to take a word that the shop knows for another.
const KNOWN: f32 = 4.0;
/// The same of a word that no title says and nothing is called: texts have slips of their own.
const KNOWN_BY_TEXTS: f32 = 1.0;
/// What it costs beyond the slip to mean such a word.
const MEANT_BY_TEXTS: f32 = 4.0;
/// A word in one product of so many is never taken for a slip.
const FREQUENT_SHARE: f32 = 1.0 / 1_000.0;

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// As written, folded.
    pub written: String,
    /// Its term.
    pub term: String,
    /// Whether it must stay as it is.
    pub fixed: bool,
    /// Whether it is a word, in the shop or not: no slip of another one, though it may be half of one.
    pub is_word: bool,
}

/// Some words of a query that were probably meant as others.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Which words: one or two.
    pub typed: Range<usize>,
    /// What was meant, as a person would write it: one word or two.
    pub read: Vec<String>,
    /// How likely this is what was meant rather than what was typed, 0 to 1.
    pub sureness: f32,
}

/// Whether two words may be forms of one.
fn begins_alike(one: &Word, other: &Word) -> bool {
    let letters = one.written.chars().zip(other.written.chars());
    letters.take_while(|(letter, its)| letter == its).count() >= BEGINNING_OF_A_FORM
}

impl Lexicon<'_> {
    /// The words of a query that were probably meant as others, in order.
    pub(super) fn readings(&self, typed: &[Typed]) -> Vec<Reading> {
        let words: Vec<Word> = typed.iter().map(|typed| Word::of(&typed.written, self)).collect();
        let words: Vec<Word> =
            words.into_iter().zip(typed).map(|(word, typed)| if typed.fixed { word } else { word.or_put_together(self) }).collect();
        let mut purse = Purse::full();
        let arcs: Vec<Vec<Arc>> = (0..words.len()).map(|at| self.arcs(typed, &words, at, &mut purse)).collect();
        if arcs.iter().all(|arcs| arcs.len() == 1) {
            return Vec::new();
        }
        let path: Vec<(usize, &Arc)> = lattice::cheapest(&arcs, self).into_iter().map(|(at, number)| (at, &arcs[at][number])).collect();
        let cost = lattice::cost_of(path.iter().map(|(_, arc)| *arc), self);
        // What the whole costs when this part of it stays as typed, which the first arc of every word is.
        let cost_with_typed = |typed: &Range<usize>| {
            let kept = path.iter().flat_map(|(at, arc)| match *at == typed.start {
                true => arcs[typed.clone()].iter().map(|arcs| &arcs[0]).collect(),
                false => vec![*arc],
            });
            lattice::cost_of(kept, self)
        };
        let reading = |(at, arc): &(usize, &Arc)| {
            let typed = *at..*at + arc.span;
            let gain = cost_with_typed(&typed) - cost;
            let read = arc.words.iter().map(|word| word.written.clone()).collect();
            Reading { typed, read, sureness: 1.0 / (1.0 + (-gain).exp()) }
        };
        path.iter().map(reading).filter(|reading| !reading.is_as_typed(typed)).collect()
    }

    /// Everything that the words from `at` on may stand for. The first arc is the word as typed.
    fn arcs(&self, typed: &[Typed], words: &[Word], at: usize, purse: &mut Purse) -> Vec<Arc> {
        let word = &words[at];
        let mut arcs = vec![Arc { span: 1, words: vec![word.clone()], cost: 0.0 }];
        if typed[at].fixed {
            return arcs;
        }
        if word.has_digit {
            arcs.extend(self.number_apart(word));
            return arcs;
        }
        if !typed[at].is_word && !self.is_settled(words, at) {
            let beside = beside(words, at);
            let mut respelled = self.respelled(word, &beside, purse);
            if word.is_known() {
                self.favour_company(word, &beside, &mut respelled);
            }
            arcs.extend(respelled);
        }
        // What a language puts together is right as it is.
        if !typed[at].is_word && !word.is_known() && !word.is_put_together() {
            arcs.extend(self.split(word));
            arcs.extend(self.split_at_a_shared_letter(word));
            arcs.extend(self.split_with_a_slip(word, purse));
        }
        if let Some(next) = words.get(at + 1).filter(|next| !typed[at + 1].fixed && !next.has_digit) {
            arcs.extend(self.joined(word, next, purse));
        }
        if !self.unsaid.is_empty() {
            let mut at = 0..;
            arcs.retain(|arc| at.next() == Some(0) || !arc.words.iter().any(|word| self.unsaid.contains(&word.written)));
        }
        arcs
    }

    /// Whether a word is surely what was meant: it is frequent, or titles hold it beside its neighbour, or it earns its place.
    fn is_settled(&self, words: &[Word], at: usize) -> bool {
        let word = &words[at];
        if !word.is_known() {
            return false;
        }
        let together = |first: &Word, second: &Word| self.pair_count(&first.term, &second.term) > 0.0;
        word.term_count() >= (self.products_count() * FREQUENT_SHARE).max(2.0)
            || at.checked_sub(1).is_some_and(|before| together(&words[before], word))
            || words.get(at + 1).is_some_and(|after| together(word, after))
            || self.earns(&word.written, &word.term)
    }

    /// What a word may have been meant as, the likeliest first.
    fn respelled(&self, word: &Word, beside: &[&Word], purse: &mut Purse) -> Vec<Arc> {
        let Some(channel) = Channel::new(&word.written) else { return Vec::new() };
        let channel = if word.is_known() { channel.with_one_slip() } else { channel };
        let beyond = match word.is_known() {
            false => 0.0,
            true if self.is_titled(&word.term) => KNOWN,
            true => KNOWN_BY_TEXTS,
        };
        let believed = channel.believed();
        let near = self.near(&channel, purse).into_iter().map(|near| (Word::of(&near.word, self), near.cost + beyond));
        // A word of everyday language may be meant where the shop has only what stands for it.
        let spoken = if word.is_known() { Vec::new() } else { self.near_spoken(&channel, purse) };
        let near = near.chain(spoken.into_iter().map(|(near, count)| (Word::spoken(&near.word, count), near.cost)));
        let pairs = |other: &Word| beside.iter().any(|near| self.are_paired(near, other));
        let is_other = |(other, cost): &(Word, f32)| {
            other.term != word.term && self.can_be_meant(other) && (*cost <= believed + beyond || pairs(other) || begins_alike(word, other))
        };
        let mut near: Vec<(Word, f32)> = near.filter(is_other).collect();
        let by_texts = |other: &Word| other.is_known() && !other.is_spoken() && !self.is_titled(&other.term);
        near.iter_mut().filter(|(other, _)| by_texts(other)).for_each(|(_, cost)| *cost += MEANT_BY_TEXTS);
        near.sort_by(|(one, cost), (other, other_cost)| {
            (cost + alone(one, self)).total_cmp(&(other_cost + alone(other, self))).then_with(|| one.written.cmp(&other.written))
        });
        near.truncate(CANDIDATES_MAX);
        near.into_iter().map(|(other, cost)| Arc { span: 1, words: vec![other], cost }).collect()
    }

    /// Whether anybody means a word by a slip: one of three letters or more that does more than join others.
    fn can_be_meant(&self, other: &Word) -> bool {
        let joins = |word: &str| STOP_WORDS.contains(&word) || FUNCTION_WORDS.contains(&word) || (self.joins)(word);
        other.written.chars().count() >= MEANT_LETTERS_MIN && !joins(&other.term) && !FUNCTION_WORDS.contains(&other.written.as_str())
    }

    /// Whether titles hold two words side by side, in either order.
    fn are_paired(&self, one: &Word, other: &Word) -> bool {
        self.pair_count(&one.term, &other.term) + self.pair_count(&other.term, &one.term) > 0.0
    }

    /// Makes cheaper what products hold together with the words beside it, where none holds what was typed with any of them: there are `sonny`s in the shop
    /// and no `sonny headphones`, though `sony` and `headphones` stand in many a title with other words between.
    fn favour_company(&self, word: &Word, beside: &[&Word], respelled: &mut [Arc]) {
        let shared = |one: &Word, other: &Word| self.shared_count(&one.term, &other.term);
        if respelled.is_empty() || beside.iter().any(|near| shared(word, near) > 0.0) {
            return;
        }
        for arc in respelled.iter_mut().take(COMPANIES_MAX) {
            let [other] = arc.words.as_slice() else { continue };
            let apart = beside.iter().filter(|near| !self.are_paired(near, other));
            let most = apart.map(|near| shared(other, near)).fold(0.0, f32::max);
            arc.cost -= gain_of_titles(most * SHARED_PRODUCT, other, self);
        }
    }

    /// The halves of a word that was written as one.
    fn split(&self, word: &Word) -> Vec<Arc> {
        let halves = cuts(&word.written, HALF_CHARS_MIN).map(|at| word.written.split_at(at));
        let arc = |(first, second): (&str, &str)| {
            let (first, second) = (Word::of(first, self), Word::of(second, self));
            if !first.is_known() || !second.is_known() {
                return None;
            }
            let cost = match self.pair_count(&first.term, &second.term) > 0.0 {
                true => BLANK_SLIPPED,
                false if self.is_a_rare_pair(&first.term, &second.term) => BLANK_SLIPPED - gain_of_titles(1.0, &second, self) - ONE_TITLE,
                false => match self.held_together(&first.term, &second.term) {
                    count if count > 0.0 => BLANK_SLIPPED - gain_of_titles(count * SHARED_PRODUCT, &second, self),
                    _ if self.are_said_together(&first.term, &second.term) => BLANK_SLIPPED,
                    _ => BLANK_SLIPPED + STRANGE_PAIR,
                },
            };
            Some(Arc { span: 1, words: vec![first, second], cost })
        };
        halves.filter_map(arc).collect()
    }

    /// The halves of a word where the letter that ends the first and begins the second came once: `hardrive`. Only what titles say side by side.
    fn split_at_a_shared_letter(&self, word: &Word) -> Vec<Arc> {
        let arc = |at: usize| {
            let shared = word.written[at..].chars().next().map_or(0, char::len_utf8);
            let words = vec![Word::of(&word.written[..at + shared], self), Word::of(&word.written[at..], self)];
            self.are_beside(&words).then_some(Arc { span: 1, words, cost: BLANK_SLIPPED + channel::SLIP })
        };
        cuts(&word.written, HALF_CHARS_MIN).filter_map(arc).collect()
    }

    /// The halves of a word with a slip in one of them: `wirelesmouse`. Only what titles say side by side.
    fn split_with_a_slip(&self, word: &Word, purse: &mut Purse) -> Vec<Arc> {
        let mut arcs = Vec::new();
        for at in cuts(&word.written, SLIPPED_HALF_CHARS_MIN) {
            let halves = [&word.written[..at], &word.written[at..]].map(|half| Word::of(half, self));
            let Some(slipped) = halves.iter().position(|half| !half.is_known()).filter(|&slipped| halves[1 - slipped].is_known()) else {
                continue;
            };
            let near = Channel::new(&halves[slipped].written).map(|channel| self.near(&channel.with_one_slip(), purse));
            for near in near.unwrap_or_default() {
                let mut words = halves.to_vec();
                words[slipped] = Word::of(&near.word, self);
                if self.are_beside(&words) {
                    arcs.push(Arc { span: 1, words, cost: BLANK_SLIPPED + near.cost });
                }
            }
        }
        arcs.sort_by(|one, other| one.cost.total_cmp(&other.cost));
        arcs.truncate(CANDIDATES_MAX);
        arcs
    }

    /// Whether titles say two words, both known, side by side.
    fn are_beside(&self, words: &[Word]) -> bool {
        words.iter().all(Word::is_known) && self.pair_count(&words[0].term, &words[1].term) > 0.0
    }

    /// A name and its number that were written as one: `xbox360`, which the shop has with a blank. Where no title holds both side by side it is a code.
    fn number_apart(&self, word: &Word) -> Option<Arc> {
        if word.is_known() {
            return None;
        }
        let number = word.written.find(|letter: char| letter.is_ascii_digit())?;
        // A number may have letters before it: `galaxys2` is a Galaxy S2.
        let parted = word.written[..number].char_indices().map(|(at, _)| at).chain([number]).skip(HALF_CHARS_MIN).filter_map(|at| {
            let (name, number) = word.written.split_at(at);
            let words = [Word::of(name, self), Word::of(number, self)];
            let titles_count = self.pair_count(&words[0].term, &words[1].term);
            let is_pair = words[0].is_known() && (titles_count > 0.0 || self.is_a_rare_pair(&words[0].term, &words[1].term));
            is_pair.then_some((titles_count, words))
        });
        // Of two that are said as often the longer name.
        let (_, [name, number]) = parted.max_by(|one, other| one.0.total_cmp(&other.0))?;
        let cost = -alone(&name, self) - NUMBER_APART;
        Some(Arc { span: 1, words: vec![name, number], cost })
    }

    /// The one word that two were written as.
    fn joined(&self, first: &Word, second: &Word, purse: &mut Purse) -> Vec<Arc> {
        // `a new fridge` has nothing to do with `anew`, `is a` with the bus ISA, nor `usb c to hdmi` with a CTO.
        if [first, second].iter().any(|word| ARTICLES.contains(&word.written.as_str())) || is_an_initial(first, second) {
            return Vec::new();
        }
        let joined = Word::of(&format!("{}{}", first.written, second.written), self);
        // What a language puts together is found as one where it is typed as two.
        if first.is_put_together() || second.is_put_together() {
            return Vec::new();
        }
        if joined.is_known() {
            return vec![Arc { span: 2, words: vec![joined], cost: BLANK_SLIPPED }];
        }
        if first.is_known() && second.is_known() {
            return Vec::new();
        }
        let respelled = Channel::new(&joined.written).map(|channel| self.near(&channel.with_one_slip(), purse)).unwrap_or_default();
        respelled
            .into_iter()
            .map(|near| Arc { span: 2, words: vec![Word::of(&near.word, self)], cost: BLANK_SLIPPED + near.cost })
            .collect()
    }
}

/// Where a word may be cut so that each half has at least so many letters. Nobody leaves out the one blank of a longer word, and each cut is work.
fn cuts(written: &str, half_chars_min: usize) -> impl Iterator<Item = usize> {
    let count = if written.chars().nth(LETTERS_MAX).is_some() { 0 } else { written.chars().count() };
    written.char_indices().map(|(at, _)| at).take((count + 1).saturating_sub(half_chars_min)).skip(half_chars_min)
}

/// The words before and behind one that say what it is beside: known ones that do more than join others.
fn beside(words: &[Word], at: usize) -> Vec<&Word> {
    let around = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|at| words.get(at));
    around.filter(|word| word.is_known() && !word.has_digit && !STOP_WORDS.contains(&word.term.as_str())).collect()
}

/// Whether one of two words is a letter that stands for itself: `h and k` is the name of a brand and no hand, and `size s` no sizes.
fn is_an_initial(first: &Word, second: &Word) -> bool {
    let is_letter = |word: &Word| word.written.chars().nth(1).is_none();
    let stands_alone = |word: &Word| STOP_WORDS.contains(&word.written.as_str()) || word.written == "size";
    is_letter(first) && stands_alone(second) || stands_alone(first) && is_letter(second)
}

/// English words of sentences, which stand in every shop's texts: nobody looks for one by a slip. Those that titles say of things (`over`, `without`)
/// are none of them, nor are those that are things (`can`).
const FUNCTION_WORDS: [&str; 68] = [
    "this", "that", "these", "those", "is", "are", "was", "were", "be", "been", "being", "have", "has", "had", "having", "do", "does",
    "did", "but", "if", "then", "than", "so", "it", "its", "he", "she", "they", "them", "their", "his", "her", "him", "you", "your",
    "yours", "we", "our", "ours", "us", "my", "me", "will", "would", "could", "should", "might", "must", "may", "who", "whose", "which",
    "what", "when", "where", "why", "how", "because", "while", "during", "such", "very", "just", "only", "even", "there", "here", "also",
];

/// What stands before any word or between any two, and is no part of one.
const ARTICLES: [&str; 5] = ["a", "an", "the", "to", "of"];

impl Reading {
    fn is_as_typed(&self, typed: &[Typed]) -> bool {
        typed[self.typed.clone()].iter().map(|typed| &typed.written).eq(&self.read)
    }
}

/// Beginnings of fewer letters are not corrected.
const BEGINNING_CHARS_MIN: usize = 3;

/// What the beginning of a word was probably meant to be, as far as it was typed. None for one that some word begins with, for a short one
/// and for one with a digit.
#[must_use]
pub fn beginning(vocabulary: &Vocabulary, typed: &str) -> Option<String> {
    let is_short = typed.chars().count() < BEGINNING_CHARS_MIN;
    if is_short || typed.bytes().any(|byte| byte.is_ascii_digit()) || !vocabulary.complete(typed, 1).is_empty() {
        return None;
    }
    let channel = Channel::new(typed)?.with_one_slip();
    let words = vocabulary.written()?;
    let total = vocabulary.occurrences_count().max(1) as f32;
    let likely = |near: walk::Near| {
        let most = vocabulary.most_frequent(&near.word);
        (near.cost - (most as f32 / total).ln(), near.word)
    };
    let near = walk::beginnings(words, &channel, &mut Purse::full()).into_iter().map(likely);
    near.min_by(|one, other| one.0.total_cmp(&other.0).then_with(|| one.1.cmp(&other.1))).map(|(_, word)| word)
}

#[cfg(test)]
mod tests;
