//! Prices as feeds write them, read into minor units without floating point.

use super::value::Value;
use crate::money::{Currency, Money};
use serde::Deserialize;

/// What a price without a decimal point counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceUnit {
    /// The currency's main unit: `12` is twelve dollars.
    #[default]
    Major,
    /// Its minor unit: `12` is twelve cents.
    #[serde(alias = "cents")]
    Minor,
}

/// How prices of a file are read where the price itself does not say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pricing {
    pub(super) currency: Currency,
    pub(super) unit: PriceUnit,
}

/// Signs of one currency alone; a dollar may be anybody's.
const SIGNS: [(char, &str); 19] = [
    ('€', "EUR"),
    ('£', "GBP"),
    ('₹', "INR"),
    ('¥', "JPY"),
    ('円', "JPY"),
    ('元', "CNY"),
    ('₩', "KRW"),
    ('₽', "RUB"),
    ('₺', "TRY"),
    ('₴', "UAH"),
    ('₫', "VND"),
    ('฿', "THB"),
    ('₪', "ILS"),
    ('₱', "PHP"),
    ('₦', "NGN"),
    ('₸', "KZT"),
    ('₼', "AZN"),
    ('₾', "GEL"),
    ('₡', "CRC"),
];
/// Words and compound signs that stand for one.
const WORDS: [(&str, &str); 16] = [
    ("Rs", "INR"),
    ("R$", "BRL"),
    ("US$", "USD"),
    ("C$", "CAD"),
    ("CA$", "CAD"),
    ("A$", "AUD"),
    ("AU$", "AUD"),
    ("NZ$", "NZD"),
    ("HK$", "HKD"),
    ("NT$", "TWD"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Ft", "HUF"),
    ("lei", "RON"),
    ("руб", "RUB"),
    ("din", "RSD"),
];

/// Reads a price: a number, a text with sign or code (`$1,299.00`, `12,99 EUR`), or an object with amount and currency.
///
/// # Errors
/// What is wrong with it, for people.
pub(super) fn price(value: &Value<'_>, pricing: Pricing) -> Result<Option<Money>, String> {
    if let Value::Object(_) = value {
        return price_object(value, pricing);
    }
    // Without a digit it is a word in place of a price: `call us`, `sold out`.
    let Some(text) = value.text().filter(|text| text.bytes().any(|byte| byte.is_ascii_digit())) else { return Ok(None) };
    price_text(&text, pricing).map(Some)
}

/// The currency that a price itself says it is in; `own` is that of the file.
pub(super) fn currency_said(value: &Value<'_>, own: Currency) -> Option<Currency> {
    match value {
        Value::Text(text) => currency_in(text, own),
        Value::Object(_) => {
            let code = value.member(&["currency", "currency_code", "currencyCode"]).and_then(Value::text);
            code.and_then(|code| Currency::known(&code).ok())
        }
        Value::Null | Value::Flag(_) | Value::Whole(_) | Value::Fraction(_) | Value::List(_) => None,
    }
}

fn price_object(value: &Value<'_>, pricing: Pricing) -> Result<Option<Money>, String> {
    let code = value.member(&["currency", "currency_code", "currencyCode"]).and_then(Value::text);
    let currency = code.map_or(Ok(pricing.currency), |code| Currency::known(&code)).map_err(|error| error.to_string())?;
    let pricing = Pricing { currency, ..pricing };
    if let Some(minor) = value.member(&["amount_minor"]) {
        let amount = minor.whole().ok_or("amount_minor must be a whole number")?;
        return Ok(Some(Money::new(amount, currency)));
    }
    match value.member(&["amount", "value", "price", "current"]) {
        Some(amount @ (Value::Whole(_) | Value::Fraction(_) | Value::Text(_))) => price(amount, pricing),
        _ => Err("an object without an amount".to_owned()),
    }
}

fn price_text(text: &str, pricing: Pricing) -> Result<Money, String> {
    let refused = || format!("not an amount: {}", super::clean::cut(text, 40));
    let named = currency_in(text, pricing.currency);
    let currency = named.unwrap_or(pricing.currency);
    let start = text.find(|letter: char| letter.is_ascii_digit()).ok_or_else(refused)?;
    let number = number_at(&text[start..]);
    let exponent = &text[start + number.len()..];
    if exponent.starts_with(['e', 'E']) && exponent[1..].starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '+'))
    {
        return Err(refused());
    }
    let negative = text[..start].trim_end_matches(|letter: char| !matches!(letter, '-' | '−')).ends_with(['-', '−']);
    let decimal = decimal_of(number.trim_end_matches(['.', ',', '\'', ' ']), named.is_some_and(|currency| currency.minor_digits() < 3));
    let money = match pricing.unit {
        PriceUnit::Major => Money::from_decimal(&rounded(&decimal, currency.minor_digits() as usize), currency),
        PriceUnit::Minor => {
            rounded(&decimal, 0).parse().map(|minor| Money::new(minor, currency)).map_err(|_| crate::money::MoneyError::Overflow)
        }
    };
    let money = money.map_err(|error| format!("{error}: {}", super::clean::cut(text, 40)))?;
    Ok(if negative { Money::new(-money.amount_minor, currency) } else { money })
}

