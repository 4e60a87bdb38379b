//! The numbers of the counted products, and how many products have one in each range.

use super::base::View;
use super::buckets::BUCKETS_MAX;
use super::cells::Cells;
use super::number::{Ends, Number, larger, smaller};
use super::ratings;
use super::tally::Tally;
use super::{Counted, Facet};
use crate::id::Ordinal;
use crate::search::FacetStats;
use crate::search::columns::{FieldId, Lineup, Row, Span, VariantRow};
use crate::search::fields::LiveNumber;
use crate::search::filter::Scope;
use crate::search::filter::passing::ALL_VARIANTS;
use crate::search::filter::selection::Choice;
use std::cell::RefCell;

/// Values looked at to place the bounds of ranges.
const SAMPLE_MAX: usize = 256;
/// Parts that a run of numbers is taken apart in to place bounds.
const RUN_PARTS: u32 = 16;

/// The numbers of the counted products.
pub(super) struct Numbers<T> {
    /// Of products that have one number.
    points: Vec<T>,
    /// The same, with how many products have it.
    weighted: Vec<(T, u32)>,
    /// Products that have several, as long as nobody has to look at all of them.
    spans: Vec<Spanned<T>>,
    /// All numbers of other products that have several, where each product's end, and how many products have the same.
    several: Vec<T>,
    several_ends: Vec<(usize, u32)>,
    /// Products of which is known what runs of numbers theirs lie in, when whoever counts them asks for no more.
    runs: Vec<Runs<T>>,
    /// Smallest and largest number of these.
    runs_ends: Option<(T, T)>,
    /// How many products there may be with one number, or with several: room for either is taken once there is one.
    room: usize,
}

/// Products with the same runs of numbers: each has numbers in all of them and none elsewhere.
pub(super) struct Runs<T> {
    /// Both ends of each, ascending.
    pub(super) runs: Box<[(T, T)]>,
    /// How many products.
    pub(super) count: u32,
}

/// How much is to be known of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grain {
    /// In which of the ranges they lie that begin and end at round numbers.
    Round,
    /// All of them.
    Exact,
}

/// A product of whose numbers the ends are known.
#[derive(Clone, Copy)]
pub(super) struct Spanned<T> {
    pub(super) low: T,
    pub(super) high: T,
    pub(super) ordinal: Ordinal,
    /// The variants that lend their numbers, one bit each. Unless all do, the numbers lie between the ends but may not reach them.
    pub(super) variants: u64,
}

impl<T> Spanned<T> {
    fn is_whole(&self) -> bool {
        self.variants == ALL_VARIANTS
    }
}

impl<T: Number> Numbers<T> {
    /// No numbers yet, of so many products at most.
    pub(super) fn with_capacity(products_count: usize) -> Self {
        Self {
            points: Vec::new(),
            weighted: Vec::new(),
            spans: Vec::new(),
            several: Vec::new(),
            several_ends: Vec::new(),
            runs: Vec::new(),
            runs_ends: None,
            room: products_count,
        }
    }

    /// Numbers that are each the only one of so many products, if all are known so.
    fn weighted_alone(self) -> Option<Vec<(T, u32)>> {
        let is_alone = self.points.is_empty() && self.spans.is_empty() && self.several.is_empty() && self.runs.is_empty();
        is_alone.then_some(self.weighted)
    }

    /// Takes products of which runs are known, and the smallest and largest of their numbers.
    pub(super) fn add_runs(&mut self, runs: Vec<Runs<T>>, ends: (T, T)) {
        (self.runs, self.runs_ends) = (runs, Some(ends));
    }

    /// Takes products with the numbers that `fill` adds.
    pub(super) fn add_products(&mut self, count: u32, fill: impl FnOnce(&mut Vec<T>)) {
        let start = self.several.len();
        fill(&mut self.several);
        if self.several.len() > start {
            self.several_ends.push((self.several.len(), count));
        }
    }

    /// Takes a product by the ends of its numbers.
    pub(super) fn add_span<C: PartialOrd + Copy>(&mut self, span: Span<C>, ordinal: Ordinal, variants: u64, number: impl Fn(C) -> T) {
        if span.is_point() {
            take_room(&mut self.points, self.room);
            self.points.push(number(span.min));
        } else if !span.is_empty() {
            take_room(&mut self.spans, self.room);
            self.spans.push(Spanned { low: number(span.min), high: number(span.max), ordinal, variants });
        }
    }

