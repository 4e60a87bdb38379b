//! Japanese words of katakana, which are written without blanks between them and stand in no dictionary: `ワイヤレスイヤホン` are `イヤホン`.
//!
//! The run stays one term, for nothing but the shop knows where to cut it. Its letters from the last to the first are the key under which a
//! list of endings holds it.

/// Fewer letters are a sound, not a word.
pub const KATAKANA_LETTERS_MIN: usize = 2;
const LONG_VOWEL: char = 'ー';

/// How many letters a term of katakana has; none when it has others.
#[must_use]
pub fn katakana_letters(term: &str) -> Option<usize> {
    let is_katakana = |letter: char| matches!(letter, '\u{30a1}'..='\u{30fa}' | LONG_VOWEL);
    let begins = term.starts_with(is_katakana);
    (begins && term.chars().all(is_katakana)).then(|| term.chars().count())
}

/// The key under which a list of endings holds a term that may be put together; none for others.
#[must_use]
pub fn katakana_ending(term: &str) -> Option<String> {
    katakana_letters(term).filter(|count| *count >= 2 * KATAKANA_LETTERS_MIN).map(|_| term.chars().rev().collect())
}

/// The same word with or without the long vowel at its end, of which either is written: `プリンター`, `プリンタ`.
#[must_use]
pub fn katakana_otherwise(term: &str) -> Option<String> {
    katakana_letters(term).filter(|count| *count > KATAKANA_LETTERS_MIN)?;
    Some(term.strip_suffix(LONG_VOWEL).map_or_else(|| format!("{term}{LONG_VOWEL}"), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_katakana_are_kept_backwards() {
        assert_eq!(katakana_ending("ワイヤレスイヤホン").as_deref(), Some("ンホヤイスレヤイワ"));
        for term in ["イヤ", "自転車", "earphone", "スピーカー2", "ーーーー漢", ""] {
            assert_eq!(katakana_ending(term), None, "{term}");
        }
        assert_eq!(katakana_otherwise("プリンター").as_deref(), Some("プリンタ"));
        assert_eq!(katakana_otherwise("プリンタ").as_deref(), Some("プリンター"));
        assert_eq!(katakana_otherwise("ペン"), None);
    }
}
