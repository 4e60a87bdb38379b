//! What filters left of a match set lately, with the facets that were counted of it.

use super::Counted;
use super::counts::FacetCounts;
use super::memory::Count;
use super::spec::Spec;
use crate::search::filter::Filter;
use roaring::RoaringBitmap;
use std::collections::VecDeque;
use std::sync::Arc;

/// Filters at once; each request looks through them.
const FILTERS_MAX: usize = 64;
/// A filter stays for so many requests after it was asked for, whatever others would have its room: filters that come in turns and do not all fit would
/// drive each other out, and none would ever be there when it is asked for.
const STAYS_FOR: u64 = 16;

/// Filters, the one that was asked for last first. One that lets everything pass is a filter too.
#[derive(Debug, Default)]
pub(super) struct Filters {
    lately: VecDeque<Filtered>,
    /// Counts requests.
    asked: u64,
    /// Bytes of all, about.
    weight: usize,
}

#[derive(Debug)]
struct Filtered {
    /// The request that began it.
    number: u64,
    /// The last one that asked for it.
    asked: u64,
    filter: Filter,
    left: Left,
    facets: Vec<Count<Spec, Kept>>,
}

/// What a filter left of the match set, or what it did not leave: whichever is less.
#[derive(Debug)]
enum Left {
    These(RoaringBitmap),
    AllBut(RoaringBitmap),
}

impl Left {
    fn of(products: &RoaringBitmap, candidates: &RoaringBitmap) -> Self {
        match products.len() * 2 > candidates.len() {
            true => Self::AllBut(candidates - products),
            false => Self::These(products.clone()),
        }
    }

    fn are(&self, products: &RoaringBitmap, candidates: &RoaringBitmap) -> bool {
        match self {
            Self::These(these) => these == products,
            Self::AllBut(others) => others.len() + products.len() == candidates.len() && others.is_disjoint(products),
        }
    }

    fn weight(&self) -> usize {
        let (Self::These(some) | Self::AllBut(some)) = self;
        some.serialized_size()
    }
}

/// A facet as it was counted.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) counts: Arc<FacetCounts>,
    /// The products that were counted, where nothing else tells whether they are the same.
    pub(super) base: Option<RoaringBitmap>,
}

impl Kept {
    fn weight(&self) -> usize {
        size_of::<Spec>() + self.counts.weight() + self.base.as_ref().map_or(0, RoaringBitmap::serialized_size)
    }
}

impl Filtered {
    fn weight(&self) -> usize {
        let facets: usize = self.facets.iter().map(|facet| facet.value.weight()).sum();
        size_of::<Self>() + self.filter.weight() + self.left.weight() + facets
    }
}

impl Filters {
    /// Bytes that they take, about.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    /// The number under which the facets of this filter are kept: what they were, if it leaves the products that it left the last time, else nothing yet.
    /// None where `room` bytes do not hold it.
    pub(super) fn turn_to(&mut self, counted: Counted<'_>, room: usize) -> Option<u64> {
        let Counted { filter, matches, candidates, .. } = counted;
        self.asked += 1;
        let place = self.lately.iter().position(|known| known.filter == *filter);
        if let Some(mut known) = place.and_then(|place| self.lately.remove(place)) {
            if known.left.are(matches, candidates) {
                known.asked = self.asked;
                let number = known.number;
                self.lately.push_front(known);
                return Some(number);
            }
            self.weight -= known.weight();
        }
        let (number, left) = (self.asked, Left::of(matches, candidates));
        let next = Filtered { number, asked: number, filter: filter.clone(), left, facets: Vec::new() };
        let weight = next.weight();
        if self.lately.len() == FILTERS_MAX {
            self.let_go_of_last();
        }
        if !self.makes_room(weight, room) {
            return None;
        }
        self.weight += weight;
        self.lately.push_front(next);
        Some(number)
    }

