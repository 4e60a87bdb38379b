//! The queries that are kept, and what is counted of each and of its products.

use super::ASKERS_MIN;
use super::counts::{Counts, OPEN, Step, Windowed, Windows, added, foreseen, gained};
use crate::id::Ordinal;
use crate::signal::decay::NEVER;
use crate::stdx::clock::Timestamp;
use crate::stdx::table::Table;
use std::sync::Arc;

/// Most products kept for one query: more than a page and a half of answers.
pub(super) const PAIRS_MAX: usize = 32;
/// When the table is full, one in so many queries goes at once: sorting them all for each newcomer would cost too much.
const EVICTED_SHARE: usize = 8;
/// Stands for whoever asked a query that enough people asked.
const ENOUGH: [u32; ASKERS_MIN] = [1; ASKERS_MIN];

/// What happened with one product of one query within a window, decayed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct PairCounts {
    /// Clicks that an average product would have got at the ranks where this one was shown.
    pub(super) expected: f64,
    pub(super) clicks: f64,
    pub(super) carts: f64,
    pub(super) orders: f64,
    /// Clicks of which more may come yet: each counts for as much as the share of its orders that usually comes later than now.
    pub(super) open: f64,
}

impl PairCounts {
    /// What it gained, with what is yet to come of its last clicks as it comes of all of the shop's, of which each is worth `worth`.
    pub(super) fn foreseen(&self, worth: f64) -> f64 {
        foreseen(self.gained(), self.open, worth)
    }

    pub(super) fn gained(&self) -> f64 {
        gained(self.clicks, self.carts, self.orders)
    }

    pub(super) fn negated(&self) -> Self {
        Self { expected: -self.expected, clicks: -self.clicks, carts: -self.carts, orders: -self.orders, open: -self.open }
    }
}

/// One product of one query: there are a million of them, so what comes in ones is kept in single precision, which holds sixteen million of
/// them. What is expected comes in hundredths, of which single precision holds a quarter of a million and then no more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    pub(super) product: Ordinal,
    /// Clicks of which more may come yet.
    pub(super) open: f32,
    pub(super) at: Timestamp,
    /// Clicks that are expected, in both windows.
    pub(super) expected: [f64; 2],
    /// Clicks, carts and orders in both.
    pub(super) done: [[f32; 3]; 2],
    /// Clicks that said at which rank, and the sum of those ranks; decayed like the long window.
    pub(super) ranked: f32,
    pub(super) ranks_sum: f32,
}

impl Pair {
    fn of(product: Ordinal) -> Self {
        Self { product, open: 0.0, at: NEVER, expected: [0.0; 2], done: [[0.0; 3]; 2], ranked: 0.0, ranks_sum: 0.0 }
    }

    /// Adds what happened at `at`; a click may say at which rank.
    pub(super) fn add(&mut self, counts: &PairCounts, rank: Option<u32>, at: Timestamp, windows: Windows) {
        let Step { at, left, weight } = windows.step(self.at, at);
        for window in 0..2 {
            let (left, weight) = (left[window], weight[window]);
            self.expected[window] = added(self.expected[window], left, counts.expected, weight);
            for (sum, new) in self.done[window].iter_mut().zip([counts.clicks, counts.carts, counts.orders]) {
                *sum = added(f64::from(*sum), left, new, weight) as f32;
            }
        }
        let (ranked, rank) = rank.map_or((0.0, 0.0), |rank| (1.0, f64::from(rank)));
        self.ranked = added(f64::from(self.ranked), left[1], ranked, weight[1]) as f32;
        self.ranks_sum = added(f64::from(self.ranks_sum), left[1], rank, weight[1]) as f32;
        self.open = added(f64::from(self.open), left[OPEN], counts.clicks, weight[OPEN]) as f32;
        self.at = at;
    }

    /// The counts as of `now`.
    pub(super) fn aged_to(&self, now: Timestamp, windows: Windows) -> [PairCounts; 2] {
        let left = windows.left(self.at, now);
        let open = f64::from(self.open) * left[OPEN];
        [0, 1].map(|window| {
            let [clicks, carts, orders] = self.done[window].map(|sum| f64::from(sum) * left[window]);
            PairCounts { expected: self.expected[window] * left[window], clicks, carts, orders, open }
        })
    }

    /// The rank at which it is clicked, on average.
    pub(super) fn mean_rank(&self) -> Option<u32> {
        (self.ranked > 0.0).then(|| (self.ranks_sum / self.ranked).round() as u32)
    }

    /// What it is worth keeping: what it led to, then that it was seen at all.
    fn worth(&self, now: Timestamp, windows: Windows) -> f64 {
        let [_, long] = self.aged_to(now, windows);
        long.gained() + 0.05 * long.expected
    }
}

/// Everything counted of one query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct QueryState {
    /// Its terms, joined by blanks.
    pub(super) text: Arc<str>,
    /// As most people write it.
    pub(super) written: Arc<str>,
    /// How far that way of writing is ahead of all others.
    pub(super) votes: u32,
    pub(super) counts: Windowed,
    /// The first different people who asked it, as 32 bits each; 0 is a free place. Once there are enough of them nobody is told apart any more.
    pub(super) askers: [u32; ASKERS_MIN],
    /// Products that the last search found.
    pub(super) matches_count: u64,
    pub(super) pairs: Vec<Pair>,
}

