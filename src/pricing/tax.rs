//! Tax: tables by place and class of product, with prices that include it or not, behind a trait that an outside provider can stand in for.
//!
//! Which rates hold at a place is asked of a [`TaxProvider`], which answers at once and from what it holds: `decide` never waits. A provider
//! outside the process is asked by a worker beforehand, and what it said comes back as a command that puts a [`TaxZone`].

use super::allocate::{part_of, shared_out};
use crate::event::trade::pricing::{TaxRate, TaxZone};
use crate::event::trade::{Address, TaxAmount};
use crate::id::Sku;
use imbl::OrdMap;
use std::sync::Arc;

/// Most countries with taxes of their own.
pub const ZONES_MAX: usize = 300;
/// Most rates of one country: the United States have some 13,000 places that raise their own.
pub const RATES_MAX: usize = 20_000;
/// Most SKUs with a tax class of their own.
pub const CLASSES_MAX: usize = 4_000_000;

/// What is raised at a place.
#[derive(Debug, Clone, Default)]
pub struct TaxTerms<'a> {
    /// Whether prices include it.
    pub is_included: bool,
    /// Whether every line is rounded.
    pub rounds_lines: bool,
    /// Every rate that holds there, whatever its class.
    pub rates: Vec<&'a TaxRate>,
    /// Classes that some rate of the country names.
    classes: Vec<&'a str>,
}

/// Who knows the taxes of a place and the class of a product.
pub trait TaxProvider {
    /// What is raised on goods that go to an address; none: nothing is.
    fn terms(&self, address: &Address) -> Option<TaxTerms<'_>>;

    /// The class of a SKU; empty for the usual one.
    fn class_of(&self, sku: &Sku) -> &str;
}

/// The built-in provider: the shop's own tables.
#[derive(Debug, Clone, Copy)]
pub struct TaxTables<'a> {
    /// Taxes by country.
    pub zones: &'a OrdMap<String, Arc<TaxZone>>,
    /// Classes of SKUs that have one.
    pub classes: &'a OrdMap<Sku, Arc<str>>,
    /// What holds while the shop has no table of its own.
    pub usual: &'a [Arc<TaxZone>],
}

impl TaxProvider for TaxTables<'_> {
    fn terms(&self, address: &Address) -> Option<TaxTerms<'_>> {
        let country = address.country.to_ascii_uppercase();
        let usual = || self.usual.iter().find(|zone| zone.country == country).filter(|_| self.zones.is_empty());
        self.zones.get(&country).or_else(usual).map(|zone| terms(zone, address))
    }

    fn class_of(&self, sku: &Sku) -> &str {
        self.classes.get(sku).map_or("", |class| class)
    }
}

/// How narrow a rate's place is.
fn narrowness(rate: &TaxRate) -> (usize, usize) {
    (usize::from(!rate.region.is_empty()), rate.postal_prefix.len())
}

fn terms<'a>(zone: &'a TaxZone, address: &Address) -> TaxTerms<'a> {
    let is_there = |rate: &&TaxRate| {
        (rate.region.is_empty() || rate.region.eq_ignore_ascii_case(address.region.trim()))
            && address
                .postal_code
                .trim()
                .get(..rate.postal_prefix.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(&rate.postal_prefix))
    };
    let mut rates: Vec<&TaxRate> = zone.rates.iter().filter(is_there).collect();
    let cut = |class: &str| rates.iter().filter(|rate| rate.replaces && rate.class == class).map(|rate| narrowness(rate)).max();
    let kept: Vec<bool> = rates.iter().map(|rate| cut(&rate.class).is_none_or(|narrowest| narrowness(rate) >= narrowest)).collect();
    let mut kept = kept.into_iter();
    rates.retain(|_| kept.next().unwrap_or(true));
    let classes = zone.rates.iter().map(|rate| &*rate.class).filter(|class| !class.is_empty()).collect();
    TaxTerms { is_included: zone.is_included, rounds_lines: zone.rounds_lines, rates, classes }
}

/// One thing that is taxed: what is paid for it before tax on top, and its class; none for shipping.
pub(super) struct Taxed<'a> {
    pub(super) amount: i64,
    pub(super) class: Option<&'a str>,
}

/// The taxes of a basket: of each thing in order, and by name.
#[derive(Default)]
pub(super) struct Taxes {
    pub(super) each: Vec<i64>,
    pub(super) by_rate: Vec<TaxAmount>,
    pub(super) is_included: bool,
}

impl TaxTerms<'_> {
    fn is_raised(&self, rate: &TaxRate, class: Option<&str>) -> bool {
        match class {
            Some(class) if self.classes.contains(&class) => rate.class == class,
            Some(_) => rate.class.is_empty(),
            None => rate.on_shipping,
        }
    }

    /// Every rate is rounded half up once, over the order or line by line, and shared out to what it was raised on by largest remainder.
    /// None when a sum does not fit.
    pub(super) fn raise(&self, things: &[Taxed<'_>], ranks: &[u32]) -> Option<Taxes> {
        let mut taxes = Taxes { each: vec![0; things.len()], by_rate: Vec::new(), is_included: self.is_included };
        // What prices include is taken out of them: rate / (1 + sum of the rates on the same thing).
        let divisors: Vec<i64> = things
            .iter()
            .map(|thing| {
                let raised = self.rates.iter().filter(|rate| self.is_raised(rate, thing.class));
                if self.is_included { raised.map(|rate| rate.basis_points).sum() } else { 0 }
            })
            .collect();
        for rate in &self.rates {
            let weights: Vec<i64> = things.iter().map(|thing| if self.is_raised(rate, thing.class) { thing.amount } else { 0 }).collect();
            let parts = self.one_rate(rate.basis_points, &weights, &divisors, ranks)?;
            let amount_minor: i64 = parts.iter().try_fold(0_i64, |sum, part| sum.checked_add(*part))?;
            taxes.each.iter_mut().zip(&parts).for_each(|(sum, part)| *sum = sum.saturating_add(*part));
            if amount_minor != 0 {
                let (name, basis_points) = (Arc::clone(&rate.name), rate.basis_points);
                taxes.by_rate.push(TaxAmount { name, basis_points, amount_minor, is_included: self.is_included });
            }
        }
        Some(taxes)
    }

    fn one_rate(&self, basis_points: i64, weights: &[i64], divisors: &[i64], ranks: &[u32]) -> Option<Vec<i64>> {
        let whole = |amount: i64, divisor: i64| -> Option<i64> {
            if divisor == 0 {
                return part_of(i128::from(amount), basis_points);
            }
            let denominator = 10_000 + i128::from(divisor);
            i64::try_from((i128::from(amount) * i128::from(basis_points) * 2 + denominator).div_euclid(2 * denominator)).ok()
        };
        if self.rounds_lines {
            return weights.iter().zip(divisors).map(|(weight, divisor)| whole(*weight, *divisor)).collect();
        }
        // Things with one divisor are rounded together; there are as many divisors as classes at the place.
        let mut parts = vec![0; weights.len()];
        let mut seen: Vec<i64> = divisors.to_vec();
        seen.sort_unstable();
        seen.dedup();
        for divisor in seen {
            let of_it: Vec<i64> = weights.iter().zip(divisors).map(|(weight, own)| if *own == divisor { *weight } else { 0 }).collect();
            let sum = of_it.iter().try_fold(0_i64, |sum, weight| sum.checked_add(*weight))?;
            let shares = shared_out(whole(sum, divisor)?, &of_it, ranks);
            parts.iter_mut().zip(shares).for_each(|(part, share)| *part += share);
        }
        Some(parts)
    }
}
