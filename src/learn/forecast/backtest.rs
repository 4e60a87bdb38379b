//! Methods side by side on periods that nothing was learnt from.

use super::ahead::{Outlook, Plan, sum_of};
use super::choose::{Choice, Chosen, Family, Tuning, choose, pinball};
use super::crowd::Crowd;
use super::replay::{Replayed, replay};
use super::series::{Class, History, Series, mean};
use super::{LEVELS, Quantiles};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How methods are compared.
#[derive(Debug, Clone)]
pub struct BacktestOptions {
    /// Periods at the end that are held out.
    pub horizon: usize,
    /// Periods until what is ordered arrives; what is ordered in one period covers so many and one more, until the next order.
    pub lead: usize,
    /// Periods in a season; below 2 there are none.
    pub season: usize,
    /// Methods between which is chosen.
    pub families: Vec<Family>,
    /// Those of them that are told of beside what is chosen.
    pub judged: Vec<Family>,
}

impl BacktestOptions {
    /// Periods whose demand together is foreseen.
    #[must_use]
    pub fn covered(&self) -> usize {
        self.lead + 1
    }
}

/// What came of one way to forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodFigures {
    /// A method's name, or `chosen`.
    pub method: String,
    /// What was foreseen of all held-out periods over what was wanted, less one.
    pub bias: f64,
    /// Root mean square error of a period.
    pub rmse: f64,
    /// Mean absolute error over that of the (seasonal) naive method where it was learnt from, averaged over series (R. Hyndman and A. Koehler,
    /// International Journal of Forecasting 22(4), 2006).
    pub mase: f64,
    /// Mean pinball loss, in units, at each of [`LEVELS`], of demand over lead time and review.
    pub pinball: [f64; LEVELS.len()],
    /// How often it stayed within each quantile.
    pub coverage: [f64; LEVELS.len()],
    /// Share of the units wanted that would have been there, with stock ordered up to each quantile.
    pub fill: [f64; LEVELS.len()],
    /// Stock left at the end of a period, in periods of demand.
    pub stock: [f64; LEVELS.len()],
}

/// A class, and what was chosen for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassFigures {
    /// Which.
    pub class: Class,
    /// Series of it.
    pub series_count: usize,
    /// The best of all methods.
    #[serde(flatten)]
    pub chosen: Chosen,
}

/// Methods side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backtest {
    /// Series that were judged: on sale, with something known to learn from and something to judge by.
    pub series_count: usize,
    /// Sums over lead time and review that were foreseen.
    pub cases_count: usize,
    /// Probabilities of the quantiles.
    pub levels: [f64; LEVELS.len()],
    /// Classes that there are.
    pub classes: Vec<ClassFigures>,
    /// One row a method, and the chosen ones.
    pub methods: Vec<MethodFigures>,
}

/// A series, cut in two.
struct Parted<'a> {
    history: History<'a>,
    learnt: usize,
}

impl Parted<'_> {
    fn held_out(&self) -> &[Option<f64>] {
        &self.history.demand[self.learnt..]
    }
}

/// Holds out the last periods of all series, chooses and tunes methods without them, and judges.
#[must_use]
pub fn backtest(series: &[Series], options: &BacktestOptions) -> Backtest {
    let parted: Vec<Parted<'_>> = series.iter().filter_map(|series| parted(series, options.horizon)).collect();
    let learnt: Vec<History<'_>> = parted.iter().map(|parted| parted.history.until(parted.learnt)).collect();
    let until = learnt.iter().map(|history| history.start + history.len()).max().unwrap_or(0);
    let crowd = Crowd::of(&learnt, options.season, until);
    let tuning = Tuning { families: &options.families, season: options.season, periods: options.covered() };
    let choice = choose(&learnt, &tuning);
    let mut judged: Vec<(String, Judged)> = Vec::new();
    for family in options.judged.iter().filter(|family| choice.knows(**family)) {
        judged.push((family.name().to_owned(), judge(&parted, options, &crowd, &|class| choice.of_family(class, *family))));
    }
    judged.push(("chosen".to_owned(), judge(&parted, options, &crowd, &|class| choice.best(class))));
    Backtest {
        series_count: parted.len(),
        cases_count: judged.first().map_or(0, |(_, judged)| judged.cases_count),
        levels: LEVELS,
        classes: classes(&parted, &choice),
        methods: judged.into_iter().map(|(name, judged)| judged.figures(name)).collect(),
    }
}

fn classes(parted: &[Parted<'_>], choice: &Choice) -> Vec<ClassFigures> {
    let figures = |class: Class| {
        let series_count = parted.iter().filter(|parted| parted.history.class == class).count();
        Some(ClassFigures { class, series_count, chosen: choice.best(class)? }).filter(|figures| figures.series_count > 0)
    };
    Class::ALL.into_iter().filter_map(figures).collect()
}

fn parted(series: &Series, horizon: usize) -> Option<Parted<'_>> {
    let history = History::of(&series.demand);
    let learnt = history.len().checked_sub(horizon)?;
    let (before, after) = history.demand.split_at(learnt);
    let is_judged = before.iter().flatten().count() > 1 && after.iter().any(Option::is_some);
    is_judged.then(|| Parted { history: History { class: Class::of(before), ..history }, learnt })
}

