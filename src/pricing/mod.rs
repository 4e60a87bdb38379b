//! Pricing: lines to what is to be paid, in whole minor units, with checked arithmetic.
//!
//! [`totals`] is the one place that prices a [`Basket`]: the price of one from the most specific price list or else the catalogue, promotions
//! and coupons, shipping, tax. Everything that it goes by is in the [`PriceBook`], which only events change; what it says depends on nothing
//! else, so that a total can be explained and made again.

mod account;
mod allocate;
mod basket;
mod book;
mod change;
mod check;
mod discount;
mod history;
mod list;
mod tax;
mod totals;
mod uses;

#[cfg(test)]
mod tests;

pub use account::{Account, AccountBook, ISSUED, ledger_account};
pub use basket::Basket;
pub use book::{CouponRefusal, PriceBook};
pub use check::{
    CODES_MAX, CheckError, check_claims, check_coupon, check_list, check_prices, check_promotion, check_tax_class, check_zone,
};
pub use discount::STACKED_MAX;
pub use history::{HISTORY_MS, HistoryBook, PricePoint, PriceSource};
pub use list::{LISTS_MAX, ListBook, ListsInForce, PRICES_MAX, PriceContext, TIERS_MAX};
pub use tax::{CLASSES_MAX, RATES_MAX, TaxProvider, TaxTables, TaxTerms, ZONES_MAX};
pub use totals::{flat_rate, goods, totals};
pub use uses::{Carried, Count, Counted, Use, UseBook};

use crate::event::trade::pricing::{TaxRate, TaxZone};
use crate::money::{Currency, MoneyError};
use std::sync::Arc;

/// What shipping costs in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShippingRate {
    /// The currency it holds for.
    pub currency: Currency,
    /// What shipping costs, in minor units.
    pub flat_minor: i64,
    /// Sum of the goods, at the prices of whoever buys and before promotions, from which on it costs nothing, in minor units.
    pub free_from_minor: i64,
}

/// What the sums depend on besides basket and book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// One rate per currency; shipping in any other currency is free.
    pub shipping: Vec<ShippingRate>,
    /// Taxes by country, while the shop has put no table of its own; for any other country prices include tax.
    pub taxes: Vec<Arc<TaxZone>>,
}

impl Default for Options {
    fn default() -> Self {
        let rate = |currency| ShippingRate { currency, flat_minor: 499, free_from_minor: 5_000 };
        let tax = |country: &str, basis_points| Arc::new(TaxZone::flat(country, basis_points));
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

impl TaxZone {
    /// One tax on top of the prices of all goods, and none on shipping.
    #[must_use]
    pub fn flat(country: &str, basis_points: i64) -> Self {
        let (region, postal_prefix, class) = (String::new(), String::new(), String::new());
        let rate = TaxRate { name: Arc::from("Tax"), region, postal_prefix, class, basis_points, on_shipping: false, replaces: false };
        Self { country: country.to_owned(), is_included: false, rounds_lines: false, rates: vec![rate] }
    }
}
