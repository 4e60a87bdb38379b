//! The command line: reads the scenario, learns the shop, drives the run, reports, and exits by the objective.

use crate::behind::Load;
use crate::beside;
use crate::client::{Client, TargetError};
use crate::cold_start::{self, ColdStartError};
use crate::generate;
use crate::killing::{self, KillingError};
use crate::report::{self, CompareError, Report, table};
use crate::run::Run;
use crate::saturation::{self, SaturationError};
use crate::scenario::{Scenario, ScenarioError};
use crate::shop::{Shop, ShopError};
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
        /// Fail when any p99 grew by more than this factor.
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
    #[error("{0}\nis the server running? start it with: cargo run --release -- serve --demo")]
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
    Ok(runtime()?.block_on(load(arguments))?.met)
}

/// Kills and recovers; says whether everything answered was there.
fn killed(arguments: &killing::Arguments) -> Result<bool, Unusable> {
    let killed = runtime()?.block_on(killing::run(arguments))?;
    print(&killed, arguments.json, |killed| killed.text())?;
    Ok(killed.met)
}

/// Starts the server; says whether every start was as quick as it has to be.
fn started(arguments: &cold_start::Arguments) -> Result<bool, Unusable> {
    let started = runtime()?.block_on(cold_start::run(arguments))?;
    print(&started, arguments.json, |started| started.text())?;
    Ok(started.met)
}

/// Asks for more and more; says whether the server kept what it could do.
fn saturated(arguments: &saturation::Arguments) -> Result<bool, Unusable> {
    let saturated = runtime()?.block_on(saturation::run(arguments))?;
    print(&saturated, arguments.json, |saturated| saturated.text())?;
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
    if json {
        println!("{}", as_json(&compared)?);
    } else {
        print!("{}", report::show(&compared));
    }
    Ok(worse_max.is_none_or(|worse_max| compared.worst.1 <= worse_max))
}

fn as_json(value: &impl serde::Serialize) -> Result<String, Unusable> {
    serde_json::to_string(value).map_err(|error| Unusable::Io { what: "the report".to_owned(), source: error.into() })
}

async fn load(arguments: &Arguments) -> Result<Report, Unusable> {
    let scenario = scaled(arguments)?;
    let timeout = Duration::from_millis(scenario.timeout_ms);
    let key = key(arguments)?;
    let client = Client::new(&arguments.target, arguments.allow_remote, key.as_deref(), timeout, scenario.in_flight_max)?;
    let mut shop = Shop::learn(&client, &scenario.popularity, scenario.seed).await?;
    if let Some(path) = &scenario.queries_file {
        shop = shop.ask_from(path, &scenario.popularity)?;
    }
    let sale = match scenario.flash_sale {
        Some(sale) => Some(Sale::open(&client, shop.first_sku().ok_or(ShopError::Empty)?, sale).await.map_err(ShopError::from)?),
        None => None,
    };
    let mut behind = Vec::new();
    for asked in &scenario.background {
        behind.push(Load::prepare(*asked, &client, &shop, scenario.seed).await.map_err(ShopError::from)?);
    }
    let target = client.base().to_owned();
    let run = Run::new(scenario, shop, client, sale, behind);
    let elapsed_s = beside::drive(&run).await;
    let checks = verified(&run).await;
    let report = Report::of(&run, &target, elapsed_s, checks);
    show(&report, arguments)?;
    Ok(report)
}

/// What holds after the load.
async fn verified(run: &Run) -> Vec<Check> {
    let mut checks: Vec<Check> = verify::orders_kept(&run.client, &run.orders()).await.into_iter().collect();
    if let Some(asked) = run.scenario.slow_clients {
        let (most, dropped) = run.slow.figures();
        let what = format!("{most} of {} slow clients held connections at a time, and were dropped {dropped} times", asked.count);
        checks.push(Check { what, holds: most * 10 >= asked.count * 9 });
    }
    if let Some(sale) = &run.sale {
        checks.extend(sale.close(&run.client, run.tried()).await);
    }
    checks
}

fn key(arguments: &Arguments) -> Result<Option<String>, Unusable> {
    let Some(path) = &arguments.key_file else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|source| Unusable::Io { what: path.display().to_string(), source })?;
    Ok(Some(text.trim().to_owned()))
}

fn scaled(arguments: &Arguments) -> Result<Scenario, ScenarioError> {
    // The command line has a scenario wherever it has no other command.
    let mut scenario = Scenario::load(arguments.scenario.as_deref().unwrap_or(Path::new("")))?;
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
    if let Some(folder) = &arguments.report {
        report.write(folder).map_err(|source| Unusable::Io { what: folder.display().to_string(), source })?;
    }
    if arguments.json {
        println!("{}", as_json(report)?);
    } else {
        print!("{}", table(report));
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
