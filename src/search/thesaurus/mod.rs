//! What words mean in everyday language, whatever the shop: a couch is a sofa, and who asks for footwear finds boots.
//!
//! A shop knows the words of its own catalogue. People type those of their language: a shop of trousers is asked for pants. The files beside
//! this one, one for each language, say which words are put in place of each other. They are a last resort of understanding, so they give way
//! to everything that the shop says itself:
//!
//! - What was typed stays, and counts more. What stands for it joins only where the shop's own words have it.
//! - The longest phrase decides: what stands for a part of it is not looked for (`tap and die` has nothing to do with faucets).
//! - The name of a brand and what is in quotes are meant as they stand.
//! - A merchant's synonym adds to them, or takes their place when it says so.
//!
//! A marketplace can switch them off (`thesaurus = false`), and so can an arm of an experiment.

mod entry;

use super::index::SearchSnapshot;
use super::intent::Intents;
use super::merchandising::Synonyms;
use super::understand::{Query, Word};
use crate::id::MarketplaceId;
use crate::text::{self, Language};
use entry::{Book, PHRASE_WORDS_MAX, Phrase};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Alternatives that one word of a query gets; each is one more list to read.
const ALTERNATIVES_MAX: usize = 12;

/// Phrases with one word that are looked at for whether the shop has something for any.
const PHRASES_LOOKED_AT_MAX: usize = 8;

/// A word that fewer products have crowds out nothing.
const USED_MIN: u64 = 20;
/// A thing is called rather by a name than by another that so many times fewer titles say as what the product is.
const CALLED_RATHER: u64 = 8;

static BOOKS: [LazyLock<Book>; 6] = [
    LazyLock::new(|| Book::read(include_str!("english.txt"), Language::English)),
    LazyLock::new(|| Book::read(include_str!("german.txt"), Language::German)),
    LazyLock::new(|| Book::read(include_str!("french.txt"), Language::French)),
    LazyLock::new(|| Book::read(include_str!("spanish.txt"), Language::Spanish)),
    LazyLock::new(|| Book::read(include_str!("italian.txt"), Language::Italian)),
    LazyLock::new(|| Book::read(include_str!("dutch.txt"), Language::Dutch)),
];

/// Words of a query for which others were looked for too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alternative {
    /// The words of the query, as the search compares them.
    pub typed: String,
    /// What was looked for too.
    pub added: Vec<String>,
}

/// The everyday words of one language. Copying costs nothing.
#[derive(Debug, Clone, Copy)]
pub struct Thesaurus {
    book: &'static Book,
}

impl Thesaurus {
    /// That of a language; there is none for some.
    #[must_use]
    pub fn of(language: Language) -> Option<Self> {
        let at = match language {
            Language::English => 0,
            Language::German => 1,
            Language::French => 2,
            Language::Spanish => 3,
            Language::Italian => 4,
            Language::Dutch => 5,
            Language::Portuguese | Language::Swedish | Language::Danish | Language::Norwegian => return None,
        };
        Some(Self { book: &BOOKS[at] })
    }

    /// What stands for a phrase where the shop has it. None when nothing does; nothing when the phrase is one that nothing stands for.
    fn alternatives<T: AsRef<str>>(self, phrase: &[T], index: &SearchSnapshot) -> Option<Vec<Other>> {
        let known = self.book.of(phrase)?;
        let others = sold(known, index);
        (known.is_empty() || !others.is_empty()).then_some(others)
    }

    /// How many products of the shop have what stands for a phrase.
    pub(super) fn count<T: AsRef<str>>(self, phrase: &[T], index: &SearchSnapshot) -> u64 {
        self.alternatives(phrase, index).map_or(0, |others| held_by(&others, index))
    }

