//! Working days: when a location and a carrier work, and how many days that makes.
//!
//! A day is a number of local days since 1970-01-01. Local time is UTC and a fixed offset per location: good to the hour, which is what
//! promises in days need; whoever changes the clock twice a year tells the new offset.

use crate::event::trade::fulfilment::{Calendar, LocationFacts};
use crate::stdx::clock::Timestamp;

pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// Most days that work is put off because each of them is full.
const FULL_DAYS_MAX: u32 = 60;

/// The day and the minute of the day at `at`.
#[must_use]
pub(super) fn local(at: Timestamp, utc_offset_minutes: i16) -> (i64, i64) {
    let ms = at.0.saturating_add(i64::from(utc_offset_minutes) * MINUTE_MS);
    (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS) / MINUTE_MS)
}

/// The moment of a minute of a day.
#[must_use]
pub(super) fn moment(day: i64, minute: i64, utc_offset_minutes: i16) -> Timestamp {
    Timestamp(day * DAY_MS + (minute - i64::from(utc_offset_minutes)) * MINUTE_MS)
}

impl Calendar {
    /// Whether work is done on that day.
    #[must_use]
    pub fn is_working(&self, day: i64) -> bool {
        // Day 0 was a Thursday.
        let weekday = (day + 3).rem_euclid(7);
        self.weekdays >> weekday & 1 == 1 && !i32::try_from(day).is_ok_and(|day| self.holidays.binary_search(&day).is_ok())
    }

    /// The first working day from `day` on.
    #[must_use]
    pub fn working_from(&self, day: i64) -> i64 {
        // Beyond all holidays one of seven days in a row is worked, or none ever is.
        let last = day + self.holidays.len() as i64 + 7;
        (day..last).find(|day| self.is_working(*day)).unwrap_or(day)
    }

    /// The working day that is so many working days after `day`.
    #[must_use]
    pub fn after(&self, day: i64, working_days: u16) -> i64 {
        (0..working_days).fold(day, |day, _| self.working_from(day + 1))
    }
}

/// The day on which a location can hand an order over that it is given at `now`, by its own calendar. `is_full` says on which days it has no
/// capacity left.
pub(super) fn ready_day(location: &LocationFacts, now: Timestamp, is_full: impl Fn(i64) -> bool) -> i64 {
    let (today, minute) = local(now, location.utc_offset_minutes);
    let is_in_time = location.calendar.is_working(today) && minute < i64::from(location.calendar.cut_off_minute);
    let begun = if is_in_time { today } else { location.calendar.working_from(today + 1) };
    let mut ready = location.calendar.after(begun, location.handling_days);
    for _ in 0..FULL_DAYS_MAX {
        if !is_full(ready) {
            break;
        }
        ready = location.calendar.working_from(ready + 1);
    }
    ready
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::LocationId;

    /// Monday, 2024-01-01.
    const MONDAY: i64 = 19_723;

    fn calendar(holidays: &[i32]) -> Calendar {
        Calendar { holidays: holidays.to_vec(), ..Calendar::default() }
    }

    #[test]
    fn weekends_and_holidays_are_not_worked() {
        let week: Vec<bool> = (0..7).map(|day| calendar(&[]).is_working(MONDAY + day)).collect();
        assert_eq!(week, [true, true, true, true, true, false, false]);
        let check = |holidays: &[i32], from: i64, days: u16, expected: i64| {
            assert_eq!(calendar(holidays).after(MONDAY + from, days) - MONDAY, expected, "{holidays:?} {from} {days}");
        };
        let tuesday = MONDAY as i32 + 1;
        check(&[], 0, 0, 0);
        check(&[], 0, 4, 4);
        check(&[], 0, 5, 7);
        check(&[], 4, 1, 7);
        check(&[tuesday], 0, 1, 2);
        check(&[tuesday, tuesday + 1], 0, 1, 3);
        assert_eq!(Calendar { weekdays: 0, ..calendar(&[]) }.working_from(5), 5, "who never works is not waited for");
    }

    #[test]
    fn an_order_is_ready_after_cut_off_handling_and_full_days() {
        let mut location = LocationFacts::untold(LocationId::new("l").expect("an id"));
        location.utc_offset_minutes = 60;
        let at = |day: i64, hour: i64| moment(MONDAY + day, hour * 60, 60);
        let check = |location: &LocationFacts, now: Timestamp, full: &[i64], expected: i64| {
            assert_eq!(ready_day(location, now, |day| full.contains(&(day - MONDAY))) - MONDAY, expected, "{now:?} {full:?}");
        };
        check(&location, at(0, 9), &[], 1);
        check(&location, at(0, 14), &[], 2);
        check(&location, at(4, 9), &[], 7);
        check(&location, at(5, 9), &[], 8);
        check(&location, at(0, 9), &[1, 2], 3);
        location.handling_days = 0;
        check(&location, at(0, 9), &[], 0);
        check(&location, at(0, 9), &[0, 1, 2, 3, 4], 7);
    }
}
