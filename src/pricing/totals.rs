//! Baskets to totals: prices of one, promotions, shipping, tax, in this order. The one place that prices.

use super::basket::Basket;
use super::book::PriceBook;
use super::discount::{Discounts, Goods};
use super::tax::{TaxProvider, TaxTables, Taxed, Taxes};
use super::{Options, PricingError};
use crate::event::trade::{LineAmounts, ShippingAmounts, Totals};
use crate::id::{PriceListId, Sku};
use crate::money::{Money, MoneyError};
use std::collections::BTreeMap;

fn at(field: impl Into<String>) -> impl FnOnce(MoneyError) -> PricingError {
    let field = field.into();
    move |source| PricingError { field, source }
}

/// What a basket comes to.
///
/// # Errors
/// When the lines are of different currencies or a sum does not fit, naming the field.
pub fn totals(basket: &Basket<'_>, book: &PriceBook, options: &Options) -> Result<Totals, PricingError> {
    let (goods, lists) = priced(basket, book)?;
    let subtotal = sum_of(&goods.gross, "lines")?;
    let shipping = basket.shipping.unwrap_or_else(|| flat_rate(basket, Money::new(subtotal, basket.currency), options)).amount_minor;
    let candidates = if basket.is_plain { Vec::new() } else { book.candidates(basket) };
    let off = goods.discounted(&candidates, shipping, basket.currency);
    let taxes = taxed(basket, book, options, &goods, &off, shipping).ok_or(MoneyError::Overflow).map_err(at("tax"))?;
    summed(basket, &goods, &lists, off, taxes, (subtotal, shipping))
}

fn sum_of(amounts: &[i64], field: &str) -> Result<i64, PricingError> {
    amounts.iter().try_fold(0_i64, |sum, amount| sum.checked_add(*amount)).ok_or(MoneyError::Overflow).map_err(at(field))
}

/// The lines with the price of one that counts, and the list it is from.
fn priced<'a>(basket: &Basket<'a>, book: &'a PriceBook) -> Result<(Goods<'a>, Vec<Option<&'a PriceListId>>), PricingError> {
    let lists = book.lists_in_force(&basket.price_context(book));
    let mut units: BTreeMap<&Sku, i64> = BTreeMap::new();
    if !lists.is_empty() {
        basket.lines.iter().for_each(|line| {
            let sum = units.entry(&line.sku).or_default();
            *sum = sum.saturating_add(line.quantity);
        });
    }
    let count = basket.lines.len();
    let (mut units_minor, mut gross, mut sources) = (Vec::with_capacity(count), Vec::with_capacity(count), Vec::with_capacity(count));
    let mut subtotal = Money::zero(basket.currency);
    for (index, line) in basket.lines.iter().enumerate() {
        let listed = lists.price_of(&line.sku, units.get(&line.sku).copied().unwrap_or(line.quantity));
        let unit = listed.map_or(line.unit_price, |(_, unit_minor)| Money::new(unit_minor, basket.currency));
        let sum = unit.times(line.quantity).and_then(|price| Ok((price, subtotal.plus(price)?)));
        let (price, so_far) = sum.map_err(at(format!("lines[{index}]")))?;
        subtotal = so_far;
        units_minor.push(unit.amount_minor);
        gross.push(price.amount_minor);
        sources.push(listed.map(|(list, _)| list));
    }
    Ok((Goods { lines: basket.lines, units_minor, gross, ranks: ranks(basket) }, sources))
}

/// The place of each line among all in order of name, then that of shipping.
fn ranks(basket: &Basket<'_>) -> Vec<u32> {
    let mut places: Vec<usize> = (0..basket.lines.len()).collect();
    places.sort_unstable_by(|left, right| basket.lines[*left].id.cmp(&basket.lines[*right].id));
    let mut ranks = vec![0; basket.lines.len() + 1];
    places.iter().zip(0_u32..).for_each(|(place, rank)| ranks[*place] = rank);
    ranks[basket.lines.len()] = u32::MAX;
    ranks
}

