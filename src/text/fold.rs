//! Folding: one writing for letters that people take for the same.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// Compatibility forms, accents dropped, lower case, letters of the Latin script that decompose into nothing simpler written as their
/// keyboards do (`ß` as `ss`, `ø` as `o`); characters that are not seen are left out. ASCII takes a short cut.
///
/// Only accents go: vowel signs of Thai or Hindi and the voicing marks of Japanese are letters to their readers.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let bare = text.nfkd().filter(|letter| !is_accent(*letter) && !is_unseen(*letter));
    let lower = bare.nfc().flat_map(char::to_lowercase).filter(|letter| !is_accent(*letter));
    let mut folded = String::with_capacity(text.len());
    for letter in lower {
        if let Some(digit) = digit_of(letter) {
            folded.push(char::from(b'0' + digit));
            continue;
        }
        match simpler(letter) {
            Cow::Borrowed(letters) => folded.push_str(letters),
            Cow::Owned(_) => folded.push(letter),
        }
    }
    folded
}

/// The same, of which nothing is made where it is folded already.
#[must_use]
pub fn folded(text: &str) -> Cow<'_, str> {
    match text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(fold(text)),
    }
}

/// The zeroes of other scripts with digits of their own, each followed by its other nine (Unicode, Nd): people write numbers with them.
const ZEROES: [char; 18] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}', '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}',
    '\u{e50}', '\u{ed0}', '\u{f20}', '\u{1040}', '\u{17e0}', '\u{1810}',
];

/// The value of a digit of any script; none of what is no digit.
#[must_use]
pub fn digit_of(letter: char) -> Option<u8> {
    if letter.is_ascii() {
        return letter.is_ascii_digit().then(|| letter as u8 - b'0');
    }
    let value = |zero: char| (letter as u32).checked_sub(zero as u32).filter(|value| *value < 10);
    ZEROES.into_iter().find_map(value).map(|value| value as u8)
}

/// What a letter without a decomposition is written as; owned and empty when it stays.
fn simpler(letter: char) -> Cow<'static, str> {
    Cow::Borrowed(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        // At the end of a Greek word, and nowhere in capitals.
        'ς' => "σ",
        // One letter to who types: Arabic and Persian keyboards have different ones.
        'ي' | 'ى' => "ی",
        'ك' => "ک",
        _ => return Cow::Owned(String::new()),
    })
}

/// Marks that are put on Latin, Greek, Cyrillic, Hebrew and Arabic letters and left out by people in a hurry.
fn is_accent(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}')
}

/// Characters that take no room: soft hyphens, joiners, marks of direction, variation selectors.
pub(super) fn is_unseen(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writings_of_one_word_meet() {
        let check = |writings: &[&str], expected: &str| {
            for writing in writings {
                assert_eq!(fold(writing), expected, "{writing}");
            }
        };
        check(&["Crème", "CREME", "cre\u{300}me", "crème"], "creme");
        check(&["Straße", "STRASSE", "STRAẞE"], "strasse");
        check(&["ﬁne", "ＦＩＮＥ", "fi\u{ad}ne", "fi\u{200b}ne"], "fine");
        check(&["Smørrebrød"], "smorrebrod");
        check(&["Œuvre", "œuvre"], "oeuvre");
        // Turkish: both capitals and the dotless small letter meet what a foreign keyboard types.
        check(&["Işık", "IŞIK", "İşik", "isik"], "isik");
        check(&["Łódź"], "lodz");
        check(&["ΈΝΑ"], "ενα");
        check(&["ёлка", "елка"], "елка");
        check(&["ΠΊΝΑΚΑΣ", "πίνακας", "πινακας"], "πινακασ");
        check(&["كتاب", "کتاب"], "کتاب");
        check(&["چای", "چاي", "چاى"], "چای");
        check(&["۴۲", "٤٢", "४२", "４２", "42"], "42");
    }

    #[test]
    fn marks_that_are_letters_stay() {
        let check = |text: &str, expected: &str| assert_eq!(fold(text), expected);
        check("น้ำ", "น\u{e49}\u{e4d}\u{e32}");
        check("が", "が");
        check("ｶﾞ", "ガ");
        check("한국", "한국");
        check("हिंदी", "हिंदी");
        check("קָפֶה", "קפה");
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "[a-zA-ZäöüßÄéèøŁıİẞςΣيكئ۴٤\u{300}\u{200b}ｶﾞ가น้ำ]{0,12}") {
            let once = fold(&text);
            proptest::prop_assert_eq!(fold(&once), once);
        }
    }
}
