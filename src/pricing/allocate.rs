//! Sharing an amount out so that the parts sum to it exactly: the method of largest remainders.

use std::cmp::Reverse;

/// Shares `amount` (not negative) out by `weights` (not negative, with a sum above 0): everybody gets the whole units of their exact share,
/// and those with the largest remainders get one of the units left each. `ranks` breaks ties, so that the order of the parts does not matter.
/// No part gets more than its weight when `amount` is at most the sum of weights. Gives nothing when there is no weight.
pub(super) fn shared_out(amount: i64, weights: &[i64], ranks: &[u32]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum <= 0 || amount <= 0 {
        return vec![0; weights.len()];
    }
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = amount;
    for (place, weight) in weights.iter().enumerate() {
        let (part, remainder) = divided(amount, *weight, sum);
        left -= part;
        parts.push(part);
        if remainder > 0 {
            remainders.push((Reverse(remainder), ranks.get(place).copied().unwrap_or(0), place));
        }
    }
    let count = usize::try_from(left).unwrap_or(0).min(remainders.len());
    if count > 0 && count < remainders.len() {
        remainders.select_nth_unstable(count - 1);
    }
    remainders.iter().take(count).for_each(|(_, _, place)| parts[*place] += 1);
    parts
}

/// `amount × weight / sum`, whole and remainder. Most carts are small enough for the machine's own division.
fn divided(amount: i64, weight: i64, sum: i128) -> (i64, i128) {
    if let (Some(product), Ok(sum)) = (amount.checked_mul(weight), i64::try_from(sum)) {
        return (product / sum, i128::from(product % sum));
    }
    let product = i128::from(amount) * i128::from(weight);
    (i64::try_from(product / sum).unwrap_or(i64::MAX), product % sum)
}

/// `amount × basis_points / 10,000`, half up; `amount` is not negative. None when it does not fit.
pub(super) fn part_of(amount: i128, basis_points: i64) -> Option<i64> {
    let exact = amount.checked_mul(i128::from(basis_points))?;
    i64::try_from((exact + 5_000).div_euclid(10_000)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(amount: i64, weights: &[i64], expected: &[i64]) {
        let ranks: Vec<u32> = (0..weights.len() as u32).collect();
        assert_eq!(shared_out(amount, weights, &ranks), expected, "{amount} by {weights:?}");
    }

    #[test]
    fn the_largest_remainders_get_what_is_left() {
        check(100, &[1, 1, 1], &[34, 33, 33]);
        check(10, &[7, 2, 1], &[7, 2, 1]);
        check(5, &[0, 10, 10], &[0, 3, 2]);
        check(0, &[1, 2], &[0, 0]);
        check(7, &[0, 0], &[0, 0]);
        check(i64::MAX, &[i64::MAX, i64::MAX], &[i64::MAX / 2 + 1, i64::MAX / 2]);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_amount_and_do_not_depend_on_their_order(
            weights in prop::collection::vec(0_i64..100_000, 1..40), permille in 0_i64..=1_000, turn in 0_usize..40
        ) {
            let sum: i64 = weights.iter().sum();
            let amount = sum * permille / 1_000;
            let ranks: Vec<u32> = (0..weights.len() as u32).collect();
            let parts = shared_out(amount, &weights, &ranks);
            prop_assert_eq!(parts.iter().sum::<i64>(), amount);
            prop_assert!(parts.iter().zip(&weights).all(|(part, weight)| (0..=*weight).contains(part)));
            let (mut turned, mut turned_ranks) = (weights.clone(), ranks.clone());
            let turn = turn % weights.len();
            turned.rotate_left(turn);
            turned_ranks.rotate_left(turn);
            let mut again = shared_out(amount, &turned, &turned_ranks);
            again.rotate_right(turn);
            prop_assert_eq!(again, parts);
        }
    }
}
