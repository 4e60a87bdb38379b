//! `shopkeeper evaluate`: measures search, spelling and recommendations against what people judged or did, in the field's own formats.

use super::output::{CliError, Output};
use crate::app::{OpenOptions, Shop};
use crate::config::Config;
use crate::id::Ordinal;
use crate::learn::evaluate::{self, Miss, Report};
use crate::learn::formats::{self, Correction, History, Names, Query};
use crate::learn::relations::{self, Kind};
use crate::model::relations::{Relations, Scores};
use crate::search::spelling::ShopWords;
use crate::search::understand::{Manner, understand};
use crate::search::{self, Mode};
use clap::ValueEnum;
use serde::Serialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Search the shop's own index with judged queries.
    Search {
        /// Queries, `id<TAB>text` lines.
        #[arg(long)]
        queries: PathBuf,
        /// Judgements in the form of TREC.
        #[arg(long)]
        qrels: PathBuf,
        /// Grade from which a product counts as relevant for recall, mrr and map.
        #[arg(long, default_value_t = 2.0)]
        relevant_min: f64,
        /// Words, vectors or both.
        #[arg(long, value_enum, default_value_t = ModeName::Hybrid)]
        mode: ModeName,
        /// Only queries whose text stands in the first column of this CSV, e.g. those known to be misspelled.
        #[arg(long)]
        only: Option<PathBuf>,
        /// Where to write the answers as a TREC run.
        #[arg(long)]
        run: Option<PathBuf>,
    },
    /// Read misspelled queries with the shop's own words and compare with what people made of them.
    Spelling {
        /// Corrections, `typed,meant` lines below a header line.
        file: PathBuf,
        /// Every row, or every second one from the first or the second on.
        #[arg(long, value_enum, default_value_t = Rows::All)]
        rows: Rows,
        /// List what was read otherwise than expected, one a line: typed, read, expected, words that were right and changed.
        #[arg(long)]
        misses: bool,
    },
    /// Learn relations from one part of the interactions and foresee the other.
    Recommend {
        /// Interactions to learn from.
        #[arg(long)]
        train: PathBuf,
        /// Interactions to foresee.
        #[arg(long)]
        test: PathBuf,
    },
    /// Leave the last product of each sequence out and foresee it.
    Sequences {
        /// Sequences in time order.
        file: PathBuf,
    },
    /// Foresee every next click of each session.
    Sessions {
        /// Sessions to learn from.
        #[arg(long)]
        train: PathBuf,
        /// Sessions to foresee.
        #[arg(long)]
        test: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Rows {
    All,
    Odd,
    Even,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ModeName {
    Hybrid,
    Text,
    Vector,
}

#[derive(Serialize)]
struct Evaluated {
    #[serde(flatten)]
    report: Report,
    seconds: f64,
}

/// Answers looked at for each query: what recall@100 needs.
const SEARCH_DEPTH: usize = 100;

pub(super) fn run(shop: &Path, command: &Command, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let report = match command {
        Command::Search { queries, qrels, relevant_min, mode, only, run } => {
            let queries = queries_of(queries, only.as_deref())?;
            evaluate_search(shop, &queries, qrels, *relevant_min, *mode, run.as_deref())?
        }
        Command::Spelling { file, rows, misses } => evaluate_spelling(shop, file, *rows, *misses, output)?,
        Command::Recommend { train, test } => evaluate_recommend(train, test)?,
        Command::Sequences { file } => evaluate_sequences(file)?,
        Command::Sessions { train, test } => evaluate_sessions(train, test)?,
    };
    let evaluated = Evaluated { report, seconds: started.elapsed().as_secs_f64() };
    output.report(&evaluated, |evaluated| format!("{} ({:.1} s)", evaluated.report, evaluated.seconds));
    Ok(())
}

fn queries_of(file: &Path, only: Option<&Path>) -> Result<Vec<Query>, CliError> {
    let mut queries = formats::read_queries(file)?;
    if let Some(only) = only {
        let typed: HashSet<String> = formats::read_corrections(only)?.into_iter().map(|correction| correction.typed).collect();
        queries.retain(|query| typed.contains(&query.text));
    }
    Ok(queries)
}

fn evaluate_spelling(shop: &Path, file: &Path, rows: Rows, misses: bool, output: &Output) -> Result<Report, CliError> {
    let is_wanted = |row: usize| match rows {
        Rows::All => true,
        Rows::Odd => row % 2 == 1,
        Rows::Even => row.is_multiple_of(2),
    };
    let corrections = (1..).zip(formats::read_corrections(file)?).filter(|(row, _)| is_wanted(*row));
    let corrections: Vec<Correction> = corrections.map(|(_, correction)| correction).collect();
    let opened = Shop::open(shop, OpenOptions::serving(Config::of_shop(shop)?))?;
    let moment = opened.readers().moment().ok_or_else(|| CliError::Refused("the shop has no index".to_owned()))?;
    let words = ShopWords { index: &moment.index, signals: &moment.signals };
    let (report, missed) = evaluate::evaluate_spelling(&corrections, &mut |typed| understand(typed, Manner::default(), &words).read);
    opened.stop();
    for Miss { typed, read, expected, spoilt } in missed.iter().filter(|_| misses) {
        output.remark(&format!("{typed}\t{read}\t{expected}\t{}", spoilt.join(" ")));
    }
    Ok(report)
}

fn evaluate_search(
    shop: &Path,
    queries: &[Query],
    qrels: &Path,
    relevant_min: f64,
    mode: ModeName,
    run: Option<&Path>,
) -> Result<Report, CliError> {
    let judgements = formats::read_judgements(qrels)?;
    let opened = Shop::open(shop, OpenOptions::serving(Config::of_shop(shop)?))?;
    let moment = opened.readers().moment().ok_or_else(|| CliError::Refused("the shop has no index".to_owned()))?;
    let mode = match mode {
        ModeName::Hybrid => Mode::Hybrid,
        ModeName::Text => Mode::Text,
        ModeName::Vector => Mode::Vector,
    };
    let mut failed = None;
    let outcome = evaluate::evaluate_search(queries, &judgements, relevant_min, &mut |text| {
        let request = search::Request { q: text.to_owned(), limit: SEARCH_DEPTH, mode, ..search::Request::default() };
        match search::search(&moment, &request) {
            Ok(answer) => answer.hits.iter().filter_map(|hit| moment.catalog.id_of(hit.ordinal)).map(|id| id.to_string()).collect(),
            Err(error) => {
                failed.get_or_insert(error);
                Vec::new()
            }
        }
    });
    opened.stop();
    if let Some(error) = failed {
        return Err(error.into());
    }
    if let Some(path) = run {
        formats::write_run(path, &outcome.run, "shopkeeper")?;
    }
    Ok(outcome.report)
}

fn evaluate_recommend(train: &Path, test: &Path) -> Result<Report, CliError> {
    let mut products = Names::default();
    let train = formats::read_interactions(train, &mut products)?;
    let test = formats::read_interactions(test, &mut products)?;
    let table = relations::train(&train, products.len() as u32, relations::Options::of(Kind::WALK))?;
    let mut next = Next::new(&table, 0.0, false);
    Ok(evaluate::evaluate_recommend(&train, &test, &mut |history, count| next.of(history, count)))
}

fn evaluate_sequences(file: &Path) -> Result<Report, CliError> {
    let mut products = Names::default();
    let sequences = formats::read_interactions(file, &mut products)?;
    let beginnings = evaluate::sequence_beginnings(&sequences);
    let table = relations::train(&beginnings, products.len() as u32, relations::Options::of(Kind::ORDER))?;
    let mut next = Next::new(&table, 1.0, false);
    Ok(evaluate::evaluate_sequences(&sequences, &mut |history, count| next.of(history, count)))
}

fn evaluate_sessions(train: &Path, test: &Path) -> Result<Report, CliError> {
    let mut products = Names::default();
    let train = formats::read_sessions(train, &mut products)?;
    let known = products.len() as u32;
    let test: Vec<History> = formats::read_sessions(test, &mut products)?;
    let table = relations::train(&train, known, relations::Options::of(Kind::ORDER))?;
    let mut next = Next::new(&table, 1.0, true);
    Ok(evaluate::evaluate_sessions(&test, known, &mut |clicks, count| next.of(clicks, count)))
}

/// Products that go with a history; the n-th newest of it counts `n^-recency`.
struct Next<'a> {
    table: &'a Relations,
    recency: f32,
    /// Whether what is in the history may come back.
    comes_back: bool,
    scores: Scores,
}

impl<'a> Next<'a> {
    fn new(table: &'a Relations, recency: f32, comes_back: bool) -> Self {
        Self { table, recency, comes_back, scores: Scores::default() }
    }

    fn of(&mut self, history: &[u32], count: usize) -> Vec<u32> {
        let comes_back = self.comes_back;
        let history: Vec<Ordinal> = history.iter().copied().map(Ordinal).collect();
        let accept = |product: Ordinal| comes_back || !history.contains(&product);
        let next = self.table.next(&history, self.recency, count, &mut self.scores, accept);
        next.into_iter().map(|(product, _)| product.0).collect()
    }
}
