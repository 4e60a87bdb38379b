//! What price lists, promotions, coupons, taxes and claims have to keep to before they are believed.

use super::list::TIERS_MAX;
use super::tax::RATES_MAX;
use crate::catalog::PRICE_MINOR_MAX;
use crate::country;
use crate::event::trade::Claims;
use crate::event::trade::pricing::{Coupon, Effect, ListPrice, PriceList, Promotion, Schedule, TaxZone};
use crate::id::{CouponCode, Sku};
use std::collections::BTreeSet;

/// Most coupons, and most gift cards, on one cart: nobody types more.
pub const CODES_MAX: usize = 8;
/// Most bytes in a coupon's code.
const CODE_BYTES_MAX: usize = 64;
/// Most bytes in a title or name.
const TITLE_BYTES_MAX: usize = 256;
/// Most prices, SKUs or coupons in one command, so that an entry stays small.
const ROWS_MAX: usize = 1_000;
/// Most SKUs, and most products, that one promotion names.
const TARGETS_MAX: usize = 1_000;
/// Most groups that one promotion names.
const GROUPS_MAX: usize = 64;
/// All of it, in hundredths of a percent.
const WHOLE: i64 = 10_000;

/// Which field is at fault, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct CheckError {
    /// Path of the field, as in `tiers[2].from_units`.
    pub field: String,
    /// What is wrong.
    pub reason: String,
}

type Checked = Result<(), CheckError>;

fn wrong(field: impl Into<String>, reason: impl Into<String>) -> Checked {
    Err(CheckError { field: field.into(), reason: reason.into() })
}

fn within(field: impl Into<String>, value: i64, from: i64, to: i64) -> Checked {
    if (from..=to).contains(&value) { Ok(()) } else { wrong(field, format!("must be between {from} and {to}")) }
}

fn at_most(field: impl Into<String>, count: usize, most: usize) -> Checked {
    if count <= most { Ok(()) } else { wrong(field, format!("must not be more than {most}")) }
}

fn printable(field: impl Into<String>, text: &str) -> Checked {
    if text.chars().any(char::is_control) { wrong(field, "must not contain control characters") } else { Ok(()) }
}

fn titled(field: &str, title: &str) -> Checked {
    if title.trim().is_empty() {
        return wrong(field, "must not be empty");
    }
    if title.len() > TITLE_BYTES_MAX || title.chars().any(char::is_control) {
        return wrong(field, format!("must be at most {TITLE_BYTES_MAX} bytes without control characters"));
    }
    Ok(())
}

fn scheduled(schedule: &Schedule) -> Checked {
    match (schedule.from, schedule.until) {
        (Some(from), Some(until)) if until <= from => wrong("schedule.until", "must be after from"),
        _ => Ok(()),
    }
}

/// Whether a code is in the one form that codes are kept in: upper case, without spaces.
fn is_code(code: &CouponCode) -> bool {
    let text = code.as_str();
    text.len() <= CODE_BYTES_MAX && !text.chars().any(|letter| letter.is_whitespace() || letter.is_lowercase())
}

/// Checks what a buyer brings along.
///
/// # Errors
/// Names the first field at fault.
pub fn check_claims(claims: &Claims) -> Checked {
    at_most("coupons", claims.coupons.len(), CODES_MAX)?;
    at_most("accounts", claims.accounts.len(), CODES_MAX)?;
    let mut seen = BTreeSet::new();
    for (index, code) in claims.coupons.iter().enumerate() {
        if !is_code(code) {
            return wrong(format!("coupons[{index}]"), format!("must be at most {CODE_BYTES_MAX} bytes, in upper case and without spaces"));
        }
        if !seen.insert(code) {
            return wrong(format!("coupons[{index}]"), "stands twice");
        }
    }
    Ok(())
}

/// Checks a price list.
///
/// # Errors
/// Names the first field at fault.
pub fn check_list(list: &PriceList) -> Checked {
    titled("title", &list.title)?;
    scheduled(&list.schedule)
}

/// Checks prices of a list.
///
/// # Errors
/// Names the first field at fault.
pub fn check_prices(prices: &[ListPrice]) -> Checked {
    at_most("prices", prices.len(), ROWS_MAX)?;
    for (index, price) in prices.iter().enumerate() {
        at_most(format!("prices[{index}].tiers"), price.tiers.len(), TIERS_MAX)?;
        let mut least = 1;
        for (place, tier) in price.tiers.iter().enumerate() {
            let field = |name: &str| format!("prices[{index}].tiers[{place}].{name}");
            if tier.from_units < least {
                return wrong(field("from_units"), "must be at least 1 and grow from tier to tier");
            }
            within(field("unit_minor"), tier.unit_minor, 0, PRICE_MINOR_MAX)?;
            least = tier.from_units.saturating_add(1);
        }
    }
    Ok(())
}

