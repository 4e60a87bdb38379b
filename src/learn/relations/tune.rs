//! Finding a recipe on shoppers whose last or some products are held back: which methods have a voice, with which knobs, and how much older
//! products of a history still count. Whether order says anything is thereby found, not assumed.

use super::LowRank;
use super::knobs::{knobs_count, says_more, turned};
use super::pool::{Named, Pool, best_shares, pools, quality};
use super::recipe::{Learnt, Part, Recipe, Voice};
use crate::learn::LearnError;
use crate::learn::evaluate::{Case, Draw, measures};
use serde::Serialize;

/// With fewer shoppers than this a blend would be fitted to chance; the usual one is taken.
const CASES_MIN: usize = 50;
/// Powers of age that are tried.
const RECENCIES: [f32; 5] = [0.0, 0.25, 0.5, 1.0, 1.5];
/// A change of knobs has to gain this share, so that luck alone does not move them.
const GAIN_MIN: f64 = 1.002;
/// What part of the blend's quality a method has to stand for to have its knobs turned.
const TURNED_GAIN_MIN: f64 = 0.01;
/// What factors have to gain by naming candidates: their names make the table longer, and finding them takes a while.
const NAMING_GAIN_MIN: f64 = 1.01;
/// Rounds over the knobs of a method.
const ROUNDS: usize = 2;

/// How to look for a recipe.
pub struct Tuning<'a> {
    /// Places that count: `ndcg@k` is maximised.
    pub k: usize,
    /// Whether knobs are tried too; else only shares and the power of age.
    pub knobs: bool,
    /// Asked before every trial of a knob: no more when it says no.
    pub may_go_on: &'a dyn Fn() -> bool,
    /// Told what begins, in a few words.
    pub begins: &'a dyn Fn(&str),
    /// Told of every trial.
    pub report: &'a dyn Fn(&Trial),
    /// Histories that must hold two products before one is named for the other.
    pub support_min: u32,
    /// Seed of the recipe.
    pub seed: u64,
}

/// One method tried alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Trial {
    /// Which method, with which knobs.
    pub voice: Voice,
    /// How a history was read.
    pub recency: f32,
    /// What it reached on what was held back.
    pub ndcg: f64,
}

/// What tuning found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tuned {
    /// What to train.
    pub recipe: Recipe,
    /// Every method with the best knobs found, those without a share among them.
    pub voices: Vec<Voice>,
    /// What it reached on what was held back; nothing when there was too little to look.
    pub ndcg: Option<f64>,
    /// How many shoppers were held back from.
    pub cases_count: usize,
    /// Everything tried, in order.
    pub trials: Vec<Trial>,
}

/// Looks for the recipe that foresees best what was held back, over all draws.
///
/// # Errors
/// When there is no history of two products.
pub fn tune(draws: &[Draw], products_count: u32, tuning: &Tuning<'_>) -> Result<Tuned, LearnError> {
    let cases_count = draws.iter().map(|draw| draw.cases.len()).sum();
    if draws.first().is_none_or(|draw| draw.cases.len() < CASES_MIN) {
        let recipe = Recipe::usual(products_count, tuning.support_min, tuning.seed);
        return Ok(Tuned { recipe, voices: Voice::all(products_count), ndcg: None, cases_count, trials: Vec::new() });
    }
    let mut search = Search { draws, products_count, tuning, recency: 0.0, trials: Vec::new() };
    let mut methods = Voice::all(products_count).into_iter().map(|voice| search.method(voice, None)).collect::<Result<Vec<_>, _>>()?;
    methods.sort_by(|a, b| b.ndcg.total_cmp(&a.ndcg));
    search.choose_recency(&mut methods);
    let mut blend = search.blend(&methods);
    if tuning.knobs {
        // Who has nothing to say with the usual knobs has little to say with others, and most of the time would go into that.
        for (method, _) in methods.iter_mut().zip(&blend.gains).filter(|(_, gain)| **gain >= TURNED_GAIN_MIN) {
            search.turn_knobs(method)?;
        }
        blend = search.blend(&methods);
    }
    let voices: Vec<Voice> = methods.iter().map(|method| method.voice).collect();
    let parts = voices.iter().copied().zip(blend.shares).filter(|(_, share)| *share > 0.0).map(|(voice, share)| Part { voice, share });
    let factors_name = blend.named == Named::ByAll;
    let recipe =
        Recipe { recency: search.recency, parts: parts.collect(), factors_name, support_min: tuning.support_min, seed: tuning.seed };
    Ok(Tuned { recipe, voices, ndcg: Some(blend.ndcg), cases_count, trials: search.trials })
}

