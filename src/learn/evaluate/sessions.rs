//! Every next click of sessions against what was foreseen from the clicks before it.
//!
//! Counted as the authors of VMIS-kNN do (Serenade's evaluator): every click of a session but the first is a case, whether or not its
//! product was seen before; the answers are the first twenty, never the product at hand.

use super::{Means, Report, distinct, measures};
use crate::learn::formats::History;
use std::collections::BTreeSet;

const K: usize = 20;
/// Times of files from here on are milliseconds: as seconds they would lie beyond the year 5000.
const MILLISECONDS_FROM: f64 = 1e11;

/// `mrr@20`, `hr@20`, `precision@20` and `recall@20` of every next click of each session, given the clicks before it, and `coverage@20`, the
/// share of the `products_count` products that were answered at all. MRR and HR look for the very next click, precision and recall for all
/// that the rest of the session turns to. Clicks on products that are not in the training data (numbers from `products_count`) cannot be
/// foreseen; they are left out of the test sessions, as the field does.
pub fn evaluate_sessions(test: &[History], products_count: u32, recommend: super::Recommender<'_>) -> Report {
    let mut means = Means::default();
    let mut cases_count = 0;
    let mut answered: BTreeSet<u32> = BTreeSet::new();
    for session in test {
        let clicks: Vec<u32> = session.products.iter().copied().filter(|&product| product < products_count).collect();
        for at in 1..clicks.len() {
            cases_count += 1;
            let mut answers = distinct(recommend(&clicks[..at], K));
            answers.truncate(K);
            count_case(&mut means, &answers, &clicks[at..]);
            answered.extend(answers);
        }
    }
    let mut report = means.into_report(cases_count);
    let coverage = answered.len() as f64 / f64::from(products_count.max(1));
    report.measures.push(super::Measure { name: "coverage@20".to_owned(), value: coverage, interval: None });
    report
}

fn count_case(means: &mut Means, answers: &[u32], to_come: &[u32]) {
    let is_next: Vec<bool> = answers.iter().map(|product| Some(product) == to_come.first()).collect();
    means.add("mrr@20", Some(measures::reciprocal_rank(&is_next, K)));
    means.add("hr@20", Some(measures::hit_rate(&is_next, K)));
    let wanted: BTreeSet<u32> = to_come.iter().copied().collect();
    let found = answers.iter().filter(|product| wanted.contains(product)).count() as f64;
    means.add("precision@20", Some(found / K as f64));
    means.add("recall@20", Some(found / wanted.len().max(1) as f64));
}

/// All clicks of all sessions in the order in which a shop would have seen them: (time in milliseconds, number of the session, product).
/// Sessions whose times are not known come one after the other.
#[must_use]
pub fn clicks_in_order(sessions: &[History]) -> Vec<(i64, usize, u32)> {
    let mut clicks = Vec::new();
    let mut now_ms = 0;
    for (number, session) in sessions.iter().enumerate() {
        for (at, &product) in session.products.iter().enumerate() {
            now_ms = session.times.get(at).map_or(now_ms + 1, |time| as_milliseconds(*time));
            clicks.push((now_ms, number, product));
        }
    }
    // Stable, so that clicks of the same moment keep the order of their session.
    clicks.sort_by_key(|(at, number, _)| (*at, *number));
    clicks
}

fn as_milliseconds(time: f64) -> i64 {
    if time.abs() < MILLISECONDS_FROM { (time * 1_000.0) as i64 } else { time as i64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(name: &str, products: &[u32], times: &[f64]) -> History {
        History { shopper: name.to_owned(), products: products.to_vec(), times: times.to_vec() }
    }

    #[test]
    fn every_click_of_a_session_is_foreseen_from_those_before() {
        let test = [session("s1", &[1, 2, 99, 1], &[]), session("s2", &[5], &[])];
        let report = evaluate_sessions(&test, 10, &mut |before, _| vec![before[0], 2]);
        // Clicks 2 and 1 remain: from 1, both to come are found, 2 in second place; from 1 and 2, the one to come stands in first.
        assert_eq!(report.cases_count, 2);
        let check = |name: &str, expected: f64| assert!(report.value(name).is_some_and(|value| (value - expected).abs() < 1e-12), "{name}");
        check("mrr@20", 0.75);
        check("hr@20", 1.0);
        check("precision@20", (2.0 + 1.0) / 2.0 / 20.0);
        check("recall@20", 1.0);
        check("coverage@20", 0.2);
    }

    #[test]
    fn clicks_come_as_they_happened_in_seconds_or_milliseconds() {
        let sessions = [session("a", &[1, 2], &[10.0, 12.5]), session("b", &[3], &[11.0]), session("c", &[4], &[1.6e12])];
        assert_eq!(clicks_in_order(&sessions), [(10_000, 0, 1), (11_000, 1, 3), (12_500, 0, 2), (1_600_000_000_000, 2, 4)]);
        assert_eq!(clicks_in_order(&[session("a", &[1], &[]), session("b", &[2], &[])]), [(1, 0, 1), (2, 1, 2)]);
    }
}
