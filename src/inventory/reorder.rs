//! What should be ordered from suppliers: places where so few units are left or on their way that their reorder point is reached.

use super::{Stock, StockRow};
use crate::id::{LocationId, Ordinal, Sku};

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
