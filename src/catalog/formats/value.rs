//! A value of a row as the file wrote it: JSON of any shape, or one field of a table.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// One value. Numbers keep what is needed to write them as decimal text exactly: whole numbers as they are, and fractions as the
/// binary number nearest to the text, whose shortest decimal form is that text again for up to 15 significant digits (IEEE 754).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Flag(bool),
    Whole(i64),
    Fraction(f64),
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

/// What feeds write when they mean that there is nothing.
const NOTHING: &[&str] = &["", "null", "none", "nan", "n/a", "na", "-", "undefined"];

impl Value<'_> {
    /// Whether there is nothing in it.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Flag(_) | Self::Whole(_) => false,
            Self::Fraction(number) => !number.is_finite(),
            Self::Text(text) => {
                let text = text.trim();
                text.len() <= 9 && NOTHING.iter().any(|word| text.eq_ignore_ascii_case(word))
            }
            Self::List(values) => values.iter().all(Self::is_blank),
            Self::Object(fields) => fields.is_empty(),
        }
    }

    /// A scalar as trimmed text; none for what is blank, a list or an object.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        if self.is_blank() {
            return None;
        }
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text.trim())),
            Self::Whole(number) => Some(Cow::Owned(number.to_string())),
            Self::Fraction(number) => Some(Cow::Owned(number.to_string())),
            Self::Flag(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// The text of an identifier: as [`Value::text`], without the `.0` that tables with gaps acquire in data frames.
    pub(super) fn identifier(&self) -> Option<Cow<'_, str>> {
        let text = self.text()?;
        let whole = text.strip_suffix(".0").filter(|whole| whole.bytes().all(|byte| byte.is_ascii_digit())).map(str::len);
        Some(match (whole, text) {
            (Some(len), Cow::Borrowed(text)) => Cow::Borrowed(&text[..len]),
            (Some(len), Cow::Owned(mut text)) => {
                text.truncate(len);
                Cow::Owned(text)
            }
            (None, text) => text,
        })
    }

    /// A finite number, also one written as text.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Fraction(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Null | Self::Flag(_) | Self::List(_) | Self::Object(_) => None,
        }
        .filter(|number: &f64| number.is_finite())
    }

    /// A whole number, also one written as text or with a fraction of zero.
    pub(super) fn whole(&self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::Text(text) if !text.contains('.') => text.trim().parse().ok(),
            Self::Null | Self::Flag(_) | Self::Fraction(_) | Self::Text(_) | Self::List(_) | Self::Object(_) => {
                let number = self.number()?;
                // 2^53: beyond it a fraction no longer tells neighbouring whole numbers apart.
                (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
            }
        }
    }

    /// Bytes of the texts in it, and of what holds them.
    pub(super) fn bytes(&self) -> usize {
        let inside = match self {
            Self::Text(text) => text.len(),
            Self::List(values) => values.iter().map(Self::bytes).sum(),
            Self::Object(fields) => fields.iter().map(|(name, value)| name.len() + value.bytes()).sum(),
            Self::Null | Self::Flag(_) | Self::Whole(_) | Self::Fraction(_) => 0,
        };
        size_of::<Self>() + inside
    }

    /// The member of an object by any of these names.
    pub(super) fn member(&self, names: &[&str]) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        names.iter().find_map(|wanted| fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))).map(|(_, value)| value)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value<'de>, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(i64::try_from(number).map_or_else(|_| Value::Text(number.to_string().into()), Value::Whole))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::Fraction(number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut input: A) -> Result<Value<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = input.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<Value<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, value)) = input.next_entry::<Name<'de>, Value<'de>>()? {
            fields.push((name.0, value));
        }
        Ok(Value::Object(fields))
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(ValueVisitor)
    }
}

/// A member's name, borrowed from the row unless it holds escapes.
struct Name<'a>(Cow<'a, str>);

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a member's name")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(text.to_owned())))
    }
}

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_str(NameVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Value<'_> {
        serde_json::from_str(json).expect("JSON")
    }

    #[test]
    fn numbers_come_back_as_they_were_written() {
        let check = |json: &str, text: &str| assert_eq!(read(json).text().as_deref(), Some(text), "{json}");
        for text in ["12.99", "0.1", "1234567890123.45", "79228162514.26", "7", "-3.5", "9223372036854775807", "18446744073709551615"] {
            check(text, text);
        }
        check("1e3", "1000");
        check("12.0", "12");
    }

    #[test]
    fn blanks_are_nothing_and_identifiers_lose_the_fraction_of_data_frames() {
        for blank in ["null", "\" \"", "\"N/A\"", "\"NaN\"", "[]", "[\"\"]"] {
            assert!(read(blank).is_blank(), "{blank}");
        }
        assert_eq!(read("\"17850.0\"").identifier().as_deref(), Some("17850"));
        assert_eq!(read("17850.0").identifier().as_deref(), Some("17850"));
        assert_eq!(read("\"v1.0\"").identifier().as_deref(), Some("v1.0"));
    }
}
