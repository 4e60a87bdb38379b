//! Complements and substitutes, derived when they are asked for from what shoppers viewed and bought, and from what products are.
//!
//! ```text
//! complement(a → b) = z_order(a, b) · [category differs] · (1 - cos(a, b)) · exp(-κ · z_viewed(a, b))
//! substitute(a, b)  = z_viewed + z_viewed_then_bought - μ · z_order,  if of the same category or alike, and not ordered together more than
//!                     chance would have it
//! ```
//!
//! Bought together but hardly ever compared: a complement (P-Companion: Hao et al., CIKM 2020, which takes co-purchases less co-views).
//! Compared and then one of them bought: a substitute (McAuley, Pandey and Leskovec, KDD 2015). Where orders say too little, categories do:
//! how much more often than by chance a category goes into one order with the product or with what is like it, smoothed by `τ` orders.

use super::asked::{Asked, combined, weighted};
use super::page::Page;
use super::ties::Gate;
use crate::id::Ordinal;
use crate::recommend::assortment::Facet;
use crate::recommend::reason::{Evidence, Reason, Recommendation};
use crate::recommend::relationship::Relationship;
use std::collections::BTreeMap;

/// How fast being compared takes from being a complement (`κ`): at seven standard deviations half of it is gone.
const COMPARED_PENALTY: f32 = 0.1;
/// What being ordered together takes from being a substitute (`μ`).
const TOGETHER_PENALTY: f32 = 1.0;
/// Cosine from which products count as of one sort whatever their categories are called.
const ONE_SORT_COSINE: f32 = 0.6;
/// Complements of one category that count in full; the next so many count half, and so on.
const OF_CATEGORY: i32 = 2;
/// Orders that a category is smoothed with (`τ`).
const SMOOTHING_ORDERS: f32 = 10.0;
/// Categories that a product's complements are looked for in.
const CATEGORIES_MAX: usize = 4;
/// Products alike to the root whose orders are looked at too.
const KIN_MAX: usize = 8;
/// Roots that categories are derived for.
const ROOTS_MAX: usize = 2;
/// Products of one category that are looked at.
const CATEGORY_PRODUCTS_MAX: usize = 20_000;

