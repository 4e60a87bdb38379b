//! The methods that were asked for, each trained and measured on the same cases.

use super::Parts;
use super::printed::{Measured, MethodMeasured};
use super::watched::Watched;
use crate::cli::output::{CliError, Output};
use crate::id::Ordinal;
use crate::learn::evaluate::{RankingOptions, evaluate_answers, evaluate_ranked};
use crate::learn::relations::{EASE_PRODUCTS_MAX, Learnt, Recipe, Tuned, Tuning, Voice, tune};
use crate::model::relations::Scores;
use std::cmp::Reverse;
use std::time::{Duration, Instant};

/// Names of methods besides those of the voices.
const BLEND: &str = "blend";
const POPULARITY: &str = "popularity";
const EASE: &str = "ease";
const ALL: &str = "all";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Methods: blend, or some of popularity, order, walk, ridge, ease, low-rank, or all. Ease is for at most 10,000 products.
    #[arg(long, value_delimiter = ',', default_value = BLEND, value_parser = [BLEND, POPULARITY, "order", "walk", "ridge", EASE, "low-rank", ALL])]
    methods: Vec<String>,
    /// Look for better knobs of each method too, on the validation part.
    #[arg(long)]
    tune: bool,
    /// Seconds after which no more knobs are tried.
    #[arg(long, default_value_t = 300, requires = "tune")]
    budget_s: u64,
    /// Shoppers who must have had two products before one is named for the other. A shop asks for two.
    #[arg(long, default_value_t = 1)]
    support_min: u32,
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
const NOTHING_TO_FORESEE: &str =
    "nothing to foresee: nobody has products in both parts (where the last one is left out, three products are the least)";

/// Says why a method that was asked for by name is not measured; of all methods it is only told.
fn ease_suits(products_count: u32, arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    if products_count <= EASE_PRODUCTS_MAX || !arguments.wants(EASE) {
        return Ok(());
    }
    let bound = format!("ease inverts a matrix of all products and is for at most {EASE_PRODUCTS_MAX} of them: there are {products_count}");
    if arguments.methods.iter().any(|method| method == EASE) {
        return Err(CliError::Refused(format!("--methods ease: {bound}")));
    }
    output.remark(&bound);
    Ok(())
}

pub(super) fn run(parts: &Parts, cutoffs: &[usize], arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    if parts.test.is_empty() {
        return Err(CliError::Refused(NOTHING_TO_FORESEE.to_owned()));
    }
    ease_suits(parts.products_count, arguments, output)?;
    let watched = Watched::from_now();
    let tuned = look_for_recipe(parts, cutoffs, arguments, &watched)?;
    let tuning_seconds = watched.seconds();
    let options = RankingOptions::of(cutoffs.to_vec(), &parts.train, parts.products_count, arguments.seed);
    let contest = Contest { popular: most_popular_first(parts, &options), parts, options, arguments, watched };
    let methods = contest.measure(&tuned)?;
    let report = Measured::of(methods, tuned, parts.newcomers, (tuning_seconds, contest.watched.seconds()));
    output.report(&report, Measured::to_string);
    Ok(())
}

fn look_for_recipe(parts: &Parts, cutoffs: &[usize], arguments: &Arguments, watched: &Watched) -> Result<Tuned, CliError> {
    let until = Instant::now() + Duration::from_secs(arguments.budget_s);
    let tuning = Tuning {
        k: cutoffs.first().copied().unwrap_or(1),
        knobs: arguments.tune,
        may_go_on: &|| Instant::now() < until,
        begins: &|what| watched.begins(what),
        report: &|trial| watched.begins(&format!("  {} reached {:.4}", trial.voice.name(), trial.ndcg)),
        support_min: arguments.support_min,
        seed: arguments.seed,
    };
    Ok(tune(&parts.draws, parts.products_count, &tuning)?)
}

/// What all methods are measured with.
struct Contest<'a> {
    parts: &'a Parts,
    options: RankingOptions,
    /// All products, those that most shoppers had first.
    popular: Vec<u32>,
    arguments: &'a Arguments,
    watched: Watched,
}

