//! Prices said in words: `under $50`, `over 20 euros`, `between 20 and 50 dollars`, `$20-$50`, `50 Euro oder weniger`, `about $50`.
//!
//! A number is a price when a currency stands beside it, or when words that say a bound (`words`) stand before it and nothing behind it:
//! `cabinet under 36 inches` says a size. A price that is just named at the end (`backpack $50`) is one that need not be met exactly: a fifth more
//! or less will do.

mod amount;
mod words;

use super::{Applied, Intent, IntentKind};
use crate::text::Language;
use amount::{Amount, after_any, amount, around};
use words::{CURRENCIES, PRICE, Phrases};

/// How sure a price with a currency is, one without, and one that is only named.
pub(super) const SURE: f32 = 0.95;
const LIKELY: f32 = 0.8;
const NAMED: f32 = 0.7;
/// What a price that is said about may differ by, in hundredths.
const ABOUT_PERCENT: u64 = 20;
/// Words of a query that a price may begin with; nobody says one behind more.
const STARTS_MAX: usize = 64;
/// What may stand behind a price that ends a query: no sign of inches, degrees or hundredths.
const ENDS: [char; 10] = ['.', ',', '!', '?', ';', ')', ']', '。', '！', '？'];
/// Before a price that is named.
const FOR: [&str; 9] = ["for", "at", "für", "fuer", "pour", "por", "per", "voor", "för"];

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
    /// Whether words that are known say what the number is.
    is_introduced: bool,
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

/// The first price said in a query, by who reads a language.
/// `says_nothing` of a word tells that it may only join what is around it, as a word does that says a bound in a language that nobody here knows.
pub(super) fn said(typed: &str, language: Language, says_nothing: &dyn Fn(&str) -> bool) -> Option<Said> {
    if !typed.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let lower = lowered(typed);
    let own = words::of(language);
    let may_be_foreign = CURRENCIES.iter().any(|currency| lower.contains(currency));
    let (text, anywhere) = (Text { text: &lower, phrases: &own }, Text { text: &lower, phrases: &words::ALL });
    let starts = lower.char_indices().map(|(at, _)| at).filter(|&at| at == 0 || lower[..at].ends_with(char::is_whitespace));
    starts.take(STARTS_MAX).find_map(|start| {
        let foreign = || anywhere.bound_at(start).filter(|bound| bound.has_currency);
        let bound = text.bound_at(start).or_else(|| if may_be_foreign { foreign() } else { None });
        let about = || text.about(start).or_else(|| if may_be_foreign { anywhere.about(start) } else { None });
        // Before `600 Kč` a word may say anything, and what is cheaper would be gone.
        let about =
            || about().filter(|said| said.is_introduced || !lower[..start].split_whitespace().next_back().is_some_and(says_nothing));
        bound.map(|bound| bound.said(start)).or_else(about)
    })
}

/// In lower case with every letter where it was: `Über` is said as often as `über`. A letter whose small one takes other bytes stays.
fn lowered(typed: &str) -> String {
    let small = |letter: char| letter.to_lowercase().next().filter(|small| small.len_utf8() == letter.len_utf8()).unwrap_or(letter);
    typed.chars().map(small).collect()
}

/// One end of a range, or both.
struct Bound {
    end: usize,
    low: Option<String>,
    high: Option<String>,
    has_currency: bool,
}

impl Bound {
    fn of(amount: Amount, is_high: bool, end: usize) -> Self {
        let Amount { number, has_currency, .. } = amount;
        let (low, high) = if is_high { (None, Some(number)) } else { (Some(number), None) };
        Self { end, low, high, has_currency }
    }

    fn said(self, start: usize) -> Said {
        let confidence = if self.has_currency { SURE } else { LIKELY };
        Said { start, end: self.end, low: self.low, high: self.high, confidence, is_introduced: true }
    }
}

struct Text<'a> {
    text: &'a str,
    phrases: &'a [Phrases],
}

