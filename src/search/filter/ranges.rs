//! Whether a number lies in one of the ranges of a condition.

use std::cmp::Ordering;

/// Ranges of one condition up to which they stand as they were written, and are tried one after another.
const AS_WRITTEN_MAX: usize = 16;

/// Whether a number lies in one of the inclusive ranges, which are many only where [`in_order`] made them so.
pub fn is_in<T: PartialOrd + Copy>(ranges: &[(T, T)], number: T) -> bool {
    if ranges.len() <= AS_WRITTEN_MAX {
        return ranges.iter().any(|&(low, high)| low <= number && number <= high);
    }
    let above = ranges.partition_point(|&(low, _)| low <= number);
    above > 0 && number <= ranges[above - 1].1
}

/// Ranges as written or, where there are many, by their lower ends with those that overlap as one: a number is found among them by halving.
pub fn in_order<T: PartialOrd + Copy>(mut ranges: Vec<(T, T)>) -> Vec<(T, T)> {
    if ranges.len() <= AS_WRITTEN_MAX {
        return ranges;
    }
    ranges.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal));
    ranges.dedup_by(|next, last| {
        let overlaps = next.0 <= last.1;
        if overlaps && last.1 < next.1 {
            last.1 = next.1;
        }
        overlaps
    });
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn however_many_ranges_there_are_a_number_lies_in_one_of_them_or_in_none(
            ranges in prop::collection::vec((0_i64..60, -1_i64..5).prop_map(|(low, len)| (low, low + len)), 0..60), number in 0_i64..70,
        ) {
            let expected = ranges.iter().any(|&(low, high)| low <= number && number <= high);
            prop_assert_eq!(is_in(&in_order(ranges), number), expected);
        }
    }

    #[test]
    fn a_few_ranges_stay_as_they_were_written() {
        let written = vec![(3, 9), (1, 4)];
        assert_eq!(in_order(written.clone()), written);
        assert_eq!(in_order(vec![(1, 1); 4_000]), [(1, 1)]);
    }
}
