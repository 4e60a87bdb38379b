//! The command line: reads the scenario, learns the shop, drives the run, reports, and exits by the objective.

use crate::behind::Load;
use crate::beside;
use crate::client::{Client, TargetError};
use crate::cold_start::{self, ColdStartError};
use crate::generate;
use crate::killing::{self, KillingError};
use crate::objective::Verdict;
use crate::report::{self, CompareError, Report, table};
use crate::run::Run;
use crate::saturation::{self, SaturationError};
use crate::scenario::{Scenario, ScenarioError, require};
use crate::shop::{Shop, ShopError, queries_of};
use crate::verify::{self, Check, Sale};
use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// The run could not be made at all; a run that misses its objective exits with 1.
const EXIT_UNUSABLE: u8 = 2;

/// Loads a running shopkeeper and tells honestly how it bore it.
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The scenario, a TOML file.
    #[arg(required = true)]
    scenario: Option<PathBuf>,
    /// The server under test.
    #[arg(long, default_value = "http://127.0.0.1:7700")]
    target: String,
    /// Write report.json, report.svg and report.html into this folder.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Scale the scenario's rates so that the highest is this many arrivals a second.
    #[arg(long, value_name = "PER_SECOND")]
    rate: Option<f64>,
    /// Stretch or shorten the scenario to last this long.
    #[arg(long, value_name = "SECONDS")]
    duration: Option<f64>,
    /// Ask these queries, one a line (of `id<TAB>text` the text), instead of the scenario's.
    #[arg(long, value_name = "FILE")]
    queries: Option<PathBuf>,
    /// File with the key for the server's API.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Load a server that is not this machine.
    #[arg(long)]
    allow_remote: bool,
    /// Print the report as JSON instead of text.
    #[arg(long)]
    json: bool,
}

/// What else there is to do.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Compare two reports: what got faster, what got slower.
    Compare {
        /// The report.json of the run before.
        before: PathBuf,
        /// The report.json of the run after.
        after: PathBuf,
        /// Fail when any p99 grew by more than this factor, answers a second fell by more, or something is no longer answered or newly fails.
        #[arg(long, value_name = "FACTOR")]
        worse_max: Option<f64>,
        /// Print JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Run the server, kill it without warning under load, start it again, and see that every answered order is there.
    KillAndRecover(killing::Arguments),
    /// Write a catalogue of any size to standard output, one product a line, for `shopkeeper import`.
    Generate(generate::Arguments),
    /// Run the server and see how long it takes until it answers, and until it answers as it does later.
    ColdStart(cold_start::Arguments),
    /// Find how much the server answers at most, and how much it answers when far more is asked.
    Saturation(saturation::Arguments),
}

/// Why no run was made, or no report.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Shop(#[from] ShopError),
    #[error(transparent)]
    Compare(#[from] CompareError),
    #[error(transparent)]
    Killing(#[from] KillingError),
    #[error(transparent)]
    ColdStart(#[from] ColdStartError),
    #[error(transparent)]
    Saturation(#[from] SaturationError),
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
}

/// Runs the command.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let met = match &arguments.command {
        Some(Command::Compare { before, after, worse_max, json }) => compared(before, after, *worse_max, *json),
        Some(Command::KillAndRecover(arguments)) => killed(arguments),
        Some(Command::Generate(arguments)) => generated(arguments),
        Some(Command::ColdStart(arguments)) => started(arguments),
        Some(Command::Saturation(arguments)) => saturated(arguments),
        None => loaded(&arguments),
    };
    match met {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("loadtest: {error}");
            ExitCode::from(EXIT_UNUSABLE)
        }
    }
}

fn generated(arguments: &generate::Arguments) -> Result<bool, Unusable> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    generate::run(arguments, &mut out).map_err(|source| Unusable::Io { what: "standard output".to_owned(), source })?;
    Ok(true)
}

/// Runs a scenario; says whether its objective was met.
fn loaded(arguments: &Arguments) -> Result<bool, Unusable> {
    let report = runtime()?.block_on(load(arguments))?;
    missed(report.missed());
    Ok(report.met)
}

/// What was missed, one sentence each, where it is seen even when standard output is a file.
fn missed(sentences: impl Iterator<Item = String>) {
    sentences.for_each(|sentence| eprintln!("loadtest: missed: {sentence}"));
}

fn missed_of<'a>(objective: &'a [Verdict], checks: &'a [Check]) -> impl Iterator<Item = String> + 'a {
    let limits = objective.iter().filter(|verdict| !verdict.met).map(Verdict::sentence);
    limits.chain(checks.iter().filter(|check| !check.holds).map(|check| check.what.clone()))
}

/// Kills and recovers; says whether everything answered was there.
fn killed(arguments: &killing::Arguments) -> Result<bool, Unusable> {
    let killed = runtime()?.block_on(killing::run(arguments))?;
    print(&killed, arguments.json, |killed| killed.text())?;
    missed(missed_of(&killed.objective, &killed.checks));
    Ok(killed.met)
}

/// Starts the server; says whether every start was as quick as it has to be.
fn started(arguments: &cold_start::Arguments) -> Result<bool, Unusable> {
    let started = runtime()?.block_on(cold_start::run(arguments))?;
    print(&started, arguments.json, |started| started.text())?;
    missed(missed_of(&started.objective, &[]));
    Ok(started.met)
}

/// Asks for more and more; says whether the server kept what it could do.
fn saturated(arguments: &saturation::Arguments) -> Result<bool, Unusable> {
    let saturated = runtime()?.block_on(saturation::run(arguments))?;
    print(&saturated, arguments.json, |saturated| saturated.text())?;
    missed(saturated.missed().into_iter());
    Ok(saturated.met)
}

