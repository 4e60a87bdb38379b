//! Decimals as filters write them.

use super::*;

#[test]
fn decimals_become_thousandths_without_rounding() {
    let check = |text: &str, expected| assert_eq!(thousandths_of(text), expected, "{text}");
    check("12.5", Some((12_500, true)));
    check("0.0005", Some((0, false)));
    check("-1.2345", Some((-1_235, false)));
    check("-1.2340", Some((-1_234, true)));
    check("99999999999999999999", Some((i64::MAX, true)));
    check("1e3", None);
    check(".5", None);
    check("", None);
}

#[test]
fn a_price_between_two_thousandths_is_on_the_right_side() {
    let value = |text: &str| Choice::Value(Value { text: text.to_owned(), at: 0 });
    let check = |side, expected| assert_eq!(price_range(&value("1.2345"), side), Ok(expected), "{side:?}");
    check(Some(Side::Below), (i64::MIN, 1_234));
    check(Some(Side::AtMost), (i64::MIN, 1_234));
    check(Some(Side::Above), (1_235, i64::MAX));
    check(Some(Side::AtLeast), (1_235, i64::MAX));
    check(None, (1_235, 1_234));
}
