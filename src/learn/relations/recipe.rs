//! Which methods have a voice, how loud, and how a history is read: what [`tune()`](super::tune()) finds and training follows.

use super::blend::blend;
use super::shared::Shared;
use super::{EASE_PRODUCTS_MAX, Kind, LowRank, Options, low_rank, train};
use crate::id::Ordinal;
use crate::learn::LearnError;
use crate::learn::formats::{History, holders};
use crate::model::factors::Factors;
use crate::model::relations::{Relations, Scores};
use crate::model::taste::Taste;
use rayon::prelude::*;
use serde::Serialize;

/// Histories that a voice's usual loudness is measured on.
const LOUDNESS_HISTORIES_MAX: usize = 512;

/// One method of the blend.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// Rows of the item-to-item table.
    Table(Kind),
    /// Factors beside the table.
    Factors(LowRank),
}

impl Voice {
    /// All methods that suit so many products, with their usual knobs.
    #[must_use]
    pub fn all(products_count: u32) -> Vec<Self> {
        let mut voices = vec![Self::Table(Kind::RIDGE), Self::Table(Kind::ORDER), Self::Table(Kind::WALK)];
        // It is a method for dense catalogues, and beyond these only a head of the catalogue would take part.
        voices.extend((products_count <= EASE_PRODUCTS_MAX).then_some(Self::Table(Kind::EASE)));
        voices.push(Self::Factors(LowRank::usual(products_count)));
        voices
    }

    /// The name that tables of figures and the command line give it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Table(Kind::Walk { .. }) => "walk",
            Self::Table(Kind::Order(_)) => "order",
            Self::Table(Kind::Ridge(_)) => "ridge",
            Self::Table(Kind::Ease(_)) => "ease",
            Self::Factors(_) => "low-rank",
        }
    }

    /// Learns the method from histories, and no pair of products from fewer than `support_min` of them.
    ///
    /// # Errors
    /// When there is no history of two products.
    pub fn learn(&self, histories: &[History], products_count: u32, support_min: u32, seed: u64) -> Result<Learnt, LearnError> {
        Ok(match self {
            Self::Table(kind) => Learnt::Table(train(histories, products_count, Options { support_min, ..Options::of(*kind) })?),
            Self::Factors(options) if support_min > 1 => {
                let parts = Shared::of(histories, products_count, support_min).parts();
                Learnt::Factors(low_rank::factors(&parts, products_count, *options, seed)?)
            }
            Self::Factors(options) => Learnt::Factors(low_rank::factors(histories, products_count, *options, seed)?),
        })
    }
}

/// A method whose strengths lean towards what many had.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tilted {
    /// Which method, with its knobs.
    pub voice: Voice,
    /// The strength of a product that `n` histories hold is multiplied by `n^tilt`.
    pub tilt: f32,
}

impl Tilted {
    /// The method as it is.
    #[must_use]
    pub fn upright(voice: Voice) -> Self {
        Self { voice, tilt: 0.0 }
    }

    /// See [`Voice::learn`].
    ///
    /// # Errors
    /// Those of the voice.
    pub fn learn(&self, histories: &[History], products_count: u32, support_min: u32, seed: u64) -> Result<Learnt, LearnError> {
        let learnt = self.voice.learn(histories, products_count, support_min, seed)?;
        if self.tilt == 0.0 { Ok(learnt) } else { learnt.tilted(self.tilt, &holders(histories, products_count)) }
    }
}

/// A method that has learnt.
#[derive(Debug)]
pub enum Learnt {
    /// Rows of what goes with what.
    Table(Relations),
    /// Vectors that histories are folded into.
    Factors(Factors),
}

/// Products that stand nearest to each by factors, where these name candidates.
const NEAREST: usize = 100;
/// Multiplications that finding them may take: a few seconds on two cores. In larger catalogues tables alone name candidates.
const NEAREST_WORK_MAX: u64 = 1 << 38;
/// Weight of the nearest of them in the table: it brings them in, and has nothing to say where anything else has.
const NEAREST_WEIGHT: f32 = 1e-6;

/// Histories that factors are asked for at once: each block of vectors is laid out anew for them, and pays with so many.
const ASKED_AT_ONCE: usize = 256;

