//! How far a word is from what was typed: insertions, deletions, substitutions and swaps of neighbours each count one (the optimal string
//! alignment distance; F. Damerau, "A technique for computer detection and correction of spelling errors", CACM 7(3), 1964).
//!
//! The distance is kept as an automaton over a word's bytes, so that whole branches of a vocabulary are left out as soon as every word in
//! them is too far. The first letter must agree: people rarely miss it, and most words that differ in it are other words.

use fst::Automaton;

/// Longer words are not corrected.
pub(super) const CHARS_MAX: usize = 32;
const FAR: u8 = u8::MAX / 2;

/// Accepts the words within `edits_max` of a typed one that begin with the same letter.
#[derive(Debug)]
pub(super) struct Near {
    typed: Vec<char>,
    edits_max: u8,
}

impl Near {
    /// None when the word is empty or longer than [`CHARS_MAX`].
    pub(super) fn new(typed: &str, edits_max: u8) -> Option<Self> {
        let typed: Vec<char> = typed.chars().take(CHARS_MAX + 1).collect();
        (1..=CHARS_MAX).contains(&typed.len()).then_some(Self { typed, edits_max })
    }

    /// The letter that every accepted word begins with.
    pub(super) fn first_letter(&self) -> Option<char> {
        self.typed.first().copied()
    }

    /// The distance of a word, if it is accepted.
    pub(super) fn distance(&self, word: &str) -> Option<u8> {
        let mut state = self.start();
        for byte in word.bytes() {
            state = self.accept(&state, byte);
            if !self.can_match(&state) {
                return None;
            }
        }
        self.is_match(&state).then(|| state.row[self.typed.len()])
    }

    /// The next row of the table of distances between beginnings, after the letter `next`.
    fn advance(&self, state: &State, next: char) -> State {
        let mut row = [FAR; CHARS_MAX + 1];
        let first = state.last.is_none();
        if first && self.typed.first() != Some(&next) {
            return State { row, above: state.row, last: Some(next), partial: 0, missing: 0 };
        }
        row[0] = state.row[0].saturating_add(1);
        for (index, &letter) in self.typed.iter().enumerate() {
            let substituted = state.row[index] + u8::from(letter != next);
            let mut least = substituted.min(state.row[index + 1] + 1).min(row[index] + 1);
            if index > 0 && letter != next && state.last == Some(letter) && self.typed[index - 1] == next {
                least = least.min(state.above[index - 1] + 1);
            }
            row[index + 1] = least.min(FAR);
        }
        State { row, above: state.row, last: Some(next), partial: 0, missing: 0 }
    }
}

/// Two rows of the table of distances, and a letter of which not all bytes have come.
#[derive(Debug, Clone)]
pub(super) struct State {
    row: [u8; CHARS_MAX + 1],
    above: [u8; CHARS_MAX + 1],
    last: Option<char>,
    partial: u32,
    missing: u8,
}

impl Automaton for Near {
    type State = State;

    fn start(&self) -> State {
        let mut row = [FAR; CHARS_MAX + 1];
        row.iter_mut().zip(0..).take(self.typed.len() + 1).for_each(|(cell, distance)| *cell = distance);
        State { row, above: [FAR; CHARS_MAX + 1], last: None, partial: 0, missing: 0 }
    }

    fn is_match(&self, state: &State) -> bool {
        state.missing == 0 && state.row[self.typed.len()] <= self.edits_max
    }

    fn can_match(&self, state: &State) -> bool {
        state.missing > 0 || state.row[..=self.typed.len()].iter().any(|&distance| distance <= self.edits_max)
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        let (partial, missing) = match (state.missing, byte) {
            (0, 0x00..=0x7f) => (u32::from(byte), 0),
            (0, 0xc0..=0xdf) => (u32::from(byte & 0x1f), 1),
            (0, 0xe0..=0xef) => (u32::from(byte & 0x0f), 2),
            (0, _) => (u32::from(byte & 0x07), 3),
            (missing, _) => ((state.partial << 6) | u32::from(byte & 0x3f), missing - 1),
        };
        if missing > 0 {
            return State { partial, missing, ..state.clone() };
        }
        self.advance(state, char::from_u32(partial).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slip_counts_one() {
        let check = |typed: &str, word: &str, expected: Option<u8>| {
            assert_eq!(Near::new(typed, 2).expect("short").distance(word), expected, "{typed} → {word}");
        };
        check("lamp", "lamp", Some(0));
        check("lmap", "lamp", Some(1));
        check("lam", "lamp", Some(1));
        check("lammp", "lamp", Some(1));
        check("lomp", "lamp", Some(1));
        check("refridgerater", "refrigerator", Some(2));
        check("damp", "lamp", None);
        check("lxyz", "lamp", None);
        check("кофй", "кофе", Some(1));
        check("чайник", "кофе", None);
    }

    #[test]
    fn words_that_are_too_long_are_not_measured() {
        assert!(Near::new(&"x".repeat(CHARS_MAX + 1), 1).is_none());
        assert!(Near::new("", 1).is_none());
    }
}
