//! Which slips of the hand, the ear and the eye are likely: what each costs beyond having slipped at all, in nats.
//!
//! Costs are negative logarithms of probabilities, up to a constant. Their order follows what is known of misspellings (K. Kukich,
//! "Techniques for automatically correcting words in text", ACM Computing Surveys 24(4), 1992): vowels stand for vowels, letters that sound
//! alike for each other, keys for their neighbours, doubled letters come single and single ones doubled, and the first letter is mostly right.

/// Rows of the keyboard, each shifted by half a key against the one above. Other layouts differ in a few letters only.
const KEYBOARD: [&[u8]; 3] = [b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];
/// Letters that are written for each other because they sound or look alike.
const ALIKE: [&[u8]; 11] = [b"cks", b"sz", b"xs", b"fv", b"gj", b"iy", b"uw", b"dt", b"bp", b"mn", b"qk"];
/// Letters that are often not heard, and so left out.
const SILENT: &[u8] = b"hr";

const VOWEL_FOR_VOWEL: f32 = 0.0;
const LIKELY_LETTER: f32 = 0.5;
const ANY_LETTER: f32 = 1.5;
const VOWEL_OMITTED: f32 = 0.7;
const LETTER_OMITTED: f32 = 1.2;
const VOWEL_INSERTED: f32 = 1.0;
const LETTER_INSERTED: f32 = 1.5;

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// Column in half keys and row of a key.
fn place(letter: char) -> Option<(usize, usize)> {
    let find = |(row, keys): (usize, &&[u8])| {
        let at = keys.iter().position(|&key| char::from(key) == letter)?;
        Some((2 * at + row, row))
    };
    KEYBOARD.iter().enumerate().find_map(find)
}

fn are_neighbours(one: char, other: char) -> bool {
    let Some(((column, row), (other_column, other_row))) = place(one).zip(place(other)) else { return false };
    column.abs_diff(other_column) <= 2 && row.abs_diff(other_row) <= 1
}

fn are_alike(one: char, other: char) -> bool {
    let within = |letter: char, group: &[u8]| group.iter().any(|&member| char::from(member) == letter);
    ALIKE.iter().any(|group| within(one, group) && within(other, group))
}

/// `typed` stands for `meant`.
pub(super) fn substituted(typed: char, meant: char) -> f32 {
    match (typed, meant) {
        (typed, meant) if is_vowel(typed) && is_vowel(meant) => VOWEL_FOR_VOWEL,
        (typed, meant) if are_alike(typed, meant) || are_neighbours(typed, meant) => LIKELY_LETTER,
        _ => ANY_LETTER,
    }
}

/// `meant`, which follows `before` in the word, was not typed.
pub(super) fn omitted(meant: char, before: Option<char>) -> f32 {
    if before == Some(meant) {
        0.0
    } else if is_vowel(meant) || SILENT.iter().any(|&silent| char::from(silent) == meant) {
        VOWEL_OMITTED
    } else {
        LETTER_OMITTED
    }
}

/// `typed` was typed between `before` and `after` without being meant.
pub(super) fn inserted(typed: char, before: Option<char>, after: Option<char>) -> f32 {
    let beside = [before, after];
    if beside.contains(&Some(typed)) {
        0.0
    } else if is_vowel(typed) || beside.into_iter().flatten().any(|letter| are_neighbours(letter, typed)) {
        VOWEL_INSERTED
    } else {
        LETTER_INSERTED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likely_slips_cost_less_than_any_others() {
        assert!(substituted('a', 'e') < substituted('s', 'c') && substituted('s', 'c') < substituted('x', 'm'));
        assert!(substituted('g', 'h') < substituted('g', 'w'));
        assert!(omitted('l', Some('l')) < omitted('h', Some('w')) && omitted('h', Some('w')) < omitted('t', Some('w')));
        assert!(
            inserted('n', Some('n'), None) < inserted('m', Some('n'), None) && inserted('m', Some('n'), None) < inserted('q', None, None)
        );
        assert_eq!(substituted('ж', 'z'), ANY_LETTER);
    }

    #[test]
    fn keys_touch_those_beside_above_and_below() {
        let check = |one: char, neighbours: &str| {
            let found: String = ('a'..='z').filter(|&other| other != one && are_neighbours(one, other)).collect();
            assert_eq!(found, neighbours, "{one}");
        };
        check('g', "bfhtvy");
        check('q', "aw");
        check('m', "jkn");
    }
}
