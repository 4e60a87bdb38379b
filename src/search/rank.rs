//! Puts the match set in order and takes one page of it.
//!
//! Every match gets one number, its relevance: first its class, then whether it can be bought now, then its score. So a product that is
//! sold out never stands above one of its class that is not, whatever their scores, unless the query named it. The score is what words and
//! meaning say, times the product's live prior, read at this moment for every match.

use super::dense::DenseSet;
use super::fields::Live;
use super::filter::{Filter, Scope};
use super::matching::{Class, Match, Matched};
use super::sort::{Key, Order};
use crate::id::Ordinal;
use crate::stdx::topk::TopK;
use roaring::RoaringBitmap;

/// What the full similarity in meaning adds to a text score, as a share of it.
const SIMILARITY_WEIGHT: f32 = 0.5;

/// A match with its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// The match.
    pub found: Match,
    /// Its place.
    pub key: Key,
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Best first.
    pub hits: Vec<Ranked>,
    /// Whether more follow.
    pub has_more: bool,
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
}

/// The first `limit` products after the key `after`.
#[must_use]
pub fn page(ranking: Ranking<'_>, after: Option<Key>, limit: usize) -> Page {
    let Ranking { matched, within, .. } = ranking;
    let mut collector = Collector { ranking, after, top: TopK::new(limit), following_count: 0 };
    match &matched.matches {
        None => within.iter().for_each(|ordinal| collector.offer(alike(Ordinal(ordinal)), ordinal)),
        Some(matches) if within.len() == matches.len() as u64 => {
            matches.iter().enumerate().for_each(|(index, found)| collector.offer(*found, index as u32));
        }
        Some(matches) => {
            let within = DenseSet::of(within, ranking.scope.columns.ordinals_end());
            let inside = matches.iter().enumerate().filter(|(_, found)| within.contains(found.ordinal));
            inside.for_each(|(index, found)| collector.offer(*found, index as u32));
        }
    }
    collector.into_page(limit)
}

/// A product of a request without words: all match alike.
fn alike(ordinal: Ordinal) -> Match {
    Match { ordinal, class: Class::NEAR, text: 1.0, similarity: 0.0 }
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
        let Ranking { scope, order, filter, .. } = self.ranking;
        let key = order.key(found.ordinal, relevance(&found, scope.live), scope, filter);
        if self.after.is_none_or(|after| key < after) {
            self.following_count += 1;
            self.top.push((key, index));
        }
    }

    fn into_page(self, limit: usize) -> Page {
        let found = |index: u32| match &self.ranking.matched.matches {
            Some(matches) => matches[index as usize],
            None => alike(Ordinal(index)),
        };
        let hits = self.top.into_descending().into_iter().map(|(key, index)| Ranked { found: found(index), key }).collect();
        Page { hits, has_more: limit > 0 && self.following_count > limit }
    }
}

/// Class, then availability, then score, as one number: larger stands higher.
#[inline]
fn relevance(found: &Match, live: &dyn Live) -> u64 {
    let is_available = found.class == Class::NAMED || live.is_available(found.ordinal);
    // The bits of numbers from 0 on order as they do.
    u64::from(found.class.rank()) << 33 | u64::from(is_available) << 32 | u64::from(score(found, live).to_bits())
}

/// What words and meaning say, times the prior; from 0.
#[must_use]
pub fn score(found: &Match, live: &dyn Live) -> f32 {
    let content = if found.text > 0.0 { found.text * (1.0 + SIMILARITY_WEIGHT * found.similarity) } else { found.similarity };
    // max() turns what is no number into 0 too.
    (content * live.prior(found.ordinal)).max(0.0)
}