fn print<T: serde::Serialize>(result: &T, json: bool, text: impl FnOnce(&T) -> String) -> Result<(), Unusable> {
    if json {
        println!("{}", as_json(result)?);
    } else {
        print!("{}", text(result));
    }
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime, Unusable> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|source| Unusable::Io { what: "the runtime cannot start".to_owned(), source })
}

/// Compares two reports; says whether nothing got worse than is allowed.
fn compared(before: &Path, after: &Path, worse_max: Option<f64>, json: bool) -> Result<bool, Unusable> {
    let compared = report::compare(before, after)?;
    print(&compared, json, report::show)?;
    let Some(worse_max) = worse_max else { return Ok(true) };
    let worse = compared.worse(worse_max);
    worse.iter().for_each(|sentence| eprintln!("loadtest: worse: {sentence}"));
    Ok(worse.is_empty())
}

fn as_json(value: &impl serde::Serialize) -> Result<String, Unusable> {
    serde_json::to_string(value).map_err(|error| Unusable::Io { what: "the report".to_owned(), source: error.into() })
}

async fn load(arguments: &Arguments) -> Result<Report, Unusable> {
    let scenario = scaled(arguments)?;
    let timeout = Duration::from_millis(scenario.timeout_ms);
    let key = key(arguments.key_file.as_deref())?;
    let queries = scenario.queries_file.as_deref().map(queries_of).transpose()?;
    // A run whose report cannot be written would be a run in vain.
    arguments.report.as_deref().map_or(Ok(()), prepare_folder)?;
    let client = Client::new(&arguments.target, arguments.allow_remote, key.as_deref(), timeout, scenario.in_flight_max)?;
    let mut shop = Shop::learn(&client, &scenario.popularity, scenario.seed).await?;
    if let Some(queries) = queries {
        shop = shop.ask(queries, &scenario.popularity);
    }
    let sale = match scenario.flash_sale {
        Some(sale) => Some(Sale::open(&client, shop.first_sku().ok_or(ShopError::NothingToSell)?, sale).await.map_err(ShopError::from)?),
        None => None,
    };
    let mut behind = Vec::new();
    for asked in &scenario.background {
        behind.push(Load::prepare(*asked, &client, &mut shop, scenario.seed).await.map_err(ShopError::from)?);
    }
    let target = client.base().to_owned();
    let orders_before = verify::orders_count(&client).await;
    let run = Run::new(scenario, shop, client, sale, behind);
    let elapsed_s = beside::drive(&run).await;
    let checks = verified(&run, orders_before).await;
    let report = Report::of(&run, &target, elapsed_s, checks);
    show(&report, arguments)?;
    Ok(report)
}

fn prepare_folder(folder: &Path) -> Result<(), Unusable> {
    let is_ready = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(folder.join("report.json"), b""));
    is_ready.map_err(|source| Unusable::Io { what: format!("--report {}", folder.display()), source })
}

/// What holds after the load.
async fn verified(run: &Run, orders_before: Option<u64>) -> Vec<Check> {
    let mut checks: Vec<Check> = verify::orders_kept(&run.client, &run.orders()).await.into_iter().collect();
    if run.scenario.orders()
        && let (Some(before), Some(after)) = (orders_before, verify::orders_count(&run.client).await)
    {
        checks.push(verify::orders_counted(before, after, run.tried()));
    }
    checks.extend(run.stock.check());
    if let Some(asked) = run.scenario.slow_clients {
        let (most, dropped) = run.slow.figures();
        let what = format!("{most} of {} slow clients held connections at a time, and were dropped {dropped} times", asked.count);
        checks.push(Check { what, holds: most * 10 >= asked.count * 9 });
    }
    if let Some(sale) = &run.sale {
        checks.extend(sale.close(&run.client, run.tried()).await);
    }
    if run.in_flight() > 0 {
        let what = format!("{} visits had no end when they were no longer waited for; they stand in no figure", run.in_flight());
        checks.push(Check { what, holds: false });
    }
    checks
}

fn key(file: Option<&Path>) -> Result<Option<String>, Unusable> {
    let Some(path) = file else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|source| Unusable::Io { what: format!("--key-file {}", path.display()), source })?;
    Ok(Some(text.trim().to_owned()))
}

fn scaled(arguments: &Arguments) -> Result<Scenario, ScenarioError> {
    // The command line has a scenario wherever it has no other command.
    let path = arguments.scenario.as_deref().unwrap_or(Path::new(""));
    let mut scenario = Scenario::load(path)?;
    let own = |command: &str| format!("starts the server itself: loadtest {command} {} --server BIN --shop DIR", path.display());
    require("cold_start", scenario.cold_start.is_none(), own("cold-start"))?;
    require("kills", scenario.kills.is_none(), own("kill-and-recover"))?;
    scenario.queries_file = arguments.queries.clone().or(scenario.queries_file);
    if let Some(rate) = arguments.rate {
        scenario = scenario.with_rate(rate)?;
    }
    if let Some(duration_s) = arguments.duration {
        scenario = scenario.with_duration(duration_s)?;
    }
    Ok(scenario)
}

fn show(report: &Report, arguments: &Arguments) -> Result<(), Unusable> {
    print(report, arguments.json, table)?;
    if let Some(folder) = &arguments.report {
        report.write(folder).map_err(|source| Unusable::Io { what: format!("--report {}", folder.display()), source })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
