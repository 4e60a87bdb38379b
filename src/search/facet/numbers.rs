//! Ranges and buckets of numeric facets.

use super::Base;
use super::buckets::{BUCKETS_MAX, Buckets, Number, Price};
use crate::id::Ordinal;
use crate::search::FacetValue;
use crate::search::columns::{FieldId, Row, Span, VariantRow};
use crate::search::fields::LiveNumber;

/// The numbers of the counted products.
pub struct Numbers<T> {
    /// Of products that have one number.
    points: Vec<T>,
    /// Of products that have several: all of them, and where each product's end.
    several: Vec<T>,
    several_ends: Vec<usize>,
}

impl<T: Number> Numbers<T> {
    fn with_capacity(products_count: u64) -> Self {
        Self { points: Vec::with_capacity(products_count as usize), several: Vec::new(), several_ends: Vec::new() }
    }

    fn add_product(&mut self, numbers: impl Iterator<Item = T>) {
        let start = self.several.len();
        self.several.extend(numbers);
        if self.several.len() > start {
            self.several_ends.push(self.several.len());
        }
    }

    /// Smallest and largest number.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        self.ends().map(|(min, max)| (min.to_f64(), max.to_f64()))
    }

    fn ends(&self) -> Option<(T, T)> {
        let mut numbers = self.points.iter().chain(&self.several).copied();
        let first = numbers.next()?;
        Some(
            numbers.fold((first, first), |(min, max), number| {
                (if number < min { number } else { min }, if number > max { number } else { max })
            }),
        )
    }

    /// Products in each bucket. With `single_values`, up to ten different numbers are counted each for itself.
    #[must_use]
    pub fn into_values(self, single_values: bool) -> Vec<FacetValue> {
        let Some((min, max)) = self.ends() else { return Vec::new() };
        let values = if single_values { self.distinct() } else { None };
        let buckets = match values {
            Some(values) => Buckets::of_values(&values),
            None if self.points.is_empty() => Buckets::round(&self.several, min, max),
            None => Buckets::round(&self.points, min, max),
        };
        let mut counts = [0_u64; u32::BITS as usize];
        let mut add = |mut bits: u32| {
            while bits != 0 {
                counts[bits.trailing_zeros() as usize] += 1;
                bits &= bits - 1;
            }
        };
        self.points.iter().for_each(|number| add(buckets.holding(*number)));
        let mut start = 0;
        for end in self.several_ends {
            add(self.several[start..end].iter().fold(0, |bits, number| bits | buckets.holding(*number)));
            start = end;
        }
        let values = buckets.texts().zip(counts).filter(|(_, count)| *count > 0);
        values.map(|(value, count)| FacetValue { value, count }).collect()
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

/// Numbers of the counted products: from `span` where it says everything, else from the rows.
fn gather<T: Number, C: PartialOrd + Copy>(
    base: &Base<'_>,
    span: impl Fn(Ordinal) -> Span<C>,
    number: impl Fn(C) -> T,
    shared: impl Fn(&Row) -> Vec<C>,
    own: impl Fn(&VariantRow) -> Vec<C>,
) -> Numbers<T> {
    let mut numbers = Numbers::with_capacity(base.products.len());
    let multi = base.scope.columns.multi();
    for ordinal in base.products.iter().map(Ordinal) {
        let span = span(ordinal);
        if span.is_point() {
            // A filter may still shut out the variants that have the number, unless there is only one.
            if !base.by_variant || !multi.contains(ordinal.0) {
                numbers.points.push(number(span.min));
                continue;
            }
        } else if span.is_empty() {
            continue;
        }
        let Some(row) = base.scope.columns.row(ordinal) else { continue };
        let lending: Vec<usize> = match base.by_variant {
            true => base.filter.variants(base.scope, ordinal, row).collect(),
            false => (0..row.variants.len()).collect(),
        };
        let of_variants = lending.into_iter().flat_map(|index| own(&row.variants[index]));
        numbers.add_product(shared(row).into_iter().chain(of_variants).map(&number));
    }
    numbers
}

/// The numbers of a numeric field.
pub fn of_field(field: FieldId, base: &Base<'_>) -> Numbers<f64> {
    gather(
        base,
        |ordinal| base.scope.columns.number_span(field, ordinal),
        |number| number,
        |row| row.shared.numbers_of(field).collect(),
        |variant| variant.own.numbers_of(field).collect(),
    )
}

/// The prices in the request's marketplace.
pub fn of_prices(base: &Base<'_>) -> Numbers<Price> {
    let market = base.scope.market;
    let span = |ordinal| base.scope.columns.price_span(ordinal, market);
    gather(base, span, Price, |_| Vec::new(), |variant| variant.price(market).into_iter().collect())
}

/// A live number.
pub fn of_live(number: LiveNumber, base: &Base<'_>) -> Numbers<f64> {
    let mut numbers = Numbers::with_capacity(base.products.len());
    numbers.points.extend(base.products.iter().map(|ordinal| base.scope.live.number(number, Ordinal(ordinal))));
    numbers
}
