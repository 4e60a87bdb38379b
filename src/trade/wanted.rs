//! What was wanted of each SKU at each location, week by week, and in which weeks nobody could have bought it: a fold over the trade journal from
//! its beginning.
//!
//! It folds the state beside, because only the state knows what could be bought: a week in which a location had nothing to sell says nothing
//! of what people wanted there. Units are those that orders take from stock, so of a bundle its parts; what was canceled, and what an edit
//! took out of an order, was not wanted. How long suppliers take is in the same entries.
//!
//! Orders of other systems that were imported are demand too ([`Imported`]): before a place had anything to sell here they are all that is
//! known of it, and beside what it sells they come on top.

mod dealt;
mod imported;

pub use imported::{Imported, NAMES_MAX};

use super::fold::fold;
use super::options::Options;
use super::state::State;
use crate::event::TradeEvent;
use crate::event::trade::{AfterSaleEvent, Receipt, StockEvent, Units};
use crate::id::{LocationId, Offset, OrderId, Ordinal, PurchaseOrderId, Sku};
use crate::stdx::clock::Timestamp;
use dealt::{Dealing, Dealt};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// A week, in milliseconds.
pub const WEEK_MS: i64 = 7 * 86_400_000;
/// From midnight before the first Monday of 1970 to that of the first day.
const MONDAY_MS: i64 = 4 * 86_400_000;
/// Weeks that are remembered of each SKU at a location: three seasons.
pub const WEEKS_MAX: usize = 156;
/// SKUs at locations that are followed; those that first sold later are not. At most 1.2 kB each.
pub const ROWS_MAX: usize = 200_000;

/// Arrivals that tell how long a supplier takes.
const ARRIVALS_MAX: usize = 9;
const DAY_MS: i64 = 86_400_000;

/// The week that a moment lies in.
fn week_of(at: Timestamp) -> i64 {
    (at.0 - MONDAY_MS).div_euclid(WEEK_MS)
}

fn start_of(week: i64) -> Timestamp {
    Timestamp(week * WEEK_MS + MONDAY_MS)
}

/// Weekly demand of one SKU at one location, the oldest week first.
#[derive(Debug, Clone, PartialEq)]
pub struct WeeklyDemand {
    /// What.
    pub sku: Sku,
    /// Where.
    pub location: LocationId,
    /// Units wanted; none in weeks in which it was there for less than half of the time.
    pub weeks: Vec<Option<u32>>,
    /// Days from the order to a supplier to the arrival of goods: the middle one of the last arrivals; none where nothing was ever received.
    pub lead_days: Option<u32>,
    /// Weeks of those known that only orders of other systems tell of.
    pub weeks_imported: u32,
    /// Units of those wanted that orders of other systems asked for.
    pub units_imported: u32,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AllDemand {
    /// When the last week ends.
    pub until: Timestamp,
    /// In order of SKU and location; all series end with the same week.
    pub series: Vec<WeeklyDemand>,
    /// Whether some were not followed because there are more than [`ROWS_MAX`], or [`NAMES_MAX`] in imported orders.
    pub left_out: bool,
    /// What became of imported orders.
    pub imported: FromImported,
}

/// What became of imported orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FromImported {
    /// Orders that lie in the weeks that are remembered.
    pub orders: u64,
    /// Units in the series, of bundles their parts.
    pub units: u64,
    /// Orders passed over because they were placed in this shop.
    pub placed_here: u64,
    /// Units of what no location stocks, or of products that are no more.
    pub unplaced_units: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Week {
    units: u32,
    available_ms: u32,
}

#[derive(Debug, Default)]
struct Row {
    first: i64,
    weeks: VecDeque<Week>,
    available_since: Option<Timestamp>,
    /// Days that goods took to arrive, the last [`ARRIVALS_MAX`].
    lead_days: VecDeque<u32>,
}

impl Row {
    /// The week, if it is remembered.
    fn week(&mut self, week: i64) -> Option<&mut Week> {
        if self.weeks.is_empty() {
            self.first = week;
        }
        while self.first + (self.weeks.len() as i64) <= week {
            self.weeks.push_back(Week::default());
            // One more, which is the week that has not ended.
            if self.weeks.len() > WEEKS_MAX + 1 {
                self.weeks.pop_front();
                self.first += 1;
            }
        }
        self.weeks.get_mut(usize::try_from(week - self.first).ok()?)
    }

