//! From a request to a page of products: the kind's own table first, then ever more general ones, until the page is full.

use super::relationship::{Gate, Relationship, Tie};
use super::request::{Kind, LIMIT_MAX, Reason, Recommendation, Request};
use super::rings::Seen;
use super::snapshot::RecommendSnapshot;
use super::tops::{LIST_LEN, TREND_MIN};
use crate::id::Ordinal;
use crate::signal::SignalTable;
use crate::stdx::topk::{Score, TopK};
use std::cmp::Reverse;
use std::collections::HashSet;

/// Products of a request, or of a history standing in for them, whose tables are looked at.
const ROOTS_MAX: usize = 16;
/// Products of a history that an answer for one shopper is made from.
const HISTORY_MAX: usize = 16;
/// Roots whose content neighbours are asked for: each costs a walk through the vectors.
const ALIKE_ROOTS_MAX: usize = 4;

/// Where candidates come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// In the same orders as the roots.
    Together,
    /// By the same shoppers as the roots.
    Viewed,
    /// Alike in content to the roots.
    Alike,
    /// What goes with the shopper's history.
    History,
    /// Selling or seen more than usual.
    Trending,
    /// Highest prior.
    Popular,
}

fn stages(kind: Kind) -> &'static [Stage] {
    match kind {
        Kind::BoughtTogether => &[Stage::Together, Stage::Viewed, Stage::Alike, Stage::Trending, Stage::Popular],
        Kind::AlsoViewed => &[Stage::Viewed, Stage::Alike, Stage::Trending, Stage::Popular],
        Kind::Similar => &[Stage::Alike, Stage::Viewed, Stage::Trending, Stage::Popular],
        Kind::Trending => &[Stage::Trending, Stage::Popular],
        Kind::ForYou => &[Stage::History, Stage::Alike, Stage::Trending, Stage::Popular],
    }
}

/// Answers a request.
///
/// `eligible` says whether a product may be shown at all (it exists, passes the filter, is available); nothing else is ever answered, and
/// neither is a product that the request is about. If `n` other products are eligible, `min(n, limit)` are answered. `alike` gives a
/// product's neighbours by content, with their similarity.
pub fn recommend(
    snapshot: &RecommendSnapshot,
    signals: &SignalTable,
    request: &Request,
    eligible: &dyn Fn(Ordinal) -> bool,
    alike: &dyn Fn(Ordinal, usize) -> Vec<(Ordinal, f32)>,
) -> Vec<Recommendation> {
    let history = snapshot.seen(request.shopper.as_ref(), request.session.as_ref());
    let roots = roots(request, &history);
    let sources = Sources { snapshot, signals, history: &history, roots: &roots, alike };
    let mut page = Page::new(request, &history, eligible);
    for (place, &stage) in stages(request.kind).iter().enumerate() {
        let tier = stages(request.kind).len() - place;
        if !page.is_full() {
            page.fill(sources.candidates(stage, page.room()), tier);
        }
        if !page.is_full() {
            page.fill(sources.scan(stage, request.kind, &page), tier);
        }
    }
    page.finish(signals)
}

/// What the request is about: its products, else what its shopper turned to last.
fn roots(request: &Request, history: &[Seen]) -> Vec<Ordinal> {
    let mut roots = Vec::new();
    let named = request.products.iter().copied();
    let turned_to = history.iter().map(|seen| seen.product).filter(|_| request.products.is_empty());
    for root in named.chain(turned_to) {
        if roots.len() < ROOTS_MAX && !roots.contains(&root) {
            roots.push(root);
        }
    }
    roots
}

/// The answer as it grows.
struct Page<'a> {
    limit: usize,
    eligible: &'a dyn Fn(Ordinal) -> bool,
    /// Products of the request, of the page, and those that the shopper knows.
    taken: HashSet<Ordinal>,
    /// Products that the shopper knows already: answered only when there is nothing else.
    known: Vec<Ordinal>,
    answer: Vec<Recommendation>,
}

impl<'a> Page<'a> {
    fn new(request: &Request, history: &[Seen], eligible: &'a dyn Fn(Ordinal) -> bool) -> Self {
        let mut taken: HashSet<Ordinal> = request.products.iter().copied().collect();
        let known = history.iter().map(|seen| seen.product).filter(|_| request.kind == Kind::ForYou);
        let known = known.filter(|product| taken.insert(*product)).collect();
        Self { limit: request.limit.min(LIMIT_MAX), eligible, taken, known, answer: Vec::new() }
    }

    fn room(&self) -> usize {
        self.limit - self.answer.len()
    }

    fn is_full(&self) -> bool {
        self.room() == 0
    }

    fn may_take(&self, product: Ordinal) -> bool {
        !self.taken.contains(&product) && (self.eligible)(product)
    }

    /// Takes the best candidates that there is room for. Scores of a later tier stand below those of every earlier one.
    fn fill(&mut self, mut candidates: Vec<Recommendation>, tier: usize) {
        candidates.sort_by(|a, b| Score(b.score).cmp(&Score(a.score)).then(a.product.cmp(&b.product)));
        for candidate in candidates {
            if self.is_full() {
                break;
            }
            if self.may_take(candidate.product) {
                self.taken.insert(candidate.product);
                let share = candidate.score.max(0.0) / (1.0 + candidate.score.max(0.0));
                self.answer.push(Recommendation { score: tier as f32 + share.min(1.0 - f32::EPSILON), ..candidate });
            }
        }
    }

    /// Fills what room is left with what the shopper knows already.
    fn finish(mut self, signals: &SignalTable) -> Vec<Recommendation> {
        let known = std::mem::take(&mut self.known);
        self.taken.retain(|product| !known.contains(product));
        let again = known.into_iter().map(|product| Recommendation { product, score: signals.prior(product), reason: Reason::Popular });
        self.fill(again.collect(), 0);
        self.answer
    }
}

