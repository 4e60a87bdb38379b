//! `shopkeeper evaluate`: measures search, spelling, recommendations and forecasts against what people judged or did, in the field's own formats.

mod baskets;
pub(super) mod forecast;
mod search;
mod sessions;
mod spelling;
mod tastes;

use super::output::{CliError, Output};
use crate::app::{OpenOptions, Shop};
use crate::config::Config;
use crate::learn::evaluate::Report;
use serde::Serialize;
use std::path::Path;
use std::time::Instant;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Search the shop's own index with judged queries.
    Search(search::Arguments),
    /// Read misspelled queries with the shop's own words and compare with what people made of them.
    Spelling(spelling::Arguments),
    /// Learn tastes from one part of the interactions and foresee the other.
    Recommend(tastes::Recommend),
    /// Leave the last product of each sequence out and foresee it.
    Sequences(tastes::Sequences),
    /// Foresee the next basket of each shopper from those before.
    Baskets(baskets::Arguments),
    /// Foresee the last periods of each series of demand, and what stock ordered by that would have sold.
    Forecast(forecast::Arguments),
    /// Foresee every next click of each session.
    Sessions(sessions::Arguments),
}

#[derive(Serialize)]
struct Evaluated<R> {
    #[serde(flatten)]
    report: R,
    seconds: f64,
}

const NOTHING: &str =
    "nothing to measure: what was given holds no case (of sessions, two clicks on products that were learned from are the least)";

/// The shop whose search is measured. Zeros of one that is not there would look like a measurement.
fn opened(shop: &Path) -> Result<Shop, CliError> {
    super::folders_of(shop)?;
    Ok(Shop::open(shop, OpenOptions::serving(Config::of_shop(shop)?))?)
}

pub(super) fn run(shop: &Path, command: &Command, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    match command {
        Command::Search(arguments) => search::run(shop, arguments, output),
        Command::Spelling(arguments) => {
            told(spelling::run(shop, arguments, output)?, |report| report.cases_count, Report::to_string, started, output)
        }
        Command::Recommend(arguments) => tastes::recommend(arguments, output),
        Command::Sequences(arguments) => tastes::sequences(arguments, output),
        Command::Baskets(arguments) => baskets::run(arguments, output),
        Command::Forecast(arguments) => forecast::run(arguments, output),
        Command::Sessions(arguments) => sessions::run(arguments, output),
    }
}

/// Prints what was measured since then, unless that is nothing: zeros would look like a measurement.
fn told<R: Serialize>(
    report: R,
    cases_count: impl Fn(&R) -> usize,
    text: impl Fn(&R) -> String,
    started: Instant,
    output: &Output,
) -> Result<(), CliError> {
    if cases_count(&report) == 0 {
        return Err(CliError::Refused(NOTHING.to_owned()));
    }
    let evaluated = Evaluated { report, seconds: started.elapsed().as_secs_f64() };
    output.report(&evaluated, |evaluated| format!("{} ({:.1} s)", text(&evaluated.report), evaluated.seconds));
    Ok(())
}
