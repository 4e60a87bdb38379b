//! Evaluation: the measures of the field, and runners that feed judged data to a search or a recommender and average what comes back.
//!
//! The runners take what they measure as a closure, so they know neither the search nor the recommender, and a test can hand them answers
//! whose figures were computed by hand.

mod baskets;
mod drawn;
mod held_back;
pub mod measures;
mod paired;
mod ranked;
mod search;
mod sessions;
mod spelling;
mod split;

pub use baskets::evaluate_baskets;
pub use held_back::{Draw, HeldBack, Holding, hold_back};
pub use paired::Paired;
pub use ranked::{RankingOptions, evaluate_answers, evaluate_ranked};
pub use search::{Answered, Comparison, SearchCase, SearchOptions, SearchOutcome, evaluate_search};
pub use sessions::{Repeats, SessionsReport, chance_of_repeat, clicks_in_order, evaluate_sessions};
pub use spelling::{Miss, evaluate_spelling};
pub use split::{Case, beginnings, given, global_time, leave_one_out};

use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// A recommender: from a history (oldest first) to products, best first, at most as many as asked for.
pub type Recommender<'a> = &'a mut dyn FnMut(&[u32], usize) -> Vec<u32>;

/// Figures averaged over the cases that count.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Report {
    /// How many queries, shoppers or clicks were averaged over.
    pub cases_count: usize,
    /// Measures by the field's names, in the order in which they are usually printed.
    pub measures: Vec<Measure>,
}

/// One averaged measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measure {
    /// As in `ndcg@10`.
    pub name: String,
    /// Its mean.
    pub value: f64,
    /// The 95 % interval of the mean, from..to, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
}

impl Report {
    /// The value of a measure by its name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<f64> {
        self.measures.iter().find(|measure| measure.name == name).map(|measure| measure.value)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} cases", self.cases_count)?;
        self.measures.iter().try_for_each(|Measure { name, value, interval }| {
            write!(out, ", {name} {value:.4}")?;
            interval.map_or(Ok(()), |(low, high)| write!(out, " ({low:.4}..{high:.4})"))
        })
    }
}

/// The first place of each answer: an answer given twice must not count twice.
fn distinct<T: Ord + Clone>(answers: Vec<T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    answers.into_iter().filter(|answer| seen.insert(answer.clone())).collect()
}

/// So much to either side of the mean of a measure, all of which lie between 0 and 1.
fn within(mean: f64, half: f64) -> (f64, f64) {
    ((mean - half).max(0.0), (mean + half).min(1.0))
}

/// Sums of measures on the way to their means; cases that a measure does not count for leave it alone.
#[derive(Debug, Default)]
struct Means {
    sums: Vec<Sum>,
}

#[derive(Debug, Default)]
struct Sum {
    name: String,
    sum: f64,
    squares: f64,
    count: usize,
}

impl Means {
    fn add(&mut self, name: &str, value: Option<f64>) {
        let place = self.sums.iter().position(|known| known.name == name).unwrap_or_else(|| {
            self.sums.push(Sum { name: name.to_owned(), ..Sum::default() });
            self.sums.len() - 1
        });
        if let Some(value) = value {
            let sum = &mut self.sums[place];
            sum.sum += value;
            sum.squares += value * value;
            sum.count += 1;
        }
    }

    fn into_report(self, cases_count: usize) -> Report {
        let mean = |sum: Sum| Measure { value: sum.mean(), name: sum.name, interval: None };
        Report { cases_count, measures: self.sums.into_iter().map(mean).collect() }
    }

    /// The same with the 95 % interval of each mean over cases that do not know of each other.
    fn into_report_with_intervals(self, cases_count: usize) -> Report {
        let mean = |sum: Sum| Measure { value: sum.mean(), interval: sum.interval(), name: sum.name };
        Report { cases_count, measures: self.sums.into_iter().map(mean).collect() }
    }
}

impl Sum {
    fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum / self.count as f64 }
    }

    /// 1.96 standard errors to either side.
    fn interval(&self) -> Option<(f64, f64)> {
        let (count, mean) = (self.count as f64, self.mean());
        let variance = (self.squares - count * mean * mean).max(0.0) / (count - 1.0);
        let half = 1.96 * (variance / count).sqrt();
        (self.count > 1).then_some(within(mean, half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_two_standard_errors_to_either_side() {
        let mut means = Means::default();
        (0..400).for_each(|case| means.add("hr@1", Some(f64::from(case % 2))));
        means.add("once", Some(1.0));
        let report = means.into_report_with_intervals(400);
        let (low, high) = report.measures[0].interval.expect("has an interval");
        assert!((low - 0.451).abs() < 0.0005 && (high - 0.549).abs() < 0.0005, "{low} {high}");
        assert_eq!(report.measures[1].interval, None, "one case says nothing about others");
        assert_eq!((within(0.75, 0.5), within(0.25, 0.5)), ((0.25, 1.0), (0.0, 0.75)));
    }
}
