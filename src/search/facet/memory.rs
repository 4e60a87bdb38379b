//! Counts of one match set, remembered beside it: the words of products do not change unless the set does, and of new prices and ratings it is told.
//!
//! Without a filter they are taken as they are. A filter that leaves the very products that it left the last time has the counts of the last time, whatever
//! moved in between; of another one what it leaves out is counted and taken away, where that is less.

use super::Counted;
use super::counts::FacetCounts;
use super::keywords::Counts;
use super::plan::{Kind, Plan};
use super::spec::Spec;
use crate::search::columns::FieldId;
use crate::search::fields::FieldRef;
use crate::search::filter::Filter;
use crate::search::index::Facts;
use roaring::RoaringBitmap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

/// Bytes that the counts of one match set may take, about: eight facets of up to a hundred values and a tree of categories, twice, and what they were chosen
/// from; of few products there are fewer values.
const ROOM_MAX: usize = 64 << 10;
const ROOM_MIN: usize = 8 << 10;
/// The same by product, below that.
const ROOM_A_PRODUCT: usize = 256;

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
    commit: u64,
    /// Which of what filters left is recalled; none of what no filter left.
    filtered: Option<u64>,
}

#[derive(Debug, Default)]
struct Known {
    facets: Vec<Count<Spec, Arc<FacetCounts>>>,
    filtered: Filtered,
    words: Vec<Count<FieldId, Arc<Counts>>>,
    ranges: Vec<Count<Spec, Arc<Ranged>>>,
    weight: usize,
}

/// What the filter that was asked for last left of the match set.
#[derive(Debug, Default)]
struct Filtered {
    /// Counts those that there were.
    number: u64,
    filter: Filter,
    products: RoaringBitmap,
    facets: Vec<Count<Spec, Arc<FacetCounts>>>,
}

#[derive(Debug)]
struct Count<K, V> {
    key: K,
    value: V,
    /// The commit that was counted.
    as_of: u64,
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
        let room = products_count.saturating_mul(ROOM_A_PRODUCT).clamp(ROOM_MIN, ROOM_MAX);
        Self { known: Mutex::default(), room, prices: AtomicU64::new(0), ratings: AtomicU64::new(0) }
    }

    /// Bytes that it may come to take, about.
    #[must_use]
    pub fn room(&self) -> usize {
        self.room
    }

    /// What is remembered, for whoever sees this commit.
    #[must_use]
    pub fn as_of(&self, commit: u64) -> Recalled<'_> {
        Recalled { memory: self, commit, filtered: None }
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

impl Recalled<'_> {
    /// The same for a filter that leaves these products of the match set.
    pub(super) fn within(self, filter: &Filter, products: &RoaringBitmap) -> Self {
        let filtered = if filter.is_empty() { None } else { self.memory.known.try_lock().ok() };
        let filtered = filtered.and_then(|mut known| known.turn_to(filter, products, self.memory.room));
        Self { filtered, ..self }
    }

    /// The counts of a facet, made by `count` unless they are remembered, move with live numbers, or are not of the products that the filter leaves alone.
    pub(super) fn of(self, plan: &Plan, counted: Counted<'_>, count: impl FnOnce() -> Arc<FacetCounts>) -> Arc<FacetCounts> {
        let Counted { filter, scope, .. } = counted;
        if matches!(plan.kind, Kind::Live(..) | Kind::Available) {
            return count();
        }
        let facts = facts_of(plan.field);
        let weight = |counts: &Arc<FacetCounts>| weight_of(counts);
        if filter.is_empty() {
            return self.remembered(&plan.spec, facts, |known| Some(&mut known.facets), weight, count);
        }
        let is_by_variant = filter.is_variant_level() && plan.field.is_variant_level(scope.columns);
        let Some(number) = self.filtered.filter(|_| !is_by_variant && !filter.chooses_in(plan.field)) else { return count() };
        self.remembered(&plan.spec, facts, |known| known.filtered_facets(number), weight, count)
    }

    /// The words of a field, counted by `count` unless they are remembered.
    pub(super) fn words(self, field: FieldId, count: impl FnOnce() -> Counts) -> Arc<Counts> {
        let weight = |counts: &Arc<Counts>| size_of_val(counts.as_slice());
        self.remembered(&field, Facts::Words, |known| Some(&mut known.words), weight, || Arc::new(count()))
    }

    /// The numbers of a facet of a field in its ranges, counted by `count` unless they are remembered.
    pub(super) fn ranges(self, field: FieldRef, spec: &Spec, count: impl FnOnce() -> Ranged) -> Arc<Ranged> {
        let weight = |ranged: &Arc<Ranged>| size_of::<Spec>() + size_of_val(ranged.counts.as_slice());
        self.remembered(spec, facts_of(field), |known| Some(&mut known.ranges), weight, || Arc::new(count()))
    }

    fn remembered<K: PartialEq + Clone, V: Clone>(
        self,
        key: &K,
        facts: Facts,
        list: impl Fn(&mut Known) -> Option<&mut Vec<Count<K, V>>>,
        weight: impl Fn(&V) -> usize,
        make: impl FnOnce() -> V,
    ) -> V {
        let Self { memory, commit: as_of, .. } = self;
        let holds = |count: &&Count<K, V>| {
            let last = memory.last(facts).map(|last| last.load(Relaxed));
            count.key == *key && last.is_none_or(|last| (last..=as_of).contains(&count.as_of))
        };
        let get = |known: &mut Known| list(known)?.iter().find(holds).map(|count| count.value.clone());
        if let Some(value) = memory.known.try_lock().ok().and_then(|mut known| get(&mut known)) {
            return value;
        }
        let value = make();
        if let Ok(mut known) = memory.known.try_lock() {
            let weight_now = known.weight;
            if let Some(list) = list(&mut known) {
                let before = list.iter().position(|count| count.key == *key);
                let weight_now = weight_now - before.map_or(0, |at| weight(&list[at].value)) + weight(&value);
                if weight_now <= memory.room {
                    let count = Count { key: key.clone(), value: value.clone(), as_of };
                    match before {
                        Some(at) => list[at] = count,
                        None => list.push(count),
                    }
                    known.weight = weight_now;
                }
            }
        }
        value
    }
}

