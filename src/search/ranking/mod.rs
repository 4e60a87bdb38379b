//! Puts the match set in order and takes one page of it.
//!
//! Every match gets one number, its relevance: first its class, then whether it can be bought now, then its score. So a product that is
//! sold out never stands above one of its class that is not, whatever their scores, unless the query named it. Only a merchant's pin stands
//! above all that.
//!
//! The *first phase* scores every match: what words and meaning say, times the product's live prior, read at this moment. The *second phase*
//! looks closer at the best [`WINDOW`] of them: features of `features`, weighted by `weights`, move their scores. It changes the order within
//! the window only, and every class and availability stays where it was, so the list behind the window goes on where the window ends.

pub mod closeness;
pub mod features;
mod score;
pub mod weights;

pub use score::Scorer;
pub use weights::{Weights, WeightsError};

use super::dense::DenseSet;
use super::filter::{Filter, Scope};
use super::matching::{Class, Match, Matched};
use super::merchandising::PINS_MAX;
use super::sort::{Key, Order};
use crate::id::Ordinal;
use crate::stdx::topk::TopK;
use roaring::RoaringBitmap;
use std::cmp::Reverse;

/// The best so many of the first phase go through the second: the pages that people look at, several times over.
pub const WINDOW: usize = 200;
/// Set in the relevance of products of the window.
const IN_WINDOW: u64 = 1 << 48;
/// Where a pinned product's place begins in its relevance: above everything else.
const PLACE_SHIFT: u32 = 49;

const _: () = assert!(PINS_MAX < WINDOW, "pinned products stand in the window");

/// A match with its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// The match.
    pub found: Match,
    /// Its place.
    pub key: Key,
    /// What it is ordered by within its class.
    pub score: f32,
}

impl Ranked {
    /// Whether the second phase looked at it.
    #[must_use]
    pub fn is_in_window(&self) -> bool {
        self.key.relevance & IN_WINDOW != 0
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Best first.
    pub hits: Vec<Ranked>,
    /// Whether more follow.
    pub has_more: bool,
    /// Products that would stand among the first `limit` by class and score, and stand lower because they cannot be bought now.
    pub demoted_count: usize,
}

/// What a page is cut from.
#[derive(Clone, Copy)]
pub struct Ranking<'a> {
    /// The match set before the filter.
    pub matched: &'a Matched,
    /// Those of it that pass the filter.
    pub within: &'a RoaringBitmap,
    /// The filter.
    pub filter: &'a Filter,
    /// The order asked for.
    pub order: &'a Order,
    /// Facts, live numbers and marketplace.
    pub scope: Scope<'a>,
    /// Scores of both phases.
    pub scorer: &'a Scorer<'a>,
}

/// The first `limit` products after the key `after`.
#[must_use]
pub fn page(ranking: Ranking<'_>, after: Option<Key>, limit: usize) -> Page {
    let is_looked_at_closer = ranking.order.is_relevance() && ranking.matched.matches.is_some();
    if !is_looked_at_closer {
        let (hits, following_count) = ranking.best(limit, after);
        return Page { hits, has_more: limit > 0 && following_count > limit, demoted_count: 0 };
    }
    let (first, _) = ranking.best(WINDOW, None);
    let floor = first.last().map(|last| last.key);
    let behind_count = ranking.within.len() as usize - first.len();
    let window = ranking.second_phase(first);
    let demoted_count = if after.is_none() { demoted_count(&window, limit) } else { 0 };
    let mut hits: Vec<Ranked> = window.into_iter().filter(|ranked| after.is_none_or(|after| ranked.key < after)).collect();
    let mut following_count = hits.len() + behind_count;
    hits.truncate(limit);
    if hits.len() < limit && behind_count > 0 {
        let after = after.filter(|after| after.relevance & IN_WINDOW == 0).into_iter().chain(floor).min();
        let (rest, rest_count) = ranking.best(limit - hits.len(), after);
        following_count = hits.len() + rest_count;
        hits.extend(rest);
    }
    Page { hits, has_more: limit > 0 && following_count > limit, demoted_count }
}

