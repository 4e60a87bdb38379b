//! Puts the match set in order and takes one page of it.
//!
//! Every match gets one number, its relevance: first its class, then whether it can be bought now, then its score. So a product that is
//! sold out never stands above one of its class that is not, whatever their scores, unless the query named it. Only a merchant's pin stands
//! above all that.
//!
//! The *first phase* scores every match: what words and meaning say, times the product's live prior, read at this moment. The *second phase*
//! looks closer at the best [`WINDOW`] of them: features of `features`, weighted by `weights`, move their scores. It changes the order within
//! the window only, and every class and availability stays where it was, so the list behind the window goes on where the window ends. Who asks for
//! a certain variant, by a filter or by naming a size or a colour, has those of the window set back of which just that is sold out (`asked_variant`).

mod asked_variant;
pub mod closeness;
pub mod features;
mod leaders;
#[cfg(test)]
mod leaders_tests;
mod look;
mod score;
mod variety;
#[cfg(test)]
mod variety_tests;
pub mod weights;
mod window;

pub use leaders::Leaders;
pub use look::{Look, Looks};
pub use score::{Contribution, Scorer};
pub use weights::{Weights, WeightsError, WeightsPatch};

use super::dense::DenseSet;
use super::filter::{Filter, Scope};
use super::matched::{Class, Match, Matched};
use super::merchandising::PINS_MAX;
use super::place::{PRODUCTS_MAX, Place};
use super::sort::{Key, Order};
use crate::id::Ordinal;
use crate::stdx::topk::TopOfMany;
use roaring::RoaringBitmap;

/// The best so many of the first phase go through the second: the pages that people look at, several times over.
pub const WINDOW: usize = 200;
/// Matches whose live numbers are read together.
const TOGETHER: usize = 128;
/// What class, availability and rules say stands above so many bits of a relevance.
const SCORE_BITS: u32 = 32;
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
    /// What is left of its score where better ones are like it; 1 elsewhere.
    pub variety: f32,
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
    /// Where the next page starts; none when nothing follows.
    pub next: Option<Place>,
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
    /// The best of the same matches when they were ranked before; none where anything but live numbers may have moved them.
    pub leaders: Option<&'a Leaders>,
}

/// The best `limit` products of those that the place has not shown.
#[must_use]
pub fn page(ranking: Ranking<'_>, place: &Place, limit: usize) -> Page {
    let window = ranking.window();
    let factor = |product: Ordinal| ranking.scorer.signals.row(product).parts.availability;
    let demoted_count = if place.is_start() { window::demoted_count(&window, limit, factor) } else { 0 };
    let shown: RoaringBitmap = place.shown.iter().filter_map(|number| u32::try_from(*number).ok()).collect();
    let is_open = |ranked: &&Ranked| !shown.contains(ranked.found.ordinal.0) && !place.is_above_floor(ranked.key);
    let mut hits: Vec<Ranked> = window.iter().filter(is_open).copied().collect();
    let open_count = hits.len();
    hits.truncate(limit);
    let keeps_standing = place.is_nearly_full(limit, PRODUCTS_MAX);
    let mut standing = Vec::new();
    let following_count = if hits.len() < limit || place.floor.is_some() || keeps_standing {
        let mut passed = shown.clone();
        passed.extend(window.iter().map(|ranked| ranked.found.ordinal.0));
        let rest = ranking
            .best(limit - hits.len(), &Passed { floor: place.floor, products: Some(&passed), standing: keeps_standing.then_some(&shown) });
        hits.extend(rest.ranked);
        standing = rest.standing;
        open_count + rest.following_count
    } else {
        (ranking.within.len() - ranking.within.intersection_len(&shown)) as usize
    };
    let next = (limit > 0 && following_count > limit).then(|| {
        let page: Vec<(u64, Key)> = hits.iter().map(|hit| (u64::from(hit.found.ordinal.0), hit.key)).collect();
        place.after(&page, standing, PRODUCTS_MAX)
    });
    Page { hits, next, demoted_count }
}

/// Products that are passed over.
#[derive(Default)]
struct Passed<'a> {
    /// Whatever stands here or above.
    floor: Option<Key>,
    /// And these.
    products: Option<&'a RoaringBitmap>,
    /// Those of them of which is told where they stand.
    standing: Option<&'a RoaringBitmap>,
}

/// What is found of the first phase.
struct Best<P> {
    /// Best first.
    ranked: Vec<P>,
    /// Products that were not passed over.
    following_count: usize,
    /// Where those stand of which it was asked.
    standing: Vec<(Key, u64)>,
}

impl<P: Placed> Best<P> {
    fn ranked(self, ranking: &Ranking<'_>) -> Best<Ranked> {
        let Self { ranked, following_count, standing } = self;
        Best { ranked: ranked.iter().map(|place| ranking.placed(place)).collect(), following_count, standing }
    }
}

/// Where a match stands, the largest first, and the index by which [`Ranking::found`] knows it.
trait Placed: Ord {
    fn key(&self) -> Key;
    fn index(&self) -> u32;
}

/// Keys differ, so indexes are never compared.
impl Placed for (Key, u32) {
    fn key(&self) -> Key {
        self.0
    }
    fn index(&self) -> u32 {
        self.1
    }
}

/// Relevance, the lower ordinal first, index: in one number, which is compared without a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Packed(u128);

impl Packed {
    #[inline]
    fn of(relevance: u64, ordinal: Ordinal, index: u32) -> Self {
        Self(u128::from(relevance) << 64 | u128::from(!ordinal.0) << 32 | u128::from(index))
    }

    #[inline]
    fn ordinal(self) -> Ordinal {
        Ordinal(!((self.0 >> 32) as u32))
    }
}

