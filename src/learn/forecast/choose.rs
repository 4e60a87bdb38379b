//! Which method forecasts which class of demand, and with which constants: the one with the least pinball loss on the last periods of what is
//! learnt from, which nothing before them has seen.

use super::ahead::{Plan, sum_ahead};
use super::crowd::Crowd;
use super::methods::Method;
use super::series::{Class, History, mean};
use super::{LEVELS, Quantiles};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A method whose constants are still to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Nothing is wanted.
    Zero,
    /// As much as last time.
    Naive,
    /// As much as a season ago.
    Seasonal,
    /// Simple exponential smoothing.
    Ses,
    /// Smoothing, drawn towards what others sell.
    Kin,
    /// Smoothing beside the season of all things together.
    Profile,
    /// Smoothing with a trend that fades.
    Damped,
    /// Croston's.
    Croston,
    /// Croston's without its bias.
    Sba,
    /// Of Teunter, Syntetos and Babai.
    Tsb,
    /// Draws from the history.
    Bootstrap,
}

impl Family {
    /// All of them, the simplest first: of equal ones the first is chosen.
    pub const ALL: [Self; 11] = [
        Self::Zero,
        Self::Naive,
        Self::Seasonal,
        Self::Ses,
        Self::Croston,
        Self::Sba,
        Self::Tsb,
        Self::Kin,
        Self::Profile,
        Self::Damped,
        Self::Bootstrap,
    ];

    /// Its name, which is that of its methods.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::Naive => "naive",
            Self::Seasonal => "seasonal",
            Self::Ses => "ses",
            Self::Kin => "kin",
            Self::Profile => "profile",
            Self::Damped => "damped",
            Self::Croston => "croston",
            Self::Sba => "sba",
            Self::Tsb => "tsb",
            Self::Bootstrap => "bootstrap",
        }
    }

    fn methods(self, season: usize) -> Vec<Method> {
        let each = |constants: &[f64], method: &dyn Fn(f64) -> Method| constants.iter().map(|constant| method(*constant)).collect();
        let pairs = |one: &[f64], other: &[f64], method: &dyn Fn(f64, f64) -> Method| {
            one.iter().flat_map(|alpha| other.iter().map(|beta| method(*alpha, *beta))).collect()
        };
        match self {
            Self::Zero => vec![Method::Zero],
            Self::Naive => vec![Method::Naive],
            Self::Seasonal if season < 2 => Vec::new(),
            Self::Seasonal => vec![Method::SeasonalNaive { season }],
            Self::Ses => each(&[0.05, 0.1, 0.2, 0.3, 0.5], &|alpha| Method::Smoothing { alpha }),
            Self::Kin => pairs(&[0.05, 0.1, 0.2, 0.3], &[4.0, 8.0, 16.0], &|alpha, periods| Method::Kin { alpha, periods }),
            Self::Profile if season < 2 => Vec::new(),
            Self::Profile => pairs(&[0.05, 0.1, 0.2, 0.3, 0.5], &[0.5, 0.8, 1.0], &|alpha, strength| Method::Profile { alpha, strength }),
            Self::Damped => pairs(&[0.1, 0.3, 0.5], &[0.1, 0.3], &|alpha, beta| Method::Damped { alpha, beta }),
            Self::Croston => each(&[0.05, 0.1, 0.2, 0.3], &|alpha| Method::Croston { alpha }),
            Self::Sba => each(&[0.05, 0.1, 0.2, 0.3], &|alpha| Method::Sba { alpha }),
            Self::Tsb => pairs(&[0.05, 0.1, 0.2], &[0.02, 0.05, 0.1, 0.2, 0.3], &|alpha, beta| Method::Tsb { alpha, beta }),
            Self::Bootstrap => each(&[1.0, 0.98, 0.95, 0.9], &|fading| Method::Bootstrap { fading }),
        }
    }

    fn spreads(self) -> &'static [f64] {
        match self {
            Self::Zero | Self::Bootstrap => &[1.0],
            Self::Naive | Self::Seasonal | Self::Ses | Self::Kin | Self::Profile | Self::Damped | Self::Croston | Self::Sba | Self::Tsb => {
                &SPREADS
            }
        }
    }
}

