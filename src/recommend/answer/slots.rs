//! Places on a page: those that the caller pins, those left to exploration, and those that the ranking fills.
//!
//! An explored place is drawn from the products that the ranking would show next, without putting back: with weights `w` each product is
//! drawn with the exact probability `w / Σw` over what is left (Plackett, *The analysis of permutations*, 1975), which is answered as its
//! propensity. The weight grows as less is known: 1 less the product's popularity, which is a half for the shop's mean product.

use super::asked::Asked;
use crate::id::Ordinal;
use crate::recommend::reason::{Reason, Recommendation};
use crate::recommend::request::{LIMIT_MAX, Pin};
use crate::signal::SignalTable;
use std::collections::VecDeque;

/// Products beyond the page from which explored places are drawn.
const EXPLORED_FROM: usize = 32;
/// The least weight of a product in a draw: everything can be drawn, so that every propensity can be divided by.
const WEIGHT_MIN: f32 = 0.05;

/// The places of a page that the ranking does not fill.
pub(super) struct Slots {
    limit: usize,
    /// By place, those that hold.
    pins: Vec<Pin>,
    /// Ascending.
    explored: Vec<usize>,
}

impl Slots {
    pub(super) fn of(asked: &Asked<'_>) -> Self {
        let request = asked.request;
        let limit = request.limit.min(LIMIT_MAX);
        let mut pins: Vec<Pin> = Vec::new();
        for &pin in &request.pins {
            let is_new = !pins.iter().any(|other| other.product == pin.product || other.slot == pin.slot);
            let is_shut_out = asked.is_about(pin.product) || request.excluded.contains(&pin.product);
            if is_new && !is_shut_out && (1..=limit).contains(&pin.slot) && holds(&pin, asked) {
                pins.push(pin);
            }
        }
        pins.sort_by_key(|pin| pin.slot);
        let is_free = |slot: &usize| (1..=limit).contains(slot) && !pins.iter().any(|pin| pin.slot == *slot);
        let mut explored: Vec<usize> = request.explored.iter().copied().filter(is_free).collect();
        explored.sort_unstable();
        explored.dedup();
        explored.truncate(limit - pins.len());
        Self { limit, pins, explored }
    }

    pub(super) fn pinned(&self) -> impl Iterator<Item = Ordinal> + '_ {
        self.pins.iter().map(|pin| pin.product)
    }

    /// Places that the ranking fills.
    fn free_count(&self) -> usize {
        self.limit - self.pins.len() - self.explored.len()
    }

    /// Products that the ranking has to give: for its own places, and for exploration to draw from.
    pub(super) fn ranked_count(&self) -> usize {
        self.free_count() + if self.explored.is_empty() { 0 } else { self.explored.len().max(EXPLORED_FROM) }
    }

    /// Puts everything on its place.
    pub(super) fn lay_out(&self, mut ranked: Vec<Recommendation>, signals: &SignalTable, seed: u64) -> Vec<Recommendation> {
        let pool = ranked.split_off(self.free_count().min(ranked.len()));
        let mut drawn = drawn(pool, self.explored.len(), signals, seed);
        let mut ranked = VecDeque::from(ranked);
        let mut pins = VecDeque::from(self.pins.clone());
        let mut page = Vec::with_capacity(self.limit);
        for slot in 1..=ranked.len() + drawn.len() + pins.len() {
            let is_pinned = pins.front().is_some_and(|pin| pin.slot <= slot);
            let is_explored = self.explored.binary_search(&slot).is_ok();
            let next = if is_pinned {
                None
            } else if is_explored {
                drawn.pop_front().or_else(|| ranked.pop_front())
            } else {
                ranked.pop_front().or_else(|| drawn.pop_front())
            };
            page.extend(next.or_else(|| pins.pop_front().map(|pin| Recommendation::new(pin.product, 0.0, Reason::Pinned))));
        }
        page
    }
}

fn holds(pin: &Pin, asked: &Asked<'_>) -> bool {
    if pin.always { asked.assortment.exists(pin.product) } else { asked.assortment.is_eligible(pin.product) }
}

fn drawn(pool: Vec<Recommendation>, count: usize, signals: &SignalTable, seed: u64) -> VecDeque<Recommendation> {
    let weight = |candidate: &Recommendation| (1.0 - signals.row(candidate.product).popularity).clamp(WEIGHT_MIN, 1.0);
    let mut left: Vec<(Recommendation, f32)> = pool.into_iter().map(|candidate| (candidate, weight(&candidate))).collect();
    let mut random = fastrand::Rng::with_seed(seed);
    let mut drawn = VecDeque::with_capacity(count);
    while drawn.len() < count && !left.is_empty() {
        let whole: f32 = left.iter().map(|(_, weight)| weight).sum();
        let mut point = random.f32() * whole;
        let passes = |(_, weight): &(Recommendation, f32)| {
            point -= weight;
            point < 0.0
        };
        // Rounding may carry the point beyond the last one.
        let place = left.iter().position(passes).unwrap_or(left.len() - 1);
        let (candidate, weight) = left.remove(place);
        drawn.push_back(Recommendation { reason: Reason::Explore, propensity: Some(weight / whole), ..candidate });
    }
    drawn
}