/// Sums on the way to figures.
#[derive(Debug, Clone, Default)]
struct Judged {
    cases_count: usize,
    foreseen: f64,
    wanted: f64,
    squares: f64,
    periods: f64,
    scaled: f64,
    scaled_count: f64,
    pinball: [f64; LEVELS.len()],
    within: [f64; LEVELS.len()],
    replayed: [Replayed; LEVELS.len()],
}

fn judge(parted: &[Parted<'_>], options: &BacktestOptions, crowd: &Crowd, plan: &(dyn Fn(Class) -> Option<Chosen> + Sync)) -> Judged {
    let of_each: Vec<Judged> =
        parted.par_iter().filter_map(|parted| Some(judge_one(parted, options, crowd, plan(parted.history.class)?.plan))).collect();
    let mut all = Judged::default();
    of_each.iter().for_each(|judged| all.add(judged));
    all
}

fn judge_one(parted: &Parted<'_>, options: &BacktestOptions, crowd: &Crowd, plan: Plan) -> Judged {
    let mut judged = Judged::default();
    let held_out = parted.held_out();
    judged.points(parted, options.season, &Outlook::of(plan.method, parted.history.until(parted.learnt), crowd, held_out.len()).each());
    let covered = options.covered();
    let foreseen: Vec<Quantiles> =
        (parted.learnt..parted.history.len()).map(|end| sum_of(plan, parted.history.until(end), crowd, covered)).collect();
    for (at, quantiles) in foreseen.iter().enumerate() {
        let Some(wanted) = held_out.get(at..at + covered).and_then(|periods| periods.iter().copied().sum::<Option<f64>>()) else {
            continue;
        };
        judged.cases_count += 1;
        for (level, loss) in pinball(quantiles, wanted).into_iter().enumerate() {
            judged.pinball[level] += loss;
            judged.within[level] += f64::from(u8::from(wanted <= quantiles.0[level]));
        }
    }
    for (level, replayed) in judged.replayed.iter_mut().enumerate() {
        let levels: Vec<f64> = foreseen.iter().map(|quantiles| quantiles.0[level]).collect();
        *replayed = replay(&levels, held_out, options.lead);
    }
    judged
}

impl Judged {
    fn points(&mut self, parted: &Parted<'_>, season: usize, ahead: &[f64]) {
        let (mut errors, mut count) = (0.0, 0.0);
        for (foreseen, wanted) in ahead.iter().zip(parted.held_out()).filter_map(|(foreseen, wanted)| Some((foreseen, (*wanted)?))) {
            self.foreseen += foreseen;
            self.wanted += wanted;
            self.squares += (foreseen - wanted).powi(2);
            errors += (foreseen - wanted).abs();
            count += 1.0;
        }
        self.periods += count;
        let naive = naive_error(&parted.history.demand[..parted.learnt], season.max(1));
        if naive > 0.0 {
            self.scaled += errors / count / naive;
            self.scaled_count += 1.0;
        }
    }

    fn add(&mut self, other: &Self) {
        self.cases_count += other.cases_count;
        let sums = [
            (&mut self.foreseen, other.foreseen),
            (&mut self.wanted, other.wanted),
            (&mut self.squares, other.squares),
            (&mut self.periods, other.periods),
            (&mut self.scaled, other.scaled),
            (&mut self.scaled_count, other.scaled_count),
        ];
        sums.into_iter().for_each(|(sum, more)| *sum += more);
        for level in 0..LEVELS.len() {
            self.pinball[level] += other.pinball[level];
            self.within[level] += other.within[level];
            self.replayed[level].add(other.replayed[level]);
        }
    }

    fn figures(&self, method: String) -> MethodFigures {
        let over = |sum: f64, count: f64| if count > 0.0 { sum / count } else { 0.0 };
        let cases = self.cases_count as f64;
        MethodFigures {
            method,
            bias: over(self.foreseen, self.wanted) - 1.0,
            rmse: over(self.squares, self.periods).sqrt(),
            mase: over(self.scaled, self.scaled_count),
            pinball: self.pinball.map(|sum| over(sum, cases)),
            coverage: self.within.map(|sum| over(sum, cases)),
            fill: self.replayed.map(|replayed| over(replayed.filled, replayed.wanted)),
            stock: self.replayed.map(|replayed| over(replayed.held, replayed.wanted)),
        }
    }
}

/// Mean absolute difference of periods that lie a season apart.
fn naive_error(history: &[Option<f64>], season: usize) -> f64 {
    let later = history.get(season..).unwrap_or_default();
    let differences = history.iter().zip(later).filter_map(|(before, after)| Some(((*after)? - (*before)?).abs()));
    mean(differences).unwrap_or(0.0)
}