impl Contest<'_> {
    /// Each method learns once: what it is measured with alone is its part of the blend.
    fn measure(&self, tuned: &Tuned) -> Result<Vec<MethodMeasured>, CliError> {
        let mut methods = Vec::new();
        if self.arguments.wants(POPULARITY) {
            methods.push(self.popularity());
        }
        let (mut learnt_parts, mut learning_seconds) = (Vec::new(), 0.0);
        for method in &tuned.voices {
            let voice = &method.voice;
            let is_part = self.arguments.wants(BLEND) && tuned.recipe.parts.iter().any(|part| part.method == *method);
            if !is_part && !self.arguments.wants(voice.name()) {
                continue;
            }
            let started = Instant::now();
            self.watched.begins(&format!("{} from all of the training part", voice.name()));
            let Arguments { support_min, seed, .. } = *self.arguments;
            let learnt = method.learn(&self.parts.train, self.parts.products_count, support_min, seed)?.reading(tuned.recipe.recency);
            if self.arguments.wants(voice.name()) {
                methods.push(self.alone(*voice, &learnt, tuned.recipe.recency, started));
            }
            if is_part {
                learning_seconds += started.elapsed().as_secs_f64();
                learnt_parts.push(learnt);
            }
        }
        if self.arguments.wants(BLEND) {
            methods.push(self.blend(&tuned.recipe, learnt_parts, learning_seconds)?);
        }
        Ok(methods)
    }

    fn alone(&self, voice: Voice, learnt: &Learnt, recency: f32, started: Instant) -> MethodMeasured {
        let training_seconds = started.elapsed().as_secs_f64();
        self.watched.begins(&format!("answers of {} to {} shoppers", voice.name(), self.parts.test.len()));
        let histories: Vec<&[u32]> = self.parts.test.iter().map(|case| case.history.as_slice()).collect();
        let answers = learnt.best_of_all(&histories, recency, self.options.deepest());
        let answers = answers.into_iter().zip(&self.parts.test).map(|(answer, case)| self.filled(answer, &case.history)).collect();
        let report = evaluate_answers(&self.parts.test, answers, &self.options);
        let pairs_count = match learnt {
            Learnt::Table(table) => Some(table.pairs_count()),
            Learnt::Factors(_) => None,
        };
        MethodMeasured { method: voice.name(), report, training_seconds, seconds: started.elapsed().as_secs_f64(), pairs_count }
    }

    /// What its parts have learnt took so many seconds.
    fn blend(&self, recipe: &Recipe, learnt: Vec<Learnt>, learning_seconds: f64) -> Result<MethodMeasured, CliError> {
        let started = Instant::now();
        self.watched.begins("the blend of its parts");
        let taste = recipe.put_together(learnt.into_iter().map(Ok), &self.parts.train, self.parts.products_count)?;
        let training_seconds = learning_seconds + started.elapsed().as_secs_f64();
        self.watched.begins(&format!("answers of the blend to {} shoppers", self.parts.test.len()));
        let report = evaluate_ranked(&self.parts.test, &self.options, Scores::default, |scores, history, limit| {
            let known: Vec<Ordinal> = history.iter().copied().map(Ordinal).collect();
            let next = taste.next(&known, limit, scores, |product| !known.contains(&product));
            self.filled(next.into_iter().map(|(product, _)| product.0).collect(), history)
        });
        let seconds = learning_seconds + started.elapsed().as_secs_f64();
        Ok(MethodMeasured { method: BLEND, report, training_seconds, seconds, pairs_count: Some(taste.relations().pairs_count()) })
    }

    /// The same products for everybody: those that most shoppers had.
    fn popularity(&self) -> MethodMeasured {
        let started = Instant::now();
        let report = evaluate_ranked(&self.parts.test, &self.options, || (), |(), history, _| self.filled(Vec::new(), history));
        MethodMeasured { method: POPULARITY, report, training_seconds: 0.0, seconds: started.elapsed().as_secs_f64(), pairs_count: None }
    }

    /// What an answer leaves open is filled with what most shoppers had, as the shop does it: somebody without a history is told something too.
    fn filled(&self, mut answer: Vec<u32>, history: &[u32]) -> Vec<u32> {
        let open = self.options.deepest().saturating_sub(answer.len());
        if open > 0 {
            let is_new = |product: &&u32| !history.contains(product) && !answer.contains(product);
            let others: Vec<u32> = self.popular.iter().filter(is_new).take(open).copied().collect();
            answer.extend(others);
        }
        answer
    }
}