/// What each method's share is, and what all together reach.
struct Blend {
    shares: Vec<f32>,
    /// What part of the quality each method stands for: it is lost when the method leaves.
    gains: Vec<f64>,
    named: Named,
    ndcg: f64,
}

/// A method as good as it is so far.
struct Method {
    voice: Voice,
    /// Once a draw.
    learnt: Vec<Learnt>,
    ndcg: f64,
}

impl Method {
    /// What it has learnt, with fewer dimensions, where that is all that the voice differs in.
    fn narrowed(&self, voice: Voice) -> Option<Vec<Learnt>> {
        match voice {
            Voice::Table(_) => None,
            Voice::Factors(LowRank { dims }) => self.learnt.iter().map(|learnt| learnt.narrowed(dims)).collect(),
        }
    }
}

struct Search<'a> {
    draws: &'a [Draw],
    products_count: u32,
    tuning: &'a Tuning<'a>,
    recency: f32,
    trials: Vec<Trial>,
}

impl Search<'_> {
    /// Learns a method; or takes it from one that has learnt more of the same.
    fn method(&mut self, voice: Voice, wider: Option<&Method>) -> Result<Method, LearnError> {
        (self.tuning.begins)(&format!("{} without what is held back", voice.name()));
        let narrowed = wider.and_then(|wider| wider.narrowed(voice));
        let Tuning { support_min, seed, .. } = *self.tuning;
        let learn = |draw: &Draw| Ok(voice.learn(&draw.rest, self.products_count, support_min, seed)?.reading(self.recency));
        let learnt = narrowed.map_or_else(|| self.draws.iter().map(learn).collect::<Result<Vec<_>, LearnError>>(), Ok)?;
        let ndcg = self.quality(&learnt, self.recency);
        self.note(voice, self.recency, ndcg);
        Ok(Method { voice, learnt, ndcg })
    }

    /// The shares that do best together. Factors name candidates only where that gains something worth a longer table.
    fn blend(&self, methods: &[Method]) -> Blend {
        (self.tuning.begins)("shares of the blend");
        let of = |(number, draw): (usize, &Draw)| {
            let learnt = methods.iter().filter_map(|method| method.learnt.get(number));
            let loud: Vec<(f32, &Learnt)> = learnt.map(|learnt| (learnt.loudness(&draw.rest, self.recency), learnt)).collect();
            pools(&draw.cases, &loud, self.recency)
        };
        let pools: Vec<Pool> = self.draws.iter().enumerate().flat_map(of).collect();
        let best = |named: Named| {
            let (shares, ndcg) = best_shares(&pools, methods.len(), self.tuning.k, named);
            let without = |method: usize| {
                let others =
                    shares.iter().enumerate().map(|(other, share)| if other == method { 0.0 } else { *share }).collect::<Vec<f32>>();
                1.0 - quality(&pools, &others, self.tuning.k, named) / ndcg.max(f64::MIN_POSITIVE)
            };
            let gains = (0..methods.len()).map(without).collect();
            Blend { shares, gains, named, ndcg }
        };
        let by_tables = best(Named::ByTables);
        let alone = methods.iter().map(|method| f32::from(u8::from(matches!(method.voice, Voice::Factors(_))))).collect();
        let promises = |shares: &Vec<f32>| quality(&pools, shares, self.tuning.k, Named::ByAll) > by_tables.ndcg;
        let by_all = [by_tables.shares.clone(), alone].iter().any(promises).then(|| best(Named::ByAll));
        by_all.filter(|by_all| by_all.ndcg > by_tables.ndcg * NAMING_GAIN_MIN).unwrap_or(by_tables)
    }

    fn note(&mut self, voice: Voice, recency: f32, ndcg: f64) {
        let trial = Trial { voice, recency, ndcg };
        (self.tuning.report)(&trial);
        self.trials.push(trial);
    }

    fn quality(&self, learnt: &[Learnt], recency: f32) -> f64 {
        let each: Vec<f64> =
            self.draws.iter().zip(learnt).flat_map(|(draw, learnt)| self.qualities(&draw.cases, learnt, recency)).collect();
        each.iter().sum::<f64>() / each.len().max(1) as f64
    }

    fn qualities(&self, cases: &[Case], learnt: &Learnt, recency: f32) -> Vec<f64> {
        let k = self.tuning.k;
        let histories: Vec<&[u32]> = cases.iter().map(|case| case.history.as_slice()).collect();
        let of = |(case, best): (&Case, Vec<u32>)| {
            let relevant: Vec<bool> = best.iter().map(|product| case.wanted.contains(product)).collect();
            measures::binary_ndcg(&relevant, case.wanted.len(), k).unwrap_or(0.0)
        };
        cases.iter().zip(learnt.best_of_all(&histories, recency, k)).map(of).collect()
    }

    /// One power of age for all methods, so that their rows can be added up: the one that the best table does best with.
    fn choose_recency(&mut self, methods: &mut Vec<Method>) {
        (self.tuning.begins)("how histories are read");
        let mut best = (self.recency, f64::NEG_INFINITY);
        for recency in RECENCIES {
            let mut highest = f64::NEG_INFINITY;
            for method in methods.iter().filter(|method| matches!(method.voice, Voice::Table(_))) {
                let ndcg = if recency == 0.0 { method.ndcg } else { self.quality(&method.learnt, recency) };
                if recency != 0.0 {
                    self.note(method.voice, recency, ndcg);
                }
                highest = highest.max(ndcg);
            }
            if highest > best.1 {
                best = (recency, highest);
            }
        }
        self.recency = best.0;
        if best.0 == 0.0 {
            return;
        }
        let read = |method: Method| {
            let learnt: Vec<Learnt> = method.learnt.into_iter().map(|learnt| learnt.reading(best.0)).collect();
            Method { ndcg: self.quality(&learnt, best.0), learnt, ..method }
        };
        *methods = std::mem::take(methods).into_iter().map(read).collect();
        methods.sort_by(|a, b| b.ndcg.total_cmp(&a.ndcg));
    }

    fn turn_knobs(&mut self, method: &mut Method) -> Result<(), LearnError> {
        for _ in 0..ROUNDS {
            let before = method.ndcg;
            for knob in 0..knobs_count(&method.voice) {
                if !self.turn(method, knob)? {
                    return Ok(());
                }
            }
            if method.ndcg <= before {
                break;
            }
        }
        Ok(())
    }

    /// Tries one knob both ways, the second way only where the first leaves hope for it. False when no more may be tried.
    fn turn(&mut self, method: &mut Method, knob: usize) -> Result<bool, LearnError> {
        let [first, second] = turned(&method.voice, knob);
        let (before, says_more) = (method.ndcg, says_more(&method.voice, knob));
        for voice in [first, second] {
            if !(self.tuning.may_go_on)() {
                return Ok(false);
            }
            if let Some(ndcg) = self.tried(voice) {
                if says_more && ndcg * GAIN_MIN >= before {
                    break;
                }
                continue;
            }
            let tried = self.method(voice, Some(method))?;
            let is_as_good = says_more && tried.ndcg * GAIN_MIN >= before;
            let gains = tried.ndcg > method.ndcg * GAIN_MIN;
            if gains {
                *method = tried;
            }
            if gains || is_as_good {
                break;
            }
        }
        Ok(true)
    }

    /// What a method came to that was tried before.
    fn tried(&self, voice: Voice) -> Option<f64> {
        self.trials.iter().find(|trial| trial.voice == voice && trial.recency == self.recency).map(|trial| trial.ndcg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ordinal;
    use crate::learn::evaluate::{HeldBack, Holding, hold_back};
    use crate::learn::formats::History;
    use crate::learn::relations::Kind;
    use crate::model::factors::Factors;
    use crate::model::relations::{Relations, Scores};

    /// Shoppers who go through the products in order, each from a place of their own, with steps of one or two.
    fn in_order(shoppers: usize) -> Vec<History> {
        let mut random = fastrand::Rng::with_seed(11);
        let mut walk = || {
            let start = random.u32(0..60);
            (0..6).scan(start, |at, _| Some(std::mem::replace(at, (*at + random.u32(1..3)) % 60))).collect()
        };
        (0..shoppers).map(|_| History { products: walk(), ..History::default() }).collect()
    }

    /// The blend was worse than factors alone where these knew best and tables did not name what they knew.
    #[test]
    fn factors_name_candidates_where_tables_do_not_know_them() {
        // Everybody had 0 and wants 2; a table knows only that 1 goes with 0, factors that 2 goes with it far better.
        let table = || {
            let rows = [vec![(Ordinal(1), 0.1)], vec![(Ordinal(0), 0.1)], vec![], vec![]];
            Learnt::Table(Relations::from_rows(rows).expect("is consistent"))
        };
        let factors = || {
            let (vectors, ones) = (vec![1.0, 0.1, 0.9, -1.0], vec![1.0; 4]);
            Learnt::Factors(Factors::from_parts(1, vectors, ones.clone(), ones).expect("is consistent"))
        };
        let rest = vec![History { products: vec![0, 1], ..History::default() }; 60];
        let draws = [Draw { rest: rest.clone(), cases: vec![Case { history: vec![0], wanted: vec![2] }; 60] }];
        let tuning = Tuning { k: 1, knobs: false, may_go_on: &|| true, begins: &|_| {}, report: &|_| {}, support_min: 1, seed: 1 };
        let (walk, low_rank) = (Voice::Table(Kind::WALK), Voice::Factors(LowRank { dims: 1 }));
        let blend = |learnt: [Learnt; 2]| {
            let search = Search { draws: &draws, products_count: 4, tuning: &tuning, recency: 0.0, trials: Vec::new() };
            search.blend(
                &[walk, low_rank]
                    .into_iter()
                    .zip(learnt)
                    .map(|(voice, learnt)| Method { voice, learnt: vec![learnt], ndcg: 0.0 })
                    .collect::<Vec<_>>(),
            )
        };
        let found = blend([table(), factors()]);
        assert_eq!((found.named, found.ndcg), (Named::ByAll, 1.0));
        assert_eq!(blend([table(), table()]).named, Named::ByTables, "tables name what they know already");
        for (factors_name, first) in [(true, 2), (false, 1)] {
            let parts = [walk, low_rank].map(|voice| Part { voice, share: 1.0 }).to_vec();
            let recipe = Recipe { recency: 0.0, parts, factors_name, support_min: 1, seed: 1 };
            let taste = recipe.put_together([Ok(table()), Ok(factors())], &rest, 4).expect("are put together");
            let next = taste.next(&[Ordinal(0)], 1, &mut Scores::default(), |product| product != Ordinal(0));
            assert_eq!(next[0].0, Ordinal(first));
        }
    }

    fn tuned(histories: &[History], what: HeldBack, knobs: bool, trials_max: usize) -> Tuned {
        let draws = hold_back(histories, Holding::of(what), 200, 1);
        let trials = std::cell::Cell::new(0);
        let tuning = Tuning {
            k: 5,
            knobs,
            may_go_on: &|| trials.get() < trials_max,
            begins: &|_| {},
            report: &|_| trials.set(trials.get() + 1),
            support_min: 1,
            seed: 1,
        };
        tune(&draws, 60, &tuning).expect("tunes")
    }

    #[test]
    fn where_order_tells_something_it_is_heard() {
        let found = tuned(&in_order(400), HeldBack::Last, false, 0);
        let loudest = found.recipe.parts.iter().max_by(|a, b| a.share.total_cmp(&b.share)).expect("has parts");
        assert_eq!(loudest.voice.name(), "order");
        assert!(found.recipe.recency > 0.0 && found.ndcg.is_some_and(|ndcg| ndcg > 0.6), "{found:?}");
        let taste = found.recipe.train(&in_order(400), 60).expect("trains");
        let next = taste.next(&[Ordinal(7), Ordinal(8), Ordinal(9)], 2, &mut Scores::default(), |product| !(7..10).contains(&product.0));
        assert_eq!(next.iter().map(|(product, _)| product.0).collect::<std::collections::BTreeSet<_>>(), [10, 11].into());
    }

    #[test]
    fn knobs_are_turned_for_the_better_until_the_budget_ends_and_always_the_same() {
        let histories = in_order(300);
        let still = tuned(&histories, HeldBack::Some, false, 0);
        let turned = tuned(&histories, HeldBack::Some, true, 60);
        assert!(turned.ndcg >= still.ndcg.map(|ndcg| ndcg - 0.01), "{:?} after {:?}", turned.ndcg, still.ndcg);
        assert!(turned.trials.len() > still.trials.len() && turned.trials.len() <= 61, "{}", turned.trials.len());
        assert_eq!(tuned(&histories, HeldBack::Some, true, 60), turned);
    }

    /// Half of what `train relations` took was spent on twice as many neighbours where half as many did as well.
    #[test]
    fn where_fewer_neighbours_are_as_good_more_are_not_tried() {
        let draws = hold_back(&in_order(300), Holding::of(HeldBack::Last), 200, 1);
        let tuning = Tuning { k: 5, knobs: true, may_go_on: &|| true, begins: &|_| {}, report: &|_| {}, support_min: 1, seed: 1 };
        let mut search = Search { draws: &draws, products_count: 60, tuning: &tuning, recency: 0.0, trials: Vec::new() };
        let mut method = search.method(Voice::Table(Kind::RIDGE), None).expect("learns");
        search.turn(&mut method, 3).expect("learns");
        let neighbourhoods: Vec<usize> = search
            .trials
            .iter()
            .filter_map(|trial| if let Voice::Table(Kind::Ridge(ridge)) = trial.voice { Some(ridge.neighbourhood) } else { None })
            .collect();
        assert_eq!(neighbourhoods, [150, 75], "sixty products have no more than 59 neighbours");
    }

    #[test]
    fn too_few_shoppers_get_the_usual_blend() {
        let found = tuned(&in_order(20), HeldBack::Last, true, 99);
        assert_eq!((found.ndcg, found.recipe), (None, Recipe::usual(60, 1, 1)));
    }
}
