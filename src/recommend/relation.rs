//! One relation between products: a row for each product, shared with readers, and what its ties are worth when they are read.

use super::links::AFTER;
use super::relationship::{Gate, Tie, expected};
use super::row::{Moment, Partner, Row, Share, worth};
use crate::id::Ordinal;
use crate::signal::PRODUCTS_MAX;
use crate::stdx::chunked::Chunked;
use crate::stdx::clock::Timestamp;
use std::sync::Arc;

/// Rows of all products. Clones share every row that has not changed since.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) half_life_ms: i64,
    pub(super) rows: Chunked<Option<Arc<Row>>>,
    /// The newest epoch seen.
    pub(super) epoch: i64,
    /// Sum of the reach of all products.
    pub(super) reach_total: i64,
    /// Whether it stands beside a base that it may have to take something from.
    pub(super) beside_base: bool,
}

impl Relation {
    pub(super) fn new(half_life_ms: i64) -> Self {
        Self { half_life_ms: half_life_ms.max(1), rows: Chunked::new(None), epoch: i64::MIN, reach_total: 0, beside_base: false }
    }

    fn moment(&mut self, at: Timestamp) -> Moment {
        let moment = Moment::of(at, self.half_life_ms);
        self.epoch = self.epoch.max(moment.epoch);
        moment
    }

    /// The product's row for writing. Rows shared with a snapshot are copied first.
    fn row_mut(&mut self, product: Ordinal) -> &mut Row {
        debug_assert!(product.index() < PRODUCTS_MAX, "steps are bounded before they are folded");
        let slot = self.rows.at_mut(product.index());
        Arc::make_mut(slot.get_or_insert_with(|| Arc::new(Row { epoch: i64::MIN, ..Row::default() })))
    }

    pub(super) fn row(&self, product: Ordinal) -> Option<&Row> {
        self.rows.at(product.index()).as_deref()
    }

    /// One more shopper or order had the product, or with a `sign` of -1 one less.
    pub(super) fn occur(&mut self, product: Ordinal, weight: f32, sign: i32, at: Timestamp) {
        let moment = self.moment(at);
        self.reach_total += i64::from(sign);
        self.row_mut(product).occur(weight, sign, moment);
    }

    /// Adds to the tie `from → to`, or takes from it.
    pub(super) fn link(&mut self, from: Ordinal, to: Ordinal, share: Share, at: Timestamp) {
        let moment = self.moment(at);
        let beside_base = self.beside_base;
        self.row_mut(from).link(to, share, moment, beside_base);
    }
}

/// One or several parts of a relation, read as one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a>(pub(super) &'a [&'a Relation]);

