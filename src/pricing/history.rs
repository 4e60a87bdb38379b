//! What a SKU cost, for the lowest price of the last 30 days that European shops show beside a reduced one (Directive 98/6/EC, article 6a).
//!
//! Base prices belong to the catalogue; only their changes enter here, so that importing a catalogue writes nothing and a SKU whose price
//! stands still takes no memory. A change older than 30 days says nothing any more and is forgotten, a few with every later event.

use crate::event::trade::pricing::BasePrice;
use crate::id::{MarketplaceId, PriceListId, Sku};
use crate::money::Money;
use crate::stdx::clock::Timestamp;
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How far back the lowest price is looked for.
pub const HISTORY_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// Most changes that are kept of one SKU: two a day. Beyond it the highest price among the older ones goes, which never hides a low one.
pub(super) const POINTS_MAX: usize = 64;
/// Most SKUs with a history, a few hundred MB; beyond it the oldest go early.
pub(super) const SKUS_MAX: usize = 1 << 20;
/// How much one event may forget: more than one event usually adds.
const FORGET_PER_EVENT: usize = 8;

/// Where a price stood.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceSource {
    /// In the catalogue, for one marketplace or for all.
    Base(Option<MarketplaceId>),
    /// On a price list, for one unit.
    List(PriceListId),
}

/// From a moment on something cost so much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricePoint {
    /// Where.
    pub source: PriceSource,
    /// The moment of the change.
    pub at: Timestamp,
    /// The price before it.
    pub before: Option<Money>,
    /// The price from then on; none: not sold.
    pub price: Option<Money>,
}

/// Histories by SKU. Clones are cheap snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HistoryBook {
    points: OrdMap<Sku, Arc<[PricePoint]>>,
    /// When each history is over, unless something is added.
    over: OrdSet<(Timestamp, Sku)>,
}

impl HistoryBook {
    /// The changes of a SKU, oldest first.
    #[must_use]
    pub fn points(&self, sku: &Sku) -> &[PricePoint] {
        self.points.get(sku).map_or(&[], |points| points)
    }

    /// The lowest price in force at any moment of the 30 days before `now` at one source in one currency; `present` is what it costs now.
    #[must_use]
    pub fn lowest_minor(&self, sku: &Sku, source: &PriceSource, present: Option<Money>, now: Timestamp) -> Option<i64> {
        let of_it: Vec<&PricePoint> = self.points(sku).iter().filter(|point| point.source == *source).collect();
        let since = now.plus_ms(-HISTORY_MS);
        // What stood at the begin of the 30 days was set by the last change before, or stood before the first one.
        let recent = of_it.iter().position(|point| point.at > since).map_or(&[][..], |first| &of_it[first..]);
        let stood = recent.first().and_then(|first| first.before);
        let prices = recent.iter().filter_map(|point| point.price).chain(stood).chain(present);
        let currency = present.or_else(|| of_it.last().and_then(|point| point.price))?.currency;
        prices.filter(|price| price.currency == currency).map(|price| price.amount_minor).min()
    }

    /// Something costs something else now.
    pub(super) fn add(&mut self, sku: &Sku, point: PricePoint) {
        let at = point.at;
        let mut points: Vec<PricePoint> = self.points(sku).to_vec();
        if let Some(last) = points.last() {
            self.over.remove(&(last.at.plus_ms(HISTORY_MS), sku.clone()));
        }
        points.push(point);
        if points.len() > POINTS_MAX {
            let older = &points[..POINTS_MAX / 2];
            let highest = older.iter().enumerate().max_by_key(|(_, point)| point.price.map_or(i64::MAX, |price| price.amount_minor));
            let highest = highest.map_or(0, |(place, _)| place);
            points.remove(highest);
        }
        self.over.insert((at.plus_ms(HISTORY_MS), sku.clone()));
        self.points.insert(sku.clone(), points.into());
    }

    /// What a change of the catalogue says.
    pub(super) fn add_base(&mut self, change: &BasePrice, at: Timestamp) {
        let source = PriceSource::Base(change.marketplace.clone());
        self.add(&change.sku, PricePoint { source, at, before: change.before, price: change.after });
    }

    /// Forgets what is too old to say anything, a few at a time.
    pub(super) fn forget_old(&mut self, now: Timestamp) {
        for _ in 0..FORGET_PER_EVENT {
            let Some((at, _)) = self.over.get_min() else { return };
            if *at > now && self.over.len() <= SKUS_MAX {
                return;
            }
            if let Some((_, sku)) = self.over.remove_min() {
                self.points.remove(&sku);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

    fn eur(amount_minor: i64) -> Money {
        Money::new(amount_minor, Currency::EUR)
    }

    /// `changes` are (day, price before, price after).
    fn check(changes: &[(i64, i64, i64)], day: i64, present: i64, expected: i64) {
        let sku = Sku::new("a").expect("a SKU");
        let mut book = HistoryBook::default();
        for (day, before, after) in changes {
            let change = BasePrice { sku: sku.clone(), marketplace: None, before: Some(eur(*before)), after: Some(eur(*after)) };
            book.add_base(&change, Timestamp(day * DAY_MS));
        }
        let lowest = book.lowest_minor(&sku, &PriceSource::Base(None), Some(eur(present)), Timestamp(day * DAY_MS));
        assert_eq!(lowest, Some(expected), "{changes:?} on day {day}");
    }

    #[test]
    fn the_lowest_price_of_thirty_days_counts_what_stood_when_they_began() {
        check(&[], 50, 100, 100);
        check(&[(10, 80, 100)], 15, 100, 80);
        check(&[(10, 80, 100)], 39, 100, 80);
        check(&[(10, 80, 100)], 40, 100, 100);
        check(&[(10, 80, 100), (20, 100, 60), (21, 60, 120)], 45, 120, 60);
        check(&[(10, 80, 100), (20, 100, 60), (21, 60, 120)], 52, 120, 120);
    }

    #[test]
    fn histories_are_bounded_and_end() {
        let sku = Sku::new("a").expect("a SKU");
        let mut book = HistoryBook::default();
        for minute in 0..200_i64 {
            let after = 1_000 + minute % 7;
            let change = BasePrice { sku: sku.clone(), marketplace: None, before: Some(eur(2_000)), after: Some(eur(after)) };
            book.add_base(&change, Timestamp(minute * 60_000));
        }
        assert_eq!(book.points(&sku).len(), POINTS_MAX);
        assert_eq!(book.lowest_minor(&sku, &PriceSource::Base(None), Some(eur(1_500)), Timestamp(DAY_MS)), Some(1_000));
        book.forget_old(Timestamp(29 * DAY_MS));
        assert_eq!(book.points(&sku).len(), POINTS_MAX);
        book.forget_old(Timestamp(31 * DAY_MS));
        assert_eq!(book, HistoryBook::default());
    }
}
