//! One relation between products: a row for each product, and what its ties are worth when they are read.

use super::base::{BaseRelation, Beside};
use super::links::AFTER;
use super::relationship::{Gate, Tie, expected};
use super::row::{Moment, Partner, Row, Share, worth};
use super::rows::{Rows, RowsReader};
use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;
use std::sync::Arc;

/// Rows of all products, and what they sum up to: the writer's side.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) half_life_ms: i64,
    pub(super) rows: Rows,
    /// The newest epoch seen.
    pub(super) epoch: i64,
    /// The last moment: what a step adds is counted at one.
    last: Option<(Timestamp, Moment)>,
    /// Sum of the reach of all products.
    pub(super) reach_total: i64,
    /// What it stands beside, and may have to take something from.
    pub(super) beside: Beside,
}

/// A relation as of a publish; its rows are read as they are now.
#[derive(Debug, Clone)]
pub(super) struct RelationReader {
    rows: RowsReader,
    /// The exact rows that it stands beside.
    base: Option<Arc<BaseRelation>>,
    epoch: i64,
    reach_total: i64,
}

impl RelationReader {
    fn parts_of(&self, product: Ordinal) -> impl Iterator<Item = Row> {
        self.base.as_ref().and_then(|base| base.row(product)).into_iter().chain(self.rows.row(product))
    }

    fn totals_of(&self, product: Ordinal) -> impl Iterator<Item = (i64, f32, i32)> {
        self.base.as_ref().and_then(|base| base.totals(product)).into_iter().chain(self.rows.totals(product))
    }
}

impl Relation {
    pub(super) fn new(half_life_ms: i64, beside: Beside) -> Self {
        Self { half_life_ms, rows: Rows::new(), epoch: i64::from(i32::MIN), last: None, reach_total: 0, beside }
    }

    pub(super) fn reader(&self) -> RelationReader {
        let base = self.beside.base();
        RelationReader {
            rows: self.rows.reader(),
            epoch: base.map_or(self.epoch, |base| self.epoch.max(base.epoch)),
            reach_total: self.reach_total + base.map_or(0, |base| base.reach_total),
            base: base.map(Arc::clone),
        }
    }

    #[inline]
    fn moment(&mut self, at: Timestamp) -> Moment {
        if let Some((_, moment)) = self.last.filter(|(last, _)| *last == at) {
            return moment;
        }
        let moment = Moment::of(at, self.half_life_ms);
        self.epoch = self.epoch.max(moment.epoch);
        self.last = Some((at, moment));
        moment
    }

    /// One more shopper or order had the product, or with a `sign` of -1 one less.
    pub(super) fn occur(&mut self, product: Ordinal, weight: f32, sign: i32, at: Timestamp) {
        let moment = self.moment(at);
        self.reach_total += i64::from(sign);
        self.rows.occur(product, weight, sign, moment, &self.beside);
    }

    /// Adds to the tie `from → to`, or takes from it.
    #[inline]
    pub(super) fn link(&mut self, from: Ordinal, to: Ordinal, share: Share, at: Timestamp) {
        let moment = self.moment(at);
        self.rows.link(from, to, share, moment, &self.beside);
    }
}

impl RelationReader {
    /// How much there is of the product, decayed to `epoch`, and how many shoppers or orders had it.
    fn totals(&self, product: Ordinal, epoch: i64) -> (f32, u32) {
        let (degree, reach) = self.totals_of(product).fold((0.0, 0), |(degree, reach), (row_epoch, row_degree, row_reach)| {
            (degree + row_degree * worth(row_epoch, epoch), reach + i64::from(row_reach))
        });
        (f32::max(degree, f32::MIN_POSITIVE), counted(reach))
    }

    /// Shoppers or orders that had the product.
    pub(super) fn reach(&self, product: Ordinal) -> u32 {
        self.totals(product, self.epoch).1
    }

    /// Shoppers or orders that had the product, the share of all ties from it that are in its row still, and after how many of them each partner
    /// was had later, of those that `support_min` of them had or more; where neither came first, half of them.
    pub(super) fn later(&self, product: Ordinal, support_min: u32) -> (u32, f32, Vec<(Ordinal, f32)>) {
        let (draws, partners) = self.partners(product, self.epoch);
        let known = || partners.iter().filter(|partner| counted(i64::from(partner.support)) >= support_min.max(1));
        let held: i64 = known().map(|partner| i64::from(partner.support)).sum();
        let later =
            |partner: &Partner| (partner.product, partner.after.clamp(0, partner.support * i32::from(AFTER)) as f32 / f32::from(AFTER));
        (self.reach(product), (held as f32 / draws.max(1) as f32).min(1.0), known().map(later).collect())
    }

    /// The draws of the product, and its partners in base and delta, each once, with weights of one epoch.
    fn partners(&self, asking: Ordinal, epoch: i64) -> (u32, Vec<Partner>) {
        let mut draws = 0;
        let mut found: Vec<Partner> = Vec::new();
        for row in self.parts_of(asking) {
            let left = worth(row.epoch, epoch);
            draws += i64::from(row.draws);
            found.extend(row.partners.iter().map(|partner| Partner { weight: partner.weight * left, ..*partner }));
        }
        if self.base.is_some() {
            found.sort_by_key(|partner| partner.product);
            found.dedup_by(|later, kept| {
                let is_same = later.product == kept.product;
                if is_same {
                    kept.weight += later.weight;
                    kept.support += later.support;
                    kept.after += later.after;
                }
                is_same
            });
        }
        (counted(draws), found)
    }
}

fn counted(sum: i64) -> u32 {
    u32::try_from(sum.max(0)).unwrap_or(u32::MAX)
}

