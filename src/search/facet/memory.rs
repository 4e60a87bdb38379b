//! Counts of one match set, remembered beside it: the words of products do not change unless the set does, and of new prices and ratings it is told.
//!
//! A filter that leaves the very products that it left the last time has the counts of the last time, whatever moved in between, in what a shopper has chosen
//! too; so has one that leaves everything. Of a filter that was not asked for lately what it leaves out is counted and taken away, where that is less.

use super::Counted;
use super::base::Bases;
use super::counts::FacetCounts;
use super::filtered::{Filters, Kept};
use super::grounds::Grounds;
use super::keywords::Counts;
use super::plan::Plan;
use super::ratings::Ratings;
use super::spec::Spec;
use crate::search::columns::{Columns, FieldId};
use crate::search::fields::FieldRef;
use crate::search::index::{Changes, Facts};
use roaring::RoaringBitmap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard};

/// Bytes that the counts of one match set may take, about: eight facets of up to a hundred values and a tree of categories, twice, and what they were chosen
/// from; of few products there are fewer values.
const ROOM_MAX: usize = 64 << 10;
const ROOM_MIN: usize = 8 << 10;
/// The same by product, below that.
const ROOM_A_PRODUCT: usize = 256;
/// Of all products there are as many filters as a shop has pages.
const ROOM_OF_ALL_MAX: usize = 4 << 20;
/// So much of the room is for what facets are made of.
const PARTS_SHARE: usize = 2;

/// What was counted. Nobody waits: who meets another thread here counts for itself.
#[derive(Debug)]
pub struct Memory {
    known: Mutex<Known>,
    room: usize,
    /// The last commit in which a price of the match set may have changed ...
    prices: AtomicU64,
    /// ... or a rating.
    ratings: AtomicU64,
}

/// What was counted, for whoever sees a commit: counts of numbers may be older or younger than it.
#[derive(Debug, Clone, Copy)]
pub struct Recalled<'m> {
    memory: &'m Memory,
    changes: &'m Changes,
    is_again: bool,
    /// Under which number the facets of the filter are kept; none where they are not.
    filter: Option<u64>,
}

#[derive(Debug, Default)]
struct Known {
    filters: Filters,
    words: Vec<Count<FieldId, Arc<Counts>>>,
    ranges: Vec<Count<Spec, Arc<Ranged>>>,
    ratings: Option<Ratings>,
    /// Bytes of words, ranges and ratings, about.
    weight: usize,
}

/// Something that was counted.
#[derive(Debug)]
pub(super) struct Count<K, V> {
    pub(super) key: K,
    pub(super) value: V,
    /// The commit that was counted.
    pub(super) as_of: u64,
}

/// The numbers of a facet, counted in ranges.
#[derive(Debug, PartialEq)]
pub(super) struct Ranged {
    /// Smallest and largest number as bits, if there are any.
    pub(super) ends: Option<(u64, u64)>,
    /// Products in each range.
    pub(super) counts: Vec<u64>,
}

impl Memory {
    /// Nothing yet, of a match set of so many products.
    #[must_use]
    pub fn of(products_count: usize) -> Self {
        Self::with_room(products_count.saturating_mul(ROOM_A_PRODUCT).clamp(ROOM_MIN, ROOM_MAX))
    }

    /// The same of all products, in at most so many bytes.
    #[must_use]
    pub fn of_all(room: usize) -> Self {
        Self::with_room(room.clamp(ROOM_MIN, ROOM_OF_ALL_MAX))
    }

    fn with_room(room: usize) -> Self {
        Self { known: Mutex::default(), room, prices: AtomicU64::new(0), ratings: AtomicU64::new(0) }
    }

    /// Bytes that it may come to take, about.
    #[must_use]
    pub fn room(&self) -> usize {
        self.room
    }

    /// What is remembered, for whoever sees the last of these changes. Counting all and what a filter leaves out, rather than what it leaves, is for match
    /// sets that are asked for again.
    #[must_use]
    pub fn as_of<'m>(&'m self, changes: &'m Changes, is_again: bool) -> Recalled<'m> {
        Recalled { memory: self, changes, is_again, filter: None }
    }

    /// Tells of a commit that changed prices or ratings of the match set; words do not change unless the set does. It has to be told before anybody who sees
    /// the commit recalls something.
    pub fn outdate(&self, facts: Facts, commit: u64) {
        if let Some(last) = self.last(facts) {
            last.fetch_max(commit, Relaxed);
        }
    }

