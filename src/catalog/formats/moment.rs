//! Times in the layouts that exports use.

use super::value::Value;
use crate::stdx::clock::Timestamp;
use jiff::civil::Date;

/// Seconds, milliseconds, microseconds and nanoseconds since 1970 are told apart by size: the bounds lie in the years 2286 and 1970.
const SECONDS_MAX: f64 = 1e10;
const MILLISECONDS_MAX: f64 = 1e13;
const MICROSECONDS_MAX: f64 = 1e16;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads a moment: numbers since 1970; ISO 8601 with or without time and offset; `MM/DD/YYYY HH:MM` (or day first), also with
/// two-digit years and AM/PM; `DD.MM.YYYY`; months by name. Without an offset it is UTC.
pub(super) fn moment(value: &Value<'_>, day_first: bool) -> Option<Timestamp> {
    if let Some(number) = value.number() {
        let is_compact_date = matches!(value, Value::Text(text) if text.trim().len() == 8);
        if !is_compact_date {
            return since_epoch(number);
        }
    }
    let Value::Text(text) = value else { return None };
    let text = text.trim();
    let (date, rest) = date_of(text, day_first)?;
    let time_ms = time_of_day_ms(rest)?;
    let days = i64::from(date.since(jiff::civil::date(1970, 1, 1)).ok()?.get_days());
    Some(Timestamp(days * 86_400_000 + time_ms))
}

fn since_epoch(number: f64) -> Option<Timestamp> {
    let magnitude = number.abs();
    let ms = match magnitude {
        _ if magnitude < SECONDS_MAX => number * 1e3,
        _ if magnitude < MILLISECONDS_MAX => number,
        _ if magnitude < MICROSECONDS_MAX => number / 1e3,
        _ => number / 1e6,
    };
    (ms.abs() < 1e15).then_some(Timestamp(ms.round() as i64))
}

/// The date that a text begins with, and what follows it.
fn date_of(text: &str, day_first: bool) -> Option<(Date, &str)> {
    let (first, after_first) = part(text)?;
    if first.len() == 8 && first.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((calendar(&first[..4], &first[4..6], &first[6..])?, after_first));
    }
    let mark = after_first.chars().next()?;
    let (second, after_second) = part(after_first.get(mark.len_utf8()..)?.trim_start())?;
    let (third, rest) = part(after_second.strip_prefix(',').unwrap_or(after_second).get(1..)?.trim_start())?;
    let date = if first.len() == 4 {
        calendar(first, second, third)
    } else if !first.bytes().all(|byte| byte.is_ascii_digit()) {
        calendar(third, first, second)
    } else if mark == '.' || day_first || !second.bytes().all(|byte| byte.is_ascii_digit()) || first.parse::<u8>().ok()? > 12 {
        calendar(third, second, first)
    } else {
        calendar(third, first, second)
    };
    Some((date?, rest))
}

/// A run of letters or digits and what follows it.
fn part(text: &str) -> Option<(&str, &str)> {
    let is_digit = text.starts_with(|letter: char| letter.is_ascii_digit());
    let end = text.find(|letter: char| letter.is_ascii_digit() != is_digit || !letter.is_ascii_alphanumeric()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn calendar(year: &str, month: &str, day: &str) -> Option<Date> {
    let year: i16 = year.parse().ok()?;
    let year = if (0..100).contains(&year) { year + if year < 70 { 2000 } else { 1900 } } else { year };
    let by_name = || MONTHS.iter().position(|name| month.to_ascii_lowercase().starts_with(name)).map(|at| at as i8 + 1);
    let month = month.parse().ok().or_else(by_name)?;
    Date::new(year, month, day.parse().ok()?).ok()
}

/// Milliseconds since midnight UTC of what follows a date; an empty rest is midnight.
fn time_of_day_ms(rest: &str) -> Option<i64> {
    let rest = rest.trim_start_matches(['T', 't', ' ', ',']).trim();
    if rest.is_empty() {
        return Some(0);
    }
    let lower = rest.to_ascii_lowercase();
    let (clock, afternoon) = match (lower.strip_suffix("pm"), lower.strip_suffix("am")) {
        (Some(clock), _) => (clock, Some(true)),
        (None, Some(clock)) => (clock, Some(false)),
        (None, None) => (lower.as_str(), None),
    };
    let (clock, offset_ms) = split_offset(clock.trim())?;
    let mut parts = clock.trim().split(':');
    let mut hours: i64 = parts.next()?.parse().ok()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    let seconds: f64 = parts.next().map_or(Ok(0.0), str::parse).ok()?;
    if let Some(afternoon) = afternoon {
        hours = hours % 12 + if afternoon { 12 } else { 0 };
    }
    let is_time = (0..=24).contains(&hours) && (0..60).contains(&minutes) && (0.0..61.0).contains(&seconds) && parts.next().is_none();
    is_time.then(|| (hours * 60 + minutes) * 60_000 + (seconds * 1e3).round() as i64 - offset_ms)
}

/// The time without its offset from UTC, and the offset.
fn split_offset(clock: &str) -> Option<(&str, i64)> {
    let clock = clock.trim_end_matches("utc").trim_end_matches("gmt").trim_end_matches('z').trim_end();
    let Some(at) = clock.rfind(['+', '-']) else { return Some((clock, 0)) };
    let digits: String = clock[at + 1..].chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes_total = hours.parse::<i64>().ok()? * 60 + if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    let sign = if clock.as_bytes()[at] == b'-' { -1 } else { 1 };
    Some((&clock[..at], sign * minutes_total * 60_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_many_layouts_are_one_moment() {
        // 2010-12-01 08:26:00 UTC
        let expected = Some(Timestamp(1_291_191_960_000));
        let check = |text: &str| assert_eq!(moment(&Value::Text(text.into()), false), expected, "{text}");
        check("2010-12-01 08:26:00");
        check("2010-12-01T08:26:00Z");
        check("2010-12-01T10:26:00.000+02:00");
        check("2010-12-01 08:26:00 UTC");
        check("12/01/2010 08:26");
        check("12/1/10 8:26");
        check("12/1/2010 8:26:00 AM");
        check("01.12.2010 08:26");
        check("Dec 1, 2010 8:26");
        check("1 December 2010 08:26");
        check("1291191960");
        check("1291191960.0");
        check("1291191960000");
        assert_eq!(moment(&Value::Fraction(1_291_191_960.0), false), expected);
        assert_eq!(moment(&Value::Text("01/12/2010 08:26".into()), true), expected);
        assert_eq!(moment(&Value::Text("13/12/2010".into()), false), moment(&Value::Text("20101213".into()), false));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in ["", "yesterday", "2010-13-01", "2010-02-30", "12/2010", "2010-12-01 25:00", "2010-12-01 aa:bb", "é1/2/3"] {
            assert_eq!(moment(&Value::Text(text.into()), false), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[0-9/:.+ TZé,-]{0,24}") {
            moment(&Value::Text(text.into()), true);
        }
    }
}
