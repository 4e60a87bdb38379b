//! How likely one word is typed for another: a weighted distance, computed row by row so that words with a common beginning share the work.
//!
//! Insertions, omissions, substitutions and swaps of neighbours are slips (F. Damerau, "A technique for computer detection and correction of
//! spelling errors", CACM 7(3), 1964); each costs nats, the first of a word more than the others, for most words that are misspelled once
//! are harder words (the noisy channel of M. Kernighan, K. Church and W. Gale, "A spelling correction program based on a noisy channel
//! model", COLING 1990). A row holds the costs of turning each beginning of what was typed into the beginning of a word.

use super::slips::{inserted, omitted, substituted};

/// Longer words are not corrected.
pub(super) const LETTERS_MAX: usize = 32;
/// A slip beyond the first.
pub(super) const SLIP: f32 = 3.5;
/// What the first slip costs beyond the others: most words are typed right.
const FIRST_SLIP: f32 = 0.5;
/// What a slip in the first letter costs beyond others.
const FIRST_LETTER: f32 = 4.0;
/// The same for the first two in the wrong order.
const FIRST_SWAPPED: f32 = 2.5;
/// The same in a word of at most [`SHORT_LETTERS_MAX`] letters, most of whose neighbours are other words: "nike" is no "bike".
const FIRST_LETTER_OF_SHORT: f32 = 5.0;
const SHORT_LETTERS_MAX: usize = 5;
/// Room beyond slips of middling likelihood: for an unlikely one, or one in the first letter.
const LEEWAY: f32 = 2.0;
/// Stands for a way that does not exist; sums of a few stay finite.
const NEVER: f32 = 1e9;

/// What a word of so many letters may cost at most: short words have neighbours that mean something else, long ones have room for slips.
fn budget_of(letters_count: usize) -> f32 {
    let slips = match letters_count {
        0..=2 => return 0.0,
        3..=4 => 1.0,
        5..=9 => 2.0,
        _ => 3.0,
    };
    FIRST_SLIP + slips * (SLIP + 1.0) + LEEWAY
}

/// The costs of turning each beginning of what was typed into the beginning of a word.
#[derive(Debug, Clone)]
pub(super) struct Row {
    costs: [f32; LETTERS_MAX + 1],
    /// The letter of the word that led here.
    letter: Option<char>,
    /// The least cost of a beginning whose last two letters are swapped once the next letter comes.
    swapping: f32,
}

/// One typed word.
#[derive(Debug)]
pub(super) struct Channel {
    typed: Vec<char>,
    /// Words that cost more are not meant.
    pub(super) budget: f32,
}

impl Channel {
    /// None when the word is too short or too long to be corrected.
    pub(super) fn new(typed: &str) -> Option<Self> {
        let typed: Vec<char> = typed.chars().take(LETTERS_MAX + 1).collect();
        let budget = budget_of(typed.len());
        (typed.len() <= LETTERS_MAX && budget > 0.0).then_some(Self { typed, budget })
    }

    /// The same where at most one slip is believed.
    pub(super) fn with_one_slip(self) -> Self {
        Self { budget: self.budget.min(FIRST_SLIP + SLIP + LEEWAY), ..self }
    }

    /// What a word may cost that is believed whatever stands beside it: of five letters and two slips there are too many.
    pub(super) fn believed(&self) -> f32 {
        if self.typed.len() <= SHORT_LETTERS_MAX { self.budget.min(budget_of(SHORT_LETTERS_MAX - 1)) } else { self.budget }
    }

    /// The first letter typed.
    pub(super) fn first_letter(&self) -> Option<char> {
        self.typed.first().copied()
    }

    fn first_letter_cost(&self) -> f32 {
        if self.typed.len() <= SHORT_LETTERS_MAX { FIRST_LETTER_OF_SHORT } else { FIRST_LETTER }
    }

