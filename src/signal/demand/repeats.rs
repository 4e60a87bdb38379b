//! What counts once: the same person doing the same with the same product of the same query within a day.
//!
//! Files tell of what was done in any order, the newest first for one, so a deed stands under the period that it falls into, and what is near
//! it on either side is found in that period and its two neighbours. One moment a deed would not do: of three clicks on three days told
//! backwards, each would be held against one that is not near.

use super::Options;
use crate::event::activity::SAME_PURCHASE_MS;
use crate::id::Ordinal;
use crate::signal::keys::mixed;
use crate::signal::recent::Recent;
use crate::stdx::clock::Timestamp;
use crate::stdx::words::WordWriter;

/// What repetitions are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Search,
    Impression,
    Click,
    Cart,
    Purchase,
    Order,
}

/// Who did what with which product of which query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deed {
    pub(super) act: Act,
    pub(super) person: u64,
    /// Key of the query.
    pub(super) query: u64,
    pub(super) product: Ordinal,
}

/// Deeds and their moments: impressions, and everything else apart, so that the many do not push out the few.
#[derive(Clone)]
pub(super) struct Repeats {
    tables: [Recent<2>; 2],
    repeat_ms: i64,
}

impl Repeats {
    pub(super) fn new(options: &Options) -> Self {
        Self { tables: [Recent::new(options.recent_len), Recent::new(options.recent_len)], repeat_ms: options.repeat_ms }
    }

    /// As long as the longest time that is asked for, so that two neighbours are enough.
    fn period_of(&self, at: Timestamp) -> i64 {
        at.0.div_euclid(self.repeat_ms.max(SAME_PURCHASE_MS))
    }

    /// Whether the same was noted within `within_ms` of `at`, before or after it.
    fn is_near(&self, deed: &Deed, at: Timestamp, within_ms: i64) -> bool {
        let period = self.period_of(at);
        let keys = [0, -1, 1].map(|away| deed.key(period.saturating_add(away)));
        let moments = keys.into_iter().filter_map(|key| self.tables[deed.table()].moment(key));
        moments.into_iter().any(|moment| moment.0.abs_diff(at.0) <= within_ms.unsigned_abs())
    }

    pub(super) fn note(&mut self, deed: &Deed, at: Timestamp) {
        let key = deed.key(self.period_of(at));
        self.tables[deed.table()].put([key, at.0.cast_unsigned()]);
    }

    /// Whether this has not been done by the same person about that time; notes that it has been done now.
    pub(super) fn is_first(&mut self, deed: &Deed, at: Timestamp) -> bool {
        let is_first = !self.is_near(deed, at, self.repeat_ms);
        if is_first {
            self.note(deed, at);
        }
        is_first
    }

    /// Whether a purchase at that time is the one that this deed told of.
    pub(super) fn is_same_purchase(&self, deed: &Deed, at: Timestamp) -> bool {
        self.is_near(deed, at, SAME_PURCHASE_MS)
    }

    /// Appends both tables to their sections.
    pub(super) fn write(&self, sections: [&mut WordWriter; 2]) {
        self.tables.iter().zip(sections).for_each(|(table, out)| table.write(out));
    }

    /// Reads what [`Repeats::write`] wrote.
    pub(super) fn read(sections: [&[u64]; 2], options: &Options) -> Option<Self> {
        let [impressions, others] = sections.map(|words| Recent::read(words, options.recent_len));
        Some(Self { tables: [impressions?, others?], repeat_ms: options.repeat_ms })
    }
}

impl Deed {
    fn table(&self) -> usize {
        usize::from(self.act != Act::Impression)
    }

    fn key(&self, period: i64) -> u64 {
        mixed([self.person, self.query, u64::from(self.product.0) | (self.act as u64) << 32, period.cast_unsigned()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    /// Three clicks on three days were three told oldest first, and one told newest first.
    #[test]
    fn what_is_done_on_different_days_is_counted_in_whatever_order_it_is_told() {
        let click = Deed { act: Act::Click, person: 1, query: 2, product: Ordinal(3) };
        let hours = [0, 720, 1_440, 2_160, 2_172];
        let orders = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]];
        for order in orders {
            let mut repeats = Repeats::new(&Options::default());
            let firsts = order.map(|place| repeats.is_first(&click, Timestamp(hours[place] * HOUR_MS)));
            assert_eq!(firsts.iter().filter(|first| **first).count(), 4, "{order:?}: the last two are half a day apart");
            let again = order.map(|place| repeats.is_first(&click, Timestamp((hours[place] + 1) * HOUR_MS)));
            assert_eq!(again.iter().filter(|first| **first).count(), 0, "{order:?}");
            assert!(!repeats.is_first(&click, Timestamp(719 * HOUR_MS)), "an hour before, in another period");
        }
    }
}