    /// Whether something can be bought from now on.
    fn mark(&mut self, is_available: bool, now: Timestamp) {
        match (self.available_since, is_available) {
            (None, true) => {
                self.week(week_of(now));
                self.available_since = Some(now);
            }
            (Some(since), false) => {
                self.count_available(since, now);
                self.available_since = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }

    fn count_available(&mut self, since: Timestamp, until: Timestamp) {
        // What ends with a week does not reach into the next.
        let newest = week_of(until.plus_ms(-1));
        let oldest = (newest - WEEKS_MAX as i64).max(week_of(since));
        for week in oldest..=newest {
            let (from, to) = (start_of(week).max(since), start_of(week + 1).min(until));
            let lasted_ms = u32::try_from(to.since_ms(from)).unwrap_or(0);
            if let Some(week) = self.week(week) {
                week.available_ms = week.available_ms.saturating_add(lasted_ms);
            }
        }
    }

    fn arrived(&mut self, days: u32) {
        self.lead_days.push_back(days);
        if self.lead_days.len() > ARRIVALS_MAX {
            self.lead_days.pop_front();
        }
    }

    fn usual_lead_days(&self) -> Option<u32> {
        let mut days: Vec<u32> = self.lead_days.iter().copied().collect();
        days.sort_unstable();
        days.get(days.len() / 2).copied()
    }

    /// Weeks before `end`, the first of them in which it was ever there, or orders of other systems tell of it, first.
    fn weekly(mut self, end: i64, dealt: Option<&Dealt>, history_ends: i64) -> Weekly {
        if let Some(since) = self.available_since.filter(|since| *since < start_of(end)) {
            self.count_available(since, start_of(end));
        }
        let began = if self.weeks.is_empty() { end } else { self.first };
        let told_from = dealt.map_or(end, |dealt| dealt.from);
        let mut weekly = Weekly::default();
        for week in began.min(told_from).max(end - WEEKS_MAX as i64)..end {
            let own = usize::try_from(week - began).ok().and_then(|place| self.weeks.get(place)).copied().unwrap_or_default();
            let told = dealt.and_then(|dealt| dealt.units.get(&week)).copied().unwrap_or(0);
            let is_known_here = i64::from(own.available_ms) * 2 >= WEEK_MS;
            // What is sold out here stays unknown, whatever was sold elsewhere.
            let is_known_there = week <= began && (told_from..history_ends).contains(&week);
            let is_known = is_known_here || is_known_there;
            weekly.weeks.push(is_known.then_some(own.units.saturating_add(told)));
            weekly.weeks_imported += u32::from(is_known && !is_known_here);
            weekly.units_imported = weekly.units_imported.saturating_add(if is_known { told } else { 0 });
        }
        weekly
    }
}

#[derive(Default)]
struct Weekly {
    weeks: Vec<Option<u32>>,
    weeks_imported: u32,
    units_imported: u32,
}

/// The fold.
pub struct Wanted {
    state: State,
    rows: BTreeMap<(Sku, LocationId), Row>,
    left_out: bool,
}

impl Wanted {
    /// Of a shop in which nothing has happened yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { state: State::new(options), rows: BTreeMap::new(), left_out: false }
    }

    /// Folds one entry; entries come in order, from the first.
    pub fn apply(&mut self, offset: Offset, at: Timestamp, events: &[TradeEvent]) {
        self.state.begin_entry(offset);
        for event in events {
            if let TradeEvent::OrderCanceled { order, .. } = event {
                // What was left of it, before it is gone.
                self.take_back(order, |left| left.to_vec());
            }
            fold(&mut self.state, event, at);
            match event {
                TradeEvent::OrderPlaced { units, .. } => self.count(units),
                TradeEvent::AfterSale(AfterSaleEvent::OrderEdited { order, freed, added, .. }) => {
                    self.count(added);
                    self.take_back(order, |_| freed.clone());
                }
                TradeEvent::Stock(StockEvent::PurchaseReceived { purchase, receipts, .. }) => self.arrived(purchase, receipts),
                _ => {}
            }
        }
        self.mark();
    }

    fn row(&mut self, sku: &Sku, location: &LocationId) -> Option<&mut Row> {
        let key = (sku.clone(), location.clone());
        if self.rows.len() >= ROWS_MAX && !self.rows.contains_key(&key) {
            self.left_out = true;
            return None;
        }
        Some(self.rows.entry(key).or_default())
    }

    fn count(&mut self, units: &[Units]) {
        let week = week_of(self.state.time());
        for Units { sku, location, quantity } in units {
            if let Some(week) = self.row(sku, location).and_then(|row| row.week(week)) {
                week.units = week.units.saturating_add(u32::try_from(*quantity).unwrap_or(u32::MAX));
            }
        }
    }

    /// Takes units of an order out of the week in which it was placed.
    fn take_back(&mut self, order: &OrderId, units: impl FnOnce(&[Units]) -> Vec<Units>) {
        let Some(order) = self.state.order(order) else { return };
        let week = week_of(order.placed_at);
        for Units { sku, location, quantity } in units(&order.left_to_ship) {
            if let Some(week) = self.row(&sku, &location).and_then(|row| row.week(week)) {
                week.units = week.units.saturating_sub(u32::try_from(quantity).unwrap_or(u32::MAX));
            }
        }
    }

    fn arrived(&mut self, purchase: &PurchaseOrderId, receipts: &[Receipt]) {
        let Some(purchase) = self.state.purchase(purchase).cloned() else { return };
        // A day that has begun counts.
        let days = (self.state.time().since_ms(purchase.opened_at).max(0) as u64).div_ceil(DAY_MS as u64);
        for receipt in receipts.iter().filter(|receipt| receipt.accepted + receipt.damaged + receipt.quality_hold > 0) {
            if let Some(row) = self.row(&receipt.sku, &purchase.location) {
                row.arrived(u32::try_from(days).unwrap_or(u32::MAX));
            }
        }
    }

    /// Notes where something can be bought, and where no more.
    fn mark(&mut self) {
        let now = self.state.time();
        for (_, sku) in self.state.take_touched_skus() {
            let Some(row) = self.state.stock().row(&sku) else { continue };
            let places: Vec<(LocationId, bool)> =
                row.locations.iter().map(|stock| (stock.location.clone(), stock.buckets.sellable() > 0)).collect();
            for (location, is_available) in places {
                // A place that never had anything is followed from when it has.
                if (is_available || self.rows.contains_key(&(sku.clone(), location.clone())))
                    && let Some(row) = self.row(&sku, &location)
                {
                    row.mark(is_available, now);
                }
            }
        }
    }

    /// Whether an imported order is one that was placed in this shop: it is called as that is. What comes back in its file is `NAME#2`.
    #[must_use]
    pub fn has_order(&self, reference: &str) -> bool {
        let is_known = |name: &str| OrderId::new(name).is_ok_and(|id| self.state.order(&id).is_some());
        is_known(reference) || reference.rsplit_once('#').is_some_and(|(name, _)| is_known(name))
    }

    /// What was wanted in the whole weeks that `imported` was made for, here and elsewhere; `skus_of` says what a product can be bought as.
    #[must_use]
    pub fn with(mut self, imported: &Imported, skus_of: &dyn Fn(Ordinal) -> Vec<Sku>) -> AllDemand {
        let Dealing { places, unplaced_units } = self.dealt(imported, skus_of);
        for (sku, location) in places.keys() {
            self.row(sku, location);
        }
        let (end, history_ends) = (imported.end, imported.ends());
        let weekly = |((sku, location), row): ((Sku, LocationId), Row)| {
            let lead_days = row.usual_lead_days();
            let key = (sku, location);
            let Weekly { weeks, weeks_imported, units_imported } = row.weekly(end, places.get(&key), history_ends);
            let (sku, location) = key;
            WeeklyDemand { sku, location, weeks, lead_days, weeks_imported, units_imported }
        };
        let all: Vec<WeeklyDemand> = self.rows.into_iter().map(weekly).filter(|series| series.weeks.iter().any(Option::is_some)).collect();
        let units = all.iter().map(|series| u64::from(series.units_imported)).sum();
        let (orders, placed_here) = (imported.orders, imported.placed_here);
        let told = FromImported { orders, units, placed_here, unplaced_units };
        AllDemand { until: start_of(end), series: all, left_out: self.left_out || imported.left_out, imported: told }
    }
}
