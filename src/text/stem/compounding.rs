//! Languages that put words together into one, the thing last: `Wanderschuhe` are `Schuhe`, a `bordslampa` is a `lampa`.
//!
//! Who looks for words that end with another needs them spelt backwards and in order. Such a list holds stems, so that one look finds every
//! form: behind the code of its language each stem stands as its letters from the last to the first.

use super::{Language, unmarked};

/// The shorter of the two parts has so many letters at least, as a stem: `Tee` and `Uhr`.
pub const PART_LETTERS_MIN: usize = 3;

impl Language {
    /// Whether words are put together into one.
    #[must_use]
    pub fn puts_words_together(self) -> bool {
        match self {
            Self::German | Self::Dutch | Self::Swedish | Self::Danish | Self::Norwegian => true,
            Self::English | Self::French | Self::Spanish | Self::Italian | Self::Portuguese => false,
        }
    }

    /// What may stand between the two words, nothing first.
    #[must_use]
    pub fn links(self) -> &'static [&'static str] {
        match self {
            Self::German => &["", "s", "n", "en", "e", "er", "es"],
            Self::Dutch => &["", "s", "en", "n", "e", "er"],
            Self::Swedish => &["", "s", "e", "a", "o", "u"],
            Self::Danish | Self::Norwegian => &["", "s", "e", "er"],
            Self::English | Self::French | Self::Spanish | Self::Italian | Self::Portuguese => &[""],
        }
    }

    /// The key under which a list of endings holds a term of the index, which is a stem of this language under its mark or its own stem; none
    /// when it is neither or cannot be put together.
    #[must_use]
    pub fn ending_of(self, term: &str) -> Option<String> {
        let stem = match unmarked(term) {
            Some(stem) => Some(stem).filter(|_| term[1..].starts_with(self.code())),
            None => Some(term).filter(|term| self.stem(term).is_some_and(|stem| stem == **term)),
        };
        let is_word = |stem: &&str| stem.len() >= 2 * PART_LETTERS_MIN && stem.bytes().all(|letter| letter.is_ascii_lowercase());
        stem.filter(is_word).map(|stem| self.ending(stem))
    }

    /// What the keys of all stems that end so begin with.
    #[must_use]
    pub fn ending(self, stem: &str) -> String {
        self.code().chars().chain(stem.chars().rev()).collect()
    }

    /// The stem behind a key.
    #[must_use]
    pub fn stem_behind(self, ending: &str) -> Option<String> {
        ending.strip_prefix(self.code()).map(|backwards| backwards.chars().rev().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_are_kept_backwards() {
        let check = |term: &str, expected: Option<&str>| assert_eq!(Language::German.ending_of(term).as_deref(), expected, "{term}");
        check("~dewanderschuh", Some("dehuhcsrednaw"));
        check("armbanduhr", Some("derhudnabmra"));
        // Not its own stem, of another language, too short, no word.
        for term in ["wanderschuhe", "~nlwandelschoen", "tisch", "~dehos", "16gb512", "蓝牙耳机耳机"] {
            check(term, None);
        }
        assert!("dehuhcsrednaw".starts_with(&Language::German.ending("schuh")));
        assert_eq!(Language::German.stem_behind("dehuhcsrednaw").as_deref(), Some("wanderschuh"));
        assert_eq!(Language::Dutch.stem_behind("dehuhcs"), None);
    }
}
