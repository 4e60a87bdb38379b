//! Search against human judgements.

use super::{Means, Report, distinct, measures};
use crate::learn::formats::{Judgements, Query, RunLine};

/// Figures of a search and the answers they were computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchOutcome {
    /// Means over the queries that have a judged product with a positive grade.
    pub report: Report,
    /// Every answer to every query, for [`crate::learn::formats::write_run`].
    pub run: Vec<RunLine>,
}

/// Asks every query that was judged and measures the answers: `ndcg@10`, `judged@10`, and, with products graded `relevant_min` or better as
/// the relevant ones, `recall@100`, `mrr@20` and `map`. What was not judged counts as grade zero; queries without a product of positive
/// grade are left out.
///
/// `search` gives the identifiers of products, best first; a hundred are looked at.
pub fn evaluate_search(
    queries: &[Query],
    judgements: &Judgements,
    relevant_min: f64,
    search: &mut dyn FnMut(&str) -> Vec<String>,
) -> SearchOutcome {
    let mut means = Means::default();
    let mut run = Vec::new();
    let mut cases_count = 0;
    for query in queries {
        let Some(grades) = judgements.get(&query.id).filter(|grades| grades.values().any(|&grade| grade > 0.0)) else { continue };
        cases_count += 1;
        let answers = distinct(search(&query.text));
        let ranked: Vec<f64> = answers.iter().map(|product| grades.get(product).copied().unwrap_or(0.0)).collect();
        let known: Vec<bool> = answers.iter().map(|product| grades.contains_key(product)).collect();
        let all: Vec<f64> = grades.values().copied().collect();
        let relevant: Vec<bool> = ranked.iter().map(|&grade| grade > 0.0 && grade >= relevant_min).collect();
        let relevant_count = all.iter().filter(|&&grade| grade > 0.0 && grade >= relevant_min).count();
        means.add("ndcg@10", measures::ndcg(&ranked, &all, 10));
        means.add("judged@10", measures::judged(&known, 10));
        means.add("recall@100", measures::recall(&relevant, relevant_count, 100));
        means.add("mrr@20", (relevant_count > 0).then(|| measures::reciprocal_rank(&relevant, 20)));
        means.add("map", measures::average_precision(&relevant, relevant_count));
        run.extend(answers.into_iter().zip(1..).map(|(product, rank)| RunLine { query: query.id.clone(), product, rank }));
    }
    SearchOutcome { report: means.into_report(cases_count), run }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_without_a_relevant_judgement_are_left_out() {
        let query = |id: &str| Query { id: id.to_owned(), text: format!("text of {id}") };
        let grades = |pairs: &[(&str, f64)]| pairs.iter().map(|(product, grade)| ((*product).to_owned(), *grade)).collect();
        let judgements = Judgements::from([
            ("q1".to_owned(), grades(&[("a", 3.0), ("b", 1.0), ("c", 0.0)])),
            ("q2".to_owned(), grades(&[("a", 0.0)])),
            ("q3".to_owned(), grades(&[("d", 1.0)])),
        ]);
        let mut asked = Vec::new();
        let outcome = evaluate_search(&[query("q1"), query("q2"), query("q3"), query("q4")], &judgements, 2.0, &mut |text| {
            asked.push(text.to_owned());
            ["x", "a", "x", "a", "c"].map(str::to_owned).to_vec()
        });
        assert_eq!(asked, ["text of q1", "text of q3"]);
        let value = |name: &str| outcome.report.value(name).expect("is measured");
        assert_eq!(outcome.report.cases_count, 2);
        // q1: 7/log2(3) of 7 + 1/log2(3); q3: nothing found.
        let expected = 7.0 / 3.0_f64.log2() / (7.0 + 1.0 / 3.0_f64.log2()) / 2.0;
        assert!((value("ndcg@10") - expected).abs() < 1e-12);
        assert!((value("judged@10") - (2.0 / 3.0 + 0.0) / 2.0).abs() < 1e-12);
        // Only q1 has a product graded 2 or better.
        assert_eq!((value("recall@100"), value("mrr@20"), value("map")), (1.0, 0.5, 0.5));
        assert_eq!(outcome.run[1], RunLine { query: "q1".to_owned(), product: "a".to_owned(), rank: 2 });
    }
}
