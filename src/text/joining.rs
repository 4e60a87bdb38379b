//! Words that join others and say nothing of a product, by language; as terms. Shops write them, and people leave them out or write others.

use super::{Language, term_of};

const GERMAN: [&str; 17] =
    ["fur", "mit", "zum", "zur", "der", "die", "das", "den", "und", "aus", "in", "im", "an", "am", "auf", "von", "bei"];
const FRENCH: [&str; 20] =
    ["de", "du", "des", "d", "l", "la", "le", "les", "en", "a", "au", "aux", "pour", "par", "et", "avec", "un", "une", "dans", "sur"];
const SPANISH: [&str; 15] = ["de", "del", "la", "el", "las", "los", "para", "con", "en", "al", "por", "y", "un", "a", "una"];
const ITALIAN: [&str; 17] =
    ["da", "di", "del", "della", "dei", "delle", "per", "con", "a", "al", "alla", "d", "il", "e", "un", "in", "una"];
const PORTUGUESE: [&str; 15] = ["de", "do", "da", "dos", "das", "para", "com", "em", "a", "o", "e", "um", "no", "na", "uma"];
const DUTCH: [&str; 11] = ["voor", "met", "van", "de", "het", "en", "een", "in", "op", "aan", "of"];
const SWEDISH: [&str; 9] = ["for", "med", "av", "och", "till", "en", "i", "pa", "ett"];
const DANISH: [&str; 10] = ["for", "med", "af", "av", "og", "til", "en", "i", "pa", "et"];

impl Language {
    /// Words that say that what follows is not there or not wanted: `without`, `not`; the first two are what queries say, all of them titles.
    #[must_use]
    pub fn denying(self) -> &'static [&'static str] {
        match self {
            Self::English => &["without", "not", "no", "non", "anti"],
            Self::German => &["ohne", "nicht", "kein", "keine", "anti"],
            Self::French => &["sans", "pas", "non", "anti"],
            Self::Spanish => &["sin", "no", "anti"],
            Self::Italian => &["senza", "non", "anti"],
            Self::Portuguese => &["sem", "nao", "anti"],
            Self::Dutch => &["zonder", "niet", "geen", "anti"],
            Self::Swedish => &["utan", "inte", "ej", "anti"],
            Self::Danish => &["uden", "ikke", "anti"],
            Self::Norwegian => &["uten", "ikke", "anti"],
        }
    }

    /// Words that say so behind it: `sugar free`.
    #[must_use]
    pub fn lacking(self) -> &'static [&'static str] {
        match self {
            Self::English => &["free"],
            Self::German => &["frei"],
            Self::Dutch => &["vrij"],
            Self::Swedish | Self::Danish | Self::Norwegian => &["fri"],
            Self::French | Self::Spanish | Self::Italian | Self::Portuguese => &[],
        }
    }

    /// What words end with that say so in one word, as terms: `zuckerfrei`, `sleeveless`.
    #[must_use]
    pub fn lacking_endings(self) -> &'static [&'static str] {
        match self {
            Self::English => &["free", "less"],
            Self::German => &["frei", "los"],
            Self::Dutch => &["vrij", "loos"],
            Self::Swedish | Self::Danish | Self::Norwegian => &["fri", "los"],
            Self::French | Self::Spanish | Self::Italian | Self::Portuguese => &[],
        }
    }

    /// Whether a term of a query says that what follows is not wanted.
    #[must_use]
    pub fn denies(self, term: &str) -> bool {
        self.denying().iter().take(2).chain(self.excepting()).any(|word| term_of(word) == term)
    }

    /// Words of queries for all of a kind but one: `shoes except black`. No title says them.
    fn excepting(self) -> &'static [&'static str] {
        match self {
            Self::English => &["except", "excluding"],
            Self::German => &["außer"],
            Self::French => &["sauf"],
            Self::Spanish => &["excepto", "salvo"],
            Self::Italian => &["tranne", "eccetto"],
            Self::Portuguese => &["exceto"],
            Self::Dutch => &["behalve"],
            Self::Swedish => &["utom"],
            Self::Danish => &["undtagen"],
            Self::Norwegian => &["unntatt"],
        }
    }

    /// Whether a term of a query says so unless it is part of a name: `no` of `no show socks`.
    #[must_use]
    pub fn may_deny(self, term: &str) -> bool {
        let words: &[&str] = match self {
            Self::English => &["no", "non"],
            Self::German => &["kein", "keine", "keinen"],
            Self::Dutch => &["geen"],
            Self::Swedish => &["ej"],
            Self::Danish | Self::Norwegian => &["ingen"],
            Self::French | Self::Spanish | Self::Italian | Self::Portuguese => &[],
        };
        words.contains(&term)
    }

    /// Whether a term says that another of the same kind follows.
    #[must_use]
    pub fn is_or(self, term: &str) -> bool {
        let words: &[&str] = match self {
            Self::English => &["or", "nor"],
            Self::German => &["oder", "noch"],
            Self::French => &["ou", "ni"],
            Self::Spanish => &["o", "u", "ni"],
            Self::Italian => &["o", "ne"],
            Self::Portuguese => &["ou", "nem"],
            Self::Dutch => &["of", "noch"],
            Self::Swedish | Self::Danish | Self::Norwegian => &["eller"],
        };
        words.contains(&term)
    }

    /// Whether a term only joins others in this language. Those of English are for every shop, and stand with the reading of queries.
    #[must_use]
    pub fn joins(self, term: &str) -> bool {
        let joining: &[&str] = match self {
            Self::English => &[],
            Self::German => &GERMAN,
            Self::French => &FRENCH,
            Self::Spanish => &SPANISH,
            Self::Italian => &ITALIAN,
            Self::Portuguese => &PORTUGUESE,
            Self::Dutch => &DUTCH,
            Self::Swedish => &SWEDISH,
            Self::Danish | Self::Norwegian => &DANISH,
        };
        joining.contains(&term)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_words_are_of_one_language() {
        assert!(Language::French.joins("de") && Language::Dutch.joins("de") && !Language::German.joins("de"));
        assert!(!Language::English.joins("of"));
        assert!(Language::English.denies("without") && !Language::English.denies("no"));
        assert!(Language::English.denies("except") && Language::German.denies("ausser") && !Language::German.denies("except"));
        assert!(Language::French.denies(&term_of("sans")), "its plural was taken off");
        assert!(Language::English.may_deny("no") && !Language::French.may_deny("no") && Language::German.is_or("oder"));
    }
}
