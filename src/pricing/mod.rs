//! Pricing: lines to what is to be paid, in whole minor units, with checked arithmetic.
//!
//! Shipping is a flat rate per currency that falls away from a threshold on; tax is a rate per country of destination on the goods, rounded
//! half up once over the whole sum. Prices of countries without a rule include their tax, as is usual in Europe.

mod basket;
mod book;

pub use basket::Basket;
pub use book::PriceBook;

use crate::event::trade::{ShippingAmounts, Totals};
use crate::money::{Currency, Money, MoneyError};
use std::sync::Arc;

/// What shipping costs in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShippingRate {
    /// The currency it holds for.
    pub currency: Currency,
    /// What shipping costs, in minor units.
    pub flat_minor: i64,
    /// Sum of the goods from which on it costs nothing, in minor units.
    pub free_from_minor: i64,
}

/// Tax on top of the prices for one country of destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRate {
    /// ISO 3166, two letters, upper case.
    pub country: String,
    /// Hundredths of a percent.
    pub basis_points: i64,
}

/// What the sums depend on besides the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// One rate per currency; shipping in any other currency is free.
    pub shipping: Vec<ShippingRate>,
    /// One rate per country; for any other country prices include tax.
    pub taxes: Vec<TaxRate>,
}

impl Default for Options {
    fn default() -> Self {
        let rate = |currency| ShippingRate { currency, flat_minor: 499, free_from_minor: 5_000 };
        let tax = |country: &str, basis_points| TaxRate { country: country.to_owned(), basis_points };
        Self { shipping: [Currency::USD, Currency::EUR, Currency::GBP].map(rate).to_vec(), taxes: vec![tax("US", 800), tax("CA", 500)] }
    }
}

/// A sum does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {source}")]
pub struct PricingError {
    /// Path of the field at fault, as in `lines[2]`.
    pub field: String,
    /// Why.
    pub source: MoneyError,
}

/// What a basket comes to. The one place that prices.
///
/// # Errors
/// When the lines are of different currencies or a sum does not fit, naming the field.
pub fn totals(basket: &Basket<'_>, options: &Options) -> Result<Totals, PricingError> {
    let at = |field: &str| {
        let field = field.to_owned();
        move |source| PricingError { field, source }
    };
    let mut subtotal = Money::zero(basket.currency);
    for (index, line) in basket.lines.iter().enumerate() {
        let sum = line.unit_price.times(line.quantity).and_then(|price| subtotal.plus(price));
        subtotal = sum.map_err(at(&format!("lines[{index}]")))?;
    }
    let discount = Money::zero(basket.currency);
    let goods = subtotal.plus(discount).map_err(at("discount"))?;
    let shipping = basket.shipping.unwrap_or_else(|| shipping(goods, basket.lines.is_empty(), options));
    let country = basket.address.map(|address| address.country.as_str());
    let tax = tax(goods, country, options).map_err(at("tax"))?;
    let total = goods.plus(shipping).and_then(|sum| sum.plus(tax)).map_err(at("total"))?;
    let (lines, discounts, taxes) = (Arc::default(), Arc::default(), Arc::default());
    Ok(Totals { subtotal, discount, shipping, tax, total, lines, shipping_amounts: ShippingAmounts::default(), discounts, taxes })
}

fn shipping(goods: Money, is_empty: bool, options: &Options) -> Money {
    let rate = options.shipping.iter().find(|rate| rate.currency == goods.currency);
    let cost = rate.filter(|rate| !is_empty && goods.amount_minor < rate.free_from_minor).map_or(0, |rate| rate.flat_minor);
    Money::new(cost, goods.currency)
}

fn tax(goods: Money, country: Option<&str>, options: &Options) -> Result<Money, MoneyError> {
    let rate = country.and_then(|country| options.taxes.iter().find(|rate| rate.country.eq_ignore_ascii_case(country)));
    let basis_points = rate.map_or(0, |rate| rate.basis_points);
    // Half up; i128 holds any i64 × i64.
    let exact = i128::from(goods.amount_minor) * i128::from(basis_points);
    let rounded = (exact + 5_000).div_euclid(10_000);
    let amount_minor = i64::try_from(rounded).map_err(|_| MoneyError::Overflow)?;
    Ok(Money::new(amount_minor, goods.currency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::trade::{Address, Line};
    use crate::id::{LineId, Ordinal, Sku};
    use crate::stdx::clock::Timestamp;

    fn line(quantity: i64, price_minor: i64, currency: Currency) -> Line {
        let id = LineId::new(&format!("{quantity}x{price_minor}")).expect("an id");
        let sku = Sku::new("a").expect("an id");
        Line {
            id,
            sku,
            product: Ordinal(0),
            title: String::new(),
            quantity,
            unit_price: Money::new(price_minor, currency),
            components: Vec::new(),
        }
    }

    fn priced(lines: &[Line], currency: Currency, country: Option<&str>) -> Result<Totals, PricingError> {
        let address = Address { country: country.unwrap_or_default().to_owned(), ..Address::default() };
        totals(&Basket { address: Some(&address), ..Basket::of(lines, currency, Timestamp(0)) }, &Options::default())
    }

    fn check(lines: &[(i64, i64)], currency: Currency, country: Option<&str>, expected: [i64; 5]) {
        let lines: Vec<Line> = lines.iter().map(|&(quantity, price)| line(quantity, price, currency)).collect();
        let totals = priced(&lines, currency, country).expect("fits");
        let found = [totals.subtotal, totals.discount, totals.shipping, totals.tax, totals.total].map(|money| money.amount_minor);
        assert_eq!(found, expected, "{lines:?}");
    }

    #[test]
    fn sums_are_exact() {
        let (usd, eur) = (Currency::USD, Currency::EUR);
        check(&[], usd, Some("US"), [0, 0, 0, 0, 0]);
        check(&[(3, 333), (1, 1)], eur, Some("DE"), [1_000, 0, 499, 0, 1_499]);
        check(&[(1, 4_999)], usd, None, [4_999, 0, 499, 0, 5_498]);
        check(&[(1, 5_000)], usd, Some("us"), [5_000, 0, 0, 400, 5_400]);
        check(&[(1, 10_006)], usd, Some("US"), [10_006, 0, 0, 800, 10_806]);
        check(&[(1, 10_007)], usd, Some("US"), [10_007, 0, 0, 801, 10_808]);
        check(&[(1, 100)], Currency::new("JPY").expect("a code"), None, [100, 0, 0, 0, 100]);
    }

    #[test]
    fn what_does_not_fit_names_the_field() {
        let check = |lines: &[Line], country, field: &str| {
            let error = priced(lines, Currency::USD, country).expect_err("does not fit");
            assert_eq!(error.field, field);
        };
        let dear = line(1, i64::MAX - 10, Currency::USD);
        check(&[line(2, i64::MAX, Currency::USD)], None, "lines[0]");
        check(&[dear.clone(), line(1, 100, Currency::USD)], None, "lines[1]");
        check(&[line(1, 1, Currency::EUR)], None, "lines[0]");
        check(&[dear], Some("US"), "total");
    }
}
