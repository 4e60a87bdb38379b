//! How many products of a match set have which rating: counted once, and put right by those of which the rating moved since, since shoppers rate all day.

use crate::id::Ordinal;
use crate::search::columns::{Columns, FieldId, Span};
use crate::search::index::Changes;
use roaring::RoaringBitmap;

/// Different ratings that are remembered at most: two digits behind the point of up to ten stars.
const RATINGS_MAX: usize = 1_024;

/// Ratings, ascending, each with how many products have it.
#[derive(Debug, Clone)]
pub(super) struct Ratings {
    counts: Vec<(f64, u32)>,
    /// The commit that this holds for.
    as_of: u64,
}

impl Ratings {
    /// These, counted at a commit; none where there are too many different ones.
    pub(super) fn of(mut counts: Vec<(f64, u32)>, as_of: u64) -> Option<Self> {
        counts.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        (counts.len() <= RATINGS_MAX).then_some(Self { counts, as_of })
    }

    /// Ratings, ascending, each with how many products have it.
    pub(super) fn counts(&self) -> &[(f64, u32)] {
        &self.counts
    }

    /// Bytes that they take, about.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>() + size_of_val(self.counts.as_slice())
    }

    /// The same by now; none where nobody knows any more what changed, or will only know.
    pub(super) fn caught_up(mut self, products: &RoaringBitmap, changes: &Changes, columns: &Columns) -> Option<Self> {
        let mut moved: Vec<(Ordinal, Span<f64>)> = Vec::new();
        for (product, before) in changes.rated_since(self.as_of)?.filter(|(product, _)| products.contains(product.0)) {
            // Newest first: what it was before the oldest change is what was counted.
            match moved.iter_mut().find(|(known, _)| *known == product) {
                Some((_, oldest)) => *oldest = before,
                None => moved.push((product, before)),
            }
        }
        for (product, before) in moved {
            self.take(before)?;
            self.add(columns.number_span(FieldId::RATING, product))?;
        }
        self.as_of = changes.commit();
        (self.counts.len() <= RATINGS_MAX).then_some(self)
    }

    fn place(&self, rating: f64) -> Result<usize, usize> {
        self.counts.binary_search_by(|(known, _)| known.total_cmp(&rating))
    }

    /// One product less; none where that cannot be.
    fn take(&mut self, rating: Span<f64>) -> Option<()> {
        if rating.is_empty() {
            return Some(());
        }
        let place = self.place(rating.min).ok().filter(|_| rating.is_point())?;
        self.counts[place].1 -= 1;
        if self.counts[place].1 == 0 {
            self.counts.remove(place);
        }
        Some(())
    }

    /// One product more; none where it has several.
    fn add(&mut self, rating: Span<f64>) -> Option<()> {
        if rating.is_empty() {
            return Some(());
        }
        match self.place(rating.min) {
            _ if !rating.is_point() => return None,
            Ok(place) => self.counts[place].1 += 1,
            Err(place) => self.counts.insert(place, (rating.min, 1)),
        }
        Some(())
    }
}

/// The same without some of the products, by how many of these have which rating; none where they are not among them.
pub(super) fn take_away(counts: &mut Vec<(f64, u32)>, others: &[(f64, u32)]) -> Option<()> {
    for (rating, other) in others {
        let place = counts.binary_search_by(|(known, _)| known.total_cmp(rating)).ok()?;
        counts[place].1 = counts[place].1.checked_sub(*other)?;
    }
    counts.retain(|(_, count)| *count > 0);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Product;
    use proptest::prelude::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn product(number: u32, stars: u8) -> Product {
        let mut value = json!({"id": format!("p{number}"), "title": "p", "variants": [{"sku": format!("s{number}")}]});
        if stars > 0 {
            value["rating"] = json!({"average": f64::from(stars) / 2.0, "count": 1});
        }
        serde_json::from_value(value).expect("a product")
    }

    fn counted(columns: &Columns, products: &RoaringBitmap) -> Vec<(f64, u32)> {
        let spans = products.iter().map(|product| columns.number_span(FieldId::RATING, Ordinal(product)));
        let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
        spans.filter(|span| !span.is_empty()).for_each(|span| *counts.entry(span.min.to_bits()).or_default() += 1);
        counts.into_iter().map(|(bits, count)| (f64::from_bits(bits), count)).collect()
    }

    proptest! {
        #[test]
        fn what_was_counted_is_put_right_by_what_moved(commits in prop::collection::vec(prop::collection::vec((0_u32..12, 0_u8..6), 0..5), 1..12)) {
            let (mut columns, mut changes) = (Columns::new(), Changes::default());
            (0..12).for_each(|number| columns.put(Ordinal(number), &product(number, (number % 6) as u8)));
            let products: RoaringBitmap = (0..12).filter(|number| number % 4 > 0).collect();
            let mut known = Ratings::of(counted(&columns, &products), 0).expect("few");
            for (number, rated) in commits.into_iter().enumerate() {
                for (product_number, stars) in rated {
                    let renumbered = columns.renumber(Ordinal(product_number), &product(product_number, stars));
                    renumbered.rating.into_iter().for_each(|before| changes.note_rating(Ordinal(product_number), before));
                }
                changes.advance();
                // Not after every commit is it asked.
                if number % 3 > 0 {
                    known = known.caught_up(&products, &changes, &columns).expect("is told");
                    prop_assert_eq!(known.counts(), counted(&columns, &products));
                }
            }
        }
    }

    #[test]
    fn what_is_forgotten_or_yet_to_come_is_counted_anew() {
        let (columns, mut changes) = (Columns::new(), Changes::default());
        let products: RoaringBitmap = (0..3).collect();
        let known = |as_of| Ratings::of(vec![(3.0, 2)], as_of).expect("few");
        assert!(known(0).caught_up(&products, &changes, &columns).is_some());
        assert!(known(1).caught_up(&products, &changes, &columns).is_none(), "of a younger commit");
        (0..1_000).for_each(|_| changes.note_rating(Ordinal(9), Span::<f64>::EMPTY));
        changes.advance();
        assert!(known(0).caught_up(&products, &changes, &columns).is_none(), "too much moved");
        assert!(Ratings::of((0..2_000).map(|number| (f64::from(number), 1)).collect(), 0).is_none());
    }
}