    fn last(&self, facts: Facts) -> Option<&AtomicU64> {
        match facts {
            Facts::Words => None,
            Facts::Prices => Some(&self.prices),
            Facts::Rating => Some(&self.ratings),
        }
    }
}

impl Known {
    /// Whether words, ranges or ratings may take so much more of all the room.
    fn has_room_for(&self, weight: usize, room: usize) -> bool {
        let weight = self.weight + weight;
        weight <= room / PARTS_SHARE && weight + self.filters.weight() <= room
    }
}

impl<'m> Recalled<'m> {
    /// The same for what a filter leaves of the match set.
    pub(super) fn within(self, counted: Counted<'_>) -> Self {
        let filter = self.known().and_then(|mut known| {
            let room = self.memory.room - known.weight;
            known.filters.turn_to(counted, room)
        });
        Self { filter, ..self }
    }

    /// The counts of a facet, made by `count` unless they are remembered or nobody tells when they move.
    pub(super) fn of(
        self,
        plan: &Plan,
        bases: &Bases<'_>,
        counted: Counted<'_>,
        count: impl FnOnce() -> Arc<FacetCounts>,
    ) -> Arc<FacetCounts> {
        let Counted { filter, scope, .. } = counted;
        let mut grounds = Grounds::of([plan.field]);
        let tells_apart = filter.is_variant_level() && plan.field.is_variant_level(scope.columns);
        if tells_apart && (!filter.is_by_stock() || bases.base(plan.field).has_partly_passing()) {
            grounds = grounds.and(Grounds::of(filter.fields_by_variant()));
        }
        let Some(number) = self.filter.filter(|_| !grounds.is_live) else { return count() };
        let rest = bases.rest(plan.field).map_or(Grounds::WORDS, |rest| Grounds::of(rest.fields()));
        let base = rest.is_live.then(|| bases.base(plan.field).products());
        if base.is_none() {
            grounds = grounds.and(rest);
        }
        let holds =
            |known: &Count<Spec, Kept>| known.key == plan.spec && known.value.base.as_ref() == base && self.is_of_now(known.as_of, grounds);
        if let Some(counts) = self.known().and_then(|known| known.filters.get(number, holds)) {
            return counts;
        }
        let counts = count();
        if let Some(mut known) = self.known() {
            let room = self.memory.room - known.weight;
            let value = Kept { counts: Arc::clone(&counts), base: base.cloned() };
            known.filters.put(number, Count { key: plan.spec.clone(), value, as_of: self.changes.commit() }, room);
        }
        counts
    }

    /// Whether the match set was asked for before.
    pub(super) fn is_again(&self) -> bool {
        self.is_again
    }

    /// The words of a field, counted by `count` unless they are remembered.
    pub(super) fn words(self, field: FieldId, count: impl FnOnce() -> Counts) -> Arc<Counts> {
        let weight = |counts: &Counts| size_of_val(counts.as_slice());
        self.remembered(&field, Grounds::WORDS, |known| &mut known.words, weight, count)
    }

    /// The numbers of a facet of a field in its ranges, counted by `count` unless they are remembered.
    pub(super) fn ranges(self, field: FieldRef, spec: &Spec, count: impl FnOnce() -> Ranged) -> Arc<Ranged> {
        let weight = |ranged: &Ranged| size_of::<Spec>() + size_of_val(ranged.counts.as_slice());
        self.remembered(spec, Grounds::of([field]), |known| &mut known.ranges, weight, count)
    }

    /// How many of all products of the match set have which rating: what was counted before, put right, or else by `count`, if that tells each one.
    pub(super) fn ratings(
        self,
        products: &RoaringBitmap,
        columns: &Columns,
        count: impl FnOnce() -> Option<Vec<(f64, u32)>>,
    ) -> Option<Vec<(f64, u32)>> {
        let known = self.known().and_then(|known| known.ratings.clone());
        let caught_up = known.and_then(|known| known.caught_up(products, self.changes, columns));
        let ratings = match caught_up {
            Some(ratings) => ratings,
            None => Ratings::of(count()?, self.changes.commit())?,
        };
        let counts = ratings.counts().to_vec();
        if let Some(mut known) = self.known() {
            known.weight -= known.ratings.take().map_or(0, |before| before.weight());
            if known.has_room_for(ratings.weight(), self.memory.room) {
                known.weight += ratings.weight();
                known.ratings = Some(ratings);
            }
        }
        Some(counts)
    }

