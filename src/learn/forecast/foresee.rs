//! Forecasts of everything, by what is chosen on all that is known.

use super::Quantiles;
use super::ahead::{Plan, sums_ahead};
use super::choose::{Choice, Family, Tuning, choose};
use super::crowd::Crowd;
use super::series::{Class, History, Series};
use rayon::prelude::*;

/// What is expected of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreseen {
    /// Its class.
    pub class: Class,
    /// What forecasts that.
    pub plan: Plan,
    /// Periods of which its demand is known.
    pub known: usize,
    /// Units wanted in them.
    pub wanted: f64,
    /// Quantiles of demand over the next 1, 2, ... periods together.
    pub sums: Vec<Quantiles>,
}

/// How everything is forecast.
#[derive(Debug, Clone, Copy)]
pub struct ForeseeOptions {
    /// Periods whose demand together decides which method is chosen.
    pub covered: usize,
    /// Periods that are foreseen.
    pub ahead: usize,
    /// Periods in a season; below 2 there are none.
    pub season: usize,
}

/// Forecasts of all series, in their order, after the last period of the longest; none of a series that was never on sale.
#[must_use]
pub fn foresee(series: &[Series], options: ForeseeOptions) -> Vec<Option<Foreseen>> {
    let histories: Vec<History<'_>> = series.iter().map(|series| History::of(&series.demand)).collect();
    let known: Vec<History<'_>> = histories.iter().copied().filter(|history| !history.is_empty()).collect();
    let tuning = Tuning { families: &Family::ALL, season: options.season, periods: options.covered };
    let choice = choose(&known, &tuning);
    let until = known.iter().map(|history| history.start + history.len()).max().unwrap_or(0);
    let crowd = Crowd::of(&known, options.season, until);
    histories.par_iter().map(|history| one(*history, &choice, &crowd, options.ahead)).collect()
}

fn one(history: History<'_>, choice: &Choice, crowd: &Crowd, ahead: usize) -> Option<Foreseen> {
    let plan = choice.best(history.class).filter(|_| !history.is_empty())?.plan;
    let known = history.demand.iter().flatten().count();
    let wanted = history.demand.iter().flatten().sum();
    Some(Foreseen { class: history.class, plan, known, wanted, sums: sums_ahead(plan, history, crowd, ahead) })
}
