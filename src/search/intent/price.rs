//! Prices said in words: `under $50`, `over 20 euros`, `between 20 and 50 dollars`, `$20-$50`.
//!
//! A number is a price when a currency stands beside it, or when a word such as `under` or `between` stands before it and nothing behind it:
//! `cabinet under 36 inches` says a size.

use super::{Applied, Intent, IntentKind};

/// Words after which a number is the highest price, the longest first.
const BELOW: [&str; 9] = ["less than", "cheaper than", "no more than", "at most", "up to", "under", "below", "max", "<"];
/// Words after which a number is the lowest price.
const ABOVE: [&str; 7] = ["more than", "at least", "starting at", "over", "above", "min", ">"];
/// Signs and words of currencies.
const CURRENCIES: [&str; 12] = ["$", "€", "£", "¥", "usd", "eur", "gbp", "dollars", "dollar", "euros", "euro", "bucks"];
/// How sure a price with a currency is, and one without.
const SURE: f32 = 0.95;
const LIKELY: f32 = 0.8;
/// More digits are no price that anybody types.
const DIGITS_MAX: usize = 9;

/// A price said in a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    /// First byte of its words.
    pub(super) start: usize,
    /// One past their last byte.
    pub(super) end: usize,
    low: Option<String>,
    high: Option<String>,
    confidence: f32,
}

impl Said {
    pub(super) fn intent(self, typed: &str) -> Intent {
        let (value, filter) = match (&self.low, &self.high) {
            (Some(low), Some(high)) => (format!("{low}..{high}"), format!("price {low}..{high}")),
            (Some(low), None) => (format!("{low}.."), format!("price >= {low}")),
            (None, Some(high)) => (format!("..{high}"), format!("price <= {high}")),
            (None, None) => (String::new(), String::new()),
        };
        Intent {
            kind: IntentKind::Price,
            words: typed[self.start..self.end].trim().to_owned(),
            field: "price".to_owned(),
            value,
            filter,
            confidence: self.confidence,
            applied: Applied::Filter,
        }
    }
}

/// A number and whether a currency stands beside it.
struct Amount {
    end: usize,
    number: String,
    has_currency: bool,
}

/// The first price said in a query.
pub(super) fn said(typed: &str) -> Option<Said> {
    let lower = typed.to_ascii_lowercase();
    let starts = lower.char_indices().map(|(at, _)| at).filter(|&at| at == 0 || lower[..at].ends_with(char::is_whitespace));
    starts.into_iter().find_map(|start| said_at(&lower, start))
}

fn said_at(text: &str, start: usize) -> Option<Said> {
    between(text, start).or_else(|| bounded(text, start, &BELOW, true)).or_else(|| bounded(text, start, &ABOVE, false))
}

/// `under 50`, `over $20`.
fn bounded(text: &str, start: usize, words: &[&str], is_high: bool) -> Option<Said> {
    let after = words.iter().find_map(|word| after_word(text, start, word))?;
    let amount = amount(text, after)?;
    let is_last = text[amount.end..].trim().is_empty();
    if !amount.has_currency && !is_last {
        return None;
    }
    let (low, high) = if is_high { (None, Some(amount.number)) } else { (Some(amount.number), None) };
    Some(Said { start, end: amount.end, low, high, confidence: if amount.has_currency { SURE } else { LIKELY } })
}

/// `between 20 and 50 dollars`, `from $20 to $50`, `$20-$50`.
fn between(text: &str, start: usize) -> Option<Said> {
    let introduced = ["between", "from"].iter().find_map(|word| after_word(text, start, word));
    let low = amount(text, introduced.unwrap_or(start))?;
    let joined = ["and", "to", "-", "–"].iter().find_map(|word| {
        let rest = text[low.end..].trim_start().strip_prefix(word)?;
        Some(text.len() - rest.len())
    })?;
    let high = amount(text, joined)?;
    let has_currency = low.has_currency || high.has_currency;
    let is_last = text[high.end..].trim().is_empty();
    if !has_currency && (introduced.is_none() || !is_last) {
        return None;
    }
    let rises = low.number.parse::<f64>().ok()? <= high.number.parse::<f64>().ok()?;
    let confidence = if has_currency { SURE } else { LIKELY };
    rises.then_some(Said { start, end: high.end, low: Some(low.number), high: Some(high.number), confidence })
}

