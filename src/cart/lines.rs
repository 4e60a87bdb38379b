//! The rules that lines keep, wherever they stand, and what they demand.

use crate::event::trade::Line;
use crate::id::Sku;
use crate::money::Currency;
use std::collections::{BTreeMap, BTreeSet};

/// Most lines in one cart, checkout session or order.
pub const LINES_MAX: usize = 500;
/// Most units on one line; small enough that the demand of all lines cannot overflow.
pub const QUANTITY_MAX: i64 = 1_000_000;
/// Most bytes in a line's title.
pub const TITLE_BYTES_MAX: usize = 1_024;

/// Which field of the lines is at fault, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct LineError {
    /// Path of the field, as in `lines[2].quantity`.
    pub field: String,
    /// What is wrong.
    pub reason: String,
}

/// Checks everything about lines that their types do not.
///
/// # Errors
/// The first field at fault.
pub fn check_lines(lines: &[Line], currency: Currency) -> Result<(), LineError> {
    let wrong = |field: String, reason: String| Err(LineError { field, reason });
    if lines.len() > LINES_MAX {
        return wrong("lines".to_owned(), format!("must not be more than {LINES_MAX}"));
    }
    let mut seen = BTreeSet::new();
    for (index, line) in lines.iter().enumerate() {
        let field = |name: &str| format!("lines[{index}].{name}");
        if !seen.insert(&line.id) {
            return wrong(field("id"), "stands twice".to_owned());
        }
        if !(1..=QUANTITY_MAX).contains(&line.quantity) {
            return wrong(field("quantity"), format!("must be between 1 and {QUANTITY_MAX}"));
        }
        if line.unit_price.currency != currency {
            return wrong(field("unit_price"), format!("must be in {currency}"));
        }
        if line.unit_price.amount_minor < 0 {
            return wrong(field("unit_price"), "must not be negative".to_owned());
        }
        if line.title.len() > TITLE_BYTES_MAX {
            return wrong(field("title"), format!("must not be longer than {TITLE_BYTES_MAX} bytes"));
        }
    }
    Ok(())
}

/// Units per stocked SKU, summed over all lines and the parts of bundles: two lines of one SKU are one demand. Lines that passed
/// [`check_lines`] cannot overflow it.
#[must_use]
pub fn demand(lines: &[Line]) -> BTreeMap<Sku, i64> {
    let mut sums: BTreeMap<Sku, i64> = BTreeMap::new();
    let mut add = |sku: &Sku, units: i64| {
        let sum = sums.entry(sku.clone()).or_default();
        *sum = sum.saturating_add(units);
    };
    for line in lines {
        match line.components.as_slice() {
            [] => add(&line.sku, line.quantity),
            parts => parts.iter().for_each(|part| add(&part.sku, part.quantity.saturating_mul(line.quantity))),
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{LineId, Ordinal};
    use crate::money::Money;

    fn line(id: &str, sku: &str, quantity: i64) -> Line {
        Line {
            id: LineId::new(id).expect("an id"),
            sku: Sku::new(sku).expect("an id"),
            product: Ordinal(0),
            title: "Lamp".to_owned(),
            quantity,
            unit_price: Money::new(500, Currency::EUR),
            components: Vec::new(),
        }
    }

    #[test]
    fn the_field_at_fault_is_named() {
        let check = |change: &dyn Fn(&mut Vec<Line>), field: &str| {
            let mut lines = vec![line("1", "a", 1), line("2", "b", 2)];
            change(&mut lines);
            assert_eq!(check_lines(&lines, Currency::EUR).map_err(|error| error.field), Err(field.to_owned()));
        };
        check(&|lines| lines[1].quantity = 0, "lines[1].quantity");
        check(&|lines| lines[1].quantity = -1, "lines[1].quantity");
        check(&|lines| lines[0].quantity = QUANTITY_MAX + 1, "lines[0].quantity");
        check(&|lines| lines[1].id = lines[0].id.clone(), "lines[1].id");
        check(&|lines| lines[1].unit_price.currency = Currency::USD, "lines[1].unit_price");
        check(&|lines| lines[1].unit_price.amount_minor = -1, "lines[1].unit_price");
        check(&|lines| lines[0].title = "x".repeat(TITLE_BYTES_MAX + 1), "lines[0].title");
        check(&|lines| *lines = (0..=LINES_MAX).map(|id| line(&id.to_string(), "a", 1)).collect(), "lines");
    }

    #[test]
    fn demand_is_summed_over_lines_of_one_sku() {
        let lines = [line("1", "a", 2), line("2", "b", 1), line("3", "a", 3)];
        assert_eq!(check_lines(&lines, Currency::EUR), Ok(()));
        let demand: Vec<(String, i64)> = demand(&lines).into_iter().map(|(sku, units)| (sku.to_string(), units)).collect();
        assert_eq!(demand, [("a".to_owned(), 5), ("b".to_owned(), 1)]);
    }
}
