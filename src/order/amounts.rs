//! What parts of an order come to: shares of amounts that add up to the whole, however an order is taken apart.

use crate::event::trade::{Line, LineAmounts, Totals};

/// The share that `part` of `whole` units has in an amount, rounded towards zero. Shares of growing parts never shrink, and the share of the
/// whole is the amount, so what one part after another is given sums to it exactly. A part may be larger than the whole.
#[must_use]
pub fn share(amount_minor: i64, part: i64, whole: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    let exact = i128::from(amount_minor) * i128::from(part) / i128::from(whole);
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}

/// What was or will be paid for a line.
#[must_use]
pub fn paid_minor(amounts: &LineAmounts) -> i64 {
    amounts.gross_minor + amounts.discount_minor + amounts.tax_minor
}

/// What a line comes to with `part` instead of `whole` units, on the same terms for each.
#[must_use]
pub fn rescale(amounts: &LineAmounts, part: i64, whole: i64) -> LineAmounts {
    LineAmounts {
        line: amounts.line.clone(),
        unit_minor: amounts.unit_minor,
        price_list: amounts.price_list.clone(),
        gross_minor: share(amounts.gross_minor, part, whole),
        discount_minor: share(amounts.discount_minor, part, whole),
        tax_minor: share(amounts.tax_minor, part, whole),
        included_tax_minor: share(amounts.included_tax_minor, part, whole),
    }
}

/// What each line comes to: as the totals say or, for orders of a release that did not write it down, with discount and tax shared out by
/// what the lines cost.
#[must_use]
pub fn line_amounts(lines: &[Line], totals: &Totals) -> Vec<LineAmounts> {
    if totals.lines.len() == lines.len() {
        return totals.lines.to_vec();
    }
    let subtotal = totals.subtotal.amount_minor;
    let mut before = 0;
    let amounts = lines.iter().map(|line| {
        let gross_minor = line.unit_price.amount_minor.saturating_mul(line.quantity);
        let (from, to) = (before, before + gross_minor);
        before = to;
        let part = |amount| share(amount, to, subtotal) - share(amount, from, subtotal);
        let (discount_minor, tax_minor) = (part(totals.discount.amount_minor), part(totals.tax.amount_minor));
        let (unit_minor, price_list) = (line.unit_price.amount_minor, None);
        LineAmounts { line: line.id.clone(), unit_minor, price_list, gross_minor, discount_minor, tax_minor, included_tax_minor: 0 }
    });
    amounts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{LineId, Ordinal, Sku};
    use crate::money::{Currency, Money};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_parts_are_given_one_after_another_sums_to_the_whole(amount in -1_000_000_i64..1_000_000, cuts in prop::collection::vec(1_i64..50, 1..8)) {
            let whole: i64 = cuts.iter().sum();
            let mut before = 0;
            let mut sum = 0;
            for cut in cuts {
                let given = share(amount, before + cut, whole) - share(amount, before, whole);
                prop_assert!(given.signum() * amount.signum() >= 0, "no part is given what another owes");
                (before, sum) = (before + cut, sum + given);
            }
            prop_assert_eq!(sum, amount);
        }

        #[test]
        fn discount_and_tax_of_old_orders_are_shared_out_exactly(prices in prop::collection::vec((1_i64..20, 0_i64..10_000), 1..10), discount in -500_i64..1, tax in 0_i64..900) {
            let usd = |amount| Money::new(amount, Currency::USD);
            let line = |(place, &(quantity, price)): (usize, &(i64, i64))| Line {
                id: LineId::new(&place.to_string()).expect("an id"),
                sku: Sku::new("a").expect("an id"),
                product: Ordinal(0),
                title: String::new(),
                quantity,
                unit_price: usd(price),
                components: Vec::new(),
            };
            let lines: Vec<Line> = prices.iter().enumerate().map(line).collect();
            let subtotal: i64 = lines.iter().map(|line| line.quantity * line.unit_price.amount_minor).sum();
            let (discount, tax) = if subtotal == 0 { (0, 0) } else { (discount, tax) };
            let (subtotal, discount, shipping, tax) = (usd(subtotal), usd(discount), usd(0), usd(tax));
            let total = usd(subtotal.amount_minor + discount.amount_minor + tax.amount_minor);
            let totals = Totals { subtotal, discount, shipping, tax, total, ..Totals::zero(Currency::USD) };
            let paid: i64 = line_amounts(&lines, &totals).iter().map(paid_minor).sum();
            prop_assert_eq!(paid, totals.total.amount_minor);
        }
    }
}
