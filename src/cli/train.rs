//! `shopkeeper train`: learns from what the shop holds.

use super::evaluate::forecast::told;
use super::open_offline;
use super::output::{CliError, Output};
use super::running;
use crate::app::{self, Folders, ForecastsLearnt, Rebuilt, TastesLearnt};
use crate::http::RunningServer;
use crate::model::forecasts::Forecasts;
use crate::model::taste::Taste;
use crate::trade::wanted::FromImported;
use serde::Serialize;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a running server may take, all in all: it gives up on a request after this.
const TRAIN_PATIENCE: Duration = Duration::from_secs(15 * 60);

/// What to do instead; the vectors of a live generation are those of the embeddings that it was built with, so nothing is lost by waiting.
const EMBEDDINGS_NEED_A_CLOSED_SHOP: &str = "a server has this shop open, and embeddings are learnt while it is closed: stop the server, run \
    `shopkeeper train embeddings` and `shopkeeper index build`, and start it again";

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Learn embeddings from the catalogue's own words; the next generation uses them. The shop must not be open in a server.
    Embeddings,
    /// Count the relations between products anew, and learn tastes from what shoppers did: which products go with which, and low-rank
    /// factors. While a server has the shop open, it does both and takes them up without a pause, as on `POST /v1/relations` and `POST /v1/tastes`.
    Relations {
        /// Seconds after which no better knobs are looked for.
        #[arg(long, default_value_t = 300)]
        budget_s: u64,
        /// Seed of every draw.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Forecast from what orders took from stock, and from imported orders, how many units of each SKU will be wanted at each location: weeks in
    /// which there was nothing to buy are unknown, not zero. While a server has the shop open, it does that and takes it up without a pause, as on `POST /v1/forecasts`.
    Forecast {
        /// Weeks until what is ordered arrives, as a rule: methods are chosen by how well they foresee so many and one more.
        #[arg(long, default_value_t = 2)]
        lead_weeks: usize,
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
        Command::Forecast { lead_weeks } => train_forecasts(shop, *lead_weeks, output),
    }
}

fn train_embeddings(shop: &Path, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    if running::server_of(shop).is_some() {
        return Err(CliError::Refused(EMBEDDINGS_NEED_A_CLOSED_SHOP.to_owned()));
    }
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
    #[serde(flatten)]
    learnt: TastesLearnt,
    seconds: f64,
}

fn train_relations(shop: &Path, budget_s: u64, seed: u64, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let files = Taste::files(&Folders::of(shop).models);
    let (relations, learnt) = match running::server_of(shop) {
        Some(server) => train_at(&server, budget_s, seed)?,
        None => train_offline(shop, budget_s, seed, output)?,
    };
    let tastes = Tastes { relations, files, learnt, seconds: started.elapsed().as_secs_f64() };
    output.report(&tastes, Tastes::told);
    Ok(())
}

/// By the server that has the shop open: it takes up what it has learnt, without a restart.
fn train_at(server: &RunningServer, budget_s: u64, seed: u64) -> Result<(Option<Rebuilt>, TastesLearnt), CliError> {
    let malformed = |error: serde_json::Error| CliError::Refused(error.to_string());
    let rebuilt = server.ask("POST", "/v1/relations", None, TRAIN_PATIENCE)?;
    let asked = json!({ "budget_s": budget_s, "seed": seed });
    let learnt = server.ask("POST", "/v1/tastes", Some(&asked), TRAIN_PATIENCE)?;
    Ok((Some(serde_json::from_value(rebuilt).map_err(malformed)?), serde_json::from_value(learnt).map_err(malformed)?))
}

fn train_offline(shop: &Path, budget_s: u64, seed: u64, output: &Output) -> Result<(Option<Rebuilt>, TastesLearnt), CliError> {
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
    Ok((relations, TastesLearnt::of(&tuned, &taste)))
}

#[derive(Serialize)]
struct ForecastsTrained {
    file: PathBuf,
    #[serde(flatten)]
    learnt: ForecastsLearnt,
    seconds: f64,
}

fn train_forecasts(shop: &Path, lead_weeks: usize, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    if lead_weeks > app::LEAD_WEEKS_MAX {
        return Err(CliError::Refused(format!("--lead-weeks {lead_weeks}: at most {} are foreseen", app::LEAD_WEEKS_MAX)));
    }
    let file = Forecasts::file(&super::folders_of(shop)?.models);
    let learnt = match running::server_of(shop) {
        Some(server) => {
            let answer = server.ask("POST", "/v1/forecasts", Some(&json!({ "lead_weeks": lead_weeks })), TRAIN_PATIENCE)?;
            serde_json::from_value(answer).map_err(|error| CliError::Refused(error.to_string()))?
        }
        None => {
            let opened = open_offline(shop)?;
            let learnt = app::train_forecasts(opened.readers(), &opened.folders().models, opened.now(), lead_weeks);
            opened.stop();
            learnt?
        }
    };
    let trained = ForecastsTrained { file, learnt, seconds: started.elapsed().as_secs_f64() };
    output.report(&trained, ForecastsTrained::told);
    Ok(())
}

impl ForecastsTrained {
    fn told(&self) -> String {
        let ForecastsLearnt { rows, left_out, weeks, from, classes, imported, backtest } = &self.learnt;
        let classes: Vec<String> = classes.iter().map(|class| format!("{} {}", class.count, class.class)).collect();
        let passed_over = if *left_out { " (there are more, which are passed over)" } else { "" };
        let judged = backtest.as_ref().map_or("too few weeks to judge by".to_owned(), |backtest| {
            format!("the last weeks foreseen from those before, {} sums:\n{}", backtest.cases_count, told(backtest))
        });
        format!(
            "{}: {rows} SKUs at locations{passed_over}: {}; from {weeks} weeks, {} foreseen from {from} on, in {:.1} s\n{}{judged}",
            self.file.display(),
            classes.join(", "),
            app::WEEKS_AHEAD,
            self.seconds,
            imported_told(*imported)
        )
    }
}

/// A line of its own, where there is anything to tell.
fn imported_told(imported: FromImported) -> String {
    let FromImported { orders, units, placed_here, unplaced_units } = imported;
    if orders + placed_here == 0 {
        return String::new();
    }
    let besides = [(unplaced_units, "units of what no location stocks"), (placed_here, "orders that were placed in this shop")];
    let besides = besides.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("; {count} {what} left out"));
    format!("{units} units wanted in {orders} imported orders{}\n", besides.collect::<String>())
}

impl Tastes {
    fn told(&self) -> String {
        let TastesLearnt { products, pairs, dims, recency, voices, ndcg, held_back } = &self.learnt;
        let voices: Vec<String> = voices.iter().map(|heard| format!("{} {:.2}", heard.method, heard.share)).collect();
        let quality =
            ndcg.map_or("too few shoppers to tune on".to_owned(), |ndcg| format!("ndcg {ndcg:.4} on {held_back} shoppers held back"));
        let counted = self.relations.map_or_else(String::new, |Rebuilt { logs, ties, took_ms }| {
            format!("relations: {ties} ties of {logs} shoppers and visits counted in {took_ms} ms\n")
        });
        format!(
            "{counted}{}: {products} products, {pairs} pairs, {dims} dimensions; {} with age^-{recency} ({quality}) in {:.1} s",
            self.files[0].display(),
            voices.join(", "),
            self.seconds
        )
    }
}
