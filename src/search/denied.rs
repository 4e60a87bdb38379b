//! What a query says that it does not want, in everyday language: `jacket not waterproof`, `laptop without ssd`.
//!
//! Unlike `-word`, which shuts products out, this is a wish: a description may say a word of anything, so products with it stay in the match set
//! and stand lower in their class, and the answer says so. A title that says the same (`Phone without contract`) is no product with a contract.
//! Nothing is denied where the words are a name (`Not Your Mother's`) or titles say them together, nor by a query that says nothing else.

use super::SearchError;
use super::dense::DenseSet;
use super::index::{SearchSnapshot, TermGroup, TextQuery, word_number};
use super::understand::{Query, Word, Words, belongs_to_a_name};
use crate::id::Ordinal;
use crate::text::{self, Language};

/// Words of a name that is denied.
const WORDS_MAX: usize = 3;

/// Words that are not wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Denied {
    /// The word that denies them, as typed.
    pub by: String,
    /// The words.
    pub words: Vec<Word>,
}

impl Denied {
    /// As the query says it.
    #[must_use]
    pub fn said(&self) -> String {
        std::iter::once(self.by.as_str()).chain(self.terms()).collect::<Vec<_>>().join(" ")
    }

    /// The terms that are not wanted, as they were read.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(Word::read_as)
    }
}

/// Takes what is denied out of the words of a query.
pub(super) fn take_denied(query: &mut Query, vocabulary: &impl Words) {
    let mut at = 0;
    while at + 1 < query.words.len() {
        let count = denied_count(query, at, vocabulary);
        if count == 0 || query.words.len() <= count + 1 {
            at += 1;
            continue;
        }
        let mut taken = query.words.drain(at..=at + count);
        let by = taken.next().map(|word| word.typed).unwrap_or_default();
        query.denied.push(Denied { by, words: taken.collect() });
    }
}

/// How many words the one at a place denies; none when it is no such word.
fn denied_count(query: &Query, at: usize, vocabulary: &impl Words) -> usize {
    let words = &query.words;
    let is_plain = |word: &Word| !word.is_quoted && word.open.is_none();
    let can_be_denied = |word: &&Word| is_plain(word) && !word.typed.starts_with(|letter: char| letter.is_ascii_digit());
    if !is_plain(&words[at]) || !vocabulary.denies(&words[at].typed) || belongs_to_a_name(words, at, vocabulary) {
        return 0;
    }
    let begins_a_name = |end: &usize| vocabulary.is_value(&words[at..*end].iter().map(Word::read_as).collect::<Vec<_>>());
    if (at + 2..=words.len().min(at + 1 + WORDS_MAX)).any(|end| begins_a_name(&end)) {
        return 0;
    }
    let room = words[at + 1..].iter().take(WORDS_MAX).take_while(can_be_denied).count();
    let is_one = |count: &usize| {
        let terms: Vec<&str> = words[at + 1..=at + count].iter().map(Word::read_as).collect();
        *count == 1 || query.typed.to_lowercase().contains(&terms.join("-")) || vocabulary.is_value(&terms)
    };
    (1..=room).rev().find(is_one).unwrap_or(0)
}

/// A text without what is denied in it.
pub(super) fn without_denied(read: &str, denied: &[Denied]) -> String {
    let mut rest = read.to_owned();
    for denied in denied {
        let tokens = text::tokens(&rest);
        let terms: Vec<&str> = denied.terms().collect();
        let is_it =
            |at: &usize| *at > 0 && tokens[*at..].iter().map(|token| token.term.as_str()).take(terms.len()).eq(terms.iter().copied());
        if let Some(at) = (0..tokens.len()).find(is_it) {
            // `w/o` is two tokens.
            let first = if tokens[at - 1].term == "o" && denied.by == "without" { at.saturating_sub(2) } else { at - 1 };
            rest = format!("{} {}", &rest[..tokens[first].start], &rest[tokens[at + terms.len() - 1].end..]);
        }
    }
    rest
}

/// The products that have all words of something that is denied, but for those whose titles deny it too.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn products(query: &Query, language: Language, index: &SearchSnapshot) -> Result<Option<DenseSet>, SearchError> {
    if query.denied.is_empty() {
        return Ok(None);
    }
    let mut found = DenseSet::below(index.columns.ordinals_end());
    let denying: Vec<u32> = language.denying().iter().map(|word| word_number(word)).collect();
    for denied in &query.denied {
        let groups: Vec<TermGroup> = denied.words.iter().map(Word::group).collect();
        let numbers: Vec<u32> = denied.words.iter().flat_map(Word::shown).map(word_number).collect();
        let says_so = |product: Ordinal| {
            let title = index.titles.words(product);
            title.windows(2).any(|pair| denying.contains(&pair[0]) && numbers.contains(&pair[1]))
        };
        index.text.matches(&TextQuery { required: groups.len(), groups }, &mut |one| {
            if !says_so(one.ordinal) {
                found.insert(one.ordinal);
            }
        })?;
    }
    Ok(Some(found))
}

/// What is told of it.
pub(super) fn told(denied: &Denied) -> String {
    let terms: Vec<&str> = denied.terms().collect();
    format!("what has `{}` stands lower", terms.join(" "))
}