/// The digits at the beginning with the marks between them; a blank is one where three digits stand on each side of it or before it fewer.
fn number_at(text: &str) -> &str {
    let bytes = text.as_bytes();
    let digits_from = |at: usize| bytes[at.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (mut end, mut group_start) = (0, 0);
    for (at, letter) in text.char_indices() {
        let next = at + letter.len_utf8();
        let joins = match letter {
            '0'..='9' => true,
            '.' | ',' | '\'' | '’' => true,
            letter if letter.is_whitespace() => (1..=3).contains(&(at - group_start)) && digits_from(next) == 3,
            _ => false,
        };
        if !joins {
            break;
        }
        if !letter.is_ascii_digit() {
            group_start = next;
        }
        end = next;
    }
    &text[..end]
}

/// A currency that the price itself names, by sign, word or a code of three capitals. A sign that several currencies share is the shop's own.
fn currency_in(text: &str, own: Currency) -> Option<Currency> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')) {
        return None;
    }
    let is_edge = |letter: char| letter.is_whitespace() || letter.is_ascii_digit() || matches!(letter, '.' | ',' | '-' | ':' | '(' | ')');
    let mut words = text.split(is_edge).filter(|word| !word.is_empty());
    let found = words.find_map(|word| currency_named(word, true)).or_else(|| {
        let mut codes = text.split(|letter: char| !letter.is_ascii_uppercase());
        codes.find_map(|word| Currency::known(word).ok())
    })?;
    let shared: &[&str] = match found.as_str() {
        "JPY" if text.contains('¥') => &["CNY"],
        "INR" if !text.contains('₹') => &["PKR", "LKR", "NPR", "MUR", "SCR"],
        _ => &[],
    };
    Some(if shared.contains(&own.as_str()) { own } else { found })
}

/// The currency of a sign, of a word that stands for one or, when it `may_be_code`, of a code in capitals.
pub(super) fn currency_named(word: &str, may_be_code: bool) -> Option<Currency> {
    let by_word = || WORDS.iter().find(|(known, _)| *known == word).map(|(_, code)| *code);
    let by_sign = || SIGNS.iter().find(|(sign, _)| word.contains(*sign)).map(|(_, code)| *code);
    let known = by_word().or_else(by_sign).and_then(|code| Currency::known(code).ok());
    let is_code = may_be_code && word.bytes().all(|byte| byte.is_ascii_uppercase());
    known.or_else(|| Currency::known(word).ok().filter(|_| is_code))
}

/// Digits with at most one decimal point, whatever marks the source uses: the mark that comes last is the decimal one, unless it
/// stands more than once or is a single one before exactly three digits: a comma, or also a point where `has_no_thousandths`.
fn decimal_of(number: &str, has_no_thousandths: bool) -> String {
    let last = number.rfind(['.', ',']);
    let decimal_at = last.filter(|&at| {
        let mark = &number[at..=at];
        let other = if mark == "," { '.' } else { ',' };
        let is_thousand = number.len() - at - 1 == 3 && !number.contains(other) && (mark == "," || has_no_thousandths && at <= 3);
        !(number.matches(mark).count() > 1 || is_thousand)
    });
    let digits = |part: &str| part.chars().filter(char::is_ascii_digit).collect::<String>();
    match decimal_at {
        Some(at) => format!("{}.{}", digits(&number[..at]), digits(&number[at + 1..])),
        None => digits(number),
    }
}

