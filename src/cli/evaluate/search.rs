//! `shopkeeper evaluate search`: one configuration measured, or two side by side.

use super::Evaluated;
use crate::cli::output::{CliError, Output};
use crate::learn::evaluate::{self, Answered, Comparison, Report, SearchOptions, SearchOutcome};
use crate::learn::formats::{self, Judgements, Query, Run};
use crate::search::ranking::Weights;
use crate::search::request::LIMIT_MAX;
use crate::search::{self, Mode, Moment};
use clap::ValueEnum;
use serde::Serialize;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Queries, `id<TAB>text` lines.
    #[arg(long)]
    queries: PathBuf,
    /// Judgements in the form of TREC.
    #[arg(long)]
    qrels: PathBuf,
    /// Grade from which a product counts as relevant for recall, mrr and map.
    #[arg(long, default_value_t = 2.0)]
    relevant_min: f64,
    /// Places to look at, e.g. `10,100`: each gives ndcg@k, recall@k, mrr@k and judged@k.
    #[arg(long, value_delimiter = ',', default_value = "10,100", value_parser = cutoff)]
    k: Vec<usize>,
    /// Words, vectors or both.
    #[arg(long, value_enum, default_value_t = ModeName::Hybrid)]
    mode: ModeName,
    /// Measure only the queries whose id or text stands in the first column of this file.
    #[arg(long)]
    only: Option<PathBuf>,
    /// Compare with another configuration on the same queries: `mode=text`, `shop=DIR`, `ranking=FILE` (other weights) or `run=FILE` (a
    /// TREC run made earlier; map is taken to the depth that both have).
    #[arg(long)]
    against: Option<Against>,
    /// Where to write the answers as a TREC run.
    #[arg(long)]
    run: Option<PathBuf>,
    /// Where to write a table with a line for each query.
    #[arg(long)]
    per_query: Option<PathBuf>,
    /// Seed of the paired test.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(super) fn cutoff(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|k| (1..=LIMIT_MAX).contains(k)).ok_or_else(|| format!("a number from 1 to {LIMIT_MAX}"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModeName {
    Hybrid,
    Text,
    Vector,
}

impl ModeName {
    fn mode(self) -> Mode {
        match self {
            Self::Hybrid => Mode::Hybrid,
            Self::Text => Mode::Text,
            Self::Vector => Mode::Vector,
        }
    }
}

/// What a configuration is compared with.
#[derive(Debug, Clone, PartialEq)]
enum Against {
    Mode(ModeName),
    Shop(PathBuf),
    Ranking(PathBuf),
    Run(PathBuf),
}

impl FromStr for Against {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("expected mode=, shop=, ranking= or run=")?;
        match name {
            "mode" => ModeName::from_str(value, true).map(Self::Mode),
            "shop" => Ok(Self::Shop(value.into())),
            "ranking" => Ok(Self::Ranking(value.into())),
            "run" => Ok(Self::Run(value.into())),
            _ => Err(format!("`{name}` is not mode, shop, ranking or run")),
        }
    }
}

/// What is asked and what is right.
struct Judged {
    queries: Vec<Query>,
    judgements: Judgements,
    options: SearchOptions,
}

#[derive(Serialize)]
struct Measured {
    #[serde(flatten)]
    report: Report,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    comparison: Vec<Comparison>,
}

impl fmt::Display for Measured {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.report)?;
        if !self.comparison.is_empty() {
            write!(out, "\n{:<12} {:>7} {:>7} {:>8}  {:<19} {:>7} wins/losses/ties", "", "this", "against", "diff", "95 % interval", "p")?;
        }
        for Comparison { measure, paired } in &self.comparison {
            let evaluate::Paired { mean, against_mean, difference, interval: (low, high), p_value, wins, losses, ties, .. } = paired;
            write!(
                out,
                "\n{measure:<12} {mean:>7.4} {against_mean:>7.4} {difference:>+8.4}  {low:>+8.4}..{high:<+9.4} {p_value:>7.4} {wins}/{losses}/{ties}"
            )?;
        }
        Ok(())
    }
}

pub(super) fn run(shop: &Path, arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let judged = Judged::read(arguments)?;
    let mode = arguments.mode.mode();
    let outcome = judged.search(shop, mode, None)?;
    let beside = |against: SearchOutcome| outcome.compare(&against, arguments.seed);
    let comparison = match &arguments.against {
        None => Vec::new(),
        Some(Against::Mode(other)) => beside(judged.search(shop, other.mode(), None)?),
        Some(Against::Shop(other)) => beside(judged.search(other, mode, None)?),
        Some(Against::Ranking(path)) => beside(judged.search(shop, mode, Some(read_weights(path)?))?),
        Some(Against::Run(path)) => judged.beside_run(&outcome, &formats::read_run(path)?, arguments.seed),
    };
    if let Some(path) = &arguments.run {
        formats::write_run(path, &outcome.run(), "shopkeeper")?;
    }
    if let Some(path) = &arguments.per_query {
        outcome.write_cases(path)?;
    }
    let evaluated = Evaluated { report: Measured { report: outcome.report(), comparison }, seconds: started.elapsed().as_secs_f64() };
    output.report(&evaluated, |evaluated| format!("{}\n({:.1} s)", evaluated.report, evaluated.seconds));
    Ok(())
}

