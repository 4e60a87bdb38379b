//! Search against human judgements: each query's measures, their means, and two configurations side by side.

use super::paired::Paired;
use super::{Means, Report, distinct, measures};
use crate::learn::LearnError;
use crate::learn::formats::{Judgements, Query, RunLine};
use serde::Serialize;
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

/// What to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchOptions {
    /// Grade from which a product counts as relevant for recall, mrr and map.
    pub relevant_min: f64,
    /// Places to look at: each gives `ndcg@k`, `recall@k`, `mrr@k` and `judged@k`.
    pub cutoffs: Vec<usize>,
    /// Places that `map` looks at, which is `map@k` then; all that were answered, unless told.
    pub map_depth: Option<usize>,
}

/// What a search gave for a query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answered {
    /// Identifiers of products, best first.
    pub products: Vec<String>,
    /// How many products matched in all.
    pub total: u64,
    /// Words that were read as others, `typed > read`.
    pub corrections: Vec<String>,
    /// What was given up.
    pub relaxations: Vec<String>,
}

/// One query and how well it was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchCase {
    /// The query.
    pub query: Query,
    /// One for each name of the outcome; none where the measure does not apply.
    pub values: Vec<Option<f64>>,
    /// What was answered; products once each.
    pub answered: Answered,
}

/// Every query that has a judged product with a positive grade, measured.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchOutcome {
    /// Names of the measures, as in `ndcg@10`.
    pub names: Vec<String>,
    /// In the order of the queries.
    pub cases: Vec<SearchCase>,
}

/// One measure of two configurations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// As in `ndcg@10`.
    pub measure: String,
    /// The test.
    #[serde(flatten)]
    pub paired: Paired,
}

/// Asks every query that was judged and measures the answers at each cutoff, and `map` over all that was answered. What was not judged
/// counts as grade zero; queries without a product of positive grade are left out; a measure of relevance leaves out queries without a
/// relevant product.
pub fn evaluate_search(
    queries: &[Query],
    judgements: &Judgements,
    options: &SearchOptions,
    search: &mut dyn FnMut(&Query) -> Answered,
) -> SearchOutcome {
    let mut outcome = SearchOutcome { names: names(options), cases: Vec::new() };
    for query in queries {
        let Some(grades) = judgements.get(&query.id).filter(|grades| grades.values().any(|&grade| grade > 0.0)) else { continue };
        let mut answered = search(query);
        answered.products = distinct(answered.products);
        let grade = |product: &String| grades.get(product).copied();
        let places: Vec<Option<f64>> = answered.products.iter().map(grade).collect();
        let judged: Vec<f64> = grades.values().copied().collect();
        outcome.cases.push(SearchCase { query: query.clone(), values: values(&places, &judged, options), answered });
    }
    outcome
}

fn names(options: &SearchOptions) -> Vec<String> {
    let at = |name| options.cutoffs.iter().map(move |k| format!("{name}@{k}"));
    let map = options.map_depth.map_or_else(|| "map".to_owned(), |depth| format!("map@{depth}"));
    ["ndcg", "recall", "mrr", "judged"].into_iter().flat_map(at).chain([map]).collect()
}

/// In the order of [`names`]. `places` holds the grade of each answer, none for one that was not judged.
fn values(places: &[Option<f64>], judged: &[f64], options: &SearchOptions) -> Vec<Option<f64>> {
    let is_relevant = |grade: f64| grade > 0.0 && grade >= options.relevant_min;
    let ranked: Vec<f64> = places.iter().map(|grade| grade.unwrap_or(0.0)).collect();
    let known: Vec<bool> = places.iter().map(Option::is_some).collect();
    let relevant: Vec<bool> = ranked.iter().map(|&grade| is_relevant(grade)).collect();
    let relevant_count = judged.iter().filter(|&&grade| is_relevant(grade)).count();
    let cutoffs = || options.cutoffs.iter().copied();
    let mut values: Vec<Option<f64>> = cutoffs().map(|k| measures::ndcg(&ranked, judged, k)).collect();
    values.extend(cutoffs().map(|k| measures::recall(&relevant, relevant_count, k)));
    values.extend(cutoffs().map(|k| (relevant_count > 0).then(|| measures::reciprocal_rank(&relevant, k))));
    values.extend(cutoffs().map(|k| measures::judged(&known, k)));
    let map_depth = options.map_depth.unwrap_or(usize::MAX).min(relevant.len());
    values.push(measures::average_precision(&relevant[..map_depth], relevant_count));
    values
}

