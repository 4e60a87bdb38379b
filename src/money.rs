//! Money: whole minor units and an ISO 4217 currency, with checked arithmetic. There is no floating-point money here.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Three upper-case letters of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Codes of ISO 4217 that something can be paid in, and those that were withdrawn in the last ten years: histories are told in them. In order.
const KNOWN: [[u8; 3]; 175] = [
    *b"AED", *b"AFN", *b"ALL", *b"AMD", *b"ANG", *b"AOA", *b"ARS", *b"AUD", *b"AWG", *b"AZN", *b"BAM", *b"BBD", *b"BDT", *b"BGN", *b"BHD",
    *b"BIF", *b"BMD", *b"BND", *b"BOB", *b"BOV", *b"BRL", *b"BSD", *b"BTN", *b"BWP", *b"BYN", *b"BZD", *b"CAD", *b"CDF", *b"CHE", *b"CHF",
    *b"CHW", *b"CLF", *b"CLP", *b"CNH", *b"CNY", *b"COP", *b"COU", *b"CRC", *b"CUC", *b"CUP", *b"CVE", *b"CZK", *b"DJF", *b"DKK", *b"DOP",
    *b"DZD", *b"EGP", *b"ERN", *b"ETB", *b"EUR", *b"FJD", *b"FKP", *b"GBP", *b"GEL", *b"GHS", *b"GIP", *b"GMD", *b"GNF", *b"GTQ", *b"GYD",
    *b"HKD", *b"HNL", *b"HRK", *b"HTG", *b"HUF", *b"IDR", *b"ILS", *b"INR", *b"IQD", *b"IRR", *b"ISK", *b"JMD", *b"JOD", *b"JPY", *b"KES",
    *b"KGS", *b"KHR", *b"KMF", *b"KPW", *b"KRW", *b"KWD", *b"KYD", *b"KZT", *b"LAK", *b"LBP", *b"LKR", *b"LRD", *b"LSL", *b"LTL", *b"LYD",
    *b"MAD", *b"MDL", *b"MGA", *b"MKD", *b"MMK", *b"MNT", *b"MOP", *b"MRO", *b"MRU", *b"MUR", *b"MVR", *b"MWK", *b"MXN", *b"MXV", *b"MYR",
    *b"MZN", *b"NAD", *b"NGN", *b"NIO", *b"NOK", *b"NPR", *b"NZD", *b"OMR", *b"PAB", *b"PEN", *b"PGK", *b"PHP", *b"PKR", *b"PLN", *b"PYG",
    *b"QAR", *b"RON", *b"RSD", *b"RUB", *b"RWF", *b"SAR", *b"SBD", *b"SCR", *b"SDG", *b"SEK", *b"SGD", *b"SHP", *b"SLE", *b"SLL", *b"SOS",
    *b"SRD", *b"SSP", *b"STD", *b"STN", *b"SVC", *b"SYP", *b"SZL", *b"THB", *b"TJS", *b"TMT", *b"TND", *b"TOP", *b"TRY", *b"TTD", *b"TWD",
    *b"TZS", *b"UAH", *b"UGX", *b"USD", *b"USN", *b"UYI", *b"UYU", *b"UYW", *b"UZS", *b"VED", *b"VEF", *b"VES", *b"VND", *b"VUV", *b"WST",
    *b"XAF", *b"XCD", *b"XCG", *b"XOF", *b"XPF", *b"YER", *b"ZAR", *b"ZMW", *b"ZWG", *b"ZWL",
];

/// What can be wrong with an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not three ASCII letters.
    #[error("a currency is three letters, as in ISO 4217")]
    Currency,
    /// Three letters that name none.
    #[error("there is no such currency in ISO 4217")]
    Unknown,
    /// Two amounts of different currencies met.
    #[error("amounts of different currencies cannot be added")]
    Mixed,
    /// The result does not fit.
    #[error("the amount is out of range")]
    Overflow,
    /// A decimal text that is not an amount of this currency.
    #[error("not a decimal amount of this currency")]
    Decimal,
}

impl Currency {
    /// United States dollar.
    pub const USD: Self = Self(*b"USD");
    /// Euro.
    pub const EUR: Self = Self(*b"EUR");
    /// Pound sterling.
    pub const GBP: Self = Self(*b"GBP");

    /// Reads a code in either case.
    ///
    /// # Errors
    /// When it is not three ASCII letters.
    pub fn new(code: &str) -> Result<Self, MoneyError> {
        let bytes: [u8; 3] = code.as_bytes().try_into().map_err(|_| MoneyError::Currency)?;
        if !bytes.iter().all(u8::is_ascii_alphabetic) {
            return Err(MoneyError::Currency);
        }
        Ok(Self(bytes.map(|byte| byte.to_ascii_uppercase())))
    }

    /// Reads a code in either case that something can be paid in. What comes from outside is read so; what the journal holds is not asked again.
    ///
    /// # Errors
    /// When it is not three ASCII letters, or names no currency.
    pub fn known(code: &str) -> Result<Self, MoneyError> {
        let currency = Self::new(code)?;
        currency.check_known()?;
        Ok(currency)
    }

