//! Queries that ask for two things: of `washer and dryer` a washer is one of what was asked for, and so is a dryer.
//!
//! Looked for like any other words, both would have to be in one product, and what has both is what goes with them: stacking kits and pedestals.
//! So where a query says nothing but two things with a word such as `and` between them, a product that has either has all that was asked for.
//! What the shop sells as both in one still comes first, since its title says both.

use super::SearchError;
use super::index::{SearchSnapshot, TermGroup, word_number};
use super::matching::holding_all;
use super::understand::{Query, Word};
use crate::text::{self, Language};

/// Fewer products that titles say a word of as what they are are no kind of thing.
const THINGS_MIN: u64 = 20;
/// Of the titles with a word at least these say it as what the product is.
const THING_SHARE_MIN: f32 = 0.25;
/// Of one of so many that is both, the two are one thing: `bow and arrow`.
const TOGETHER_SHARE: u64 = 2;

/// Whether the shop's titles say the word as what a product is, often enough to be sure.
pub(super) fn is_a_thing(word: &Word, index: &SearchSnapshot) -> bool {
    let term = word.read_as();
    index.thing_words.share(word_number(term)) >= THING_SHARE_MIN && things_count(term, index) >= THINGS_MIN
}

fn things_count(term: &str, index: &SearchSnapshot) -> u64 {
    index.vocabulary.df(&text::marked_thing(term))
}

/// Marks a query that asks for two things, and both of them.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn mark(query: &mut Query, language: Language, index: &SearchSnapshot) -> Result<(), SearchError> {
    let [first, second] = &mut query.words[..] else { return Ok(()) };
    let is_plain = |word: &Word| !word.is_quoted && word.open.is_none();
    if !query.phrases.is_empty() || !query.denied.is_empty() || !is_plain(first) || !is_plain(second) || !joins(&query.read, language) {
        return Ok(());
    }
    if !is_a_thing(first, index) || !is_a_thing(second, index) || are_one(first.read_as(), second.read_as(), index)? {
        return Ok(());
    }
    (first.is_head, second.is_head) = (true, true);
    query.is_either = true;
    Ok(())
}

/// Whether what was read is one word, a word that joins, and another word.
fn joins(read: &str, language: Language) -> bool {
    let tokens = text::tokens(read);
    match &tokens[..] {
        [_, between, _] => ands(language).contains(&between.term.as_str()),
        [first, second] => read[first.end..second.start].trim() == "&",
        _ => false,
    }
}

/// Words that put one thing beside another, as terms.
fn ands(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => &["and"],
        Language::German => &["und", "and"],
        Language::Dutch => &["en", "and"],
        Language::French => &["et", "and"],
        Language::Spanish => &["y", "and"],
        Language::Italian | Language::Portuguese => &["e", "and"],
        Language::Swedish => &["och", "and"],
        Language::Danish | Language::Norwegian => &["og", "and"],
    }
}

/// Whether most of what is one of two things is the other too.
fn are_one(first: &str, second: &str, index: &SearchSnapshot) -> Result<bool, SearchError> {
    let groups = [first, second].iter().map(|term| TermGroup::exactly(text::marked_thing(term))).collect();
    let both_count = holding_all(groups, index)?.len();
    Ok(both_count * TOGETHER_SHARE >= things_count(first, index).min(things_count(second, index)))
}

/// What is said of it.
pub(super) fn told(query: &Query) -> Option<String> {
    let [first, second] = &query.words[..] else { return None };
    query.is_either.then(|| format!("`{}` and `{}` are two things, and either is found", first.read_as(), second.read_as()))
}