/// How ties become scores: the exponents of the degrees in `s(a→b) = N_ab / (c_a^α · c_b^β)`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scoring {
    /// Exponent of the asking product's degree.
    pub(super) alpha: f32,
    /// Exponent of the other product's degree: how much popularity is held against it.
    pub(super) beta: f32,
}

/// What is read together for one relationship.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    /// The ties.
    pub(super) ties: &'a RelationReader,
    /// Who had the asking product.
    pub(super) asked: &'a RelationReader,
    /// Who had the other; its half-life is that of the ties.
    pub(super) other: &'a RelationReader,
    pub(super) scoring: Scoring,
    /// Whether support counts orders, and what says which came after counts the shoppers of them.
    pub(super) counts_orders: bool,
}

impl Reading<'_> {
    /// The products that go with `asking`, unordered, that the gate lets through.
    pub(super) fn ties(&self, asking: Ordinal, gate: Gate) -> Vec<Tie> {
        let epoch = self.ties.epoch.max(self.other.epoch);
        let (own_degree, reach) = self.asked.totals(asking, self.asked.epoch);
        let own_power = own_degree.powf(self.scoring.alpha);
        let reach_total = self.other.reach_total.max(1) as f64;
        let (draws, partners) = self.ties.partners(asking, epoch);
        let tie = |partner: Partner| {
            let (degree, other_reach) = self.other.totals(partner.product, epoch);
            // Nobody had both who had not either: where what a tie lost could not be kept, it says no more than that.
            let support = counted(i64::from(partner.support)).min(reach).min(other_reach);
            if support < gate.support_min.max(1) {
                return None;
            }
            if self.counts_orders && gate.support_min > 1 && i64::from(partner.after) < i64::from(gate.support_min) {
                return None;
            }
            let by_chance = expected(reach, draws, f64::from(other_reach) / reach_total);
            let z = ((f64::from(support) - by_chance) / by_chance.sqrt()) as f32;
            let score = partner.weight / (own_power * degree.powf(self.scoring.beta));
            let is_shown = z >= gate.z_min && score.is_finite() && score > 0.0;
            is_shown.then(|| Tie {
                product: partner.product,
                score,
                support,
                lift: (f64::from(support) / by_chance) as f32,
                z,
                after: match self.counts_orders {
                    true => 0.5,
                    false => (partner.after as f32 / (support as f32 * f32::from(AFTER))).clamp(0.0, 1.0),
                },
            })
        };
        partners.into_iter().filter_map(tie).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCORING: Scoring = Scoring { alpha: 0.3, beta: 0.4 };

    fn order(relation: &mut Relation, products: &[u32], sign: i32) {
        for &a in products {
            relation.occur(Ordinal(a), 1.0, sign, Timestamp(0));
            for &b in products.iter().filter(|&&b| b != a) {
                relation.link(Ordinal(a), Ordinal(b), Share { weight: sign as f32, support: sign, after: sign }, Timestamp(0));
            }
        }
    }

    fn read(relation: &Relation, asking: u32, gate: Gate) -> Vec<Tie> {
        let reader = relation.reader();
        let mut found =
            Reading { ties: &reader, asked: &reader, other: &reader, scoring: SCORING, counts_orders: false }.ties(Ordinal(asking), gate);
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found
    }

    #[test]
    fn what_was_had_later_is_told_with_how_much_of_it_is_remembered() {
        let mut relation = Relation::new(1_000, Beside::Nothing);
        let mut tie = |to: u32, after: i32| {
            relation.occur(Ordinal(0), 1.0, 1, Timestamp(0));
            relation.link(Ordinal(0), Ordinal(to), Share { weight: 1.0, support: 1, after }, Timestamp(0));
        };
        [2, 1, 0].into_iter().for_each(|after| tie(1, after));
        let later = |relation: &Relation| relation.reader().later(Ordinal(0), 1);
        (0..96).for_each(|to| tie(to + 2, 2));
        (0..50).for_each(|_| tie(1, 2));
        let (had, held, partners) = later(&relation);
        assert_eq!((had, partners[0], partners.len()), (149, (Ordinal(1), 51.5), 96), "two came after it, one with it, one before it");
        assert!((held - 148.0 / 149.0).abs() < 1e-6, "one of 97 partners had no room: {held}");
        assert_eq!(relation.reader().later(Ordinal(9), 1), (0, 0.0, vec![]));
    }

    #[test]
    fn a_loyal_partner_stands_above_a_popular_stranger() {
        let mut relation = Relation::new(1_000, Beside::Nothing);
        (0..3).for_each(|_| order(&mut relation, &[0, 1], 1));
        (0..2).for_each(|_| order(&mut relation, &[0, 2], 1));
        (0..200).for_each(|_| order(&mut relation, &[2, 3], 1));
        let gate = Gate { support_min: 1, z_min: 0.0 };
        let found = read(&relation, 0, gate);
        assert_eq!(
            found.iter().map(|tie| (tie.product.0, tie.support)).collect::<Vec<_>>(),
            [(1, 3)],
            "2 is with 0 less often than chance"
        );
        assert_eq!(read(&relation, 0, Gate::OPEN).len(), 2);
        assert!(read(&relation, 0, Gate { support_min: 4, ..gate }).is_empty());
        // Five orders of 0 with one other product each; 1 is in 3 of 410 places.
        let by_chance = 5.0 * 3.0 / 410.0;
        assert!((f64::from(found[0].lift) - 3.0 / by_chance).abs() < 1e-3);
        assert!((f64::from(found[0].z) - (3.0 - by_chance) / by_chance.sqrt()).abs() < 1e-3);
        assert_eq!((found[0].after, relation.reader().reach(Ordinal(0))), (0.5, 5));
    }
}
