//! One relation between products, such as "in the same orders": a row for each product, shared with readers, and how to score it.

use super::row::{Moment, Row, worth};
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
    /// Sum of the degrees of all products, in terms of `epoch`.
    pub(super) total: f64,
}

impl Relation {
    pub(super) fn new(half_life_ms: i64) -> Self {
        Self { half_life_ms: half_life_ms.max(1), rows: Chunked::new(None), epoch: i64::MIN, total: 0.0 }
    }

    pub(super) fn moment(&self, at: Timestamp) -> Moment {
        Moment::of(at, self.half_life_ms)
    }

    /// Adds to the sum of degrees, or takes from it.
    pub(super) fn count_total(&mut self, degrees: f32, moment: Moment) {
        if moment.epoch > self.epoch {
            self.total *= f64::from(worth(self.epoch, moment.epoch));
            self.epoch = moment.epoch;
        }
        self.total += f64::from(degrees * moment.scale * worth(moment.epoch, self.epoch));
    }

    /// The product's row for writing. Rows shared with a snapshot are copied first.
    pub(super) fn row_mut(&mut self, product: Ordinal) -> Option<&mut Row> {
        if product.index() >= PRODUCTS_MAX {
            return None;
        }
        let slot = self.rows.at_mut(product.index());
        Some(Arc::make_mut(slot.get_or_insert_with(|| Arc::new(Row { epoch: i64::MIN, ..Row::default() }))))
    }

    fn row(&self, product: Ordinal) -> Option<&Row> {
        self.rows.at(product.index()).as_deref()
    }

    /// How much there is of the product in this relation, decayed, in terms of `epoch`.
    fn degree(&self, product: Ordinal, epoch: i64) -> f32 {
        self.row(product).map_or(0.0, |row| (row.degree * worth(row.epoch, epoch)).max(0.0))
    }
}

/// How ties become scores, and which are strong enough to be shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scoring {
    /// Exponent of the asking product's degree.
    pub(super) alpha: f32,
    /// Exponent of the other product's degree: how much popularity is held against it.
    pub(super) beta: f32,
    /// Orders or shoppers that must hold both.
    pub(super) support_min: u32,
    /// Whether the tie must be stronger than chance would make it.
    pub(super) beats_chance: bool,
}

/// A product that goes with the asking one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tie {
    pub(super) product: Ordinal,
    pub(super) score: f32,
    /// Orders or shoppers with both, undecayed.
    pub(super) count: u32,
}

/// The products that go with `asking`, unordered, from one or several parts of a relation taken together:
/// `s(a→b) = N_ab / (c_a^α · c_b^β)` with `N` the decayed weight of the tie and `c` the decayed degrees, all of the same epoch.
///
/// With `beats_chance` a tie needs lift above 1: `N_ab > c_a · c_b / Σc`, what it would weigh if ties were dealt out at random and every
/// product kept its degree (the configuration model of Newman, *Networks*, 2010, section 7.13).
pub(super) fn ties(parts: &[&Relation], asking: Ordinal, scoring: Scoring) -> Vec<Tie> {
    let epoch = parts.iter().map(|part| part.epoch).max().unwrap_or(i64::MIN);
    let degree = |product: Ordinal| parts.iter().map(|part| part.degree(product, epoch)).sum::<f32>();
    let total: f64 = parts.iter().map(|part| part.total * f64::from(worth(part.epoch, epoch))).sum();
    let own_degree = degree(asking).max(f32::MIN_POSITIVE);
    let own_power = own_degree.powf(scoring.alpha);
    let mut found = together(parts, asking, epoch);
    found.retain_mut(|tie| {
        let other_degree = degree(tie.product).max(f32::MIN_POSITIVE);
        let by_chance = f64::from(own_degree) * f64::from(other_degree) / total.max(f64::MIN_POSITIVE);
        let is_shown = tie.count >= scoring.support_min && (!scoring.beats_chance || f64::from(tie.score) > by_chance);
        tie.score /= own_power * other_degree.powf(scoring.beta);
        is_shown && tie.score.is_finite() && tie.score > 0.0
    });
    found
}

/// The partners of all parts, each once, with weights of the same epoch as their scores.
fn together(parts: &[&Relation], asking: Ordinal, epoch: i64) -> Vec<Tie> {
    let mut found: Vec<Tie> = Vec::new();
    for row in parts.iter().filter_map(|part| part.row(asking)) {
        let left = worth(row.epoch, epoch);
        found.extend(row.partners.iter().map(|partner| Tie {
            product: partner.product,
            score: partner.weight * left,
            count: partner.count,
        }));
    }
    if parts.len() > 1 {
        found.sort_by_key(|tie| tie.product);
        found.dedup_by(|later, kept| {
            let is_same = later.product == kept.product;
            if is_same {
                kept.score += later.score;
                kept.count = kept.count.saturating_add(later.count);
            }
            is_same
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCORING: Scoring = Scoring { alpha: 0.3, beta: 0.4, support_min: 1, beats_chance: true };

    fn order(relation: &mut Relation, products: &[u32]) {
        let moment = relation.moment(Timestamp(0));
        relation.count_total(products.len() as f32, moment);
        for &a in products {
            relation.row_mut(Ordinal(a)).expect("a row").occur(1.0, moment);
            for &b in products.iter().filter(|&&b| b != a) {
                relation.row_mut(Ordinal(a)).expect("a row").link(Ordinal(b), 1.0, true, moment);
            }
        }
    }

    #[test]
    fn a_loyal_partner_stands_above_a_popular_stranger() {
        let mut relation = Relation::new(1_000);
        for _ in 0..3 {
            order(&mut relation, &[0, 1]);
        }
        for _ in 0..2 {
            order(&mut relation, &[0, 2]);
        }
        for _ in 0..200 {
            order(&mut relation, &[2, 3]);
        }
        let mut found = ties(&[&relation], Ordinal(0), SCORING);
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        assert_eq!(found.iter().map(|tie| (tie.product.0, tie.count)).collect::<Vec<_>>(), [(1, 3)], "2 is with 0 less often than chance");
        let anyway = ties(&[&relation], Ordinal(0), Scoring { beats_chance: false, ..SCORING });
        assert_eq!(anyway.len(), 2);
        assert!(ties(&[&relation], Ordinal(0), Scoring { support_min: 4, ..SCORING }).is_empty());
    }

    #[test]
    fn parts_are_scored_as_one() {
        let (mut whole, mut one, mut other) = (Relation::new(1_000), Relation::new(1_000), Relation::new(1_000));
        for (number, products) in [[0, 1], [0, 1], [0, 2], [3, 4], [4, 5], [5, 6]].iter().enumerate() {
            order(&mut whole, products);
            order(if number % 2 == 0 { &mut one } else { &mut other }, products);
        }
        let mut expected = ties(&[&whole], Ordinal(0), SCORING);
        expected.sort_by_key(|tie| tie.product);
        assert_eq!(ties(&[&one, &other], Ordinal(0), SCORING), expected);
        assert_eq!(expected.len(), 2);
    }
}
