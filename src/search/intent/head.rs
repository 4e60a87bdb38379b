//! Which word of a query is the thing itself: `laptop` of "gaming laptop for school", not of "laptop bag".
//!
//! In English, German, Dutch and the languages of the north what is said of a thing stands before it, and what it is for or comes with behind a word such as
//! `for`; in French, Spanish, Italian and Portuguese the thing comes first. Names of brands, colours and sizes and measures may stand on
//! either side, and say what kind of thing and not which.

use crate::text::Language;

/// Words behind which a query says what the thing is for, has or comes from; as terms.
const ENGLISH: [&str; 12] = ["for", "with", "w", "without", "in", "under", "from", "by", "to", "that", "on", "at"];
const GERMAN: [&str; 11] = ["fur", "mit", "ohne", "in", "unter", "aus", "von", "zum", "zur", "auf", "bis"];
const DUTCH: [&str; 7] = ["voor", "met", "zonder", "in", "onder", "van", "uit"];
const SWEDISH: [&str; 7] = ["for", "med", "utan", "i", "under", "fran", "till"];
const DANISH: [&str; 8] = ["for", "med", "uden", "uten", "i", "under", "fra", "til"];

/// Where the thing itself stands among the words, when `is_aside` says which words are names of other kinds, measures or numbers.
pub(super) fn head(terms: &[&str], is_aside: impl Fn(usize) -> bool, language: Language) -> Option<usize> {
    if language.has_the_thing_first() {
        return (0..terms.len()).find(|at| !is_aside(*at));
    }
    let links: &[&str] = match language {
        Language::German => &GERMAN,
        Language::Dutch => &DUTCH,
        Language::Swedish => &SWEDISH,
        Language::Danish | Language::Norwegian => &DANISH,
        Language::English | Language::French | Language::Spanish | Language::Italian | Language::Portuguese => &ENGLISH,
    };
    let end = (1..terms.len()).find(|&at| links.contains(&terms[at])).unwrap_or(terms.len());
    (0..end).rev().find(|at| !is_aside(*at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thing_stands_last_or_first_as_the_language_has_it() {
        let check = |typed: &str, aside: &[&str], language: Language, expected: &str| {
            let terms: Vec<&str> = typed.split(' ').collect();
            let found = head(&terms, |at| aside.contains(&terms[at]), language);
            assert_eq!(found.map(|at| terms[at]), Some(expected).filter(|expected| !expected.is_empty()), "{typed}");
        };
        check("gaming laptop", &[], Language::English, "laptop");
        check("laptop bag", &[], Language::English, "bag");
        check("bag for a laptop", &[], Language::English, "bag");
        check("running shoe nike red 42", &["nike", "red", "42"], Language::English, "shoe");
        check("for laptop", &[], Language::English, "laptop");
        check("nike red", &["nike", "red"], Language::English, "");
        check("tasche fur notebook", &[], Language::German, "tasche");
        check("chaussure de course", &[], Language::French, "chaussure");
    }
}