    /// The words of phrases for which the shop has something, as they are written, from one on in order; and how many products have what stands for
    /// the word alone, 1 where it only does in a phrase.
    pub(super) fn spoken_from<'i>(
        self,
        first: &str,
        index: &'i SearchSnapshot,
    ) -> impl Iterator<Item = (&'static str, impl Fn() -> u64 + 'i)> {
        self.book.spoken_from(first).map(move |(word, phrases)| {
            let count = move || {
                let of = |phrase: &Phrase| self.book.of_keys(phrase).map_or(0, |known| held_by(&sold(known, index), index));
                let alone = phrases.iter().filter(|phrase| phrase.len() == 1).map(of).max().unwrap_or(0);
                let is_part = || phrases.iter().take(PHRASES_LOOKED_AT_MAX).any(|phrase| phrase.len() > 1 && of(phrase) > 0);
                if alone == 0 { u64::from(is_part()) } else { alone }
            };
            (word, count)
        })
    }

    /// Whether the language knows a word by itself or as part of a phrase.
    pub(super) fn has_word(self, term: &str) -> bool {
        self.book.has_word(term)
    }

    /// Which of these words the language knows: no typing errors, whether or not some product has them. A word of a phrase is one when what
    /// stands beside it `is_strange`, for that is likely the rest of the phrase, misspelled: `cofee maker`.
    pub(super) fn known<T: AsRef<str>>(self, terms: &[T], is_strange: impl Fn(&str) -> bool) -> Vec<bool> {
        let mut known = vec![false; terms.len()];
        let mut start = 0;
        while start < terms.len() {
            let end = ends(start, terms.len()).find(|&end| self.book.of(&terms[start..end]).is_some());
            known[start..end.unwrap_or(start)].fill(true);
            start = end.unwrap_or(start + 1);
        }
        let strange = |at: usize| terms.get(at).is_some_and(|term| is_strange(term.as_ref()));
        for at in 0..terms.len() {
            known[at] = known[at] || self.book.has_word(terms[at].as_ref()) && (strange(at + 1) || at > 0 && strange(at - 1));
        }
        known
    }

    /// A text with the first phrase that the shop has something for said otherwise; none when there is no such phrase.
    pub(super) fn otherwise<T: AsRef<str>>(self, words: &[T], index: &SearchSnapshot) -> Option<Vec<String>> {
        let terms: Vec<String> = words.iter().map(|word| text::term_of(word.as_ref())).collect();
        let spans = (0..terms.len()).flat_map(|start| ends(start, terms.len()).map(move |end| start..end));
        let said = |span: std::ops::Range<usize>| Some((span.clone(), self.alternatives(&terms[span], index)?.into_iter().next()?));
        let (span, other) = spans.into_iter().find_map(said)?;
        let as_written = |words: &[T]| words.iter().map(|word| word.as_ref().to_owned()).collect::<Vec<_>>();
        let other: Vec<String> = self.book.written(other.phrase).split_whitespace().map(str::to_owned).collect();
        Some([as_written(&words[..span.start]), other, as_written(&words[span.end..])].concat())
    }

    /// What else the thing may be called that stands at `head`, as terms: the phrases that stand for the longest one that ends there, or begins
    /// there in languages where the thing comes first.
    pub(super) fn called<T: AsRef<str>>(self, terms: &[T], head: usize, language: Language, index: &SearchSnapshot) -> Vec<Vec<String>> {
        let spans = (1..=PHRASE_WORDS_MAX).rev().filter_map(|length| match language.has_the_thing_first() {
            true => Some(head..head + length).filter(|span| span.end <= terms.len()),
            false => (head + 1).checked_sub(length).map(|start| start..head + 1),
        });
        let others = spans.map(|span| &terms[span]).find_map(|phrase| self.alternatives(phrase, index)).unwrap_or_default();
        // Names of categories are no stems.
        others.into_iter().flat_map(|other| [text::terms(&self.book.written(other.phrase)), other.terms]).collect()
    }

    /// Gives the words of a query what stands for them and says for which. `own` are the merchants' words, which may take their place.
    pub(super) fn expand(self, query: &mut Query, index: &SearchSnapshot, intents: &Intents, own: Own<'_>) -> Vec<Alternative> {
        let brands = intents.brand_terms();
        let is_meant = |word: &Word| word.is_quoted || brands.iter().any(|brand| brand == word.read_as());
        let mut used = Vec::new();
        let mut start = 0;
        while start < query.words.len() {
            let widest = query.words[start..].iter().take(PHRASE_WORDS_MAX).take_while(|word| !is_meant(word)).count();
            let end = ends(start, start + widest).find_map(|end| {
                let words = &mut query.words[start..end];
                let read: Vec<String> = words.iter().map(|word| word.read_as().to_owned()).collect();
                let found = if intents.is_called(&read) { None } else { self.expand_phrase(words, index, own)? };
                used.extend(found);
                Some(end)
            });
            start = end.unwrap_or(start + 1);
        }
        used
    }

    /// Gives words that are one phrase what stands for it. None when nothing is known of the phrase.
    fn expand_phrase(self, words: &mut [Word], index: &SearchSnapshot, own: Own<'_>) -> Option<Option<Alternative>> {
        let typed: Vec<String> = words.iter().map(|word| word.typed.clone()).collect();
        let read: Vec<String> = words.iter().map(|word| word.read_as().to_owned()).collect();
        let (phrase, others) = BTreeSet::from([typed, read]).into_iter().find_map(|phrase| {
            let others = self.alternatives(&phrase, index)?;
            Some((phrase, others))
        })?;
        if others.is_empty() || own.synonyms.takes_the_place_of_others(&phrase, own.marketplace) {
            return Some(None);
        }
        let usual = usual(&phrase, &others, index);
        for word in words {
            word.is_foreign = index.vocabulary.df(word.read_as()) == 0;
            word.alternatives.extend(others.iter().map(|other| other.terms.clone()));
            word.usual.clone_from(&usual);
        }
        let mut added: Vec<String> = others.iter().map(|other| self.book.written(other.phrase)).collect();
        added.dedup();
        Some(Some(Alternative { typed: phrase.join(" "), added }))
    }
}

