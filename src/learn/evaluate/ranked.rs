//! A recommender measured on cases: how much of what is wanted it finds, how much of the catalogue it shows, and how sure the figures are.
//!
//! All products are ranked: comparing with a hundred sampled ones gives other winners (Krichene & Rendle, KDD 2020). What the recommender
//! was told is struck from its answers.

use super::split::Case;
use super::{Measure, Report, distinct, measures};
use crate::learn::formats::{History, holders};
use rayon::prelude::*;
use std::collections::HashSet;

/// Random samples of the cases for the intervals: their ends move by less than a tenth of their width from seed to seed.
const RESAMPLES: u64 = 1_000;
/// Beyond so many cases an interval is that of the normal distribution, which the bootstrap then comes to within a hundredth of its width.
const RESAMPLED_MAX: usize = 100_000;
/// Measures of one case at one cutoff: recall, ndcg, hit rate, reciprocal rank.
const EACH: [&str; 4] = ["recall", "ndcg", "hr", "mrr"];

/// What is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct RankingOptions {
    /// Cutoffs.
    pub cutoffs: Vec<usize>,
    /// How many shoppers had each product in the training part, for coverage and popularity.
    pub popularity: Vec<u32>,
    /// Seed of the intervals.
    pub seed: u64,
}

impl RankingOptions {
    /// Popularity counted from what is trained on.
    #[must_use]
    pub fn of(cutoffs: Vec<usize>, train: &[History], products_count: u32, seed: u64) -> Self {
        Self { cutoffs, popularity: holders(train, products_count), seed }
    }

    /// As many products as are looked at.
    #[must_use]
    pub fn deepest(&self) -> usize {
        self.cutoffs.iter().copied().max().unwrap_or(0)
    }
}

/// Measures a recommender on all threads; `room` gives each its working memory. `recommend` is asked for products
/// that the history does not have, and those that it has nevertheless are struck.
///
/// For each cutoff: `recall`, `ndcg`, `hr` and `mrr`, each a mean over cases with its 95 % interval (percentile bootstrap over cases, Efron
/// 1979), then `coverage`, the share of products shown to anybody, and `popularity`, the mean percentile of what is shown: 0.5 would be a
/// draw from the catalogue, 1 the best seller for everybody.
pub fn evaluate_ranked<R>(
    cases: &[Case],
    options: &RankingOptions,
    room: impl Fn() -> R + Sync + Send,
    recommend: impl Fn(&mut R, &[u32], usize) -> Vec<u32> + Sync,
) -> Report {
    let deepest = options.deepest();
    let answers: Vec<Vec<u32>> =
        cases.par_iter().with_min_len(16).map_init(&room, |room, case| recommend(room, &case.history, deepest)).collect();
    evaluate_answers(cases, answers, options)
}

/// [`evaluate_ranked`] of a recommender that has answered all cases already, each with as many products as [`RankingOptions::deepest`] says.
#[must_use]
pub fn evaluate_answers(cases: &[Case], answers: Vec<Vec<u32>>, options: &RankingOptions) -> Report {
    let new_ones = |(case, answer): (&Case, Vec<u32>)| {
        let seen: HashSet<u32> = case.history.iter().copied().collect();
        distinct(answer).into_iter().filter(|product| !seen.contains(product)).take(options.deepest()).collect()
    };
    let answers: Vec<Vec<u32>> = cases.par_iter().with_min_len(16).zip(answers).map(new_ones).collect();
    let values: Vec<Vec<f64>> = cases.par_iter().zip(&answers).map(|(case, answer)| values(case, answer, &options.cutoffs)).collect();
    let mut means = means_with_intervals(&values, options);
    for &k in &options.cutoffs {
        means.extend(breadth(&answers, &options.popularity, k));
    }
    Report { cases_count: cases.len(), measures: means }
}

/// [`EACH`] of one answer at every cutoff.
fn values(case: &Case, answer: &[u32], cutoffs: &[usize]) -> Vec<f64> {
    let wanted: HashSet<u32> = case.wanted.iter().copied().collect();
    let relevant: Vec<bool> = answer.iter().map(|product| wanted.contains(product)).collect();
    let at = |&k: &usize| {
        let recall = measures::recall(&relevant, wanted.len(), k).unwrap_or(0.0);
        let ndcg = measures::binary_ndcg(&relevant, wanted.len(), k).unwrap_or(0.0);
        [recall, ndcg, measures::hit_rate(&relevant, k), measures::reciprocal_rank(&relevant, k)]
    };
    cutoffs.iter().flat_map(at).collect()
}

fn means_with_intervals(values: &[Vec<f64>], options: &RankingOptions) -> Vec<Measure> {
    let width = options.cutoffs.len() * EACH.len();
    let flat: Vec<f64> = values.iter().flatten().copied().collect();
    let mean = |chosen: &mut dyn Iterator<Item = usize>| {
        let mut sums = vec![0.0; width];
        chosen.for_each(|case| sums.iter_mut().zip(&flat[case * width..]).for_each(|(sum, value)| *sum += value));
        sums.into_iter().map(|sum| sum / values.len().max(1) as f64).collect::<Vec<f64>>()
    };
    let means = mean(&mut (0..values.len()));
    let intervals =
        if values.len() > RESAMPLED_MAX { normal_intervals(values, &means) } else { resampled(values.len(), options.seed, mean) };
    let names = options.cutoffs.iter().flat_map(|k| EACH.map(|name| format!("{name}@{k}")));
    let measured = names.zip(means).zip(intervals);
    measured.map(|((name, value), interval)| Measure { name, value, interval: (!values.is_empty()).then_some(interval) }).collect()
}

