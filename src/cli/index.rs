//! `shopkeeper index`: builds generations beside the live one, lists them, and chooses the live one.

use super::open_offline;
use super::output::{CliError, Output};
use super::running;
use crate::app::{self, Folders};
use crate::catalog::CatalogSnapshot;
use crate::config::Config;
use crate::http::RunningServer;
use crate::learn::LearnError;
use crate::model::embedding::Embeddings;
use crate::search::index::{self, GenerationId, Manifest};
use serde::Serialize;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a running server may take to build a generation.
const BUILD_PATIENCE: Duration = Duration::from_secs(3_600);

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Build a new generation from the catalogue; promote it unless told otherwise.
    Build {
        /// Leave the live generation as it is.
        #[arg(long)]
        no_promote: bool,
    },
    /// List generations, oldest first.
    List,
    /// Make a generation the live one.
    Promote {
        /// Its name, as `list` prints it.
        generation: GenerationId,
    },
    /// Return to the generation that was live before.
    Rollback,
}

#[derive(Serialize)]
struct Built {
    #[serde(flatten)]
    manifest: Manifest,
    promoted: bool,
    seconds: f64,
}

#[derive(Serialize)]
struct Listed {
    current: Option<GenerationId>,
    generations: Vec<Manifest>,
}

pub(super) fn run(shop: &Path, command: &Command, output: &Output) -> Result<(), CliError> {
    let folders = Folders::of(shop);
    if let Some(server) = running::server_of(shop) {
        return run_at(&server, command, &folders, output);
    }
    match command {
        Command::Build { no_promote } => build(shop, &folders, !no_promote, output),
        Command::List => list(&folders, output),
        Command::Promote { generation } => {
            index::promote(&folders.index, *generation)?;
            list(&folders, output)
        }
        Command::Rollback => {
            index::rollback(&folders.index)?;
            list(&folders, output)
        }
    }
}

/// The same through the server that has the shop open, so that it swaps without a restart.
fn run_at(server: &RunningServer, command: &Command, folders: &Folders, output: &Output) -> Result<(), CliError> {
    let order = |path: &str| server.ask("POST", path, None, BUILD_PATIENCE);
    match command {
        Command::Build { no_promote } => {
            let started = Instant::now();
            let manifest: Manifest =
                serde_json::from_value(order("/v1/generations")?).map_err(|error| CliError::Refused(error.to_string()))?;
            if !no_promote {
                order(&format!("/v1/generations/{}/promote", manifest.id))?;
            }
            report_built(Built { manifest, promoted: !no_promote, seconds: started.elapsed().as_secs_f64() }, output);
            Ok(())
        }
        Command::List => list(folders, output),
        Command::Promote { generation } => {
            order(&format!("/v1/generations/{generation}/promote"))?;
            list(folders, output)
        }
        Command::Rollback => {
            order("/v1/generations/rollback")?;
            list(folders, output)
        }
    }
}

fn build(shop: &Path, folders: &Folders, promote: bool, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let opened = open_offline(shop)?;
    let catalog = opened.readers().catalog();
    let embeddings = embeddings(&catalog, folders, output)?;
    let languages = Config::of_shop(shop)?.languages();
    let bar = output.progress(catalog.products_count() as u64, "products").with_message("index");
    let report = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let manifest = index::build_generation(
        &folders.index,
        &catalog,
        catalog.progress(),
        embeddings.as_ref(),
        languages.stemmed(),
        opened.now(),
        &report,
    )?;
    bar.finish_and_clear();
    if promote {
        index::promote(&folders.index, manifest.id)?;
    }
    opened.stop();
    report_built(Built { manifest, promoted: promote, seconds: started.elapsed().as_secs_f64() }, output);
    Ok(())
}

fn report_built(built: Built, output: &Output) {
    output.report(&built, |built| {
        let state = if built.promoted { "live" } else { "not promoted" };
        format!("{} with {} products in {:.1} s, {state}", built.manifest.id, built.manifest.products_count, built.seconds)
    });
}

/// The shop's embeddings; learned now when there are none that can be used. A catalogue with too few words goes without.
fn embeddings(catalog: &CatalogSnapshot, folders: &Folders, output: &Output) -> Result<Option<Embeddings>, CliError> {
    let file = app::embeddings_file(&folders.models);
    if file.exists() {
        match Embeddings::open(&file) {
            Ok(embeddings) => return Ok(Some(embeddings)),
            Err(error) => output.remark(&format!("cannot be used, learning anew: {error}")),
        }
    }
    match app::train_embeddings(catalog, &folders.models, &|_, _| {}) {
        Ok(trained) => {
            output.remark(&format!("learned embeddings of {} terms first", trained.terms_count()));
            Ok(Some(trained))
        }
        Err(LearnError::TooLittle(reason)) => {
            output.remark(&format!("search goes by words only: {reason}"));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn list(folders: &Folders, output: &Output) -> Result<(), CliError> {
    let listed = Listed { current: index::current(&folders.index), generations: index::list_generations(&folders.index) };
    output.report(&listed, |listed| {
        let line = |manifest: &Manifest| {
            let mark = if Some(manifest.id) == listed.current { "live" } else { "" };
            format!("{}  {:>9} products  {mark}", manifest.id, manifest.products_count)
        };
        if listed.generations.is_empty() {
            "no generations".to_owned()
        } else {
            listed.generations.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    });
    Ok(())
}