impl Parts<'_> {
    fn epoch(&self) -> i64 {
        self.0.iter().map(|part| part.epoch).max().unwrap_or(i64::MIN)
    }

    fn rows(&self, product: Ordinal) -> impl Iterator<Item = &Row> {
        self.0.iter().filter_map(move |part| part.row(product))
    }

    /// How much there is of the product, decayed to `epoch`.
    fn degree(&self, product: Ordinal, epoch: i64) -> f32 {
        self.rows(product).map(|row| row.degree * worth(row.epoch, epoch)).sum::<f32>().max(f32::MIN_POSITIVE)
    }

    /// Shoppers or orders that had the product.
    pub(super) fn reach(&self, product: Ordinal) -> u32 {
        counted(self.rows(product).map(|row| i64::from(row.reach)).sum())
    }

    fn draws(&self, product: Ordinal) -> u32 {
        counted(self.rows(product).map(|row| i64::from(row.draws)).sum())
    }

    fn reach_total(&self) -> f64 {
        self.0.iter().map(|part| part.reach_total).sum::<i64>().max(1) as f64
    }

    /// The partners of all parts, each once, with weights of one epoch.
    fn partners(&self, asking: Ordinal, epoch: i64) -> Vec<Partner> {
        let mut found: Vec<Partner> = Vec::new();
        for row in self.rows(asking) {
            let left = worth(row.epoch, epoch);
            found.extend(row.partners.iter().map(|partner| Partner { weight: partner.weight * left, ..*partner }));
        }
        if self.0.len() > 1 {
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
        found
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
    pub(super) ties: Parts<'a>,
    /// Who had the asking product.
    pub(super) asked: Parts<'a>,
    /// Who had the other; its half-life is that of the ties.
    pub(super) other: Parts<'a>,
    pub(super) scoring: Scoring,
}

impl Reading<'_> {
    /// The products that go with `asking`, unordered, that the gate lets through.
    pub(super) fn ties(&self, asking: Ordinal, gate: Gate) -> Vec<Tie> {
        let epoch = self.ties.epoch().max(self.other.epoch());
        let own_power = self.asked.degree(asking, self.asked.epoch()).powf(self.scoring.alpha);
        let (reach, draws) = (self.asked.reach(asking), self.ties.draws(asking));
        let reach_total = self.other.reach_total();
        let tie = |partner: Partner| {
            let support = u32::try_from(partner.support).ok().filter(|support| *support >= gate.support_min.max(1))?;
            let share = f64::from(self.other.reach(partner.product)) / reach_total;
            let by_chance = expected(reach, draws, share);
            let z = ((f64::from(support) - by_chance) / by_chance.sqrt()) as f32;
            let score = partner.weight / (own_power * self.other.degree(partner.product, epoch).powf(self.scoring.beta));
            let is_shown = z >= gate.z_min && score.is_finite() && score > 0.0;
            is_shown.then(|| Tie {
                product: partner.product,
                score,
                support,
                lift: (f64::from(support) / by_chance) as f32,
                z,
                after: (partner.after as f32 / (support as f32 * f32::from(AFTER))).clamp(0.0, 1.0),
            })
        };
        self.ties.partners(asking, epoch).into_iter().filter_map(tie).collect()
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

    fn read(parts: &[&Relation], asking: u32, gate: Gate) -> Vec<Tie> {
        let parts = Parts(parts);
        let mut found = Reading { ties: parts, asked: parts, other: parts, scoring: SCORING }.ties(Ordinal(asking), gate);
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found
    }

    #[test]
    fn a_loyal_partner_stands_above_a_popular_stranger() {
        let mut relation = Relation::new(1_000);
        (0..3).for_each(|_| order(&mut relation, &[0, 1], 1));
        (0..2).for_each(|_| order(&mut relation, &[0, 2], 1));
        (0..200).for_each(|_| order(&mut relation, &[2, 3], 1));
        let gate = Gate { support_min: 1, z_min: 0.0 };
        let found = read(&[&relation], 0, gate);
        assert_eq!(
            found.iter().map(|tie| (tie.product.0, tie.support)).collect::<Vec<_>>(),
            [(1, 3)],
            "2 is with 0 less often than chance"
        );
        assert_eq!(read(&[&relation], 0, Gate::OPEN).len(), 2);
        assert!(read(&[&relation], 0, Gate { support_min: 4, ..gate }).is_empty());
        // Five orders of 0 with one other product each; 1 is in 3 of 410 places.
        let by_chance = 5.0 * 3.0 / 410.0;
        assert!((f64::from(found[0].lift) - 3.0 / by_chance).abs() < 1e-3);
        assert!((f64::from(found[0].z) - (3.0 - by_chance) / by_chance.sqrt()).abs() < 1e-3);
        assert_eq!((found[0].after, Parts(&[&relation]).reach(Ordinal(0))), (0.5, 5));
    }

    #[test]
    fn parts_are_read_as_one_and_what_one_counted_another_can_take_back() {
        let (mut whole, mut one, mut other) = (Relation::new(1_000), Relation::new(1_000), Relation::new(1_000));
        other.beside_base = true;
        for (number, products) in [[0, 1], [0, 1], [0, 2], [3, 4], [4, 5], [5, 6]].iter().enumerate() {
            order(&mut whole, products, 1);
            order(if number % 2 == 0 { &mut one } else { &mut other }, products, 1);
        }
        order(&mut one, &[0, 1], 1);
        order(&mut other, &[0, 1], -1);
        let expected = read(&[&whole], 0, Gate::OPEN);
        assert_eq!(read(&[&one, &other], 0, Gate::OPEN), expected);
        assert_eq!(expected.len(), 2);
    }
}
