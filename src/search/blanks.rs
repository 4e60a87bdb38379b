//! Words that a shop writes both as one and as two: `cornflakes` and `corn flakes`, `trackpants` and `track pants`.
//!
//! Which of the two a product has is chance, and spelling corrects neither since the shop has both. So one is looked for beside the other where titles
//! show that they are the same: the two stand side by side in half of the titles of one of them (few pets go with cars, so `carpet` is no `car pet`), and
//! two that are typed are one word too unless that is far more frequent than they are side by side.

use super::index::SearchSnapshot;
use super::thesaurus::Alternative;
use super::understand::{Query, Word};
use super::vocabulary::Vocabulary;
use crate::text;

/// Letters of a half and of the whole.
const HALF_LETTERS_MIN: usize = 3;
const WHOLE_LETTERS_MIN: usize = 7;
/// Titles with the two side by side.
const SIDE_BY_SIDE_MIN: u64 = 3;
/// Of the titles of the rarer half at least one of so many has the other beside it.
const APART_SHARE: u64 = 2;
/// One word may be so many times as frequent as the two side by side.
const JOINED_TIMES_MAX: u64 = 8;

/// Offers the other writing of words.
pub(super) fn offer_blanks(query: &mut Query, index: &SearchSnapshot) {
    let words = &index.vocabulary;
    for at in 0..query.words.len() {
        let word = &query.words[at];
        if let Some(halves) = Some(word).filter(|word| is_plain(word)).and_then(|word| halves(word, words)) {
            query.apart.push(Alternative { typed: word.typed.clone(), added: vec![halves.join(" ")] });
            query.words[at].alternatives.push(halves);
        }
        let Some([first, second]) = query.words.get(at..at + 2) else { continue };
        if let Some(joined) = (is_plain(first) && is_plain(second)).then(|| joined(first, second, words)).flatten() {
            query.apart.push(Alternative { typed: format!("{} {}", first.typed, second.typed), added: vec![joined.clone()] });
            query.words[at..at + 2].iter_mut().for_each(|word| word.writings.push((joined.clone(), 1.0)));
        }
    }
}

fn is_plain(word: &Word) -> bool {
    !word.is_quoted
        && word.open.is_none()
        && word.others.is_empty()
        && word.parts.is_empty()
        && word.typed.bytes().all(|letter| letter.is_ascii_lowercase())
}

/// The two words that one may be written as; the likeliest ones.
fn halves(word: &Word, words: &Vocabulary) -> Option<Vec<String>> {
    let typed = &word.typed;
    if typed.len() < WHOLE_LETTERS_MIN || words.df(typed) == 0 {
        return None;
    }
    let cuts = (HALF_LETTERS_MIN..=typed.len() - HALF_LETTERS_MIN).map(|at| typed.split_at(at));
    let pairs = cuts.map(|(first, second)| (text::term_of(first), text::term_of(second)));
    let side_by_side = |(first, second): &(String, String)| {
        let rarer = words.df(first).min(words.df(second));
        let count = if rarer == 0 { 0 } else { words.pair_titles_count(first, second) };
        if count >= SIDE_BY_SIDE_MIN && count * APART_SHARE >= rarer { count } else { 0 }
    };
    let (count, (first, second)) = pairs.map(|pair| (side_by_side(&pair), pair)).max_by_key(|(count, _)| *count)?;
    (count > 0).then(|| vec![first, second])
}

/// The one word that two may be written as.
fn joined(first: &Word, second: &Word, words: &Vocabulary) -> Option<String> {
    let joined = format!("{}{}", first.typed, second.typed);
    let are_long = first.typed.len().min(second.typed.len()) >= HALF_LETTERS_MIN && joined.len() >= WHOLE_LETTERS_MIN;
    let count = if are_long { words.df(&joined) } else { 0 };
    let side_by_side = if count == 0 { 0 } else { words.pair_titles_count(&first.typed, &second.typed) };
    (count > 0 && count <= side_by_side * JOINED_TIMES_MAX).then_some(joined)
}
