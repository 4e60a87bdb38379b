//! Variety: maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998) over category, brand and content.
//!
//! The next product is the one with the highest `(1 - d) · fit - d · likeness`, where `fit` is its score over the best score of its stage and
//! `likeness` how like it is to the most similar product chosen before. `d` = 0 is the plain ranking.

use crate::id::Ordinal;
use crate::recommend::assortment::{Assortment, Facet};
use crate::recommend::reason::Recommendation;

/// What likeness is made of; what is not known of one of the two leaves its share to the others.
const CATEGORY_SHARE: f32 = 0.4;
const CONTENT_SHARE: f32 = 0.4;
const BRAND_SHARE: f32 = 0.2;

/// What is compared of a product.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    product: Ordinal,
    category: Option<Facet>,
    brand: Option<Facet>,
}

impl Shape {
    pub(super) fn of(product: Ordinal, assortment: &dyn Assortment) -> Self {
        Self { product, category: assortment.category(product), brand: assortment.brand(product) }
    }

    /// 0 to 1.
    fn likeness(&self, other: &Self, assortment: &dyn Assortment) -> f32 {
        let same = |a: Option<Facet>, b: Option<Facet>| Some(if a? == b? { 1.0 } else { 0.0 });
        let content = assortment.similarity(self.product, other.product).map(|cosine| cosine.clamp(0.0, 1.0));
        let parts =
            [(CATEGORY_SHARE, same(self.category, other.category)), (BRAND_SHARE, same(self.brand, other.brand)), (CONTENT_SHARE, content)];
        let (whole, sum) = parts.iter().fold((0.0, 0.0), |(whole, sum), &(share, part)| match part {
            Some(part) => (whole + share, sum + share * part),
            None => (whole, sum),
        });
        if whole > 0.0 { sum / whole } else { 0.0 }
    }
}

/// Of `choice`, best first, at most `count` in an order that is varied among themselves and against `chosen`, which they join.
pub(super) fn varied(
    choice: Vec<Recommendation>,
    count: usize,
    diversity: f32,
    chosen: &mut Vec<Shape>,
    assortment: &dyn Assortment,
) -> Vec<Recommendation> {
    let best = choice.iter().map(|candidate| candidate.score).fold(0.0, f32::max);
    let fit = |score: f32| if best > 0.0 { score.max(0.0) / best } else { 0.0 };
    let mut left: Vec<(Recommendation, Shape, f32)> = choice
        .into_iter()
        .map(|candidate| {
            let shape = Shape::of(candidate.product, assortment);
            let likeness = chosen.iter().map(|other| shape.likeness(other, assortment)).fold(0.0, f32::max);
            (candidate, shape, likeness)
        })
        .collect();
    let mut answer = Vec::with_capacity(count.min(left.len()));
    while answer.len() < count {
        let worth = |entry: &(Recommendation, Shape, f32)| (1.0 - diversity) * fit(entry.0.score) - diversity * entry.2;
        // The first of equals, which is the better ranked.
        let next = left.iter().enumerate().rev().max_by(|a, b| worth(a.1).total_cmp(&worth(b.1))).map(|(place, _)| place);
        let Some(next) = next else { break };
        let (candidate, shape, _) = left.remove(next);
        for (_, other, likeness) in &mut left {
            *likeness = likeness.max(other.likeness(&shape, assortment));
        }
        chosen.push(shape);
        answer.push(candidate);
    }
    answer
}
