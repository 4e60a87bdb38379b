//! Every next click of sessions against what was foreseen from the clicks before it.
//!
//! Counted as the authors of VMIS-kNN do (Serenade's evaluator): every click of a session but the first is a case, whether or not its
//! product was seen before; the answers are the first twenty, never the product at hand. In logs of real shops four to nine in a hundred
//! clicks are on the product at hand once more (a page loaded again): published protocols differ in what these are, so [`Repeats`] says it.

use super::ranked::breadth_of;
use super::{Measure, Report, distinct, measures};
use crate::learn::formats::History;
use serde::Serialize;
use std::collections::BTreeSet;

const K: usize = 20;
/// Measures of one case.
const EACH: [&str; 5] = ["mrr@20", "hr@20", "precision@20", "recall@20", "ndcg@20"];
/// Times of files from here on are milliseconds: as seconds they would lie beyond the year 5000; and from there on microseconds.
const MILLISECONDS_FROM: f64 = 1e11;
const MICROSECONDS_FROM: f64 = 1e14;
/// Longer silences within a session are shortened to this. What a file calls a session is one, be it all that somebody ever did, where a shop
/// begins another visit after half an hour.
const SILENCE_MS_MAX: i64 = 20 * 60 * 1_000;

/// What becomes of a click on the product of the click before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeats {
    /// It is a case that is missed: nobody is answered what they look at.
    #[default]
    Missed,
    /// It is no case; other cases are as they are.
    Skipped,
    /// It is a case, and the product at hand may be answered: in the place that its chance gives it.
    Answered,
}

/// Figures of sessions, and what they took repeats to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionsReport {
    /// Figures over the cases.
    #[serde(flatten)]
    pub figures: Report,
    /// What became of repeats.
    pub repeats: Repeats,
    /// Next clicks that were on the product at hand once more, skipped ones among them.
    pub repeats_count: usize,
}

/// `mrr@20`, `hr@20`, `precision@20`, `recall@20` and `ndcg@20` of every next click of each session, given the clicks before it, each with its 95 %
/// interval; `coverage@20`, the share of the products that were answered at all, and `popularity@20`, their mean percentile. `popularity` is in how
/// many sessions of the training part each product stands. MRR and HR look for the very next click, the others for all that the rest of the session
/// turns to. Clicks on products that are not in the training data (numbers beyond `popularity`) cannot be foreseen; they are left out of the test
/// sessions, as the field does. Whether `recommend` answers the product at hand is its own to know; `repeats` says which clicks are cases.
pub fn evaluate_sessions(test: &[History], popularity: &[u32], repeats: Repeats, recommend: super::Recommender<'_>) -> SessionsReport {
    let mut sums = Sums::default();
    let mut times_shown = vec![0_u64; popularity.len()];
    let mut repeats_count = 0;
    for session in test {
        let clicks: Vec<u32> = session.products.iter().copied().filter(|&product| (product as usize) < popularity.len()).collect();
        let is_repeat = |at: &usize| clicks[*at] == clicks[*at - 1];
        repeats_count += (1..clicks.len()).filter(is_repeat).count();
        let cases = (1..clicks.len()).filter(|at| repeats != Repeats::Skipped || !is_repeat(at)).map(|at| {
            let mut answers = distinct(recommend(&clicks[..at], K));
            answers.truncate(K);
            let known = answers.iter().filter_map(|product| Some(*product as usize).filter(|place| *place < popularity.len()));
            known.for_each(|place| times_shown[place] += 1);
            case(&answers, &clicks[at..])
        });
        sums.add(&cases.collect::<Vec<_>>());
    }
    let mut figures = sums.into_report();
    figures.measures.extend(breadth_of(&times_shown, popularity, K));
    SessionsReport { figures, repeats, repeats_count }
}

/// The share of next clicks that are on the product at hand once more: how likely the next one is, before anything is known of it.
#[must_use]
pub fn chance_of_repeat(sessions: &[History]) -> f32 {
    let next = || sessions.iter().flat_map(|session| session.products.windows(2));
    next().filter(|pair| pair[0] == pair[1]).count() as f32 / next().count().max(1) as f32
}