impl Text<'_> {
    /// The byte after the longest of the phrases of a kind that stands at `start`.
    fn after(&self, start: usize, kind: impl Fn(&Phrases) -> &'static [&'static str]) -> Option<usize> {
        self.phrases.iter().filter_map(|phrases| after_any(self.text, start, kind(phrases))).max()
    }

    fn is_last(&self, end: usize) -> bool {
        self.text[end..].chars().all(|letter| letter.is_whitespace() || ENDS.contains(&letter))
    }

    fn bound_at(&self, start: usize) -> Option<Bound> {
        let named = after_any(self.text, start, &PRICE);
        let at = named.unwrap_or(start);
        self.range(at, named.is_some()).or_else(|| self.bounds(at, named.is_some())).or_else(|| self.followed(at))
    }

    /// `between 20 and 50 dollars`, `from $20 to $50`, `$20-$50`.
    fn range(&self, start: usize, is_named: bool) -> Option<Bound> {
        let sure = self.after(start, |phrases| phrases.between);
        let introduced = sure.or_else(|| self.after(start, |phrases| phrases.shy_between));
        let low = amount(self.text, introduced.unwrap_or(start))?;
        let high = amount(self.text, self.after(low.end, |phrases| phrases.joining)?)?;
        let has_currency = low.has_currency || high.has_currency;
        if !has_currency && ((sure.is_none() && !is_named) || !self.is_last(high.end)) {
            return None;
        }
        let end = high.end;
        let (low, high) = if rises(&low.number, &high.number) { (low, high) } else { (high, low) };
        Some(Bound { end, low: Some(low.number), high: Some(high.number), has_currency })
    }

    /// `under 50`, `over $20`, `over 20 and under 50 dollars`.
    fn bounds(&self, start: usize, is_named: bool) -> Option<Bound> {
        let one = self.bounded(start, is_named)?;
        let joined = self.after(one.end, |phrases| phrases.joining).unwrap_or(one.end);
        let other = self.bounded(joined, is_named).filter(|other| other.low.is_some() != one.low.is_some());
        if let Some(other) = other {
            let has_currency = one.has_currency || other.has_currency;
            let (end, low, high) = (other.end, one.low.clone().or(other.low), one.high.clone().or(other.high));
            let is_range = low.as_deref().zip(high.as_deref()).is_some_and(|(low, high)| rises(low, high));
            if is_range && (has_currency || self.is_last(end)) {
                return Some(Bound { end, low, high, has_currency });
            }
        }
        (one.has_currency || self.is_last(one.end)).then_some(one)
    }

    fn bounded(&self, start: usize, is_named: bool) -> Option<Bound> {
        let below = self.after(start, |phrases| phrases.below).map(|after| (after, true, false));
        let above = self.after(start, |phrases| phrases.above).map(|after| (after, false, false));
        let shy_below = self.after(start, |phrases| phrases.shy_below).map(|after| (after, true, true));
        let shy_above = self.after(start, |phrases| phrases.shy_above).map(|after| (after, false, true));
        let (after, is_high, is_shy) = [below, above, shy_below, shy_above].into_iter().flatten().max_by_key(|(after, ..)| *after)?;
        let amount = amount(self.text, after)?;
        let end = amount.end;
        (amount.has_currency || is_named || !is_shy).then(|| Bound::of(amount, is_high, end))
    }

    /// `50 dollars or less`, `$100+`.
    fn followed(&self, start: usize) -> Option<Bound> {
        let amount = amount(self.text, start)?;
        let less = self.after(amount.end, |phrases| phrases.or_less).map(|end| (end, true));
        let more = self.after(amount.end, |phrases| phrases.or_more).map(|end| (end, false));
        let (end, is_high) = [less, more].into_iter().flatten().max()?;
        // `60 or less` says a price in two words. `iphone 12 max` is none, and `games 8 and up` and `tent 4 or more` say for whom.
        let goes_on = self.after(amount.end, |phrases| phrases.joining).is_some();
        let is_said = is_high && !goes_on && self.text[amount.end..end].trim().contains(' ') && self.is_last(end);
        (amount.has_currency || is_said).then(|| Bound::of(amount, is_high, end))
    }

    /// `about $50`; `for $50` and `$50` at the end; `price 50`.
    fn about(&self, start: usize) -> Option<Said> {
        let named = after_any(self.text, start, &PRICE);
        let (at, is_named) = (named.unwrap_or(start), named.is_some());
        let about = self.after(at, |phrases| phrases.about);
        let introduced = about.or_else(|| after_any(self.text, at, &FOR));
        let amount = amount(self.text, introduced.unwrap_or(at))?;
        let is_said = amount.has_currency && !amount.may_be_name || is_named;
        let is_price = if about.is_some() { amount.has_currency } else { is_said && self.is_last(amount.end) };
        if !is_price {
            return None;
        }
        let (low, high) = around(&amount.number, ABOUT_PERCENT)?;
        Some(Said {
            start,
            end: amount.end,
            low: Some(low),
            high: Some(high),
            confidence: NAMED,
            is_introduced: introduced.is_some() || is_named,
        })
    }
}

