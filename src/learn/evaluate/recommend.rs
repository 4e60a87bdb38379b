//! Recommendation against what shoppers did next.
//!
//! All products are ranked (comparing with a hundred sampled ones gives other winners: Krichene & Rendle, KDD 2020), and what the
//! recommender was told about a shopper is not expected from it again.

use super::{Means, Report, distinct, measures};
use crate::learn::formats::History;
use std::collections::{BTreeSet, HashMap};

/// A recommender: from a history (oldest first) to products, best first, at most as many as asked for.
pub type Recommender<'a> = &'a mut dyn FnMut(&[u32], usize) -> Vec<u32>;

const SHOPPERS_K: usize = 20;
const SEQUENCES_K: usize = 10;

/// `recall@20` and `ndcg@20` of what each shopper of `test` had to do with, given what they had to do with in `train`. Products of their
/// training history are not asked for and are struck from the answers.
pub fn evaluate_recommend(train: &[History], test: &[History], recommend: Recommender<'_>) -> Report {
    let known: HashMap<&str, &[u32]> = train.iter().map(|history| (history.shopper.as_str(), history.products.as_slice())).collect();
    let mut means = Means::default();
    let mut cases_count = 0;
    for shopper in test {
        let history = known.get(shopper.shopper.as_str()).copied().unwrap_or_default();
        let wanted: BTreeSet<u32> = shopper.products.iter().copied().filter(|product| !history.contains(product)).collect();
        if wanted.is_empty() {
            continue;
        }
        cases_count += 1;
        let relevant = relevance(history, &wanted, SHOPPERS_K, recommend);
        means.add("recall@20", measures::recall(&relevant, wanted.len(), SHOPPERS_K));
        means.add("ndcg@20", binary_ndcg(&relevant, wanted.len(), SHOPPERS_K));
    }
    means.into_report(cases_count)
}

/// `hr@10` and `ndcg@10` of the last product of each sequence, given all before it (leave one out).
///
/// Sequences of fewer than three products are left out, as the field does: their beginnings are too short to train on, see
/// [`sequence_beginnings`].
pub fn evaluate_sequences(sequences: &[History], recommend: Recommender<'_>) -> Report {
    let mut means = Means::default();
    let mut cases_count = 0;
    for sequence in sequences.iter().filter(|sequence| sequence.products.len() >= SEQUENCE_LEN_MIN) {
        let Some((&last, before)) = sequence.products.split_last() else { continue };
        cases_count += 1;
        let relevant = relevance(before, &BTreeSet::from([last]), SEQUENCES_K, recommend);
        means.add("hr@10", Some(measures::hit_rate(&relevant, SEQUENCES_K)));
        means.add("ndcg@10", binary_ndcg(&relevant, 1, SEQUENCES_K));
    }
    means.into_report(cases_count)
}

/// Shorter sequences leave nothing to train on.
const SEQUENCE_LEN_MIN: usize = 3;

/// What may be trained on when [`evaluate_sequences`] tests on the last product: everything but the last two, as the one before the last is
/// for validation.
#[must_use]
pub fn sequence_beginnings(sequences: &[History]) -> Vec<History> {
    let beginning = |sequence: &History| {
        let kept = sequence.products.len().saturating_sub(2);
        History {
            products: sequence.products[..kept].to_vec(),
            times: sequence.times.iter().copied().take(kept).collect(),
            ..sequence.clone()
        }
    };
    sequences.iter().filter(|sequence| sequence.products.len() >= SEQUENCE_LEN_MIN).map(beginning).collect()
}

/// Whether each of the first `k` answers that are not in the history is wanted.
fn relevance(history: &[u32], wanted: &BTreeSet<u32>, k: usize, recommend: Recommender<'_>) -> Vec<bool> {
    let seen: BTreeSet<u32> = history.iter().copied().collect();
    let answers = distinct(recommend(history, k + seen.len()));
    answers.into_iter().filter(|product| !seen.contains(product)).take(k).map(|product| wanted.contains(&product)).collect()
}

fn binary_ndcg(relevant: &[bool], wanted_count: usize, k: usize) -> Option<f64> {
    let grades: Vec<f64> = relevant.iter().map(|&relevant| f64::from(u8::from(relevant))).collect();
    measures::ndcg(&grades, &vec![1.0; wanted_count.min(k)], k)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(shopper: &str, products: &[u32]) -> History {
        History { shopper: shopper.to_owned(), products: products.to_vec(), times: Vec::new() }
    }

    fn value(report: &Report, name: &str) -> f64 {
        report.value(name).expect("is measured")
    }

    #[test]
    fn products_of_the_training_history_are_struck_from_the_answers() {
        let train = [history("u1", &[1, 2]), history("u2", &[3])];
        let test = [history("u1", &[5, 9]), history("u2", &[3]), history("u3", &[1])];
        let report = evaluate_recommend(&train, &test, &mut |_, _| vec![1, 2, 5, 6]);
        // u1 finds 5 in first place, of two; u2 is asked for nothing new; u3 is unknown and finds 1 in first place.
        let ideal_of_two = 1.0 + 1.0 / 3.0_f64.log2();
        assert_eq!(report.cases_count, 2);
        assert_eq!(value(&report, "recall@20"), (0.5 + 1.0) / 2.0);
        assert!((value(&report, "ndcg@20") - (1.0 / ideal_of_two + 1.0) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn the_last_product_of_a_sequence_is_left_out() {
        let sequences = [history("u1", &[1, 2, 3, 4]), history("u2", &[1, 2])];
        let mut told = Vec::new();
        let report = evaluate_sequences(&sequences, &mut |before, _| {
            told.push(before.to_vec());
            vec![7, 1, 4]
        });
        assert_eq!(told, [vec![1, 2, 3]]);
        // 1 was seen, so 4 stands in second place.
        assert_eq!((report.cases_count, value(&report, "hr@10")), (1, 1.0));
        assert!((value(&report, "ndcg@10") - 1.0 / 3.0_f64.log2()).abs() < 1e-12);
        assert_eq!(sequence_beginnings(&sequences), [history("u1", &[1, 2])]);
    }
}
