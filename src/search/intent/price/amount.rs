//! Amounts of money as people write them: `$1,299.50`, `1.299,50 €`, `1 000 €`, `$1.5k`.

use super::words::{CURRENCIES, CURRENCIES_OF_NAMES};
use crate::text::is_unspaced;

/// More digits are no price that anybody types.
const DIGITS_MAX: usize = 9;
/// Digits of a group of thousands.
const GROUP_DIGITS: usize = 3;
/// What stands right behind a number in place of zeros.
const TIMES: [(&str, usize); 5] = [("k", 3), ("千", 3), ("万", 4), ("萬", 4), ("만", 4)];
/// In place of cents: `250,-`.
const NO_CENTS: [&str; 6] = [",--", ",-", ",–", ",—", ".--", ".-"];

/// A number and whether a currency stands beside it.
pub(super) struct Amount {
    /// One past its last byte, its currency included.
    pub(super) end: usize,
    /// As a filter writes it.
    pub(super) number: String,
    pub(super) has_currency: bool,
    /// Whether it may be a name just as well: `rs 3`.
    pub(super) may_be_name: bool,
}

/// The byte after a word that stands at `start`, if it does.
pub(super) fn after_word(text: &str, start: usize, word: &str) -> Option<usize> {
    let rest = text[start..].strip_prefix(word)?;
    let goes_on = |letter: char| letter.is_alphanumeric() && !is_unspaced(letter);
    let ends = !word.ends_with(goes_on) || !rest.starts_with(goes_on);
    ends.then(|| text.len() - rest.len())
}

/// The byte after whichever of some words stands at `start`, blanks aside; the longest of them.
pub(super) fn after_any<'a>(text: &str, start: usize, words: impl IntoIterator<Item = &'a &'a str>) -> Option<usize> {
    let rest = text[start..].trim_start();
    let start = text.len() - rest.len();
    words.into_iter().filter_map(|word| after_word(text, start, word)).max()
}

/// A number at `at`, blanks aside, with a currency before or behind it.
pub(super) fn amount(text: &str, at: usize) -> Option<Amount> {
    let before = after_any(text, at, &CURRENCIES);
    let rest = text[before.unwrap_or(at)..].trim_start();
    let start = text.len() - rest.len();
    if !rest.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let grouped = with_blanks(rest).filter(|len| before.is_some() || after_any(text, start + len, &CURRENCIES).is_some());
    let len = grouped.unwrap_or_else(|| plain_len(rest));
    let mut number = number_of(&rest[..len])?;
    let mut end = start + len;
    let times = TIMES.iter().find_map(|(word, zeros)| Some((after_word(text, end, word)?, *zeros)));
    if let Some((after, zeros)) = times {
        (number, end) = (with_zeros(&number, zeros)?, after);
    }
    let behind = after_any(text, end, &CURRENCIES).or_else(|| NO_CENTS.iter().find_map(|sign| after_word(text, end, sign)));
    let end = behind.unwrap_or(end);
    let goes_on = text[end..].starts_with(|letter: char| letter.is_alphanumeric() && !is_unspaced(letter));
    let is_of_names = |before: usize| CURRENCIES_OF_NAMES.contains(&text[at..before].trim());
    let may_be_name = behind.is_none() && before.is_some_and(is_of_names);
    (!goes_on).then_some(Amount { end, number, has_currency: before.is_some() || behind.is_some(), may_be_name })
}

/// Bytes of a number whose groups of thousands stand apart: `1 000`.
fn with_blanks(text: &str) -> Option<usize> {
    let mut end = text.find(|letter: char| !letter.is_ascii_digit())?;
    let leads = (1..=GROUP_DIGITS).contains(&end) && !text.starts_with('0');
    let mut groups_count = 0;
    while let Some(blank) = text[end..].chars().next().filter(|letter| matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’')) {
        let group = &text[end + blank.len_utf8()..];
        let digits_count = group.bytes().take_while(u8::is_ascii_digit).count();
        if digits_count != GROUP_DIGITS {
            break;
        }
        end += blank.len_utf8() + GROUP_DIGITS;
        groups_count += 1;
    }
    let decimals = text[end..].strip_prefix([',', '.']).map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let end = if (1..GROUP_DIGITS).contains(&decimals) { end + 1 + decimals } else { end };
    (leads && groups_count > 0).then_some(end)
}