/// What the goods of a basket come to at the prices of its buyer: those of the price lists that are theirs in their marketplace, at the tiers that
/// they reach. Free delivery goes by it, and so do rates by value. Promotions and coupons are not taken off: a discount that brought the goods
/// below the sum would cost its buyer more than it gives, and nobody pays more for having one.
///
/// # Errors
/// As [`totals`], of which it is the subtotal.
pub fn goods(basket: &Basket<'_>, book: &PriceBook) -> Result<Money, PricingError> {
    Ok(Money::new(sum_of(&priced(basket, book)?.0.gross, "lines")?, basket.currency))
}

/// What shipping costs when no carrier's table says otherwise: a flat rate per currency that falls away from a sum of [`goods`] on.
#[must_use]
pub fn flat_rate(basket: &Basket<'_>, goods: Money, options: &Options) -> Money {
    let rate = options.shipping.iter().find(|rate| rate.currency == goods.currency);
    let due = rate.filter(|rate| !basket.lines.is_empty() && goods.amount_minor < rate.free_from_minor);
    Money::new(due.map_or(0, |rate| rate.flat_minor), goods.currency)
}

/// Taxes on what is paid for each line and for shipping after discounts; nothing while nobody knows where the goods go.
fn taxed(basket: &Basket<'_>, book: &PriceBook, options: &Options, goods: &Goods<'_>, off: &Discounts, shipping: i64) -> Option<Taxes> {
    let tables = TaxTables { zones: &book.tax_zones, classes: &book.tax_classes, usual: &options.taxes };
    let Some(terms) = basket.address.and_then(|address| tables.terms(address)).filter(|terms| !terms.rates.is_empty()) else {
        return Some(Taxes { each: vec![0; goods.lines.len() + 1], ..Taxes::default() });
    };
    let paid = goods.gross.iter().zip(&off.by_line).map(|(gross, off)| gross - off);
    let mut things: Vec<Taxed<'_>> =
        goods.lines.iter().zip(paid).map(|(line, amount)| Taxed { amount, class: Some(tables.class_of(&line.sku)) }).collect();
    things.push(Taxed { amount: shipping - off.shipping, class: None });
    terms.raise(&things, &goods.ranks)
}

fn summed(
    basket: &Basket<'_>,
    goods: &Goods<'_>,
    lists: &[Option<&PriceListId>],
    off: Discounts,
    taxes: Taxes,
    (subtotal, shipping): (i64, i64),
) -> Result<Totals, PricingError> {
    let money = |amount_minor| Money::new(amount_minor, basket.currency);
    let on_top = |tax: i64| if taxes.is_included { (0, tax) } else { (tax, 0) };
    let lines = basket.lines.iter().enumerate().map(|(place, line)| {
        let (tax_minor, included_tax_minor) = on_top(taxes.each[place]);
        LineAmounts {
            line: line.id.clone(),
            unit_minor: goods.units_minor[place],
            price_list: lists[place].cloned(),
            gross_minor: goods.gross[place],
            discount_minor: -off.by_line[place],
            tax_minor,
            included_tax_minor,
        }
    });
    let (tax_minor, included_tax_minor) = on_top(taxes.each[basket.lines.len()]);
    let shipping_amounts = ShippingAmounts { discount_minor: -off.shipping, tax_minor, included_tax_minor };
    let discount = money(-(sum_of(&off.by_line, "discount")?.saturating_add(off.shipping)));
    let tax = money(if taxes.is_included { 0 } else { sum_of(&taxes.each, "tax")? });
    let (subtotal, shipping) = (money(subtotal), money(shipping));
    let total = subtotal.plus(discount).and_then(|sum| sum.plus(shipping)).and_then(|sum| sum.plus(tax)).map_err(at("total"))?;
    let (lines, discounts, taxes) = (lines.collect(), off.given.into(), taxes.by_rate.into());
    Ok(Totals { subtotal, discount, shipping, tax, total, lines, shipping_amounts, discounts, taxes })
}
