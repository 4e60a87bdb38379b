//! Finding a recipe on shoppers whose last or some products are held back: which methods have a voice, with which knobs, and how much older
//! products of a history still count. Whether order says anything is thereby found, not assumed.

use super::knobs::{knobs_count, says_more, turned};
use super::pool::{Named, Pool, best_shares, pools, quality};
use super::recipe::{Learnt, Part, Recipe, Tilted, Voice};
use super::{Kind, LowRank};
use crate::learn::LearnError;
use crate::learn::evaluate::{Case, Draw, measures};
use crate::learn::formats::holders;
use serde::Serialize;

/// With fewer shoppers than this a blend would be fitted to chance; the usual one is taken.
const CASES_MIN: usize = 50;
/// Powers of age that are tried.
const RECENCIES: [f32; 5] = [0.0, 0.25, 0.5, 1.0, 1.5];
/// A change of knobs has to gain this share, so that luck alone does not move them.
const GAIN_MIN: f64 = 1.002;
/// How much further a method leans at a step, and how far at most ...
const TILT_STEP: f32 = 0.1;
const TILT_STEPS_MAX: usize = 3;
/// ... as long as each step gains this share: what is held back leans more to what many had than what comes does.
const TILT_GAIN_MIN: f64 = 1.03;
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
    /// How it leaned.
    pub tilt: f32,
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
    pub voices: Vec<Tilted>,
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
        return Ok(Tuned {
            recipe,
            voices: Voice::all(products_count).into_iter().map(Tilted::upright).collect(),
            ndcg: None,
            cases_count,
            trials: Vec::new(),
        });
    }
    let mut search = Search { draws, products_count, tuning, recency: 0.0, trials: Vec::new() };
    let mut methods = Voice::all(products_count).into_iter().map(|voice| search.method(voice, None)).collect::<Result<Vec<_>, _>>()?;
    methods.sort_by(|a, b| b.ndcg.total_cmp(&a.ndcg));
    search.choose_recency(&mut methods);
    search.choose_tilts(&mut methods)?;
    let mut blend = search.blend(&methods);
    if tuning.knobs {
        // Who has nothing to say with the usual knobs has little to say with others, and most of the time would go into that.
        for (method, _) in methods.iter_mut().zip(&blend.gains).filter(|(_, gain)| **gain >= TURNED_GAIN_MIN) {
            search.turn_knobs(method)?;
        }
        blend = search.blend(&methods);
    }
    let voices: Vec<Tilted> = methods.iter().map(|method| method.tilted).collect();
    let parts = voices.iter().copied().zip(blend.shares).filter(|(_, share)| *share > 0.0).map(|(method, share)| Part { method, share });
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
    tilted: Tilted,
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
        let tilted = Tilted { voice, tilt: wider.map_or(0.0, |wider| wider.tilted.tilt) };
        let Tuning { support_min, seed, .. } = *self.tuning;
        let learn = |draw: &Draw| Ok(tilted.learn(&draw.rest, self.products_count, support_min, seed)?.reading(self.recency));
        let learnt = narrowed.map_or_else(|| self.draws.iter().map(learn).collect::<Result<Vec<_>, LearnError>>(), Ok)?;
        let ndcg = self.quality(&learnt, self.recency);
        self.note(tilted, self.recency, ndcg);
        Ok(Method { tilted, learnt, ndcg })
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
        let alone = methods.iter().map(|method| f32::from(u8::from(matches!(method.tilted.voice, Voice::Factors(_))))).collect();
        let promises = |shares: &Vec<f32>| quality(&pools, shares, self.tuning.k, Named::ByAll) > by_tables.ndcg;
        let by_all = [by_tables.shares.clone(), alone].iter().any(promises).then(|| best(Named::ByAll));
        by_all.filter(|by_all| by_all.ndcg > by_tables.ndcg * NAMING_GAIN_MIN).unwrap_or(by_tables)
    }

    fn note(&mut self, Tilted { voice, tilt }: Tilted, recency: f32, ndcg: f64) {
        let trial = Trial { voice, tilt, recency, ndcg };
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
            for method in methods.iter().filter(|method| matches!(method.tilted.voice, Voice::Table(_))) {
                let ndcg = if recency == 0.0 { method.ndcg } else { self.quality(&method.learnt, recency) };
                if recency != 0.0 {
                    self.note(method.tilted, recency, ndcg);
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

    /// How far each method leans towards what many had: as long as every step gains enough. Nothing is learnt again for it.
    fn choose_tilts(&mut self, methods: &mut [Method]) -> Result<(), LearnError> {
        (self.tuning.begins)("how much what many had counts");
        let draws = self.draws;
        let holders: Vec<Vec<u32>> = draws.iter().map(|draw| holders(&draw.rest, self.products_count)).collect();
        // A walk divides by such a power already, and where it leads, what is held back says least of which.
        let leans = |method: &&mut Method| !matches!(method.tilted.voice, Voice::Table(Kind::Walk { .. }));
        for method in methods.iter_mut().filter(leans) {
            for number in 1..=TILT_STEPS_MAX {
                let of = |(learnt, holders): (&Learnt, &Vec<u32>)| learnt.tilted(TILT_STEP, holders);
                let learnt = method.learnt.iter().zip(&holders).map(of).collect::<Result<Vec<_>, _>>()?;
                let ndcg = self.quality(&learnt, self.recency);
                let tilted = Tilted { tilt: TILT_STEP * number as f32, ..method.tilted };
                self.note(tilted, self.recency, ndcg);
                if ndcg <= method.ndcg * TILT_GAIN_MIN {
                    break;
                }
                *method = Method { tilted, learnt, ndcg };
            }
        }
        methods.sort_by(|a, b| b.ndcg.total_cmp(&a.ndcg));
        Ok(())
    }

    fn turn_knobs(&mut self, method: &mut Method) -> Result<(), LearnError> {
        for _ in 0..ROUNDS {
            let before = method.ndcg;
            for knob in 0..knobs_count(&method.tilted.voice) {
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
        let Tilted { voice, tilt } = method.tilted;
        let [first, second] = turned(&voice, knob);
        let (before, says_more) = (method.ndcg, says_more(&voice, knob));
        for voice in [first, second] {
            if !(self.tuning.may_go_on)() {
                return Ok(false);
            }
            if let Some(ndcg) = self.tried(Tilted { voice, tilt }) {
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
    fn tried(&self, Tilted { voice, tilt }: Tilted) -> Option<f64> {
        let is_same = |trial: &&Trial| (trial.voice, trial.tilt, trial.recency) == (voice, tilt, self.recency);
        self.trials.iter().find(is_same).map(|trial| trial.ndcg)
    }
}

#[cfg(test)]
mod tests;