impl Known {
    /// Begins anew with what filters left, unless this one left the same the last time; which it is then. None where there is no room for it.
    fn turn_to(&mut self, filter: &Filter, products: &RoaringBitmap, room: usize) -> Option<u64> {
        if self.filtered.filter != *filter || self.filtered.products != *products {
            self.weight -= self.filtered.weight();
            let number = self.filtered.number + 1;
            let next = Filtered { number, filter: filter.clone(), products: products.clone(), facets: Vec::new() };
            self.filtered = if self.weight + next.weight() <= room { next } else { Filtered { number, ..Filtered::default() } };
            self.weight += self.filtered.weight();
        }
        (!self.filtered.filter.is_empty()).then_some(self.filtered.number)
    }

    fn filtered_facets(&mut self, number: u64) -> Option<&mut Vec<Count<Spec, Arc<FacetCounts>>>> {
        Some(&mut self.filtered).filter(|filtered| filtered.number == number).map(|filtered| &mut filtered.facets)
    }
}

impl Filtered {
    fn weight(&self) -> usize {
        if self.filter.is_empty() {
            return 0;
        }
        self.products.serialized_size() + self.facets.iter().map(|count| weight_of(&count.value)).sum::<usize>()
    }
}

/// What moves the counts of a field while the match set stays.
fn facts_of(field: FieldRef) -> Facts {
    match field {
        FieldRef::Price(_) => Facts::Prices,
        FieldRef::Column(FieldId::RATING) => Facts::Rating,
        FieldRef::Column(_) | FieldRef::Available | FieldRef::Live(_) => Facts::Words,
    }
}

fn weight_of(counts: &FacetCounts) -> usize {
    size_of::<Spec>() + counts.weight()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::FacetValue;

    fn counts(values: usize) -> FacetCounts {
        let texts: Vec<String> = (0..values).map(|number| format!("value {number}")).collect();
        let value = |text| FacetValue { value: text, count: 1, ..FacetValue::default() };
        FacetCounts { values: texts.iter().map(|text| value(text)).collect(), ..FacetCounts::default() }
    }

    fn facet(memory: &Memory, spec: &Spec, made: FacetCounts) -> FacetCounts {
        let weight = |counts: &Arc<FacetCounts>| weight_of(counts);
        (*memory.as_of(0).remembered(spec, Facts::Words, |known| Some(&mut known.facets), weight, || Arc::new(made))).clone()
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let memory = Memory::of(1_000);
        for number in 0..100 {
            facet(&memory, &Spec::plain(&format!("field {number}")), counts(20));
        }
        let known = memory.known.lock().expect("no thread died");
        assert!(known.weight <= ROOM_MAX && known.weight > ROOM_MAX / 2, "{}", known.weight);
        assert!(known.facets.len() > 8 && known.facets.len() < 100);
    }

    #[test]
    fn the_same_field_with_other_options_is_another_facet() {
        let memory = Memory::of(1_000);
        facet(&memory, &Spec::plain("brand"), counts(3));
        assert_eq!(facet(&memory, &Spec::plain("brand"), counts(9)), counts(3));
        assert_eq!(facet(&memory, &Spec { limit: 2, ..Spec::plain("brand") }, counts(2)), counts(2));
        assert_eq!(facet(&memory, &Spec::plain("colour"), counts(1)), counts(1));
    }

    #[test]
    fn who_meets_another_thread_counts_for_itself() {
        let memory = Memory::of(1_000);
        let words = |counts: (u32, u32)| memory.as_of(0).words(FieldId::BRAND, || vec![counts]).to_vec();
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
            let spec = Spec::plain(if field == FieldRef::Available { "colour" } else { "number" });
            memory.as_of(commit).ranges(field, &spec, || Ranged { ends: None, counts: vec![count] }).counts[0]
        };
        let (price, colour) = (FieldRef::Price(crate::search::columns::MarketId::GENERAL), FieldRef::Available);
        assert_eq!((ranged(price, 3, 1), ranged(colour, 3, 1), ranged(price, 9, 2)), (1, 1, 1));
        memory.outdate(Facts::Rating, 5);
        assert_eq!(ranged(price, 9, 2), 1, "a rating is no price");
        memory.outdate(Facts::Prices, 5);
        assert_eq!((ranged(price, 9, 3), ranged(colour, 9, 3)), (3, 1));
        // Who still sees an older commit neither takes what is younger nor leaves what is too old behind.
        assert_eq!((ranged(price, 4, 4), ranged(price, 9, 5), ranged(price, 9, 6)), (4, 5, 5));
    }
}
