//! Which words of a query may be codes of products. A short number beside other words is none: it counts, measures or is part of a name far more often than
//! it is the number of a product.

use super::SearchError;
use super::asked::{asked_words, excluded_words};
use super::index::{GTIN_DIGITS_MIN, SearchSnapshot, TermGroup, TextQuery, word_number};
use super::request::QUERY_TERMS_MAX;
use crate::text;

/// Those that may name a product that is asked for.
pub(super) fn codes(typed: &str) -> impl Iterator<Item = &str> {
    let has_others = typed.contains(char::is_whitespace);
    asked_words(typed).filter(move |word| !(has_others && is_short_number(word))).take(QUERY_TERMS_MAX)
}

/// Those that may name one that is shut out.
pub(super) fn excluded_codes(typed: &str) -> impl Iterator<Item = &str> {
    excluded_words(typed).filter(|word| !is_short_number(word)).take(QUERY_TERMS_MAX)
}

/// Whether what is typed is a short number that titles say as well, and so a word among others: `1984` is a novel, whatever is the thousand nine hundred and
/// eighty-fourth product.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn is_a_word(typed: &str, index: &SearchSnapshot) -> Result<bool, SearchError> {
    if !is_short_number(typed) {
        return Ok(false);
    }
    let term = text::term_of(typed);
    let (number, mut is_said) = (word_number(&term), false);
    index.text.matches(&TextQuery { groups: vec![TermGroup::exactly(term)], required: 1 }, &mut |found| {
        is_said = is_said || index.titles.words(found.ordinal).contains(&number);
    })?;
    Ok(is_said)
}

/// Whether it is a number of fewer digits than a GTIN has.
fn is_short_number(word: &str) -> bool {
    word.len() < GTIN_DIGITS_MIN && word.bytes().all(|byte| byte.is_ascii_digit())
}
