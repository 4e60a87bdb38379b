//! Ranges and buckets of numeric facets.

use super::Base;
use super::buckets::{BUCKETS_MAX, Buckets, Number, Price};
use crate::id::Ordinal;
use crate::search::FacetValue;
use crate::search::columns::{FieldId, Row, Span, VariantRow};
use crate::search::fields::LiveNumber;

/// The range of the numbers, and products by bucket.
pub type Counted = (Option<(f64, f64)>, Vec<FacetValue>);

/// The numbers of the counted products.
struct Numbers<T> {
    /// Of products that have one number.
    points: Vec<T>,
    /// Smallest and largest of products that have several, as long as nobody has to look at the others.
    spans: Vec<(T, T, Ordinal)>,
    /// All numbers of other products that have several, and where each product's end.
    several: Vec<T>,
    several_ends: Vec<usize>,
}

impl<T: Number> Numbers<T> {
    fn with_capacity(products_count: u64) -> Self {
        Self { points: Vec::with_capacity(products_count as usize), spans: Vec::new(), several: Vec::new(), several_ends: Vec::new() }
    }

    /// Takes a product with the numbers that `fill` adds.
    fn add_product(&mut self, fill: impl FnOnce(&mut Vec<T>)) {
        let start = self.several.len();
        fill(&mut self.several);
        if self.several.len() > start {
            self.several_ends.push(self.several.len());
        }
    }

    /// The range, and products in each bucket. With `single_values`, up to ten different numbers are counted each for itself. `look` adds
    /// all numbers of a product.
    fn counted(mut self, single_values: bool, look: impl Fn(Ordinal, &mut Vec<T>)) -> Counted {
        if single_values {
            for (_, _, ordinal) in std::mem::take(&mut self.spans) {
                self.add_product(|numbers| look(ordinal, numbers));
            }
        }
        let Some((min, max)) = self.ends() else { return (None, Vec::new()) };
        let buckets = self.buckets(single_values, min, max);
        let mut counts = [0_u64; u32::BITS as usize];
        let mut add = |mut bits: u32| {
            while bits != 0 {
                counts[bits.trailing_zeros() as usize] += 1;
                bits &= bits - 1;
            }
        };
        self.points.iter().for_each(|number| add(buckets.holding(*number)));
        let holding = |numbers: &[T]| numbers.iter().fold(0, |bits, number| bits | buckets.holding(*number));
        let mut all = Vec::new();
        for (low, high, ordinal) in self.spans {
            let bits = buckets.holding(low);
            if bits.is_power_of_two() && bits == buckets.holding(high) {
                // Both ends inside one bucket: so is everything between.
                add(bits);
                continue;
            }
            all.clear();
            look(ordinal, &mut all);
            add(holding(&all));
        }
        let mut start = 0;
        for end in self.several_ends {
            add(holding(&self.several[start..end]));
            start = end;
        }
        let values = buckets.texts().zip(counts).filter(|(_, count)| *count > 0);
        (Some((min.to_f64(), max.to_f64())), values.map(|(value, count)| FacetValue { value, count }).collect())
    }

    fn ends(&self) -> Option<(T, T)> {
        let singles = self.points.iter().chain(&self.several).map(|number| (*number, *number));
        let ends = singles.chain(self.spans.iter().map(|(low, high, _)| (*low, *high)));
        ends.reduce(|(min, max), (low, high)| (if low < min { low } else { min }, if high > max { high } else { max }))
    }

    fn buckets(&self, single_values: bool, min: T, max: T) -> Buckets<T> {
        if single_values && let Some(values) = self.distinct() {
            return Buckets::of_values(&values);
        }
        if self.points.len() >= self.spans.len() {
            let sample = if self.points.is_empty() { &self.several } else { &self.points };
            return Buckets::round(sample, min, max);
        }
        let lows: Vec<T> = self.spans.iter().map(|(low, _, _)| *low).collect();
        Buckets::round(&lows, min, max)
    }

    /// The different numbers, ascending; none when there are more than [`BUCKETS_MAX`].
    fn distinct(&self) -> Option<Vec<T>> {
        let mut distinct: Vec<T> = Vec::with_capacity(BUCKETS_MAX);
        for number in self.points.iter().chain(&self.several) {
            let place = distinct.partition_point(|known| known < number);
            if distinct.get(place) != Some(number) {
                if distinct.len() == BUCKETS_MAX {
                    return None;
                }
                distinct.insert(place, *number);
            }
        }
        Some(distinct)
    }
}

/// Numbers of the counted products: from `span` where it says everything, else those that `shared` and `own` add from the rows.
fn gather<T: Number, C: PartialOrd + Copy>(
    base: &Base<'_>,
    span: impl Fn(Ordinal) -> Span<C>,
    number: impl Fn(C) -> T,
    shared: impl Fn(&Row, &mut Vec<T>),
    own: impl Fn(&VariantRow, &mut Vec<T>),
) -> Numbers<T> {
    let mut numbers = Numbers::with_capacity(base.products.len());
    let multi = base.scope.columns.multi();
    for ordinal in base.products.iter().map(Ordinal) {
        let span = span(ordinal);
        if span.is_empty() {
            continue;
        }
        // A filter may shut out the variants that have the numbers, unless there is only one.
        if !base.by_variant || !multi.contains(ordinal.0) {
            match span.is_point() {
                true => numbers.points.push(number(span.min)),
                false => numbers.spans.push((number(span.min), number(span.max), ordinal)),
            }
            continue;
        }
        let Some(row) = base.scope.columns.row(ordinal) else { continue };
        numbers.add_product(|numbers| {
            shared(row, numbers);
            base.filter.variants(base.scope, ordinal, row).for_each(|variant| own(&row.variants[variant], numbers));
        });
    }
    numbers
}

/// Counts a numeric field.
pub fn of_field(field: FieldId, base: &Base<'_>) -> Counted {
    let shared = |row: &Row, numbers: &mut Vec<f64>| numbers.extend(row.shared.numbers_of(field));
    let own = |variant: &VariantRow, numbers: &mut Vec<f64>| numbers.extend(variant.own.numbers_of(field));
    let numbers = gather(base, |ordinal| base.scope.columns.number_span(field, ordinal), |number| number, shared, own);
    numbers.counted(true, |ordinal, numbers| {
        if let Some(row) = base.scope.columns.row(ordinal) {
            row.all_facts().for_each(|facts| numbers.extend(facts.numbers_of(field)));
        }
    })
}

/// Counts the prices in the request's marketplace.
pub fn of_prices(base: &Base<'_>) -> Counted {
    let market = base.scope.market;
    let own = |variant: &VariantRow, prices: &mut Vec<Price>| prices.extend(variant.price(market).map(Price));
    let numbers = gather(base, |ordinal| base.scope.columns.price_span(ordinal, market), Price, |_, _| {}, own);
    numbers.counted(false, |ordinal, prices| {
        if let Some(row) = base.scope.columns.row(ordinal) {
            row.variants.iter().for_each(|variant| own(variant, prices));
        }
    })
}

/// Counts a live number.
pub fn of_live(number: LiveNumber, base: &Base<'_>) -> Counted {
    let mut numbers = Numbers::with_capacity(base.products.len());
    numbers.points.extend(base.products.iter().map(|ordinal| base.scope.live.number(number, Ordinal(ordinal))));
    numbers.counted(true, |_, _| {})
}
