//! Imported demand dealt to SKUs and places.
//!
//! A line of an order is dealt as a whole to one SKU and one place, drawn by digest with the shares that SKUs and places have: units stay whole,
//! together they are as many as were bought, and what a place gets comes as irregularly as what was bought did. A share of each order at each
//! place would make regular demand of many places out of irregular demand of all. Shares are those of what the shop sold of it itself, and of
//! what lies there, which counts as [`STOCK_COUNTS`] units more: all there is when a shop begins.

use super::Wanted;
use super::imported::{Imported, Named, Sold};
use crate::id::{LocationId, Ordinal, Sku};
use crate::inventory::LocationStock;
use crate::stdx::digest::blake3;
use std::collections::BTreeMap;

/// Units sold that what lies at all places together is worth when shares are told.
const STOCK_COUNTS: u64 = 10;

/// What was dealt to a SKU at a place.
#[derive(Debug)]
pub(super) struct Dealt {
    /// The first week of which imported orders tell.
    pub(super) from: i64,
    /// Units by week, where there are any.
    pub(super) units: BTreeMap<i64, u32>,
}

/// All of it.
#[derive(Default)]
pub(super) struct Dealing {
    pub(super) places: BTreeMap<(Sku, LocationId), Dealt>,
    /// Units of what no place stocks.
    pub(super) unplaced_units: u64,
}

/// A place of a part, and its share.
type Places = Vec<(LocationId, u64)>;

/// One of what a name may stand for.
struct Choice {
    share: u64,
    /// What is taken from stock for one of it: itself, or of a bundle its parts; where from.
    parts: Vec<(Sku, u32, Places)>,
}

impl Wanted {
    /// Deals what was imported; `skus_of` says what a product can be bought as.
    pub(super) fn dealt(&self, imported: &Imported, skus_of: &dyn Fn(Ordinal) -> Vec<Sku>) -> Dealing {
        let mut dealing = Dealing::default();
        for ((product, sku), named) in &imported.names {
            let skus = sku.as_ref().map_or_else(|| skus_of(*product), |sku| vec![sku.clone()]);
            let choices = self.choices(&skus);
            let sold = named.sold(imported.start());
            if choices.is_empty() {
                dealing.unplaced_units += sold.iter().map(|sold| u64::from(sold.units)).sum::<u64>();
                continue;
            }
            dealing.open(&choices, named);
            let name = [&product.0.to_le_bytes(), sku.as_ref().map_or("", |sku| sku.as_str()).as_bytes()].concat();
            sold.iter().for_each(|sold| dealing.deal(&choices, &name, *sold));
        }
        dealing
    }

    /// What is stocked somewhere, with shares.
    fn choices(&self, skus: &[Sku]) -> Vec<Choice> {
        let mut choices = Vec::new();
        let mut weights = Vec::new();
        for sku in skus {
            let parts = match self.state.stock().bundle(sku) {
                Some(bundle) => {
                    bundle.components.iter().map(|part| (part.sku.clone(), u32::try_from(part.quantity).unwrap_or(1))).collect()
                }
                None => vec![(sku.clone(), 1)],
            };
            let weighed = |(part, quantity)| {
                let places = self.places(&part);
                (!places.is_empty()).then_some((part, quantity, places))
            };
            let parts: Vec<(Sku, u32, Places)> = parts.into_iter().filter_map(weighed).collect();
            if !parts.is_empty() {
                let stocked = self.state.stock_of(sku);
                weights.push((stocked.iter().map(|stock| self.sold_at(sku, &stock.location)).sum(), stocked.iter().map(lying).sum()));
                choices.push(Choice { share: 0, parts });
            }
        }
        choices.iter_mut().zip(shares(&weights)).for_each(|(choice, share)| choice.share = share);
        choices
    }