    /// Each product's numbers, or the ends of them, and how many products have the same.
    fn groups(&self) -> impl Iterator<Item = (&[T], u32)> {
        let starts = std::iter::once(0).chain(self.several_ends.iter().map(|(end, _)| *end));
        self.several_ends.iter().zip(starts).map(|((end, count), start)| (&self.several[start..*end], *count))
    }

    /// Smallest and largest number. `look` adds all numbers of a product.
    pub(super) fn ends(&self, look: impl Fn(&Spanned<T>, &mut Vec<T>)) -> Option<(T, T)> {
        let mut ends = Ends::NONE;
        self.runs_ends.iter().for_each(|(low, high)| ends.include(*low, *high));
        self.points.iter().for_each(|number| ends.include(*number, *number));
        self.several.iter().for_each(|number| ends.include(*number, *number));
        self.weighted.iter().for_each(|(number, _)| ends.include(*number, *number));
        self.spans.iter().filter(|span| span.is_whole()).for_each(|span| ends.include(span.low, span.high));
        let mut all = Vec::new();
        for span in self.spans.iter().filter(|span| !span.is_whole()) {
            if span.low < ends.min || span.high > ends.max {
                all.clear();
                look(span, &mut all);
                all.iter().for_each(|number| ends.include(*number, *number));
            }
        }
        ends.is_any.then_some((ends.min, ends.max))
    }

    /// The different numbers, ascending; none when there are more than [`BUCKETS_MAX`] or nobody knows.
    pub(super) fn distinct(&self) -> Option<Vec<T>> {
        let mut distinct: Vec<T> = Vec::with_capacity(BUCKETS_MAX);
        for number in self.points.iter().chain(&self.several).chain(self.weighted.iter().map(|(number, _)| number)) {
            let place = distinct.partition_point(|known| known < number);
            if distinct.get(place) != Some(number) {
                if distinct.len() == BUCKETS_MAX {
                    return None;
                }
                distinct.insert(place, *number);
            }
        }
        (self.spans.is_empty() && self.runs.is_empty()).then_some(distinct)
    }

    /// Some of the numbers, ascending, spread as all are.
    pub(super) fn sample(&self) -> Vec<f64> {
        let mut numbers: Vec<(f64, u32)> = self.weighted.iter().map(|(number, count)| (number.to_f64(), *count)).collect();
        let step = self.points.len().div_ceil(SAMPLE_MAX).max(1);
        numbers.extend(self.points.iter().step_by(step).map(|number| (number.to_f64(), step as u32)));
        let step = self.spans.len().div_ceil(SAMPLE_MAX).max(1);
        numbers.extend(self.spans.iter().step_by(step).map(|span| (span.low.to_f64(), step as u32)));
        let step = self.several_ends.len().div_ceil(SAMPLE_MAX).max(1);
        numbers.extend(self.groups().step_by(step).map(|(group, count)| (group[0].to_f64(), count.saturating_mul(step as u32))));
        self.runs.iter().filter_map(|group| group.runs.first().map(|run| (run, group.count))).for_each(|(run, count)| {
            numbers.extend(self.spread(*run, count));
        });
        numbers.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let total: u64 = numbers.iter().map(|(_, count)| u64::from(*count)).sum();
        let every = total.div_ceil(SAMPLE_MAX as u64).max(1);
        let (mut sample, mut seen) = (Vec::with_capacity(SAMPLE_MAX), 0);
        for (number, count) in numbers {
            let wanted = (seen + u64::from(count)).div_ceil(every) - u64::div_ceil(seen, every);
            sample.extend(std::iter::repeat_n(number, wanted as usize));
            seen += u64::from(count);
        }
        sample
    }

    /// Numbers that stand for those of `count` products in a run, of which nothing is known but that they lie there.
    fn spread(&self, (low, high): (T, T), count: u32) -> impl Iterator<Item = (f64, u32)> {
        let (least, most) = self.runs_ends.map_or((low, high), |(least, most)| (larger(low, least), smaller(high, most)));
        let (least, most) = (least.to_f64(), most.to_f64());
        let parts = count.min(RUN_PARTS);
        let number = move |part: u32| least + (most - least) * (f64::from(part) + 0.5) / f64::from(parts);
        (0..parts).map(move |part| (number(part), count / parts + u32::from(part < count % parts)))
    }