impl Asked<'_> {
    pub(super) fn complements(&self) -> Vec<Recommendation> {
        let found = self.roots.iter().flat_map(|root| weighted(self.complements_of(root.product), root.weight));
        self.spread_over_categories(combined(found.collect()))
    }

    fn complements_of(&self, root: Ordinal) -> Vec<Recommendation> {
        let viewed = self.bonds(Relationship::AlsoViewed, root, Gate::Any);
        let compared = |product: Ordinal| viewed.iter().find(|bond| bond.product == product).map_or(0.0, |bond| bond.evidence.z.max(0.0));
        let category = self.assortment.category(root);
        let together = self.bonds(Relationship::BoughtTogether, root, Gate::Shown).into_iter();
        let of_another_sort = together.filter(|bond| category.is_none() || self.assortment.category(bond.product) != category);
        let score = |product: Ordinal, z: f32| {
            let cosine = self.assortment.similarity(root, product).unwrap_or(0.0).clamp(0.0, 1.0);
            z * (1.0 - cosine) * (-COMPARED_PENALTY * compared(product)).exp()
        };
        of_another_sort
            .map(|bond| (bond, score(bond.product, bond.evidence.z)))
            .filter(|(_, score)| *score > 0.0)
            .map(|(bond, score)| Recommendation::new(bond.product, score, Reason::Complements { product: root, evidence: bond.evidence }))
            .collect()
    }

    /// Takes from the scores of the third and later products of a category.
    fn spread_over_categories(&self, mut found: Vec<Recommendation>) -> Vec<Recommendation> {
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.product.cmp(&b.product)));
        let mut counts: BTreeMap<Option<Facet>, i32> = BTreeMap::new();
        for candidate in &mut found {
            let count = counts.entry(self.assortment.category(candidate.product)).or_default();
            candidate.score *= 0.5_f32.powi(*count / OF_CATEGORY);
            *count += 1;
        }
        found
    }

    /// What sells best in the categories that go with the roots'.
    pub(super) fn of_categories_that_go_with(&self, page: &Page<'_>) -> Vec<Recommendation> {
        let of_root = |root: &super::asked::Root| {
            let product = root.product;
            let price = self.signals.row(product).price_minor;
            self.categories_with(product).into_iter().flat_map(move |(category, worth, lift)| {
                let each = |visit: &mut dyn FnMut(Ordinal)| self.assortment.each_in(category, CATEGORY_PRODUCTS_MAX, visit);
                let best = page.best(each, |one, floor| {
                    // The price only takes from it, and looking it up costs more than most are worth.
                    let prior = Some(self.signals.prior(one)).filter(|prior| *prior >= floor)?;
                    Some(prior * affordable(price, self.signals.row(one).price_minor))
                });
                let reason = Reason::CategoryGoesWith { product, lift };
                best.into_iter().map(move |(one, score)| Recommendation::new(one, score * worth, reason)).collect::<Vec<_>>()
            })
        };
        let found = self.roots.iter().take(ROOTS_MAX).flat_map(of_root).collect();
        self.spread_over_categories(combined(found))
    }

    /// Categories that go into one order with the product's or with what is like it: what each adds to the log-likelihood ratio, as a share
    /// of the largest, and its lift.
    fn categories_with(&self, root: Ordinal) -> Vec<(Facet, f32, f32)> {
        let own = self.assortment.category(root);
        let mut orders: BTreeMap<Facet, f32> = BTreeMap::new();
        let mut whole = 0.0;
        let kin = self.assortment.kin(root);
        for (like, similarity) in std::iter::once((root, 1.0)).chain(kin.into_iter().take(KIN_MAX)) {
            for bond in self.bonds(Relationship::BoughtTogether, like, Gate::Any) {
                let Some(category) = self.assortment.category(bond.product) else { continue };
                let weight = bond.evidence.support as f32 * similarity;
                *orders.entry(category).or_default() += weight;
                whole += weight;
            }
        }
        let mut found: Vec<(Facet, f32, f32)> = orders
            .into_iter()
            .filter(|(category, _)| Some(*category) != own)
            .map(|(category, weight)| {
                let by_chance = self.assortment.category_share(category).max(f32::EPSILON);
                let lift = (weight + SMOOTHING_ORDERS * by_chance) / (whole + SMOOTHING_ORDERS) / by_chance;
                (category, weight * lift.ln(), lift)
            })
            .filter(|(_, worth, _)| *worth > 0.0)
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(CATEGORIES_MAX);
        let most = found.first().map_or(1.0, |(_, worth, _)| *worth);
        found.iter_mut().for_each(|(_, worth, _)| *worth /= most);
        found
    }

    pub(super) fn substitutes(&self) -> Vec<Recommendation> {
        let found = self.roots.iter().flat_map(|root| weighted(self.substitutes_of(root.product), root.weight));
        combined(found.collect())
    }

    fn substitutes_of(&self, root: Ordinal) -> Vec<Recommendation> {
        let together = self.bonds(Relationship::BoughtTogether, root, Gate::Any);
        let mut found: BTreeMap<Ordinal, (f32, Relationship, Evidence)> = BTreeMap::new();
        for tied in [Relationship::AlsoViewed, Relationship::ViewedThenBought] {
            for bond in self.bonds(tied, root, Gate::Shown) {
                // What both are seen from is told in the words of the first.
                found.entry(bond.product).or_insert((0.0, tied, bond.evidence)).0 += bond.evidence.z;
            }
        }
        let exclusive = found.into_iter().filter_map(|(product, (z, tied, evidence))| {
            let ordered = together.iter().find(|bond| bond.product == product).map(|bond| bond.evidence).unwrap_or_default();
            let score = z - TOGETHER_PENALTY * ordered.z.max(0.0);
            (ordered.lift <= 1.0 && score > 0.0 && self.is_one_sort(root, product)).then(|| {
                let reason = Reason::Substitutes { tied, product: root, evidence };
                Recommendation::new(product, score, reason)
            })
        });
        exclusive.collect()
    }

    fn is_one_sort(&self, a: Ordinal, b: Ordinal) -> bool {
        let category = self.assortment.category(a);
        (category.is_some() && self.assortment.category(b) == category)
            || self.assortment.similarity(a, b).is_some_and(|cosine| cosine > ONE_SORT_COSINE)
    }

    /// What is alike in content and of the roots' sort.
    pub(super) fn same_sort(&self) -> Vec<Recommendation> {
        let mut found = self.alike();
        found.retain(|candidate| self.roots.iter().any(|root| self.is_one_sort(root.product, candidate.product)));
        found
    }
}

/// What a price takes from a complement of something that costs `price_minor`: nothing up to the same price, then `exp(-ln²(ratio) / (2 ln² 2))`.
fn affordable(price_minor: i64, other_minor: i64) -> f32 {
    if price_minor <= 0 || other_minor <= price_minor {
        return 1.0;
    }
    let doublings = (other_minor as f32 / price_minor as f32).log2();
    (-doublings * doublings / 2.0).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_costs_more_than_what_it_goes_with_counts_less() {
        assert_eq!([affordable(1_000, 10), affordable(1_000, 1_000), affordable(0, 5)], [1.0, 1.0, 1.0]);
        assert!((affordable(1_000, 2_000) - (-0.5_f32).exp()).abs() < 1e-6);
        assert!(affordable(1_000, 4_000) < affordable(1_000, 2_000));
    }
}