/// What variances are tried to be multiplied by.
const SPREADS: [f64; 9] = [0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0];
/// Series of a class that are looked at; more hardly change what is chosen.
const SERIES_MAX: usize = 2_000;
/// The last third of a history is foreseen, from as many places in it, evenly spread.
const VALIDATION_SHARE: usize = 3;
const PLACES_MAX: usize = 12;
/// With fewer cases a class is forecast as all classes together are best.
const CASES_MIN: usize = 50;

/// How methods are chosen.
#[derive(Debug, Clone)]
pub struct Tuning<'a> {
    /// Between which.
    pub families: &'a [Family],
    /// Periods in a season; below 2 there are none.
    pub season: usize,
    /// Periods whose demand together is to be foreseen.
    pub periods: usize,
}

/// The best of one family for one class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// Which family.
    pub family: Family,
    /// With which constants.
    pub plan: Plan,
    /// Its loss: pinball losses of all levels, over the root mean square of the demand before, averaged over cases; 0 where there were none.
    pub loss: f64,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// For each class, the best of each family, the best family first.
    ranked: Vec<(Class, Vec<Chosen>)>,
}

impl Choice {
    /// The best of all for a class.
    #[must_use]
    pub fn best(&self, class: Class) -> Option<Chosen> {
        self.of_class(class).first().copied()
    }

    /// The best of one family for a class.
    #[must_use]
    pub fn of_family(&self, class: Class, family: Family) -> Option<Chosen> {
        self.of_class(class).iter().copied().find(|chosen| chosen.family == family)
    }

    /// Whether there is anything of a family.
    pub(super) fn knows(&self, family: Family) -> bool {
        self.ranked.iter().any(|(_, ranked)| ranked.iter().any(|chosen| chosen.family == family))
    }

    fn of_class(&self, class: Class) -> &[Chosen] {
        self.ranked.iter().find(|(known, _)| *known == class).map_or(&[], |(_, ranked)| ranked)
    }
}

/// Losses of the candidates, in their order.
#[derive(Debug, Clone, Default)]
struct Losses {
    cases_count: usize,
    sums: Vec<[f64; LEVELS.len()]>,
}

impl Losses {
    fn add(&mut self, other: &Self) {
        self.cases_count += other.cases_count;
        self.sums.resize(other.sums.len().max(self.sums.len()), [0.0; LEVELS.len()]);
        self.sums.iter_mut().zip(&other.sums).for_each(|(sums, more)| add(sums, more, 1.0));
    }
}

/// Chooses for every class. All histories end with the same period of the shop's time.
#[must_use]
pub fn choose(histories: &[History<'_>], tuning: &Tuning<'_>) -> Choice {
    let sampled = sampled(histories);
    let crowd = Crowd::of(&sampled, tuning.season, validation_start(histories));
    let families = tuning.families.iter().filter(|family| **family != Family::Profile || crowd.profile.is_known());
    let candidates: Vec<(Family, Method)> =
        families.flat_map(|family| family.methods(tuning.season).into_iter().map(move |method| (*family, method))).collect();
    let trial = Trial { candidates, crowd, periods: tuning.periods };
    let losses: Vec<Losses> = sampled.par_iter().map(|history| trial.losses(*history)).collect();
    let mut all = Losses::default();
    let mut by_class = vec![Losses::default(); Class::ALL.len()];
    for (history, lost) in sampled.iter().zip(&losses) {
        all.add(lost);
        by_class[history.class as usize].add(lost);
    }
    let ranked = Class::ALL.map(|class| {
        let own = &by_class[class as usize];
        (class, ranked(if own.cases_count < CASES_MIN { &all } else { own }, &trial.candidates))
    });
    Choice { ranked: ranked.to_vec() }
}

/// Where, in a history, the part begins that is foreseen to choose by.
fn validation_of(history: History<'_>) -> usize {
    history.len() - history.len() / VALIDATION_SHARE
}

/// Where that is in the shop's time, of the history that begins it first.
fn validation_start(histories: &[History<'_>]) -> usize {
    histories.iter().map(|history| history.start + validation_of(*history)).min().unwrap_or(0)
}

/// At most [`SERIES_MAX`] of each class, evenly from all; the class is the one that could be known before the validation part.
fn sampled<'a>(histories: &[History<'a>]) -> Vec<History<'a>> {
    let classed = |history: &History<'a>| History { class: Class::of(&history.demand[..validation_of(*history)]), ..*history };
    let all: Vec<History<'_>> = histories.iter().map(classed).collect();
    let mut counts = [0; Class::ALL.len()];
    all.iter().for_each(|history| counts[history.class as usize] += 1);
    let mut seen = [0; Class::ALL.len()];
    let is_taken = |history: &History<'_>| {
        let (count, seen) = (counts[history.class as usize], &mut seen[history.class as usize]);
        *seen += 1;
        // Whether this one is the first to pass another of SERIES_MAX marks.
        count <= SERIES_MAX || *seen * SERIES_MAX / count > (*seen - 1) * SERIES_MAX / count
    };
    all.into_iter().filter(is_taken).collect()
}

