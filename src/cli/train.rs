//! `shopkeeper train`: learns from what the shop holds.

use super::open_offline;
use super::output::{CliError, Output};
use crate::app::{self, Rebuilt};
use crate::learn::relations::{Part, Tuned};
use crate::model::taste::Taste;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Learn embeddings from the catalogue's own words; the next generation uses them.
    Embeddings,
    /// Count the relations between products anew, and learn tastes from what shoppers did: which products go with which, and low-rank
    /// factors. A running server takes the tastes up; it counts relations itself, once a day and on `POST /v1/relations`.
    Relations {
        /// Seconds after which no better knobs are looked for.
        #[arg(long, default_value_t = 300)]
        budget_s: u64,
        /// Seed of every draw.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

#[derive(Serialize)]
struct Trained {
    file: PathBuf,
    terms: usize,
    dims: usize,
    cut: f32,
    seconds: f64,
}

pub(super) fn run(shop: &Path, command: &Command, output: &Output) -> Result<(), CliError> {
    match command {
        Command::Embeddings => train_embeddings(shop, output),
        Command::Relations { budget_s, seed } => train_relations(shop, *budget_s, *seed, output),
    }
}

fn train_embeddings(shop: &Path, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let opened = open_offline(shop)?;
    let models = opened.folders().models.clone();
    let bar = output.progress(1, "steps").with_message("embeddings");
    let report = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let trained = app::train_embeddings(&opened.readers().catalog(), &models, &report)?;
    bar.finish_and_clear();
    opened.stop();
    let trained = Trained {
        file: app::embeddings_file(&models),
        terms: trained.terms_count(),
        dims: trained.dims(),
        cut: trained.cut(),
        seconds: started.elapsed().as_secs_f64(),
    };
    output.report(&trained, |trained| {
        format!(
            "{}: {} terms, {} dimensions, cut {:.3} in {:.1} s",
            trained.file.display(),
            trained.terms,
            trained.dims,
            trained.cut,
            trained.seconds
        )
    });
    Ok(())
}

#[derive(Serialize)]
struct Tastes {
    relations: Option<Rebuilt>,
    files: [PathBuf; 2],
    products: usize,
    pairs: usize,
    dims: usize,
    tuned: Tuned,
    seconds: f64,
}

fn train_relations(shop: &Path, budget_s: u64, seed: u64, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let until = started + Duration::from_secs(budget_s);
    let opened = open_offline(shop)?;
    let models = opened.folders().models.clone();
    let relations = opened.rebuilt_relations();
    let bar = output.progress(budget_s, "s").with_message("tastes");
    let training = app::TasteTraining {
        may_go_on: &|| Instant::now() < until,
        report: &|| bar.set_position(started.elapsed().as_secs().min(budget_s)),
        seed,
    };
    let trained = app::train_tastes(&opened.readers().recommend(), &models, &training);
    bar.finish_and_clear();
    opened.stop();
    let (tuned, taste) = trained?;
    let dims = taste.factors().map_or(0, |factors| factors.dims());
    let (products, pairs) = (taste.relations().products_count(), taste.relations().pairs_count());
    let tastes = Tastes { relations, files: Taste::files(&models), products, pairs, dims, tuned, seconds: started.elapsed().as_secs_f64() };
    output.report(&tastes, |tastes| {
        let Tuned { recipe, ndcg, cases_count, .. } = &tastes.tuned;
        let voices: Vec<String> = recipe.parts.iter().map(|Part { voice, share }| format!("{} {share:.2}", voice.name())).collect();
        let quality =
            ndcg.map_or("too few shoppers to tune on".to_owned(), |ndcg| format!("ndcg {ndcg:.4} on {cases_count} shoppers held back"));
        let counted = tastes.relations.map_or_else(String::new, |Rebuilt { logs, ties, took_ms }| {
            format!("relations: {ties} ties of {logs} shoppers and visits counted in {took_ms} ms\n")
        });
        format!(
            "{counted}{}: {} products, {} pairs, {} dimensions; {} with age^-{} ({quality}) in {:.1} s",
            tastes.files[0].display(),
            tastes.products,
            tastes.pairs,
            tastes.dims,
            voices.join(", "),
            recipe.recency,
            tastes.seconds
        )
    });
    Ok(())
}
