//! Light stemming by language: the endings of number, gender and case go, so that "Lampe" finds "Lampen" and "rouge" finds "rouges"; what
//! makes another word of a word stays.
//!
//! The terms that [`super::terms`] cuts are for everybody and know the English plural only. A shop that sells in another language keeps,
//! beside each term, its stem in that language (`marked`), and a query in a marketplace of that language looks for either. So one index
//! serves every marketplace, and a stem of one language never meets a word of another.
//!
//! The endings are those of J. Savoy's light stemmers ("Light stemming approaches for the French, Portuguese, German and Hungarian
//! languages", SAC 2006; "Report on CLEF-2001/2002 experiments" for Spanish, Italian and Swedish), on words without accents; those of Dutch
//! follow the first steps of W. Kraaij and R. Pohlmann's ("Porter's stemming algorithm for Dutch", 1994). Danish and Norwegian, which are
//! written nearly alike, share theirs.

mod compounding;
mod germanic;
mod romance;

pub use compounding::PART_LETTERS_MIN;

use super::fold::fold;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A language that words can be stemmed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Language {
    /// Its plurals are folded in every term.
    English,
    /// Deutsch.
    German,
    /// Français.
    French,
    /// Español.
    Spanish,
    /// Italiano.
    Italian,
    /// Português.
    Portuguese,
    /// Nederlands.
    Dutch,
    /// Svenska.
    Swedish,
    /// Dansk.
    Danish,
    /// Norsk bokmål.
    Norwegian,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 10] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Italian,
        Self::Portuguese,
        Self::Dutch,
        Self::Swedish,
        Self::Danish,
        Self::Norwegian,
    ];

    /// Whether a thing stands before what is said of it, as in `chaussure de course`; else behind, as in `running shoe`.
    #[must_use]
    pub fn has_the_thing_first(self) -> bool {
        matches!(self, Self::French | Self::Spanish | Self::Italian | Self::Portuguese)
    }

    /// Its code in ISO 639-1.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Italian => "it",
            Self::Portuguese => "pt",
            Self::Dutch => "nl",
            Self::Swedish => "sv",
            Self::Danish => "da",
            Self::Norwegian => "nb",
        }
    }

    /// The stem of a word as written. None in English, where the term is the stem.
    #[must_use]
    pub fn stem(self, word: &str) -> Option<String> {
        // Asked for every word of every query: folding it costs more than all else.
        if self == Self::English {
            return None;
        }
        let mut stem = fold(word);
        if stem.len() > super::TERM_BYTES_MAX || !stem.bytes().all(|letter| letter.is_ascii_lowercase()) {
            return None;
        }
        let shorten: fn(&mut String) = match self {
            Self::English => return None,
            Self::German => germanic::german,
            Self::Dutch => germanic::dutch,
            Self::Swedish => germanic::swedish,
            Self::Danish | Self::Norwegian => germanic::danish,
            Self::French => romance::french,
            Self::Spanish => romance::spanish,
            Self::Italian => romance::italian,
            Self::Portuguese => romance::portuguese,
        };
        shorten(&mut stem);
        Some(stem)
    }

    /// A stem as the index keeps it: with a mark that no term can begin with.
    #[must_use]
    pub fn marked(self, stem: &str) -> String {
        format!("{STEM_MARK}{}{stem}", self.code())
    }
}

/// Begins the stems of a language in the index. It is neither letter nor digit, so no term begins with it.
const STEM_MARK: char = '~';

/// A term as the index keeps it for products whose title says it for itself: under a mark of as many letters as a language's.
#[must_use]
pub fn marked_thing(term: &str) -> String {
    format!("{STEM_MARK}=={term}")
}

/// Whether a term of the index is the stem of a language or a thing under its mark, which nobody typed or wrote.
#[must_use]
pub fn is_marked(term: &str) -> bool {
    term.starts_with(STEM_MARK)
}

/// The stem under the mark; none of a term without one.
#[must_use]
pub fn unmarked(term: &str) -> Option<&str> {
    term.strip_prefix(STEM_MARK)?.get(2..)
}

impl From<Language> for &'static str {
    fn from(language: Language) -> Self {
        language.code()
    }
}

impl TryFrom<String> for Language {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        code.parse()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::code).join(", ");
        Self::ALL.into_iter().find(|language| language.code() == code).ok_or_else(|| format!("`{code}` is not one of {}", known()))
    }
}

/// Takes `count` bytes off the end.
fn cut(word: &mut String, count: usize) {
    word.truncate(word.len() - count);
}

