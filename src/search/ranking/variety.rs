//! Variety: the first page is not one brand's or one category's when others fit nearly as well.
//!
//! ```text
//! score' = score · max(0.8, (1 − v · brand) · (1 − v/2 · category))     v: `variety`; brand, category: better ones that share it
//! ```
//!
//! Going down the best of the second phase, each product is discounted for those above it of its brand and of its narrowest category, so that what
//! fits a little less and is something else comes between. Where all are alike nothing changes its place, and no discount reaches across classes or
//! availability. A brand that the query names is what is wanted, so it counts for nothing.

use super::look::Kind;
use crate::search::columns::TermId;

/// Products that are looked at: a page and what may come into it.
pub(super) const LOOKED_AT_MAX: usize = 64;
/// What is left of a score at least.
const LEFT_MIN: f32 = 0.8;
/// What a better product of the same category counts, against one of the same brand.
const CATEGORY_PART: f32 = 0.5;

/// What is left of the scores of the first products, best first.
pub(super) fn left(best: impl Iterator<Item = Kind>, variety: f32, is_brand_named: bool) -> Vec<f32> {
    let mut brands: Vec<(TermId, u16)> = Vec::new();
    let mut categories: Vec<(TermId, u16)> = Vec::new();
    let left = |kind: Kind| {
        let brand = kind.brand.filter(|_| !is_brand_named).map_or(0, |brand| before(&mut brands, brand));
        let category = kind.category.map_or(0, |category| before(&mut categories, category));
        let of_brand = 1.0 - variety * f32::from(brand);
        let of_category = 1.0 - variety * CATEGORY_PART * f32::from(category);
        (of_brand.max(0.0) * of_category.max(0.0)).max(LEFT_MIN)
    };
    best.take(LOOKED_AT_MAX).map(left).collect()
}

/// How many were counted before, and counts one more.
fn before(counts: &mut Vec<(TermId, u16)>, term: TermId) -> u16 {
    match counts.iter_mut().find(|(known, _)| *known == term) {
        Some((_, count)) => {
            *count += 1;
            *count - 1
        }
        None => {
            counts.push((term, 1));
            0
        }
    }
}
