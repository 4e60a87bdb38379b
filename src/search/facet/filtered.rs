//! What filters left of a match set lately, with the facets that were counted of it.

use super::counts::FacetCounts;
use super::memory::Count;
use super::spec::Spec;
use crate::search::filter::Filter;
use roaring::RoaringBitmap;
use std::collections::VecDeque;
use std::sync::Arc;

/// Filters at once; each request looks through them.
const FILTERS_MAX: usize = 64;

/// Filters, the one that was asked for last first. One that lets everything pass is a filter too.
#[derive(Debug, Default)]
pub(super) struct Filters {
    lately: VecDeque<Filtered>,
    /// Counts all that there were.
    count: u64,
    /// Bytes of all, about.
    weight: usize,
}

#[derive(Debug)]
struct Filtered {
    number: u64,
    filter: Filter,
    /// The products that it left; none where it leaves all.
    products: RoaringBitmap,
    facets: Vec<Count<Spec, Kept>>,
}

/// A facet as it was counted.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) counts: Arc<FacetCounts>,
    /// The products that were counted, where nothing else tells whether they are the same.
    pub(super) base: Option<Arc<RoaringBitmap>>,
}

impl Kept {
    fn weight(&self) -> usize {
        size_of::<Spec>() + self.counts.weight() + self.base.as_ref().map_or(0, |base| base.serialized_size())
    }
}

impl Filtered {
    fn weight(&self) -> usize {
        let facets: usize = self.facets.iter().map(|facet| facet.value.weight()).sum();
        size_of::<Self>() + self.filter.weight() + self.products.serialized_size() + facets
    }
}

impl Filters {
    /// The number under which the facets of this filter are kept: what they were, if it leaves the products that it left the last time, else nothing yet.
    /// None where `room` bytes do not hold it.
    pub(super) fn turn_to(&mut self, filter: &Filter, products: &RoaringBitmap, room: usize) -> Option<u64> {
        let place = self.lately.iter().position(|known| known.filter == *filter);
        if let Some(known) = place.and_then(|place| self.lately.remove(place)) {
            let number = known.number;
            if filter.is_empty() || known.products == *products {
                self.lately.push_front(known);
                return Some(number);
            }
            self.weight -= known.weight();
        }
        let products = if filter.is_empty() { RoaringBitmap::new() } else { products.clone() };
        let next = Filtered { number: self.count + 1, filter: filter.clone(), products, facets: Vec::new() };
        if next.weight() > room {
            return None;
        }
        self.count = next.number;
        self.weight += next.weight();
        self.lately.push_front(next);
        self.keep_within(room);
        Some(self.count)
    }

    /// A facet that was kept under this number, if `holds`.
    pub(super) fn get(&self, number: u64, holds: impl Fn(&Count<Spec, Kept>) -> bool) -> Option<Arc<FacetCounts>> {
        let filtered = self.lately.iter().find(|filtered| filtered.number == number)?;
        filtered.facets.iter().find(|facet| holds(facet)).map(|facet| Arc::clone(&facet.value.counts))
    }

    /// Keeps a facet under this number in place of what it was; others go for it, those first that were not asked for the longest.
    pub(super) fn put(&mut self, number: u64, facet: Count<Spec, Kept>, room: usize) {
        let Some(filtered) = self.lately.iter_mut().find(|filtered| filtered.number == number) else { return };
        let before = filtered.weight();
        filtered.facets.retain(|known| known.key != facet.key);
        if filtered.weight() + facet.value.weight() <= room {
            filtered.facets.push(facet);
        }
        self.weight = self.weight - before + filtered.weight();
        self.keep_within(room);
    }

    /// Lets go of those that were not asked for the longest, until the others fit.
    pub(super) fn keep_within(&mut self, room: usize) {
        while self.weight > room || self.lately.len() > FILTERS_MAX {
            let Some(last) = self.lately.pop_back() else { return };
            self.weight -= last.weight();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::FacetValue;
    use crate::search::columns::MarketId;
    use crate::search::testing::catalogue;

    const ROOM: usize = 32 << 10;

    fn filter(low: usize) -> Filter {
        Filter::parse(&format!("price > {low}"), &catalogue(&[]), MarketId::GENERAL).expect("a filter")
    }

    fn products(end: u32) -> RoaringBitmap {
        (0..end).collect()
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
        let [everything, cheap, dear] = [(&none, 9), (&filter(1), 5), (&filter(7), 5)]
            .map(|(filter, end)| filters.turn_to(filter, &products(end), ROOM).expect("room"));
        for (number, count) in [(everything, 3), (cheap, 2), (dear, 1)] {
            filters.put(number, counted(&brand, count), ROOM);
            filters.put(number, counted(&Spec { limit: 1, ..brand.clone() }, 1), ROOM);
        }
        assert_eq!([everything, cheap, dear].map(|number| values(&filters, number, &brand)), [Some(3), Some(2), Some(1)]);
        assert_eq!(filters.turn_to(&none, &products(8), ROOM), Some(everything), "one that leaves all is not asked which");
        assert_eq!(filters.turn_to(&filter(1), &products(5), ROOM), Some(cheap));
        let other = filters.turn_to(&filter(1), &products(6), ROOM).expect("room");
        assert_eq!(
            (values(&filters, cheap, &brand), values(&filters, other, &brand), values(&filters, dear, &brand)),
            (None, None, Some(1))
        );
    }

    #[test]
    fn a_facet_takes_the_place_of_what_it_was() {
        let (mut filters, brand) = (Filters::default(), Spec::plain("brand"));
        let number = filters.turn_to(&filter(1), &products(5), ROOM).expect("room");
        (1..50).for_each(|count| filters.put(number, counted(&brand, count), ROOM));
        assert_eq!(values(&filters, number, &brand), Some(49));
        assert_eq!((filters.lately[0].facets.len(), filters.weight), (1, filters.lately[0].weight()));
    }

    #[test]
    fn the_filters_that_were_not_asked_for_the_longest_go_first_and_room_is_kept() {
        let (mut filters, brand) = (Filters::default(), Spec::plain("brand"));
        let first = filters.turn_to(&filter(0), &products(5), ROOM).expect("room");
        filters.put(first, counted(&brand, 20), ROOM);
        for low in 1..=FILTERS_MAX * 2 {
            let number = filters.turn_to(&filter(low), &products(5), ROOM).expect("room");
            filters.put(number, counted(&brand, low % 20), ROOM);
            assert_eq!(filters.turn_to(&filter(0), &products(5), ROOM), Some(first), "asked for again and again");
            let weight: usize = filters.lately.iter().map(Filtered::weight).sum();
            assert!(filters.weight == weight && weight <= ROOM && filters.lately.len() <= FILTERS_MAX);
        }
        assert_eq!(values(&filters, first, &brand), Some(20));
        // What does not fit is not kept, and drives nothing out.
        let count = filters.lately.len();
        filters.put(first, counted(&brand, 5_000), ROOM);
        assert_eq!((values(&filters, first, &brand), filters.lately.len()), (None, count));
        assert_eq!(filters.turn_to(&filter(9_999), &(0..90_000).step_by(2).collect(), 1 << 10), None);
    }
}
