//! The best matches of a query that comes again, put right by what moved since rather than looked for again among all of them.
//!
//! ```text
//!  kept      every match that stands at the floor or above, best first         floor: the last of the KEPT best when they were looked for
//!  moved     the matches that moved since (`signal::Moves`): each is taken out, and put in where it stands now unless that is below the floor
//!  window    the first of the kept that pass the filter; where those do not fill it, all matches are looked at
//!  seen      the window as the second phase left it, taken again while nothing that it is made of is another
//! ```
//!
//! So what is answered is what ranking every match would answer. Between two askings of a query most shops sell a few things; a query of ten thousand
//! matches then costs a look at those few. Where more moved than a look at all matches costs, they are looked at. Nobody waits: who meets another
//! thread here looks at all matches too.

use super::{Packed, Passed, Placed, Ranked, Ranking, WINDOW, Weights};
use crate::id::Ordinal;
use crate::search::matched::Match;
use crate::search::sort::Key;
use crate::signal::Moves;
use std::fmt;
use std::sync::Mutex;

/// Matches that are kept when they are looked for: a window, and some that come up when one of it falls behind.
const KEPT: usize = WINDOW + 100;
/// So many at most.
const KEPT_MAX: usize = 2 * KEPT;
/// Whether a moved product is a match, and where it stands now, costs less than ranking two matches; so many are always looked up.
const MOVES_MIN: usize = 64;

/// The best matches of one query; each has its place by ordinal in the match set.
#[derive(Default)]
pub struct Leaders(Mutex<State>);

#[derive(Default)]
struct State {
    /// Moves that are part of what is kept; none before the first asking.
    as_of: Option<u64>,
    kept: Option<Kept>,
    seen: Option<Seen>,
}

/// What moved, at most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moved {
    /// Products that do not match.
    Others,
    /// A match that is not kept.
    Match,
    /// One that was kept, or is now. It may stand where it stood: then it moved there and back, and a score may be from between.
    Kept,
}

/// The best of the first phase.
struct Kept {
    /// The weight that the first phase has.
    similarity: f32,
    /// Best first.
    top: Vec<Packed>,
    /// Where the last of them may stand; none when all matches are kept.
    floor: Option<Packed>,
}

/// A window after the second phase, and what it was made of.
struct Seen {
    firsts: Vec<Packed>,
    /// Whether the firsts are all that it was made of, and nothing could join them.
    is_of_firsts: bool,
    minutes: u32,
    weights: Weights,
    demand: Box<[(Ordinal, f32)]>,
    ordered: Box<[SeenMatch]>,
}

#[derive(Clone, Copy)]
struct SeenMatch {
    index: u32,
    score: f32,
    variety: f32,
    relevance: u64,
}

impl Leaders {
    /// Bytes that they come to take of a query with so many matches, about.
    #[must_use]
    pub fn room(matches_count: usize) -> usize {
        matches_count.min(KEPT) * size_of::<Packed>() + matches_count.min(WINDOW) * size_of::<(Packed, SeenMatch)>()
    }

    /// Whether anything is kept.
    #[cfg(test)]
    pub(super) fn keeps(&self) -> bool {
        self.0.lock().is_ok_and(|state| state.kept.is_some())
    }

    /// The window of a ranking by relevance whose matches lie in the order of their ordinals; none where all matches have to be looked at for it.
    pub(super) fn window(&self, ranking: &Ranking<'_>) -> Option<Vec<Ranked>> {
        let matches = ranking.matched.matches.as_deref()?;
        // What refuses most matches finds its best elsewhere.
        if ranking.within.len() * 2 < matches.len() as u64 {
            return None;
        }
        let mut state = self.0.try_lock().ok()?;
        state.catch_up(ranking, matches)?;
        let firsts = state.kept.as_ref()?.passing(ranking)?;
        if let Some(seen) = state.seen.as_ref().filter(|seen| seen.is_of(&firsts, ranking)) {
            return Some(seen.window(matches));
        }
        let minutes = ranking.scorer.signals.now_minutes();
        let window = ranking.looked_at(firsts.iter().map(|place| ranking.placed(place)).collect());
        state.seen = Seen::of(firsts, &window, minutes, ranking, matches);
        Some(window)
    }
}

impl fmt::Debug for Leaders {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Leaders")
    }
}

impl State {
    /// Brings what is kept up to now; none where that costs more than to look at all matches.
    fn catch_up(&mut self, ranking: &Ranking<'_>, matches: &[Match]) -> Option<()> {
        let moves = ranking.scorer.signals.moves();
        let similarity = ranking.scorer.weights.similarity;
        // An arm of an experiment looks for itself.
        if self.kept.as_ref().is_some_and(|kept| kept.similarity != similarity) {
            return None;
        }
        let Some((moved, now)) = self.as_of.and_then(|since| moved(moves, since, matches)) else {
            *self = Self { as_of: Some(moves.count()), ..Self::default() };
            return None;
        };
        self.as_of = Some(now);
        match &mut self.kept {
            Some(kept) => {
                let moved = kept.put_all(&moved, ranking, matches);
                self.seen.take_if(|seen| moved == Moved::Kept || moved == Moved::Match && !seen.is_of_firsts);
                if kept.floor.is_some() && kept.top.len() < WINDOW {
                    self.kept = Some(Kept::of(ranking, matches));
                }
            }
            None => self.kept = Some(Kept::of(ranking, matches)),
        }
        Some(())
    }
}

