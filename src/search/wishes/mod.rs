//! What a query says of the wish and not of a product: `show me cheap headphones`, `laptop kaufen`, `pc portable pas cher`.
//!
//! No product has these words but by chance: looked for like any other, they found the song `Show Me` and the band `Cheap Trick`. So they are left
//! out of what is looked for, and the answer says so. They are words like any other where titles say them together with what stands beside
//! them (`cheap trick`, `all weather jacket`), where they belong to the name of a brand or category, in quotes, and where a query says nothing else.

use super::asked::Asked;
use super::understand::{Manner, Query, Word, Words, is_in_a_name, joins};
use crate::text::{self, Language, is_measure, is_unit};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Longer queries are texts that were pasted, and say what they say.
const QUERY_WORDS_MAX: usize = 24;
/// Words of the longest phrase.
const PHRASE_WORDS_MAX: usize = 5;

/// What behind a measure says which one it is, and nothing that a product is called: `shelf 80 cm wide`; as terms.
const DIMENSIONS: [&str; 26] = [
    "wide",
    "width",
    "long",
    "length",
    "deep",
    "depth",
    "high",
    "height",
    "tall",
    "thick",
    "thickness",
    "diameter",
    "breit",
    "lang",
    "hoch",
    "tief",
    "largeur",
    "longueur",
    "haut",
    "hauteur",
    "profondeur",
    "ancho",
    "alto",
    "largo",
    "breed",
    "hoog",
];

/// Phrases of each language, as terms.
static PHRASES: LazyLock<Vec<(Language, HashSet<Vec<String>>)>> = LazyLock::new(|| {
    let lines = || include_str!("words.txt").lines().filter_map(|line| line.split_once(':'));
    let said = |language: Language| lines().filter(move |(code, _)| *code == language.code()).flat_map(|(_, phrases)| phrases.split(','));
    Language::ALL.into_iter().map(|language| (language, said(language).map(text::terms).collect())).collect()
});

/// Whether these terms are a phrase of the wish in a language or in English.
pub(super) fn is_phrase(terms: &[String], language: Language) -> bool {
    let spoken = PHRASES.iter().filter(|(spoken, _)| [language, Language::English].contains(spoken));
    spoken.into_iter().any(|(_, phrases)| phrases.contains(terms))
}

/// Takes what is said of the wish out of the words that are asked for.
pub(super) fn take_wishes(asked: &mut Vec<Asked>, query: &mut Query, manner: Manner, vocabulary: &impl Words) {
    let is_one = (2..=QUERY_WORDS_MAX).contains(&asked.len()) && !manner.as_typed && !vocabulary.is_title(&query.typed);
    if !is_one {
        return;
    }
    // The last word may be unfinished.
    let end = asked.len() - usize::from(manner.is_open && query.typed.ends_with(char::is_alphanumeric));
    // What is in quotes is no part of a phrase.
    let term = |asked: &Asked| if asked.is_quoted { String::new() } else { asked.term.clone() };
    let spoken = Spoken { words: asked.iter().map(|asked| Word::plain(term(asked))).collect(), vocabulary };
    let wishes = spoken.wishes(end);
    let is_left_out = |at: usize| wishes.iter().any(|wish| wish.contains(&at));
    if !(0..asked.len()).any(|at| !is_left_out(at) && !joins(&spoken.words[at], vocabulary)) {
        return;
    }
    let place = |wish: &Range<usize>| asked[wish.start].at.start..asked[wish.end - 1].at.end;
    query.wishes = wishes.iter().map(|wish| query.typed[place(wish)].to_owned()).collect();
    let mut left_out = (0..asked.len()).map(is_left_out).collect::<Vec<bool>>().into_iter();
    asked.retain(|_| !left_out.next().unwrap_or(false));
}

/// A text without the first of each of these.
pub(super) fn without(read: &str, wishes: &[String]) -> String {
    wishes.iter().fold(read.to_owned(), |rest, wish| rest.replacen(wish.as_str(), " ", 1))
}

/// What is said of it.
pub(super) fn told(wishes: &[String]) -> Option<String> {
    let said: Vec<String> = wishes.iter().map(|wish| format!("`{wish}`")).collect();
    let (say, are) = if said.len() == 1 { ("says", "is") } else { ("say", "are") };
    (!said.is_empty()).then(|| format!("{} {say} nothing of a product and {are} not looked for", said.join(", ")))
}

/// The words that are asked for; those that are no part of a phrase without a term.
struct Spoken<'a, W> {
    words: Vec<Word>,
    vocabulary: &'a W,
}

impl<W: Words> Spoken<'_, W> {
    /// The phrases of the wish among the words before `end`, in order.
    fn wishes(&self, end: usize) -> Vec<Range<usize>> {
        let is_phrase = |span: &Range<usize>| {
            if span.len() == 1 && self.is_dimension(span.start) {
                return true;
            }
            let terms: Vec<String> = self.words[span.clone()].iter().map(|word| word.typed.clone()).collect();
            self.vocabulary.is_wish(&terms)
        };
        let mut found = Vec::new();
        let mut start = 0;
        while start < end {
            let spans = (start + 1..=end.min(start + PHRASE_WORDS_MAX)).rev().map(|end| start..end);
            match spans.filter(is_phrase).find(|span| !self.is_said_of_products(span)) {
                Some(span) => {
                    start = span.end;
                    found.push(span);
                }
                None => start += 1,
            }
        }
        found
    }

    /// Whether a word says which measure the one before it is.
    fn is_dimension(&self, at: usize) -> bool {
        let term = |at: usize| self.words[at].typed.as_str();
        let is_number = |at: usize| term(at).starts_with(|letter: char| letter.is_ascii_digit());
        let is_behind_a_measure = at > 0 && is_measure(term(at - 1)) || at > 1 && is_unit(term(at - 1)) && is_number(at - 2);
        is_behind_a_measure && DIMENSIONS.contains(&term(at))
    }

    /// Whether titles say the words together with the next one beside them that says something, or they belong to a name.
    fn is_said_of_products(&self, span: &Range<usize>) -> bool {
        let says_something = |at: &usize| !joins(&self.words[*at], self.vocabulary);
        let next = (span.end..self.words.len()).find(says_something);
        let before = (0..span.start).rev().find(says_something);
        let is_together = |from: usize, to: usize| {
            let terms: Vec<&str> = self.words[from..=to].iter().map(|word| word.typed.as_str()).collect();
            self.vocabulary.is_said(&terms)
        };
        next.is_some_and(|next| is_together(span.start, next))
            || before.is_some_and(|before| is_together(before, span.end - 1))
            || span.clone().any(|at| is_in_a_name(&self.words, at, self.vocabulary))
    }
}

#[cfg(test)]
mod tests;
