//! Prices as feeds write them, read into minor units without floating point.

use super::currencies::{Said, said};
use super::numerals::folded;
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
    /// What the column has before decimals, where that is known.
    pub(super) mark: Option<Mark>,
}

/// What a price has before its decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Point,
    Comma,
}

impl Mark {
    fn of(mark: char) -> Self {
        if mark == ',' { Self::Comma } else { Self::Point }
    }

    fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// Reads a price: a number, a text with sign or code (`$1,299.00`, `12,99 EUR`), or an object with amount and currency.
///
/// # Errors
/// What is wrong with it, for people.
pub(super) fn price(value: &Value<'_>, pricing: Pricing) -> Result<Option<Money>, String> {
    if let Value::Object(_) = value {
        return price_object(value, pricing);
    }
    // Without a digit it is a word in place of a price: `call us`, `sold out`.
    let Some(text) = value.text() else { return Ok(None) };
    let text = folded(&text);
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    // A number that is written as one has a point before its decimals, whatever the column has.
    let is_number = matches!(value, Value::Whole(_) | Value::Fraction(_));
    price_text(&text, is_number, pricing).map(Some)
}

/// Whether a price is a text that may as well be a thousand times as much: `2.500`, where neither its column nor its currency tells.
pub(super) fn is_doubtful(value: &Value<'_>, pricing: Pricing) -> bool {
    let Value::Text(text) = value else { return false };
    let text = folded(text);
    let is_named = matches!(said(&text, pricing.currency), Said::Known(_));
    let is_undecided = pricing.mark.is_none() && !is_named && pricing.currency.minor_digits() > 0;
    is_undecided && Amount::of(&text).is_some_and(|amount| amount.is_open() == Some(Mark::Point))
}

/// Whether it is written as prices are: with a currency, or with two decimals and nothing else.
pub(super) fn shows_cents(value: &Value<'_>) -> bool {
    let Value::Text(text) = value else { return false };
    let text = folded(text);
    let has_digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let is_bare = text.trim().bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b' '));
    let has_cents = || text.trim().rsplit(['.', ',']).next().is_some_and(|cents| cents.len() == 2 && cents.len() + 1 < text.trim().len());
    has_digits && (matches!(said(&text, Currency::USD), Said::Known(_)) || is_bare && text.contains(['.', ',']) && has_cents())
}

