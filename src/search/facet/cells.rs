//! Inclusive ranges that numbers are counted in, in the order in which they are shown.

use super::number::Number;

/// Most ranges of one facet; a product's ranges are bits of one number.
pub(super) const CELLS_MAX: usize = 100;

/// Ranges of a ladder up to which a number's is found by four comparisons, whatever the number.
const SEARCHED_MAX: usize = 15;

/// Inclusive ranges.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cells<T> {
    lows: Vec<T>,
    highs: Vec<T>,
    /// Whether they ascend and neighbours share at most a bound, so that a number lies in two at most.
    is_ladder: bool,
    /// Whether each ends just before the next begins.
    is_half_open: bool,
}

impl<T: Number> Cells<T> {
    /// These ranges; at most [`CELLS_MAX`] of them are taken.
    pub(super) fn of(ranges: impl IntoIterator<Item = (T, T)>) -> Self {
        let (lows, highs): (Vec<T>, Vec<T>) = ranges.into_iter().take(CELLS_MAX).unzip();
        let ascend = |at: usize| lows[at] <= highs[at] && (at == 0 || highs[at - 1] <= lows[at] && lows[at - 1] < lows[at]);
        let is_ladder = (0..lows.len()).all(ascend);
        Self { lows, highs, is_ladder, is_half_open: false }
    }

    /// One range for each of these values.
    pub(super) fn of_values(values: &[T]) -> Self {
        Self::of(values.iter().map(|value| (*value, *value)))
    }

    /// The ranges between these bounds, which ascend; both neighbours of a bound include it.
    pub(super) fn between(bounds: &[T]) -> Self {
        Self::of(bounds.windows(2).map(|pair| (pair[0], pair[1])))
    }

    /// The ranges that begin at these numbers, which ascend, and end just before the next begins; the last ends at `last`.
    pub(super) fn beginning(lows: &[T], last: T) -> Self {
        let highs = lows.iter().skip(1).map(|low| low.just_below()).chain([last]);
        Self { is_half_open: true, ..Self::of(lows.iter().copied().zip(highs)) }
    }

    /// The bounds of a range as a label says them: where the next begins rather than the number just below.
    pub(super) fn label(&self, cell: usize) -> (T, T) {
        let next = self.lows.get(cell + 1).filter(|_| self.is_half_open);
        (self.lows[cell], next.copied().unwrap_or(self.highs[cell]))
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.lows.len()
    }

    /// The ranges.
    pub(super) fn ranges(&self) -> impl Iterator<Item = (T, T)> {
        self.lows.iter().copied().zip(self.highs.iter().copied())
    }

    /// Calls `hit` with each range that holds the number.
    #[inline]
    pub(super) fn each(&self, number: T, mut hit: impl FnMut(usize)) {
        let candidates = if self.is_ladder {
            let begun = self.begun(number);
            begun.saturating_sub(2)..begun
        } else {
            0..self.lows.len()
        };
        for cell in candidates {
            if self.lows[cell] <= number && number <= self.highs[cell] {
                hit(cell);
            }
        }
    }

    /// Ranges of a ladder that begin at or below the number.
    #[inline]
    fn begun(&self, number: T) -> usize {
        match self.lows.len() {
            // Few are compared faster than they are halved.
            0..=16 => self.lows.iter().map(|low| usize::from(*low <= number)).sum(),
            _ => self.lows.partition_point(|low| *low <= number),
        }
    }

    /// The ranges that hold one of the numbers, as bits.
    pub(super) fn holding(&self, numbers: &[T]) -> u128 {
        let mut bits = 0;
        numbers.iter().for_each(|number| self.each(*number, |cell| bits |= 1 << cell));
        bits
    }

    /// The ranges that hold one of the runs of numbers, as bits; each range holds a run whole or has nothing of it.
    pub(super) fn holding_runs(&self, runs: &[(T, T)]) -> u128 {
        let mut bits = 0;
        for (low, high) in runs {
            let holds = |cell: &usize| self.lows[*cell] <= *high && *low <= self.highs[*cell];
            (0..self.len()).filter(holds).for_each(|cell| bits |= 1 << cell);
        }
        bits
    }

    /// The ranges that hold one of several numbers whose smallest is `low` and largest `high`, if the ends can tell: those of the ends have no
    /// other between them.
    #[inline]
    pub(super) fn between_ends(&self, low: T, high: T) -> Option<u128> {
        run_between(self.holding(&[low]), self.holding(&[high])).filter(|_| self.is_ladder)
    }