/// The places of the matches that moved, ascending, and how many moves there were by now; none when looking at all matches costs less.
fn moved(moves: &Moves, since: u64, matches: &[Match]) -> Option<(Vec<u32>, u64)> {
    let max = matches.len() / 2 + MOVES_MIN;
    let Some((products, now)) = moves.since(since, max) else {
        return moves.among(matches.iter().map(|found| found.ordinal), since, max);
    };
    let place_of = |product: Ordinal| matches.binary_search_by_key(&product, |found| found.ordinal).ok();
    let mut places: Vec<u32> = products.into_iter().filter_map(place_of).map(|place| place as u32).collect();
    places.sort_unstable();
    places.dedup();
    Some((places, now))
}

impl Kept {
    fn of(ranking: &Ranking<'_>, matches: &[Match]) -> Self {
        let all = Ranking { within: &ranking.matched.products, ..*ranking };
        let top = all.best_packed(KEPT, &Passed::default()).ranked;
        let floor = top.last().copied().filter(|_| top.len() < matches.len());
        Self { similarity: ranking.scorer.weights.similarity, top, floor }
    }

    /// Puts the matches that moved, ascending by their places, where they stand now.
    fn put_all(&mut self, moved: &[u32], ranking: &Ranking<'_>, matches: &[Match]) -> Moved {
        let kept_count = self.top.len();
        self.top.retain(|kept| moved.binary_search(&kept.index()).is_err());
        let stayed_count = self.top.len();
        let places = moved.iter().map(|&index| {
            let found = &matches[index as usize];
            Packed::of(ranking.first_relevance(found), found.ordinal, index)
        });
        self.top.extend(places.filter(|place| self.floor.is_none_or(|floor| *place >= floor)));
        let came_count = self.top.len() - stayed_count;
        if came_count > 0 {
            self.top.sort_unstable_by(|a, b| b.cmp(a));
        }
        if self.floor.is_some() && self.top.len() > KEPT_MAX {
            self.top.truncate(KEPT);
            self.floor = self.top.last().copied();
        }
        match (came_count > 0 || stayed_count < kept_count, moved.is_empty()) {
            (true, _) => Moved::Kept,
            (false, false) => Moved::Match,
            (false, true) => Moved::Others,
        }
    }

    /// The best that pass the filter, as many as a window holds; none where those that are kept do not fill it.
    fn passing(&self, ranking: &Ranking<'_>) -> Option<Vec<Packed>> {
        let is_whole = ranking.is_whole();
        let passing = self.top.iter().filter(|place| is_whole || ranking.within.contains(place.ordinal().0));
        let passing: Vec<Packed> = passing.take(WINDOW).copied().collect();
        (passing.len() == WINDOW || self.floor.is_none()).then_some(passing)
    }
}

impl Seen {
    /// None where whoever asks, or the categories that the query leads to, have a part in it.
    fn of(firsts: Vec<Packed>, window: &[Ranked], minutes: u32, ranking: &Ranking<'_>, matches: &[Match]) -> Option<Self> {
        let demand = ranking.scorer.leaning.demand_alone()?.into();
        let is_of_firsts = !ranking.may_be_joined(firsts.len());
        if !is_of_firsts && !ranking.is_whole() {
            return None;
        }
        let seen = |ranked: &Ranked| {
            let index = matches.binary_search_by_key(&ranked.found.ordinal, |found| found.ordinal).ok()?;
            Some(SeenMatch { index: index as u32, score: ranked.score, variety: ranked.variety, relevance: ranked.key.relevance })
        };
        let ordered = window.iter().map(seen).collect::<Option<_>>()?;
        Some(Self { firsts, is_of_firsts, minutes, weights: ranking.scorer.weights.clone(), demand, ordered })
    }

    /// Whether a window that begins with these would be made the same.
    fn is_of(&self, firsts: &[Packed], ranking: &Ranking<'_>) -> bool {
        let scorer = ranking.scorer;
        self.minutes == scorer.signals.now_minutes()
            && (self.is_of_firsts || ranking.is_whole())
            && self.weights == *scorer.weights
            && scorer.leaning.demand_alone() == Some(&self.demand)
            && self.firsts == firsts
    }

    fn window(&self, matches: &[Match]) -> Vec<Ranked> {
        let ranked = |seen: &SeenMatch| {
            let found = matches[seen.index as usize];
            Ranked { found, key: Key::by_relevance(seen.relevance, found.ordinal), score: seen.score, variety: seen.variety }
        };
        self.ordered.iter().map(ranked).collect()
    }
}