/// What is tried on each history.
struct Trial {
    candidates: Vec<(Family, Method)>,
    crowd: Crowd,
    periods: usize,
}

impl Trial {
    fn losses(&self, history: History<'_>) -> Losses {
        let start = validation_of(history);
        let ends = start.max(1)..(history.len() + 1).saturating_sub(self.periods);
        let apart = ends.len().div_ceil(PLACES_MAX).max(1);
        let wanted = |end: usize| history.demand[end..end + self.periods].iter().copied().sum::<Option<f64>>();
        let cases: Vec<(usize, f64)> = ends.step_by(apart).filter_map(|end| Some((end, wanted(end)?))).collect();
        let scale = scale(&history.demand[..start]);
        let mut sums = Vec::new();
        for (family, method) in &self.candidates {
            let spreads = family.spreads();
            let mut of_method = vec![[0.0; LEVELS.len()]; spreads.len()];
            for (end, wanted) in &cases {
                let foreseen = sum_ahead(*method, spreads, history.until(*end), &self.crowd, self.periods);
                of_method.iter_mut().zip(&foreseen).for_each(|(sums, quantiles)| add(sums, &pinball(quantiles, *wanted), 1.0 / scale));
            }
            sums.extend(of_method);
        }
        Losses { cases_count: cases.len(), sums }
    }
}

/// Root mean square of the demand, so that what sells much does not decide for what sells little.
fn scale(history: &[Option<f64>]) -> f64 {
    mean(history.iter().flatten().map(|value| value * value)).filter(|mean| *mean > 0.0).map_or(1.0, f64::sqrt)
}

fn add(sums: &mut [f64; LEVELS.len()], more: &[f64; LEVELS.len()], weight: f64) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more * weight);
}

fn ranked(losses: &Losses, candidates: &[(Family, Method)]) -> Vec<Chosen> {
    if losses.cases_count == 0 {
        return untried(candidates);
    }
    let mut sums = losses.sums.as_slice();
    let mut best: Vec<Chosen> = Vec::new();
    for (family, method) in candidates {
        let Some((own, others)) = sums.split_at_checked(family.spreads().len()) else { break };
        sums = others;
        let (plan, sum) = spread_best(*method, family.spreads(), own);
        let chosen = Chosen { family: *family, plan, loss: sum / losses.cases_count as f64 };
        match best.iter_mut().find(|known| known.family == *family) {
            Some(known) if known.loss <= chosen.loss => {}
            Some(known) => *known = chosen,
            None => best.push(chosen),
        }
    }
    // Stable: of equal ones the simplest stays first.
    best.sort_by(|one, other| one.loss.total_cmp(&other.loss));
    best
}

