//! Facets of numbers: which ranges, how many products in each, what the numbers come to.

use super::Facet;
use super::buckets::{histogram, intervals, round};
use super::cells::Cells;
use super::memory::Ranged;
use super::number::{Number, range_text};
use super::numbers::{Grain, Numbers, Source, Spanned};
use super::plan::Wanted;
use crate::search::fields::FieldRef;
use crate::search::{FacetCounts, FacetValue, FacetValues};

/// Counts the numbers of a facet and adds them to what is known of it.
pub(super) fn count<S: Source>(source: &S, wanted: &Wanted<S::Number>, facet: &Facet<'_>, counts: &mut FacetCounts) {
    let Counted { ends, cells, interval, counted, recounted } =
        from_left_out(source, wanted, facet).unwrap_or_else(|| anew(source, wanted, facet, counts));
    counts.range = ends.map(|(min, max)| (min.to_f64(), max.to_f64()));
    counts.interval = interval;
    let chosen: Vec<(S::Number, S::Number)> = facet.selection.choices().iter().filter_map(|choice| source.range(*choice)).collect();
    for (cell, ((low, high), count)) in cells.ranges().zip(counted).enumerate() {
        let recount = recounted.as_ref().map_or(0, |recounted| recounted[cell]);
        let selected = chosen.contains(&(low, high));
        if count > 0 || selected || !matches!(wanted, Wanted::Automatic) {
            push(source, facet, (low, high), cells.label(cell), (count, recount, selected), &mut counts.values);
        }
    }
    for (low, high) in chosen {
        if !cells.ranges().any(|range| range == (low, high)) && (low != S::Number::LEAST || high != S::Number::MOST) {
            let count = facet.total_choosing(source.choice(low, high));
            push(source, facet, (low, high), S::Number::labels((low, high)), (count, 0, true), &mut counts.values);
        }
    }
}

/// Numbers in their ranges.
struct Counted<T> {
    /// Smallest and largest.
    ends: Option<(T, T)>,
    cells: Cells<T>,
    /// The width of the ranges where all have the same.
    interval: Option<f64>,
    /// Products in each range.
    counted: Vec<u64>,
    /// The same of the products that impacts are found by.
    recounted: Option<Vec<u64>>,
}

fn anew<S: Source>(source: &S, wanted: &Wanted<S::Number>, facet: &Facet<'_>, counts: &mut FacetCounts) -> Counted<S::Number> {
    let scope = facet.base.scope;
    let mut grain = grain(source, wanted, facet);
    let mut numbers = source.recalled(facet).unwrap_or_else(|| source.numbers(&facet.base.view(facet.field), grain));
    let look = |product: &Spanned<S::Number>, all: &mut Vec<S::Number>| source.look(scope, product, all);
    if facet.spec.stats || (S::SINGLE_VALUES && matches!(wanted, Wanted::Automatic)) {
        numbers.look_at_all(look);
    }
    let ends = numbers.ends(look);
    counts.stats = ends.filter(|_| facet.spec.stats).map(|ends| numbers.stats(ends));
    let (cells, interval) = cells(wanted, ends, |(min, max)| automatic::<S>(&numbers, min, max));
    if grain == Grain::Round && !is_round(source, &cells) {
        // Rounding could not reach the largest number.
        grain = Grain::Exact;
        numbers = source.numbers(&facet.base.view(facet.field), grain);
    }
    let counted = numbers.counts(&cells, look);
    let recounted = facet
        .impact
        .as_ref()
        .and_then(|impact| impact.recounted())
        .map(|base| source.numbers(&base.view(facet.field), grain).counts(&cells, look));
    Counted { ends, cells, interval, counted, recounted }
}

/// From what is remembered of all candidates, with those that the filter leaves out taken away. None where that is not less work or does not tell
/// all: ranges that are placed by the numbers depend on which are left, and so does where they end once an end may be left out.
fn from_left_out<S: Source>(source: &S, wanted: &Wanted<S::Number>, facet: &Facet<'_>) -> Option<Counted<S::Number>> {
    let is_live = matches!(facet.field, FieldRef::Live(_));
    let needs_more = facet.spec.stats || facet.impact.is_some() || is_live || matches!(wanted, Wanted::Automatic);
    let (memory, left_out) = facet.memory.filter(|memory| !needs_more && memory.is_again()).zip(facet.base.left_out(facet.field))?;
    let placed = |ends: Option<(S::Number, S::Number)>| cells(wanted, ends, |_| Cells::of([]));
    let (scope, grain) = (facet.base.scope, grain(source, wanted, facet));
    let look = |product: &Spanned<S::Number>, all: &mut Vec<S::Number>| source.look(scope, product, all);
    let whole = memory.ranges(facet.field, facet.spec, || {
        let numbers = source.numbers(&facet.base.unfiltered().view(scope), grain);
        let ends = numbers.ends(look);
        let counts = numbers.counts(&placed(ends).0, look);
        Ranged { ends: ends.map(|(min, max)| (min.to_bits(), max.to_bits())), counts }
    });
    let (min, max) = whole.ends.map(|(min, max)| (S::Number::from_bits(min), S::Number::from_bits(max)))?;
    let numbers = source.numbers(&left_out, grain);
    if numbers.ends(look).is_some_and(|(low, high)| low <= min || high >= max) {
        return None;
    }
    let (cells, interval) = placed(Some((min, max)));
    let counted = whole.counts.iter().zip(numbers.counts(&cells, look)).map(|(all, left_out)| all - left_out).collect();
    Some(Counted { ends: Some((min, max)), cells, interval, counted, recounted: None })
}

/// The ranges that are wanted of numbers with these ends, and their width where all have the same.
fn cells<T: Number>(wanted: &Wanted<T>, ends: Option<(T, T)>, automatic: impl FnOnce((T, T)) -> Cells<T>) -> (Cells<T>, Option<f64>) {
    match (wanted, ends) {
        (Wanted::Ranges(ranges), _) => (Cells::of(ranges.iter().copied()), None),
        (_, None) => (Cells::of([]), None),
        (Wanted::Automatic, Some(ends)) => (automatic(ends), None),
        (Wanted::Histogram(count), Some((min, max))) => (histogram(*count, min, max), Some((max.to_f64() - min.to_f64()) / *count as f64)),
        (Wanted::Interval(width), Some((min, max))) => {
            let (cells, width) = intervals(*width, min, max);
            (cells, Some(width.to_f64()))
        }
    }
}

fn is_round<S: Source>(source: &S, cells: &Cells<S::Number>) -> bool {
    cells.ranges().all(|(low, high)| source.is_round(low, high))
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

fn push<S: Source>(
    source: &S,
    facet: &Facet<'_>,
    (low, high): (S::Number, S::Number),
    (from, to): (S::Number, S::Number),
    (count, recount, selected): (u64, u64, bool),
    values: &mut FacetValues,
) {
    let bound = |bound: S::Number| (bound != S::Number::LEAST && bound != S::Number::MOST).then(|| bound.to_f64());
    let impact = facet.impact.as_ref().and_then(|impact| match selected {
        true => impact.without(source.choice(low, high)),
        false => Some(impact.added(count, recount)),
    });
    let is_range = low != high;
    let (from, to) = if is_range { (bound(from), bound(to)) } else { (None, None) };
    values.push(FacetValue { value: &range_text(low, high), count, selected, impact, from, to });
}
