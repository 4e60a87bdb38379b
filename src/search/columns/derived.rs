//! What follows from the values of a field alone: their order as texts, and which of them are points.
//!
//! Both are worked out when a request first asks and then shared by every snapshot, because values are only ever added. Values added since
//! are placed for each request between the known ones; when they have become many, the next request works everything out anew. So a shop
//! that changes all the time pays for a whole sort once in many thousand new values and not once a commit.

use super::dictionary::{Dictionary, FieldId, TermId};
use crate::search::geo::Point;
use crate::text;
use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

/// Values that may be placed for each request, and one more for every [`ADDED_SHARE`] known ones: a few milliseconds of work.
const ADDED_MAX: usize = 1_024;
/// See [`ADDED_MAX`].
const ADDED_SHARE: usize = 64;

/// Worked out at most once for the first so many values of a field.
#[derive(Debug, Clone, Default)]
pub struct Derived {
    order: Arc<OnceLock<TextOrder>>,
    points: Arc<OnceLock<Points>>,
}

impl Derived {
    /// Forgets what covers too few of the field's values, of which there are `count` now.
    pub(super) fn grown_to(&mut self, count: usize) {
        let is_stale = |covered: usize| count > covered + covered / ADDED_SHARE + ADDED_MAX;
        if self.order.get().is_some_and(|order| is_stale(order.ranks.len())) {
            self.order = Arc::default();
        }
        if self.points.get().is_some_and(|points| is_stale(points.covered)) {
            self.points = Arc::default();
        }
    }
}

#[derive(Debug)]
struct TextOrder {
    /// Places of values, in the order of their texts.
    sorted: Vec<u32>,
    /// Where each place stands in it.
    ranks: Vec<u32>,
}

#[derive(Debug)]
struct Points {
    covered: usize,
    /// Places of the values that are points, rising.
    found: Vec<(u32, Point)>,
}

/// The order of a field's values as texts: without regard to case and accents, then by the letters as they are.
#[derive(Debug, Clone)]
pub struct TextRanks {
    order: Arc<OnceLock<TextOrder>>,
    /// Ranks of the values added since.
    added: Vec<u64>,
}

/// A rank has room for so many added values between two known ones.
const RANK_SHIFT: u32 = 31;

impl TextRanks {
    /// A number that orders the values as their texts are; below 2^63.
    #[must_use]
    #[inline]
    pub fn rank(&self, place: u32) -> u64 {
        let ranks = self.order.get().map_or(&[][..], |order| &order.ranks);
        match ranks.get(place as usize) {
            Some(rank) => (u64::from(*rank) + 1) << RANK_SHIFT,
            None => self.added.get(place as usize - ranks.len()).copied().unwrap_or(0),
        }
    }
}

impl Dictionary {
    /// The order of the values of a field.
    #[must_use]
    pub fn text_ranks(&self, field: FieldId) -> TextRanks {
        let known = self.field(field);
        let text = |place: u32| known.terms.get(place as usize).map_or("", |term| self.text(*term));
        let order = Arc::clone(&known.derived.order);
        let TextOrder { sorted, ranks } = order.get_or_init(|| TextOrder::of(known.terms.iter().map(|term| self.text(*term))));
        let mut added: Vec<(String, u32)> =
            (ranks.len()..known.terms.len()).map(|place| (text::fold(text(place as u32)), place as u32)).collect();
        added.sort_unstable_by(|a, b| compared((&a.0, text(a.1)), (&b.0, text(b.1))));
        let mut added_ranks = vec![0; added.len()];
        for (number, (folded, place)) in added.iter().enumerate() {
            let stands_before = |other: &u32| {
                let other = text(*other);
                compared((&text::fold(other), other), (folded, text(*place))) == Ordering::Less
            };
            let before = sorted.partition_point(stands_before) as u64;
            added_ranks[*place as usize - ranks.len()] = (before << RANK_SHIFT) + number as u64 + 1;
        }
        TextRanks { order, added: added_ranks }
    }

