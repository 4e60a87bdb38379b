//! The second phase: the best of the first are looked at closely and put in their final order.

use super::look::Kind;
use super::{IN_WINDOW, PLACE_SHIFT, Packed, Passed, Placed, Ranked, Ranking, SCORE_BITS, WINDOW, variety};
use crate::id::Ordinal;
use crate::search::matched::{Class, Match};
use roaring::RoaringBitmap;
use std::cmp::Reverse;

/// While fewer of the window are the thing that is asked for, the best others that are join them: a page or two of things, where what belongs to them
/// has the words in fewer others.
const THINGS_IN_WINDOW: usize = 100;

impl Ranking<'_> {
    /// The best [`WINDOW`] of the first phase in the order of the second, those set back of which what was asked for is sold out; nothing when hits are
    /// sorted, or match alike and are asked for in no variant.
    #[must_use]
    pub fn window(&self) -> Vec<Ranked> {
        if !self.order.is_relevance() {
            return Vec::new();
        }
        let mut window = if self.matched.matches.is_some() {
            let kept = self.leaders.and_then(|leaders| leaders.window(self));
            kept.unwrap_or_else(|| self.looked_at(self.best(WINDOW, &Passed::default()).ranked))
        } else if self.filter.tells_variants_apart() {
            self.first_window()
        } else {
            return Vec::new();
        };
        self.set_back_sold_out(&mut window);
        window
    }

    /// The best of the first phase as they stand: where all match alike there is nothing to look at closely.
    fn first_window(&self) -> Vec<Ranked> {
        let mut window = self.best(WINDOW, &Passed::default()).ranked;
        window.iter_mut().for_each(|ranked| ranked.key.relevance |= IN_WINDOW);
        window
    }

    /// The best of the first phase, with what joins them, in the order of the second.
    pub(super) fn looked_at(&self, mut best: Vec<Ranked>) -> Vec<Ranked> {
        self.add_things(&mut best);
        self.second_phase(best)
    }

    /// Whether other things that are asked for may join the window.
    pub(super) fn may_be_joined(&self, window_count: usize) -> bool {
        window_count == WINDOW && !self.scorer.things.best().is_empty()
    }

    /// Lets the best things that are asked for join the best matches, while those hold few, from among the products that nothing but their score keeps
    /// below the last of them: so whoever is in the window stands above all that is behind it by class and availability as before.
    fn add_things(&self, window: &mut Vec<Ranked>) {
        let things = self.scorer.things;
        let Some(last) = window.last().filter(|_| self.may_be_joined(window.len())) else { return };
        let held: RoaringBitmap =
            window.iter().map(|ranked| ranked.found.ordinal).filter(|one| things.contains(*one)).map(|one| one.0).collect();
        let room = THINGS_IN_WINDOW.saturating_sub(held.len() as usize);
        let level = last.key.relevance >> SCORE_BITS;
        let others = things.best().iter().filter(|thing| self.within.contains(thing.ordinal.0) && !held.contains(thing.ordinal.0));
        let ranked =
            others.map(|found| Ranked { found: *found, key: self.first_key(found), score: self.scorer.first(found), variety: 1.0 });
        let mut others: Vec<Ranked> = ranked.filter(|ranked| ranked.key.relevance >> SCORE_BITS == level).collect();
        others.sort_unstable_by_key(|ranked| Reverse(ranked.key));
        window.extend(others.into_iter().take(room));
    }

    /// Scores the window anew and puts it in order.
    fn second_phase(&self, mut window: Vec<Ranked>) -> Vec<Ranked> {
        let found: Vec<Match> = window.iter().map(|ranked| ranked.found).collect();
        let mut kinds = Vec::with_capacity(window.len());
        for (ranked, (score, kind)) in window.iter_mut().zip(self.scorer.second(&found)) {
            self.rescore(ranked, score);
            kinds.push(kind);
        }
        let order = order_of(&window);
        let mut ordered: Vec<Ranked> = order.iter().map(|&place| window[place as usize]).collect();
        self.vary(&mut ordered, order.iter().map(|&place| kinds[place as usize]));
        ordered
    }

    /// Gives a product of the window another score.
    fn rescore(&self, ranked: &mut Ranked, score: f32) {
        let is_available = ranked.key.relevance >> SCORE_BITS & 1 == 1;
        ranked.score = score;
        ranked.key.relevance = self.relevance(&ranked.found, score, is_available) | IN_WINDOW;
    }

    /// Discounts the first for better ones that are like them, and puts them in order again.
    fn vary(&self, window: &mut [Ranked], kinds: impl Iterator<Item = Kind>) {
        let variety = self.scorer.weights.variety;
        if variety == 0.0 {
            return;
        }
        let left = variety::left(kinds, variety, self.scorer.intents.name_a_brand());
        for (ranked, left) in window.iter_mut().zip(left).filter(|(_, left)| *left < 1.0) {
            self.rescore(ranked, ranked.score * left);
            ranked.variety = left;
        }
        // Most of them are in order, which this way of sorting sees.
        window.sort_by_key(|ranked| Reverse(ranked.key));
    }
}

/// The places of products in the order of their keys: numbers are sorted in half the time of what they stand for.
fn order_of(window: &[Ranked]) -> Vec<u32> {
    let mut packed: Vec<Packed> =
        (0..).zip(window).map(|(place, ranked)| Packed::of(ranked.key.relevance, ranked.found.ordinal, place)).collect();
    packed.sort_unstable_by(|a, b| b.cmp(a));
    packed.iter().map(Placed::index).collect()
}

/// How many of the window would stand among the first `limit` if availability did not count, of which each score has this factor.
pub(super) fn demoted_count(window: &[Ranked], limit: usize, factor: impl Fn(Ordinal) -> f32) -> usize {
    if window.iter().all(|ranked| ranked.key.relevance >> SCORE_BITS & 1 == 1) {
        return 0;
    }
    let merit = |(place, ranked): (usize, &Ranked)| {
        let score = ranked.score / factor(ranked.found.ordinal).max(f32::MIN_POSITIVE);
        (ranked.key.relevance >> PLACE_SHIFT, ranked.found.class, score, place)
    };
    let mut merits: Vec<_> = window.iter().enumerate().map(merit).collect();
    // Of equal merit those stay in front that stand there.
    let by_merit = |one: &(u64, Class, f32, usize), other: &(u64, Class, f32, usize)| {
        other.0.cmp(&one.0).then(other.1.cmp(&one.1)).then(other.2.total_cmp(&one.2)).then(one.3.cmp(&other.3))
    };
    merits.sort_unstable_by(by_merit);
    merits.iter().take(limit).filter(|(.., place)| *place >= limit).count()
}
