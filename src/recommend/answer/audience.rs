//! From a product to shoppers: which of those that the caller names would want it most.
//!
//! Histories are kept under digests of names, so nobody can be read out of them; who is named can be looked up.

use super::asked::Asked;
use super::ties::Gate;
use crate::id::{Ordinal, ShopperId};
use crate::recommend::assortment::Assortment;
use crate::recommend::reason::Reason;
use crate::recommend::relationship::Relationship;
use crate::recommend::request::{Avoid, Kind, Request};
use crate::recommend::rings::Seen;
use crate::recommend::snapshot::RecommendSnapshot;
use crate::recommend::steps::Step;
use crate::signal::SignalTable;
use std::collections::BTreeMap;

/// Shoppers that one question may name.
pub const SHOPPERS_MAX: usize = 1_000;
/// Newest products of each history that are looked at.
const STEPS_MAX: usize = 20;
/// Products alike to the one asked about whose ties count for it, while it has few of its own.
const KIN_MAX: usize = 6;

/// A shopper who would want the product.
#[derive(Debug, Clone, PartialEq)]
pub struct Reached {
    /// Place among the shoppers asked about.
    pub place: usize,
    /// Comparable within one answer only.
    pub score: f32,
    /// What of their history speaks for it most.
    pub reason: Reason,
}

/// Who would want a product.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Audience {
    /// Most willing first.
    pub reached: Vec<Reached>,
    /// Shoppers asked about of whom nothing is known.
    pub unknown_count: usize,
    /// Shoppers left out because they bought it, or saw it.
    pub avoided_count: usize,
}

/// Ranks shoppers by `Σ k⁻¹ · s(h_k → product)` over their histories, `h_1` the newest, `s` the sum over all relations. While the product is
/// new, what it inherits counts; histories that hold nothing tied to it but something like it follow, by how like it is. Those with neither
/// are left out.
#[must_use]
pub fn audience(
    snapshot: &RecommendSnapshot,
    signals: &SignalTable,
    assortment: &dyn Assortment,
    product: Ordinal,
    (shoppers, avoid): (&[ShopperId], Avoid),
) -> Audience {
    let request = Request::of(Kind::ForYou, 0);
    let asked = Asked::of(snapshot, signals, &request, assortment);
    let mut pull = Pull::new(&asked, product);
    let mut answer = Audience::default();
    for (place, shopper) in shoppers.iter().enumerate() {
        let history = snapshot.seen(Some(shopper), None);
        if history.is_empty() {
            answer.unknown_count += 1;
        } else if is_avoided(snapshot, shopper, product, avoid) {
            answer.avoided_count += 1;
        } else {
            answer.reached.extend(pull.on(&history).map(|(score, reason)| Reached { place, score, reason }));
        }
    }
    answer.reached.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.place.cmp(&b.place)));
    answer
}

fn is_avoided(snapshot: &RecommendSnapshot, shopper: &ShopperId, product: Ordinal, avoid: Avoid) -> bool {
    let steps = || snapshot.steps(Some(shopper), None).into_iter().filter(move |step| step.product() == product);
    match avoid {
        Avoid::Nothing => false,
        Avoid::Bought => steps().any(Step::is_purchase),
        Avoid::Seen => steps().next().is_some(),
    }
}

/// How much each product of a history speaks for one product; found once for each.
struct Pull<'a> {
    asked: &'a Asked<'a>,
    /// The product with 1, and what it is like with what that is worth.
    targets: Vec<(Ordinal, f32)>,
    known: BTreeMap<Ordinal, Option<(f32, Reason)>>,
}

impl<'a> Pull<'a> {
    fn new(asked: &'a Asked<'a>, product: Ordinal) -> Self {
        let kin = asked.assortment.kin(product).into_iter().take(KIN_MAX);
        let heard = kin.map(|(like, similarity)| (like, similarity * asked.rho(Relationship::AlsoViewed, product)));
        Self { asked, targets: std::iter::once((product, 1.0)).chain(heard).collect(), known: BTreeMap::new() }
    }

    /// The pull on a history, in (1, 2) for one with ties and in (0, 1) for one that holds something alike; none without either.
    fn on(&mut self, history: &[Seen]) -> Option<(f32, Reason)> {
        let (mut sum, mut weightiest) = (0.0, None);
        for (seen, age) in history.iter().take(STEPS_MAX).zip(1_u8..) {
            let Some((score, reason)) = self.of(seen.product) else { continue };
            let part = score / f32::from(age);
            sum += part;
            if weightiest.is_none_or(|(most, _)| part > most) {
                weightiest = Some((part, reason));
            }
        }
        let tied = weightiest.map(|(_, reason)| (1.0 + sum / (1.0 + sum), reason));
        tied.or_else(|| self.alike_in(history))
    }

    /// How strongly one product is tied to the target: the sum over all relations of what is strongest in each, by itself or through what the
    /// target is like; and what speaks most.
    fn of(&mut self, from: Ordinal) -> Option<(f32, Reason)> {
        if let Some(known) = self.known.get(&from) {
            return *known;
        }
        let target = self.targets[0].0;
        let (mut sum, mut weightiest): (f32, Option<(f32, Reason)>) = (0.0, None);
        for tied in [Relationship::AlsoViewed, Relationship::ViewedThenBought, Relationship::AlsoBought, Relationship::BoughtTogether] {
            let mut best: Option<(f32, Reason)> = None;
            for bond in self.asked.bonds(tied, from, Gate::Voice) {
                let Some(&(like, worth)) = self.targets.iter().find(|(target, _)| *target == bond.product) else { continue };
                let reason = match like == target {
                    true => Reason::TiedTo { tied, product: from, evidence: bond.evidence },
                    false => Reason::Inherits { tied, product: from, like, for_asked: false, similarity: worth, evidence: bond.evidence },
                };
                if best.is_none_or(|(score, _)| bond.score * worth > score) {
                    best = Some((bond.score * worth, reason));
                }
            }
            sum += best.map_or(0.0, |(score, _)| score);
            weightiest = if best.map(|(score, _)| score) > weightiest.map(|(score, _)| score) { best } else { weightiest };
        }
        let pull = weightiest.map(|(_, reason)| (sum, reason));
        self.known.insert(from, pull);
        pull
    }

    fn alike_in(&self, history: &[Seen]) -> Option<(f32, Reason)> {
        let products = history.iter().take(STEPS_MAX).map(|seen| seen.product);
        let alike = products.filter_map(|product| self.targets[1..].iter().find(|(like, _)| *like == product));
        let nearest = alike.max_by(|a, b| a.1.total_cmp(&b.1)).copied();
        nearest.map(|(product, similarity)| (similarity.clamp(0.0, 1.0 - f32::EPSILON), Reason::SimilarTo { product, similarity }))
    }
}