    /// Where the values of a field stand in the order of their texts, by place; values added of late are not among them. They compare with
    /// each other as the texts do, see [`compare_texts`].
    #[must_use]
    pub fn settled_ranks(&self, field: FieldId) -> &[u32] {
        let known = self.field(field);
        &known.derived.order.get_or_init(|| TextOrder::of(known.terms.iter().map(|term| self.text(*term)))).ranks
    }

    /// The values of a field that are points.
    #[must_use]
    pub fn points(&self, field: FieldId) -> Vec<(TermId, Point)> {
        let known = self.field(field);
        let point = |place: usize| Some((place as u32, Point::parse(self.text(*known.terms.get(place)?))?));
        let count = known.terms.len();
        let points = known.derived.points.get_or_init(|| Points { covered: count, found: (0..count).filter_map(point).collect() });
        let added = (points.covered..count).filter_map(point);
        let placed = points.found.iter().copied().chain(added);
        placed.filter_map(|(place, point)| Some((*known.terms.get(place as usize)?, point))).collect()
    }
}

impl TextOrder {
    fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut folded: Vec<(String, &str, u32)> = texts.zip(0..).map(|(written, place)| (text::fold(written), written, place)).collect();
        folded.sort_unstable_by(|a, b| compared((&a.0, a.1), (&b.0, b.1)));
        let sorted: Vec<u32> = folded.into_iter().map(|(_, _, place)| place).collect();
        let mut ranks = vec![0; sorted.len()];
        sorted.iter().zip(0..).for_each(|(place, rank)| ranks[*place as usize] = rank);
        Self { sorted, ranks }
    }
}

/// Compares two values as texts: without regard to case and accents, then by the letters as they are.
#[must_use]
pub fn compare_texts(a: &str, b: &str) -> Ordering {
    compared((&text::fold(a), a), (&text::fold(b), b))
}

/// Compares two texts, each folded and as written.
fn compared(a: (&str, &str), b: (&str, &str)) -> Ordering {
    a.0.cmp(b.0).then_with(|| a.1.cmp(b.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranks_order_as_the_texts_do_whenever_the_values_came(
            values in prop::collection::vec("[a-cA-Cé ]{1,3}", 1..40), asked_after in 0_usize..40,
        ) {
            let mut dictionary = Dictionary::new();
            let field = dictionary.intern_attribute("colour");
            for (number, value) in values.iter().enumerate() {
                dictionary.intern(field, value);
                if number == asked_after {
                    let _ = (dictionary.text_ranks(field), dictionary.points(field));
                }
            }
            let ranks = dictionary.text_ranks(field);
            let mut terms = dictionary.field(field).terms.to_vec();
            terms.sort_by_key(|term| (text::fold(dictionary.text(*term)), dictionary.text(*term).to_owned()));
            let ranked: Vec<u64> = terms.iter().map(|term| ranks.rank(dictionary.place(*term))).collect();
            prop_assert!(ranked.is_sorted_by(|a, b| a < b), "{:?}", ranked);
        }
    }

    #[test]
    fn points_are_the_values_that_are_points_old_and_added() {
        let mut dictionary = Dictionary::new();
        let field = dictionary.intern_attribute("store");
        let terms = |dictionary: &Dictionary| {
            dictionary.points(field).iter().map(|(term, _)| dictionary.text(*term).to_owned()).collect::<Vec<_>>()
        };
        dictionary.intern(field, "52.52,13.4");
        dictionary.intern(field, "Berlin");
        assert_eq!(terms(&dictionary), ["52.52,13.4"]);
        dictionary.intern(field, "48.9, 2.3");
        assert_eq!(terms(&dictionary), ["52.52,13.4", "48.9, 2.3"]);
    }

    #[test]
    fn many_new_values_make_what_was_worked_out_stale() {
        let mut dictionary = Dictionary::new();
        let field = dictionary.intern_attribute("colour");
        dictionary.intern(field, "red");
        let _ = dictionary.text_ranks(field);
        let covered = |dictionary: &Dictionary| dictionary.field(field).derived.order.get().map(|order| order.ranks.len());
        for number in 0..ADDED_MAX {
            dictionary.intern(field, &format!("v{number}"));
        }
        assert_eq!(covered(&dictionary), Some(1));
        dictionary.intern(field, "one more");
        assert_eq!(covered(&dictionary), None);
    }
}