impl QueryState {
    pub(super) fn of(text: &str) -> Self {
        let text: Arc<str> = Arc::from(text);
        Self {
            written: Arc::clone(&text),
            votes: 0,
            text,
            counts: Windowed::default(),
            askers: [0; ASKERS_MIN],
            matches_count: 0,
            pairs: Vec::new(),
        }
    }

    /// Notes who asked; those beyond the first few do not matter.
    pub(super) fn note_asker(&mut self, person: u64) {
        let person = mark(person);
        if !self.askers.contains(&person)
            && let Some(free) = self.askers.iter_mut().find(|asker| **asker == 0)
        {
            *free = person;
        }
        if self.is_shared() {
            self.askers = ENOUGH;
        }
    }

    fn has_asked(&self, person: u64) -> bool {
        !self.is_shared() && self.askers.contains(&mark(person))
    }

    /// Notes how somebody wrote it. What stays is what more than half of them wrote, if anything is (the majority vote of R. Boyer and
    /// J Moore, 1991); nothing else has to be remembered.
    pub(super) fn note_written(&mut self, written: &str) {
        if *self.written == *written {
            self.votes = self.votes.saturating_add(1);
        } else if self.votes == 0 {
            (self.written, self.votes) = (Arc::from(written), 1);
        } else {
            self.votes -= 1;
        }
    }

    /// Whether enough people asked it for others to see.
    pub(super) fn is_shared(&self) -> bool {
        self.askers.iter().all(|asker| *asker != 0)
    }

    /// The pair with `product`; a newcomer takes the place of the one worth least.
    pub(super) fn pair_mut(&mut self, product: Ordinal, now: Timestamp, windows: Windows) -> &mut Pair {
        let place = match self.pairs.iter().position(|pair| pair.product == product) {
            Some(place) => place,
            None if self.pairs.len() < PAIRS_MAX => {
                self.pairs.push(Pair::of(product));
                self.pairs.len() - 1
            }
            None => {
                let worth = |place: &usize| self.pairs[*place].worth(now, windows);
                let place = (0..self.pairs.len()).min_by(|a, b| worth(a).total_cmp(&worth(b))).unwrap_or(0);
                self.pairs[place] = Pair::of(product);
                place
            }
        };
        &mut self.pairs[place]
    }

    /// What it is worth keeping, and offering to somebody who types its beginning.
    pub(super) fn worth(&self, now: Timestamp, windows: Windows) -> f64 {
        worth(&self.counts.aged_to(now, windows))
    }
}

/// A person as queries know them, never 0.
fn mark(person: u64) -> u32 {
    (person >> 32) as u32 | 1
}

/// What led to sales first, then what is asked; lately and usually alike.
pub(super) fn worth(counts: &[Counts; 2]) -> f64 {
    counts.iter().map(|counts| counts.gained() + 0.1 * counts.searches).sum()
}

/// The queries by the key of their text. Clones share what neither has changed.
#[derive(Clone)]
pub(super) struct Queries {
    pub(super) table: Table<u64, Arc<QueryState>>,
    queries_max: usize,
}

impl Queries {
    pub(super) fn new(queries_max: usize) -> Self {
        Self { table: Table::new(), queries_max: queries_max.max(EVICTED_SHARE) }
    }

    pub(super) fn get(&self, key: u64) -> Option<&QueryState> {
        self.table.get(&key).map(|query| &**query)
    }

    pub(super) fn get_mut(&mut self, key: u64) -> Option<&mut QueryState> {
        self.table.get_mut(&key).map(Arc::make_mut)
    }

    /// Takes a query in if it is not there; gives the texts that had to go for it.
    pub(super) fn reach(&mut self, key: u64, text: &str, now: Timestamp, windows: Windows) -> Vec<Arc<str>> {
        if self.table.contains(&key) {
            return Vec::new();
        }
        let gone = if self.table.len() >= self.queries_max { self.evict(now, windows) } else { Vec::new() };
        self.table.insert(key, Arc::new(QueryState::of(text)));
        gone
    }

    /// Those who are known to have asked something, as far as their keys are.
    pub(super) fn askers(&self) -> impl Iterator<Item = u64> {
        let known = self.table.iter().filter(|(_, query)| !query.is_shared()).flat_map(|(_, query)| query.askers);
        known.filter(|asker| *asker != 0).map(|asker| u64::from(asker) << 32)
    }

    /// Forgets that somebody asked what too few have asked yet.
    pub(super) fn forget(&mut self, person: u64) {
        let asked: Vec<u64> = self.table.iter().filter(|(_, query)| query.has_asked(person)).map(|(key, _)| *key).collect();
        for key in asked {
            if let Some(query) = self.get_mut(key) {
                query.askers.iter_mut().filter(|asker| **asker == mark(person)).for_each(|asker| *asker = 0);
            }
        }
    }

    /// Lets the least valuable go; of those worth the same the lowest keys.
    fn evict(&mut self, now: Timestamp, windows: Windows) -> Vec<Arc<str>> {
        let mut ranked: Vec<(f64, u64)> = self.table.sorted().iter().map(|(key, query)| (query.worth(now, windows), **key)).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let least = ranked.into_iter().take(self.queries_max / EVICTED_SHARE);
        least.filter_map(|(_, key)| self.table.remove(&key)).map(|query| Arc::clone(&query.text)).collect()
    }
}
