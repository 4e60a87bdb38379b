//! Quantity rules: how many units of something one cart may hold and one buyer may have.
//!
//! A buyer is known by whatever names they gave: shopper, e-mail, postal address. Each name is counted for itself, so that a second account
//! with the same address is the same buyer.

use crate::event::trade::{Line, QuantityRule, RuleTarget};

/// Longest time that an order can count against its buyer: a year.
pub const WINDOW_MS_MAX: i64 = 366 * 24 * 60 * 60 * 1_000;
/// Most units that a rule can speak of; the same as on one line.
const UNITS_MAX: i64 = super::lines::QUANTITY_MAX;

/// Why a rule does not let a quantity pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Too few units.
    #[error("must be at least {0}")]
    TooFew(i64),
    /// Too many units.
    #[error("must be at most {0}")]
    TooMany(i64),
    /// Not a multiple.
    #[error("must be a multiple of {0}")]
    NotMultiple(i64),
    /// Together with what the buyer has had lately, too many units.
    #[error("{left} of {most} are left for one buyer")]
    TooManyForBuyer {
        /// Units that this buyer may still have.
        left: i64,
        /// Units that any buyer may have.
        most: i64,
    },
}

/// Checks what a rule itself says.
///
/// # Errors
/// The first field at fault, and why.
pub fn check_rule(rule: &QuantityRule) -> Result<(), (&'static str, String)> {
    let units = |field: &'static str, units: i64| match units {
        1..=UNITS_MAX => Ok(()),
        _ => Err((field, format!("must be between 1 and {UNITS_MAX}"))),
    };
    units("min", rule.min)?;
    units("multiple_of", rule.multiple_of)?;
    rule.max.map_or(Ok(()), |max| units("max", max))?;
    rule.max_per_buyer.map_or(Ok(()), |max| units("max_per_buyer", max))?;
    if !(0..=WINDOW_MS_MAX).contains(&rule.window_ms) {
        return Err(("window_ms", format!("must be between 0 and {WINDOW_MS_MAX}")));
    }
    let most = rule.max.unwrap_or(UNITS_MAX).min(rule.max_per_buyer.unwrap_or(UNITS_MAX));
    if capped(rule, most) == 0 {
        return Err(("max", "no quantity keeps all parts of the rule".to_owned()));
    }
    Ok(())
}

/// The most units up to `wanted` that keep the rule; zero when even the fewest are more.
#[must_use]
pub fn capped(rule: &QuantityRule, wanted: i64) -> i64 {
    let most = wanted.min(rule.max.unwrap_or(i64::MAX));
    let units = most - most.rem_euclid(rule.multiple_of.max(1));
    if units < rule.min { 0 } else { units }
}

/// Whether so many units in one cart keep the rule.
///
/// # Errors
/// The part of the rule that they do not keep.
pub fn check_units(rule: &QuantityRule, units: i64) -> Result<(), QuantityError> {
    match rule.max {
        _ if units == 0 => Ok(()),
        Some(max) if units > max => Err(QuantityError::TooMany(max)),
        _ if units < rule.min => Err(QuantityError::TooFew(rule.min)),
        _ if units % rule.multiple_of.max(1) != 0 => Err(QuantityError::NotMultiple(rule.multiple_of)),
        _ => Ok(()),
    }
}

/// Whether a rule's target is what the line is of.
#[must_use]
pub fn holds_for(target: &RuleTarget, line: &Line) -> bool {
    match target {
        RuleTarget::Sku(sku) => line.sku == *sku,
        RuleTarget::Product(product) => line.product == *product,
    }
}

/// Units of a rule's target, over all lines.
#[must_use]
pub fn units_of(target: &RuleTarget, lines: &[Line]) -> i64 {
    lines.iter().filter(|line| holds_for(target, line)).fold(0, |sum: i64, line| sum.saturating_add(line.quantity))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(min: i64, max: Option<i64>, multiple_of: i64) -> QuantityRule {
        QuantityRule { min, max, multiple_of, max_per_buyer: None, window_ms: 0 }
    }

    #[test]
    fn the_part_of_a_rule_that_is_broken_is_named() {
        let check = |rule: QuantityRule, units, expected| assert_eq!(check_units(&rule, units), expected, "{units} under {rule:?}");
        check(rule(1, Some(3), 1), 3, Ok(()));
        check(rule(1, Some(3), 1), 4, Err(QuantityError::TooMany(3)));
        check(rule(6, None, 6), 5, Err(QuantityError::TooFew(6)));
        check(rule(6, None, 6), 8, Err(QuantityError::NotMultiple(6)));
        check(rule(6, None, 6), 12, Ok(()));
        check(rule(6, Some(12), 6), 0, Ok(()));
    }

    #[test]
    fn a_quantity_is_capped_to_what_keeps_the_rule() {
        let check = |rule: QuantityRule, wanted, expected| assert_eq!(capped(&rule, wanted), expected, "{wanted} under {rule:?}");
        check(rule(1, Some(5), 1), 9, 5);
        check(rule(1, Some(5), 2), 9, 4);
        check(rule(4, Some(10), 4), 11, 8);
        check(rule(4, Some(10), 4), 3, 0);
        check(rule(1, None, 1), 9, 9);
    }

    #[test]
    fn a_rule_that_nothing_can_keep_is_refused() {
        assert_eq!(check_rule(&rule(1, Some(5), 1)), Ok(()));
        let field = |rule: QuantityRule| check_rule(&rule).expect_err("is refused").0;
        assert_eq!(field(rule(0, None, 1)), "min");
        assert_eq!(field(rule(1, Some(0), 1)), "max");
        assert_eq!(field(rule(1, None, 0)), "multiple_of");
        assert_eq!(field(rule(6, Some(5), 1)), "max");
        assert_eq!(field(rule(1, Some(5), 6)), "max");
        assert_eq!(field(QuantityRule { window_ms: -1, ..rule(1, None, 1) }), "window_ms");
        assert_eq!(field(QuantityRule { max_per_buyer: Some(2), ..rule(3, None, 1) }), "max");
    }
}