    /// A facet that was kept under this number, if `holds`.
    pub(super) fn get(&self, number: u64, holds: impl Fn(&Count<Spec, Kept>) -> bool) -> Option<Arc<FacetCounts>> {
        let filtered = self.lately.iter().find(|filtered| filtered.number == number)?;
        filtered.facets.iter().find(|facet| holds(facet)).map(|facet| Arc::clone(&facet.value.counts))
    }

    /// Keeps a facet under this number in place of what it was, if there is room; filters go for it that were not asked for lately.
    pub(super) fn put(&mut self, number: u64, facet: Count<Spec, Kept>, room: usize) {
        let place = |filters: &Self| filters.lately.iter().position(|filtered| filtered.number == number);
        let Some(at) = place(self) else { return };
        let facets = &mut self.lately[at].facets;
        if let Some(before) = facets.iter().position(|known| known.key == facet.key) {
            self.weight -= facets.swap_remove(before).value.weight();
        }
        let weight = facet.value.weight();
        if self.makes_room(weight, room)
            && let Some(at) = place(self)
        {
            self.weight += weight;
            self.lately[at].facets.push(facet);
        }
    }

    /// Whether there is room for so much more, once filters are gone that nobody asked for lately.
    fn makes_room(&mut self, weight: usize, room: usize) -> bool {
        let is_stale = |filtered: &Filtered, asked: u64| asked - filtered.asked > STAYS_FOR;
        while self.weight + weight > room && self.lately.back().is_some_and(|last| is_stale(last, self.asked)) {
            self.let_go_of_last();
        }
        self.weight + weight <= room
    }

