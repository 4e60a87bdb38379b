//! What a facet comes to: values with their counts, ends and sums of numbers.

use super::tree::FacetTree;
use serde::Serialize;

/// Counts of one field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FacetCounts {
    /// The field.
    pub field: String,
    /// Its values, most frequent first unless another order is asked for, ranges ascending.
    pub values: FacetValues,
    /// Smallest and largest number, for numeric fields.
    pub range: Option<(f64, f64)>,
    /// What the numbers come to, when asked for.
    pub stats: Option<FacetStats>,
    /// The width of each range, when ranges of one width are asked for.
    pub interval: Option<f64>,
    /// The category tree, when asked for.
    pub tree: Option<FacetTree>,
}

impl FacetCounts {
    /// Bytes that it takes, about.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>() + self.values.weight() + self.tree.as_ref().map_or(0, FacetTree::weight)
    }
}

/// What the numbers of a field come to; a product with several counts with its smallest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FacetStats {
    /// The smallest number of any product.
    pub min: f64,
    /// The largest number of any product.
    pub max: f64,
    /// Of each product's smallest number.
    pub sum: f64,
    /// Mean of each product's smallest number.
    pub avg: f64,
    /// Products that have a number.
    pub count: u64,
}

/// One value of a facet.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FacetValue<'v> {
    /// The value as a filter takes it; category paths are joined by ` > `; a range is written `10..20` and includes both ends.
    pub value: &'v str,
    /// Products in the match set that have it: what the total would be with this filter in place of the field's own selection.
    pub count: u64,
    /// Whether the filter has chosen it; told when it has.
    pub selected: bool,
    /// What the total would become with the value added to the field's selection, or taken from it when it is selected; when asked for.
    pub impact: Option<u64>,
    /// Where a range begins, for its label.
    pub from: Option<f64>,
    /// Where a range ends, for its label.
    pub to: Option<f64>,
}

/// The values of a facet, in their order. Texts lie one behind another and what few values have lies apart: a page has hundreds of values, and what is
/// remembered of a query has them twice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FacetValues {
    texts: String,
    entries: Vec<Entry>,
    /// As far as the last value that has one; and so on.
    impacts: Vec<Option<u64>>,
    bounds: Vec<[Option<f64>; 2]>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    /// Where its text ends; it begins where the one before ends.
    end: u32,
    count: u32,
    is_selected: bool,
}

impl FacetValues {
    /// Puts one behind the others. A count is one of products, of which there are never more than a `u32` holds.
    pub fn push(&mut self, value: FacetValue<'_>) {
        let number = self.entries.len();
        self.texts.push_str(value.value);
        let count = u32::try_from(value.count).unwrap_or(u32::MAX);
        self.entries.push(Entry { end: self.texts.len() as u32, count, is_selected: value.selected });
        if value.impact.is_some() {
            self.impacts.resize(number, None);
            self.impacts.push(value.impact);
        }
        let bounds = [value.from, value.to];
        if bounds != [None; 2] {
            self.bounds.resize(number, [None; 2]);
            self.bounds.push(bounds);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of this number; none beyond the last.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<FacetValue<'_>> {
        let entry = self.entries.get(number)?;
        let start = number.checked_sub(1).map_or(0, |before| self.entries[before].end as usize);
        let [from, to] = self.bounds.get(number).copied().unwrap_or_default();
        Some(FacetValue {
            value: &self.texts[start..entry.end as usize],
            count: u64::from(entry.count),
            selected: entry.is_selected,
            impact: self.impacts.get(number).copied().flatten(),
            from,
            to,
        })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = FacetValue<'_>> {
        (0..self.len()).filter_map(|number| self.get(number))
    }

    /// Bytes that they take, about.
    pub(super) fn weight(&self) -> usize {
        let aside = size_of_val(self.impacts.as_slice()) + size_of_val(self.bounds.as_slice());
        self.texts.len() + size_of_val(self.entries.as_slice()) + aside
    }
}

impl<'v> FromIterator<FacetValue<'v>> for FacetValues {
    fn from_iter<I: IntoIterator<Item = FacetValue<'v>>>(values: I) -> Self {
        let mut all = Self::default();
        all.extend(values);
        all
    }
}

impl<'v> Extend<FacetValue<'v>> for FacetValues {
    fn extend<I: IntoIterator<Item = FacetValue<'v>>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.push(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_they_were_before_they_were_put_together() {
        let values = [
            FacetValue { value: "red", count: 3, ..FacetValue::default() },
            FacetValue { value: "", count: 0, selected: true, ..FacetValue::default() },
            FacetValue { value: "10..", count: 2, impact: Some(0), from: Some(10.0), ..FacetValue::default() },
            FacetValue { value: "grün", count: 1, ..FacetValue::default() },
        ];
        let all: FacetValues = values.into_iter().collect();
        assert_eq!(all.iter().collect::<Vec<_>>(), values);
        assert_eq!((all.len(), all.get(4)), (4, None));
    }
}
