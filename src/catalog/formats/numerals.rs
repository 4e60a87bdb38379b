//! Numbers and signs as other scripts write them, made what prices are read by: `４，９８０円`, `٣٤٩ ريال`, `1万2800円`, `￥4,980`.

use crate::text::digit_of;
use std::borrow::Cow;

/// Behind a number these multiply it by a power of ten.
const UNITS: [(char, u32); 8] = [('万', 4), ('萬', 4), ('만', 4), ('億', 8), ('亿', 8), ('억', 8), ('千', 3), ('천', 3)];
/// More is no price of anything.
const DIGITS_MAX: usize = 15;

/// A text with plain digits, marks and signs of full width made plain, and numbers in tens of thousands written out.
pub(super) fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let plain: String = text.chars().filter_map(plain).collect();
    Cow::Owned(written_out(&plain).unwrap_or(plain))
}

/// None for a mark that only says in which direction to read on.
fn plain(letter: char) -> Option<char> {
    Some(match letter {
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => return None,
        '\u{3000}' => ' ',
        '￥' => '¥',
        '￡' => '£',
        '￠' => '¢',
        '￦' => '₩',
        '٫' => '.',
        '٬' => '\'',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        _ => digit_of(letter).map_or(letter, |digit| char::from(b'0' + digit)),
    })
}

/// `1万2800円` as `12800円`; none where no number has such a unit.
fn written_out(text: &str) -> Option<String> {
    let start = text.find(|letter: char| letter.is_ascii_digit())?;
    let (before, mut rest) = text.split_at(start);
    let (mut sum, mut has_units) = (0_u128, false);
    loop {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, ',' | '.')).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(end);
        let units: u32 = behind.chars().map_while(power_of).sum();
        if number.is_empty() || units == 0 && !has_units {
            break;
        }
        sum = sum.checked_add(times(number, units)?)?;
        has_units = true;
        rest = behind.trim_start_matches(|letter| power_of(letter).is_some());
        if units == 0 {
            break;
        }
    }
    has_units.then(|| format!("{before}{sum}{rest}"))
}

fn power_of(letter: char) -> Option<u32> {
    UNITS.iter().find(|(unit, _)| *unit == letter).map(|(_, power)| *power)
}

/// A number with commas between thousands and perhaps a fraction, times a power of ten; none where a fraction is left.
fn times(number: &str, power: u32) -> Option<u128> {
    let (whole, fraction) = number.trim_end_matches(',').split_once('.').unwrap_or((number, ""));
    let digits: String = whole.chars().chain(fraction.chars()).filter(char::is_ascii_digit).collect();
    let further = power.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let digits = digits.parse::<u128>().ok().filter(|_| digits.len() <= DIGITS_MAX)?;
    digits.checked_mul(10_u128.checked_pow(further)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_other_scripts_are_made_plain() {
        let check = |text: &str, expected: &str| assert_eq!(folded(text), expected, "{text}");
        check("12.99", "12.99");
        check("４，９８０円", "4,980円");
        check("٣٤٩ ريال", "349 ريال");
        check("٣٤٩٫٥٠", "349.50");
        check("￥4,980", "¥4,980");
        check("1万2800円", "12800円");
        check("3만9천원", "39000원");
        check("1.5万元", "15000元");
        check("2千万", "20000000");
        check("約1億円", "約100000000円");
        check("千円", "千円");
        check("1.23456万", "1.23456万");
        check("12 円", "12 円");
    }
}
