//! What was wanted in another system, before a shop came here or beside it: imported orders, summed up week by week.
//!
//! They name no place, and many a product only. So nothing but sums is kept of them, by what they name, and these are dealt to SKUs and
//! places when all is known ([`super::dealt`]): it takes as much memory for millions of lines as for those of a year.

use super::{WEEK_MS, WEEKS_MAX, start_of, week_of};
use crate::event::activity::HistoryLine;
use crate::id::{Ordinal, Sku};
use crate::stdx::clock::Timestamp;
use std::collections::BTreeMap;

/// Products and SKUs by whose names imported demand is summed up; those that were named later are not. At most 1.9 kB each.
pub const NAMES_MAX: usize = 200_000;

/// A week in which something was bought or came back.
#[derive(Debug, Clone, Copy, Default)]
struct Week {
    /// Its place among the weeks that are remembered.
    place: u16,
    lines: u16,
    units: u32,
    returned: u32,
}

/// What was wanted in a week, less what came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sold {
    pub(super) week: i64,
    pub(super) units: u32,
    /// In how many lines of orders.
    pub(super) lines: u16,
}

#[derive(Debug)]
pub(super) struct Named {
    /// The week in which it was first bought, also when that is no longer remembered.
    first: i64,
    /// Those that are told of, the oldest first.
    weeks: Vec<Week>,
}

impl Named {
    fn week(&mut self, place: u16) -> &mut Week {
        let at = self.weeks.binary_search_by_key(&place, |week| week.place).unwrap_or_else(|at| {
            self.weeks.insert(at, Week { place, ..Week::default() });
            at
        });
        &mut self.weeks[at]
    }

    /// The first week of which something can be learnt. Of a thing that is first bought we know from then on that it was on sale, so what
    /// counts is what comes after: with the week of its first sale, whatever sold once would seem to sell often.
    pub(super) fn known_from(&self) -> i64 {
        self.first + 1
    }

    /// What was bought in the weeks from `start` on. What came back is taken out of its week and of those before, the last first: which order
    /// it belongs to is seldom told, and files may tell of returns before they tell of what came back.
    pub(super) fn sold(&self, start: i64) -> Vec<Sold> {
        let mut weeks = self.weeks.clone();
        let mut back = 0_u64;
        for week in weeks.iter_mut().rev() {
            back += u64::from(week.returned);
            let taken = u32::try_from(back).unwrap_or(u32::MAX).min(week.units);
            week.units -= taken;
            back -= u64::from(taken);
        }
        let sold = weeks.into_iter().filter(|week| week.units > 0);
        sold.map(|Week { place, lines, units, .. }| Sold { week: start + i64::from(place), units, lines }).collect()
    }
}

/// The sums.
#[derive(Debug)]
pub struct Imported {
    /// The week that has not ended.
    pub(super) end: i64,
    pub(super) names: BTreeMap<(Ordinal, Option<Sku>), Named>,
    /// When the last order was placed.
    last: Option<Timestamp>,
    pub(super) orders: u64,
    pub(super) placed_here: u64,
    pub(super) left_out: bool,
}

impl Imported {
    /// Of the whole weeks before `now`, when nothing has been told yet.
    #[must_use]
    pub fn before(now: Timestamp) -> Self {
        Self { end: week_of(now), names: BTreeMap::new(), last: None, orders: 0, placed_here: 0, left_out: false }
    }

    /// Counts one order, in any order of time.
    pub fn apply(&mut self, lines: &[HistoryLine], at: Timestamp) {
        self.last = self.last.max(Some(at));
        self.orders += u64::from((self.start()..self.end).contains(&week_of(at)));
        lines.iter().for_each(|line| self.count(line, week_of(at)));
    }

    /// Passes over an order that was placed in this shop: the trade stream tells of it.
    pub fn pass_over(&mut self) {
        self.placed_here += 1;
    }

    /// The first week that is remembered.
    pub(super) fn start(&self) -> i64 {
        self.end - WEEKS_MAX as i64
    }

    /// The first week of which orders no longer tell: the last order's own, unless it lies in the second half of it.
    pub(super) fn ends(&self) -> i64 {
        let Some(last) = self.last else { return self.start() };
        let week = week_of(last);
        (week + i64::from(last.since_ms(start_of(week)) * 2 >= WEEK_MS)).min(self.end)
    }

    fn count(&mut self, line: &HistoryLine, week: i64) {
        let key = (line.product, line.sku.clone());
        if line.quantity == 0 || week >= self.end || (self.names.len() >= NAMES_MAX && !self.names.contains_key(&key)) {
            self.left_out |= line.quantity != 0 && week < self.end;
            return;
        }
        let place = u16::try_from(week - self.start()).ok();
        let named = self.names.entry(key).or_insert(Named { first: self.end, weeks: Vec::new() });
        if line.quantity > 0 {
            named.first = named.first.min(week);
        }
        let Some(place) = place else { return };
        let (told, units) = (named.week(place), u32::try_from(line.quantity.unsigned_abs()).unwrap_or(u32::MAX));
        if line.quantity > 0 {
            told.units = told.units.saturating_add(units);
            told.lines = told.lines.saturating_add(1);
        } else {
            told.returned = told.returned.saturating_add(units);
        }
    }
}