/// Bytes of a number without blanks.
fn plain_len(text: &str) -> usize {
    let len = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ',').unwrap_or(text.len());
    text[..len].trim_end_matches(['.', ',']).len()
}

/// `1,299.50`, `1.299,50`, `1 299` and `12,50` as a filter writes them: no price has three decimals, so what parts three digits parts thousands.
fn number_of(written: &str) -> Option<String> {
    let digits_count = written.bytes().filter(u8::is_ascii_digit).count();
    if digits_count == 0 || digits_count > DIGITS_MAX {
        return None;
    }
    let (whole, decimals) = match written.rfind(['.', ',']) {
        Some(at) if written.len() - at - 1 != GROUP_DIGITS || written.starts_with('0') => (&written[..at], &written[at + 1..]),
        _ => (written, ""),
    };
    let groups: Vec<&str> = whole.split(|letter: char| !letter.is_ascii_digit()).collect();
    let is_grouped =
        groups.iter().skip(1).all(|group| group.len() == GROUP_DIGITS) && (groups.len() == 1 || groups[0].len() <= GROUP_DIGITS);
    let digits = groups.concat();
    let number = if decimals.is_empty() { digits } else { format!("{digits}.{decimals}") };
    (is_grouped && number.parse::<f64>().is_ok()).then_some(number)
}

/// A number with so many zeros behind it: a thousand times that of `1.5k`.
fn with_zeros(number: &str, zeros: usize) -> Option<String> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{decimals:0<zeros$}");
    (decimals.len() <= zeros && digits.len() <= DIGITS_MAX)
        .then(|| digits.trim_start_matches('0').to_owned())
        .filter(|rest| !rest.is_empty())
}

/// A number less and more a share of it, in hundredths, as whole units that hold it: a price that is said about needs no cents.
pub(super) fn around(number: &str, percent: u64) -> Option<(String, String)> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let low: u64 = whole.parse().ok()?;
    let high = low + u64::from(decimals.bytes().any(|digit| digit != b'0'));
    let more = high.checked_mul(100 + percent)?.div_ceil(100);
    Some(((low * (100 - percent) / 100).to_string(), more.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_written_anywhere() {
        let check = |written: &str, expected: &str| {
            let amount = amount(written, 0).unwrap_or_else(|| panic!("{written} is an amount"));
            assert_eq!((amount.number.as_str(), amount.end), (expected, written.len()), "{written}");
        };
        check("$1,299.50", "1299.50");
        check("1.299,50 €", "1299.50");
        check("1.000 €", "1000");
        check("1 000 €", "1000");
        check("1 345 678,90 €", "1345678.90");
        check("1'250 chf", "1250");
        check("12,50", "12.50");
        check("0.125", "0.125");
        check("$1.5k", "1500");
        check("2k", "2000");
        check("3万円", "30000");
        check("1.5千元", "1500");
        check("250,-", "250");
        check("6000円", "6000");
        check("us$ 20", "20");
    }

    #[test]
    fn what_is_around_a_price_holds_it() {
        let check =
            |number: &str, low: &str, high: &str| assert_eq!(around(number, 20), Some((low.to_owned(), high.to_owned())), "{number}");
        check("50", "40", "60");
        check("3", "2", "4");
        check("3.99", "2", "5");
        check("0.99", "0", "2");
        check("50.00", "40", "60");
    }

    #[test]
    fn other_numbers_are_no_amounts() {
        for written in ["", "$", "kr", "12345678901", "5x7", "1.2.3", "12,34,567", "42mm", "1.2345k"] {
            assert!(amount(written, 0).is_none(), "{written}");
        }
        assert_eq!(
            amount("14 128 gb", 0).map(|amount| amount.number),
            Some("14".to_owned()),
            "blanks part thousands beside a currency only"
        );
    }
}