    /// Has `look` say all numbers of the products of which only the ends are known.
    pub(super) fn look_at_all(&mut self, look: impl Fn(&Spanned<T>, &mut Vec<T>)) {
        for span in std::mem::take(&mut self.spans) {
            self.add_products(1, |numbers| look(&span, numbers));
        }
    }

    /// Products in each range. `look` adds all numbers of a product.
    pub(super) fn counts(&self, cells: &Cells<T>, look: impl Fn(&Spanned<T>, &mut Vec<T>)) -> Vec<u64> {
        let mut counts = cells.counts(&self.points);
        self.weighted.iter().for_each(|(number, count)| cells.each(*number, |cell| counts[cell] += u64::from(*count)));
        let mut add = |mut bits: u128, count: u32| {
            while bits != 0 {
                counts[bits.trailing_zeros() as usize] += u64::from(count);
                bits &= bits - 1;
            }
        };
        let (mut all, finder) = (Vec::new(), cells.finder());
        for span in &self.spans {
            let decided = match &finder {
                Some(finder) => finder.between_ends(span.low, span.high),
                None => cells.between_ends(span.low, span.high),
            };
            let decided = decided.filter(|bits| span.is_whole() || bits.is_power_of_two());
            let bits = decided.unwrap_or_else(|| {
                all.clear();
                look(span, &mut all);
                cells.holding(&all)
            });
            add(bits, 1);
        }
        self.groups().for_each(|(group, count)| add(cells.holding(group), count));
        self.runs.iter().for_each(|group| add(cells.holding_runs(&group.runs), group.count));
        counts
    }

    /// What the products have at least, each once: its smallest number; of products that lend all their numbers or have been looked at.
    pub(super) fn stats(&self, (min, max): (T, T)) -> FacetStats {
        let least = |group: &[T]| group.iter().copied().fold(T::MOST, smaller);
        let points = self.points.iter().map(|number| (*number, 1));
        let spans = self.spans.iter().map(|span| (span.low, 1));
        let groups = self.groups().map(|(group, count)| (least(group), count));
        let numbers = points.chain(self.weighted.iter().copied()).chain(spans).chain(groups);
        let mut count = 0;
        let (sum, avg) = T::sum_and_mean(numbers.inspect(|(_, times)| count += u64::from(*times)));
        FacetStats { min: min.to_f64(), max: max.to_f64(), sum, avg, count }
    }
}

fn take_room<N>(numbers: &mut Vec<N>, room: usize) {
    if numbers.capacity() == 0 {
        numbers.reserve_exact(room);
    }
}

/// Where the numbers of a facet come from.
pub(super) trait Source {
    /// What kind they are.
    type Number: Number;
    /// Whether up to ten different numbers are counted each for itself.
    const SINGLE_VALUES: bool;