/// What stands for a phrase.
struct Other {
    /// As the book has it.
    phrase: &'static Phrase,
    /// As the index has it.
    terms: Vec<String>,
}

/// Of phrases in the place of one those that the shop has.
fn sold(known: &'static [Phrase], index: &SearchSnapshot) -> Vec<Other> {
    let forms = known.iter().flat_map(|phrase| forms(phrase, index).into_iter().map(move |terms| Other { phrase, terms }));
    forms.filter(|other| sells(&other.terms, index)).take(ALTERNATIVES_MAX).collect()
}

/// Of what stands for a word the names by which the shop calls the thing, where it says the word of a page of products and more and hardly of
/// the thing itself: in a shop of notebooks `laptop` is said of locks.
fn usual(phrase: &[String], others: &[Other], index: &SearchSnapshot) -> Vec<Vec<String>> {
    let things = |term: &str| index.vocabulary.df(&text::marked_thing(term));
    let [word] = phrase else { return Vec::new() };
    if index.vocabulary.df(word) < USED_MIN {
        return Vec::new();
    }
    let called_so = things(word).max(1) * CALLED_RATHER;
    let is_usual = |other: &&Other| matches!(&other.terms[..], [other] if things(other) >= called_so);
    others.iter().filter(is_usual).map(|other| other.terms.clone()).collect()
}

/// How many products have the most frequent of these, at most.
fn held_by(others: &[Other], index: &SearchSnapshot) -> u64 {
    let held = |other: &Other| other.terms.iter().map(|term| index.vocabulary.df(term)).min().unwrap_or(0);
    others.iter().map(held).max().unwrap_or(0)
}

/// The words that merchants gave a meaning in a marketplace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Own<'a> {
    pub(super) synonyms: &'a Synonyms,
    pub(super) marketplace: Option<&'a MarketplaceId>,
}

/// Where a phrase may end that begins at `start`, the longest first.
fn ends(start: usize, len: usize) -> impl Iterator<Item = usize> {
    (start + 1..=len.min(start + PHRASE_WORDS_MAX)).rev()
}

/// A phrase as terms of the index, which keeps a stem under its mark where it differs from the term: a word in both forms, of more words each
/// in the more frequent one.
fn forms(phrase: &Phrase, index: &SearchSnapshot) -> Vec<Phrase> {
    let both =
        |word: &String| [Some(word.as_str()), text::unmarked(word)].into_iter().flatten().map(str::to_owned).collect::<Vec<String>>();
    match phrase.as_slice() {
        [word] => both(word).into_iter().map(|form| vec![form]).collect(),
        words => vec![words.iter().filter_map(|word| both(word).into_iter().max_by_key(|form| index.vocabulary.df(form))).collect()],
    }
}

/// Whether the shop has what these terms say: some product has each, and where there are two, titles say them side by side or some live
/// product has them.
fn sells(terms: &[String], index: &SearchSnapshot) -> bool {
    let words = &index.vocabulary;
    let is_live = |term: &String| words.live().get(term.as_str()).is_some_and(|postings| postings.len() > 0);
    let side_by_side = |pair: &[String]| {
        // Pairs are counted of terms.
        pair.iter().any(|term| text::is_marked(term))
            || words.pair_titles_count(&pair[0], &pair[1]) > 0
            || pair.iter().all(is_live)
            || index.has_rare_pair(&pair[0], &pair[1])
    };
    terms.iter().all(|term| words.df(term) > 0) && terms.windows(2).all(side_by_side)
}

#[cfg(test)]
mod tests;