impl Placed for Packed {
    fn key(&self) -> Key {
        Key::by_relevance((self.0 >> 64) as u64, self.ordinal())
    }
    fn index(&self) -> u32 {
        self.0 as u32
    }
}

impl Ranking<'_> {
    /// Whether the filter refuses no match.
    fn is_whole(&self) -> bool {
        self.matched.matches.as_ref().is_some_and(|matches| self.within.len() == matches.len() as u64)
    }

    /// Gives every product of the match set to `visit`, with the index by which [`Ranking::found`] knows it.
    #[inline]
    pub fn each(&self, mut visit: impl FnMut(Match, u32)) {
        match &self.matched.matches {
            None => self.within.iter().for_each(|ordinal| visit(Match::alike(Ordinal(ordinal), Class::NEAR), ordinal)),
            Some(matches) if self.is_whole() => {
                matches.iter().enumerate().for_each(|(index, found)| visit(*found, index as u32));
            }
            Some(matches) => {
                // Of what is inside and what is not, a set is made of the fewer: most conditions on stock refuse next to nothing.
                let outside = &self.matched.products - self.within;
                let is_inside = self.within.len() < outside.len();
                let fewer = DenseSet::of(if is_inside { self.within } else { &outside }, self.scope.columns.ordinals_end());
                let inside = matches.iter().enumerate().filter(|(_, found)| fewer.contains(found.ordinal) == is_inside);
                inside.for_each(|(index, found)| visit(*found, index as u32));
            }
        }
    }

    /// The match of this index.
    #[must_use]
    pub fn found(&self, index: u32) -> Match {
        match &self.matched.matches {
            Some(matches) => matches[index as usize],
            None => Match::alike(Ordinal(index), Class::NEAR),
        }
    }

    /// Where a match stands by the first phase.
    #[must_use]
    #[inline]
    pub fn first_key(&self, found: &Match) -> Key {
        self.order.key(found.ordinal, self.first_relevance(found), self.scope, self.filter)
    }

    /// The best `limit` matches of the first phase that are not passed over.
    fn best(&self, limit: usize, passed: &Passed<'_>) -> Best<Ranked> {
        // Without criteria and a floor one number says where a match stands; whole keys take five times the memory and the time.
        if self.order.is_relevance() && passed.floor.is_none() {
            return self.best_packed(limit, passed).ranked(self);
        }
        let best = self.best_by(limit, passed, |found, relevance, index| {
            let key = self.order.key(found.ordinal, relevance, self.scope, self.filter);
            passed.floor.is_none_or(|floor| key < floor).then_some((key, index))
        });
        best.ranked(self)
    }

    /// The same of a ranking by relevance without a floor, by their places alone.
    fn best_packed(&self, limit: usize, passed: &Passed<'_>) -> Best<Packed> {
        self.best_by(limit, passed, |found, relevance, index| Some(Packed::of(relevance, found.ordinal, index)))
    }

    /// The best matches by a place for each, made from its relevance and index; those without one are passed over.
    #[inline]
    fn best_by<P: Placed>(&self, limit: usize, passed: &Passed<'_>, place_of: impl Fn(&Match, u64, u32) -> Option<P>) -> Best<P> {
        let end = self.scope.columns.ordinals_end();
        let products = passed.products.filter(|products| !products.is_empty()).map(|products| DenseSet::of(products, end));
        let (mut top, mut following_count, mut standing) = (TopOfMany::new(limit), 0, Vec::new());
        // Live numbers lie all over the table, so those of some matches are asked for together.
        let (mut together, mut standings) = (Vec::with_capacity(TOGETHER), Vec::with_capacity(TOGETHER));
        let mut take = |together: &mut Vec<(Match, u32)>| {
            self.scorer.signals.standings(together.iter().map(|(found, _)| found.ordinal), |one| standings.push(one));
            for ((found, index), standing) in together.drain(..).zip(standings.drain(..)) {
                let relevance = self.relevance(&found, self.scorer.first_of(&found, standing), standing.is_available);
                if let Some(place) = place_of(&found, relevance, index) {
                    following_count += 1;
                    top.push(place);
                }
            }
        };
        self.each(|found, index| {
            if products.as_ref().is_some_and(|products| products.contains(found.ordinal)) {
                if passed.standing.is_some_and(|asked| asked.contains(found.ordinal.0)) {
                    standing.push((self.first_key(&found), u64::from(found.ordinal.0)));
                }
                return;
            }
            together.push((found, index));
            if together.len() == TOGETHER {
                take(&mut together);
            }
        });
        take(&mut together);
        Best { ranked: top.into_descending(), following_count, standing }
    }

    /// A match where the first phase placed it.
    fn placed(&self, place: &impl Placed) -> Ranked {
        let found = self.found(place.index());
        Ranked { found, key: place.key(), score: self.scorer.first(&found), variety: 1.0 }
    }

    /// Of the first phase: a product's prior and whether it can be bought are read once.
    #[inline]
    fn first_relevance(&self, found: &Match) -> u64 {
        let standing = self.scorer.signals.standing(found.ordinal);
        self.relevance(found, self.scorer.first_of(found, standing), standing.is_available)
    }

    /// The place that a rule gives, then class, then availability, then score, as one number: larger stands higher.
    #[inline]
    fn relevance(&self, found: &Match, score: f32, is_available: bool) -> u64 {
        let is_available = found.class == Class::NAMED || is_available;
        let place = u64::from(self.scorer.adjustments.place(found.ordinal)) << PLACE_SHIFT;
        // The bits of numbers from 0 on order as they do.
        place | u64::from(found.class.rank()) << 33 | u64::from(is_available) << SCORE_BITS | u64::from(score.to_bits())
    }
}
