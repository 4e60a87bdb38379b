//! Cutting a text into terms.

use super::fold::{fold, is_unseen};
use super::plural::stem_plural;
use super::segment;
use unicode_normalization::char::is_combining_mark;

/// Longer terms are cut; nothing that people type is longer.
pub const TERM_BYTES_MAX: usize = 64;
/// Digits in a group of a number written with thousands separators.
const THOUSANDS_DIGITS: usize = 3;
/// The typewriter's, the printer's, and the one that is a letter modifier.
const APOSTROPHES: [char; 3] = ['\'', '’', 'ʼ'];

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
    for_each_word(text, |start, end| {
        let term = term_of(&text[start..end]);
        if is_said(&term) {
            found.push(Token { term, start, end });
        }
    });
    found
}

/// The words of a text in order, folded but in the singular or plural that they have.
#[must_use]
pub fn written(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for_each_word(text, |start, end| found.extend(Some(fold(&text[start..end])).filter(|word| is_said(word))));
    found
}

/// Visits the first byte of each word, and the one past its last.
fn for_each_word(text: &str, mut visit: impl FnMut(usize, usize)) {
    let mut at = 0;
    while let Some(start) = text[at..].find(char::is_alphanumeric).map(|offset| at + offset) {
        let run_end = start + run_len(&text[start..]);
        let run = &text[start..run_end];
        at = run_end;
        if !run.is_ascii() && run.chars().any(segment::is_unspaced) {
            segment::words(run, |from, to| visit(start + from, start + to));
        } else {
            at += possessive_len(&text[run_end..]);
            visit(start, at);
        }
    }
}

fn is_said(folded: &str) -> bool {
    folded.starts_with(|letter: char| letter.is_alphanumeric())
}

/// Bytes of the run of letters and digits that the text begins with.
fn run_len(text: &str) -> usize {
    let mut letters = text.char_indices();
    let Some((_, mut last)) = letters.next() else { return 0 };
    for (at, next) in letters {
        if !continues_term(last, next, &text[at + next.len_utf8()..]) {
            return at;
        }
        last = next;
    }
    text.len()
}

/// Whether `next` belongs to the term that `last` is in; `rest` is what follows `next`.
fn continues_term(last: char, next: char, rest: &str) -> bool {
    if next.is_ascii() {
        let decimal_point = matches!(next, '.' | ',') && last.is_ascii_digit() && rest.starts_with(|digit: char| digit.is_ascii_digit());
        return next.is_ascii_alphanumeric() || decimal_point;
    }
    // The modifier apostrophe counts as a letter to Unicode, and a fraction as a digit: `1½` is no eleven halves.
    (next.is_alphanumeric() && !APOSTROPHES.contains(&next) && !is_fraction(next)) || is_combining_mark(next) || is_unseen(next)
}

/// Whether a letter is a fraction, such as `½`.
fn is_fraction(letter: char) -> bool {
    matches!(letter, '¼'..='¾' | '⅐'..='⅞')
}

/// Bytes of the `'s` that a text begins with: it belongs to the word before, but says nothing.
fn possessive_len(text: &str) -> usize {
    let Some(s) = text.strip_prefix(APOSTROPHES) else { return 0 };
    let ends = |rest: &str| !rest.starts_with(char::is_alphanumeric);
    if s.starts_with(['s', 'S']) && ends(&s[1..]) { text.len() - s.len() + 1 } else { 0 }
}

/// The terms of a text, without places.
#[must_use]
pub fn terms(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|token| token.term).collect()
}

/// Folds one word: compatibility forms, accents, case, separators in numbers, possessive and plural.
#[must_use]
pub fn term_of(word: &str) -> String {
    let bare = word.strip_suffix(['s', 'S']).and_then(|word| word.strip_suffix(APOSTROPHES)).filter(|bare| !bare.is_empty());
    let mut folded = fold(bare.unwrap_or(word));
    if folded.as_bytes().first().is_some_and(u8::is_ascii_digit) && folded.contains(',') {
        folded = if has_thousands(&folded) { folded.replace(',', "") } else { folded.replace(',', ".") };
    }
    if folded.len() > TERM_BYTES_MAX {
        let cut = (0..=TERM_BYTES_MAX).rev().find(|&at| folded.is_char_boundary(at)).unwrap_or(0);
        folded.truncate(cut);
    }
    stem_plural(&mut folded);
    folded
}

/// Whether the commas of a number part thousands: `1,500` and `12,000,000`, but not `15,6` or `0,125`.
fn has_thousands(number: &str) -> bool {
    let mut groups = number.split('.').next().unwrap_or_default().split(',');
    let leads = |first: &str| (1..=THOUSANDS_DIGITS).contains(&first.len()) && !first.starts_with('0');
    groups.next().is_some_and(leads)
        && groups.all(|group| group.len() == THOUSANDS_DIGITS && group.bytes().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_terms() {
        let check = |text: &str, expected: &[&str]| assert_eq!(terms(text), expected, "{text}");
        check("Men's Running SHOES", &["men", "running", "shoe"]);
        check("mens men’s MEN'S men", &["men", "men", "men", "men"]);
        check("rock'n'roll 60's L'Oréal", &["rock", "n", "roll", "60", "l", "oreal"]);
        check("Crème brûlée", &["creme", "brulee"]);
        check("15,6\" display, 15.6 inch", &["15.6", "display", "15.6", "inch"]);
        check("1,500 lumens 12,000,000 0,125", &["1500", "lumen", "12000000", "0.125"]);
        check("USB-C/Type-C cable", &["usb", "c", "type", "c", "cable"]);
        check("batteries boxes glasses bus bras", &["battery", "box", "glass", "bus", "bra"]);
        check("iphone 7 p30 mk2 GT-1000", &["iphone", "7", "p30", "mk2", "gt", "1000"]);
        check("…!?", &[]);
        check("1½ in, ¾in", &["1", "1⁄2", "in", "3⁄4in"]);
        check("ﬁne № 5", &["fine", "5"]);
        check("wi\u{200b}fi\u{0}x", &["wifi", "x"]);
    }

    #[test]
    fn scripts_without_blanks_are_split_into_words() {
        let check = |text: &str, expected: &[&str]| assert_eq!(terms(text), expected, "{text}");
        check("蓝牙耳机", &["蓝牙", "耳机"]);
        check("iPhone手机壳", &["iphone", "手机", "壳"]);
        check("子供用の自転車", &["子供", "用", "の", "自転車"]);
        check("รองเท้าผู้ชาย", &["รองเท้า", "ผู้ชาย"]);
        check("무선 이어폰", &["무선", "이어폰"]);
    }

    #[test]
    fn tokens_point_into_the_original_text() {
        for text in ["Füße: 2 Paar", "men's 蓝牙耳机 x", "ＦＵＬＬ"] {
            for token in tokens(text) {
                assert_eq!(term_of(&text[token.start..token.end]), token.term);
            }
        }
        assert_eq!(tokens("Füße: 2")[0], Token { term: "fusse".to_owned(), start: 0, end: 6 });
        assert_eq!(tokens("men's")[0], Token { term: "men".to_owned(), start: 0, end: 5 });
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_in_order_without_panic(text in "\\PC{0,60}") {
            let mut last = 0;
            for token in tokens(&text) {
                proptest::prop_assert!(last <= token.start && token.start < token.end && token.end <= text.len());
                proptest::prop_assert!(!token.term.is_empty() && token.term.len() <= TERM_BYTES_MAX);
                last = token.end;
            }
        }
    }
}
