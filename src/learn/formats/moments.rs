//! Times as files have them: numbers of any unit, or dates of the calendar, with or without the time of day.

use jiff::civil::Date;

/// Numbers from here on are seconds, milliseconds or microseconds since 1970, of the years 1985 to 2096: bounds in seconds.
const EPOCH_S: (f64, f64) = (5e8, 4e9);

/// The time that a field says: a number as it is, a date in seconds since 1970. None when it is neither.
pub(super) fn time(field: &str) -> Option<f64> {
    field.parse::<f64>().ok().filter(|number| number.is_finite()).or_else(|| date(field))
}

/// Whether a number looks like a time since 1970.
pub(super) fn is_epoch(number: f64) -> bool {
    [1.0, 1e3, 1e6].into_iter().any(|unit| (EPOCH_S.0 * unit..EPOCH_S.1 * unit).contains(&number))
}

/// Seconds since 1970 of `2014-04-07`, `2014-04-07T10:51:09.277Z`, `2014-04-07 10:51:09+02:00`, `2014/4/7 10:51` or `4/7/2014 10:51`, the month
/// first as tables of shops have it; or of `Mon Apr 07 10:51:09 +0000 2014`.
pub(super) fn date(field: &str) -> Option<f64> {
    if field.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return worded_date(field);
    }
    let (day, clock) = field.split_once(['T', ' ']).unwrap_or((field, ""));
    let separator = if day.contains('-') { '-' } else { '/' };
    let mut parts = day.split(separator).map(|part| part.parse::<u32>().ok());
    let (first, second, third) = (parts.next()??, parts.next()??, parts.next()??);
    let is_year_first = day.find(separator) == Some(4);
    let (year, month, day) = if is_year_first { (first, second, third) } else { (third, first, second) };
    let is_day = year >= 1_000 && parts.next().is_none();
    is_day.then(|| Some(days_since_1970(year, month, day)? * 86_400.0 + seconds_of_day(clock)?))?
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn worded_date(field: &str) -> Option<f64> {
    let words: Vec<&str> = field.split_whitespace().collect();
    let &[_, month, day, clock, zone, year] = words.as_slice() else { return None };
    let month = MONTHS.iter().position(|known| *known == month)? as u32 + 1;
    Some(days_since_1970(year.parse().ok()?, month, day.parse().ok()?)? * 86_400.0 + seconds_of_day(&format!("{clock}{zone}"))?)
}

fn days_since_1970(year: u32, month: u32, day: u32) -> Option<f64> {
    let day = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(day.duration_since(jiff::civil::date(1970, 1, 1)).as_secs_f64() / 86_400.0)
}

/// `10:51`, `10:51:09.277`, with `Z`, ` UTC` or `+02:00` behind it; nothing is midnight.
fn seconds_of_day(clock: &str) -> Option<f64> {
    let clock = clock.trim().trim_end_matches("UTC").trim_end_matches('Z').trim();
    if clock.is_empty() {
        return Some(0.0);
    }
    let zone = clock.find(['+', '-']).unwrap_or(clock.len());
    let ahead = match clock[zone..].chars().next() {
        None => 0.0,
        Some(sign) => {
            let (hours, minutes) = clock[zone + 1..].split_once(':').or_else(|| clock[zone + 1..].split_at_checked(2))?;
            let minutes = if minutes.is_empty() { 0.0 } else { minutes.parse::<f64>().ok()? };
            (hours.parse::<f64>().ok()? * 3_600.0 + minutes * 60.0) * if sign == '-' { -1.0 } else { 1.0 }
        }
    };
    let mut parts = clock[..zone].split(':').map(|part| part.parse::<f64>().ok().filter(|part| (0.0..61.0).contains(part)));
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0.0))?;
    parts.next().is_none().then_some(hours * 3_600.0 + minutes * 60.0 + seconds - ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_seconds_since_1970_in_every_usual_writing() {
        let noon = 1_396_872_000.0;
        let same = [
            "2014-04-07T12:00:00Z",
            "2014-04-07T12:00:00.000Z",
            "2014-04-07 12:00:00",
            "2014-04-07T14:00:00+02:00",
            "2014-04-07T07:30:00-0430",
            "2014-04-07 12:00:00 UTC",
            "2014/4/7 12:00",
            "4/7/2014 12:00",
            "Mon Apr 07 14:00:00 +0200 2014",
        ];
        same.into_iter().for_each(|text| assert_eq!(date(text), Some(noon), "{text}"));
        assert_eq!((date("2014-04-07"), date("1970-01-01"), date("1969-12-31")), (Some(noon - 43_200.0), Some(0.0), Some(-86_400.0)));
        assert_eq!((date("2000-02-29T00:00:01.5Z"), time("12.5"), time("-3")), (Some(951_782_401.5), Some(12.5), Some(-3.0)));
        for text in [
            "soon",
            "",
            "2014-13-01",
            "2014-04",
            "2014-04-07T25",
            "1-2-3-4",
            "2014-04-07T12:61",
            "NaN",
            "2014-04-07T12:00+x",
            "Mon Apr 07 2014",
            "one two three four five six",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn times_since_1970_are_told_from_other_numbers() {
        assert!([881_250_949.0, 1_396_872_000_000.0, 1.4e15].into_iter().all(is_epoch));
        assert!([0.0, 5.0, 214_536_502.0, 1e10, 1e18].into_iter().all(|number| !is_epoch(number)));
    }
}