impl SearchOutcome {
    /// The means of all measures.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut means = Means::default();
        for case in &self.cases {
            self.names.iter().zip(&case.values).for_each(|(name, value)| means.add(name, *value));
        }
        means.into_report(self.cases.len())
    }

    /// Every answer to every query, for [`crate::learn::formats::write_run`].
    #[must_use]
    pub fn run(&self) -> Vec<RunLine> {
        let lines = |case: &SearchCase| {
            let query = case.query.id.clone();
            let lines = case.answered.products.iter().cloned().zip(1..);
            lines.map(|(product, rank)| RunLine { query: query.clone(), product, rank }).collect::<Vec<_>>()
        };
        self.cases.iter().flat_map(lines).collect()
    }

    /// Each measure of this outcome beside the same of another, over the queries that both have it for.
    #[must_use]
    pub fn compare(&self, against: &Self, seed: u64) -> Vec<Comparison> {
        let others: HashMap<&str, &SearchCase> = against.cases.iter().map(|case| (case.query.id.as_str(), case)).collect();
        let comparison = |(at, name): (usize, &String)| {
            let other_at = against.names.iter().position(|other| other == name)?;
            let pair = |case: &SearchCase| Some((case.values[at]?, others.get(case.query.id.as_str())?.values[other_at]?));
            let pairs: Vec<(f64, f64)> = self.cases.iter().filter_map(pair).collect();
            Some(Comparison { measure: name.clone(), paired: Paired::of(&pairs, seed)? })
        };
        self.names.iter().enumerate().filter_map(comparison).collect()
    }

    /// Writes one line for each query, columns separated by tabs: id, text, every measure, total, corrections, relaxations.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_cases(&self, path: &Path) -> Result<(), LearnError> {
        let write = || -> std::io::Result<()> {
            let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
            writeln!(out, "id\ttext\t{}\ttotal\tcorrections\trelaxations", self.names.join("\t"))?;
            for SearchCase { query, values, answered } in &self.cases {
                let values = values.iter().map(|value| value.map_or_else(String::new, |value| format!("{value:.4}")));
                let values = values.collect::<Vec<_>>().join("\t");
                let (corrections, relaxations) = (answered.corrections.join("; "), answered.relaxations.join("; "));
                writeln!(
                    out,
                    "{}\t{}\t{values}\t{}\t{corrections}\t{relaxations}",
                    query.id,
                    query.text.replace('\t', " "),
                    answered.total
                )?;
            }
            out.flush()
        };
        write().map_err(|source| LearnError::Io { path: path.to_owned(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: fn() -> SearchOptions = || SearchOptions { relevant_min: 2.0, cutoffs: vec![2, 10], map_depth: None };

    fn query(id: &str) -> Query {
        Query { id: id.to_owned(), text: format!("text\tof {id}") }
    }

    fn judgements() -> Judgements {
        let grades = |pairs: &[(&str, f64)]| pairs.iter().map(|(product, grade)| ((*product).to_owned(), *grade)).collect();
        Judgements::from([
            ("q1".to_owned(), grades(&[("a", 3.0), ("b", 1.0), ("c", 0.0)])),
            ("q2".to_owned(), grades(&[("a", 0.0)])),
            ("q3".to_owned(), grades(&[("d", 1.0)])),
        ])
    }

    fn answered(products: &[&str]) -> Answered {
        Answered { products: products.iter().map(|&product| product.to_owned()).collect(), total: 9, ..Answered::default() }
    }

    fn outcome(products: &[&str]) -> SearchOutcome {
        let queries = [query("q1"), query("q2"), query("q3"), query("q4")];
        evaluate_search(&queries, &judgements(), &OPTIONS(), &mut |_| answered(products))
    }

    fn close(value: Option<f64>, expected: f64) {
        assert!(value.is_some_and(|value| (value - expected).abs() < 1e-12), "{value:?} where {expected} was expected");
    }

    #[test]
    fn measures_match_a_computation_by_hand() {
        let outcome = outcome(&["x", "a", "x", "a", "c"]);
        let report = outcome.report();
        // Queries without a product of positive grade, or without any judgement, are left out.
        assert_eq!(outcome.cases.iter().map(|case| case.query.id.as_str()).collect::<Vec<_>>(), ["q1", "q3"]);
        // q1: 7/log2(3) of 7 + 1/log2(3); q3: nothing found.
        let of_q1 = 7.0 / 3.0_f64.log2() / (7.0 + 1.0 / 3.0_f64.log2());
        close(report.value("ndcg@10"), of_q1 / 2.0);
        close(report.value("judged@10"), (2.0 / 3.0 + 0.0) / 2.0);
        close(report.value("judged@2"), (1.0 / 2.0 + 0.0) / 2.0);
        // Only q1 has a product graded 2 or better.
        for (name, expected) in [("recall@2", 1.0), ("mrr@2", 0.5), ("mrr@10", 0.5), ("map", 0.5)] {
            close(report.value(name), expected);
        }
        assert_eq!(outcome.cases[1].values[outcome.names.iter().position(|name| name == "map").expect("is named")], None);
        assert_eq!(outcome.run()[1], RunLine { query: "q1".to_owned(), product: "a".to_owned(), rank: 2 });
    }

    #[test]
    fn the_mean_precision_is_taken_to_the_depth_that_is_asked_for() {
        let of = |map_depth: Option<usize>| {
            let options = SearchOptions { map_depth, ..OPTIONS() };
            let outcome = evaluate_search(&[query("q1")], &judgements(), &options, &mut |_| answered(&["x", "y", "a"]));
            let name = outcome.names.last().cloned().expect("is named");
            (outcome.report().value(&name), name)
        };
        assert_eq!(of(None), (Some(1.0 / 3.0), "map".to_owned()));
        assert_eq!([of(Some(3)), of(Some(9))], [3, 9].map(|depth| (Some(1.0 / 3.0), format!("map@{depth}"))));
        assert_eq!(of(Some(2)), (Some(0.0), "map@2".to_owned()));
    }

    #[test]
    fn two_outcomes_are_compared_query_by_query() {
        let (better, worse) = (outcome(&["a", "b", "d"]), outcome(&["x", "a"]));
        let compared = better.compare(&worse, 1);
        let of = |name: &str| &compared.iter().find(|compared| compared.measure == name).expect("is compared").paired;
        // mrr counts for q1 alone: 1 against 1/2.
        assert_eq!((of("mrr@10").cases_count, of("mrr@10").difference, of("mrr@10").wins), (1, 0.5, 1));
        assert_eq!((of("ndcg@10").cases_count, of("ndcg@10").wins, of("ndcg@10").losses), (2, 2, 0));
        assert_eq!((of("recall@10").ties, of("recall@10").p_value), (1, 1.0));
    }

    #[test]
    fn every_query_has_a_line_in_the_table() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cases.tsv");
        let mut outcome = outcome(&["a"]);
        outcome.cases[0].answered.corrections = vec!["lmap > lamp".to_owned()];
        outcome.write_cases(&path).expect("writes");
        let table = std::fs::read_to_string(&path).expect("reads");
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(
            lines[0],
            "id\ttext\tndcg@2\tndcg@10\trecall@2\trecall@10\tmrr@2\tmrr@10\tjudged@2\tjudged@10\tmap\ttotal\tcorrections\trelaxations"
        );
        assert_eq!(lines[1], "q1\ttext of q1\t0.9173\t0.9173\t1.0000\t1.0000\t1.0000\t1.0000\t1.0000\t1.0000\t1.0000\t9\tlmap > lamp\t");
        assert_eq!(lines[2], "q3\ttext of q3\t0.0000\t0.0000\t\t\t\t\t0.0000\t0.0000\t\t9\t\t");
        assert_eq!(lines.len(), 3);
    }
}
