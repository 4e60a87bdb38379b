//! The same for Japanese words of katakana, in whatever language a shop is read: `イヤホン` finds `ワイヤレスイヤホン`, `ランニング` finds
//! `ランニングシューズ`, and `ランニング シューズ` both finds and is found by it.

use super::{ENDING_WEIGHT, ENDINGS_MAX, SPLITS_MAX};
use crate::search::understand::{Query, Word};
use crate::search::vocabulary::Vocabulary;
use crate::text::{KATAKANA_LETTERS_MIN, katakana_letters, katakana_otherwise};

/// What a word counts that begins with the one asked for, against it: it says of something else what was asked for.
const BEGINNING_WEIGHT: f32 = 0.5;
/// Words of fewer letters begin and end too many others.
const LETTERS_MIN: usize = 3;

/// Lets what is put together do for the words of a query.
pub(in crate::search) fn offer_katakana(query: &mut Query, vocabulary: &Vocabulary) {
    let is_katakana = |word: &&mut Word| !word.is_quoted && katakana_letters(word.read_as()).is_some();
    for word in query.words.iter_mut().filter(is_katakana) {
        let term = word.read_as().to_owned();
        word.writings.extend(katakana_otherwise(&term).filter(|other| vocabulary.df(other) > 0).map(|other| (other, 1.0)));
        for (longer, weight) in longer(&term, vocabulary) {
            if word.endings.iter().all(|(known, _)| *known != longer) {
                word.endings.push((longer, weight));
            }
        }
        word.alternatives.extend(parts(&term, vocabulary));
        word.is_foreign = vocabulary.df(&term) == 0 && !word.alternatives.is_empty();
    }
}

/// Whether a word is in no product and yet one: others end or begin with it, or it is put together.
pub(in crate::search) fn is_known_katakana(term: &str, vocabulary: &Vocabulary) -> bool {
    katakana_letters(term).is_some() && (!longer(term, vocabulary).is_empty() || !parts(term, vocabulary).is_empty())
}

/// Words that end or begin with a term, with what they count.
fn longer(term: &str, vocabulary: &Vocabulary) -> Vec<(String, f32)> {
    let Some(letters) = katakana_letters(term).filter(|letters| *letters >= LETTERS_MIN) else { return Vec::new() };
    let is_longer = |other: &String| katakana_letters(other).is_some_and(|count| count >= letters + KATAKANA_LETTERS_MIN);
    let backwards: String = term.chars().rev().collect();
    let ends = vocabulary.endings(&backwards, ENDINGS_MAX).into_iter().map(|key| (key.chars().rev().collect::<String>(), ENDING_WEIGHT));
    let begins = vocabulary.complete(term, ENDINGS_MAX / 2).into_iter().map(|word| (word, BEGINNING_WEIGHT));
    ends.chain(begins).filter(|(other, _)| is_longer(other)).collect()
}

/// Pairs of words of the shop that a term is put together of.
fn parts(term: &str, vocabulary: &Vocabulary) -> Vec<Vec<String>> {
    let cuts = term.char_indices().map(|(at, _)| at).skip(KATAKANA_LETTERS_MIN);
    let halves = cuts.map(|at| term.split_at(at)).filter(|(_, second)| second.chars().count() >= KATAKANA_LETTERS_MIN);
    let are_held = |(first, second): &(&str, &str)| vocabulary.df(first) > 0 && vocabulary.df(second) > 0;
    halves.filter(are_held).take(SPLITS_MAX).map(|(first, second)| vec![first.to_owned(), second.to_owned()]).collect()
}
