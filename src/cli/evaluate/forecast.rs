//! `shopkeeper evaluate forecast`: foresees the last periods of a file of demand from those before, by every method.

use crate::cli::output::{CliError, Output};
use crate::learn::forecast::{Backtest, BacktestOptions, ClassFigures, Family, LEVELS, MethodFigures, Plan, backtest};
use crate::learn::formats;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Demand: a heading `series,PERIOD,PERIOD,...` and a line for each series; blank where it was not on sale.
    file: PathBuf,
    /// Periods at the end that are held out.
    #[arg(long, default_value_t = 12)]
    horizon: usize,
    /// Periods until what is ordered arrives; what is foreseen is the demand of so many periods and one more, until the next order.
    #[arg(long, default_value_t = 2)]
    lead: usize,
    /// Periods in a season: 12 of months, 52 of weeks.
    #[arg(long)]
    season: Option<usize>,
    /// Which methods, or `all`: zero, naive, seasonal, ses, croston, sba, tsb, kin, profile, damped, bootstrap. The best for each class of demand
    /// is chosen between them, without a look at what is held out.
    #[arg(long, value_delimiter = ',', default_value = "all")]
    methods: Vec<String>,
}

#[derive(Serialize)]
struct Evaluated {
    #[serde(flatten)]
    backtest: Backtest,
    horizon: usize,
    lead: usize,
    season: Option<usize>,
    seconds: f64,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let Arguments { file, horizon, lead, season, methods } = arguments;
    if *lead >= *horizon {
        return Err(CliError::Refused(format!("--lead {lead}: what is ordered arrives after all of the --horizon of {horizon}")));
    }
    let families = families(methods)?;
    let series = formats::read_demand(file)?;
    let judged = families.clone();
    let options = BacktestOptions { horizon: *horizon, lead: *lead, season: season.unwrap_or(0), families, judged };
    let backtest = backtest(&series, &options);
    if backtest.cases_count == 0 {
        let few =
            format!("nothing to measure: no series has two periods known before the last {horizon} and {} in them", options.covered());
        return Err(CliError::Refused(few));
    }
    let seconds = started.elapsed().as_secs_f64();
    let evaluated = Evaluated { backtest, horizon: *horizon, lead: *lead, season: *season, seconds };
    output.report(&evaluated, |evaluated| {
        let Evaluated { backtest, horizon, lead, seconds, .. } = evaluated;
        let head = format!(
            "{} series, the last {horizon} periods held out; {} sums of {} periods foreseen ({seconds:.1} s)",
            backtest.series_count,
            backtest.cases_count,
            lead + 1
        );
        format!("{head}\n{}", told(backtest))
    });
    Ok(())
}

fn families(names: &[String]) -> Result<Vec<Family>, CliError> {
    if names.iter().any(|name| name == "all") {
        return Ok(Family::ALL.to_vec());
    }
    let found = |name: &String| {
        let known = || Family::ALL.map(Family::name).join(", ");
        let unknown = || CliError::Refused(format!("--methods {name}: there are {} and all", known()));
        Family::ALL.into_iter().find(|family| family.name() == name).ok_or_else(unknown)
    };
    let mut wanted = names.iter().map(found).collect::<Result<Vec<Family>, CliError>>()?;
    wanted.sort_unstable();
    wanted.dedup();
    Ok(wanted)
}

/// Classes, then methods.
pub(in crate::cli) fn told(backtest: &Backtest) -> String {
    let mut lines: Vec<String> = backtest.classes.iter().map(class_told).collect();
    let levels = LEVELS.map(|level| format!("{:>9}", format!("{:.0} %", level * 100.0))).concat();
    lines.push(format!("{:29}pinball loss at{:23}within{:30}stocked to it: sold", "", "", ""));
    lines.push(format!("{:<10}{:>7}{:>8}{:>7}{levels}{levels}{levels}   left, in periods of demand", "method", "bias", "rmse", "mase"));
    lines.extend(backtest.methods.iter().map(method_told));
    lines.join("\n")
}

fn class_told(figures: &ClassFigures) -> String {
    let Plan { method, spreads } = figures.chosen.plan;
    format!("{:<13}{:>8} series: {:?}, spread {:?}", figures.class.name(), figures.series_count, method, spreads)
}

fn method_told(figures: &MethodFigures) -> String {
    let MethodFigures { method, bias, rmse, mase, pinball, coverage, fill, stock } = figures;
    let percents = |shares: &[f64; LEVELS.len()]| shares.map(|share| format!("{:>9.1}", share * 100.0)).concat();
    let losses = pinball.map(|loss| format!("{loss:>9.4}")).concat();
    let left = stock.map(|periods| format!("{periods:.2}")).join(" ");
    format!("{method:<10}{:>+6.0}%{rmse:>8.2}{mase:>7.3}{losses}{}{}   {left}", bias * 100.0, percents(coverage), percents(fill))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_told_by_name_in_any_order() {
        let named = |names: &[&str]| families(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(named(&["tsb", "zero", "tsb"]).expect("are known"), [Family::Zero, Family::Tsb]);
        assert_eq!(named(&["sba", "all"]).expect("are known"), Family::ALL);
        let error = named(&["sba", "arima"]).expect_err("is unknown").to_string();
        assert!(error.contains("arima") && error.contains("kin, profile, damped"), "{error}");
    }
}
