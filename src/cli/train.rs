//! `shopkeeper train`: learns from what the shop holds.

use super::open_offline;
use super::output::{CliError, Output};
use crate::app;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Learn embeddings from the catalogue's own words; the next generation uses them.
    Embeddings,
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