/// Where histories are too short to try anything on: what does least harm first.
fn untried(candidates: &[(Family, Method)]) -> Vec<Chosen> {
    let mut first: Vec<Chosen> = Vec::new();
    for (family, method) in candidates {
        if first.iter().all(|known| known.family != *family) {
            first.push(Chosen { family: *family, plan: Plan { method: *method, spreads: [1.0; LEVELS.len()] }, loss: 0.0 });
        }
    }
    first.sort_by_key(|chosen| match chosen.family {
        Family::Kin => 0,
        Family::Ses => 1,
        Family::Zero => 3,
        Family::Naive
        | Family::Seasonal
        | Family::Croston
        | Family::Sba
        | Family::Tsb
        | Family::Profile
        | Family::Damped
        | Family::Bootstrap => 2,
    });
    first
}

/// The spread with the least loss for each level, and what the losses come to.
fn spread_best(method: Method, spreads: &[f64], losses: &[[f64; LEVELS.len()]]) -> (Plan, f64) {
    let mut plan = Plan { method, spreads: [1.0; LEVELS.len()] };
    let mut sum = 0.0;
    for level in 0..LEVELS.len() {
        let of_level = spreads.iter().zip(losses).map(|(spread, losses)| (*spread, losses[level]));
        let Some((spread, loss)) = of_level.min_by(|one, other| one.1.total_cmp(&other.1)) else { continue };
        plan.spreads[level] = spread;
        sum += loss;
    }
    (plan, sum)
}

/// Pinball loss at each level (R. Koenker and G. Bassett, Econometrica 46(1), 1978): what is missing counts the level, what is too much the rest.
#[must_use]
pub(super) fn pinball(quantiles: &Quantiles, wanted: f64) -> [f64; LEVELS.len()] {
    let mut losses = [0.0; LEVELS.len()];
    for ((loss, level), quantile) in losses.iter_mut().zip(LEVELS).zip(quantiles.0) {
        *loss = if wanted > quantile { level * (wanted - quantile) } else { (1.0 - level) * (quantile - wanted) };
    }
    losses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_costs_the_level_and_too_much_the_rest() {
        let losses = pinball(&Quantiles([2.0, 4.0, 3.0, 13.0]), 3.0);
        let expected = [0.5, 0.1, 0.0, 0.1];
        assert!(losses.iter().zip(expected).all(|(found, wanted)| (found - wanted).abs() < 1e-9), "{losses:?}");
    }

    #[test]
    fn names_are_those_of_methods() {
        for family in Family::ALL {
            let methods = family.methods(12);
            assert!(!methods.is_empty() && methods.iter().all(|method| method.name() == family.name()), "{family:?}");
        }
        assert!(Family::Seasonal.methods(0).is_empty() && Family::Profile.methods(1).is_empty());
    }

    #[test]
    fn of_many_series_an_even_sample_is_looked_at() {
        let demand: Vec<Vec<Option<f64>>> =
            (0..5_000).map(|number| [number, number, number].map(|units| Some(f64::from(units) + 1.0)).to_vec()).collect();
        let histories: Vec<History<'_>> = demand.iter().map(|demand| History::of(demand)).collect();
        let taken = sampled(&histories);
        let first_of = |history: &History<'_>| history.demand[0].unwrap_or_default();
        assert_eq!(taken.len(), SERIES_MAX);
        assert!(taken.windows(2).all(|pair| (2.0..=3.0).contains(&(first_of(&pair[1]) - first_of(&pair[0])))));
        assert_eq!(sampled(&histories[..SERIES_MAX]).len(), SERIES_MAX);
    }

    #[test]
    fn each_level_has_the_spread_that_loses_least() {
        let losses = [[4.0, 1.0, 3.0, 3.0], [2.0, 2.0, 3.0, 1.0]];
        let (plan, sum) = spread_best(Method::Naive, &[0.5, 2.0], &losses);
        assert_eq!((plan.spreads, sum), ([2.0, 0.5, 0.5, 2.0], 2.0 + 1.0 + 3.0 + 1.0));
    }
}