impl Ranking<'_> {
    /// The best `limit` matches of the first phase after a key, and how many follow it in all.
    fn best(&self, limit: usize, after: Option<Key>) -> (Vec<Ranked>, usize) {
        let mut collector = Collector { ranking: *self, after, top: TopK::new(limit), following_count: 0 };
        match &self.matched.matches {
            None => self.within.iter().for_each(|ordinal| collector.offer(Match::alike(Ordinal(ordinal), Class::NEAR), ordinal)),
            Some(matches) if self.within.len() == matches.len() as u64 => {
                matches.iter().enumerate().for_each(|(index, found)| collector.offer(*found, index as u32));
            }
            Some(matches) => {
                let within = DenseSet::of(self.within, self.scope.columns.ordinals_end());
                let inside = matches.iter().enumerate().filter(|(_, found)| within.contains(found.ordinal));
                inside.for_each(|(index, found)| collector.offer(*found, index as u32));
            }
        }
        collector.into_ranked()
    }

    /// The place that a rule gives, then class, then availability, then score, as one number: larger stands higher.
    #[inline]
    fn relevance(&self, found: &Match, score: f32) -> u64 {
        let is_available = found.class == Class::NAMED || self.scope.live.is_available(found.ordinal);
        let place = u64::from(self.scorer.adjustments.place(found.ordinal)) << PLACE_SHIFT;
        // The bits of numbers from 0 on order as they do.
        place | u64::from(found.class.rank()) << 33 | u64::from(is_available) << 32 | u64::from(score.to_bits())
    }

    /// Scores the window anew and puts it in order.
    fn second_phase(&self, mut window: Vec<Ranked>) -> Vec<Ranked> {
        for ranked in &mut window {
            ranked.score = self.scorer.second(&ranked.found);
            ranked.key.relevance = self.relevance(&ranked.found, ranked.score) | IN_WINDOW;
        }
        window.sort_unstable_by_key(|ranked| Reverse(ranked.key));
        window
    }
}

struct Collector<'a> {
    ranking: Ranking<'a>,
    after: Option<Key>,
    /// Keys and the places of their matches; keys differ, so places are never compared.
    top: TopK<(Key, u32)>,
    following_count: usize,
}

impl Collector<'_> {
    #[inline]
    fn offer(&mut self, found: Match, index: u32) {
        let Ranking { scope, order, filter, scorer, .. } = self.ranking;
        let key = order.key(found.ordinal, self.ranking.relevance(&found, scorer.first(&found)), scope, filter);
        if self.after.is_none_or(|after| key < after) {
            self.following_count += 1;
            self.top.push((key, index));
        }
    }

    fn into_ranked(self) -> (Vec<Ranked>, usize) {
        let ranked = |(key, index): (Key, u32)| {
            let found = match &self.ranking.matched.matches {
                Some(matches) => matches[index as usize],
                None => Match::alike(Ordinal(index), Class::NEAR),
            };
            Ranked { found, key, score: self.ranking.scorer.first(&found) }
        };
        (self.top.into_descending().into_iter().map(ranked).collect(), self.following_count)
    }
}

/// How many of the window would stand among the first `limit` if availability did not count.
fn demoted_count(window: &[Ranked], limit: usize) -> usize {
    let mut places: Vec<usize> = (0..window.len()).collect();
    places.sort_by(|&a, &b| {
        let by_merit = |place: usize| (window[place].key.relevance >> PLACE_SHIFT, window[place].found.class, window[place].score);
        by_merit(b).partial_cmp(&by_merit(a)).unwrap_or(std::cmp::Ordering::Equal)
    });
    places.iter().take(limit).filter(|&&place| place >= limit).count()
}