    /// The numbers of products as the field sees them, or what there is to know of them for ranges of such a grain.
    fn numbers(&self, view: &View<'_>, grain: Grain) -> Numbers<Self::Number>;

    /// The same from memory; none where nothing is remembered of them.
    fn recalled(&self, _: &Facet<'_>) -> Option<Numbers<Self::Number>> {
        None
    }

    /// Whether ranges of the grain [`Grain::Round`] tell apart what this one does.
    fn is_round(&self, low: Self::Number, high: Self::Number) -> bool;

    /// Adds all numbers of a product's variants that lend them.
    fn look(&self, scope: Scope<'_>, product: &Spanned<Self::Number>, numbers: &mut Vec<Self::Number>);

    /// What a filter chooses with a range of them.
    fn choice(&self, low: Self::Number, high: Self::Number) -> Choice;

    /// The range that a filter has chosen.
    fn range(&self, choice: Choice) -> Option<(Self::Number, Self::Number)>;
}

/// The variants of a row whose bits are set.
pub(super) fn lending(row: Row<'_>, variants: u64) -> impl Iterator<Item = VariantRow<'_>> {
    row.variants().enumerate().filter(move |(at, _)| variants == ALL_VARIANTS || variants >> at & 1 == 1).map(|(_, variant)| variant)
}

impl Source for FieldId {
    type Number = f64;
    const SINGLE_VALUES: bool = true;

    fn recalled(&self, facet: &Facet<'_>) -> Option<Numbers<f64>> {
        let Counted { candidates, filter, scope, .. } = facet.counted;
        let memory = facet.memory.filter(|_| *self == Self::RATING)?;
        let left_out = facet.base.left_out(facet.field).filter(|_| memory.is_again());
        if left_out.is_none() && !filter.is_empty() {
            return None;
        }
        let alone = |view: &View<'_>| self.numbers(view, Grain::Exact).weighted_alone();
        let mut weighted = memory.ratings(candidates, scope.columns, || alone(&facet.base.unfiltered().view(scope)))?;
        if let Some(left_out) = left_out.filter(|left_out| !left_out.whole.products().is_empty()) {
            ratings::take_away(&mut weighted, &alone(&left_out)?)?;
        }
        Some(Numbers { weighted, ..Numbers::with_capacity(0) })
    }

    fn is_round(&self, _: f64, _: f64) -> bool {
        true
    }

    fn numbers(&self, view: &View<'_>, _: Grain) -> Numbers<f64> {
        let columns = view.scope.columns;
        let known = columns.dictionary().field(*self);
        let mut numbers = Numbers::with_capacity(0);
        let all = |ordinal: Ordinal, numbers: &mut Vec<f64>| {
            columns.row(ordinal).into_iter().for_each(|row| numbers.extend(row.all().numbers_of(*self)));
        };
        if let Some(profiles) = known.profiles.as_ref().filter(|profiles| profiles.is_of_use(known.present.len())) {
            let tally = Tally::of(profiles, known.terms.len(), &known.present, view.whole, columns);
            for (profile, count) in tally.profiles() {
                match *profile.numbers {
                    [] => {}
                    [number] => numbers.weighted.push((number, count)),
                    _ => numbers.add_products(count, |numbers| numbers.extend(&profile.numbers)),
                }
            }
            tally.looks.iter().for_each(|ordinal| numbers.add_products(1, |numbers| all(*ordinal, numbers)));
        } else if let Some(column) = &known.column {
            numbers.room = view.whole.ordinals().len();
            let span = |at: &u32| numbers.add_span(*column.at(*at as usize), Ordinal(*at), ALL_VARIANTS, |number| number);
            view.whole.ordinals().iter().for_each(span);
        } else {
            for ordinal in (&*known.numbered & view.whole.products()).iter().map(Ordinal) {
                numbers.add_products(1, |numbers| all(ordinal, numbers));
            }
        }
        if let Some(apart) = view.apart {
            let numbers = RefCell::new(&mut numbers);
            let count = |lineup: &Lineup, bits: u64, count: u32| {
                let found = lineup.variants(bits).flat_map(|(_, numbers)| numbers);
                numbers.borrow_mut().add_products(count, |numbers| numbers.extend(found));
            };
            let look = |row: Row<'_>, variants: &[usize]| {
                numbers.borrow_mut().add_products(1, |numbers| {
                    numbers.extend(row.shared().numbers_of(*self));
                    variants.iter().for_each(|variant| numbers.extend(row.variant(*variant).own.numbers_of(*self)));
                });
            };
            apart.each(known.lineups.as_ref(), columns, count, look);
        }
        numbers
    }

    fn look(&self, scope: Scope<'_>, product: &Spanned<f64>, numbers: &mut Vec<f64>) {
        let Some(row) = scope.columns.row(product.ordinal) else { return };
        numbers.extend(row.shared().numbers_of(*self));
        lending(row, product.variants).for_each(|variant| numbers.extend(variant.own.numbers_of(*self)));
    }

    fn choice(&self, low: f64, high: f64) -> Choice {
        Choice::Numbers(low, high)
    }

    fn range(&self, choice: Choice) -> Option<(f64, f64)> {
        if let Choice::Numbers(low, high) = choice { Some((low, high)) } else { None }
    }
}

impl Source for LiveNumber {
    type Number = f64;
    const SINGLE_VALUES: bool = true;

    fn is_round(&self, _: f64, _: f64) -> bool {
        true
    }

    fn numbers(&self, view: &View<'_>, _: Grain) -> Numbers<f64> {
        let mut numbers = Numbers::with_capacity(view.whole.ordinals().len());
        numbers.points.extend(view.whole.ordinals().iter().map(|ordinal| view.scope.live.number(*self, Ordinal(*ordinal))));
        numbers
    }

    fn look(&self, scope: Scope<'_>, product: &Spanned<f64>, numbers: &mut Vec<f64>) {
        numbers.push(scope.live.number(*self, product.ordinal));
    }

    fn choice(&self, low: f64, high: f64) -> Choice {
        Choice::Numbers(low, high)
    }

    fn range(&self, choice: Choice) -> Option<(f64, f64)> {
        if let Choice::Numbers(low, high) = choice { Some((low, high)) } else { None }
    }
}