    fn remembered<K: PartialEq + Clone, V>(
        self,
        key: &K,
        grounds: Grounds,
        list: impl Fn(&mut Known) -> &mut Vec<Count<K, Arc<V>>>,
        weight: impl Fn(&V) -> usize,
        make: impl FnOnce() -> V,
    ) -> Arc<V> {
        let holds = |count: &&Count<K, Arc<V>>| count.key == *key && self.is_of_now(count.as_of, grounds);
        let get = |known: &mut Known| list(known).iter().find(holds).map(|count| Arc::clone(&count.value));
        if let Some(value) = self.known().and_then(|mut known| get(&mut known)) {
            return value;
        }
        let value = Arc::new(make());
        if let Some(mut known) = self.known() {
            let before = list(&mut known).iter().position(|count| count.key == *key).map(|at| list(&mut known).swap_remove(at));
            known.weight -= before.map_or(0, |before| weight(&before.value));
            let weight = weight(&value);
            if known.has_room_for(weight, self.memory.room) {
                list(&mut known).push(Count { key: key.clone(), value: Arc::clone(&value), as_of: self.changes.commit() });
                known.weight += weight;
            }
        }
        value
    }

    fn known(&self) -> Option<MutexGuard<'m, Known>> {
        self.memory.known.try_lock().ok()
    }

    /// Whether what was counted at a commit is what would be counted now.
    fn is_of_now(&self, as_of: u64, grounds: Grounds) -> bool {
        let is_of = |facts| self.memory.last(facts).is_none_or(|last| (last.load(Relaxed)..=self.changes.commit()).contains(&as_of));
        grounds.facts().all(is_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many commits of nothing.
    fn at(commit: u64) -> Changes {
        let mut changes = Changes::default();
        (0..commit).for_each(|_| changes.advance());
        changes
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let memory = Memory::of(1_000);
        for number in 0..100 {
            let ranged = |number: u64| Ranged { ends: None, counts: vec![number; 200] };
            memory.as_of(&at(0), true).ranges(FieldRef::Available, &Spec::plain(&format!("field {number}")), || ranged(number));
        }
        let known = memory.known.lock().expect("no thread died");
        assert!(known.weight <= ROOM_MAX / PARTS_SHARE && known.weight > ROOM_MAX / PARTS_SHARE / 2, "{}", known.weight);
        assert!(known.ranges.len() > 8 && known.ranges.len() < 100);
    }

    #[test]
    fn who_meets_another_thread_counts_for_itself() {
        let memory = Memory::of(1_000);
        let words = |counts: (u32, u32)| memory.as_of(&at(0), true).words(FieldId::BRAND, || vec![counts]).to_vec();
        words((1, 2));
        let held = memory.known.lock().expect("no thread died");
        assert_eq!(words((7, 8)), [(7, 8)]);
        drop(held);
        assert_eq!(words((7, 8)), [(1, 2)]);
    }

    #[test]
    fn new_prices_take_away_what_was_counted_of_prices() {
        let memory = Memory::of(1_000);
        let ranged = |field, commit, count: u64| {
            let spec = Spec::plain(if field == FieldRef::Column(FieldId::BRAND) { "colour" } else { "number" });
            memory.as_of(&at(commit), true).ranges(field, &spec, || Ranged { ends: None, counts: vec![count] }).counts[0]
        };
        let (price, colour) = (FieldRef::Price(crate::search::columns::MarketId::GENERAL), FieldRef::Column(FieldId::BRAND));
        assert_eq!((ranged(price, 3, 1), ranged(colour, 3, 1), ranged(price, 9, 2)), (1, 1, 1));
        memory.outdate(Facts::Rating, 5);
        assert_eq!(ranged(price, 9, 2), 1, "a rating is no price");
        memory.outdate(Facts::Prices, 5);
        assert_eq!((ranged(price, 9, 3), ranged(colour, 9, 3)), (3, 1));
        // Who still sees an older commit neither takes what is younger nor leaves what is too old behind.
        assert_eq!((ranged(price, 4, 4), ranged(price, 9, 5), ranged(price, 9, 6)), (4, 5, 5));
    }
}