/// Takes off the first of `endings` that the word has, when it is longer than `longer_than` letters; says whether it did.
fn cut_ending(word: &mut String, longer_than: usize, endings: &[&str]) -> bool {
    let Some(ending) = endings.iter().find(|ending| word.len() > longer_than && word.ends_with(**ending)) else { return false };
    cut(word, ending.len());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of each line share a stem; words of different lines of a language do not.
    fn check(language: Language, lines: &[&str]) {
        let stems: Vec<String> = lines
            .iter()
            .map(|line| {
                let stems: Vec<String> = line.split(' ').map(|word| language.stem(word).expect("has letters")).collect();
                assert!(stems.iter().all(|stem| *stem == stems[0]), "{language}: {line}: {stems:?}");
                stems[0].clone()
            })
            .collect();
        for (at, stem) in stems.iter().enumerate() {
            assert!(!stems[..at].contains(stem), "{language}: {} shares the stem {stem}", lines[at]);
        }
    }

    #[test]
    fn forms_of_a_german_word_meet() {
        check(
            Language::German,
            &[
                "Lampe Lampen",
                "Haus Häuser Häusern",
                "Glas Gläser Gläsern",
                "Kind Kinder Kindern Kindes",
                "Tisch Tische Tischen",
                "rot rote roter roten rotes",
                "Schuh Schuhe Schuhen",
                "Stuhl Stühle Stühlen",
                "Kleid Kleider Kleidern",
                "Tasche Taschen",
                "Bett Betten",
                "Jacke Jacken",
                "Hose Hosen",
                "Dose Dosen",
                "Decke Decken",
            ],
        );
    }

    #[test]
    fn forms_of_a_french_word_meet() {
        check(
            Language::French,
            &[
                "lampe lampes",
                "rouge rouges",
                "chaussure chaussures",
                "cheval chevaux",
                "journal journaux",
                "bureau bureaux",
                "chaise chaises",
                "vert verts verte vertes",
                "clavier claviers",
                "souris",
                "tapis",
                "table tables",
                "jeu jeux",
            ],
        );
    }

    #[test]
    fn forms_of_a_spanish_word_meet() {
        check(
            Language::Spanish,
            &[
                "zapato zapatos zapata",
                "lámpara lámparas",
                "rojo roja rojos rojas",
                "luz luces",
                "reloj relojes",
                "camión camiones",
                "silla sillas",
                "mesa mesas",
                "azul azules",
                "pared paredes",
                "cable cables",
            ],
        );
    }

    #[test]
    fn forms_of_an_italian_word_meet() {
        check(
            Language::Italian,
            &[
                "lampada lampade",
                "scarpa scarpe",
                "rosso rossa rossi rosse",
                "tavolo tavoli",
                "occhiale occhiali",
                "bianco bianchi bianche",
                "sedia sedie",
                "orologio orologi",
                "casa case",
            ],
        );
    }

    #[test]
    fn forms_of_a_portuguese_word_meet() {
        check(
            Language::Portuguese,
            &[
                "sapato sapatos",
                "lâmpada lâmpadas",
                "vermelho vermelha vermelhos vermelhas",
                "papel papéis",
                "azul azuis",
                "canal canais",
                "homem homens",
                "luz luzes",
                "colher colheres",
                "limão limões",
                "cadeira cadeiras",
            ],
        );
    }

    #[test]
    fn forms_of_a_dutch_word_meet() {
        check(
            Language::Dutch,
            &[
                "lamp lampen",
                "schoen schoenen",
                "stoel stoelen",
                "tas tassen",
                "bril brillen",
                "tafel tafels",
                "rood rode",
                "maan manen",
                "jas jassen",
                "kast kasten",
                "fiets fietsen",
                "groot grote",
            ],
        );
    }

    #[test]
    fn forms_of_a_swedish_word_meet() {
        check(
            Language::Swedish,
            &[
                "lampa lampor lampan lamporna",
                "stol stolar stolen stolarna",
                "bord bordet borden",
                "jacka jackor",
                "röd röda",
                "hund hundar hundarna",
                "klocka klockor klockan",
            ],
        );
    }

    #[test]
    fn forms_of_a_danish_or_norwegian_word_meet() {
        check(
            Language::Danish,
            &[
                "lampe lamper lampen lamperne",
                "stol stole stolen stolene",
                "bord borde bordet bordene",
                "jakke jakker",
                "rød røde rødt",
                "taske tasker",
            ],
        );
        check(
            Language::Norwegian,
            &[
                "lampe lamper lampen lampene",
                "stol stoler stolen stolene",
                "bord bordet bordene",
                "jakke jakker",
                "veske vesker",
                "bukse bukser buksene",
            ],
        );
    }

    #[test]
    fn what_is_no_word_of_letters_has_no_stem() {
        for word in ["16gb", "耳机", "лампы", ""] {
            assert_eq!(Language::German.stem(word).filter(|stem| !stem.is_empty()), None, "{word}");
        }
        assert_eq!(Language::English.stem("lamps"), None);
        assert!(is_marked(&Language::German.marked("lamp")) && !is_marked("lamp"));
        assert_eq!((unmarked(&Language::German.marked("lamp")), unmarked("lamp")), (Some("lamp"), None));
        assert_eq!((Language::from_str("de"), Language::from_str("xx").is_err()), (Ok(Language::German), true));
    }

    proptest::proptest! {
        #[test]
        fn a_stem_is_never_longer_and_never_empty(word in "[a-z]{1,24}") {
            for language in Language::ALL {
                if let Some(stem) = language.stem(&word) {
                    proptest::prop_assert!(!stem.is_empty() && stem.len() <= word.len());
                }
            }
        }
    }
}