    /// How many of the numbers each range holds.
    pub(super) fn counts(&self, numbers: &[T]) -> Vec<u64> {
        let Some(finder) = self.finder() else {
            let mut counts = vec![0_u64; self.len()];
            numbers.iter().for_each(|number| self.each(*number, |cell| counts[cell] += 1));
            return counts;
        };
        let mut counts = [0_u64; SEARCHED_MAX + BLANKS];
        for number in numbers {
            let begun = finder.begun(*number);
            counts[begun] += u64::from(*number <= finder.highs[begun]);
            counts[begun + 1] += u64::from(*number <= finder.highs[begun + 1]);
        }
        counts[BLANKS..self.len() + BLANKS].to_vec()
    }

    /// Finds ranges by four comparisons, if they are a short ladder.
    pub(super) fn finder(&self) -> Option<Finder<T>> {
        let count = self.len();
        let mut finder = Finder { lows: [T::MOST; SEARCHED_MAX], highs: [T::LEAST; SEARCHED_MAX + BLANKS], count };
        (self.is_ladder && count <= SEARCHED_MAX).then(|| {
            finder.lows[..count].copy_from_slice(&self.lows);
            finder.highs[BLANKS..count + BLANKS].copy_from_slice(&self.highs);
            finder
        })
    }
}

/// Ranges that hold nothing and stand before the first, so that every number has two to be tried on.
const BLANKS: usize = 2;

/// The ranges of a short ladder.
pub(super) struct Finder<T> {
    lows: [T; SEARCHED_MAX],
    highs: [T; SEARCHED_MAX + BLANKS],
    count: usize,
}

impl<T: Number> Finder<T> {
    /// Ranges that begin at or below the number: it can lie in the last two of them.
    #[inline]
    fn begun(&self, number: T) -> usize {
        let halved = [8, 4, 2, 1].iter().fold(0, |begun, step| begun + step * usize::from(self.lows[begun + step - 1] <= number));
        halved.min(self.count)
    }

    #[inline]
    fn holding(&self, number: T) -> u32 {
        let begun = self.begun(number);
        u32::from(number <= self.highs[begun]) << begun | u32::from(number <= self.highs[begun + 1]) << (begun + 1)
    }

    /// What [`Cells::between_ends`] says.
    #[inline]
    pub(super) fn between_ends(&self, low: T, high: T) -> Option<u128> {
        run_between(u128::from(self.holding(low)), u128::from(self.holding(high))).map(|bits| bits >> BLANKS)
    }
}

/// The ranges of both ends, as bits, if each end lies in some and no other lies between them.
#[inline]
fn run_between(first: u128, last: u128) -> Option<u128> {
    let bits = first | last;
    (first != 0 && last != 0 && ((bits >> bits.trailing_zeros()) + 1).is_power_of_two()).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::super::number::Price;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_lies_where_its_range_says(ranges in prop::collection::vec((0_i64..40, 0_i64..40), 0..20), numbers in prop::collection::vec(0_i64..40, 0..4), sorted in any::<bool>()) {
            let mut bounds: Vec<i64> = ranges.iter().map(|range| range.0).collect();
            bounds.sort_unstable();
            bounds.dedup();
            let prices: Vec<Price> = bounds.into_iter().map(Price).collect();
            let cells = match sorted {
                true => Cells::between(&prices),
                false => Cells::of(ranges.iter().map(|(low, high)| (Price(*low), Price(*high)))),
            };
            let numbers: Vec<Price> = numbers.into_iter().map(Price).collect();
            let expected = cells.ranges().enumerate().filter(|(_, (low, high))| numbers.iter().any(|number| low <= number && number <= high));
            prop_assert_eq!(cells.holding(&numbers), expected.fold(0, |bits, (cell, _)| bits | 1 << cell));
            let ends = numbers.iter().min().zip(numbers.iter().max());
            let told = ends.and_then(|(low, high)| cells.between_ends(*low, *high));
            if let Some(bits) = told {
                prop_assert_eq!(bits, cells.holding(&numbers));
            }
            if let (Some((low, high)), Some(finder)) = (ends, cells.finder()) {
                prop_assert_eq!(finder.between_ends(*low, *high), told);
            }
            let each: Vec<u64> = cells.ranges().map(|(low, high)| numbers.iter().filter(|number| low <= **number && **number <= high).count() as u64).collect();
            prop_assert_eq!(cells.counts(&numbers), each);
        }
    }

    #[test]
    fn ranges_that_begin_where_the_last_ended_share_nothing() {
        let cells = Cells::beginning(&[Price(0), Price(10), Price(20)], Price(25));
        let ranges: Vec<(Price, Price)> = cells.ranges().collect();
        assert_eq!(ranges, [(Price(0), Price(9)), (Price(10), Price(19)), (Price(20), Price(25))]);
        let cells = Cells::beginning(&[0.0, 0.5], 1.0);
        assert_eq!(cells.holding(&[0.5]), 0b10);
    }
}