impl Learnt {
    /// The method's own best products for a history.
    pub(super) fn best(&self, history: &[Ordinal], recency: f32, limit: usize, scores: &mut Scores) -> Vec<(Ordinal, f32)> {
        let accept = |product: Ordinal| !history.contains(&product);
        match self {
            Self::Table(table) => table.next(history, recency, limit, scores, accept),
            Self::Factors(factors) => factors.best(history, limit, accept),
        }
    }

    /// The method's own best new products for each of many histories.
    #[must_use]
    pub fn best_of_all(&self, histories: &[&[u32]], recency: f32, limit: usize) -> Vec<Vec<u32>> {
        let of_some = |scores: &mut Scores, histories: &[&[u32]]| -> Vec<Vec<u32>> {
            let histories: Vec<Vec<Ordinal>> = histories.iter().map(|history| ordinals(history)).collect();
            let best = match self {
                Self::Table(_) => histories.iter().map(|history| self.best(history, recency, limit, scores)).collect(),
                Self::Factors(factors) => {
                    let asking: Vec<&[Ordinal]> = histories.iter().map(Vec::as_slice).collect();
                    factors.best_of_many(&asking, limit, |asking, product| !histories[asking].contains(&product))
                }
            };
            best.into_iter().map(|best: Vec<(Ordinal, f32)>| best.into_iter().map(|(product, _)| product.0).collect()).collect()
        };
        histories.par_chunks(ASKED_AT_ONCE).map_init(Scores::default, of_some).flatten_iter().collect()
    }

    /// Whether it can name candidates that no table names: factors, where the catalogue is small enough.
    pub(super) fn may_name(&self) -> bool {
        match self {
            Self::Table(_) => false,
            Self::Factors(factors) => (factors.products_count() as u64).pow(2) * factors.dims() as u64 <= NEAREST_WORK_MAX,
        }
    }

    fn into_factors(self) -> Option<Factors> {
        match self {
            Self::Table(_) => None,
            Self::Factors(factors) => Some(factors),
        }
    }

    /// A table of what stands nearest to each product, which says hardly more than that it does.
    fn nearest(&self, products_count: u32) -> Result<Relations, LearnError> {
        let numbers: Vec<u32> = (0..products_count).collect();
        let alone: Vec<&[u32]> = numbers.chunks(1).collect();
        let row = |near: Vec<u32>| (1_u16..).zip(near).map(|(rank, near)| (Ordinal(near), 1.0 / f32::from(rank))).collect();
        Ok(Relations::from_rows(self.best_of_all(&alone, 0.0, NEAREST).into_iter().map(row))?)
    }

    /// The same with fewer dimensions; none of a table, or where there are no more than so many.
    pub(super) fn narrowed(&self, dims: usize) -> Option<Self> {
        match self {
            Self::Factors(factors) if factors.dims() >= dims => Some(Self::Factors(factors.narrowed(dims))),
            Self::Table(_) | Self::Factors(_) => None,
        }
    }

    /// The same, reading histories so; tables are told with every question.
    #[must_use]
    pub fn reading(self, recency: f32) -> Self {
        match self {
            Self::Table(table) => Self::Table(table),
            Self::Factors(factors) => Self::Factors(factors.beside(recency, 0)),
        }
    }

    /// The same, the strength of each product multiplied by a power of how many histories hold it.
    ///
    /// # Errors
    /// When a strength is beyond what can be written.
    pub(super) fn tilted(&self, tilt: f32, holders: &[u32]) -> Result<Self, LearnError> {
        let weight_of = |product: Ordinal| holders.get(product.index()).map_or(1.0, |count| (*count).max(1) as f32).powf(tilt);
        Ok(match self {
            Self::Table(table) => Self::Table(reweighed(table, weight_of)?),
            Self::Factors(factors) => Self::Factors(factors.weighing(weight_of)),
        })
    }

    /// How high its best product stands on average: what makes the shares of a blend comparable between methods and amounts of data.
    pub(super) fn loudness(&self, histories: &[History], recency: f32) -> f32 {
        let told: Vec<&History> = histories.iter().filter(|history| history.products.len() > 1).collect();
        let sampled: Vec<&History> = told.iter().step_by(told.len().div_ceil(LOUDNESS_HISTORIES_MAX).max(1)).copied().collect();
        let highest = |scores: &mut Scores, history: &&History| {
            let best = self.best(&ordinals(&history.products), recency, 1, scores);
            best.first().map(|(_, score)| *score)
        };
        let highest: Vec<Option<f32>> = sampled.par_iter().map_init(Scores::default, highest).collect();
        let (sum, count) = highest.iter().flatten().fold((0.0, 0.0), |(sum, count), score| (sum + score, count + 1.0));
        if sum > 0.0 { sum / count } else { 1.0 }
    }
}