impl Judged {
    fn read(arguments: &Arguments) -> Result<Self, CliError> {
        let mut queries = formats::read_queries(&arguments.queries)?;
        if queries.is_empty() {
            return Err(CliError::file(&arguments.queries, "holds no query: lines of an id, a tab and the words"));
        }
        if let Some(path) = &arguments.only {
            let selected = formats::read_selection(path)?;
            queries.retain(|query| selected.contains(&query.id.to_lowercase()) || selected.contains(&query.text.trim().to_lowercase()));
            if queries.is_empty() {
                return Err(CliError::file(path, "names none of the queries by id or text"));
            }
        }
        let options = SearchOptions { relevant_min: arguments.relevant_min, cutoffs: arguments.k.clone(), map_depth: None };
        Ok(Self { queries, judgements: formats::read_judgements(&arguments.qrels)?, options })
    }

    /// Asks a shop, with its own weights of ranking or with these.
    fn search(&self, shop: &Path, mode: Mode, weights: Option<Weights>) -> Result<SearchOutcome, CliError> {
        let opened = super::opened(shop)?;
        let mut moment = opened.readers().moment().ok_or_else(|| CliError::Refused("the shop has no index".to_owned()))?;
        if let Some(weights) = weights {
            moment.index = Arc::new(moment.index.weighted(weights));
        }
        let depth = self.depth();
        let mut failed = None;
        let outcome = evaluate::evaluate_search(&self.queries, &self.judgements, &self.options, &mut |query| {
            let request = search::Request { q: query.text.clone(), limit: depth, mode, ..search::Request::default() };
            match search::search(&moment, &request) {
                Ok(answer) => answered(answer, &moment),
                Err(error) => {
                    failed.get_or_insert(error);
                    Answered::default()
                }
            }
        });
        opened.stop();
        failed.map_or(Ok(outcome), |error| Err(error.into()))
    }

    /// How many products each query is asked for.
    fn depth(&self) -> usize {
        self.options.cutoffs.iter().copied().max().unwrap_or(LIMIT_MAX)
    }

    /// An outcome beside a run, which may be deeper or less deep: what looks at all that was answered looks at as much of both.
    fn beside_run(&self, outcome: &SearchOutcome, run: &Run, seed: u64) -> Vec<Comparison> {
        let depth = run.values().map(Vec::len).max().unwrap_or(0).min(self.depth());
        let options = SearchOptions { map_depth: Some(depth), ..self.options.clone() };
        let replay = |run: &Run| {
            evaluate::evaluate_search(&self.queries, &self.judgements, &options, &mut |query| {
                let products = run.get(&query.id).cloned().unwrap_or_default();
                Answered { total: products.len() as u64, products, ..Answered::default() }
            })
        };
        let own: Run = outcome.cases.iter().map(|case| (case.query.id.clone(), case.answered.products.clone())).collect();
        replay(&own).compare(&replay(run), seed)
    }
}

fn read_weights(path: &Path) -> Result<Weights, CliError> {
    let text = std::fs::read_to_string(path).map_err(|error| CliError::file(path, error.to_string()))?;
    Weights::parse(&text).map_err(|error| CliError::file(path, error.to_string()))
}

fn answered(answer: search::Answer, moment: &Moment) -> Answered {
    Answered {
        products: answer.hits.iter().filter_map(|hit| moment.catalog.id_of(hit.ordinal)).map(|id| id.to_string()).collect(),
        total: answer.total,
        corrections: answer.corrections.into_iter().map(|(typed, read)| format!("{typed} > {read}")).collect(),
        relaxations: answer.relaxations,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_is_deeper_or_less_deep_is_compared_to_the_depth_that_both_have() {
        let query = Query { id: "q".to_owned(), text: "lamp".to_owned() };
        let graded = [("a", 3.0), ("b", 3.0)].map(|(product, grade)| (product.to_owned(), grade));
        let judgements = Judgements::from([("q".to_owned(), graded.into_iter().collect())]);
        let options = SearchOptions { relevant_min: 2.0, cutoffs: vec![2], map_depth: None };
        let judged = Judged { queries: vec![query], judgements, options };
        let products = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let outcome = evaluate::evaluate_search(&judged.queries, &judged.judgements, &judged.options, &mut |_| Answered {
            products: products(&["a", "b"]),
            ..Answered::default()
        });
        let map = |run: &[&str]| {
            let compared = judged.beside_run(&outcome, &Run::from([("q".to_owned(), products(run))]), 1);
            compared.into_iter().last().map(|map| (map.measure, map.paired.mean, map.paired.against_mean))
        };
        // The same two, and then more: by what lies beyond the second place it was 1 against 0.75.
        assert_eq!(map(&["a", "x", "b"]), Some(("map@2".to_owned(), 1.0, 0.5)));
        assert_eq!(map(&["a"]), Some(("map@1".to_owned(), 0.5, 0.5)));
    }

    #[test]
    fn configurations_and_cutoffs_are_read() {
        assert_eq!("mode=text".parse(), Ok(Against::Mode(ModeName::Text)));
        assert_eq!("run=a/b.run".parse(), Ok(Against::Run("a/b.run".into())));
        assert_eq!("ranking=w.toml".parse(), Ok(Against::Ranking("w.toml".into())));
        assert_eq!("shop=other".parse(), Ok(Against::Shop("other".into())));
        assert!("mode=loud".parse::<Against>().is_err() && "text".parse::<Against>().is_err() && "x=y".parse::<Against>().is_err());
        assert_eq!((cutoff("10"), cutoff("0").is_err(), cutoff("201").is_err(), cutoff("x").is_err()), (Ok(10), true, true, true));
    }
}