fn most_popular_first(parts: &Parts, options: &RankingOptions) -> Vec<u32> {
    let mut order: Vec<u32> = (0..parts.products_count).collect();
    order.sort_by_key(|&product| Reverse(options.popularity[product as usize]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::evaluate::Case;
    use crate::learn::formats::History;
    use crate::learn::relations::Kind;
    use crate::model::relations::Relations;

    fn arguments(methods: &[&str]) -> Arguments {
        let methods = methods.iter().map(|method| (*method).to_owned()).collect();
        Arguments { methods, tune: false, budget_s: 0, support_min: 1, seed: 1 }
    }

    /// It was said that none of these methods suits so many products, and with others beside it nothing at all.
    #[test]
    fn ease_says_for_how_many_products_it_is() {
        let asked = |methods: &[&str], count: u32| ease_suits(count, &arguments(methods), &Output::new(true));
        assert!(asked(&[EASE], EASE_PRODUCTS_MAX).is_ok() && asked(&[ALL], 12_101).is_ok() && asked(&[BLEND], 12_101).is_ok());
        let refused = asked(&["walk", EASE], 12_101).expect_err("is refused").to_string();
        assert!(refused.contains("at most 10000 of them: there are 12101"), "{refused}");
    }

    #[test]
    fn what_tastes_leave_open_is_filled_with_what_most_shoppers_had() {
        let history = |products: &[u32]| History { products: products.to_vec(), ..History::default() };
        let train = vec![history(&[0, 1]), history(&[1, 3]), history(&[1, 2, 3])];
        // Nobody is known of the first, the table names one product to the second and knows nothing that the third has.
        let case = |history: &[u32], wanted: u32| Case { history: history.to_vec(), wanted: vec![wanted] };
        let test = vec![case(&[], 3), case(&[1], 2), case(&[3], 1)];
        let parts = Parts { products_count: 4, draws: Vec::new(), train, test, newcomers: None };
        let options = RankingOptions::of(vec![2], &parts.train, 4, 1);
        let arguments = arguments(&[ALL]);
        let contest = Contest {
            popular: most_popular_first(&parts, &options),
            parts: &parts,
            options,
            arguments: &arguments,
            watched: Watched::from_now(),
        };
        assert_eq!(contest.popular, [1, 3, 0, 2]);
        let check = |answer: &[u32], history: &[u32], expected: &[u32]| assert_eq!(contest.filled(answer.to_vec(), history), expected);
        check(&[], &[], &[1, 3]);
        check(&[0], &[1], &[0, 3]);
        check(&[3], &[1], &[3, 0]);
        check(&[0, 2], &[1], &[0, 2]);

        // Alone or blended: 3 stands second for the first, 2 first for the second, 1 first for the third.
        let table = || Relations::from_rows([vec![], vec![(Ordinal(2), 1.0)], vec![], vec![]]).expect("is consistent");
        let alone = contest.alone(Voice::Table(Kind::WALK), &Learnt::Table(table()), 0.0, Instant::now());
        let recipe = Recipe::alone(Voice::Table(Kind::WALK), 0.0, 1);
        let blend = contest.blend(&recipe, vec![Learnt::Table(table())], 0.0).expect("is put together");
        for measured in [alone, blend] {
            assert_eq!(
                (measured.report.value("recall@2"), measured.report.value("mrr@2")),
                (Some(1.0), Some(2.5 / 3.0)),
                "{}",
                measured.method
            );
        }
    }
}