/// A table whose strengths towards each product are multiplied by its weight.
fn reweighed(table: &Relations, weight_of: impl Fn(Ordinal) -> f32 + Sync) -> Result<Relations, LearnError> {
    let row = |product: u32| {
        super::best_first(table.related(Ordinal(product)).map(|(related, strength)| (related, strength * weight_of(related))).collect())
    };
    let rows: Vec<Vec<(Ordinal, f32)>> = (0..table.products_count() as u32).into_par_iter().with_min_len(256).map(row).collect();
    Ok(Relations::from_rows(rows)?)
}

/// A history as the model takes it.
pub(super) fn ordinals(products: &[u32]) -> Vec<Ordinal> {
    products.iter().copied().map(Ordinal).collect()
}

/// A method and its share of the blend.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Part {
    /// Which method, with its knobs, and how it leans.
    pub method: Tilted,
    /// How loud it is, where its best product would count 1 on average.
    pub share: f32,
}

/// A blend of methods.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recipe {
    /// The n-th newest product of a history counts `n^-recency`.
    pub recency: f32,
    /// At most one part is low-rank.
    pub parts: Vec<Part>,
    /// Whether the low-rank part names candidates too, and not tables alone.
    pub factors_name: bool,
    /// Histories that must hold two products before one is named for the other.
    pub support_min: u32,
    /// Seed of the random projection of the low-rank part.
    pub seed: u64,
}

impl Recipe {
    /// One method alone.
    #[must_use]
    pub fn alone(voice: Voice, recency: f32, seed: u64) -> Self {
        Self { recency, parts: vec![Part { method: Tilted::upright(voice), share: 1.0 }], factors_name: false, support_min: 1, seed }
    }

    /// A blend for when there is too little to find one: every method's errors are its own, so all together err least.
    #[must_use]
    pub fn usual(products_count: u32, support_min: u32, seed: u64) -> Self {
        let share = |voice: &Voice| match voice {
            Voice::Table(Kind::Ridge(_)) => 1.0,
            Voice::Table(_) | Voice::Factors(_) => 0.25,
        };
        let parts = Voice::all(products_count).into_iter().map(|voice| Part { method: Tilted::upright(voice), share: share(&voice) });
        Self { recency: 0.5, parts: parts.collect(), factors_name: false, support_min, seed }
    }

    /// Learns every part with a share from the histories, and puts them together.
    ///
    /// # Errors
    /// When there is no history of two products.
    pub fn train(&self, histories: &[History], products_count: u32) -> Result<Taste, LearnError> {
        let parts = self.parts.iter().filter(|part| part.share > 0.0);
        let learnt = parts.map(|part| part.method.learn(histories, products_count, self.support_min, self.seed));
        self.put_together(learnt, histories, products_count)
    }

    /// Puts together what the parts with a share, in their order, have learnt from the histories.
    ///
    /// # Errors
    /// Those of the parts.
    pub fn put_together(
        &self,
        learnt: impl IntoIterator<Item = Result<Learnt, LearnError>>,
        histories: &[History],
        products_count: u32,
    ) -> Result<Taste, LearnError> {
        let mut tables = Vec::new();
        let mut found = None;
        for (part, learnt) in self.parts.iter().filter(|part| part.share > 0.0).zip(learnt) {
            let learnt = learnt?.reading(self.recency);
            let weight = part.share / learnt.loudness(histories, self.recency);
            match learnt {
                Learnt::Table(table) => tables.push((weight, table)),
                Learnt::Factors(_) => {
                    if self.factors_name && learnt.may_name() {
                        tables.push((NEAREST_WEIGHT, learnt.nearest(products_count)?));
                    }
                    found = learnt.into_factors().map(|factors| factors.louder(weight));
                }
            }
        }
        let weighted: Vec<(f32, &Relations)> = tables.iter().map(|(weight, table)| (*weight, table)).collect();
        let relations = blend(&weighted, products_count)?.with_recency(self.recency);
        let factors = found.map(|factors| factors.beside(self.recency, relations.checksum()));
        Ok(Taste::of(relations, factors)?)
    }
}