/// [`EACH`] of one answer.
fn case(answers: &[u32], to_come: &[u32]) -> [f64; EACH.len()] {
    let is_next: Vec<bool> = answers.iter().map(|product| Some(product) == to_come.first()).collect();
    let wanted: BTreeSet<u32> = to_come.iter().copied().collect();
    let is_wanted: Vec<bool> = answers.iter().map(|product| wanted.contains(product)).collect();
    let found = is_wanted.iter().filter(|is_wanted| **is_wanted).count() as f64;
    [
        measures::reciprocal_rank(&is_next, K),
        measures::hit_rate(&is_next, K),
        found / K as f64,
        found / wanted.len().max(1) as f64,
        measures::binary_ndcg(&is_wanted, wanted.len(), K).unwrap_or(0.0),
    ]
}

/// What the mean over clicks and its interval are made of: for each session, how many cases it has and the sums of their measures.
#[derive(Debug, Default)]
struct Sums(Vec<(f64, [f64; EACH.len()])>);

impl Sums {
    fn add(&mut self, cases: &[[f64; EACH.len()]]) {
        if !cases.is_empty() {
            let sums = std::array::from_fn(|measure| cases.iter().map(|case| case[measure]).sum());
            self.0.push((cases.len() as f64, sums));
        }
    }

    /// Clicks of one session are foreseen well or badly together, so the sessions are what was drawn: the error of a ratio of two sums over them
    /// (Cochran, Sampling Techniques, 6.4), 1.96 of it to either side. Taken over clicks, intervals would be too narrow.
    fn into_report(self) -> Report {
        let cases_count: f64 = self.0.iter().map(|(count, _)| count).sum();
        let sessions_count = self.0.len() as f64;
        let measure = |(place, name): (usize, &str)| {
            let value = self.0.iter().map(|(_, sums)| sums[place]).sum::<f64>() / cases_count.max(1.0);
            let squares: f64 = self.0.iter().map(|(count, sums)| (sums[place] - value * count).powi(2)).sum();
            let half = 1.96 * (squares * sessions_count / (sessions_count - 1.0)).sqrt() / cases_count;
            Measure { name: name.to_owned(), value, interval: (self.0.len() > 1).then_some(super::within(value, half)) }
        };
        Report { cases_count: cases_count as usize, measures: EACH.into_iter().enumerate().map(measure).collect() }
    }
}

/// All clicks of all sessions in the order in which a shop would have seen them: (time in milliseconds, number of the session, product).
/// Sessions whose times are not known come one after the other, and within a session nobody is silent for longer than twenty minutes.
#[must_use]
pub fn clicks_in_order(sessions: &[History]) -> Vec<(i64, usize, u32)> {
    let mut clicks = Vec::new();
    let mut now_ms = 0_i64;
    for (number, session) in sessions.iter().enumerate() {
        for (at, &product) in session.products.iter().enumerate() {
            let latest_ms = if at == 0 { i64::MAX } else { now_ms.saturating_add(SILENCE_MS_MAX) };
            now_ms = session.times.get(at).map_or(now_ms + 1, |time| as_milliseconds(*time).min(latest_ms));
            clicks.push((now_ms, number, product));
        }
    }
    // Stable, so that clicks of the same moment keep the order of their session.
    clicks.sort_by_key(|(at, number, _)| (*at, *number));
    clicks
}

