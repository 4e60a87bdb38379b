//! Words: the one way in which documents, queries and models cut text into terms.
//!
//! A term is a run of letters and digits after compatibility decomposition (NFKD) with accents dropped and case folded; a decimal point
//! or comma between digits stays inside ("15.6", and "15,6" becomes "15.6"). Plurals are folded by Harman's S-stemmer (D. Harman,
//! "How effective is suffixing?", JASIS 42(1), 1991), the lightest that helps shop queries without joining unrelated words.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer terms are cut; nothing that people type is longer.
pub const TERM_BYTES_MAX: usize = 64;

/// A term and the bytes of the text that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The normalised term.
    pub term: String,
    /// First byte in the original text.
    pub start: usize,
    /// One past the last byte in the original text.
    pub end: usize,
}

/// The terms of a text in order.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        if !letter.is_alphanumeric() {
            continue;
        }
        let mut end = start + letter.len_utf8();
        let mut last = letter;
        while let Some(&(at, next)) = letters.peek() {
            if !continues_term(last, next, &text[at + next.len_utf8()..]) {
                break;
            }
            end = at + next.len_utf8();
            last = next;
            letters.next();
        }
        let term = term_of(&text[start..end]);
        if !term.is_empty() {
            found.push(Token { term, start, end });
        }
    }
    found
}

/// Whether `next` belongs to the term that `last` is in; `rest` is what follows `next`.
fn continues_term(last: char, next: char, rest: &str) -> bool {
    let decimal_point = matches!(next, '.' | ',') && last.is_ascii_digit() && rest.starts_with(|digit: char| digit.is_ascii_digit());
    next.is_alphanumeric() || is_combining_mark(next) || decimal_point
}

/// The terms of a text, without places.
#[must_use]
pub fn terms(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|token| token.term).collect()
}

/// Folds one word: compatibility forms, accents, case, decimal comma, plural.
#[must_use]
pub fn term_of(word: &str) -> String {
    let mut folded = fold(word);
    if folded.as_bytes().first().is_some_and(u8::is_ascii_digit) && folded.contains(',') {
        folded = folded.replace(',', ".");
    }
    if folded.len() > TERM_BYTES_MAX {
        let cut = (0..=TERM_BYTES_MAX).rev().find(|&at| folded.is_char_boundary(at)).unwrap_or(0);
        folded.truncate(cut);
    }
    stem_plural(&mut folded);
    folded
}

/// Compatibility decomposition, accents dropped, lower case. ASCII takes a short cut.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect()
}

/// Harman's S-stemmer: `-ies` to `-y`, `-es` to `-e`, `-s` dropped, each with its exceptions; words of three letters or fewer stay.
fn stem_plural(word: &mut String) {
    if word.len() <= 3 || !word.is_ascii() || word.bytes().any(|letter| letter.is_ascii_digit()) {
        return;
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    if ends(&["ies"]) && !ends(&["eies", "aies"]) {
        word.truncate(word.len() - 3);
        word.push('y');
    } else if ends(&["sses", "shes", "ches", "xes", "zes"]) {
        word.truncate(word.len() - 2);
    } else if ends(&["s"]) && !ends(&["us", "ss", "is"]) {
        word.truncate(word.len() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_terms() {
        let check = |text: &str, expected: &[&str]| assert_eq!(terms(text), expected, "{text}");
        check("Men's Running SHOES", &["men", "s", "running", "shoe"]);
        check("Crème brûlée", &["creme", "brulee"]);
        check("15,6\" display, 15.6 inch", &["15.6", "display", "15.6", "inch"]);
        check("USB-C/Type-C cable", &["usb", "c", "type", "c", "cable"]);
        check("batteries boxes glasses bus bras", &["battery", "box", "glass", "bus", "bra"]);
        check("…!?", &[]);
        check("ﬁne № 5", &["fine", "5"]);
    }

    #[test]
    fn tokens_point_into_the_original_text() {
        let text = "Füße: 2 Paar";
        for token in tokens(text) {
            assert_eq!(term_of(&text[token.start..token.end]), token.term);
        }
        assert_eq!(tokens(text)[0], Token { term: "fuße".to_owned(), start: 0, end: 6 });
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_without_panic_and_folding_settles(text in "\\PC{0,60}") {
            for token in tokens(&text) {
                proptest::prop_assert!(token.start < token.end && token.end <= text.len());
                proptest::prop_assert!(token.term.len() <= TERM_BYTES_MAX + 4);
            }
        }
    }
}