    fn let_go_of_last(&mut self) {
        self.weight -= self.lately.pop_back().map_or(0, |last| last.weight());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::FacetValue;
    use crate::search::columns::MarketId;
    use crate::search::testing::{catalogue, scope};
    use proptest::prelude::*;

    const ROOM: usize = 32 << 10;

    fn filter(low: usize) -> Filter {
        Filter::parse(&format!("price > {low}"), &catalogue(&[]), MarketId::GENERAL).expect("a filter")
    }

    /// A filter that leaves the first so many of a hundred products.
    fn turn_to(filters: &mut Filters, filter: &Filter, left: u32, room: usize) -> Option<u64> {
        let (columns, candidates, matches) = (catalogue(&[]), (0..100).collect(), (0..left).collect());
        filters.turn_to(Counted { scope: scope(&columns), candidates: &candidates, matches: &matches, filter }, room)
    }

    fn counted(spec: &Spec, values: usize) -> Count<Spec, Kept> {
        let texts: Vec<String> = (0..values).map(|number| format!("value {number}")).collect();
        let value = |text| FacetValue { value: text, count: 1, ..FacetValue::default() };
        let counts = FacetCounts { values: texts.iter().map(|text| value(text)).collect(), ..FacetCounts::default() };
        Count { key: spec.clone(), value: Kept { counts: Arc::new(counts), base: None }, as_of: 0 }
    }

    fn values(filters: &Filters, number: u64, spec: &Spec) -> Option<usize> {
        filters.get(number, |known| known.key == *spec).map(|counts| counts.values.len())
    }

    #[test]
    fn a_filter_has_its_facets_as_long_as_it_leaves_the_same() {
        let (mut filters, brand, none) = (Filters::default(), Spec::plain("brand"), Filter::default());
        let [everything, few, many] = [(&none, 100), (&filter(1), 5), (&filter(7), 95)]
            .map(|(filter, left)| turn_to(&mut filters, filter, left, ROOM).expect("room"));
        for (number, count) in [(everything, 3), (few, 2), (many, 1)] {
            filters.put(number, counted(&brand, count), ROOM);
            filters.put(number, counted(&Spec { limit: 1, ..brand.clone() }, 1), ROOM);
        }
        assert_eq!([everything, few, many].map(|number| values(&filters, number, &brand)), [Some(3), Some(2), Some(1)]);
        assert_eq!(turn_to(&mut filters, &none, 100, ROOM), Some(everything));
        assert_eq!(turn_to(&mut filters, &filter(7), 95, ROOM), Some(many));
        let other = turn_to(&mut filters, &filter(1), 6, ROOM).expect("room");
        assert_eq!((values(&filters, few, &brand), values(&filters, other, &brand), values(&filters, many, &brand)), (None, None, Some(1)));
    }

    #[test]
    fn a_facet_takes_the_place_of_what_it_was() {
        let (mut filters, brand) = (Filters::default(), Spec::plain("brand"));
        let number = turn_to(&mut filters, &filter(1), 5, ROOM).expect("room");
        (1..50).for_each(|count| filters.put(number, counted(&brand, count), ROOM));
        assert_eq!(values(&filters, number, &brand), Some(49));
        assert_eq!((filters.lately[0].facets.len(), filters.weight), (1, filters.lately[0].weight()));
        // What does not fit is not kept.
        filters.put(number, counted(&brand, 5_000), ROOM);
        assert_eq!((values(&filters, number, &brand), filters.weight), (None, filters.lately[0].weight()));
        let room = filters.weight;
        assert_eq!(turn_to(&mut filters, &filter(2), 50, room), None);
    }

    /// What each of these filters finds kept when they come in turns.
    fn kept_in_turns(filters_count: usize, values_count: usize) -> usize {
        let (mut filters, brand) = (Filters::default(), Spec::plain("brand"));
        let mut kept = 0;
        for turn in 0..4 {
            for low in 0..filters_count {
                let number = turn_to(&mut filters, &filter(low), 5, ROOM);
                let is_kept = number.is_some_and(|number| values(&filters, number, &brand).is_some());
                kept += usize::from(is_kept && turn == 3);
                number.into_iter().filter(|_| !is_kept).for_each(|number| filters.put(number, counted(&brand, values_count), ROOM));
                let weight: usize = filters.lately.iter().map(Filtered::weight).sum();
                assert!(filters.weight == weight && weight <= ROOM && filters.lately.len() <= FILTERS_MAX);
            }
        }
        kept
    }

    #[test]
    fn filters_that_come_in_turns_and_do_not_all_fit_do_not_drive_each_other_out() {
        assert_eq!(kept_in_turns(2, 1_000), 1, "one of two");
        assert_eq!(kept_in_turns(8, 200), 6);
        assert_eq!(kept_in_turns(20, 10), 20, "all that fit");
    }

    #[test]
    fn a_filter_that_nobody_asks_for_any_more_goes() {
        let (mut filters, brand) = (Filters::default(), Spec::plain("brand"));
        let first = turn_to(&mut filters, &filter(0), 5, ROOM).expect("room");
        filters.put(first, counted(&brand, 1_000), ROOM);
        let mut begun = None;
        for _ in 0..=STAYS_FOR + 1 {
            let number = turn_to(&mut filters, &filter(1), 5, ROOM).expect("room");
            filters.put(number, counted(&brand, 1_001), ROOM);
            begun = Some(number);
        }
        assert_eq!(begun.and_then(|number| values(&filters, number, &brand)), Some(1_001));
        assert_eq!(values(&filters, first, &brand), None);
    }

    proptest! {
        #[test]
        fn what_a_filter_left_is_told_from_all_else(
            candidates in prop::collection::btree_set(0_u32..12, 0..12), picks in prop::collection::vec(any::<u16>(), 2),
        ) {
            let candidates: RoaringBitmap = candidates.into_iter().collect();
            let part = |pick: u16| candidates.iter().filter(|one| pick >> one & 1 == 1).collect::<RoaringBitmap>();
            let (first, second) = (part(picks[0]), part(picks[1]));
            prop_assert!(Left::of(&first, &candidates).are(&first, &candidates));
            prop_assert_eq!(Left::of(&first, &candidates).are(&second, &candidates), first == second);
        }
    }
}