    /// Where a SKU is stocked, with shares; no place that is closed, unless all are.
    fn places(&self, sku: &Sku) -> Places {
        let stocked = self.state.stock_of(sku);
        let is_any_open = stocked.iter().any(|stock| !stock.buckets.is_closed);
        let stocked: Vec<&LocationStock> = stocked.iter().filter(|stock| stock.buckets.is_closed != is_any_open).collect();
        let weights: Vec<(u64, u64)> = stocked.iter().map(|stock| (self.sold_at(sku, &stock.location), lying(stock))).collect();
        stocked.iter().map(|stock| stock.location.clone()).zip(shares(&weights)).collect()
    }

    fn sold_at(&self, sku: &Sku, location: &LocationId) -> u64 {
        let row = self.rows.get(&(sku.clone(), location.clone()));
        row.map_or(0, |row| row.weeks.iter().map(|week| u64::from(week.units)).sum())
    }
}

/// Units that lie at a place.
fn lying(stock: &LocationStock) -> u64 {
    u64::try_from(stock.buckets.sound()).unwrap_or(0)
}

/// Shares of what sold so much where so much lies; the same for all where there is neither. None is above 2^40.
fn shares(weights: &[(u64, u64)]) -> Vec<u64> {
    const SCALE: u64 = 1 << 20;
    let all_lying: u64 = weights.iter().map(|(_, lying)| *lying).sum();
    let share = |(sold, lying): &(u64, u64)| {
        let by_stock = if all_lying == 0 { SCALE / weights.len() as u64 } else { scaled(*lying, all_lying, SCALE) };
        (*sold).min(SCALE - 1) * SCALE + STOCK_COUNTS * by_stock
    };
    weights.iter().map(share).collect()
}

fn scaled(part: u64, whole: u64, scale: u64) -> u64 {
    (u128::from(part) * u128::from(scale) / u128::from(whole)) as u64
}

impl Dealing {
    /// All of what a name may stand for was on sale everywhere since it was first bought.
    fn open(&mut self, choices: &[Choice], named: &Named) {
        let known_from = named.known_from();
        for (part, _, places) in choices.iter().flat_map(|choice| &choice.parts) {
            for (location, _) in places {
                let dealt = self.places.entry((part.clone(), location.clone()));
                let dealt = dealt.or_insert(Dealt { from: known_from, units: BTreeMap::new() });
                dealt.from = dealt.from.min(known_from);
            }
        }
    }

    /// Deals the lines of a week one by one, as if all of them had asked for as much.
    fn deal(&mut self, choices: &[Choice], name: &[u8], sold: Sold) {
        let Sold { week, units, lines } = sold;
        let lines = u32::from(lines).clamp(1, units.max(1));
        for line in 0..lines {
            let units = units / lines + u32::from(line < units % lines);
            let drawn = blake3(&[name, &week.to_le_bytes(), &line.to_le_bytes()]);
            let [which, place, ..] = drawn.as_chunks::<8>().0 else { return };
            let Some(choice) = drawn_of(choices, |choice| choice.share, u64::from_le_bytes(*which)) else { return };
            for (part, quantity, places) in &choice.parts {
                let Some((location, _)) = drawn_of(places, |(_, share)| *share, u64::from_le_bytes(*place)) else { continue };
                if let Some(dealt) = self.places.get_mut(&(part.clone(), location.clone())) {
                    let there = dealt.units.entry(week).or_insert(0);
                    *there = there.saturating_add(units.saturating_mul(*quantity));
                }
            }
        }
    }
}

/// One of some, each as often as its share says, by a number that is drawn evenly.
fn drawn_of<T>(all: &[T], share: impl Fn(&T) -> u64, drawn: u64) -> Option<&T> {
    let whole: u128 = all.iter().map(|one| u128::from(share(one))).sum();
    let mut left = (u128::from(drawn) * whole) >> 64;
    for one in all {
        match left.checked_sub(u128::from(share(one))) {
            Some(rest) => left = rest,
            None => return Some(one),
        }
    }
    all.last()
}
