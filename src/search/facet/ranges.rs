//! Facets of numbers: which ranges, how many products in each, what the numbers come to.

use super::Facet;
use super::buckets::{histogram, intervals, round};
use super::cells::Cells;
use super::number::{Number, range_text};
use super::numbers::{Grain, Numbers, Source, Spanned};
use super::plan::Wanted;
use crate::search::{FacetCounts, FacetValue};

/// Counts the numbers of a facet and adds them to what is known of it.
pub(super) fn count<S: Source>(source: &S, wanted: &Wanted<S::Number>, facet: &Facet<'_>, counts: &mut FacetCounts) {
    let scope = facet.base.scope;
    let mut grain = grain(source, wanted, facet);
    let mut numbers = source.numbers(facet.base, grain);
    let look = |product: &Spanned<S::Number>, all: &mut Vec<S::Number>| source.look(scope, product, all);
    if facet.spec.stats || (S::SINGLE_VALUES && matches!(wanted, Wanted::Automatic)) {
        numbers.look_at_all(look);
    }
    let ends = numbers.ends(look);
    counts.range = ends.map(|(min, max)| (min.to_f64(), max.to_f64()));
    counts.stats = ends.filter(|_| facet.spec.stats).map(|ends| numbers.stats(ends));
    let cells = match (wanted, ends) {
        (Wanted::Ranges(ranges), _) => Cells::of(ranges.iter().copied()),
        (_, None) => Cells::of([]),
        (Wanted::Automatic, Some((min, max))) => automatic::<S>(&numbers, min, max),
        (Wanted::Histogram(count), Some((min, max))) => {
            counts.interval = Some((max.to_f64() - min.to_f64()) / *count as f64);
            histogram(*count, min, max)
        }
        (Wanted::Interval(width), Some((min, max))) => {
            let (cells, width) = intervals(*width, min, max);
            counts.interval = Some(width.to_f64());
            cells
        }
    };
    if grain == Grain::Round && !cells.ranges().all(|(low, high)| source.is_round(low, high)) {
        // Rounding could not reach the largest number.
        grain = Grain::Exact;
        numbers = source.numbers(facet.base, grain);
    }
    let counted = numbers.counts(&cells, look);
    let recounted =
        facet.impact.as_ref().and_then(|impact| impact.recounted()).map(|base| source.numbers(base, grain).counts(&cells, look));
    let chosen: Vec<(S::Number, S::Number)> = facet.selection.choices().iter().filter_map(|choice| source.range(*choice)).collect();
    for (cell, ((low, high), count)) in cells.ranges().zip(counted).enumerate() {
        let recount = recounted.as_ref().map_or(0, |recounted| recounted[cell]);
        let selected = chosen.contains(&(low, high));
        if count > 0 || selected || !matches!(wanted, Wanted::Automatic) {
            counts.values.push(value(source, facet, (low, high), cells.label(cell), count, recount, selected));
        }
    }
    for (low, high) in chosen {
        if !cells.ranges().any(|range| range == (low, high)) && (low != S::Number::LEAST || high != S::Number::MOST) {
            let count = facet.total_choosing(source.choice(low, high));
            counts.values.push(value(source, facet, (low, high), (low, high), count, 0, true));
        }
    }
}

/// What has to be known of the numbers.
fn grain<S: Source>(source: &S, wanted: &Wanted<S::Number>, facet: &Facet<'_>) -> Grain {
    let is_round = match wanted {
        Wanted::Automatic => true,
        Wanted::Ranges(ranges) => ranges.iter().all(|(low, high)| source.is_round(*low, *high)),
        Wanted::Histogram(_) | Wanted::Interval(_) => false,
    };
    if is_round && !facet.spec.stats { Grain::Round } else { Grain::Exact }
}

fn automatic<S: Source>(numbers: &Numbers<S::Number>, min: S::Number, max: S::Number) -> Cells<S::Number> {
    match numbers.distinct().filter(|_| S::SINGLE_VALUES) {
        Some(values) => Cells::of_values(&values),
        None => round(&numbers.sample(), min, max),
    }
}

fn value<S: Source>(
    source: &S,
    facet: &Facet<'_>,
    (low, high): (S::Number, S::Number),
    (from, to): (S::Number, S::Number),
    count: u64,
    recount: u64,
    selected: bool,
) -> FacetValue {
    let bound = |bound: S::Number| (bound != S::Number::LEAST && bound != S::Number::MOST).then(|| bound.to_f64());
    let impact = facet.impact.as_ref().and_then(|impact| match selected {
        true => impact.without(source.choice(low, high)),
        false => Some(impact.added(count, recount)),
    });
    let is_range = low != high;
    let (from, to) = if is_range { (bound(from), bound(to)) } else { (None, None) };
    FacetValue { value: range_text(low, high), count, selected, impact, from, to }
}