/// Where candidates are taken from.
struct Sources<'a> {
    snapshot: &'a RecommendSnapshot,
    signals: &'a SignalTable,
    history: &'a [Seen],
    roots: &'a [Ordinal],
    alike: &'a dyn Fn(Ordinal, usize) -> Vec<(Ordinal, f32)>,
}

impl Sources<'_> {
    fn candidates(&self, stage: Stage, room: usize) -> Vec<Recommendation> {
        match stage {
            Stage::Together => {
                combined(self.roots.iter().flat_map(|&root| self.together(root, self.gate(Relationship::BoughtTogether))).collect())
            }
            Stage::Viewed => combined(self.roots.iter().flat_map(|&root| self.viewed(root, self.gate(Relationship::AlsoViewed))).collect()),
            Stage::Alike => combined(self.roots.iter().take(ALIKE_ROOTS_MAX).flat_map(|&root| self.alike(root, room)).collect()),
            Stage::History => self.for_history(),
            Stage::Trending => self.snapshot.tops.trending.iter().filter_map(|&product| self.trending(product)).collect(),
            Stage::Popular => self.snapshot.tops.popular.iter().map(|&product| self.popular(product)).collect(),
        }
    }

    /// The whole catalogue, for the stages that end a page: the lists are short, and a filter may have refused all that is on them.
    fn scan(&self, stage: Stage, kind: Kind, page: &Page<'_>) -> Vec<Recommendation> {
        let all = (0..self.snapshot.products_end).map(Ordinal);
        match stage {
            Stage::Popular => best(all.map(|product| self.popular(product)), page),
            // A list that is not full holds all that trend.
            Stage::Trending if kind == Kind::Trending && self.snapshot.tops.trending.len() >= LIST_LEN => {
                best(all.filter_map(|product| self.trending(product)), page)
            }
            Stage::Trending | Stage::Together | Stage::Viewed | Stage::Alike | Stage::History => Vec::new(),
        }
    }

    fn gate(&self, relationship: Relationship) -> Gate {
        self.snapshot.gate(relationship)
    }

    fn together(&self, root: Ordinal, gate: Gate) -> impl Iterator<Item = Recommendation> + use<> {
        let because = move |tie: &Tie| Reason::BoughtTogetherWith { product: root, orders_count: u64::from(tie.support) };
        as_recommendations(self.snapshot.ties(Relationship::BoughtTogether, root, gate), because)
    }

    fn viewed(&self, root: Ordinal, gate: Gate) -> impl Iterator<Item = Recommendation> + use<> {
        let because = move |tie: &Tie| Reason::ViewedWith { product: root, shoppers_count: u64::from(tie.support) };
        as_recommendations(self.snapshot.ties(Relationship::AlsoViewed, root, gate), because)
    }

    fn alike(&self, root: Ordinal, room: usize) -> impl Iterator<Item = Recommendation> + use<> {
        // Twice the room, since some are taken already or not eligible.
        let near = (self.alike)(root, room * 2 + ROOTS_MAX);
        let close = near.into_iter().filter(move |(product, similarity)| *similarity > 0.0 && *product != root);
        close.map(move |(product, score)| Recommendation { product, score, reason: Reason::SimilarTo { product: root } })
    }

    /// `Σ_k k⁻¹ · s(h_k → b)` over the history, `h_1` the newest, in both relations. A single shopper's tie counts here: it is one voice of
    /// many, where in a product's own list it would be the whole list.
    fn for_history(&self) -> Vec<Recommendation> {
        let mut found = Vec::new();
        for (index, seen) in self.history.iter().take(HISTORY_MAX).enumerate() {
            let weight = 1.0 / (index + 1) as f32;
            let orders = self.together(seen.product, Gate { support_min: 1, ..self.gate(Relationship::BoughtTogether) });
            let views = self.viewed(seen.product, Gate::OPEN);
            found.extend(orders.chain(views).map(|candidate| Recommendation { score: candidate.score * weight, ..candidate }));
        }
        combined(found)
    }

    fn trending(&self, product: Ordinal) -> Option<Recommendation> {
        let score = self.signals.trend(product);
        (score >= TREND_MIN).then_some(Recommendation { product, score, reason: Reason::Trending })
    }

    fn popular(&self, product: Ordinal) -> Recommendation {
        Recommendation { product, score: self.signals.prior(product), reason: Reason::Popular }
    }
}

fn as_recommendations(ties: Vec<Tie>, because: impl Fn(&Tie) -> Reason) -> impl Iterator<Item = Recommendation> {
    ties.into_iter().map(move |tie| Recommendation { product: tie.product, score: tie.score, reason: because(&tie) })
}

/// Each product once, with the sum of its scores and the reason that weighed most.
fn combined(mut found: Vec<Recommendation>) -> Vec<Recommendation> {
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

/// The best of many that the page may take, as many as it has room for.
fn best(candidates: impl Iterator<Item = Recommendation>, page: &Page<'_>) -> Vec<Recommendation> {
    let mut top = TopK::new(page.room());
    let mut reason = Reason::Popular;
    for candidate in candidates {
        let place = (Score(candidate.score), Reverse(candidate.product));
        // Most fall at the score already; asking whether one may be taken costs far more.
        if top.floor().is_none_or(|floor| place > *floor) && page.may_take(candidate.product) {
            top.push(place);
            reason = candidate.reason;
        }
    }
    let recommendation = |(score, Reverse(product)): (Score, _)| Recommendation { product, score: score.0, reason: reason.clone() };
    top.into_descending().into_iter().map(recommendation).collect()
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