/// The decimal with at most `places` digits after the point, half up: sources that computed with binary fractions write `12.989999`.
fn rounded(decimal: &str, places: usize) -> String {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    if fraction.len() <= places {
        return if fraction.is_empty() { whole.to_owned() } else { decimal.to_owned() };
    }
    let rounds_up = fraction.as_bytes()[places] >= b'5';
    let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes().take(places)).collect();
    if rounds_up {
        let first_kept = digits.iter().rposition(|&digit| digit != b'9');
        digits.iter_mut().skip(first_kept.map_or(0, |at| at + 1)).for_each(|digit| *digit = b'0');
        match first_kept {
            Some(at) => digits[at] += 1,
            None => digits.insert(0, b'1'),
        }
    }
    let point = digits.len() - places;
    let text: String = digits.into_iter().map(char::from).collect();
    if places == 0 { text } else { format!("{}.{}", &text[..point], &text[point..]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_as_people_write_them() {
        let pricing = Pricing { currency: Currency::USD, unit: PriceUnit::Major };
        let check = |text: &str, expected: &str| {
            let money = price(&Value::Text(text.into()), pricing).expect("a price").map(|money| money.to_string());
            assert_eq!(money.as_deref(), Some(expected), "{text}");
        };
        check("12.99", "12.99 USD");
        check("$1,299.00", "1299.00 USD");
        check("1.299,00 €", "1299.00 EUR");
        check("12,5 EUR", "12.50 EUR");
        check("1,299", "1299.00 USD");
        check("1'299.50 CHF", "1299.50 CHF");
        check("JPY 1299", "1299 JPY");
        check("-3", "-3.00 USD");
        check("12.989999999999998", "12.99 USD");
        check("0.005", "0.01 USD");
        check("999.999", "1000.00 USD");
        check("9.99 - 12.99", "9.99 USD");
        check("from $5", "5.00 USD");
        check("4 999", "4999.00 USD");
        check("1 299 999,50 €", "1299999.50 EUR");
        check("12 pcs", "12.00 USD");
        check("1.299 €", "1299.00 EUR");
        check("1.299", "1.30 USD");
        check("KWD 1.299", "1.299 KWD");
        check("₹1,299", "1299.00 INR");
        check("Rs. 499", "499.00 INR");
        check("Rs.1,29,999", "129999.00 INR");
        check("R$ 1.299,90", "1299.90 BRL");
        check("2 499 ₽", "2499.00 RUB");
        check("¥1,980", "1980 JPY");
        check("1980円", "1980 JPY");
        check("149,99 zł", "149.99 PLN");
        check("SAR1,200", "1200.00 SAR");
        for refused in ["1e5", "99999999999999999999999"] {
            assert!(price(&Value::Text(refused.into()), pricing).is_err(), "{refused}");
        }
        for nothing in ["n/a", "call us", "Sold out", "No old price"] {
            assert_eq!(price(&Value::Text(nothing.into()), pricing), Ok(None), "{nothing}");
        }
        let rupees = Pricing { currency: Currency::known("PKR").expect("a currency"), unit: PriceUnit::Major };
        assert_eq!(price(&Value::Text("Rs 40".into()), rupees), Ok(Some(Money::new(4_000, rupees.currency))));
    }

    #[test]
    fn prices_in_cents_and_in_objects() {
        let cents = Pricing { currency: Currency::USD, unit: PriceUnit::Minor };
        assert_eq!(price(&Value::Whole(4995), cents), Ok(Some(Money::new(4995, Currency::USD))));
        assert_eq!(price(&Value::Text("4995.00".into()), cents), Ok(Some(Money::new(4995, Currency::USD))));
        let object: Value<'_> = serde_json::from_str(r#"{"amount_minor": 1250, "currency": "EUR"}"#).expect("JSON");
        assert_eq!(price(&object, cents), Ok(Some(Money::new(1250, Currency::EUR))));
        let object: Value<'_> = serde_json::from_str(r#"{"value": 12.5, "currencyCode": "GBP"}"#).expect("JSON");
        let major = Pricing { unit: PriceUnit::Major, ..cents };
        assert_eq!(price(&object, major), Ok(Some(Money::new(1250, Currency::GBP))));
    }

    proptest::proptest! {
        #[test]
        fn an_amount_with_two_digits_is_read_exactly(minor in 0_i64..10_000_000_000_000) {
            let pricing = Pricing { currency: Currency::USD, unit: PriceUnit::Major };
            let json = format!("{}.{:02}", minor / 100, minor % 100);
            let number: Value<'_> = serde_json::from_str(&json).expect("a number");
            proptest::prop_assert_eq!(price(&number, pricing), Ok(Some(Money::new(minor, Currency::USD))));
        }
    }
}