/// What a price shows that its column has before decimals; none where it may be either.
pub(super) fn mark_shown(value: &Value<'_>) -> Option<Mark> {
    let Value::Text(text) = value else { return None };
    Amount::of(&folded(text))?.shown()
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

fn price_text(text: &str, is_number: bool, pricing: Pricing) -> Result<Money, String> {
    let refused = || format!("not an amount: {}", super::clean::cut(text, 40));
    let named = match said(text, pricing.currency) {
        Said::Known(currency) => Some(currency),
        Said::Nothing => None,
        Said::Unknown(sign) => return Err(format!("{sign} names no one currency that is known: --currency or a column says which")),
    };
    let currency = named.unwrap_or(pricing.currency);
    let amount = Amount::of(text).ok_or_else(refused)?;
    if amount.has_exponent {
        return Err(refused());
    }
    let mark = if is_number { Some(Mark::Point) } else { pricing.mark };
    let decimal = amount.decimal(currency, named.is_some(), is_number, mark);
    let money = match pricing.unit {
        PriceUnit::Major => Money::from_decimal(&rounded(&decimal, currency.minor_digits() as usize), currency),
        PriceUnit::Minor => {
            rounded(&decimal, 0).parse().map(|minor| Money::new(minor, currency)).map_err(|_| crate::money::MoneyError::Overflow)
        }
    };
    let money = money.map_err(|error| format!("{error}: {}", super::clean::cut(text, 40)))?;
    Ok(if amount.is_negative { Money::new(-money.amount_minor, currency) } else { money })
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

/// The number in a folded text.
struct Amount<'a> {
    /// Digits with the marks between and behind them.
    number: &'a str,
    is_negative: bool,
    has_exponent: bool,
    /// Whether a dash stands for the decimals: `1.299,-`.
    is_dashed: bool,
}

impl<'a> Amount<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let start = text.find(|letter: char| letter.is_ascii_digit())?;
        let number = number_at(&text[start..]);
        let behind = &text[start + number.len()..];
        let begins = |letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '+');
        let has_exponent = behind.starts_with(['e', 'E']) && behind[1..].starts_with(begins);
        let is_negative = text[..start].trim_end_matches(|letter: char| !matches!(letter, '-' | '−')).ends_with(['-', '−']);
        let is_dashed = number.ends_with(['.', ',']) && behind.starts_with(['-', '–', '—', '−']);
        Some(Self { number, is_negative, has_exponent, is_dashed })
    }

    fn plain(&self) -> &'a str {
        self.number.trim_end_matches(['.', ',', '\'', '’', ' '])
    }

    /// What it has before its decimals, where it can be nothing else.
    fn shown(&self) -> Option<Mark> {
        if self.is_dashed {
            return self.number.chars().next_back().map(Mark::of);
        }
        let number = self.plain();
        let last = number.rfind(['.', ','])?;
        let mark = Mark::of(char::from(number.as_bytes()[last]));
        match number.matches(['.', ',']).count() {
            1 => self.is_open().is_none().then_some(mark),
            // Several marks of one kind stand between thousands.
            count => Some(if number.matches(&number[last..=last]).count() == count { mark.other() } else { mark }),
        }
    }

    /// Its only mark, where three digits stand behind it and one to three before: thousands, or decimals.
    fn is_open(&self) -> Option<Mark> {
        let number = self.plain();
        let at = number.find(['.', ','])?;
        let has_one = number.matches(['.', ',']).count() == 1 && !self.is_dashed;
        let is_open = has_one && number.len() - at - 1 == 3 && (1..=3).contains(&at) && !number.starts_with('0');
        is_open.then(|| Mark::of(char::from(number.as_bytes()[at])))
    }

    /// Its digits with at most one decimal point. An open mark is that of decimals where the column has it so. Where that is not known, a comma stands before
    /// thousands, and a point where the price names a currency of fewer than three decimals. A currency without any has only thousands.
    fn decimal(&self, currency: Currency, is_named: bool, is_number: bool, column: Option<Mark>) -> String {
        let digits = |part: &str| part.chars().filter(char::is_ascii_digit).collect::<String>();
        let number = self.plain();
        if self.is_dashed {
            return digits(number);
        }
        let is_thousands = self.is_open().is_some_and(|mark| match (column, mark) {
            // Written as a number it has decimals in whatever currency.
            (Some(column), _) if column == mark && mark == Mark::Point && is_number => false,
            _ if currency.minor_digits() == 0 => true,
            (Some(column), _) => column != mark,
            (None, Mark::Comma) => true,
            (None, Mark::Point) => is_named && currency.minor_digits() < 3,
        });
        let last = number.rfind(['.', ',']).filter(|&at| !is_thousands && number.matches(&number[at..=at]).count() == 1);
        match last {
            Some(at) => format!("{}.{}", digits(&number[..at]), digits(&number[at + 1..])),
            None => digits(number),
        }
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
        let pricing = Pricing { currency: Currency::USD, unit: PriceUnit::Major, mark: None };
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
        check("0.500", "0.50 USD");
        check("49,-", "49.00 USD");
        check("1.299,-", "1299.00 USD");
        check("1.299,– €", "1299.00 EUR");
        check("1’299.– CHF", "1299.00 CHF");
        check("1 199:-", "1199.00 USD");
        check("４，９８０円", "4980 JPY");
        check("1万2800円", "12800 JPY");
        check("￥4,980", "4980 JPY");
        check("٣٤٩ ريال", "349.00 SAR");
        check("39,000원", "39000 KRW");
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
        for unknown in ["1 199 kr", "99¢", "₿ 2"] {
            let said = price(&Value::Text(unknown.into()), pricing).expect_err("is refused");
            assert!(said.contains("--currency"), "{said}");
        }
        let rupees = Pricing { currency: Currency::known("PKR").expect("a currency"), unit: PriceUnit::Major, mark: None };
        assert_eq!(price(&Value::Text("Rs 40".into()), rupees), Ok(Some(Money::new(4_000, rupees.currency))));
    }

    /// `12.990` was 13 pesos, `2.500` below `49,90` two euros and a half.
    #[test]
    fn a_point_is_what_its_currency_and_its_column_make_of_it() {
        let check = |text: &str, currency: &str, mark: Option<Mark>, expected: &str| {
            let currency = Currency::known(currency).expect("a currency");
            let pricing = Pricing { currency, unit: PriceUnit::Major, mark };
            let value = Value::Text(text.into());
            assert_eq!(price(&value, pricing).expect("a price").expect("is there").to_string(), expected, "{text}");
            is_doubtful(&value, pricing)
        };
        for currency in ["CLP", "JPY", "KRW", "VND"] {
            assert!(!check("12.990", currency, None, &format!("12990 {currency}")));
            check("12,990", currency, Some(Mark::Point), &format!("12990 {currency}"));
            check("1290.00", currency, None, &format!("1290 {currency}"));
        }
        assert!(!check("2.500", "EUR", Some(Mark::Comma), "2500.00 EUR"));
        assert!(!check("2.500", "EUR", Some(Mark::Point), "2.50 EUR"));
        assert!(check("2.500", "EUR", None, "2.50 EUR"));
        assert!(!check("2.500 €", "EUR", None, "2500.00 EUR"));
        check("1,299", "EUR", None, "1299.00 EUR");
        check("1,299", "EUR", Some(Mark::Comma), "1.30 EUR");
        let yen = Pricing { currency: Currency::known("JPY").expect("a currency"), unit: PriceUnit::Major, mark: None };
        assert_eq!(price(&Value::Fraction(1.299), yen), Ok(Some(Money::new(1, yen.currency))), "a number has no thousands");
    }

    #[test]
    fn prices_in_cents_and_in_objects() {
        let cents = Pricing { currency: Currency::USD, unit: PriceUnit::Minor, mark: None };
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
            let pricing = Pricing { currency: Currency::USD, unit: PriceUnit::Major, mark: None };
            let json = format!("{}.{:02}", minor / 100, minor % 100);
            let number: Value<'_> = serde_json::from_str(&json).expect("a number");
            proptest::prop_assert_eq!(price(&number, pricing), Ok(Some(Money::new(minor, Currency::USD))));
        }
    }
}
