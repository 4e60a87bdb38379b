//! `shopkeeper evaluate recommend` and `sequences`: relations learnt from one part of what people did foresee the other.

use crate::cli::output::CliError;
use crate::id::Ordinal;
use crate::learn::evaluate::{self, Report};
use crate::learn::formats::{self, Names};
use crate::learn::relations::{self, Kind};
use crate::model::relations::{Relations, Scores};
use std::path::Path;

pub(super) fn recommend(train: &Path, test: &Path) -> Result<Report, CliError> {
    let mut products = Names::default();
    let train = formats::read_interactions(train, &mut products)?;
    let test = formats::read_interactions(test, &mut products)?;
    let table = relations::train(&train, products.len() as u32, relations::Options::of(Kind::WALK))?;
    let mut next = Next::new(&table, 0.0);
    Ok(evaluate::evaluate_recommend(&train, &test, &mut |history, count| next.of(history, count)))
}

pub(super) fn sequences(file: &Path) -> Result<Report, CliError> {
    let mut products = Names::default();
    let sequences = formats::read_interactions(file, &mut products)?;
    let beginnings = evaluate::sequence_beginnings(&sequences);
    let table = relations::train(&beginnings, products.len() as u32, relations::Options::of(Kind::ORDER))?;
    let mut next = Next::new(&table, 1.0);
    Ok(evaluate::evaluate_sequences(&sequences, &mut |history, count| next.of(history, count)))
}

/// Products that go with a history; the n-th newest of it counts `n^-recency`.
struct Next<'a> {
    table: &'a Relations,
    recency: f32,
    scores: Scores,
}

impl<'a> Next<'a> {
    fn new(table: &'a Relations, recency: f32) -> Self {
        Self { table, recency, scores: Scores::default() }
    }

    fn of(&mut self, history: &[u32], count: usize) -> Vec<u32> {
        let history: Vec<Ordinal> = history.iter().copied().map(Ordinal).collect();
        let accept = |product: Ordinal| !history.contains(&product);
        let next = self.table.next(&history, self.recency, count, &mut self.scores, accept);
        next.into_iter().map(|(product, _)| product.0).collect()
    }
}
