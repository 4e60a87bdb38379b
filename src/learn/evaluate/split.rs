//! What a recommender is told and what it should foresee: the splits of the field.

use crate::learn::formats::History;
use std::collections::{BTreeSet, HashMap};

/// One shopper: told a history, oldest first, and asked for the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Case {
    /// What the recommender is told.
    pub history: Vec<u32>,
    /// What it should foresee; nothing of the history.
    pub wanted: Vec<u32>,
}

impl Case {
    /// None when nothing is wanted that the history does not have.
    pub(super) fn of(history: Vec<u32>, next: &[u32]) -> Option<Self> {
        let known: BTreeSet<u32> = history.iter().copied().collect();
        let wanted: BTreeSet<u32> = next.iter().copied().filter(|product| !known.contains(product)).collect();
        (!wanted.is_empty()).then(|| Self { history, wanted: wanted.into_iter().collect() })
    }
}

/// Sequences shorter than this leave nothing to train on when the last two products are kept for validation and test.
pub(super) const SEQUENCE_LEN_MIN: usize = 3;

/// The shoppers of `test`, told what they had in `train`; unknown ones are told nothing.
#[must_use]
pub fn given(train: &[History], test: &[History]) -> Vec<Case> {
    let known: HashMap<&str, &[u32]> = train.iter().map(|history| (history.shopper.as_str(), history.products.as_slice())).collect();
    let told = |shopper: &History| known.get(shopper.shopper.as_str()).copied().unwrap_or_default().to_vec();
    test.iter().filter_map(|shopper| Case::of(told(shopper), &shopper.products)).collect()
}

/// Of each sequence the product that stands `back` places from the end (1 is the last), told all before it. Sequences shorter than
/// [`SEQUENCE_LEN_MIN`] are left out, as the field does; a product that stands earlier in the sequence too cannot be foreseen by a
/// recommender that answers new products only, and counts as missed.
#[must_use]
pub fn leave_one_out(sequences: &[History], back: usize) -> Vec<Case> {
    assert!(back > 0, "the last product stands one place from the end");
    let case = |sequence: &History| {
        let at = sequence.products.len().checked_sub(back)?;
        Some(Case { history: sequence.products[..at].to_vec(), wanted: vec![sequence.products[at]] })
    };
    sequences.iter().filter(|sequence| sequence.products.len() >= SEQUENCE_LEN_MIN).filter_map(case).collect()
}

/// The sequences without their last `back` products, to train on beside [`leave_one_out`].
#[must_use]
pub fn beginnings(sequences: &[History], back: usize) -> Vec<History> {
    let long_enough = sequences.iter().filter(|sequence| sequence.products.len() >= SEQUENCE_LEN_MIN);
    long_enough.map(|sequence| kept(sequence, |index, len| index + back < len)).collect()
}

/// Everything before the moment after which `share` of all interactions lie is told, everything after it wanted, from shoppers that were
/// there before. None when a history has no times.
#[must_use]
pub fn global_time(histories: &[History], share: f64) -> Option<(Vec<History>, Vec<Case>)> {
    let mut times: Vec<f64> = histories.iter().flat_map(|history| history.times.iter().copied()).collect();
    if histories.iter().any(|history| history.times.len() != history.products.len()) || times.is_empty() {
        return None;
    }
    times.sort_unstable_by(f64::total_cmp);
    let moment = times[((times.len() as f64 * (1.0 - share)) as usize).min(times.len() - 1)];
    let before: Vec<History> = histories.iter().map(|history| kept(history, |index, _| history.times[index] < moment)).collect();
    let cases = histories.iter().zip(&before).filter(|(_, before)| !before.products.is_empty());
    let cases = cases.filter_map(|(all, before)| Case::of(before.products.clone(), &all.products[before.products.len()..])).collect();
    Some((before, cases))
}

/// The interactions of a history for which `keep(place, length)` holds.
pub(super) fn kept(history: &History, keep: impl Fn(usize, usize) -> bool) -> History {
    let len = history.products.len();
    let timed = history.times.len() == len;
    let places: Vec<usize> = (0..len).filter(|&place| keep(place, len)).collect();
    History {
        shopper: history.shopper.clone(),
        products: places.iter().map(|&place| history.products[place]).collect(),
        times: places.iter().filter(|_| timed).map(|&place| history.times[place]).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(shopper: &str, products: &[u32]) -> History {
        History { shopper: shopper.to_owned(), products: products.to_vec(), times: Vec::new() }
    }

    fn case(history: &[u32], wanted: &[u32]) -> Case {
        Case { history: history.to_vec(), wanted: wanted.to_vec() }
    }

    #[test]
    fn products_of_the_training_history_are_not_asked_for() {
        let train = [history("u1", &[1, 2]), history("u2", &[3])];
        let test = [history("u1", &[9, 2, 5]), history("u2", &[3]), history("u3", &[1])];
        assert_eq!(given(&train, &test), [case(&[1, 2], &[5, 9]), case(&[], &[1])]);
    }

    #[test]
    fn the_last_product_of_a_sequence_is_left_out() {
        let sequences = [history("u1", &[1, 2, 3, 4]), history("u2", &[1, 2])];
        assert_eq!(leave_one_out(&sequences, 1), [case(&[1, 2, 3], &[4])]);
        assert_eq!(leave_one_out(&sequences, 2), [case(&[1, 2], &[3])]);
        assert_eq!(beginnings(&sequences, 2), [history("u1", &[1, 2])]);
    }

    #[test]
    fn a_moment_parts_what_is_told_from_what_is_wanted() {
        let timed = |shopper: &str, products: &[u32], times: &[f64]| History { times: times.to_vec(), ..history(shopper, products) };
        let histories = [timed("u1", &[1, 2, 3], &[1.0, 2.0, 9.0]), timed("u2", &[4], &[8.0]), timed("u3", &[5], &[3.0])];
        let (before, cases) = global_time(&histories, 0.4).expect("has times");
        assert_eq!(before.iter().map(|history| history.products.as_slice()).collect::<Vec<_>>(), [&[1, 2][..], &[], &[5]]);
        assert_eq!(cases, [case(&[1, 2], &[3])]);
        assert!(global_time(&[history("u1", &[1])], 0.2).is_none());
    }
}