/// Checks a promotion.
///
/// # Errors
/// Names the first field at fault.
pub fn check_promotion(promotion: &Promotion) -> Checked {
    titled("title", &promotion.title)?;
    scheduled(&promotion.schedule)?;
    match promotion.effect {
        Effect::Percent { basis_points } => within("effect.percent.basis_points", basis_points, 1, WHOLE)?,
        Effect::Amount { amount_minor } => within("effect.amount.amount_minor", amount_minor, 1, PRICE_MINOR_MAX)?,
        Effect::BuyGet { buy, get, basis_points } => {
            within("effect.buy_get.buy", buy, 1, 1_000_000)?;
            within("effect.buy_get.get", get, 1, 1_000_000)?;
            within("effect.buy_get.basis_points", basis_points, 1, WHOLE)?;
        }
        Effect::Shipping { basis_points } => within("effect.shipping.basis_points", basis_points, 1, WHOLE)?,
    }
    at_most("target.skus", promotion.target.skus.len(), TARGETS_MAX)?;
    at_most("target.products", promotion.target.products.len(), TARGETS_MAX)?;
    if !promotion.target.skus.is_sorted() || !promotion.target.products.is_sorted() {
        return wrong("target", "must be in order");
    }
    at_most("groups", promotion.groups.len(), GROUPS_MAX)?;
    within("subtotal_from_minor", promotion.subtotal_from_minor, 0, PRICE_MINOR_MAX)?;
    within("units_from", promotion.units_from, 0, 1_000_000_000)?;
    limited(promotion)
}

fn limited(promotion: &Promotion) -> Checked {
    let limits = &promotion.limits;
    if limits.uses == Some(0) || limits.uses_per_buyer == Some(0) {
        return wrong("limits.uses", "must be at least 1, or left out");
    }
    limits.budget_minor.map_or(Ok(()), |budget| within("limits.budget_minor", budget, 1, PRICE_MINOR_MAX * 1_000))?;
    let has_amounts =
        matches!(promotion.effect, Effect::Amount { .. }) || promotion.subtotal_from_minor > 0 || limits.budget_minor.is_some();
    if has_amounts && promotion.currency.is_none() {
        return wrong("currency", "must be said beside an amount");
    }
    Ok(())
}

/// Checks coupons.
///
/// # Errors
/// Names the first field at fault.
pub fn check_coupon(index: usize, coupon: &Coupon) -> Checked {
    at_most("codes", index + 1, ROWS_MAX)?;
    if !is_code(&coupon.code) {
        return wrong(format!("codes[{index}]"), format!("must be at most {CODE_BYTES_MAX} bytes, in upper case and without spaces"));
    }
    if coupon.uses == Some(0) {
        return wrong("uses", "must be at least 1, or left out");
    }
    scheduled(&coupon.schedule)
}

/// Checks the taxes of a country.
///
/// # Errors
/// Names the first field at fault.
pub fn check_zone(zone: &TaxZone) -> Checked {
    if !country::is_code_in_capitals(&zone.country) {
        return wrong("country", "must be a country's two capital letters, as in ISO 3166");
    }
    at_most("rates", zone.rates.len(), RATES_MAX)?;
    for (index, rate) in zone.rates.iter().enumerate() {
        titled(&format!("rates[{index}].name"), &rate.name)?;
        within(format!("rates[{index}].basis_points"), rate.basis_points, 0, WHOLE)?;
        let texts = [("region", &rate.region), ("postal_prefix", &rate.postal_prefix), ("class", &rate.class)];
        for (name, text) in texts {
            at_most(format!("rates[{index}].{name}"), text.len(), CODE_BYTES_MAX)?;
            printable(format!("rates[{index}].{name}"), text)?;
        }
    }
    Ok(())
}

/// Checks SKUs and their tax class.
///
/// # Errors
/// Names the first field at fault.
pub fn check_tax_class(class: &str, skus: &[Sku]) -> Checked {
    at_most("class", class.len(), CODE_BYTES_MAX)?;
    printable("class", class)?;
    at_most("skus", skus.len(), ROWS_MAX)
}
