//! Plurals: Harman's S-stemmer (D. Harman, "How effective is suffixing?", JASIS 42(1), 1991), the lightest that helps shop queries without
//! joining unrelated words.

/// `-ies` to `-y`, `-es` to `-e`, `-s` dropped, each with its exceptions; words of three letters or fewer and those with a digit stay.
pub(super) fn stem_plural(word: &mut String) {
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
