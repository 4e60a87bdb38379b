//! German, Dutch, Swedish, Danish and Norwegian.

use super::{cut, cut_ending};

/// Letters after which a German `-s` or `-st` is an ending.
fn carries_s(letter: Option<char>) -> bool {
    letter.is_some_and(|letter| matches!(letter, 'b' | 'd' | 'f' | 'g' | 'h' | 'k' | 'l' | 'm' | 'n' | 't'))
}

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// Case and number, then comparison.
pub(super) fn german(word: &mut String) {
    let ended = cut_ending(word, 5, &["ern"]) || cut_ending(word, 4, &["em", "en", "er", "es"]) || cut_ending(word, 3, &["e"]);
    if !ended && word.len() > 3 && word.ends_with('s') && carries_s(word.chars().rev().nth(1)) {
        cut(word, 1);
    }
    if cut_ending(word, 5, &["est"]) || cut_ending(word, 4, &["er", "en"]) {
        return;
    }
    if word.len() > 4 && word.ends_with("st") && carries_s(word.chars().rev().nth(2)) {
        cut(word, 2);
    }
}

/// `-heden`, `-en`, `-e` and `-s`, then doubled letters, which only the spelling asks for: `brillen` and `bril`, `manen` and `maan`.
pub(super) fn dutch(word: &mut String) {
    if cut_ending(word, 6, &["heden"]) {
        word.push_str("heid");
        return;
    }
    let before = |word: &str, ending: usize| word.chars().rev().nth(ending);
    if word.len() > 4 && word.ends_with("en") && before(word, 2).is_some_and(|letter| !is_vowel(letter)) {
        cut(word, 2);
    } else if word.len() > 3 && word.ends_with('e') && before(word, 1).is_some_and(|letter| !is_vowel(letter)) {
        cut(word, 1);
    }
    if word.len() > 3 && word.ends_with('s') && before(word, 1).is_some_and(|letter| !is_vowel(letter) && letter != 's') {
        cut(word, 1);
    }
    let letters: Vec<char> = word.chars().collect();
    if let [.., a, b] = letters[..]
        && a == b
        && !is_vowel(a)
    {
        cut(word, 1);
    }
    let letters: Vec<char> = word.chars().collect();
    if let [.., a, b, last] = letters[..]
        && a == b
        && matches!(a, 'a' | 'e' | 'o' | 'u')
        && !is_vowel(last)
    {
        word.truncate(word.len() - 2);
        word.push(last);
    }
}

/// Genitive, then definite and plural endings, the longest first.
pub(super) fn swedish(word: &mut String) {
    if word.len() > 4 && word.ends_with('s') {
        cut(word, 1);
    }
    let _ = cut_ending(word, 7, &["elser", "heten"])
        || cut_ending(word, 6, &["arne", "erna", "arna", "ande", "else", "aste", "orna", "aren"])
        || cut_ending(word, 5, &["are", "ast", "het"])
        || cut_ending(word, 4, &["ar", "er", "or", "en", "at", "te", "et", "an"])
        || cut_ending(word, 3, &["a", "e", "n", "t"]);
}

/// Genitive, then definite and plural endings, the longest first.
pub(super) fn danish(word: &mut String) {
    if word.len() > 4 && word.ends_with('s') && carries_s(word.chars().rev().nth(1)) {
        cut(word, 1);
    }
    let _ = cut_ending(word, 7, &["ernes", "enes"])
        || cut_ending(word, 6, &["erne"])
        || cut_ending(word, 5, &["ene", "ers"])
        || cut_ending(word, 4, &["en", "et", "er"])
        || cut_ending(word, 3, &["e", "t"]);
}
