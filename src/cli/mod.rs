//! The command line: one file a command, one way to print.
//!
//! Every command prints text for people, or one JSON object on standard output with `--json`; messages and progress go to standard error.

mod admins;
mod backup;
mod evaluate;
mod export;
mod import;
mod index;
mod keys;
mod output;
mod running;
mod serve;
mod simulate;
mod train;
mod verify;

use crate::app::{Folders, OpenOptions, Shop};
use crate::config::Config;
use clap::{Parser, Subcommand};
use output::{CliError, Output};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "shopkeeper",
    version,
    about = "The engine a shop runs on: search, recommendations, carts, orders and stock in one process."
)]
struct Arguments {
    /// Shop directory: holds data/, index/ and models/.
    #[arg(long, global = true, default_value = ".")]
    shop: PathBuf,
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Arguments),
    /// Bring in products, order history, behaviour or stock from files.
    Import(import::Arguments),
    /// Build index generations and choose the live one.
    #[command(subcommand)]
    Index(index::Command),
    /// Learn from what the shop holds.
    #[command(subcommand)]
    Train(train::Command),
    /// Write what the shop knows to files for other systems.
    #[command(subcommand)]
    Export(export::Command),
    /// Measure search, recommendations and forecasts against what people judged or did.
    #[command(subcommand)]
    Evaluate(evaluate::Command),
    /// Deterministic simulation of the trade engine; prints the seed that breaks.
    Simulate(simulate::Arguments),
    /// Make, list, renew and revoke access keys; the first one closes the shop to everybody without.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Make, list and remove administrators of the console.
    #[command(subcommand)]
    Admins(admins::Command),
    /// Write a backup of the shop into a folder; a server may have it open meanwhile.
    Backup(backup::BackupArguments),
    /// Make a shop directory from a backup; nothing is overwritten.
    Restore(backup::RestoreArguments),
    /// Check checksums and invariants; exit 1 with the list of what is broken.
    Verify,
}

/// Reads the arguments, runs the command, and says how it went.
pub fn run() -> ExitCode {
    let Arguments { shop, json, command } = Arguments::parse();
    start_log();
    let output = Output::new(json);
    let result = match command {
        Command::Serve(arguments) => serve::run(&shop, &arguments, &output),
        Command::Export(command) => export::run(&shop, &command, &output),
        Command::Evaluate(command) => evaluate::run(&shop, &command, &output),
        Command::Simulate(arguments) => simulate::run(&arguments, &output),
        Command::Import(arguments) => import::run(&shop, &arguments, &output),
        Command::Index(command) => index::run(&shop, &command, &output),
        Command::Train(command) => train::run(&shop, &command, &output),
        Command::Keys(command) => keys::run(&shop, command, &output),
        Command::Admins(command) => admins::run(&shop, command, &output),
        Command::Backup(arguments) => backup::backup(&shop, &arguments, &output),
        Command::Restore(arguments) => backup::restore(&shop, &arguments, &output),
        Command::Verify => verify::run(&shop, &output),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output.error(&error);
            ExitCode::FAILURE
        }
    }
}

/// Structured logs on standard error: `SHOPKEEPER_LOG` filters as `RUST_LOG` does, `SHOPKEEPER_LOG_FORMAT=json` prints JSON lines.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SHOPKEEPER_LOG").unwrap_or_else(|_| "info,tantivy=warn,hnsw_rs=warn".into());
    let is_coloured = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(is_coloured).with_writer(std::io::stderr);
    let started = if std::env::var("SHOPKEEPER_LOG_FORMAT").is_ok_and(|format| format == "json") {
        builder.json().try_init()
    } else {
        builder.with_target(false).try_init()
    };
    if started.is_err() {
        tracing::debug!("a log subscriber was there already");
    }
}

/// Where a shop keeps what it has. A misspelled directory must not look like a shop in which all is well, nor become one.
fn folders_of(shop: &std::path::Path) -> Result<Folders, CliError> {
    let folders = Folders::of(shop);
    if folders.is_a_shop() { Ok(folders) } else { Err(CliError::file(shop, "there is no shop here: it has no data/journal")) }
}

/// Opens the shop for an offline command: everything but the index.
fn open_offline(shop: &std::path::Path) -> Result<Shop, CliError> {
    let config = Config::of_shop(shop)?;
    Ok(Shop::open(shop, OpenOptions::offline(config))?)
}
