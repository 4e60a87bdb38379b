//! Candidates that say little about the request: alike in content, trending, popular, and at last everything.

use super::asked::{Asked, Root, combined, weighted};
use super::page::Page;
use crate::id::Ordinal;
use crate::recommend::reason::{Reason, Recommendation};
use crate::recommend::tops::{LIST_LEN, TREND_MIN};

/// Roots whose content neighbours are asked for.
const ALIKE_ROOTS_MAX: usize = 8;
/// Roots whose neighbours are looked for inside the filter: each costs a scan of what passes, or a long walk.
const PASSING_ROOTS_MAX: usize = 2;
/// Neighbours that are tried on the filter before it is asked for all that pass.
const WIDE: usize = 256;
/// A category with more products says little, and going through it would cost what going through the shop does.
const NEAR_PRODUCTS_MAX: usize = 20_000;

impl Asked<'_> {
    pub(super) fn alike(&self) -> Vec<Recommendation> {
        let near = self.roots.iter().take(ALIKE_ROOTS_MAX);
        combined(near.flat_map(|root| weighted(similar_to(root.product, self.assortment.kin(root.product)), root.weight)).collect())
    }

    /// A wide look around first: only a filter that hardly anything near passes is worth the set of all that pass it.
    pub(super) fn alike_passing(&self, room: usize) -> Vec<Recommendation> {
        let near = |root: &Root| {
            let wide = self.assortment.alike(root.product, WIDE, false);
            let passing = wide.iter().filter(|(product, _)| self.assortment.is_eligible(*product)).take(room + self.roots.len()).count();
            // The roots themselves may be among the neighbours, and what is sold out too.
            let is_enough = passing >= room + self.roots.len();
            let found = if is_enough { wide } else { self.assortment.alike(root.product, room * 2 + self.roots.len(), true) };
            weighted(similar_to(root.product, found), root.weight)
        };
        combined(self.roots.iter().take(PASSING_ROOTS_MAX).flat_map(near).collect())
    }

    fn trending_one(&self, product: Ordinal) -> Option<Recommendation> {
        let deviations = self.signals.trend(product);
        let score = deviations * (1.0 + self.nearness(product));
        (deviations >= TREND_MIN).then(|| Recommendation::new(product, score, Reason::Trending { deviations }))
    }

    /// The list of what trends; in categories of the roots it counts up to twice.
    pub(super) fn trending(&self) -> Vec<Recommendation> {
        self.snapshot.tops.trending.iter().filter_map(|&product| self.trending_one(product)).collect()
    }

    pub(super) fn trending_anywhere(&self, page: &Page<'_>) -> Vec<Recommendation> {
        // A list that is not full holds all that trend.
        if self.snapshot.tops.trending.len() < LIST_LEN {
            return Vec::new();
        }
        let trend = |product, _: f32| Some(self.signals.trend(product)).filter(|trend| *trend >= TREND_MIN);
        let found = page.best(|visit| self.assortment.each_passing(visit), trend);
        found.into_iter().map(|(product, deviations)| Recommendation::new(product, deviations, Reason::Trending { deviations })).collect()
    }

    /// What sells best in each category of the roots, a category's lead worth its share of the roots.
    pub(super) fn popular_near(&self, page: &Page<'_>) -> Vec<Recommendation> {
        let of_category = |&(category, product, share): &(u32, Ordinal, f32)| {
            let each = |visit: &mut dyn FnMut(Ordinal)| self.assortment.each_in(category, NEAR_PRODUCTS_MAX, visit);
            let best = page.best(each, |product, _| Some(self.signals.prior(product)));
            best.into_iter().map(move |(found, prior)| Recommendation::new(found, prior * share, Reason::PopularNear { product }))
        };
        self.near.iter().flat_map(of_category).collect()
    }

    fn popular_one(&self, product: Ordinal) -> Recommendation {
        Recommendation::new(product, self.signals.prior(product), Reason::Popular)
    }

    pub(super) fn popular(&self) -> Vec<Recommendation> {
        self.snapshot.tops.popular.iter().map(|&product| self.popular_one(product)).collect()
    }

    /// The whole shop: the lists are short, and a filter may have refused all that is on them.
    pub(super) fn everything(&self, page: &Page<'_>) -> Vec<Recommendation> {
        let found = page.best(|visit| self.assortment.each_passing(visit), |product, _| Some(self.signals.prior(product)));
        found.into_iter().map(|(product, _)| self.popular_one(product)).collect()
    }
}

/// Neighbours by content with their reason.
fn similar_to(root: Ordinal, near: Vec<(Ordinal, f32)>) -> Vec<Recommendation> {
    let close = near.into_iter().filter(move |(product, similarity)| *similarity > 0.0 && *product != root);
    close.map(|(product, similarity)| Recommendation::new(product, similarity, Reason::SimilarTo { product: root, similarity })).collect()
}