    /// The row before any letter of the word.
    pub(super) fn start(&self) -> Row {
        let mut costs = [NEVER; LETTERS_MAX + 1];
        costs[0] = 0.0;
        for (at, &letter) in self.typed.iter().enumerate() {
            costs[at + 1] = costs[at] + SLIP + self.first_letter_cost() + inserted(letter, None, self.typed.get(at + 1).copied());
        }
        Row { costs, letter: None, swapping: NEVER }
    }

    /// The row after the word goes on with `next`; `above` is the row before `row`.
    pub(super) fn advance(&self, above: Option<&Row>, row: &Row, next: char) -> Row {
        let first = if row.letter.is_none() { self.first_letter_cost() } else { 0.0 };
        let left_out = SLIP + first + omitted(next, row.letter);
        let mut costs = [NEVER; LETTERS_MAX + 1];
        costs[0] = row.costs[0] + left_out;
        let mut swapping = NEVER;
        for (at, &letter) in self.typed.iter().enumerate() {
            let (before, after) = (at.checked_sub(1).map(|before| self.typed[before]), self.typed.get(at + 1).copied());
            let kept = if letter == next { row.costs[at] } else { row.costs[at] + SLIP + first + substituted(letter, next) };
            let added = costs[at] + SLIP + inserted(letter, before, after);
            let mut least = kept.min(row.costs[at + 1] + left_out).min(added);
            let swapped = SLIP + if at == 1 { FIRST_SWAPPED } else { 0.0 };
            if letter != next && before == Some(next) && row.letter == Some(letter) {
                least = least.min(above.map_or(NEVER, |above| above.costs[at - 1] + swapped));
            }
            if letter == next && before.is_some_and(|before| before != next) {
                swapping = swapping.min(row.costs[at - 1] + swapped);
            }
            costs[at + 1] = least;
        }
        Row { costs, letter: Some(next), swapping }
    }

    /// Whether some word that begins so may still be within the budget.
    pub(super) fn can_match(&self, row: &Row) -> bool {
        let least = row.costs[..=self.typed.len()].iter().fold(row.swapping, |least, &cost| least.min(cost));
        least + FIRST_SLIP <= self.budget
    }

    /// The cost of the word that ends here, if it is within the budget.
    pub(super) fn cost(&self, row: &Row) -> Option<f32> {
        let cost = row.costs[self.typed.len()];
        let cost = if cost > 0.0 { cost + FIRST_SLIP } else { 0.0 };
        (cost <= self.budget).then_some(cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(typed: &str, word: &str) -> Option<f32> {
        let channel = Channel::new(typed)?;
        let (mut above, mut row) = (None, channel.start());
        for letter in word.chars() {
            let next = channel.advance(above.as_ref(), &row, letter);
            above = Some(std::mem::replace(&mut row, next));
        }
        channel.cost(&row)
    }

    #[test]
    fn each_slip_costs_and_likely_ones_less() {
        let one = FIRST_SLIP + SLIP;
        let check = |typed: &str, word: &str, expected: f32| assert_eq!(cost(typed, word), Some(expected), "{typed} → {word}");
        check("lamp", "lamp", 0.0);
        check("lmap", "lamp", one);
        check("lammp", "lamp", one);
        check("colated", "collated", one);
        check("lemp", "lamp", one);
        check("lanp", "lamp", one + 0.5);
        check("lxmp", "lamp", one + 1.5);
        check("acomodation", "accommodation", one + SLIP);
        check("кофй", "кофе", one + 1.5);
    }

    #[test]
    fn the_first_letter_is_mostly_right() {
        let (inside, first) = (cost("kitchan", "kitchen"), cost("citchen", "kitchen"));
        assert!(first > inside && first.is_some(), "{inside:?} {first:?}");
        assert!(cost("almp", "lamp") > cost("lapm", "lamp"));
    }

    #[test]
    fn what_is_too_far_or_too_long_is_no_candidate() {
        assert_eq!((cost("wall", "tool"), cost("ab", "ac"), cost("damp", "lamp")), (None, None, None));
        assert!(Channel::new(&"x".repeat(LETTERS_MAX + 1)).is_none());
        assert!(Channel::new("").is_none());
    }
}