/// The percentile bootstrap.
fn resampled(cases_count: usize, seed: u64, mean: impl Fn(&mut dyn Iterator<Item = usize>) -> Vec<f64> + Sync) -> Vec<(f64, f64)> {
    let resample = |round: u64| {
        let mut random = fastrand::Rng::with_seed(seed.wrapping_mul(RESAMPLES).wrapping_add(round));
        mean(&mut (0..cases_count).map(|_| random.usize(0..cases_count)))
    };
    let samples: Vec<Vec<f64>> = (0..RESAMPLES).into_par_iter().map(resample).collect();
    let interval = |measure: usize| {
        let mut sorted: Vec<f64> = samples.iter().map(|sample| sample[measure]).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
        (at(0.025), at(0.975))
    };
    (0..samples.first().map_or(0, Vec::len)).map(interval).collect()
}

/// What the bootstrap of so many cases comes to: 1.96 standard errors to either side.
fn normal_intervals(values: &[Vec<f64>], means: &[f64]) -> Vec<(f64, f64)> {
    let interval = |(measure, mean): (usize, &f64)| {
        let squares: f64 = values.iter().map(|case| (case[measure] - mean).powi(2)).sum();
        let half = 1.96 * (squares / values.len() as f64 / values.len() as f64).sqrt();
        (mean - half, mean + half)
    };
    means.iter().enumerate().map(interval).collect()
}

/// Coverage and popularity of the first `k` of all answers.
fn breadth(answers: &[Vec<u32>], popularity: &[u32], k: usize) -> [Measure; 2] {
    let mut times_shown = vec![0_u64; popularity.len()];
    answers.iter().flat_map(|answer| answer.iter().take(k)).for_each(|&product| {
        if let Some(times) = times_shown.get_mut(product as usize) {
            *times += 1;
        }
    });
    breadth_of(&times_shown, popularity, k)
}

/// The same, of how often each product was shown.
pub(super) fn breadth_of(times_shown: &[u64], popularity: &[u32], k: usize) -> [Measure; 2] {
    let mut sorted = popularity.to_vec();
    sorted.sort_unstable();
    let percentile = |own: u32| {
        let (below, with) = (sorted.partition_point(|&other| other < own), sorted.partition_point(|&other| other <= own));
        (below + with) as f64 / (2 * sorted.len().max(1)) as f64
    };
    let (mut shown, mut sum, mut count) = (0, 0.0, 0.0);
    for (&own, &times) in popularity.iter().zip(times_shown).filter(|(_, times)| **times > 0) {
        shown += 1;
        sum += percentile(own) * times as f64;
        count += times as f64;
    }
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let measure = |name: &str, value: f64| Measure { name: format!("{name}@{k}"), value, interval: None };
    [measure("coverage", share(f64::from(shown), popularity.len() as f64)), measure("popularity", share(sum, count))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(history: &[u32], wanted: &[u32]) -> Case {
        Case { history: history.to_vec(), wanted: wanted.to_vec() }
    }

    fn options(popularity: &[u32]) -> RankingOptions {
        RankingOptions { cutoffs: vec![2], popularity: popularity.to_vec(), seed: 1 }
    }

    fn value(report: &Report, name: &str) -> f64 {
        report.value(name).expect("is measured")
    }

    #[test]
    fn figures_match_a_computation_by_hand() {
        let cases = [case(&[1, 2], &[5, 9]), case(&[], &[6]), case(&[5, 6], &[0])];
        let report = evaluate_ranked(&cases, &options(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), || (), |(), _, _| vec![1, 2, 5, 5, 6]);
        // Struck of what was told: 5 6, then 1 2, then 1 2. The first finds 5 of two, the others nothing.
        let ideal_of_two = 1.0 + 1.0 / 3.0_f64.log2();
        assert_eq!(report.cases_count, 3);
        assert_eq!((value(&report, "recall@2"), value(&report, "hr@2")), (0.5 / 3.0, 1.0 / 3.0));
        assert!((value(&report, "ndcg@2") - 1.0 / ideal_of_two / 3.0).abs() < 1e-12);
        assert_eq!(value(&report, "mrr@2"), 1.0 / 3.0);
        assert_eq!(value(&report, "coverage@2"), 0.4);
        // Percentiles of 5 6 1 2 1 2.
        assert!((value(&report, "popularity@2") - (0.55 + 0.65 + 0.15 + 0.25 + 0.15 + 0.25) / 6.0).abs() < 1e-12);
    }

    #[test]
    fn intervals_hold_the_mean_and_come_again_with_the_seed() {
        let cases: Vec<Case> = (0..200).map(|index| case(&[], &[index % 3])).collect();
        let measured = || evaluate_ranked(&cases, &options(&[1; 3]), || (), |(), _, _| vec![0, 1]);
        let report = measured();
        let hits = report.measures.iter().find(|measure| measure.name == "hr@2").expect("is measured");
        let (low, high) = hits.interval.expect("has an interval");
        assert!(low < hits.value && hits.value < high && high - low < 0.15, "{low} {} {high}", hits.value);
        assert_eq!(measured(), report);
        let values: Vec<Vec<f64>> = (0..200).map(|index| vec![f64::from(u8::from(index % 3 < 2))]).collect();
        let (normal_low, normal_high) = normal_intervals(&values, &[hits.value])[0];
        assert!((normal_low - low).abs() < 0.015 && (normal_high - high).abs() < 0.015, "{low} {normal_low} {normal_high} {high}");
        assert_eq!(evaluate_ranked(&[], &options(&[]), || (), |(), _, _| vec![0]).cases_count, 0);
    }
}