fn rises(low: &str, high: &str) -> bool {
    low.parse::<f64>().ok().zip(high.parse::<f64>().ok()).is_some_and(|(low, high)| low <= high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a query says of the price, and what is left of it.
    fn read(typed: &str) -> Option<(String, String)> {
        let said = said(typed, Language::English, &|word| word == "xyz")?;
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
        check("chair between 50 and 20 dollars", "price 20..50", "chair");
        check("wine < 12,50 eur", "price <= 12.50", "wine");
        check("wine <= $12", "price <= 12", "wine");
        check("laptop under 1k", "price <= 1000", "laptop");
        check("over 40 and under 80 dollars tent", "price 40..80", "tent");
        check("tent over $40 under $80", "price 40..80", "tent");
        check("tent 60 or less", "price <= 60", "tent");
        check("tent $100+", "price >= 100", "tent");
        check("tent from $100", "price >= 100", "tent");
        check("tent priced under 60", "price <= 60", "tent");
        check("tent price up to 60", "price <= 60", "tent");
        check("tent up to $60", "price <= 60", "tent");
        check("tent max 60 €", "price <= 60", "tent");
        check("tent $60 and up", "price >= 60", "tent");
        check("tent under 60!", "price <= 60", "tent !");
    }

    /// `not over $60` was read as a lowest price: the opposite of what it says.
    #[test]
    fn a_bound_that_is_denied_is_the_other_one() {
        let check = |typed: &str, filter: &str| assert_eq!(read(typed), Some((filter.to_owned(), "tent".to_owned())), "{typed}");
        check("tent not over $60", "price <= 60");
        check("tent no more than 60 dollars", "price <= 60");
        check("tent not under $60", "price >= 60");
        check("tent not less than $60", "price >= 60");
    }

    #[test]
    fn a_price_that_is_only_named_may_differ_by_a_fifth() {
        let check = |typed: &str, rest: &str| assert_eq!(read(typed), Some(("price 40..60".to_owned(), rest.to_owned())), "{typed}");
        check("tent about $50", "tent");
        check("around 50 dollars tent", "tent");
        check("tent for $50", "tent");
        check("tent $50", "tent");
        check("tent price 50", "tent");
        assert_eq!(read("$50 gift card"), None, "the card may be called so");
        // Polish `do 600 zł` was read as about 600, and what is cheaper was gone.
        assert_eq!(read("tent xyz $50"), None, "nobody here knows what stands before it");
    }

    #[test]
    fn prices_are_read_in_the_language_of_the_marketplace() {
        use Language::{Danish, Dutch, English, French, German, Italian, Norwegian, Portuguese, Spanish, Swedish};
        let check = |language, typed: &str, filter: &str| {
            let said = said(typed, language, &|_| false).unwrap_or_else(|| panic!("{typed} says a price"));
            assert_eq!(
                (said.start, said.clone().intent(typed).filter.as_str()),
                (typed.find(' ').map_or(0, |at| at + 1), filter),
                "{typed}"
            );
        };
        check(German, "Jacke unter 100 Euro", "price <= 100");
        check(German, "Jacke bis 100 €", "price <= 100");
        check(German, "Notebook unter 1.100 €", "price <= 1100");
        check(German, "Jacke ab 1000 euro", "price >= 1000");
        check(German, "Jacke zwischen 50 und 100 Euro", "price 50..100");
        check(German, "Jacke von 50 bis 100 Euro", "price 50..100");
        check(German, "Jacke 100 Euro oder weniger", "price <= 100");
        check(German, "Jacke nicht mehr als 100 Euro", "price <= 100");
        check(French, "sac moins de 50 euros", "price <= 50");
        check(French, "sac à moins de 1 000 €", "price <= 1000");
        check(French, "sac jusqu’à 60 euros", "price <= 60");
        check(French, "sac entre 500 et 1000 euros", "price 500..1000");
        check(French, "sac de 20 à 50 €", "price 20..50");
        check(Spanish, "zapatillas hasta 70 €", "price <= 70");
        check(Spanish, "zapatillas entre 50 y 70 euros", "price 50..70");
        check(Italian, "scarpe sotto i 70 euro", "price <= 70");
        check(Italian, "scarpe da 50 a 70 euro", "price 50..70");
        check(Portuguese, "mochila até 50 euros", "price <= 50");
        check(Dutch, "fiets onder 300 euro", "price <= 300");
        check(Dutch, "fiets tussen 100 en 300 euro", "price 100..300");
        check(Swedish, "cykel högst 300 kr", "price <= 300");
        check(Danish, "cykel mellem 100 og 300 kr", "price 100..300");
        check(Norwegian, "sykkel opptil 300 kr", "price <= 300");
        check(English, "イヤホン 6000円以下", "price <= 6000");
        check(English, "イヤホン 1万円以下", "price <= 10000");
        check(English, "イヤホン 5000円未満", "price <= 5000");
        check(English, "耳机 300元以内", "price <= 300");
        check(English, "耳机 不超过300元", "price <= 300");
        check(English, "наушники до 600 руб", "price <= 600");
        check(English, "наушники дешевле 600", "price <= 600");
        check(English, "słuchawki do 600 zł", "price <= 600");
        check(English, "słuchawki od 200 zł", "price >= 200");
        check(English, "kulaklık 500 TL altı", "price <= 500");
        check(Portuguese, "mochila até 300 reais", "price <= 300");
        check(Dutch, "fiets onder de 300 euro", "price <= 300");
        check(German, "Jacke unter 250,-", "price <= 250");
        check(French, "sac sous les 50 €", "price <= 50");
        check(English, "Jacke unter 100 Euro", "price <= 100");
        check(French, "sac bis 80 €", "price <= 80");
        assert_eq!(said("Jacke unter 100", English, &|_| false), None, "a word of another language needs a currency");
        assert_eq!(said("scarpe da 42", Italian, &|_| false), None, "a shy word needs a currency");
        assert_eq!(said("Spiele ab 12", German, &|_| false), None, "it says for whom");
    }

    /// Only A to Z were made small, so `Über 30 Euro` at the beginning of a query said nothing.
    #[test]
    fn prices_are_read_whatever_case_their_words_are_written_in() {
        use Language::{French, German};
        let check = |language, typed: &str, filter: &str, rest: &str| {
            let said = said(typed, language, &|_| false).unwrap_or_else(|| panic!("{typed} says a price"));
            assert_eq!((said.clone().intent(typed).filter.as_str(), typed[said.end..].trim()), (filter, rest), "{typed}");
        };
        check(German, "Über 30 Euro Staubsauger", "price >= 30", "Staubsauger");
        check(German, "ÜBER 30 EURO Staubsauger", "price >= 30", "Staubsauger");
        check(French, "À MOINS DE 50 EUROS sac", "price <= 50", "sac");
        // The small letter of this one is two, of other bytes.
        check(German, "İ über 30 Euro x", "price >= 30", "x");
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
            "between 5 and 10 inches wide",
            "shelf 20 to 50",
            "underwear 50",
            "under 12345678901",
            "iphone 12 max",
            "2 or more person tent",
            "lamp from 1960",
            "air max 90",
            "air max 90\"",
            "tent up to 4",
            "shirt from 3 to 6",
            "games 8 and up",
            "toys 3 and under",
            "tent 4 or more",
            "monitor under 27\"",
            "under 50 %",
            "audi rs 3",
            "filter euro 6",
        ] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(typed in "((under|over|between|[$€]|[0-9.,]{1,4}|and|é)( ?)){0,8}|\\PC{0,30}") {
            if let Some(said) = said(&typed, Language::German, &|_| false) {
                proptest::prop_assert!(typed.is_char_boundary(said.start) && typed.is_char_boundary(said.end) && said.start < said.end);
            }
        }
    }
}