fn as_milliseconds(time: f64) -> i64 {
    match time.abs() {
        seconds if seconds < MILLISECONDS_FROM => (time * 1_000.0) as i64,
        milliseconds if milliseconds < MICROSECONDS_FROM => time as i64,
        _ => (time / 1_000.0) as i64,
    }
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
        let report = evaluate_sessions(&test, &[1; 10], Repeats::Missed, &mut |before, _| vec![before[0], 2]).figures;
        // Clicks 2 and 1 remain: from 1, both to come are found, 2 in second place; from 1 and 2, the one to come stands in first.
        assert_eq!(report.cases_count, 2);
        let check = |name: &str, expected: f64| assert!(report.value(name).is_some_and(|value| (value - expected).abs() < 1e-12), "{name}");
        check("mrr@20", 0.75);
        check("hr@20", 1.0);
        check("precision@20", (2.0 + 1.0) / 2.0 / 20.0);
        check("recall@20", 1.0);
        check("coverage@20", 0.2);
        // All products stand in as many sessions.
        check("popularity@20", 0.5);
        // Whatever is to come stands before what is not.
        check("ndcg@20", 1.0);
        assert!(report.measures.iter().all(|measure| measure.interval.is_none()), "one session says nothing about others");
    }

    /// Repeats were always missed, so that no protocol that leaves them out, or answers them, could be reproduced.
    #[test]
    fn repeats_are_missed_or_skipped_or_answered_and_always_counted() {
        // From 1 to 1 again, from 1 to 2, from 2 to 2 again and to 3; 99 is unknown, so 3 follows itself.
        let test = [session("s1", &[1, 1, 2, 2, 3, 99, 3], &[])];
        let check = |repeats: Repeats, cases: usize, hits: f64| {
            let mut foreseen = |before: &[u32], _: usize| {
                let at_hand = before.last().copied().unwrap_or_default();
                if repeats == Repeats::Answered { vec![at_hand + 1, at_hand] } else { vec![at_hand + 1] }
            };
            let report = evaluate_sessions(&test, &[1; 10], repeats, &mut foreseen);
            let hit_rate = report.figures.value("hr@20").expect("is measured");
            assert_eq!((report.figures.cases_count, report.repeats, report.repeats_count), (cases, repeats, 3));
            assert!((hit_rate - hits / cases as f64).abs() < 1e-12, "{repeats:?}: {hit_rate}");
        };
        check(Repeats::Missed, 5, 2.0);
        check(Repeats::Skipped, 2, 2.0);
        check(Repeats::Answered, 5, 5.0);
        assert_eq!(chance_of_repeat(&test), 2.0 / 6.0);
        assert_eq!(chance_of_repeat(&[session("one", &[1], &[])]), 0.0);
    }

    #[test]
    fn clicks_of_one_session_are_no_proof_of_each_other() {
        // Half of the sessions are foreseen in every click, the others in none.
        let sessions = |length: usize| -> Vec<History> {
            (0..400).map(|number| session(&format!("s{number}"), &vec![u32::from(number % 2 == 0); length], &[])).collect()
        };
        let width = |length: usize| {
            let report = evaluate_sessions(&sessions(length), &[1; 2], Repeats::Missed, &mut |_, _| vec![1]).figures;
            let hit = report.measures.iter().find(|measure| measure.name == "hr@20").expect("is measured");
            let (low, high) = hit.interval.expect("has an interval");
            assert!((hit.value - 0.5).abs() < 1e-12 && low < 0.5 && high > 0.5);
            high - low
        };
        // 2 × 1.96 × 0.5 / √400, however many clicks there are.
        assert!((width(2) - 0.098).abs() < 0.001, "{}", width(2));
        assert!((width(30) - width(2)).abs() < 1e-9, "{} {}", width(30), width(2));
    }

    #[test]
    fn clicks_come_as_they_happened_in_seconds_or_milliseconds() {
        let timed = [("a", &[1, 2][..], &[10.0, 12.5][..]), ("b", &[3], &[11.0]), ("c", &[4], &[1.6e12]), ("d", &[5], &[1.7e15])];
        let sessions = timed.map(|(name, products, times)| session(name, products, times));
        let expected = [(10_000, 0, 1), (11_000, 1, 3), (12_500, 0, 2), (1_600_000_000_000, 2, 4), (1_700_000_000_000, 3, 5)];
        assert_eq!(clicks_in_order(&sessions), expected);
        assert_eq!(clicks_in_order(&[session("a", &[1], &[]), session("b", &[2], &[])]), [(1, 0, 1), (2, 1, 2)]);
    }

    /// Sets of visits by day, or of shoppers in place of visits, were learnt from as if every click were a visit of its own.
    #[test]
    fn a_session_that_pauses_is_one_session() {
        let hour = 3_600.0;
        let clicks = clicks_in_order(&[session("a", &[1, 2, 3], &[0.0, 24.0 * hour, 48.0 * hour]), session("b", &[4], &[hour])]);
        assert_eq!(clicks, [(0, 0, 1), (1_200_000, 0, 2), (2_400_000, 0, 3), (3_600_000, 1, 4)]);
    }
}
