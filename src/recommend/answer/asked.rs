//! What a request comes to: the history behind it, the products it is answered from, and the categories near them.

use crate::id::Ordinal;
use crate::recommend::assortment::{Assortment, Facet};
use crate::recommend::reason::Recommendation;
use crate::recommend::request::Request;
use crate::recommend::rings::Seen;
use crate::recommend::snapshot::RecommendSnapshot;
use crate::recommend::steps::Step;
use crate::signal::SignalTable;
use std::collections::HashSet;

/// Products of a request, or of a history standing in for them, whose tables are looked at.
pub(super) const ROOTS_MAX: usize = 20;
/// Categories that count as near.
const NEAR_MAX: usize = 8;

/// A product that an answer is made from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Root {
    pub(super) product: Ordinal,
    /// 1 for one that the request names; `1 / k` for the `k`-th newest of a history.
    pub(super) weight: f32,
}

/// A request with everything that its stages look at.
pub(super) struct Asked<'a> {
    pub(super) snapshot: &'a RecommendSnapshot,
    pub(super) signals: &'a SignalTable,
    pub(super) request: &'a Request,
    pub(super) assortment: &'a dyn Assortment,
    /// What the shopper and the visit turned to, newest first.
    pub(super) history: Vec<Seen>,
    /// What was bought, newest first, each once.
    pub(super) bought: Vec<Ordinal>,
    /// The request's products, else the newest of the history.
    pub(super) roots: Vec<Root>,
    /// Categories of the roots, each with the root that has most of it and its share of all weight.
    pub(super) near: Vec<(Facet, Ordinal, f32)>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(
        snapshot: &'a RecommendSnapshot,
        signals: &'a SignalTable,
        request: &'a Request,
        assortment: &'a dyn Assortment,
    ) -> Self {
        let history = snapshot.seen(request.shopper.as_ref(), request.session.as_ref());
        let bought =
            if history.is_empty() { Vec::new() } else { bought(snapshot.steps(request.shopper.as_ref(), request.session.as_ref())) };
        let roots = roots(request, &history);
        let near = near(&roots, assortment);
        Self { snapshot, signals, request, assortment, history, bought, roots, near }
    }

    /// The newest products of the history with `1 / k`, whatever the request names.
    pub(super) fn steps(&self) -> impl Iterator<Item = Root> {
        self.history.iter().take(ROOTS_MAX).zip(1_u8..).map(|(seen, age)| Root { product: seen.product, weight: f32::from(age).recip() })
    }

    /// How much of the roots' weight stands in the product's category; 0 to 1.
    pub(super) fn nearness(&self, product: Ordinal) -> f32 {
        if self.near.is_empty() {
            return 0.0;
        }
        let category = self.assortment.category(product);
        self.near.iter().find(|(near, ..)| Some(*near) == category).map_or(0.0, |(.., share)| *share)
    }

    pub(super) fn is_about(&self, product: Ordinal) -> bool {
        self.request.products.contains(&product)
    }
}

/// What the request is about: its products, else what its shopper turned to last.
fn roots(request: &Request, history: &[Seen]) -> Vec<Root> {
    let mut roots: Vec<Root> = Vec::new();
    let named = request.products.iter().map(|&product| Root { product, weight: 1.0 });
    let turned_to = history.iter().zip(1_u8..).map(|(seen, age)| Root { product: seen.product, weight: f32::from(age).recip() });
    for root in named.chain(turned_to.filter(|_| request.products.is_empty())) {
        if roots.len() < ROOTS_MAX && !roots.iter().any(|known| known.product == root.product) {
            roots.push(root);
        }
    }
    roots
}

/// Products of the purchases, newest first, each once.
fn bought(mut steps: Vec<Step>) -> Vec<Ordinal> {
    steps.retain(|step| step.is_purchase());
    // Stable, so that what came within one second keeps its order.
    steps.sort_by_key(|step| step.at());
    let mut seen = HashSet::new();
    steps.iter().rev().map(|step| step.product()).filter(|product| seen.insert(*product)).collect()
}

fn near(roots: &[Root], assortment: &dyn Assortment) -> Vec<(Facet, Ordinal, f32)> {
    let mut near: Vec<(Facet, Ordinal, f32)> = Vec::new();
    let mut whole = 0.0;
    for root in roots {
        whole += root.weight;
        let Some(category) = assortment.category(root.product) else { continue };
        match near.iter_mut().find(|(known, ..)| *known == category) {
            Some((.., weight)) => *weight += root.weight,
            None => near.push((category, root.product, root.weight)),
        }
    }
    near.sort_by(|a, b| b.2.total_cmp(&a.2));
    near.truncate(NEAR_MAX);
    near.iter_mut().for_each(|(.., weight)| *weight /= whole);
    near
}

/// Each product once, with the sum of its scores and the reason that weighed most.
pub(super) fn combined(mut found: Vec<Recommendation>) -> Vec<Recommendation> {
    // Stable, so that sums are taken in the order of the roots.
    found.sort_by_key(|candidate| candidate.product);
    let mut combined: Vec<Recommendation> = Vec::new();
    let mut weightiest = 0.0;
    for next in found {
        match combined.last_mut().filter(|last| last.product == next.product) {
            None => {
                weightiest = next.score;
                combined.push(next);
            }
            Some(last) => {
                last.score += next.score;
                if next.score > weightiest {
                    weightiest = next.score;
                    last.reason = next.reason;
                }
            }
        }
    }
    combined
}

/// The same list with every score times `weight`.
pub(super) fn weighted(mut found: Vec<Recommendation>, weight: f32) -> Vec<Recommendation> {
    found.iter_mut().for_each(|candidate| candidate.score *= weight);
    found
}