    /// Checks that something can be paid in it.
    ///
    /// # Errors
    /// When it names no currency.
    pub fn check_known(&self) -> Result<(), MoneyError> {
        KNOWN.binary_search(&self.0).map(|_| ()).map_err(|_| MoneyError::Unknown)
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits after the decimal point (ISO 4217 "minor unit").
    #[must_use]
    pub fn minor_digits(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX" | b"VND" | b"VUV" | b"XAF"
            | b"XOF" | b"XPF" => 0,
            b"CLF" | b"UYW" => 4,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(input)?;
        Self::new(&code).map_err(serde::de::Error::custom)
    }
}

/// An amount in minor units (cents for most currencies).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units; negative for what is owed back.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: Currency,
}

impl Money {
    /// An amount of `amount_minor` minor units.
    #[must_use]
    pub fn new(amount_minor: i64, currency: Currency) -> Self {
        Self { amount_minor, currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Sum of two amounts of one currency.
    ///
    /// # Errors
    /// When the currencies differ or the sum does not fit.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed);
        }
        let amount_minor = self.amount_minor.checked_add(other.amount_minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { amount_minor, ..self })
    }

    /// The amount `count` times.
    ///
    /// # Errors
    /// When the product does not fit.
    pub fn times(self, count: i64) -> Result<Self, MoneyError> {
        let amount_minor = self.amount_minor.checked_mul(count).ok_or(MoneyError::Overflow)?;
        Ok(Self { amount_minor, ..self })
    }

    /// Reads a decimal text such as `12.5` exactly; digits beyond the minor unit must be zero.
    ///
    /// # Errors
    /// When the text is not a decimal amount of `currency` or does not fit.
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let text = text.trim();
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        let minor_digits = currency.minor_digits() as usize;
        let (kept, beyond) = fraction.split_at(fraction.len().min(minor_digits));
        if !is_number || beyond.bytes().any(|byte| byte != b'0') {
            return Err(MoneyError::Decimal);
        }
        let padded = format!("{whole}{kept:0<minor_digits$}");
        let amount: i64 = padded.parse().map_err(|_| MoneyError::Overflow)?;
        Ok(Self::new(if negative { -amount } else { amount }, currency))
    }

    /// The amount as a decimal text in the currency's main unit, with all digits of the minor one: `12.50`.
    #[must_use]
    pub fn decimal(&self) -> String {
        let digits = self.currency.minor_digits();
        let unit = 10_u64.pow(digits);
        let sign = if self.amount_minor < 0 { "-" } else { "" };
        let amount = self.amount_minor.unsigned_abs();
        if digits == 0 {
            return format!("{sign}{amount}");
        }
        format!("{sign}{}.{:0width$}", amount / unit, amount % unit, width = digits as usize)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_text_is_read_exactly_or_refused() {
        let check = |text: &str, currency, expected: Result<i64, MoneyError>| {
            assert_eq!(Money::from_decimal(text, currency).map(|money| money.amount_minor), expected, "{text}");
        };
        check("12.5", Currency::USD, Ok(1250));
        check("0.07", Currency::USD, Ok(7));
        check("-3", Currency::USD, Ok(-300));
        check("1.500", Currency::USD, Ok(150));
        check("1.005", Currency::USD, Err(MoneyError::Decimal));
        check("1e3", Currency::USD, Err(MoneyError::Decimal));
        check(".5", Currency::USD, Err(MoneyError::Decimal));
        check("", Currency::USD, Err(MoneyError::Decimal));
        check("99999999999999999999", Currency::USD, Err(MoneyError::Overflow));
    }

    #[test]
    fn a_currency_from_outside_is_one_that_something_can_be_paid_in() {
        for code in ["USD", "eur", "JPY", "KWD", "AED", "ZWL", "HRK"] {
            assert_eq!(Currency::known(code).map(|currency| currency.to_string()), Ok(code.to_uppercase()));
        }
        for (code, error) in [
            ("ABC", MoneyError::Unknown),
            ("XXX", MoneyError::Unknown),
            ("XAU", MoneyError::Unknown),
            ("US", MoneyError::Currency),
            ("€€€", MoneyError::Currency),
        ] {
            assert_eq!(Currency::known(code), Err(error), "{code}");
        }
        assert!(KNOWN.is_sorted_by(|left, right| left < right), "it is searched by halves");
        assert_eq!(serde_json::from_str("\"ABC\"").ok(), Currency::new("ABC").ok(), "a journal that holds one is still read");
    }

    #[test]
    fn currencies_do_not_mix_and_sums_do_not_wrap() {
        let dollar = Money::new(100, Currency::USD);
        assert_eq!(dollar.plus(Money::new(1, Currency::EUR)), Err(MoneyError::Mixed));
        assert_eq!(dollar.plus(Money::new(i64::MAX, Currency::USD)), Err(MoneyError::Overflow));
        assert_eq!(dollar.times(3).map(|money| money.to_string()), Ok("3.00 USD".to_owned()));
    }
}
