//! What should be ordered from suppliers: places where so few units are left or on their way that their reorder point is reached; and where that
//! point might lie, by what is forecast. Nobody moves it but a person.

use super::{Stock, StockRow};
use crate::id::{LocationId, Ordinal, Sku};
use crate::model::forecasts::{Forecast, UnitsWithin};

/// A proposal to order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What.
    pub sku: Sku,
    /// The product it is a variant of.
    pub product: Ordinal,
    /// Where it is needed.
    pub location: LocationId,
    /// Units there and on their way, less those promised; below zero when more is owed.
    pub position: i64,
    /// The reorder point.
    pub reorder_point: i64,
    /// Units to order: up to the level asked for, or else to the reorder point, and at least one.
    pub quantity: i64,
}

impl Stock {
    /// Proposals behind `after`, in order of SKU and location, of the next `places_max` places with a reorder point; and the last of those
    /// places, when there are more.
    #[must_use]
    pub fn proposals(&self, after: Option<&(Sku, LocationId)>, places_max: usize) -> (Vec<Proposal>, Option<(Sku, LocationId)>) {
        let mut places = self.watched(after).peekable();
        let mut proposals = Vec::new();
        let mut last = None;
        for (sku, location) in places.by_ref().take(places_max) {
            proposals.extend(self.row(sku).and_then(|row| proposal(row, location)));
            last = Some((sku.clone(), location.clone()));
        }
        (proposals, last.filter(|_| places.peek().is_some()))
    }
}

fn proposal(row: &StockRow, location: &LocationId) -> Option<Proposal> {
    let (buckets, terms) = (row.at(location)?, row.terms(location));
    let reorder_point = terms.reorder_point?;
    let position = buckets.available() + buckets.incoming + buckets.in_transit;
    let quantity = (terms.reorder_to.unwrap_or(reorder_point).max(reorder_point) - position).max(1);
    let (sku, product, location) = (row.sku.clone(), row.product, location.clone());
    (position <= reorder_point).then_some(Proposal { sku, product, location, position, reorder_point, quantity })
}

/// How much is to be covered, and how surely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cover {
    /// Days until what is ordered arrives.
    pub lead_days: u32,
    /// Days between two looks at what should be ordered.
    pub review_days: u32,
    /// The quantile that is to be covered, by its place in [`LEVELS`](crate::model::forecasts::LEVELS).
    pub level: usize,
}

/// Terms that a forecast suggests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suggested {
    /// Whole weeks that lead time and review take.
    pub weeks: usize,
    /// What demand over them stays within.
    pub demand: UnitsWithin,
    /// Demand over lead time and review at the level asked for: with more there, the next look is soon enough.
    pub reorder_point: i64,
    /// The same and what one review period sells half of the time, so that not every look ends in an order.
    pub reorder_to: i64,
}

const DAYS_OF_WEEK: u32 = 7;

/// The (s, S) terms of periodic review (E. Silver, D. Pyke and D. Thomas, "Inventory and Production Management in Supply Chains", 2017,
/// section 6.5): s covers lead time and review.
#[must_use]
pub fn suggested(forecast: &Forecast<'_>, cover: Cover) -> Suggested {
    let weeks = |days: u32| days.div_ceil(DAYS_OF_WEEK) as usize;
    let covered = weeks(cover.lead_days.saturating_add(cover.review_days));
    let demand = forecast.over(covered);
    let reorder_point = demand.get(cover.level).copied().map_or(0, i64::from);
    let [half, ..] = forecast.over(weeks(cover.review_days));
    Suggested { weeks: covered, demand, reorder_point, reorder_to: reorder_point + i64::from(half) }
}
