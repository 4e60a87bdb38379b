//! The methods that were asked for, each trained and measured on the same cases.

use super::Parts;
use super::printed::{Measured, MethodMeasured};
use crate::cli::output::{CliError, Output};
use crate::id::Ordinal;
use crate::learn::evaluate::{RankingOptions, Report, evaluate_ranked};
use crate::learn::relations::{Recipe, Trial, Tuned, Tuning, tune};
use crate::model::relations::Scores;
use crate::model::taste::Taste;
use std::cmp::Reverse;
use std::time::{Duration, Instant};

/// Names of methods besides those of the voices.
const BLEND: &str = "blend";
const POPULARITY: &str = "popularity";
const ALL: &str = "all";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Methods: blend, or some of popularity, order, walk, ridge, ease, low-rank, or all.
    #[arg(long, value_delimiter = ',', default_value = BLEND, value_parser = [BLEND, POPULARITY, "order", "walk", "ridge", "ease", "low-rank", ALL])]
    methods: Vec<String>,
    /// Look for better knobs of each method too, on the validation part.
    #[arg(long)]
    tune: bool,
    /// Seconds after which no more knobs are tried.
    #[arg(long, default_value_t = 300, requires = "tune")]
    budget_s: u64,
    /// Seed of every draw.
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
}

impl Arguments {
    fn wants(&self, method: &str) -> bool {
        self.methods.iter().any(|wanted| wanted == method || wanted == ALL)
    }
}

/// Zeros would look like a measurement.
fn nothing_to_foresee(products_count: u32) -> &'static str {
    match products_count {
        0 => "nothing to foresee: no interactions are in what was given",
        _ => "nothing to foresee: nobody has products in both parts (where the last one is left out, three products are the least)",
    }
}

pub(super) fn run(parts: &Parts, cutoffs: &[usize], arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    if parts.test.is_empty() {
        return Err(CliError::Refused(nothing_to_foresee(parts.products_count).to_owned()));
    }
    let started = Instant::now();
    let tuned = look_for_recipe(parts, cutoffs, arguments, output)?;
    let tuning_seconds = started.elapsed().as_secs_f64();
    let options = RankingOptions::of(cutoffs.to_vec(), &parts.train, parts.products_count, arguments.seed);
    let mut methods = Vec::new();
    if arguments.wants(POPULARITY) {
        methods.push(popularity(parts, &options));
    }
    for voice in tuned.voices.iter().filter(|voice| arguments.wants(voice.name())) {
        methods.push(measured(voice.name(), &Recipe::alone(*voice, tuned.recipe.recency, arguments.seed), parts, &options)?);
    }
    if arguments.wants(BLEND) {
        methods.push(measured(BLEND, &tuned.recipe, parts, &options)?);
    }
    if methods.is_empty() {
        return Err(CliError::Refused("none of these methods suits so many products".to_owned()));
    }
    let seconds = started.elapsed().as_secs_f64();
    let report = Measured::of(methods, tuned, tuning_seconds, seconds);
    output.report(&report, Measured::to_string);
    Ok(())
}

fn look_for_recipe(parts: &Parts, cutoffs: &[usize], arguments: &Arguments, output: &Output) -> Result<Tuned, CliError> {
    let until = Instant::now() + Duration::from_secs(arguments.budget_s);
    let bar = output.progress(arguments.budget_s, "s").with_message("tuning");
    let began = Instant::now();
    let report = |_: &Trial| bar.set_position(began.elapsed().as_secs());
    let tuning = Tuning {
        k: cutoffs.first().copied().unwrap_or(1),
        knobs: arguments.tune,
        may_go_on: &|| Instant::now() < until,
        report: &report,
        seed: arguments.seed,
    };
    let tuned = tune(&parts.draws, parts.products_count, &tuning)?;
    bar.finish_and_clear();
    Ok(tuned)
}

fn measured(name: &'static str, recipe: &Recipe, parts: &Parts, options: &RankingOptions) -> Result<MethodMeasured, CliError> {
    let started = Instant::now();
    let taste = recipe.train(&parts.train, parts.products_count)?;
    let trained = started.elapsed().as_secs_f64();
    let report = foresee(&taste, parts, options);
    let pairs_count = Some(taste.relations().pairs_count());
    Ok(MethodMeasured { method: name, report, training_seconds: trained, seconds: started.elapsed().as_secs_f64(), pairs_count })
}

/// What tastes leave open is filled with what most shoppers had, as the shop does it: somebody without a history is told something too.
fn foresee(taste: &Taste, parts: &Parts, options: &RankingOptions) -> Report {
    let popular = most_popular_first(parts, options);
    evaluate_ranked(&parts.test, options, Scores::default, |scores, history, limit| {
        let history: Vec<Ordinal> = history.iter().copied().map(Ordinal).collect();
        let next = taste.next(&history, limit, scores, |product| !history.contains(&product));
        let mut next: Vec<u32> = next.into_iter().map(|(product, _)| product.0).collect();
        let others = popular.iter().filter(|product| !history.contains(&Ordinal(**product))).take(limit + next.len());
        let others: Vec<u32> = others.copied().filter(|product| !next.contains(product)).take(limit - next.len()).collect();
        next.extend(others);
        next
    })
}

fn most_popular_first(parts: &Parts, options: &RankingOptions) -> Vec<u32> {
    let mut order: Vec<u32> = (0..parts.products_count).collect();
    order.sort_by_key(|&product| Reverse(options.popularity[product as usize]));
    order
}

/// The same products for everybody: those that most shoppers had.
fn popularity(parts: &Parts, options: &RankingOptions) -> MethodMeasured {
    let started = Instant::now();
    let order = most_popular_first(parts, options);
    let report = evaluate_ranked(
        &parts.test,
        options,
        || (),
        |(), history, limit| order.iter().copied().filter(|product| !history.contains(product)).take(limit).collect(),
    );
    MethodMeasured { method: POPULARITY, report, training_seconds: 0.0, seconds: started.elapsed().as_secs_f64(), pairs_count: None }
}
