//! The ranked part of an answer as it grows: nothing twice, nothing that may not be shown.

use super::asked::Asked;
use super::diversity::{Shape, varied};
use super::slots::Slots;
use crate::id::Ordinal;
use crate::recommend::reason::{Reason, Recommendation};
use crate::recommend::request::{Avoid, Kind};
use crate::stdx::topk::{Score, TopK};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

/// Eligible candidates of one stage among which variety chooses, for each place: more of them are further from the request than variety
/// should reach.
const CHOICE_FOR_EACH_PLACE: usize = 4;

/// The ranked products of an answer.
pub(super) struct Page<'a> {
    asked: &'a Asked<'a>,
    wanted: usize,
    /// Products of the request and of the page, those shut out, and those that the shopper knows.
    taken: HashSet<Ordinal>,
    /// Products that the shopper knows already: answered only when there is nothing else.
    known: Vec<Ordinal>,
    ranked: Vec<Recommendation>,
    /// What was chosen so far, when variety counts.
    shapes: Vec<Shape>,
}

impl<'a> Page<'a> {
    pub(super) fn new(asked: &'a Asked<'a>, slots: &Slots) -> Self {
        let request = asked.request;
        let mut taken: HashSet<Ordinal> = request.products.iter().chain(&request.excluded).copied().collect();
        taken.extend(slots.pinned());
        match request.avoid {
            Avoid::Nothing => {}
            Avoid::Bought => taken.extend(&asked.bought),
            Avoid::Seen => {
                taken.extend(&asked.bought);
                taken.extend(asked.history.iter().map(|seen| seen.product));
            }
        }
        let knows = matches!(request.kind, Kind::ForYou | Kind::LikeShoppers);
        let known = asked.history.iter().map(|seen| seen.product).filter(|_| knows);
        let known = known.filter(|product| taken.insert(*product)).collect();
        let shapes =
            if request.diversity > 0.0 { slots.pinned().map(|pinned| Shape::of(pinned, asked.assortment)).collect() } else { Vec::new() };
        Self { asked, wanted: slots.ranked_count(), taken, known, ranked: Vec::new(), shapes }
    }

    pub(super) fn room(&self) -> usize {
        self.wanted - self.ranked.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.room() == 0
    }

    pub(super) fn may_take(&self, product: Ordinal) -> bool {
        !self.taken.contains(&product) && self.asked.assortment.is_eligible(product)
    }

    /// Candidates of one stage that are chosen from.
    pub(super) fn choice_max(&self) -> usize {
        if self.asked.request.diversity > 0.0 { self.room() * CHOICE_FOR_EACH_PLACE } else { self.room() }
    }

    /// Takes the best candidates that there is room for, with variety if the request wants it. Scores of a later tier stand below those of
    /// every earlier one.
    pub(super) fn fill(&mut self, candidates: Vec<Recommendation>, tier: usize) {
        let choice_max = self.choice_max();
        let place = |(index, candidate): (usize, &Recommendation)| (Score(candidate.score), Reverse(candidate.product), Reverse(index));
        // Few of them are taken, so they are not all sorted.
        let mut best_first: BinaryHeap<_> = candidates.iter().enumerate().map(place).collect();
        let mut choice: Vec<Recommendation> = Vec::new();
        while choice.len() < choice_max
            && let Some((_, Reverse(product), Reverse(index))) = best_first.pop()
        {
            if self.may_take(product) && !choice.iter().any(|other| other.product == product) {
                choice.push(candidates[index]);
            }
        }
        let room = self.room();
        let chosen = match self.asked.request.diversity {
            diversity if diversity > 0.0 => varied(choice, room, diversity, &mut self.shapes, self.asked.assortment),
            _ => choice,
        };
        for candidate in chosen {
            self.taken.insert(candidate.product);
            let share = candidate.score.max(0.0) / (1.0 + candidate.score.max(0.0));
            // A score beyond all bounds is as good as any other.
            let share = if share.is_nan() { 1.0 } else { share };
            self.ranked.push(Recommendation { score: tier as f32 + share.min(1.0 - f32::EPSILON), ..candidate });
        }
    }

    /// The best of many that the page may take, as many as it has room for. `score` is given what the next one has to reach.
    pub(super) fn best(
        &self,
        candidates: impl FnOnce(&mut dyn FnMut(Ordinal)),
        score: impl Fn(Ordinal, f32) -> Option<f32>,
    ) -> Vec<(Ordinal, f32)> {
        let mut top: TopK<(Score, Reverse<Ordinal>)> = TopK::new(self.room());
        candidates(&mut |product| {
            let floor = top.floor().map_or(f32::NEG_INFINITY, |(Score(floor), _)| *floor);
            let Some(score) = score(product, floor) else { return };
            let place = (Score(score), Reverse(product));
            // Most fall at the score already; asking whether one may be taken costs far more.
            if top.floor().is_none_or(|floor| place > *floor) && self.may_take(product) {
                top.push(place);
            }
        });
        top.into_descending().into_iter().map(|(score, Reverse(product))| (product, score.0)).collect()
    }

    /// The ranked products; what room is left is filled with what the shopper knows already.
    pub(super) fn finish(mut self) -> Vec<Recommendation> {
        let known = std::mem::take(&mut self.known);
        if self.asked.request.fill {
            self.taken.retain(|product| !known.contains(product));
            let signals = self.asked.signals;
            let again = known.into_iter().map(|product| Recommendation::new(product, signals.prior(product), Reason::Popular));
            self.fill(again.collect(), 0);
        }
        self.ranked
    }
}