/// The byte after a word that stands at `start`, if it does.
fn after_word(text: &str, start: usize, word: &str) -> Option<usize> {
    let rest = text[start..].strip_prefix(word)?;
    let ends = !word.ends_with(char::is_alphanumeric) || !rest.starts_with(char::is_alphanumeric);
    ends.then(|| text.len() - rest.len())
}

/// A number at `at`, blanks aside, with a currency before or behind it.
fn amount(text: &str, at: usize) -> Option<Amount> {
    let before = currency_at(text, at);
    let number_start = before.unwrap_or(at);
    let rest = text[number_start..].trim_start();
    let start = text.len() - rest.len();
    let len = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ',').unwrap_or(rest.len());
    let written = rest[..len].trim_end_matches(['.', ',']);
    let number = number_of(written)?;
    let end = start + written.len();
    let behind = currency_at(text, end);
    let end = behind.unwrap_or(end);
    let is_whole = !text[end..].starts_with(char::is_alphanumeric);
    is_whole.then_some(Amount { end, number, has_currency: before.is_some() || behind.is_some() })
}

/// The byte after a currency that stands at `at`, blanks aside.
fn currency_at(text: &str, at: usize) -> Option<usize> {
    let rest = text[at..].trim_start();
    let start = text.len() - rest.len();
    CURRENCIES.iter().find_map(|currency| after_word(text, start, currency))
}

/// `1,299.50` and `12,50` as a filter writes them.
fn number_of(written: &str) -> Option<String> {
    let digits_count = written.bytes().filter(u8::is_ascii_digit).count();
    if digits_count == 0 || digits_count > DIGITS_MAX || !written.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let is_grouped = written.rsplit_once(',').is_some_and(|(_, last)| last.split('.').next().is_some_and(|whole| whole.len() == 3));
    let plain = if is_grouped { written.replace(',', "") } else { written.replace(',', ".") };
    plain.parse::<f64>().ok().map(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a query says of the price, and what is left of it.
    fn read(typed: &str) -> Option<(String, String)> {
        let said = said(typed)?;
        let rest = format!("{} {}", &typed[..said.start], &typed[said.end..]);
        Some((said.intent(typed).filter, rest.split_whitespace().collect::<Vec<_>>().join(" ")))
    }

    #[test]
    fn prices_are_read_and_taken_out() {
        let check = |typed: &str, filter: &str, rest: &str| assert_eq!(read(typed), Some((filter.to_owned(), rest.to_owned())), "{typed}");
        check("red Nike shoes under $50", "price <= 50", "red Nike shoes");
        check("headphones below 80", "price <= 80", "headphones");
        check("laptop less than 1,299.50 dollars 16 gb", "price <= 1299.50", "laptop 16 gb");
        check("under 20€ lamp", "price <= 20", "lamp");
        check("tv over £300", "price >= 300", "tv");
        check("chair between 20 and 50 euros", "price 20..50", "chair");
        check("tv between 200 and 400", "price 200..400", "tv");
        check("$20-$50 chair", "price 20..50", "chair");
        check("wine < 12,50 eur", "price <= 12.50", "wine");
    }

    #[test]
    fn numbers_that_are_no_prices_are_left_alone() {
        for typed in [
            "under cabinet lighting",
            "shelf under 36 inches",
            "under 5 ft ladder",
            "iphone 7",
            "20-50 screws",
            "over ear headphones",
            "$",
            "under $",
            "between 50 and 20 dollars",
            "between 5 and 10 inches wide",
            "shelf 20 to 50",
            "underwear 50",
            "under 12345678901",
        ] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(typed in "((under|over|between|[$€]|[0-9.,]{1,4}|and|é)( ?)){0,8}|\\PC{0,30}") {
            if let Some(said) = said(&typed) {
                proptest::prop_assert!(typed.is_char_boundary(said.start) && typed.is_char_boundary(said.end) && said.start < said.end);
            }
        }
    }
}
